"""Checkpoints: the state of objects, saved in a file and brought back.

    checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer, step=tf.train.get_or_create_global_step())
    path = checkpoint.save("folder/ckpt")                          # folder/ckpt-1.safetensors
    checkpoint.restore(tf.train.latest_checkpoint("folder"))

`save` and `restore` are about a run of a program that stops and goes on. Beside the objects they keep the number of
saves, and what decides which random numbers come next: a run that was resumed equals one that was never stopped, bit
for bit. `write` and `read` move values only, from one program to another.

What a file looks like is said in ``minitfe.train.storage``, how values find their objects in ``minitfe.train.restore``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from minitfe import dtypes, errors
from minitfe.checkpointable import CONTAINERS, Checkpointable
from minitfe.context import listening
from minitfe.conversion import constant
from minitfe.graph.session import in_session
from minitfe.ops import arguments, random
from minitfe.train import object_graph, storage
from minitfe.train.checkpoint_state import checkpoint_exists, file_of, get_checkpoint_state, path_of
from minitfe.train.checkpoint_state import update_checkpoint_state as update_state
from minitfe.train.object_graph import ObjectGraph
from minitfe.train.restore import CheckpointLoadStatus, InitializationOnlyStatus, Restore
from minitfe.variable import Variable


class RandomState(Checkpointable):
    """What decides which random numbers come next: the program's seed, and how many were drawn under each seed."""

    def _save_state(self) -> dict[str, Any]:
        return {"draws": np.array(json.dumps(random.get_state()).encode(), object)}

    def _restore_state(self, state: dict[str, Any]) -> None:
        saved = json.loads(state["draws"][()])
        # A run without a seed cannot be repeated; a seed that this program has set meanwhile is worth more.
        if saved["seed"] is not None or random.get_state()["seed"] is None:
            random.set_state(saved)


class Checkpoint(Checkpointable):
    """Saves and restores objects: models, layers, optimizers, variables, iterators, and lists and dictionaries of them.

    Args:
        **kwargs: the objects, under the names that they are to have in the file. More can be added as attributes.

    Raises:
        ValueError: for an object that has nothing to save.

    >>> import tempfile
    >>> x = tf.Variable(2.0)
    >>> checkpoint = tf.train.Checkpoint(x=x)
    >>> path = checkpoint.save(tempfile.mkdtemp() + "/ckpt")
    >>> x = x.assign(11.0)
    >>> status = checkpoint.restore(path)
    >>> float(x)
    2.0

    TensorFlow: tf.train.Checkpoint.
    """

    save_counter: Variable
    _random_state: RandomState

    def __init__(self, **kwargs: Any) -> None:
        for name, value in kwargs.items():
            if not isinstance(value, (Variable, Checkpointable, *CONTAINERS)):
                raise ValueError(
                    "`Checkpoint` was expecting a checkpointable object (an object derived from `CheckpointableBase`),"
                    f" got {value!r}, as {name}. Variables, layers, models, optimizers, iterators, and lists and"
                    " dictionaries of them can be saved; put a number into a tf.Variable."
                )
            setattr(self, name, value)

    # ----------------------------------------------------------------------------------------------------------- saving

    def save(self, file_prefix: Any, session: Any = None) -> str:
        """Writes the next checkpoint of this run: ``PREFIX-1``, then ``PREFIX-2``, and so on.

        Args:
            file_prefix: folder and beginning of the name; the folder is made if it is not there.
            session: where the variables of a graph have their values, by default the current session.

        Returns:
            The name for `restore`. The file is called that, and ``.safetensors``.

        Raises:
            ResourceExhaustedError: where the disk is full. The checkpoints before it are what they were.
        """
        with in_session(session):
            return self._save(path_of(file_prefix, "file_prefix"), self._note_as_latest)

    def _save(self, prefix: str, note: Callable[[str], None], number: int | None = None) -> str:
        """Counts, writes a checkpoint, and notes that it is there; after a failure the count is what it was."""
        self._begin_run()
        with listening(interpreter=None, tapes=()):
            return self._save_counted(prefix, note, number)

    def _save_counted(self, prefix: str, note: Callable[[str], None], number: int | None) -> str:
        before = self.save_counter.read_value()
        try:
            counted = int(self.save_counter.assign_add(1))
            path = self.write(f"{prefix}-{counted if number is None else arguments.integer(number, 'number')}")
            note(path)
        except BaseException:
            self.save_counter.assign(before)
            raise
        return path

    def _note_as_latest(self, path: str) -> None:
        folder = os.path.dirname(path)
        try:
            state = get_checkpoint_state(folder)
        except errors.DataLossError:
            state = None  # and after this it can be read again
        others = [other for other in state.all_model_checkpoint_paths if checkpoint_exists(other)] if state else []
        update_state(folder, path, others)

    def write(self, file_prefix: Any, session: Any = None) -> str:
        """Writes a checkpoint of exactly this name, without counting it, or noting that it is the latest.

        Args, result and errors are those of `save`.
        """
        prefix = path_of(file_prefix, "file_prefix").removesuffix(storage.SUFFIX)
        graph = ObjectGraph(self)
        with in_session(session):
            values = graph.values()
        storage.write(prefix + storage.SUFFIX, values, {"graph": object_graph.to_text(graph.nodes)})
        return prefix

    # -------------------------------------------------------------------------------------------------------- restoring

    def restore(self, save_path: Any) -> CheckpointLoadStatus | InitializationOnlyStatus:
        """Goes back to what was saved, the number of saves and the state of the random numbers included.

        What is not there yet, such as the variables of a layer that was never called, is restored when it comes.

        Args:
            save_path: what `save` returned. With None, nothing is restored.

        Returns:
            A status that says what was restored, to be printed or asked: ``status.assert_consumed()``.

        Raises:
            NotFoundError: where there is no such checkpoint.
            DataLossError: where it is damaged.
            ValueError, InvalidArgumentError: where a value has another shape or dtype than its variable. In all these
                cases everything is as before.
        """
        if save_path is None:
            return InitializationOnlyStatus(self)
        nodes, arrays = _read(save_path)
        self._begin_run()
        return self._restored(save_path, nodes, arrays)

    def read(self, save_path: Any) -> CheckpointLoadStatus:
        """Takes values from a checkpoint, typically another program's; does not continue its run.

        Args, result and errors are those of `restore`.
        """
        nodes, arrays = _read(save_path)
        return self._restored(save_path, nodes, arrays)

    def _restored(self, save_path: Any, nodes: list[object_graph.Node], arrays: Any) -> CheckpointLoadStatus:
        restore = Restore(os.fspath(save_path), nodes, arrays)
        restore.bind(0, self)
        own = (self.__dict__.get("save_counter"), self.__dict__.get("_random_state"))
        return CheckpointLoadStatus(restore, self, own)

    def _begin_run(self) -> None:
        """From the first save or restore on, this object keeps what belongs to a run."""
        if "save_counter" not in self.__dict__:
            with listening(interpreter=None, tapes=()):
                self.save_counter = Variable(constant(0, dtypes.int64), trainable=False, name="save_counter")
        if "_random_state" not in self.__dict__:
            # Not as an attribute is set: what `read` left waiting is not for it.
            self.__dict__["_random_state"] = RandomState()


def _read(save_path: Any) -> tuple[list[object_graph.Node], dict[str, Any]]:
    """The objects and values of a checkpoint file."""
    path = file_of(save_path)
    with storage.reading(path) as reader:
        if "graph" not in reader.metadata:
            raise errors.InvalidArgumentError(
                f"{path} holds variables by their names, as tfe.Saver writes them, and no objects; restore it with"
                " tfe.Saver(variables).restore(path)."
            )
        with storage.damage(path, "its objects make no sense"):
            nodes = object_graph.from_text(reader.metadata["graph"], reader.places)
        return nodes, {key: reader.read(key) for key in reader.places}
