"""What all optimizers share: gradients in, variables changed.

    optimizer = tf.train.MomentumOptimizer(learning_rate=0.1, momentum=0.9)
    optimizer.minimize(lambda: model_loss(x, y))

`minimize` computes gradients and applies them. In `apply_gradients` all that can be wrong is found out before anything
is changed. Then each gradient goes to the optimizer's own rule, written out or as the few rows of an `IndexedSlices`.

What an optimizer remembers about a variable, such as its velocity, is kept in another variable beside it: a *slot*. For
most optimizers the rule is one equation, element by element, from a gradient, a value and its slots to the new value
and slots. `RowwiseOptimizer` applies it to whole variables or, where a gradient is sparse, to the rows it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from minitfe import conversion, devices, dtypes, errors, initializers, nest, shapes
from minitfe.autodiff.tape import GradientTape
from minitfe.checkpointable import Checkpointable
from minitfe.context import get_listeners, listening, outside
from minitfe.devices import Device
from minitfe.execute import copy_to
from minitfe.graph.collections import trainable_variables
from minitfe.graph.gradients import gradients
from minitfe.graph.graph import SymbolicTensor
from minitfe.graph.session_graph import SessionGraph
from minitfe.ops import arguments, array, indexing, reduction, segment, sorting
from minitfe.ops.indexed_slices import IndexedSlices
from minitfe.scopes import name_scope
from minitfe.tensor import Tensor
from minitfe.variable import Variable, scatter_update

GradientsAndVariables = Iterable[tuple[Any, Variable]]


class Optimizer(Checkpointable):
    """The base of all optimizers.

    To write one, derive from `RowwiseOptimizer`, or override `_create_slots`, `_apply_dense` and `_apply_sparse` here.

    Args:
        use_locking: accepted, as in TensorFlow, without effect.
        name: what slots are called.

    Raises:
        ValueError: where the name is empty.

    TensorFlow: tf.train.Optimizer.
    """

    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2

    _untracked = frozenset({"_slots", "_other_variables"})  # saved per variable, and by their names

    def __init__(self, use_locking: bool, name: str) -> None:
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        self._slots: dict[str, dict[Variable, Variable]] = {}
        self._other_variables: dict[str, Variable] = {}
        self._seen: set[Variable] = set()  # the variables that have their slots
        self._changing: tuple[Hyperparameter, ...] = ()

    def get_name(self) -> str:
        """Returns the optimizer's name."""
        return self._name

    # --------------------------------------------------------------------------------------------------- one step

    def minimize(
        self,
        loss: Callable[[], Any],
        global_step: Variable | None = None,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Any:
        """Takes one step: computes the gradients of a loss and applies them.

        Args:
            loss: a function of no arguments that computes the loss from variables; in a graph, the loss itself.
            global_step: a variable that counts steps, to be increased by one.
            var_list: the variables to change; by default all trainable ones that the loss reads.
            grad_loss: a gradient to begin with, of the loss's shape.
            gate_gradients and others: accepted, as in TensorFlow, without effect.

        Returns:
            None; in a graph, the operation that takes a step each time it is run.

        Raises:
            RuntimeError: where the loss is no function, in eager execution.
            ValueError: where it depends on none of the variables.

        >>> w = tf.Variable(3.0)
        >>> tf.train.GradientDescentOptimizer(0.1).minimize(lambda: w * w)
        >>> round(float(w), 4)
        2.4
        """
        pairs = self.compute_gradients(loss, var_list, grad_loss=grad_loss)
        if all(gradient is None for gradient, _ in pairs):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not support gradients,"
                f" between variables {[str(variable) for _, variable in pairs]} and loss {loss}. Does the loss read"
                " trainable variables, and compute with ops all the way? What passes through numpy is lost to the tape."
            )
        return self.apply_gradients(pairs, global_step, name)

    def compute_gradients(
        self,
        loss: Callable[[], Any],
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Any, Variable]]:
        """Computes the gradients of a loss, for `apply_gradients`.

        Args and errors are those of `minimize`.

        Returns:
            A list of (gradient, variable); a gradient is None where the loss does not depend on the variable.
        """
        if isinstance(loss, SymbolicTensor):
            variables = trainable_variables() if var_list is None else nest.flatten(var_list)
            return list(zip(gradients(loss, variables, grad_loss), variables))
        if not callable(loss):
            raise RuntimeError(
                "`loss` passed to Optimizer.compute_gradients should be a function when eager execution is enabled."
                f" It is {type(loss).__name__}: pass lambda: loss_of_the_model(...), or use tf.GradientTape and"
                " apply_gradients."
            )
        with GradientTape() as tape:
            if var_list is not None:
                tape.watch(var_list)
            value = loss()
        variables = list(tape.watched_variables()) if var_list is None else nest.flatten(var_list)
        return list(zip(tape.gradient(value, variables, grad_loss), variables))

    def apply_gradients(
        self, grads_and_vars: GradientsAndVariables, global_step: Variable | None = None, name: str | None = None
    ) -> Any:
        """Changes variables by their gradients. Nothing is changed where an argument is wrong.

        Args:
            grads_and_vars: pairs of a gradient and its variable, such as ``zip(gradients, variables)``. Gradients are
                tensors or `IndexedSlices`; a variable whose gradient is None stays as it is.
            global_step: a variable that counts steps, to be increased by one.
            name: what the operation of a graph is called; the optimizer's name by default.

        Returns:
            None; in a graph, the operation that changes them each time it is run.

        Raises:
            ValueError: where there are no variables, or no gradient for any; and for variables of integers.
            TypeError: for what is no gradient.
            InvalidArgumentError: for a gradient of another shape or dtype than its variable.

        >>> w = tf.Variable([1., 2.])
        >>> tf.train.GradientDescentOptimizer(0.5).apply_gradients([(tf.constant([1., 1.]), w)])
        >>> w.numpy()
        array([0.5, 1.5], dtype=float32)
        """
        pairs = [(_checked(gradient, variable), variable) for gradient, variable in _pairs(grads_and_vars)]
        used = [pair for pair in pairs if pair[0] is not None]
        if not used:
            raise ValueError(
                f"No gradients provided for any variable: {[str(variable) for _, variable in pairs]}. Do they take part"
                " in computing the loss, inside of the tape?"
            )
        if global_step is not None:
            _require_counter(global_step)
        for parameter in self._changing:
            parameter.read()
        variables = [variable for _, variable in used]
        if not self._seen.issuperset(variables):
            self._take_in(variables)
        graph = get_listeners().interpreter
        if not isinstance(graph, SessionGraph):
            return self._take_step(used, global_step, name)
        with name_scope(name or self._name) as scope, graph.noting_assignments() as assignments:
            self._take_step(used, global_step, name)
        return graph.group(assignments, scope)

    def _take_step(self, used: Sequence[tuple[Any, Variable]], global_step: Variable | None, name: str | None) -> None:
        self._prepare()
        for gradient, variable in used:
            self._apply(gradient, variable)
        self._finish([], name)
        if global_step is not None:
            global_step.assign_add(1)

    def _take_in(self, variables: Sequence[Variable]) -> None:
        for variable in variables:
            if variable.dtype not in (dtypes.float16, dtypes.float32, dtypes.float64):
                raise ValueError(
                    f"Invalid type {variable.dtype!r} for {variable.name}, expected: [tf.float16, tf.float32,"
                    " tf.float64]. Optimizers change variables of floating-point numbers."
                )
        self._create_slots(variables)
        self._seen.update(variables)

    def _apply(self, gradient: Any, variable: Variable) -> None:
        if isinstance(gradient, IndexedSlices):
            slices = _without_repetition(gradient, variable)
            self._resource_apply_sparse(slices.values, variable, slices.indices)
        else:
            self._resource_apply_dense(gradient, variable)
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))  # type: ignore[arg-type]

    # ---------------------------------------------------------------------------------------------- to be overridden

    def _prepare(self) -> None:
        """Called before the gradients of a step are applied."""

    def _finish(self, update_ops: Sequence[Any], name_scope: str | None) -> None:
        """Called after the gradients of a step were applied."""

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        """Makes the slots of variables that come by for the first time."""

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        """Changes a variable by its gradient."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it applies a dense gradient: _apply_dense.")

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        """Changes a variable by a gradient of some of its rows; none comes twice."""
        raise NotImplementedError(
            f"{type(self).__name__} does not say how it applies a sparse gradient: _apply_sparse."
        )

    def _resource_apply_dense(self, grad: Tensor, handle: Variable) -> Any:
        """TensorFlow's name for `_apply_dense`: what programs of the time override."""
        return self._apply_dense(grad, handle)

    def _resource_apply_sparse(self, grad: Tensor, handle: Variable, indices: Tensor) -> Any:
        """TensorFlow's name for `_apply_sparse`, with the rows and their numbers apart."""
        return self._apply_sparse(IndexedSlices(grad, indices, like=handle.handle), handle)

    # ------------------------------------------------------------------------------------------------ hyperparameters

    def _hyperparameter(self, name: str, given: Any) -> Hyperparameter:
        """A setting that may be a number, a scalar tensor, a variable, or a function that is asked at each step."""
        parameter = Hyperparameter(name, given)
        if parameter.changes:
            self._changing += (parameter,)
        return parameter

    # ---------------------------------------------------------------------------------------------------------- slots

    def get_slot(self, var: Variable, name: str) -> Variable | None:
        """Returns what is kept for a variable under a slot's name; None where there is no such thing."""
        return self._slots.get(name, {}).get(var)

    def get_slot_names(self) -> list[str]:
        """Returns the names of all slots, sorted."""
        return sorted(self._slots)

    def variables(self) -> list[Variable]:
        """Returns all variables of the optimizer's own, the slots among them, sorted by their names."""
        slots = [slot for slots in self._slots.values() for slot in slots.values()]
        return sorted([*self._other_variables.values(), *slots], key=lambda variable: variable.name)

    def _zeros_slot(self, var: Variable, slot_name: str, op_name: str) -> Variable:
        return self._constant_slot(var, 0.0, slot_name, op_name)

    def _constant_slot(self, var: Variable, value: float, slot_name: str, op_name: str) -> Variable:
        """Returns the slot of a variable; made with its shape and dtype, on its device, where there is none yet."""
        slots = self._slots.setdefault(slot_name, {})
        if var not in slots:
            known = sum(var in others for others in self._slots.values())
            name = f"{op_name}_{known}" if known else op_name
            with name_scope(f"{var.name.removesuffix(':0')}/"):
                device = var.handle.home if isinstance(var.handle.home, Device) else None
                slot = _new_variable(initializers.constant(value), var.extents, var.dtype, device, name)
            slots[var] = slot
            self._restore_slot(slot_name, var, slot)
        return slots[var]

    def _other_variable(self, name: str, initial_value: float) -> Variable:
        """Returns a variable that belongs to the whole optimizer. It is of float64, on the CPU, whatever it is for."""
        if name not in self._other_variables:
            start = initializers.constant(initial_value)
            with name_scope(""):
                variable = _new_variable(start, (), dtypes.float64, devices.cpu(), name)
            self._other_variables[name] = self._track(variable, name)
        return self._other_variables[name]

    def _slots_for_checkpoint(self) -> list[tuple[str, Variable, Variable]]:
        return [(name, var, slot) for name, slots in self._slots.items() for var, slot in slots.items()]


def get_optimizer_variables(optimizer: Optimizer) -> list[Variable]:
    """Returns the variables that an optimizer has made, its slots above all.

    >>> tfe.get_optimizer_variables(tf.train.GradientDescentOptimizer(0.1))
    []

    TensorFlow: tfe.get_optimizer_variables.
    """
    return optimizer.variables()


# ------------------------------------------------------------------------------------------------------ row by row


class RowwiseOptimizer(Optimizer):
    """An optimizer whose rule is one equation for each element, and which leaves rows without a gradient alone.

    Args:
        use_locking, name: as for `Optimizer`.
        slots: the slots by name, in the order in which `_updated` takes them, with the value that each begins with.
    """

    _untracked = Optimizer._untracked | {"_slot_starts"}

    def __init__(self, use_locking: bool, name: str, slots: Mapping[str, float]) -> None:
        super().__init__(use_locking, name)
        self._slot_starts = dict(slots)

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for var in var_list:
            for slot_name, start in self._slot_starts.items():
                self._constant_slot(var, start, slot_name, self._name)

    def _updated(self, g: Tensor, x: Tensor, *slots: Tensor) -> tuple[Tensor, ...]:
        """The rule: from a gradient, a value and its slots to the new value and slots."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it does: _updated.")

    def _state(self, var: Variable) -> list[Variable]:
        """The variable and its slots."""
        return [var, *[self._slots[slot_name][var] for slot_name in self._slot_starts]]

    def _apply_dense(self, grad: Tensor, var: Variable) -> None:
        state = self._state(var)
        updated = self._updated(grad, *[variable.read_value() for variable in state])
        for variable, value in zip(state, updated):
            variable.assign(value)

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> None:
        state, rows = self._state(var), grad.indices
        updated = self._updated(grad.values, *[indexing.gather(variable.read_value(), rows) for variable in state])
        for variable, values in zip(state, updated):
            scatter_update(variable, rows, values)


# ------------------------------------------------------------------------------------------------------ hyperparameters


class Hyperparameter:
    """A setting of an optimizer, such as the learning rate, which may change from step to step.

    Attributes:
        name: what it is called in errors.
        given: what the user gave.
        value: what it is worth now: a plain number, or a tensor.
    """

    __slots__ = ("name", "given", "value", "_likes")

    def __init__(self, name: str, given: Any) -> None:
        self.name = name
        self.given = given
        self.set(None if self.changes else self._checked(given))

    @property
    def changes(self) -> bool:
        """Whether it must be read again at each step."""
        return callable(self.given) or isinstance(self.given, Variable)

    def read(self) -> None:
        """Takes the value that holds for the coming step."""
        self.set(self._checked(self.given() if callable(self.given) else self.given))

    def set(self, value: Any) -> None:
        """Gives it a value, until the next one."""
        self.value = value
        self._likes: dict[Any, Tensor] = {}

    def like(self, x: Tensor) -> Any:
        """The value to compute with beside x: a plain number, which is made a constant once, or a tensor like x."""
        if type(self.value) is float:
            return self.value
        key = x.array.dtype, x.home
        if key not in self._likes:
            self._likes[key] = _brought_to(self.value, x)
        return self._likes[key]

    def _checked(self, value: Any) -> Any:
        value = conversion.resolve(value)
        if not isinstance(value, Tensor):
            return arguments.number(value, self.name)
        if value.extents or value.dtype is dtypes.string:
            raise ValueError(f"{self.name} is not a scalar number, but {value!r}.")
        return value


def _brought_to(value: Tensor, x: Tensor) -> Tensor:
    """A tensor in the dtype of x and on its device; in a graph, the graph sees to places."""
    value = array.cast(value, x.dtype)
    return copy_to(value, x.home) if isinstance(x.home, Device) else value


# ------------------------------------------------------------------------------------------------- what can be wrong


def _pairs(grads_and_vars: GradientsAndVariables) -> list[tuple[Any, Variable]]:
    """The pairs as a list, each with a variable in it."""
    pairs = [tuple(pair) if isinstance(pair, (list, tuple)) else (pair,) for pair in _listed(grads_and_vars)]
    if not pairs:
        raise ValueError("No variables provided.")
    for pair in pairs:
        if len(pair) != 2:
            raise TypeError(
                f"grads_and_vars must be a list of pairs (gradient, variable), but one of them is {pair!r}."
            )
        if not isinstance(pair[1], Variable):
            raise NotImplementedError(
                f"Trying to optimize unsupported type {type(pair[1]).__name__}: {pair[1]!r}. In each pair the gradient"
                " comes first and the variable second."
            )
    return pairs


def _listed(pairs: Any) -> list[Any]:
    try:
        return list(pairs)
    except TypeError:
        raise TypeError(f"grads_and_vars must be a list of pairs (gradient, variable), not {pairs!r}.") from None


def _checked(gradient: Any, variable: Variable) -> Any:
    """The gradient as a tensor or IndexedSlices that fits the variable, or None."""
    whole = variable.handle.array
    if type(gradient) is Tensor and gradient.array.dtype is whole.dtype and gradient.array.shape == whole.shape:
        return gradient  # nearly always
    if gradient is None:
        return None
    if isinstance(gradient, IndexedSlices):
        return _checked_slices(gradient, variable)
    if not isinstance(gradient, Tensor):
        gradient = _converted(gradient, variable)
    _require_dtype(gradient, variable)
    if not gradient.shape.is_compatible_with(variable.shape):
        raise errors.InvalidArgumentError(
            f"var and grad do not have the same shape {shapes.bracketed(variable.extents)}"
            f" {shapes.bracketed(gradient.extents)}: the gradient for {variable.name!r} has shape {gradient.shape}, and"
            f" the variable {variable.shape}."
        )
    return gradient


def _converted(gradient: Any, variable: Variable) -> Tensor:
    try:
        value = conversion.resolve(gradient)
        return value if isinstance(value, Tensor) else conversion.beside(value, variable.handle)
    except (TypeError, ValueError):
        raise TypeError(
            f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {gradient!r}, for the variable"
            f" {variable.name!r}."
        ) from None


def _require_dtype(gradient: Any, variable: Variable) -> None:
    if gradient.dtype is not variable.dtype:
        raise errors.InvalidArgumentError(
            f"A gradient has the dtype of its variable: {variable.name!r} is {variable.dtype.name}, and was given a"
            f" gradient of {gradient.dtype.name}. Convert it with tf.cast(g, tf.{variable.dtype.name})."
        )


def _checked_slices(slices: IndexedSlices, variable: Variable) -> IndexedSlices:
    _require_dtype(slices, variable)
    if variable.constraint is not None:
        raise RuntimeError(
            f"Cannot use a constraint function on a sparse variable. {variable.name!r} has one, and its gradient holds"
            " only some of its rows; write it out with tf.convert_to_tensor(gradient)."
        )
    indices, values = slices.indices.extents, slices.values.extents
    if indices is None or values is None or get_listeners().interpreter is not None:
        return slices
    if len(indices) != 1 or values != (*indices, *variable.extents[1:]):
        raise errors.InvalidArgumentError(
            f"var and grad do not match in all but the first dimension: the gradient for {variable.name!r} has rows of"
            f" shape {slices.values.shape} and row numbers of shape {slices.indices.shape}, and the variable has shape"
            f" {variable.shape}."
        )
    _require_rows(slices.indices, variable)
    return slices


def _require_rows(indices: Tensor, variable: Variable) -> None:
    count = variable.extents[0]
    for extreme in (reduction.reduce_min, reduction.reduce_max) if indices.extents != (0,) else ():
        row = int(extreme(indices))
        if not 0 <= row < count:
            raise errors.InvalidArgumentError(
                f"indices = {row} is not in [0, {count}): the gradient for {variable.name!r} is of a row that it does"
                " not have."
            )


def _without_repetition(slices: IndexedSlices, variable: Variable) -> IndexedSlices:
    """The same rows, those with the same number added up: a rule that squares a gradient must see it whole."""
    rows, place = sorting.unique(slices.indices)
    return IndexedSlices(segment.segment_sum_like(slices.values, place, rows), rows, like=variable.handle)


def _require_counter(global_step: Any) -> None:
    if not isinstance(global_step, Variable):
        raise TypeError(
            f"global_step must be a variable, not {global_step!r}; tf.train.get_or_create_global_step() makes one."
        )
    if global_step.extents:
        raise ValueError(f"global_step must be a scalar, but {global_step.name!r} has shape {global_step.shape}.")


def _new_variable(start: Callable[..., Any], extents: Any, dtype: Any, device: Device | None, name: str) -> Variable:
    """A variable of an optimizer's own: where a function is being traced it is made outside, and no tape watches it."""
    with listening(interpreter=outside(), tapes=(), device=device):
        return Variable(partial(start, list(extents), dtype=dtype), trainable=False, name=name)
