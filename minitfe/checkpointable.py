"""Objects whose state can be saved: what they hold, and under which names.

A model is a graph of objects: it holds layers, a layer holds variables, an optimizer holds its own. The names of the
attributes are the edges, and a value is known by the way that leads to it: ``model/dense/kernel``. That does not change
when variables are renamed, or made in another order.

    class Model(Checkpointable):
        def __init__(self):
            self.scale = tf.Variable(1.0)     # an edge "scale" to a leaf
            self.blocks = [Block(), Block()]  # an edge "blocks" to a list, with the edges "0" and "1"

Nothing is registered: an object is asked for its children when it is saved. Only one thing must be noticed at once. A
restored value may belong to something that is not there yet, since layers make their variables at the first call, and
optimizers theirs at the first step. Such a restore waits at the object that will hold the newcomer, and is applied at
the moment it is put there. `minitfe.train.checkpoint` does the saving and restoring; this module is what it and the
objects agree upon.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from minitfe.tensor import Tensor
from minitfe.variable import Variable

T = TypeVar("T")


class Waiting(Protocol):
    """A restore that waits at an object for parts of it that are not there yet."""

    def replaces(self, other: Any) -> bool:
        """Whether an earlier restore need not wait any longer."""

    def offer(self, name: str, child: Any) -> None:
        """Restores the child, now that it is there, if the checkpoint has one of that name."""

    def value(self, name: str) -> Any:
        """The value that waits for the variable of that name, as a numpy array, or None."""

    def offer_slot(self, slot_name: str, variable: Variable, slot_variable: Variable) -> None:
        """Restores what an optimizer has just made for a variable."""


class Checkpointable:
    """Something that holds variables, or other state, and can be saved in checkpoints.

    What is assigned to an attribute is saved under the attribute's name if it is a variable, another Checkpointable, or
    a list, tuple or dictionary that has such in it. Lists and dictionaries are replaced by equal ones that notice what
    is added later.

    >>> class Line(Checkpointable):
    ...     def __init__(self):
    ...         self.slope, self.unit = tf.Variable(2.0), "metres"
    >>> list(Line()._checkpoint_children())
    ['slope']

    TensorFlow: tf.contrib.checkpoint.Checkpointable.
    """

    # Attributes that are left alone: caches, and what is saved in another way.
    _untracked: frozenset[str] = frozenset()

    # The number of the restore that last changed this object: an older one that was waiting changes nothing.
    _restore_number = 0

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) in PLAIN or not isinstance(value, TRACKABLE) or name in self._untracked:
            object.__setattr__(self, name, value)
        elif isinstance(value, NoDependency):
            object.__setattr__(self, "_untracked", self._untracked | {name})
            object.__setattr__(self, name, value.value)
        else:
            value = _noticing(value)
            object.__setattr__(self, name, value)
            self.__dict__.get("_tracked", {}).pop(name, None)
            self._offer(name, value)

    # --------------------------------------------------------------------------------------------------------- parts

    def _track(self, child: T, name: str) -> T:
        """Takes in a child that is no attribute, or has another name than its attribute; returns it."""
        self.__dict__.setdefault("_tracked", {})[name] = child
        self._offer(name, child)
        return child

    def _checkpoint_children(self) -> dict[str, Any]:
        """Returns all that is to be saved with this object, by name. Subclasses may add to it."""
        attributes = {name: value for name, value in vars(self).items() if self._is_child(name, value)}
        return {**attributes, **self.__dict__.get("_tracked", {})}

    def _is_child(self, name: str, value: Any) -> bool:
        return holds_state(value) and name not in BOOKKEEPING and name not in self._untracked

    def _save_state(self) -> dict[str, Any]:
        """Returns the state that is in no variable, such as a position in the data, as numpy arrays by name."""
        return {}

    def _restore_state(self, state: dict[str, Any]) -> None:
        """Goes back to what `_save_state` returned."""

    def _slots_for_checkpoint(self) -> list[tuple[str, Variable, Variable]]:
        """Returns, of an optimizer, what it keeps for each variable: (slot name, variable, slot variable)."""
        return []

    def _create_slots(self, var_list: Any) -> None:
        """An optimizer makes what it keeps for these variables, where it has not yet."""

    # ----------------------------------------------------------------------------------------------- waiting restores

    def _wait(self, restore: Waiting) -> None:
        """Keeps a restore for what will be added later; the newest stands last."""
        earlier = self.__dict__.get("_waiting", [])
        self.__dict__["_waiting"] = [other for other in earlier if not restore.replaces(other)] + [restore]

    def _offer(self, name: str, child: Any) -> None:
        for restore in self.__dict__.get("_waiting", ()):
            restore.offer(name, child)

    def _restored_value(self, name: str) -> Any:
        """Returns the value that waits for a variable of that name, as a numpy array, or None.

        Who makes a variable with a random initial value asks this first. A resumed program then draws no number that
        the uninterrupted one did not draw at this point.
        """
        for restore in reversed(self.__dict__.get("_waiting", ())):
            value = restore.value(name)
            if value is not None:
                return value
        return None

    def _restore_slot(self, slot_name: str, variable: Variable, slot_variable: Variable) -> None:
        """An optimizer calls this when it has made a slot: a waiting restore fills it."""
        for restore in self.__dict__.get("_waiting", ()):
            restore.offer_slot(slot_name, variable, slot_variable)


class NoDependency:
    """Wraps what is assigned to an attribute and not to be saved: the attribute holds the value itself.

    >>> thing = Checkpointable()
    >>> thing.cache = NoDependency([tf.Variable(1.0)])
    >>> len(thing.cache), thing._checkpoint_children()
    (1, {})

    TensorFlow: tf.contrib.checkpoint.NoDependency.
    """

    def __init__(self, value: Any) -> None:
        self.value = value


BOOKKEEPING = frozenset({"_tracked", "_waiting", "_untracked"})
TRACKABLE = (Variable, Checkpointable, list, tuple, dict, NoDependency)
CONTAINERS = (list, tuple, dict)
PLAIN = frozenset({int, float, bool, str, type(None), Tensor})  # a short way for the most common values


def holds_state(value: Any) -> bool:
    """Says whether it is something to save, or has such in it, at any depth.

    Lists and dictionaries of attributes count even while they are empty: a restore may wait for what will be in them.

    >>> holds_state([1, (2, tf.Variable(3.0))]), holds_state([1, 2])
    (True, False)
    """
    if isinstance(value, (Variable, Checkpointable)):
        return True
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, CONTAINERS) else ()
    return any(map(holds_state, parts))


def children(value: Any) -> dict[str, Any]:
    """Returns what an object, a list, a tuple or a dictionary holds that is to be saved, by name.

    >>> list(children([7, tf.Variable(1.0)]))
    ['1']
    """
    if isinstance(value, Variable):
        return {}
    if isinstance(value, CONTAINERS):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        named = [(str(key), child) for key, child in pairs if holds_state(child)]
        return _without_repetition(named)
    return dict(value._checkpoint_children())


def _without_repetition(named: list[tuple[str, Any]]) -> dict[str, Any]:
    children = dict(named)
    if len(children) != len(named):
        names = [name for name, _ in named]
        raise ValueError(
            f"A dictionary with the keys {names} cannot be saved: as text two of them are the same. Use text as keys."
        )
    return children


# ----------------------------------------------------------------------------------------------- lists and dictionaries


class TrackedList(list[Any], Checkpointable):
    """A list in an attribute: a list as any other, at which a restore can wait for what is appended."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        super().__init__(map(_noticing, items))

    def append(self, item: Any) -> None:
        """Adds an item at the end."""
        super().append(_noticing(item))
        self._offer_all()

    def extend(self, items: Iterable[Any]) -> None:
        """Adds several items at the end."""
        super().extend(map(_noticing, items))
        self._offer_all()

    def insert(self, index: Any, item: Any) -> None:
        """Puts an item before the one with this index."""
        super().insert(index, _noticing(item))
        self._offer_all()

    def __iadd__(self, items: Iterable[Any]) -> TrackedList:  # type: ignore[misc]
        self.extend(items)
        return self

    def __setitem__(self, index: Any, item: Any) -> None:
        super().__setitem__(index, map(_noticing, item) if isinstance(index, slice) else _noticing(item))
        self._offer_all()

    def _offer_all(self) -> None:
        if "_waiting" in self.__dict__:
            for name, child in children(self).items():
                self._offer(name, child)


class TrackedDict(dict[Any, Any], Checkpointable):
    """A dictionary in an attribute: as any other, and a restore can wait at it for what is put in later."""

    def __init__(self, items: Any = (), **more: Any) -> None:
        super().__init__()
        self.update(items, **more)

    def __setitem__(self, key: Any, value: Any) -> None:
        value = _noticing(value)
        super().__setitem__(key, value)
        if holds_state(value):
            self._offer(str(key), value)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Returns the value for the key, which is first set to the default if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, items: Any = (), /, **more: Any) -> None:
        """Puts in all pairs of keys and values."""
        for key, value in dict(items, **more).items():
            self[key] = value

    def __ior__(self, items: Any) -> TrackedDict:  # type: ignore[misc]
        self.update(items)
        return self


NOTICING: dict[type, type] = {list: TrackedList, dict: TrackedDict}


def _noticing(value: Any) -> Any:
    """A plain list or dictionary becomes one that notices what is added; a subclass stays what it is."""
    noticing = NOTICING.get(type(value))
    return value if noticing is None else noticing(value)
