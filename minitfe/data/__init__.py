"""``tf.data``: pipelines that bring data to a training loop."""

from typing import Any as _Any

from minitfe.data import experimental
from minitfe.data.dataset import (
    Dataset,
    FixedLengthRecordDataset,
    IdxDataset,
    TextLineDataset,
    TFRecordDataset,
)
from minitfe.data.iterator import Iterator
from minitfe.missing import explain as _explain

__all__ = [
    "Dataset",
    "FixedLengthRecordDataset",
    "IdxDataset",
    "Iterator",
    "TFRecordDataset",
    "TextLineDataset",
    "experimental",
]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.data"))
