"""The small file that says which checkpoint of a folder is the latest.

It is called ``checkpoint``, and is text as TensorFlow writes it:

    model_checkpoint_path: "ckpt-2"
    all_model_checkpoint_paths: "ckpt-1"
    all_model_checkpoint_paths: "ckpt-2"

Checkpoints in the same folder are named without it, so that the folder can be moved.
"""

from __future__ import annotations

import json
import os
from typing import Any

from minitfe import errors
from minitfe.train.storage import SUFFIX, named_errors, write_text

STATE_FILE = "checkpoint"


class CheckpointState:
    """What the file says.

    Attributes:
        model_checkpoint_path: the latest checkpoint.
        all_model_checkpoint_paths: all that are kept, the oldest first.
        all_model_checkpoint_timestamps: when they were written, in seconds since 1970, if that is known.
        last_preserved_timestamp: when the last one was written that is to be kept for good.

    TensorFlow: the protocol buffer CheckpointState.
    """

    def __init__(self, latest: str, paths: list[str], timestamps: list[float], preserved: float | None = None) -> None:
        self.model_checkpoint_path = latest
        self.all_model_checkpoint_paths = paths
        self.all_model_checkpoint_timestamps = timestamps
        self.last_preserved_timestamp = preserved

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {value!r}" for name, value in vars(self).items())


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """Returns the latest checkpoint of a folder, for `Checkpoint.restore`; None where there is none.

    Args:
        checkpoint_dir: the folder.
        latest_filename: the name of the file that says so, if it is not ``checkpoint``.

    Raises:
        DataLossError: where the file that says so cannot be read, though there are checkpoints.

    >>> tf.train.latest_checkpoint("no/such/folder") is None
    True
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    candidates = [*state.all_model_checkpoint_paths, state.model_checkpoint_path]
    return next((path for path in reversed(candidates) if checkpoint_exists(path)), None)


def checkpoint_exists(checkpoint_prefix: Any) -> bool:
    """Says whether there is a checkpoint of this name, as `Checkpoint.save` returned it.

    >>> tf.train.checkpoint_exists("no/such/checkpoint")
    False
    """
    return os.path.isfile(file_of(checkpoint_prefix))


def get_checkpoint_state(checkpoint_dir: Any, latest_filename: str | None = None) -> CheckpointState | None:
    """Returns what the file ``checkpoint`` of a folder says; None where there is no such file.

    Args and errors are those of `latest_checkpoint`.
    """
    folder = path_of(checkpoint_dir, "checkpoint_dir")
    path = os.path.join(folder, latest_filename or STATE_FILE)
    if not os.path.isfile(path):
        return None
    with named_errors(path, "It could not be read."), open(path, "rb") as file:
        return _parsed(file.read(), path, folder)


def _parsed(text: bytes, path: str, folder: str) -> CheckpointState:
    found: dict[str, list[Any]] = {}
    try:
        for line in filter(str.strip, text.decode().splitlines()):
            name, _, value = line.partition(": ")
            found.setdefault(name, []).append(json.loads(value))
        paths = [os.path.join(folder, path) for path in found.get("all_model_checkpoint_paths", [])]
        latest = os.path.join(folder, found["model_checkpoint_path"][-1])
        timestamps = [float(time) for time in found.get("all_model_checkpoint_timestamps", [])]
        preserved = found.get("last_preserved_timestamp", [None])[-1]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise errors.DataLossError(
            f"{path} is damaged: it does not say which checkpoint is the latest. Correct it by hand, with the line"
            f' model_checkpoint_path: "NAME", or delete it; the checkpoints themselves are the files *{SUFFIX}.'
        ) from None
    return CheckpointState(latest, paths or [latest], timestamps, preserved)


def update_checkpoint_state(
    save_dir: Any,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: Any = None,
    latest_filename: str | None = None,
    all_model_checkpoint_timestamps: Any = None,
    last_preserved_timestamp: float | None = None,
) -> None:
    """Writes down which checkpoint of a folder is the latest, and which others there are.

    Raises:
        ValueError: where there is not one timestamp for each path.

    TensorFlow: tf.train.update_checkpoint_state.
    """
    folder = path_of(save_dir, "save_dir")
    paths = [path for path in all_model_checkpoint_paths or [] if path != model_checkpoint_path]
    paths.append(model_checkpoint_path)
    timestamps = list(all_model_checkpoint_timestamps or [])
    if timestamps and len(timestamps) != len(paths):
        raise ValueError(
            "Checkpoint timestamps, if provided, must match checkpoint paths:"
            f" there are {len(paths)} paths and {len(timestamps)} timestamps."
        )
    lines = [("model_checkpoint_path", _within(folder, model_checkpoint_path))]
    lines += [("all_model_checkpoint_paths", _within(folder, path)) for path in paths]
    lines += [("all_model_checkpoint_timestamps", time) for time in timestamps]
    lines += [("last_preserved_timestamp", last_preserved_timestamp)] if last_preserved_timestamp is not None else []
    text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in lines)
    write_text(os.path.join(folder, latest_filename or STATE_FILE), text)


def _within(folder: str, path: str) -> Any:
    """A path as the state file has it: a bare name if it is in the folder."""
    whole = os.path.abspath(path)
    return os.path.basename(whole) if os.path.dirname(whole) == os.path.abspath(folder) else whole


def path_of(path: Any, name: str) -> str:
    """A path as text.

    Raises:
        TypeError: where it is none; the message calls it by its name.
    """
    if isinstance(path, (str, os.PathLike)):
        return os.fspath(path)
    raise TypeError(f"{name} must be a path, as text or pathlib.Path, and is {path!r}.")


def file_of(prefix: Any) -> str:
    """The file of a checkpoint, which may be given with or without its suffix."""
    return path_of(prefix, "The name of a checkpoint").removesuffix(SUFFIX) + SUFFIX
