"""`tf.saved_model.export_onnx`: names, sizes that are left open, what is refused, and what stays as it was."""

import sys
from pathlib import Path

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph.function_graph import traced
from minitfe.graph.traced_function import TracedFunction
from minitfe.onnx_export import translation

from .running import onnx, run, run_anywhere

VECTOR = (tf.float32, [3])


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "model.onnx")


def described(values):
    """Names and sizes of a model's inputs or outputs."""
    return [
        (value.name, [size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim])
        for value in values
    ]


def kinds(path):
    return [node.op_type for node in onnx.load(path).graph.node]


# ------------------------------------------------------------------------------------------------- what can be exported


def test_a_function_of_tensors_with_a_variable(path):
    w = tf.Variable([[1.0], [2.0]], name="w")
    assert tf.saved_model.export_onnx(lambda x: tf.matmul(x, w), path, (tf.float32, [None, 2])) == path
    model = onnx.load(path)
    assert [(array.name, array.dims) for array in model.graph.initializer] == [("w", [2, 1])]
    assert kinds(path) == ["MatMul", "Identity"]
    np.testing.assert_array_equal(run(path, np.ones((3, 2), "f"))[0], [[3.0]] * 3)


def test_a_variable_keeps_the_value_of_that_moment(path):
    w = tf.Variable(2.0)
    tf.saved_model.export_onnx(lambda x: x * w, path, VECTOR)
    w.assign(5.0)
    np.testing.assert_array_equal(run(path, np.ones(3, "f"))[0], [2.0] * 3)


def test_a_function_made_by_defun(path):
    f = tfe.defun(lambda x: tf.exp(x))
    tf.saved_model.export_onnx(f, path, VECTOR)
    np.testing.assert_allclose(run(path, np.zeros(3, "f"))[0], [1.0] * 3)


def test_a_traced_function(path):
    function = TracedFunction(traced(lambda x: tf.square(x), (tf.ones([2]),), {}))
    tf.saved_model.export_onnx(function, path)
    assert described(onnx.load(path).graph.input) == [("input", [2])]
    np.testing.assert_allclose(run(path, np.array([2, 3], "f"))[0], [4.0, 9.0])


@pytest.mark.parametrize(
    "example",
    [tf.zeros([2, 3]), np.zeros((2, 3), "f"), (tf.float32, [2, 3]), ("float32", tf.TensorShape([2, 3]))],
    ids=["tensor", "array", "pair", "names"],
)
def test_examples(path, example):
    tf.saved_model.export_onnx(lambda x: x + 1, path, example)
    assert described(onnx.load(path).graph.input) == [("x", [2, 3])]


def test_the_function_is_called_once_with_symbols(path):
    seen = []
    tf.saved_model.export_onnx(lambda x: seen.append(x.shape.as_list()) or x, path, (tf.float32, [None, 3]))
    assert seen == [[None, 3]]


def test_what_depends_on_constants_alone_is_computed(path):
    tf.saved_model.export_onnx(lambda x: x * tf.sqrt(tf.constant(4.0)), path, VECTOR)
    assert kinds(path) == ["Mul", "Identity"]


def test_what_nobody_reads_is_left_out(path):
    def f(x):
        tf.lgamma(x)
        return tf.losses.sparse_softmax_cross_entropy([1], tf.expand_dims(x, 0))

    tf.saved_model.export_onnx(f, path, VECTOR)
    assert "Softmax" not in kinds(path)


def test_a_model_in_a_session(path):
    """Where a graph is built, a variable's value is the one that it has in the current session."""
    with tf.Graph().as_default(), tf.Session() as session:
        model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])
        scale = tf.constant(3.0)
        x = tf.placeholder(tf.float32, [None, 3])
        y = model(x) * scale
        session.run(tf.global_variables_initializer())
        wanted = session.run(y, {x: np.ones((4, 3), "f")})
        operations = len(tf.get_default_graph().get_operations())
        tf.saved_model.export_onnx(lambda x: model(x) * scale, path, x)
        assert len(tf.get_default_graph().get_operations()) == operations
        with pytest.raises(ValueError, match="it reads .* of the graph around it. Make it an argument"):
            tf.saved_model.export_onnx(lambda z: z + x, path, x)
    assert [name for name, _ in described(onnx.load(path).graph.input)] == ["x"]
    np.testing.assert_allclose(run(path, np.ones((4, 3), "f"))[0], wanted, rtol=1e-6)


def test_float64_keeps_its_digits(path):
    def f(x):
        return tf.nn.selu(x) + tf.log1p(x / 1e9) + tf.expm1(x / 1e9)

    x = np.linspace(-3, 3, 7)
    tf.saved_model.export_onnx(f, path, x)
    np.testing.assert_allclose(run_anywhere(path, x)[0][0], f(tf.constant(x)).numpy(), rtol=1e-12)


# ------------------------------------------------------------------------------------------------------ names and sizes


def test_inputs_are_called_what_the_function_calls_them(path):
    def f(image, parts, scale=2.0):
        return image * scale + parts[0] - parts[1]

    tf.saved_model.export_onnx(f, path, (tf.float32, [None, 3]), [VECTOR, VECTOR])
    model = onnx.load(path)
    assert described(model.graph.input) == [("image", ["image_0", 3]), ("parts_0", [3]), ("parts_1", [3])]
    assert described(model.graph.output) == [("output", ["output_0", 3])]
    assert model.graph.name == "f"


def test_names_may_be_given(path):
    tf.saved_model.export_onnx(lambda x: (x, -x), path, VECTOR, input_names=["a"], output_names=["b", "c"])
    model = onnx.load(path)
    assert described(model.graph.input) == [("a", [3])]
    assert described(model.graph.output) == [("b", [3]), ("c", [3])]


def test_outputs_of_a_dictionary_have_its_keys(path):
    tf.saved_model.export_onnx(lambda x: {"twice": 2 * x, "half": x / 2}, path, VECTOR)
    assert [name for name, _ in described(onnx.load(path).graph.output)] == ["half", "twice"]


@pytest.mark.parametrize("names", [["a", "b"], ["a", ""], [], "ab", ["a", "a"], [1]])
def test_other_names_than_inputs(path, names):
    with pytest.raises(ValueError, match="input_names must be 3 different names"):
        tf.saved_model.export_onnx(lambda x, y, z: x, path, VECTOR, VECTOR, VECTOR, input_names=names)


def test_one_name_for_an_input_and_an_output(path):
    with pytest.raises(ValueError, match="Inputs and outputs must have different names"):
        tf.saved_model.export_onnx(lambda x: x, path, VECTOR, output_names=["x"])


def test_an_argument_called_output(path):
    tf.saved_model.export_onnx(lambda output: -output, path, VECTOR)
    assert [name for name, _ in described(onnx.load(path).graph.output)] == ["output_1"]
    np.testing.assert_array_equal(run(path, np.ones(3, "f"))[0], [-1.0] * 3)


# --------------------------------------------------------------------------------------------------------- what is refused


def test_all_operations_without_a_rule_are_named_with_their_lines(path):
    def f(x):
        y = tf.lgamma(x)
        return tf.digamma(y)

    with pytest.raises(tf.errors.UnimplementedError) as caught:
        tf.saved_model.export_onnx(f, path, VECTOR)
    heading, first, second = str(caught.value).splitlines()
    assert heading == "f cannot be exported to ONNX, because of these operations:"
    assert "lgamma, from " in first and "test_export.py" in first and "`y = tf.lgamma(x)`: ONNX has nothing" in first
    assert "`return tf.digamma(y)`" in second


def test_what_comes_again_is_named_once(path):
    with pytest.raises(tf.errors.UnimplementedError) as caught:
        tf.saved_model.export_onnx(lambda x: sum(tf.lgamma(x * i) for i in range(9)), path, VECTOR)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (lambda x: tf.Variable(1.0).assign_add(x[0]), "assign_variable, .*it changes a variable.*training=False"),
        (lambda x: x + tf.random_uniform([3]), "random_standard_uniform, .*draws other numbers in each run"),
        (lambda x: tf.cond(x[0] > 0, lambda: x, lambda: -x), "eager_call, .*branches, loops, py_func, .*call Python"),
        (lambda x: tf.check_numerics(x, "bad"), "check_numerics, .*can end a run with an error"),
        (lambda x: tf.abs(tf.cast(x, tf.complex64)), "cast, .*ONNX's Cast does not take complex64|abs, .*complex64"),
        (lambda x: tf.diag(x), None),
    ],
    ids=["assign", "random", "cond", "check_numerics", "complex", "diag"],
)
def test_an_operation_that_cannot_be_exported(path, function, why):
    example = VECTOR if why else (tf.float32, [None])
    with pytest.raises(tf.errors.UnimplementedError, match=why or "diag, .*must know more of its input's shape"):
        tf.saved_model.export_onnx(function, path, example)


def test_a_model_in_training_is_refused_with_advice(path):
    model = tf.keras.Sequential([tf.keras.layers.BatchNormalization(), tf.keras.layers.Dropout(0.5)])
    model(tf.ones([1, 3]))
    with pytest.raises(tf.errors.UnimplementedError, match="training=False"):
        tf.saved_model.export_onnx(lambda x: model(x, training=True), path, (tf.float32, [2, 3]))


@pytest.mark.parametrize("example", [3.0, "float32", (1, 2, 3), None], ids=str)
def test_an_example_that_says_no_dtype_and_shape(path, example):
    with pytest.raises(TypeError, match="An example must be a tensor, or a pair of dtype and shape such as"):
        tf.saved_model.export_onnx(lambda x: x, path, example)


def test_an_input_of_an_unknown_number_of_axes(path):
    with pytest.raises(ValueError, match="The number of axes of an input must be known"):
        tf.saved_model.export_onnx(lambda x: x, path, (tf.float32, None))


def test_an_output_of_an_unknown_number_of_axes(path):
    with pytest.raises(tf.errors.UnimplementedError, match="how many axes .* is not known"):
        tf.saved_model.export_onnx(lambda x: tf.squeeze(x), path, (tf.float32, [None, 3]))


def test_what_is_no_function(path):
    with pytest.raises(TypeError, match="takes a function of tensors, such as a model, not 3"):
        tf.saved_model.export_onnx(3, path, VECTOR)


def test_a_function_that_returns_no_tensor(path):
    with pytest.raises(ValueError, match="<lambda> cannot be exported to ONNX: it returned None"):
        tf.saved_model.export_onnx(lambda x: None, path, VECTOR)


def test_arrays_larger_than_a_file_can_hold(path, monkeypatch):
    monkeypatch.setattr(translation, "LARGEST", 100)
    w = tf.Variable(tf.ones([26]))
    with pytest.raises(tf.errors.ResourceExhaustedError, match="take more than 2 GB"):
        tf.saved_model.export_onnx(lambda x: x * w, path, (tf.float32, [26]))


def test_without_onnx_the_extra_is_named(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"Exporting a model to ONNX needs onnx.*pip install minitfe\[onnx\]"):
        tf.saved_model.export_onnx(lambda x: x, path, VECTOR)


# --------------------------------------------------------------------------------------------------- what stays as it was


def test_a_refused_export_leaves_the_old_file(path, tmp_path):
    tf.saved_model.export_onnx(lambda x: x, path, VECTOR)
    before = Path(path).read_bytes()
    with pytest.raises(tf.errors.UnimplementedError):
        tf.saved_model.export_onnx(lambda x: tf.lgamma(x), path, VECTOR)
    assert Path(path).read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.onnx"]


def test_a_folder_that_is_not_there_is_made(tmp_path):
    path = tf.saved_model.export_onnx(lambda x: x, str(tmp_path / "new" / "model.onnx"), VECTOR)
    np.testing.assert_array_equal(run(path, np.ones(3, "f"))[0], [1.0] * 3)


def test_the_same_function_gives_the_same_file(tmp_path):
    w = tf.Variable([1.0, 2.0, 3.0])
    files = [tf.saved_model.export_onnx(lambda x: tf.sin(x) * w, str(tmp_path / name), VECTOR) for name in "ab"]
    first, second = (Path(file).read_bytes() for file in files)
    assert first == second


def test_tapes_do_not_see_the_trace(path):
    w = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        tf.saved_model.export_onnx(lambda x: x * w, path, VECTOR)
    assert tape.watched_variables() == ()
