"""What every kernel package must hold to. Choose one with --kernels NAME."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import minitfe as tf
from minitfe import devices, kernel_registry
from minitfe.operation import OPS

from .. import sweep
from ..samples import SAMPLES

SEEDS = st.integers(0, 2**16)

every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.identifier)
elementwise = pytest.mark.parametrize(
    "sample", [sample for sample in SAMPLES if sample.elementwise], ids=lambda sample: sample.identifier
)


@pytest.fixture(scope="module")
def device(request):
    found = devices.devices_of(request.config.getoption("--kernels"))
    assert found, "the kernel package lists no device"
    return found[0]


def check_values(device, sample, arrays):
    """Calls the sample on the device and compares with the reference; inputs must stay as they are."""
    before = [x.copy() for x in arrays]
    with tf.device(device.name), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message=".*runs on the CPU"
        )  # declared gaps; test_kernels_are_complete asks for the others
        tensors = [tf.convert_to_tensor(x) for x in arrays]
        outputs = sweep.call(sample, tensors)
    for x, tensor, kept in zip(arrays, tensors, before):
        np.testing.assert_array_equal(x, kept, err_msg="an array of the caller's was changed")
        np.testing.assert_array_equal(tensor.numpy(), kept, err_msg="an input was changed")
    wanted = sweep.expected(sample, arrays)
    assert len(outputs) == len(wanted), f"{len(outputs)} outputs, expected {len(wanted)}"
    for y, reference in zip(outputs, wanted):
        assert y.home is device, f"the result is on {y.home}"
        tolerance = sweep.VALUE_TOLERANCE.get(y.dtype.name, 1e-12) * sample.tolerance
        sweep.assert_close(y.numpy(), reference, tolerance, f"{sample.identifier} {y.dtype.name}")


@every_sample
@given(seed=SEEDS)
def test_value(device, sample, seed):
    for dtype in sample.dtypes:
        check_values(device, sample, sample.draw(seed, dtype))


@elementwise
@given(data=st.data(), seed=SEEDS)
def test_value_in_any_shape(device, sample, data, seed):
    """Broadcasting in every position, empty and 0-d inputs among them."""
    strategy = mutually_broadcastable_shapes(num_shapes=len(sample.inputs), min_side=0, max_dims=3, max_side=3)
    check_values(device, sample, sample.draw(seed, sample.dtypes[0], data.draw(strategy).input_shapes))


def test_gradients_equal_the_cpu_kernels(device, sample_with_gradient):
    """First and second order."""
    sample = sample_with_gradient
    arrays = sample.draw(7, "float32")
    positions = sample.differentiable()
    directions = [np.ones(arrays[i].shape) for i in positions]
    for f in (
        sweep.scalar_loss(sample, arrays, positions, 7),
        sweep.gradient_projection(sweep.scalar_loss(sample, arrays, positions, 7, curved=True), arrays, directions),
    ):
        with tf.device("/cpu:0"):
            on_the_cpu = sweep.gradients(f, [arrays[i] for i in positions])
        with tf.device(device.name), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*runs on the CPU")
            there = sweep.gradients(f, [arrays[i] for i in positions])
        for x, y in zip(there, on_the_cpu):
            assert x.home is device, f"the gradient is on {x.home}"
            # Some gradients are 0 but for rounding errors of numbers around 1, which differ from package to package.
            sweep.assert_close(x.numpy(), y.numpy(), 1e-4, f"gradient of {sample.identifier}", smallest_scale=1e-2)


@every_sample
def test_results_are_repeatable_to_the_bit(device, sample):
    arrays = sample.draw(11, sample.dtypes[-1])
    with tf.device(device.name), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*runs on the CPU")
        first, second = ([y.numpy() for y in sweep.call(sample, arrays)] for _ in range(2))
    for x, y in zip(first, second):
        np.testing.assert_array_equal(x, y)


def test_kernels_are_complete(device):
    """Every op has a kernel, or its absence is declared with a reason."""
    package = device.package
    own = {name for name, op in OPS.items() if op.kernels.kernel is None and name != "copy"}
    declared = {gap if isinstance(gap, str) else gap[0] for gap in package.GAPS}
    missing = {
        name for name in own - declared if kernel_registry.kernel_of(device.package_name, name, np.dtype("f4")) is None
    }
    assert not missing, f"no kernel and no declared gap: {sorted(missing)}"
    assert all(len(reason) > 10 for reason in package.GAPS.values()), "a gap needs a reason"


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "bool"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3, 4)])
def test_arrays_go_there_and_back(device, dtype, shape):
    package = device.package
    numbers = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    array = package.from_numpy(numbers, device.handle)
    assert tuple(array.shape) == shape and array.dtype == numbers.dtype
    kept = numbers.copy()
    numbers[...] = 1
    np.testing.assert_array_equal(package.to_numpy(array), kept, err_msg="from_numpy must copy")
    handed_out = package.to_numpy(array)
    handed_out[...] = 0
    np.testing.assert_array_equal(package.to_numpy(array), kept, err_msg="to_numpy must copy")
