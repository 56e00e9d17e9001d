"""Solutions to the exercises of chapter 14, graphs and sessions.

The same file as in ``tutorials/exercises/``, with the answers filled in.
"""

import numpy as np

import minitfe as tf

tf.enable_eager_execution()

# The graph of the chapter, a little shorter: symbols are names, a record is a tuple (op, inputs, output).

calls = []


def counted(name, function):
    """A kernel that notes each call, for the checks."""

    def kernel(*inputs):
        calls.append(name)
        return function(*inputs)

    return kernel


KERNELS = {name: counted(name, getattr(np, name)) for name in ("add", "multiply", "sin", "exp")}


def run_several(records, wanted, feeds):
    """Exercise 1. Return the values of several symbols, as a list.

    records is a list of (op, inputs, output) in the order in which they were written down, where inputs and output are
    names; wanted is a list of names; feeds a dictionary of values by name. Call only the kernels that are needed, each
    once, also where two of the wanted need it. What is fed is not computed, nor what only that needs.
    """
    needed, steps = set(wanted), []
    for record in reversed(records):
        _, inputs, output = record
        if output in needed and output not in feeds:
            needed.update(inputs)
            steps.append(record)
    values = dict(feeds)
    for op, inputs, output in reversed(steps):
        values[output] = KERNELS[op](*[values[name] for name in inputs])
    return [values[name] for name in wanted]


def fit_line(x, y, rate, steps):
    """Exercise 2. Return slope and offset of a line through points, as floats, found in a graph.

    Make a graph of your own with two variables that begin at 0, placeholders for x and y, and the loss
    tf.losses.mean_squared_error. Let tf.train.GradientDescentOptimizer(rate) minimize it, in a session, for some steps.
    """
    with tf.Graph().as_default(), tf.Session() as session:
        xs, ys = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [None])
        slope, offset = tf.Variable(0.0), tf.Variable(0.0)
        loss = tf.losses.mean_squared_error(ys, slope * xs + offset)
        step = tf.train.GradientDescentOptimizer(rate).minimize(loss)
        session.run(tf.global_variables_initializer())
        for _ in range(steps):
            session.run(step, {xs: x, ys: y})
        return tuple(map(float, session.run([slope, offset])))


def collatz(n):
    """Exercise 3. Return how many steps it takes from n to 1, where an even n becomes n/2, and an odd one 3n + 1.

    n is a scalar tensor of int32 without a value, and so is the result: use tf.while_loop with number and count, and
    tf.cond, or tf.where.
    """
    _, count = tf.while_loop(
        lambda n, count: tf.not_equal(n, 1),
        lambda n, count: (tf.cond(tf.equal(n % 2, 0), lambda: n // 2, lambda: 3 * n + 1), count + 1),
        [n, 0],
    )
    return count


def newton_step(f, x):
    """Exercise 4. Return a tensor of the graph for x - f'(x) / f''(x), the next guess for a place where f is lowest.

    f is a function of a tensor, x a scalar tensor of the graph.
    """
    (slope,) = tf.gradients(f(x), x)
    (curvature,) = tf.gradients(slope, x)
    return x - slope / curvature


# ------------------------------------------------------------------------------------------------------- checks


def check_run_several():
    records = [
        ("multiply", ("x", "x"), "square"),
        ("sin", ("square",), "wave"),
        ("exp", ("x",), "power"),
        ("add", ("wave", "square"), "sum"),
    ]
    for wanted, feeds, values, needed in [
        (["sum"], {"x": 2.0}, [np.sin(4.0) + 4.0], ["multiply", "sin", "add"]),
        (["sum", "wave"], {"x": 2.0}, [np.sin(4.0) + 4.0, np.sin(4.0)], ["multiply", "sin", "add"]),
        (["sum"], {"square": 1.0}, [np.sin(1.0) + 1.0], ["sin", "add"]),
        (["power", "x"], {"x": 0.0}, [1.0, 0.0], ["exp"]),
    ]:
        calls.clear()
        np.testing.assert_allclose(run_several(records, wanted, feeds), values)
        assert calls == needed, f"for {wanted} from {list(feeds)} these kernels ran: {calls}"


def check_fit_line():
    x = np.linspace(-1, 1, 20, dtype=np.float32)
    slope, offset = fit_line(x, 3.0 * x - 2.0, rate=0.3, steps=100)
    np.testing.assert_allclose((slope, offset), (3.0, -2.0), atol=1e-4)
    first = fit_line(x, 3.0 * x - 2.0, rate=0.5, steps=1)
    np.testing.assert_allclose(first, (3.0 * np.mean(x * x), -2.0), rtol=1e-5, err_msg="after one step")


def check_collatz():
    with tf.Graph().as_default(), tf.Session() as session:
        n = tf.placeholder(tf.int32, [])
        count = collatz(n)
        for number, steps in ((1, 0), (2, 1), (6, 8), (27, 111)):
            assert session.run(count, {n: number}) == steps, f"from {number} it takes {steps} steps"


def check_newton_step():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float64, [])
        following = newton_step(lambda x: tf.exp(x) - 2.0 * x, x)
        guess = 1.0
        for _ in range(6):
            guess = session.run(following, {x: guess})
    np.testing.assert_allclose(guess, np.log(2.0), rtol=1e-12)


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_run_several, check_fit_line, check_collatz, check_newton_step):
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
