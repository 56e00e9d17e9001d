"""Early assignments: a variable gets its new value as soon as that can be computed.

A training step computes the gradients of all its variables, and then the new values. Until then all gradients are kept.
This pass moves an assignment, with what is computed for it alone, up to where its gradient is done, so that only one
gradient needs memory at a time.

Assignments to different variables may change places; readings and assignments of one variable keep their order. Nothing
moves past a call of a Python function, or past an operation that may refuse the values it gets: where that raises an
error, the variables are to be what they would have been.
"""

from __future__ import annotations

from minitfe.graph.forms import NEW, VIEWS, form_of
from minitfe.graph.program import Program, is_pure, uses
from minitfe.operation import Operation
from minitfe.tensor import Tensor


def early_assignments(program: Program) -> Program:
    """Moves assignments, and what is computed for them alone, up."""
    if not any(_assigns(operation) for operation in program.operations):
        return program
    order: list[Operation] = []
    for stretch in _stretches(program):
        order += _moved(stretch, _for_one_assignment(program, stretch))
    return program._replace(operations=order)


def _assigns(operation: Operation) -> bool:
    return operation.op.name == "assign_variable"


def _stretches(program: Program) -> list[list[Operation]]:
    """The operations, cut at those that nothing may move past."""
    stretches: list[list[Operation]] = [[]]
    for operation in program.operations:
        stretches[-1].append(operation)
        if not _assigns(operation) and not _never_fails(operation):
            stretches.append([])
    return stretches


def _never_fails(operation: Operation) -> bool:
    """Whether the shapes, which were checked when it was traced, are all that could be wrong with it."""
    name = operation.op.name
    if not is_pure(operation) or name == "sparse_softmax_cross_entropy_with_logits":
        return False
    return (
        name in ("read_variable", "expand_mean_like") or name in VIEWS or name in NEW or form_of(operation) is not None
    )


CHEAP = {"add", "subtract", "multiply", "realdiv", "square", "sqrt", "negative", "read_variable", "maximum", "rsqrt"}
"""What update rules are made of."""


def _for_one_assignment(program: Program, stretch: list[Operation]) -> set[int]:
    """Which operations are assignments, or steps towards assignments and nothing else: their ids."""
    left = uses(program)
    found = set()
    for operation in reversed(stretch):
        if _assigns(operation) or (operation.op.name in CHEAP and left[operation.output] == 0):
            found.add(id(operation))
            left.subtract(operation.inputs)
    return found


def _moved(stretch: list[Operation], early: set[int]) -> list[Operation]:
    """The rest in its order, and each early operation as soon as those that it needs are there."""
    missing, needed_by = _needs(stretch)
    order: dict[int, Operation] = {}
    for operation in stretch:
        ready = [operation]
        while ready:
            now = ready.pop()
            if id(now) in order:
                continue
            order[id(now)] = now
            for later in needed_by.get(id(now), ()):
                missing[id(later)] -= 1
                if not missing[id(later)] and id(later) in early:
                    ready.append(later)
    return list(order.values())


def _needs(stretch: list[Operation]) -> tuple[dict[int, int], dict[int, list[Operation]]]:
    """How many operations each must wait for, and which wait for each."""
    missing: dict[int, int] = {}
    needed_by: dict[int, list[Operation]] = {}
    made: dict[Tensor, Operation] = {}
    touched: dict[Tensor, list[Operation]] = {}  # the latest assignment of a variable, and readings since
    for operation in stretch:
        before = {id(made[x]): made[x] for x in operation.inputs if x in made}
        if _assigns(operation):
            before |= {id(other): other for other in touched.get(operation.inputs[0], ())}
            touched[operation.inputs[0]] = [operation]
        elif operation.op.name == "read_variable":
            earlier = touched.setdefault(operation.inputs[0], [])
            before |= {id(other): other for other in earlier if _assigns(other)}
            earlier.append(operation)
        missing[id(operation)] = len(before)
        for other in before:
            needed_by.setdefault(other, []).append(operation)
        made.update(dict.fromkeys(operation.outputs, operation))
    return missing, needed_by
