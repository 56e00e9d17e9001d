"""Recurrent layers: values against torch and numpy, gradients against finite differences."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.keras import layers

BATCH, STEPS, FEATURES, UNITS = 3, 5, 4, 6
X = np.random.default_rng(0).normal(size=(BATCH, STEPS, FEATURES))

SIGMOID = {"recurrent_activation": "sigmoid"}
MAKERS = {
    "SimpleRNN": lambda **k: layers.SimpleRNN(UNITS, **k),
    "GRU": lambda **k: layers.GRU(UNITS, **SIGMOID, **k),
    "GRU, reset after": lambda **k: layers.GRU(UNITS, reset_after=True, **SIGMOID, **k),
    "LSTM": lambda **k: layers.LSTM(UNITS, **SIGMOID, **k),
    "stack": lambda **k: layers.RNN([layers.LSTMCell(5), layers.GRUCell(UNITS)], **k),
}
every_layer = pytest.mark.parametrize("kind", MAKERS)


def built(kind, **settings):
    """A layer of float64 with random weights, its bias too."""
    layer, generator = MAKERS[kind](**settings), np.random.default_rng(1)
    layer(tf.constant(X))
    layer.set_weights([generator.normal(size=w.shape) * 0.5 for w in layer.get_weights()])
    return layer


# ------------------------------------------------------------------------------------------------------ against torch


def in_torch(torch, kind, layer):
    """The same network of torch's: weights transposed, gates in its order, and one of its two biases zero."""
    modules = {"SimpleRNN": torch.nn.RNN, "GRU, reset after": torch.nn.GRU, "LSTM": torch.nn.LSTM}
    module = modules[kind](FEATURES, UNITS, batch_first=True).double()
    kernel, recurrent, bias = layer.get_weights()
    biases = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    order = [1, 0, 2] if kind.startswith("GRU") else range(kernel.shape[1] // UNITS)
    columns = np.concatenate([np.arange(UNITS) + gate * UNITS for gate in order])
    values = [kernel[:, columns].T, recurrent[:, columns].T, *biases[:, columns]]
    for parameter, value in zip(module.parameters(), values):
        parameter.data = torch.tensor(np.ascontiguousarray(value))
    return module


@pytest.mark.parametrize("kind", ["SimpleRNN", "GRU, reset after", "LSTM"])
def test_values_and_gradients_against_torch(kind):
    torch = pytest.importorskip("torch")
    layer = built(kind, return_sequences=True, return_state=True)
    x_torch, x = torch.tensor(X, requires_grad=True), tf.constant(X)
    expected, _ = in_torch(torch, kind, layer)(x_torch)
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs, state, *_ = layer(x)
        loss = tf.reduce_sum(outputs**2)
    (expected**2).sum().backward()
    np.testing.assert_allclose(outputs.numpy(), expected.detach().numpy(), rtol=1e-10)
    np.testing.assert_allclose(state.numpy(), outputs.numpy()[:, -1], rtol=0)
    np.testing.assert_allclose(tape.gradient(loss, x).numpy(), x_torch.grad.numpy(), rtol=1e-8)


# ------------------------------------------------------------------------------------------------------ against numpy


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def hard_sigmoid(x):
    return np.clip(0.2 * x + 0.5, 0, 1)


@pytest.mark.parametrize("activation", [sigmoid, hard_sigmoid])
def test_gru_against_its_equations(activation):
    layer = layers.GRU(UNITS, recurrent_activation=activation.__name__)
    layer(tf.constant(X))
    layer.set_weights([np.random.default_rng(2).normal(size=w.shape) for w in layer.get_weights()])
    kernel, recurrent, bias = layer.get_weights()
    (k1, k2, k3), (r1, r2, r3), (b1, b2, b3) = (np.split(w, 3, -1) for w in (kernel, recurrent, bias))
    h = np.zeros((BATCH, UNITS))
    for x in X.transpose(1, 0, 2):
        z, r = activation(x @ k1 + b1 + h @ r1), activation(x @ k2 + b2 + h @ r2)
        h = z * h + (1 - z) * np.tanh(x @ k3 + b3 + (r * h) @ r3)
    np.testing.assert_allclose(layer(tf.constant(X)).numpy(), h, rtol=1e-10)


@every_layer
def test_gradients_of_the_weights_against_finite_differences(kind):
    layer, x, h = built(kind), tf.constant(X), 1e-6
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) ** 2)
    gradients, start = tape.gradient(loss, layer.variables), layer.get_weights()
    directions = [np.random.default_rng(3).normal(size=w.shape) for w in start]
    slope = sum((g.numpy() * d).sum() for g, d in zip(gradients, directions))
    sides = []
    for sign in (1, -1):
        layer.set_weights([w + sign * h * d for w, d in zip(start, directions)])
        sides.append(float(tf.reduce_sum(layer(x) ** 2)))
    assert slope == pytest.approx((sides[0] - sides[1]) / (2 * h), rel=1e-6)


# ----------------------------------------------------------------------------------------------------------- settings


def with_weights_of(layer, **settings):
    """A layer like it, with other settings and the same weights."""
    other = type(layer).from_config({**layer.get_config(), **settings})
    other(tf.constant(X))
    other.set_weights(layer.get_weights())
    return other


@every_layer
def test_what_is_returned(kind):
    layer = built(kind)
    last = layer(X).numpy()
    every = with_weights_of(layer, return_sequences=True)(X).numpy()
    output, *states = with_weights_of(layer, return_state=True)(X)
    assert last.shape == (BATCH, UNITS) and (last == every[:, -1]).all() and (last == output.numpy()).all()
    assert [s.shape.as_list()[1] for s in states] == layer.state_size
    for other, expected in ((layer, last), (with_weights_of(layer, return_sequences=True), every)):
        assert other.compute_output_shape([None, STEPS, FEATURES]).is_compatible_with(expected.shape)


@every_layer
def test_backwards_is_the_reversed_sequence(kind):
    layer = built(kind, return_sequences=True)
    backwards = with_weights_of(layer, go_backwards=True)
    assert (backwards(X).numpy() == layer(X[:, ::-1]).numpy()).all()


@every_layer
def test_initial_states_continue_a_sequence(kind):
    layer = built(kind, return_sequences=True, return_state=True)
    whole, *_ = layer(X)
    _, *states = layer(X[:, :2])
    for second, *_ in (layer(X[:, 2:], initial_state=states), layer([tf.constant(X[:, 2:]), *states])):
        np.testing.assert_allclose(second.numpy(), whole.numpy()[:, 2:], rtol=1e-12)
    with pytest.raises(ValueError, match="An initial_state was passed that is not compatible with `cell.state_size`"):
        layer(X, initial_state=[*states, states[0]])


@every_layer
def test_a_stateful_layer_goes_on_where_it_was(kind):
    layer = built(kind, return_sequences=True)
    stateful, whole = with_weights_of(layer, stateful=True), layer(X).numpy()
    stateful.reset_states()
    parts = [stateful(X[:, :2]).numpy(), stateful(X[:, 2:]).numpy()]
    np.testing.assert_allclose(np.concatenate(parts, 1), whole, rtol=1e-12)
    with pytest.raises(ValueError, match="keeps the states of 3 sequences, but was given 2"):
        stateful(X[:2])
    stateful.reset_states()
    assert stateful(X[:2]).shape[0] == 2 and len(stateful.variables) == len(layer.variables)
    with pytest.raises(AttributeError, match="Layer must be stateful"):
        layer.reset_states()


def test_names_shapes_and_the_bias_of_forgetting():
    layer = layers.LSTM(2, name="memory")
    layer(np.ones((1, 2, 3), "f"))
    names = [(v.name, v.shape.as_list()) for v in layer.variables]
    assert names == [("memory/kernel:0", [3, 8]), ("memory/recurrent_kernel:0", [2, 8]), ("memory/bias:0", [8])]
    assert layer.get_weights()[2].tolist() == [0, 0, 1, 1, 0, 0, 0, 0] and layer.units == 2
    plain = layers.LSTM(2, "relu", "sigmoid", False)
    plain(np.ones((1, 2, 3), "f"))
    assert len(plain.variables) == 2 and plain.get_config()["activation"] == "relu"
    assert not layers.LSTM(2, unit_forget_bias=False).unit_forget_bias


@pytest.mark.parametrize("name", ["CuDNNGRU", "CuDNNLSTM"])
def test_cudnns_layers_have_a_sigmoid_for_their_gates(name):
    layer = getattr(layers, name)(UNITS, return_sequences=True)
    same = MAKERS["GRU, reset after" if "GRU" in name else "LSTM"](return_sequences=True)
    layer(X), same(X)
    same.set_weights(layer.get_weights())
    assert (layer(X).numpy() == same(X).numpy()).all()
    assert type(layer).from_config(layer.get_config()).units == UNITS


def test_regularizers_and_constraints_reach_the_cell():
    layer = layers.GRU(2, kernel_regularizer="l2", recurrent_constraint="non_neg")
    layer(np.ones((1, 2, 3), "f"))
    assert len(layer.losses) == 1 and layer.cell.recurrent_kernel.constraint is not None


# ------------------------------------------------------------------------------------------------------------ dropout


@pytest.mark.parametrize("kind", ["SimpleRNN", "GRU", "GRU, reset after", "LSTM"])
def test_dropout_is_for_training_and_the_same_in_all_steps(kind):
    layer = MAKERS[kind](dropout=0.5, recurrent_dropout=0.25)
    x = np.ones((2, 4, 3), "f")
    assert (layer(x).numpy() == layer(x, training=False).numpy()).all()
    assert not np.allclose(layer(x, training=True).numpy(), layer(x, training=True).numpy())
    assert layer.cell._masks is None
    silent = MAKERS[kind](dropout=1.0, recurrent_dropout=1.0, use_bias=False)
    assert (silent(x, training=True).numpy() == 0).all() and not (silent(x).numpy() == 0).all()


def test_one_mask_for_a_sequence():
    """With an identity for a kernel and no recurrence, what is dropped shows."""
    layer = layers.SimpleRNN(
        50, "linear", kernel_initializer="ones", recurrent_initializer="zeros", dropout=0.5, return_sequences=True
    )
    outputs = layer(np.ones((8, 6, 30), "f"), training=True).numpy()
    assert (outputs == outputs[:, :1]).all() and len(np.unique(outputs)) > 2


# ----------------------------------------------------------------------------------------------------------- wrappers


def test_time_distributed():
    layer = layers.TimeDistributed(layers.Dense(7), name="steps")
    y = layer(X)
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(y.numpy(), X @ kernel + bias)
    assert [v.name for v in layer.variables] == ["steps/kernel:0", "steps/bias:0"]
    assert layer.compute_output_shape([None, 5, 4]).as_list() == [None, 5, 7]
    again = layers.TimeDistributed.from_config(layer.get_config())
    assert again(X).shape == y.shape
    with pytest.raises(ValueError, match="Please initialize `TimeDistributed` layer with a `Layer` instance"):
        layers.TimeDistributed(abs)


@pytest.mark.parametrize("mode", ["concat", "sum", "ave", "mul", None])
@pytest.mark.parametrize("sequences", [False, True])
def test_bidirectional(mode, sequences):
    layer = layers.Bidirectional(layers.GRU(UNITS, return_sequences=sequences), merge_mode=mode)
    result = layer(tf.constant(X))
    forward, backward = layer.forward_layer(X).numpy(), layer.backward_layer(X).numpy()
    backward = backward[:, ::-1] if sequences else backward
    expected = {"concat": np.concatenate([forward, backward], -1), "sum": forward + backward,
                "ave": (forward + backward) / 2, "mul": forward * backward, None: [forward, backward]}[mode]  # fmt: skip
    np.testing.assert_allclose(np.array([y.numpy() for y in result]) if mode is None else result.numpy(), expected)
    shapes = layer.compute_output_shape(X.shape)
    assert (
        [s.as_list() for s in shapes] == [list(y.shape) for y in expected] if mode is None else shapes == expected.shape
    )
    assert {v.name.rpartition("/")[0].rpartition("/")[2][:8] for v in layer.variables} == {"forward_", "backward"}
    assert layers.Bidirectional.from_config(layer.get_config()).merge_mode == mode


def test_bidirectional_states():
    layer = layers.Bidirectional(layers.LSTM(UNITS, return_state=True))
    y, *states = layer(X)
    assert y.shape.as_list() == [BATCH, 2 * UNITS] and len(states) == 4
    other, *_ = layer(X, initial_state=states)
    assert not np.allclose(y.numpy(), other.numpy())


# ------------------------------------------------------------------------------------------------------------- errors


def test_a_failed_step_leaves_the_cell_as_it_was():
    layer = layers.LSTM(4, dropout=0.5)
    layer(np.ones((2, 3, 5), "f"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected axis -1 of input shape to have value 5"):
        layer(np.ones((2, 3, 6), "f"), training=True)
    assert layer.cell._masks is None


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.LSTM(4)(np.ones((2, 3), "f")), ValueError, "is incompatible with the layer: expected ndim=3, found ndim=2"),
        (lambda: layers.LSTM(4)(np.ones((2, 0, 3), "f")), ValueError, "was given sequences without a step"),
        (lambda: layers.LSTM(0), ValueError, "units must be a positive integer, not 0"),
        (lambda: layers.LSTM(4)(np.ones((2, 3, 4), "i4")), TypeError, "non-floating point dtype int32"),
        (lambda: layers.LSTM(4, mood="good"), TypeError, "Keyword argument not understood"),
        (lambda: layers.SimpleRNN(4, reset_after=True), TypeError, "Keyword argument not understood"),
        (lambda: layers.RNN(layers.Dense(3)), ValueError, "`cell` should have a `call` method and an attribute `state_size`"),
        (lambda: layers.Bidirectional(layers.Dense(3)), ValueError, "Bidirectional needs a recurrent layer"),
        (lambda: layers.Bidirectional(layers.GRU(3), "mix"), ValueError, "Invalid merge mode"),
        (lambda: layers.GRU(3)(X, mask=1), ValueError, "Masks are not supported"),
    ],
)  # fmt: skip
def test_mistakes(make, error, message):
    with pytest.raises(error, match=message):
        make()
