"""Sequential models: one layer after the other."""

from __future__ import annotations

from typing import Any

from minitfe import dtypes
from minitfe.keras.engine.deferred import DeferredTensor
from minitfe.keras.engine.layer import Layer, layer_class, unique
from minitfe.keras.engine.model import Model
from minitfe.named import serialize


class Sequential(Model):
    """A stack of layers, each of which is given what the one before returns.

    Where the first layer says what it will be given, with ``input_shape`` or as an `InputLayer`, all variables are made
    at once; otherwise at the first call.

    Args:
        layers: the layers, in order.
        name: the model's name.

    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(10, input_shape=(784,)), tf.keras.layers.Dense(10)])
    >>> len(model.variables)
    4
    >>> model(tf.zeros([3, 784])).shape
    TensorShape([Dimension(3), Dimension(10)])

    TensorFlow: tf.keras.Sequential.
    """

    def __init__(self, layers: Any = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self._stack: list[Layer] = []
        self._deferred: list[Any] = []  # what each layer will return, where the first says what it will be given
        for layer in layers or ():
            self.add(layer)

    _untracked = Model._untracked | {"_stack", "_deferred"}

    def add(self, layer: Layer) -> None:
        """Puts a layer on top.

        Raises:
            TypeError: for what is no layer.
            ValueError: where it cannot work on what the layers so far return. The model stays as it was.
        """
        if not isinstance(layer, Layer):
            raise TypeError(f"The added layer must be an instance of class Layer. Found: {layer}")
        is_input = isinstance(getattr(layer, "deferred", None), DeferredTensor)
        given = self._deferred[-1] if self._deferred else self._given_to_first(layer)
        if given is not None:
            returned = [] if is_input else [layer(given)]
            self._deferred = [*(self._deferred or [given]), *returned]
            self._dtype = self._deferred[0].dtype
        if not is_input:
            self._track(layer, f"layer-{len(self._stack)}")
            self._stack.append(layer)
            self._inferred_shapes = None
            self.built = given is not None

    def _given_to_first(self, layer: Any) -> DeferredTensor | None:
        """What a first layer says it will be given; None where it does not, or there is a first layer already."""
        shape = layer._batch_input_shape
        if shape is None and isinstance(layer, Model) and layer.inputs:
            shape = layer.inputs[0].shape
        if shape is None or self._stack:
            return None
        return DeferredTensor(shape, layer.dtype or dtypes.float32, f"{layer.name}_input")

    def pop(self) -> None:
        """Takes the last layer off.

        Raises:
            TypeError: where there is none.
        """
        if not self._stack:
            raise TypeError("There are no layers in the model.")
        self._stack.pop()
        self._inferred_shapes = None
        self.__dict__["_tracked"].pop(f"layer-{len(self._stack)}")
        if self._deferred:
            self._deferred.pop()

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Calls the layers one after the other."""
        x = inputs
        for layer in self._stack:
            x = layer(x)
        return x

    def _sublayers(self) -> list[Layer]:
        others = super()._sublayers()
        return unique([*self._stack, *others]) if others else self._stack

    @property
    def inputs(self) -> list[DeferredTensor] | None:
        """What the first layer said it will be given, in a list; None where it did not."""
        return self._deferred[:1] or None

    @property
    def outputs(self) -> list[DeferredTensor] | None:
        """What stands for the output, in a list; None where the first layer did not say what it will be given."""
        return self._deferred[-1:] or None

    def _inferred(self, what: str, place: int) -> Any:
        if self._inferred_shapes is None and self._deferred:
            self._inferred_shapes = (self._deferred[0].shape, self._deferred[-1].shape)
        return super()._inferred(what, place)

    def predict_proba(self, x: Any, batch_size: int | None = None, verbose: int = 0) -> Any:
        """Returns what `predict` does: the probabilities, where the model ends in a softmax or sigmoid."""
        return self.predict(x, batch_size, verbose)

    def predict_classes(self, x: Any, batch_size: int | None = None, verbose: int = 0) -> Any:
        """Returns the number of the likeliest class; for a single output, whether it is above one half."""
        probabilities = self.predict(x, batch_size, verbose)
        if probabilities.shape[-1] > 1:
            return probabilities.argmax(axis=-1)
        return (probabilities > 0.5).astype("int32")

    def get_config(self) -> dict[str, Any]:
        """Returns name, classes and settings of the layers as plain values, without their weights."""
        return {"name": self.name, "layers": [serialize(layer) for layer in self._stack]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Sequential:
        """Makes a model of settings that `get_config` returned."""
        layers = [layer_class(part["class_name"]).from_config(part["config"]) for part in config["layers"]]
        return cls(layers, config.get("name"))
