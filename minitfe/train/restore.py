"""Restoring: the nodes of a checkpoint find their objects in the program, now or later.

It begins with the object that `restore` was called on. Where a node and an object have found each other, so do their
children of the same name, and so on. First all of that is only planned. When each value is known to fit its variable,
they are assigned: a checkpoint that does not fit changes nothing.

Nodes whose objects are not there yet wait at the object that will hold them (see ``minitfe.checkpointable``). A value
is let go when it has found its variable.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

from minitfe import dtypes, errors
from minitfe.checkpointable import CONTAINERS, Checkpointable, children
from minitfe.context import listening
from minitfe.conversion import eager_tensor
from minitfe.graph.graph_variable import GraphVariable
from minitfe.graph.session import get_default_session
from minitfe.shapes import TensorShape
from minitfe.train import object_graph
from minitfe.train.object_graph import Node, ObjectGraph, slots_of
from minitfe.train.storage import similar
from minitfe.variable import Variable

Pair = tuple[int, Any]
"""The number of a node, and the object that is to have its values."""

_numbers = count(1)


class Restore:
    """One restore: what the checkpoint has, and what of it has found its object.

    Args:
        path: the checkpoint, for messages.
        nodes: its objects.
        arrays: its values, by name.
    """

    def __init__(self, path: str, nodes: list[Node], arrays: dict[str, np.ndarray[Any, Any]]) -> None:
        self.path, self.nodes, self.arrays = path, nodes, arrays
        self.number = next(_numbers)
        self.found: dict[int, Callable[[], Any]] = {}  # weak references: a restore keeps no object alive
        self.conflicts: list[str] = []
        self.for_sessions: list[tuple[GraphVariable, np.ndarray[Any, Any]]] = []
        # Slots as (optimizer, name, variable, slot variable), by the numbers of both: the optimizer and the variable.
        self.slots: dict[int, list[tuple[int, str, int, int]]] = {}
        for number, node in enumerate(nodes):
            for name, owner, slot in node.slots:
                for end in (number, owner):
                    self.slots.setdefault(end, []).append((number, name, owner, slot))

    def bind(self, number: int, thing: Any) -> None:
        """Gives an object the values of a node, and its children those of the node's children.

        Raises:
            ValueError: where a value has another shape than its variable. Nothing is changed then.
            InvalidArgumentError: where it has another dtype.
        """
        if self._partner(number, {}) is thing:
            return
        plan, conflicts = self._plan(number, thing)
        for other, partner in plan.items():
            self._check(self.nodes[other], partner)
        self._restore_states(plan)
        self.conflicts += conflicts
        for other, partner in plan.items():
            self._commit(other, partner)
        for other, partner in plan.items():
            self._wait_at(other, partner)
        self._create_slots(plan)

    # ------------------------------------------------------------------------------------------------------ planning

    def _plan(self, number: int, thing: Any) -> tuple[dict[int, Any], list[str]]:
        """All new pairs that follow from one, and why others that would follow are none."""
        planned: dict[int, Any] = {}
        conflicts: list[str] = []
        self._walk([(number, thing)], planned, conflicts)
        self._walk(self._slots(planned), planned, conflicts)
        return planned, conflicts

    def _walk(self, pairs: list[Pair], planned: dict[int, Any], conflicts: list[str]) -> None:
        for number, thing in pairs:  # which grows meanwhile
            known = self._partner(number, planned)
            if known is thing:
                continue
            obstacle = self._obstacle(number, thing, known)
            if obstacle:
                conflicts.append(obstacle)
                continue
            planned[number] = thing
            numbers = self.nodes[number].children
            pairs += [(numbers[name], child) for name, child in children(thing).items() if name in numbers]

    def _partner(self, number: int, planned: dict[int, Any]) -> Any:
        """The object that a node is to have, or has and is still there, or None."""
        return planned[number] if number in planned else self.found.get(number, _nothing)()

    def _obstacle(self, number: int, thing: Any, known: Any) -> str | None:
        """Why a node and an object do not fit together."""
        node, is_variable = self.nodes[number], isinstance(thing, Variable)
        if is_variable != (node.value is not None):
            kinds = ("a variable", "no variable") if is_variable else ("no variable", "a variable")
            return f"{node.name} is {kinds[0]} in the program, and {kinds[1]} in the checkpoint."
        if node.state and not isinstance(thing, Checkpointable):
            return f"{node.name} is a {type(thing).__name__} in the program, and has state in the checkpoint."
        if known is not None or (number in self.found and node.holds_values):
            return f"{node.name} is one object in the checkpoint, and several in the program: the first has its value."
        return None

    def _slots(self, planned: dict[int, Any]) -> list[Pair]:
        """Slots follow from two objects: their optimizer and their variable."""
        existing: dict[int, dict[tuple[str, int], Variable]] = {}
        pairs = []
        for number, name, owner, slot_number in self._concerned(planned):
            if number not in existing:
                slots = slots_of(self._partner(number, planned))
                existing[number] = {(name, id(variable)): slot for name, variable, slot in slots}
            slot = existing[number].get((name, id(self._partner(owner, planned))))
            if slot is not None:
                pairs.append((slot_number, slot))
        return pairs

    def _concerned(self, things: dict[int, Any]) -> list[tuple[int, str, int, int]]:
        """The slots not found yet whose optimizer or variable is among some objects."""
        slots = [slot for number in things for slot in self.slots.get(number, ())]
        return [slot for slot in slots if slot[-1] not in self.found]

    # ------------------------------------------------------------------------------------------------------- checking

    def _check(self, node: Node, thing: Any) -> None:
        """Raises an error unless the value fits the variable."""
        if node.value is None or self._comes_late(thing):
            return
        array = self.arrays[node.value]
        shape, dtype = TensorShape(array.shape), dtypes.as_dtype(array.dtype)
        if thing.shape != shape:
            raise ValueError(
                f"Shapes {thing.shape} and {shape} are incompatible: {node.name}, the variable {thing.name!r}, has the"
                f" first in the program and the second in the checkpoint {self.path}. Nothing was restored."
            )
        if thing.dtype is not dtype:
            raise errors.InvalidArgumentError(
                f"tensor_name = {node.value}; expected dtype {thing.dtype.name} does not equal original dtype"
                f" {dtype.name}: the variable {thing.name!r} has another dtype in the checkpoint {self.path}."
                " Nothing was restored."
            )

    def _comes_late(self, thing: Any) -> bool:
        """Whether a later restore has changed the object already."""
        return bool(thing._restore_number > self.number)

    # ------------------------------------------------------------------------------------------------------- changing

    def _restore_states(self, plan: dict[int, Any]) -> None:
        """Restores what is in no variable; if an object refuses, those before it go back to what they were."""
        before: list[tuple[Any, dict[str, Any]]] = []
        try:
            for number, thing in plan.items():
                node = self.nodes[number]
                if node.state and not self._comes_late(thing):
                    before.append((thing, _state_like(node, thing)))
                    thing._restore_state({part: self.arrays[key] for part, key in node.state.items()})
        except BaseException:
            for thing, state in reversed(before):
                thing._restore_state(state)
            raise

    def _commit(self, number: int, thing: Any) -> None:
        """Notes that an object was found, and gives a variable its value."""
        node = self.nodes[number]
        self.found[number] = _weakly(thing)
        for key in node.state.values():
            self.arrays.pop(key, None)
        if isinstance(thing, CONTAINERS) or self._comes_late(thing):
            return
        if node.value is not None:
            self._assign(thing, self.arrays.pop(node.value))
        thing._restore_number = self.number

    def _assign(self, variable: Variable, array: np.ndarray[Any, Any]) -> None:
        """Gives a variable its value. Those of a graph get it in a session: in the current one, and when asked to."""
        if isinstance(variable, GraphVariable):
            self.for_sessions.append((variable, array))
            session = get_default_session()
            if session is not None and session.graph is variable.graph:
                session.assign(variable, array)
        else:
            with listening(interpreter=None, tapes=()):
                variable.assign(eager_tensor(array, variable.handle.home))

    def run_in(self, session: Any) -> None:
        """Gives the variables of a graph that were found so far their values in a session."""
        for variable, array in self.for_sessions:
            session.assign(variable, array)

    def _wait_at(self, number: int, thing: Any) -> None:
        """Waits at an object for what it does not hold yet."""
        node = self.nodes[number]
        parts = [*node.children.values(), *(slot for _, _, slot in node.slots)]
        if isinstance(thing, Checkpointable) and any(part not in self.found for part in parts):
            thing._wait(WaitingParts(self, node))

    def _create_slots(self, plan: dict[int, Any]) -> None:
        """Optimizers make the slots for which values wait. Else a save before the next step would lose them."""
        concerned = self._concerned(plan)
        for number in {number for number, *_ in concerned}:
            optimizer = self._partner(number, {})
            owners = dict.fromkeys(owner for other, _, owner, _ in concerned if other == number)
            variables = [variable for owner in owners if (variable := self._partner(owner, {})) is not None]
            if optimizer is not None and variables:
                optimizer._create_slots(variables)


def _state_like(node: Node, thing: Checkpointable) -> dict[str, Any]:
    """The present state of an object; an error if that has other parts than the checkpoint's."""
    state = thing._save_state()
    if sorted(state) != sorted(node.state):
        raise ValueError(
            f"{node.name}, a {type(thing).__name__}, has the state {sorted(state)} in the program, and"
            f" {sorted(node.state)} in the checkpoint. Nothing was restored."
        )
    return state


class WaitingParts:
    """What waits at one object: see `minitfe.checkpointable.Waiting`."""

    def __init__(self, restore: Restore, node: Node) -> None:
        self.restore, self.node = restore, node

    def replaces(self, other: Any) -> bool:
        """Whether an earlier restore has nothing that this one has not: it need not wait any longer."""
        slots = {(name, owner) for name, owner, _ in self.node.slots}
        earlier = {(name, owner) for name, owner, _ in other.node.slots}
        return other.node.children.keys() <= self.node.children.keys() and earlier <= slots

    def offer(self, name: str, child: Any) -> None:
        """Restores the child if the checkpoint has one of that name."""
        number = self.node.children.get(name)
        if number is not None:
            self.restore.bind(number, child)

    def value(self, name: str) -> Any:
        """The value that waits for the variable of that name, or None."""
        number = self.node.children.get(name)
        key = None if number is None else self.restore.nodes[number].value
        return None if key is None else self.restore.arrays.get(key)

    def offer_slot(self, slot_name: str, variable: Variable, slot_variable: Variable) -> None:
        """Restores a slot if the checkpoint has one of that name for that variable."""
        for name, owner, number in self.node.slots:
            if name == slot_name and self.restore._partner(owner, {}) is variable:
                self.restore.bind(number, slot_variable)
                return


def _nothing() -> None:
    """The reference to an object that is not there."""


def _weakly(thing: Any) -> Callable[[], Any]:
    """A reference that keeps nothing alive. Plain tuples and the like cannot have one, and need none."""
    return weakref.ref(thing) if isinstance(thing, (Variable, Checkpointable)) else _nothing


# -------------------------------------------------------------------------------------------------------------- reports


class CheckpointLoadStatus:
    """What `Checkpoint.restore` returns: it knows what has found its place so far. Print it for a report.

    TensorFlow: what tf.train.Checkpoint.restore returns.
    """

    def __init__(self, restore: Restore, root: Any, own: tuple[Any, ...]) -> None:
        self._restore, self._root, self._own = restore, root, own

    def assert_consumed(self) -> CheckpointLoadStatus:
        """Raises AssertionError unless all values have found an object, and all variables a value; returns itself."""
        self._require(self._values_without_object() + self._restore.conflicts, "Unresolved object in checkpoint")
        return self.assert_existing_objects_matched()

    def assert_existing_objects_matched(self) -> CheckpointLoadStatus:
        """Raises AssertionError unless all variables have a value; the checkpoint may have more. Returns itself."""
        self._require(
            self._objects_without_value() + self._restore.conflicts,
            "Some Python objects were not bound to checkpointed values, likely due to changes in the Python program",
        )
        return self

    def expect_partial(self) -> CheckpointLoadStatus:
        """Says that more or less than all is to be restored here. Returns itself."""
        return self

    def initialize_or_restore(self, session: Any = None) -> None:
        """Gives a graph's variables what was saved in a session, and others their initial values.

        Eager variables have what was saved already.

        Args:
            session: the session, by default the current one.
        """
        initialize_in(session, self._root)
        self.run_restore_ops(session)

    def run_restore_ops(self, session: Any = None) -> None:
        """Gives a graph's variables what was saved in a session; eager variables have it already.

        Args:
            session: the session, by default the current one.
        """
        if self._restore.for_sessions:
            self._restore.run_in(_session(session))

    def _require(self, unmatched: list[str], sentence: str) -> None:
        if unmatched:
            raise AssertionError(f"{sentence}: {', '.join(unmatched)}.\n{self}")

    def _values_without_object(self) -> list[str]:
        nodes = enumerate(self._restore.nodes)
        return [node.name for number, node in nodes if node.holds_values and number not in self._restore.found]

    def _objects_without_value(self) -> list[str]:
        graph = ObjectGraph(self._root)
        matched = {id(reference()) for reference in self._restore.found.values()} | set(map(id, self._own))
        return [
            node.name
            for thing, node in zip(graph.objects, graph.nodes)
            if id(thing) not in matched and (isinstance(thing, Variable) or object_graph.state_of(thing))
        ]

    def __str__(self) -> str:
        here, there = self._objects_without_value(), self._values_without_object()
        if not (here or there or self._restore.conflicts):
            return f"Checkpoint {self._restore.path}: all values were restored."
        lines = [f"Checkpoint {self._restore.path} does not match the program:"]
        lines += [f"  only in the checkpoint: {name}" for name in there]
        lines += [f"  only in the program:    {name}{similar(name, there)}" for name in here]
        return "\n".join(lines + [f"  {conflict}" for conflict in self._restore.conflicts])

    __repr__ = __str__


def initialize_in(session: Any, root: Any) -> None:
    """Runs the initializers of all variables of a graph that an object holds."""
    variables = [thing for thing in ObjectGraph(root).objects if isinstance(thing, GraphVariable)]
    if variables:
        _session(session).run([variable.initializer for variable in variables])


def _session(session: Any) -> Any:
    session = get_default_session() if session is None else session
    if session is None:
        raise ValueError(
            "The variables of a graph have their values in sessions: pass the session, or enter it by `with`."
        )
    return session


class InitializationOnlyStatus:
    """What ``restore(None)`` returns: there was nothing to restore, and all variables have their first values.

    TensorFlow: what tf.train.Checkpoint.restore returns.
    """

    def assert_consumed(self) -> InitializationOnlyStatus:
        """Raises AssertionError."""
        raise AssertionError(
            "No checkpoint specified (save_path=None); nothing is being restored. tf.train.latest_checkpoint returns"
            " None where a folder has no checkpoint."
        )

    assert_existing_objects_matched = assert_consumed

    def expect_partial(self) -> InitializationOnlyStatus:
        """Returns itself."""
        return self

    def __init__(self, root: Any = ()) -> None:
        self._root = root

    def initialize_or_restore(self, session: Any = None) -> None:
        """Gives a graph's variables their initial values in a session; eager variables have them from the start."""
        initialize_in(session, self._root)

    def run_restore_ops(self, session: Any = None) -> None:
        """Raises AssertionError."""
        self.assert_consumed()

    def __repr__(self) -> str:
        return "No checkpoint was given (save_path=None), and nothing was restored."
