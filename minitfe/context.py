"""The context: who listens to the ops that run on this thread, and where they run.

Every op passes through one door, `execute`, and what becomes of it there depends on the `Listeners` of the moment:

- the interpreter. None means eager: the kernel runs now. A graph under construction notes the op down instead. Until
  ``enable_eager_execution()`` is called, there is such a graph, for sessions to run: the main graph.
- the tapes, each of which is offered the record of every operation.
- the device scope, ``with tf.device('/gpu:0'):``, or None outside of one.

Tapes and device scopes belong to the thread that opened them; eager execution is enabled for the whole process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from minitfe import devices
from minitfe.devices import Device
from minitfe.operation import Op


class Interpreter(Protocol):
    """What takes the place of eager execution: a graph under construction, above all."""

    @property
    def outside(self) -> Interpreter | None:
        """Where variables are made: the graph that a session will run, or None for eager execution.

        For a function that is being traced, that is what lies around it.
        """

    def execute(self, op: Op, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
        """Does with an op what this interpreter does, and returns its output."""

    def constant(self, x: Any) -> Any:
        """Returns what stands for an eager tensor here: most often the tensor itself."""


class Listeners:
    """Who listens to ops on a thread. Not changed while in use: a scope puts new listeners in place of the old."""

    __slots__ = ("interpreter", "tapes", "device")

    def __init__(self, interpreter: Interpreter | None, tapes: tuple[Any, ...], device: Device | None) -> None:
        self.interpreter = interpreter
        self.tapes = tapes
        self.device = device


# What every thread starts with. Enabling eager execution changes this one, for the whole process.
_process = Listeners(None, (), None)
_current: ContextVar[Listeners] = ContextVar("listeners", default=_process)

get_listeners = _current.get


def set_tapes(tapes: tuple[Any, ...]) -> None:
    """Puts these tapes in place of the active ones, on this thread."""
    now = get_listeners()
    _current.set(Listeners(now.interpreter, tapes, now.device))


def outside() -> Interpreter | None:
    """Where variables are made now: see `Interpreter.outside`."""
    interpreter = get_listeners().interpreter
    return None if interpreter is None else interpreter.outside


_main_graph: Any = None


def set_main_graph(graph: Any) -> None:
    """Puts a graph in the place of the main one; ops are noted down there unless eager execution is enabled."""
    global _main_graph
    if _process.interpreter is _main_graph:
        _process.interpreter = graph
    _main_graph = graph


def main_graph() -> Any:
    """The graph that ops are noted down in, on every thread, as long as eager execution is not enabled."""
    return _main_graph


def stand_alone(device: Device) -> None:
    """Leaves all tapes and graphs and runs ops on this device, on this thread: for what a data pipeline calls."""
    _current.set(Listeners(None, (), device))


@contextmanager
def listening(**changes: Any) -> Iterator[None]:
    """A scope with other listeners: ``with listening(interpreter=graph):``."""
    now = get_listeners()
    settings: dict[str, Any] = {"interpreter": now.interpreter, "tapes": now.tapes, "device": now.device}
    token = _current.set(Listeners(**(settings | changes)))
    try:
        yield
    finally:
        _current.reset(token)


def enable_eager_execution(config: Any = None, device_policy: Any = None, execution_mode: Any = None) -> None:
    """Makes ops compute at once, for the rest of the program. Calling it again changes nothing.

    Args:
        config, execution_mode: accepted so that programs written for TensorFlow run; they change nothing here.
        device_policy: what happens to inputs on another device: ``tfe.DEVICE_PLACEMENT_SILENT`` (the default),
            ``_WARN`` or ``_EXPLICIT``.

    Raises:
        ValueError: where the policy is none of these; and after ops were called that went into a graph.
    """
    if _process.interpreter is not None and (_main_graph.operations or get_listeners().interpreter is not _main_graph):
        raise ValueError(
            "tf.enable_eager_execution must be called at program startup. Ops were called before, and noted down in a"
            " graph."
        )
    if device_policy is not None:
        set_device_policy(device_policy)
    _process.interpreter = None


def executing_eagerly() -> bool:
    """Says whether ops compute at once here: False inside a function that is being traced into a graph."""
    interpreter = get_listeners().interpreter
    return interpreter is None or getattr(interpreter, "computes_at_once", False)


SYNC, ASYNC = "sync", "async"


@contextmanager
def execution_mode(mode: Any) -> Iterator[None]:
    """Accepted, without effect: whether ops wait for their results is up to the device."""
    yield


def set_execution_mode(mode: Any) -> None:
    """Accepted, without effect: whether ops wait for their results is up to the device."""


def async_wait() -> None:
    """Accepted, without effect: reading a value waits for it."""


# --------------------------------------------------------------------------------------------------------- placement

DEVICE_PLACEMENT_EXPLICIT, DEVICE_PLACEMENT_WARN, DEVICE_PLACEMENT_SILENT = "explicit", "warn", "silent"

_device_policy = DEVICE_PLACEMENT_SILENT


def device_policy() -> str:
    """What happens to inputs that lie on another device than the op runs on."""
    return _device_policy


def set_device_policy(policy: str) -> None:
    """Chooses what happens to inputs on another device: a silent copy, a copy with a warning, or an error."""
    global _device_policy
    if policy not in (DEVICE_PLACEMENT_EXPLICIT, DEVICE_PLACEMENT_WARN, DEVICE_PLACEMENT_SILENT):
        raise ValueError(
            "device_policy must be one of tfe.DEVICE_PLACEMENT_SILENT, tfe.DEVICE_PLACEMENT_WARN and"
            f" tfe.DEVICE_PLACEMENT_EXPLICIT, not {policy!r}"
        )
    _device_policy = policy


@contextmanager
def device(device_name: Any) -> Iterator[None]:
    """A scope in which ops run on one device.

    Args:
        device_name: such as ``'/gpu:0'``, in any of TensorFlow's spellings; None lifts the scope around it.

    Raises:
        RuntimeError: where there is no such device; the message lists those that are.
        ValueError: where the text is no device name.

    >>> with tf.device('/cpu:0'):
    ...     x = tf.ones([2])
    """
    if callable(device_name):
        raise RuntimeError("tf.device does not support functions when eager execution is enabled.")
    with listening(device=None if device_name is None else devices.find(str(device_name))):
        yield
