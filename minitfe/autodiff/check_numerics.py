"""Where a NaN comes from: every result is looked at, and the first that is not finite stops the program.

A NaN spreads: by the time a loss is NaN, all weights are, and nothing tells where it began. With

    tf.debugging.enable_check_numerics()

each kernel is exchanged for one that looks at what it made. The error names the op and the user's line; when a gradient
is being computed, also the op whose gradient it is, with the line that called it. While it is off, nothing is
exchanged, and nothing costs anything.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from inspect import unwrap
from types import CodeType, FrameType
from typing import Any

import numpy as np

from minitfe import devices, dtypes, errors, lines
from minitfe.autodiff.backpropagate import backpropagate
from minitfe.autodiff.explain import noting_lines
from minitfe.devices import Device
from minitfe.graph.graph import Graph
from minitfe.kernel_registry import Kernel
from minitfe.operation import Op, Operation, stop_watching, watch_kernels

_switched_on = ExitStack()
_is_on = False


def enable_check_numerics() -> None:
    """Stops the program at the first op that makes a NaN or an Inf, forward or backward, on any device and thread.

    The op raises InvalidArgumentError. The message names the op and the line that called it; shapes, dtypes, and how
    many elements are not finite; and which inputs were bad already. Inside of a gradient it names the op whose gradient
    was being computed, too. Everything runs slower while this is on. Calling it again changes nothing.

    >>> tf.debugging.enable_check_numerics()
    >>> tf.log([1., 0.])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    minitfe.errors.InvalidArgumentError: Detected Infinity or NaN in output 0 of eagerly-executing op "Log" ...
    >>> tf.debugging.disable_check_numerics()
    """
    global _is_on
    if _is_on:
        return
    _is_on = True
    _switched_on.enter_context(noting_lines())
    _switched_on.callback(stop_watching, _checked)
    watch_kernels(_checked)
    for device in devices.all_devices():  # sums of gradients shall go through the op `add`, and be looked at
        _switched_on.callback(setattr, device, "accumulate", device.accumulate)
        device.accumulate = None


def disable_check_numerics() -> None:
    """Ends what `enable_check_numerics` began.

    >>> tf.debugging.disable_check_numerics()
    """
    global _is_on
    _switched_on.close()
    _is_on = False


def _checked(op: Op, device: Device, kernel: Kernel) -> Kernel:
    """A kernel that looks at its results."""

    def run(*arrays: Any, **attributes: Any) -> Any:
        result = kernel(*arrays, **attributes)
        outputs = result if op.several else (result,)
        for i, output in enumerate(outputs):
            value = _floats(output, device)
            if value is not None and not np.isfinite(value).all():
                inputs = () if arrays and arrays[0] is device.handle else arrays
                raise errors.InvalidArgumentError(_complaint(op, device, inputs, attributes, i, value))
        return result

    return run


def _floats(array: Any, device: Device) -> np.ndarray[Any, Any] | None:
    """An array of floating point numbers, brought to numpy; None for others."""
    return np.asarray(device.package.to_numpy(array)) if array.dtype.kind in "fc" else None


# ------------------------------------------------------------------------------------------------------- the complaint


def _complaint(
    op: Op,
    device: Device,
    inputs: Sequence[Any],
    attributes: Mapping[str, Any],
    output: int,
    value: np.ndarray[Any, Any],
) -> str:
    """TensorFlow's words, then what was made of what, where."""
    settings = ", ".join(f"{key}={value!r}" for key, value in attributes.items())
    first = [int(i) for i in np.argwhere(~np.isfinite(value))[0]]
    at = f", the first at {first}" if first else ""
    return (
        f'Detected Infinity or NaN in output {output} of eagerly-executing op "{op.tensorflow_name}"'
        f" [Op:{op.tensorflow_name}]. {op.name}({settings}) on {device}{_called()} returned {_counted(value)} in"
        f" {_kind(value)}{at}. {_about_inputs(inputs, device)}{_about_gradient()}"
    )


def _kind(value: Any) -> str:
    return f"{dtypes.from_numpy(value.dtype).name} {tuple(value.shape)}"


def _counted(value: np.ndarray[Any, Any]) -> str:
    """How many elements are not finite: ``2 NaN and 1 Inf among 6 elements``."""
    counts = {"NaN": int(np.isnan(value).sum()), "Inf": int(np.isinf(value).sum())}
    found = " and ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f"{found} among {value.size} element{'s' if value.size != 1 else ''}"


def _about_inputs(inputs: Sequence[Any], device: Device) -> str:
    """Says whether the op made it, or was given it."""
    floats = [(i, value) for i, x in enumerate(inputs) if (value := _floats(x, device)) is not None]
    bad = [f"input {i} had {_counted(value)}" for i, value in floats if not np.isfinite(value).all()]
    if bad:
        return (
            f"It was given that: {' and '.join(bad)} already. Since all ops are looked at, that came from outside of"
            " them: from data, from a constant, or from a variable."
        )
    given = [f"input {i}, {_kind(value)}{_range(value)}" for i, value in floats]
    return f"What it was given was finite: {'; '.join(given)}." if given else "It was given no floating point numbers."


def _range(value: np.ndarray[Any, Any]) -> str:
    """The smallest and the largest element."""
    if not value.size or value.dtype.kind == "c":
        return ""
    return f" from {value.min():.6g} to {value.max():.6g}" if value.size > 1 else f" = {value.reshape(())[()]:.6g}"


def _called() -> str:
    """The line that called the op; while a graph runs, the one that was traced."""
    traced = _operation_in(_GRAPH_RUN)
    where = traced.where if traced else lines.user_line()
    return f", called at {lines.quoted(where)}," if where else ""


def _about_gradient() -> str:
    """Whether a gradient is being computed, and that of which operation."""
    operation = _operation_in(_WALK)
    if operation is None:
        return ""
    where = f", which was called at {lines.quoted(operation.where)}" if operation.where else ""
    return f" This was while computing the gradient of {operation.op.name}{where}."


def _operation_in(code: CodeType) -> Operation | None:
    """The operation that a function is at, if that function is among the callers.

    It is read off the call stack: neither the walker nor a graph tells anybody where it is, which would cost time when
    nobody asks.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame.f_locals.get("operation") if frame is not None else None


_WALK = unwrap(backpropagate).__code__
_GRAPH_RUN = Graph.compute.__code__
