"""Variables: state that programs may change, made of tensors, which they may not.

A variable holds a tensor; assigning puts another tensor in its place. A value that was read before stays what it was,
so that a tape can go back to it. The tape does not know a variable by its values, which come and go, but by its
*handle*, which stays. Reading is an operation from the handle to the value of the moment:

    w = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = w * w             # recorded: read_variable(handle) -> value; multiply(value, value) -> y
    tape.gradient(y, w)       # the gradient with respect to w's handle
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from itertools import count
from typing import Any, NamedTuple

from minitfe import conversion, dtypes, errors, initializers, shapes
from minitfe.context import Listeners, get_listeners, listening, outside
from minitfe.conversion import convert_to_tensor
from minitfe.dtypes import DType
from minitfe.execute import copy_to, execute
from minitfe.graph.graph import Graph, SymbolicTensor, TensorOp
from minitfe.operation import Op, Operation, register
from minitfe.ops import array, indexing, math
from minitfe.scopes import AUTO_REUSE, full_name, get_variable_scope, name_scope
from minitfe.shapes import TensorShape
from minitfe.tensor import Operators, Tensor, TensorLike

_numbers = count()

# ------------------------------------------------------------------------------------------------------------- reading


class Handle(Tensor):
    """What stands for a variable on tapes and in graphs: it stays when the value changes."""

    __slots__ = ()

    def hold(self, value: Tensor) -> None:
        """Takes the array of a value, on the device where the variable lives."""
        self.array = copy_to(value, self.home).array


class Uninitialized(NamedTuple):
    """What the handle of a session's variable holds before the variable is initialized."""

    dtype: Any
    shape: Any
    name: str


def value_of_handle(array: Any) -> Any:
    """The array that a handle holds; FailedPreconditionError where it holds none."""
    if type(array) is Uninitialized:
        raise errors.FailedPreconditionError(
            f"Attempting to use uninitialized value {array.name}. Run tf.global_variables_initializer() in this session"
            " first, or restore the variable from a checkpoint."
        )
    return array


read_variable_op = register(
    Op("read_variable", shape=shapes.same, keeps_sparse=True, kernel=value_of_handle, tensorflow_name="ReadVariableOp")
)


@read_variable_op.gradient(0)
def read_variable_dx(g: Any, handle: Tensor, output: Tensor) -> Any:
    """The value read is the variable's: slope 1."""
    return g


on_creation: ContextVar[Callable[[Variable], None] | None] = ContextVar("on_creation", default=None)
"""What is called with each new variable: where values are restored by name, it gives the variable its value."""


def _first_value(initial_value: Any, dtype: Any) -> Tensor:
    """The initial value as a tensor. A function that returns it is called outside of any trace."""
    if not isinstance(get_listeners().interpreter, Graph):
        return convert_to_tensor(initial_value() if callable(initial_value) else initial_value, dtype)
    with listening(interpreter=None, tapes=()):
        tensor = convert_to_tensor(initial_value() if callable(initial_value) else initial_value, dtype)
    if isinstance(tensor, SymbolicTensor):
        raise ValueError(
            f"A variable made while a function is traced cannot begin with {tensor!r}, which has no value yet. Make the"
            " variable before, or give it a function that returns the initial value: tf.Variable(lambda: ...)."
        )
    return tensor


def _assign(handle: Handle, value: Tensor, variable: Variable) -> Tensor:
    if handle is variable.handle:
        variable._replace(value)
    else:
        handle.hold(value)  # a session's own
    return value


def _value_extents(handle: shapes.Extents, value: shapes.Extents, variable: Variable) -> shapes.Extents:
    return value


# In graphs an assignment is an operation as well: it runs each time the graph does, in its place among the others.
assign_variable_op = TensorOp(
    "assign_variable", _assign, shape=_value_extents, stateful=True, tensorflow_name="AssignVariableOp"
)
assign_variable_op.no_gradient("an assignment ends what a tape can follow")


class Variable(Operators):
    """A value that can be assigned to, and that tapes watch when it is read.

    It can be used wherever a tensor can, and has the operators of one.

    Args:
        initial_value: anything that becomes a tensor, or a function of no arguments that returns such a thing.
        trainable: whether tapes watch it without being asked, and optimizers change it.
        name: a name for people and checkpoints; scopes put their own before it.
        dtype: the dtype, if that is not the initial value's.
        constraint: kept for optimizers, which apply it to the value after a step.
        collections, validate_shape and others: accepted, as in TensorFlow, without effect.

    Raises:
        ValueError: where there is no initial value.

    >>> v = tf.Variable([1., 2.])
    >>> v.assign_add([1., 1.]).numpy()
    array([2., 3.], dtype=float32)
    >>> v
    <tf.Variable 'Variable:0' shape=(2,) dtype=float32, numpy=array([2., 3.], dtype=float32)>
    """

    __array_priority__ = 100

    # The number of the restore that last changed it: an older one that was waiting changes nothing.
    _restore_number = 0

    initializer: Any = None
    """The operation that gives it its first value; None in eager execution, where it has that from the start."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Variable:
        """Makes a variable; in a graph that a session will run, one of those whose values sessions keep."""
        if cls is Variable and get_listeners().interpreter is not None:
            cls = getattr(outside(), "variable_type", cls)
        return object.__new__(cls)

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool = True,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: Any = None,
        constraint: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        tensor = _first_value(initial_value, dtype)
        device = get_listeners().device
        placed = tensor if device is None else copy_to(tensor, device)
        self._value = Tensor(placed.array, placed.home)
        self.handle = Handle(placed.array, placed.home)
        self.trainable = trainable
        self.constraint = constraint
        self.number = next(_numbers)
        self._name = full_name(name or "Variable")
        told = on_creation.get()
        if told is not None:
            told(self)

    # ---------------------------------------------------------------------------------------------------- reading it

    def read_value(self) -> Tensor:
        """Returns the value of this moment; active tapes take note."""
        listeners = get_listeners()
        if listeners.interpreter is not None:
            return self._read_in_graph(listeners)
        value = self._value
        if not listeners.tapes:
            return value
        return self._read_under(listeners.tapes, value)

    value = read_value

    def _read_under(self, tapes: Sequence[Any], value: Tensor) -> Tensor:
        """The value, of whose reading the tapes take note."""
        watching = [tape for tape in tapes if self.trainable or self.handle in tape.watched]
        if watching:
            # A tensor of its own for each reading: what was read before a tape began is a constant to that tape.
            value = Tensor(value.array, value.home)
            operation = Operation(read_variable_op, (self.handle,), {}, value)
            for tape in watching:
                tape.record_read(self, operation)
        return value

    def _read_in_graph(self, listeners: Listeners) -> Tensor:
        """Writes down that the variable is read; its value is what it will be when the graph runs."""
        if self.trainable:
            for tape in listeners.tapes:
                tape.watch_here(self.handle, self)
        if isinstance(listeners.interpreter, Graph):
            listeners.interpreter.meets(self)
        return execute(read_variable_op, (self.handle,))  # type: ignore[no-any-return]

    def numpy(self) -> Any:
        """Returns the value as a fresh numpy array."""
        return self._value.numpy()

    @property
    def name(self) -> str:
        """The name, with the scopes it was made in, and ``:0`` as TensorFlow has it."""
        return f"{self._name}:0"

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return self._value.dtype

    @property
    def shape(self) -> TensorShape:
        """The size along each axis."""
        return self._value.shape

    @property
    def extents(self) -> Any:
        """The shape as a plain tuple."""
        return self._value.extents

    @property
    def device(self) -> str:
        """The full name of the device that holds the value."""
        return self._value.device

    def initialized_value(self) -> Tensor:
        """Returns the value: an eager variable always has one."""
        return self.read_value()

    def get_shape(self) -> TensorShape:
        """Returns the shape; the older spelling of ``.shape``."""
        return self.shape

    def cpu(self) -> Tensor:
        """Returns the value on the CPU."""
        return self.read_value().cpu()

    def gpu(self, gpu_index: int = 0) -> Tensor:
        """Returns the value on a GPU."""
        return self.read_value().gpu(gpu_index)

    def eval(self, session: Any = None) -> Any:
        """Variables of graphs are evaluated in a session; eager ones raise RuntimeError."""
        raise RuntimeError("Trying to eval in EAGER mode; use .numpy() to see the value.")

    # ------------------------------------------------------------------------------------------------- assigning to it

    def assign(
        self, value: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Puts another value in place of the present one, and returns the variable.

        Raises:
            ValueError: where the shapes differ.
            InvalidArgumentError: where a tensor of another dtype is assigned.
        """
        return self._replace(self._acceptable(value, "assign"))

    def assign_add(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Adds to the value, and returns the variable. Errors as for `assign`."""
        return self._replace(math.add(self._present(), self._acceptable(delta, "assign_add")))

    def assign_sub(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Subtracts from the value, and returns the variable. Errors as for `assign`."""
        return self._replace(math.subtract(self._present(), self._acceptable(delta, "assign_sub")))

    def _acceptable(self, value: TensorLike, method: str) -> Tensor:
        """The value as a tensor of the variable's dtype and shape, or an error; the variable stays as it was."""
        mine = self._value.array
        if type(value) is Tensor and value.array.dtype is mine.dtype and value.array.shape == mine.shape:
            return value
        tensor = value if isinstance(value, Tensor) else conversion.resolve(value)
        if not isinstance(tensor, Tensor):
            tensor = conversion.beside(tensor, self._value)
        if tensor.dtype is not self.dtype:
            raise errors.InvalidArgumentError(
                f"Trying to assign variable with wrong dtype. Expected {self.dtype.name} got {tensor.dtype.name}"
                f" [Op:AssignVariableOp]. {method} on {self.name!r}:"
                f" convert the value with tf.cast(x, tf.{self.dtype.name})."
            )
        if tensor.extents != self.extents and not tensor.shape.is_compatible_with(self.shape):
            raise ValueError(
                f"Shapes {self.shape} and {tensor.shape} are incompatible: {method} on the variable {self.name!r}"
                f" of shape {self.shape} was given a value of shape {tensor.shape}; a variable keeps its shape."
            )
        return tensor

    def _present(self) -> Tensor:
        """The value to add to: no tape follows an assignment, so none is told of the reading."""
        listeners = get_listeners()
        if isinstance(listeners.interpreter, Graph):
            listeners.interpreter.meets(self)
            return execute(read_variable_op, (self.handle,))  # type: ignore[no-any-return]
        return self._value

    def _replace(self, tensor: Tensor) -> Variable:
        graph = get_listeners().interpreter
        if isinstance(graph, Graph):
            graph.meets(self)
            execute(assign_variable_op, (self.handle, tensor), {"variable": self})
            return self
        # A fresh tensor, even where memory is shared: a tape that watches the value assigned does not follow it here.
        handle = self.handle
        handle.array = copy_to(tensor, handle.home).array
        self._value = Tensor(handle.array, handle.home)
        return self

    # ----------------------------------------------------------------------------------------------- as Python sees it

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self._value.__array__(dtype, copy)

    def __dlpack__(self, **options: Any) -> Any:
        return self._value.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._value.__dlpack_device__()

    def __bool__(self) -> bool:
        return bool(self._value)

    def __int__(self) -> int:
        return int(self._value)

    def __float__(self) -> float:
        return float(self._value)

    def __index__(self) -> int:
        return self._value.__index__()

    def __format__(self, specification: str) -> str:
        return format(self._value, specification)

    def __iter__(self) -> Iterator[Tensor]:
        raise TypeError("'Variable' object is not iterable.")

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError(
            f"'Variable' object does not support item assignment: v[{key}] = value is not possible."
            " Assign the whole value, v.assign(...), or rows, with tf.scatter_update(v, indices, rows)."
        )

    def __repr__(self) -> str:
        return f"<tf.Variable {self.name!r} shape={self.shape} dtype={self.dtype.name}, numpy={self._value.text(repr)}>"


conversion.register_conversion(Variable, Variable.read_value)


def _refuse(sign: str, method: str) -> Callable[[Variable, Any], Any]:
    advice = f"Use variable.{method}(value) to modify the variable value and" if method else "Use"

    def refuse(self: Variable, value: Any) -> Any:
        raise RuntimeError(
            f"Variable {sign}= value not supported. {advice} variable = variable {sign} value"
            " to get a new Tensor object."
        )

    return refuse


def _refuse_in_place() -> None:
    """``v += 1`` would put a tensor in the variable's place; it is refused, with TensorFlow's words."""
    in_place = {"add": ("+", "assign_add"), "sub": ("-", "assign_sub"), "mul": ("*", ""), "truediv": ("/", ""),
                "floordiv": ("//", ""), "mod": ("%", ""), "pow": ("**", ""), "matmul": ("@", "")}  # fmt: skip
    for name, (sign, method) in in_place.items():
        setattr(Variable, f"__i{name}__", _refuse(sign, method))


_refuse_in_place()

# ------------------------------------------------------------------------------------------- assigning, as functions


def assign(
    ref: Variable, value: TensorLike, validate_shape: Any = None, use_locking: Any = None, name: str | None = None
) -> Variable:
    """Puts another value in place of a variable's; see `Variable.assign`.

    >>> float(tf.assign(tf.Variable(1.0), 5.0))
    5.0
    """
    return _variable(ref).assign(value)


def assign_add(ref: Variable, value: TensorLike, use_locking: Any = None, name: str | None = None) -> Variable:
    """Adds to a variable; see `Variable.assign_add`."""
    return _variable(ref).assign_add(value)


def assign_sub(ref: Variable, value: TensorLike, use_locking: Any = None, name: str | None = None) -> Variable:
    """Subtracts from a variable; see `Variable.assign_sub`."""
    return _variable(ref).assign_sub(value)


def scatter_update(
    ref: Variable, indices: TensorLike, updates: TensorLike, use_locking: Any = None, name: str | None = None
) -> Variable:
    """Puts other rows in place of some of a variable's.

    Args:
        ref: the variable.
        indices: integers that say which rows, of any shape.
        updates: the rows, of shape ``indices.shape + ref.shape[1:]``.

    Raises:
        InvalidArgumentError: where there is no such row, or the shapes do not fit. The variable stays as it was.
    """
    return _scatter(indexing.tensor_scatter_update, ref, indices, updates)


def scatter_add(
    ref: Variable, indices: TensorLike, updates: TensorLike, use_locking: Any = None, name: str | None = None
) -> Variable:
    """Adds rows to some of a variable's; a row named twice gets both. Args and errors as for `scatter_update`."""
    return _scatter(indexing.tensor_scatter_add, ref, indices, updates)


def scatter_sub(
    ref: Variable, indices: TensorLike, updates: TensorLike, use_locking: Any = None, name: str | None = None
) -> Variable:
    """Subtracts rows from some of a variable's. Args and errors as for `scatter_update`."""
    updates = conversion.resolve(updates)
    rows = updates if isinstance(updates, Tensor) else conversion.beside(updates, _variable(ref).read_value())
    return scatter_add(ref, indices, math.negative(rows))


def _scatter(write: Callable[..., Tensor], ref: Variable, indices: TensorLike, updates: TensorLike) -> Variable:
    rows = array.expand_dims(convert_to_tensor(indices), -1)
    return _variable(ref).assign(write(ref.read_value(), rows, updates))


def _variable(ref: Any) -> Variable:
    if not isinstance(ref, Variable):
        raise TypeError(f"Only variables can be assigned to, and ref is {ref!r}; make it with tf.Variable.")
    return ref


# ---------------------------------------------------------------------------------------------- made by name and shape


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = dtypes.float32,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    custom_getter: Any = None,
    constraint: Callable[[Tensor], Tensor] | None = None,
) -> Variable:
    """Makes a variable by name and shape.

    In eager execution it is a new one at each call, except inside an `EagerVariableStore`. A graph that a session will
    run keeps one of each name, and ``tf.variable_scope(..., reuse=True)`` finds it again.

    Args:
        name: its name.
        shape: its shape; not needed where the initializer is a tensor.
        dtype: its dtype.
        initializer: an initializer, or the initial value itself. By default floats are drawn by Glorot and Bengio's
            uniform rule, and other dtypes start at zero.
        regularizer: a function from the variable to what it costs, which is added to the losses of a graph; see
            `tf.losses.get_regularization_losses`. Eager variables cost nothing.
        trainable, constraint: as for `Variable`. The other settings are accepted, as in TensorFlow, without effect.

    Raises:
        ValueError: where neither shape nor initial value is known, or a store's variable has another shape.

    >>> tf.get_variable('w', [2], initializer=tf.zeros_initializer()).numpy()
    array([0., 0.], dtype=float32)
    """
    wanted = dtypes.as_dtype(dtype)
    around, store = outside(), _store.get()
    scope = get_variable_scope()
    key = scope.full_name(name)
    known = {} if store is None else store.by_name
    if around is not None:
        known = around.variables_by_name  # type: ignore[attr-defined]
        _require_reuse(key, known, scope.reuse)
    if key in known:
        given_value = initializer is not None and not callable(initializer)
        return _shared(known[key], key, shape, None if given_value else wanted)
    value = _initial_value(name, shape, wanted, initializer)
    with name_scope(""):
        variable = Variable(value, trainable=trainable, collections=collections, name=key, constraint=constraint)
    if store is not None or around is not None:
        known[key] = variable
    cost = regularizer or scope.regularizer
    if around is not None and cost is not None:
        around.add_to_collection("regularization_losses", cost(variable))  # type: ignore[attr-defined]
    return variable


def _require_reuse(name: str, known: Mapping[str, Any], reuse: Any) -> None:
    """In a graph it must be said whether a variable is new."""
    if name in known and not reuse:
        raise ValueError(
            f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in"
            " VarScope? Each graph keeps one variable of each name."
        )
    if name not in known and reuse and reuse != AUTO_REUSE:
        raise ValueError(
            f"Variable {name} does not exist, or was not created with tf.get_variable(). Did you mean to set"
            " reuse=tf.AUTO_REUSE in VarScope?"
        )


def _shared(variable: Variable, name: str, shape: Any, dtype: DType | None) -> Variable:
    if not variable.shape.is_compatible_with(shape):
        raise ValueError(
            f"Trying to share variable {name}, but specified shape {TensorShape(shape)} and found shape"
            f" {variable.shape}."
        )
    if dtype is not None and variable.dtype is not dtype:
        raise ValueError(
            f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype {variable.dtype.name}."
        )
    return variable


def _initial_value(name: str, shape: Any, dtype: DType, initializer: Any) -> Any:
    if initializer is None:
        initializer = get_variable_scope().initializer
    if initializer is None:
        initializer = initializers.glorot_uniform() if dtype.is_floating else initializers.zeros()
    if isinstance(initializer, type):
        initializer = initializer()
    if not callable(initializer):
        if shape is not None:
            raise ValueError(f"If initializer is a constant, do not specify shape: {name} was given {shape!r}.")
        return initializer
    if not TensorShape(shape).is_fully_defined():
        raise ValueError(
            f"Shape of a new variable ({name}) must be fully defined, but instead was {TensorShape(shape)}."
        )
    return partial(initializer, TensorShape(shape).as_list(), dtype=dtype)


class EagerVariableStore:
    """Makes `get_variable` return the same variable for the same name, as in a graph.

    >>> with tfe.EagerVariableStore().as_default():
    ...     tf.get_variable('w', [2]) is tf.get_variable('w', [2])
    True

    TensorFlow: tfe.EagerVariableStore.
    """

    def __init__(self) -> None:
        self.by_name: dict[str, Variable] = {}

    @contextmanager
    def as_default(self) -> Iterator[EagerVariableStore]:
        """A scope in which get_variable shares by name through this store."""
        token = _store.set(self)
        try:
            yield self
        finally:
            _store.reset(token)

    def variables(self) -> list[Variable]:
        """Returns all variables, in the order of their names."""
        return [self.by_name[name] for name in sorted(self.by_name)]

    def trainable_variables(self) -> list[Variable]:
        """Returns the trainable variables, in the order of their names."""
        return [variable for variable in self.variables() if variable.trainable]


_store: ContextVar[EagerVariableStore | None] = ContextVar("variable_store", default=None)
