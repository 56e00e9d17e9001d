"""Keeping some checkpoints of a run and deleting the older ones."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

from minitfe.ops import arguments
from minitfe.train.checkpoint import Checkpoint
from minitfe.train.checkpoint_state import checkpoint_exists, file_of, get_checkpoint_state, path_of
from minitfe.train.checkpoint_state import update_checkpoint_state as update_state


class CheckpointManager:
    """Saves checkpoints to a folder, and deletes old ones.

    A checkpoint is deleted only when the newer ones, and the file that names the latest, are on the disk.

    Args:
        checkpoint: a `Checkpoint`.
        directory: the folder; it is made if it is not there.
        max_to_keep: how many checkpoints to keep; None keeps all.
        keep_checkpoint_every_n_hours: besides those, one checkpoint of each such span of time is kept for good.

    Raises:
        ValueError: where max_to_keep is not positive.

    >>> import tempfile
    >>> manager = tf.train.CheckpointManager(tf.train.Checkpoint(x=tf.Variable(1.0)), tempfile.mkdtemp(), max_to_keep=2)
    >>> for _ in range(3):
    ...     path = manager.save()
    >>> [checkpoint[-6:] for checkpoint in manager.checkpoints]
    ['ckpt-2', 'ckpt-3']

    TensorFlow: tf.contrib.checkpoint.CheckpointManager.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        directory: Any,
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
    ) -> None:
        if not isinstance(checkpoint, Checkpoint):
            raise TypeError(f"checkpoint must be a tf.train.Checkpoint, and is {checkpoint!r}.")
        if max_to_keep is not None and arguments.integer(max_to_keep, "max_to_keep") <= 0:
            raise ValueError(f"Expected a positive integer or `None` for `max_to_keep`, got {max_to_keep}.")
        hours = keep_checkpoint_every_n_hours
        self._checkpoint = checkpoint
        self._directory = path_of(directory, "directory")
        self._prefix = os.path.join(self._directory, "ckpt")
        self._max_to_keep = max_to_keep
        self._seconds = None if hours is None else 3600.0 * arguments.number(hours, "keep_checkpoint_every_n_hours")
        self._kept: dict[str, float] = {}  # path: when it was written
        self._preserved = time.time()
        self._continue()

    def _continue(self) -> None:
        """Takes over the checkpoints that an earlier run has left in the folder."""
        state = get_checkpoint_state(self._directory)
        if state is not None:
            paths = [path for path in state.all_model_checkpoint_paths if checkpoint_exists(path)]
            times = dict(zip(state.all_model_checkpoint_paths, state.all_model_checkpoint_timestamps))
            self._kept = {path: times.get(path, self._preserved) for path in paths}
            if state.last_preserved_timestamp is not None:
                self._preserved = state.last_preserved_timestamp

    @property
    def latest_checkpoint(self) -> str | None:
        """The newest checkpoint, for `Checkpoint.restore`; None where there is none."""
        return next(reversed(self._kept), None)

    @property
    def checkpoints(self) -> list[str]:
        """The checkpoints that are kept for now, the oldest first."""
        return list(self._kept)

    def save(self, session: Any = None, checkpoint_number: int | None = None) -> str:
        """Writes a checkpoint, and deletes those that are too many.

        Args:
            session: accepted, as in TensorFlow, without effect.
            checkpoint_number: the number that ends its name; by default they are counted.

        Returns:
            Its name, for `Checkpoint.restore`. Errors are those of `Checkpoint.save`.
        """
        return self._checkpoint._save(self._prefix, self._note, checkpoint_number)

    def _note(self, path: str) -> None:
        kept = {other: written for other, written in self._kept.items() if other != path} | {path: time.time()}
        preserved = self._preserved
        surplus = []
        while self._max_to_keep is not None and len(kept) > self._max_to_keep:
            oldest = next(iter(kept))
            written = kept.pop(oldest)
            if self._seconds is not None and written - preserved >= self._seconds:
                preserved = written
            else:
                surplus.append(oldest)
        update_state(self._directory, path, list(kept), None, list(kept.values()), preserved)
        self._kept, self._preserved = kept, preserved
        for other in surplus:
            with suppress(OSError):  # what cannot be deleted is in nobody's way
                os.unlink(file_of(other))
