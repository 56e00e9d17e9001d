"""Variables of a graph: a handle in the graph, and in each session a value of its own.

    w = tf.Variable(tf.random_normal([3]))          # nothing is drawn yet
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())   # now it is

The initial value is a tensor of the graph, and the initializer an operation that assigns it. `tf.Variable` makes such a
variable whenever a graph is under construction that a session will run; what reads and assigns it is written as for any
other. Where no graph is under construction, as when a checkpoint is saved, its value is the one that it has in the
current session.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minitfe import context, conversion, dtypes
from minitfe.context import get_listeners, listening
from minitfe.conversion import convert_to_tensor
from minitfe.execute import execute
from minitfe.graph.collections import GraphKeys, global_variables, local_variables
from minitfe.graph.graph import TensorOp, VariableHandle
from minitfe.graph.session_graph import GraphOperation, SessionGraph, current_session, name_operators
from minitfe.scopes import full_name, name_scope
from minitfe.tensor import Tensor
from minitfe.variable import Uninitialized, Variable, assign_variable_op


class GraphVariable(Variable):
    """A variable whose value is kept by sessions. `tf.Variable` makes it in a graph, and takes the same arguments.

    Attributes:
        initial_value: the tensor that it begins with.
        initializer: the operation that gives it that value.
        graph: the graph that it belongs to.

    Args:
        collections: the collections that it is added to, `GraphKeys.GLOBAL_VARIABLES` by default.
        validate_shape: whether the shape of the initial value must be known.
    """

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
        self.graph: SessionGraph = context.outside()  # type: ignore[assignment]
        self.trainable = trainable
        self.constraint = constraint
        self.number = len(self.graph.operations)
        self._name = self.graph.unique_name(full_name(name or "Variable"))
        # A branch or loop that is being traced has its variables outside, and they depend on nothing in it.
        outside = listening(interpreter=self.graph, tapes=())
        with outside, self.graph.control_dependencies(None), name_scope(f"{self._name}/"):
            self._begin(initial_value, dtype, validate_shape)
        self.graph.variables.append(self)
        _add_to_collections(self, collections)

    def _begin(self, initial_value: Any, dtype: Any, validate_shape: bool) -> None:
        value = initial_value() if callable(initial_value) else initial_value
        self.initial_value = convert_to_tensor(value, dtype)
        if validate_shape and not self.initial_value.shape.is_fully_defined():
            raise ValueError(
                f"initial_value must have a shape specified: {self.initial_value}, for the variable {self._name!r}. Say"
                " it with set_shape, or pass validate_shape=False."
            )
        extents = self.initial_value.extents if validate_shape else None
        self.handle: VariableHandle = self.graph.handle(self._name, self.initial_value.dtype, extents)  # type: ignore[assignment]
        self._value = self.handle
        self.initializer = self._assigned(self.initial_value, "Assign").op

    def _assigned(self, value: Tensor, name: str) -> Tensor:
        return self.graph.add(assign_variable_op, (self.handle, value), {"variable": self}, name)  # type: ignore[no-any-return]

    def read_value(self) -> Tensor:
        """Returns a tensor of the graph for the value; outside of graphs, the value in the current session."""
        if get_listeners().interpreter is None:
            return self._read_under(get_listeners().tapes, _session_for(self).value_of(self))
        return super().read_value()

    value = read_value

    def _present(self) -> Tensor:
        if get_listeners().interpreter is None:
            return _session_for(self).value_of(self)  # type: ignore[no-any-return]
        return super()._present()

    def _replace(self, tensor: Tensor) -> Any:
        """Writes down an assignment, and returns the tensor that has the new value once it ran."""
        if get_listeners().interpreter is None:
            _session_for(self).assign(self, tensor)
            return self
        return execute(assign_variable_op, (self.handle, tensor), {"variable": self})

    def numpy(self) -> Any:
        """Returns the value in the current session as a numpy array, where no graph is under construction."""
        return self.read_value().numpy()

    @property
    def op(self) -> GraphOperation:
        """The operation that stands for it."""
        return self.handle.op  # type: ignore[no-any-return]

    def initialized_value(self) -> Tensor:
        """Returns the value that it has, or the initial value where it has none yet."""
        return execute(initialized_value_op, (self.handle, self.initial_value))  # type: ignore[no-any-return]

    def eval(self, session: Any = None) -> Any:
        """Returns its value in a session, by default in the current one."""
        return self.graph.evaluate(self, None, session)

    def load(self, value: Any, session: Any = None) -> None:
        """Gives it a value in a session, by default in the current one, without an operation in the graph."""
        (_session_for(self) if session is None else session).assign(self, value)

    def set_shape(self, shape: Any) -> None:
        """Says more about its shape than was known."""
        self.handle.set_shape(shape)

    def __repr__(self) -> str:
        return f"<tf.Variable {self.name!r} shape={self.shape} dtype={self.dtype.name}_ref>"


SessionGraph.variable_type = GraphVariable
name_operators(GraphVariable)
conversion.register_conversion(GraphVariable, GraphVariable.read_value)


def _session_for(variable: GraphVariable) -> Any:
    session = current_session.get()
    if session is None:
        raise ValueError(
            f"The variable {variable.name!r} of a graph has a value in a session only. Either session argument should"
            " be provided or default session should be established: with tf.Session() as session."
        )
    return session


def _add_to_collections(variable: GraphVariable, collections: Any) -> None:
    names = [GraphKeys.GLOBAL_VARIABLES] if collections is None else list(collections)
    if variable.trainable and GraphKeys.TRAINABLE_VARIABLES not in names and GraphKeys.LOCAL_VARIABLES not in names:
        names.append(GraphKeys.TRAINABLE_VARIABLES)
    variable.graph.add_to_collections(names, variable)


# ------------------------------------------------------------------------------------------------------- initializing


def _has_value(handle: Tensor) -> Tensor:
    return convert_to_tensor(type(handle.array) is not Uninitialized)


def _value_or_initial(handle: Tensor, initial: Tensor) -> Tensor:
    return initial if type(handle.array) is Uninitialized else Tensor(handle.array, handle.home)


has_value_op = TensorOp(
    "is_variable_initialized", _has_value, shape=lambda handle: (), dtype=lambda handle: dtypes.bool_, stateful=True
)
initialized_value_op = TensorOp("initialized_value", _value_or_initial, shape=lambda x, initial: initial, stateful=True)


@initialized_value_op.gradient(0)
def initialized_value_dx(g: Tensor, handle: Tensor, initial: Tensor, output: Tensor) -> Tensor:
    """The value is the variable's: slope 1."""
    return g


def is_variable_initialized(variable: Any) -> Tensor:
    """Returns whether a variable has a value: always true in eager execution."""
    if not isinstance(variable, GraphVariable):
        return convert_to_tensor(True)
    return execute(has_value_op, (variable.handle,))  # type: ignore[no-any-return]


def variables_initializer(var_list: Sequence[Any], name: str = "init") -> Any:
    """Returns an operation that gives variables their initial values; None in eager execution, where they have them."""
    if context.outside() is None:
        return None
    graph: SessionGraph = context.outside()  # type: ignore[assignment]
    return graph.group([variable.initializer for variable in var_list], name)


def global_variables_initializer() -> Any:
    """Returns an operation that gives all variables of the graph their initial values; None in eager execution.

    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     v = tf.Variable(3.0)
    ...     session.run(tf.global_variables_initializer())
    ...     print(session.run(v))
    3.0
    """
    return None if context.outside() is None else variables_initializer(global_variables())


def local_variables_initializer() -> Any:
    """Returns an operation that gives the local variables their initial values; None in eager execution."""
    return None if context.outside() is None else variables_initializer(local_variables(), "init_local")


def tables_initializer(name: str = "init_all_tables") -> Any:
    """Returns an operation that does nothing, since there are no lookup tables; None in eager execution.

    >>> with tf.Graph().as_default():
    ...     tf.tables_initializer()
    <tf.Operation 'init_all_tables' type=NoOp>
    """
    return variables_initializer([], name)


# Older names of theirs.
initialize_variables = variables_initializer
initialize_all_variables = global_variables_initializer
initialize_local_variables = local_variables_initializer


def report_uninitialized_variables(var_list: Sequence[Any] | None = None, name: str = "report") -> Tensor:
    """Returns the names of the variables that have no value yet, as a vector of strings."""
    variables = [*global_variables(), *local_variables()] if var_list is None else list(var_list)
    names = [variable.name.removesuffix(":0") for variable in variables]
    return execute(report_op, [variable.handle for variable in variables], {"names": names})  # type: ignore[no-any-return]


def _report(*handles: Tensor, names: Sequence[str]) -> Tensor:
    missing = [name for name, handle in zip(names, handles) if type(handle.array) is Uninitialized]
    return convert_to_tensor(missing, dtypes.string)


report_op = TensorOp(
    "report_uninitialized_variables", _report, shape=lambda *handles, names: (None,),
    dtype=lambda *handles, names: dtypes.string, stateful=True,
)  # fmt: skip
