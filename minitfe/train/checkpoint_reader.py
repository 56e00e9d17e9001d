"""Looking into a checkpoint without any objects: which values it has, and what they are."""

from __future__ import annotations

import os
from typing import Any

from minitfe import errors
from minitfe.dtypes import DType
from minitfe.train import storage
from minitfe.train.checkpoint_state import file_of, latest_checkpoint, path_of


class NewCheckpointReader:
    """Reads single values of a checkpoint.

    Args:
        filepattern: the checkpoint, as `Checkpoint.save` returned it.

    Raises:
        NotFoundError: where there is no such checkpoint.
        DataLossError: where it is damaged.

    >>> import tempfile
    >>> path = tf.train.Checkpoint(x=tf.Variable([1., 2.])).write(tempfile.mkdtemp() + "/values")
    >>> reader = tf.train.NewCheckpointReader(path)
    >>> reader.get_variable_to_shape_map()
    {'x/.ATTRIBUTES/VARIABLE_VALUE': [2]}
    >>> reader.get_tensor('x/.ATTRIBUTES/VARIABLE_VALUE')
    array([1., 2.], dtype=float32)

    TensorFlow: tf.train.NewCheckpointReader.
    """

    def __init__(self, filepattern: Any) -> None:
        self._file = file_of(filepattern)
        with storage.reading(self._file) as reader:
            self._kinds = {key: reader.kind(key) for key in sorted(reader.places)}

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """Returns the shapes of all values, by name."""
        return {key: shape for key, (_, shape) in self._kinds.items()}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """Returns the dtypes of all values, by name."""
        return {key: dtype for key, (dtype, _) in self._kinds.items()}

    def has_tensor(self, tensor_str: str) -> bool:
        """Says whether there is a value of that name."""
        return tensor_str in self._kinds

    def get_tensor(self, tensor_str: str) -> Any:
        """Returns a value as a numpy array.

        Raises:
            NotFoundError: where there is none of that name.
        """
        with storage.reading(self._file) as reader:
            if tensor_str not in reader.places:
                raise missing(tensor_str, self._file, list(reader.places))
            value = reader.read(tensor_str)
        return value if value.ndim else value[()]


def missing(key: Any, file: str, keys: list[str]) -> errors.NotFoundError:
    """The error for a value that a checkpoint does not have, with those whose names are similar."""
    similar = storage.similar(str(key), keys)
    return errors.NotFoundError(f"Key {key} not found in checkpoint {file}{similar}.")


def load_checkpoint(ckpt_dir_or_file: Any) -> NewCheckpointReader:
    """Returns a reader for a checkpoint, or for the latest one of a folder.

    Raises:
        ValueError: where the folder has none. Other errors are those of `NewCheckpointReader`.

    TensorFlow: tf.train.load_checkpoint.
    """
    path = path_of(ckpt_dir_or_file, "ckpt_dir_or_file")
    latest = latest_checkpoint(path) if os.path.isdir(path) else path
    if latest is None:
        raise ValueError(f"Couldn't find 'checkpoint' file or checkpoints in given directory {path}")
    return NewCheckpointReader(latest)


def load_variable(ckpt_dir_or_file: Any, name: str) -> Any:
    """Returns one value of a checkpoint as a numpy array. Errors are those of `load_checkpoint` and `get_tensor`.

    TensorFlow: tf.train.load_variable.
    """
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """Returns names and shapes of the values of a checkpoint, sorted. Errors are those of `load_checkpoint`.

    TensorFlow: tf.train.list_variables.
    """
    return list(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())
