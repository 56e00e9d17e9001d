"""``tf.keras.datasets``: small data sets, from the network or from a folder."""

from typing import Any as _Any

from minitfe.keras.datasets import fashion_mnist, mnist
from minitfe.missing import explain as _explain

__all__ = ["fashion_mnist", "mnist"]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.datasets"))
