"""Layers without variables for sequences and images: pooling, and what changes sizes."""

import numpy as np
import pytest

import minitfe as tf

layers = tf.keras.layers

IMAGES = np.random.default_rng(0).normal(size=(2, 7, 9, 4))
SEQUENCES = np.random.default_rng(1).normal(size=(2, 10, 4))
LAST, FIRST = "channels_last", "channels_first"

both_formats = pytest.mark.parametrize("data_format", [LAST, FIRST])


def called(layer, x):
    """What a layer makes of an input with the channels last, its output with the channels last, too."""
    if getattr(layer, "data_format", LAST) == LAST:
        return layer(x).numpy()
    return np.moveaxis(layer(np.moveaxis(x, -1, 1)).numpy(), 1, -1)


def windows(size, window, stride, padding):
    """The places that each stop of a window sees, by TensorFlow's rule."""
    if padding == "valid":
        return [range(start, start + window) for start in range(0, size - window + 1, stride)]
    stops = -(-size // stride)
    before = max((stops - 1) * stride + window - size, 0) // 2
    starts = [stop * stride - before for stop in range(stops)]
    return [range(max(start, 0), min(start + window, size)) for start in starts]


def pooled(x, reduce, sizes, strides, padding):
    """Pooling, window by window."""
    axes = [windows(n, w, s, padding) for n, w, s in zip(x.shape[1:], sizes, strides)]
    if len(axes) == 1:
        return np.stack([reduce(x[:, list(rows)], 1) for rows in axes[0]], 1)
    rows = [[reduce(x[:, list(r)][:, :, list(c)], (1, 2)) for c in axes[1]] for r in axes[0]]
    return np.stack([np.stack(row, 1) for row in rows], 1)


@both_formats
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("pool_size", "strides"), [(2, None), (3, 2), ((2, 3), (1, 4))])
@pytest.mark.parametrize(("kind", "reduce"), [("Max", np.max), ("Average", np.mean)])
def test_pooling_of_images(kind, reduce, pool_size, strides, padding, data_format):
    layer = getattr(layers, f"{kind}Pooling2D")(pool_size, strides, padding, data_format)
    expected = pooled(IMAGES, reduce, layer.pool_size, layer.strides, padding)
    np.testing.assert_allclose(called(layer, IMAGES), expected, rtol=1e-12)


@both_formats
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("pool_size", "strides"), [(2, None), (3, 2)])
@pytest.mark.parametrize(("kind", "reduce"), [("Max", np.max), ("Average", np.mean)])
def test_pooling_of_sequences(kind, reduce, pool_size, strides, padding, data_format):
    layer = getattr(layers, f"{kind}Pooling1D")(pool_size, strides, padding, data_format)
    expected = pooled(SEQUENCES, reduce, layer.pool_size, layer.strides, padding)
    np.testing.assert_allclose(called(layer, SEQUENCES), expected, rtol=1e-12)


@both_formats
@pytest.mark.parametrize(("kind", "reduce"), [("Max", np.max), ("Average", np.mean)])
def test_pooling_of_everything(kind, reduce, data_format):
    for rank, x in [(1, SEQUENCES), (2, IMAGES)]:
        layer = getattr(layers, f"Global{kind}Pooling{rank}D")(data_format)
        inputs = x if data_format == LAST else np.moveaxis(x, -1, 1)
        np.testing.assert_allclose(layer(inputs).numpy(), reduce(x, tuple(range(1, rank + 1))), rtol=1e-12)


@both_formats
def test_zeros_around_images(data_format):
    for padding, pairs in [(2, [(2, 2), (2, 2)]), ((1, 0), [(1, 1), (0, 0)]), (((1, 0), (2, 3)), [(1, 0), (2, 3)])]:
        y = called(layers.ZeroPadding2D(padding, data_format), IMAGES)
        np.testing.assert_array_equal(y, np.pad(IMAGES, [(0, 0), *pairs, (0, 0)]))
    np.testing.assert_array_equal(
        layers.ZeroPadding1D(1)(SEQUENCES).numpy(), np.pad(SEQUENCES, [(0, 0), (1, 1), (0, 0)])
    )


@both_formats
def test_margins_cut_off(data_format):
    for cropping, part in [
        (1, np.s_[:, 1:-1, 1:-1]),
        ((2, 0), np.s_[:, 2:-2]),
        (((1, 0), (2, 3)), np.s_[:, 1:, 2:-3]),
        (((0, 0), (0, 0)), np.s_[:]),
    ]:
        np.testing.assert_array_equal(called(layers.Cropping2D(cropping, data_format), IMAGES), IMAGES[part])
    np.testing.assert_array_equal(layers.Cropping1D((0, 3))(SEQUENCES).numpy(), SEQUENCES[:, :-3])


@both_formats
def test_pixels_repeated(data_format):
    y = called(layers.UpSampling2D((2, 3), data_format), IMAGES)
    np.testing.assert_array_equal(y, IMAGES.repeat(2, 1).repeat(3, 2))
    np.testing.assert_array_equal(layers.UpSampling1D(3)(SEQUENCES).numpy(), SEQUENCES.repeat(3, 1))


EVERY = [
    *[kind(data_format=f) for f in (LAST, FIRST) for kind in (layers.MaxPooling1D, layers.AveragePooling1D)],
    *[kind(data_format=f) for f in (LAST, FIRST) for kind in (layers.MaxPooling2D, layers.AveragePooling2D)],
    *[kind(f) for f in (LAST, FIRST) for kind in (layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D)],
    *[layers.GlobalMaxPooling1D(), layers.GlobalAveragePooling1D()],
    *[kind(data_format=f) for f in (LAST, FIRST) for kind in (layers.ZeroPadding2D, layers.UpSampling2D)],
    *[layers.Cropping2D(1, f) for f in (LAST, FIRST)],
    *[layers.ZeroPadding1D((1, 2)), layers.Cropping1D(1), layers.UpSampling1D()],
]
every_layer = pytest.mark.parametrize("layer", EVERY, ids=lambda layer: layer.name)


def rank_of(layer):
    return layer.input_spec.ndim


@every_layer
def test_gradients_are_transposes(layer):
    """Where each layer is linear, ⟨layer(x), g⟩ = ⟨x, gradient⟩; picking the largest is linear near x, too."""
    x = tf.constant(np.random.default_rng(2).normal(size=[2, 6, 6, 6][: rank_of(layer)]))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    g = np.random.default_rng(3).normal(size=y.shape.as_list())
    dx = tape.gradient(y, x, output_gradients=tf.constant(g))
    np.testing.assert_allclose(np.sum(y.numpy() * g), np.sum(x.numpy() * dx.numpy()), rtol=1e-9)


@every_layer
def test_shapes_and_configurations(layer):
    shape = [None, 6, 6, 6][: rank_of(layer)]
    outputs = layer(tf.zeros([2, *shape[1:]]))
    assert layer.compute_output_shape(shape).as_list() == [None, *outputs.shape.as_list()[1:]]
    assert layer.compute_output_shape([None] * rank_of(layer)).is_compatible_with(outputs.shape)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert layer.variables == []


@every_layer
def test_inputs_of_another_rank(layer):
    with pytest.raises(ValueError, match=f"expected ndim={rank_of(layer)}, found ndim=2. Full shape received: .2, 3."):
        type(layer).from_config(layer.get_config())(tf.zeros([2, 3]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: layers.MaxPooling2D((1, 2, 3)), "The `pool_size` argument must be a tuple of 2 integers"),
        (lambda: layers.MaxPooling1D(2, strides=0), "The `strides` argument must be a tuple of 1 integers"),
        (lambda: layers.MaxPooling2D(padding="causal"), "The `padding` argument must be"),
        (lambda: layers.GlobalMaxPooling2D("last"), "The `data_format` argument must be one of"),
        (lambda: layers.ZeroPadding2D((1, 2, 3)), r"`padding` should have two elements. Found: \(1, 2, 3\)"),
        (lambda: layers.ZeroPadding2D(-1), "`padding` should be either an int, a tuple of 2 ints"),
        (lambda: layers.ZeroPadding1D("a"), "The `padding` argument must be a tuple of 2 integers"),
        (lambda: layers.Cropping2D((1, (1, 2, 3))), "`cropping` should be either an int, a tuple of 2 ints"),
        (lambda: layers.UpSampling1D((2, 2)), "size must be"),
        (lambda: layers.UpSampling2D(0), "The `size` argument must be a tuple of 2 integers"),
    ],
)
def test_impossible_settings(make, words):
    with pytest.raises((ValueError, TypeError), match=words):
        make()


def test_nothing_left_after_cropping():
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"Cropping by .* leaves nothing of an input of shape \(2, 7"
    ):
        layers.Cropping2D(4)(IMAGES)


def test_windows_larger_than_the_input():
    with pytest.raises(tf.errors.InvalidArgumentError, match="effective_filter_size: 8"):
        layers.MaxPooling2D(8)(IMAGES)
