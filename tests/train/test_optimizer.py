"""What all optimizers share: minimize, compute_gradients, apply_gradients, hyperparameters and errors."""

import gc

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe


def descent(rate=0.1):
    return tf.train.GradientDescentOptimizer(rate)


# ------------------------------------------------------------------------------------------------------- one step


def test_minimize_changes_the_variables_that_the_loss_reads():
    w, b, other = tf.Variable(1.0), tf.Variable(2.0), tf.Variable(3.0)
    step = tf.Variable(0, dtype=tf.int64)
    assert descent().minimize(lambda: w * w + b, global_step=step) is None
    assert np.allclose([float(w), float(b), float(other), int(step)], [0.8, 1.9, 3.0, 1])


def test_minimize_with_a_list_of_variables():
    w, b, frozen = tf.Variable(1.0), tf.Variable(2.0), tf.Variable(1.0, trainable=False)
    descent().minimize(lambda: w * w + b + frozen, var_list=[w, frozen], grad_loss=tf.constant(2.0))
    assert np.allclose([float(w), float(b), float(frozen)], [0.6, 2.0, 0.8])


def test_compute_and_apply():
    w, unused = tf.Variable([1.0, 2.0]), tf.Variable(1.0)
    pairs = descent().compute_gradients(lambda: tf.reduce_sum(w * w), [w, unused])
    assert pairs[0][0].numpy().tolist() == [2.0, 4.0] and pairs[1] == (None, unused)
    clipped, _ = tf.clip_by_global_norm([g for g, _ in pairs], 1.0)
    descent(1.0).apply_gradients(zip(clipped, [v for _, v in pairs]))
    assert np.allclose(w.numpy(), [1 - 2 * 20**-0.5, 2 - 4 * 20**-0.5]) and float(unused) == 1.0


def test_a_gradient_may_be_given_as_numbers():
    w = tf.Variable([1.0, 2.0])
    descent().apply_gradients([([1.0, 1.0], w)])
    descent().apply_gradients([(np.ones(2), w)])
    assert np.allclose(w.numpy(), [0.8, 1.8])


def test_gathered_rows_train_and_the_others_stay():
    table = tf.Variable(np.ones((4, 2), "f"))
    pairs = descent().compute_gradients(lambda: tf.reduce_sum(tf.nn.embedding_lookup(table, [1, 3, 1])))
    assert isinstance(pairs[0][0], tf.IndexedSlices)
    clipped, _ = tf.clip_by_global_norm([pairs[0][0]], 100.0)
    descent().apply_gradients([(clipped[0], table)])
    assert np.allclose(table.numpy(), [[1, 1], [0.8, 0.8], [1, 1], [0.9, 0.9]])


def test_constraints_hold_after_a_step():
    w = tf.Variable([1.0, 2.0], constraint=lambda x: tf.clip_by_value(x, 1.5, 10.0))
    descent().apply_gradients([(tf.constant([1.0, 1.0]), w)])
    assert np.allclose(w.numpy(), [1.5, 1.9])


def test_the_value_read_before_a_step_stays():
    w = tf.Variable([1.0])
    before = w.read_value()
    descent().minimize(lambda: w * w)
    assert before.numpy() == [1.0]


def test_an_outer_tape_can_be_active():
    w = tf.Variable(1.0)
    with tf.GradientTape() as outer:
        descent().minimize(lambda: w * w)
        y = w * 3.0
    assert float(outer.gradient(y, w)) == 3.0


# ------------------------------------------------------------------------------------------------ hyperparameters


@pytest.mark.parametrize(
    "make", [lambda x: x, np.float64, tf.constant, lambda x: tf.constant(x, tf.float64), lambda x: lambda: x]
)
def test_ways_to_give_a_learning_rate(make):
    for dtype in (tf.float16, tf.float32, tf.float64):
        w = tf.Variable(1.0, dtype=dtype)
        descent(make(0.25)).minimize(lambda: w * w)
        assert float(w) == 0.5


def test_a_learning_rate_may_be_a_variable_or_a_function():
    rate, asked, w = tf.Variable(0.5), [], tf.Variable([1.0, 1.0])
    by_variable, by_function = descent(rate), descent(lambda: asked.append(1) or rate * 2)
    assert not asked
    by_variable.apply_gradients([(tf.ones([2]), w)])
    rate.assign(0.25)
    by_variable.apply_gradients([(tf.ones([2]), w)])
    by_function.apply_gradients([(tf.ones([2]), w), (tf.ones([2]), w)])
    assert w.numpy().tolist() == [-0.75, -0.75] and len(asked) == 1, "asked once a step"


def test_a_learning_rate_falls_with_the_global_step():
    step, w = tf.Variable(0, dtype=tf.int64), tf.Variable(0.0)
    optimizer = descent(tf.train.piecewise_constant(step, [tf.constant(1, tf.int64)], [1.0, 0.5]))
    for expected in (-1.0, -2.0, -2.5):
        optimizer.apply_gradients([(tf.constant(1.0), w)], global_step=step)
        assert float(w) == expected


# --------------------------------------------------------------------------------------------------------- errors


def test_the_loss_must_be_a_function():
    w = tf.Variable(1.0)
    with pytest.raises(
        RuntimeError,
        match="`loss` passed to Optimizer.compute_gradients should be a function when eager execution is enabled.",
    ):
        descent().minimize(w * w)


def test_a_loss_without_variables():
    w = tf.Variable(1.0, name="w")
    with pytest.raises(
        ValueError, match=r"^No gradients provided for any variable, check your graph .* variables \[\] and"
    ):
        descent().minimize(lambda: tf.constant(1.0))
    with pytest.raises(ValueError, match=r"^No gradients provided for any variable, .*'w:0'"):
        descent().minimize(lambda: tf.constant(1.0), var_list=[w])


def test_nothing_to_apply():
    w = tf.Variable(1.0, name="w")
    with pytest.raises(ValueError, match=r"^No variables provided\.$"):
        descent().apply_gradients([])
    with pytest.raises(ValueError, match=r"^No gradients provided for any variable: \[.*'w:0'"):
        descent().apply_gradients([(None, w)])


BAD = {
    "shape": (lambda: tf.ones([3]), tf.errors.InvalidArgumentError, r"var and grad do not have the same shape \[2\] \[3\]: .*'b:0'"),
    "dtype": (lambda: tf.ones([2], tf.float64), tf.errors.InvalidArgumentError, "'b:0' is float32, and was given a gradient of float64"),
    "text": (lambda: "steep", TypeError, "Gradient must be convertible to a Tensor or IndexedSlices, or None: 'steep'"),
    "object": (lambda: object(), TypeError, "Gradient must be convertible"),
    "no such row": (lambda: tf.IndexedSlices(tf.ones([1]), tf.constant([2])), tf.errors.InvalidArgumentError, r"indices = 2 is not in \[0, 2\)"),
    "negative row": (lambda: tf.IndexedSlices(tf.ones([1]), tf.constant([-1])), tf.errors.InvalidArgumentError, r"indices = -1 is not in"),
    "wide rows": (lambda: tf.IndexedSlices(tf.ones([1, 2]), tf.constant([0])), tf.errors.InvalidArgumentError, "var and grad do not match in all but the first dimension"),
    "rows of another dtype": (lambda: tf.IndexedSlices(tf.ones([1], tf.float16), tf.constant([0])), tf.errors.InvalidArgumentError, "was given a gradient of float16"),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_gradient_changes_nothing(bad):
    """Not even the variables that stand before it in the list, nor the slots, nor the step."""
    gradient, error, message = BAD[bad]
    a, b, step = tf.Variable([1.0, 2.0], name="a"), tf.Variable([3.0, 4.0], name="b"), tf.Variable(5)
    optimizer = tf.train.AdamOptimizer(0.1)
    optimizer.apply_gradients([(tf.ones([2]), a), (tf.ones([2]), b)], step)
    before = [v.numpy() for v in (a, b, step, *optimizer.variables())]
    with pytest.raises(error, match=message):
        optimizer.apply_gradients([(tf.ones([2]), a), (gradient(), b)], step)
    assert all((v.numpy() == x).all() for v, x in zip((a, b, step, *optimizer.variables()), before))


@pytest.mark.parametrize(
    ("pairs", "step", "error", "message"),
    [
        (lambda w: [(w, tf.ones([2]))], None, NotImplementedError, "Trying to optimize unsupported type Tensor"),
        (lambda w: [tf.ones([2])], None, TypeError, r"must be a list of pairs \(gradient, variable\)"),
        (lambda w: 3, None, TypeError, r"must be a list of pairs \(gradient, variable\)"),
        (lambda w: [(tf.ones([2]), w)], 7, TypeError, "global_step must be a variable, not 7"),
        (lambda w: [(tf.ones([2]), w)], tf.Variable([0, 0]), ValueError, r"must be a scalar, but .* has shape \(2,\)"),
    ],
)
def test_arguments_that_cannot_be(pairs, step, error, message):
    w = tf.Variable([1.0, 2.0])
    with pytest.raises(error, match=message):
        descent().apply_gradients(pairs(w), step)
    assert w.numpy().tolist() == [1.0, 2.0]


def test_integers_are_not_trained():
    w = tf.Variable([1, 2], name="w")
    with pytest.raises(
        ValueError, match=r"Invalid type tf.int32 for w:0, expected: \[tf.float16, tf.float32, tf.float64\]"
    ):
        descent().apply_gradients([(tf.constant([1, 1]), w)])


def test_a_failing_learning_rate_changes_nothing():
    w, optimizer = tf.Variable(1.0), tf.train.MomentumOptimizer(lambda: "fast", 0.9)
    with pytest.raises(TypeError, match="learning_rate must be a number, not 'fast'"):
        optimizer.minimize(lambda: w * w)
    assert float(w) == 1.0 and optimizer.variables() == []


def test_sparse_gradients_and_constraints_do_not_go_together():
    w = tf.Variable([1.0, 2.0], constraint=tf.abs)
    with pytest.raises(RuntimeError, match="Cannot use a constraint function on a sparse variable."):
        descent().apply_gradients([(tf.IndexedSlices(tf.ones([1]), tf.constant([0])), w)])


# ------------------------------------------------------------------------------------------------ optimizers of one's own


def test_an_optimizer_in_tensorflows_words():
    class Signs(tf.train.Optimizer):
        def __init__(self):
            super().__init__(False, "Signs")

        def _create_slots(self, var_list):
            for v in var_list:
                self._zeros_slot(v, "count", self._name)

        def _resource_apply_dense(self, grad, handle):
            self.get_slot(handle, "count").assign_add(tf.ones_like(grad))
            handle.assign_sub(tf.sign(grad))

        def _resource_apply_sparse(self, grad, handle, indices):
            tf.scatter_sub(handle, indices, tf.sign(grad))

    optimizer, w = Signs(), tf.Variable([1.0, 2.0], name="w")
    optimizer.minimize(lambda: tf.reduce_sum(w * w))
    optimizer.apply_gradients([(tf.IndexedSlices(tf.constant([5.0, 5.0]), tf.constant([1, 1])), w)])
    assert w.numpy().tolist() == [0.0, 0.0] and optimizer.get_slot(w, "count").numpy().tolist() == [1.0, 1.0]
    assert [v.name for v in tfe.get_optimizer_variables(optimizer)] == ["w/Signs:0"]
    assert optimizer.get_name() == "Signs"


def test_an_optimizer_without_a_rule_says_so():
    w = tf.Variable(1.0)
    with pytest.raises(
        NotImplementedError, match="Optimizer does not say how it applies a dense gradient: _apply_dense"
    ):
        tf.train.Optimizer(False, "idle").minimize(lambda: w * w)


# --------------------------------------------------------------------------------------------------------- memory


def test_steps_leave_no_circles_behind():
    w, step = tf.Variable(np.ones((4, 3), "f")), tf.Variable(0)
    rate = tf.train.exponential_decay(0.1, step, 10, 0.5)
    optimizers = [tf.train.AdamOptimizer(rate), tf.train.MomentumOptimizer(0.1, 0.9), tf.train.FtrlOptimizer(0.1)]

    def one_step():
        for optimizer in optimizers:
            optimizer.minimize(lambda: tf.reduce_sum(tf.gather(w, [0, 1]) ** 2), step)
            optimizer.minimize(lambda: tf.reduce_sum(w**2), step)

    one_step()
    gc.collect()
    gc.disable()
    try:
        count = len(gc.get_objects())
        for _ in range(50):
            one_step()
        assert len(gc.get_objects()) - count < 100
        assert gc.collect() == 0
    finally:
        gc.enable()
