"""The sweep over the op-sample table: what a rule writes computes what the op does, and so do gradients."""

import re

import numpy as np
import pytest

import minitfe as tf
from minitfe.onnx_export.export import SIMPLIFICATIONS
from minitfe.onnx_export.rules import RULES, described
from minitfe.operation import OPS
from tests import sweep
from tests.samples import SAMPLES

from .running import run_anywhere

SEED = 5

every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.identifier)
with_gradient = pytest.mark.parametrize(
    "sample",
    [sample for sample in SAMPLES if sample.differentiable() and not sample.sizes_from_values],
    ids=lambda sample: sample.identifier,
)


def drawn(sample):
    """Inputs in float32, for which onnxruntime has most kernels, where the op takes that."""
    return sample.draw(SEED, "float32" if "float32" in sample.dtypes else sample.dtypes[0])


NO_RULE = "has nothing like it|does not take (complex|u?int)|draws other numbers|can end a run with an error"
NO_SIZES = f"{NO_RULE}|must know more of its input's shape|axes .* is not known"


def exported(function, path, *examples, unless=NO_RULE):
    """The path of the model, or None where there can be none for one of these reasons."""
    try:
        return tf.saved_model.export_onnx(function, str(path), *examples)
    except tf.errors.UnimplementedError as error:
        heading, *reasons = str(error).splitlines()
        assert "cannot be exported to ONNX" in heading
        assert all(re.search(unless, why) for why in reasons or [heading]), error
        return None


@every_sample
@pytest.mark.parametrize("sizes_known", [True, False], ids=["sizes known", "sizes unknown"])
def test_values(sample, sizes_known, tmp_path):
    if sample.sizes_known and not sizes_known:
        pytest.skip("declared to need known sizes")
    arrays = drawn(sample)
    examples = [
        (x.dtype if x.dtype != object else tf.string, x.shape if sizes_known else [None] * x.ndim) for x in arrays
    ]
    unless = NO_RULE if sizes_known else NO_SIZES
    path = exported(lambda *xs: sweep.call(sample, xs), tmp_path / "model.onnx", *examples, unless=unless)
    if path is None:
        return
    results, program = run_anywhere(path, *arrays)
    wanted = sweep.call(sample, arrays)
    assert len(results) == len(wanted)
    for y, x in zip(results, wanted):
        assert np.asarray(y).dtype == x.dtype.as_numpy_dtype
        sweep.assert_close(y, x.numpy(), 1e-5 * sample.tolerance, f"{sample.identifier} in {program}")


@with_gradient
def test_gradients(sample, tmp_path):
    arrays, positions = drawn(sample), sample.differentiable()
    if "float32" not in sample.dtypes:
        pytest.skip("onnxruntime has few kernels for other floats")
    loss = sweep.scalar_loss(sample, arrays, positions, SEED)
    inputs = [arrays[i] for i in positions]
    path = exported(lambda *xs: sweep.gradients(loss, xs), tmp_path / "model.onnx", *inputs)
    if path is None:
        return
    results, program = run_anywhere(path, *inputs)
    for y, x in zip(results, sweep.gradients(loss, inputs), strict=True):
        sweep.assert_close(y, x.numpy(), 1e-4 * sample.tolerance, f"gradient of {sample.identifier} in {program}")


# -------------------------------------------------------------------------------------------------------- what is covered


def test_every_rule_is_run_by_a_sample(capsys):
    """A rule counts where all ops beside it have rules too, since otherwise nothing is exported."""
    seen = set()
    for sample in SAMPLES:
        arrays, positions = drawn(sample), sample.differentiable()
        runs = [(lambda *xs, sample=sample: sweep.call(sample, xs), arrays)]
        if positions and not sample.sizes_from_values and "float32" in sample.dtypes:
            loss = sweep.scalar_loss(sample, arrays, positions, SEED)
            runs.append((lambda *xs, loss=loss: sweep.gradients(loss, xs), [arrays[i] for i in positions]))
        for function, inputs in runs:
            ops = sweep.traced_ops(function, inputs)
            seen |= ops if ops <= set(RULES) else set()
    with capsys.disabled():
        print(f"\n{len(set(RULES) & set(OPS))} of {len(OPS)} ops can be exported to ONNX")
    elsewhere = {"read_variable", "copy"}  # test_export.py reads variables; a copy is there only between devices
    assert set(RULES) - seen <= elsewhere


def test_rules_are_of_ops_that_there_are():
    assert set(RULES) <= set(OPS)


def test_every_rule_says_how_it_is_written():
    assert all(text for _, text in described())
    assert dict(described())["matmul"] == "MatMul"


def test_simplifications_are_passes():
    assert tf.contrib.eager.defun(lambda x: x, passes=SIMPLIFICATIONS).passes == SIMPLIFICATIONS
