"""Normalization: layers whose outputs have mean 0 and variance 1, over the batch or over each example."""

from __future__ import annotations

from functools import partial
from typing import Any

from minitfe import dtypes, initializers
from minitfe.context import listening
from minitfe.control_flow import smart_cond
from minitfe.keras import constraints, regularizers
from minitfe.keras.engine.layer import InputSpec, Layer
from minitfe.ops import arguments, array, math, normalization
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor
from minitfe.variable import Variable


class Normalization(Layer):
    """What normalizing layers share: scale gamma and offset beta, one number for each place along some axes."""

    def __init__(
        self,
        axis: Any,
        epsilon: float,
        center: bool,
        scale: bool,
        beta: tuple[Any, Any, Any],
        gamma: tuple[Any, Any, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(arguments.integers(axis, "axis"))
        self.epsilon = arguments.number(epsilon, "epsilon")
        self.center = center
        self.scale = scale
        for name, (initializer, regularizer, constraint) in {"beta": beta, "gamma": gamma}.items():
            setattr(self, f"{name}_initializer", initializers.get(initializer))
            setattr(self, f"{name}_regularizer", regularizers.get(regularizer))
            setattr(self, f"{name}_constraint", constraints.get(constraint))
        self.supports_masking = True

    def _axes_in(self, shape: Any) -> list[int]:
        """The axes, counted from 0, with a known size each.

        Raises:
            ValueError: where the input has no such axis, or its size is not known.
        """
        sizes = TensorShape(shape).as_list()
        axes = []
        for axis in [self.axis] if isinstance(self.axis, int) else self.axis:
            if not -len(sizes) <= axis < len(sizes):
                raise ValueError(f"Invalid axis: {axis}: layer {self.name} was given inputs of shape {shape}")
            if sizes[axis] is None:
                raise ValueError(f"Input has undefined `axis` dimension. Input shape: {shape}")
            axes.append(axis % len(sizes))
        if len(set(axes)) != len(axes):
            raise ValueError(f"Duplicate axis: {axes}")
        return sorted(axes)

    def _make_parameters(self, sizes: list[int], dtype: dtypes.DType) -> None:
        self.gamma = self._parameter("gamma", sizes, dtype) if self.scale else None
        self.beta = self._parameter("beta", sizes, dtype) if self.center else None

    def _parameter(self, name: str, sizes: list[int], dtype: dtypes.DType) -> Variable:
        initializer, regularizer, constraint = (
            getattr(self, f"{name}_{kind}") for kind in ("initializer", "regularizer", "constraint")
        )
        return self.add_weight(name, sizes, dtype, initializer, regularizer, constraint=constraint)


def _parameter_dtype(layer: Layer) -> dtypes.DType:
    """The dtype of the layer, but float32 for half-precision inputs, whose statistics would be too coarse."""
    dtype = dtypes.as_dtype(layer.dtype or dtypes.float32)
    if not dtype.is_floating:
        raise TypeError(f"{type(layer).__name__} needs floating-point inputs, not {dtype.name}; convert with tf.cast.")
    return dtypes.float32 if dtype is dtypes.float16 else dtype


class BatchNormalization(Normalization):
    """Normalizes by mean and variance of the batch in training, and by their moving averages otherwise.

    Ioffe and Szegedy, arXiv:1502.03167. In training, each moving average m becomes m - (m - value)(1 - momentum).

    Args:
        axis: the axes that have a mean and a variance for each place: the channels'.
        momentum: how slowly the moving averages move.
        epsilon: what is added to the variance.
        center, scale: whether there is an offset beta, and a factor gamma.
        beta_initializer and others: what the variables begin with, cost, and may be; see `Dense`.
        fused: as TensorFlow's fused kernel has it for images, which is the default for them, the moving variance is
            that of Bessel, Σ(x - mean)²/(n - 1), and epsilon is at least 1.001e-5. False switches that off.
        renorm, virtual_batch_size, adjustment: must be left out: not supported.

    >>> layer = tf.keras.layers.BatchNormalization(momentum=0.9)
    >>> layer(tf.constant([[1.], [3.]]), training=True).numpy().round(2).tolist()
    [[-1.0], [1.0]]
    >>> layer.moving_mean.numpy()
    array([0.2], dtype=float32)

    TensorFlow: tf.keras.layers.BatchNormalization.
    """

    settings = (
        "axis", "momentum", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer",
        "moving_mean_initializer", "moving_variance_initializer", "beta_regularizer", "gamma_regularizer",
        "beta_constraint", "gamma_constraint",
    )  # fmt: skip

    def __init__(
        self,
        axis: Any = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        fused: bool | None = None,
        trainable: bool = True,
        virtual_batch_size: Any = None,
        adjustment: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        beta = (beta_initializer, beta_regularizer, beta_constraint)
        gamma = (gamma_initializer, gamma_regularizer, gamma_constraint)
        super().__init__(axis, epsilon, center, scale, beta, gamma, trainable=trainable, name=name, **kwargs)
        if renorm or virtual_batch_size is not None or adjustment is not None:
            raise ValueError("BatchNormalization supports neither renorm nor virtual_batch_size nor adjustment.")
        self.momentum = arguments.number(momentum, "momentum")
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.fused = fused

    def build(self, input_shape: Any) -> None:
        """Makes gamma and beta, and the moving averages, which are not trained."""
        sizes = TensorShape(input_shape).as_list()
        axes = self._axes_in(input_shape)
        self.input_spec = InputSpec(ndim=len(sizes), axes={axis: sizes[axis] for axis in axes})
        self._kept = axes
        self._reduced = [axis for axis in range(len(sizes)) if axis not in axes]
        self._is_fused = self.fused is not False and len(sizes) == 4 and axes in ([1], [3])
        self._parameter_shape = [sizes[axis] for axis in axes]
        self._broadcast_shape = [sizes[axis] if axis in axes else 1 for axis in range(len(sizes))]
        dtype = _parameter_dtype(self)
        self._make_parameters(self._parameter_shape, dtype)
        self.moving_mean = self.add_weight(
            "moving_mean", self._parameter_shape, dtype, self.moving_mean_initializer, trainable=False
        )
        self.moving_variance = self.add_weight(
            "moving_variance", self._parameter_shape, dtype, self.moving_variance_initializer, trainable=False
        )
        self.built = True

    def call(self, inputs: Tensor, training: Any = None) -> Tensor:
        """Returns gamma (x - mean) / √(variance + ε) + beta."""
        x = array.cast(inputs, self.moving_mean.dtype)
        mean, variance, share = smart_cond(training, partial(self._moments, x), self._averages)
        if isinstance(share, Tensor) or share:
            self._follow(x, mean, variance, share)
        epsilon = max(self.epsilon, normalization.SMALLEST_EPSILON) if self._is_fused else self.epsilon
        statistics = [self._spread(t) for t in (mean, variance, self.beta, self.gamma)]
        return array.cast(normalization.batch_normalization(x, *statistics, epsilon), inputs.dtype)

    def _spread(self, parameter: Any) -> Any:
        """One number per channel, in a shape that broadcasts to that of the inputs."""
        if parameter is None or self._kept == [len(self._broadcast_shape) - 1]:
            return parameter
        return array.reshape(parameter, self._broadcast_shape)

    def _averages(self) -> tuple[Tensor, Tensor, float]:
        """The moving averages, which then stay where they are."""
        return self.moving_mean.read_value(), self.moving_variance.read_value(), 0.0

    def _moments(self, x: Tensor) -> tuple[Tensor, Tensor, float]:
        """The mean and variance of the batch, and how far the moving averages follow."""
        return *normalization.moments(x, self._reduced), 1 - self.momentum

    def _follow(self, x: Tensor, mean: Tensor, variance: Tensor, share: Any) -> None:
        """Moves the moving averages a share of the way to the batch's mean and variance.

        Of that no tape takes note. In a graph it is an update, which a program runs along with its training.
        """
        with listening(tapes=()), self._noting_updates():
            if self._is_fused:
                variance = math.multiply(variance, normalization.bessel_correction(x, variance))
            if isinstance(share, Tensor):
                share = array.cast(share, variance.dtype)
            for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
                average.assign_sub(math.multiply(math.subtract(average, value), share))

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The input's shape."""
        return TensorShape(input_shape)


class LayerNormalization(Normalization):
    """Normalizes each example by its own mean and variance (Ba, Kiros and Hinton, arXiv:1607.06450).

    Args:
        axis: the axes over which mean and variance are taken.
        epsilon: what is added to the variance.
        center, scale: whether there is an offset beta, and a factor gamma.
        beta_initializer and others: what the variables begin with, cost, and may be; see `Dense`.

    >>> tf.keras.layers.LayerNormalization()(tf.constant([[1., 3.]])).numpy().round(2).tolist()
    [[-1.0, 1.0]]

    TensorFlow: tf.keras.layers.LayerNormalization.
    """

    settings = (
        "axis", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer", "beta_regularizer",
        "gamma_regularizer", "beta_constraint", "gamma_constraint",
    )  # fmt: skip

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        beta = (beta_initializer, beta_regularizer, beta_constraint)
        gamma = (gamma_initializer, gamma_regularizer, gamma_constraint)
        super().__init__(axis, epsilon, center, scale, beta, gamma, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Makes gamma and beta, of the sizes along the axes."""
        sizes = TensorShape(input_shape).as_list()
        self._reduced = self._axes_in(input_shape)
        self._broadcast_shape = [n if axis in self._reduced else 1 for axis, n in enumerate(sizes)]
        self.input_spec = InputSpec(ndim=len(sizes), axes={axis: sizes[axis] for axis in self._reduced})
        self._make_parameters([sizes[axis] for axis in self._reduced], _parameter_dtype(self))
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """Returns gamma (x - mean) / √(variance + ε) + beta."""
        x = array.cast(inputs, _parameter_dtype(self))
        mean, variance = normalization.moments(x, self._reduced, keep_dims=True)
        offset, scale = (
            None if t is None else array.reshape(t, self._broadcast_shape) for t in (self.beta, self.gamma)
        )
        y = normalization.batch_normalization(x, mean, variance, offset, scale, self.epsilon)
        return array.cast(y, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The input's shape."""
        return TensorShape(input_shape)
