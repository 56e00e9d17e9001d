"""Activations, softmax and cross entropies, biases, dropout and embeddings: what the op-sample table cannot say."""

import numpy as np
import pytest

import minitfe as tf
from minitfe import errors
from minitfe.ops import cross_entropy, indexed_slices, nn, random
from tests.ops.calculus import derivatives, numbers


def slope(f, x, dtype="float32"):
    x = tf.constant(x, dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x).numpy()


# ------------------------------------------------------------------------------------------------------- activations


@pytest.mark.parametrize(
    ("f", "at_zero"),
    [(nn.relu, 0), (nn.relu6, 0), (nn.elu, 1), (nn.selu, 1.050701), (nn.leaky_relu, 0.2), (nn.swish, 0.5)],
)
def test_slope_at_the_kink(f, at_zero):
    assert slope(f, 0.0) == pytest.approx(at_zero)


def test_second_derivatives_of_a_kinked_line_are_0():
    for f in (nn.relu, nn.relu6):
        assert numbers(derivatives(f, tf.constant(2.0), 3)) == [2, 1, 0, 0]


def test_relu6_has_slope_0_at_6():
    assert slope(nn.relu6, [6.0, 5.9]).tolist() == [0, 1]


def test_second_derivative_of_relu_is_zero_and_not_missing():
    assert slope(lambda x: tf_gradient(nn.relu, x), [1.0, -1.0]).tolist() == [0, 0]


def tf_gradient(f, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x)


def test_elu_keeps_the_digits_of_small_numbers():
    assert nn.elu(tf.constant(-1e-6)).numpy() == pytest.approx(-1e-6, rel=1e-4)


def test_selu_keeps_mean_and_variance():
    tf.set_random_seed(1)
    y = nn.selu(random.random_normal([100000])).numpy()
    assert y.mean() == pytest.approx(0, abs=0.01) and y.var() == pytest.approx(1, abs=0.02)


def test_leaky_relu_makes_floats_of_integers():
    assert nn.leaky_relu([-10, 10]).numpy().tolist() == [-2, 10]


def test_relu_refuses_complex_numbers():
    with pytest.raises(errors.InvalidArgumentError, match="Value for attr 'T' of complex64 is not in the list"):
        nn.relu(tf.constant(1j, tf.complex64))


# ------------------------------------------------------------------------------------------------------------ softmax


def test_softmax_of_huge_logits_is_finite():
    assert nn_softmax([1e30, 0.0, -1e30]).tolist() == [1, 0, 0]


def nn_softmax(x, **settings):
    return cross_entropy.softmax(x, **settings).numpy()


def test_softmax_of_nothing_is_nothing():
    assert nn_softmax(np.zeros((0, 3))).shape == (0, 3)
    assert nn_softmax(np.zeros((2, 0))).shape == (2, 0)


def test_softmax_of_a_scalar_is_refused():
    with pytest.raises(errors.InvalidArgumentError, match="a scalar has no axes"):
        nn_softmax(1.0)


def test_softmax_along_an_axis_that_is_not_there():
    with pytest.raises(errors.InvalidArgumentError, match="Invalid axis: axis 2"):
        nn_softmax([[1.0]], axis=2)


def test_axis_and_dim_are_one_setting():
    with pytest.raises(ValueError, match="Cannot specify both 'axis' and 'dim'"):
        nn_softmax([1.0], axis=0, dim=0)


# ------------------------------------------------------------------------------------------------------ cross entropies

ENTROPIES = [
    cross_entropy.softmax_cross_entropy_with_logits,
    cross_entropy.softmax_cross_entropy_with_logits_v2,
    cross_entropy.sparse_softmax_cross_entropy_with_logits,
    cross_entropy.sigmoid_cross_entropy_with_logits,
]
every_entropy = pytest.mark.parametrize("entropy", ENTROPIES, ids=lambda f: f.__name__)


@every_entropy
def test_cross_entropies_take_named_arguments_only(entropy):
    with pytest.raises(ValueError) as raised:
        entropy([[0.0]], [[0.0]])
    assert str(raised.value) == f"Only call `{entropy.__name__}` with named arguments (labels=..., logits=..., ...)"


@every_entropy
def test_cross_entropies_need_both(entropy):
    with pytest.raises(ValueError, match="Both labels and logits must be provided."):
        entropy(logits=[[0.0]])


def test_labels_have_a_gradient_in_v2_only():
    labels = tf.constant([[0.25, 0.75]])
    for entropy, expected in [(ENTROPIES[0], None), (ENTROPIES[1], np.log([[2, 2]]))]:
        with tf.GradientTape() as tape:
            tape.watch(labels)
            loss = entropy(labels=labels, logits=[[0.0, 0.0]])
        g = tape.gradient(loss, labels)
        assert (g is None) if expected is None else g.numpy() == pytest.approx(expected)


def test_labels_take_the_dtype_of_the_logits():
    loss = ENTROPIES[0](labels=tf.constant([[0, 1]]), logits=tf.constant([[0.0, 0.0]], tf.float64))
    assert loss.dtype is tf.float64 and loss.numpy() == pytest.approx(np.log(2))


def test_softmax_cross_entropy_of_different_shapes():
    with pytest.raises(errors.InvalidArgumentError) as raised:
        ENTROPIES[0](labels=[[0.0, 1.0]], logits=[[0.0, 1.0, 2.0]])
    assert "logits and labels must be broadcastable: logits_size=[1,3] labels_size=[1,2]" in str(raised.value)
    with pytest.raises(errors.InvalidArgumentError, match="must be broadcastable"):
        ENTROPIES[0](labels=[[0.0, 1.0]], logits=[[0.0, 1.0]] * 2)


def test_cross_entropies_of_integers_are_refused():
    with pytest.raises(errors.InvalidArgumentError, match="int32 is not in the list of allowed values"):
        ENTROPIES[0](labels=[[0, 1]], logits=[[0, 1]])


def test_a_class_number_out_of_range():
    with pytest.raises(errors.InvalidArgumentError) as raised:
        ENTROPIES[2](labels=[1, 10], logits=np.zeros((2, 10)))
    assert "Received a label value of 10 which is outside the valid range of [0, 10).  Label values: 1 10" in str(
        raised.value
    )
    with pytest.raises(errors.InvalidArgumentError, match="Received a label value of -1 which is"):
        ENTROPIES[2](labels=[-1], logits=np.zeros((1, 10)))


def test_class_numbers_of_the_wrong_shape():
    with pytest.raises(errors.InvalidArgumentError) as raised:
        ENTROPIES[2](labels=[[0]], logits=[[0.0, 1.0]])
    assert "Rank mismatch: Rank of labels (received 2) should equal rank of logits minus 1 (received 2)" in str(
        raised.value
    )
    with pytest.raises(errors.InvalidArgumentError, match="must have the same first dimension"):
        ENTROPIES[2](labels=[0, 0], logits=[[0.0, 1.0]])


def test_class_numbers_are_integers():
    with pytest.raises(errors.InvalidArgumentError, match="integers, not float32"):
        ENTROPIES[2](labels=[0.0], logits=[[0.0, 1.0]])


def test_no_examples_have_no_loss():
    loss = ENTROPIES[2](labels=tf.constant([], tf.int32), logits=np.zeros((0, 4)))
    assert loss.shape == (0,)


def test_cross_entropies_never_overflow():
    assert ENTROPIES[2](labels=[1], logits=[[1000.0, 0.0]]).numpy().tolist() == [1000]
    assert ENTROPIES[3](labels=[0.0, 1.0], logits=[1000.0, -1000.0]).numpy().tolist() == [1000, 1000]
    sigmoid = slope(lambda x: ENTROPIES[3](labels=[0.0, 0.0], logits=x), [1000.0, -1000.0])
    assert sigmoid.tolist() == [1, 0]


def test_sigmoid_cross_entropy_of_sure_and_right_answers_keeps_its_digits():
    """The loss is then log(1 + exp(-|x|)) and its slope ∓1/(1 + exp(|x|)), both tiny."""
    x, labels = np.float32([-80, -20, 20, 80, -0.0]), np.float32([0, 0, 1, 1, 0])
    logits = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    small = np.exp(-np.abs(x.astype(np.float64)))
    np.testing.assert_allclose(loss, np.log1p(small), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(loss, logits), small / (1 + small) * np.where(labels, -1, 1), rtol=1e-6)


def test_sigmoid_cross_entropy_of_different_shapes():
    with pytest.raises(errors.InvalidArgumentError) as raised:
        ENTROPIES[3](labels=[0.0], logits=[0.0, 1.0])
    assert "logits and labels must have the same shape ((2,) vs (1,))" in str(raised.value)
    with pytest.raises(errors.InvalidArgumentError, match="must have the same shape"):
        cross_entropy.weighted_cross_entropy_with_logits([0.0], [0.0, 1.0], 2.0)


def test_third_derivative_of_a_cross_entropy():
    """With two classes the loss is softplus(-x); its third derivative at 0 is 0, and its second 1/4."""

    def loss(x):
        return ENTROPIES[2](labels=0, logits=tf.stack([x, tf.zeros_like(x)]))

    assert slope(lambda x: tf_gradient(loss, x), 0.0, "float64") == pytest.approx(0.25)
    assert slope(lambda x: tf_gradient(lambda y: tf_gradient(loss, y), x), 1.0, "float64") == pytest.approx(
        -0.0908578, abs=1e-6
    )


# -------------------------------------------------------------------------------------------------------------- biases


@pytest.mark.parametrize(
    ("value", "bias", "words"),
    [
        ((2, 3), (2,), r"Must provide as many biases as the last dimension of the input tensor: \[2\] vs. \[2,3\]"),
        ((2, 3), (1,), "Must provide as many biases"),
        ((2, 3), (1, 3), r"Biases must be 1D: \[1,3\]"),
        ((3,), (3,), r"Input tensor must be at least 2D: \[3\]"),
    ],
)
def test_a_bias_is_a_vector_of_the_channels(value, bias, words):
    with pytest.raises(errors.InvalidArgumentError, match=words):
        nn.bias_add(np.zeros(value), np.zeros(bias))


def test_an_unknown_data_format():
    with pytest.raises(ValueError, match="data_format must be one of NHWC, NCHW"):
        nn.bias_add([[1.0]], [1.0], data_format="CHWN")


# ------------------------------------------------------------------------------------------------------------- dropout


def test_dropout_keeps_the_mean():
    tf.set_random_seed(3)
    y = nn.dropout(tf.ones([200, 500]), keep_prob=0.8).numpy()
    assert set(np.unique(y)) == {0, np.float32(1 / 0.8)}
    assert y.mean() == pytest.approx(1, abs=0.01)


def test_dropout_drops_along_its_noise_shape():
    y = nn.dropout(tf.ones([20, 5]), 0.5, noise_shape=[20, 1], seed=1).numpy()
    assert (y == y[:, :1]).all() and 0 < y.mean() < 2


def test_dropout_by_rate_and_by_seed():
    draws = []
    for settings in ({"rate": 0.25}, {"keep_prob": 0.75}, {"keep_prob": tf.constant(0.75)}):
        tf.set_random_seed(5)
        draws.append(nn.dropout(tf.ones([50]), seed=2, **settings).numpy().tolist())
    assert draws[0] == draws[1] == draws[2]


def test_dropout_has_the_gradient_of_what_was_kept():
    x = tf.ones([100])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = nn.dropout(x, 0.5)
    assert (tape.gradient(y, x).numpy() == y.numpy()).all()


@pytest.mark.parametrize("keep_prob", [0.0, -0.1, 1.5])
def test_dropout_needs_a_probability(keep_prob):
    with pytest.raises(ValueError, match=r"keep_prob must be a scalar tensor or a float in the range \(0, 1\], got"):
        nn.dropout([1.0], keep_prob)


def test_dropout_scales_floats_only():
    with pytest.raises(ValueError, match="x has to be a floating point tensor"):
        nn.dropout([1, 2], 0.5)


# ---------------------------------------------------------------------------------------------- embeddings and ranks


def test_embedding_of_a_variable_has_a_sparse_gradient():
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        rows = nn.embedding_lookup([table], [2, 0, 2])
    g = tape.gradient(rows, table)
    assert isinstance(g, indexed_slices.IndexedSlices)
    assert tf.convert_to_tensor(g).numpy().tolist() == [[1, 1], [0, 0], [2, 2]]


def test_embedding_of_a_row_that_is_not_there():
    with pytest.raises(errors.InvalidArgumentError, match=r"is not in \[0, 2\)"):
        nn.embedding_lookup([[1.0], [2.0]], [2])


def test_in_top_k_counts_ties_in_and_infinities_out():
    predictions = [[0.5, 0.5, 0.1], [np.inf, 0.5, 0.1], [0.1, 0.2, 0.3]]
    assert nn.in_top_k(predictions, [1, 0, 7], k=1).numpy().tolist() == [True, False, False]


def test_in_top_k_of_different_lengths():
    with pytest.raises(
        errors.InvalidArgumentError, match="First dimension of predictions 1 must match length of targets"
    ):
        nn.in_top_k([[0.1, 0.2]], [0, 1], k=1)
    with pytest.raises(errors.InvalidArgumentError, match="predictions must be 2-dimensional"):
        nn.in_top_k([0.1, 0.2], [0], k=1)


def test_l2_normalize_leaves_zeros():
    assert nn.l2_normalize([0.0, 0.0]).numpy().tolist() == [0, 0]
