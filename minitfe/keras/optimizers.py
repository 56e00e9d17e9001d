"""Optimizers under Keras's names, with Keras's settings.

They differ from those of ``tf.train`` in details: ε stands outside of the root, the learning rate is a variable that
callbacks may change, and it may decay, to lr / (1 + decay · t) in step t, counted from 0. In the equations g is a
gradient, x a value, and η the learning rate of the step.
"""

from __future__ import annotations

from typing import Any

from minitfe import dtypes, initializers
from minitfe.context import listening, outside
from minitfe.missing import explain as _explain
from minitfe.named import find
from minitfe.ops import arguments, array, elementary, math
from minitfe.tensor import Tensor
from minitfe.train.optimizer import Optimizer, RowwiseOptimizer
from minitfe.variable import Variable

__all__ = [
    "Adadelta",
    "Adagrad",
    "Adam",
    "RMSprop",
    "SGD",
    "get",
]


class KerasOptimizer(RowwiseOptimizer):
    """What Keras's optimizers share.

    Attributes:
        lr: the learning rate, a variable.
        decay: by how much it decays at each step.
        iterations: the number of steps taken, a variable.
    """

    def __init__(self, lr: float, decay: float, slots: dict[str, float]) -> None:
        super().__init__(False, type(self).__name__, slots)
        rate = arguments.number(lr, "lr")
        if not rate >= 0:
            raise ValueError(f"lr must be a number of 0 or more, not {lr!r}")
        with listening(interpreter=outside(), tapes=()):
            self.lr = Variable(rate, trainable=False, name="lr", dtype=dtypes.float64)
            self.iterations = Variable(initializers.Zeros()([], dtypes.int64), trainable=False, name="iterations")
        self.decay = arguments.number(decay, "decay")
        self._rate = self._hyperparameter("lr", self._learning_rate if self.decay else self.lr)

    def _learning_rate(self) -> Tensor:
        return self.lr / (self.decay * self._steps() + 1.0)

    def _steps(self) -> Tensor:
        """The number of steps taken, to compute with."""
        return array.cast(self.iterations.read_value(), dtypes.float64)

    def _finish(self, update_ops: Any, name_scope: str | None) -> None:
        self.iterations.assign_add(1)


class SGD(KerasOptimizer):
    """Gradient descent with a velocity v: v ← μ v - η g, x ← x + v; in Nesterov's form x ← x + μ v - η g.

    Args:
        lr: the learning rate.
        momentum: μ.
        decay: see the module.
        nesterov: whether to use Nesterov's form.

    TensorFlow: tf.keras.optimizers.SGD.
    """

    def __init__(self, lr: float = 0.01, momentum: float = 0.0, decay: float = 0.0, nesterov: bool = False) -> None:
        self.momentum = arguments.number(momentum, "momentum")
        super().__init__(lr, decay, {"momentum": 0.0} if self.momentum else {})
        self.nesterov = nesterov

    def _updated(self, g: Tensor, x: Tensor, *slots: Tensor) -> tuple[Tensor, ...]:
        step = self._rate.like(x) * g
        if not slots:
            return (x - step,)
        v = self.momentum * slots[0] - step
        return x + (self.momentum * v - step if self.nesterov else v), v


class RMSprop(KerasOptimizer):
    """Steps of equal size, whatever the gradient's: a ← ρ a + (1 - ρ) g², x ← x - η g / (√a + ε).

    Args:
        lr: the learning rate.
        rho: ρ.
        epsilon: ε, by default 1e-7.
        decay: see the module.

    TensorFlow: tf.keras.optimizers.RMSprop.
    """

    def __init__(self, lr: float = 0.001, rho: float = 0.9, epsilon: float | None = None, decay: float = 0.0) -> None:
        super().__init__(lr, decay, {"accumulator": 0.0})
        self.rho = arguments.number(rho, "rho")
        self.epsilon = _epsilon(epsilon)

    def _updated(self, g: Tensor, x: Tensor, a: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        a = self.rho * a + (1 - self.rho) * math.square(g)
        return x - self._rate.like(x) * g / (elementary.sqrt(a) + self.epsilon), a


class Adagrad(KerasOptimizer):
    """Each element slows down by its own history: a ← a + g², x ← x - η g / (√a + ε).

    Args:
        lr: the learning rate.
        epsilon: ε, by default 1e-7.
        decay: see the module.

    TensorFlow: tf.keras.optimizers.Adagrad.
    """

    def __init__(self, lr: float = 0.01, epsilon: float | None = None, decay: float = 0.0) -> None:
        super().__init__(lr, decay, {"accumulator": 0.0})
        self.epsilon = _epsilon(epsilon)

    def _updated(self, g: Tensor, x: Tensor, a: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        a = a + math.square(g)
        return x - self._rate.like(x) * g / (elementary.sqrt(a) + self.epsilon), a


class Adadelta(KerasOptimizer):
    """Steps as long as the recent ones, measured against recent gradients.

    a ← ρ a + (1 - ρ) g², d = g √(b + ε) / √(a + ε), b ← ρ b + (1 - ρ) d², x ← x - η d

    Args:
        lr: the learning rate.
        rho: ρ.
        epsilon: ε, by default 1e-7.
        decay: see the module.

    TensorFlow: tf.keras.optimizers.Adadelta.
    """

    def __init__(self, lr: float = 1.0, rho: float = 0.95, epsilon: float | None = None, decay: float = 0.0) -> None:
        super().__init__(lr, decay, {"accumulator": 0.0, "accumulated_delta": 0.0})
        self.rho = arguments.number(rho, "rho")
        self.epsilon = _epsilon(epsilon)

    def _updated(self, g: Tensor, x: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        a = self.rho * a + (1 - self.rho) * math.square(g)
        d = g * elementary.sqrt(b + self.epsilon) * elementary.rsqrt(a + self.epsilon)
        return x - self._rate.like(x) * d, a, self.rho * b + (1 - self.rho) * math.square(d)


class Adam(KerasOptimizer):
    """Running means m of the gradient and v of its square, with t counting from 1 (Kingma and Ba, arXiv:1412.6980).

    m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², x ← x - η √(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v + ε)

    Args:
        lr: the learning rate.
        beta_1, beta_2: β₁ and β₂.
        epsilon: ε, by default 1e-7.
        decay: see the module.
        amsgrad: must be False: not supported.

    TensorFlow: tf.keras.optimizers.Adam.
    """

    def __init__(
        self, lr: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float | None = None,
        decay: float = 0.0, amsgrad: bool = False,
    ) -> None:  # fmt: skip
        if amsgrad:
            raise ValueError("amsgrad is not supported.")
        super().__init__(lr, decay, {"m": 0.0, "v": 0.0})
        self.beta_1 = arguments.number(beta_1, "beta_1")
        self.beta_2 = arguments.number(beta_2, "beta_2")
        self.epsilon = _epsilon(epsilon)
        self._correction = self._hyperparameter("correction", self._correction_of_means)

    def _correction_of_means(self) -> Tensor:
        """√(1 - β₂ᵗ) / (1 - β₁ᵗ): the means begin with 0, which counts too much in the first steps."""
        t = self._steps() + 1.0
        return elementary.sqrt(1.0 - self.beta_2**t) / (1.0 - self.beta_1**t)

    def _updated(self, g: Tensor, x: Tensor, m: Tensor, v: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        m = self.beta_1 * m + (1 - self.beta_1) * g
        v = self.beta_2 * v + (1 - self.beta_2) * math.square(g)
        step = self._rate.like(x) * self._correction.like(x)
        return x - step * m / (elementary.sqrt(v) + self.epsilon), m, v


def _epsilon(value: float | None) -> float:
    return 1e-7 if value is None else arguments.number(value, "epsilon")


NAMED = {
    "sgd": SGD, "SGD": SGD, "rmsprop": RMSprop, "RMSprop": RMSprop, "adagrad": Adagrad, "Adagrad": Adagrad,
    "adadelta": Adadelta, "Adadelta": Adadelta, "adam": Adam, "Adam": Adam,
}  # fmt: skip


def get(identifier: Any) -> Any:
    """Returns the optimizer that is meant: by a name such as 'adam', or one of Keras's or ``tf.train``, kept as it is.

    Raises:
        ValueError: for what is no optimizer.

    TensorFlow: tf.keras.optimizers.get.
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, (str, dict)):
        return find(identifier, NAMED, "optimizer")
    raise ValueError(
        f"Could not interpret optimizer identifier: {identifier!r}; give one of tf.train, such as"
        f" tf.train.AdamOptimizer(0.001), or a name: {', '.join(NAMED)}."
    )


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.optimizers"))
