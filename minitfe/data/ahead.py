"""Work ahead of the consumer: threads that compute what will be asked for next.

Order and values never depend on the threads: elements are given in the order of the source, and random ops draw by the
number of the element. Errors wait for their turn too; they are raised where the consumer takes the element that failed,
with the traceback of the thread.

A thread must end when nobody wants its elements any more. The consumer holds a generator; the thread holds only the
buffer. When the generator is closed, or nobody holds it any longer, its ``finally`` stops the thread.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from typing import Any

from minitfe.data.elements import Element, from_result
from minitfe.data.stages import Elements

# ------------------------------------------------------------------------------------------------------------ prefetch


class Buffer:
    """A few elements between a thread that fills it and a consumer that empties it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.outcomes: deque[tuple[Any, BaseException | None]] = deque()
        self.changed = threading.Condition()
        self.stopped = False

    def fill(self, source: Elements) -> None:
        """What the thread does: takes elements while there is room. The end, like any error, is what comes last."""
        try:
            while self._has_room():
                self._put(next(source), None)
        except BaseException as error:
            self._put(None, error)

    def _has_room(self) -> bool:
        with self.changed:
            self.changed.wait_for(lambda: self.stopped or len(self.outcomes) < self.size)
            return not self.stopped

    def _put(self, element: Element, error: BaseException | None) -> None:
        with self.changed:
            self.outcomes.append((element, error))
            self.changed.notify_all()

    def take(self) -> tuple[Element, BaseException | None]:
        """Waits for the next element, or the error that came in its place, and removes it."""
        with self.changed:
            self.changed.wait_for(lambda: self.outcomes)
            outcome = self.outcomes.popleft()
            self.changed.notify_all()
            return outcome

    def stop(self) -> None:
        """Lets the thread end."""
        with self.changed:
            self.stopped = True
            self.changed.notify_all()


def prefetched(source: Elements, size: int) -> Elements:
    """The elements of a source that a thread takes them from, up to ``size`` ahead of the consumer."""
    buffer = Buffer(size)
    # A daemon: Python may exit while an iterator is still held and its thread waits for room.
    thread = threading.Thread(
        target=copy_context().run, args=(buffer.fill, source), name="minitfe prefetch", daemon=True
    )
    thread.start()
    del source  # it belongs to the thread
    try:
        while True:
            element, error = buffer.take()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield element
    finally:
        buffer.stop()
        error = None  # its traceback holds this frame


# -------------------------------------------------------------------------------------------------------- parallel map


def mapped_in_parallel(
    source: Elements, functions: list[Callable[[int, Element], Any]], start: int
) -> Iterator[Element]:
    """What a function makes of each element, several at a time.

    Args:
        source: the elements.
        functions: the same function in as many contexts as there may be calls at once.
        start: the number of the first element.
    """
    pool = ThreadPoolExecutor(len(functions), thread_name_prefix="minitfe map")
    results = _submitted(pool, source, functions, start)
    try:
        pending = deque(islice(results, len(functions)))
        while pending:
            element = pending.popleft().result()
            pending.extend(islice(results, 1))
            yield element
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _submitted(
    pool: ThreadPoolExecutor, source: Elements, functions: list[Callable[[int, Element], Any]], start: int
) -> Iterator[Future[Element]]:
    """The results to come, in the order of the source; an error of the source is a result like any other."""
    try:
        for number, element in enumerate(source, start):
            # Its predecessor in this context is done: no more are ever pending than there are contexts.
            yield pool.submit(_result, functions[number % len(functions)], number, element)
    except Exception as error:
        failed: Future[Element] = Future()
        failed.set_exception(error)
        yield failed


def _result(function: Callable[[int, Element], Any], number: int, element: Element) -> Element:
    return from_result(function(number, element))
