"""Runs all checkers on all cases and prints how often each is wrong; see docs/gradcheck_benchmark.rst."""

import argparse
import csv
import datetime
import platform
import secrets
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .cases import cases
from .checkers import available

DOCS = Path(__file__).parents[2] / "docs"
TABLE, WHERE = DOCS / "gradcheck_benchmark.csv", DOCS / "gradcheck_benchmark_run.rst"
SEEDS = (11, 12, 13, 14)
DTYPES = ("float64", "float32")
PEERS_EVERY = 3  # the others, of which torch takes long, are asked about each third case of the first seed
BARS = {"false alarms": 0.01, "missed": 0.005, "undecided": 0.05}


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.gradcheck_bench", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="draw new seeds, that no default was tuned on")
    parser.add_argument("--only", help="run one checker: minitfe, for instance")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many seeds to run")
    parser.add_argument("--write", action="store_true", help=f"write the table to {DOCS.name}/{TABLE.name}")
    arguments = parser.parse_args()
    seeds = [secrets.randbelow(2**31) for _ in SEEDS] if arguments.fresh else SEEDS
    names = [name for name in available() if arguments.only in (None, name)]
    with ProcessPoolExecutor(len(DTYPES)) as pool:
        counts = dict(zip(DTYPES, pool.map(partial(measure, names, seeds=seeds[: arguments.seeds]), DTYPES)))
    rows = [row(name, dtype, counts[dtype][name]) for dtype in DTYPES for name in names]
    for line in rows:
        print("  ".join(line))
    if arguments.write:
        write(rows, seeds[: arguments.seeds])
    missed = [f"{dtype}: {bar}" for dtype in DTYPES for bar in missed_bars(counts[dtype].get("minitfe"))]
    raise SystemExit(f"bars missed: {missed}" if missed else 0)


def measure(names, dtype, seeds):
    """For each checker, how often right and wrong rules got which verdict."""
    checkers, counts = available(), {name: Counter() for name in names}
    for seed in seeds:
        for i, case in enumerate(tqdm(list(cases(dtype, seed)), desc=f"{dtype}, seed {seed}", disable=None)):
            for name in names:
                if name == "minitfe" or (seed == seeds[0] and i % PEERS_EVERY == 0):
                    counts[name][case.is_right, answered(checkers[name], case)] += 1
    return counts


def answered(check, case):
    """A checker's verdict; numpy's warnings of overflow are its own business."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return check(case)


def rates(count):
    """What is counted: the name, how often, and of how many."""
    right = sum(n for (is_right, _), n in count.items() if is_right)
    wrong = sum(n for (is_right, _), n in count.items() if not is_right)
    undecided = count[True, "undecided"] + count[False, "undecided"]
    alarms = right - count[True, "pass"] - count[True, "undecided"]  # an error raised for a right rule is one, too
    return {
        "false alarms": (alarms, right),
        "missed": (count[False, "pass"], wrong),
        "undecided": (undecided, right + wrong),
    }


def missed_bars(count):
    """The bars that minitfe's own checker does not meet."""
    return [name for name, (n, of) in rates(count).items() if n > BARS[name] * of] if count else []


def interval(n, of):
    """Wilson's 95% confidence interval of a rate: it holds for rates near 0, too."""
    z = 1.96
    centre, spread = (n + z * z / 2) / (of + z * z), z * np.sqrt(n * (of - n) / of + z * z / 4) / (of + z * z)
    return max(centre - spread, 0.0), centre + spread


def row(name, dtype, count):
    """A line of the table."""
    cells = [text(n, of) for n, of in rates(count).values()]
    right, wrong = (of for _, of in list(rates(count).values())[:2])
    return [name, dtype, str(right), str(wrong), *cells]


def text(n, of):
    """A rate with its confidence interval, in percent."""
    low, high = interval(n, of)
    return f"{100 * n / of:.2f} ({100 * low:.2f} to {100 * high:.2f})"


def write(rows, seeds):
    """Writes the table and the line below it."""
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(["checker", "dtype", "right rules", "planted faults", *(f"{bar}, %" for bar in BARS)])
        writer.writerows(rows)
    versions = ", ".join(f"{name} {installed(name)}" for name in ("minitfe", "numpy", "torch"))
    date = datetime.date.today().isoformat()
    WHERE.write_text(
        f"Made by ``python -m tests.gradcheck_bench --write`` on {date}: seeds {', '.join(map(str, seeds))};"
        f" Python {platform.python_version()}, {versions}.\n",
        encoding="utf-8",
    )


def installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    main()
