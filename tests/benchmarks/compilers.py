"""Peers that compile what they run: TensorFlow's `tf.function` and JAX's `jit`, each where it is installed.

Both are large packages, which nothing else here needs; without one, its rows are left out. They run on one thread, as
all others do.
"""

import importlib.util
import os


def tensorflow():
    """The package, told to use one thread; None where it is not installed."""
    if importlib.util.find_spec("tensorflow") is None:
        return None
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    return tensorflow


def jax():
    """The package, told to use one thread; None where it is not installed."""
    if importlib.util.find_spec("jax") is None:
        return None
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax

    return jax


def chain(arrays, steps):
    """``x = tanh(x a + b)``, many times, and the gradients of the sum with respect to a and b."""
    peers = {}
    if tensorflow_ := tensorflow():
        x, a, b = map(tensorflow_.constant, arrays)

        @tensorflow_.function
        def traced(x, a, b):
            with tensorflow_.GradientTape() as tape:
                tape.watch([a, b])
                for _ in range(steps):
                    x = tensorflow_.tanh(x * a + b)
                y = tensorflow_.reduce_sum(x)
            return [y, *tape.gradient(y, [a, b])]

        peers["tf.function"] = lambda: traced(x, a, b)
    if jax_ := jax():

        def total(a, b, x):
            for _ in range(steps):
                x = jax_.numpy.tanh(x * a + b)
            return x.sum()

        peers["jax.jit"] = _differentiated(jax_, total, [arrays[1], arrays[2], arrays[0]], 2)
    return peers


def elementwise(array):
    """``sum(exp(-x²) sin x + x)`` and its gradient."""
    jax_ = jax()
    if jax_ is None:
        return {}
    np = jax_.numpy
    return {"jax.jit": _differentiated(jax_, lambda x: (np.exp(-x * x) * np.sin(x) + x).sum(), [array], 1)}


def lstm(inputs, weight, bias, state):
    """Steps of an LSTM, the mean of the squares of its last output, and the gradients of weight and bias."""
    jax_ = jax()
    if jax_ is None:
        return {}
    np, logistic = jax_.numpy, jax_.nn.sigmoid

    def loss(weight, bias, inputs, state):
        h = c = state
        for x in inputs:
            i, j, f, o = np.split(np.concatenate([x, h], 1) @ weight + bias, 4, 1)
            c = logistic(f) * c + logistic(i) * np.tanh(j)
            h = logistic(o) * np.tanh(c)
        return (h * h).mean()

    return {"jax.jit": _differentiated(jax_, loss, [weight, bias, inputs, state], 2)}


def _differentiated(jax_, function, arrays, sources):
    """A compiled function's value, and its gradients with respect to the first of its arguments."""
    compiled = jax_.jit(jax_.value_and_grad(function, tuple(range(sources))))
    given = [jax_.numpy.asarray(array) for array in arrays]

    def run():
        value, gradients = jax_.block_until_ready(compiled(*given))
        return [value, *gradients]

    return run
