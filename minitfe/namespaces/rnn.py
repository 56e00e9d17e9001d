"""Loops over sequences: ``tf.nn.dynamic_rnn``, ``tf.nn.static_rnn`` and their like.

Sequences of one batch may differ in length. Past the end of a sequence the output is zero, and the state stays what it
was at the end. The loops are Python's, for all of these functions, unless a graph does not know how many steps there
are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitfe import control_flow, dtypes, nest
from minitfe.conversion import convert_to_tensor
from minitfe.namespaces.rnn_cell import require_cell
from minitfe.ops import array, comparison, generate, indexing, rearrange
from minitfe.scopes import name_scope
from minitfe.tensor import Tensor, TensorLike


def static_rnn(
    cell: Any,
    inputs: Sequence[TensorLike],
    initial_state: Any = None,
    dtype: Any = None,
    sequence_length: TensorLike = None,
    scope: str | None = None,
) -> tuple[list[Tensor], Any]:
    """Runs a cell over a list of inputs.

    Args:
        cell: one of `tf.nn.rnn_cell`, or one like them.
        inputs: a tensor [batch, features] for each step.
        initial_state: the state to begin with; by default zeros, and dtype must be given.
        dtype: the dtype of such zeros.
        sequence_length: for each example how many steps it has; all by default.
        scope: put before the names of new variables; ``'rnn'`` by default.

    Returns:
        The list of outputs, and the last state.

    Raises:
        TypeError: where the cell is no cell, or the inputs are no list.
        ValueError: where there are no inputs, or neither initial state nor dtype.

    >>> outputs, state = tf.nn.static_rnn(tf.nn.rnn_cell.GRUCell(3), [tf.ones([2, 5])] * 4, dtype=tf.float32)
    >>> len(outputs), state.shape.as_list()
    (4, [2, 3])
    """
    require_cell(cell)
    if not isinstance(inputs, (list, tuple)):
        raise TypeError(f"inputs must be a sequence, a list with a tensor for each step, not {inputs!r}")
    if not inputs:
        raise ValueError("inputs must not be empty")
    xs = [convert_to_tensor(x) for x in inputs]
    return _loop(cell, xs, initial_state, dtype, sequence_length, scope or "rnn")


def dynamic_rnn(
    cell: Any,
    inputs: TensorLike,
    sequence_length: TensorLike = None,
    initial_state: Any = None,
    dtype: Any = None,
    parallel_iterations: Any = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: str | None = None,
) -> tuple[Tensor, Any]:
    """Runs a cell over sequences.

    Args:
        cell: one of `tf.nn.rnn_cell`, or one like them.
        inputs: a tensor [batch, steps, features].
        sequence_length: for each example how many steps it has; all by default.
        initial_state: the state to begin with; by default zeros, and dtype must be given.
        dtype: the dtype of such zeros.
        time_major: whether inputs and outputs are [steps, batch, features].
        scope: put before the names of new variables; ``'rnn'`` by default.
        parallel_iterations, swap_memory: accepted, as in TensorFlow, without effect.

    Returns:
        The outputs [batch, steps, output_size], and the last state.

    Raises:
        TypeError: where the cell is no cell.
        ValueError: where there is neither initial state nor dtype, or a shape does not fit.

    >>> cell = tf.nn.rnn_cell.BasicLSTMCell(3)
    >>> outputs, state = tf.nn.dynamic_rnn(cell, tf.ones([2, 4, 5]), sequence_length=[4, 1], dtype=tf.float32)
    >>> outputs.shape.as_list(), state.h.shape.as_list(), outputs[1, 2].numpy().tolist()
    ([2, 4, 3], [2, 3], [0.0, 0.0, 0.0])
    """
    require_cell(cell)
    x = _sequences(inputs)
    axis = 0 if time_major else 1
    if x.extents[axis] is None:
        return _scanned(cell, x, initial_state, dtype, sequence_length, scope or "rnn", time_major)
    outputs, state = _loop(cell, array.unstack(x, axis=axis), initial_state, dtype, sequence_length, scope or "rnn")
    return nest.map_structure(lambda *steps: array.stack(steps, axis=axis), *outputs), state


def bidirectional_dynamic_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: TensorLike,
    sequence_length: TensorLike = None,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    parallel_iterations: Any = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: str | None = None,
) -> tuple[tuple[Tensor, Tensor], tuple[Any, Any]]:
    """Runs one cell over sequences from their beginning, and another from their end.

    Args:
        cell_fw, cell_bw: the two cells.
        initial_state_fw, initial_state_bw: the states that they begin with.
        inputs: a tensor [batch, steps, features]; this and all other args are those of `dynamic_rnn`.

    Returns:
        The outputs of both, each in the order of the inputs, and the last states of both.

    >>> cells = [tf.nn.rnn_cell.GRUCell(3), tf.nn.rnn_cell.GRUCell(3)]
    >>> (forward, backward), states = tf.nn.bidirectional_dynamic_rnn(*cells, tf.ones([2, 4, 5]), dtype=tf.float32)
    >>> tf.concat([forward, backward], 2).shape.as_list()
    [2, 4, 6]
    """
    require_cell(cell_fw, "cell_fw"), require_cell(cell_bw, "cell_bw")
    x = _sequences(inputs)

    def run(cell: Any, x: Tensor, state: Any, name: str) -> tuple[Any, Any]:
        with name_scope(scope or "bidirectional_rnn"):
            return dynamic_rnn(cell, x, sequence_length, state, dtype, time_major=time_major, scope=name)

    def turned(x: Tensor) -> Tensor:
        if sequence_length is None:
            return rearrange.reverse(x, [0 if time_major else 1])
        return rearrange.reverse_sequence(x, sequence_length, int(not time_major), int(time_major))

    forward, state_fw = run(cell_fw, x, initial_state_fw, "fw")
    backward, state_bw = run(cell_bw, turned(x), initial_state_bw, "bw")
    return (forward, nest.map_structure(turned, backward)), (state_fw, state_bw)


def _sequences(inputs: TensorLike) -> Tensor:
    x = convert_to_tensor(inputs)
    if x.ndim < 3:
        raise ValueError(
            f"Inputs must have at least three axes, batch, steps and features, but have the shape {x.shape}."
        )
    if x.extents is not None and 0 in x.extents[:2]:
        raise ValueError(f"There must be a sequence, and a step in it, but inputs have the shape {x.shape}.")
    return x


def _loop(
    cell: Any, xs: Sequence[Tensor], initial_state: Any, dtype: Any, sequence_length: Any, scope: str
) -> tuple[list[Any], Any]:
    """Returns the outputs of all steps, and the last state."""
    state = _first_state(cell, xs[0], initial_state, dtype)
    lengths = None if sequence_length is None else _lengths(sequence_length, xs[0].extents[0])
    outputs: list[Any] = []
    with name_scope(scope):
        for t, x in enumerate(xs):
            output, state = _step(cell, t, x, state, lengths)
            outputs.append(output)
    return outputs, state


def _step(cell: Any, t: Any, x: Tensor, state: Any, lengths: Tensor | None) -> tuple[Any, Any]:
    """The output of step t, and the state after it."""
    output, new_state = cell(x, state)
    if lengths is None:
        return output, new_state
    zeros = nest.map_structure(array.zeros_like, output)
    return _going_on(lengths, t, output, zeros), _going_on(lengths, t, new_state, state)


def _scanned(
    cell: Any, x: Tensor, initial_state: Any, dtype: Any, sequence_length: Any, scope: str, time_major: bool
) -> tuple[Any, Any]:
    """What `dynamic_rnn` returns, by a loop of the graph."""

    def turned(x: Tensor) -> Tensor:
        return x if time_major else array.transpose(x, [1, 0, *range(2, x.ndim)])

    xs = turned(x)
    state = _first_state(cell, xs[0], initial_state, dtype)
    lengths = None if sequence_length is None else _lengths(sequence_length, xs.extents[1])
    begin = nest.map_structure(lambda size: _zeros(xs[0], size), cell.output_size), state
    with name_scope(scope):
        outputs, states = control_flow.scan(
            lambda before, part: _step(cell, part[0], part[1], before[1], lengths),
            (generate.range(array.cast(array.shape(xs)[0], dtypes.int64)), xs),
            begin,
        )
    return nest.map_structure(turned, outputs), nest.map_structure(lambda s: s[-1], states)


def _zeros(like: Tensor, size: int) -> Tensor:
    """Zeros [batch, size] for a batch [batch, features]."""
    rows = array.shape(like)[0] if like.extents[0] is None else like.extents[0]
    return generate.zeros([rows, size], like.dtype)


def _going_on(lengths: Tensor, t: Any, new: Any, old: Any) -> Any:
    """The new values for the sequences that have a step t, and the old ones for those that are over."""
    going_on = comparison.greater(lengths, t)
    return nest.map_structure(lambda x, y: indexing.where(going_on, x, y), new, old)


def _first_state(cell: Any, x: Tensor, initial_state: Any, dtype: Any) -> Any:
    if initial_state is not None:
        return nest.map_structure(convert_to_tensor, initial_state)
    if dtype is None:
        raise ValueError("If there is no initial_state, you must give a dtype.")
    return cell.zero_state(array.shape(x)[0] if x.extents[0] is None else x.extents[0], dtype)


def _lengths(sequence_length: TensorLike, batch: int | None) -> Tensor:
    lengths = convert_to_tensor(sequence_length)
    if not lengths.dtype.is_integer or lengths.ndim != 1:
        raise ValueError(
            "sequence_length must be a vector of length batch_size, of integers, but saw shape:"
            f" {lengths.shape} and dtype {lengths.dtype.name}"
        )
    if None not in (lengths.extents[0], batch) and lengths.extents[0] != batch:
        raise ValueError(f"sequence_length has {lengths.extents[0]} lengths for a batch of {batch}; give one for each.")
    return array.cast(lengths, dtypes.int64)
