"""Dead code: operations whose results nobody reads are left out.

Read backwards, every use of a tensor comes by before the operation that makes it, so one look is enough. Operations
that do more than compute stay, whether read or not: assignments, calls of Python functions, and random draws, which
would otherwise give the next draw another number.
"""

from __future__ import annotations

from minitfe.graph.program import Program


def dead_code(program: Program) -> Program:
    """Leaves out what has no effect on outputs or variables."""
    needed = set(program.outputs)
    live = []
    for operation in reversed(program.operations):
        if operation.op.stateful or not needed.isdisjoint(operation.outputs):
            live.append(operation)
            needed.update(operation.inputs)
    return program._replace(operations=live[::-1])
