"""Layers: functions with variables of their own.

A layer is made with its settings, such as the number of its units. Its variables come later, at the first call, when
the shape of the input is known: `build` makes them, and `call` computes with them.

    class Scale(tf.keras.layers.Layer):
        def build(self, input_shape):
            self.factor = self.add_weight("factor", [input_shape[-1]], initializer="ones")

        def call(self, inputs):
            return inputs * self.factor

What people call is ``layer(inputs)``, `Layer.__call__`: it turns arrays into tensors, builds the layer when that is
due, puts the layer's name before those of its variables, tells sublayers whether this is training, and then calls
`call`. Layers and variables in attributes are parts of a layer: `variables`, `losses` and checkpoints include theirs.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from minitfe import dtypes, errors, initializers, nest
from minitfe.checkpointable import TRACKABLE, Checkpointable, holds_state
from minitfe.context import get_listeners, listening, outside
from minitfe.conversion import convert_to_tensor, resolve
from minitfe.dtypes import DType
from minitfe.graph.collections import GraphKeys, add_to_collection
from minitfe.graph.graph import Graph
from minitfe.graph.session_graph import SessionGraph
from minitfe.keras import constraints, regularizers
from minitfe.keras.engine.at_once import at_once
from minitfe.keras.engine.calling import Call, current_call, default_training, enter_call, leave_call
from minitfe.keras.engine.deferred import DeferredTensor, Origin, is_deferred
from minitfe.keras.engine.naming import snake_case, unique_name
from minitfe.named import serialize
from minitfe.scopes import enter_prefix, leave_prefix, name_prefix, name_scope
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor
from minitfe.variable import Variable

# -------------------------------------------------------------------------------------------- what a layer can be given


class InputSpec:
    """What a layer asks of an input; None where it does not matter.

    Args:
        dtype: its dtype.
        shape: its shape, with None for sizes that do not matter.
        ndim, max_ndim, min_ndim: its number of axes, at most, at least.
        axes: the sizes of some axes, such as ``{-1: 10}``.

    TensorFlow: tf.keras.layers.InputSpec.
    """

    def __init__(
        self, dtype: Any = None, shape: Any = None, ndim: Any = None, max_ndim: Any = None, min_ndim: Any = None,
        axes: dict[int, Any] | None = None,
    ) -> None:  # fmt: skip
        self.dtype = None if dtype is None else dtypes.as_dtype(dtype)
        self.shape = None if shape is None else TensorShape(shape)
        self.ndim = ndim if shape is None else len(TensorShape(shape))
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = axes or {}

    def __repr__(self) -> str:
        settings = {key: value for key, value in vars(self).items() if value}
        return f"InputSpec({', '.join(f'{key}={value!r}' for key, value in settings.items())})"

    def complaint(self, x: Any) -> str | None:
        """Says in TensorFlow's words what is wrong with an input; None where nothing is."""
        shape = TensorShape(x.shape)
        if shape.ndims is None:
            return None
        ndim, received = shape.ndims, f" Full shape received: {shape.as_list()}"
        if self.ndim is not None and ndim != self.ndim:
            return f"expected ndim={self.ndim}, found ndim={ndim}.{received}"
        if self.max_ndim is not None and ndim > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}, found ndim={ndim}.{received}"
        if self.min_ndim is not None and ndim < self.min_ndim:
            return f": expected min_ndim={self.min_ndim}, found ndim={ndim}.{received}"
        if self.dtype is not None and x.dtype is not self.dtype:
            return f"expected dtype={self.dtype.name}, found dtype={x.dtype.name}."
        return self._wrong_size(shape)

    def _wrong_size(self, shape: TensorShape) -> str | None:
        sizes = shape.as_list()
        for axis, size in self.axes.items():
            there = -len(sizes) <= axis < len(sizes)
            if size is not None and not (there and sizes[axis] in (int(size), None)):
                return (
                    f"expected axis {axis} of input shape to have value {int(size)}"
                    f" but received input with shape {sizes}"
                )
        if self.shape is not None and not self.shape.is_compatible_with(shape):
            return f"expected shape={self.shape}, found shape={shape}"
        return None


def _read_leaf(x: Any, dtype: DType | None) -> Any:
    x = resolve(x)
    if isinstance(x, (Tensor, DeferredTensor)) or x is None:
        return x
    if dtype is not None and dtype.is_floating and np.asarray(x).dtype.kind == "f":
        return convert_to_tensor(x, dtype)  # numbers that are no tensor take the layer's dtype, as beside a tensor
    return convert_to_tensor(x)


def read_inputs(inputs: Any, dtype: DType | None) -> Any:
    """Turns what a layer was called with into tensors. A list of numbers is one tensor, one of tensors stays a list."""
    leaves = nest.flatten(inputs)
    if any(isinstance(leaf, (Tensor, DeferredTensor, Variable, np.ndarray)) for leaf in leaves):
        return nest.map_structure(lambda x: _read_leaf(x, dtype), inputs)
    if isinstance(inputs, dict) or all(leaf is None for leaf in leaves):
        raise ValueError(f"A layer was called with {inputs!r}, in which there is no tensor.")
    return _read_leaf(inputs, dtype)


# ------------------------------------------------------------------------------------------------------------ the layer

CLASSES: WeakValueDictionary[str, type] = WeakValueDictionary()
"""The classes of layers by their names, as configurations have them."""

ACCEPTED = ("batch_input_shape", "batch_size", "input_dtype", "input_shape", "input_dim", "weights")


class Layer(Checkpointable):
    """The base of all layers: a subclass makes variables in `build` and computes in `call`.

    Args:
        trainable: whether its variables are among the `trainable_variables`.
        name: its name; by default its class's, with a number from the second one on.
        dtype: the dtype of its variables; by default that of the first input.
        activity_regularizer: a function from the output to a loss, or a regularizer's name.
        kwargs: ``input_shape``, the shape of an example, or ``batch_input_shape``, with which a first layer builds a
            `Sequential` at once; ``weights``, numpy arrays for the variables to begin with.

    >>> layer = tf.keras.layers.Dense(3, name='out')
    >>> layer(tf.ones([2, 5])).shape
    TensorShape([Dimension(2), Dimension(3)])
    >>> [(v.name, v.shape.as_list()) for v in layer.variables]
    [('out/kernel:0', [5, 3]), ('out/bias:0', [3])]

    TensorFlow: tf.keras.layers.Layer.
    """

    # Left alone by checkpoints: what is here is saved under its own name, or is no state.
    _untracked = frozenset({
        "_parts", "_variables", "_weights", "_losses", "_call_losses", "_losing", "_initial_weights",
        "_batch_input_shape", "_inferred_shapes", "input_spec",
    })  # fmt: skip

    settings: tuple[str, ...] = ()
    """The arguments that a layer was made with, kept as attributes of these names: what `get_config` returns."""

    # What `tf.layers` puts before the names of its variables, in place of the name scopes of the call that builds it.
    _variable_prefix: str | None = None

    # The place of `training` among the arguments of `call` after the inputs; None where it has no such argument.
    _training_place: int | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        CLASSES[cls.__name__] = cls
        cls._training_place = _place_of_training(cls.call)

    def __init__(
        self,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
        activity_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        for argument in kwargs:
            if argument not in ACCEPTED:
                raise TypeError(
                    f"('Keyword argument not understood:', {argument!r}): {type(self).__name__} has no such argument"
                )
        self.__dict__.update(_parts={}, _variables={}, _weights=[], _losses=[], _call_losses=[], _losing=[])
        self.built = False
        self.trainable = trainable
        self.stateful = False
        self.supports_masking = False
        self.input_spec: Any = None
        self._dtype = None if dtype is None else dtypes.as_dtype(dtype)
        self._activity_regularizer = regularizers.get(activity_regularizer)
        self._initial_weights = kwargs.get("weights")
        self._batch_input_shape = batch_input_shape(kwargs)
        self._inferred_shapes: Any = None
        self._name = _checked_name(name) or unique_name(snake_case(type(self).__name__))

    # ------------------------------------------------------------------------------------------- what subclasses define

    def build(self, input_shape: Any) -> None:
        """Makes the variables, with `add_weight`. Called once, before the first `call`.

        Args:
            input_shape: the TensorShape of the inputs, nested as they are.
        """
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Computes the outputs. A keyword `training` says whether this is training."""
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the output for a shape of the input, of which sizes may be unknown.

        Unless a layer knows better, its `call` is followed through the shape rules of the ops that it uses.

        >>> tf.keras.layers.Dense(3).compute_output_shape([None, 5])
        TensorShape([Dimension(None), Dimension(3)])
        """
        inputs = shapes_of(input_shape, self._dtype or dtypes.float32)
        return nest.map_structure(lambda x: x.shape, self._follow(inputs))

    def _follow(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the layer on tensors without values, and returns the outputs, which have none either."""
        graph = Graph()
        placeholders = nest.map_structure(lambda x: graph.placeholder(x.dtype, x.shape), inputs)
        with graph.as_default():
            return self(placeholders, *args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Returns the settings as plain values, with which `from_config` makes an equal layer, without its weights."""
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        if self._batch_input_shape is not None:
            config["batch_input_shape"] = self._batch_input_shape
        if self._dtype is not None:
            config["dtype"] = self._dtype.name
        return config | {name: serialize(getattr(self, name)) for name in type(self).settings}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Makes a layer of settings that `get_config` returned."""
        return cls(**config)

    # ---------------------------------------------------------------------------------------------------------- calling

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Applies the layer, building it first if it was not built yet.

        Args:
            inputs: a tensor, or a nested structure of them. Numpy arrays are converted.
            args, kwargs: further arguments of `call`.

        Returns:
            What `call` returns.

        Raises:
            ValueError: where the layer is not built yet and the inputs have not the shape it asks for.
            InvalidArgumentError: where it is built and the inputs do not fit its variables.
        """
        if type(inputs) is not Tensor:
            inputs = read_inputs(inputs, self._dtype)
            if is_deferred(inputs):
                return self._defer(inputs, args, kwargs)
        outer = current_call()
        known = default_training() if outer is None else outer.training
        training = known if self._training_place is None else self._settle_training(known, args, kwargs)
        call_token = None
        if outer is None or training is not outer.training:
            call_token = enter_call(Call(self._begin() if outer is None else outer.root, training))
        prefix_token = enter_prefix(f"{name_prefix()}{self._name}/")
        try:
            if not self.built:
                self._build_for(inputs)
            outputs = self.call(inputs, *args, **kwargs)
            if self._activity_regularizer is not None:
                self._regularize(outputs)
        except errors.InvalidArgumentError as error:
            raise self._explained(error, inputs) from None
        finally:
            leave_prefix(prefix_token)
            if call_token is not None:
                leave_call(call_token)
        return outputs

    def apply(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the layer: an older spelling of ``layer(inputs)``."""
        return self(inputs, *args, **kwargs)

    def _settle_training(self, known: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """Says whether this call is training. Where that is known, and was not given, `call` gets to know it."""
        place = self._training_place
        if args and place is not None and len(args) > place:
            given = args[place]
        else:
            given = kwargs.get("training")
            if given is None and known is not None:
                kwargs["training"] = known
        return known if given is None else given

    def _explained(self, error: errors.OpError, inputs: Any) -> errors.OpError:
        """The error of an op, to which the layer adds what it was given, if that is not what it asks for."""
        complaint = self._complaint(inputs)
        return errors.InvalidArgumentError(f"{error.message} {complaint}") if complaint else error

    # --------------------------------------------------------------------------------------------------------- building

    def _build_for(self, inputs: Any) -> None:
        """Makes the variables for inputs like these; if that fails, the layer is as it was."""
        if self.built:
            return
        before = {name: _copied(value) for name, value in vars(self).items()}
        complaint = self._complaint(inputs)
        if complaint:
            raise ValueError(complaint)
        self._dtype = self._dtype or next(x.dtype for x in nest.flatten(inputs) if x is not None)
        try:
            # Variables are made outside of what is being traced.
            with listening(interpreter=outside(), tapes=()), name_scope(self._variable_prefix or name_prefix()):
                self.build(nest.map_structure(lambda x: None if x is None else x.shape, inputs))
                self.built = True
                if self._initial_weights is not None:
                    self.set_weights(self._initial_weights)
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _complaint(self, inputs: Any) -> str | None:
        """Says which input is not what `input_spec` asks for, and why; None where all are."""
        if self.input_spec is None:
            return None
        specs, xs = nest.flatten(self.input_spec), nest.flatten(inputs)
        if len(specs) != len(xs):
            return (
                f"Layer {self.name} expects {len(specs)} inputs, but it received {len(xs)} input tensors."
                f" Inputs received: {inputs}"
            )
        if nest.is_nested(inputs) and not nest.is_nested(self.input_spec):
            return f"Layer {self.name} expects a tensor, but it received a {type(inputs).__name__} that holds one."
        for i, (spec, x) in enumerate(zip(specs, xs)):
            complaint = None if x is None or spec is None else spec.complaint(x)
            if complaint:
                return f"Input {i} of layer {self.name} is incompatible with the layer: {complaint}"
        return None

    def _defer(self, inputs: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """Builds the layer for inputs that are not there yet, and returns what stands for its outputs."""
        token = enter_prefix(f"{name_prefix()}{self._name}/")
        try:
            self._build_for(inputs)
        finally:
            leave_prefix(token)
        complaint = self._complaint(inputs)
        if complaint:
            raise ValueError(complaint)
        outputs = nest.map_structure(
            lambda x: DeferredTensor(x.shape, x.dtype, self.name), self._inferred_outputs(inputs, args, kwargs)
        )
        self._inferred_shapes = [nest.map_structure(lambda x: x.shape, xs) for xs in (inputs, outputs)]
        origin = Origin(self, inputs, args, kwargs, outputs)
        for x in nest.flatten(outputs):
            x.origin = origin
        return outputs

    def _inferred_outputs(self, inputs: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """What has the shape and dtype of the outputs: found by following `call`, unless the layer knows better."""
        if type(self).compute_output_shape is Layer.compute_output_shape:
            return self._follow(inputs, *args, **kwargs)
        return shapes_of(self.compute_output_shape(nest.map_structure(lambda x: x.shape, inputs)), self._dtype)

    # -------------------------------------------------------------------------------------------------------- variables

    def add_weight(
        self,
        name: str,
        shape: Any,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool = True,
        constraint: Any = None,
        partitioner: Any = None,
        use_resource: Any = None,
        getter: Any = None,
        **kwargs: Any,
    ) -> Variable:
        """Makes a variable of this layer.

        Args:
            name: its name, to which the layer's is put, and under which checkpoints save it.
            shape: its shape.
            dtype: its dtype; by default the layer's, or else float32.
            initializer: an initializer or its name; by default Glorot's uniform one, and zeros for integers.
            regularizer: a function from the variable to a loss, or a regularizer's name.
            trainable: whether it is among the trainable variables.
            constraint: a function that optimizers apply to the value after each step, or a constraint's name.
            partitioner and others: accepted, as in TensorFlow, without effect.

        Raises:
            ValueError: where the shape is not known in full.
        """
        wanted = dtypes.as_dtype(dtype or self._dtype or dtypes.float32)
        extents = _full_shape(shape, name, self.name)
        loss = regularizers.get(regularizer)
        variable = Variable(
            partial(self._starting_value, name, extents, wanted, initializer),
            trainable=bool(trainable),
            name=name,
            dtype=wanted,
            constraint=constraints.get(constraint),
        )
        self._weights.append(variable)
        if loss is not None:
            self._losses.append(lambda: loss(variable))
            if outside() is not None:
                add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss(variable))
        return self._track(variable, name)

    add_variable = add_weight

    def _starting_value(self, name: str, extents: list[int], dtype: DType, initializer: Any) -> Any:
        """The value that a checkpoint has for the variable, or else what the initializer fills the shape with."""
        restored = self._restored_value(name)
        if restored is not None and list(np.shape(restored)) == extents:
            return restored
        fill = initializers.get(initializer) or _default_initializer(name, dtype, self.name)
        return fill(extents, dtype=dtype)

    def __setattr__(self, name: str, value: Any) -> None:
        is_part = isinstance(value, TRACKABLE) and name not in self._untracked
        if is_part and "_parts" not in self.__dict__:
            raise _forgotten_init(self)
        super().__setattr__(name, value)
        self._forget_part(name)
        if is_part and name in self.__dict__ and (not isinstance(value, tuple) or holds_state(value)):
            kind = self._variables if isinstance(value, Variable) else self._parts
            kind[name] = self.__dict__[name]  # which may be a list that notices what is added

    def __getattr__(self, name: str) -> Any:
        # Asked only where there is no such attribute.
        if name in ("_name", "_dtype", "_weights"):
            raise _forgotten_init(self)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self._forget_part(name)

    def _forget_part(self, name: str) -> None:
        for kind in ("_parts", "_variables"):
            self.__dict__.get(kind, {}).pop(name, None)

    def _sublayers(self) -> list[Layer]:
        """The layers in attributes, and in lists and dictionaries in attributes, each of them once."""
        return unique(part for part in _spread(self._parts.values()) if isinstance(part, Layer)) if self._parts else []

    def _own_variables(self) -> list[Variable]:
        """The variables of this layer itself."""
        others = (part for part in _spread(self._parts.values()) if isinstance(part, Variable)) if self._parts else ()
        return unique([*self._weights, *self._variables.values(), *others])

    def _gather(self, found: dict[int, Variable], wanted: bool, trainable: bool = True) -> None:
        """Puts all variables that are trained, or if wanted is False those that are not, among those found."""
        trainable = bool(trainable and self.trainable)
        for variable in self._own_variables():
            if (trainable and variable.trainable) is wanted:
                found[id(variable)] = variable
        for layer in self._sublayers():
            layer._gather(found, wanted, trainable)

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that training changes; none where the layer is not trainable."""
        found: dict[int, Variable] = {}
        self._gather(found, True)
        return list(found.values())

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """All other variables, such as moving averages."""
        found: dict[int, Variable] = {}
        self._gather(found, False)
        return list(found.values())

    @property
    def variables(self) -> list[Variable]:
        """All variables, the trainable ones first."""
        found: dict[int, Variable] = {}
        self._gather(found, True)
        self._gather(found, False)
        return list(found.values())

    @property
    def weights(self) -> list[Variable]:
        """The same as `variables`."""
        return self.variables

    @property
    def trainable_weights(self) -> list[Variable]:
        """The same as `trainable_variables`."""
        return self.trainable_variables

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The same as `non_trainable_variables`."""
        return self.non_trainable_variables

    def count_params(self) -> int:
        """Returns how many numbers are in all variables.

        Raises:
            ValueError: where the layer has none yet because it was not built.
        """
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on {self.name}, but the layer isn't built."
                f" You can build it manually via: `{self.name}.build(batch_input_shape)`."
            )
        return count_numbers(self.variables)

    @at_once
    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Returns the values of `weights` as numpy arrays."""
        return [np.asarray(variable.numpy()) for variable in self.weights]

    @at_once
    def set_weights(self, weights: Any) -> None:
        """Assigns values to all of `weights`.

        Args:
            weights: numpy arrays, in the order and of the shapes that `get_weights` returns.

        Raises:
            ValueError: where their number or one of their shapes is not right; nothing is assigned then.
        """
        variables, values = self.weights, list(weights)
        if len(variables) != len(values):
            raise ValueError(
                f'You called `set_weights(weights)` on layer "{self.name}" with a weight list of length {len(values)},'
                f" but the layer was expecting {len(variables)} weights. Provided weights: {str(values)[:50]}..."
            )
        for variable, value in zip(variables, values):
            if variable.shape != np.shape(value):
                raise ValueError(
                    f"Layer weight shape {variable.shape} not compatible with provided weight shape {np.shape(value)}:"
                    f" {variable.name} of layer {self.name}"
                )
        for variable, value in zip(variables, values):
            variable.assign(np.asarray(value))

    # ----------------------------------------------------------------------------------------------------------- losses

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Adds to the losses of this layer.

        Args:
            losses: a tensor, which belongs to the present call, and is forgotten at the next one; or a function of no
                arguments, which is called whenever `losses` is read; or a list of these.
            inputs: accepted, as in TensorFlow, without effect.
        """
        for loss in nest.flatten(losses):
            if callable(loss):
                self._losses.append(loss)
            elif loss is not None:
                self._call_losses.append(convert_to_tensor(loss))
                call = current_call()
                (self if call is None else call.root)._losing.append(self)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Accepted, without effect: in eager execution an update is done when it is written."""

    @property
    def losses(self) -> list[Tensor]:
        """The losses that this layer and its sublayers add to what a model minimizes: regularizers above all."""
        found = [loss() for loss in self._losses] + self._call_losses
        for layer in self._sublayers():
            found += layer.losses
        return found

    @property
    def updates(self) -> list[Any]:
        """The operations of a graph that update variables beside the training; in eager execution they are done."""
        own = self.__dict__.get("_updates", [])
        return [*own, *(update for layer in self._sublayers() for update in layer.updates)]

    @contextmanager
    def _noting_updates(self) -> Iterator[None]:
        """A scope whose assignments are updates, which in a graph the program has to run along with its training."""
        graph = get_listeners().interpreter
        if not isinstance(graph, SessionGraph):
            yield
            return
        with graph.noting_assignments() as assignments:
            yield
        self.__dict__.setdefault("_updates", []).extend(assignments)
        for assignment in assignments:
            graph.add_to_collection(GraphKeys.UPDATE_OPS, assignment)

    def get_losses_for(self, inputs: Any) -> list[Tensor]:
        """Returns `losses`: eager losses do not remember the inputs that they were computed from."""
        return self.losses

    def get_updates_for(self, inputs: Any) -> list[Any]:
        """Returns `updates`: they do not remember the inputs that they were computed from."""
        return self.updates

    def _begin(self) -> Layer:
        """At a call from outside, the losses of the one before are forgotten."""
        if self._losing:
            for layer in self._losing:
                layer._call_losses.clear()
            self._losing.clear()
        return self

    def _regularize(self, outputs: Any) -> None:
        for x in nest.flatten(outputs):
            self.add_loss(self._activity_regularizer(x))

    @property
    def activity_regularizer(self) -> Any:
        """The function from the outputs to a loss, or None."""
        return self._activity_regularizer

    @activity_regularizer.setter
    def activity_regularizer(self, regularizer: Any) -> None:
        self._activity_regularizer = regularizers.get(regularizer)

    # ------------------------------------------------------------------------------------------------------- what it is

    @property
    def name(self) -> str:
        """The layer's name, which stands before those of its variables."""
        return self._name

    @property
    def dtype(self) -> str | None:
        """The name of the dtype of the variables; None before it is known."""
        return None if self._dtype is None else self._dtype.name

    @property
    def input_shape(self) -> Any:
        """The shape that the layer was built for in a `Sequential` or functional model, as a tuple."""
        return self._inferred("input", 0)

    @property
    def output_shape(self) -> Any:
        """The shape of its output in a `Sequential` or functional model, as a tuple."""
        return self._inferred("output", 1)

    def _inferred(self, what: str, place: int) -> Any:
        if self._inferred_shapes is None:
            raise AttributeError(
                f'The layer "{self.name}" has never been called and thus has no defined {what} shape: only layers of a'
                " Sequential with an input_shape, and of functional models, have one."
            )
        return nest.map_structure(lambda shape: tuple(shape.as_list()), self._inferred_shapes[place])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name!r}>" if "_name" in self.__dict__ else object.__repr__(self)


# -------------------------------------------------------------------------------------------------------------- details


def _place_of_training(call: Any) -> int | None:
    try:
        parameters = list(inspect.signature(call).parameters.values())[2:]  # after self and the inputs
    except (TypeError, ValueError):  # not written in Python
        return None
    for place, parameter in enumerate(parameters):
        if parameter.name == "training":
            return sys.maxsize if parameter.kind is parameter.KEYWORD_ONLY else place
    return None


def layer_class(name: Any) -> Any:
    """Returns the class of layers that a configuration names; ValueError where there is none."""
    found = CLASSES.get(name)
    if found is None:
        raise ValueError(f"Unknown layer: {name!r}; a class of your own must be defined before it is asked for.")
    return found


def unique(things: Any) -> list[Any]:
    """The things in their order, each once. Identity decides: variables may be set to compare element by element."""
    return list({id(thing): thing for thing in things}.values())


def _spread(parts: Any) -> Iterator[Any]:
    """The parts, and those in lists and dictionaries."""
    for part in parts:
        if isinstance(part, dict):
            yield from _spread(part.values())
        elif isinstance(part, (list, tuple)):
            yield from _spread(part)
        else:
            yield part


def count_numbers(variables: Any) -> int:
    """How many numbers are in the variables."""
    return sum(int(np.prod(variable.extents)) for variable in variables)


def shapes_of(shape: Any, dtype: Any) -> Any:
    """Deferred tensors of one shape, or of several: a list of lists or shapes is several."""
    if isinstance(shape, list) and any(isinstance(s, (list, tuple, TensorShape)) for s in shape):
        return [DeferredTensor(s, dtype) for s in shape]
    return DeferredTensor(shape, dtype)


def batch_input_shape(settings: dict[str, Any]) -> tuple[Any, ...] | None:
    """The shape of a batch, out of the arguments of a first layer."""
    if settings.get("batch_input_shape") is not None:
        return tuple(TensorShape(settings["batch_input_shape"]).as_list())
    example = settings.get("input_shape")
    if example is None and settings.get("input_dim") is not None:
        example = (settings["input_dim"],)
    if example is None:
        return None
    return (settings.get("batch_size"), *TensorShape(example).as_list())


def _checked_name(name: Any) -> str | None:
    if name is not None and not isinstance(name, str):
        raise TypeError(f"The name of a layer must be a string, not {name!r}")
    return name


def _full_shape(shape: Any, name: str, layer: str) -> list[int]:
    known = TensorShape(() if shape is None else shape)
    if not known.is_fully_defined():
        raise ValueError(
            f"Shape of a new variable ({name}) must be fully defined, but instead was {known}: the input of layer"
            f" {layer} must have a known size along the axes that its variables depend on."
        )
    return known.as_list()  # type: ignore[return-value]


def _default_initializer(name: str, dtype: DType, layer: str) -> Callable[..., Tensor]:
    if dtype.is_floating or dtype.is_complex:
        return initializers.GlorotUniform()
    if dtype.is_integer or dtype is dtypes.bool_:
        return initializers.Zeros()
    raise ValueError(f"An initializer for variable {name} of type {dtype.name} is required for layer {layer}.")


def _copied(value: Any) -> Any:
    return value.copy() if type(value) in (list, dict) else value


def _forgotten_init(layer: Layer) -> RuntimeError:
    kind = type(layer).__name__
    return RuntimeError(
        "It looks like you are subclassing `Model` or `Layer` and you forgot to call"
        f" `super({kind}, self).__init__()`. Always start with this line in {kind}.__init__."
    )
