"""The process that runs a submission: it is asked to call functions, and answers with what they return.

It judges nothing. Neither the assignment nor any expected value ever reaches it: it is told the name of a function and
its arguments, and the grader, in a process of its own, compares the answer. So a submission that rewrites numpy, this
module or the messages can change what its functions answer, and nothing else.

Messages come in where standard input was, and go out where standard output was. Both are put aside before the
submission is loaded: what it prints goes to standard error, and what it reads is empty.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

import numpy as np

from minitfe import context, conversion
from minitfe.autodiff.tape import GradientTape
from minitfe.coursework import wire
from minitfe.gradcheck.functions import start_randomness
from minitfe.gradcheck.runner import check_gradients
from minitfe.ops.indexed_slices import to_dense

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

LARGEST_FILE = 64 << 20  # bytes that a submission may write into one file
CPU_TO_SPARE = 30  # seconds: the grader watches the clock, this only ends what it could not


def main() -> None:
    """Serves one submission until there are no more requests."""
    requests, answers = private_streams()
    settings = wire.read_message(requests)
    wire.write_message(answers, {"missing": limit(settings["time"], settings["memory"])})
    context.enable_eager_execution()
    module = ModuleType("nothing")

    def load() -> dict[str, Any]:
        nonlocal module
        module = load_submission(Path(settings["submission"]))
        return {}

    wire.write_block(answers, guarded(load))
    while True:
        try:
            request = wire.read_message(requests)
        except EOFError:
            return
        wire.write_block(answers, guarded(partial(answer, module, request, settings["seed"])))


def private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Takes standard input and output away from the submission, and returns them."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return requests, answers


# ------------------------------------------------------------------------------------------------------------- limits


def limit(seconds: float, megabytes: int) -> list[str]:
    """Limits this process, and returns what could not be limited."""
    if resource is None:
        return ["memory", "processor time", "file size"]
    wanted = {
        "memory": (resource.RLIMIT_AS, megabytes << 20),
        "processor time": (resource.RLIMIT_CPU, int(seconds) + CPU_TO_SPARE),
        "file size": (resource.RLIMIT_FSIZE, LARGEST_FILE),
        "core dumps": (resource.RLIMIT_CORE, 0),
    }
    return [name for name, (kind, most) in wanted.items() if not is_limited(kind, most)]


def is_limited(kind: int, most: int) -> bool:
    """Sets one limit; False where the system does not allow or know it, as macOS with memory."""
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(kind, (most, most))
    except (OSError, ValueError):
        return False
    return True


# ----------------------------------------------------------------------------------------------------------- requests


def guarded(call: Callable[[], dict[str, Any]]) -> bytes:
    """Calls and returns the packed answer; what is raised becomes part of it, SystemExit included."""
    try:
        return wire.pack(call())
    except BaseException as error:
        return wire.pack({"error": described(error)})


def described(error: BaseException) -> dict[str, Any]:
    """An error in words: its types, its message, and the lines that led to it, from the submission on."""
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind not in (object, BaseException)]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    lines = [f"{Path(frame.filename).name}, line {frame.lineno}, in {frame.name}: {frame.line}" for frame in frames]
    if isinstance(error, SyntaxError) and error.lineno:
        lines.append(f"{Path(error.filename or '').name}, line {error.lineno}: {(error.text or '').strip()}")
    return {"kinds": kinds, "message": str(error), "lines": lines[-8:]}


def load_submission(path: Path) -> ModuleType:
    """Imports the submission, as a module of the file's name unless that is taken."""
    sys.path.insert(0, str(path.parent))
    spec = spec_from_file_location("submission" if path.stem in sys.modules else path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is no Python file; its name must end in .py")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def answer(module: ModuleType, request: dict[str, Any], seed: int) -> dict[str, Any]:
    """Does what one request asks for."""
    start_randomness(seed)
    function = find(module, request["function"])
    return DO[request["do"]](function, request)


def find(module: ModuleType, name: str) -> Any:
    """The function of this name; a dot leads into classes."""
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise LookupError(f"there is no {name} in your file")
        found = getattr(found, part)
    return found


def call(function: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Calls a function, and says whether it changed its arguments."""
    arguments = [conversion.convert_to_tensor(x) if request["tensors"] and isinstance(x, np.ndarray) else x
                 for x in request["arguments"]]  # fmt: skip
    before = [np.array(x) for x in arguments if isinstance(x, np.ndarray)]
    value = function(*arguments, **request["keywords"])
    after = [x for x in arguments if isinstance(x, np.ndarray)]
    return {"value": value, "mutated": not all(map(same, before, after))}


def same(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> bool:
    """Whether two arrays are the same, nan included."""
    return x.tobytes() == y.tobytes()


def differentiate(function: Any, request: dict[str, Any]) -> dict[str, Any]:
    """The gradients that a tape computes, for upstream gradients g, by the arguments that positions name."""
    arguments = [conversion.convert_to_tensor(x) if isinstance(x, np.ndarray) else x for x in request["arguments"]]
    sources = [arguments[i] for i in request["positions"]]
    with GradientTape() as tape:
        tape.watch(sources)
        y = function(*arguments, **request["keywords"])
    targets = list(y) if isinstance(y, tuple | list) else [y]
    gs = [conversion.convert_to_tensor(g, y.dtype) for g, y in zip(request["g"], targets)]
    gradients = tape.gradient(targets, sources, output_gradients=gs)
    return {"value": tuple(None if g is None else to_dense(g) for g in gradients), "mutated": False}


def explain(function: Any, request: dict[str, Any]) -> dict[str, Any]:
    """What the checker says in here, where it sees the tape and can name an op. Advice: no points depend on it."""
    report = check_gradients(lambda *x: function(*x, **request["keywords"]), *request["arguments"])
    report.ops = [replace(op, where=in_submission(op.where)) for op in report.ops]
    return {"value": [line.strip() for line in report.blame()] if report.verdict == "fail" else []}


def in_submission(where: str | None) -> str | None:
    """A place in the submission without its folder; None for a call that was made from here."""
    return None if where is None or where.startswith("<") else Path(where).name


DO = {"call": call, "differentiate": differentiate, "explain": explain}

if __name__ == "__main__":
    main()
