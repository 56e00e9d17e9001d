"""`py_func`: Python functions as operations, so that a graph calls them each time it runs.

There are two. ``tfe.py_func`` hands its function eager tensors, and what that does with them can be differentiated, in
a graph as well as outside of one. ``tf.py_func`` hands its function numpy arrays. What happens to these no tape can
see, so the way back ends there.

In eager execution both call their function at once. In a graph they are an operation: ``tfe.py_func`` an `eager_call`,
which keeps a tape, and ``tf.py_func`` one of the ops below. A function that a graph calls may be anywhere in a long
run, so what it raises comes out as one of the named errors, with the function's name and line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minitfe import dtypes, errors, shapes
from minitfe.context import executing_eagerly, get_listeners
from minitfe.conversion import convert_to_tensor
from minitfe.dtypes import DType
from minitfe.execute import execute
from minitfe.graph.eager_calls import CallOp, Specification, eager_call
from minitfe.operation import Operation
from minitfe.tensor import Tensor
from minitfe.variable import Variable

NAMED_ERRORS = (
    ((ValueError, TypeError), errors.InvalidArgumentError),
    (StopIteration, errors.OutOfRangeError),
    (MemoryError, errors.ResourceExhaustedError),
    (NotImplementedError, errors.UnimplementedError),
    (Exception, errors.UnknownError),
)
"""What comes out of a graph for what a function of Python's raised: the first that fits."""

_NO_GRADIENT = "its function works on numpy arrays, which no tape sees; tfe.py_func has a function of tensors"

_DONE: Specification = (dtypes.string, ())  # an output for a function that returns nothing


# ------------------------------------------------------------------------------------------------- functions of tensors


def eager_py_func(func: Callable[..., Any], inp: Sequence[Any], Tout: Any, name: str | None = None) -> Any:
    """Calls a function of eager tensors, at once or each time the graph runs. It can be differentiated, to any order.

    Eager execution is on inside of it, so it may print values and decide by them. In a graph, gradients go to the
    tensors in `inp`, and not to variables that the function reads by itself.

    Args:
        func: takes a tensor for each of `inp`, and returns a tensor, array or number, a list of them, or None.
        inp: a list of tensors.
        Tout: the dtype of what func returns; a list of dtypes for several; an empty list for none.
        name: has no effect.

    Returns:
        A tensor; a list of them where Tout is a list; where that is empty, None, or the operation if there is one.

    Raises:
        InvalidArgumentError: where func raises ValueError or TypeError, or returns something else than Tout says.
        UnknownError: where func raises something else, or returns a variable. But StopIteration becomes
            OutOfRangeError, MemoryError ResourceExhaustedError, and NotImplementedError UnimplementedError.

    >>> def halve(x):
    ...     while tf.reduce_sum(x) > 1.0:
    ...         x = x / 2.0
    ...     return x
    >>> tfe.py_func(halve, [tf.constant([3.0, 1.0])], tf.float32).numpy()
    array([0.75, 0.25], dtype=float32)

    TensorFlow: tf.contrib.eager.py_func.
    """
    inputs, wanted = _tensors(func, inp, "EagerPyFunc"), _dtypes(Tout)

    def call(*tensors: Tensor) -> list[Tensor]:
        return _called(func, tensors, wanted, _no_variable)

    if executing_eagerly():
        return _packed(call(*inputs), Tout)
    return _packed_symbols(eager_call(lambda *x: call(*x) or [_nothing()], inputs, _specifications(wanted)), Tout)


def _no_variable(value: Any, dtype: DType) -> Tensor:
    if isinstance(value, Variable):
        raise errors.UnknownError(
            "RuntimeError: Attempting to return a variable from an eagerly executed py_func. Only numeric data"
            " structures like Tensors or NumPy arrays should be returned; to return the value of a variable, make sure"
            " to obtain the Tensor backing it by calling `.read_value()` on the variable in question:"
            f" {value!r}"
        )
    return convert_to_tensor(value, dtype=dtype)


# -------------------------------------------------------------------------------------------------- functions of arrays


def py_func(
    func: Callable[..., Any], inp: Sequence[Any], Tout: Any, stateful: bool = True, name: str | None = None
) -> Any:
    """Calls a function of numpy arrays, at once or each time the graph runs. It has no gradient.

    Args:
        func: takes an array for each of `inp` (numpy's scalar for a tensor without axes), and returns an array or
            number, a list of them, or None.
        inp: a list of tensors.
        Tout: the dtype of what func returns; a list of dtypes for several; an empty list for none.
        stateful: whether func does more than compute. If not, a graph leaves out a call whose result nobody reads.
        name: has no effect.

    Returns:
        A tensor; a list of them where Tout is a list; where that is empty, None, or the operation if there is one.

    Raises:
        InvalidArgumentError: where func returns something else than Tout says. In eager execution, what func raises
            comes out as it is; from a graph it comes as with ``tfe.py_func``.

    >>> tf.py_func(np.sinh, [tf.constant([0.0, 1.0])], tf.float32).numpy()
    array([0.       , 1.1752012], dtype=float32)

    TensorFlow: tf.py_func.
    """
    inputs, wanted = _tensors(func, inp, "PyFunc"), _dtypes(Tout)
    op = py_func_op if stateful else py_func_stateless_op
    attributes = {"function": func, "outputs": _specifications(wanted)}
    if not executing_eagerly():
        return _packed_symbols(execute(op, inputs, attributes), Tout)
    outputs = _checked(func(*[x.numpy() for x in inputs]), func, wanted, convert_to_tensor)
    _tell_tapes(Operation(op, inputs, attributes, tuple(outputs)))
    return _packed(outputs, Tout)


def _call(*inputs: Tensor, function: Callable[..., Any], outputs: Sequence[Specification]) -> list[Tensor]:
    """What the operation of a graph does."""
    wanted = [] if outputs == (_DONE,) else [dtype for dtype, _ in outputs]
    return _called(function, [x.numpy() for x in inputs], wanted, convert_to_tensor) or [_nothing()]


def _tell_tapes(operation: Operation) -> None:
    """Tapes note it, though nothing comes back through it, so that they can say where a gradient ended."""
    for tape in get_listeners().tapes:
        if any(x in tape.watched for x in operation.inputs):
            tape.record(operation)


py_func_op = CallOp("py_func", _call, shape=shapes.same, several=True, stateful=True)
py_func_op.no_gradient(_NO_GRADIENT)

py_func_stateless_op = CallOp("py_func_stateless", _call, shape=shapes.same, several=True)
py_func_stateless_op.no_gradient(_NO_GRADIENT)


# ------------------------------------------------------------------------------------------------------ what goes in


def _tensors(func: Any, inp: Any, op_name: str) -> list[Tensor]:
    if not callable(func):
        raise ValueError(f"py_func expected func to be callable, not {func!r}.")
    if not isinstance(inp, (list, tuple)):
        raise TypeError(f"Expected list for 'input' argument to '{op_name}' Op, not {inp!r}. Write [x] for one tensor.")
    return [convert_to_tensor(x) for x in inp]


def _dtypes(Tout: Any) -> list[DType]:
    return [dtypes.as_dtype(dtype) for dtype in (Tout if isinstance(Tout, (list, tuple)) else [Tout])]


def _specifications(wanted: Sequence[DType]) -> tuple[Specification, ...]:
    return tuple((dtype, None) for dtype in wanted) or (_DONE,)


# ----------------------------------------------------------------------------------------------------- what comes out


def _called(func: Callable[..., Any], arguments: Sequence[Any], wanted: Sequence[DType], convert: Any) -> list[Tensor]:
    """Calls a function, checks what it returns, and gives what it raises a name that graphs know."""
    try:
        result = func(*arguments)
    except Exception as error:
        named = next(named for kinds, named in NAMED_ERRORS if isinstance(error, kinds))
        raise named(f"{type(error).__name__}: {error}. {_name(func)}, called by py_func, raised it.") from error
    return _checked(result, func, wanted, convert)


def _checked(result: Any, func: Callable[..., Any], wanted: Sequence[DType], convert: Any) -> list[Tensor]:
    """What a function returned, as tensors of the dtypes that were announced."""
    if result is None:
        result = []
    results = result if isinstance(result, (list, tuple)) else [result]
    if len(results) != len(wanted):
        raise errors.InvalidArgumentError(
            f"{_name(func)} returns {len(results)} values, but expects to see {len(wanted)} values."
            " Let Tout have one dtype for each value that the function returns."
        )
    return [_as_announced(i, value, func, dtype, convert) for i, (value, dtype) in enumerate(zip(results, wanted))]


def _as_announced(position: int, value: Any, func: Callable[..., Any], dtype: DType, convert: Any) -> Tensor:
    try:
        return convert(value, dtype=dtype)  # type: ignore[no-any-return]
    except (TypeError, ValueError, errors.InvalidArgumentError) as error:
        raise errors.InvalidArgumentError(
            f"{position}-th value returned by {_name(func)} is {_kind(value)}, but expects {dtype.name}. {error}"
        ) from None


def _kind(value: Any) -> str:
    dtype = getattr(value, "dtype", None)
    return str(getattr(dtype, "name", type(value).__name__))


def _name(func: Callable[..., Any]) -> str:
    return getattr(func, "__name__", type(func).__name__)


def _nothing() -> Tensor:
    return convert_to_tensor(b"")


def _packed(outputs: Sequence[Tensor], Tout: Any) -> Any:
    if not outputs:
        return None
    return list(outputs) if isinstance(Tout, (list, tuple)) else outputs[0]


def _packed_symbols(outputs: Sequence[Tensor], Tout: Any) -> Any:
    """The same in a graph. One for a session has operations, which can be run even if nothing comes out of them."""
    is_empty = isinstance(Tout, (list, tuple)) and not Tout
    return getattr(outputs[0], "op", None) if is_empty else _packed(outputs, Tout)
