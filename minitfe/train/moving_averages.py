"""Moving averages: weights that follow the trained ones slowly, and are often better on new data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitfe import dtypes
from minitfe.checkpointable import Checkpointable
from minitfe.context import listening
from minitfe.conversion import convert_to_tensor
from minitfe.ops import array, comparison
from minitfe.scopes import name_scope
from minitfe.tensor import TensorLike
from minitfe.variable import Variable


class ExponentialMovingAverage(Checkpointable):
    """Keeps an average a of each variable x: at each `apply`, a ← a - (1 - d) (a - x).

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

    TensorFlow: tf.train.ExponentialMovingAverage. There `apply` builds a graph, once; here it is called at each step.
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
        self._averages: dict[Variable, Variable] = {}

    @property
    def name(self) -> str:
        """What the averages are called."""
        return self._name

    def apply(self, var_list: Sequence[Variable] | None = None) -> None:
        """Brings the averages of variables up to date; new ones begin with the variables' values.

        Raises:
            TypeError: for what is no variable of floating-point numbers. Nothing is changed then.
            ValueError: where no list is given: in eager execution nobody else knows the variables.
        """
        if var_list is None:
            raise ValueError("var_list must be given in eager execution: there is no collection of all variables.")
        variables = list(var_list)
        for variable in variables:
            _require_floating(variable)
        rest = 1 - self._present_decay()
        for variable in variables:
            average = self._averages.get(variable)
            if average is None:
                self._averages[variable] = average = self._first_average(variable)
                self._restore_slot("average", variable, average)
            value, before = variable.read_value(), average.read_value()
            average.assign(before - array.cast(rest, before.dtype) * (before - value))

    def _present_decay(self) -> Any:
        decay = convert_to_tensor(self._decay)
        if self._num_updates is None:
            return decay
        n = array.cast(convert_to_tensor(self._num_updates), decay.dtype)
        return comparison.minimum(decay, (1 + n) / (10 + n))

    def _first_average(self, variable: Variable) -> Variable:
        with listening(interpreter=None, tapes=()), name_scope(f"{variable.name.removesuffix(':0')}/"):
            return Variable(variable.read_value(), trainable=False, name=self._name)

    def average(self, var: Variable) -> Variable | None:
        """Returns the variable that holds the average; None where `apply` was never given this one."""
        return self._averages.get(var)

    def average_name(self, var: Variable) -> str:
        """Returns what the average of a variable is called, without the ``:0``."""
        return f"{var.name.removesuffix(':0')}/{self._name}"

    def variables_to_restore(self, moving_avg_variables: Sequence[Variable] | None = None) -> dict[str, Variable]:
        """Returns the variables by the names under which their averages are saved: to load averages in their place.

        Args:
            moving_avg_variables: the variables; by default all that have averages.
        """
        variables = self._averages if moving_avg_variables is None else moving_avg_variables
        return {self.average_name(variable): variable for variable in variables}

    def _slots_for_checkpoint(self) -> list[tuple[str, Variable, Variable]]:
        return [("average", variable, average) for variable, average in self._averages.items()]


def _require_floating(variable: Any) -> None:
    if not isinstance(variable, Variable):
        raise TypeError(f"Moving averages are kept of variables, not of {variable!r}.")
    if variable.dtype not in (dtypes.float16, dtypes.float32, dtypes.float64):
        raise TypeError(f"The variables must be half, float, or double: {variable.name}")
