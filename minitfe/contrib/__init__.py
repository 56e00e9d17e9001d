"""``tf.contrib``: where TensorFlow kept what was still on its way in, eager execution among it."""

from minitfe.contrib import eager

__all__ = ["eager"]
