"""Runs the benchmarks and prints a table: each case in a process of its own, whose memory no other case has touched."""

import argparse
import json
import os
import subprocess
import sys

import torch

import minitfe as tf

from . import cases, opencl_cases
from .opencl_cases import Unavailable
from .page import PAGE, origin, pin_to_one_core, write_section
from .timing import check, time_in_turn

CASES = {**cases.CASES, **opencl_cases.CASES}

TEXT = """# Benchmarks

How long minitfe takes for the same work as other libraries, in eager execution, with gradients. The ratio is its time
over the peer's, and the bar is what the project wants that to be at most. All run on one thread of one core, in turn;
the times are medians. Values and gradients of all peers were compared before they were timed.

{table}

{origin}

On Linux, importing minitfe makes the C library keep freed arrays for re-use (`MINITFE_KEEP_MEMORY=0` switches that
off). That holds for the whole process, so the peers are timed with it, too.
"""


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = ", ".join(CASES)
    parser.add_argument("names", nargs="*", choices=[[], *CASES], metavar="case", help=f"{names}; all if none is named")
    parser.add_argument("--opencl", action="store_true", help="run the cases of the OpenCL kernels alone")
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE.relative_to(PAGE.parents[1])}")
    parser.add_argument("--in-this-process", action="store_true", help="print the times of one case as JSON")
    arguments = parser.parse_args()
    if arguments.in_this_process:
        print(json.dumps(measure(arguments.names[0])))
        return
    names = arguments.names or (opencl_cases.CASES if arguments.opencl else CASES)
    table = "\n".join(rows({name: in_fresh_process(name) for name in names}))
    print(table)
    if arguments.write:
        command, packages = "python -m tests.benchmarks --write", ("minitfe", "numpy", "torch", "mygrad", "autograd")
        write_section(TEXT.format(table=table, origin=origin(command, *packages)))


def measure(name):
    """The times of the peers in one case; or why there are none."""
    pin_to_one_core()
    torch.set_num_threads(1)
    tf.enable_eager_execution()
    try:
        peers = CASES[name].make()
    except Unavailable as reason:
        return {"skipped": str(reason)}
    check(peers)
    return time_in_turn(peers)


def in_fresh_process(name):
    command = [sys.executable, "-m", "tests.benchmarks", name, "--in-this-process"]
    # Where there is no GPU, OpenCL runs on the processor, and on one thread like all others.
    environment = {"MINITFE_OPENCL": "all", "POCL_MAX_PTHREAD_COUNT": "1"} if name in opencl_cases.CASES else {}
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={**os.environ, **environment})
    return json.loads(run.stdout)


def rows(times):
    """The lines of the table."""
    yield "| work | minitfe | peer | its time | ratio | bar | |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | --- |"
    for name, seconds in times.items():
        if "skipped" in seconds:
            yield f"| {CASES[name].title} | | | | | | skipped: {seconds['skipped']} |"
            continue
        ours = seconds["minitfe"]
        for peer, bar in CASES[name].bars.items():
            if peer not in seconds:
                yield f"| {CASES[name].title} | {1e3 * ours:.3f} ms | {peer} | | | {bar} | skipped: not installed |"
                continue
            ratio = ours / seconds[peer]
            verdict = "met" if ratio <= bar else "missed"
            yield (
                f"| {CASES[name].title} | {1e3 * ours:.3f} ms | {peer} | {1e3 * seconds[peer]:.3f} ms"
                f" | {ratio:.2f} | {bar} | {verdict} |"
            )


if __name__ == "__main__":
    main()
