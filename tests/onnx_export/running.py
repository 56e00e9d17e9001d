"""Running exported models: by onnxruntime, and what that has no kernel for by the interpreter that onnx brings."""

try:
    import onnx
    import onnxruntime
    from onnx.reference import ReferenceEvaluator
    from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as NoKernel

    missing = None
except ImportError as error:
    onnx, missing = None, error.name


def run(path, *arrays):
    """The outputs of a model, by onnxruntime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4  # what it has no kernel for, it reports, and raises
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip([x.name for x in session.get_inputs()], arrays)))


def run_anywhere(path, *arrays):
    """The outputs of a model, and the name of the program that computed them."""
    try:
        return run(path, *arrays), "onnxruntime"
    except NoKernel:
        evaluator = ReferenceEvaluator(path)
        return evaluator.run(None, dict(zip(evaluator.input_names, arrays))), "onnx"
