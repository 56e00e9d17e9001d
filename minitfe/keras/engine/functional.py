"""Functional models: layers called on inputs that are not there yet, and later run in the same order on data.

    x = tf.keras.Input((784,))
    h = tf.keras.layers.Dense(100, activation='relu')(x)
    model = tf.keras.Model(x, tf.keras.layers.Dense(10)(h))

Each deferred tensor remembers the call that gives it. From the outputs back these memories are a graph of calls;
`CallGraph` puts it in an order in which each call comes after those that it needs.
"""

from __future__ import annotations

from typing import Any

from minitfe import nest
from minitfe.keras.engine.deferred import DeferredTensor, Origin


class CallGraph:
    """The calls of layers between some deferred inputs and outputs.

    Attributes:
        inputs, outputs: deferred tensors, nested as the user gave them.
        calls: the calls, in order.

    Raises:
        TypeError: for what is no deferred tensor.
        ValueError: where an output depends on an input that is not among the inputs.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        for x in [*nest.flatten(inputs), *nest.flatten(outputs)]:
            if not isinstance(x, DeferredTensor):
                raise TypeError(
                    "Inputs and outputs of a model must be what tf.keras.Input, and layers called on it, return."
                    f" Received: {x!r}. A model that computes in another way is a subclass with a method `call`."
                )
        self.inputs = inputs
        self.outputs = outputs
        self.calls: list[Origin] = []
        known = {id(x) for x in nest.flatten(inputs)}
        for x in nest.flatten(outputs):
            self._find(x, known)

    def _find(self, x: DeferredTensor, known: set[int]) -> None:
        """Adds the calls that lead to a tensor, those that they need first."""
        waiting = [x]
        while waiting:
            x = waiting[-1]
            if id(x) in known:
                waiting.pop()
                continue
            if x.origin is None:
                raise ValueError(
                    f'Graph disconnected: cannot obtain value for tensor {x} at layer "{x.name}": it is an Input that'
                    " is not among the inputs of the model."
                )
            needed = [y for y in nest.flatten(x.origin.inputs) if id(y) not in known]
            if needed:
                waiting += needed
                continue
            self.calls.append(x.origin)
            known.update(id(y) for y in nest.flatten(x.origin.outputs))

    @property
    def layers(self) -> list[Any]:
        """The layers, each once, in the order in which they are called; those of the inputs first."""
        layers = [x.layer for x in nest.flatten(self.inputs) if x.layer is not None]
        return list({id(layer): layer for layer in [*layers, *(call.layer for call in self.calls)]}.values())

    @property
    def is_chain(self) -> bool:
        """Whether each call takes just what the one before it gave."""
        given = nest.flatten(self.inputs)
        for call in self.calls:
            if [*map(id, nest.flatten(call.inputs))] != [*map(id, given)] or len(given) > 1:
                return False
            given = nest.flatten(call.outputs)
        return True

    def connections(self, layer: Any) -> list[str]:
        """Says what a layer is connected to as Keras does: ``dense[0][1]`` is the second output of its first call."""
        calls = [call for call in self.calls if call.layer is layer]
        return [self._place(x) for call in calls for x in nest.flatten(call.inputs)]

    def _place(self, x: DeferredTensor) -> str:
        origin = x.origin
        if origin is None:
            return f"{x.name}[0][0]"
        calls = [call for call in self.calls if call.layer is origin.layer]
        return f"{origin.layer.name}[{calls.index(origin)}][{_index(nest.flatten(origin.outputs), x)}]"

    def run(self, inputs: Any) -> Any:
        """Calls the layers on tensors in place of the deferred inputs, and returns the outputs.

        Raises:
            ValueError: where there are more or fewer tensors than inputs, or a dictionary lacks the name of an input.
        """
        places, given = nest.flatten(self.inputs), self._in_order(inputs)
        if len(places) != len(given):
            raise ValueError(f"The model has {len(places)} inputs, but it was called with {len(given)} tensors.")
        values = {id(place): x for place, x in zip(places, given)}
        for call in self.calls:
            outputs = call.layer(_filled(call.inputs, values), *call.args, **call.kwargs)
            values.update(zip(map(id, nest.flatten(call.outputs)), nest.flatten(outputs)))
        return _filled(self.outputs, values)

    def _in_order(self, inputs: Any) -> list[Any]:
        """The tensors in the order of the inputs: those of a dictionary by the inputs' names, or their keys."""
        if not isinstance(inputs, dict):
            return nest.flatten(inputs)
        keys = self.inputs if isinstance(self.inputs, dict) else names_of(self.inputs)
        return nest.flatten(by_name(inputs, sorted(keys) if isinstance(keys, dict) else keys))


def names_of(deferred: Any) -> list[str]:
    """The names of inputs or outputs, nested as they may be, in order."""
    return [x.name for x in nest.flatten(deferred)]


def by_name(data: dict[str, Any], names: list[str]) -> list[Any]:
    """The data for each name, in the order of the names. What has another name is left out, as in TensorFlow.

    Raises:
        ValueError: where there is no data for a name.
    """
    for name in names:
        if name not in data:
            raise ValueError(
                f'No data provided for "{name}". Need data for each key in: {names}; there is data for {list(data)}.'
            )
    return [data[name] for name in names]


def _index(things: list[Any], wanted: Any) -> int:
    return next(i for i, thing in enumerate(things) if thing is wanted)


def _filled(structure: Any, values: dict[int, Any]) -> Any:
    return nest.map_structure(lambda x: values.get(id(x), x), structure)
