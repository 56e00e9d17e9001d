"""Runs the benchmarks and prints a table: each case in a process of its own, whose memory no other case has touched."""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import torch

import minitfe as tf

from .cases import CASES
from .timing import check, time_in_turn

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"

TEXT = """# Benchmarks

How long minitfe takes for the same work as other libraries, in eager execution, with gradients. The ratio is its time
over the peer's, and the bar is what the project wants that to be at most. All run on one thread of one core, in turn;
the times are medians. Values and gradients of all peers were compared before they were timed.

{table}

Made by `{command}` on {date}: {processor}; Python {python}, {versions}.

On Linux, importing minitfe makes the C library keep freed arrays for re-use (`MINITFE_KEEP_MEMORY=0` switches that
off). That holds for the whole process, so the peers are timed with it, too.
"""


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    cases = ", ".join(CASES)
    parser.add_argument("names", nargs="*", choices=[[], *CASES], metavar="case", help=f"{cases}; all if none is named")
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE.relative_to(PAGE.parents[1])}")
    parser.add_argument("--in-this-process", action="store_true", help="print the times of one case as JSON")
    arguments = parser.parse_args()
    if arguments.in_this_process:
        print(json.dumps(measure(arguments.names[0])))
        return
    table = "\n".join(rows({name: in_fresh_process(name) for name in arguments.names or CASES}))
    print(table)
    if arguments.write:
        PAGE.write_text(page(table))


def measure(name):
    """The times of the peers in one case."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    tf.enable_eager_execution()
    peers = CASES[name].make()
    check(peers)
    return time_in_turn(peers)


def in_fresh_process(name):
    command = [sys.executable, "-m", "tests.benchmarks", name, "--in-this-process"]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def rows(times):
    """The lines of the table."""
    yield "| work | minitfe | peer | its time | ratio | bar | |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | --- |"
    for name, seconds in times.items():
        ours = seconds["minitfe"]
        for peer, bar in CASES[name].bars.items():
            ratio = ours / seconds[peer]
            verdict = "met" if ratio <= bar else "missed"
            yield (
                f"| {CASES[name].title} | {1e3 * ours:.3f} ms | {peer} | {1e3 * seconds[peer]:.3f} ms"
                f" | {ratio:.2f} | {bar} | {verdict} |"
            )


def page(table):
    """The page for the documentation: the table, and where it was made."""
    return TEXT.format(
        table=table,
        command="python -m tests.benchmarks --write",
        date=datetime.date.today().isoformat(),
        processor=processor(),
        python=platform.python_version(),
        versions=", ".join(f"{name} {version(name)}" for name in ("minitfe", "numpy", "torch", "mygrad", "autograd")),
    )


def processor():
    """What the processor calls itself."""
    description = Path("/proc/cpuinfo")
    lines = description.read_text().splitlines() if description.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
