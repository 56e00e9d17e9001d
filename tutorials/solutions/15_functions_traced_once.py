"""Solutions to the exercises of chapter 15, functions traced once.

The same file as in ``tutorials/exercises/``, with the answers filled in.
"""

import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe

tf.enable_eager_execution()


def clipped_step(w, g, largest):
    """Exercise 1. Return w - g, but where the norm of g is above largest, shrink g to that norm first.

    This will be traced, so Python cannot see the norm. Do it with tf.cond. largest is a tensor as well.
    """
    norm = tf.sqrt(tf.reduce_sum(g * g))
    return w - tf.cond(norm > largest, lambda: g * (largest / norm), lambda: tf.identity(g))


def dropout(x, rate):
    """Exercise 2. Set each element of x to 0 with the probability rate, and divide the others by 1 - rate.

    This does so when it is called eagerly; in a traced function it drops the same elements forever. Repair it::

        kept = np.random.uniform(size=x.shape) >= rate
        return x * kept / (1 - rate)
    """
    kept = tf.random_uniform(x.shape, dtype=x.dtype) >= rate
    return x * tf.cast(kept, x.dtype) / (1.0 - rate)


def few_traces(function):
    """Exercise 3. Return a function that does the same with a vector of any length, and traces `function` seldom.

    function turns a vector into a vector of the same length, element by element; it is traced with tfe.defun. Fill up
    the vector with zeros to a length that is a power of 2, and cut off what comes out too much. Then vectors of up to
    1,000 numbers need at most 11 traces.
    """
    traced = tfe.defun(function)

    def call(x):
        length = int(x.shape[0])
        filled = 1 << max(length - 1, 0).bit_length()
        return traced(tf.pad(x, [[0, filled - length]]))[:length]

    return call


def train_step(model, optimizer):
    """Exercise 4. Return a function of x and labels that makes one step of training as a graph, and returns the loss.

    The loss is tf.losses.mean_squared_error; the optimizer changes the model's variables.
    """

    @tfe.defun
    def step(x, labels):
        with tf.GradientTape() as tape:
            loss = tf.losses.mean_squared_error(labels, model(x))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.variables), model.variables))
        return loss

    return step


# ------------------------------------------------------------------------------------------------------- checks


def check_clipped_step():
    traced = tfe.defun(clipped_step)
    w = tf.constant([1.0, 2.0])
    for g, largest, expected in [
        ([3.0, 4.0], 1.0, [0.4, 1.2]),
        ([3.0, 4.0], 10.0, [-2.0, -2.0]),
        ([0.0, 0.0], 1.0, [1.0, 2.0]),
    ]:
        result = traced(w, tf.constant(g), tf.constant(largest))
        np.testing.assert_allclose(result.numpy(), expected, rtol=1e-6)
    assert len(traced.traces) == 1, "one trace must do for all values"


def check_dropout():
    traced = tfe.defun(lambda x: dropout(x, 0.25))
    x = tf.ones([4000])
    first, second = traced(x).numpy(), traced(x).numpy()
    assert len(traced.traces) == 1
    assert set(np.unique(first)) == {np.float32(0.0), np.float32(1 / 0.75)}
    assert 0.2 < np.mean(first == 0.0) < 0.3, "a quarter is dropped"
    assert 0.3 < np.mean((first == 0.0) != (second == 0.0)) < 0.45, "each call must drop others"


def check_few_traces():
    lengths = []

    def function(x):
        lengths.append(int(x.shape[0]))
        return tf.tanh(x) * 2.0

    call = few_traces(function)
    for length in (1, 2, 3, 5, 100, 7, 100, 129, 999, 1000, 6, 4):
        x = np.linspace(-1.0, 1.0, length).astype(np.float32)
        np.testing.assert_allclose(call(tf.constant(x)).numpy(), 2.0 * np.tanh(x), rtol=1e-6)
    assert lengths == [1, 2, 4, 8, 128, 256, 1024], f"it was traced for the lengths {lengths}"


def check_train_step():
    generator = np.random.default_rng(0)
    x = tf.constant(generator.normal(size=(20, 3)).astype("f"))
    labels = tf.reduce_sum(x, axis=1, keepdims=True)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model(x)
    step = train_step(model, tf.train.GradientDescentOptimizer(0.2))
    kernel = model.variables[0].numpy()
    losses = [float(step(x, labels)) for _ in range(50)]
    np.testing.assert_allclose(losses[0], np.mean((x.numpy() @ kernel - labels.numpy()) ** 2), rtol=1e-5)
    assert losses[-1] < 1e-3 * losses[0], f"the loss went from {losses[0]} to {losses[-1]} only"
    assert len(step.traces) == 1, "the step must be a traced function"
    assert "assign_variable" in step.graph_text(), "the update must be part of the graph"


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_clipped_step, check_dropout, check_few_traces, check_train_step):
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
