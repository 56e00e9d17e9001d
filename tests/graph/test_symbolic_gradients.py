"""Gradients of graphs: tensors of the same graph."""

import numpy as np
import pytest

import minitfe as tf


def test_gradients_of_any_order(session):
    x = tf.placeholder(tf.float32, [])
    derivatives = [x**3.0]
    for _ in range(3):
        derivatives += tf.gradients(derivatives[-1], x)
    assert session.run(derivatives, {x: 2.0}) == [8.0, 12.0, 12.0, 6.0]


def test_sums_and_what_is_not_connected(session):
    x, y = tf.constant(2.0), tf.constant(3.0)
    assert tf.gradients(x, y) == [None] and tf.gradients(x, tf.constant(1)) == [None]
    assert session.run(tf.gradients([x * y, x * x], [x, y])) == [7.0, 2.0]
    assert session.run(tf.gradients(x * y, {"a": x}))[0] == 3.0 and session.run(tf.gradients(x, x)) == [1.0]


def test_grad_ys(session):
    x = tf.constant([1.0, 2.0])
    y = x * x
    assert session.run(tf.gradients(y, x, grad_ys=[tf.constant([1.0, 10.0])]))[0].tolist() == [2.0, 40.0]
    assert session.run(tf.gradients([y, x], x, grad_ys=[None, tf.constant([5.0, 5.0])]))[0].tolist() == [7.0, 9.0]
    with pytest.raises(ValueError, match="Passed 1 grad_ys for 2 ys"):
        tf.gradients([y, x], x, grad_ys=[None])
    with pytest.raises(ValueError, match=r"has shape \(\) for a target of shape \(2,\)"):
        tf.gradients(y, x, grad_ys=tf.constant(1.0))


def test_stop_gradients(session):
    a = tf.constant(1.0)
    b = 2.0 * a
    assert session.run(tf.gradients(a + b, [a, b])) == [3.0, 1.0]
    assert session.run(tf.gradients(a + b, [a, b], stop_gradients=[a, b])) == [1.0, 1.0]
    assert session.run(tf.gradients(a * b, a, stop_gradients=b)) == [2.0] and tf.gradients(b, a, stop_gradients=b) == [
        None
    ]
    assert session.run(tf.gradients(a * tf.stop_gradient(b), a)) == [2.0]


def test_gradients_of_variables_and_rows_of_them(session):
    table, bias = tf.get_variable("table", [5, 2]), tf.Variable([1.0, 1.0])
    rows = tf.nn.embedding_lookup(table, [1, 1, 3]) + bias
    slices, dense = tf.gradients(tf.reduce_sum(rows), [table, bias])
    assert isinstance(slices, tf.IndexedSlices) and not isinstance(dense, tf.IndexedSlices)
    session.run(tf.global_variables_initializer())
    found, whole, g = session.run([slices, tf.convert_to_tensor(slices), dense])
    assert found.indices.tolist() == [1, 1, 3] and found.dense_shape.tolist() == [5, 2]
    assert whole[:, 0].tolist() == [0.0, 2.0, 0.0, 1.0, 0.0] and g.tolist() == [3.0, 3.0]


def test_hessians(session):
    x = tf.constant([1.0, 2.0])
    (h,) = tf.hessians(x[0] ** 2.0 * x[1], x)
    assert session.run(h).tolist() == [[4.0, 2.0], [2.0, 0.0]]


def test_names_of_gradients(session):
    x = tf.constant(1.0)
    first, second = tf.gradients(x * x, x), tf.gradients(x * x, x, name="again")
    assert first[0].name.startswith("gradients/") and second[0].name.startswith("again/")


def test_what_can_be_differentiated(session):
    with pytest.raises(TypeError, match="The ys of a gradient must be a tensor"):
        tf.gradients("y", tf.constant(1.0))


def test_eager_execution_has_tapes_instead():
    with pytest.raises(RuntimeError, match="tf.gradients is not supported when eager execution is enabled"):
        tf.gradients(tf.constant(1.0), tf.constant(1.0))


# --------------------------------------------------------------------------------------------------------- control flow


@pytest.fixture
def w(session):
    w = tf.get_variable("w", initializer=2.0)
    session.run(w.initializer)
    return w


def test_of_cond(session, w):
    x = tf.placeholder(tf.float32, [])
    y = tf.cond(x > 0.0, lambda: x * w, lambda: -x * w * w)
    derivatives = tf.gradients(y, [x, w])
    assert session.run([y, derivatives], {x: 3.0}) == [6.0, [2.0, 3.0]]
    assert session.run([y, derivatives], {x: -3.0}) == [12.0, [-4.0, 12.0]]
    assert session.run(tf.gradients(derivatives[1], w), {x: -3.0}) == [6.0]


def test_of_while_loop(session, w):
    _, power = tf.while_loop(lambda i, _: i < 5, lambda i, y: (i + 1, y * w), (0, tf.constant(1.0)))
    (first,) = tf.gradients(power, w)
    (second,) = tf.gradients(first, w)
    assert session.run([power, first, second]) == [32.0, 80.0, 160.0]


def test_of_a_loop_that_reads_a_variable_in_condition_and_body(session, w):
    _, y = tf.while_loop(lambda i, _: tf.cast(i, tf.float32) < w, lambda i, y: (i + 1, y * w), (0, tf.constant(1.0)))
    assert session.run([y, tf.gradients(y, w)]) == [4.0, [4.0]]


def test_of_map_fn_and_scan(session, w):
    x = tf.placeholder(tf.float32, [None])
    mapped, scanned = tf.map_fn(lambda t: t * t * w, x), tf.scan(lambda a, t: a * w + t, x)
    y, z, dy, dz = session.run(
        [mapped, scanned, tf.gradients(mapped, [x, w]), tf.gradients(scanned, w)], {x: [1.0, 2.0]}
    )
    assert y.tolist() == [2.0, 8.0] and z.tolist() == [1.0, 4.0]
    assert dy[0].tolist() == [4.0, 8.0] and dy[1] == 5.0 and dz == [1.0]


def test_of_custom_gradient(session, w):
    @tf.custom_gradient
    def scale(x):
        return x * w, lambda g, variables: (g * 10.0, [g * 7.0 for _ in variables])

    x = tf.constant(3.0)
    y = scale(x)
    assert session.run([y, tf.gradients(y * y, [x, w])]) == [6.0, [120.0, 84.0]]


def test_branches_may_only_do_something(session, w):
    done = tf.cond(tf.constant(True), lambda: tf.group(w.assign(5.0)), lambda: tf.no_op())
    assert session.run(done) and session.run(w) == 5.0


def test_only_the_chosen_branch_assigns(session, w):
    x = tf.placeholder(tf.float32, [])
    value = tf.cond(x > 0.0, lambda: w.assign(7.0), lambda: w.assign(8.0))
    assert session.run([value, w], {x: -1.0}) == [8.0, 8.0] and session.run([value, w], {x: 1.0}) == [7.0, 7.0]


def test_loops_may_count_in_a_variable(session, w):
    def body(i):
        with tf.control_dependencies([w.assign_add(1.0)]):
            return i + 1

    assert session.run(tf.while_loop(lambda i: i < 4, body, [0])) == 4 and session.run(w) == 6.0


@pytest.mark.parametrize(("build", "error", "words"), [
    (lambda x: tf.cond(x, lambda: x, lambda: x), ValueError, "Non-boolean tensor .* cannot be converted to boolean"),
    (lambda x: tf.cond(x > 0, lambda: 1, lambda: 1.0), TypeError, "both branches must return the same dtypes"),
    (lambda x: tf.cond(x > 0, lambda: [x, x], lambda: x), ValueError, "not nested in the same way"),
    (lambda x: tf.while_loop(lambda i: i, lambda i: i, [x]), TypeError, "cond must return one bool, not float32"),
    (lambda x: tf.while_loop(lambda i: i < 1, lambda i: 1, [x]), TypeError, "was given float32 .* returned int32"),
    (lambda x: tf.while_loop(lambda i: x < 1, lambda i: [x], [tf.ones([2])]), ValueError, "is not an invariant"),
])  # fmt: skip
def test_what_branches_and_loops_must_return(session, build, error, words):
    with pytest.raises(error, match=words):
        build(tf.placeholder(tf.float32, []))


# ---------------------------------------------------------------------------------- settings known when the graph runs

LATE = {
    "reshape": lambda x: tf.reshape(x, [tf.shape(x)[0] * 2, -1]) * 2.0,
    "zeros": lambda x: x + tf.zeros([tf.shape(x)[0], 4]),
    "zeros of a shape": lambda x: x * x + tf.zeros(tf.shape(x)),
    "fill": lambda x: tf.fill([tf.shape(x)[0]], tf.reduce_sum(x)),
    "eye": lambda x: tf.matmul(tf.eye(tf.shape(x)[0]), x * x),
    "tile": lambda x: tf.tile(x * x, [tf.shape(x)[0], 1]),
    "broadcast_to": lambda x: tf.broadcast_to(x[:1] * 3.0, tf.shape(x)),
    "slice": lambda x: tf.slice(x * x, [tf.shape(x)[0] - 1, 0], [1, 2]),
    "slice of a late size": lambda x: tf.slice(x * x, [0, 1], [tf.shape(x)[0], 2]),
    "strided_slice": lambda x: tf.strided_slice(x * x, [0, 0], [tf.shape(x)[0], 2], [1, 1]),
    "x[:n]": lambda x: (x * x)[: tf.shape(x)[0] - 1, 1:],
    "x[n]": lambda x: (x * x)[tf.shape(x)[0] - 1],
    "x[..., a:b, None]": lambda x: (x * x)[..., tf.shape(x)[0] - 2 : 3, None],
    "one_hot": lambda x: tf.one_hot([0, 1], tf.shape(x)[1]) * x[:2],
    "pad": lambda x: tf.pad(x * x, [[0, tf.shape(x)[0]], [1, 0]]),
    "scatter_nd": lambda x: tf.scatter_nd([[0], [1]], x[:2] * 2.0, tf.shape(x)),
    "top_k": lambda x: tf.nn.top_k(x * x, tf.shape(x)[0]).values,
    "range": lambda x: x[:, 0] * tf.cast(tf.range(tf.shape(x)[0]), tf.float32),
    "flatten": lambda x: tf.layers.flatten(tf.reshape(x * x, [-1, tf.shape(x)[1], 1])),
}


@pytest.mark.parametrize("name", LATE)
def test_late_settings_give_the_same_as_early_ones(session, name):
    fed = np.arange(1.0, 13.0, dtype=np.float32).reshape(3, 4)
    x = tf.placeholder(tf.float32, [None, None])
    y = LATE[name](x)
    (g,) = tf.gradients(y, x)
    early = tf.constant(fed)
    z = LATE[name](early)
    for late, known in ((y, z), (g, tf.gradients(z, early)[0])):
        found, wanted = session.run([late, known], {x: fed})
        np.testing.assert_array_equal(found, wanted)
        assert late.shape.is_compatible_with(found.shape)


def test_what_late_settings_leave_known(session):
    x = tf.placeholder(tf.float32, [None, 4])
    n = tf.shape(x)[0]
    shapes = {
        (None, 3): tf.zeros([n, 3]), (None, None, 4): tf.zeros(tf.concat([[2], tf.shape(x)], 0))[:, None][0],
        (None, 2): tf.slice(x, [0, 1], [n, 2]), (1, 2): tf.slice(x, [n - 1, 0], [1, 2]), (None, 4): x[: n - 1],
    }  # fmt: skip
    for extents, y in shapes.items():
        assert y.shape.is_compatible_with(extents)
    assert shapes[None, 3].shape.as_list() == [None, 3] and shapes[1, 2].shape.as_list() == [1, 2]
    assert shapes[None, 4].shape.as_list() == [None, 4] and shapes[None, 2].shape.as_list() == [None, 2]


def test_random_numbers_of_a_late_shape(session):
    x = tf.placeholder(tf.float32, [None, 3])
    noise, dropped = tf.random_uniform(tf.shape(x)), tf.nn.dropout(x, 0.5)
    keep = tf.placeholder(tf.float32)
    assert noise.shape.as_list() == dropped.shape.as_list() == tf.nn.dropout(x, keep).shape.as_list() == [None, 3]
    shuffled = tf.random_shuffle(x)
    fed = np.arange(1.0, 301.0, dtype=np.float32).reshape(100, 3)
    u, d, s = session.run([noise, dropped, shuffled], {x: fed})
    assert u.shape == (100, 3) and len(np.unique(u)) > 290 and set(np.unique(d / fed)) == {0.0, 2.0}
    assert sorted(s[:, 0]) == sorted(fed[:, 0]) and (s != fed).any()
    assert (session.run(noise, {x: fed}) != u).any()
    g, y = session.run([tf.gradients(dropped, x)[0], dropped], {x: fed})
    assert (g == y / fed).all()


def test_random_crop(session):
    x = tf.constant(np.arange(16.0).reshape(4, 4))
    crop = tf.random_crop(x, [2, 3])
    corners = {session.run(crop)[0, 0] for _ in range(40)}
    assert crop.shape.as_list() == [2, 3] and corners == {0.0, 1.0, 4.0, 5.0, 8.0, 9.0}
