"""Traces: what ran when, for the viewers of trace events, https://ui.perfetto.dev and ``chrome://tracing``.

The file is JSON: an object whose list ``traceEvents`` has an object for each event. The fields, as the document "Trace
Event Format" of the Chromium project lays them down:

    ph      the phase: "X" for a complete event, with a begin and a duration; "M" for metadata, here threads' names
    name    what is written on it
    cat     its category: "kernel", "python", or of a traced function "tracing", "planning" and "call"
    ts      when it began, in microseconds since the profile did
    dur     how long it took, in microseconds
    pid     the process
    tid     the thread, counted from 1 here: each has a row of its own in the picture
    args    what is shown on a click: device, function, direction, line, arrays, bytes

Viewers draw one event inside of another where its time lies within the other's. The events stand in the order in which
they began.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from minitfe import dtypes
from minitfe.lines import BackwardLine, text_of
from minitfe.profiling.clock import KERNEL, Array, Event

if TYPE_CHECKING:
    from minitfe.profiling.profile import Thread


def trace(began: int, threads: Sequence[Thread]) -> str:
    """Returns the text of a trace file."""
    events = [(event, number) for number, thread in enumerate(threads, 1) for event in list(thread.events)]
    events.sort(key=lambda pair: (pair[0].begin, -pair[0].end))  # of two that begin together, the outer one first
    content = [*_names(threads), *(_complete(event, number, began) for event, number in events)]
    return json.dumps({"traceEvents": content, "displayTimeUnit": "ns"}, separators=(",", ":"))


def _names(threads: Sequence[Thread]) -> Iterator[dict[str, Any]]:
    """The threads' names."""
    for number, thread in enumerate(threads, 1):
        yield {"ph": "M", "name": "thread_name", "pid": os.getpid(), "tid": number, "args": {"name": thread.name}}


def _complete(event: Event, number: int, began: int) -> dict[str, Any]:
    return {
        "ph": "X",
        "name": event.work.name,
        "cat": event.work.kind,
        "ts": (event.begin - began) / 1000,
        "dur": (event.end - event.begin) / 1000,
        "pid": os.getpid(),
        "tid": number,
        "args": _arguments(event),
    }


def _arguments(event: Event) -> dict[str, Any]:
    told = {"line": event.where, "source": text_of(event.where)}
    if event.work.kind == KERNEL:
        told["device"] = event.work.device
        told["direction"] = "backward" if isinstance(event.where, BackwardLine) else "forward"
        told["arrays"] = signature(event)
    return {name: text for name, text in (told | {"function": event.function}).items() if text}


def signature(event: Event) -> str:
    """Dtypes and shapes of what goes in and comes out: ``'float32 (3,), float32 () -> float32 (3,)'``."""
    return f"{_listed(event.inputs)} -> {_listed(event.outputs)}".strip()


def _listed(arrays: Sequence[Array]) -> str:
    return ", ".join(f"{_dtype_name(dtype)} {tuple(shape)}" for dtype, shape, _ in arrays)


def _dtype_name(dtype: Any) -> str:
    return "string" if dtype.kind == "O" else dtypes.from_numpy(dtype).name
