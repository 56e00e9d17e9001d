"""The optimizers: each an equation, and the code that computes it.

In all of them

    x      is a value to be changed, element by element
    g      is its gradient
    η      is the learning rate
    t      counts the steps from 1

and every other letter is a slot, a value kept beside x from step to step, or a setting named in the docstring. An arrow
x ← ... reads "x becomes"; what stands to its right are the values before.

Settings may be numbers, scalar tensors, variables, or functions that are asked at each step. Where a gradient is sparse
(an `IndexedSlices`), rows that repeat are added up first. Then all optimizers but Adam change the rows of the gradient,
and their slots, and nothing else. For Adam every row goes on moving by what it remembers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitfe.ops import array, comparison, elementary, indexing, math
from minitfe.ops.indexed_slices import IndexedSlices, to_dense
from minitfe.tensor import Tensor
from minitfe.train.optimizer import Hyperparameter, RowwiseOptimizer
from minitfe.variable import Variable

Setting = Any  # a number, a scalar tensor, a variable, or a function of no arguments that returns a number or tensor


class GradientDescentOptimizer(RowwiseOptimizer):
    """Gradient descent: x ← x - η g.

    >>> w = tf.Variable(1.0)
    >>> tf.train.GradientDescentOptimizer(0.25).minimize(lambda: w * w)
    >>> float(w)
    0.5

    TensorFlow: tf.train.GradientDescentOptimizer.
    """

    def __init__(self, learning_rate: Setting, use_locking: bool = False, name: str = "GradientDescent") -> None:
        super().__init__(use_locking, name, slots={})
        self._rate = self._hyperparameter("learning_rate", learning_rate)

    def _updated(self, g: Tensor, x: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        return (x - self._rate.like(x) * g,)


class MomentumOptimizer(RowwiseOptimizer):
    """Gradient descent with a velocity v, which fades by a factor μ: v ← μ v + g, x ← x - η v.

    With use_nesterov the gradient counts as if taken where the velocity leads: x ← x - η (g + μ v), for the new v.

    Args:
        learning_rate: η.
        momentum: μ, from 0 to 1.
        use_nesterov: whether to use Nesterov's form.

    TensorFlow: tf.train.MomentumOptimizer. Sutskever et al., 2013.
    """

    def __init__(
        self,
        learning_rate: Setting,
        momentum: Setting,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(use_locking, name, slots={"momentum": 0.0})
        self._rate = self._hyperparameter("learning_rate", learning_rate)
        self._momentum = self._hyperparameter("momentum", momentum)
        self._use_nesterov = use_nesterov

    def _updated(self, g: Tensor, x: Tensor, v: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        momentum = self._momentum.like(x)
        v = momentum * v + g
        direction = g + momentum * v if self._use_nesterov else v
        return x - self._rate.like(x) * direction, v


class AdagradOptimizer(RowwiseOptimizer):
    """Each element slows down by its own history: a ← a + g², x ← x - η g / √a.

    Args:
        learning_rate: η.
        initial_accumulator_value: what a begins with, more than 0.

    Raises:
        ValueError: where that is not positive.

    TensorFlow: tf.train.AdagradOptimizer. Duchi et al., 2011.
    """

    def __init__(
        self,
        learning_rate: Setting,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ) -> None:
        if not initial_accumulator_value > 0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name, slots={"accumulator": initial_accumulator_value})
        self._rate = self._hyperparameter("learning_rate", learning_rate)

    def _updated(self, g: Tensor, x: Tensor, a: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        a = a + math.square(g)
        return x - self._rate.like(x) * g * elementary.rsqrt(a), a


class ProximalGradientDescentOptimizer(RowwiseOptimizer):
    """Gradient descent, then a pull towards zero that leaves small values exactly there.

    y = x - η g, x ← sign y max(|y| - η λ₁, 0) / (1 + η λ₂).

    Args:
        learning_rate: η.
        l1_regularization_strength, l2_regularization_strength: λ₁ and λ₂.

    TensorFlow: tf.train.ProximalGradientDescentOptimizer. Duchi and Singer, 2009.
    """

    def __init__(
        self,
        learning_rate: Setting,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "ProximalGradientDescent",
    ) -> None:
        super().__init__(use_locking, name, slots={})
        self._rate = self._hyperparameter("learning_rate", learning_rate)
        self._l1, self._l2 = float(l1_regularization_strength), float(l2_regularization_strength)

    def _updated(self, g: Tensor, x: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        rate = self._rate.like(x)
        return (_pulled(x - rate * g, rate, self._l1, self._l2),)


class ProximalAdagradOptimizer(RowwiseOptimizer):
    """Adagrad, then a pull towards zero: as gradient descent's above, with η / √a in the place of η.

    Args:
        learning_rate, initial_accumulator_value: as for `AdagradOptimizer`.
        l1_regularization_strength, l2_regularization_strength: λ₁ and λ₂.

    Raises:
        ValueError: where initial_accumulator_value is not positive.

    TensorFlow: tf.train.ProximalAdagradOptimizer. Duchi and Singer, 2009.
    """

    def __init__(
        self,
        learning_rate: Setting,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "ProximalAdagrad",
    ) -> None:
        if not initial_accumulator_value > 0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name, slots={"accumulator": initial_accumulator_value})
        self._rate = self._hyperparameter("learning_rate", learning_rate)
        self._l1, self._l2 = float(l1_regularization_strength), float(l2_regularization_strength)

    def _updated(self, g: Tensor, x: Tensor, a: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        a = a + math.square(g)
        rate = self._rate.like(x) * elementary.rsqrt(a)
        return _pulled(x - rate * g, rate, self._l1, self._l2), a


def _pulled(y: Tensor, rate: Any, l1: float, l2: float) -> Tensor:
    """sign y max(|y| - η λ₁, 0) / (1 + η λ₂)"""
    return math.sign(y) * comparison.maximum(math.abs(y) - rate * l1, 0) / (1 + rate * l2)


class AdadeltaOptimizer(RowwiseOptimizer):
    """Steps as long as the recent ones, measured against recent gradients.

    With running means a of g² and b of d²: a ← ρ a + (1 - ρ) g², d = g √(b + ε) / √(a + ε), b ← ρ b + (1 - ρ) d²,
    x ← x - η d.

    Args:
        learning_rate: η; 1 in the paper.
        rho: ρ, how slowly the means change.
        epsilon: ε, with which it all begins.

    TensorFlow: tf.train.AdadeltaOptimizer. Zeiler, 2012.
    """

    def __init__(
        self,
        learning_rate: Setting = 0.001,
        rho: Setting = 0.95,
        epsilon: Setting = 1e-8,
        use_locking: bool = False,
        name: str = "Adadelta",
    ) -> None:
        super().__init__(use_locking, name, slots={"accum": 0.0, "accum_update": 0.0})
        self._rate = self._hyperparameter("learning_rate", learning_rate)
        self._rho = self._hyperparameter("rho", rho)
        self._epsilon = self._hyperparameter("epsilon", epsilon)

    def _updated(self, g: Tensor, x: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        rho, epsilon = self._rho.like(x), self._epsilon.like(x)
        a = rho * a + (1 - rho) * math.square(g)
        d = g * elementary.sqrt(b + epsilon) * elementary.rsqrt(a + epsilon)
        b = rho * b + (1 - rho) * math.square(d)
        return x - self._rate.like(x) * d, a, b


class RMSPropOptimizer(RowwiseOptimizer):
    """Gradients measured against their recent size, then a velocity.

    With a running mean s of g²: s ← ρ s + (1 - ρ) g², v ← μ v + η g / √(s + ε), x ← x - v. With centered there is also
    a running mean m of g, m ← ρ m + (1 - ρ) g, and the variance s - m² takes the place of s in the root.

    Args:
        learning_rate: η.
        decay: ρ, how slowly the means change.
        momentum: μ, from 0 to 1.
        epsilon: ε, against division by zero.
        centered: whether to divide by the root of the variance.

    TensorFlow: tf.train.RMSPropOptimizer, where s begins with 1. Tieleman and Hinton, 2012; Graves, 2013.
    """

    def __init__(
        self,
        learning_rate: Setting,
        decay: Setting = 0.9,
        momentum: Setting = 0.0,
        epsilon: Setting = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ) -> None:
        means = {"rms": 1.0, "mg": 0.0} if centered else {"rms": 1.0}
        super().__init__(use_locking, name, slots={**means, "momentum": 0.0})
        self._rate = self._hyperparameter("learning_rate", learning_rate)
        self._decay = self._hyperparameter("decay", decay)
        self._momentum = self._hyperparameter("momentum", momentum)
        self._epsilon = self._hyperparameter("epsilon", epsilon)

    def _updated(self, g: Tensor, x: Tensor, s: Tensor, *others: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        *means, v = others
        rho = self._decay.like(x)
        s = rho * s + (1 - rho) * math.square(g)
        means = [rho * m + (1 - rho) * g for m in means]
        variance = s - math.square(means[0]) if means else s
        step = self._rate.like(x) * g * elementary.rsqrt(variance + self._epsilon.like(x))
        v = self._momentum.like(x) * v + step
        return x - v, s, *means, v


class AdamOptimizer(RowwiseOptimizer):
    """Running means m of g and v of g², freed of their bias towards zero.

    m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², x ← x - α m / (√v + ε), where α = η √(1 - β₂ᵗ) / (1 - β₁ᵗ).

    A sparse gradient is zero in the rows that it does not name: there the means fade, and x goes on moving.

    Args:
        learning_rate: η.
        beta1, beta2: β₁ and β₂, how slowly the means change.
        epsilon: ε, against division by zero; in the paper ε √(1 - β₂ᵗ) would stand in its place.

    TensorFlow: tf.train.AdamOptimizer. Kingma and Ba, 2015, the form just before section 2.1. The powers of β₁ and β₂
    are kept in float64, where TensorFlow keeps them in float32.
    """

    def __init__(
        self,
        learning_rate: Setting = 0.001,
        beta1: Setting = 0.9,
        beta2: Setting = 0.999,
        epsilon: Setting = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        super().__init__(use_locking, name, slots={"m": 0.0, "v": 0.0})
        self._rate = self._hyperparameter("learning_rate", learning_rate)
        self._beta1 = self._hyperparameter("beta1", beta1)
        self._beta2 = self._hyperparameter("beta2", beta2)
        self._epsilon = self._hyperparameter("epsilon", epsilon)
        self._unbiased_rate = Hyperparameter("α", 0.0)

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        super()._create_slots(var_list)
        self._other_variable("beta1_power", float(self._beta1.value))
        self._other_variable("beta2_power", float(self._beta2.value))

    def _prepare(self) -> None:
        power1, power2 = [self._other_variables[name].read_value() for name in ("beta1_power", "beta2_power")]
        rate = self._rate.like(power1) * elementary.sqrt(1 - power2) / (1 - power1)
        self._unbiased_rate.set(rate)  # one number, for all variables

    def _updated(self, g: Tensor, x: Tensor, m: Tensor, v: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        beta1, beta2 = self._beta1.like(x), self._beta2.like(x)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * math.square(g)
        step = self._unbiased_rate.like(x) * m / (elementary.sqrt(v) + self._epsilon.like(x))
        return x - step, m, v

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> None:
        self._apply_dense(to_dense(grad), var)

    def _finish(self, update_ops: Sequence[Any], name_scope: str | None) -> None:
        for name, beta in (("beta1_power", self._beta1), ("beta2_power", self._beta2)):
            variable = self._other_variables[name]
            variable.assign(variable * beta.like(variable.handle))


class FtrlOptimizer(RowwiseOptimizer):
    """Follow the regularized leader: exact zeros for what is not worth its weight.

    With p = -learning_rate_power and g' = g + 2 λ₃ x: a' = a + g², z ← z + g' - x (a'ᵖ - aᵖ) / η, a ← a', and then
    x ← (λ₁ sign z - z) / (a'ᵖ / η + 2 λ₂) where |z| > λ₁, and else 0.

    Args:
        learning_rate: η.
        learning_rate_power: -p, not positive; -1/2 makes the rate fall with the root of a.
        initial_accumulator_value: what a begins with, not negative.
        l1_regularization_strength, l2_regularization_strength: λ₁ and λ₂, not negative.
        accum_name, linear_name: names for the slots a and z, instead of the optimizer's.
        l2_shrinkage_regularization_strength: λ₃, which pulls at x itself and leaves a alone.

    Raises:
        ValueError: where a setting has the wrong sign.

    TensorFlow: tf.train.FtrlOptimizer. McMahan et al., 2013.
    """

    def __init__(
        self,
        learning_rate: Setting,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "Ftrl",
        accum_name: str | None = None,
        linear_name: str | None = None,
        l2_shrinkage_regularization_strength: float = 0.0,
    ) -> None:
        for setting, value in (
            ("initial_accumulator_value", initial_accumulator_value),
            ("l1_regularization_strength", l1_regularization_strength),
            ("l2_regularization_strength", l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength),
        ):
            if not value >= 0:
                raise ValueError(f"{setting} {value} needs to be positive or zero")
        if not learning_rate_power <= 0:
            raise ValueError(f"learning_rate_power {learning_rate_power} needs to be negative or zero")
        super().__init__(use_locking, name, slots={"accum": initial_accumulator_value, "linear": 0.0})
        self._slot_titles = (accum_name, linear_name)
        self._rate = self._hyperparameter("learning_rate", learning_rate)
        self._power = -float(learning_rate_power)
        self._l1, self._l2 = float(l1_regularization_strength), float(l2_regularization_strength)
        self._shrinkage = float(l2_shrinkage_regularization_strength)

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for var in var_list:
            for (slot_name, start), title in zip(self._slot_starts.items(), self._slot_titles):
                self._constant_slot(var, start, slot_name, title or self._name)

    def _updated(self, g: Tensor, x: Tensor, a: Tensor, z: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        rate = self._rate.like(x)
        grown = a + math.square(g)
        power, power_before = self._to_power(grown), self._to_power(a)
        pull = g + 2 * self._shrinkage * x if self._shrinkage else g
        z = z + pull - x * (power - power_before) / rate
        solution = (self._l1 * math.sign(z) - z) / (power / rate + 2 * self._l2)
        x = indexing.where(comparison.greater(math.abs(z), self._l1), solution, array.zeros_like(x))
        return x, grown, z

    def _to_power(self, a: Tensor) -> Tensor:
        return elementary.sqrt(a) if self._power == 0.5 else elementary.pow(a, self._power)
