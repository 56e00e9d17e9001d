"""Saving variables by their names: the older way, for programs written for it.

Names are not as good a key as objects: two layers of the same kind give their variables the same names. Prefer
`tf.train.Checkpoint`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from minitfe import nest
from minitfe.context import listening, outside
from minitfe.conversion import convert_to_tensor
from minitfe.graph.collections import global_variables
from minitfe.graph.graph import SymbolicTensor
from minitfe.graph.session import in_session
from minitfe.ops import arguments
from minitfe.train import storage
from minitfe.train.checkpoint_reader import missing
from minitfe.train.checkpoint_state import file_of, path_of, update_checkpoint_state
from minitfe.train.object_graph import Node
from minitfe.train.restore import Restore
from minitfe.variable import Variable, on_creation


class Saver:
    """Saves and restores variables by their names.

    Args:
        var_list: the variables, as a list, or as a dictionary that says under which names to keep them.

    Raises:
        TypeError: for what is no variable.

    >>> import tempfile
    >>> v = tf.Variable(1.0, name='v')
    >>> saver = tfe.Saver([v])
    >>> path = saver.save(tempfile.mkdtemp() + "/variables")
    >>> v = v.assign(5.0)
    >>> saver.restore(path)
    >>> float(v)
    1.0

    TensorFlow: tfe.Saver.
    """

    def __init__(self, var_list: Any) -> None:
        pairs = var_list.items() if isinstance(var_list, dict) else [(None, v) for v in nest.flatten(var_list)]
        self._pairs = [(name, variable) for name, variable in pairs]
        for _, variable in self._pairs:
            if not isinstance(variable, Variable):
                raise TypeError(f"tfe.Saver saves variables, and was given {variable!r}.")

    def save(self, file_prefix: Any, global_step: Any = None) -> str:
        """Writes the variables to a checkpoint.

        Args:
            file_prefix: its name.
            global_step: a number that is added to it.

        Returns:
            The name of the checkpoint, for `restore`.

        Raises:
            ValueError: where two variables have the same name. Other errors are those of `tf.train.Checkpoint.save`.
        """
        prefix = path_of(file_prefix, "file_prefix")
        if global_step is not None:
            prefix = f"{prefix}-{arguments.integer(global_step, 'global_step')}"
        with listening(interpreter=None, tapes=()):
            values = {name: variable.read_value() for name, variable in self._named().items()}
        storage.write(file_of(prefix), values, {})
        return prefix

    def restore(self, file_prefix: Any) -> None:
        """Reads the variables from a checkpoint. Where one cannot be restored, none is changed.

        Raises:
            NotFoundError: where there is no such checkpoint, or not all of the variables in it.
            DataLossError: where it is damaged.
            ValueError, InvalidArgumentError: where a variable has another shape or dtype.
        """
        file, named = file_of(file_prefix), self._named()
        with storage.reading(file) as reader:
            for name in named:
                if name not in reader.places:
                    raise missing(name, file, list(reader.places))
            arrays = {name: reader.read(name) for name in named}
        nodes = [Node(""), *(Node(name, value=name) for name in named)]
        nodes[0].children.update({name: number for number, name in enumerate(named, 1)})
        Restore(file, nodes, arrays).bind(0, named)

    def _named(self) -> dict[str, Variable]:
        named: dict[str, Variable] = {}
        for given, variable in self._pairs:
            name = given or variable.name.removesuffix(":0")
            if named.setdefault(name, variable) is not variable:
                raise ValueError(
                    f"Two different variables have the name {name}, and tfe.Saver could keep only one: give it a"
                    " dictionary {name: variable}, or save objects with tf.train.Checkpoint."
                )
        return named


@contextmanager
def restore_variables_on_create(save_path: Any, map_func: Callable[[str], str] | None = None) -> Iterator[None]:
    """A scope in which new variables begin with what a checkpoint of `Saver` has under their names.

    A variable whose name the checkpoint does not have begins with its own initial value.

    Args:
        save_path: the checkpoint, as `Saver.save` returned it; None to restore nothing.
        map_func: from the name of a variable to its name in the checkpoint, both without ``:0``.

    Raises:
        NotFoundError: where there is no such checkpoint.
        DataLossError: where it is damaged.
        ValueError, InvalidArgumentError: where a variable has another shape or dtype; it is not made then.

    >>> import tempfile
    >>> path = tfe.Saver([tf.Variable(3.0, name='v')]).save(tempfile.mkdtemp() + "/variables")
    >>> with tfe.restore_variables_on_create(path):
    ...     v = tf.Variable(0.0, name='v')
    >>> float(v)
    3.0

    TensorFlow: tfe.restore_variables_on_create.
    """
    if map_func is not None and not callable(map_func):
        raise ValueError(f"map_func must be callable, not {map_func!r}")
    if save_path is None:
        yield
        return
    with storage.reading(file_of(save_path)) as reader:
        arrays = {key: reader.read(key) for key in reader.places}

    def restore(variable: Variable) -> None:
        name = variable.name.removesuffix(":0")
        key = name if map_func is None else map_func(name)
        if key in arrays:
            with listening(interpreter=None, tapes=()):
                variable.assign(convert_to_tensor(arrays[key]))

    token = on_creation.set(restore)
    try:
        yield
    finally:
        on_creation.reset(token)


class GraphSaver:
    """Saves and restores the variables of a graph, with the values that they have in a session, by their names.

    The file is the same as that of `tfe.Saver`: either reads what the other wrote.

    Args:
        var_list: the variables, as a list, or as a dictionary that says under which names to keep them; by default all
            of the graph, which in eager execution there is not.
        max_to_keep: how many checkpoints to keep; None for all. The oldest is removed first.
        name and others: accepted, as in TensorFlow, without effect.

    Raises:
        RuntimeError: in eager execution, where no variables are given.
        ValueError: where the graph has no variables.
        TypeError: for what is no variable.

    >>> import tempfile
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     v = tf.Variable(1.0, name='v')
    ...     session.run(v.initializer)
    ...     saver = tf.train.Saver()
    ...     path = saver.save(session, tempfile.mkdtemp() + "/model", global_step=3)
    ...     _ = session.run(v.assign(5.0))
    ...     saver.restore(session, path)
    ...     print(path[-7:], session.run(v))
    model-3 1.0

    TensorFlow: tf.train.Saver.
    """

    def __init__(
        self,
        var_list: Any = None,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        **settings: Any,
    ) -> None:
        if var_list is None and outside() is None:
            raise RuntimeError(
                "When eager execution is enabled, `var_list` must specify a list or dict of variables to save, to"
                " tfe.Saver: tf.train.Saver looks for variables in a graph. tf.train.Checkpoint(model=model) saves"
                " objects, tfe.Saver(variables) saves variables by their names."
            )
        variables = global_variables() if var_list is None else var_list
        if not variables:
            raise ValueError("No variables to save: make the variables of the graph before its tf.train.Saver.")
        self._saver = Saver(variables)
        self._most = max_to_keep or None
        self._paths: list[str] = []

    def save(
        self,
        sess: Any,
        save_path: Any,
        global_step: Any = None,
        latest_filename: str | None = None,
        meta_graph_suffix: str = "meta",
        write_meta_graph: bool = True,
        write_state: bool = True,
    ) -> str:
        """Writes the variables to a checkpoint, and notes that it is the latest of its folder.

        Args:
            sess: the session that has their values.
            save_path: the name of the checkpoint.
            global_step: a number that is added to it: an integer, or the variable or tensor that counts.
            latest_filename, meta_graph_suffix and write_meta_graph: accepted, as in TensorFlow, without effect.
            write_state: whether `tf.train.latest_checkpoint` shall find it.

        Returns:
            The name of the checkpoint, for `restore`.

        Raises:
            FailedPreconditionError: where a variable was not initialized. Others are those of `tfe.Saver.save`.
        """
        with in_session(sess):
            step = None if global_step is None else count_in(sess, global_step)
            path = self._saver.save(save_path, step)
        self._paths = [*(other for other in self._paths if other != path), path]
        dropped = self._paths[: -self._most] if self._most else []
        self._paths = self._paths[len(dropped) :]
        if write_state:
            update_checkpoint_state(os.path.dirname(path), path, self._paths)
        for other in dropped:
            with suppress(FileNotFoundError):
                os.remove(file_of(other))
        return path

    def restore(self, sess: Any, save_path: Any) -> None:
        """Gives the variables the values of a checkpoint, in a session. They need not be initialized before.

        Errors are those of `tfe.Saver.restore`.
        """
        if save_path is None:
            raise ValueError("Can't load save_path when it is None. tf.train.latest_checkpoint found no checkpoint.")
        with in_session(sess):
            self._saver.restore(save_path)

    @property
    def last_checkpoints(self) -> list[str]:
        """The checkpoints that were written and are kept, the oldest first."""
        return list(self._paths)


def count_in(session: Any, step: Any) -> int:
    """A number of steps that may be counted by a variable of a graph."""
    if isinstance(getattr(step, "handle", step), SymbolicTensor):
        return int(session.run(step))
    return arguments.integer(step, "global_step")
