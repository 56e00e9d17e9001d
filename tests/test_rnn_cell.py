"""tf.nn.rnn_cell and the loops over sequences: values against torch and numpy, gradients, names and errors."""

import numpy as np
import pytest

import minitfe as tf

cells = tf.nn.rnn_cell

BATCH, STEPS, FEATURES, UNITS = 3, 5, 4, 6
X = np.random.default_rng(0).normal(size=(BATCH, STEPS, FEATURES))

MAKERS = {
    "rnn": lambda: cells.BasicRNNCell(UNITS),
    "gru": lambda: cells.GRUCell(UNITS),
    "basic lstm": lambda: cells.BasicLSTMCell(UNITS),
    "basic lstm, one tensor": lambda: cells.BasicLSTMCell(UNITS, state_is_tuple=False),
    "lstm": lambda: cells.LSTMCell(UNITS, use_peepholes=True, num_proj=2, cell_clip=0.5, proj_clip=0.3),
    "lstm, one tensor": lambda: cells.LSTMCell(UNITS, num_proj=2, state_is_tuple=False),
    "several": lambda: cells.MultiRNNCell([cells.GRUCell(3), cells.BasicLSTMCell(UNITS)]),
    "residual": lambda: cells.ResidualWrapper(cells.GRUCell(FEATURES)),
}
every_cell = pytest.mark.parametrize("kind", MAKERS)


def randomized(cell, features=FEATURES):
    cell(tf.zeros([1, features], tf.float64), cell.zero_state(1, tf.float64))
    for seed, variable in enumerate(cell.variables):
        variable.assign(np.random.default_rng(seed).normal(size=variable.shape) * 0.5)
    return cell


def leaves(state):
    return [np.asarray(x) for part in (state if isinstance(state, (list, tuple)) else [state]) for x in (leaves(part) if isinstance(part, tuple) else [part])]  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- values


def torch_lstm(torch, cell):
    """Torch has the gates in the order i, f, j, o, and no bias of forgetting."""
    kernel, bias = (v.numpy() for v in cell.variables)
    i, j, f, o = np.split(np.arange(4 * UNITS), 4)
    bias = bias.copy()
    bias[f] += 1.0
    columns = np.concatenate([i, f, j, o])
    module = torch.nn.LSTM(FEATURES, UNITS, batch_first=True).double()
    for parameter, value in zip(
        module.parameters(), (kernel[:FEATURES, columns].T, kernel[FEATURES:, columns].T, bias[columns], 0 * bias)
    ):
        parameter.data = torch.tensor(np.ascontiguousarray(value))
    return module


def test_lstm_against_torch():
    torch = pytest.importorskip("torch")
    for cell in (randomized(cells.BasicLSTMCell(UNITS)), randomized(cells.LSTMCell(UNITS))):
        x, x_torch = tf.constant(X), torch.tensor(X, requires_grad=True)
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float64)
            loss = tf.reduce_sum(outputs**2)
        expected, (h, c) = torch_lstm(torch, cell)(x_torch)
        (expected**2).sum().backward()
        for ours, theirs in ((outputs, expected), (state.h, h[0]), (state.c, c[0])):
            np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=1e-9)
        np.testing.assert_allclose(tape.gradient(loss, x).numpy(), x_torch.grad.numpy(), rtol=1e-8)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_gru_against_its_equations():
    cell, h, x = randomized(cells.GRUCell(UNITS)), np.full((BATCH, UNITS), 0.3), X[:, 0]
    w1, b1, w2, b2 = (v.numpy() for v in cell.variables)
    r, u = np.split(sigmoid(np.concatenate([x, h], 1) @ w1 + b1), 2, 1)
    expected = u * h + (1 - u) * np.tanh(np.concatenate([x, r * h], 1) @ w2 + b2)
    np.testing.assert_allclose(cell(tf.constant(x), tf.constant(h))[0].numpy(), expected)


def test_lstm_with_peepholes_and_projection_against_its_equations():
    cell, x = randomized(MAKERS["lstm"]()), X[:, 0]
    kernel, bias, wf, wi, wo, projection = (v.numpy() for v in cell.variables)
    c, h = np.full((BATCH, UNITS), 0.2), np.full((BATCH, 2), 0.1)
    i, j, f, o = np.split(np.concatenate([x, h], 1) @ kernel + bias, 4, 1)
    new = np.clip(sigmoid(f + 1 + wf * c) * c + sigmoid(i + wi * c) * np.tanh(j), -0.5, 0.5)
    expected = np.clip(sigmoid(o + wo * new) * np.tanh(new) @ projection, -0.3, 0.3)
    output, state = cell(tf.constant(x), cells.LSTMStateTuple(tf.constant(c), tf.constant(h)))
    np.testing.assert_allclose(output.numpy(), expected)
    np.testing.assert_allclose(state.c.numpy(), new)


@every_cell
def test_gradients_against_finite_differences(kind):
    cell, h = randomized(MAKERS[kind]()), 1e-6

    def loss():
        return tf.reduce_sum(tf.nn.dynamic_rnn(cell, X, [5, 2, 1], dtype=tf.float64)[0] ** 2)

    with tf.GradientTape() as tape:
        value = loss()
    gradients, slope, start = tape.gradient(value, cell.variables), 0.0, [v.numpy() for v in cell.variables]
    directions = [np.random.default_rng(7).normal(size=x.shape) for x in start]
    slope, sides = sum((g.numpy() * d).sum() for g, d in zip(gradients, directions)), []
    for sign in (1, -1):
        for variable, x, direction in zip(cell.variables, start, directions):
            variable.assign(x + sign * h * direction)
        sides.append(float(loss()))
    assert slope == pytest.approx((sides[0] - sides[1]) / (2 * h), rel=1e-5)


# -------------------------------------------------------------------------------------------------------------- loops


@every_cell
def test_the_loops_agree(kind):
    cell = randomized(MAKERS[kind]())
    lengths, start = [5, 2, 1], tf.nn.dynamic_rnn(cell, X, dtype=tf.float64)[1]
    outputs, state = tf.nn.dynamic_rnn(cell, X, lengths, start)
    by_step, static_state = tf.nn.static_rnn(cell, list(X.transpose(1, 0, 2)), start, sequence_length=lengths)
    turned, major_state = tf.nn.dynamic_rnn(cell, X.transpose(1, 0, 2), lengths, start, time_major=True)
    for other in (np.stack([y.numpy() for y in by_step], 1), turned.numpy().transpose(1, 0, 2)):
        assert (other == outputs.numpy()).all()
    for other in (static_state, major_state):
        assert all((a == b).all() for a, b in zip(leaves(other), leaves(state)))


@every_cell
def test_past_the_end_outputs_are_zero_and_states_stay(kind):
    cell = randomized(MAKERS[kind]())
    outputs, state = tf.nn.dynamic_rnn(cell, X, tf.constant([5, 2, 0]), dtype=tf.float64)
    alone, alone_state = tf.nn.dynamic_rnn(cell, X[1:2, :2], dtype=tf.float64)
    np.testing.assert_allclose(outputs.numpy()[1, :2], alone.numpy()[0], rtol=1e-12)
    assert (outputs.numpy()[1, 2:] == 0).all() and (outputs.numpy()[2] == 0).all()
    for whole, part in zip(leaves(state), leaves(alone_state)):
        np.testing.assert_allclose(whole[1], part[0], rtol=1e-12)
        assert (whole[2] == 0).all()


def test_bidirectional():
    forward, backward = randomized(cells.GRUCell(UNITS)), randomized(cells.GRUCell(UNITS))
    lengths = [5, 2, 1]
    outputs, states = tf.nn.bidirectional_dynamic_rnn(forward, backward, X, lengths, dtype=tf.float64)
    expected, _ = tf.nn.dynamic_rnn(forward, X, lengths, dtype=tf.float64)
    turned = np.stack([np.concatenate([x[:n][::-1], x[n:]]) for x, n in zip(X, lengths)])
    back, last = tf.nn.dynamic_rnn(backward, turned, lengths, dtype=tf.float64)
    assert (outputs[0].numpy() == expected.numpy()).all() and (states[1].numpy() == last.numpy()).all()
    for example, n in enumerate(lengths):
        assert (outputs[1].numpy()[example, :n] == back.numpy()[example, :n][::-1]).all()
    whole, _ = tf.nn.bidirectional_dynamic_rnn(forward, backward, X, dtype=tf.float64)
    assert (whole[1].numpy() == tf.nn.dynamic_rnn(backward, X[:, ::-1], dtype=tf.float64)[0].numpy()[:, ::-1]).all()


# ------------------------------------------------------------------------------------------------------------ wrappers


def test_dropout_wrapper():
    inner = cells.GRUCell(200)
    cell, x = cells.DropoutWrapper(inner, output_keep_prob=0.5), tf.ones([1, 3])
    output, state = cell(x, cell.zero_state(1, tf.float32))
    whole, _ = inner(x, inner.zero_state(1, tf.float32))
    dropped = output.numpy() == 0
    assert 0.3 < dropped.mean() < 0.7 and np.allclose(output.numpy()[~dropped], 2 * whole.numpy()[~dropped])
    assert (state.numpy() == whole.numpy()).all() and cell.variables == inner.variables
    memory = cells.DropoutWrapper(cells.BasicLSTMCell(200), state_keep_prob=0.5)
    _, state = memory(x, memory.zero_state(1, tf.float32))
    assert (state.h.numpy() == 0).any() and not (state.c.numpy() == 0).any()
    with pytest.raises(ValueError, match="Parameter input_keep_prob must be between 0 and 1: 2"):
        cells.DropoutWrapper(inner, 2.0)


def test_other_wrappers():
    inner, x = cells.GRUCell(3), tf.ones([2, 3])
    zero = inner.zero_state(2, tf.float32)
    plain, _ = inner(x, zero)
    assert (cells.ResidualWrapper(inner)(x, zero)[0].numpy() == plain.numpy() + 1).all()
    assert (cells.ResidualWrapper(inner, lambda i, o: o - i)(x, zero)[0].numpy() == plain.numpy() - 1).all()
    assert (cells.DeviceWrapper(inner, "/cpu:0")(x, zero)[0].numpy() == plain.numpy()).all()
    with pytest.raises(ValueError, match=r"Shapes \(2, 3\) and \(2, 4\) are incompatible"):
        other = cells.GRUCell(4)
        cells.ResidualWrapper(other)(x, other.zero_state(2, tf.float32))


# ----------------------------------------------------------------------------------------------------- names and errors


NAMES = {
    "rnn": ["c/kernel:0", "c/bias:0"],
    "gru": ["c/gates/kernel:0", "c/gates/bias:0", "c/candidate/kernel:0", "c/candidate/bias:0"],
    "lstm": ["c/kernel:0", "c/bias:0", "c/w_f_diag:0", "c/w_i_diag:0", "c/w_o_diag:0", "c/projection/kernel:0"],
}


def test_names():
    made = {"rnn": cells.BasicRNNCell(2, name="c"), "gru": cells.GRUCell(2, name="c"),
            "lstm": cells.LSTMCell(2, use_peepholes=True, num_proj=1, name="c")}  # fmt: skip
    for kind, cell in made.items():
        cell(tf.ones([1, 3]), cell.zero_state(1, tf.float32))
        assert [v.name for v in cell.variables] == NAMES[kind]
        assert list(cell._checkpoint_children()) == [name[2:-2] for name in NAMES[kind]]
    assert (made["gru"].variables[1].numpy() == 1).all() and (made["gru"].variables[3].numpy() == 0).all()
    inner = cells.BasicLSTMCell(2, name="c")
    tf.nn.dynamic_rnn(inner, tf.ones([1, 2, 3]), dtype=tf.float32)
    assert [v.name for v in inner.variables] == ["rnn/c/kernel:0", "rnn/c/bias:0"]
    several = cells.MultiRNNCell([cells.BasicRNNCell(2, name="c"), cells.BasicRNNCell(2, name="d")])
    several(tf.ones([1, 3]), several.zero_state(1, tf.float32))
    assert [v.name.partition("/")[2] for v in several.variables][::2] == ["cell_0/c/kernel:0", "cell_1/d/kernel:0"]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: tf.nn.dynamic_rnn(abs, X, dtype=tf.float64), TypeError, "is not an RNNCell"),
        (lambda: tf.nn.dynamic_rnn(cells.GRUCell(2), X), ValueError, "If there is no initial_state, you must give a dtype."),
        (lambda: tf.nn.dynamic_rnn(cells.GRUCell(2), X[0], dtype=tf.float64), ValueError, "Inputs must have at least three axes"),
        (lambda: tf.nn.dynamic_rnn(cells.GRUCell(2), X[:, :0], dtype=tf.float64), ValueError, "There must be a sequence"),
        (lambda: tf.nn.dynamic_rnn(cells.GRUCell(2), X, [1, 2], dtype=tf.float64), ValueError, "sequence_length has 2 lengths for a batch of 3"),
        (lambda: tf.nn.dynamic_rnn(cells.GRUCell(2), X, [[1]], dtype=tf.float64), ValueError, "sequence_length must be a vector of length batch_size"),
        (lambda: tf.nn.static_rnn(cells.GRUCell(2), X[0], dtype=tf.float64), TypeError, "inputs must be a sequence"),
        (lambda: tf.nn.static_rnn(cells.GRUCell(2), [], dtype=tf.float64), ValueError, "inputs must not be empty"),
        (lambda: cells.MultiRNNCell([]), ValueError, "Must specify at least one cell"),
        (lambda: cells.MultiRNNCell(cells.GRUCell(2)), TypeError, "cells must be a list or tuple"),
        (lambda: cells.MultiRNNCell([cells.BasicLSTMCell(2)], state_is_tuple=False), ValueError, "Some cells return tuples of states"),
        (lambda: cells.GRUCell(0), ValueError, "num_units must be a positive integer"),
        (lambda: cells.RNNCell().zero_state(1, tf.float32), NotImplementedError, "does not say how large its state is"),
        (lambda: cells.NoCell, AttributeError, "minitfe has no tf.nn.rnn_cell.NoCell"),
    ],
)  # fmt: skip
def test_mistakes(make, error, message):
    with pytest.raises(error, match=message):
        make()
