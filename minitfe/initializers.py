"""Initializers: what the numbers of a new variable are.

An initializer is called with a shape and returns a tensor. It is an object rather than a function, so that a layer's
configuration can say which one it had, with which settings:

>>> tf.variance_scaling_initializer(2.0).get_config()['scale']
2.0
>>> get('glorot_uniform')([2, 3]).shape
TensorShape([Dimension(2), Dimension(3)])

Random weights are scaled by the number of a unit's inputs, its *fan in*, and outputs, its *fan out*, so that signals
neither grow nor fade from layer to layer.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

from minitfe import conversion, dtypes
from minitfe.ops import arguments, array, generate, linalg, math, random
from minitfe.tensor import Tensor


class Initializer:
    """The base of all initializers: a subclass names its settings and says how to fill a shape.

    Args:
        dtype: the dtype of the tensor, where the call does not say it.
    """

    settings: tuple[str, ...] = ()
    """The names of the arguments that it was made with, kept as attributes."""

    def __init__(self, dtype: Any = dtypes.float32) -> None:
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Returns a tensor of this shape, filled.

        Args:
            shape: the sizes.
            dtype: the dtype, if not the initializer's own.
            partition_info: accepted as in TensorFlow, and not used.
        """
        return self.fill(arguments.shape(shape), self.dtype if dtype is None else dtypes.as_dtype(dtype))

    def fill(self, shape: tuple[int, ...], dtype: dtypes.DType) -> Tensor:
        """Returns a tensor of this shape and dtype: what a subclass has to say."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to fill a tensor: it needs a method fill.")

    def get_config(self) -> dict[str, Any]:
        """Returns the settings as plain values, with which `from_config` makes an equal initializer."""
        return {name: getattr(self, name) for name in self.settings} | {"dtype": self.dtype.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """Makes an initializer of settings that `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self.get_config().items())})"


# ----------------------------------------------------------------------------------------------------------- constants


class Zeros(Initializer):
    """Fills with zeros: the usual start of a bias."""

    def fill(self, shape: tuple[int, ...], dtype: dtypes.DType) -> Tensor:
        """0 everywhere; the empty string, False."""
        return generate.zeros(shape, dtype)


class Ones(Initializer):
    """Fills with ones: the usual start of a scale."""

    def fill(self, shape: tuple[int, ...], dtype: dtypes.DType) -> Tensor:
        """1 everywhere."""
        return generate.ones(shape, dtype)


class Constant(Initializer):
    """Fills with given numbers.

    Args:
        value: one number, or as many as the shape has elements.
        verify_shape: whether the value must have the shape already.

    >>> tf.constant_initializer(7.)([2]).numpy()
    array([7., 7.], dtype=float32)
    """

    settings = ("value", "verify_shape")

    def __init__(self, value: Any = 0, dtype: Any = dtypes.float32, verify_shape: bool = False) -> None:
        super().__init__(dtype)
        self.value = value
        self.verify_shape = verify_shape

    def fill(self, shape: tuple[int, ...], dtype: dtypes.DType) -> Tensor:
        """The value, repeated or reshaped."""
        return conversion.constant(self.value, dtype, shape, verify_shape=self.verify_shape)


class Identity(Initializer):
    """Fills a matrix with ones on the diagonal and zeros elsewhere.

    A recurrent network with such weights begins by remembering (Le, Jaitly and Hinton, arXiv:1504.00941).

    Args:
        gain: what the ones are multiplied by.

    Raises:
        ValueError: when called for anything but a matrix.

    >>> Identity(gain=2.)([2, 2]).numpy()
    array([[2., 0.],
           [0., 2.]], dtype=float32)
    """

    settings = ("gain",)

    def __init__(self, gain: float = 1.0, dtype: Any = dtypes.float32) -> None:
        super().__init__(dtype)
        self.gain = gain

    def fill(self, shape: tuple[int, ...], dtype: dtypes.DType) -> Tensor:
        """gain · [i = j]"""
        if len(shape) != 2:
            raise ValueError(f"Identity matrix initializer can only be used for 2D matrices, not for shape {shape}.")
        return math.multiply(self.gain, generate.eye(*shape, dtype=dtype))


# -------------------------------------------------------------------------------------------------------------- random


class RandomUniform(Initializer):
    """Fills with numbers from minval to maxval, all equally likely.

    Args:
        minval, maxval: the limits; maxval is 1 for floating dtypes unless given.
        seed: see `tf.set_random_seed`.
    """

    settings = ("minval", "maxval", "seed")

    def __init__(
        self, minval: Any = 0, maxval: Any = None, seed: int | None = None, dtype: Any = dtypes.float32
    ) -> None:
        super().__init__(dtype)
        self.minval = minval
        self.maxval = maxval
        self.seed = seed

    def fill(self, shape: tuple[int, ...], dtype: dtypes.DType) -> Tensor:
        """Draws anew at each call."""
        return random.random_uniform(shape, self.minval, self.maxval, dtype, self.seed)


class RandomNormal(Initializer):
    """Fills with normally distributed numbers.

    Args:
        mean, stddev: their mean and standard deviation.
        seed: see `tf.set_random_seed`.
    """

    settings = ("mean", "stddev", "seed")

    def __init__(
        self, mean: float = 0.0, stddev: float = 1.0, seed: int | None = None, dtype: Any = dtypes.float32
    ) -> None:
        super().__init__(dtype)
        self.mean = mean
        self.stddev = stddev
        self.seed = seed

    def fill(self, shape: tuple[int, ...], dtype: dtypes.DType) -> Tensor:
        """Draws anew at each call."""
        return random.random_normal(shape, self.mean, self.stddev, dtype, self.seed)


class TruncatedNormal(RandomNormal):
    """Fills with normally distributed numbers, none of them further than two standard deviations from the mean.

    Args are those of `RandomNormal`.
    """

    def fill(self, shape: tuple[int, ...], dtype: dtypes.DType) -> Tensor:
        """Draws anew at each call."""
        return random.truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)


# The standard deviation of a standard normal distribution that is cut off at ±2.
TRUNCATED_DEVIATION = 0.87962566103423978

FAN_MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("normal", "truncated_normal", "untruncated_normal", "uniform")


class VarianceScaling(Initializer):
    """Fills with random numbers of mean 0 and variance scale / n, where n is the fan in, the fan out, or their mean.

    Args:
        scale: a positive number.
        mode: what n is: 'fan_in', 'fan_out' or 'fan_avg'.
        distribution: 'truncated_normal', also called 'normal'; 'untruncated_normal'; or 'uniform'.
        seed: see `tf.set_random_seed`.

    Raises:
        ValueError: for a scale that is not positive, another mode or another distribution.
    """

    settings: tuple[str, ...] = ("scale", "mode", "distribution", "seed")

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        dtype: Any = dtypes.float32,
    ) -> None:
        super().__init__(dtype)
        self.scale = arguments.number(scale, "scale")
        if self.scale <= 0.0:
            raise ValueError(f"`scale` must be positive float, not {scale!r}")
        self.mode = _word(mode, FAN_MODES, "mode")
        self.distribution = _word(distribution, DISTRIBUTIONS, "distribution")
        self.seed = seed

    def fill(self, shape: tuple[int, ...], dtype: dtypes.DType) -> Tensor:
        """Draws anew at each call."""
        fan_in, fan_out = fans(shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        deviation = sqrt(self.scale / max(1.0, n))
        if self.distribution == "uniform":
            limit = sqrt(3) * deviation  # the variance of the uniform distribution on [-a, a] is a²/3
            return random.random_uniform(shape, -limit, limit, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return random.random_normal(shape, 0.0, deviation, dtype, self.seed)
        return random.truncated_normal(shape, 0.0, deviation / TRUNCATED_DEVIATION, dtype, self.seed)


def _word(value: str, allowed: tuple[str, ...], what: str) -> str:
    if value not in allowed:
        raise ValueError(f"Invalid `{what}` argument: {value!r}; it is one of {', '.join(allowed)}")
    return value


def fans(shape: tuple[int, ...]) -> tuple[float, float]:
    """How many inputs and outputs a unit has, by the shape of its weights.

    The last two axes are inputs and outputs. Those before, of a convolution's filter, count for both.

    >>> fans((3, 3, 16, 32))
    (144, 288)
    """
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    receptive_field = prod(shape[:-2])
    return shape[-2] * receptive_field, shape[-1] * receptive_field


class Orthogonal(Initializer):
    """Fills a matrix with orthogonal rows or columns of length 1, whichever are fewer.

    So signals keep their length (Saxe, McClelland and Ganguli, arXiv:1312.6120). A tensor of more axes is made of the
    matrix whose columns are its last axis.

    Args:
        gain: what the matrix is multiplied by.
        seed: see `tf.set_random_seed`.

    Raises:
        ValueError: when called for a shape of fewer than two axes.
    """

    settings = ("gain", "seed")

    def __init__(self, gain: float = 1.0, seed: int | None = None, dtype: Any = dtypes.float32) -> None:
        super().__init__(dtype)
        self.gain = gain
        self.seed = seed

    def fill(self, shape: tuple[int, ...], dtype: dtypes.DType) -> Tensor:
        """The Q of A = QR for a random A, uniform among all such matrices as R's diagonal is positive (Mezzadri, 2007).

        RᵀR = AᵀA, so Rᵀ is the Cholesky factor of AᵀA, and RᵀQᵀ = Aᵀ. In float64, since AᵀA squares A's condition
        number.
        """
        if len(shape) < 2:
            raise ValueError(f"The tensor to initialize must be at least two-dimensional, not of shape {shape}.")
        rows, columns = prod(shape[:-1]), shape[-1]
        a = random.random_normal([max(rows, columns), min(rows, columns)], dtype=dtypes.float64, seed=self.seed)
        r_transposed = linalg.cholesky(linalg.matmul(a, a, transpose_a=True))
        q_transposed = linalg.matrix_triangular_solve(r_transposed, array.transpose(a))
        matrix = array.transpose(q_transposed) if rows >= columns else q_transposed
        return array.cast(math.multiply(self.gain, array.reshape(matrix, shape)), dtype)


# ---------------------------------------------------------------------------------------- rules known by their authors


class Rule(VarianceScaling):
    """A `VarianceScaling` whose settings are fixed, all but the seed.

    Args:
        seed: see `tf.set_random_seed`.
    """

    rule: tuple[float, str, str]
    """Scale, mode and distribution."""
    settings = ("seed",)

    def __init__(self, seed: int | None = None, dtype: Any = dtypes.float32) -> None:
        super().__init__(*self.rule, seed, dtype)


class GlorotUniform(Rule):
    """Uniform numbers of variance 2 / (fan in + fan out): Glorot and Bengio, AISTATS 2010, equation 16.

    >>> limit = (6 / (2 + 4)) ** 0.5
    >>> bool((abs(tf.glorot_uniform_initializer()([2, 4]).numpy()) <= limit).all())
    True
    """

    rule = (1.0, "fan_avg", "uniform")


class GlorotNormal(Rule):
    """Truncated normal numbers of variance 2 / (fan in + fan out): Glorot and Bengio, AISTATS 2010, equation 12."""

    rule = (1.0, "fan_avg", "truncated_normal")


class HeUniform(Rule):
    """Uniform numbers of variance 2 / fan in, for relu: He et al., arXiv:1502.01852, equation 10."""

    rule = (2.0, "fan_in", "uniform")


class HeNormal(Rule):
    """Truncated normal numbers of variance 2 / fan in, for relu: He et al., arXiv:1502.01852, equation 10."""

    rule = (2.0, "fan_in", "truncated_normal")


class LecunUniform(Rule):
    """Uniform numbers of variance 1 / fan in: LeCun et al., "Efficient BackProp", 1998, equation 16."""

    rule = (1.0, "fan_in", "uniform")


class LecunNormal(Rule):
    """Truncated normal numbers of variance 1 / fan in: LeCun et al., "Efficient BackProp", 1998, equation 16."""

    rule = (1.0, "fan_in", "truncated_normal")


# --------------------------------------------------------------------------------------------------------------- names

# ``tf.initializers`` and Keras have them under these names.
zeros, ones, constant = Zeros, Ones, Constant
random_uniform, random_normal, truncated_normal = RandomUniform, RandomNormal, TruncatedNormal
variance_scaling, orthogonal, identity = VarianceScaling, Orthogonal, Identity
glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
he_uniform, he_normal = HeUniform, HeNormal
lecun_uniform, lecun_normal = LecunUniform, LecunNormal

zeros_initializer, ones_initializer, constant_initializer = Zeros, Ones, Constant
random_uniform_initializer, random_normal_initializer = RandomUniform, RandomNormal
truncated_normal_initializer, variance_scaling_initializer = TruncatedNormal, VarianceScaling
orthogonal_initializer, identity_initializer = Orthogonal, Identity
glorot_uniform_initializer, glorot_normal_initializer = glorot_uniform, glorot_normal

NAMED: dict[str, type[Initializer]] = {
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
    "identity": Identity,
    "random_uniform": RandomUniform,
    "uniform": RandomUniform,
    "random_normal": RandomNormal,
    "normal": RandomNormal,
    "truncated_normal": TruncatedNormal,
    "variance_scaling": VarianceScaling,
    "orthogonal": Orthogonal,
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "lecun_normal": LecunNormal,
    "lecun_uniform": LecunUniform,
}
"""What initializers are called in configurations."""

# The two short names are Keras's, and so are these settings: small numbers, for embeddings and weights alike.
SHORT: dict[str, dict[str, float]] = {"uniform": {"minval": -0.05, "maxval": 0.05}, "normal": {"stddev": 0.05}}

CLASSES = {kind.__name__: kind for kind in NAMED.values()}


def get(identifier: Any) -> Any:
    """Returns the initializer that is meant.

    Args:
        identifier: a name such as 'he_normal' or 'VarianceScaling'; what `serialize` returned; a class; or any
            function of a shape and a dtype, which is returned as it is, as None is.

    Raises:
        ValueError: for what names no initializer.

    >>> get('zeros')([2]).numpy()
    array([0., 0.], dtype=float32)
    """
    if isinstance(identifier, type):
        return identifier()
    if identifier is None or callable(identifier):
        return identifier
    name, config = identifier, {}
    if isinstance(identifier, dict):
        name, config = identifier.get("class_name"), identifier.get("config", {})
    maker = NAMED.get(name) or CLASSES.get(name) if isinstance(name, str) else None
    if maker is None:
        raise ValueError(
            f"Could not interpret initializer identifier: {identifier!r}; the names are {', '.join(NAMED)}."
        )
    return maker(**SHORT.get(name, {}) | config)


def serialize(initializer: Initializer) -> dict[str, Any]:
    """Returns an initializer as plain values, from which `get` makes an equal one.

    >>> serialize(Ones())
    {'class_name': 'Ones', 'config': {'dtype': 'float32'}}
    """
    return {"class_name": type(initializer).__name__, "config": initializer.get_config()}
