"""Saving variables by their names: the older way, for programs written for it.

Names are not as good a key as objects: two layers of the same kind give their variables the same names. Prefer
`tf.train.Checkpoint`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from minitfe import nest
from minitfe.context import listening
from minitfe.conversion import convert_to_tensor
from minitfe.ops import arguments
from minitfe.train import storage
from minitfe.train.checkpoint_reader import missing
from minitfe.train.checkpoint_state import file_of, path_of
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
    """For graphs only; in eager execution it raises RuntimeError and says what to use.

    TensorFlow: tf.train.Saver.
    """

    def __init__(self, var_list: Any = None, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError(
            "When eager execution is enabled, `var_list` must specify a list or dict of variables to save, to"
            " tfe.Saver: tf.train.Saver looks for variables in a graph. tf.train.Checkpoint(model=model) saves objects,"
            " tfe.Saver(variables) saves variables by their names."
        )
