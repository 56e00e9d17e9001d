"""``minitfe profile script.py``: runs a program, and then says where its time went.

The program runs as under ``minitfe run``, in one large ``with tf.profile()``: with its own arguments, and with its exit
code and traceback. The tables come when it ends, in whatever way.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from minitfe import run_script
from minitfe.errors import OpError
from minitfe.profiling.profile import Profile


def profile_script(arguments: Sequence[str], sort: str = "time", trace: str | None = None) -> int:
    """Runs a script, prints tables of its kernels, and returns the exit code.

    Args:
        arguments: as for `run_script.run`: the script's path, and what it shall find in sys.argv.
        sort: what the table of kernels begins with the most of: "time", "calls" or "bytes".
        trace: a file for trace events, if that is wanted.

    Raises:
        BaseException: what the program raises.
    """
    measured = Profile(show=False)
    try:
        with measured:
            code = run_script.run(arguments)
    except BaseException:
        _tell(measured, sort, trace)
        raise
    return code or _tell(measured, sort, trace)


def _tell(measured: Profile, sort: str, trace: str | None) -> int:
    print(f"\n{measured.table(sort)}")
    if trace is None:
        return 0
    try:
        measured.save_trace(trace)
    except OpError as error:  # the program's own exit code is worth more than this
        print(f"minitfe profile: {error}", file=sys.stderr)
        return 1
    print(f"\nWhat ran when is in {trace}: open it in https://ui.perfetto.dev.")
    return 0
