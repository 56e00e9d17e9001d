"""``tf.contrib.data``: the transformations that later became `tf.data.experimental`."""

from typing import Any as _Any

from minitfe.data.experimental import (
    AUTOTUNE,
    batch_and_drop_remainder,
    enumerate_dataset,
    map_and_batch,
    padded_batch_and_drop_remainder,
    parallel_interleave,
    prefetch_to_device,
    shuffle_and_repeat,
    unbatch,
)
from minitfe.missing import explain as _explain

__all__ = [
    "AUTOTUNE",
    "batch_and_drop_remainder",
    "enumerate_dataset",
    "map_and_batch",
    "padded_batch_and_drop_remainder",
    "parallel_interleave",
    "prefetch_to_device",
    "shuffle_and_repeat",
    "unbatch",
]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.contrib.data"))
