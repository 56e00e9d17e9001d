"""Sessions: they run parts of a graph, and keep the values of its variables.

    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        print(session.run(y, feed_dict={x: [1., 2.]}))

A run goes through the operations that are needed for what is fetched, in the order of the graph, and does each of them
with the same kernels as eager execution. What is fed stands in the place of what would have been computed. A variable
is read through its handle, and each session has a handle of its own for each variable: two sessions share nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np

from minitfe import conversion, devices, dtypes, errors, nest
from minitfe.context import listening
from minitfe.devices import Device
from minitfe.graph.graph import SymbolicTensor, VariableHandle, run_operation
from minitfe.graph.session_graph import GraphOperation, SessionGraph, current_session, get_default_graph
from minitfe.graph.session_plan import SessionPlan, Unsuitable, shapes_of
from minitfe.operation import Operation, kernels_are_watched
from minitfe.ops import random
from minitfe.ops.indexed_slices import IndexedSlices, IndexedSlicesValue
from minitfe.tensor import Tensor
from minitfe.variable import Handle, Uninitialized, Variable, value_of_handle

MOST_PLANS = 64
"""How many compiled runs a session keeps: the first one goes."""


class Session:
    """Runs operations of a graph.

    As a context manager it is the current session, and its graph the one under construction.

    Args:
        target, config: accepted, as in TensorFlow, without effect.
        graph: the graph to run; by default the one under construction.

    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.placeholder(tf.float32)
    ...     print(session.run(x * 2., {x: 3.}))
    6.0

    TensorFlow: tf.Session.
    """

    def __init__(self, target: str = "", graph: SessionGraph | None = None, config: Any = None) -> None:
        if graph is not None and not isinstance(graph, SessionGraph):
            raise TypeError(f"graph must be a tf.Graph, but got {type(graph)}")
        self._graph: SessionGraph = get_default_graph() if graph is None else graph
        self._closed = False
        self._handles: dict[Tensor, Handle] = {}
        self._runs: dict[Any, list[Step]] = {}
        self._plans: dict[Any, SessionPlan | Unsuitable | None] = {}
        self._draws: random.Draws | None = None
        self._scopes: list[ExitStack] = []

    @property
    def graph(self) -> SessionGraph:
        """The graph that it runs."""
        return self._graph

    def __enter__(self) -> Session:
        scopes = ExitStack()
        scopes.enter_context(self._graph.as_default())
        scopes.enter_context(self.as_default())
        self._scopes.append(scopes)
        return self

    def __exit__(self, *exception: Any) -> None:
        self._scopes.pop().close()
        self.close()

    @contextmanager
    def as_default(self) -> Iterator[Session]:
        """A scope in which ``eval()`` and ``run()`` of tensors and operations use this session."""
        token = current_session.set(self)
        try:
            yield self
        finally:
            current_session.reset(token)

    def close(self) -> None:
        """Lets go of all variables. It cannot be used afterwards."""
        self._closed = True
        self._handles.clear()
        self._runs.clear()
        self._plans.clear()

    # ------------------------------------------------------------------------------------------------------- running

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """Runs what is needed for the fetches, and returns their values.

        Args:
            fetches: a tensor, variable or operation, or the name of one, or a nested structure of these.
            feed_dict: values for tensors, most often placeholders, by the tensor or its name.
            options, run_metadata: accepted, as in TensorFlow, without effect.

        Returns:
            The structure of the fetches, with a numpy array in the place of each tensor and None in that of an
            operation.

        Raises:
            RuntimeError: where the session is closed, or the graph has no operations.
            TypeError: for a fetch or a feed that is none.
            ValueError: for what is not in this graph, and for a fed value of another shape than its tensor.
            InvalidArgumentError: where a placeholder was not fed.
            FailedPreconditionError: where a variable was not initialized. Kernels raise what they do elsewhere; where
                an operation fails, the message names it and the line that made it.
        """
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if not self._graph.operations:
            raise RuntimeError("The Session graph is empty.  Add operations to the graph before calling run().")
        wanted = nest.map_structure(self._fetch, fetches)
        feeds = dict(self._feed(x, value) for x, value in _pairs(feed_dict))
        values = self._computed(nest.flatten(wanted), feeds)
        return nest.map_structure(lambda x: self._result(x, values), wanted)

    def make_callable(self, fetches: Any, feed_list: Sequence[Any] | None = None) -> Callable[..., Any]:
        """Returns a function of the values for the tensors in feed_list that runs the fetches."""
        tensors = list(feed_list or ())

        def call(*values: Any) -> Any:
            if len(values) != len(tensors):
                raise ValueError(
                    f"The function takes {len(tensors)} values, as feed_list says, and was given {len(values)}."
                )
            return self.run(fetches, dict(zip(tensors, values)))

        return call

    def _fetch(self, thing: Any) -> Any:
        """What a fetch means: a tensor, an operation, or slices."""
        if isinstance(thing, IndexedSlices):
            return thing
        try:
            return self._graph.as_graph_element(thing)
        except TypeError as error:
            raise TypeError(
                f"Fetch argument {thing!r} has invalid type {type(thing)}, must be a string or Tensor. ({error})"
            ) from None
        except (KeyError, ValueError) as error:
            raise ValueError(f"Fetch argument {thing!r} cannot be interpreted as a Tensor. ({error.args[0]})") from None

    def _feed(self, thing: Any, value: Any) -> tuple[Tensor, Tensor]:
        """A tensor, and the value that it gets."""
        try:
            x = self._graph.as_graph_element(thing, allow_operation=False)
        except (KeyError, TypeError, ValueError) as error:
            raise TypeError(f"Cannot interpret feed_dict key as Tensor: {error.args[0]}") from None
        if isinstance(value, SymbolicTensor):
            raise TypeError(
                "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars,"
                f" strings, lists, numpy ndarrays. {x} was fed with {value}."
            )
        with listening(interpreter=None, tapes=()):
            array = conversion.array_from(value.numpy() if isinstance(value, Tensor) else value, x.dtype)
            if not x.shape.is_compatible_with(array.shape):
                raise ValueError(
                    f"Cannot feed value of shape {array.shape} for Tensor {x.name!r}, which has shape '{x.shape}'"
                )
            return x, conversion.eager_tensor(array)

    def _computed(self, wanted: list[Any], feeds: dict[Tensor, Tensor]) -> dict[Tensor, Tensor]:
        """The values of the wanted tensors, and of those fed."""
        tensors = [x for thing in wanted for x in _tensors_of(thing)]
        operations = [thing.number for thing in wanted if isinstance(thing, GraphOperation)]
        values: dict[Tensor, Tensor] = dict(feeds)
        if self._draws is None:  # at the first run, since a seed is often set after the session was made
            self._draws = random.Draws(self._graph.seed)
        with self.as_default(), listening(interpreter=None, tapes=(), device=None), random.drawing(self._draws):
            plan = self._plan(tensors, operations, feeds)
            if plan is not None and plan.serves(feeds) and not kernels_are_watched():
                return values | plan.run(feeds) | {x: self._handle(x) for x in tensors if isinstance(x, VariableHandle)}
            for step in self._steps(tensors, operations, feeds):
                self._do(step, values)
        return values

    def _plan(self, tensors: list[Tensor], operations: list[int], feeds: Mapping[Tensor, Tensor]) -> SessionPlan | None:
        """The compiled form of a run that came by before; None at first, and for what cannot be compiled."""
        key = (*tensors, *operations, None, *shapes_of(feeds))
        if key not in self._plans:
            if len(self._plans) == MOST_PLANS:
                self._plans.pop(next(iter(self._plans)))
            self._plans[key] = None
        elif self._plans[key] is None:
            self._plans[key] = self._compiled(tensors, operations, feeds)
        plan = self._plans[key]
        return plan if isinstance(plan, SessionPlan) else None

    def _compiled(self, tensors: list[Tensor], operations: list[int], feeds: Mapping[Tensor, Tensor]) -> Any:
        numbers = [step.number for step in self._steps(tensors, operations, feeds)]
        try:
            return SessionPlan(self._graph, numbers, tensors, feeds, self._handle)
        except Unsuitable as reason:
            return reason

    def _steps(self, tensors: list[Tensor], operations: list[int], feeds: Mapping[Tensor, Any]) -> list[Step]:
        """What is to be done in a run, worked out once for the same fetches and feeds."""
        key = (*tensors, *operations, None, *feeds)
        if key not in self._runs:
            graph = self._graph
            numbers = graph.needed([*operations, *(graph.place_of(x) for x in tensors if x not in feeds)], feeds)
            self._runs[key] = _steps(graph, numbers, {*tensors, *feeds})
        return self._runs[key]

    def _do(self, step: Step, values: dict[Tensor, Tensor]) -> None:
        """Runs one operation; what nobody will read again is let go."""
        operation = step.operation
        if isinstance(operation.output, VariableHandle):
            values.setdefault(operation.output, self._handle(operation.output))
            return
        inputs = [values[x] for x in operation.inputs]
        try:
            if step.device is None:
                result = run_operation(operation.op, inputs, operation.attributes)
            else:
                with listening(device=step.device):
                    result = run_operation(operation.op, inputs, operation.attributes)
        except errors.OpError as error:
            raise self._graph.located(error, step.number, operation) from error.__cause__
        for x, value in zip(operation.outputs, result if operation.op.several else (result,)):
            values.setdefault(x, value)  # what was fed stays
        for x in step.gone:
            del values[x]

    def _result(self, thing: Any, values: Mapping[Tensor, Tensor]) -> Any:
        if isinstance(thing, GraphOperation):
            return None
        if isinstance(thing, IndexedSlices):
            shape = thing.shape
            whole = np.array(shape.as_list()) if shape.is_fully_defined() else None
            return IndexedSlicesValue(values[thing.values].numpy(), values[thing.indices].numpy(), whole)
        value = values[thing]
        return _value_of(value) if isinstance(value, Handle) else value.numpy()

    # ------------------------------------------------------------------------------------------------------- variables

    def _handle(self, handle: VariableHandle) -> Handle:
        """This session's handle of a variable."""
        found = self._handles.get(handle)
        if found is None:
            name = handle.name.removesuffix(":0")
            found = Handle(Uninitialized(handle.array.dtype, handle.array.shape, name), _home_of(handle))
            self._handles[handle] = found
        return found

    def value_of(self, variable: Variable) -> Tensor:
        """Returns the value of a variable of the graph; FailedPreconditionError where it has none."""
        handle = self._handle(variable.handle)  # type: ignore[arg-type]
        _value_of(handle)
        return Tensor(handle.array, handle.home)

    def initialize_what_is_not(self) -> None:
        """Runs the initializers of all variables that have no value yet."""
        missing = [v for v in self._graph.variables if type(self._handle(v.handle).array) is Uninitialized]
        if missing:
            self.run([variable.initializer for variable in missing])

    def assign(self, variable: Variable, value: Any) -> None:
        """Gives a variable of the graph a value.

        Raises:
            ValueError: where it has another shape than the variable.
        """
        _, tensor = self._feed(variable, value)
        self._handle(variable.handle).hold(tensor)  # type: ignore[arg-type]


class Step(NamedTuple):
    """One operation of a run.

    Attributes:
        operation: what is done.
        number: its place in the graph.
        device: where, if that was said.
        gone: the tensors that are not needed any more afterwards.
    """

    operation: Operation
    number: int
    device: Device | None
    gone: Sequence[Tensor]


def _steps(graph: SessionGraph, numbers: Sequence[int], kept: set[Tensor]) -> list[Step]:
    """The operations of these numbers, each with what can be let go after it."""
    steps: list[Step] = []
    seen = set(kept)
    for number in reversed(numbers):
        operation = graph.operations[number]
        gone = [x for x in dict.fromkeys((*operation.inputs, *operation.outputs)) if x not in seen]
        seen.update(gone)
        steps.append(Step(operation, number, graph.notes[number].device, gone))
    return steps[::-1]


def _home_of(handle: VariableHandle) -> Device:
    """Where the value of a variable lives: where its graph says, or where other values do."""
    graph: SessionGraph = handle.graph  # type: ignore[assignment]
    if handle.dtype is dtypes.string:
        return devices.cpu()
    return graph.notes[graph.place_of(handle)].device or devices.default()


def _value_of(handle: Handle) -> Any:
    """The value of a variable as a numpy array; FailedPreconditionError where it has none."""
    return Tensor(value_of_handle(handle.array), handle.home).numpy()


def _pairs(feed_dict: Any) -> list[tuple[Any, Any]]:
    """The feeds one by one: a tuple of tensors, nested or not, may be fed with such a tuple of values."""
    if feed_dict is None:
        return []
    if not isinstance(feed_dict, Mapping):
        raise TypeError(f"feed_dict must be a dictionary of values by their tensors, not {feed_dict!r}.")
    pairs: list[tuple[Any, Any]] = []
    for key, value in feed_dict.items():
        pairs += _spread(key, value)
    return pairs


def _spread(key: Any, value: Any) -> Iterator[tuple[Any, Any]]:
    if not isinstance(key, tuple):
        yield key, value
        return
    if not isinstance(value, (tuple, list)) or len(value) != len(key):
        raise ValueError(f"feed_dict has a key of {len(key)} tensors, and needs a value for each, not {value!r}.")
    for inner_key, inner_value in zip(key, value):
        yield from _spread(inner_key, inner_value)


def _tensors_of(thing: Any) -> list[Tensor]:
    if isinstance(thing, IndexedSlices):
        return [thing.values, thing.indices]
    return [thing] if isinstance(thing, Tensor) else []


class InteractiveSession(Session):
    """A session that is the current one from the start, for notebooks.

    >>> with tf.Graph().as_default():
    ...     session = tf.InteractiveSession()
    ...     print(tf.constant(2.0).eval())
    ...     session.close()
    2.0

    TensorFlow: tf.InteractiveSession.
    """

    def __init__(self, target: str = "", graph: SessionGraph | None = None, config: Any = None) -> None:
        super().__init__(target, graph, config)
        self._before = current_session.get()
        current_session.set(self)

    def close(self) -> None:
        """Lets go of all variables, and of being the current session."""
        if current_session.get() is self:
            current_session.set(self._before)
        super().close()


def get_default_session() -> Session | None:
    """Returns the session in whose ``with`` block this is, or None."""
    return current_session.get()  # type: ignore[no-any-return]


def in_session(session: Session | None) -> AbstractContextManager[Any]:
    """A scope in which a session is the current one; with None, in which nothing changes."""
    return nullcontext() if session is None else session.as_default()
