"""``tf.nn.rnn_cell``: the cells of recurrent networks, as TensorFlow had them before Keras.

A cell is called with the input of a step and its state, and returns its output and the new state:

    cell = tf.nn.rnn_cell.BasicLSTMCell(128)
    state = cell.zero_state(batch_size, tf.float32)
    for x in sequence:
        output, state = cell(x, state)

``tf.nn.dynamic_rnn`` is that loop. In the equations x is the input, h the output of the step before, [x, h] the two
side by side, W the kernel and b the bias.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from minitfe import context, initializers, nest
from minitfe.keras import activations
from minitfe.keras.engine.layer import Layer
from minitfe.keras.layers.core import last_size, positive, require_floating
from minitfe.missing import explain as _explain
from minitfe.ops import arguments, array, clipping, elementary, generate, late, linalg, math, nn, special
from minitfe.scopes import name_scope
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor

__all__ = [
    "BasicLSTMCell",
    "BasicRNNCell",
    "DeviceWrapper",
    "DropoutWrapper",
    "GRUCell",
    "LSTMCell",
    "LSTMStateTuple",
    "MultiRNNCell",
    "RNNCell",
    "ResidualWrapper",
]


class LSTMStateTuple(NamedTuple):
    """The state of an LSTM: the cell's memory c, and h, its last output.

    TensorFlow: tf.nn.rnn_cell.LSTMStateTuple.
    """

    c: Any
    h: Any

    @property
    def dtype(self) -> Any:
        """The dtype of both."""
        return self.c.dtype


class RNNCell(Layer):
    """The base of all cells: a layer with a `state_size`, an `output_size`, and ``call(inputs, state)``.

    TensorFlow: tf.nn.rnn_cell.RNNCell.
    """

    _untracked = Layer._untracked | {
        "_affine",
        "_gates",
        "_candidate",
        "_peepholes",
        "_projection",
    }  # saved by their own names

    @property
    def state_size(self) -> Any:
        """The length of the state; a nested structure of lengths, where it has parts."""
        raise NotImplementedError(f"{type(self).__name__} does not say how large its state is: state_size.")

    @property
    def output_size(self) -> int:
        """The length of the output."""
        raise NotImplementedError(f"{type(self).__name__} does not say how large its output is: output_size.")

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        """Takes one step.

        Args:
            inputs: a tensor [batch, features].
            state: what `zero_state` or the step before returned.
            scope: accepted, as in TensorFlow, without effect.

        Returns:
            The output [batch, output_size], and the new state.
        """
        return super().__call__(inputs, state)  # type: ignore[no-any-return]

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Returns a state of zeros, nested as `state_size` is.

        >>> tf.nn.rnn_cell.GRUCell(3).zero_state(2, tf.float32).shape.as_list()
        [2, 3]
        """
        rows = batch_size if late.waits(batch_size) else arguments.integer(batch_size, "batch_size")
        return nest.map_structure(lambda size: generate.zeros([rows, size], dtype), self.state_size)

    def _kernel_and_bias(
        self, rows: int, columns: int, prefix: str = "", bias: Any = "zeros", kernel: Any = None
    ) -> Any:
        """Makes the variables of one matrix product."""
        weights = self.add_weight(f"{prefix}kernel", [rows, columns], None, kernel)
        return weights, self.add_weight(f"{prefix}bias", [columns], None, bias)


def _affine(parts: Sequence[Tensor], weights: Any) -> Tensor:
    """[x, h] W + b"""
    kernel, bias = weights
    return math.add(linalg.matmul(array.concat(list(parts), 1), kernel.read_value()), bias.read_value())


def _activation(given: Any) -> Callable[..., Tensor]:
    return elementary.tanh if given is None else activations.get(given)


class _CellOfUnits(RNNCell):
    """What cells of a number of units share."""

    def __init__(
        self, num_units: int, activation: Any, reuse: Any, name: str | None, dtype: Any, **kwargs: Any
    ) -> None:
        super().__init__(name=name, dtype=dtype, **kwargs)
        self._num_units = positive(num_units, "num_units")
        self._activation = _activation(activation)

    @property
    def state_size(self) -> Any:
        """The number of units."""
        return self._num_units

    @property
    def output_size(self) -> int:
        """The number of units."""
        return self._num_units

    def _rows(self, input_shape: Any, size: int) -> int:
        """How many rows the kernel has: one for each number in [x, h]."""
        require_floating(self)
        return last_size(input_shape, type(self).__name__) + size


class BasicRNNCell(_CellOfUnits):
    """A plain recurrent network: h' = φ([x, h] W + b).

    Args:
        num_units: the length of h.
        activation: φ, tanh by default.
        reuse: accepted, as in TensorFlow, without effect.

    TensorFlow: tf.nn.rnn_cell.BasicRNNCell.
    """

    def __init__(
        self, num_units: int, activation: Any = None, reuse: Any = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(num_units, activation, reuse, name, dtype)

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias."""
        self._affine = self._kernel_and_bias(self._rows(input_shape, self._num_units), self._num_units)
        self.built = True

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the output, and itself as the new state."""
        h = self._activation(_affine([inputs, state], self._affine))
        return h, h


class GRUCell(_CellOfUnits):
    """A gated recurrent unit: r, u = σ([x, h] W₁ + b₁), n = φ([x, r h] W₂ + b₂), h' = u h + (1 - u) n.

    Args:
        num_units: the length of h.
        activation: φ, tanh by default.
        kernel_initializer, bias_initializer: what the variables begin with; by default b₁ with ones, b₂ with zeros.
        reuse: accepted, as in TensorFlow, without effect.

    TensorFlow: tf.nn.rnn_cell.GRUCell. Cho et al., arXiv:1406.1078.
    """

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: Any = None,
        kernel_initializer: Any = None,
        bias_initializer: Any = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_units, activation, reuse, name, dtype)
        self._kernel_initializer = initializers.get(kernel_initializer)
        self._bias_initializer = initializers.get(bias_initializer)

    def build(self, input_shape: Any) -> None:
        """Makes the kernels and biases of the gates and of the candidate n."""
        rows, units, start = self._rows(input_shape, self._num_units), self._num_units, self._kernel_initializer
        self._gates = self._kernel_and_bias(rows, 2 * units, "gates/", self._bias_initializer or "ones", start)
        self._candidate = self._kernel_and_bias(rows, units, "candidate/", self._bias_initializer or "zeros", start)
        self.built = True

    def call(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the output, and itself as the new state."""
        r, u = array.split(special.sigmoid(_affine([inputs, state], self._gates)), 2, 1)
        n = self._activation(_affine([inputs, r * state], self._candidate))
        h = u * state + (1 - u) * n
        return h, h


class BasicLSTMCell(_CellOfUnits):
    """Long short-term memory: c' = σ(f + β) c + σ(i) φ(j), h' = σ(o) φ(c').

    Here [x, h] W + b is cut into the four parts i, j, f, o.

    Args:
        num_units: the length of c and h.
        forget_bias: β, with which a new network forgets little.
        state_is_tuple: whether states are an `LSTMStateTuple`, or c and h side by side in one tensor.
        activation: φ, tanh by default.
        reuse: accepted, as in TensorFlow, without effect.

    TensorFlow: tf.nn.rnn_cell.BasicLSTMCell. Zaremba et al., arXiv:1409.2329.
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_units, activation, reuse, name, dtype)
        self._forget_bias = arguments.number(forget_bias, "forget_bias")
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        """The lengths of c and h."""
        return LSTMStateTuple(self._num_units, self._num_units) if self._state_is_tuple else 2 * self._num_units

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias."""
        self._affine = self._kernel_and_bias(self._rows(input_shape, self._num_units), 4 * self._num_units)
        self.built = True

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Returns the output h, and the new state."""
        c, h = state if self._state_is_tuple else array.split(state, 2, 1)
        i, j, f, o = array.split(_affine([inputs, h], self._affine), 4, 1)
        c = special.sigmoid(f + self._forget_bias) * c + special.sigmoid(i) * self._activation(j)
        h = special.sigmoid(o) * self._activation(c)
        return h, LSTMStateTuple(c, h) if self._state_is_tuple else array.concat([c, h], 1)


class LSTMCell(_CellOfUnits):
    """Long short-term memory with options: see `BasicLSTMCell` for the equations.

    Args:
        num_units: the length of c.
        use_peepholes: whether the gates see c: i, f with the old one, o with the new, each by weights of its own.
        cell_clip: the bound to which c is cut, if any.
        initializer: what the kernels begin with.
        num_proj: the length of h, if it is to be projected to another one.
        proj_clip: the bound to which projected h is cut, if any.
        forget_bias, state_is_tuple, activation: as for `BasicLSTMCell`.
        num_unit_shards and others: accepted, as in TensorFlow, without effect.

    TensorFlow: tf.nn.rnn_cell.LSTMCell. Sak et al., 2014.
    """

    def __init__(
        self,
        num_units: int,
        use_peepholes: bool = False,
        cell_clip: float | None = None,
        initializer: Any = None,
        num_proj: int | None = None,
        proj_clip: float | None = None,
        num_unit_shards: Any = None,
        num_proj_shards: Any = None,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_units, activation, reuse, name, dtype)
        self._use_peepholes = use_peepholes
        self._cell_clip, self._proj_clip = cell_clip, proj_clip
        self._initializer = initializers.get(initializer)
        self._num_proj = None if num_proj is None else positive(num_proj, "num_proj")
        self._forget_bias = arguments.number(forget_bias, "forget_bias")
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        """The lengths of c and h."""
        sizes = LSTMStateTuple(self._num_units, self.output_size)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> int:
        """The length of h."""
        return self._num_proj or self._num_units

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias, the weights of the peepholes, and the projection."""
        rows = self._rows(input_shape, self.output_size)
        self._affine = self._kernel_and_bias(rows, 4 * self._num_units, kernel=self._initializer)
        if self._use_peepholes:
            names = ("w_f_diag", "w_i_diag", "w_o_diag")
            self._peepholes = [self.add_weight(name, [self._num_units], None, self._initializer) for name in names]
        if self._num_proj:
            shape = [self._num_units, self._num_proj]
            self._projection = self.add_weight("projection/kernel", shape, None, self._initializer)
        self.built = True

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Returns the output h, and the new state."""
        c, h = state if self._state_is_tuple else array.split(state, [self._num_units, self.output_size], 1)
        i, j, f, o = array.split(_affine([inputs, h], self._affine), 4, 1)
        if self._use_peepholes:
            wf, wi, wo = self._peepholes
            f, i = f + wf * c, i + wi * c
        c = special.sigmoid(f + self._forget_bias) * c + special.sigmoid(i) * self._activation(j)
        c = _clipped(c, self._cell_clip)
        if self._use_peepholes:
            o = o + wo * c
        h = special.sigmoid(o) * self._activation(c)
        if self._num_proj:
            h = _clipped(linalg.matmul(h, self._projection.read_value()), self._proj_clip)
        return h, LSTMStateTuple(c, h) if self._state_is_tuple else array.concat([c, h], 1)


def _clipped(x: Tensor, bound: float | None) -> Tensor:
    return x if bound is None else clipping.clip_by_value(x, -bound, bound)


# ------------------------------------------------------------------------------------------------- cells made of cells


def require_cell(cell: Any, what: str = "cell") -> Any:
    """Returns it if it is a cell; raises TypeError, in TensorFlow's words, where it is not."""
    if isinstance(cell, RNNCell):
        return cell
    if callable(cell) and all(hasattr(cell, name) for name in ("state_size", "output_size", "zero_state")):
        return cell
    raise TypeError(
        f"The argument {what!r} ({cell!r}) is not an RNNCell: it needs state_size, output_size, zero_state and a call."
    )


class MultiRNNCell(RNNCell):
    """Several cells as one: each reads the output of the one before.

    Args:
        cells: the cells, from the input to the output.
        state_is_tuple: whether states are a tuple with one for each cell, or all side by side in one tensor.

    Raises:
        ValueError: where there are none.
        TypeError: where they are no list of cells.

    >>> cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.GRUCell(3), tf.nn.rnn_cell.GRUCell(4)])
    >>> output, state = cell(tf.ones([2, 5]), cell.zero_state(2, tf.float32))
    >>> output.shape.as_list(), [s.shape.as_list() for s in state]
    ([2, 4], [[2, 3], [2, 4]])

    TensorFlow: tf.nn.rnn_cell.MultiRNNCell.
    """

    def __init__(self, cells: Sequence[Any], state_is_tuple: bool = True) -> None:
        super().__init__()
        if not isinstance(cells, (list, tuple)):
            raise TypeError(f"cells must be a list or tuple, but saw: {cells!r}.")
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        self._cells = [require_cell(cell, "cells") for cell in cells]
        self._state_is_tuple = state_is_tuple
        if not state_is_tuple and any(nest.is_nested(cell.state_size) for cell in self._cells):
            raise ValueError(f"Some cells return tuples of states, but the flag state_is_tuple is not set: {cells!r}")

    @property
    def state_size(self) -> Any:
        """The sizes of the cells' states."""
        sizes = tuple(cell.state_size for cell in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> int:
        """The size of the last cell's output."""
        return self._cells[-1].output_size  # type: ignore[no-any-return]

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Returns the output of the last cell, and the new states of all."""
        sizes = [cell.state_size for cell in self._cells]
        states = state if self._state_is_tuple else array.split(state, sizes, 1)
        new_states = []
        for i, (cell, its_state) in enumerate(zip(self._cells, states)):
            with name_scope(f"cell_{i}"):
                inputs, new_state = cell(inputs, its_state)
            new_states.append(new_state)
        return inputs, tuple(new_states) if self._state_is_tuple else array.concat(new_states, 1)


class _Wrapper(RNNCell):
    """A cell around another, which has the same states and outputs."""

    def __init__(self, cell: Any) -> None:
        super().__init__()
        self._cell = require_cell(cell)

    @property
    def state_size(self) -> Any:
        """That of the cell inside."""
        return self._cell.state_size

    @property
    def output_size(self) -> int:
        """That of the cell inside."""
        return self._cell.output_size  # type: ignore[no-any-return]

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        """Takes one step; the variables are named as those of the cell inside."""
        return self.call(inputs, state)


class DropoutWrapper(_Wrapper):
    """Drops parts of what goes into a cell, and comes out of it.

    Args:
        cell: the cell.
        input_keep_prob, output_keep_prob, state_keep_prob: the probability with which each element is kept; the c of an
            `LSTMStateTuple` is kept in full.
        variational_recurrent: must be False: tf.keras.layers.LSTM drops the same elements in all steps.
        seed: see `tf.set_random_seed`.
        input_size, dtype, dropout_state_filter_visitor: accepted, as in TensorFlow, without effect.

    Raises:
        ValueError: for probabilities that are not in (0, 1].

    TensorFlow: tf.nn.rnn_cell.DropoutWrapper.
    """

    def __init__(
        self,
        cell: Any,
        input_keep_prob: float = 1.0,
        output_keep_prob: float = 1.0,
        state_keep_prob: float = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: int | None = None,
        dropout_state_filter_visitor: Any = None,
    ) -> None:
        super().__init__(cell)
        if variational_recurrent:
            raise ValueError("variational_recurrent is not supported; use the dropout of tf.keras.layers.LSTM.")
        self._keep = (
            _probability(input_keep_prob, "input_keep_prob"),
            _probability(output_keep_prob, "output_keep_prob"),
            _probability(state_keep_prob, "state_keep_prob"),
        )
        self._seed = seed

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Returns the output and the new state, both with parts dropped."""
        keep_input, keep_output, keep_state = self._keep
        output, new_state = self._cell(self._dropped(inputs, keep_input), state)
        return self._dropped(output, keep_output), self._dropped_state(new_state, keep_state)

    def _dropped(self, x: Any, keep_prob: Any) -> Any:
        return x if isinstance(keep_prob, float) and keep_prob == 1 else nn.dropout(x, keep_prob, seed=self._seed)

    def _dropped_state(self, state: Any, keep_prob: Any) -> Any:
        if isinstance(state, LSTMStateTuple):
            return LSTMStateTuple(state.c, self._dropped(state.h, keep_prob))
        if isinstance(state, (list, tuple)):
            return type(state)(self._dropped_state(part, keep_prob) for part in state)
        return self._dropped(state, keep_prob)


def _probability(value: Any, what: str) -> Any:
    """Reads a probability; one that is known only when a graph runs is taken as it is."""
    if late.waits(value):
        return value
    if not 0 < arguments.number(value, what) <= 1:
        raise ValueError(f"Parameter {what} must be between 0 and 1: {value:g}")
    return arguments.number(value, what)


class ResidualWrapper(_Wrapper):
    """Adds the input of a cell to its output.

    Args:
        cell: the cell, with outputs of the size of its inputs.
        residual_fn: a function (inputs, outputs) that returns what to use in place of their sum.

    TensorFlow: tf.nn.rnn_cell.ResidualWrapper.
    """

    def __init__(self, cell: Any, residual_fn: Callable[[Any, Any], Any] | None = None) -> None:
        super().__init__(cell)
        self._residual_fn = residual_fn

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Returns the sum, and the new state of the cell.

        Raises:
            ValueError: where inputs and outputs differ in shape.
        """
        outputs, new_state = self._cell(inputs, state)
        if self._residual_fn is not None:
            return self._residual_fn(inputs, outputs), new_state
        if not TensorShape(inputs.shape).is_compatible_with(outputs.shape):
            raise ValueError(
                f"Shapes {inputs.shape} and {outputs.shape} are incompatible: a residual cell adds its input to its"
                " output, and they must have one size."
            )
        return math.add(inputs, outputs), new_state


class DeviceWrapper(_Wrapper):
    """Runs a cell on one device.

    Args:
        cell: the cell.
        device: the device's name, as for `tf.device`.

    TensorFlow: tf.nn.rnn_cell.DeviceWrapper.
    """

    def __init__(self, cell: Any, device: str) -> None:
        super().__init__(cell)
        self._device = device

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Returns what the cell returns."""
        with context.device(self._device):
            return self._cell(inputs, state)  # type: ignore[no-any-return]


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.nn.rnn_cell"))
