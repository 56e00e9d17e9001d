"""The command line: ``minitfe run``, ``minitfe tour`` and others, or ``python -m minitfe tour``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from minitfe import devices, kernel_registry
from minitfe.coursework import command
from minitfe.graph.explain import explain
from minitfe.profile_script import profile_script
from minitfe.profiling.tables import ORDERS
from minitfe.run_script import run
from minitfe.tour import tour


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the command line and does what it says. Returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.command == "run":
        return run(options.program)  # whatever this raises is the program's own
    if options.command == "profile":
        return profile_script(options.program, options.sort, options.trace)
    try:
        return int(options.run(options))
    except (ImportError, OSError, ValueError) as error:
        print(f"minitfe {options.command}: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="minitfe", description="TensorFlow's eager execution in readable Python.")
    parser.add_argument("--version", action="version", version=f"minitfe {version('minitfe')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    touring = commands.add_parser(
        "tour", help="see a tape, train on handwritten digits, check the gradients (a few seconds)"
    )
    touring.add_argument(
        "--picture",
        type=Path,
        default=Path("loss_curve.png"),
        metavar="FILE",
        help="where to draw the loss curve (%(default)s)",
    )
    touring.set_defaults(run=lambda options: tour(options.picture))
    checking = commands.add_parser("check", help="check a student's file against a teacher's spec")
    command.add_arguments(checking)
    checking.set_defaults(run=command.check)
    drawing = commands.add_parser("graph", help="see what the passes make of a script's functions")
    drawing.add_argument("--explain", type=Path, required=True, metavar="SCRIPT", help="the script, which runs")
    drawing.add_argument("--dot", action="store_true", help="in the language of Graphviz, in place of text")
    drawing.add_argument("arguments", nargs="*", help="arguments of the script")
    drawing.set_defaults(run=lambda options: explain(options.explain, options.arguments, options.dot))
    running = commands.add_parser(
        "run",
        help="run a program that imports tensorflow",
        usage="minitfe run script.py [arguments of the script ...], or: minitfe run -m package.module [arguments ...]",
        add_help=False,
        prefix_chars="\0",  # nothing is an option here: all that follows belongs to the program
    )
    running.add_argument("program", nargs=argparse.REMAINDER)
    measuring = commands.add_parser(
        "profile",
        help="run a program and see where its time goes",
        usage="minitfe profile [-h] [--sort ORDER] [--trace FILE] script.py [arguments of the script ...]",
    )
    measuring.add_argument("--sort", choices=ORDERS, default="time", help="what comes first (%(default)s)")
    measuring.add_argument("--trace", metavar="FILE", help="also write what ran when, for https://ui.perfetto.dev")
    measuring.add_argument("program", nargs=argparse.REMAINDER, help="the script, and what it finds in sys.argv")
    listing = commands.add_parser("devices", help="list the devices that ops can run on")
    listing.set_defaults(run=lambda options: list_devices())
    return parser


def list_devices() -> int:
    """Prints every device with the kernel package that computes on it, and what the packages say of theirs."""
    for device in devices.all_devices():
        print(f"{device!s:<8} {device.name}  kernels: {device.package_name}")
    for name in kernel_registry.package_names():
        describe = getattr(kernel_registry.package(name), "describe_devices", list)
        for line in describe():
            print(f"{name}: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
