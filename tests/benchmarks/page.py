"""The page of the documentation with the results: sections, each written by a program of its own."""

import datetime
import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def write_section(text, page=PAGE):
    """Puts a section in the place of the one with the same heading, or at the end; the others stay as they are."""
    sections = re.split("^(?=#)", page.read_text(), flags=re.MULTILINE) if page.exists() else []
    sections = {section.partition("\n")[0]: section.strip() for section in sections if section.strip()}
    sections[text.partition("\n")[0]] = text.strip()
    page.write_text("\n\n".join(sections.values()) + "\n")


def origin(command, *packages):
    """Says when, where and with what a table was made."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    today = datetime.date.today().isoformat()
    return f"Made by `{command}` on {today}: {processor()}; Python {platform.python_version()}, {versions}."


def processor():
    """What the processor calls itself."""
    description = Path("/proc/cpuinfo")
    lines = description.read_text().splitlines() if description.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def pin_to_one_core():
    """Keeps the process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
