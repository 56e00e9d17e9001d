"""A tape as a page: the graph drawn, with buttons that step through the record and back through the gradients.

The page is ``page.html`` with the story in it, as data. Nothing of it is markup: the script writes all texts as text,
so that a variable called ``<b>`` is shown as that. It loads nothing, and its content policy forbids that it could.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from minitfe import errors, lines
from minitfe.autodiff.pictures.layout import layout
from minitfe.autodiff.pictures.story import RESULT, Story

_PAGE = Path(__file__).with_name("page.html")
_PLACE = "{{ story }}"

_WIDTH, _HEIGHT = 190, 86  # of a node with the space around it, in pixels
_FEW_LINES = 300  # of a file shown in one piece; of longer ones, only what is around the lines that matter


def to_html(story: Story) -> str:
    """The page."""
    return _PAGE.read_text(encoding="utf-8").replace(_PLACE, as_data(asdict(story) | _drawing(story) | _program(story)))


def as_data(content: Any) -> str:
    r"""JSON that may stand in a script element: no text in it can end that.

    >>> as_data(["</script>"])
    '["\\u003c/script\\u003e"]'
    """
    text = json.dumps(content, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def write(path: str | os.PathLike[str], page: str) -> None:
    """Writes a page, whole or not at all.

    Raises:
        NotFoundError: where the folder does not exist.
        PermissionDeniedError: where the file cannot be written.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise errors.NotFoundError(f"{path}: there is no folder {str(path.parent)!r} to write the page to.")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        temporary.write_text(page, encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise errors.PermissionDeniedError(f"{path} could not be written: {error.strerror}.") from None


# --------------------------------------------------------------------------------------------------------- the drawing


def _drawing(story: Story) -> dict[str, Any]:
    """Where the nodes are, in pixels, and the path of each value's lines."""
    sources = [i for i, value in enumerate(story.values) if value.role != RESULT]
    nodes = {value: node for node, value in enumerate(sources)}
    for i, step in enumerate(story.steps):
        nodes.update(dict.fromkeys(step.outputs, len(sources) + i))
    uses = [(x, nodes[x], len(sources) + i) for i, step in enumerate(story.steps) for x in step.inputs]
    drawn = layout(len(sources) + len(story.steps), uses)
    left = min((x for x, _ in drawn.places), default=0.0) - 0.5
    right = max((x for line in [drawn.places, *_all_lines(drawn.lines)] for x, _ in line), default=0.0) + 0.5
    places = [[round((x - left) * _WIDTH), (layer * _HEIGHT) + _HEIGHT // 2] for x, layer in drawn.places]
    return {
        "sources": sources,
        "places": places,
        "lines": {value: " ".join(_path(line, left) for line in of_value) for value, of_value in drawn.lines.items()},
        "width": round((right - left) * _WIDTH),
        "height": (max((layer for _, layer in drawn.places), default=0) + 1) * _HEIGHT,
    }


def _all_lines(of_values: dict[int, list[list[tuple[float, int]]]]) -> Iterator[list[tuple[float, int]]]:
    for of_value in of_values.values():
        yield from of_value


def _path(line: list[tuple[float, int]], left: float) -> str:
    """A smooth line from point to point, in the language of SVG: it leaves each point downwards."""
    points = [((x - left) * _WIDTH, layer * _HEIGHT + _HEIGHT / 2) for x, layer in line]
    (x, y), *others = points
    parts = [f"M{x:.0f} {y:.0f}"]
    for next_x, next_y in others:
        middle = (y + next_y) / 2
        parts.append(f"C{x:.0f} {middle:.0f} {next_x:.0f} {middle:.0f} {next_x:.0f} {next_y:.0f}")
        x, y = next_x, next_y
    return "".join(parts)


# --------------------------------------------------------------------------------------------------------- the program


def _program(story: Story) -> dict[str, Any]:
    """The files that the operations are from, each with the lines to show."""
    numbers: dict[str, set[int]] = {}
    for step in story.steps:
        if step.where:
            filename, number = lines.split(step.where)
            numbers.setdefault(filename, set()).add(number)
    return {"program": [{"file": name, "lines": _excerpt(name, found)} for name, found in numbers.items()]}


def _excerpt(filename: str, numbers: set[int]) -> list[tuple[int, str]]:
    """The lines from the first to the last, or those around each where these are far apart."""
    first, last = min(numbers), max(numbers)
    if last - first > _FEW_LINES:
        numbers = {near for number in numbers for near in range(number - 3, number + 4)}
    else:
        numbers = set(range(first - 3, last + 4))
    found = ((number, lines.written(filename, number)) for number in sorted(numbers))
    return [(number, text.rstrip()) for number, text in found if text]
