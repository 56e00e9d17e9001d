"""``tf.logging``: messages of a program, over Python's own logging, in the logger called "tensorflow".

Messages go to stderr, in the form ``INFO:tensorflow:text``, unless the program has set up Python's logging itself.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from functools import cache
from typing import Any

from minitfe.missing import explain as _explain

__all__ = [
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "WARN",
    "debug",
    "error",
    "fatal",
    "flush",
    "get_verbosity",
    "info",
    "log",
    "log_every_n",
    "log_first_n",
    "log_if",
    "set_verbosity",
    "vlog",
    "warn",
    "warning",
]

DEBUG, INFO, WARN, ERROR, FATAL = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL

# A message that the user's line asked for: ours are one, or two, further in.
_CALLER = 2

_counts: Counter[tuple[str, int]] = Counter()


@cache
def _logger() -> logging.Logger:
    """The logger, with a handler of its own where nobody has set up the root."""
    logger = logging.getLogger("tensorflow")
    if not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
        logger.addHandler(handler)
    return logger


def set_verbosity(v: int) -> None:
    """Says from which level on messages are shown: ``tf.logging.INFO``, for example. At first it is WARN.

    >>> tf.logging.set_verbosity(tf.logging.ERROR)
    >>> tf.logging.get_verbosity() == tf.logging.ERROR
    True

    TensorFlow: tf.logging.set_verbosity.
    """
    _logger().setLevel(_level(v))


def get_verbosity() -> int:
    """Returns the level from which on messages are shown."""
    return _logger().getEffectiveLevel()


def _level(level: Any) -> Any:
    if isinstance(level, bool) or not (isinstance(level, int) or level in ("DEBUG", "INFO", "WARN", "ERROR", "FATAL")):
        raise ValueError(f"{level!r} is no level of messages; tf.logging.INFO is one.")
    return level


def log(level: int, msg: str, *args: Any) -> None:
    """Writes a message of some level. Further arguments are put into it by ``%``.

    TensorFlow: tf.logging.log.
    """
    _logger().log(_level(level), msg, *args, stacklevel=_CALLER)


def debug(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes a message of level DEBUG."""
    _logger().debug(msg, *args, **_from_caller(kwargs))


def info(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes a message of level INFO."""
    _logger().info(msg, *args, **_from_caller(kwargs))


def warn(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes a message of level WARN."""
    _logger().warning(msg, *args, **_from_caller(kwargs))


def warning(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes a message of level WARN."""
    _logger().warning(msg, *args, **_from_caller(kwargs))


def error(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes a message of level ERROR."""
    _logger().error(msg, *args, **_from_caller(kwargs))


def fatal(msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes a message of level FATAL; the program goes on."""
    _logger().critical(msg, *args, **_from_caller(kwargs))


def _from_caller(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"stacklevel": _CALLER, **kwargs}


def vlog(level: int, msg: str, *args: Any, **kwargs: Any) -> None:
    """Writes a message of some level."""
    _logger().log(_level(level), msg, *args, **_from_caller(kwargs))


def log_if(level: int, msg: str, condition: Any, *args: Any) -> None:
    """Writes a message if a condition holds."""
    if condition:
        _logger().log(_level(level), msg, *args, stacklevel=_CALLER)


def log_every_n(level: int, msg: str, n: int, *args: Any) -> None:
    """Writes a message the first time that the program comes by this line, and every n-th time after that."""
    if _times_here() % _count(n) == 0:
        _logger().log(_level(level), msg, *args, stacklevel=_CALLER)


def log_first_n(level: int, msg: str, n: int, *args: Any) -> None:
    """Writes a message the first n times that the program comes by this line."""
    if _times_here() < _count(n):
        _logger().log(_level(level), msg, *args, stacklevel=_CALLER)


def _count(n: Any) -> int:
    if not isinstance(n, int) or n < 1:
        raise ValueError(f"n must be a whole number from 1 on, not {n!r}")
    return n


def _times_here() -> int:
    """How often the user's line was met before."""
    frame = sys._getframe(2)
    place = frame.f_code.co_filename, frame.f_lineno
    _counts[place] += 1
    return _counts[place] - 1


def flush() -> None:
    """Writes out what handlers keep back."""
    for handler in _logger().handlers:
        handler.flush()


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.logging"))
