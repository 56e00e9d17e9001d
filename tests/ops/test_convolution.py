"""Convolutions: errors, and values that the sample table cannot hold."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.graph.graph import trace
from minitfe.ops import convolution

IMAGES = np.ones((2, 5, 6, 3), np.float32)
FILTERS = np.ones((3, 3, 3, 4), np.float32)
ONES = [1, 1, 1, 1]


# ------------------------------------------------------------------------------------------------------------- errors


def test_channels_must_agree():
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="input and filter must have the same depth: 3 vs 4.*Conv2D"
    ) as error:
        convolution.conv2d(IMAGES, np.ones((3, 3, 4, 2), np.float32), ONES, "SAME")
    assert "(2, 5, 6, 3)" in str(error.value) and "(3, 3, 4, 2)" in str(error.value)


@pytest.mark.parametrize("channels", [1, 2])
def test_channels_must_agree_one_by_one(channels):
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"must have the same depth: {channels} vs 3"):
        convolution.depthwise_conv2d(IMAGES[..., :channels], FILTERS, ONES, "SAME")


def test_channels_must_agree_in_a_graph():
    with pytest.raises(ValueError, match="input and filter must have the same depth: 3 vs 4"):
        trace(
            lambda x: convolution.conv2d(x, np.ones((3, 3, 4, 2), np.float32), ONES, "SAME"),
            tf.convert_to_tensor(IMAGES),
        )


@pytest.mark.parametrize("shape", [(5, 6, 3), (1, 2, 5, 6, 3)])
def test_images_have_four_axes(shape):
    with pytest.raises(tf.errors.InvalidArgumentError, match="input must be 4-dimensional"):
        convolution.conv2d(np.ones(shape, np.float32), FILTERS, ONES, "VALID")


@pytest.mark.parametrize("shape", [(3, 3, 4), (3, 3, 3, 4, 1)])
def test_filters_have_four_axes(shape):
    with pytest.raises(tf.errors.InvalidArgumentError, match="filter must be 4-dimensional"):
        convolution.conv2d(IMAGES, np.ones(shape, np.float32), ONES, "VALID")


@pytest.mark.parametrize("function", [convolution.conv2d, convolution.depthwise_conv2d])
def test_window_larger_than_the_image(function):
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"negative: \[input_size: 5, effective_filter_size: 7, stride: 1\]"
    ):
        function(IMAGES, np.ones((7, 1, 3, 1), np.float32), ONES, "VALID")


def test_dilation_makes_the_window_larger():
    with pytest.raises(tf.errors.InvalidArgumentError, match="effective_filter_size: 7"):
        convolution.conv2d(IMAGES, FILTERS, ONES, "VALID", dilations=[1, 3, 1, 1])


@pytest.mark.parametrize(
    ("strides", "message"),
    [
        ([1, 1, 1], "must specify 4 dimensions"),
        ([1, 0, 1, 1], "must be larger than 0"),
        ([1, 1, -1, 1], "must be larger than 0"),
        ([2, 1, 1, 1], "batch and depth dimensions"),
        ([1, 1, 1, 2], "batch and depth dimensions"),
    ],
)
def test_strides_and_dilations_are_checked(strides, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"strides.*{message}|{message}.*strides"):
        convolution.conv2d(IMAGES, FILTERS, strides, "SAME")
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"dilations.*{message}|{message}.*dilations"):
        convolution.conv2d(IMAGES, FILTERS, ONES, "SAME", dilations=strides)


def test_unknown_padding_and_data_format():
    with pytest.raises(ValueError, match="padding must be one of SAME, VALID, not 'FULL'"):
        convolution.conv2d(IMAGES, FILTERS, ONES, "FULL")
    with pytest.raises(ValueError, match="data_format must be one of NHWC, NCHW, not 'CHWN'"):
        convolution.conv2d(IMAGES, FILTERS, ONES, "SAME", data_format="CHWN")


def test_integers_and_mixed_dtypes_are_refused():
    with pytest.raises(tf.errors.InvalidArgumentError, match="int32 is not in the list of allowed values"):
        convolution.conv2d(IMAGES.astype(np.int32), FILTERS.astype(np.int32), ONES, "SAME")
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="cannot compute Conv2D as input #1 was expected to be a double"
    ):
        convolution.conv2d(tf.constant(IMAGES.astype(np.float64)), tf.constant(FILTERS), ONES, "SAME")


def test_transposed_channels_must_agree():
    filters = np.ones((3, 3, 4, 3), np.float32)
    with pytest.raises(ValueError, match="output channels does not match filter's output channels, 5 != 4"):
        convolution.conv2d_transpose(IMAGES, filters, [2, 10, 12, 5], [1, 2, 2, 1])
    with pytest.raises(ValueError, match="input channels does not match filter's input channels, 3 != 7"):
        convolution.conv2d_transpose(IMAGES, np.ones((3, 3, 4, 7), np.float32), [2, 10, 12, 4], [1, 2, 2, 1])


def test_transposed_output_shape_must_lead_back():
    filters = np.ones((3, 3, 4, 3), np.float32)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"actual = \[2,5,6,3\], computed = \[2,6,6,3\]"):
        convolution.conv2d_transpose(IMAGES, filters, [2, 11, 12, 4], [1, 2, 2, 1])
    with pytest.raises(ValueError, match="is one of 3 images, but there are 2"):
        convolution.conv2d_transpose(IMAGES, filters, [3, 10, 12, 4], [1, 2, 2, 1])
    with pytest.raises(tf.errors.InvalidArgumentError, match="4 sizes, not 2"):
        convolution.conv2d_transpose(IMAGES, filters, [10, 12], [1, 2, 2, 1])


def test_gradients_from_outside_must_have_the_shape_of_the_output():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"actual = \[2,9,6,4\], computed = \[2,5,6,4\]"):
        convolution.conv2d_backprop_filter(IMAGES, FILTERS.shape, np.ones((2, 9, 6, 4), np.float32), ONES, "SAME")


def test_convolution_has_one_or_two_axes():
    with pytest.raises(ValueError, match="its filter must have 3 or 4, not the 5"):
        convolution.convolution(np.ones((1, 2, 2, 2, 1)), np.ones((1, 1, 1, 1, 1)), "SAME")


def test_pointwise_filters_are_1x1():
    with pytest.raises(ValueError, match=r"height and width 1, not the shape \(2, 1, 3, 4\)"):
        convolution.separable_conv2d(IMAGES, np.ones((3, 3, 3, 1)), np.ones((2, 1, 3, 4)), ONES, "SAME")


def test_local_response_normalization_needs_images():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"must be 4-dimensional.*\(3,\)"):
        convolution.local_response_normalization([1.0, 2.0, 3.0])


# ------------------------------------------------------------------------------------------------------------- values


def test_same_padding_puts_the_odd_zero_behind():
    image = tf.reshape(tf.constant([1.0, 2.0, 3.0, 4.0]), [1, 1, 4, 1])
    window = tf.reshape(tf.constant([1.0, 10.0, 100.0]), [1, 3, 1, 1])
    # Stride 2 needs one zero for 4 pixels: windows 1 2 3 and 3 4 0.
    np.testing.assert_array_equal(convolution.conv2d(image, window, [1, 1, 2, 1], "SAME").numpy().ravel(), [321, 43])
    # Stride 1 needs two: windows 0 1 2, 1 2 3, 2 3 4, 3 4 0.
    np.testing.assert_array_equal(convolution.conv2d(image, window, ONES, "SAME").numpy().ravel(), [210, 321, 432, 43])


@pytest.mark.parametrize("shape", [(0, 5, 6, 3), (2, 0, 6, 3)])
def test_no_pixels_give_no_output_and_no_gradient(shape):
    x, filters = tf.convert_to_tensor(np.ones(shape, np.float32)), tf.constant(FILTERS)
    with tf.GradientTape() as tape:
        tape.watch([x, filters])
        y = convolution.conv2d(x, filters, [1, 2, 2, 1], "SAME")
    assert y.shape == (shape[0], -(-shape[1] // 2), 3, 4) and y.dtype is tf.float32
    dx, df = tape.gradient(y, [x, filters])
    assert dx.shape == shape
    np.testing.assert_array_equal(df.numpy(), np.zeros(FILTERS.shape))


def test_half_precision_is_kept():
    y = convolution.conv2d(IMAGES.astype(np.float16), FILTERS.astype(np.float16), ONES, "VALID")
    assert y.dtype is tf.float16 and float(y[0, 0, 0, 0]) == 27


def test_what_a_stride_steps_over_has_gradient_zero():
    x = tf.convert_to_tensor(np.ones((1, 1, 5, 1), np.float32))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = convolution.conv2d(x, np.full((1, 1, 1, 1), 7, np.float32), [1, 2, 2, 1], "VALID")
    np.testing.assert_array_equal(tape.gradient(y, x).numpy().ravel(), [7, 0, 7, 0, 7])


def test_images_that_exceed_a_block(monkeypatch):
    """Blocks of some images, of one, and of some rows of one: the same to the bit."""
    import minitfe_numpy.convolution as kernels

    generator = np.random.default_rng(0)
    x, f = generator.integers(-5, 5, (5, 9, 7, 2)).astype(float), generator.integers(-5, 5, (3, 2, 2, 3)).astype(float)
    settings = {"strides": (2, 1), "padding": "SAME", "dilations": (1, 2)}
    y = kernels.conv2d(x, f, **settings)
    wanted = y, kernels.conv2d_input_gradient(y, f, x, **settings), kernels.conv2d_filter_gradient(y, x, f, **settings)
    for size in (1, 2000, 20000):
        monkeypatch.setattr(kernels, "CACHE", size)
        for a, b in zip(
            wanted,
            (
                kernels.conv2d(x, f, **settings),
                kernels.conv2d_input_gradient(y, f, x, **settings),
                kernels.conv2d_filter_gradient(y, x, f, **settings),
            ),
        ):
            np.testing.assert_array_equal(a, b)


def test_transposed_with_a_batch_that_a_graph_does_not_know():
    filters = np.ones((2, 2, 1, 3), np.float32)

    def enlarge(x):
        return convolution.conv2d_transpose(x, filters, [tf.shape(x)[0], 10, 12, 1], [1, 2, 2, 1])

    graph, (placeholder,), y = trace(enlarge, tf.convert_to_tensor(IMAGES), sizes_known=False)
    assert y.shape.as_list() == [None, 10, 12, 1]
    np.testing.assert_array_equal(graph.run(y, {placeholder: IMAGES}).numpy(), np.full((2, 10, 12, 1), 3, np.float32))


# -------------------------------------------------------------------------------------------------------------- torch


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dilation", [1, 2])
def test_values_and_gradients_are_those_of_torch(stride, dilation):
    torch = pytest.importorskip("torch")
    generator = np.random.default_rng(1)
    x, f = generator.normal(size=(2, 8, 9, 3)), generator.normal(size=(3, 3, 3, 4))
    images, filters = tf.constant(x), tf.constant(f)
    with tf.GradientTape() as tape:
        tape.watch([images, filters])
        y = convolution.conv2d(images, filters, [1, stride, stride, 1], "VALID", dilations=[1, dilation, dilation, 1])
        loss = tf.reduce_sum(y * y)
    dx, df = tape.gradient(loss, [images, filters])
    there = [torch.tensor(x).permute(0, 3, 1, 2).requires_grad_(), torch.tensor(f).permute(3, 2, 0, 1).requires_grad_()]
    out = torch.nn.functional.conv2d(*there, stride=stride, dilation=dilation)
    tx, tf_ = torch.autograd.grad((out * out).sum(), there)
    np.testing.assert_allclose(y.numpy(), out.detach().permute(0, 2, 3, 1).numpy(), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(dx.numpy(), tx.permute(0, 2, 3, 1).numpy(), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(df.numpy(), tf_.permute(2, 3, 1, 0).numpy(), rtol=1e-10, atol=1e-10)
