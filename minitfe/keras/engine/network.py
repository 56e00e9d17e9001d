"""``tfe.Network``: how models were written before `tf.keras.Model` was there for eager execution. Deprecated."""

from __future__ import annotations

import logging
from typing import Any

from minitfe.keras.engine.layer import Layer, unique
from minitfe.keras.engine.model import Model

_log = logging.getLogger("minitfe")


class Network(Model):
    """A model whose layers are taken in with `track_layer`. Deprecated: write a `tf.keras.Model` instead.

    Args:
        name: its name.

    >>> class Line(tfe.Network):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.dense = self.track_layer(tf.layers.Dense(units=1))
    ...     def call(self, inputs):
    ...         return self.dense(inputs)
    >>> model = Line()
    >>> model(tf.zeros([2, 3])).shape
    TensorShape([Dimension(2), Dimension(1)])

    TensorFlow: tfe.Network.
    """

    _untracked = Model._untracked | {"_taken_in"}

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name=name)
        self._taken_in: list[Layer] = []
        _log.info("tfe.Network is deprecated; tf.keras.Model does the same, and needs no track_layer.")

    def track_layer(self, layer: Layer) -> Layer:
        """Makes a layer part of the model, and returns it.

        Raises:
            TypeError: for what is no layer.
        """
        if not isinstance(layer, Layer):
            raise TypeError(f"Network.track_layer() passed type {type(layer)}, not a tf.layers.Layer")
        self._taken_in.append(self._track(layer, f"layer-{len(self._taken_in)}"))
        return layer

    def _sublayers(self) -> list[Layer]:
        return unique([*self._taken_in, *super()._sublayers()])


class NetworkSequential(Network):
    """Layers and functions, one after the other: ``tfe.Sequential``. Deprecated: use `tf.keras.Sequential`.

    Args:
        layers_funcs: layers, and functions from a tensor to a tensor.
        name: its name.

    TensorFlow: tfe.Sequential.
    """

    _untracked = Network._untracked | {"_steps"}

    def __init__(self, layers_funcs: Any = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self._steps: list[Any] = []
        for step in layers_funcs or ():
            self.add(step)

    def add(self, layer_func: Any) -> None:
        """Puts a layer or a function at the end.

        Raises:
            TypeError: for what cannot be called.
        """
        if not callable(layer_func):
            raise TypeError(f"Sequential.add() takes only tf.layers.Layer objects or callables; not {layer_func!r}.")
        if isinstance(layer_func, Layer):
            self.track_layer(layer_func)
        self._steps.append(layer_func)

    def call(self, inputs: Any) -> Any:
        """Calls one after the other."""
        for step in self._steps:
            inputs = step(inputs)
        return inputs
