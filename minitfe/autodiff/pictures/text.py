"""A tape as text: a line for each operation, as one would write it by hand."""

from __future__ import annotations

from collections.abc import Iterator

from minitfe.autodiff.pictures.story import RESULT, Arrival, Step, Story


def to_text(story: Story) -> str:
    """The record, and the way back where the story tells it."""
    return "\n".join([*_forward(story), *_backward(story)])


def call(step: Step) -> str:
    """An operation as the call it was: ``reduce_sum(t1, axis=0)``."""
    return f"{step.op}({', '.join([*step.arguments, *filter(None, [step.attributes])])})"


def _forward(story: Story) -> Iterator[str]:
    for value in story.values:
        if value.role != RESULT:
            known = f" = {value.text}" if value.text else ""
            yield f"{value.role}  {value.name}: {value.kind}{known}"
    width = len(str(len(story.steps)))
    before = ""
    for number, step in enumerate(story.steps, 1):
        if step.where != before:
            yield f"{step.where}  {step.line}".rstrip()
            before = step.where
        values = [story.values[i] for i in step.outputs]
        names = ", ".join(value.name for value in values)
        results = ", ".join(f"{value.kind} = {value.text}" for value in values)
        yield f"{number:{width}}  {names} = {call(step)}: {results}"


def _backward(story: Story) -> Iterator[str]:
    if not story.starts:
        return
    width = len(str(len(story.steps)))
    yield f"backward from {', '.join(story.values[start.value].name for start in story.starts)}"
    for start in story.starts:
        yield f"{'':{width}}  gradient of {story.values[start.value].name} = {start.total}"
    for back in story.backward:
        arrivals = "; ".join(_arrival(story, arrival) for arrival in back.arrivals) or "no gradient goes further"
        yield f"{back.step + 1:{width}}  {story.steps[back.step].op}: {arrivals}"


def _arrival(story: Story, arrival: Arrival) -> str:
    total = f", now {arrival.total}" if arrival.total != arrival.share else ""
    return f"gradient of {story.values[arrival.value].name} += {arrival.share}{total}"
