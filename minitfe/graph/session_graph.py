"""Graphs for sessions: operations that have names, and are run in part.

Programs build them as long as eager execution is not enabled, and inside of ``with tf.Graph().as_default():``

    x = tf.placeholder(tf.float32, [2])
    y = tf.reduce_sum(x * x, name='y')

A graph of a function runs as a whole. Of this one, a session runs what is needed for the tensors that were asked for,
and in the order in which it was written down: so an operation that reads a variable sees the assignments above it, if
they are run at all. Whatever must run without being asked for is named by ``tf.control_dependencies``.

Constants are operations here, as in TensorFlow, and a variable is its handle, to which each session gives a value of
its own: see ``minitfe.graph.graph_variable`` and ``minitfe.graph.session``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from itertools import groupby
from types import FrameType, MappingProxyType
from typing import Any, NamedTuple

from minitfe import dtypes, errors, nest, shapes
from minitfe.context import device, get_listeners, main_graph, outside, set_main_graph
from minitfe.devices import Device
from minitfe.graph.graph import Graph, SymbolicTensor, TensorOp, VariableHandle
from minitfe.lines import public_call, quoted
from minitfe.operation import Op, Operation
from minitfe.ops.array import shape_op
from minitfe.ops.indexed_slices import IndexedSlices
from minitfe.ops.operators import BINARY
from minitfe.scopes import VariableScope, name_prefix, name_scope
from minitfe.shapes import Extents, extents_of
from minitfe.tensor import Tensor
from minitfe.variable import assign_variable_op

current_session: ContextVar[Any] = ContextVar("session", default=None)
"""The session in whose ``with`` block this is."""

_before: ContextVar[Mapping[SessionGraph, tuple[int, ...]]] = ContextVar(
    "control_dependencies", default=MappingProxyType({})
)
"""For each graph, the numbers of the operations that those of the moment must wait for."""

# ------------------------------------------------------------------------------------------------- ops of such graphs


def _given(extents: Any = None, **attributes: Any) -> Any:
    return extents


def _given_dtype(dtype: Any, **attributes: Any) -> Any:
    return dtype


def _not_fed(dtype: dtypes.DType, extents: Any, **attributes: Any) -> Any:
    raise errors.InvalidArgumentError(
        f"You must feed a value for placeholder tensor with dtype {dtype.name} and shape"
        f" {shapes.TensorShape(extents)}: session.run(y, feed_dict={{x: value}})."
    )


placeholder_op = TensorOp("placeholder", _not_fed, shape=_given, dtype=_given_dtype)
placeholder_op.no_gradient("its value comes from outside")

variable_op = TensorOp("variable", _not_fed, shape=_given, dtype=_given_dtype, tensorflow_name="VariableV2")
constant_op = TensorOp("constant", lambda value, **_: value, shape=_given, dtype=_given_dtype, tensorflow_name="Const")
default_op = TensorOp(
    "placeholder_with_default", lambda x, extents: x, shape=lambda x, extents: extents,
    tensorflow_name="PlaceholderWithDefault",
)  # fmt: skip


@default_op.gradient(0)
def default_dx(g: Tensor, x: Tensor, output: Tensor, extents: Any) -> Tensor:
    """As long as nothing else is fed, the output is the input: slope 1."""
    return g


no_op = TensorOp("no_op", lambda: (), shape=lambda: [], dtype=lambda: [], several=True)
"""An operation without inputs and outputs: it is there for those that run before it."""

# ----------------------------------------------------------------------------------------------------------- the graph


# Functions after which TensorFlow names what they return. Other operations are named after their ops.
DEFAULT_NAMES = {
    name: name
    for name in (
        "boolean_mask", "clip_by_global_norm", "clip_by_norm", "clip_by_value", "concat", "cond", "dropout", "einsum",
        "embedding_lookup", "eye", "l2_normalize", "moments", "norm", "one_hot", "ones", "ones_like", "random_normal",
        "random_uniform", "range", "scan", "split", "stack", "strided_slice", "transpose", "truncated_normal",
        "unstack", "zeros", "zeros_like",
    )
} | {"while_loop": "while", "map_fn": "map", "getitem": "strided_slice", "bias_add": "BiasAdd"}  # fmt: skip


def _opens_scope(frame: FrameType) -> bool:
    """Whether a function takes its name for a scope, as layers do, and not for what it returns."""
    return "name_scope" in frame.f_code.co_names or frame.f_globals["__name__"].endswith(".layers")


class Note(NamedTuple):
    """What a graph knows of an operation, beside the operation itself.

    Attributes:
        prefix: the name scopes it was made in.
        asked: the name that the user asked for, if any.
        call: a number for the user's call that made it: its operations stand one after the other.
        before: the numbers of operations that must run before it, though it does not read what they make.
        device: where it shall run, if that was said.
    """

    prefix: str
    asked: str | None
    call: int
    before: tuple[int, ...]
    device: Device | None


class SessionGraph(Graph):
    """Operations, to be run by a `Session`.

    Attributes:
        seed: what `tf.set_random_seed` was given for it.
        variables: all that were made in it.
        variables_by_name, layers_by_name: what `get_variable` and functions of ``tf.layers`` may find again.
        outermost_scope: the variable scope outside of all others.

    >>> graph = tf.Graph()
    >>> with graph.as_default():
    ...     x = tf.placeholder(tf.float32, [None, 2], name='x')
    ...     y = tf.reduce_sum(x, axis=1, name='y')
    >>> y
    <tf.Tensor 'y:0' shape=(?,) dtype=float32>
    >>> with tf.Session(graph=graph) as session:
    ...     print(session.run(y, feed_dict={x: [[1., 2.], [3., 4.]]}))
    [3. 7.]

    TensorFlow: tf.Graph.
    """

    variable_type: type = object
    """What variables are made of here; the module of graph variables fills it in."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[Note] = []
        self.seed: int | None = None
        self.variables: list[Any] = []
        self.variables_by_name: dict[str, Any] = {}
        self.layers_by_name: dict[str, Any] = {}
        self.outermost_scope = VariableScope()
        self._places: dict[Tensor, int] = {}
        self._names: list[str] = []
        self._calls = 0
        self._latest_call: FrameType | None = None
        self._used: dict[str, int] = {}
        self._facades: dict[int, GraphOperation] = {}
        self._collections: dict[Any, list[Any]] = {}
        self._finalized = False

    @property
    def outside(self) -> SessionGraph:
        """Itself: variables that are made here belong to this graph."""
        return self

    # ------------------------------------------------------------------------------------------------------ writing

    def execute(self, op: Op, inputs: Sequence[Tensor], attributes: Mapping[str, Any]) -> Any:
        """Appends an operation. It is named after what the user's call was told, or after the function called.

        Raises:
            RuntimeError: for an eager tensor, and where the graph is finalized.
            ValueError: for a tensor of another graph, and where shapes do not fit together.
        """
        asked, frame = public_call()
        if frame is not self._latest_call:  # which is kept until the next one, so that the two can be told apart
            self._latest_call = frame
            self._calls += 1
        if asked is not None and _opens_scope(frame) and re.search(rf"(^|/){re.escape(asked)}(_\d+)?/$", name_prefix()):
            asked = None
        return self._append(op, inputs, attributes, asked or DEFAULT_NAMES.get(frame.f_code.co_name))

    def add(self, op: Op, inputs: Sequence[Tensor], attributes: Mapping[str, Any], name: str) -> Any:
        """Appends an operation under a name."""
        self._latest_call = None
        self._calls += 1
        return self._append(op, inputs, attributes, name)

    def _append(self, op: Op, inputs: Sequence[Tensor], attributes: Mapping[str, Any], asked: str | None) -> Any:
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")
        for x in inputs:
            self._require_own(op, x)
        output = super().execute(op, inputs, attributes)
        self._places.update(dict.fromkeys(output if op.several else (output,), len(self.notes)))
        self.notes.append(Note(name_prefix(), asked, self._calls, self._before(), get_listeners().device))
        return output

    def _require_own(self, op: Op, x: Tensor) -> None:
        if x.home is self:  # type: ignore[comparison-overlap]
            return
        if not isinstance(x, SymbolicTensor):
            raise RuntimeError(
                f"Attempting to capture an EagerTensor without building a function. {op.name} was called in a tf.Graph"
                f" and given {errors.describe_operands((x,))} with a value, from eager execution. Feed the value to a"
                " placeholder, or make it a constant of the graph: tf.constant(x.numpy())."
            )
        raise ValueError(
            f"{x} must be from the same graph as the operation: {op.name} belongs to one tf.Graph, and was given a"
            " tensor of another. Build both inside of one `with graph.as_default():`."
        )

    def constant(self, x: Tensor) -> Tensor:
        """Appends an operation that gives the value of an eager tensor."""
        attributes = {"value": x, "dtype": x.dtype, "extents": x.extents}
        return self.execute(constant_op, (), attributes)  # type: ignore[no-any-return]

    def placeholder(self, dtype: Any, shape: Any = None) -> SymbolicTensor:
        """Returns a tensor whose value is fed at each run."""
        attributes = {"dtype": dtypes.as_dtype(dtype), "extents": extents_of(shape)}
        return self.execute(placeholder_op, (), attributes)  # type: ignore[no-any-return]

    def handle(self, name: str, dtype: dtypes.DType, extents: Any) -> VariableHandle:
        """Returns the handle of a new variable."""
        plain = self.add(variable_op, (), {"dtype": dtype, "extents": extents}, f"{name}/")
        handle = VariableHandle(plain.array, self)  # type: ignore[arg-type]
        self.operations[-1] = self.operations[-1]._replace(output=handle)
        self._places[handle] = self._places.pop(plain)
        return handle

    def device(self, device_name: Any) -> AbstractContextManager[None]:
        """The scope of `tf.device`."""
        return device(device_name)

    @contextmanager
    def control_dependencies(self, control_inputs: Any) -> Iterator[None]:
        """A scope in which operations run after these, when they run; None lifts the scopes around it."""
        before: tuple[int, ...] = ()
        if control_inputs is not None:
            before = (*self._before(), *map(self.place_of, nest.flatten(list(control_inputs))))
        token = _before.set({**_before.get(), self: before})
        try:
            yield
        finally:
            _before.reset(token)

    def _before(self) -> tuple[int, ...]:
        return _before.get().get(self, ())

    def group(self, things: Iterable[Any], name: str | None = None) -> GraphOperation:
        """Returns an operation that runs after all of these."""
        with self.control_dependencies(things):
            self.add(no_op, (), {}, name or "group_deps")
        return self.latest()

    @contextmanager
    def noting_assignments(self) -> Iterator[list[GraphOperation]]:
        """A scope that yields a list, which at the end has all assignments made in it but those that initialize."""
        found: list[GraphOperation] = []
        first = len(self.operations)
        yield found
        initializers = {variable.initializer.number for variable in self.variables}
        for number in range(first, len(self.operations)):
            if self.operations[number].op is assign_variable_op and number not in initializers:
                found.append(self.facade(number))

    def finalize(self) -> None:
        """From now on nothing can be added."""
        self._finalized = True

    @property
    def version(self) -> int:
        """How many operations there are."""
        return len(self.operations)

    @property
    def finalized(self) -> bool:
        """Whether nothing can be added any more."""
        return self._finalized

    # ------------------------------------------------------------------------------------------------------ looking up

    def place_of(self, thing: Any) -> int:
        """The number of the operation that is meant by a tensor, an operation, a variable or a name.

        Raises:
            TypeError: for what is none of these.
            ValueError: for what belongs to another graph, or to none.
        """
        thing = self.as_graph_element(thing)
        return thing.number if isinstance(thing, GraphOperation) else self._places[thing]

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """Returns the tensor or operation that is meant by itself, a variable, or a name such as ``'y:0'`` or ``'y'``.

        Raises:
            TypeError: for what is neither of the two.
            ValueError: for what is not in this graph.
            KeyError: where there is no such name.
        """
        if isinstance(obj, str):
            return self.get_tensor_by_name(obj) if ":" in obj and allow_tensor else self.get_operation_by_name(obj)
        if isinstance(obj, IndexedSlices):
            obj = obj.values
        obj = getattr(obj, "handle", obj)
        kinds = (SymbolicTensor,) * allow_tensor + (GraphOperation,) * allow_operation
        if not isinstance(obj, kinds):
            raise TypeError(f"Can not convert a {type(obj).__name__} into a Tensor or Operation: {obj!r}.")
        if obj.graph is not self:
            raise ValueError(
                f"{'Tensor' if isinstance(obj, Tensor) else 'Operation'} {obj} is not an element of this graph."
            )
        return obj

    def get_operations(self) -> list[GraphOperation]:
        """Returns all operations, in the order in which they were made."""
        return [self.facade(number) for number in range(len(self.operations))]

    def get_operation_by_name(self, name: str) -> GraphOperation:
        """Returns the operation of this name; KeyError where there is none."""
        self._settle_names()
        try:
            return self.facade(self._names.index(name))
        except ValueError:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.") from None

    def get_tensor_by_name(self, name: str) -> Tensor:
        """Returns the tensor of this name, such as ``'y:0'``; KeyError where there is none, ValueError for no name."""
        operation, colon, output = str(name).rpartition(":")
        if not colon or not output.isdigit():
            raise ValueError(
                f"The name {name!r} looks like an (invalid) Operation name, not a Tensor. Tensor names must be of the"
                f" form '<op_name>:<output_index>'."
            )
        try:
            return self.get_operation_by_name(operation).outputs[int(output)]
        except IndexError:
            raise KeyError(
                f"The name {name!r} refers to a Tensor which does not exist: {operation!r} has fewer outputs."
            ) from None

    def latest(self) -> GraphOperation:
        """The operation that was made last."""
        return self.facade(len(self.operations) - 1)

    def facade(self, number: int) -> GraphOperation:
        """The operation of a number as programs see it: one and the same each time."""
        if number not in self._facades:
            self._facades[number] = GraphOperation(self, number)
        return self._facades[number]

    def operation_of(self, x: Tensor) -> GraphOperation:
        """The operation that makes a tensor."""
        return self.facade(self._places[x])

    def consumers_of(self, x: Tensor) -> list[GraphOperation]:
        """The operations that use a tensor."""
        return [self.facade(i) for i, operation in enumerate(self.operations) if any(x is y for y in operation.inputs)]

    def static_value(self, x: Tensor) -> Tensor | None:
        """The value of a constant."""
        return self.operations[self._places[x]].attributes.get("value") if x in self._places else None

    def sizes_in(self, x: Tensor) -> Extents | None:
        """What is known of the numbers in a tensor that is a shape."""
        operation = self.operations[self._places[x]]
        return operation.inputs[0].extents if operation.op is shape_op else super().sizes_in(x)

    def device_of(self, x: Tensor) -> str:
        """The device that was asked for; the empty string where none was."""
        device = self.notes[self._places[x]].device
        return "" if device is None else device.name

    def evaluate(self, x: Any, feed_dict: Any, session: Any) -> Any:
        """Runs what is needed for a tensor or operation in a session, by default in the current one.

        Raises:
            ValueError: where there is none, or it runs another graph.
        """
        session = current_session.get() if session is None else session
        if session is None:
            raise ValueError(
                "Cannot evaluate tensor using `eval()`: No default session is registered. Use `with sess.as_default()`"
                " or pass an explicit session to `eval(session=sess)`."
            )
        if session.graph is not self:
            raise ValueError(
                "Cannot use the default session to evaluate tensor: the tensor's graph is different from the session's"
                " graph. Pass an explicit session to `eval(session=sess)`."
            )
        return session.run(x, feed_dict)

    # ----------------------------------------------------------------------------------------------------------- names

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """Returns a name that nothing has yet: this one, or with a number behind it.

        >>> graph = tf.Graph()
        >>> graph.unique_name('y'), graph.unique_name('y')
        ('y', 'y_1')
        """
        key, result = name.lower(), name
        count = self._used.get(key, 0)
        while result.lower() in self._used:
            result, count = f"{name}_{max(count, 1)}", max(count, 1) + 1
        if mark_as_used:
            self._used[key] = max(count, 1)
            self._used.setdefault(result.lower(), 1)
        return result

    scope_name = unique_name

    def name_scope(self, name: str | None) -> AbstractContextManager[str]:
        """The scope of `tf.name_scope`."""
        return name_scope(name)

    def get_name_scope(self) -> str:
        """The name scope of the moment, without the slash at its end."""
        return name_prefix().removesuffix("/")

    def name_of(self, x: Tensor) -> str:
        """The name of the operation that makes a tensor, and the number of the output."""
        operation = self.operation_of(x)
        return f"{operation.name}:{next(i for i, y in enumerate(operation.outputs) if y is x)}"

    def name_at(self, number: int) -> str:
        """The name of the operation of a number."""
        self._settle_names()
        return self._names[number]

    def _settle_names(self) -> None:
        """Names the operations that have no name yet.

        Of those that one call made, the last, which makes the result, gets the name that was asked for. The others are
        named after it, and after their ops.
        """
        self._latest_call = None
        todo = range(len(self._names), len(self.notes))
        self._names += [""] * len(todo)
        for _, numbers in groupby(todo, key=lambda number: self.notes[number].call):
            *steps, last = numbers
            note = self.notes[last]
            self._names[last] = self._named(last, note.asked)
            inner = f"{self._names[last]}/" if note.asked else ""
            for number in steps:
                kind = self.operations[number].op.tensorflow_name
                self._names[number] = self.unique_name(f"{inner or self.notes[number].prefix}{kind}")

    def _named(self, number: int, asked: str | None) -> str:
        if asked is not None and asked.endswith("/"):
            return asked[:-1]  # a whole name, as variables have
        return self.unique_name(self.notes[number].prefix + (asked or self.operations[number].op.tensorflow_name))

    # ----------------------------------------------------------------------------------------------------- collections

    def add_to_collection(self, name: Any, value: Any) -> None:
        """Adds something to the collection of this name."""
        self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        """Adds something to several collections."""
        for name in dict.fromkeys([names] if isinstance(names, str) else names):
            self.add_to_collection(name, value)

    def get_collection(self, name: Any, scope: str | None = None) -> list[Any]:
        """Returns what is in a collection: all, or what has a name that matches a regular expression at its begin."""
        found = self._collections.get(name, [])
        if scope is None:
            return list(found)
        return [x for x in found if re.match(scope, getattr(x, "name", ""))]

    def get_collection_ref(self, name: Any) -> list[Any]:
        """Returns the collection itself: what is done to the list is done to the collection."""
        return self._collections.setdefault(name, [])

    @property
    def collections(self) -> list[Any]:
        """The names of all collections that have something in them."""
        return self.get_all_collection_keys()

    def get_all_collection_keys(self) -> list[Any]:
        """Returns the names of all collections that have something in them."""
        return [name for name, values in self._collections.items() if values]

    def clear_collection(self, name: Any) -> None:
        """Empties a collection."""
        self._collections.pop(name, None)

    # -------------------------------------------------------------------------------------------------- running in part

    def located(self, error: errors.OpError, number: int | None, operation: Operation | None) -> errors.OpError:
        """The error of an operation that failed, with its name, if it has one, and the line that made it."""
        if operation is None:
            return error
        name = operation.op.name if number is None else self.name_at(number)
        message = (
            f"{error.message}\n\t [[Node: {name} = {operation.op.tensorflow_name}]], made at {quoted(operation.where)}"
        )
        return type(error)(message, op=None if number is None else self.facade(number))

    def needed(self, wanted: Iterable[int], fed: Iterable[Tensor]) -> list[int]:
        """The numbers of the operations that must run for those that are wanted, in order."""
        self._latest_call = None
        given = set(fed)
        found: set[int] = set()
        left = list(wanted)
        while left:
            number = left.pop()
            if number in found:
                continue
            found.add(number)
            left += [self._places[x] for x in self.operations[number].inputs if x not in given]
            left += self.notes[number].before
        return sorted(found)


class GraphOperation:
    """An operation of a graph, as programs see it.

    Attributes:
        graph: the graph that it belongs to.
        number: its place in that.

    TensorFlow: tf.Operation.
    """

    def __init__(self, graph: SessionGraph, number: int) -> None:
        self.graph = graph
        self.number = number

    @property
    def record(self) -> Operation:
        """What the graph holds of it."""
        return self.graph.operations[self.number]

    @property
    def name(self) -> str:
        """Its name, the only one of this name in the graph."""
        return self.graph.name_at(self.number)

    @property
    def type(self) -> str:
        """The name of its op."""
        return self.record.op.tensorflow_name

    @property
    def inputs(self) -> list[Tensor]:
        """The tensors that it reads."""
        return list(self.record.inputs)

    @property
    def outputs(self) -> list[Tensor]:
        """The tensors that it makes."""
        return list(self.record.outputs)

    def values(self) -> tuple[Tensor, ...]:
        """The tensors that it makes, as a tuple."""
        return tuple(self.outputs)

    @property
    def control_inputs(self) -> list[GraphOperation]:
        """The operations that run before it, though it does not read what they make."""
        return [self.graph.facade(number) for number in dict.fromkeys(self.graph.notes[self.number].before)]

    @property
    def device(self) -> str:
        """The device that was asked for; the empty string where none was."""
        device = self.graph.notes[self.number].device
        return "" if device is None else device.name

    @property
    def where(self) -> str | None:
        """The line of the program that made it."""
        return self.record.where

    def get_attr(self, name: str) -> Any:
        """Returns a setting of the operation; ValueError where it has none of this name."""
        if name not in self.record.attributes:
            raise ValueError(
                f"Operation {self.name!r} has no attr named {name!r}; it has {sorted(self.record.attributes)}."
            )
        return self.record.attributes[name]

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Runs it in a session, by default in the current one."""
        self.graph.evaluate(self, feed_dict, session)

    def __str__(self) -> str:
        return f"name: {self.name!r} op: {self.type!r}"

    def __repr__(self) -> str:
        return f"<tf.Operation {self.name!r} type={self.type}>"


def name_operators(kind: type) -> None:
    """Makes ``x + y`` an operation called add, where ``tf.add(x, y)`` is called Add: as in TensorFlow."""
    for name in BINARY:
        for method in (f"__{name}__", f"__r{name}__"):
            setattr(kind, method, _named(getattr(kind, method), name))


def _named(operator: Callable[[Any, Any], Tensor], name: str) -> Callable[..., Tensor]:
    def call(x: Any, y: Any, name: str = name) -> Tensor:
        return operator(x, y)

    return call


name_operators(SymbolicTensor)

# ------------------------------------------------------------------------------------------------------- which graph


def get_default_graph() -> SessionGraph:
    """Returns the graph under construction; in eager execution the main graph, which is empty then."""
    return outside() or main_graph()  # type: ignore[return-value]


def reset_default_graph() -> None:
    """Begins anew: puts an empty graph in the place of the main one.

    Raises:
        AssertionError: inside of a scope of another graph.
    """
    if outside() not in (None, main_graph()):
        raise AssertionError("Do not use tf.reset_default_graph() to clear nested graphs. Leave their scopes instead.")
    set_main_graph(SessionGraph())


set_main_graph(SessionGraph())
