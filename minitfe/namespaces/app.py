"""``tf.app``: a program's ``main``, called with its flags read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from minitfe.context import enable_eager_execution
from minitfe.missing import explain as _explain
from minitfe.namespaces import flags

__all__ = ["flags", "run"]


def run(main: Callable[[list[str]], Any] | None = None, argv: Sequence[str] | None = None) -> NoReturn:
    """Reads the flags, calls ``main(argv)`` with the words that are none, and ends the program with what that returns.

    Args:
        main: a function of one argument; by default the function ``main`` of the program.
        argv: the command line, with the program's name first; by default sys.argv.

    Raises:
        SystemExit: always, unless main raises something else.
        AttributeError: where the program has no function ``main``.

    TensorFlow: tf.app.run.
    """
    rest = flags.FLAGS(sys.argv if argv is None else argv, known_only=True)
    main = main or getattr(sys.modules["__main__"], "main", None)
    if main is None:
        raise AttributeError("tf.app.run() calls the function main(argv) of the program, and there is none.")
    sys.exit(main(rest))


def run_eagerly(main: Callable[[list[str]], Any] | None = None, argv: Sequence[str] | None = None) -> NoReturn:
    """Enables eager execution, and does what ``tf.app.run`` does.

    TensorFlow: tf.contrib.eager.run.
    """
    enable_eager_execution()
    run(main, argv)


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.app"))
