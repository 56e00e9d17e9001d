"""The grader's side of the process that runs a submission: started, asked, watched, and ended.

Each item gets a process of its own, with a fresh copy of the submission in an empty folder, and an environment that
names neither the assignment nor its folder. A function that hangs, a crash and a ``sys.exit`` end that process, and
cost the item that was being graded; the next one begins anew.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from types import MappingProxyType, TracebackType
from typing import IO, Any

from minitfe.coursework import wire

try:
    import pwd
except ImportError:  # Windows has no such users
    pwd = None  # type: ignore[assignment]

START_TIME = 120.0  # seconds that a process may take to import minitfe, before the submission's time begins
LARGEST_OUTPUT = 10_000  # characters of what a submission prints that are kept
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "PYTHONPATH")
NO_KEYWORDS: Mapping[str, Any] = MappingProxyType({})
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class StudentError(Exception):
    """The submission raised an error, or answered with nothing that can be graded.

    Attributes:
        kinds: the names of the error's class and those that it derives from.
        message: the error's own message.
    """

    def __init__(self, text: str, kinds: Sequence[str] = (), message: str = "") -> None:
        super().__init__(text)
        self.kinds, self.message = tuple(kinds), message


class Ended(StudentError):
    """The process is no more: it took too long, crashed, or wrote what is no answer."""


class Unimportable(StudentError):
    """The submission could not be imported."""


class WorkerFailed(RuntimeError):
    """The process could not be started: the grader's own fault, and not the submission's."""


@dataclass(frozen=True)
class Submission:
    """A student's file, as it was when grading began; and files that go with it.

    Attributes:
        name: the file's name.
        content: what it holds.
        others: further files, by the path relative to it.
    """

    name: str
    content: bytes
    others: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, others: Sequence[str] = ()) -> Submission:
        """Reads the file, and those of the others that are there."""
        found = {name: path.parent / name for name in others}
        return cls(path.name, path.read_bytes(), {n: p.read_bytes() for n, p in found.items() if p.is_file()})

    def copy_to(self, folder: Path) -> Path:
        """Writes the files into a folder, and returns the path of the submission."""
        for name, content in {**self.others, self.name: self.content}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder / self.name


@dataclass(frozen=True)
class Limits:
    """What a process may use, and as whom it runs.

    Attributes:
        time: seconds per item, counted while the submission is asked, not while the grader computes.
        memory: megabytes of address space.
        user: the name of the user that it runs as; None for that of the grader.
        hidden_folder: a folder that is taken out of PYTHONPATH, since it holds the assignment.
    """

    time: float = 10.0
    memory: int = 2048
    user: str | None = None
    hidden_folder: Path | None = None


class Session:
    """A process for one submission. Use it in a ``with`` statement: at the end the process is gone.

    Attributes:
        missing: what this platform cannot limit.
        ended: why the process is no more; None while it lives.
        mutated: whether a call has changed its arguments.
    """

    def __init__(self, submission: Submission, limits: Limits, seed: int = 0) -> None:
        self.limits, self.left = limits, limits.time
        self.ended: Ended | None = None
        self.mutated = False
        self.folder = Path(tempfile.mkdtemp(prefix="minitfe-"))
        self.requests: SimpleQueue[Any] = SimpleQueue()
        self.answers: SimpleQueue[Any] = SimpleQueue()
        try:
            path = submission.copy_to(self.folder)
            self.process = start_process(self.folder, limits)
        except BaseException as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            if isinstance(error, OSError | ValueError | LookupError | subprocess.SubprocessError):
                raise WorkerFailed(f"The process for the submission could not be started: {error}.") from error
            raise
        self.printed = Printed(self.process.stderr)
        self.thread = threading.Thread(target=self._exchange, daemon=True)
        self.thread.start()
        try:
            self.missing = self._begin(path, seed)
        except BaseException:
            self.close()
            raise

    def _begin(self, path: Path, seed: int) -> list[str]:
        """Waits until the process is ready, which it says before any line of the submission runs."""
        settings = {"submission": str(path), "time": self.limits.time, "memory": self.limits.memory, "seed": seed}
        self.requests.put(settings)
        ready = self._next_answer(START_TIME)
        if not isinstance(ready, dict):
            end_process(self.process)
            self.printed.finish()
            raise WorkerFailed(f"The process for the submission did not start.\n{self.printed.text()}".strip())
        return [str(name) for name in ready["missing"]]

    def load(self) -> None:
        """Imports the submission.

        Raises:
            Unimportable: where that fails, in whatever way.
        """
        try:
            self._answer(None)
        except StudentError as error:
            raise Unimportable(f"Your file could not be imported. {error}", error.kinds, error.message) from None

    def call(
        self, function: str, arguments: Sequence[Any], tensors: bool = False, keywords: Mapping[str, Any] = NO_KEYWORDS
    ) -> Any:
        """What a function returns.

        Raises:
            StudentError: where it raises an error, or returns something that cannot be sent.
            Ended: where it does not answer.
        """
        request = {"do": "call", "function": function, "arguments": list(arguments), "tensors": tensors}
        return self._value({**request, "keywords": dict(keywords)})

    def differentiate(
        self,
        function: str,
        arguments: Sequence[Any],
        g: Sequence[Any],
        positions: Sequence[int],
        keywords: Mapping[str, Any] = NO_KEYWORDS,
    ) -> tuple[Any, ...]:
        """The gradients that a tape computes in the process, by the arguments in these positions.

        Raises as `call` does.
        """
        request = {"do": "differentiate", "function": function, "arguments": list(arguments)}
        return tuple(self._value({**request, "g": list(g), "positions": list(positions), "keywords": dict(keywords)}))

    def explain(self, function: str, arguments: Sequence[Any], keywords: Mapping[str, Any] = NO_KEYWORDS) -> list[str]:
        """What the checker says inside the process, about ops; empty where it has nothing to say."""
        request = {"do": "explain", "function": function, "arguments": list(arguments), "keywords": dict(keywords)}
        try:
            lines = self._value(request)
        except StudentError:
            return []
        return [str(line)[:500] for line in lines[:10]] if isinstance(lines, list) else []

    def output(self) -> str:
        """What the submission has printed, on standard output and standard error."""
        return self.printed.text()

    def close(self) -> None:
        """Ends the process, and those that it has started, and removes its folder."""
        self.requests.put(None)
        end_process(self.process)
        self.thread.join(timeout=1.0)  # not for ever: a process that got away may hold the other ends
        self.printed.finish()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------------------ answers

    def _value(self, request: dict[str, Any]) -> Any:
        answer = self._answer(request)
        self.mutated = self.mutated or bool(answer.get("mutated"))
        value = answer.get("value")
        if isinstance(value, wire.Unsendable):
            raise StudentError(f"{request['function']} returned {value}, which cannot be graded.")
        return value

    def _answer(self, request: Any) -> dict[str, Any]:
        """Asks, unless nothing is to be asked, and waits for the answer; the time is taken off what is left."""
        if self.ended:
            raise self.ended
        self.requests.put(request or {})
        start = time.monotonic()
        answer = self._next_answer(self.left)
        self.left -= time.monotonic() - start
        if not isinstance(answer, dict):
            self.ended = Ended(self._why(answer))
            raise self.ended
        if "error" in answer:
            raise student_error(answer["error"], self.limits)
        return answer

    def _next_answer(self, seconds: float) -> Any:
        """The next answer; None where there is none in time, and an error where the process ended."""
        try:
            return self.answers.get(timeout=max(seconds, 0.0))
        except Empty:
            return None

    def _exchange(self) -> None:
        """Writes requests and reads answers, in a thread: a process that does not read must not hold up the grader."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None and stdout is not None
        with stdout, closing_quietly(stdin):
            while (request := self.requests.get()) is not None:
                try:
                    if request:
                        wire.write_message(stdin, request)
                    self.answers.put(wire.read_message(stdout))
                except Exception as error:  # a closed pipe, or what is no message
                    self.answers.put(error)
                    return

    def _why(self, answer: Any) -> str:
        """Why there is no answer, in words."""
        if answer is None:
            return (
                f"There was no answer within {self.limits.time:g} seconds: an endless loop, waiting for input,"
                " or much too slow."
            )
        with suppress(subprocess.TimeoutExpired):
            if not isinstance(answer, wire.Malformed):
                return f"The process ended: {ending(self.process.wait(timeout=5))}."
        return "What came back is no answer: leave the pipes of the grader alone."


def student_error(found: Any, limits: Limits) -> StudentError:
    """An error of the submission, in words, from what the process says of it."""
    try:
        kinds, message = [str(kind) for kind in found["kinds"]], str(found["message"])[:1000]
        lines = [str(line)[:300] for line in found["lines"][:8]]
    except (TypeError, KeyError):
        kinds, message, lines = ["Exception"], "", []
    name = kinds[0] if kinds else "BaseException"
    text = f"{name}: {message}" if message else name
    if name == "MemoryError":
        text += f" (the limit is {limits.memory} MB)"
    return StudentError("\n".join([text, *[f"  {line}" for line in lines]]), kinds, message)


def ending(code: int) -> str:
    """What an exit status means."""
    if code >= 0:
        return f"exit status {code}, by os._exit or a crash"
    try:
        return f"{signal.Signals(-code).name}, a crash or a limit that was exceeded"
    except ValueError:
        return f"signal {-code}"


# ----------------------------------------------------------------------------------------------------------- processes


def start_process(folder: Path, limits: Limits) -> subprocess.Popen[bytes]:
    """Starts the process, in the folder, as the user."""
    command = [sys.executable, "-P", "-m", "minitfe.coursework.worker"]
    as_user: dict[str, Any] = {}
    if limits.user is not None:
        as_user = {"user": limits.user, "group": group_of(limits.user), "extra_groups": []}
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, limits.user)
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder, limits),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **as_user,
    )


def group_of(user: str) -> int:
    """The number of a user's own group."""
    if pwd is None:
        raise ValueError("this platform cannot run a process as another user")
    return pwd.getpwnam(user).pw_gid


def environment(folder: Path, limits: Limits) -> dict[str, str]:
    """A small environment: where programs and libraries are, and nothing of the grader's."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    if "PYTHONPATH" in kept:
        paths = kept["PYTHONPATH"].split(os.pathsep)
        kept["PYTHONPATH"] = os.pathsep.join(p for p in paths if p and Path(p).resolve() != limits.hidden_folder)
    own = {"HOME": str(folder), "TMPDIR": str(folder), "MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8",
           "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    return {**kept, **own, **dict.fromkeys(ONE_THREAD, "1")}


@contextmanager
def closing_quietly(stream: IO[bytes]) -> Iterator[None]:
    """Closes a stream at the end, whether or not anybody still reads what is left in it."""
    try:
        yield
    finally:
        with suppress(OSError):
            stream.close()


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and its group at once."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


class Printed:
    """What a process prints, read as it comes, so that it never waits; only the beginning is kept."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.kept, self.dropped = stream, bytearray(), 0
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with self.stream:
            while block := self.stream.read1(1 << 16):
                room = 4 * LARGEST_OUTPUT - len(self.kept)
                self.kept += block[:room]
                self.dropped += max(len(block) - room, 0)

    def finish(self) -> None:
        """Waits until all is read; not for ever, as above."""
        self.thread.join(timeout=1.0)

    def text(self) -> str:
        """The beginning of it."""
        text = self.kept.decode(errors="replace")
        cut = len(text) > LARGEST_OUTPUT or self.dropped
        return text[:LARGEST_OUTPUT] + ("\n... (what came after is not shown)" if cut else "")
