"""Optimizers in graphs: steps to the bit as in eager execution, and what belongs to them."""

import threading

import numpy as np
import pytest

import minitfe as tf

OPTIMIZERS = {
    "gradient descent": lambda rate: tf.train.GradientDescentOptimizer(rate),
    "momentum": lambda rate: tf.train.MomentumOptimizer(rate, 0.9),
    "nesterov": lambda rate: tf.train.MomentumOptimizer(rate, 0.9, use_nesterov=True),
    "adam": lambda rate: tf.train.AdamOptimizer(rate),
    "adagrad": lambda rate: tf.train.AdagradOptimizer(rate),
    "adadelta": lambda rate: tf.train.AdadeltaOptimizer(rate),
    "rmsprop": lambda rate: tf.train.RMSPropOptimizer(rate, momentum=0.5),
    "centered rmsprop": lambda rate: tf.train.RMSPropOptimizer(rate, centered=True),
    "ftrl": lambda rate: tf.train.FtrlOptimizer(rate, l1_regularization_strength=0.01),
    "proximal gradient descent": lambda rate: tf.train.ProximalGradientDescentOptimizer(rate, 0.01),
    "proximal adagrad": lambda rate: tf.train.ProximalAdagradOptimizer(rate, l2_regularization_strength=0.01),
}

START = np.linspace(-1.0, 1.0, 12).reshape(4, 3).astype(np.float32)


def loss_of(w, b):
    rows = tf.gather(w, [0, 2, 2])
    return tf.reduce_sum(tf.tanh(rows + b) ** 2.0)


def eager_steps(make, count):
    w, b, step = tf.Variable(START), tf.Variable(START[0]), tf.Variable(0, trainable=False)
    optimizer = make(0.1)
    for _ in range(count):
        optimizer.minimize(lambda: loss_of(w, b), global_step=step)
    return w.numpy(), b.numpy(), step.numpy()


def graph_steps(make, count):
    with tf.Graph().as_default(), tf.Session() as session:
        w, b, step = tf.Variable(START), tf.Variable(START[0]), tf.Variable(0, trainable=False)
        train = make(0.1).minimize(loss_of(w, b), global_step=step)
        session.run(tf.global_variables_initializer())
        for _ in range(count):
            assert session.run(train) is None
        return session.run((w, b, step))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_are_those_of_eager_execution(name):
    for mine, wanted in zip(graph_steps(OPTIMIZERS[name], 5), eager_steps(OPTIMIZERS[name], 5)):
        np.testing.assert_array_max_ulp(mine, wanted, 2) if mine.dtype.kind == "f" else np.testing.assert_equal(
            mine, wanted
        )


def test_a_step_has_the_name_that_was_asked_for(session):
    v = tf.Variable(1.0)
    assert tf.train.AdamOptimizer().minimize(v * v).name == "Adam"
    named = tf.train.AdamOptimizer().minimize(v * v, name="train")
    assert named.name == "train" and named.type == "NoOp" and session.graph.get_operation_by_name("train") is named


def test_only_the_variables_listed_are_changed(session):
    a, b = tf.Variable(1.0), tf.Variable(1.0)
    train = tf.train.GradientDescentOptimizer(0.5).minimize(a * b, var_list=[a])
    session.run(tf.global_variables_initializer())
    session.run(train)
    assert session.run([a, b]) == [0.5, 1.0]


def test_slots_are_variables_of_the_graph(session):
    v = tf.Variable([1.0], name="v")
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
    train = optimizer.minimize(v * v)
    slot = optimizer.get_slot(v, "momentum")
    assert slot.name == "v/Momentum:0" and slot in tf.global_variables() and slot not in tf.trainable_variables()
    with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value v"):
        session.run(train)
    session.run(tf.global_variables_initializer())
    session.run(train)
    assert session.run(slot).tolist() == [2.0] and optimizer.variables() == [slot]


def test_gradients_may_be_changed_before_they_are_applied(session):
    v, w, unused = tf.Variable([3.0, 4.0]), tf.Variable(0.0), tf.Variable(1.0)
    optimizer = tf.train.GradientDescentOptimizer(1.0)
    pairs = optimizer.compute_gradients(tf.reduce_sum(v * v) / 2.0 + w)
    assert [variable for _, variable in pairs] == [v, w, unused] and pairs[2][0] is None
    clipped, norm = tf.clip_by_global_norm([g for g, _ in pairs], 1.0)
    train = optimizer.apply_gradients(zip(clipped, [variable for _, variable in pairs]))
    session.run(tf.global_variables_initializer())
    length, _ = session.run([norm, train])
    assert length == pytest.approx(26**0.5) and session.run(v) == pytest.approx([3 - 3 / length, 4 - 4 / length])


def test_gradients_may_be_fed(session):
    v, g = tf.Variable([1.0, 1.0]), tf.placeholder(tf.float32)
    train = tf.train.GradientDescentOptimizer(1.0).apply_gradients([(g, v)])
    session.run(tf.global_variables_initializer())
    session.run(train, {g: [0.5, 1.0]})
    assert session.run(v).tolist() == [0.5, 0.0]


def test_what_cannot_be_minimized(session):
    v = tf.Variable(1.0)
    with pytest.raises(ValueError, match="No gradients provided for any variable"):
        tf.train.AdamOptimizer().minimize(tf.constant(1.0))
    with pytest.raises(TypeError, match="global_step must be a variable"):
        tf.train.AdamOptimizer().minimize(v * v, global_step=3)


def test_learning_rates_fall_with_the_global_step(session):
    step = tf.train.get_or_create_global_step()
    assert tf.train.get_global_step() is step and tf.get_collection(tf.GraphKeys.GLOBAL_STEP) == [step]
    rate = tf.train.exponential_decay(1.0, step, 2, 0.5, staircase=True)
    pieces = tf.train.piecewise_constant(step, [1, 3], [3.0, 2.0, 1.0])
    train = tf.train.GradientDescentOptimizer(rate).minimize(tf.Variable(1.0) * 1.0, global_step=step)
    session.run(tf.global_variables_initializer())
    rates = [session.run([train, rate, pieces])[1:] and session.run([rate, pieces]) for _ in range(4)]
    assert rates == [[1.0, 3.0], [0.5, 2.0], [0.5, 2.0], [0.25, 1.0]]
    assert tf.train.global_step(session, step) == 4


def test_each_graph_has_a_global_step_of_its_own(session):
    step = tf.train.create_global_step()
    with tf.Graph().as_default() as other:
        assert tf.train.get_global_step() is None and tf.train.get_global_step(session.graph) is step
        assert tf.train.get_or_create_global_step().graph is other
    with pytest.raises(ValueError, match='"global_step" already exists'):
        tf.train.create_global_step()


# ------------------------------------------------------------------------------------------------------ moving averages


def test_averages_of_variables(session):
    v = tf.Variable(0.0, name="v")
    averages = tf.train.ExponentialMovingAverage(0.75)
    update = averages.apply([v])
    average = averages.average(v)
    session.run(tf.global_variables_initializer())
    session.run(v.assign(1.0))
    session.run(update)
    assert session.run(average) == 0.25 and average.name == "v/ExponentialMovingAverage:0"
    assert update.name == "ExponentialMovingAverage" and tf.moving_average_variables() == [v]
    with pytest.raises(ValueError, match="Moving average already computed for: v:0"):
        averages.apply([v])


def test_averages_of_tensors_begin_with_nothing(session):
    x = tf.placeholder(tf.float32, [], name="x")
    averages = tf.train.ExponentialMovingAverage(0.5)
    update = averages.apply([x])
    session.run(tf.global_variables_initializer())
    found = [session.run([update, averages.average(x)], {x: value})[1] for value in (1.0, 4.0, 4.0)]
    assert found == pytest.approx([1.0, (0.5 * 1 + 4) / 1.5, (0.25 * 1 + 0.5 * 4 + 4) / 1.75])


def test_averages_take_the_place_of_variables_in_a_checkpoint(session, tmp_path):
    v, other = tf.Variable(1.0, name="v"), tf.Variable(5.0, name="other")
    averages = tf.train.ExponentialMovingAverage(0.5)
    with tf.control_dependencies([v.assign(3.0)]):
        update = averages.apply([v])
    session.run(tf.global_variables_initializer())
    session.run(update)
    path = tf.train.Saver().save(session, tmp_path / "model")
    restored = averages.variables_to_restore()
    assert restored == {"v/ExponentialMovingAverage": v, "other": other}
    with tf.Session() as fresh:
        tf.train.Saver(restored).restore(fresh, path)
        assert fresh.run([v, other]) == [2.0, 5.0]


def test_eager_averages_are_of_variables():
    with pytest.raises(TypeError, match="Moving averages are kept of variables"):
        tf.train.ExponentialMovingAverage(0.5).apply([tf.constant(1.0)])


# --------------------------------------------------------------------------------------------------------- coordinators


def test_a_coordinator_stops_threads_and_hands_on_what_went_wrong():
    coordinator = tf.train.Coordinator()

    def work():
        with coordinator.stop_on_exception():
            raise KeyError("lost")

    waiting = threading.Thread(target=coordinator.wait_for_stop)
    failing = threading.Thread(target=work)
    coordinator.register_thread(waiting)
    waiting.start(), failing.start()
    with pytest.raises(KeyError, match="lost"):
        coordinator.join([failing])
    assert coordinator.should_stop() and not waiting.is_alive()
    coordinator.clear_stop()
    assert not coordinator.should_stop()


def test_the_end_of_the_data_is_a_regular_end():
    coordinator = tf.train.Coordinator()
    coordinator.request_stop(tf.errors.OutOfRangeError("End of sequence"))
    coordinator.join(tf.train.start_queue_runners(coord=coordinator))


def test_threads_that_do_not_stop():
    coordinator, end = tf.train.Coordinator(), threading.Event()
    thread = threading.Thread(target=end.wait, name="stubborn")
    thread.start()
    coordinator.request_stop()
    with pytest.raises(RuntimeError, match="Coordinator stopped with threads still running: stubborn"):
        coordinator.join([thread], stop_grace_period_secs=0)
    coordinator.join([thread], stop_grace_period_secs=0, ignore_live_threads=True)
    end.set()
    thread.join()
