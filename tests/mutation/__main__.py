"""Changes every gradient rule in every way, and says which changes no test notices."""

import argparse
import time
from collections import Counter

import minitfe as tf

tf.enable_eager_execution()  # before the tests are imported, as conftest.py does

from .checks import sweeps, targeted  # noqa: E402
from .experiment import all_changes, calling, listed, observe, try_changes  # noqa: E402
from .subjects import subjects  # noqa: E402


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", default="", help="only rules whose name has this in it, such as ops.math")
    arguments = parser.parse_args()
    began = time.perf_counter()
    every, checks = subjects(), [*sweeps(), *targeted()]
    failures = observe(checks, every, progress=True)
    chosen = [subject for subject in every if arguments.only in subject.identifier]
    sound = calling(check for check in checks if check not in failures)
    outcomes = list(try_changes(all_changes(chosen), sound, progress=True))
    print_tables(chosen, outcomes)
    complaints = [*unsound(failures), *differences(outcomes, arguments.only)]
    print(*complaints, f"{time.perf_counter() - began:.0f} s", sep="\n")
    raise SystemExit(bool(complaints))


def print_tables(chosen, outcomes):
    """How many changes were noticed, by module and by kind, and how long it took."""
    for title, name_of in (("module", lambda o: o.subject.module), ("kind", lambda o: o.change.kind)):
        print(f"\n{title:28} changes  noticed  survived  seconds")
        for name in sorted({name_of(outcome) for outcome in outcomes}):
            print(line(name, [outcome for outcome in outcomes if name_of(outcome) == name]))
    roles = Counter(subject.role for subject in chosen)
    print("\n" + line(f"{roles['partial'] + roles['whole']} rules, {roles['helper']} helpers", outcomes))
    compared = sum((outcome.reason or "").startswith("AssertionError") for outcome in outcomes)
    print(f"{compared} were noticed by a comparison, the others by an error that is raised")


def line(name, outcomes):
    """A line of a table."""
    survived = sum(outcome.killer is None for outcome in outcomes)
    seconds = sum(outcome.seconds for outcome in outcomes)
    return f"{name:28}{len(outcomes):8}{len(outcomes) - survived:9}{survived:10}{seconds:9.1f}"


def unsound(failures):
    """Checks that fail before anything is changed say nothing."""
    return [f"fails as it is: {check.name}: {reason[:150]}" for check, reason in failures.items()]


def differences(outcomes, only):
    """Where the survivors are not those that are listed."""
    survivors, known = {outcome.identifier for outcome in outcomes if outcome.killer is None}, listed()
    gone = [survivor for survivor in known if survivor not in survivors and only in survivor.split(":")[0]]
    return [
        *(f"nothing notices {survivor}" for survivor in sorted(survivors - set(known))),
        *(f"listed, but noticed or gone: {survivor}" for survivor in gone),
    ]


if __name__ == "__main__":
    main()
