"""Kernels for groups of ops: they compute what the ops one by one do, for all dtypes, shapes and ways to stretch."""

import textwrap
from pathlib import Path

import numpy as np
import pytest

import minitfe_opencl
from minitfe.kernel_registry import Group, Step
from minitfe_opencl import fused, runtime
from minitfe_opencl.tuning import TUNING

pytestmark = pytest.mark.usefixtures("gpu")

FLOAT, BOOL, INT, LONG = (np.dtype(name) for name in ("f4", "?", "i4", "i8"))
ALL = {"axis": None, "keepdims": False}


@pytest.fixture(scope="module", params=["its own", "gpu"])
def device(gpu, request):
    """The device, and the same cut as a GPU is: many work-items to a group, which put their results together."""
    if request.param == "its own":
        return gpu.handle
    other = runtime.Device(gpu.handle.device)
    other.tuning = TUNING[request.param]
    return other


def step(op, *operands, dtype=FLOAT, **attributes):
    return Step(op, operands, attributes, np.dtype(dtype))


def group_of(arrays, shape, steps, results):
    return Group(shape, tuple((x.dtype, x.shape) for x in arrays), tuple(steps), results)


def one_by_one(device, arrays, steps, results):
    """What the kernels of the ops make of the arrays."""
    values = [minitfe_opencl.from_numpy(x, device) for x in arrays]
    for each in steps:
        attributes = dict(each.attributes)
        if each.op == "cast":
            attributes["dtype"] = type("DType", (), {"numpy": each.dtype})
        values.append(minitfe_opencl.KERNELS[each.op](*[values[i] for i in each.operands], **attributes))
    return [minitfe_opencl.to_numpy(values[i]) for i in results]


def at_once(device, arrays, shape, steps, results):
    kernel = minitfe_opencl.fuse(group_of(arrays, shape, steps, results), device)
    assert kernel is not None
    return [minitfe_opencl.to_numpy(x) for x in kernel(*[minitfe_opencl.from_numpy(x, device) for x in arrays])]


def check(device, arrays, shape, steps, results, rtol=0.0):
    found = at_once(device, arrays, shape, steps, results)
    for x, wanted in zip(found, one_by_one(device, arrays, steps, results)):
        assert x.dtype == wanted.dtype and x.shape == wanted.shape
        np.testing.assert_allclose(x, wanted, rtol=rtol, atol=rtol)
    return found


def normal(*shape, dtype="f4"):
    return np.random.default_rng(len(shape)).normal(size=shape).astype(dtype)


def test_a_chain_is_what_its_ops_are_and_can_be_read(device):
    steps = [step("negative", 0), step("multiply", 1, 0), step("exp", 2), step("sin", 0), step("multiply", 3, 4)]
    x = normal(1003)
    check(device, [x], x.shape, steps, (5,), rtol=1e-6)
    kernel = minitfe_opencl.fuse(group_of([x], x.shape, steps, (5,)), device)
    lanes = device.tuning.lanes
    assert f"float{lanes} v2 = v1 * v0;" in kernel.text and kernel.text.count("out") == 2


@pytest.mark.parametrize("size", [1, 5, 16, 4097, 100_003])
def test_all_that_is_wanted_comes_out_and_sums_end_where_the_array_does(device, size):
    steps = [step("exp", 0), step("multiply", 1, 0), step("reduce_sum", 2, **ALL), step("reduce_max", 1, **ALL)]
    check(device, [normal(size)], (size,), steps, (3, 1, 4, 2), rtol=1e-4)


@pytest.mark.parametrize(
    "shapes",
    [
        [(4, 32), ()], [(4, 32), (1, 1)], [(4, 32), (32,)], [(4, 32), (4, 1)], [(4, 32), (1, 32)], [(4, 33), (33,)],
        [(4, 33), (4, 1)], [(2, 3, 16), (3, 1)], [(2, 3, 16), (2, 1, 16)], [(2, 3, 16), (2, 1, 1)], [(3, 1), (1, 5)],
    ],
    ids=str,
)  # fmt: skip
def test_inputs_are_stretched_in_every_way(device, shapes):
    arrays = [normal(*shape) for shape in shapes]
    whole = np.broadcast_shapes(*shapes)
    steps = [step("add", 0, 1), step("multiply", 1, 2), step("subtract", 3, 1)]
    check(device, arrays, whole, steps, (2, 3, 4))


@pytest.mark.parametrize("shape", [(7, 33), (2, 3, 64), (5, 40_000), (300, 100)], ids=str)
@pytest.mark.parametrize("keepdims", [True, False])
def test_rows_are_reduced(device, shape, keepdims):
    arrays = [normal(*shape), normal(shape[-1]), normal(*shape[:-1], 1), np.float32(2.0).reshape(())]
    last = {"axis": (len(shape) - 1,), "keepdims": keepdims}
    steps = [
        step("multiply", 0, 1), step("subtract", 4, 2), step("multiply", 5, 3),
        step("reduce_sum", 6, **last), step("reduce_min", 5, **last), step("reduce_mean", 6, **last),
    ]  # fmt: skip
    check(device, arrays, shape, steps, (7, 8, 9, 5, 6), rtol=1e-3)


def test_dtypes_may_be_mixed(device):
    x, whole = normal(50), np.arange(-20, 30, dtype="i4")
    steps = [
        step("cast", 1), step("greater", 0, 2, dtype=BOOL), step("select", 3, 0, 2), step("cast", 3, dtype=INT),
        step("floordiv", 1, 5, dtype=INT), step("mod", 1, 1, dtype=INT), step("logical_not", 3, dtype=BOOL),
        step("keep_where", 4, 8), step("cast", 0, dtype=LONG), step("reduce_any", 3, dtype=BOOL, **ALL),
        step("pow", 1, 5, dtype=INT),
    ]  # fmt: skip
    check(device, [x, whole], (50,), steps, tuple(range(2, 13)))


def test_ops_with_settings(device):
    steps = [
        step("elu", 0, alpha=0.3), step("bias_add", 2, 1, data_format="NHWC"), step("round", 3), step("add_n", 2, 3, 4),
        step("elu_gradient", 0, 2, alpha=0.3),
    ]  # fmt: skip
    check(device, [normal(6, 20), normal(20)], (6, 20), steps, (2, 3, 4, 5, 6), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["f8", "f2", "u1", "i8", "u4"])
def test_other_dtypes(device, dtype):
    x = (10 * abs(normal(40))).astype(dtype)
    steps = [step("multiply", 0, 0, dtype=dtype), step("maximum", 1, 0, dtype=dtype), step("add", 2, 1, dtype=dtype)]
    if not device.has(x.dtype):
        assert minitfe_opencl.fuse(group_of([x], (40,), steps, (3,)), device) is None
    else:
        check(device, [x], (40,), steps, (3, 1))


def test_what_cannot_be_fused_is_refused(device):
    x, wide = np.ones((4, 3), "f4"), np.ones((4, 64), "f4")

    def refused(array, *steps):
        return minitfe_opencl.fuse(group_of([array], array.shape, steps, (len(steps),)), device) is None

    assert refused(x, step("matmul", 0, 0))
    assert refused(x.astype("c8"), step("add", 0, 0, dtype="c8"))
    assert refused(x[:0], step("add", 0, 0))
    assert refused(x.astype("i4"), step("realdiv", 0, 0, dtype=INT))
    assert refused(x, step("bias_add", 0, 0, data_format="NCHW"))
    assert refused(wide, step("reduce_sum", 0, axis=(0,), keepdims=False))
    assert refused(x, step("reduce_sum", 0, axis=(1,), keepdims=False))
    assert refused(wide.astype("i4"), step("reduce_mean", 0, dtype=INT, **ALL))
    assert not refused(wide, step("reduce_sum", 0, axis=(-1,), keepdims=False))


def test_arrays_that_were_not_announced_are_refused(device):
    x = normal(64)
    kernel = minitfe_opencl.fuse(group_of([x], x.shape, [step("exp", 0), step("exp", 1)], (2,)), device)
    for wrong in (x[:32], x.astype("i4")):
        with pytest.raises(ValueError, match="was announced"):
            kernel(minitfe_opencl.from_numpy(wrong, device))
    (found,) = kernel(minitfe_opencl.from_numpy(x.reshape(8, 8), device))
    assert found.shape == (64,)


def test_kernels_are_compiled_together_when_one_is_called_and_kept_by_their_source(device, monkeypatch):
    programs, build = [], fused.build
    monkeypatch.setattr(fused, "build", lambda *arguments: programs.append(arguments[-1]) or build(*arguments))
    fused.waiting_on(device).clear()
    x = normal(64)

    def kernel(scale, size=64):
        steps = [step("elu", 0, alpha=scale), step("negative", 1)]
        return minitfe_opencl.fuse(group_of([x[:size]], (size,), steps, (2,)), device)

    first, second = kernel(0.123), kernel(0.456)
    kernel(0.789)  # which nobody keeps
    first(minitfe_opencl.from_numpy(x, device))
    assert len(programs) == 1
    assert first.name in programs[0] and second.name in programs[0] and "0.789" not in programs[0]
    second(minitfe_opencl.from_numpy(x, device))
    kernel(0.456, size=17)(minitfe_opencl.from_numpy(x[:17], device))
    assert len(programs) == 1


def test_results_are_repeatable_to_the_bit(device):
    steps = [step("sin", 0), step("reduce_sum", 1, **ALL)]
    first, *others = [at_once(device, [normal(99_999)], (99_999,), steps, (2, 1)) for _ in range(3)]
    for other in others:
        for x, y in zip(first, other):
            np.testing.assert_array_equal(x, y)


def test_the_page_on_kernels_shows_what_is_made(gpu):
    if gpu.handle.tuning.lanes != 16 or gpu.handle.tuning.group != 1:
        pytest.skip("the page shows what is made for a CPU")
    steps = [step("multiply", 0, 0), step("negative", 1), step("exp", 2), step("reduce_sum", 3, **ALL)]
    kernel = minitfe_opencl.fuse(group_of([np.ones(1000, "f4")], (1000,), steps, (4,)), gpu.handle)
    page = Path(__file__).parents[2] / "docs" / "source" / "opencl_kernels.rst"
    assert textwrap.indent(kernel.text, "    ").rstrip() in page.read_text()
