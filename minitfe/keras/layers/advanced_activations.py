"""Activations with settings or weights of their own."""

from __future__ import annotations

from typing import Any

from minitfe import initializers
from minitfe.keras import activations, constraints, regularizers
from minitfe.keras.engine.layer import InputSpec, Layer
from minitfe.ops import arguments, comparison, math, nn
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor


class LeakyReLU(Layer):
    """x where x > 0, and alpha · x elsewhere (Maas, Hannun and Ng, 2013).

    Args:
        alpha: the slope below 0.

    >>> tf.keras.layers.LeakyReLU(0.1)(tf.constant([-1., 2.])).numpy()
    array([-0.1,  2. ], dtype=float32)

    TensorFlow: tf.keras.layers.LeakyReLU.
    """

    settings = ("alpha",)

    def __init__(self, alpha: float = 0.3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = arguments.number(alpha, "alpha")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the activation of the inputs."""
        return nn.leaky_relu(inputs, self.alpha)


class PReLU(Layer):
    """x where x > 0, and alpha · x elsewhere, with slopes alpha that are learned (He et al., arXiv:1502.01852).

    Args:
        alpha_initializer, alpha_regularizer, alpha_constraint: see `Dense`.
        shared_axes: axes along which all elements have one slope, such as height and width of images.

    TensorFlow: tf.keras.layers.PReLU.
    """

    settings = ("alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes")

    def __init__(
        self,
        alpha_initializer: Any = "zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        self.shared_axes = None if shared_axes is None else arguments.integers(shared_axes, "shared_axes")

    def build(self, input_shape: Any) -> None:
        """Makes alpha, of the shape of an example."""
        sizes = TensorShape(input_shape).as_list()
        for axis in self.shared_axes or ():
            sizes[axis] = 1
        self.input_spec = InputSpec(ndim=len(sizes), axes={i: n for i, n in enumerate(sizes) if i and n != 1})
        self.alpha = self.add_weight(
            "alpha", sizes[1:], None, self.alpha_initializer, self.alpha_regularizer, constraint=self.alpha_constraint
        )
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """Returns relu(x) - alpha · relu(-x)."""
        return math.subtract(nn.relu(inputs), math.multiply(self.alpha, nn.relu(math.negative(inputs))))


class ELU(Layer):
    """x where x > 0, and alpha (exp(x) - 1) elsewhere (Clevert et al., arXiv:1511.07289).

    Args:
        alpha: the scale below 0.

    TensorFlow: tf.keras.layers.ELU.
    """

    settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = arguments.number(alpha, "alpha")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the activation of the inputs."""
        return activations.elu(inputs, self.alpha)


class ThresholdedReLU(Layer):
    """x where x > theta, and 0 elsewhere (Konda et al., arXiv:1402.3337).

    Args:
        theta: the threshold.

    >>> tf.keras.layers.ThresholdedReLU(1.)(tf.constant([0.5, 2.])).numpy()
    array([0., 2.], dtype=float32)

    TensorFlow: tf.keras.layers.ThresholdedReLU.
    """

    settings = ("theta",)

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.theta = arguments.number(theta, "theta")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the activation of the inputs."""
        return comparison.keep_where(inputs, comparison.greater(inputs, self.theta))


class Softmax(Layer):
    """exp(x) / Σ exp(x) along an axis.

    Args:
        axis: the axis.

    TensorFlow: tf.keras.layers.Softmax.
    """

    settings = ("axis",)

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = arguments.integer(axis, "axis")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the activation of the inputs."""
        return activations.softmax(inputs, self.axis)


class ReLU(Layer):
    """max(x, 0), cut off at a greatest value.

    Args:
        max_value: the greatest value; None for no limit.
        negative_slope: the slope below the threshold.
        threshold: where the activation begins.

    TensorFlow: tf.keras.layers.ReLU.
    """

    settings = ("max_value", "negative_slope", "threshold")

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else arguments.number(max_value, "max_value")
        if self.max_value is not None and self.max_value < 0:
            raise ValueError(f"max_value of ReLU layer cannot be negative value: {max_value}")
        self.negative_slope = arguments.number(negative_slope, "negative_slope")
        self.threshold = arguments.number(threshold, "threshold")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the activation of the inputs."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)
