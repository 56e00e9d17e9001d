"""Operators on tensors and variables, from either side, and what == means."""

import operator

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.ops import operators

ARITHMETIC = {
    operator.add: 5.0, operator.sub: 1.0, operator.mul: 6.0, operator.truediv: 1.5, operator.floordiv: 1.0,
    operator.mod: 1.0, operator.pow: 9.0,
}  # fmt: skip
COMPARISONS = {operator.lt: False, operator.le: False, operator.gt: True, operator.ge: True}
ELEMENTWISE = ARITHMETIC | COMPARISONS

# The same number in all guises that may stand beside a tensor.
GUISES = [
    int,
    float,
    np.float32,
    np.float64,
    np.int64,
    np.array,
    lambda x: np.full((1, 1), x),
    lambda x: [x],
    lambda x: (x,),
]


@pytest.fixture
def equality():
    operators.enable_tensor_equality()
    yield
    operators.disable_tensor_equality()


@pytest.mark.parametrize("make", [tf.constant, tf.Variable])
@pytest.mark.parametrize("guise", GUISES)
@pytest.mark.parametrize("f", ELEMENTWISE, ids=lambda f: f.__name__)
def test_elementwise_from_either_side(f, guise, make):
    """Whatever stands beside a tensor takes its dtype, on the left as well as on the right."""
    right, left = f(make(3.0), guise(2.0)), f(guise(3.0), make(2.0))
    for result in (right, left):
        assert isinstance(result, tf.Tensor)
        assert result.dtype is (tf.float32 if f in ARITHMETIC else tf.bool)
        assert result.numpy().item() == ELEMENTWISE[f]


@pytest.mark.parametrize("dtype", ["float64", "float32", "int32", "int64", "int16", "uint8"])
def test_numpy_arrays_on_the_left_take_the_tensors_dtype(dtype):
    total = np.array([1.0, 2.0]) + tf.constant([1, 2], dtype)
    assert isinstance(total, tf.Tensor) and total.dtype.name == dtype and total.numpy().tolist() == [2, 4]


def test_matmul_from_either_side():
    matrix = [[1.0, 2.0], [3.0, 4.0]]
    for x, y in [(tf.constant(matrix), matrix), (np.array(matrix), tf.constant(matrix)), (matrix, tf.Variable(matrix))]:
        product = x @ y
        assert product.dtype is tf.float32 and product.numpy().tolist() == [[7, 10], [15, 22]]


@pytest.mark.parametrize("make", [tf.constant, tf.Variable])
def test_unary(make):
    assert (-make(3.0)).numpy() == -3 and abs(make(-3.0)).numpy() == 3


def test_integers():
    x = tf.constant([-7, 7])
    assert (x // 2).numpy().tolist() == [-4, 3] and (x % 3).numpy().tolist() == [2, 1]
    assert (7 // tf.constant(2)).numpy() == 3 and (7 % tf.constant(-3)).numpy() == -2
    assert (x / 2).dtype is tf.float64 and (x / 2).numpy().tolist() == [-3.5, 3.5]
    assert (2 ** tf.constant([3, 4])).numpy().tolist() == [8, 16]
    with pytest.raises(InvalidArgumentError, match=r"Integer division by zero \[Op:FloorDiv\]"):
        x // 0


BITS = [(operator.and_, 4, False), (operator.or_, 14, True), (operator.xor, 10, True)]


@pytest.mark.parametrize("f, bits, truth", BITS, ids=lambda f: getattr(f, "__name__", ""))
def test_truth_values_and_bits(f, bits, truth):
    for x, y in [
        (tf.constant(12), tf.constant(6)),
        (12, tf.constant(6)),
        (tf.constant(12), 6),
        (np.int32(12), tf.constant(6)),
    ]:
        assert f(x, y).dtype is tf.int32 and f(x, y).numpy() == bits
    for x, y in [(tf.constant(True), tf.constant(False)), (True, tf.constant(False)), (tf.constant(True), False)]:
        assert f(x, y).dtype is tf.bool and f(x, y).numpy() == truth


def test_inversion():
    assert (~tf.constant([True, False])).numpy().tolist() == [False, True]
    assert (~tf.constant(5)).numpy() == -6


def test_floats_are_neither_truth_values_nor_bits():
    with pytest.raises(InvalidArgumentError, match="float32 is not in the list of allowed values: bool"):
        tf.constant(1.0) & tf.constant(2.0)


def test_indexing_and_iteration():
    x = tf.constant([[1, 2], [3, 4]])
    assert x[1].numpy().tolist() == [3, 4] and x[:, 0].numpy().tolist() == [1, 3]
    assert [row.numpy().tolist() for row in x] == [[1, 2], [3, 4]]
    with pytest.raises(TypeError, match="Cannot iterate over a scalar tensor."):
        iter(tf.constant(1))


def test_a_fraction_beside_integers_is_cut_off_with_a_warning():
    with pytest.warns(RuntimeWarning, match="1.5 beside a tensor of dtype int32 is truncated"):
        assert (tf.constant(1) + 1.5).numpy() == 2


def test_operators_are_differentiable():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = 2 * x**2 / (1 - x) + abs(-x) % 2
    assert tape.gradient(y, x).numpy() == pytest.approx(2 * (2 * 3 * (1 - 3) + 9) / 4 + 1)


# ----------------------------------------------------------------------------------------------------- what == means


def test_a_tensor_equals_itself_alone():
    x = tf.constant(1)
    assert x == x and (x == 1) is False and (x != 1) is True
    assert x in {x} and x in [tf.constant(1), x] and tf.Variable(1) != 1


@pytest.mark.parametrize("make", [tf.constant, tf.Variable])
def test_elementwise_equality(equality, make):
    x = make([1.0, 2.0])
    assert (x == [1.0, 3.0]).numpy().tolist() == [True, False]
    assert (x != np.array([1.0, 3.0])).numpy().tolist() == [False, True]
    assert (2 == x).numpy().tolist() == [False, True]


@pytest.mark.parametrize("other", [None, "two", {}, object(), [1.0, 2.0, 3.0], tf.constant(1, tf.int32)])
def test_what_cannot_be_compared_differs(equality, other):
    x = tf.constant([1.0, 2.0])
    assert (x == other) is False and (x != other) is True


def test_tensors_hash_by_identity_in_any_case(equality):
    x, y = tf.constant(1), tf.constant(1)
    assert len({x, y}) == 2 and {x: "x"}[x] == "x" and y not in {x}


def test_gradients_do_not_care_what_equality_means(equality):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(x * x + x)
    assert tape.gradient(y, x).numpy().tolist() == [3, 5]


def test_equality_can_be_switched_back():
    operators.enable_tensor_equality()
    operators.disable_tensor_equality()
    assert (tf.constant(1) == 1) is False and (tf.Variable(1) == 1) is False
