"""Adding an op from outside: its kernels, its shape rule, its gradient rules and the samples that hold it to them.

    def softsquare_kernel(x):                       # a kernel: numpy arrays in, numpy array out
        return x * x / (1 + x * x)

    softsquare = extend.register_op(
        "softsquare",
        kernels={"numpy": softsquare_kernel},
        shape=shapes.same,
        gradients={0: softsquare_dx},        # a rule, written in ops
        samples=[extend.Sample(inputs=[extend.Values((2, 3))], reference=reference)],
    )

`register_op` returns the public function. Ops that are added so are ops like all others: tapes record them, graphs hold
them, and the sweeps of the test suite, driven by the samples, check value, gradients and graph of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from minitfe import conversion, errors, kernel_registry, operation, shapes
from minitfe.execute import execute
from minitfe.operation import Op
from minitfe.tensor import Tensor

__all__ = ["SAMPLES", "Sample", "Values", "register_op", "shapes", "unregister_op"]


@dataclass(frozen=True)
class Values:
    """What an input of a sample may be: its shape, and where its numbers come from.

    Args:
        shape: its shape.
        low, high: the interval that numbers are drawn from, uniformly.
        away_from: points that numbers keep a distance of 0.1 from: kinks and poles, where a finite difference says
            nothing.
        dtype: "float" for the floating dtype that is being swept; or the name of a dtype, for inputs that always have
            it.
        distinct: whether all numbers differ by at least 0.1 or so, for ops that compare elements with each other.
        make: draws the array instead, as ``make(generator)``, for inputs with a structure, such as a positive definite
            matrix.
    """

    shape: tuple[int, ...] = ()
    low: float = -2.0
    high: float = 2.0
    away_from: tuple[float, ...] = ()
    dtype: str = "float"
    distinct: bool = False
    make: Callable[[np.random.Generator], Any] | None = None

    def draw(self, generator: np.random.Generator, floating: str) -> np.ndarray[Any, Any]:
        """Draws an array; `floating` is the dtype that "float" stands for."""
        dtype = np.dtype(floating if self.dtype == "float" else self.dtype)
        if self.make is not None:
            return np.asarray(self.make(generator)).astype(dtype)
        if dtype.kind == "b":
            return generator.integers(0, 2, self.shape).astype(bool)
        if dtype.kind in "iu":
            return generator.integers(int(self.low), int(self.high) + 1, self.shape).astype(dtype)
        numbers = self._real(generator)
        if dtype.kind == "c":
            numbers = numbers + 1j * self._real(generator)
        return numbers.astype(dtype)

    def _real(self, generator: np.random.Generator) -> np.ndarray[Any, Any]:
        if self.distinct:
            count = int(np.prod(self.shape, dtype=int))
            return generator.permutation(np.linspace(self.low, self.high, count)).reshape(self.shape)
        numbers = np.asarray(generator.uniform(self.low, self.high, self.shape))
        for point in self.away_from:
            side = np.where(numbers >= point, 1.0, -1.0)
            numbers = np.where(np.abs(numbers - point) < 0.1, point + 0.1 * side + (numbers - point), numbers)
        return numbers


@dataclass(frozen=True)
class Sample:
    """One way of calling an op, and what must come out.

    Args:
        function: the public function; it is called as ``function(*inputs, **arguments)``. Left out in `register_op`.
        inputs: what its tensors may be.
        arguments: its settings.
        reference: computes what must come out, as ``reference(*arrays, **arguments)``, written independently of the
            kernel.
        name: tells it from the op's other samples.
        elementwise: whether inputs of any shapes that broadcast against each other will do.
        dtypes: the dtypes that "float" stands for in turn. Values are checked in all of them, gradients in float64 and
            float32.
        gradient: the numbers of the inputs that have a gradient; by default all that are floating or complex.
        second_order: whether the second derivative is checked too.
        sizes_known: whether a graph must know the sizes of its inputs to hold it, as `unstack` must.
        sizes_from_values: whether the output's sizes depend on values, as those of `unique` do, so that no graph knows
            them.
        tolerance: multiplies the tolerances, for ops that lose digits by nature.
    """

    function: Callable[..., Any] | None = None
    inputs: Sequence[Values] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    reference: Callable[..., Any] | None = None
    name: str = ""
    elementwise: bool = False
    dtypes: Sequence[str] = ("float64", "float32")
    gradient: Sequence[int] | None = None
    second_order: bool = True
    sizes_known: bool = False
    sizes_from_values: bool = False
    tolerance: float = 1.0

    @property
    def identifier(self) -> str:
        """What the sample is called in test reports."""
        function = getattr(self.function, "__name__", "op")
        return f"{function}-{self.name}" if self.name else function

    def differentiable(self) -> list[int]:
        """The numbers of the inputs whose gradients are checked."""
        if self.gradient is not None:
            return list(self.gradient)
        return [
            i for i, values in enumerate(self.inputs) if values.dtype == "float" or np.dtype(values.dtype).kind in "fc"
        ]

    def draw(
        self, seed: int, floating: str, shapes_: Sequence[tuple[int, ...]] | None = None
    ) -> list[np.ndarray[Any, Any]]:
        """Draws the inputs; an elementwise sample may be given other shapes."""
        generator = np.random.default_rng(seed)
        values = self.inputs if shapes_ is None else [replace(v, shape=s) for v, s in zip(self.inputs, shapes_)]
        return [v.draw(generator, floating) for v in values]


SAMPLES: list[Sample] = []
"""The op-sample table: everything that the sweeps go through."""


def register_op(
    name: str,
    *,
    kernels: Mapping[str, Callable[..., Any]],
    shape: Callable[..., Any],
    gradients: Mapping[int, Callable[..., Any]] | None = None,
    whole_gradient: Callable[..., Any] | None = None,
    no_gradient: str | None = None,
    samples: Sequence[Sample] = (),
    **settings: Any,
) -> Callable[..., Any]:
    """Adds an op and returns its public function, ``f(*tensors, name=None, **attributes)``.

    Args:
        name: the op's name, which no other op has.
        kernels: a kernel for each kernel package, by the package's name. The CPU's, "numpy", must be there: other
            devices fall back on it.
        shape: the shape rule: ``shape(*extents, **attributes) -> extents``; `minitfe.extend.shapes` has common ones.
        gradients: for each input number a rule: ``rule(g, *inputs, output, **attributes)``, written in ops.
        whole_gradient: one rule for all inputs instead: ``rule(operation, gs)``.
        no_gradient: why there is no gradient, where there is none.
        samples: ways to call it; the sweeps of the test suite check each.
        settings: dtype, accepts, broadcasts, several and others, as for `minitfe.operation.Op`.

    Raises:
        InvalidArgumentError: where a part is missing. Nothing is registered then.
        AlreadyExistsError: where there is an op of that name.
    """
    if "numpy" not in kernels:
        raise errors.InvalidArgumentError(
            f"The op {name!r} needs a kernel for 'numpy': other kernel packages fall back on it."
        )
    if not gradients and whole_gradient is None and no_gradient is None:
        raise errors.InvalidArgumentError(
            f"The op {name!r} has no gradient rule. Give gradients= or whole_gradient=,"
            " or say why there is none: no_gradient='…'."
        )
    op = operation.register(Op(name, shape=shape, **settings))
    for package, kernel in kernels.items():
        kernel_registry.register_kernel(package, name, kernel)
    for position, rule in (gradients or {}).items():
        op.gradient(position)(rule)
    op.whole = whole_gradient
    if no_gradient is not None:
        op.no_gradient(no_gradient)
    function = _public_function(op)
    SAMPLES.extend(replace(sample, function=function) for sample in samples)
    return function


def unregister_op(name: str) -> None:
    """Takes an op away again, with its kernels and samples: for tests, and for notebooks that define one anew."""
    op = operation.OPS.pop(name, None)
    kernel_registry.forget_kernels(name)
    SAMPLES[:] = [sample for sample in SAMPLES if op is None or getattr(sample.function, "op", None) is not op]


def _public_function(op: Op) -> Callable[..., Any]:
    def call(*inputs: Any, name: str | None = None, **attributes: Any) -> Tensor:
        return execute(op, conversion.agree(op, inputs), attributes)  # type: ignore[no-any-return]

    call.__name__ = call.__qualname__ = op.name
    call.__doc__ = f"The op {op.name!r}, added through minitfe.extend."
    call.op = op  # type: ignore[attr-defined]
    return call
