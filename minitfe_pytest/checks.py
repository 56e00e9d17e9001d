"""The tests that the plugin makes: one for a marked function, one for an op."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitfe as tf
from minitfe import nest
from minitfe.coursework.inputs import drawn
from minitfe.extend import SAMPLES, Sample
from minitfe.gradcheck import GradientMismatch, Report, assert_gradients, check_gradients
from minitfe.operation import OPS, Op


def eager_assert_gradients() -> Callable[..., Any]:
    """`assert_gradients`, after eager execution is on."""
    tf.enable_eager_execution()
    return assert_gradients


class GradientTest(pytest.Item):
    """What both kinds share: how a failure is shown."""

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The checker's report, and no traceback through the checker."""
        return (
            str(excinfo.value)
            if isinstance(excinfo.value, GradientMismatch)
            else super().repr_failure(excinfo, "short")
        )


# ---------------------------------------------------------------------------------------------------- marked functions


def marked(collector: Any, name: str, function: Any, marks: list[Any]) -> list[MarkedTest]:
    """A test for each marker of a function."""
    numbers = [f"-{i}" if len(marks) > 1 else "" for i in range(len(marks))]
    return [
        MarkedTest.from_parent(collector, name=f"{name}[gradient{number}]", function=function, mark=mark)
        for number, mark in zip(numbers, marks)
    ]


class MarkedTest(GradientTest):
    """Checks the gradient of a function that is marked with ``pytest.mark.gradcheck``."""

    def __init__(self, *, function: Any, mark: Any, **settings: Any) -> None:
        super().__init__(**settings)
        self.function, self.mark = function, mark

    def runtest(self) -> None:
        """Draws inputs and checks the gradient at each."""
        if not self.mark.args:
            raise ValueError(
                f"The marker of {self.function.__name__} needs inputs, such as pytest.mark.gradcheck(Values((3,)))."
            )
        settings = dict(self.mark.kwargs)
        trials, dtype, seed = settings.pop("trials", 3), settings.pop("dtype", "float64"), settings.get("seed", 0)
        tf.enable_eager_execution()
        for arguments in drawn(self.mark.args, trials, seed, dtype):
            assert_gradients(self.function, *arguments, **settings)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where the function is."""
        function = inspect.unwrap(self.function)
        return self.path, function.__code__.co_firstlineno - 1, self.name


# ----------------------------------------------------------------------------------------------------------------- ops


def of_ops(session: pytest.Session) -> list[OpTest]:
    """A test for each op that is registered."""
    tf.enable_eager_execution()
    samples = samples_by_op()
    return [OpTest.from_parent(session, name=f"gradcheck-ops[{name}]", op=OPS[name], samples=samples.get(name, []))
            for name in sorted(OPS)]  # fmt: skip


def samples_by_op() -> dict[str, list[Sample]]:
    """The samples of each op: those whose public function is the op's, or the first that calls it."""
    found: dict[str, list[Sample]] = {}
    for sample in SAMPLES:
        for name in ops_of(sample):
            found.setdefault(name, []).append(sample)
    return {name: direct(name, samples) for name, samples in found.items()}


def direct(name: str, samples: list[Sample]) -> list[Sample]:
    """The samples whose function is called like the op; where there are none, the first."""
    own = [sample for sample in samples if op_name(sample) == name]
    return own or samples[:1]


def op_name(sample: Sample) -> str:
    """The name of the op that a sample's function is named after."""
    op = getattr(sample.function, "op", None)
    return op.name if isinstance(op, Op) else getattr(sample.function, "__name__", "")


def ops_of(sample: Sample) -> set[str]:
    """The ops that a sample goes through, seen on a tape."""
    if isinstance(op := getattr(sample.function, "op", None), Op):
        return {op.name}
    arrays = [tf.convert_to_tensor(x) for x in sample.draw(1, sample.dtypes[0])]
    with tf.GradientTape() as tape:
        tape.watch([x for x in arrays if x.dtype.is_floating or x.dtype.is_complex])
        sample.function(*arrays, **sample.arguments)  # type: ignore[misc]
    return {operation.op.name for operation in tape.operations}


class OpTest(GradientTest):
    """Checks the gradient of an op, by its samples."""

    def __init__(self, *, op: Op, samples: list[Sample], **settings: Any) -> None:
        super().__init__(**settings)
        self.op, self.samples = op, samples

    def runtest(self) -> None:
        """Checks each of the samples that has something to differentiate by."""
        if not self.samples:
            pytest.skip("the op has no sample in minitfe.extend.SAMPLES")
        checked = [sample for sample in self.samples if is_checkable(sample)]
        if not checked:
            pytest.skip("no input has a gradient that can be checked")
        reports = [report_of(sample) for sample in checked]
        for report in reports:
            if report.verdict == "fail":
                raise GradientMismatch(report)
        undecided = [str(report) for report in reports if report.verdict == "undecided"]
        if undecided:
            pytest.skip(undecided[0])

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """There is no place in a file."""
        return self.path, None, self.name


def is_checkable(sample: Sample) -> bool:
    """Whether it has real inputs with a gradient, and real outputs, that are not empty."""
    arrays, positions = sample.draw(1, "float64"), sample.differentiable()
    if any(x.dtype.kind == "c" for x in arrays) or not sum(arrays[i].size for i in positions):
        return False
    outputs = nest.flatten(called_by(sample, arrays, [])())
    return any(y.dtype.is_floating and np.asarray(y.numpy()).size for y in outputs)


def report_of(sample: Sample, draws: int = 5) -> Report:
    """What the checker says of a sample, at the first of some points where the numbers can decide."""
    for seed in range(1, draws + 1):
        arrays, positions = sample.draw(seed, "float64"), sample.differentiable()
        report = check_gradients(called_by(sample, arrays, positions), *[arrays[i] for i in positions])
        if report.verdict != "undecided":
            break
    return report


def called_by(sample: Sample, arrays: list[Any], positions: list[int]) -> Callable[..., Any]:
    """The sample's function, of those inputs that have a gradient."""

    def function(*differentiable: Any) -> Any:
        tensors: list[Any] = [tf.convert_to_tensor(x) for x in arrays]
        for position, x in zip(positions, differentiable):
            tensors[position] = x
        return sample.function(*tensors, **sample.arguments)  # type: ignore[misc]

    function.__name__ = sample.identifier
    return function
