"""Plans for accelerators: one that keeps its numbers to itself, and makes one kernel of what it can."""

import gc
import threading
import warnings
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
import minitfe_numpy
from minitfe import context, devices, kernel_registry
from minitfe.context import listening
from minitfe.graph.device_groups import Fused
from minitfe.graph.eager_calls import eager_call
from minitfe.graph.passes.own_shapes import own_shapes

X = np.linspace(-2, 2, 12).astype("f").reshape(3, 4)
FUSIBLE = {
    "add", "subtract", "multiply", "realdiv", "exp", "sin", "cos", "tanh", "tanh_gradient", "negative", "broadcast_to",
    "reduce_sum", "greater", "select", "square",
}  # fmt: skip


class HiddenArray:
    """Numbers that numpy's kernels cannot get at."""

    def __init__(self, numbers):
        self.numbers = np.asarray(numbers)
        self.shape, self.dtype, self.ndim = self.numbers.shape, self.numbers.dtype, self.numbers.ndim


def hidden(function):
    def kernel(*arrays, **attributes):
        result = function(*[x.numbers if isinstance(x, HiddenArray) else x for x in arrays], **attributes)
        return [HiddenArray(y) for y in result] if isinstance(result, (list, tuple)) else HiddenArray(result)

    return kernel


class Package(SimpleNamespace):
    """A kernel package whose groups are computed step by step."""

    def devices(self):
        return ["here"]

    def from_numpy(self, array, device):
        self.copies.append(array.shape)
        return HiddenArray(array.copy())

    def to_numpy(self, array):
        self.downloads.append(array.shape)
        return array.numbers.copy()

    def fuse(self, group, device):
        if any(step.op not in FUSIBLE or (len(group.steps) > 1 and step.op in self.alone) for step in group.steps):
            return None

        def kernel(*arrays):
            self.groups.append([step.op for step in group.steps])
            values = [x.numbers for x in arrays]
            for step in group.steps:
                values.append(minitfe_numpy.KERNELS[step.op](*[values[i] for i in step.operands], **step.attributes))
            return [HiddenArray(values[i]) for i in group.results]

        return kernel


@pytest.fixture
def npu(monkeypatch):
    kernels = {name: hidden(kernel) for name, kernel in minitfe_numpy.KERNELS.items() if name != "accumulate"}
    package = Package(DEVICE_TYPE="NPU", KERNELS=kernels, GAPS={}, groups=[], copies=[], downloads=[], alone=set())
    monkeypatch.setitem(kernel_registry._registered, "npu", package)
    return devices.Device(0, "npu", package, "here")


@pytest.fixture
def put(npu):
    """Puts an array on the accelerator."""
    return lambda array: tf.Tensor(HiddenArray(np.array(array)), npu)


def plan_of(function):
    """The one plan for an accelerator of a function that was traced once."""
    (traced,) = function.traces.values()
    (plan,) = traced._device_plans.values()
    return plan


def sizes(function):
    """How many operations each unit of its plan has."""
    return [len(unit.operations) if isinstance(unit, Fused) else 1 for unit in plan_of(function).units]


def compare(function, put, *arrays):
    """Traced, twice, and eager on the CPU; returns the traced function."""
    traced = tfe.defun(function)
    for _ in range(2):
        for x, y in zip(traced(*map(put, arrays)), function(*map(tf.constant, arrays)), strict=True):
            assert x.home.type == "NPU"
            np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-6)
    return traced


# ------------------------------------------------------------------------------------------------------------ groups


def test_a_chain_is_one_kernel_that_returns_only_what_is_read_outside(put, npu):
    def f(x):
        y = tf.exp(tf.sin(x) * x)
        return [y, tf.matmul(y, y, transpose_b=True)]

    assert sizes(compare(f, put, X)) == [3, 1]
    assert npu.package.groups == [["sin", "multiply", "exp"]] * 2


def test_sums_of_what_a_group_made_end_it(put, npu):
    f = compare(lambda x: [tf.reduce_sum(tf.exp(x) * x), tf.reduce_sum(tf.exp(x), 1)], put, X)
    assert sizes(f) == [3, 1]
    assert sizes(compare(lambda x: [tf.exp(tf.reduce_sum(tf.exp(x)))], put, X)) == [2, 1]


def test_a_sum_of_something_else_does_not_end_a_group(put):
    f = compare(lambda x: [tf.exp(x) * tf.reduce_sum(x)], put, X)
    assert sizes(f) == [1, 2]


def test_a_function_and_its_gradient_are_one_kernel(put, npu):
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.exp(-x * x) * tf.sin(x) + x)
        return [y, tape.gradient(y, x)]

    assert len(plan_of(compare(f, put, X)).units) == 1


def test_groups_of_several_shapes_grow_side_by_side(put):
    def f(x, y):
        a, b = tf.exp(x), tf.exp(y)
        a, b = a * x, b * y
        return [tf.sin(a), tf.sin(b)]

    assert sizes(compare(f, put, X, X[0])) == [3, 3]


def test_whoever_reads_from_a_group_and_cannot_join_it_comes_after_it(put):
    def f(x):
        y = tf.exp(x) * x
        z = tf.sin(tf.transpose(y)) + 1.0
        return [tf.cos(y) + tf.transpose(z)]

    assert sizes(compare(f, put, X)) == [2, 1, 2, 1, 2]


def test_stretched_inputs_are_read_by_the_group(put, npu):
    f = compare(lambda x, y: [tf.exp(x + y) * y, tf.square(x) - tf.reduce_sum(x, 1, keepdims=True)], put, X, X[0])
    assert max(sizes(f)) >= 4


def test_what_the_package_refuses_as_a_group_runs_in_parts(put, npu):
    npu.package.alone = {"exp"}
    f = compare(lambda x: [tf.reduce_sum(tf.exp(x) * x + x)], put, X)
    assert sizes(f) == [1, 1, 2] and npu.package.groups == [["add", "reduce_sum"]] * 2


def test_without_the_pass_nothing_is_fused(put, npu):
    f = tfe.defun(lambda x: tf.exp(x) * x, passes=["dead_code"])
    f(put(X))
    assert sizes(f) == [1, 1] and not npu.package.groups


def test_groups_do_not_grow_without_end(put):
    def f(x):
        for _ in range(100):
            x = tf.sin(x) * x
        return [x]

    assert sizes(compare(f, put, X)) == [48] * 4 + [8]


def test_results_of_unknown_size_are_not_fused(put):
    def f(x):
        chosen = tf.boolean_mask(x, x > 0.0)
        return [tf.exp(chosen * 2.0), tf.exp(x) * x]

    assert sorted(sizes(compare(f, put, X)))[-1] >= 2


def test_a_vector_that_chooses_rows_is_not_stretched_like_one(put):
    def f(x):
        return [tf.where(tf.reduce_sum(x, 1) > 0.0, x * 2.0, -x) + x]

    compare(f, put, X)
    compare(lambda x: [tf.where(x > 0.0, x * 2.0, -x) + x], put, X)


def test_empty_and_single_elements(put):
    f = tfe.defun(lambda x: tf.exp(x * 2.0) + x)
    np.testing.assert_allclose(f(put(np.float32(1.5))).numpy(), np.exp(3) + 1.5, rtol=1e-6)
    assert f(put(np.zeros((0, 3), "f"))).shape == (0, 3)


# -------------------------------------------------------------------------------------------------- shapes of their own


def test_ops_are_told_the_shapes_that_they_would_look_at():
    def f(x, bias, w):
        with tf.GradientTape() as tape:
            tape.watch([x, bias, w])
            loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + bias)) + tf.reduce_sum(
                tf.reduce_mean(x, 1, keepdims=True)
            )
        return tape.gradient(loss, [x, bias, w])

    traced = tfe.defun(f)
    inputs = [tf.constant(X), tf.constant([0.5, -0.5]), tf.constant(X[:2].T)]
    expected = [g.numpy() for g in traced(*inputs)]
    (found,) = traced.traces.values()
    program = own_shapes(found.traced_program())
    names = {operation.op.name for operation in program.operations}
    assert not names & {"expand_like", "expand_mean_like", "unbroadcast_like", "broadcast_like", "reshape_like"}
    found.traced_program = lambda recorded=False: program
    found._plans.clear()
    for x, wanted in zip(traced(*inputs), expected):
        np.testing.assert_allclose(x.numpy(), wanted, rtol=1e-6)


# --------------------------------------------------------------------------------------------------------- placement


def test_nothing_is_read_back_and_nothing_copied_twice(put, npu):
    constant = tf.Tensor(X, devices.cpu())
    f = tfe.defun(lambda x, y: tf.matmul(x * constant + y, y, transpose_b=True))
    x, y = put(X), tf.Tensor(X, devices.cpu())
    f(x, y)
    first = len(npu.package.copies)
    f(x, y)
    assert npu.package.copies[first:] == [(3, 4)]  # y; the constant is there already
    assert not npu.package.downloads


def test_operations_run_where_eager_ones_would(put, npu):
    f = tfe.defun(lambda x, y: [x + 1.0, tf.exp(y), tf.exp(x) + y])
    x, y = put(X), tf.Tensor(X, devices.cpu())
    with listening(device=None):
        homes = [z.home.type for z in f(x, y)]
    assert homes[1:] == ["CPU", "NPU"] and f(x, y)[2].home is npu
    with listening(device=npu):
        assert [z.home for z in f(y, y)] == [npu] * 3
    with tf.device("/cpu:0"):
        assert [z.home.type for z in f(x, x)] == ["CPU"] * 3


def test_strings_stay_on_the_cpu(put):
    f = tfe.defun(lambda x, words: [tf.exp(x) * x, tf.concat([words, words], 0)])
    values, words = f(put(X), tf.constant(["a", "b"]))
    assert values.home.type == "NPU" and words.home.type == "CPU" and list(words.numpy()) == [b"a", b"b"] * 2


def test_copies_are_refused_where_eager_execution_refuses_them(put, monkeypatch):
    f = tfe.defun(lambda x, y: tf.exp(x) * y)
    x, y = put(X), tf.Tensor(X, devices.cpu())
    f(x, y)
    monkeypatch.setattr(context, "_device_policy", context.DEVICE_PLACEMENT_EXPLICIT)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Tensors on conflicting devices: multiply runs on"):
        f(x, y)
    np.testing.assert_allclose(f(x, x).numpy(), np.exp(X) * X, rtol=1e-6)


def test_outputs_that_are_inputs_or_constants(put):
    constant = put(X + 1)
    x = put(X)
    first, second, third = tfe.defun(lambda x: [x, constant, tf.exp(x) * x])(x)
    assert first is not x and second is not constant
    np.testing.assert_array_equal(first.numpy(), X)
    np.testing.assert_array_equal(second.numpy(), X + 1)
    np.testing.assert_allclose(third.numpy(), np.exp(X) * X, rtol=1e-6)


# ------------------------------------------------------------------------------------------------- state and Python


def test_readings_and_assignments_keep_their_order(put, npu):
    with listening(device=npu):
        v = tf.Variable(put(X))

    @tfe.defun
    def f(x):
        before = v * 2.0 + x
        v.assign(before)
        between = v + 0.0
        v.assign_add(x)
        return [before, between, v.read_value()]

    value = X
    for _ in range(2):
        before, between, after = f(put(X))
        np.testing.assert_allclose(before.numpy(), value * 2 + X, rtol=1e-6)
        np.testing.assert_allclose(between.numpy(), value * 2 + X, rtol=1e-6)
        value = value * 2 + X + X
        np.testing.assert_allclose(after.numpy(), value, rtol=1e-6)
    assert v._value.home is npu


def test_a_variable_on_the_cpu_stays_there(put, npu):
    with tf.device("/cpu:0"):
        v = tf.Variable(X)
    f = tfe.defun(lambda x: v.assign(x * 2.0 + v).read_value())
    np.testing.assert_array_equal(f(put(X)).numpy(), X * 3)
    np.testing.assert_array_equal(f(put(X)).numpy(), X * 3 + X * 2)
    assert v._value.home is devices.cpu()


def test_branches_and_loops(put):
    def f(x):
        y = tf.cond(tf.reduce_sum(x) > 100.0, lambda: tf.exp(x), lambda: tf.sin(x) * x)
        return [tf.exp(tf.while_loop(lambda z: tf.reduce_sum(z) > -10.0, lambda z: z - tf.exp(x) * 0.5, [y])) + y]

    compare(f, put, X)


def test_calls_of_python_keep_their_order(put):
    calls = []

    def note(name):
        def call(x):
            calls.append(name)
            return [x + 1.0]

        return call

    @tfe.defun
    def f(x):
        for name in "abc":
            (x,) = eager_call(note(name), [tf.sin(x) * x], [(x.dtype, x.extents)])
        return x

    expected = X
    for _ in "abc":
        expected = np.sin(expected) * expected + 1
    for _ in range(2):
        np.testing.assert_allclose(f(put(X)).numpy(), expected, rtol=1e-5)
    assert calls == list("abcabc")


def test_random_numbers_are_drawn_anew(put, npu):
    f = tfe.defun(lambda x: x + tf.random_normal([3, 4]) * 2.0)
    with listening(device=npu):
        first, second = f(put(X)).numpy(), f(put(X)).numpy()
    assert (first != second).all()


def test_gradients_through_calls_of_any_order(put):
    def derivatives(f, x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.reduce_sum(f(x))
            first = inner.gradient(y, x)
        return [first, outer.gradient(first, x)]

    def f(x):
        return tf.exp(tf.sin(x) * x)

    for x, y in zip(derivatives(tfe.defun(f), put(X)), derivatives(f, tf.constant(X))):
        assert x.home.type == "NPU"
        np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-5)


# ------------------------------------------------------------------------------------------------ errors and threads


def test_errors_are_those_of_eager_execution(put):
    def f(labels, logits):
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=tf.exp(logits) * logits)

    arguments = put(np.array([1, 7])), put(np.ones((2, 3), "f"))
    with pytest.raises(tf.errors.InvalidArgumentError) as eager:
        f(*arguments)
    traced = tfe.defun(f)
    with pytest.raises(tf.errors.InvalidArgumentError) as planned:
        traced(*arguments)
    assert str(planned.value) == str(eager.value)
    assert traced(put(np.array([1, 2])), arguments[1]).shape == (2,)


def test_a_group_that_finds_no_memory_says_so(put, npu):
    def fuse(group, device):
        def kernel(*arrays):
            raise MemoryError("the device has no memory left")

        return kernel

    npu.package.fuse = fuse
    with pytest.raises(tf.errors.ResourceExhaustedError, match="the device has no memory left"):
        tfe.defun(lambda x: tf.exp(x) * x)(put(X))


def test_gaps_run_on_the_cpu_with_a_warning(put, npu):
    npu.package.GAPS = {"transpose": "rows and columns are the same to it"}
    tf.transpose(tf.constant(X))
    f = tfe.defun(lambda x: tf.transpose(tf.exp(x) * x) + 1.0)
    with pytest.warns(RuntimeWarning, match="transpose has no kernel"):
        y = f(put(X))
    np.testing.assert_allclose(y.numpy(), (np.exp(X) * X).T + 1, rtol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f(put(X))


def test_arrays_go_as_soon_as_nobody_reads_them_again(put, npu, monkeypatch):
    alive, most = weakref.WeakSet(), []

    class Watched(HiddenArray):
        def __init__(self, numbers):
            super().__init__(numbers)
            alive.add(self)
            most.append(len(alive))

    monkeypatch.setitem(globals(), "HiddenArray", Watched)
    f = tfe.defun(lambda x: [mirrored(x, 12)])
    f(put(X))
    gc.collect()
    most.clear()
    x = put(X)
    f(x)
    assert max(most) <= 5


def mirrored(x, length):
    for _ in range(length):
        x = tf.transpose(tf.reverse(x, [0]))
    return x


def test_threads_do_not_share_values(put):
    f = tfe.defun(lambda x: tf.reduce_sum(tf.exp(tf.sin(tf.matmul(x, x)) * x)))
    inputs = [put(np.full((20, 20), number, "f")) for number in (0.1, 0.2, 0.3)]
    expected = [float(f(x)) for x in inputs]
    wrong = []

    def work(x, value):
        wrong.extend(i for i in range(50) if float(f(x)) != value)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(inputs, expected)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
