"""``tf.contrib``: where TensorFlow kept what was still on its way in, eager execution among it."""

from typing import Any as _Any

from minitfe.contrib import checkpoint, data, eager, layers, rnn, summary
from minitfe.missing import explain as _explain

__all__ = ["checkpoint", "data", "eager", "layers", "rnn", "summary"]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.contrib"))
