"""Coordinators: several threads that end together, and hand on what went wrong in one of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from minitfe import errors


class Coordinator:
    """Tells a group of threads when to stop.

    Each thread asks `should_stop` now and then. Whoever has reason to, asks all to stop, and `join` waits for them.

    Args:
        clean_stop_exception_types: exceptions that mean a regular end; `tf.errors.OutOfRangeError` by default.

    >>> import threading
    >>> coordinator, steps = tf.train.Coordinator(), []
    >>> def work():
    ...     while not coordinator.should_stop():
    ...         steps.append(1)
    ...         if len(steps) == 3:
    ...             coordinator.request_stop()
    >>> thread = threading.Thread(target=work)
    >>> thread.start()
    >>> coordinator.join([thread])
    >>> len(steps)
    3

    TensorFlow: tf.train.Coordinator.
    """

    def __init__(self, clean_stop_exception_types: Any = None) -> None:
        self._clean = (errors.OutOfRangeError,) if clean_stop_exception_types is None else clean_stop_exception_types
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._failure: BaseException | None = None
        self._threads: list[threading.Thread] = []

    def should_stop(self) -> bool:
        """Says whether the threads were asked to stop."""
        return self._stop.is_set()

    def request_stop(self, ex: Any = None) -> None:
        """Asks the threads to stop.

        Args:
            ex: an exception, for `join` to raise unless it means a regular end; also as ``sys.exc_info()`` has it.
        """
        failure = ex[1] if isinstance(ex, tuple) else ex
        with self._lock:
            if failure is not None and self._failure is None and not isinstance(failure, tuple(self._clean)):
                self._failure = failure
            self._stop.set()

    def clear_stop(self) -> None:
        """Makes it as it was before anyone asked to stop."""
        with self._lock:
            self._failure = None
            self._stop.clear()

    def wait_for_stop(self, timeout: float | None = None) -> bool:
        """Waits until the threads are asked to stop; returns whether they were."""
        return self._stop.wait(timeout)

    @contextmanager
    def stop_on_exception(self) -> Iterator[None]:
        """A scope for the work of a thread: an exception in it asks all threads to stop, and `join` raises it."""
        try:
            yield
        except Exception as error:
            self.request_stop(error)

    def register_thread(self, thread: threading.Thread) -> None:
        """Adds a thread for `join` to wait for."""
        self._threads.append(thread)

    def raise_requested_exception(self) -> None:
        """Raises the exception with which the threads were asked to stop, if there is one."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def join(
        self,
        threads: Iterable[threading.Thread] | None = None,
        stop_grace_period_secs: float = 120,
        ignore_live_threads: bool = False,
    ) -> None:
        """Waits until all threads have ended.

        Args:
            threads: further threads beside those that were registered.
            stop_grace_period_secs: how long they may take after they were asked to stop.
            ignore_live_threads: whether it does not matter if some take longer.

        Raises:
            RuntimeError: where threads run on after that time. What `request_stop` was given comes first.
        """
        waited_for = [*self._threads, *(threads or ())]
        while not self._stop.is_set() and any(thread.is_alive() for thread in waited_for):
            self._stop.wait(0.1)
        end = time.monotonic() + stop_grace_period_secs
        for thread in waited_for:
            thread.join(max(0.0, end - time.monotonic()))
        self.raise_requested_exception()
        running = [thread.name for thread in waited_for if thread.is_alive()]
        if running and not ignore_live_threads:
            raise RuntimeError(f"Coordinator stopped with threads still running: {' '.join(running)}")


def start_queue_runners(
    sess: Any = None, coord: Coordinator | None = None, daemon: bool = True, start: bool = True, collection: Any = None
) -> list[threading.Thread]:
    """Returns an empty list: there are no input queues, and datasets need no threads to be started for them.

    >>> tf.train.start_queue_runners(coord=tf.train.Coordinator())
    []

    TensorFlow: tf.train.start_queue_runners.
    """
    return []
