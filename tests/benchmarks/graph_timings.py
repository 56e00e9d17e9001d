"""Times one function three ways: eagerly, in a session, and as a defun. ``python -m tests.benchmarks.graph_timings``

The function is a chain of `ops` operations on vectors of `size` numbers, with or without its gradient. All three ways
take turns in each round, so that whatever else the machine does meets them alike, and all that is reported are ratios
to eager execution in the same run. What tracing costs, once, is timed as well.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from statistics import median

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe

from . import timing
from .page import origin, pin_to_one_core

DOCS = Path(__file__).parents[2] / "docs"
TABLE = DOCS / "graph_timings.csv"
PICTURE = DOCS / "static" / "graph_timings.svg"
ORIGIN = DOCS / "graph_timings_run.rst"
COMMAND = "python -m tests.benchmarks.graph_timings --write"

OPS = (1, 4, 16, 64, 256)
SIZES = (10, 10_000, 1_000_000)
MOST = 10**8
"""Operations times size: what would take longer is left out."""

COLUMNS = ("work", "ops", "size", "eager", "session", "defun", "tracing", "pays after")


def chain(x, ops):
    """A function of so many operations, none of which can be left out."""
    for i in range(ops):
        x = tf.tanh(x) if i % 2 else x * 0.5
    return x


def value(ops):
    """The chain."""
    return lambda x: chain(x, ops)


def gradient(ops):
    """The gradient of its sum, by a tape."""

    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = chain(x, ops)
        return tape.gradient(y, x)

    return slope


def symbolic_gradient(x, ops):
    """The same, as operations of a session's graph."""
    return tf.gradients(chain(x, ops), x)[0]


WORK = {"value": (value, chain), "gradient": (gradient, symbolic_gradient)}


def peers(work, ops, size):
    """The three ways to do some work, as functions of nothing."""
    make, in_graph = WORK[work]
    array = np.random.default_rng(0).normal(size=size).astype("f")
    x, function = tf.constant(array), make(ops)
    traced = tfe.defun(function)
    with tf.Graph().as_default() as graph:
        fed = tf.placeholder(tf.float32, [size])
        wanted = in_graph(fed, ops)
    run = tf.Session(graph=graph).make_callable(wanted, [fed])
    return {
        "eager": lambda: [function(x)],
        "session": lambda: [run(array)],
        "defun": lambda: [traced(x)],
    }


def tracing(work, ops, size):
    """Seconds for a first call: tracing, passes, plan and one run."""
    x = tf.zeros([size])
    times = []
    for _ in range(3):
        traced = tfe.defun(WORK[work][0](ops))
        start = time.perf_counter()
        traced(x)
        times.append(time.perf_counter() - start)
    return median(times)


def measure(work, ops, size, rounds):
    """A row of the table."""
    ways = peers(work, ops, size)
    timing.check(ways)
    seconds = timing.time_in_turn(ways, rounds)
    first = tracing(work, ops, size)
    saved = seconds["eager"] - seconds["defun"]
    return {
        "work": work,
        "ops": ops,
        "size": f"{size:,}",
        "eager": f"{1e6 * seconds['eager']:.1f} µs",
        "session": f"{seconds['session'] / seconds['eager']:.2f}",
        "defun": f"{seconds['defun'] / seconds['eager']:.2f}",
        "tracing": f"{1e3 * first:.1f} ms",
        "pays after": f"{first / saved:,.0f} calls" if saved > 0 else "never",
    }


def in_fresh_process(work, ops, size, rounds):
    """A row, measured in a process whose memory no other has touched."""
    arguments = [work, str(ops), str(size), "--rounds", str(rounds)]
    command = [sys.executable, "-m", "tests.benchmarks.graph_timings", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment).stdout)


def write(rows, rounds):
    """Writes the table and a sentence on where it is from, for docs/graph_timings.rst."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    command = f"{COMMAND} --rounds {rounds}"
    ORIGIN.write_text(origin(command, "minitfe", "numpy").replace("`", "``") + "\n", encoding="utf-8")
    draw(rows)


def draw(rows):
    """Draws the ratios over the number of operations: a panel for each work, a colour for each size."""
    figure, panels = plt.subplots(1, len(WORK), figsize=(10, 4), layout="constrained", sharey=True)
    for panel, work in zip(panels, WORK):
        for number, size in enumerate(SIZES):
            shown = [row for row in rows if row["work"] == work and row["size"] == f"{size:,}"]
            for way, line in (("defun", "o-"), ("session", "s:")):
                ratios = [float(row[way]) for row in shown]
                panel.plot([row["ops"] for row in shown], ratios, line, color=f"C{number}", label=f"{way}, {size:,}")
        panel.axhline(1.0, color="black", linewidth=0.8)
        panel.set(xscale="log", yscale="log", title=work, xlabel="operations")
        panel.set_xticks(OPS, OPS)
        panel.set_xticks([], minor=True)
    panels[0].set_ylabel("time / time of eager execution")
    panels[-1].legend(fontsize=8)
    plt.rcParams.update({"svg.hashsalt": "graph timings", "svg.fonttype": "none"})  # same figures, same picture
    figure.savefig(PICTURE, metadata={"Date": None})


def main():
    """Measures one row for each work, number of ops and size; or, in a process of its own, the one that is named."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.graph_timings", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table to docs/graph_timings.csv")
    parser.add_argument("--rounds", type=int, default=timing.ROUNDS, help="turns of each way (%(default)s)")
    parser.add_argument("one", nargs="*", metavar="WORK OPS SIZE", help="one row alone, printed as JSON")
    arguments = parser.parse_args()
    if arguments.one:
        work, ops, size = arguments.one
        pin_to_one_core()
        tf.enable_eager_execution()
        print(json.dumps(measure(work, int(ops), int(size), arguments.rounds)))
        return
    rows = []
    for work, size, ops in product(WORK, SIZES, OPS):
        if ops * size <= MOST:
            rows.append(in_fresh_process(work, ops, size, arguments.rounds))
            print(*rows[-1].values(), sep="; ", flush=True)
    if arguments.write:
        write(rows, arguments.rounds)


if __name__ == "__main__":
    main()
