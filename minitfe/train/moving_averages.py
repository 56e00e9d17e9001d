"""Moving averages: weights that follow the trained ones slowly, and are often better on new data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from minitfe import dtypes
from minitfe.checkpointable import Checkpointable
from minitfe.context import get_listeners, listening, outside
from minitfe.conversion import convert_to_tensor
from minitfe.graph.collections import GraphKeys, global_variables, trainable_variables
from minitfe.graph.graph import SymbolicTensor
from minitfe.graph.session_graph import SessionGraph
from minitfe.ops import array, comparison, elementary, generate
from minitfe.scopes import name_scope
from minitfe.tensor import Tensor, TensorLike
from minitfe.variable import Variable


class ExponentialMovingAverage(Checkpointable):
    """Keeps an average a of each variable x: at each `apply`, a ← a - (1 - d) (a - x).

    In a graph, `apply` returns the operation that does so, and takes tensors too. An average of a tensor begins with
    nothing, so that after t steps (1 - d) / (1 - dᵗ) takes the place of 1 - d.

    Args:
        decay: d, just below 1: how slowly the averages follow.
        num_updates: the number of steps n, as a rule the global step. Early on, (1 + n) / (10 + n) takes the place of d
            where it is smaller.
        zero_debias: accepted, without effect, as for variables in TensorFlow: their averages begin with their values.
        name: what the averages are called.

    >>> w = tf.Variable(0.0)
    >>> averages = tf.train.ExponentialMovingAverage(0.75)
    >>> averages.apply([w])
    >>> w = w.assign(1.0)
    >>> averages.apply([w])
    >>> float(averages.average(w))
    0.25

    TensorFlow: tf.train.ExponentialMovingAverage. In eager execution, `apply` is called at each step.
    """

    _untracked = frozenset({"_averages"})

    def __init__(
        self,
        decay: TensorLike,
        num_updates: Any = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:
        self._decay = decay
        self._num_updates = num_updates
        self._name = name
        self._averages: dict[Any, Variable] = {}

    @property
    def name(self) -> str:
        """What the averages are called."""
        return self._name

    def apply(self, var_list: Sequence[Any] | None = None) -> Any:
        """Brings the averages of variables up to date; new ones begin with the variables' values.

        Args:
            var_list: the variables; in a graph all trainable ones by default, and tensors may be among them.

        Returns:
            None; in a graph, the operation that brings them up to date each time it is run.

        Raises:
            TypeError: for what is no variable of floating-point numbers. Nothing is changed then.
            ValueError: where no list is given in eager execution, since nobody else knows the variables; and for a
                second average of the same variable in a graph.
        """
        if var_list is None and outside() is None:
            raise ValueError("var_list must be given in eager execution: there is no collection of all variables.")
        variables = trainable_variables() if var_list is None else list(var_list)
        for variable in variables:
            _require_floating(variable)
        graph = get_listeners().interpreter
        if not isinstance(graph, SessionGraph):
            return self._update(variables)
        for variable in variables:
            if variable in self._averages:
                raise ValueError(f"Moving average already computed for: {variable.name}")
            graph.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, variable)
        with name_scope(self._name) as scope, graph.noting_assignments() as assignments:
            self._update(variables)
        return graph.group(assignments, scope)

    def _update(self, variables: Sequence[Any]) -> None:
        rest = 1 - self._present_decay()
        for x in variables:
            if x not in self._averages:
                self._averages[x] = self._first_average(x)
                if isinstance(x, Variable):
                    self._restore_slot("average", x, self._averages[x])
            average = self._averages[x]
            value, before = convert_to_tensor(x), average.read_value()
            share = rest if isinstance(x, Variable) else rest / self._weight_so_far(x, rest)
            average.assign(before - array.cast(share, before.dtype) * (before - value))

    def _weight_so_far(self, x: Tensor, rest: Any) -> Any:
        """1 - dᵗ: how much all values up to now weigh in the average of a tensor."""
        with listening(tapes=()), name_scope(f"{x.name.removesuffix(':0')}/{self._name}/"):
            steps = Variable(0.0, trainable=False, name="local_step")
            return 1 - elementary.pow(1 - rest, steps.assign_add(1.0))  # type: ignore[arg-type]

    def _present_decay(self) -> Any:
        decay = convert_to_tensor(self._decay)
        if self._num_updates is None:
            return decay
        n = array.cast(convert_to_tensor(self._num_updates), decay.dtype)
        return comparison.minimum(decay, (1 + n) / (10 + n))

    def _first_average(self, x: Any) -> Variable:
        with listening(interpreter=outside(), tapes=()), name_scope(f"{x.name.removesuffix(':0')}/"):
            start = x.initialized_value if isinstance(x, Variable) else partial(generate.zeros, x.shape, x.dtype)
            return Variable(start, trainable=False, name=self._name)

    def average(self, var: Any) -> Variable | None:
        """Returns the variable that holds the average; None where `apply` was never given this one."""
        return self._averages.get(var)

    def average_name(self, var: Variable) -> str:
        """Returns what the average of a variable is called, without the ``:0``."""
        return f"{var.name.removesuffix(':0')}/{self._name}"

    def variables_to_restore(self, moving_avg_variables: Sequence[Variable] | None = None) -> dict[str, Variable]:
        """Returns the variables by the names under which their averages are saved: to load averages in their place.

        In a graph, all other variables come along, under their own names.

        Args:
            moving_avg_variables: the variables; by default all that have averages.
        """
        averaged = [x for x in self._averages if isinstance(x, Variable)]
        variables = averaged if moving_avg_variables is None else moving_avg_variables
        found = {self.average_name(variable): variable for variable in variables}
        for variable in () if outside() is None else global_variables():
            if variable not in variables:
                found.setdefault(variable.name.removesuffix(":0"), variable)
        return found

    def _slots_for_checkpoint(self) -> list[tuple[str, Variable, Variable]]:
        return [("average", x, average) for x, average in self._averages.items() if isinstance(x, Variable)]


def _require_floating(variable: Any) -> None:
    if not isinstance(variable, (Variable, SymbolicTensor)):
        raise TypeError(f"Moving averages are kept of variables, not of {variable!r}.")
    if variable.dtype not in (dtypes.float16, dtypes.float32, dtypes.float64):
        raise TypeError(f"The variables must be half, float, or double: {variable.name}")
