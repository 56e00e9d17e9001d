"""Learning rates that fall as training goes on.

    step = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.1, step, decay_steps=1000, decay_rate=0.5)
    optimizer = tf.train.GradientDescentOptimizer(rate)
    optimizer.minimize(loss, global_step=step)    # each step asks for the rate anew

Each function here returns a `DecayedRate`: a function of no arguments that computes the rate from the step's present
value, and can be used as a tensor, too. In a graph it is a tensor, computed anew at each run. In the equations

    η      is the learning rate to begin with
    s      is the global step
    S      is decay_steps

All is computed in the dtype of η, which is float32 for a Python number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import pi
from typing import Any

from minitfe import conversion, dtypes
from minitfe.context import outside
from minitfe.conversion import convert_to_tensor
from minitfe.ops import arguments, array, comparison, elementary, indexing, math, random
from minitfe.tensor import Operators, Tensor, TensorLike
from minitfe.variable import Variable

Rule = Callable[..., Tensor]


class DecayedRate(Operators):
    """A learning rate that depends on the global step: call it to get the rate of the moment.

    It can be used wherever a tensor can; what is computed from it then does not follow the step.

    >>> step = tf.Variable(0)
    >>> rate = tf.train.exponential_decay(0.1, step, 10, 0.5)
    >>> step = step.assign(10)
    >>> round(float(rate()), 4), round(float(rate * 2), 4)
    (0.05, 0.1)
    """

    __array_priority__ = 100

    def __init__(self, compute: Callable[[], Tensor]) -> None:
        self._compute = compute
        compute()  # what is wrong with the arguments shows now, not in the middle of training

    def __call__(self) -> Tensor:
        """Returns the rate of the moment."""
        return self._compute()

    def numpy(self) -> Any:
        """Returns the rate of the moment as numpy's number."""
        return self._compute().numpy()

    def __float__(self) -> float:
        return float(self._compute())

    def __format__(self, specification: str) -> str:
        return format(self._compute(), specification)

    def __repr__(self) -> str:
        return f"<tf.train.DecayedRate, now {self._compute()!r}>"


conversion.register_conversion(DecayedRate, DecayedRate.__call__)


def _decayed(
    function: str, learning_rate: TensorLike, global_step: Any, steps: TensorLike, rule: Rule, *settings: TensorLike
) -> DecayedRate:
    """The rate that a rule gives for (η, s, S, *settings), all of them tensors of η's floating-point dtype."""
    if global_step is None:
        raise ValueError(f"global_step is required for {function}.")
    if isinstance(steps, (int, float)) and not steps > 0:
        raise ValueError(f"The number of steps after which {function} has an effect must be positive, not {steps}.")
    start = convert_to_tensor(learning_rate)
    dtype = start.dtype if start.dtype.is_floating else dtypes.float32
    givens = [_settled(given, dtype) for given in (learning_rate, global_step, steps, *settings)]
    return _rate(lambda: rule(*[array.cast(convert_to_tensor(given), dtype) for given in givens]))


def _rate(compute: Callable[[], Tensor]) -> Any:
    return DecayedRate(compute) if outside() is None else compute()


def _settled(given: Any, dtype: dtypes.DType) -> Any:
    """A constant as a tensor, once for all steps; what may change stays what it is."""
    given = given if isinstance(given, (Variable, DecayedRate)) else conversion.resolve(given)
    return given if isinstance(given, (Variable, DecayedRate, Tensor)) else convert_to_tensor(given, dtype)


# -------------------------------------------------------------------------------------------------- by steps and powers


def piecewise_constant(
    x: Any, boundaries: Sequence[TensorLike], values: Sequence[TensorLike], name: str | None = None
) -> DecayedRate:
    """values[0] up to and including the first boundary, values[1] up to the second, and so on.

    Args:
        x: the global step.
        boundaries: rising numbers of the dtype of x.
        values: one more than the boundaries, all of one dtype.

    Raises:
        ValueError: where there are more or fewer values, or the dtypes do not fit.

    >>> step = tf.Variable(100)
    >>> rate = tf.train.piecewise_constant(step, [100, 200], [1.0, 0.5, 0.1])
    >>> float(rate())
    1.0
    >>> step = step.assign(101)
    >>> float(rate())
    0.5
    """
    if x is None:
        raise ValueError("x, the global step, is required for piecewise_constant.")
    boundaries = arguments.listed(boundaries, "boundaries")
    values = [convert_to_tensor(value) for value in arguments.listed(values, "values")]
    if len(boundaries) != len(values) - 1:
        raise ValueError(
            f"The length of boundaries should be 1 less than the length of values: {len(boundaries)} boundaries and"
            f" {len(values)} values."
        )
    for value in values[1:]:
        if value.dtype is not values[0].dtype:
            raise ValueError(
                f"Values must have elements all with the same dtype ({values[0].dtype.name} vs {value.dtype.name})."
            )
    bounds = [_boundary(bound, convert_to_tensor(x).dtype) for bound in boundaries]

    def compute() -> Tensor:
        step = convert_to_tensor(x)
        rate = values[0]
        for bound, value in zip(bounds, values[1:]):
            rate = indexing.where(comparison.greater(step, bound), value, rate)
        return rate

    return _rate(compute)


def _boundary(bound: TensorLike, dtype: dtypes.DType) -> Tensor:
    """A boundary in the dtype of the step, if no precision is lost."""
    tensor = convert_to_tensor(bound)
    widened = {(dtypes.int32, dtypes.int64), (dtypes.float32, dtypes.float64)}
    if tensor.dtype is not dtype and (tensor.dtype, dtype) not in widened:
        raise ValueError(f"Boundaries ({tensor.dtype.name}) must have the same dtype as x ({dtype.name}).")
    return array.cast(tensor, dtype)


def exponential_decay(
    learning_rate: TensorLike,
    global_step: Any,
    decay_steps: TensorLike,
    decay_rate: TensorLike,
    staircase: bool = False,
    name: str | None = None,
) -> DecayedRate:
    """η r^(s / S) for the decay_rate r.

    Args:
        learning_rate: η.
        global_step: the step s, a variable, or a tensor for a rate that stays.
        decay_steps: S.
        decay_rate: r.
        staircase: whether to round s / S down, so that the rate falls in steps.

    Raises:
        ValueError: where there is no global step, or decay_steps is not positive.

    >>> float(tf.train.exponential_decay(1.0, tf.Variable(20), 10, 0.5)())
    0.25
    """
    return _decayed(
        "exponential_decay", learning_rate, global_step, decay_steps,
        lambda rate, s, S, r: rate * elementary.pow(r, _periods(s, S, staircase)), decay_rate,
    )  # fmt: skip


def natural_exp_decay(
    learning_rate: TensorLike,
    global_step: Any,
    decay_steps: TensorLike,
    decay_rate: TensorLike,
    staircase: bool = False,
    name: str | None = None,
) -> DecayedRate:
    """η exp(-r s / S) for the decay_rate r. Args and errors are those of `exponential_decay`.

    >>> round(float(tf.train.natural_exp_decay(1.0, tf.Variable(10), 10, 1.0)()), 4)
    0.3679
    """
    return _decayed(
        "natural_exp_decay", learning_rate, global_step, decay_steps,
        lambda rate, s, S, r: rate * elementary.exp(-r * _periods(s, S, staircase)), decay_rate,
    )  # fmt: skip


def inverse_time_decay(
    learning_rate: TensorLike,
    global_step: Any,
    decay_steps: TensorLike,
    decay_rate: TensorLike,
    staircase: bool = False,
    name: str | None = None,
) -> DecayedRate:
    """η / (1 + r s / S) for the decay_rate r. Args and errors are those of `exponential_decay`.

    >>> float(tf.train.inverse_time_decay(1.0, tf.Variable(10), 10, 1.0)())
    0.5
    """
    return _decayed(
        "inverse_time_decay", learning_rate, global_step, decay_steps,
        lambda rate, s, S, r: rate / (1 + r * _periods(s, S, staircase)), decay_rate,
    )  # fmt: skip


def _periods(s: Tensor, S: Tensor, staircase: bool) -> Tensor:
    return math.floor(s / S) if staircase else s / S


def polynomial_decay(
    learning_rate: TensorLike,
    global_step: Any,
    decay_steps: TensorLike,
    end_learning_rate: TensorLike = 0.0001,
    power: TensorLike = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> DecayedRate:
    """(η - e) (1 - s / S)ᵖ + e, down to the end_learning_rate e, where it stays.

    Args:
        learning_rate: η.
        global_step: the step s.
        decay_steps: S.
        end_learning_rate: e.
        power: p.
        cycle: whether to begin again at each multiple of S, with that multiple in the place of S.

    Raises:
        ValueError: where there is no global step, or decay_steps is not positive.

    >>> float(tf.train.polynomial_decay(1.0, tf.Variable(5), 10, end_learning_rate=0.0)())
    0.5
    """

    def rule(rate: Tensor, s: Tensor, S: Tensor, end: Tensor, exponent: Tensor) -> Tensor:
        whole = S * comparison.maximum(math.ceil(s / S), 1) if cycle else S
        left = 1 - (s if cycle else comparison.minimum(s, S)) / whole
        return (rate - end) * elementary.pow(left, exponent) + end

    return _decayed("polynomial_decay", learning_rate, global_step, decay_steps, rule, end_learning_rate, power)


# -------------------------------------------------------------------------------------------------------------- cosines


def cosine_decay(
    learning_rate: TensorLike,
    global_step: Any,
    decay_steps: TensorLike,
    alpha: TensorLike = 0.0,
    name: str | None = None,
) -> DecayedRate:
    """η ((1 - α) c + α) with c = (1 + cos(π s / S)) / 2: half a cosine, down to α η, where it stays.

    Args:
        learning_rate: η.
        global_step: the step s.
        decay_steps: S.
        alpha: α.

    Raises:
        ValueError: where there is no global step, or decay_steps is not positive.

    Loshchilov and Hutter, 2016.

    >>> float(tf.train.cosine_decay(1.0, tf.Variable(10), 10)())
    0.0
    """

    def rule(rate: Tensor, s: Tensor, S: Tensor, least: Tensor) -> Tensor:
        return rate * _between(_half_cosine(comparison.minimum(s, S) / S), least)

    return _decayed("cosine_decay", learning_rate, global_step, decay_steps, rule, alpha)


def cosine_decay_restarts(
    learning_rate: TensorLike,
    global_step: Any,
    first_decay_steps: TensorLike,
    t_mul: float = 2.0,
    m_mul: TensorLike = 1.0,
    alpha: TensorLike = 0.0,
    name: str | None = None,
) -> DecayedRate:
    """Half cosines one after the other, each t_mul times as long and m_mul times as high as the one before.

    With S = first_decay_steps and T = t_mul, the i-th begins where s / S = 1 + T + ... + Tⁱ⁻¹ = (1 - Tⁱ) / (1 - T).

    Args:
        learning_rate: η.
        global_step: the step s.
        first_decay_steps: how many steps the first takes.
        t_mul, m_mul: by what each is longer and higher than the one before.
        alpha: the least rate, as a part of η.

    Raises:
        ValueError: where there is no global step, or first_decay_steps is not positive.

    Loshchilov and Hutter, 2016.

    >>> float(tf.train.cosine_decay_restarts(1.0, tf.Variable(10), 10)())
    1.0
    """

    def rule(rate: Tensor, s: Tensor, S: Tensor, T: Tensor, M: Tensor, least: Tensor) -> Tensor:
        done = s / S
        if t_mul == 1:
            i = math.floor(done)
            part = done - i
        else:
            i = math.floor(elementary.log(1 - done * (1 - T)) / elementary.log(T))
            length = elementary.pow(T, i)
            part = (done - (1 - length) / (1 - T)) / length
        return rate * _between(elementary.pow(M, i) * _half_cosine(part), least)

    return _decayed("cosine_decay_restarts", learning_rate, global_step, first_decay_steps, rule, t_mul, m_mul, alpha)


def linear_cosine_decay(
    learning_rate: TensorLike,
    global_step: Any,
    decay_steps: TensorLike,
    num_periods: TensorLike = 0.5,
    alpha: TensorLike = 0.0,
    beta: TensorLike = 0.001,
    name: str | None = None,
) -> DecayedRate:
    """η ((α + l) c + β) with l = (S - s) / S and c = (1 + cos(2π n s / S)) / 2, where it stays after S.

    Args:
        learning_rate: η.
        global_step: the step s.
        decay_steps: S.
        num_periods: n, how many periods the cosine goes through.
        alpha, beta: α and β.

    Raises:
        ValueError: where there is no global step, or decay_steps is not positive.

    Bello et al., 2017.

    >>> round(float(tf.train.linear_cosine_decay(1.0, tf.Variable(10), 10)()), 4)
    0.001
    """

    def rule(rate: Tensor, s: Tensor, S: Tensor, *others: Tensor) -> Tensor:
        return _linear_cosine(rate, comparison.minimum(s, S), S, 0.0, *others)

    return _decayed("linear_cosine_decay", learning_rate, global_step, decay_steps, rule, num_periods, alpha, beta)


def noisy_linear_cosine_decay(
    learning_rate: TensorLike,
    global_step: Any,
    decay_steps: TensorLike,
    initial_variance: TensorLike = 1.0,
    variance_decay: TensorLike = 0.55,
    num_periods: TensorLike = 0.5,
    alpha: TensorLike = 0.0,
    beta: TensorLike = 0.001,
    name: str | None = None,
) -> DecayedRate:
    """`linear_cosine_decay` with noise added to l, drawn anew each time, of variance v / (1 + s)ᵈ.

    Args:
        initial_variance: v.
        variance_decay: d. The other args, and the errors, are those of `linear_cosine_decay`.

    Bello et al., 2017.

    >>> float(tf.train.noisy_linear_cosine_decay(1.0, tf.Variable(0), 10, initial_variance=0.0)())
    1.0010000467300415
    """

    def rule(rate: Tensor, s: Tensor, S: Tensor, v: Tensor, d: Tensor, *others: Tensor) -> Tensor:
        s = comparison.minimum(s, S)
        noise = elementary.sqrt(v / elementary.pow(1 + s, d)) * random.random_normal([], dtype=rate.dtype)
        return _linear_cosine(rate, s, S, noise, *others)

    return _decayed(
        "noisy_linear_cosine_decay", learning_rate, global_step, decay_steps, rule,
        initial_variance, variance_decay, num_periods, alpha, beta,
    )  # fmt: skip


def _linear_cosine(rate: Tensor, s: Tensor, S: Tensor, noise: Any, n: Tensor, alpha: Tensor, beta: Tensor) -> Tensor:
    """η ((α + l + noise) c + β), with l and c as in `linear_cosine_decay`."""
    return rate * ((alpha + (S - s) / S + noise) * _half_cosine(2 * n * s / S) + beta)


def _half_cosine(part: Tensor) -> Tensor:
    """From 1 at 0 to 0 at 1."""
    return 0.5 * (1 + elementary.cos(pi * part))


def _between(fraction: Tensor, least: TensorLike) -> Tensor:
    """From the least at 0 to 1 at 1."""
    return (1 - least) * fraction + least
