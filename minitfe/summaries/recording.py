"""When summaries are recorded: never, unless a scope says otherwise.

A training loop takes thousands of steps, and nobody looks at all of them. The code of a model records what is of
interest each time it runs; the scope around it decides which of these calls count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from minitfe.context import outside
from minitfe.ops import arguments
from minitfe.train.global_step import get_or_create_global_step

Decide = Callable[[], bool]


def _never() -> bool:
    return False


def _always() -> bool:
    return True


_decide: ContextVar[Decide] = ContextVar("record_summaries", default=_never)


def should_record_summaries() -> bool:
    """Says whether summaries are recorded at this moment, given a writer.

    >>> with tf.contrib.summary.always_record_summaries():
    ...     tf.contrib.summary.should_record_summaries()
    True
    """
    return _decide.get()()


def deciding_now() -> Decide:
    """What decides at this moment, to be asked later."""
    return _decide.get()


@contextmanager
def _deciding(decide: Decide) -> Iterator[None]:
    token = _decide.set(decide)
    try:
        yield
    finally:
        _decide.reset(token)


def always_record_summaries() -> Any:
    """A scope in which all summaries are recorded.

    >>> with tf.contrib.summary.always_record_summaries():
    ...     tf.contrib.summary.scalar('loss', 0.5)
    """
    return _deciding(_always)


def never_record_summaries() -> Any:
    """A scope in which no summaries are recorded.

    >>> with tf.contrib.summary.never_record_summaries():
    ...     tf.contrib.summary.scalar('loss', 0.5)
    """
    return _deciding(_never)


def record_summaries_every_n_global_steps(n: int, global_step: Any = None) -> Any:
    """A scope in which summaries are recorded at each n-th step.

    It goes by the step at which a summary is recorded, as from TensorFlow 1.12 on, so that a training loop may run
    inside of the scope. In 1.10 it went by the step at which the scope began.

    Args:
        n: how many steps from one to the next.
        global_step: the variable that counts steps; the global step if left out.

    Raises:
        ValueError: where n is not positive.

    >>> step = tf.train.get_or_create_global_step()
    >>> with tf.contrib.summary.record_summaries_every_n_global_steps(100):
    ...     tf.contrib.summary.scalar('loss', 0.5)

    TensorFlow: tf.contrib.summary.record_summaries_every_n_global_steps.
    """
    period = arguments.integer(n, "n")
    if period < 1:
        raise ValueError(f"n must be a positive number of steps, not {period}.")
    if global_step is None and outside() is not None:
        global_step = get_or_create_global_step()  # of the graph under construction, which is another one when it runs
    return _deciding(lambda: step_number(global_step) % period == 0)


def step_number(step: Any) -> int:
    """Reads a step from a number, a tensor or a variable; the global step's number where it is None."""
    return arguments.integer(get_or_create_global_step() if step is None else step, "step")
