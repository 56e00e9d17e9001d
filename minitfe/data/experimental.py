"""``tf.data.experimental`` and ``tf.contrib.data``: transformations for `Dataset.apply`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minitfe import devices
from minitfe.conversion import eager_tensor
from minitfe.data.dataset import AUTOTUNE, Dataset
from minitfe.tensor import Tensor

Transformation = Callable[[Dataset], Dataset]

INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -2

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "batch_and_drop_remainder",
    "cardinality",
    "enumerate_dataset",
    "map_and_batch",
    "padded_batch_and_drop_remainder",
    "parallel_interleave",
    "prefetch_to_device",
    "shuffle_and_repeat",
    "unbatch",
]


def batch_and_drop_remainder(batch_size: Any) -> Transformation:
    """Returns a transformation into batches that leaves out a last, smaller one.

    >>> dataset = tf.data.Dataset.range(5).apply(tf.contrib.data.batch_and_drop_remainder(2))
    >>> [x.numpy().tolist() for x in dataset]
    [[0, 1], [2, 3]]
    """
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)


def padded_batch_and_drop_remainder(batch_size: Any, padded_shapes: Any, padding_values: Any = None) -> Transformation:
    """Returns a transformation into padded batches that leaves out a last, smaller one."""
    return lambda dataset: dataset.padded_batch(batch_size, padded_shapes, padding_values, drop_remainder=True)


def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: int | None = None) -> Transformation:
    """Returns a transformation that shuffles, then repeats; each repetition has an order of its own.

    >>> dataset = tf.data.Dataset.range(3).apply(tf.contrib.data.shuffle_and_repeat(3, 2))
    >>> sorted(int(x) for x in dataset)
    [0, 0, 1, 1, 2, 2]
    """
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def map_and_batch(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: Any = None,
    drop_remainder: Any = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """Returns a transformation that maps, then makes batches.

    Args:
        num_parallel_batches: accepted; num_parallel_calls says how many threads map.
    """
    return lambda dataset: dataset.map(map_func, num_parallel_calls).batch(batch_size, drop_remainder)


def parallel_interleave(
    map_func: Callable[..., Any],
    cycle_length: Any,
    block_length: Any = 1,
    sloppy: Any = False,
    buffer_output_elements: Any = None,
    prefetch_input_elements: Any = None,
) -> Transformation:
    """Returns the transformation of `Dataset.interleave`. The other settings are accepted, without effect."""
    return lambda dataset: dataset.interleave(map_func, cycle_length, block_length)


def enumerate_dataset(start: Any = 0) -> Transformation:
    """Returns the transformation of `Dataset.enumerate`."""
    return lambda dataset: dataset.enumerate(start)


def unbatch() -> Transformation:
    """Returns a transformation that takes batches apart.

    >>> [int(x) for x in tf.data.Dataset.range(3).batch(2).apply(tf.contrib.data.unbatch())]
    [0, 1, 2]
    """
    return lambda dataset: dataset._unbatched()


def prefetch_to_device(device: str, buffer_size: Any = AUTOTUNE) -> Transformation:
    """Returns a transformation that computes elements ahead; iterating copies them to the device.

    Args:
        device: its name, such as ``'/gpu:0'``.
        buffer_size: how many elements are computed ahead.

    Raises:
        RuntimeError: where there is no such device.
    """
    devices.find(str(device))
    return lambda dataset: dataset.prefetch(buffer_size)._on_device(device)


def cardinality(dataset: Dataset) -> Tensor:
    """Returns how many elements a dataset has, or INFINITE_CARDINALITY, or UNKNOWN_CARDINALITY; nothing is computed.

    >>> int(tf.data.experimental.cardinality(tf.data.Dataset.range(5).batch(2)))
    3
    """
    if not isinstance(dataset, Dataset):
        raise TypeError(f"`dataset` must be a `tf.data.Dataset`, not {dataset!r}.")
    length = dataset._length
    known = UNKNOWN_CARDINALITY if math.isnan(length) else INFINITE_CARDINALITY if math.isinf(length) else int(length)
    return eager_tensor(np.array(known, np.int64))
