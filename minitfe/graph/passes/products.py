"""Products: fewer and larger matrix products in place of many small ones.

Four rules, each with its reason in what networks that run over time do, step by step:

    columns of A B              =   A (columns of B)               nobody wants the other columns
    Σ Aₜᵀ Bₜ                    =   [A₁; A₂; …]ᵀ [B₁; B₂; …]         the gradient of a weight that every step uses
    Σ (sum of the rows of Bₜ)   =   sum of the rows of [B₁; B₂; …]   the gradient of its bias
    Σ xₜ yₜ and Σ xₜ            =   sums along a new axis             the same for small tensors, element by element

The larger matrices cost nothing to put together where their parts are written straight into them (`buffers`). Sums are
added up in another order, with an error of the same size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from minitfe.graph.forms import form_of, size
from minitfe.graph.passes.dead_code import dead_code
from minitfe.graph.program import Made, Program, known_shape, operation_of, uses
from minitfe.operation import OPS, Operation
from minitfe.tensor import Tensor

FEW_ROWS = 64
"""Products of more rows gain nothing from being put together."""

FEWEST_TERMS = 3


def products(program: Program) -> Program:
    """Applies the four rules."""
    return dead_code(_sums_of_products(_columns_of_products(_single_pieces(program))))


# ------------------------------------------------------------------------------------------------- columns of products


def _single_pieces(program: Program) -> Program:
    """Where one piece of many is wanted, it is cut out alone."""
    read = uses(program)
    operations: list[Operation] = []
    for operation in program.operations:
        wanted = [i for i, y in enumerate(operation.outputs) if read[y]]
        if operation.op.name in ("split", "concat_gradient") and len(wanted) == 1 and _all_known(operation):
            operation = _cut_out(operation, wanted[0])
        operations.append(operation)
    return program._replace(operations=operations)


def _all_known(operation: Operation) -> bool:
    return all(known_shape(x) is not None for x in (operation.inputs[0], *operation.outputs))


def _cut_out(operation: Operation, number: int) -> Operation:
    axis, y = operation.attributes["axis"], operation.outputs[number]
    sizes = [part.array.shape[axis] for part in operation.outputs]
    begin = [0] * len(y.array.shape)
    begin[axis] = sum(sizes[:number])
    attributes = {"begin": tuple(begin), "size": y.array.shape}
    return Operation(OPS["slice"], [operation.inputs[0]], attributes, y, operation.where)


def _columns_of_products(program: Program) -> Program:
    read, made, cuts = uses(program), _made(program), {}
    operations: list[Operation] = []
    for operation in program.operations:
        product = made.get(operation.inputs[0]) if operation.op.name == "slice" else None
        if product is None or not _cuts_columns(operation, product) or read[product.output] > 1:
            operations.append(operation)
            continue
        cut = _cut_factor(operation, product)
        key = cut.inputs[0], cut.attributes["begin"], cut.attributes["size"]
        if key not in cuts:
            cuts[key] = cut
            operations.append(cut)
        inputs = [product.inputs[0], cuts[key].output]
        operations.append(Operation(product.op, inputs, product.attributes, operation.output, product.where))
    return program._replace(operations=operations)


def _made(program: Program) -> Made:
    return {y: operation for operation in program.operations for y in operation.outputs}


def _cuts_columns(operation: Operation, product: Operation) -> bool:
    if product.op.name != "matmul" or not all(map(_is_matrix, [*product.inputs, operation.output])):
        return False
    return bool(operation.output.array.shape[0] == product.output.array.shape[0])


def _is_matrix(x: Tensor) -> bool:
    shape = known_shape(x)
    return shape is not None and len(shape) == 2


def _cut_factor(operation: Operation, product: Operation) -> Operation:
    """The columns of the second factor that are wanted; its rows, where it is used transposed."""
    factor, transposed = product.inputs[1], product.attributes.get("transpose_b")
    begin, size = operation.attributes["begin"][1], operation.output.array.shape[1]
    rows, columns = factor.array.shape
    if transposed:
        return operation_of("slice", [factor], begin=(begin, 0), size=(size, columns))
    return operation_of("slice", [factor], begin=(0, begin), size=(rows, size))


# ------------------------------------------------------------------------------------------------- sums of products


def _sums_of_products(program: Program) -> Program:
    read, made = uses(program), _made(program)
    sums = _find_sums(program, read, made)
    joined: Joined = {}
    operations: list[Operation] = []
    for operation in program.operations:
        if id(operation) in sums:
            operations += _Sum(operation, *sums[id(operation)], made, joined).operations()
        else:
            operations.append(operation)
    return program._replace(operations=operations)


def _find_sums(program: Program, read: Counter[Tensor], made: Made) -> dict[int, tuple[str, list[Tensor]]]:
    """The terms of each sum that can be one operation, and their kind, by the id of the last addition."""
    sums: dict[int, tuple[str, list[Tensor]]] = {}
    inner: set[int] = set()
    for operation in reversed(program.operations):
        if operation.op.name == "add" and id(operation) not in inner and known_shape(operation.output) is not None:
            additions, terms = _terms(operation, read, made)
            inner.update(map(id, additions))
            kind = _kind(terms, read, made) if len(terms) >= FEWEST_TERMS else None
            if kind is not None:
                sums[id(operation)] = kind, terms
    return sums


def _terms(operation: Operation, read: Counter[Tensor], made: Made) -> tuple[list[Operation], list[Tensor]]:
    """All that additions of additions add up, in the order in which they do, and the additions."""
    additions, terms, left = [], [], [operation.output]
    while left:
        x = left.pop()
        maker = made.get(x)
        if maker is not None and maker.op.name == "add" and (read[x] == 1 or maker is operation) and _adds_alike(maker):
            additions.append(maker)
            left += maker.inputs
        else:
            terms.append(x)
    return additions, terms[::-1]


def _adds_alike(operation: Operation) -> bool:
    shape = known_shape(operation.output)
    return all(known_shape(x) == shape for x in operation.inputs)


def _kind(terms: Sequence[Tensor], read: Counter[Tensor], made: Made) -> str | None:
    """What the terms are, if they can be one operation: products of matrices, sums of rows, or small tensors."""
    makers = [made.get(x) for x in terms]
    if terms[0].array.dtype.kind != "f":
        return None
    for kind, fits in (("product", _is_product), ("rows", _is_sum_of_rows)):
        if all(maker is not None and read[x] == 1 and fits(maker) for x, maker in zip(terms, makers)):
            return kind
    shape = terms[0].array.shape
    small = shape and size(shape) <= SMALL and len(terms) >= MANY_TERMS
    return "small" if small and _are_computed(makers) else None


SMALL, MANY_TERMS = 1 << 10, 8
"""Sums of tensors of so few elements, and so many of them, gain from being computed at once."""


def _is_product(maker: Operation) -> bool:
    a, b = maker.inputs[0], maker.inputs[-1]
    attributes = maker.attributes
    if maker.op.name != "matmul" or not attributes.get("transpose_a") or attributes.get("transpose_b"):
        return False
    return _is_matrix(a) and _is_matrix(b) and a.array.shape[0] <= FEW_ROWS


def _is_sum_of_rows(maker: Operation) -> bool:
    x = maker.inputs[0]
    if maker.op.name != "unbroadcast_like" or not _is_matrix(x) or x.array.shape[0] > FEW_ROWS:
        return False
    return bool(known_shape(maker.output) == x.array.shape[1:])


def _are_computed(makers: Sequence[Operation | None]) -> bool:
    """Whether nearly all terms can be written straight to where they are added up."""
    forms = [form_of(maker) for maker in makers if maker is not None]
    return sum(form is not None and form.elementwise for form in forms) >= len(makers) - 2


class _Sum:
    """Writes a sum of many terms as few operations."""

    def __init__(self, last: Operation, kind: str, terms: Sequence[Tensor], made: Made, joined: Joined) -> None:
        self.last, self.kind, self.terms, self.made, self.joined = last, kind, terms, made, joined
        self.new: list[Operation] = []

    def operations(self) -> list[Operation]:
        """The operations that stand for the last addition."""
        getattr(self, f"_{self.kind}")()
        return self.new

    def _product(self) -> None:
        first = self.made[self.terms[0]]
        self._finish(first, [self._below_each_other(self._factors(0)), self._below_each_other(self._factors(1))])

    def _rows(self) -> None:
        first = self.made[self.terms[0]]
        self._finish(first, [self._below_each_other(self._factors(0)), first.inputs[1]])

    def _small(self) -> None:
        makers = [self.made.get(x) for x in self.terms]
        if all(maker is not None and self._is_plain_product(maker) for maker in makers):
            x, y = (self._side_by_side(self._factors(i)) for i in (0, 1))
            total = self._add(operation_of("multiply", [x, y]))
        else:
            total = self._side_by_side(self.terms)
        self._finish(operation_of("reduce_sum", [total], axis=(0,), keepdims=False), [total])

    def _is_plain_product(self, maker: Operation) -> bool:
        return maker.op.name == "multiply" and _adds_alike(maker)

    def _factors(self, position: int) -> list[Tensor]:
        return [self.made[x].inputs[position] for x in self.terms]

    def _finish(self, like: Operation, inputs: Sequence[Tensor]) -> None:
        self.new.append(like._replace(inputs=inputs, output=self.last.output, where=self.last.where))

    def _below_each_other(self, matrices: Sequence[Tensor]) -> Tensor:
        key = tuple(matrices)
        if key not in self.joined:
            self.joined[key] = self._add(operation_of("concat", matrices, axis=0))
        return self.joined[key]

    def _side_by_side(self, terms: Sequence[Tensor]) -> Tensor:
        shape = terms[0].array.shape
        whole = self._below_each_other(terms)
        return self._add(operation_of("reshape", [whole], shape=(len(terms), *shape)))

    def _add(self, operation: Operation) -> Tensor:
        self.new.append(operation)
        return operation.output  # type: ignore[no-any-return]


Joined = dict[tuple[Tensor, ...], Tensor]
