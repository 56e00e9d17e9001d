"""The gradient tape, as TensorFlow 1.10 has it."""

import gc
import threading
import weakref

import numpy as np
import pytest

import minitfe as tf


def test_gradient_of_a_square():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert float(tape.gradient(y, x)) == 6.0


def test_all_uses_of_a_tensor_are_complete_before_it_is_passed_on():
    a = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(a)
        b = a + a
        c = b + b
    assert float(tape.gradient(c, a)) == 4.0


def test_a_sum_made_by_the_walker_is_not_changed_after_a_rule_has_seen_it():
    """add's rules hand the same gradient to both inputs. Summing in place into it would be silently wrong."""
    x, y = tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        s = x + y
        z = s * 2.0 + s * 3.0 + s * 4.0 + x * 10.0 + x * 20.0 + y * 100.0 + y * 200.0
    dx, dy = tape.gradient(z, [x, y])
    np.testing.assert_array_equal(dx.numpy(), [39.0, 39.0])
    np.testing.assert_array_equal(dy.numpy(), [309.0, 309.0])


def test_a_gradient_asked_for_is_not_changed_by_what_follows():
    x = tf.constant([1.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * 2.0
        z = y * 3.0 + y * 4.0 + y * 5.0
    dy, dx = tape.gradient(z, [y, x])
    assert float(dy) == 12.0 and float(dx) == 24.0


def test_a_second_gradient_of_a_plain_tape_is_refused():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    with pytest.raises(RuntimeError, match="GradientTape.gradient can only be called once on non-persistent tapes"):
        tape.gradient(y, x)


def test_a_persistent_tape_gives_gradients_again_and_again():
    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    assert [float(tape.gradient(z, x)), float(tape.gradient(z, y)), float(tape.gradient(y, x))] == [108.0, 18.0, 6.0]


def test_gradient_inside_the_block_stops_a_plain_tape():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        assert float(tape.gradient(y, x)) == 6.0
        x * x
        assert tape.operations == []


def test_a_persistent_tape_in_its_own_block_differentiates_its_gradients(caplog):
    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x * x
        dy = tape.gradient(y, x)
    assert float(tape.gradient(dy, x)) == 18.0
    assert "significantly less efficient" in caplog.text


def test_nested_tapes_give_higher_orders():
    x = tf.constant(2.0)
    with tf.GradientTape() as third:
        third.watch(x)
        with tf.GradientTape() as second:
            second.watch(x)
            with tf.GradientTape() as first:
                first.watch(x)
                y = tf.exp(x) * x
            dy = first.gradient(y, x)
        ddy = second.gradient(dy, x)
    dddy = third.gradient(ddy, x)
    np.testing.assert_allclose([float(dy), float(ddy), float(dddy)], np.exp(2.0) * np.array([3.0, 4.0, 5.0]), rtol=1e-6)


def test_watch_is_heard_by_every_active_tape():
    x = tf.constant(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * x
        dy = inner.gradient(y, x)
    assert float(outer.gradient(dy, x)) == 2.0


def test_what_was_watched_before_a_tape_opened_is_unknown_to_it():
    x = tf.constant(3.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            y = x * x
        assert inner.gradient(y, x) is None


def test_a_late_watch_gives_the_later_dependence():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(x)
        z = x * y
    assert float(tape.gradient(z, x)) == 9.0


def test_what_is_not_connected_has_the_gradient_none():
    x, y = tf.constant(3.0), tf.constant(4.0)
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = x * x
    assert tape.gradient(z, [x, y])[1] is None


def test_an_unwatched_target_that_is_its_own_source_is_none():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        pass
    assert tape.gradient(x, x) is None


def test_numpy_leaves_the_tape():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.constant(x.numpy()) * 2.0
    assert tape.gradient(y, x) is None


def test_integers_have_no_gradient():
    x = tf.constant(3)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert tape.gradient(y, x) is None


def test_structures_go_in_and_come_out():
    x, y = tf.constant(3.0), tf.constant(4.0)
    with tf.GradientTape() as tape:
        tape.watch({"x": x, "more": [y]})
        z = x * y
    gradient = tape.gradient(z, {"x": x, "more": (y,)})
    assert float(gradient["x"]) == 4.0 and float(gradient["more"][0]) == 3.0 and isinstance(gradient["more"], tuple)


def test_several_targets_count_as_their_sum():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y, z = x * x, x * 5.0
    assert float(tape.gradient([y, z], x)) == 11.0


def test_the_same_source_twice_gets_the_whole_gradient_twice():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert [float(g) for g in tape.gradient(y, [x, x])] == [6.0, 6.0]


def test_output_gradients():
    x, y = tf.constant(3.0), tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = x * y
    both = tape.gradient([z, x], x, output_gradients=[tf.constant(1.0), tf.constant(2.0)])
    assert float(both) == 4.0
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = x * [1.0, 2.0]
    assert float(tape.gradient(z, x, output_gradients=[[10.0, 1.0]])) == 12.0


def test_output_gradients_of_a_wrong_shape_are_refused():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = x * x
    with pytest.raises(ValueError, match=r"output_gradients has shape \(3,\) for a target of shape \(2,\)"):
        tape.gradient(z, x, output_gradients=tf.ones([3]))


def test_a_gradient_for_each_target_or_none():
    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, z = x * x, x * 5.0
    assert float(tape.gradient([y, z], x, output_gradients=[None, 2.0])) == 16.0
    with pytest.raises(ValueError, match="output_gradients has 1 gradients for 2 targets"):
        tape.gradient([y, z], x, output_gradients=[1.0])


def test_a_gradient_is_not_a_constant_of_the_library():
    """The gradient of x + 1 is a 1 that must not be the 1 that stands beside tensors elsewhere."""
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x + 1
    one = tape.gradient(y, x)
    with tf.GradientTape() as tape:
        tape.watch(one)
        y = one * 1
    assert float(tape.gradient(y, one)) == 1.0


def test_jacobian_of_nothing():
    x = tf.constant([1.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x[1:]
    assert tape.jacobian(y, x) is None


def test_stop_recording():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tape.stop_recording():
            y = x * x
        z = x + y
    assert float(tape.gradient(z, x)) == 1.0
    with pytest.raises(RuntimeError, match="Trying to stop recording a tape which is not recording"):
        with tape.stop_recording():
            pass


def test_reset_forgets():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.reset()
        tape.watch(x)
        z = x + y
    assert float(tape.gradient(z, x)) == 1.0


def test_a_tape_is_not_entered_twice_but_may_be_entered_again():
    x = tf.constant(3.0)
    tape = tf.GradientTape()
    with tape, pytest.raises(ValueError, match="Tape is already recording"):
        with tape:
            pass
    with tape:
        tape.watch(x)
        y = x * x
    assert float(tape.gradient(y, x)) == 6.0


def test_an_exception_leaves_no_tape_active():
    from minitfe.context import get_listeners

    with pytest.raises(tf.errors.InvalidArgumentError):
        with tf.GradientTape() as tape:
            tape.watch(tf.constant([1.0]))
            tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])
    assert get_listeners().tapes == ()


@pytest.mark.parametrize("wrong", [3.0, np.ones(2), None, "x"])
def test_watch_and_gradient_refuse_what_is_no_tensor(wrong):
    x = tf.constant(1.0)
    with tf.GradientTape(persistent=True) as tape:
        with pytest.raises(TypeError, match="tapes watch"):
            tape.watch(wrong)
        tape.watch(x)
        y = x * x
    with pytest.raises(TypeError, match="tensors and variables"):
        tape.gradient(y, wrong)
    with pytest.raises(TypeError, match="must be a tensor that was computed while the tape recorded"):
        tape.gradient(wrong, x)


def test_a_refused_gradient_leaves_the_tape_usable():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    with pytest.raises(TypeError):
        tape.gradient(y, "x")
    assert float(tape.gradient(y, x)) == 6.0


def test_jacobian():
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.stack([x[0] * x[1], x[2] * x[2]])
    np.testing.assert_array_equal(tape.jacobian(y, x).numpy(), [[2.0, 1.0, 0.0], [0.0, 0.0, 6.0]])


def test_jacobian_of_matrices_and_of_what_is_not_connected():
    x, z = tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch([x, z])
        y = tf.reduce_sum(x * x, axis=0)
    jacobian, nothing = tape.jacobian(y, [x, z])
    assert jacobian.shape == (2, 2, 2) and nothing is None
    np.testing.assert_array_equal(jacobian.numpy()[1], [[0.0, 4.0], [0.0, 8.0]])


def test_a_tape_frees_what_it_kept():
    x = tf.constant(np.ones(10))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        between = weakref.ref(y)
        z = y * y
    del y
    tape.gradient(z, x)
    gc.disable()
    try:
        del z
        assert between() is None, "an intermediate result outlived the gradient"
    finally:
        gc.enable()


def test_threads_do_not_see_each_others_tapes():
    results = {}

    def work(number):
        x = tf.constant(float(number))
        total = 0.0
        for _ in range(200):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = x * x * x
                if number == 0:
                    with tape.stop_recording():
                        x * y
            total += float(tape.gradient(y, x))
        results[number] = total / 200

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    with tf.GradientTape() as mine:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert mine.operations == []
    assert results == {i: 3.0 * i * i for i in range(8)}


def test_a_long_chain_needs_no_recursion():
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(100_000):
            y = y + x
    assert float(tape.gradient(y, x)) == 100_001.0


def test_an_op_without_a_rule_says_so():
    from minitfe.execute import execute
    from minitfe.operation import Op
    from minitfe.shapes import same

    ruleless = Op("ruleless", shape=same, kernel=lambda x: x)
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = execute(ruleless, (x,))
    with pytest.raises(LookupError, match="gradient registry has no entry for: Ruleless.*minitfe.extend"):
        tape.gradient(y, x)


def test_a_rule_that_returns_a_wrong_shape_is_named():
    from minitfe.execute import execute
    from minitfe.operation import Op
    from minitfe.shapes import same

    op = Op("careless", shape=same, kernel=lambda x: x)

    @op.gradient(0)
    def careless_dx(g, x, output):
        return tf.reduce_sum(g)

    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = execute(op, (x,))
    with pytest.raises(
        tf.errors.InternalError, match=r"careless_dx of careless returned a gradient of shape \(\) .* \(2,\)"
    ):
        tape.gradient(y, x)
