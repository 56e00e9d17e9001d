"""The door: every op passes through `execute`.

    user code ─► ops.multiply(x, y) ─► execute(multiply, …) ─► kernels of x's device ─► Tensor
                                            └─► Operation ─► tapes / graph ─► backpropagate ─► gradient rules ─► ops …

The public functions in ``minitfe.ops`` turn what people give them into tensors that agree in dtype. `execute` then
asks who listens (``minitfe.context``): an interpreter takes the op over; otherwise the kernel of the device runs now,
and each active tape that watches one of the inputs records the operation. That is all that eager execution is.

This is the hottest code of the project: every small op pays for each line here.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from minitfe import context, devices, errors, shapes
from minitfe.context import get_listeners
from minitfe.devices import Device
from minitfe.operation import Op, Operation, register
from minitfe.tensor import Tensor

NO_ATTRIBUTES: dict[str, Any] = {}

new_tensor = object.__new__  # a Tensor without a call of its __init__: `execute` sets what that would set
new_operation = tuple.__new__  # what Operation(...) does, in a third of its time


def execute(op: Op, inputs: Sequence[Tensor], attributes: Mapping[str, Any] = NO_ATTRIBUTES) -> Any:
    """Applies an op to tensors: runs its kernel now, or hands it to the interpreter that listens.

    Args:
        op: what to do.
        inputs: at least one tensor; ops without inputs go through `execute_source`.
        attributes: the op's settings.

    Returns:
        The output tensor, or a tuple of them for an op with several.

    Raises:
        InvalidArgumentError: where the kernel cannot compute this; the message names op, shapes, dtypes and device.
    """
    listeners = get_listeners()
    if listeners.interpreter is not None:
        return listeners.interpreter.execute(op, inputs, attributes)
    device = listeners.device or inputs[0].home
    try:
        if not attributes and len(inputs) == 2:  # most calls by far; the general form below takes half as long again
            x, y = inputs
            if x.home is not device or y.home is not device:
                return execute_in_one_place(op, inputs, attributes, device)
            array = op.kernels[device][x.array.dtype](x.array, y.array)
        elif not attributes and len(inputs) == 1:
            (x,) = inputs
            if x.home is not device:
                return execute_in_one_place(op, inputs, attributes, device)
            array = op.kernels[device][x.array.dtype](x.array)
        else:
            for x in inputs:
                if x.home is not device:
                    return execute_in_one_place(op, inputs, attributes, device)
            array = op.kernels[device][inputs[0].array.dtype](*[x.array for x in inputs], **attributes)
    except Exception as error:
        raise failure(op, inputs, attributes, device, error) from None
    if op.several:
        output: Any = tuple([Tensor(part, device) for part in array])
    else:
        output = new_tensor(Tensor)
        output.array, output.home = array, device
    for tape in listeners.tapes:
        watched = tape.watched
        for x in inputs:
            if x in watched:
                tape.record(new_operation(Operation, (op, inputs, attributes, output, None)))
                break
    return output


def execute_source(op: Op, attributes: Mapping[str, Any], device: Device | None = None) -> Any:
    """Applies an op that has no inputs, such as `zeros`: a place must be chosen for it, and no tape can care.

    The attribute dtype, which all such ops have, chooses the kernel. The kernel is given the device's handle, to know
    where it shall make its array.
    """
    listeners = get_listeners()
    if listeners.interpreter is not None:
        return listeners.interpreter.execute(op, (), attributes)
    device = device or listeners.device or devices.default()
    kernel = op.kernels[device][attributes["dtype"].numpy]
    try:
        return Tensor(kernel(device.handle, **attributes), device)
    except Exception as error:
        raise failure(op, (), attributes, device, error) from None


def failure(
    op: Op, inputs: Sequence[Tensor], attributes: Mapping[str, Any], device: Any, error: Exception
) -> Exception:
    """Turns what a kernel raised into a named error. The shape rule, if it objects too, knows the better words."""
    if isinstance(error, (errors.OpError, Warning)):  # a warning comes here where the user asked for them as errors
        return error
    if isinstance(error, MemoryError):
        return errors.ResourceExhaustedError(errors.describe_failure(op, inputs, attributes, device, error))
    try:
        op.infer(inputs, attributes)
    except errors.ShapeError as explained:
        error = explained.with_traceback(None)  # its frames hold `error`: a reference cycle
    except Exception:
        pass  # the rule trips over the same input as the kernel, whose words will do
    if isinstance(error, (ValueError, IndexError, OverflowError)):
        return errors.InvalidArgumentError(errors.describe_failure(op, inputs, attributes, device, error))
    message = errors.describe_failure(op, inputs, attributes, device, error)
    if type(error) is RuntimeError:  # the device itself failed, and the kernel package says how
        return errors.InternalError(message)
    return errors.InternalError(
        f"The kernel {op.name!r} of the package {device.package_name!r} raised {type(error).__name__},"
        f" where kernels may raise ValueError, IndexError, MemoryError and RuntimeError only: {message}"
    )


# ------------------------------------------------------------------------------------------------ between devices


def execute_in_one_place(op: Op, inputs: Sequence[Tensor], attributes: Mapping[str, Any], device: Device) -> Any:
    """Applies an op to tensors of which one is not on the device. Strings never leave the CPU, so the op goes there."""
    for x in inputs:
        op.kernels[x.home]  # which refuses a tensor of a graph: it has no value here
    if device is not devices.cpu() and any(x.array.dtype.kind == "O" for x in inputs):
        with context.listening(device=devices.cpu()):
            return execute(op, inputs, attributes)
    return execute(op, place(op, inputs, device), attributes)


def place(op: Op, inputs: Sequence[Tensor], device: Device) -> list[Tensor]:
    """Brings the inputs of an op together on one device: the scope's, or else an accelerator that one of them is on.

    Raises:
        InvalidArgumentError: where the device policy is EXPLICIT and an input lies elsewhere.
    """
    if get_listeners().device is None:
        device = next((x.home for x in inputs if x.home.type != "CPU"), device)
    stranger = next(x for x in inputs if x.home is not device)
    policy = context.device_policy()
    if policy != context.DEVICE_PLACEMENT_SILENT:
        complaint = (
            f"{op.name} runs on {device}, but its input {errors.describe_operands((stranger,))} lies on {stranger.home}"
        )
        if policy == context.DEVICE_PLACEMENT_EXPLICIT:
            raise errors.InvalidArgumentError(
                f"Tensors on conflicting devices: {complaint}; copy it with x.gpu() or x.cpu(), or allow copies with"
                " tfe.DEVICE_PLACEMENT_SILENT."
            )
        warnings.warn(f"{complaint} and is copied", RuntimeWarning, stacklevel=5)
    return [copy_to(x, device) for x in inputs]


copy_op = register(Op("copy", shape=shapes.same, holomorphic=False))


def copy_to(x: Tensor, device: Device) -> Tensor:
    """Returns the tensor itself if it is on the device, and else a copy there, which tapes take note of."""
    if x.home is device:
        return x
    output = Tensor(devices.copy_array(x.array, x.home, device), device)
    for tape in get_listeners().tapes:
        if x in tape.watched:
            tape.record(Operation(copy_op, (x,), {"device": device}, output))
    return output


@copy_op.gradient(0)
def copy_dx(g: Tensor, x: Tensor, output: Tensor, device: Device) -> Tensor:
    """A copy has slope 1; its gradient belongs where the original is."""
    return copy_to(g, x.home)
