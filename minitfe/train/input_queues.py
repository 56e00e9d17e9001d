"""Input queues: how graphs were fed before `tf.data`. They cannot work where ops compute at once, and say so."""

from __future__ import annotations

from typing import Any, NoReturn


def _refuse(name: str, instead: str) -> NoReturn:
    raise RuntimeError(
        "Input pipelines based on Queues are not supported when eager execution is enabled. Please use tf.data to"
        f" ingest data into your model instead. In place of tf.train.{name}, write {instead}."
    )


def string_input_producer(string_tensor: Any, *settings: Any, **more: Any) -> NoReturn:
    """Raises RuntimeError: use ``tf.data.Dataset.from_tensor_slices`` or a dataset of files."""
    _refuse("string_input_producer", "tf.data.Dataset.from_tensor_slices(names).shuffle(n), or tf.data.TextLineDataset")


def slice_input_producer(tensor_list: Any, *settings: Any, **more: Any) -> NoReturn:
    """Raises RuntimeError: use ``tf.data.Dataset.from_tensor_slices``."""
    _refuse("slice_input_producer", "tf.data.Dataset.from_tensor_slices(tensors).shuffle(n).repeat()")


def batch(tensors: Any, batch_size: Any, *settings: Any, **more: Any) -> NoReturn:
    """Raises RuntimeError: use `tf.data.Dataset.batch`."""
    _refuse("batch", "dataset.batch(batch_size)")


def shuffle_batch(tensors: Any, batch_size: Any, *settings: Any, **more: Any) -> NoReturn:
    """Raises RuntimeError: use `tf.data.Dataset.shuffle` and `tf.data.Dataset.batch`."""
    _refuse("shuffle_batch", "dataset.shuffle(n).batch(batch_size)")
