"""Linear algebra: products of matrices and tensors, inverses, determinants and triangular factors.

All ops take batches: the last two axes are the matrix, the axes before them number the matrices.

The ops on a whole matrix (inverse, solve, determinant, cholesky) are not holomorphic where they conjugate, so their
rules are written for TensorFlow's gradient directly: with adjoints xᴴ, which for real matrices are transposes.
"""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_letters
from typing import Any, cast

import numpy as np

from minitfe import dtypes, shapes
from minitfe.conversion import agree, agree_two, convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import NO_ATTRIBUTES, execute
from minitfe.operation import Op, Operation, register
from minitfe.ops import arguments, array, math, rearrange, reduction
from minitfe.ops import complex as complex_ops
from minitfe.shapes import Extents, bracketed
from minitfe.tensor import Tensor, TensorLike

LAPACK = dtypes.SMOOTH - {np.dtype(np.float16)}
"""The dtypes that matrices can be factored in."""

# ---------------------------------------------------------------------------------------------------- matrix products


def _product(
    a: Extents | None, b: Extents | None, transpose_a: bool = False, transpose_b: bool = False
) -> Extents | None:
    """[..., n, k] times [..., k, m] gives [..., n, m]."""
    if a is None or b is None:
        return _product_with_unknown(a, b, transpose_a, transpose_b)
    _require_matrix(a, "In[0]")
    _require_matrix(b, "In[1]")
    batch = _common_batch(a, b)
    rows, inner = reversed(a[-2:]) if transpose_a else a[-2:]
    other, columns = reversed(b[-2:]) if transpose_b else b[-2:]
    if None not in (inner, other) and inner != other:
        raise ShapeError(
            f"Matrix size-incompatible: In[0]: {bracketed(a)}, In[1]: {bracketed(b)}",
            f"the first has {inner} columns and the second {other} rows, which must be equal",
        )
    return (*batch, rows, columns)


def _product_with_unknown(a: Extents | None, b: Extents | None, transpose_a: bool, transpose_b: bool) -> Extents | None:
    """Both factors have equally many axes, so one that is known tells of the other."""
    known = b if a is None else a
    if known is None:
        return None
    unknown = shapes.extents_of([None] * len(known))
    return _product(a or unknown, b or unknown, transpose_a, transpose_b)


def _require_matrix(x: Extents, what: str) -> None:
    if len(x) < 2:
        raise ShapeError(f"{what} is not a matrix", "a matrix has two axes; tf.expand_dims adds one to a vector")


def _common_batch(a: Extents, b: Extents) -> Extents:
    first, second = shapes.TensorShape(a[:-2]), shapes.TensorShape(b[:-2])
    if not first.is_compatible_with(second):
        raise ShapeError(
            f"In[0] and In[1] must have compatible batch dimensions: {bracketed(a)} vs. {bracketed(b)}",
            "all axes but the last two must be equal; they do not broadcast",
        )
    return cast(Extents, first.merge_with(second).extents)


matmul_op = register(Op("matmul", shape=_product, any_rank=True, accepts=dtypes.NUMBERS, tensorflow_name="MatMul"))

# Made once: the transposes of a product are looked up here, by transpose_a and transpose_b.
_TRANSPOSES: dict[tuple[bool, bool], dict[str, bool]] = {
    (False, False): NO_ATTRIBUTES,
    (True, False): {"transpose_a": True},
    (False, True): {"transpose_b": True},
    (True, True): {"transpose_a": True, "transpose_b": True},
}


def matmul(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The matrix product ab.

    Args:
        a: matrices, of shape [..., n, k].
        b: as many matrices, of shape [..., k, m].
        transpose_a, transpose_b: whether to transpose a or b first.
        adjoint_a, adjoint_b: whether to transpose and conjugate a or b first.
        a_is_sparse, b_is_sparse: hints that are accepted and not needed.

    Raises:
        InvalidArgumentError: where the shapes do not fit; batches of matrices do not broadcast.

    >>> tf.matmul([[1., 2.], [3., 4.]], [[1.], [10.]]).numpy()
    array([[21.],
           [43.]], dtype=float32)
    """
    if not (type(a) is type(b) is Tensor and a.array.dtype is b.array.dtype):
        a, b = agree_two(matmul_op, a, b)
    if not (transpose_a or transpose_b or adjoint_a or adjoint_b):
        return cast(Tensor, execute(matmul_op, (a, b)))
    if transpose_a and adjoint_a:
        raise ValueError("Only one of transpose_a and adjoint_a can be True.")
    if transpose_b and adjoint_b:
        raise ValueError("Only one of transpose_b and adjoint_b can be True.")
    a = conjugate(a) if adjoint_a else a
    b = conjugate(b) if adjoint_b else b
    return product(a, b, bool(transpose_a or adjoint_a), bool(transpose_b or adjoint_b))


def product(a: Tensor, b: Tensor, transpose_a: bool = False, transpose_b: bool = False) -> Tensor:
    """The matrix product of two tensors that agree, as gradient rules need it."""
    return cast(Tensor, execute(matmul_op, (a, b), _TRANSPOSES[transpose_a, transpose_b]))


def conjugate(x: Tensor) -> Tensor:
    """The complex conjugate; no op at all for real numbers."""
    return complex_ops.conj(x) if x.dtype.is_complex else x


@matmul_op.gradient(0)
def matmul_da(
    g: Tensor, a: Tensor, b: Tensor, output: Tensor, transpose_a: bool = False, transpose_b: bool = False
) -> Tensor:
    """c = ab has the gradient g bᵀ, and c = aᵀb its transpose, b gᵀ."""
    if transpose_a:
        return product(b, g, transpose_b, True)
    return product(g, b, False, not transpose_b)


@matmul_op.gradient(1)
def matmul_db(
    g: Tensor, a: Tensor, b: Tensor, output: Tensor, transpose_a: bool = False, transpose_b: bool = False
) -> Tensor:
    """c = ab has the gradient aᵀ g, and c = abᵀ its transpose, gᵀ a."""
    if transpose_b:
        return product(g, a, True, transpose_a)
    return product(a, g, not transpose_a, False)


# --------------------------------------------------------------------------------------------------- tensor products


def _contracted(*inputs: Extents, equation: str) -> Extents:
    """The sizes of the letters that stay."""
    operands, result = split_equation(equation)
    sizes: dict[str, int] = {}
    for i, (labels, x) in enumerate(zip(operands, inputs)):
        if len(labels) != len(x):
            raise ShapeError(
                f"Input {i} has {len(x)} axes, but the equation names {len(labels)}: {labels!r} in {equation!r}"
            )
        for label, size in zip(labels, x):
            if size is not None and sizes.setdefault(label, size) != size:
                raise ShapeError(
                    f"Axis {label!r} of {equation!r} has size {sizes[label]}, but input {i} has {size} there",
                    "axes with the same letter must be equally long; they do not broadcast",
                )
    return tuple(sizes.get(label) for label in result)


einsum_op = register(Op("einsum", shape=_contracted, accepts=dtypes.NUMBERS))


def einsum(equation: str, *inputs: TensorLike, name: str | None = None) -> Tensor:
    """Multiplies tensors and sums over axes, as an equation says: Einstein's summation convention.

    Args:
        equation: a letter for each axis of each input, then those of the result: ``"ij,jk->ik"`` is the matrix
            product. Letters that the result lacks are summed over. Without ``->``, the result has the letters that
            occur once, in alphabetical order. An ellipsis stands for axes without a letter, the same in all inputs.
        inputs: the tensors.

    Raises:
        ValueError: where the equation makes no sense, or a letter comes twice in one input.
        InvalidArgumentError: where the shapes do not fit the equation.

    >>> tf.einsum("ij,ij->i", [[1., 2.], [3., 4.]], [[1., 1.], [10., 10.]]).numpy()
    array([ 3., 70.], dtype=float32)
    """
    tensors = agree(einsum_op, inputs)
    return _einsum(_spelled_out(equation, tensors), tensors)


def _einsum(equation: str, tensors: list[Tensor]) -> Tensor:
    return cast(Tensor, execute(einsum_op, tensors, {"equation": equation}))


def split_equation(equation: str) -> tuple[list[str], str]:
    """The letters of each operand, and those of the result."""
    operands, _, result = equation.partition("->")
    return operands.split(","), result


def _spelled_out(equation: str, tensors: list[Tensor]) -> str:
    """The equation with its result and with letters for the ellipsis."""
    if not isinstance(equation, str):
        raise TypeError(f"The equation of einsum must be a string such as 'ij,jk->ik', not {equation!r}.")
    compact = equation.replace(" ", "")
    operands, result = split_equation(compact)
    if len(operands) != len(tensors):
        raise ValueError(f"Got {len(tensors)} arguments for equation {equation!r}, expecting {len(operands)}.")
    unused = "".join(letter for letter in ascii_letters if letter not in compact)
    if "->" not in compact:
        result = _implied_result(operands)
    rest = [
        len(arguments.known(x.extents, "einsum")) - len(labels.replace("...", ""))
        for labels, x in zip(operands, tensors)
    ]
    longest = max([count for count, labels in zip(rest, operands) if "..." in labels], default=0)
    operands = [labels.replace("...", _last(unused[:longest], count)) for labels, count in zip(operands, rest)]
    result = result.replace("...", unused[:longest])
    _check_equation(equation, operands, result)
    return ",".join(operands) + "->" + result


def _last(letters: str, count: int) -> str:
    return letters[max(len(letters) - count, 0) :]


def _implied_result(operands: list[str]) -> str:
    every = "".join(operands)
    once = sorted(letter for letter in set(every) - {"."} if every.count(letter) == 1)
    return ("..." if "..." in every else "") + "".join(once)


def _check_equation(equation: str, operands: list[str], result: str) -> None:
    for labels in (*operands, result):
        if labels.strip(ascii_letters):
            raise ValueError(
                f"Could not parse equation: {equation!r}; use letters, commas, one -> and an ellipsis at most."
            )
        if len(set(labels)) != len(labels):
            raise ValueError(f"Subscript not supported: an axis appears more than once: {labels!r} in {equation!r}.")
    unknown = set(result) - set("".join(operands))
    if unknown:
        raise ValueError(f"Unknown output axes {', '.join(sorted(unknown))} in {equation!r}: no input has them.")


def einsum_dinput(position: int) -> Callable[..., Tensor]:
    """The gradient rule of one input; there may be many."""

    def einsum_dx(g: Tensor, *inputs_and_output: Tensor, equation: str) -> Tensor:
        """Linear in each input: g takes the place of x, and the letters of x and of the result are exchanged."""
        operands, result = split_equation(equation)
        tensors, x, labels = list(inputs_and_output[:-1]), inputs_and_output[position], operands[position]
        operands[position], tensors[position] = result, g
        found = "".join(label for label in labels if label in "".join(operands))
        dx = _einsum(",".join(operands) + "->" + found, tensors)
        # A letter that no other tensor has was just summed over: each summand has the same gradient.
        lost = tuple(axis for axis, label in enumerate(labels) if label not in found)
        return reduction.expand_like(dx, x, lost, False) if lost else dx

    return einsum_dx


for _position in range(64):  # numpy multiplies no more tensors at once
    einsum_op.gradient(_position)(einsum_dinput(_position))


def tensordot(a: TensorLike, b: TensorLike, axes: Any, name: str | None = None) -> Tensor:
    """Multiplies two tensors and sums over pairs of axes.

    Args:
        a, b: the tensors.
        axes: a number n, for the last n axes of a and the first n of b; or a pair of lists, axes of a and axes of b.

    Returns:
        The sums, with the axes of a that are left, then those of b.

    Raises:
        ValueError: where axes is something else.
        InvalidArgumentError: where paired axes differ in size.

    >>> tf.tensordot([[1., 2.], [3., 4.]], [[1., 10.], [5., 50.]], axes=[[1], [0]]).numpy()
    array([[ 11., 110.],
           [ 23., 230.]], dtype=float32)
    """
    a, b = agree(einsum_op, (a, b))
    of_a, of_b = _paired_axes(a, b, arguments.plain(axes, "axes"))
    rank = len(arguments.known(a.extents, "tensordot"))
    left = list(ascii_letters[:rank])
    right = list(ascii_letters[rank : rank + len(arguments.known(b.extents, "tensordot"))])
    for i, j in zip(of_a, of_b):
        right[j] = left[i]
    summed = {left[i] for i in of_a}
    result = [label for label in left + right if label not in summed]
    return _einsum("".join(left) + "," + "".join(right) + "->" + "".join(result), [a, b])


def _paired_axes(a: Tensor, b: Tensor, axes: Any) -> tuple[list[int], list[int]]:
    if not isinstance(axes, (list, tuple)) and np.ndim(axes) == 0:
        count = arguments.integer(axes, "axes")
        if not 0 <= count <= 64:  # numpy's arrays have no more axes
            raise ValueError(f"'axes' must be at least 0, and no more than there are, not {count}.")
        axes = list(range(-count, 0)), list(range(count))
    if len(axes) != 2:
        raise ValueError("'axes' must be an integer or have length 2.")
    of_a, of_b = (
        [arguments.axis(i, x, einsum_op, "axes") for i in arguments.integers(part, "axes")]
        for part, x in zip(axes, (a, b))
    )
    if len(of_a) != len(of_b):
        raise ValueError(f"Different number of contraction axes 'a' and 'b', {len(of_a)} != {len(of_b)}.")
    return of_a, of_b


# -------------------------------------------------------------------------------------------- inverse and determinant


def _square(x: Extents, **attributes: Any) -> Extents:
    _require_matrix(x, "Input")
    if None not in x[-2:] and x[-1] != x[-2]:
        raise ShapeError("Input matrix must be square", f"its last two axes have the sizes {x[-2]} and {x[-1]}")
    return x


matrix_inverse_op = register(Op("matrix_inverse", shape=_square, accepts=LAPACK, holomorphic=False))


def matrix_inverse(input: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverse of each matrix, or of its adjoint.

    Raises:
        InvalidArgumentError: where a matrix is singular, or not square.

    >>> tf.matrix_inverse([[2., 0.], [0., 4.]]).numpy()
    array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    return cast(Tensor, execute(matrix_inverse_op, (convert_to_tensor(input),), {"adjoint": bool(adjoint)}))


@matrix_inverse_op.gradient(0)
def matrix_inverse_dx(g: Tensor, x: Tensor, output: Tensor, adjoint: bool) -> Tensor:
    """From y x = 1 follows dy = -y dx y, so the gradient is -yᴴ g yᴴ; for y = x⁻ᴴ it is -y gᴴ y."""
    if adjoint:
        return math.negative(matmul(output, matmul(g, output, adjoint_a=True)))
    return math.negative(matmul(output, matmul(g, output, adjoint_b=True), adjoint_a=True))


def _determined(x: Extents) -> Extents:
    return _square(x)[:-2]


matrix_determinant_op = register(Op("matrix_determinant", shape=_determined, accepts=LAPACK, holomorphic=False))


def matrix_determinant(input: TensorLike, name: str | None = None) -> Tensor:
    """The determinant of each matrix. Its gradient needs the inverse, so it fails for singular matrices.

    Raises:
        InvalidArgumentError: where a matrix is not square.

    >>> tf.matrix_determinant([[2., 0.], [0., 4.]]).numpy()
    np.float32(8.0)
    """
    return cast(Tensor, execute(matrix_determinant_op, (convert_to_tensor(input),)))


@matrix_determinant_op.gradient(0)
def matrix_determinant_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d det x = det x tr(x⁻¹ dx)  (Jacobi's formula)"""
    return math.multiply(_per_matrix(math.multiply(g, conjugate(output)), x), matrix_inverse(x, adjoint=True))


def _per_matrix(numbers: Tensor, x: Tensor) -> Tensor:
    """One number for each matrix, repeated to the shape of the matrices."""
    rank = len(arguments.known(x.extents, "matrix_determinant"))
    return reduction.expand_like(numbers, x, (rank - 2, rank - 1), False)


def _signed(x: Extents) -> list[Extents]:
    return [_determined(x)] * 2


log_matrix_determinant_op = register(
    Op("log_matrix_determinant", shape=_signed, several=True, accepts=LAPACK & dtypes.FLOATING)
)


def log_matrix_determinant(input: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The sign of each real matrix's determinant, and the logarithm of its size, which does not overflow.

    Raises:
        InvalidArgumentError: where a matrix is not square.

    >>> sign, logarithm = tf.log_matrix_determinant([[0., 1.], [1., 0.]])
    >>> float(sign), float(logarithm)
    (-1.0, 0.0)
    """
    return cast("tuple[Tensor, Tensor]", execute(log_matrix_determinant_op, (convert_to_tensor(input),)))


@log_matrix_determinant_op.whole_gradient
def log_matrix_determinant_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """d log |det x| = tr(x⁻¹ dx); the sign is constant wherever it has a slope."""
    x, g = operation.inputs[0], gs[1]
    return [None if g is None else math.multiply(_per_matrix(g, x), matrix_inverse(x, adjoint=True))]


# ------------------------------------------------------------------------------------------------ systems of equations


def _solved(matrix: Extents, rhs: Extents, **attributes: Any) -> Extents:
    _square(matrix)
    _require_matrix(rhs, "The right-hand side")
    batch = _common_batch(matrix, rhs)
    if None not in (matrix[-2], rhs[-2]) and matrix[-2] != rhs[-2]:
        raise ShapeError("Input matrix and rhs are incompatible", f"they have {matrix[-2]} and {rhs[-2]} rows")
    return (*batch, *rhs[-2:])


matrix_solve_op = register(Op("matrix_solve", shape=_solved, accepts=LAPACK))
matrix_triangular_solve_op = register(Op("matrix_triangular_solve", shape=_solved, accepts=LAPACK))


def matrix_solve(matrix: TensorLike, rhs: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """Solves the equations matrix · x = rhs.

    Args:
        matrix: square matrices, of shape [..., n, n].
        rhs: as many right-hand sides, of shape [..., n, k].
        adjoint: whether to solve with the adjoint of the matrix.

    Raises:
        InvalidArgumentError: where a matrix is singular, or the shapes do not fit.

    >>> tf.matrix_solve([[2., 0.], [0., 4.]], [[2.], [2.]]).numpy()
    array([[1. ],
           [0.5]], dtype=float32)
    """
    return cast(Tensor, execute(matrix_solve_op, agree(matrix_solve_op, (matrix, rhs)), {"adjoint": bool(adjoint)}))


@matrix_solve_op.whole_gradient
def matrix_solve_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """For a x = b: ∂b = a⁻ᴴ g and ∂a = -∂b xᴴ (Giles 2008, section 2.3.1)."""
    matrix, adjoint = operation.inputs[0], operation.attributes["adjoint"]
    db = matrix_solve(matrix, gs[0], adjoint=not adjoint)
    return [_matrix_gradient(db, operation.output, adjoint), db]


def _matrix_gradient(db: Tensor, x: Tensor, adjoint: bool) -> Tensor:
    """-∂b xᴴ, or its adjoint where the adjoint of the matrix was solved with."""
    return math.negative(matmul(x, db, adjoint_b=True) if adjoint else matmul(db, x, adjoint_b=True))


def matrix_triangular_solve(
    matrix: TensorLike, rhs: TensorLike, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """Solves the equations matrix · x = rhs for triangular matrices, by substitution.

    Args:
        matrix: matrices of shape [..., n, n]; only one triangle of each is read.
        rhs: as many right-hand sides, of shape [..., n, k].
        lower: whether the lower triangle is read; otherwise the upper one.
        adjoint: whether to solve with the adjoint of the triangle.

    Raises:
        InvalidArgumentError: where a diagonal has a zero, or the shapes do not fit.

    >>> tf.matrix_triangular_solve([[2., 0.], [1., 4.]], [[2.], [5.]]).numpy()
    array([[1.],
           [1.]], dtype=float32)
    """
    settings = {"lower": bool(lower), "adjoint": bool(adjoint)}
    return cast(Tensor, execute(matrix_triangular_solve_op, agree(matrix_triangular_solve_op, (matrix, rhs)), settings))


@matrix_triangular_solve_op.whole_gradient
def matrix_triangular_solve_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """As for `matrix_solve`; the triangle that was not read has no gradient."""
    matrix, lower, adjoint = operation.inputs[0], operation.attributes["lower"], operation.attributes["adjoint"]
    db = matrix_triangular_solve(matrix, gs[0], lower, not adjoint)
    da = _matrix_gradient(db, operation.output, adjoint)
    return [rearrange.matrix_band_part(da, -1, 0) if lower else rearrange.matrix_band_part(da, 0, -1), db]


def adjoint(matrix: TensorLike, name: str | None = None) -> Tensor:
    """The transpose of each matrix, conjugated.

    >>> tf.linalg.adjoint([[1., 2.], [3., 4.]]).numpy()
    array([[1., 3.],
           [2., 4.]], dtype=float32)
    """
    return conjugate(array.matrix_transpose(matrix))


# ------------------------------------------------------------------------------------------------------------ cholesky

cholesky_op = register(Op("cholesky", shape=_square, accepts=LAPACK, holomorphic=False))


def cholesky(input: TensorLike, name: str | None = None) -> Tensor:
    """The lower triangular matrix L with L Lᴴ = x, for each symmetric (or Hermitian) positive definite matrix x.

    Only the lower triangle of x is read. The gradient is that of a symmetric matrix: both triangles share it.

    Raises:
        InvalidArgumentError: where a matrix is not positive definite, or not square.

    >>> tf.cholesky([[4., 2.], [2., 2.]]).numpy()
    array([[2., 0.],
           [1., 1.]], dtype=float32)
    """
    return cast(Tensor, execute(cholesky_op, (convert_to_tensor(input),)))


@cholesky_op.gradient(0)
def cholesky_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """½ L⁻ᴴ (P + Pᴴ) L⁻¹, where P is the lower triangle of Lᴴ g with its diagonal halved.

    I. Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527 (2016), section 3.1.
    """
    product = matmul(output, g, adjoint_a=True)
    p = math.subtract(
        rearrange.matrix_band_part(product, -1, 0), math.multiply(rearrange.matrix_band_part(product, 0, 0), 0.5)
    )
    middle = math.multiply(math.add(p, adjoint(p)), 0.5)
    left = matrix_triangular_solve(output, middle, adjoint=True)
    # (L⁻ᴴ M) L⁻¹ is its own adjoint, as M is: so it equals L⁻ᴴ (L⁻ᴴ M)ᴴ.
    return matrix_triangular_solve(output, adjoint(left), adjoint=True)


# --------------------------------------------------------------------------------------------------------- eigenvectors


def _decomposed(x: Extents) -> list[Extents]:
    return [_square(x)[:-1], x]


self_adjoint_eig_op = register(
    Op("self_adjoint_eig", shape=_decomposed, several=True, accepts=LAPACK & dtypes.FLOATING)
)


def self_adjoint_eig(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues e, in rising order, and the eigenvectors v of symmetric matrices: x v = v diag(e).

    Only the lower triangle of x is read. The gradient is that of a symmetric matrix; where two eigenvalues are equal,
    their eigenvectors have none.

    Returns:
        (e, v): the eigenvectors are the columns of v, of length 1.

    Raises:
        InvalidArgumentError: where a matrix is not square, or holds nan.

    >>> e, v = tf.self_adjoint_eig([[2., 1.], [1., 2.]])
    >>> np.round(e.numpy(), 5)
    array([1., 3.], dtype=float32)
    """
    return cast("tuple[Tensor, Tensor]", execute(self_adjoint_eig_op, (convert_to_tensor(tensor),)))


def self_adjoint_eigvals(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues alone. Args and errors are those of `self_adjoint_eig`."""
    return self_adjoint_eig(tensor)[0]


@self_adjoint_eig_op.whole_gradient
def self_adjoint_eig_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """v (diag(∂e) + F ∘ vᵀ ∂v) vᵀ with Fᵢⱼ = 1 / (eⱼ - eᵢ) and 0 on the diagonal, made symmetric (Giles 2008, 3.1)."""
    (e, v), (ge, gv) = operation.output, gs
    inner = None if ge is None else rearrange.matrix_diag(ge)
    if gv is not None:
        differences = math.subtract(array.expand_dims(e, -2), array.expand_dims(e, -1))
        # The diagonal is made 1 before the division: 1/0 would be replaced too, but numeric checks would stop at it.
        inverse = math.realdiv(1, rearrange.matrix_set_diag(differences, array.ones_like(e)))
        f = rearrange.matrix_set_diag(inverse, array.zeros_like(e))
        turned = math.multiply(f, product(v, gv, True))
        inner = turned if inner is None else math.add(inner, turned)
    g = product(v, product(cast(Tensor, inner), v, False, True))
    return [math.multiply(math.add(g, adjoint(g)), 0.5)]
