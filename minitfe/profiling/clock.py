"""The clock: what runs when, and for how long, while somebody wants to know.

Whoever listens is told an `Event` of each kernel that ran, on any thread. While nobody does, no kernel is exchanged and
no clock is read, so that costs nothing.

    eager        each kernel is exchanged for one that reads the clock before and after it
    in a plan    a line before and after each step of the source says `begin` and `end`

Things run inside of others: a step of a plan may call a function of Python's, and that may call kernels. So each thread
keeps a stack of what has begun, and an event says how much of its time was its *own*. The time that measuring itself
takes is measured, too, and is never counted as the program's.

A device that works through a queue has done nothing yet when its kernel returns. While anybody listens, each kernel is
waited for; that is what the kernel package's function ``wait`` is for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from time import perf_counter_ns
from typing import Any, NamedTuple, Protocol

from minitfe import devices
from minitfe.devices import Device
from minitfe.graph.graph import Graph
from minitfe.kernel_registry import Kernel
from minitfe.lines import runs_operations, user_line
from minitfe.operation import Op, stop_watching, watch_kernels

KERNEL, PYTHON, CALL, TRACING, PLANNING = "kernel", "python", "call", "tracing", "planning"

Array = tuple[Any, tuple[int, ...], int]
"""What is kept of an array: numpy's dtype, the shape, and how many bytes it has."""

new_event = tuple.__new__  # what Event(...) does, in a third of its time


class Work:
    """What can run. Each kernel and each step of a plan has one, for all of its runs.

    Args:
        name: of the op; for several ops that a plan does at once, ``fused:`` and their names; of a function.
        kind: a KERNEL; PYTHON, where a graph calls a function of Python's; or what a traced function needs: TRACING,
            then PLANNING, which is the passes and the source of the plan, and its CALL.
        device: where it runs; the empty string for what is no kernel.
        where: the user's line, where that is known beforehand.
    """

    __slots__ = ("name", "kind", "device", "where")

    def __init__(self, name: str, kind: str, device: str = "", where: str | None = None) -> None:
        self.name = name
        self.kind = kind
        self.device = device
        self.where = where


def name_of_group(names: Iterable[str]) -> str:
    """What several ops are called that are done at once."""
    return f"fused: {', '.join(names)}"


class Event(NamedTuple):
    """What ran. Times are in nanoseconds, on a clock that never goes back.

    Attributes:
        work: what it was.
        function: the traced function that it was part of; the empty string in eager execution.
        where: the user's line.
        begin, end: when.
        own: how long, without what ran inside of it.
        measuring: how long the profiler took over it, and over the one before, outside of begin and end.
        inputs, outputs: the arrays.
    """

    work: Work
    function: str
    where: str | None
    begin: int
    end: int
    own: int
    measuring: int
    inputs: Sequence[Array]
    outputs: Sequence[Array]


class Listener(Protocol):
    """Who wants to be told.

    Attributes:
        began: since when. What began earlier is none of its business.
    """

    began: int

    def hear(self, event: Event) -> None:
        """Is called on the thread on which the event happened, as soon as it has ended."""


class _Begun:
    """Something that has begun and not ended."""

    __slots__ = ("work", "function", "met", "begin", "inside")

    def __init__(self, work: Work, function: str, met: int) -> None:
        self.work = work
        self.function = function
        self.met = self.begin = met  # when the clock was reached, which is a little before it begins
        self.inside = 0  # how long others took that ran inside of it


class _Here(threading.local):
    """What has begun on this thread, the innermost last, and how long it took to tell of the last event."""

    def __init__(self) -> None:
        self.begun: list[_Begun] = []
        self.telling = 0


runs_operations(Graph.compute)

_here = _Here()
_listeners: tuple[Listener, ...] = ()


def begin(work: Work) -> None:
    """Says that something begins now."""
    met = perf_counter_ns()
    begun = _here.begun
    around = begun[-1].function if begun else ""
    now = _Begun(work, work.name if work.kind == CALL else around, met)
    begun.append(now)
    now.begin = perf_counter_ns()


def end(inputs: Sequence[Any] = (), outputs: Sequence[Any] = ()) -> None:
    """Says that what began last has ended, and tells all who listen.

    Args:
        inputs, outputs: arrays. What else a kernel takes, such as a device, is passed over.
    """
    now = perf_counter_ns()
    here = _here
    last = here.begun.pop()
    work = last.work
    event = new_event(Event, (
        work, last.function, work.where or user_line(), last.begin, now, now - last.begin - last.inside,
        last.begin - last.met + here.telling, _kept(inputs), _kept(outputs),
    ))  # fmt: skip
    for listener in _listeners:
        if listener.began <= last.met:
            listener.hear(event)
    told = perf_counter_ns()
    if here.begun:
        here.begun[-1].inside += told - last.met
    here.telling = told - now


_seen: dict[tuple[Array, ...], tuple[Array, ...]] = {}  # so that events share what is equal: memory has fewer parts


def _kept(arrays: Sequence[Any]) -> tuple[Array, ...]:
    kept = tuple([(x.dtype, x.shape, x.size * x.dtype.itemsize) for x in arrays if hasattr(x, "shape")])
    return _seen.setdefault(kept, kept)


_work = cache(lambda kind, name: Work(name, kind))


@contextmanager
def during(kind: str, name: str) -> Iterator[None]:
    """A scope as an event, of a kind and by a name. What had begun in it when an error ended it never happened."""
    if not _listeners:
        yield
        return
    depth = len(_here.begun)
    begin(_work(kind, name))
    try:
        yield
    except BaseException:
        del _here.begun[depth:]
        raise
    end()


@contextmanager
def aside() -> Iterator[None]:
    """A scope whose time is the profiler's own."""
    begun = perf_counter_ns()
    yield
    taken = perf_counter_ns() - begun
    _here.telling += taken
    if _here.begun:
        _here.begun[-1].inside += taken


# ------------------------------------------------------------------------------------------------------ who listens

_lock = threading.Lock()
_switched_on = ExitStack()


def listen(listener: Listener) -> None:
    """From now on the listener is told; the first one switches the clock on."""
    global _listeners
    with _lock:
        if not _listeners:
            _switch_on()
        _listeners = (*_listeners, listener)


def leave(listener: Listener) -> None:
    """Ends what `listen` began; the last one switches the clock off."""
    global _listeners
    with _lock:
        _listeners = tuple(other for other in _listeners if other is not listener)
        if not _listeners:
            _switched_on.close()


def when_off(callback: Callable[[], None]) -> None:
    """Asks for a call when nobody listens any more: for what was made for listeners alone."""
    _switched_on.callback(callback)


def _switch_on() -> None:
    _here.telling = 0
    _switched_on.callback(_seen.clear)
    _switched_on.callback(stop_watching, _timed)
    watch_kernels(_timed, sees_plans=True)
    for device in devices.all_devices():
        if device.accumulate is not None:  # a kernel without an op: the walker's sums in place
            timed = timed_kernel(Work("accumulate", KERNEL, str(device)), device, device.accumulate)
            _switched_on.callback(_put_back, device, timed, device.accumulate)
            device.accumulate = timed


def _put_back(device: Device, timed: Kernel, kernel: Kernel) -> None:
    if device.accumulate is timed:  # somebody else may have exchanged it meanwhile
        device.accumulate = kernel


def _timed(op: Op, device: Device, kernel: Kernel) -> Kernel:
    return timed_kernel(Work(op.name, KERNEL, str(device)), device, kernel, op.several)


def timed_kernel(work: Work, device: Device, kernel: Kernel, several: bool = False) -> Kernel:
    """A kernel that reads the clock before and after.

    Args:
        several: whether it returns a list of arrays.
    """
    wait = getattr(device.package, "wait", _no_wait)

    def run(*arrays: Any, **attributes: Any) -> Any:
        wait(device.handle)  # for copies, above all: these are no part of it
        depth = len(_here.begun)
        begin(work)
        try:
            result = kernel(*arrays, **attributes)
            wait(device.handle)
        except BaseException:
            del _here.begun[depth:]
            raise
        end(arrays, result if several else (result,))
        return result

    return run


def _no_wait(handle: Any) -> None:
    """What a device computes at once needs no waiting for."""
