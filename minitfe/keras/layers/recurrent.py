"""Recurrent layers: a network that reads a sequence step by step, and hands a state on from each step to the next.

What happens in one step is a *cell*: a layer ``cell(x, states)`` that returns its output and the new states. `RNN` runs
any cell along the second axis of inputs [batch, steps, features]. `SimpleRNN`, `GRU` and `LSTM` are the usual cells run
by it. Throughout

    x     is the input of a step, [batch, features]
    h     is the state, and the output, of the step before, [batch, units]
    K, R  are kernel [features, gates · units] and recurrent_kernel [units, gates · units], with the gates side by side
    b     is the bias
    φ, σ  are activation and recurrent_activation

A dropped element is dropped in all steps of a sequence (Gal and Ghahramani, arXiv:1512.05287).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minitfe import initializers
from minitfe.context import listening, outside
from minitfe.conversion import convert_to_tensor
from minitfe.keras import activations, constraints, regularizers
from minitfe.keras.engine.deferred import DeferredTensor
from minitfe.keras.engine.layer import InputSpec, Layer, layer_class
from minitfe.keras.layers.core import last_size, positive, require_floating
from minitfe.ops import arguments, array, linalg, math, nn, rearrange
from minitfe.scopes import name_scope
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor
from minitfe.variable import Variable

# ---------------------------------------------------------------------------------------------------------------- cells


def _share(value: Any) -> float:
    """Reads the share of what is dropped, and keeps it between 0 and 1, as TensorFlow does."""
    return min(1.0, max(0.0, arguments.number(value, "dropout")))


# What a cell can be told, how that is read, and what holds where nothing is said.
SETTINGS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "units": (lambda units: positive(units, "units"), None),
    "activation": (activations.get, "tanh"),
    "recurrent_activation": (activations.get, "hard_sigmoid"),
    "use_bias": (bool, True),
    "kernel_initializer": (initializers.get, "glorot_uniform"),
    "recurrent_initializer": (initializers.get, "orthogonal"),
    "bias_initializer": (initializers.get, "zeros"),
    "unit_forget_bias": (bool, True),
    "kernel_regularizer": (regularizers.get, None),
    "recurrent_regularizer": (regularizers.get, None),
    "bias_regularizer": (regularizers.get, None),
    "kernel_constraint": (constraints.get, None),
    "recurrent_constraint": (constraints.get, None),
    "bias_constraint": (constraints.get, None),
    "dropout": (_share, 0.0),
    "recurrent_dropout": (_share, 0.0),
    "implementation": (lambda value: arguments.integer(value, "implementation"), 1),
    "reset_after": (bool, False),
}


class Cell(Layer):
    """What the cells of this module share: their settings, their variables, and dropout.

    Args:
        units: the length of the state.
        args: the other `settings`, in their order, or by name in kwargs:

            activation: φ, a function or its name; tanh by default.
            recurrent_activation: σ, which makes the gates; hard_sigmoid by default.
            use_bias: whether there is a bias.
            kernel_initializer, recurrent_initializer, bias_initializer: what the variables begin with.
            kernel_regularizer, recurrent_regularizer, bias_regularizer: what they cost.
            kernel_constraint, recurrent_constraint, bias_constraint: where they may be.
            dropout, recurrent_dropout: the share of x, and of h, that is dropped in training.
            implementation: 1, where each gate has elements of its own dropped, or 2, where all have the same.

    Raises:
        ValueError: where units is not positive, or a name is not known.
        TypeError: for settings that the cell does not have.
    """

    units: int
    activation: Callable[..., Tensor]
    recurrent_activation: Callable[..., Tensor]
    use_bias: bool
    unit_forget_bias: bool
    reset_after: bool
    dropout: float
    recurrent_dropout: float
    bias_initializer: Callable[..., Tensor]

    gates = 1
    settings = tuple(name for name in SETTINGS if name not in (
        "recurrent_activation", "unit_forget_bias", "implementation", "reset_after",
    ))  # fmt: skip

    _untracked = Layer._untracked | {"_masks", "state_size"}

    def __init__(self, units: int, *args: Any, **kwargs: Any) -> None:
        if len(args) >= len(self.settings):
            raise TypeError(f"{type(self).__name__} takes at most {len(self.settings)} arguments: {self.settings}")
        given = {**dict(zip(self.settings, (units, *args))), **kwargs}
        super().__init__(**{name: value for name, value in given.items() if name not in self.settings})
        for name in self.settings:
            read, default = SETTINGS[name]
            setattr(self, name, read(given.get(name, default)))
        self.state_size: Any = self.units
        self._masks: dict[str, list[Tensor]] | None = None  # while a sequence is read, what is dropped in it

    def build(self, input_shape: Any) -> None:
        """Makes kernel, recurrent_kernel and bias."""
        features, width = last_size(input_shape, type(self).__name__), self.gates * self.units
        require_floating(self)
        self.kernel = self.add_weight(
            "kernel", [features, width], None, self.kernel_initializer, self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )  # fmt: skip
        self.recurrent_kernel = self.add_weight(
            "recurrent_kernel", [self.units, width], None, self.recurrent_initializer, self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", self._bias_shape(), None, self._bias_start, self.bias_regularizer,
                constraint=self.bias_constraint,
            )  # fmt: skip
        self.built = True

    def _bias_shape(self) -> list[int]:
        return [self.gates * self.units]

    def _bias_start(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return self.bias_initializer(shape, dtype=dtype)  # type: ignore[no-any-return]

    def _from_input(self, x: Tensor, training: Any) -> Tensor:
        """x K + b, some of x dropped."""
        product = self._product(x, self.kernel.read_value(), "input", self.dropout, training)
        return product if self.bias is None else math.add(product, self.bias.read_value())

    def _from_state(self, h: Tensor, training: Any) -> Tensor:
        """h R, some of h dropped."""
        return self._product(h, self.recurrent_kernel.read_value(), "state", self.recurrent_dropout, training)

    def _product(self, x: Tensor, kernel: Tensor, what: str, rate: float, training: Any) -> Tensor:
        """x times a kernel; each gate has elements of its own dropped, or all the same with implementation 2."""
        if not training or not rate:
            return linalg.matmul(x, kernel)
        masks = self._dropout_masks(x, what, rate)
        kernels = array.split(kernel, len(masks), 1)
        return array.concat([linalg.matmul(math.multiply(x, m), k) for m, k in zip(masks, kernels)], 1)

    def _dropout_masks(self, x: Tensor, what: str, rate: float) -> list[Tensor]:
        if self._masks is not None and what in self._masks:
            return self._masks[what]
        count = self.gates if getattr(self, "implementation", 2) == 1 else 1
        ones = array.ones_like(x)
        masks = [array.zeros_like(x) if rate == 1 else nn.dropout(ones, rate=rate) for _ in range(count)]
        if self._masks is not None:
            self._masks[what] = masks
        return masks


class SimpleRNNCell(Cell):
    """One step of a plain recurrent network: h' = φ(x K + h R + b).

    Args are those of `Cell`.

    TensorFlow: tf.keras.layers.SimpleRNNCell.
    """

    def call(self, inputs: Tensor, states: Sequence[Tensor], training: Any = None) -> tuple[Tensor, list[Tensor]]:
        """Returns the output, and the new state in a list."""
        h = self.activation(math.add(self._from_input(inputs, training), self._from_state(states[0], training)))
        return h, [h]


class GRUCell(Cell):
    """One step of a gated recurrent unit: part of the state is kept, the rest written anew.

    With the gates z, how much is kept, and r, how much the new part sees of the state:
    z = σ(x K₁ + b₁ + h R₁), r = σ(x K₂ + b₂ + h R₂), n = φ(x K₃ + b₃ + (r h) R₃), h' = z h + (1 - z) n.

    With reset_after it is n = φ(x K₃ + b₃ + r (h R₃ + c₃)), and the bias has a second row, c, for h R.

    Args are those of `Cell`, with recurrent_activation, implementation, and reset_after at the end.

    TensorFlow: tf.keras.layers.GRUCell. Cho et al., arXiv:1406.1078.
    """

    gates = 3
    settings = tuple(name for name in SETTINGS if name != "unit_forget_bias")

    def _bias_shape(self) -> list[int]:
        return [2, 3 * self.units] if self.reset_after else [3 * self.units]

    def call(self, inputs: Tensor, states: Sequence[Tensor], training: Any = None) -> tuple[Tensor, list[Tensor]]:
        """Returns the output, and the new state in a list."""
        h = states[0]
        z, n = self._gates_after(inputs, h, training) if self.reset_after else self._gates(inputs, h, training)
        h = z * h + (1 - z) * n
        return h, [h]

    def _gates(self, x: Tensor, h: Tensor, training: Any) -> tuple[Tensor, Tensor]:
        from_x, kernel = self._from_input(x, training), self.recurrent_kernel.read_value()
        masks = self._dropout_masks(h, "state", self.recurrent_dropout) if training and self.recurrent_dropout else []
        h1, h2, h3 = [math.multiply(h, mask) for mask in masks] * (3 // len(masks)) if masks else [h, h, h]
        x1, x2, x3 = array.split(from_x, 3, 1)
        k1, k2, k3 = array.split(kernel, 3, 1)
        z = self.recurrent_activation(x1 + linalg.matmul(h1, k1))
        r = self.recurrent_activation(x2 + linalg.matmul(h2, k2))
        return z, self.activation(x3 + linalg.matmul(r * h3, k3))

    def _gates_after(self, x: Tensor, h: Tensor, training: Any) -> tuple[Tensor, Tensor]:
        from_x = self._product(x, self.kernel.read_value(), "input", self.dropout, training)
        from_h = self._from_state(h, training)
        if self.bias is not None:
            b, c = array.unstack(self.bias.read_value())
            from_x, from_h = math.add(from_x, b), math.add(from_h, c)
        (x1, x2, x3), (h1, h2, h3) = array.split(from_x, 3, 1), array.split(from_h, 3, 1)
        z, r = self.recurrent_activation(x1 + h1), self.recurrent_activation(x2 + h2)
        return z, self.activation(x3 + r * h3)


class LSTMCell(Cell):
    """One step of long short-term memory: a cell state c, which gates write to, erase and read.

    With x K + h R + b cut into four parts, i, f, j, o: c' = σ(f) c + σ(i) φ(j), h' = σ(o) φ(c').

    Args are those of `Cell`, with recurrent_activation, implementation, and unit_forget_bias after bias_initializer:
    whether the bias of f begins with 1.

    TensorFlow: tf.keras.layers.LSTMCell. Hochreiter and Schmidhuber, 1997.
    """

    gates = 4
    settings = tuple(name for name in SETTINGS if name != "reset_after")

    def __init__(self, units: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(units, *args, **kwargs)
        self.state_size = [self.units, self.units]

    def _bias_start(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """A gate that forgets begins open, where unit_forget_bias says so (Jozefowicz et al., 2015)."""
        if not self.unit_forget_bias:
            return super()._bias_start(shape, dtype)
        part, others = self.bias_initializer([self.units], dtype=dtype), [2 * self.units]
        return array.concat([part, array.ones_like(part), self.bias_initializer(others, dtype=dtype)], 0)

    def call(self, inputs: Tensor, states: Sequence[Tensor], training: Any = None) -> tuple[Tensor, list[Tensor]]:
        """Returns the output, and the new states [h, c]."""
        h, c = states
        sums = math.add(self._from_input(inputs, training), self._from_state(h, training))
        i, f, j, o = array.split(sums, 4, 1)
        c = self.recurrent_activation(f) * c + self.recurrent_activation(i) * self.activation(j)
        h = self.recurrent_activation(o) * self.activation(c)
        return h, [h, c]


class StackedRNNCells(Layer):
    """Several cells as one: each reads the output of the one before.

    Args:
        cells: the cells, from the input to the output. The states are theirs, those of the last cell first.

    Raises:
        ValueError: where one of them is no cell.

    TensorFlow: tf.keras.layers.StackedRNNCells.
    """

    _untracked = Layer._untracked | {"state_size"}

    def __init__(self, cells: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cells = [_revived(_require_cell(cell)) for cell in cells]
        self.state_size = [size for cell in reversed(self.cells) for size in _state_sizes(cell)]

    def build(self, input_shape: Any) -> None:
        """Builds the cells."""
        batch, features = TensorShape(input_shape).as_list()[0], TensorShape(input_shape).as_list()[-1]
        for cell in self.cells:
            with name_scope(cell.name):
                cell._build_for(DeferredTensor([batch, features], self._dtype))
            features = _output_size(cell)
        self.built = True

    def call(self, inputs: Tensor, states: Sequence[Tensor], training: Any = None) -> tuple[Tensor, list[Tensor]]:
        """Returns the output of the last cell, and the new states of all."""
        states, new_states = list(states), []
        for cell in self.cells:
            first = len(states) - len(_state_sizes(cell))
            inputs, newest = _step(cell, inputs, states[first:], training)
            states, new_states = states[:first], [*newest, *new_states]
        return inputs, new_states

    def get_config(self) -> dict[str, Any]:
        """Returns the settings, with those of the cells."""
        return {**super().get_config(), "cells": [_described(cell) for cell in self.cells]}


def _require_cell(cell: Any) -> Any:
    if isinstance(cell, dict) or (callable(getattr(cell, "call", None)) and hasattr(cell, "state_size")):
        return cell
    raise ValueError(
        "`cell` should have a `call` method and an attribute `state_size` (tuple of integers, one integer per RNN"
        f" state). The RNN was passed: {cell!r}"
    )


def _state_sizes(cell: Any) -> list[int]:
    size = cell.state_size
    return list(size) if isinstance(size, (list, tuple)) else [size]


def _output_size(cell: Any) -> int:
    """The size of a cell's output: that of its first state, unless it says otherwise."""
    return int(getattr(cell, "output_size", None) or _state_sizes(cell)[0])


def _step(cell: Any, x: Tensor, states: Sequence[Tensor], training: Any) -> tuple[Tensor, list[Tensor]]:
    """Calls a cell, which knows of training if its `call` asks for it."""
    if getattr(cell, "_training_place", None) is None:
        output, states = cell.call(x, states)
    else:
        output, states = cell.call(x, states, training=training)
    return output, list(states)


def _described(layer: Layer) -> dict[str, Any]:
    return {"class_name": type(layer).__name__, "config": layer.get_config()}


def _revived(layer: Any) -> Any:
    """A layer, made anew where its description is given. Cells of ``tf.nn.rnn_cell`` have some of the same names."""
    if not isinstance(layer, dict):
        return layer
    cells = {cell.__name__: cell for cell in (SimpleRNNCell, GRUCell, LSTMCell, StackedRNNCells)}
    return (cells.get(layer["class_name"]) or layer_class(layer["class_name"])).from_config(layer["config"])


# ------------------------------------------------------------------------------------------------------------ sequences


class RNN(Layer):
    """Runs a cell along the second axis of its inputs.

    Args:
        cell: a cell, or a list of them, which are stacked: a layer with a ``state_size``, whose
            ``call(inputs, states)`` returns its output and a list of the new states.
        return_sequences: whether to return the outputs of all steps, [batch, steps, units], or only the last.
        return_state: whether to return the last states too, in a list after the output.
        go_backwards: whether to begin at the end; outputs come in the order in which they were made.
        stateful: whether each batch begins with the states that the one before ended with; see `reset_states`.
        unroll: accepted, without effect: in eager execution every loop is unrolled.
        kwargs: see `tf.keras.layers.Layer`.

    >>> layer = tf.keras.layers.RNN(tf.keras.layers.SimpleRNNCell(4), return_sequences=True, return_state=True)
    >>> outputs, state = layer(tf.ones([2, 3, 5]))
    >>> outputs.shape.as_list(), state.shape.as_list()
    ([2, 3, 4], [2, 4])

    TensorFlow: tf.keras.layers.RNN.
    """

    settings = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll")

    _untracked = Layer._untracked | {"_kept", "state_size"}

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.cell = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else _revived(_require_cell(cell))
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.state_size = _state_sizes(self.cell)
        self.input_spec = InputSpec(ndim=3)
        self._kept: list[Variable] = []  # the states between batches, where it is stateful

    def build(self, input_shape: Any) -> None:
        """Builds the cell, for inputs of one step."""
        batch, _, features = TensorShape(_first(input_shape)).as_list()
        last_size(_first(input_shape), type(self).__name__)
        self.cell._build_for(DeferredTensor([batch, features], self._dtype))
        self.input_spec = InputSpec(ndim=3, axes={-1: features})
        self.built = True

    def __call__(self, inputs: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        """Runs the cell along the inputs.

        Args:
            inputs: a tensor [batch, steps, features], or a list of that and the initial states.
            initial_state: the states to begin with; zeros by default.
            kwargs: ``training``.

        Returns:
            The output, or a list of it and the last states.

        Raises:
            ValueError: where there are more or fewer states than the cell has.
        """
        if initial_state is not None:
            states = initial_state if isinstance(initial_state, (list, tuple)) else [initial_state]
            inputs = [_first(inputs), *states]
        if isinstance(inputs, (list, tuple)) and len(inputs) not in (1, 1 + len(self.state_size)):
            raise ValueError(
                f"An initial_state was passed that is not compatible with `cell.state_size`: {self.name} has"
                f" {len(self.state_size)} states, of sizes {self.state_size}, and was given {len(inputs) - 1}."
            )
        return super().__call__(inputs, **kwargs)

    def call(self, inputs: Any, mask: Any = None, training: Any = None) -> Any:
        """Returns what the settings ask for: the last output or all, with the states or without."""
        if mask is not None:
            raise ValueError("Masks are not supported; tf.nn.dynamic_rnn stops at each example's sequence_length.")
        x, *states = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        xs = array.unstack(x, axis=1)
        if not xs:
            raise ValueError(f"{self.name} was given sequences without a step: its input has the shape {x.shape}.")
        outputs, states = self._run(xs[::-1] if self.go_backwards else xs, states or self._first_states(x), training)
        if self.stateful:
            self._keep(states)
        output = array.stack(outputs, axis=1) if self.return_sequences else outputs[-1]
        return [output, *states] if self.return_state else output

    def _run(self, xs: Sequence[Tensor], states: Sequence[Tensor], training: Any) -> tuple[list[Tensor], list[Tensor]]:
        """Returns the outputs of all steps and the last states; in all steps, the same elements are dropped."""
        outputs, states = [], list(states)
        dropping = [cell for cell in _simple_cells(self.cell) if isinstance(cell, Cell)]
        for cell in dropping:
            cell._masks = {}
        try:
            for x in xs:
                output, states = _step(self.cell, x, states, training)
                outputs.append(output)
        finally:
            for cell in dropping:
                cell._masks = None
        return outputs, states

    def _complaint(self, inputs: Any) -> str | None:
        return super()._complaint(_first(inputs))

    # -------------------------------------------------------------------------------------------------------- states

    def get_initial_state(self, inputs: Tensor) -> list[Tensor]:
        """Returns zeros for each state, as many rows as the inputs have."""
        zeros = array.zeros_like(inputs[:, 0, :1])
        return [rearrange.tile(zeros, [1, size]) for size in self.state_size]

    def _first_states(self, x: Tensor) -> list[Tensor]:
        if not self._kept:
            return self.get_initial_state(x)
        states = [variable.read_value() for variable in self._kept]
        if states[0].extents[0] != x.extents[0]:
            raise ValueError(
                f"{self.name} is stateful and keeps the states of {states[0].extents[0]} sequences, but was given"
                f" {x.extents[0]}. Give batches of one size, or call reset_states() first."
            )
        return states

    def _keep(self, states: Sequence[Tensor]) -> None:
        if not self._kept:
            with listening(interpreter=outside(), tapes=()):
                self._kept = [Variable(array.zeros_like(state), trainable=False, name="state") for state in states]
        for variable, state in zip(self._kept, states):
            variable.assign(state)

    @property
    def states(self) -> list[Any]:
        """What a stateful layer keeps between batches; None for each state that it does not have."""
        return list(self._kept) or [None] * len(self.state_size)

    def reset_states(self, states: Any = None) -> None:
        """Forgets the states that a stateful layer keeps, or puts others in their place.

        Args:
            states: one array [batch, size] for each; by default the next batch begins with zeros.

        Raises:
            AttributeError: where the layer is not stateful.
            ValueError: where there are more or fewer states than the cell has.
        """
        if not self.stateful:
            raise AttributeError("Layer must be stateful.")
        given = [] if states is None else list(states) if isinstance(states, (list, tuple)) else [states]
        if given and len(given) != len(self.state_size):
            raise ValueError(
                f"Layer {self.name} expects {len(self.state_size)} states, but it received {len(given)} state values."
            )
        self._kept = []
        if given:
            self._keep([convert_to_tensor(state) for state in given])

    # -------------------------------------------------------------------------------------------------------- the rest

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output; a list, with those of the states, where they are returned."""
        batch, steps, _ = TensorShape(_first(input_shape)).as_list()
        sizes = [batch, steps, _output_size(self.cell)] if self.return_sequences else [batch, _output_size(self.cell)]
        if not self.return_state:
            return TensorShape(sizes)
        return [TensorShape(sizes), *[TensorShape([batch, size]) for size in self.state_size]]

    def get_config(self) -> dict[str, Any]:
        """Returns the settings, with those of the cell."""
        return {**super().get_config(), "cell": _described(self.cell)}


def _first(inputs: Any) -> Any:
    """The sequence among inputs that may be a list of it and states; of shapes too."""
    several = isinstance(inputs, (list, tuple)) and bool(inputs) and not isinstance(inputs[0], (int, type(None)))
    return inputs[0] if several else inputs


def _simple_cells(cell: Any) -> list[Any]:
    """The cells in a stack, also in a stack of stacks."""
    cells = cell.cells if isinstance(cell, StackedRNNCells) else []
    return [part for inner in cells for part in _simple_cells(inner)] or [cell]


class RNNOfOneCell(RNN):
    """An `RNN` that makes its cell itself: its arguments are those of the cell, and then those of `RNN`."""

    cell_class: type[Cell] = Cell

    def __init__(self, units: int, *args: Any, activity_regularizer: Any = None, **kwargs: Any) -> None:
        names = self.cell_class.settings
        own = {name: kwargs.pop(name) for name in names if name in kwargs}
        cell = self.cell_class(units, *args, **own, dtype=kwargs.get("dtype"))
        super().__init__(cell, activity_regularizer=activity_regularizer, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in type(self).cell_class.settings and "cell" in self.__dict__:
            return getattr(self.cell, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def get_config(self) -> dict[str, Any]:
        """Returns the settings of the layer and of its cell."""
        config = super().get_config()
        del config["cell"]
        cell = self.cell.get_config()
        return config | {name: cell[name] for name in self.cell_class.settings}


class SimpleRNN(RNNOfOneCell):
    """A plain recurrent network: h' = φ(x K + h R + b).

    Args:
        units: the length of the state.
        args: the other settings of `SimpleRNNCell`, in their order; those of `RNN` by name.

    >>> tf.keras.layers.SimpleRNN(4)(tf.ones([2, 3, 5])).shape.as_list()
    [2, 4]

    TensorFlow: tf.keras.layers.SimpleRNN.
    """

    cell_class = SimpleRNNCell


class GRU(RNNOfOneCell):
    """A network of gated recurrent units; see `GRUCell` for the equations.

    Args:
        units: the length of the state.
        args: the other settings of `GRUCell`, in their order; those of `RNN` by name.

    >>> tf.keras.layers.GRU(4, return_sequences=True)(tf.ones([2, 3, 5])).shape.as_list()
    [2, 3, 4]

    TensorFlow: tf.keras.layers.GRU. Cho et al., arXiv:1406.1078.
    """

    cell_class = GRUCell


class LSTM(RNNOfOneCell):
    """Long short-term memory; see `LSTMCell` for the equations.

    Args:
        units: the length of the two states.
        args: the other settings of `LSTMCell`, in their order; those of `RNN` by name.

    >>> output, h, c = tf.keras.layers.LSTM(4, return_state=True)(tf.ones([2, 3, 5]))
    >>> output.shape.as_list(), h.shape.as_list(), c.shape.as_list()
    ([2, 4], [2, 4], [2, 4])

    TensorFlow: tf.keras.layers.LSTM. Hochreiter and Schmidhuber, 1997.
    """

    cell_class = LSTMCell


class CuDNNGRU(GRU):
    """The `GRU` that NVIDIA's library computes: with reset_after, and a sigmoid for its gates. It runs on any device.

    TensorFlow: tf.keras.layers.CuDNNGRU.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, **{"recurrent_activation": "sigmoid", "reset_after": True, **kwargs})


class CuDNNLSTM(LSTM):
    """The `LSTM` that NVIDIA's library computes: with a sigmoid for its gates. It runs on any device.

    TensorFlow: tf.keras.layers.CuDNNLSTM.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, **{"recurrent_activation": "sigmoid", **kwargs})


# ------------------------------------------------------------------------------------------------------------- wrappers


class Wrapper(Layer):
    """A layer around another.

    Args:
        layer: the layer inside.

    Raises:
        ValueError: where it is no layer.

    TensorFlow: tf.keras.layers.Wrapper.
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        layer = _revived(layer)
        if not isinstance(layer, Layer):
            raise ValueError(f"Please initialize `{type(self).__name__}` layer with a `Layer` instance, not {layer!r}.")
        super().__init__(**kwargs)
        self.layer = layer

    def get_config(self) -> dict[str, Any]:
        """Returns the settings, with those of the layer inside."""
        return {**super().get_config(), "layer": _described(self.layer)}


class TimeDistributed(Wrapper):
    """Applies a layer to each step of sequences [batch, steps, ...] alike.

    Args:
        layer: the layer.

    >>> tf.keras.layers.TimeDistributed(tf.keras.layers.Dense(4))(tf.ones([2, 3, 5])).shape.as_list()
    [2, 3, 4]

    TensorFlow: tf.keras.layers.TimeDistributed.
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.input_spec = InputSpec(min_ndim=3)

    def build(self, input_shape: Any) -> None:
        """Builds the layer, for inputs of one step."""
        self.layer._build_for(DeferredTensor(_one_step(input_shape), self._dtype))
        self.built = True

    def call(self, inputs: Tensor, training: Any = None) -> Tensor:
        """Puts the steps of all sequences into one batch, and takes them apart again."""
        batch, steps, *rest = array.shape(inputs) if None in inputs.extents else inputs.extents
        y = self.layer(array.reshape(inputs, [batch * steps, *rest]))
        return array.reshape(y, [batch, steps, *y.shape.as_list()[1:]])

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The layer's for one step, with the steps in it."""
        batch, steps = TensorShape(input_shape).as_list()[:2]
        inner = self.layer.compute_output_shape(_one_step(input_shape))
        return TensorShape([batch, steps, *TensorShape(inner).as_list()[1:]])


def _one_step(input_shape: Any) -> list[Any]:
    batch, _, *rest = TensorShape(input_shape).as_list()
    return [batch, *rest]


MERGES: dict[Any, Callable[[Tensor, Tensor], Any]] = {
    "concat": lambda forward, backward: array.concat([forward, backward], -1),
    "sum": math.add,
    "ave": lambda forward, backward: math.multiply(math.add(forward, backward), 0.5),
    "mul": math.multiply,
    None: lambda forward, backward: [forward, backward],
}


class Bidirectional(Wrapper):
    """Reads sequences in both directions: with a recurrent layer, and with one like it that goes backwards.

    Args:
        layer: an `RNN`, which is copied for each direction.
        merge_mode: what becomes of the two outputs: 'concat', 'sum', 'mul', 'ave', or None for a list of both.

    >>> tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(4))(tf.ones([2, 3, 5])).shape.as_list()
    [2, 8]

    TensorFlow: tf.keras.layers.Bidirectional. Schuster and Paliwal, 1997.
    """

    settings = ("merge_mode",)

    _untracked = Wrapper._untracked | {"_description"}

    def __init__(self, layer: Any, merge_mode: Any = "concat", weights: Any = None, **kwargs: Any) -> None:
        super().__init__(layer, weights=weights, **kwargs)
        if not isinstance(self.layer, RNN):
            raise ValueError(f"Bidirectional needs a recurrent layer, an RNN, not {self.layer!r}.")
        if merge_mode not in MERGES:
            raise ValueError('Invalid merge mode. Merge mode should be one of {"sum", "mul", "ave", "concat", None}')
        self.merge_mode = merge_mode
        config = self.layer.get_config()
        self.forward_layer = self._directed(config, "forward", config["go_backwards"])
        self.backward_layer = self._directed(config, "backward", not config["go_backwards"])
        self.layer = None
        self._description = {"class_name": type(self.forward_layer).__name__, "config": config}

    def _directed(self, config: dict[str, Any], direction: str, go_backwards: bool) -> Any:
        changed = {**config, "name": f"{direction}_{config['name']}", "go_backwards": go_backwards}
        return type(self.layer).from_config(changed)

    def build(self, input_shape: Any) -> None:
        """Builds both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            with name_scope(layer.name):
                layer._build_for(DeferredTensor(_first(input_shape), self._dtype))
        self.built = True

    def __call__(self, inputs: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        """Runs both layers; the initial states of the one that goes forward come first."""
        if initial_state is not None:
            inputs = [_first(inputs), *initial_state]
        return super().__call__(inputs, **kwargs)

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Returns the merged outputs, and the states of both where the layer returns them."""
        x, *states = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        half = len(states) // 2
        forward = self.forward_layer([x, *states[:half]])
        backward = self.backward_layer([x, *states[half:]])
        (y, *ends), (z, *other_ends) = (_as_list(result) for result in (forward, backward))
        if self.forward_layer.return_sequences:
            z = rearrange.reverse(z, [1])
        merged = MERGES[self.merge_mode](y, z)
        return [*_as_list(merged), *ends, *other_ends] if self.forward_layer.return_state else merged

    def reset_states(self) -> None:
        """Forgets the states that the two layers keep."""
        self.forward_layer.reset_states()
        self.backward_layer.reset_states()

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the layer, with its last size doubled where the outputs are put side by side."""
        shape, *states = _as_list(self.forward_layer.compute_output_shape(input_shape))
        if self.merge_mode == "concat":
            shape = TensorShape([*shape.as_list()[:-1], 2 * shape.as_list()[-1]])
        shapes = [shape, *([shape] if self.merge_mode is None else []), *states, *states]
        return shapes if len(shapes) > 1 else shape

    def get_config(self) -> dict[str, Any]:
        """Returns the settings, with those of the layer."""
        return {**Layer.get_config(self), "layer": self._description}


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
