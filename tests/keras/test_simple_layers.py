"""Layers without much state: values against numpy, gradients against finite differences, settings, names."""

import numpy as np
import pytest
from scipy import special

import minitfe as tf

L = tf.keras.layers


def numbers(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape)


X, Y = numbers(2, 3), numbers(2, 3, seed=1)
SEQUENCES = numbers(2, 4, 3)

# Each: a name, how the layer is made, what it is given, and what numpy makes of that.
CASES = {
    "Flatten": (L.Flatten, SEQUENCES, SEQUENCES.reshape(2, 12)),
    "Flatten channels_first": (
        lambda: L.Flatten("channels_first"), numbers(2, 3, 4, 5), numbers(2, 3, 4, 5).transpose(0, 2, 3, 1).reshape(2, 60),
    ),
    "Reshape": (lambda: L.Reshape((6, -1)), SEQUENCES, SEQUENCES.reshape(2, 6, 2)),
    "Permute": (lambda: L.Permute((2, 1)), SEQUENCES, SEQUENCES.transpose(0, 2, 1)),
    "RepeatVector": (lambda: L.RepeatVector(4), X, np.repeat(X[:, None], 4, 1)),
    "Activation": (lambda: L.Activation("tanh"), X, np.tanh(X)),
    "Lambda": (lambda: L.Lambda(lambda x, k: x * k, arguments={"k": 3.0}), X, X * 3),
    "LeakyReLU": (lambda: L.LeakyReLU(0.1), X, np.where(X > 0, X, 0.1 * X)),
    "ELU": (lambda: L.ELU(0.5), X, np.where(X > 0, X, 0.5 * np.expm1(X))),
    "ELU 1": (L.ELU, X, np.where(X > 0, X, np.expm1(X))),
    "PReLU": (lambda: L.PReLU(tf.constant_initializer(0.3)), X, np.where(X > 0, X, 0.3 * X)),
    "ThresholdedReLU": (lambda: L.ThresholdedReLU(0.2), X, np.where(X > 0.2, X, 0)),
    "Softmax": (L.Softmax, X, special.softmax(X, -1)),
    "Softmax 1": (lambda: L.Softmax(1), SEQUENCES, special.softmax(SEQUENCES, 1)),
    "ReLU": (L.ReLU, X, np.maximum(X, 0)),
    "ReLU all": (
        lambda: L.ReLU(0.4, 0.1, 0.2), X, np.where(X > 0.2, np.minimum(X, 0.4), 0.1 * (X - 0.2)),
    ),
    "Add": (L.Add, [X, Y, X], X + Y + X),
    "Add stretched": (L.Add, [SEQUENCES, X], SEQUENCES + X[:, None]),
    "Subtract": (L.Subtract, [X, Y], X - Y),
    "Multiply": (L.Multiply, [X, Y], X * Y),
    "Average": (L.Average, [X, Y], (X + Y) / 2),
    "Maximum": (L.Maximum, [X, Y], np.maximum(X, Y)),
    "Minimum": (L.Minimum, [X, Y], np.minimum(X, Y)),
    "Concatenate": (L.Concatenate, [X, Y], np.concatenate([X, Y], 1)),
    "Concatenate 0": (lambda: L.Concatenate(axis=0), [X, Y], np.concatenate([X, Y], 0)),
    "Dot": (lambda: L.Dot(1), [X, Y], (X * Y).sum(1, keepdims=True)),
    "Dot matrices": (
        lambda: L.Dot((2, 1)), [SEQUENCES, numbers(2, 3, 5)], np.einsum("bij,bjk->bik", SEQUENCES, numbers(2, 3, 5)),
    ),
    "Dot normalized": (
        lambda: L.Dot(1, normalize=True), [X, Y],
        (X * Y).sum(1, keepdims=True) / (np.linalg.norm(X, axis=1) * np.linalg.norm(Y, axis=1))[:, None],
    ),
    "Dense": (lambda: L.Dense(4, kernel_initializer="ones", bias_initializer="ones"), X, np.repeat(X.sum(1), 4).reshape(2, 4) + 1),
    "Dense of sequences": (
        lambda: L.Dense(5, "tanh", use_bias=False, kernel_initializer="ones"), SEQUENCES,
        np.tanh(np.repeat(SEQUENCES.sum(2)[..., None], 5, 2)),
    ),
}  # fmt: skip


def tensors(inputs):
    return [tf.constant(x) for x in inputs] if isinstance(inputs, list) else tf.constant(inputs)


@pytest.mark.parametrize("name", CASES)
def test_value(name):
    make, inputs, wanted = CASES[name]
    layer = make()
    y = layer(tensors(inputs))
    np.testing.assert_allclose(y, wanted, atol=1e-12)
    assert y.dtype is tf.float64


@pytest.mark.parametrize("name", CASES)
def test_gradient(name):
    """Along a random direction, against the difference of two values nearby."""
    make, inputs, _ = CASES[name]
    layer = make()
    xs = tensors(inputs)
    listed = xs if isinstance(xs, list) else [xs]
    layer(xs)
    sources = [*listed, *layer.trainable_variables]
    directions = [numbers(*x.shape.as_list(), seed=9) for x in sources]
    with tf.GradientTape() as tape:
        tape.watch(listed)
        y = layer(xs)
        weights = numbers(*y.shape.as_list(), seed=8)
        loss = tf.reduce_sum(y * weights)
    gradients = tape.gradient(loss, sources)
    wanted = sum((g.numpy() * d).sum() for g, d in zip(gradients, directions) if g is not None)

    def moved(step):
        variables = layer.trainable_variables
        kept = [v.numpy() for v in variables]
        for v, d in zip(variables, directions[len(listed) :]):
            v.assign_add(step * d)
        shifted = [x + step * d for x, d in zip(listed, directions)]
        value = tf.reduce_sum(layer(shifted if isinstance(xs, list) else shifted[0]) * weights)
        for v, value_before in zip(variables, kept):
            v.assign(value_before)
        return float(value)

    step = 1e-6
    assert wanted == pytest.approx((moved(step) - moved(-step)) / (2 * step), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_shape_without_computing(name):
    make, inputs, wanted = CASES[name]
    layer = make()
    shapes = [x.shape for x in inputs] if isinstance(inputs, list) else inputs.shape
    assert layer.compute_output_shape(shapes) == tf.TensorShape(wanted.shape)


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("Lambda", "Concatenate 0")])
def test_shape_of_batches_of_any_size(name):
    make, inputs, wanted = CASES[name]

    def shape(x):
        return (None, *x.shape[1:])

    shapes = [shape(x) for x in inputs] if isinstance(inputs, list) else shape(inputs)
    assert make().compute_output_shape(shapes) == tf.TensorShape([None, *wanted.shape[1:]])


@pytest.mark.parametrize("name", [name for name in CASES if name != "Lambda"])
def test_settings_make_an_equal_layer(name):
    make, inputs, _ = CASES[name]
    layer = make()
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config() and again.name == layer.name
    np.testing.assert_array_equal(layer(tensors(inputs)), again(tensors(inputs)))


def test_functions_that_merge():
    pairs = [("add", X + Y), ("subtract", X - Y), ("multiply", X * Y), ("average", (X + Y) / 2)]
    pairs += [("maximum", np.maximum(X, Y)), ("minimum", np.minimum(X, Y)), ("concatenate", np.concatenate([X, Y], 1))]
    for name, wanted in pairs:
        np.testing.assert_allclose(getattr(L, name)([X, Y]), wanted)
    np.testing.assert_allclose(L.dot([X, Y], 1), (X * Y).sum(1, keepdims=True))


def test_empty_batches_keep_their_shape():
    for layer, shape in [(L.Flatten(), [0, 6]), (L.Reshape((3, 2)), [0, 3, 2]), (L.Dense(4), [0, 2, 4])]:
        assert layer(tf.zeros([0, 2, 3])).shape == shape


# -------------------------------------------------------------------------------------------------- dropout, embeddings


def test_dropout_works_in_training_only():
    tf.set_random_seed(3)
    layer = L.Dropout(0.25)
    x = tf.ones([1000, 4])
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer(x, training=False), x)
    y = layer(x, training=True).numpy()
    assert set(np.unique(y)) == {0.0, np.float32(1 / 0.75)}
    assert abs((y == 0).mean() - 0.25) < 0.03


def test_dropout_of_whole_channels():
    tf.set_random_seed(3)
    for layer, shape, axes in [
        (L.SpatialDropout1D(0.5), [8, 5, 6], (1,)), (L.SpatialDropout2D(0.5), [8, 5, 4, 6], (1, 2)),
        (L.SpatialDropout2D(0.5, "channels_first"), [8, 6, 5, 4], (2, 3)), (L.Dropout(0.5, (None, 1)), [9, 5], (1,)),
    ]:  # fmt: skip
        y = layer(tf.ones(shape), training=True).numpy()
        np.testing.assert_array_equal(y.min(axes), y.max(axes))
        assert 0 < (y == 0).mean() < 1


@pytest.mark.parametrize("rate", [-0.1, 1.0, 2])
def test_rates_out_of_range(rate):
    with pytest.raises(ValueError, match="received for `rate`, expected a value between 0 and 1"):
        L.Dropout(rate)


def test_embedding_and_its_sparse_gradient():
    layer = L.Embedding(10, 4)
    assert layer.compute_output_shape([None, 3]) == tf.TensorShape([None, 3, 4])
    words = tf.constant([[1, 2, 2], [9, 0, 1]])
    with tf.GradientTape() as tape:
        y = layer(words)
        loss = tf.reduce_sum(y * y)
    g = tape.gradient(loss, layer.embeddings)
    assert isinstance(g, tf.IndexedSlices) and g.indices.numpy().tolist() == [1, 2, 2, 9, 0, 1]
    table = layer.embeddings.numpy()
    np.testing.assert_array_equal(y, table[words.numpy()])
    wanted = np.zeros_like(table)
    np.add.at(wanted, words.numpy(), 2 * table[words.numpy()])
    np.testing.assert_allclose(tf.convert_to_tensor(g), wanted)
    assert np.abs(table).max() <= 0.05 and layer.embeddings.name.endswith("/embeddings:0")
    np.testing.assert_array_equal(layer(np.array([[1.0]], "f4")), table[[[1]]], "numbers of words may come as floats")


def test_words_that_are_not_in_the_table():
    layer = L.Embedding(10, 4)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"= 10 is not in \[0, 10\)"):
        layer(tf.constant([[10]]))


# ------------------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("layer", "inputs", "words"),
    [
        (L.Add, X, "A merge layer should be called on a list of inputs"),
        (L.Add, [X], "A merge layer should be called on a list of at least 2 inputs. Got 1 inputs"),
        (L.Add, [X, X[:, :2]], r"Operands could not be broadcast together with shapes \(2, 3\) \(2, 2\)"),
        (L.Subtract, [X, X, X], "A `Subtract` layer should be called on exactly 2 inputs, not 3"),
        (
            L.Concatenate,
            [X, SEQUENCES],
            "A `Concatenate` layer requires inputs with matching shapes except for the concat",
        ),
        (lambda: L.Dot(1), [X, X, X], "A `Dot` layer should be called on a list of 2 inputs"),
        (lambda: L.Dot(1), [X, SEQUENCES], r"Dimension incompatibility 3 != 4. Layer shapes: \[2, 3\], \[2, 4, 3\]"),
        (lambda: L.Dot(0), [X, X], "Dot cannot sum along axis 0"),
        (lambda: L.Reshape((2, 2)), X, "total size of new array must be unchanged"),
        (lambda: L.Reshape((-1, -1)), X, "total size of new array must be unchanged"),
        (lambda: L.Permute((2, 1)), X, "expected ndim=3, found ndim=2"),
        (lambda: L.RepeatVector(2), SEQUENCES, "expected ndim=2, found ndim=3"),
        (L.Flatten, X[0], "expected min_ndim=2, found ndim=1"),
        (L.Softmax, X[0], "Cannot apply softmax to a tensor that is 1D"),
    ],
)
def test_inputs_that_do_not_fit(layer, inputs, words):
    with pytest.raises(ValueError, match=words):
        layer()(tensors(inputs))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: L.Dense(0), "units must be a positive integer, not 0"),
        (lambda: L.Dense(3, activation="rely"), "Unknown activation function:'rely'"),
        (lambda: L.Flatten("channels_middle"), "The `data_format` argument must be one of 'channels_first'"),
        (lambda: L.Permute((1, 3)), "dims must be the axes from 1 on"),
        (lambda: L.Dot((1, 2, 3)), "Invalid format for `axes` - must contain two elements"),
        (lambda: L.ReLU(-1.0), "max_value of ReLU layer cannot be negative value"),
        (lambda: L.Embedding(3, 4, mask_zero=True), "mask_zero=True is not supported"),
        (lambda: L.InputLayer(), "An Input layer should be passed either a `batch_input_shape` or an `input_shape`"),
        (lambda: tf.keras.Input(), "Please provide to Input either a `shape` or a `batch_shape` argument"),
    ],
)
def test_settings_that_make_no_sense(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_dense_wants_floats():
    with pytest.raises(TypeError, match="Unable to build `Dense` layer with non-floating point dtype int32"):
        L.Dense(3)(tf.ones([2, 3], tf.int32))


def test_dense_names_and_start():
    tf.reset_default_graph()
    layer = L.Dense(100)
    layer(tf.ones([1, 50]))
    assert [v.name for v in layer.variables] == ["dense/kernel:0", "dense/bias:0"]
    limit = (6 / 150) ** 0.5
    assert 0.9 * limit < np.abs(layer.kernel.numpy()).max() <= limit
    assert not layer.bias.numpy().any()
