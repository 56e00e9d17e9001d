"""Convolutional layers: values beside torch's, gradients beside finite differences, shapes, names and errors."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.graph.graph import trace

layers = tf.keras.layers

IMAGES = np.random.default_rng(0).normal(size=(2, 7, 9, 4))
SEQUENCES = np.random.default_rng(1).normal(size=(2, 10, 4))
LAST, FIRST = "channels_last", "channels_first"

both_formats = pytest.mark.parametrize("data_format", [LAST, FIRST])


def with_random_bias(layer, x):
    """Builds a layer, and gives it a bias that could not go unnoticed."""
    layer(x)
    layer.bias.assign(np.random.default_rng(2).normal(size=layer.bias.shape.as_list()))
    return layer


def channels_first(x):
    return np.moveaxis(x, -1, 1)


def called(layer, x, data_format):
    """What a layer makes of an input with the channels last, its output with the channels last, too."""
    if data_format == LAST:
        return with_random_bias(layer, x)(x).numpy()
    return np.moveaxis(with_random_bias(layer, channels_first(x))(channels_first(x)).numpy(), 1, -1)


# ---------------------------------------------------------------------------------------------- an independent opinion


def zeros_for(size, window, stride, dilation):
    """TensorFlow's 'same': as many stops as size / stride, rounded up, and the odd zero at the end."""
    missing = max((-(-size // stride) - 1) * stride + (window - 1) * dilation + 1 - size, 0)
    return missing // 2, missing - missing // 2


def in_torch(x, kernel, bias, layer, transposed=False, groups=1):
    """The same with torch: channels first, kernels [filter, channel, window...]."""
    torch = pytest.importorskip("torch")
    functional, rank = torch.nn.functional, x.ndim - 2
    y = torch.tensor(channels_first(x))
    if transposed:
        weights = torch.tensor(np.transpose(kernel, (3, 2, 0, 1)))
        out = functional.conv_transpose2d(y, weights, torch.tensor(bias), layer.strides)
        return np.moveaxis(out.numpy(), 1, -1)
    settings = list(zip(x.shape[1:-1], layer.kernel_size, layer.strides, layer.dilation_rate))
    if layer.padding == "same":
        y = functional.pad(y, [zeros for axis in reversed(settings) for zeros in zeros_for(*axis)])
    elif layer.padding == "causal":
        y = functional.pad(y, [(layer.kernel_size[0] - 1) * layer.dilation_rate[0], 0])
    weights = torch.tensor(np.moveaxis(kernel, [-1, -2], [0, 1]))
    convolve = functional.conv1d if rank == 1 else functional.conv2d
    out = convolve(y, weights, torch.tensor(bias), layer.strides, 0, layer.dilation_rate, groups)
    return np.moveaxis(out.numpy(), 1, -1)


SETTINGS = [
    {"kernel_size": 3},
    {"kernel_size": 3, "padding": "same"},
    {"kernel_size": 2, "padding": "same", "strides": 2},
    {"kernel_size": 3, "strides": 3},
    {"kernel_size": 2, "dilation_rate": 3},
    {"kernel_size": 3, "dilation_rate": 2, "padding": "same"},
]
every_setting = pytest.mark.parametrize("settings", SETTINGS, ids=str)


@both_formats
@every_setting
def test_conv1d_is_that_of_torch(settings, data_format):
    layer = layers.Conv1D(5, data_format=data_format, **settings)
    y = called(layer, SEQUENCES, data_format)
    expected = in_torch(SEQUENCES, layer.kernel.numpy(), layer.bias.numpy(), layer)
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)


@both_formats
@every_setting
def test_conv2d_is_that_of_torch(settings, data_format):
    layer = layers.Conv2D(5, data_format=data_format, **settings)
    y = called(layer, IMAGES, data_format)
    expected = in_torch(IMAGES, layer.kernel.numpy(), layer.bias.numpy(), layer)
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)


@both_formats
def test_conv2d_with_another_setting_for_each_axis(data_format):
    layer = layers.Conv2D(5, (3, 2), strides=(1, 2), padding="same", dilation_rate=(2, 1), data_format=data_format)
    y = called(layer, IMAGES, data_format)
    expected = in_torch(IMAGES, layer.kernel.numpy(), layer.bias.numpy(), layer)
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)


@both_formats
@pytest.mark.parametrize("dilation", [1, 2])
def test_causal_convolution_sees_no_later_step(data_format, dilation):
    layer = layers.Conv1D(5, 3, padding="causal", dilation_rate=dilation, data_format=data_format)
    y = called(layer, SEQUENCES, data_format)
    expected = in_torch(SEQUENCES, layer.kernel.numpy(), layer.bias.numpy(), layer)
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)
    later = SEQUENCES.copy()
    later[:, 6:] += 1.0
    np.testing.assert_array_equal(called(layer, later, data_format)[:, :6], y[:, :6])


@both_formats
@pytest.mark.parametrize(("kernel_size", "strides"), [(3, 1), (3, 2), ((2, 3), (3, 2)), (1, 2)])
def test_conv2d_transpose_is_that_of_torch(data_format, kernel_size, strides):
    layer = layers.Conv2DTranspose(5, kernel_size, strides, data_format=data_format)
    y = called(layer, IMAGES, data_format)
    expected = in_torch(IMAGES, layer.kernel.numpy(), layer.bias.numpy(), layer, transposed=True)
    # With windows smaller than strides, TensorFlow adds pixels at the end that no window reaches: the bias alone.
    beyond = [(0, 0), *[(0, max(s - k, 0)) for k, s in zip(layer.kernel_size, layer.strides)], (0, 0)]
    padded = np.pad(expected - layer.bias.numpy(), beyond) + layer.bias.numpy()
    np.testing.assert_allclose(y, padded, rtol=1e-10, atol=1e-12)


@both_formats
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, 3])
def test_conv2d_transpose_is_the_transpose_of_conv2d(data_format, padding, strides):
    """⟨conv(x), y⟩ = ⟨x, transpose(y)⟩, of an image whose size is the one that comes back."""
    transpose = layers.Conv2DTranspose(3, 3, strides, padding, data_format, use_bias=False)
    y = IMAGES if data_format == LAST else channels_first(IMAGES)
    back = transpose(y).numpy()
    x = np.random.default_rng(3).normal(size=back.shape)
    forward = layers.Conv2D(4, 3, strides, padding, data_format, use_bias=False)
    forward(x)
    forward.kernel.assign(transpose.kernel)
    np.testing.assert_allclose(np.sum(forward(x).numpy() * y), np.sum(x * back), rtol=1e-9)


@both_formats
@pytest.mark.parametrize("settings", [{}, {"strides": 2}, {"padding": "same"}, {"dilation_rate": 2}], ids=str)
def test_depthwise_conv2d_is_that_of_torch(data_format, settings):
    layer = layers.DepthwiseConv2D(3, depth_multiplier=2, data_format=data_format, **settings)
    y = called(layer, IMAGES, data_format)
    kernel = layer.depthwise_kernel.numpy().reshape(3, 3, 1, 8)
    expected = in_torch(IMAGES, kernel, layer.bias.numpy(), layer, groups=4)
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)


@both_formats
@pytest.mark.parametrize("settings", [{}, {"strides": 2, "padding": "same"}, {"dilation_rate": 2}], ids=str)
@pytest.mark.parametrize("rank", [1, 2])
def test_separable_convolution_is_a_depthwise_one_and_a_mixture(data_format, settings, rank):
    x = (SEQUENCES, IMAGES)[rank - 1]
    layer = (layers.SeparableConv1D, layers.SeparableConv2D)[rank - 1](
        5, 3, depth_multiplier=2, data_format=data_format, **settings
    )
    y = called(layer, x, data_format)
    kernel = layer.depthwise_kernel.numpy().reshape(*[3] * rank, 1, 8)
    channels = in_torch(x, kernel, np.zeros(8), layer, groups=4)
    expected = channels @ layer.pointwise_kernel.numpy().reshape(8, 5) + layer.bias.numpy()
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)


def test_causal_separable_convolution():
    layer = layers.SeparableConv1D(5, 3, padding="causal")
    y = called(layer, SEQUENCES, LAST)
    assert y.shape == (2, 10, 5)
    later = SEQUENCES.copy()
    later[:, 6:] += 1.0
    np.testing.assert_array_equal(called(layer, later, LAST)[:, :6], y[:, :6])


# ----------------------------------------------------------------------------------------------------------- gradients

KINDS = {
    "Conv1D": lambda: layers.Conv1D(2, 2, padding="causal", activation="tanh"),
    "Conv2D": lambda: layers.Conv2D(2, 2, strides=2, padding="same", activation="tanh"),
    "Conv2DTranspose": lambda: layers.Conv2DTranspose(2, 3, strides=2, activation="tanh"),
    "DepthwiseConv2D": lambda: layers.DepthwiseConv2D(2, depth_multiplier=2, activation="tanh"),
    "SeparableConv1D": lambda: layers.SeparableConv1D(2, 2, activation="tanh"),
    "SeparableConv2D": lambda: layers.SeparableConv2D(2, 2, data_format=FIRST, activation="tanh"),
}


def differences(f, array, step=1e-6):
    """∂f/∂array by central differences."""
    slopes = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        values = []
        for sign in (1, -1):
            moved = array.copy()
            moved[index] += sign * step
            values.append(float(f(moved)))
        slopes[index] = (values[0] - values[1]) / (2 * step)
    return slopes


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_finite_differences(kind):
    x = np.random.default_rng(4).normal(size=(1, 4, 2) if "1D" in kind else (1, 3, 4, 2))
    layer = KINDS[kind]()
    with_random_bias(layer, x)
    inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = tf.reduce_sum(tf.square(layer(inputs)))
    dx, *rest = tape.gradient(loss, [inputs, *layer.trainable_variables])
    np.testing.assert_allclose(
        dx.numpy(), differences(lambda z: tf.reduce_sum(tf.square(layer(z))), x), rtol=1e-5, atol=1e-7
    )
    for variable, slope in zip(layer.trainable_variables, rest):
        value = variable.numpy()

        def loss_at(z, variable=variable):
            variable.assign(z)
            return tf.reduce_sum(tf.square(layer(x)))

        np.testing.assert_allclose(slope.numpy(), differences(loss_at, value), rtol=1e-5, atol=1e-7)
        variable.assign(value)


# ---------------------------------------------------------------------------------------------------- names and shapes


@pytest.mark.parametrize(
    ("layer", "x", "variables"),
    [
        (layers.Conv1D(5, 3, name="l"), SEQUENCES, {"l/kernel:0": [3, 4, 5], "l/bias:0": [5]}),
        (layers.Conv2D(5, (3, 2), name="l"), IMAGES, {"l/kernel:0": [3, 2, 4, 5], "l/bias:0": [5]}),
        (layers.Conv2D(5, 3, use_bias=False, name="l"), IMAGES, {"l/kernel:0": [3, 3, 4, 5]}),
        (layers.Conv2DTranspose(5, (3, 2), name="l"), IMAGES, {"l/kernel:0": [3, 2, 5, 4], "l/bias:0": [5]}),
        (
            layers.DepthwiseConv2D(3, depth_multiplier=2, name="l"),
            IMAGES,
            {"l/depthwise_kernel:0": [3, 3, 4, 2], "l/bias:0": [8]},
        ),
        (
            layers.SeparableConv1D(5, 3, depth_multiplier=2, name="l"),
            SEQUENCES,
            {"l/depthwise_kernel:0": [3, 4, 2], "l/pointwise_kernel:0": [1, 8, 5], "l/bias:0": [5]},
        ),
        (
            layers.SeparableConv2D(5, 3, name="l"),
            IMAGES,
            {"l/depthwise_kernel:0": [3, 3, 4, 1], "l/pointwise_kernel:0": [1, 1, 4, 5], "l/bias:0": [5]},
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_variables(layer, x, variables):
    assert layer.variables == []
    layer(x)
    assert {variable.name: variable.shape.as_list() for variable in layer.variables} == variables


def test_names_are_those_of_the_classes_in_snake_case():
    for kind, name in [("Conv2D", "conv2d"), ("Conv2DTranspose", "conv2d_transpose"), ("Conv1D", "conv1d")]:
        assert getattr(layers, kind)(1, 1).name.startswith(name)
    assert layers.DepthwiseConv2D(1).name.startswith("depthwise_conv2d")
    assert layers.Convolution2D is layers.Conv2D


@both_formats
@pytest.mark.parametrize("kind", KINDS)
def test_shapes_are_known_before_there_is_an_input(kind, data_format):
    layer = KINDS[kind]()
    config = {**layer.get_config(), "data_format": data_format, "name": None}
    layer = type(layer).from_config(config)
    sizes = [None, 8] if "1D" in kind else [None, 8, 6]
    shape = [*sizes, 3] if data_format == LAST else [None, 3, *sizes[1:]]
    inferred = layer.compute_output_shape(shape)
    outputs = layer(tf.zeros([2, *shape[1:]]))
    assert inferred.as_list() == [None, *outputs.shape.as_list()[1:]]
    unknown = [None if size in (8, 6) else size for size in shape]
    assert layer.compute_output_shape(unknown).is_compatible_with(outputs.shape)


@pytest.mark.parametrize("kind", KINDS)
def test_configurations_make_equal_layers(kind):
    layer = KINDS[kind]()
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_layers_work_in_graphs():
    layer = layers.Conv2D(5, 3, activation="relu")
    expected = layer(IMAGES).numpy()
    graph, (x,), y = trace(layer, tf.constant(IMAGES))
    np.testing.assert_allclose(graph.run(y, {x: IMAGES}).numpy(), expected)
    larger = layers.Conv2DTranspose(5, 3)
    larger(IMAGES)
    with pytest.raises(ValueError, match="Conv2DTranspose needs an input whose sizes are known"):
        trace(larger, tf.constant(IMAGES), sizes_known=False)


def test_settings_of_variables_are_heeded():
    layer = layers.Conv2D(
        2, 2, activation="relu", kernel_initializer="ones", bias_initializer="ones",
        kernel_regularizer=tf.keras.regularizers.l2(0.5), bias_regularizer="l1",
    )  # fmt: skip
    y = layer(tf.constant(np.full((1, 2, 2, 1), -1.0, np.float32)))
    np.testing.assert_array_equal(y.numpy(), np.zeros((1, 1, 1, 2)))
    assert sorted(float(loss) for loss in layer.losses) == pytest.approx([0.02, 4.0])


# ----------------------------------------------------------------------------------------------------------- tf.layers


def test_functions_of_tf_layers():
    y = tf.layers.conv2d(tf.zeros([1, 28, 28, 1]), 32, 5, padding="same", activation=tf.nn.relu)
    y = tf.layers.max_pooling2d(y, 2, 2, padding="same")
    assert y.shape == (1, 14, 14, 32)
    assert tf.layers.conv1d(tf.zeros([1, 8, 3]), 4, [3]).shape == (1, 6, 4)
    assert tf.layers.average_pooling1d(tf.zeros([1, 8, 3]), 2, 2).shape == (1, 4, 3)
    assert tf.layers.Conv2D is layers.Conv2D
    with pytest.raises(ValueError, match="reuse=True needs a graph"):
        tf.layers.conv2d(tf.zeros([1, 8, 8, 1]), 4, 3, reuse=True)


# -------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: layers.Conv2D(0, 3), "filters must be a positive integer, not 0"),
        (
            lambda: layers.Conv2D(2, (3, 3, 3)),
            r"The `kernel_size` argument must be a tuple of 2 integers. Received: \(3",
        ),
        (lambda: layers.Conv2D(2, 0), "The `kernel_size` argument must be a tuple of 2 integers. Received: 0"),
        (lambda: layers.Conv2D(2, 2.5), "The `kernel_size` argument must be a tuple of 2 integers. Received: 2.5"),
        (lambda: layers.Conv1D(2, 3, strides=(1, 1)), "The `strides` argument must be a tuple of 1 integers"),
        (lambda: layers.Conv2D(2, 3, dilation_rate=-1), "The `dilation_rate` argument must be a tuple of 2 integers"),
        (lambda: layers.Conv2D(2, 3, padding="half"), 'The `padding` argument must be a list/tuple or one of "valid"'),
        (lambda: layers.Conv2D(2, 3, padding="causal"), "Received: causal; this layer takes valid and same"),
        (lambda: layers.Conv2D(2, 3, data_format="NHWC"), "The `data_format` argument must be one of 'channels_first'"),
        (lambda: layers.Conv2D(2, 3, activation="rleu"), "Unknown activation function:'rleu'"),
        (lambda: layers.DepthwiseConv2D(3, depth_multiplier=0), "depth_multiplier must be a positive integer"),
    ],
)
def test_impossible_settings(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_inputs_of_the_wrong_shape():
    layer = layers.Conv2D(2, 3, name="conv")
    with pytest.raises(
        ValueError,
        match=r"Input 0 of layer conv is incompatible with the layer: expected ndim=4, found ndim=2."
        r" Full shape received: \[2, 5\]",
    ):
        layer(tf.zeros([2, 5]))
    assert not layer.built and layer.variables == []
    with pytest.raises(ValueError, match="The channel dimension of the inputs to `Conv2D` should be defined"):
        layer.compute_output_shape([None, 8, 8, None])
    with pytest.raises(tf.errors.InvalidArgumentError, match="effective_filter_size: 3"):
        layer(tf.zeros([1, 2, 2, 4]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected axis -1 of input shape to have value 4 but rec"):
        layer(tf.zeros([1, 5, 5, 3]))


def test_integers_are_refused():
    with pytest.raises(TypeError, match="Unable to build `Conv2D` layer with non-floating point dtype int32"):
        layers.Conv2D(2, 3)(tf.zeros([1, 5, 5, 1], tf.int32))


@pytest.mark.parametrize("name", ["Conv3D", "MaxPooling3D", "UpSampling3D", "Conv3DTranspose"])
def test_there_is_nothing_for_volumes(name):
    with pytest.raises(AttributeError, match=f"minitfe has no tf.keras.layers.{name}: there is nothing for volumes"):
        getattr(layers, name)
    with pytest.raises(AttributeError, match="minitfe has no tf.nn.conv3d: there is nothing for volumes"):
        tf.nn.conv3d  # noqa: B018
