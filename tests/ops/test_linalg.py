"""What the table of samples cannot say of minitfe.ops.linalg: errors, shortcuts, singular matrices and mixed operands."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.graph.graph import trace
from minitfe.ops import linalg

# ----------------------------------------------------------------------------------------------------------- products


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ((1, 2), (1, 2), r"Matrix size-incompatible: In\[0\]: \[1,2\], In\[1\]: \[1,2\] \[Op:MatMul\]"),
        ((3,), (3, 2), r"In\[0\] is not a matrix"),
        ((3, 2), (2,), r"In\[1\] is not a matrix"),
        ((), (2, 2), r"In\[0\] is not a matrix"),
        ((2, 3, 4), (1, 4, 5), r"In\[0\] and In\[1\] must have compatible batch dimensions: \[2,3,4\] vs. \[1,4,5\]"),
        ((2, 3, 4), (4, 5), r"In\[0\] and In\[1\] must have compatible batch dimensions: \[2,3,4\] vs. \[4,5\]"),
        ((2, 3, 4), (2, 3, 4), r"Matrix size-incompatible: In\[0\]: \[2,3,4\], In\[1\]: \[2,3,4\]"),
    ],
)
def test_products_that_do_not_fit_say_why(a, b, message):
    with pytest.raises(InvalidArgumentError, match=message):
        tf.matmul(np.ones(a), np.ones(b))


def test_a_graph_refuses_the_same_products():
    with pytest.raises(ValueError, match=r"Matrix size-incompatible: In\[0\]: \[1,2\], In\[1\]: \[1,2\]"):
        trace(tf.matmul, tf.ones([1, 2]), tf.ones([1, 2]))


def test_a_transposed_product_is_checked_as_it_is_computed():
    assert tf.matmul(np.ones((2, 3)), np.ones((2, 4)), transpose_a=True).shape == (3, 4)
    with pytest.raises(InvalidArgumentError, match="Matrix size-incompatible"):
        tf.matmul(np.ones((2, 3)), np.ones((3, 4)), transpose_a=True)


@pytest.mark.parametrize("side", ["a", "b"])
def test_a_matrix_is_transposed_once(side):
    with pytest.raises(ValueError, match=f"Only one of transpose_{side} and adjoint_{side} can be True"):
        tf.matmul([[1.0]], [[1.0]], **{f"transpose_{side}": True, f"adjoint_{side}": True})


def test_lists_arrays_and_tensors_multiply():
    wanted = [[11.0]]
    a, b = [[1.0, 2.0]], [[3.0], [4.0]]
    for x, y in ((a, b), (tf.constant(a), b), (a, tf.constant(b)), (np.array(a, "f4"), tf.constant(b))):
        product = tf.matmul(x, y)
        assert product.dtype is tf.float32
        assert product.numpy().tolist() == wanted


def test_two_dtypes_do_not_multiply():
    with pytest.raises(InvalidArgumentError, match="input #1 was expected to be a float tensor but is a double tensor"):
        tf.matmul(tf.ones([1, 1]), tf.ones([1, 1], tf.float64))


def test_the_gradient_of_a_complex_product_is_conjugated():
    """L = |ab|² has the gradient 2 ab conj(b), in TensorFlow's convention."""
    a, b = tf.constant([[1 + 2j]]), tf.constant([[3 - 1j]])
    with tf.GradientTape() as tape:
        tape.watch(a)
        loss = tf.reduce_sum(tf.square(tf.abs(tf.matmul(a, b))))
    np.testing.assert_allclose(tape.gradient(loss, a).numpy(), [[2 * (1 + 2j) * (3 - 1j) * (3 + 1j)]])


# ------------------------------------------------------------------------------------------------------ einsum, tensordot


@pytest.mark.parametrize(
    ("equation", "count", "message"),
    [
        ("ij,jk->ik", 1, "Got 1 arguments for equation 'ij,jk->ik', expecting 2"),
        ("ii->i", 1, "an axis appears more than once: 'ii'"),
        ("ij->ii", 1, "an axis appears more than once: 'ii'"),
        ("ij->ik", 1, "Unknown output axes k"),
        ("i1->i", 1, "Could not parse equation"),
        ("ij->i->j", 1, "Could not parse equation"),
        ("i.j->i", 1, "Could not parse equation"),
    ],
)
def test_equations_without_sense_are_refused(equation, count, message):
    with pytest.raises(ValueError, match=message):
        tf.einsum(equation, *[np.ones((2, 2))] * count)


def test_an_equation_must_fit_its_inputs():
    with pytest.raises(InvalidArgumentError, match="Axis 'j' of 'ij,jk->ik' has size 3, but input 1 has 4 there"):
        tf.einsum("ij,jk->ik", np.ones((2, 3)), np.ones((4, 2)))
    with pytest.raises(InvalidArgumentError, match="Axis 'j' of 'ij,j->i' has size 3, but input 1 has 1 there"):
        tf.einsum("ij,j->i", np.ones((2, 3)), np.ones(1))
    with pytest.raises(InvalidArgumentError, match="Input 0 has 3 axes, but the equation names 2"):
        tf.einsum("ij->i", np.ones((2, 3, 4)))


def test_axes_of_an_ellipsis_do_not_broadcast():
    with pytest.raises(InvalidArgumentError, match="they do not broadcast"):
        tf.einsum("...i,...i->...", np.ones((1, 3)), np.ones((2, 3)))


def test_tensordot_takes_axes_in_several_forms():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    for axes in (1, [[1], [0]], (1, 0), np.array([[-1], [0]]), tf.constant([[1], [0]]), tf.constant(1)):
        np.testing.assert_array_equal(tf.tensordot(a, b, axes).numpy(), a @ b)


def test_tensordot_refuses_other_axes():
    with pytest.raises(ValueError, match="'axes' must be an integer or have length 2"):
        tf.tensordot([1.0], [1.0], [0, 0, 0])
    with pytest.raises(ValueError, match="Different number of contraction axes 'a' and 'b', 2 != 1"):
        tf.tensordot([[1.0]], [[1.0]], [[0, 1], [0]])
    with pytest.raises(ValueError, match="'axes' must be at least 0"):
        tf.tensordot([1.0], [1.0], -1)
    with pytest.raises(InvalidArgumentError, match="axes 5"):
        tf.tensordot([1.0], [1.0], [[5], [0]])
    with pytest.raises(InvalidArgumentError, match="has size 2, but input 1 has 3 there"):
        tf.tensordot(np.ones(2), np.ones(3), 1)


# -------------------------------------------------------------------------------------------------------------- matrices


def hermitian(x):
    """Positive definite for every x."""
    return tf.matmul(x, x, adjoint_b=True) + np.eye(2, dtype=complex)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: tf.matmul(x, x, adjoint_a=True),
        lambda x: tf.einsum("ij,jk->k", x, x),
        lambda x: tf.tensordot(x, x, 2),
        lambda x: tf.matrix_inverse(x),
        lambda x: tf.matrix_inverse(x, adjoint=True),
        lambda x: tf.matrix_determinant(x),
        lambda x: tf.matrix_solve(x, x * x),
        lambda x: tf.matrix_solve(x, x * x, adjoint=True),
        lambda x: tf.matrix_triangular_solve(x, x * x),
        lambda x: tf.matrix_triangular_solve(x, x * x, lower=False, adjoint=True),
        lambda x: tf.cholesky(hermitian(x)),
        lambda x: tf.reduce_prod(x, axis=1),
        lambda x: tf.segment_prod(x, [0, 0]),
    ],
    ids=["matmul", "einsum", "tensordot", "inverse", "inverse adjoint", "determinant", "solve", "solve adjoint",
         "triangular", "triangular adjoint", "cholesky", "reduce_prod", "segment_prod"],
)  # fmt: skip
def test_complex_gradients(f):
    """For a real loss L and z = x + iy, TensorFlow's gradient is ∂L/∂x + i ∂L/∂y."""
    generator = np.random.default_rng(0)
    z = generator.normal(size=(2, 2)) + 1j * generator.normal(size=(2, 2)) + 3 * np.eye(2)
    weights = generator.normal(size=f(z).shape.as_list()) + 1j * generator.normal(size=f(z).shape.as_list())

    def loss(z):
        return tf.reduce_sum(tf.real(f(z) * weights))

    def slope(direction, h=1e-5):
        return (float(loss(z + h * direction)) - float(loss(z - h * direction))) / (2 * h)

    x = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = loss(x)
    units = np.eye(4).reshape(4, 2, 2)
    wanted = [slope(unit) + 1j * slope(1j * unit) for unit in units]
    np.testing.assert_allclose(tape.gradient(y, x).numpy().ravel(), wanted, rtol=1e-6, atol=1e-7)


SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
ONE = np.ones((2, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tf.matrix_inverse(SINGULAR), "Input is not invertible"),
        (lambda: tf.matrix_inverse([np.eye(2), SINGULAR]), "Input is not invertible"),
        (lambda: tf.matrix_solve(SINGULAR, ONE), "Input matrix is not invertible"),
        (
            lambda: tf.matrix_triangular_solve([[1.0, 0.0], [1.0, 0.0]], tf.ones([2, 1])),
            "Input matrix is not invertible",
        ),
        (
            lambda: tf.cholesky([[1.0, 0.0], [0.0, -1.0]]),
            "Cholesky decomposition was not successful. The input might not be valid.",
        ),
        (lambda: tf.matrix_inverse(np.ones((2, 3))), "Input matrix must be square.*sizes 2 and 3"),
        (lambda: tf.matrix_determinant(np.ones((2, 3))), "Input matrix must be square"),
        (lambda: linalg.log_matrix_determinant(np.ones((2, 3))), "Input matrix must be square"),
        (lambda: tf.cholesky(np.ones((2, 3))), "Input matrix must be square"),
        (lambda: tf.matrix_solve(np.ones((2, 3)), ONE), "Input matrix must be square"),
        (lambda: tf.matrix_inverse([1.0]), "Input is not a matrix"),
        (lambda: tf.matrix_solve(np.eye(2), np.ones((3, 1))), "Input matrix and rhs are incompatible.*2 and 3 rows"),
        (lambda: tf.matrix_solve(np.eye(2), np.ones(2)), "The right-hand side is not a matrix"),
        (lambda: tf.matrix_solve(np.eye(2), np.ones((3, 2, 1))), "must have compatible batch dimensions"),
        (
            lambda: tf.matrix_inverse([[1]]),
            "not in the list of allowed values: float32, float64, complex64, complex128",
        ),
    ],
)
def test_matrices_that_will_not_do_are_named(call, message):
    with pytest.raises(InvalidArgumentError, match=message):
        call()


def test_only_one_triangle_is_read():
    matrix = np.array([[2.0, 7.0], [1.0, 4.0]])
    lower = tf.matrix_triangular_solve(matrix, ONE).numpy()
    np.testing.assert_allclose(np.tril(matrix) @ lower, ONE)
    upper = tf.matrix_triangular_solve(matrix, ONE, lower=False).numpy()
    np.testing.assert_allclose(np.triu(matrix) @ upper, ONE)
    np.testing.assert_array_equal(tf.cholesky([[4.0, 99.0], [2.0, 2.0]]).numpy(), [[2, 0], [1, 1]])


def test_substitution_keeps_the_accuracy_of_badly_scaled_triangles():
    """Forward substitution is exact here; elimination with pivoting would lose the small number."""
    matrix = np.array([[1e-20, 0.0], [1.0, 1.0]])
    x = tf.matrix_triangular_solve(matrix, np.array([[1e-20], [3.0]])).numpy()
    np.testing.assert_array_equal(x, [[1], [2]])


def test_the_gradient_of_cholesky_is_symmetric():
    x = tf.constant([[4.0, 2.0], [2.0, 3.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.cholesky(x)
    g = tape.gradient(y, x).numpy()
    np.testing.assert_array_equal(g, g.T)


def test_empty_matrices():
    assert tf.matrix_inverse(np.zeros((0, 2, 2))).shape == (0, 2, 2)
    assert float(tf.matrix_determinant(np.zeros((0, 0)))) == 1
    assert tf.cholesky(np.zeros((2, 0, 0))).shape == (2, 0, 0)


def test_the_logarithm_of_a_determinant_does_not_overflow():
    sign, logarithm = linalg.log_matrix_determinant(1e10 * np.eye(100))
    assert (float(sign), float(logarithm)) == (1, pytest.approx(1000 * np.log(10)))
    assert not np.isfinite(tf.matrix_determinant(np.float32(1e10) * np.eye(100, dtype="f4")).numpy())


def test_the_adjoint_conjugates():
    np.testing.assert_array_equal(linalg.adjoint([[1 + 2j, 3]]).numpy(), [[1 - 2j], [3]])


def test_a_vector_is_no_triangle():
    for matrix in ([1.0, 2.0], 1.5):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Input is not a matrix"):
            tf.matrix_triangular_solve(matrix, [[1.0], [2.0]])


def test_einsum_takes_an_equation_and_tensors():
    with pytest.raises(TypeError, match="The equation of einsum must be a string"):
        tf.einsum(3, [1.0])
    with pytest.raises(ValueError, match="empty list; it takes one tensor or more"):
        tf.einsum("i->i")


def gradient_of_eigenvectors(x):
    x = tf.constant(x, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        e, v = linalg.self_adjoint_eig(x)
        y = tf.reduce_sum(e * [1.0, 2.0, 4.0]) + tf.reduce_sum(v * v * [[1.0], [2.0], [4.0]] * [1.0, 3.0, 5.0])
    return tape.gradient(y, x).numpy()


def test_gradients_of_eigenvectors_are_those_of_a_symmetric_matrix():
    g = gradient_of_eigenvectors([[5.0, 0.1, 0.2], [0.1, 1.0, 0.3], [0.2, 0.3, 3.0]])
    np.testing.assert_allclose(g, g.T, rtol=1e-14)
    assert abs(g[0, 1]) > 0.01


def test_gradients_of_eigenvectors_divide_by_no_0():
    """Neither where an eigenvalue meets itself on the diagonal, nor where it is 0."""
    tf.debugging.enable_check_numerics()
    try:
        gradient_of_eigenvectors([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 5.0]])
    finally:
        tf.debugging.disable_check_numerics()
