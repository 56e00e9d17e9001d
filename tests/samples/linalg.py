"""Samples of minitfe.ops.linalg. References are sums written out as loops or broadcasts, SciPy, and cofactors."""

import itertools

import numpy as np
import scipy.linalg

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops import linalg

NUMBERS = ("float64", "float32", "float16", "int32", "int64", "complex128", "complex64")
LAPACK = ("float64", "float32", "complex128", "complex64")

# ----------------------------------------------------------------------------------------------------------- products


def adjoint(x):
    return np.conj(x).swapaxes(-1, -2)


def products(a, b, transpose_a=False, transpose_b=False, adjoint_a=False, adjoint_b=False):
    """Sums over a broadcast product."""
    a = a.swapaxes(-1, -2) if transpose_a else adjoint(a) if adjoint_a else a
    b = b.swapaxes(-1, -2) if transpose_b else adjoint(b) if adjoint_b else b
    return (a[..., :, :, None] * b[..., None, :, :]).sum(-2)


def matmuls():
    """Every way to transpose, for one product, batches of them, and sizes 0 and 1."""
    flags = [
        {},
        {"transpose_a": True},
        {"transpose_b": True},
        {"transpose_a": True, "transpose_b": True},
        {"adjoint_a": True},
        {"adjoint_b": True},
        {"adjoint_a": True, "transpose_b": True},
    ]
    sizes = [((), 2, 3, 4), ((2,), 3, 2, 4), ((2, 1), 1, 4, 2), ((), 3, 0, 2), ((0,), 2, 3, 4)]
    for arguments, (batch, n, k, m) in itertools.product(flags, sizes):
        a = (k, n) if arguments.get("transpose_a") or arguments.get("adjoint_a") else (n, k)
        b = (m, k) if arguments.get("transpose_b") or arguments.get("adjoint_b") else (k, m)
        name = f"{' '.join(arguments)} {batch} {n} {k} {m}"
        yield Sample(tf.matmul, [Values(batch + a), Values(batch + b)], arguments, products, name=name, dtypes=NUMBERS)


def summed(equation, result):
    """A reference by loops over all letters; `result` is the result's letters, spelled out."""
    operands = equation.split("->")[0].replace(" ", "").split(",")

    def reference(*xs):
        sizes = {label: size for labels, x in zip(operands, xs) for label, size in zip(labels, x.shape)}
        output = np.zeros([sizes[label] for label in result], xs[0].dtype)
        for index in itertools.product(*map(range, sizes.values())):
            at = dict(zip(sizes, index))
            term = np.prod([x[tuple(at[label] for label in labels)] for labels, x in zip(operands, xs)])
            output[tuple(at[label] for label in result)] += term
        return output

    return reference


def einsums():
    sizes = {"a": 2, "b": 3, "i": 2, "j": 3, "k": 4, "l": 2}
    equations = {
        "ij,jk->ik": "ik",
        "ij, jk": "ik",
        "ji,jk->ki": "ki",
        "bij,bjk->bik": "bik",
        "ij->ji": "ji",
        "ij->": "",
        "ij->i": "i",
        "ba": "ab",
        "i,j->ij": "ij",
        "ij,ij->": "",
        "ij,ij->ij": "ij",
        "ij,kl->il": "il",
        "ij,jk,kl->il": "il",
        "i,ij,j->": "",
        "aij,bjk,kl,l->abi": "abi",
        ",i->i": "i",
    }
    for equation, result in equations.items():
        letters = equation.split("->")[0].replace(" ", "").split(",")
        inputs = [Values(tuple(sizes[label] for label in labels)) for labels in letters]
        yield Sample(
            einsum_of(equation),
            inputs,
            reference=summed(equation, result),
            name=equation,
            dtypes=("float64", "float32", "int32", "complex128"),
        )
    for equation, spelled, shapes in [
        ("...ij,...jk->...ik", "abij,abjk->abik", [(2, 3, 2, 3), (2, 3, 3, 2)]),
        ("...ij,jk", "abij,jk->abik", [(2, 3, 2, 3), (3, 2)]),
        ("i...->...", "iab->ab", [(2, 3, 4)]),
        ("...i,...i->...", "abi,bi->ab", [(2, 3, 2), (3, 2)]),
    ]:
        reference = summed(spelled, spelled.split("->")[1])
        yield Sample(einsum_of(equation), [Values(shape) for shape in shapes], reference=reference, name=equation)


def large(equation, *shapes):
    """Too large for loops; numpy's own sum of products is the reference, where the kernel uses matrix products."""

    def reference(*xs):
        return np.einsum(equation, *xs, optimize=False)

    return Sample(
        einsum_of(equation), [Values(shape) for shape in shapes], reference=reference, name=f"large {equation}"
    )


def einsum_of(equation):
    def einsum(*xs):
        return tf.einsum(equation, *xs)

    return einsum


def tensordots():
    for axes, shapes, spelled in [
        (1, [(2, 3), (3, 4)], "ij,jk->ik"),
        (2, [(2, 3, 4), (3, 4, 2)], "ijk,jkl->il"),
        (0, [(2,), (3,)], "i,j->ij"),
        ([[0, -1], [1, 0]], [(2, 3, 4), (4, 2)], "ijk,ki->j"),
        ([1, 2], [(2, 3), (2, 4, 3)], "ij,klj->ikl"),
        ([[0], [0]], [(3,), (3,)], "i,i->"),
    ]:
        yield Sample(
            tf.tensordot,
            [Values(shape) for shape in shapes],
            {"axes": axes},
            lambda a, b, axes, spelled=spelled: summed(spelled, spelled.split("->")[1])(a, b),
            name=str(axes),
            dtypes=("float64", "float32", "int64", "complex128"),
        )


# ----------------------------------------------------------------------------------------- inverses and determinants


def regular(*batch, size=3):
    """Matrices far from singular: their diagonal outweighs the rest."""
    return Values(make=lambda generator: generator.uniform(-1, 1, (*batch, size, size)) + 3 * np.eye(size))


def determinant(x):
    """Leibniz' sum over all permutations."""
    n = x.shape[-1]
    permutations = list(itertools.permutations(range(n)))
    signs = [round(np.linalg.det(np.eye(n)[list(p)])) for p in permutations]
    return sum(sign * np.prod([x[..., i, p[i]] for i in range(n)], axis=0) for sign, p in zip(signs, permutations))


def cofactors(x):
    result = np.empty_like(x)
    for i, j in np.ndindex(x.shape[-2:]):
        result[..., i, j] = (-1) ** (i + j) * determinant(np.delete(np.delete(x, i, -2), j, -1))
    return result


def inverse(x, adjoint=False):
    """Cramer's rule: cofactors over the determinant."""
    result = cofactors(x).swapaxes(-1, -2) / determinant(x)[..., None, None]
    return np.conj(result).swapaxes(-1, -2) if adjoint else result


def solution(matrix, rhs, adjoint=False):
    return products(inverse(matrix, adjoint), rhs)


def triangular_solution(matrix, rhs, lower=True, adjoint=False):
    solve = np.vectorize(
        lambda a, b: scipy.linalg.solve_triangular(a, b, lower=lower, trans="C" if adjoint else "N"),
        signature="(n,n),(n,k)->(n,k)",
    )
    return solve(matrix, rhs)


def logarithm(x):
    return np.sign(determinant(x)), np.log(np.abs(determinant(x)))


def sign_of_determinant(x):
    return linalg.log_matrix_determinant(x)[0]


def cholesky_of_gram(x):
    """The factor of x xᴴ + 1. Differences in x keep that symmetric, as a symmetric matrix's gradient needs it."""
    return tf.cholesky(tf.matmul(x, x, adjoint_b=True) + np.eye(3))


def gram_factor(x):
    """Column by column (Cholesky and Banachiewicz)."""
    a = products(x, adjoint(x)) + np.eye(3)
    factor = np.zeros_like(a)
    for i in range(3):
        for j in range(i + 1):
            rest = a[..., i, j] - (factor[..., i, :j] * np.conj(factor[..., j, :j])).sum(-1)
            factor[..., i, j] = np.sqrt(rest) if i == j else rest / factor[..., j, j]
    return factor


def apart(*batch):
    """Matrices whose eigenvalues lie apart."""
    return Values(make=lambda generator: generator.uniform(-0.3, 0.3, (*batch, 3, 3)) + np.diag([5, 1, 3]))


def eigenvectors(x):
    """Of (x + xᵀ)/2, so that differences in x keep it symmetric; squared, since their signs are anyone's choice."""
    e, v = linalg.self_adjoint_eig((x + tf.matrix_transpose(x)) * 0.5)
    return e, v * v


def eigenvectors_alone(x):
    return eigenvectors(x)[1]


def eigenvalues(x):
    return linalg.self_adjoint_eigvals((x + tf.matrix_transpose(x)) * 0.5)


def eigenvectors_reference(x):
    """The null vectors of x - e, found by cofactors, for the roots e of the characteristic polynomial."""
    x = (x + x.swapaxes(-1, -2)) / 2
    if x.ndim > 2:
        return tuple(map(np.array, zip(*map(eigenvectors_reference, x))))
    e = np.sort(np.roots([1, -np.trace(x), (np.trace(x) ** 2 - np.trace(x @ x)) / 2, -determinant(x)]).real)
    adjugates = [cofactors(x - value * np.eye(3)) for value in e]
    columns = [a[:, np.argmax(np.abs(np.diag(a)))] for a in adjugates]
    return e, np.stack([column**2 / (column**2).sum() for column in columns], -1)


SAMPLES = [
    *matmuls(),
    *einsums(),
    large("bij,bjk->bik", (4, 12, 13), (4, 13, 14)),
    large("ij,jk,kl->il", (10, 11), (11, 12), (12, 13)),
    *tensordots(),
    Sample(tf.matrix_inverse, [regular()], reference=inverse, dtypes=LAPACK),
    Sample(tf.matrix_inverse, [regular(2, 2)], {"adjoint": True}, inverse, name="adjoint", dtypes=LAPACK),
    Sample(tf.matrix_determinant, [regular()], reference=determinant, dtypes=LAPACK),
    Sample(tf.matrix_determinant, [regular(2, 2)], reference=determinant, name="batch", dtypes=LAPACK),
    Sample(linalg.log_matrix_determinant, [regular(2)], reference=logarithm),
    Sample(sign_of_determinant, [regular(2)], reference=lambda x: np.sign(determinant(x))),
    *[
        Sample(
            tf.matrix_solve,
            [regular(*batch), Values((*batch, 3, 2))],
            {"adjoint": flag},
            solution,
            name=f"{batch} {flag}",
            dtypes=LAPACK,
        )
        for batch, flag in itertools.product([(), (2,)], [False, True])
    ],
    *[
        Sample(
            tf.matrix_triangular_solve,
            [regular(*batch), Values((*batch, 3, 2))],
            {"lower": lower, "adjoint": flag},
            triangular_solution,
            name=f"{batch} {lower} {flag}",
            dtypes=LAPACK,
        )
        for batch, lower, flag in itertools.product([(), (2,)], [False, True], [False, True])
    ],
    Sample(cholesky_of_gram, [Values((3, 3))], reference=gram_factor, dtypes=LAPACK),
    Sample(cholesky_of_gram, [Values((2, 3, 3))], reference=gram_factor, name="batch", dtypes=LAPACK),
    Sample(eigenvectors, [apart()], reference=eigenvectors_reference, tolerance=10),  # the roots lose a digit
    Sample(eigenvectors, [apart(2)], reference=eigenvectors_reference, name="batch", tolerance=10),  # the same
    Sample(eigenvectors_alone, [apart()], reference=lambda x: eigenvectors_reference(x)[1], tolerance=10),  # the same
    Sample(eigenvalues, [apart()], reference=lambda x: eigenvectors_reference(x)[0], tolerance=10),  # the same
]
