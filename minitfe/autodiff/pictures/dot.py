"""A tape in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from minitfe.autodiff.pictures.story import RESULT, VARIABLE, Story


def to_dot(story: Story) -> str:
    """The graph: an ellipse for each source, a box for each operation, an edge for each use of a value."""
    return "\n".join(["digraph tape {", "  node [fontname=sans, fontsize=11]", *_nodes(story), *_edges(story), "}", ""])


def quoted(text: str) -> str:
    r"""A text between quotation marks, with nothing in it that ends it.

    >>> print(quoted('say "hi"'))
    "say \"hi\""
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _nodes(story: Story) -> Iterator[str]:
    for i, value in enumerate(story.values):
        if value.role != RESULT:
            style = ", style=filled, fillcolor=lightyellow" if value.role == VARIABLE else ""
            yield f"  v{i} [shape=ellipse, label={_label(value.name, value.kind)}{style}]"
    for i, step in enumerate(story.steps):
        results = [f"{story.values[y].name}: {story.values[y].kind}" for y in step.outputs]
        tooltip = f", tooltip={quoted(f'{step.where} {step.line}')}" if step.where else ""
        yield f"  s{i} [shape=box, label={_label(step.op, *results)}{tooltip}]"


def _label(*lines: str) -> str:
    return quoted("\n".join(lines))


def _edges(story: Story) -> Iterator[str]:
    makers = {y: f"s{i}" for i, step in enumerate(story.steps) for y in step.outputs}
    for i, step in enumerate(story.steps):
        for x in step.inputs:
            yield f"  {makers.get(x, f'v{x}')} -> s{i} [label={quoted(story.values[x].name)}, fontsize=9]"
