"""Solutions to the exercises of chapter 9, a network that writes.

The same file as in ``tutorials/exercises/``, with the answers filled in.
"""

import numpy as np

import minitfe as tf

tf.enable_eager_execution()


def bits_per_character(logits, targets):
    """Exercise 1. Return the mean of -log₂ p as a tensor, where p is the probability of what came.

    logits have the shape [text, character, kind], targets [text, character]. Softmax of the logits gives the
    probabilities. Large logits must not overflow: use `tf.nn.log_softmax`, or a loss that does it for you.
    """
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    return tf.reduce_mean(losses) / np.log(2.0)


def gru(x, h, kernel, recurrent_kernel, bias):
    """Exercise 2. Return the new state of a gated recurrent unit, for inputs x and a state h.

    kernel, recurrent_kernel and bias hold three parts side by side, in this order, for::

        z = σ(x K₁ + h R₁ + b₁)             how much of the state is kept
        r = σ(x K₂ + h R₂ + b₂)             how much the new part sees of the state
        n = tanh(x K₃ + (r h) R₃ + b₃)      the new part
        h ← z h + (1 - z) n
    """
    x1, x2, x3 = tf.split(tf.matmul(x, kernel) + bias, 3, axis=1)
    r1, r2, r3 = tf.split(recurrent_kernel, 3, axis=1)
    z = tf.sigmoid(x1 + tf.matmul(h, r1))
    r = tf.sigmoid(x2 + tf.matmul(h, r2))
    n = tf.tanh(x3 + tf.matmul(r * h, r3))
    return z * h + (1.0 - z) * n


def likeliest(logits, k, temperature):
    """Exercise 3. Return the number of a character, an int, drawn among the k with the largest scores.

    logits is a vector. Within the k, the probabilities are the softmax of logits / temperature. Of use: `tf.nn.top_k`,
    `tf.multinomial`, which wants a matrix with one row.
    """
    scores, numbers = tf.nn.top_k(logits, k)
    return int(numbers[int(tf.multinomial(scores[None] / temperature, 1)[0, 0])])


def fading(matrix, x, steps):
    """Exercise 4. Return how long the gradients of a simple recurrent network are, as a list of floats.

    The network is h ← tanh(h W + x), for the matrix W, with h = 0 to begin with and the same x at each step. The first
    of the list is the norm of the gradient of the sum of the last state with respect to the last state but one, the
    next that with respect to the one before, and so on, back to the state after the first step.
    """
    states = [tf.zeros_like(x)]
    with tf.GradientTape() as tape:
        tape.watch(matrix)
        for _ in range(steps):
            states.append(tf.tanh(tf.matmul(states[-1], matrix) + x))
        last = tf.reduce_sum(states[-1])
    return [float(tf.norm(gradient)) for gradient in reversed(tape.gradient(last, states[1:-1]))]


# ------------------------------------------------------------------------------------------------------- checks


def check_bits_per_character():
    logits = np.log([[[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]]]).astype("f")
    np.testing.assert_allclose(float(bits_per_character(tf.constant(logits), tf.constant([[1, 0]]))), 2.5, rtol=1e-6)
    large = tf.constant(logits + 1000.0)
    np.testing.assert_allclose(float(bits_per_character(large, tf.constant([[1, 2]]))), 2.5, rtol=1e-3)


def check_gru():
    cell = tf.keras.layers.GRUCell(3, recurrent_activation="sigmoid", bias_initializer="random_normal")
    x, h = tf.random_normal([4, 2]), tf.random_normal([4, 3])
    expected, _ = cell(x, [h])
    np.testing.assert_allclose(gru(x, h, *cell.get_weights()).numpy(), expected.numpy(), atol=1e-6)


def check_likeliest():
    tf.set_random_seed(0)
    logits = tf.constant([1.0, 5.0, 4.0, -2.0, 4.5])
    drawn = [likeliest(logits, 3, temperature=1.0) for _ in range(300)]
    assert set(drawn) == {1, 2, 4}, "the three with the largest scores"
    shares = np.exp([5.0, 4.0, 4.5]) / np.exp([5.0, 4.0, 4.5]).sum()
    np.testing.assert_allclose([drawn.count(number) / 300 for number in (1, 2, 4)], shares, atol=0.1)
    assert {likeliest(logits, 3, temperature=0.01) for _ in range(20)} == {1}, "at a low temperature the likeliest wins"


def check_fading():
    x = tf.constant([[0.1, -0.2, 0.05]])
    w = np.array([[0.5, 0.2, 0.0], [-0.1, 0.4, 0.3], [0.2, 0.0, 0.6]], "f")
    norms = fading(tf.constant(w), x, 12)
    assert len(norms) == 11
    states = [np.zeros((1, 3))]
    for _ in range(12):
        states.append(np.tanh(states[-1] @ w + x.numpy()))
    expected, g = [], np.ones((1, 3))
    for state in states[:1:-1]:
        g = (g * (1 - state**2)) @ w.T
        expected.append(np.linalg.norm(g))
    np.testing.assert_allclose(norms, expected, rtol=1e-4)
    assert norms[-1] < norms[0] / 20, "small weights make it fade"


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_bits_per_character, check_gru, check_likeliest, check_fading):
        try:
            one()
        except Exception as problem:
            failed += 1
            print(f"{one.__name__}: {type(problem).__name__}: {problem}")
        else:
            print(f"{one.__name__}: passed")
    if failed:
        raise SystemExit(f"{failed} to do")


if __name__ == "__main__":
    check()
