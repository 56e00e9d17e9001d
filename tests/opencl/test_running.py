"""Two threads at once, and ten thousand steps."""

import gc
import threading

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe

pytestmark = pytest.mark.usefixtures("gpu")


def test_two_threads_get_right_results():
    """They share the queue, the memory pool and the kernels."""
    wrong = []

    def work(start):
        with tf.device("/gpu:0"):
            x = tf.fill([257], float(start))
            for i in range(500):
                y = (x + float(i)) * 2.0 - tf.reduce_sum(tf.ones([4]))
                if i % 50 == 0 and not (y.numpy() == (start + i) * 2 - 4).all():
                    wrong.append((start, i))

    threads = [threading.Thread(target=work, args=(1000 * n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_ten_thousand_steps_do_not_grow_device_memory(gpu):
    with tf.device("/gpu:0"):
        w = tfe.Variable(tf.ones([4, 3]))
        x, y = tf.ones([8, 4]), tf.ones([8, 3])

        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - y))
            w.assign_sub(0.01 * tape.gradient(loss, w))

        gc.collect()
        gc.disable()
        try:
            for _ in range(100):
                step()
            before = gpu.handle.used_memory(), gpu.handle.pool.managed_bytes
            for _ in range(10_000):
                step()
            assert (gpu.handle.used_memory(), gpu.handle.pool.managed_bytes) == before
        finally:
            gc.enable()
        np.testing.assert_allclose(w.numpy(), np.full((4, 3), 0.25), atol=1e-3)


def test_a_sum_has_the_same_last_digit_every_time():
    with tf.device("/gpu:0"):
        x = tf.random_normal([1000, 1000], seed=1)
        first = [tf.reduce_sum(x, axis).numpy() for axis in (None, 0, 1)]
        for _ in range(5):
            for axis, sum_ in zip((None, 0, 1), first):
                np.testing.assert_array_equal(tf.reduce_sum(x, axis).numpy(), sum_)


def test_empty_arrays():
    with tf.device("/gpu:0"):
        empty = tf.zeros([0, 3])
        assert tf.exp(empty).shape == (0, 3)
        np.testing.assert_array_equal(tf.reduce_sum(empty, 0).numpy(), [0, 0, 0])
        np.testing.assert_array_equal(tf.matmul(tf.zeros([2, 0]), empty).numpy(), np.zeros((2, 3)))
