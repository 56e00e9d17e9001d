"""Core layers: Dense, what changes the shape of its input, dropout, and functions made into layers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

from minitfe import dtypes, initializers
from minitfe.control_flow import smart_cond
from minitfe.keras import activations, constraints, regularizers
from minitfe.keras.engine.deferred import DeferredTensor
from minitfe.keras.engine.layer import InputSpec, Layer, batch_input_shape
from minitfe.keras.engine.naming import get_uid
from minitfe.ops import arguments, array, linalg, math, nn, rearrange
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor

# ---------------------------------------------------------------------------------------------------------------- dense


class Dense(Layer):
    """Every unit sees every input: activation(x · kernel + bias).

    Args:
        units: the number of outputs.
        activation: a function, or its name; none by default.
        use_bias: whether there is a bias.
        kernel_initializer, bias_initializer: what the variables begin with.
        kernel_regularizer, bias_regularizer: what they cost; see `tf.keras.regularizers`.
        activity_regularizer: what the output costs.
        kernel_constraint, bias_constraint: where they may be; see `tf.keras.constraints`.
        kwargs: see `tf.keras.layers.Layer`.

    Inputs have the shape [..., n], outputs [..., units]; kernel is [n, units], bias [units].

    >>> layer = tf.keras.layers.Dense(2, activation='relu', kernel_initializer='ones')
    >>> layer(tf.constant([[1., 2.], [-1., -2.]])).numpy()
    array([[3., 3.],
           [0., 0.]], dtype=float32)

    TensorFlow: tf.keras.layers.Dense.
    """

    settings = (
        "units", "activation", "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer",
        "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint",
    )  # fmt: skip

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = positive(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.supports_masking = True
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias.

        Raises:
            ValueError: where the size of the last axis is not known.
            TypeError: for inputs that are not floating-point.
        """
        inputs = last_size(input_shape, "Dense")
        require_floating(self)
        self.input_spec = InputSpec(min_ndim=2, axes={-1: inputs})
        self.kernel = self.add_weight(
            "kernel", [inputs, self.units], None, self.kernel_initializer, self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", [self.units], None, self.bias_initializer, self.bias_regularizer,
                constraint=self.bias_constraint,
            )  # fmt: skip
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """Returns activation(x · kernel + bias)."""
        rank = len(arguments.known(inputs.extents, "Dense"))
        kernel = self.kernel.read_value()
        y = linalg.matmul(inputs, kernel) if rank == 2 else linalg.tensordot(inputs, kernel, [[rank - 1], [0]])
        if self.bias is not None:
            y = math.add(y, self.bias.read_value())
        return y if self.activation is activations.linear else self.activation(y)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The input's shape with units for its last size."""
        last_size(input_shape, "Dense")
        return TensorShape([*TensorShape(input_shape).as_list()[:-1], self.units])


def positive(value: Any, what: str) -> int:
    """Reads an int that is at least 1, such as a number of units."""
    number = arguments.integer(value, what)
    if number < 1:
        raise ValueError(f"{what} must be a positive integer, not {value!r}")
    return number


def last_size(shape: Any, layer: str) -> int:
    """The size of the last axis, which must be known to make variables."""
    sizes = TensorShape(shape).as_list()
    if not sizes or sizes[-1] is None:
        raise ValueError(
            f"The last dimension of the inputs to `{layer}` should be defined. Found `None`: the shape is"
            f" {TensorShape(shape)}."
        )
    return sizes[-1]


def require_floating(layer: Layer) -> None:
    """Raises TypeError where a layer with weights was given integers first."""
    dtype = dtypes.float32 if layer.dtype is None else dtypes.as_dtype(layer.dtype)
    if not (dtype.is_floating or dtype.is_complex):
        kind = type(layer).__name__
        raise TypeError(
            f"Unable to build `{kind}` layer with non-floating point dtype {dtype.name}: convert its input with"
            f" tf.cast(x, tf.float32)."
        )


# --------------------------------------------------------------------------------------------------------------- shapes


class Flatten(Layer):
    """Makes one axis of all axes but the first, the batch's.

    Args:
        data_format: 'channels_first' where the channels are the second axis: they are put last before.

    >>> tf.keras.layers.Flatten()(tf.zeros([5, 2, 3])).shape
    TensorShape([Dimension(5), Dimension(6)])

    TensorFlow: tf.keras.layers.Flatten.
    """

    settings = ("data_format",)

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = layout(data_format)
        self.input_spec = InputSpec(min_ndim=2)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the inputs in the shape [batch, everything else]."""
        extents = arguments.known(inputs.extents, "Flatten")
        if self.data_format == "channels_first" and len(extents) > 2:
            inputs = array.transpose(inputs, [0, *range(2, len(extents)), 1])
        batch, *others = extents
        if None not in others:
            return array.reshape(inputs, [-1, prod(others)])
        return array.reshape(inputs, [array.shape(inputs)[0] if batch is None else batch, -1])

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The batch, and the product of the other sizes."""
        batch, *others = TensorShape(input_shape).as_list()
        return TensorShape([batch, None if None in others else prod(others)])


def layout(data_format: Any) -> str:
    """Reads where the channels are: 'channels_last', which is the default, or 'channels_first'."""
    name = "channels_last" if data_format is None else str(data_format).lower()
    if name not in ("channels_first", "channels_last"):
        raise ValueError(
            f"The `data_format` argument must be one of 'channels_first', 'channels_last'. Received: {data_format}"
        )
    return name


class Reshape(Layer):
    """Gives each example another shape.

    Args:
        target_shape: the sizes without the batch's; one of them may be -1, for what is left.

    Raises:
        ValueError: when called with examples of another number of elements.

    >>> tf.keras.layers.Reshape((3, -1))(tf.zeros([5, 12])).shape
    TensorShape([Dimension(5), Dimension(3), Dimension(4)])

    TensorFlow: tf.keras.layers.Reshape.
    """

    settings = ("target_shape",)

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = arguments.integers(target_shape, "target_shape")
        self.input_spec = InputSpec()

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the inputs in the new shape."""
        batch, *target = self.compute_output_shape(inputs.shape).as_list()
        if batch is None:
            batch = -1
        elif None in target:
            target = [-1 if size is None else size for size in target]
        return array.reshape(inputs, [batch, *target])

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The batch, and the target shape."""
        batch, *sizes = TensorShape(input_shape).as_list()
        if None in sizes:
            return TensorShape([batch, *(None if size == -1 else size for size in self.target_shape)])
        return TensorShape([batch, *self._filled_in(prod(sizes))])

    def _filled_in(self, count: int) -> list[int]:
        known = prod(size for size in self.target_shape if size != -1)
        fits = self.target_shape.count(-1) <= 1 and (
            known == count if -1 not in self.target_shape else known and count % known == 0
        )
        if not fits:
            raise ValueError(
                "total size of new array must be unchanged: layer"
                f" {self.name} was given examples of {count} elements, and its target_shape is {self.target_shape}"
            )
        return [count // known if size == -1 else size for size in self.target_shape]


class Permute(Layer):
    """Puts the axes of each example into another order.

    Args:
        dims: the axes in their new order, counted from 1; the batch's stays where it is.

    >>> tf.keras.layers.Permute((2, 1))(tf.zeros([5, 3, 4])).shape
    TensorShape([Dimension(5), Dimension(4), Dimension(3)])

    TensorFlow: tf.keras.layers.Permute.
    """

    settings = ("dims",)

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = arguments.integers(dims, "dims")
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(f"dims must be the axes from 1 on, each once, not {dims!r}")
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the inputs with their axes in the new order."""
        return array.transpose(inputs, [0, *self.dims])


class RepeatVector(Layer):
    """Repeats each example n times, along a new axis.

    Args:
        n: how many times.

    >>> tf.keras.layers.RepeatVector(3)(tf.zeros([5, 2])).shape
    TensorShape([Dimension(5), Dimension(3), Dimension(2)])

    TensorFlow: tf.keras.layers.RepeatVector.
    """

    settings = ("n",)

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = positive(n, "n")
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the inputs, of shape [batch, features], as [batch, n, features]."""
        return rearrange.tile(array.expand_dims(inputs, 1), [1, self.n, 1])


# -------------------------------------------------------------------------------------------------------------- dropout


class Dropout(Layer):
    """In training, sets a share of its inputs to 0, and scales up the others; otherwise does nothing.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR, 2014.

    Args:
        rate: the share that is dropped, from 0 to 1.
        noise_shape: the shape of what is decided by chance; where it has a 1, elements are dropped together.
        seed: see `tf.set_random_seed`.

    >>> tf.keras.layers.Dropout(0.5)(tf.ones([3])).numpy()
    array([1., 1., 1.], dtype=float32)

    TensorFlow: tf.keras.layers.Dropout.
    """

    settings = ("rate", "noise_shape", "seed")

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = arguments.number(rate, "rate")
        if not 0 <= self.rate < 1:
            raise ValueError(f"Invalid value {rate} received for `rate`, expected a value between 0 and 1.")
        self.noise_shape = None if noise_shape is None else tuple(TensorShape(noise_shape).as_list())
        self.seed = seed
        self.supports_masking = True

    def call(self, inputs: Tensor, training: Any = None) -> Tensor:
        """Returns the inputs, some of them dropped where training is true."""
        if not self.rate:
            return array.identity(inputs)
        dropped = partial(nn.dropout, inputs, 1 - self.rate, self._noise_shape_for(inputs), self.seed)
        return smart_cond(training, dropped, partial(array.identity, inputs))

    def _noise_shape_for(self, inputs: Tensor) -> Any:
        if self.noise_shape is None:
            return None
        return [n if size is None else size for n, size in zip(inputs.shape.as_list(), self.noise_shape)]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return TensorShape(input_shape)


class SpatialDropout1D(Dropout):
    """Dropout of whole channels of sequences [batch, steps, channels].

    Args:
        rate: the share of channels that is dropped.

    TensorFlow: tf.keras.layers.SpatialDropout1D.
    """

    settings = ("rate",)

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(rate, **kwargs)
        self.input_spec = InputSpec(ndim=3)

    def _noise_shape_for(self, inputs: Tensor) -> Any:
        batch, _, channels = inputs.shape.as_list()
        return [batch, 1, channels]


class SpatialDropout2D(Dropout):
    """Dropout of whole channels of images (Tompson et al., arXiv:1411.4280).

    Args:
        rate: the share of channels that is dropped.
        data_format: where the channels are: 'channels_last' or 'channels_first'.

    TensorFlow: tf.keras.layers.SpatialDropout2D.
    """

    settings = ("rate", "data_format")

    def __init__(self, rate: float, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(rate, **kwargs)
        self.data_format = layout(data_format)
        self.input_spec = InputSpec(ndim=4)

    def _noise_shape_for(self, inputs: Tensor) -> Any:
        sizes = inputs.shape.as_list()
        last = self.data_format == "channels_last"
        return [sizes[0], 1, 1, sizes[3]] if last else [sizes[0], sizes[1], 1, 1]


# -------------------------------------------------------------------------------------------------- functions as layers


class Activation(Layer):
    """Applies an activation.

    Args:
        activation: a function, or its name.

    >>> tf.keras.layers.Activation('relu')(tf.constant([-1., 2.])).numpy()
    array([0., 2.], dtype=float32)

    TensorFlow: tf.keras.layers.Activation.
    """

    settings = ("activation",)

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the activation of the inputs."""
        return self.activation(inputs)


class Lambda(Layer):
    """Makes a layer of a function.

    Args:
        function: takes the inputs, and returns the outputs.
        output_shape: accepted, as in TensorFlow, without effect: the shape is found out.
        mask: accepted, without effect.
        arguments: further arguments for the function, by name.

    >>> tf.keras.layers.Lambda(lambda x: x * 2)(tf.constant([1., 2.])).numpy()
    array([2., 4.], dtype=float32)

    TensorFlow: tf.keras.layers.Lambda.
    """

    settings = ("function", "arguments")

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(f"The function of a Lambda layer must be callable, not {function!r}")
        self.function = function
        self.arguments = arguments or {}

    def call(self, inputs: Any) -> Any:
        """Returns what the function does."""
        return self.function(inputs, **self.arguments)


class ActivityRegularization(Layer):
    """Returns its input, and adds what that costs to the losses.

    Args:
        l1, l2: see `tf.keras.regularizers.l1_l2`.

    TensorFlow: tf.keras.layers.ActivityRegularization.
    """

    settings = ("l1", "l2")

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2

    def call(self, inputs: Any) -> Any:
        """Returns the inputs."""
        return inputs


# --------------------------------------------------------------------------------------------------------------- inputs


class InputLayer(Layer):
    """Says, as the first layer of a `Sequential`, which shape its inputs have.

    Args:
        input_shape: the shape of an example.
        batch_size: the number of examples, if it is always the same.
        dtype: the dtype.
        input_tensor, sparse: must be left out, as eager execution has it.
        name: the layer's name.

    TensorFlow: tf.keras.layers.InputLayer.
    """

    def __init__(
        self, input_shape: Any = None, batch_size: int | None = None, dtype: Any = None, input_tensor: Any = None,
        sparse: bool = False, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if input_tensor is not None or sparse:
            raise ValueError("input_tensor and sparse are not supported when eager execution is enabled.")
        kwargs.setdefault(
            "batch_input_shape", batch_input_shape({"input_shape": input_shape, "batch_size": batch_size})
        )
        super().__init__(name=name or f"input_{get_uid('input')}", dtype=dtype or dtypes.float32, **kwargs)
        if self._batch_input_shape is None:
            raise ValueError("An Input layer should be passed either a `batch_input_shape` or an `input_shape`.")
        self.built = True
        self.deferred = DeferredTensor(self._batch_input_shape, self._dtype, self.name)
        self.deferred.layer = self
        self._inferred_shapes = (self.deferred.shape, self.deferred.shape)


def Input(
    shape: Any = None, batch_size: int | None = None, name: str | None = None, dtype: Any = None, **kwargs: Any
) -> DeferredTensor:
    """Stands for the inputs of a model that is put together by calling layers on it.

    Args:
        shape: the shape of an example; sizes may be None.
        batch_size: the number of examples, if it is always the same.
        name: a name.
        dtype: the dtype, by default float32.
        kwargs: ``batch_shape``, the shape with the batch's size.

    >>> x = tf.keras.Input((4,))
    >>> model = tf.keras.Model(x, tf.keras.layers.Dense(2)(x))
    >>> model(tf.ones([3, 4])).shape
    TensorShape([Dimension(3), Dimension(2)])

    TensorFlow: tf.keras.Input, tf.keras.layers.Input.
    """
    batch_shape = kwargs.pop("batch_shape", None)
    if kwargs:
        raise TypeError(f"Unrecognized keyword arguments: {sorted(kwargs)}")
    if shape is None and batch_shape is None:
        raise ValueError("Please provide to Input either a `shape` or a `batch_shape` argument.")
    settings = {"batch_input_shape": batch_shape} if batch_shape is not None else {}
    return InputLayer(shape, batch_size, dtype, name=name, **settings).deferred
