"""``tf.keras.models``."""

from minitfe.keras.engine.model import Model
from minitfe.keras.engine.sequential import Sequential

__all__ = ["Model", "Sequential"]
