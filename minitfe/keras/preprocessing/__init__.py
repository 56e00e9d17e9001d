"""``tf.keras.preprocessing``: raw data made ready for a network."""

from typing import Any as _Any

from minitfe.keras.preprocessing import sequence
from minitfe.missing import explain as _explain

__all__ = ["sequence"]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.preprocessing"))
