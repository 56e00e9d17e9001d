"""Plans: a program as Python source, written once and run many times.

To run a graph operation by operation costs a look into dictionaries, a walk through the door and a new array for each.
A plan has settled all of that beforehand. It is a straight line of calls of numpy's functions, on arrays that exist:

    def make():
        b0 = empty(1280, 'u1')
        v2 = ndarray((32, 10), 'float32', b0)
        def run(x0):
            v1 = h1.array
            matmul(x0, v1, v2)
            ...
            return v9,
        return run

`make` makes the memory, and a function `run` that works in it. Two threads cannot share it, nor can a function that
calls itself: each call takes a free `run`, or makes another one, and puts it back when it is done. The source is
compiled once. ``function.plan_source()`` shows it.

A plan works on numpy arrays. It serves where all that goes in lies on the CPU; for other places there is `device_plan`.
It says what eager execution says, and raises the same errors: each line knows its operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minitfe import devices, errors
from minitfe.context import get_listeners, listening
from minitfe.execute import failure
from minitfe.graph.plan_source import calls_python, write_source
from minitfe.graph.program import Program
from minitfe.operation import Operation
from minitfe.profiling import clock
from minitfe.tensor import Tensor

Run = Callable[..., Sequence[Any]]


class Plan:
    """A program, compiled.

    Attributes:
        program: what it does.
        source: how.
    """

    def __init__(self, program: Program, timed: bool = False) -> None:
        self.program = program
        self.source, self._lines, self._names = write_source(program, timed)
        self._code = compile(self.source, FILE, "exec")
        self._free: list[Run] = []
        self._calls_python = any(map(calls_python, program.operations))
        self._makes_tensors = any(not operation.inputs for operation in program.operations)
        self._timed: Plan | None = None
        self._is_on_cpu = all(x.home is devices.cpu() for x in _tensors_from_elsewhere(program))

    def serves(self, inputs: Sequence[Tensor]) -> bool:
        """Whether all is on the CPU: inputs, variables, constants, and what is made here."""
        cpu = devices.cpu()
        device = get_listeners().device
        if not self._is_on_cpu or (device is not None and device is not cpu):
            return False
        for x in inputs:
            if x.home is not cpu:
                return False
        return device is cpu or not self._makes_tensors or devices.default() is cpu

    def run(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """Runs the program and returns the outputs: tensors of their own."""
        arrays = [x.array for x in inputs]
        try:
            run = self._free.pop()
        except IndexError:
            run = self._make()
        try:
            if self._calls_python:
                with listening(interpreter=None, tapes=()):
                    results = run(*arrays)
            else:
                results = run(*arrays)
        except Exception as error:
            explained = self._explained(error)
            raise explained from explained.__cause__
        finally:
            self._free.append(run)
        cpu = devices.cpu()
        return [Tensor(array, cpu) for array in results]

    def run_timed(self, inputs: Sequence[Tensor], name: str) -> list[Tensor]:
        """The same, with the clock read around each step.

        Args:
            name: what the call shall be known as.
        """
        timed = self._timed
        if timed is None:
            with clock.aside():
                timed = self._timed = Plan(self.program, timed=True)
            clock.when_off(self._forget_timed)  # its buffers are as large as ours
        with clock.during(clock.CALL, name):
            return timed.run(inputs)

    def _forget_timed(self) -> None:
        self._timed = None

    def _make(self) -> Run:
        names = dict(self._names)
        exec(self._code, names)
        return names["make"]()  # type: ignore[no-any-return]

    def _explained(self, error: Exception) -> Exception:
        """The error that the operation would have raised in eager execution."""
        operation = self._operation_at(error)
        if operation is not None and not calls_python(operation):
            error = failure(operation.op, operation.inputs, operation.attributes, devices.cpu(), error)
        if isinstance(error, errors.OpError) and error.op is None:
            error.op = operation
        return error

    def _operation_at(self, error: Exception) -> Operation | None:
        """The operation whose line raised."""
        traceback, number = error.__traceback__, 0
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == FILE:
                number = traceback.tb_lineno
                break
            traceback = traceback.tb_next
        return self._lines[number - 1].operation if number else None


FILE = "<plan>"


def _tensors_from_elsewhere(program: Program) -> list[Tensor]:
    """Handles and constants: what operations read that is not of the program."""
    own = {*program.inputs, *(y for operation in program.operations for y in operation.outputs)}
    read = [x for operation in program.operations for x in operation.inputs] + list(program.outputs)
    return list(dict.fromkeys(x for x in read if x not in own))
