"""Settings that are known only when a graph runs, such as the shape in ``tf.reshape(y, tf.shape(x))``.

A setting is a plain value, so that shape rules can work with it. Where it depends on a tensor without a value, the
whole call waits: the graph notes down that the function is to be called when it runs. In eager execution, and wherever
a graph knows the value, none of this is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from minitfe.context import get_listeners
from minitfe.conversion import convert_to_tensor, resolve
from minitfe.dtypes import DType
from minitfe.graph.graph import Graph
from minitfe.ops import arguments
from minitfe.shapes import Extents
from minitfe.tensor import Tensor


def waits(setting: Any) -> bool:
    """Whether a setting, or a part of it, has no value before the graph runs. In eager execution all have."""
    return get_listeners().interpreter is not None and _has_no_value(setting)


def _has_no_value(setting: Any) -> bool:
    if isinstance(setting, (list, tuple)):
        return any(map(_has_no_value, setting))
    setting = resolve(setting)
    return isinstance(setting, Tensor) and setting.static_value() is None


def call(
    function: Callable[..., Any], tensors: Sequence[Tensor], setting: Any, dtype: DType, extents: Extents | None
) -> Tensor:
    """Notes down a call that waits, and returns what stands for its result.

    Args:
        function: takes the tensors and the setting, a tensor of integers then.
        tensors: what else it takes.
        setting: what has no value yet.
        dtype, extents: what is known of the result.
    """
    graph = cast(Graph, get_listeners().interpreter)
    (y,) = graph.call_later(
        lambda *values: [function(*values)], [*tensors, convert_to_tensor(setting)], [(dtype, extents)]
    )
    return y


def integers(value: Any, what: str) -> Sequence[Any]:
    """Reads a sequence of ints, with tensors in the places of those that wait."""
    if not waits(value):
        return arguments.integers(value, what)
    if isinstance(value, (list, tuple)):
        return [part if waits(part) else arguments.integer(part, what) for part in value]
    return list(resolve(value))


def known_sizes(setting: Any) -> Extents | None:
    """What is known of a shape that waits: None for sizes that are not, and where their number is not."""
    if isinstance(setting, (list, tuple)):
        return tuple(None if _has_no_value(size) else max(int(size), -1) for size in setting)
    sizes = cast(Tensor, resolve(setting))
    return cast(Graph, sizes.home).sizes_in(sizes)
