"""Clipping: slopes at the bounds, huge norms, sparse gradients; and the check for finite numbers."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.ops import indexed_slices

from .calculus import gradients

# ------------------------------------------------------------------------------------------------------------ by value


@pytest.mark.parametrize("x, slope", [(1.0, 1.0), (-1.0, 1.0), (1.5, 0.0), (-1.5, 0.0)])
def test_clip_by_value_has_a_slope_up_to_its_bounds(x, slope):
    assert gradients(lambda x: tf.clip_by_value(x, -1.0, 1.0), x) == [slope]


def test_clip_by_value_does_not_stretch():
    with pytest.raises(InvalidArgumentError, match="Incompatible shapes: clip_by_value was given float32 .* broadcast"):
        tf.clip_by_value(1.0, [0.0, 0.0], 1.0)


# ------------------------------------------------------------------------------------------------------------- by norm


def test_clipping_zeros_leaves_their_slope():
    assert gradients(lambda x: tf.clip_by_norm(x, 1.0), [0.0, 0.0]) == [[1.0, 1.0]]
    assert gradients(lambda x: tf.clip_by_global_norm([x], 1.0)[0][0], [0.0, 0.0]) == [[1.0, 1.0]]


@pytest.mark.parametrize("clip_norm", [1e25, np.inf])
def test_clipping_at_a_huge_norm_changes_nothing(clip_norm):
    assert tf.clip_by_norm([3.0, 4.0], clip_norm).numpy().tolist() == [3, 4]
    assert tf.clip_by_global_norm([[3.0, 4.0]], clip_norm)[0][0].numpy().tolist() == [3, 4]


def test_global_norm_keeps_none_and_sparse_entries():
    rows = indexed_slices.IndexedSlices(tf.constant([[3.0, 0.0]]), tf.constant([1]), dense_shape=[5, 2])
    (clipped, nothing, other), norm = tf.clip_by_global_norm([rows, None, tf.constant([4.0])], 1.0)
    assert nothing is None and norm.numpy() == 5
    assert isinstance(clipped, indexed_slices.IndexedSlices) and clipped.shape == [5, 2]
    np.testing.assert_allclose(clipped.values.numpy(), [[0.6, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(other.numpy(), [0.8], rtol=1e-6)


@pytest.mark.parametrize("f", [tf.global_norm, lambda t: tf.clip_by_global_norm(t, 1.0)])
def test_global_norm_wants_a_list(f):
    with pytest.raises(TypeError, match="t_list should be a sequence"):
        f(tf.constant([1.0]))


# ------------------------------------------------------------------------------------------------------ finite numbers


@pytest.mark.parametrize("value, found", [(np.nan, "NaN"), (np.inf, "Inf"), ([np.nan, -np.inf], "Inf and NaN")])
def test_check_numerics(value, found):
    with pytest.raises(InvalidArgumentError, match=rf"the loss : Tensor had {found} values \[Op:CheckNumerics\]"):
        tf.check_numerics(tf.constant(value), "the loss")


def test_check_numerics_checks_gradients():
    x = tf.constant(0.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sqrt(tf.check_numerics(x, "x"))
    with pytest.raises(InvalidArgumentError, match="detected in gradient. : Tensor had Inf values"):
        tape.gradient(y, x)
