"""Models: layers that are made of layers, and can be trained, printed and saved as a whole.

A model is a subclass that keeps its layers in attributes and calls them in `call`, or it is put together from calls of
layers on a `tf.keras.Input`; see `minitfe.keras.engine.functional`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from minitfe import dtypes, errors, nest
from minitfe.keras.engine.at_once import at_once
from minitfe.keras.engine.deferred import DeferredTensor
from minitfe.keras.engine.functional import CallGraph, names_of
from minitfe.keras.engine.layer import Layer, shapes_of, unique
from minitfe.keras.engine.summary import print_summary
from minitfe.keras.engine.training import Trainable
from minitfe.train.checkpoint import Checkpoint


class Model(Trainable):
    """Layers that work together, as one layer that can be trained.

    Args:
        inputs, outputs: deferred tensors, for a model put together from calls of layers; none for subclasses.
        name: its name, which stands before those of all variables made when it is called.

    >>> class Two(tf.keras.Model):
    ...     def __init__(self):
    ...         super().__init__(name='two')
    ...         self.hidden = tf.keras.layers.Dense(4, activation='relu', name='hidden')
    ...         self.out = tf.keras.layers.Dense(1, name='out')
    ...     def call(self, inputs):
    ...         return self.out(self.hidden(inputs))
    >>> model = Two()
    >>> model(tf.ones([3, 2])).shape
    TensorShape([Dimension(3), Dimension(1)])
    >>> [variable.name for variable in model.variables]
    ['two/hidden/kernel:0', 'two/hidden/bias:0', 'two/out/kernel:0', 'two/out/bias:0']

    TensorFlow: tf.keras.Model.
    """

    def __init__(self, inputs: Any = None, outputs: Any = None, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self._call_graph: CallGraph | None = None
        if (inputs is None) != (outputs is None):
            raise TypeError("A model is given both inputs and outputs, or neither and a method `call` in a subclass.")
        if outputs is not None:
            self._connect(inputs, outputs)

    def _connect(self, inputs: Any, outputs: Any) -> None:
        self._call_graph = CallGraph(inputs, outputs)
        for number, layer in enumerate(self._call_graph.layers):
            self._track(layer, f"layer-{number}")
        self._dtype = nest.flatten(inputs)[0].dtype
        self.built = True
        shapes = [nest.map_structure(lambda x: x.shape, xs) for xs in (inputs, outputs)]
        self._inferred_shapes = tuple(shapes)

    def _sublayers(self) -> list[Layer]:
        connected = [] if self._call_graph is None else self._call_graph.layers
        return unique([*connected, *super()._sublayers()]) if connected else super()._sublayers()

    # ------------------------------------------------------------------------------------------------ calling, building

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Computes the outputs: what a subclass has to say.

        Args:
            inputs: what the model was called with.
            training: whether this is training; layers are told without being handed it.
            mask: accepted, as in TensorFlow, without effect.
        """
        if self._call_graph is None:
            raise NotImplementedError(
                "When subclassing the `Model` class, you should implement a `call` method:"
                f" {type(self).__name__} has none."
            )
        return self._call_graph.run(inputs)

    def build(self, input_shape: Any) -> None:
        """Makes the variables of all layers, for inputs of this shape, without computing anything.

        Args:
            input_shape: the shape of a batch, of which sizes may be None; a list of them for several inputs.

        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(4), tf.keras.layers.Dense(2)])
        >>> model.build((None, 3))
        >>> model.count_params()
        26
        """
        self._follow(shapes_of(input_shape, self._dtype or dtypes.float32))

    def _build_for(self, inputs: Any) -> None:
        """A model is built when its layers are: nothing is to be made beforehand, unless a subclass says so."""
        if type(self).build is not Model.build:
            super()._build_for(inputs)
        self._dtype = self._dtype or next(x.dtype for x in nest.flatten(inputs) if x is not None)
        self.built = True

    # --------------------------------------------------------------------------------------------------- what is inside

    @property
    def layers(self) -> list[Layer]:
        """The layers of the model, in the order in which it got them; not those inside of them."""
        return list(self._sublayers())

    @property
    def inputs(self) -> list[DeferredTensor] | None:
        """The deferred tensors that a functional model was made with, as a list; None for other models."""
        return None if self._call_graph is None else nest.flatten(self._call_graph.inputs)

    @property
    def outputs(self) -> list[DeferredTensor] | None:
        """The deferred outputs of a functional model, as a list; None for other models."""
        return None if self._call_graph is None else nest.flatten(self._call_graph.outputs)

    @property
    def input_names(self) -> list[str] | None:
        """The names of a functional model's inputs, by which dictionaries give the data; None for other models."""
        return None if self._call_graph is None else names_of(self._call_graph.inputs)

    @property
    def output_names(self) -> list[str] | None:
        """The names of the layers that give a functional model's outputs; None for other models."""
        return None if self._call_graph is None else names_of(self._call_graph.outputs)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Returns a layer, by its name or its place.

        Raises:
            ValueError: where there is no such layer.
        """
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(
                    f"Was asked to retrieve layer at index {index} but model only has {len(layers)} layers."
                )
            return layers[index]
        if not name:
            raise ValueError("Provide either a layer name or layer index.")
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name}; there are {', '.join(layer.name for layer in layers)}.")

    def reset_states(self) -> None:
        """Calls `reset_states` of all layers that keep a state from batch to batch."""
        for layer in self.layers:
            if hasattr(layer, "reset_states") and getattr(layer, "stateful", False):
                layer.reset_states()

    def count_params(self) -> int:
        """Returns how many numbers are in all variables; ValueError before the model was built."""
        self._require_built("count_params")
        return super().count_params()

    def _require_built(self, what: str) -> None:
        if not self.built:
            raise ValueError(
                "This model has never been called, thus its weights have not yet been created, so no summary can be"
                f" displayed and nothing counted. Build the model first (e.g. by calling it on some data): {what} of"
                f" {self.name}"
            )

    def summary(
        self, line_length: int | None = None, positions: Any = None, print_fn: Callable[[str], Any] | None = None
    ) -> None:
        """Prints the layers, the shapes of their outputs where known, and how many parameters they have.

        Args:
            line_length: the width of the lines.
            positions: where the columns end, as shares of the width.
            print_fn: what is called with each line, instead of print.

        Raises:
            ValueError: where the model has no variables yet because it was never called.

        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,), name='only')])
        >>> model.summary()  # doctest: +NORMALIZE_WHITESPACE
        _________________________________________________________________
        Layer (type)                 Output Shape              Param #
        =================================================================
        only (Dense)                 (None, 2)                 8
        =================================================================
        Total params: 8
        Trainable params: 8
        Non-trainable params: 0
        _________________________________________________________________
        """
        self._require_built("summary")
        print_summary(self, line_length, positions, print_fn or print)

    # ----------------------------------------------------------------------------------------------- saving and loading

    @at_once
    def save_weights(self, filepath: Any, overwrite: bool = True, save_format: str | None = None) -> None:
        """Writes all variables into a file, ``FILEPATH.safetensors``.

        Args:
            filepath: folder and beginning of the name.
            overwrite: whether a file of that name is replaced without asking.
            save_format: 'tf' or None.

        Raises:
            ValueError: before the model was built, and for other formats.
            AlreadyExistsError: where the file is there and must not be overwritten.
        """
        self._require_built("save_weights")
        path = _weights_path(filepath)
        if save_format not in (None, "tf", "tensorflow"):
            raise ValueError(f"Unknown format {save_format!r}: weights are written as safetensors, save_format='tf'.")
        if not overwrite and os.path.exists(f"{path}.safetensors"):
            raise errors.AlreadyExistsError(f"{path}.safetensors exists already; pass overwrite=True to replace it.")
        Checkpoint(model=self).write(path)

    @at_once
    def load_weights(self, filepath: Any, by_name: bool = False) -> Any:
        """Reads what `save_weights` wrote; variables that are not made yet get their values when they are.

        Args:
            filepath: what `save_weights` was given.
            by_name: must be False: values find their variables by the way that leads to them.

        Returns:
            A status that says what was restored.

        Raises:
            NotFoundError: where there is no such file.
        """
        if by_name:
            raise NotImplementedError(
                "Weights cannot be loaded by name: give the model the attributes it was saved with."
            )
        return Checkpoint(model=self).read(_weights_path(filepath))


def _weights_path(filepath: Any) -> str:
    path = os.fspath(filepath)
    if path.endswith((".h5", ".hdf5", ".keras")):
        raise ValueError(f"{path}: HDF5 is not supported; leave out the ending, and FILEPATH.safetensors is written.")
    return path.removesuffix(".safetensors")
