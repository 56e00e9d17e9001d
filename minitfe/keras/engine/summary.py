"""A model's summary: its layers as a table, as Keras prints it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minitfe.keras.engine.layer import count_numbers

WIDTH, ENDS, HEADINGS = 65, (0.45, 0.85, 1.0), ("Layer (type)", "Output Shape", "Param #")

# A model in which a layer may have several inputs has a column more, which names them.
WIDE, WIDE_ENDS, CONNECTED = 98, (0.33, 0.55, 0.67, 1.0), "Connected to"


def print_summary(model: Any, width: int | None, ends: Sequence[float] | None, write: Callable[[str], Any]) -> None:
    """Writes the table line by line.

    Args:
        model: the model.
        width: the length of the lines.
        ends: where the columns end: columns, or shares of the width.
        write: called with each line.
    """
    calls = model._call_graph
    is_wide = calls is not None and not calls.is_chain
    width = width or (WIDE if is_wide else WIDTH)
    places = [int(end * width) if end <= 1 else int(end) for end in ends or (WIDE_ENDS if is_wide else ENDS)]
    write("_" * width)
    write(_row([*HEADINGS, CONNECTED] if is_wide else HEADINGS, places))
    write("=" * width)
    layers = model.layers
    for number, layer in enumerate(layers, 1):
        first, *others = (calls.connections(layer) if is_wide else []) or [""]
        write(_row([*_fields(layer), first], places))
        for other in others:
            write(_row(["", "", "", other], places))
        write("=" * width if number == len(layers) else "_" * width)
    trainable, fixed = count_numbers(model.trainable_variables), count_numbers(model.non_trainable_variables)
    write(f"Total params: {trainable + fixed:,}")
    write(f"Trainable params: {trainable:,}")
    write(f"Non-trainable params: {fixed:,}")
    write("_" * width)


def _fields(layer: Any) -> tuple[str, str, str]:
    try:
        shape = str(layer.output_shape)
    except AttributeError:
        shape = "multiple"  # it may be called with inputs of any shape
    return f"{layer.name} ({type(layer).__name__})", shape, str(count_numbers(layer.variables))


def _row(fields: Sequence[str], places: Sequence[int]) -> str:
    line = ""
    for field, place in zip(fields, places):
        line = f"{line[:-1]} {field}" if line else field
        line = line[:place].ljust(place)
    return line
