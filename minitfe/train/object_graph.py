"""The graph of objects as a checkpoint keeps it: who holds what, under which name.

Objects become numbered nodes, breadth first from the one that is saved. An object that is held twice is one node with
two edges to it, and one that holds its parent closes a circle. A value is named by the shortest way to it, in
TensorFlow's notation: ``model/dense/kernel/.ATTRIBUTES/VARIABLE_VALUE``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from minitfe.checkpointable import CONTAINERS, Checkpointable, children
from minitfe.context import listening
from minitfe.train.storage import Value
from minitfe.variable import Variable

ATTRIBUTES = ".ATTRIBUTES"
SLOT = ".OPTIMIZER_SLOT"


@dataclasses.dataclass
class Node:
    """One object.

    Attributes:
        name: the way to it.
        children: the numbers of the nodes it holds, by name.
        value: of a variable, under which name the file has its value.
        state: of an object with state of its own, under which names the file has the parts of it.
        slots: of an optimizer: slot name, number of the variable, number of the slot variable.
    """

    name: str
    children: dict[str, int] = dataclasses.field(default_factory=dict)
    value: str | None = None
    state: dict[str, str] = dataclasses.field(default_factory=dict)
    slots: list[tuple[str, int, int]] = dataclasses.field(default_factory=list)

    @property
    def holds_values(self) -> bool:
        """Whether there is something in the file for this very object."""
        return self.value is not None or bool(self.state)


class ObjectGraph:
    """An object and all that can be reached from it.

    Attributes:
        objects: the objects, the given one first.
        nodes: what is known of each.
    """

    def __init__(self, root: Any) -> None:
        self.objects: list[Any] = []
        self.nodes: list[Node] = []
        self.numbers: dict[int, int] = {}
        self._add(root, "")
        for thing, node in self._pairs():
            for name, child in children(thing).items():
                node.children[name] = self._add(child, joined(node.name, escaped(name)))
        for thing, node in list(self._pairs()):
            self._add_slots(thing, node)

    def _pairs(self) -> Iterator[tuple[Any, Node]]:
        return zip(self.objects, self.nodes)  # both may grow meanwhile

    def _add(self, thing: Any, name: str) -> int:
        """The number of an object; a new one if it was not seen before."""
        number = self.numbers.setdefault(id(thing), len(self.objects))
        if number == len(self.objects):
            self.objects.append(thing)
            self.nodes.append(Node(name))
        return number

    def _add_slots(self, thing: Any, node: Node) -> None:
        for slot_name, variable, slot_variable in slots_of(thing):
            owner = self.numbers.get(id(variable))
            if owner is not None:
                name = joined(self.nodes[owner].name, SLOT, node.name, escaped(slot_name))
                node.slots.append((slot_name, owner, self._add(slot_variable, name)))

    def values(self) -> dict[str, Value]:
        """Returns all that is to be written, by name, and notes the names down in the nodes.

        What is written is the state of this moment: values of variables never change, they are only replaced.
        """
        found: dict[str, Value] = {}
        with listening(interpreter=None, tapes=()):
            for thing, node in self._pairs():
                if isinstance(thing, Variable):
                    node.value = joined(node.name, ATTRIBUTES, "VARIABLE_VALUE")
                    found[node.value] = thing.read_value()
                for part, value in state_of(thing).items():
                    node.state[part] = joined(node.name, ATTRIBUTES, escaped(part))
                    found[node.state[part]] = value
        return found


def list_objects(root_checkpointable: Any) -> list[Any]:
    """Returns all objects that would be saved with one, itself first, lists and dictionaries included.

    >>> v = tf.Variable(1.0)
    >>> tf.contrib.checkpoint.list_objects(tf.train.Checkpoint(v=v))[1] is v
    True

    TensorFlow: tf.contrib.checkpoint.list_objects.
    """
    if not isinstance(root_checkpointable, (Variable, Checkpointable, *CONTAINERS)):
        raise TypeError(f"list_objects goes through objects that can be saved, and was given {root_checkpointable!r}.")
    return ObjectGraph(root_checkpointable).objects


def slots_of(thing: Any) -> list[tuple[str, Variable, Variable]]:
    """The slots of an optimizer; of all else, none."""
    return thing._slots_for_checkpoint() if isinstance(thing, Checkpointable) else []


def state_of(thing: Any) -> dict[str, Any]:
    """The state of an object that is in no variable."""
    return thing._save_state() if isinstance(thing, Checkpointable) else {}


def joined(*parts: str) -> str:
    """A name from its parts; the object that is saved has no name itself."""
    return "/".join(part for part in parts if part)


def escaped(name: str) -> str:
    """A name as part of a longer one, so that different objects never have the same: TensorFlow's way.

    >>> escaped("a/b.c")
    'a.Sb..c'
    """
    return name.replace(".", "..").replace("/", ".S")


# -------------------------------------------------------------------------------------------------------------- as text


def to_text(nodes: list[Node]) -> str:
    """The nodes as JSON, for the metadata of a file."""
    return json.dumps([dataclasses.asdict(node) for node in nodes], separators=(",", ":"))


def from_text(text: str, values: Any) -> list[Node]:
    """The inverse of `to_text`.

    Raises:
        ValueError, TypeError or KeyError: where the text is nothing of the kind, or speaks of values or nodes that are
            not there.
    """
    nodes = [Node(**fields) for fields in json.loads(text)]
    if not nodes:
        raise ValueError("there is no object")
    for node in nodes:
        numbers = [*node.children.values(), *(number for _, owner, slot in node.slots for number in (owner, slot))]
        if not all(type(number) is int and 0 <= number < len(nodes) for number in numbers):
            raise ValueError(f"node {node.name} speaks of nodes that are not there")
        keys = [*node.state.values(), *([] if node.value is None else [node.value])]
        if not all(key in values for key in keys):
            raise ValueError(f"node {node.name} speaks of values that are not there")
    return nodes
