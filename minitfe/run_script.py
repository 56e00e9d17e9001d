"""``minitfe run script.py``: runs a program that imports tensorflow, and gives it minitfe.

    minitfe run script.py --epochs 3          as  python script.py --epochs 3
    minitfe run -m package.module --epochs 3  as  python -m package.module --epochs 3

The program stays as it is. What it imports as ``tensorflow`` is minitfe, and ``tensorflow.keras.layers`` and all other
namespaces are minitfe's: Python finds them in ``sys.modules``, where each is entered under the name that TensorFlow
has for it. What is not entered there reaches `Alias`, a finder, which says what to use instead. All that lives in
memory, so that nothing outlasts the process, and a tensorflow that is installed is left alone.

Everything else shall be as if Python ran the program itself: its arguments, its folder on ``sys.path``, its module
called ``__main__``, its exit code, and its tracebacks, from which our own frames are cut.
"""

from __future__ import annotations

import builtins
import multiprocessing.spawn
import os
import runpy
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType, TracebackType
from typing import Any

import minitfe
from minitfe.missing import explain_module

VERSION = "1.10.0"
"""What ``tf.__version__`` is in such a program: that of the TensorFlow whose names minitfe has."""


def run(arguments: Sequence[str]) -> int:
    """Runs a script, or with ``-m`` a module, and returns the exit code where Python itself would not begin.

    Args:
        arguments: the script's path, or ``-m`` and a module's name; and then what the program shall find in sys.argv.

    Raises:
        SystemExit: where the program ends itself so.
        BaseException: what the program raises. `sys.excepthook` shows it without our frames.
    """
    is_module = arguments[:1] == ["-m"]
    if len(arguments) == is_module or arguments[0] in ("-h", "--help"):
        return _refused("which script? Write: minitfe run script.py, or: minitfe run -m package.module")
    name, *rest = arguments[is_module:]
    if not is_module and (not os.path.exists(name) or os.path.isdir(name)):
        return _refused(f"can't open file {os.path.abspath(name)!r}: there is no such file")
    alias_tensorflow()
    sys.argv = [name, *rest]
    if not sys.flags.safe_path:
        sys.path[0] = os.getcwd() if is_module else os.path.dirname(os.path.realpath(name))
    try:
        run_module(name) if is_module else run_file(os.path.join(os.getcwd(), name))
    except SystemExit:
        raise
    except BaseException as error:
        sys.excepthook = _shown_with(_frames_of_program(error), sys.excepthook)
        raise
    return 0


def _refused(why: str) -> int:
    print(f"minitfe run: {why}", file=sys.stderr)
    return 2  # as Python's own


# ------------------------------------------------------------------------------------------------- the main module


class Script(SourceFileLoader):
    """Loads a script as Python does it: it is compiled anew each time."""

    def get_code(self, fullname: str) -> CodeType:
        """Compiles the script."""
        return self.source_to_code(self.get_data(self.path), self.path)


def run_file(path: str) -> None:
    """Makes a script the main module, and runs it. It stays that when it is done, for threads and exit functions."""
    module = ModuleType("__main__")
    module.__loader__ = loader = Script("__main__", path)
    module.__file__ = path
    vars(module).update(__builtins__=builtins, __cached__=None, __annotations__={})
    sys.modules["__main__"] = module
    loader.exec_module(module)


def run_module(name: str) -> None:
    """Makes a module that can be imported the main module, and runs it; of a package, its ``__main__``."""
    try:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    except ImportError as error:
        if _frames_of_program(error) is None:  # it was not even found
            sys.exit(f"minitfe run: {error}")
        raise


# -------------------------------------------------------------------------------------------------------- tracebacks

_RUNNERS = {__name__, "runpy", "importlib._bootstrap", "importlib._bootstrap_external"}


def _frames_of_program(error: BaseException) -> TracebackType | None:
    """The traceback without what led to the program, and without `Alias`, where an import ended there.

    None where the program did not begin, as after a SyntaxError.
    """
    first = error.__traceback__
    while first is not None and _module_of(first) in _RUNNERS:
        first = first.tb_next
    last = first
    while last is not None:
        if last.tb_next is not None and _module_of(last.tb_next) == __name__:
            last.tb_next = None
        last = last.tb_next
    return first


def _module_of(traceback: TracebackType) -> Any:
    return traceback.tb_frame.f_globals.get("__name__")


def _shown_with(traceback: TracebackType | None, show: Callable[..., Any]) -> Callable[..., Any]:
    """The program's way to show what nobody caught, or Python's, given this traceback in place of the whole."""

    def show_program_alone(kind: type[BaseException], error: BaseException, whole: TracebackType | None) -> None:
        show(kind, error.with_traceback(traceback), traceback)

    return show_program_alone


# ------------------------------------------------------------------------------------------------------------- imports


def alias_tensorflow() -> None:
    """From now on, and in this process alone, ``import tensorflow`` imports minitfe."""
    if any(isinstance(finder, Alias) for finder in sys.meta_path):
        return
    minitfe.VERSION = minitfe.__version__ = VERSION
    sys.modules.update(namespaces("tensorflow", minitfe))
    sys.modules["tensorflow.contrib.eager.python"] = _INNER_EAGER
    sys.modules["tensorboard.compat.notf"] = ModuleType("notf")  # tells tensorboard to use no tensorflow for its files
    sys.meta_path.insert(0, Alias())
    sys.meta_path.append(LastWord())
    _alias_in_children()


def namespaces(name: str, module: ModuleType) -> Iterator[tuple[str, ModuleType]]:
    """A module and all that it has under public names, each with TensorFlow's name for it."""
    yield name, module
    for inner in getattr(module, "__all__", []):
        thing = getattr(module, inner)
        if isinstance(thing, ModuleType):
            yield from namespaces(f"{name}.{inner}", thing)


_INNER_EAGER = ModuleType("tensorflow.contrib.eager.python")  # many programs of the time import from here
vars(_INNER_EAGER).update(tfe=minitfe.contrib.eager, metrics=minitfe.contrib.eager.metrics)


class Alias(MetaPathFinder, Loader):
    """Comes before all other finders, and hears of the parts of tensorflow that minitfe does not have."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Raises ImportError for a part of tensorflow, and says what to use instead."""
        if fullname == "tensorflow.python":
            return ModuleSpec(fullname, self, is_package=True)  # an empty one, to hear what is wanted from it
        if fullname.startswith("tensorflow."):
            raise ImportError(explain_module(fullname), name=fullname)
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Leaves the module empty."""


class LastWord(MetaPathFinder):
    """Comes after all other finders: what ``from tensorflow import name`` did not find, it explains."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Raises ImportError for what is looked for in minitfe."""
        space, _, name = fullname.rpartition(".")
        if space.partition(".")[0] == "minitfe":
            try:
                getattr(sys.modules[space], name)
            except AttributeError as error:
                raise ImportError(str(error), name=fullname) from None
        return None


# ----------------------------------------------------------------------------------------------------------- children


def _alias_in_children() -> None:
    """Lets children that `multiprocessing` starts afresh do the same, before they import the program."""
    prepare = multiprocessing.spawn.get_preparation_data
    multiprocessing.spawn.get_preparation_data = lambda name: {**prepare(name), "minitfe": _Aliased()}


class _Aliased:
    """Is sent to a child; to arrive there means to call `alias_tensorflow`."""

    def __reduce__(self) -> Any:
        return alias_tensorflow, ()
