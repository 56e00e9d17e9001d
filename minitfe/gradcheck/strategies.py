"""Strategies of hypothesis for testing gradients: shapes, shapes that broadcast, and numbers away from kinks.

    from hypothesis import given
    from minitfe.gradcheck import strategies

    @given(strategies.arrays((3,), away_from="relu"))
    def test_my_relu(x):
        assert_gradients(my_relu, tf.constant(x))

A finite difference says nothing where a function has a kink, a jump or a pole. `KINKS` names those of common functions.
Numbers keep a distance from them, so that no example has to be thrown away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from minitfe.extras import require

DISTANCE = 0.1

KINKS: dict[str, tuple[float, ...]] = {
    "abs": (0.0,),
    "acos": (-1.0, 1.0),
    "asin": (-1.0, 1.0),
    "atanh": (-1.0, 1.0),
    "ceil": tuple(map(float, range(-10, 11))),
    "elu": (0.0,),
    "floor": tuple(map(float, range(-10, 11))),
    "hard_sigmoid": (-2.5, 2.5),
    "leaky_relu": (0.0,),
    "log": (0.0,),
    "log1p": (-1.0,),
    "reciprocal": (0.0,),
    "relu": (0.0,),
    "relu6": (0.0, 6.0),
    "round": tuple(k + 0.5 for k in range(-10, 10)),
    "rsqrt": (0.0,),
    "selu": (0.0,),
    "sign": (0.0,),
    "sqrt": (0.0,),
    "tan": tuple((k + 0.5) * math.pi for k in range(-4, 4)),
}
"""Where functions have kinks, jumps and poles, between -10 and 10."""


def shapes(min_rank: int = 0, max_rank: int = 3, min_size: int = 1, max_size: int = 4) -> Any:
    """Shapes of arrays, as tuples.

    Args:
        min_rank, max_rank: how many axes.
        min_size, max_size: how long each is.

    Raises:
        ImportError: without hypothesis, which the extra ``test`` brings.

    >>> from hypothesis import find
    >>> from minitfe.gradcheck import strategies
    >>> find(strategies.shapes(min_rank=1), lambda shape: sum(shape) > 4)
    (1, 4)
    """
    return _numpy().array_shapes(min_dims=min_rank, max_dims=max_rank, min_side=min_size, max_side=max_size)


def broadcastable_shapes(
    count: int = 2, min_rank: int = 0, max_rank: int = 3, min_size: int = 1, max_size: int = 4
) -> Any:
    """Tuples of shapes that broadcast against each other; other arguments as for `shapes`.

    Args:
        count: how many.

    >>> from hypothesis import find
    >>> from minitfe.gradcheck import strategies
    >>> find(strategies.broadcastable_shapes(2), lambda shapes: len(shapes[0]) == 2 and len(shapes[1]) == 1)
    ((1, 1), (1,))
    """
    found = _numpy().mutually_broadcastable_shapes(
        num_shapes=count, min_dims=min_rank, max_dims=max_rank, min_side=min_size, max_side=max_size
    )
    return found.map(lambda shapes: shapes.input_shapes)


def numbers(
    low: float = -2.0,
    high: float = 2.0,
    away_from: str | float | Iterable[str | float] = (),
    distance: float = DISTANCE,
) -> Any:
    """Numbers between low and high that keep a distance from some points.

    Args:
        low, high: the interval, ends included.
        away_from: names of functions out of `KINKS`, or points.
        distance: the distance that they keep.

    Raises:
        ValueError: where nothing is left of the interval, or a function has no entry in `KINKS`.

    >>> from hypothesis import find
    >>> from minitfe.gradcheck import strategies
    >>> find(strategies.numbers(-1, 1, away_from="relu"), lambda x: x > 0)
    1.0
    """
    pieces = allowed(low, high, points(away_from), distance)
    return _strategies().one_of([_strategies().floats(start, end) for start, end in pieces])


def arrays(
    shape: Any = (),
    low: float = -2.0,
    high: float = 2.0,
    away_from: str | float | Iterable[str | float] = (),
    distance: float = DISTANCE,
    dtype: Any = "float64",
    distinct: bool = False,
) -> Any:
    """Arrays of such numbers.

    Args:
        shape: their shape, or a strategy for shapes.
        low, high, away_from, distance: as for `numbers`.
        dtype: float16, float32 or float64.
        distinct: whether all elements differ by as much as the interval has room for, for functions with ties such as
            maxima; they are not kept away from points then.
    """
    if not distinct:
        elements = numbers(low, high, away_from, distance)
        return (
            _numpy()
            .arrays(np.float64, shape, elements=elements, fill=_strategies().nothing())
            .map(lambda array: array.astype(dtype))
        )
    fixed = _strategies().just(shape) if isinstance(shape, tuple | int) else shape
    return fixed.flatmap(lambda shape: _distinct(shape, low, high, dtype))


def _distinct(shape: Any, low: float, high: float, dtype: Any) -> Any:
    steps = np.linspace(low, high, int(np.prod(shape, dtype=int)))
    return _strategies().permutations(steps.tolist()).map(lambda order: np.array(order, dtype).reshape(shape))


def broadcastable_arrays(count: int = 2, **settings: Any) -> Any:
    """Tuples of arrays whose shapes broadcast against each other.

    Args:
        count: how many.
        settings: those of `broadcastable_shapes` and of `arrays`.
    """
    of_shapes = {key: settings.pop(key) for key in ("min_rank", "max_rank", "min_size", "max_size") if key in settings}
    found = broadcastable_shapes(count, **of_shapes)
    return found.flatmap(lambda shapes: _strategies().tuples(*[arrays(shape, **settings) for shape in shapes]))


# ------------------------------------------------------------------------------------------------------------ points


def points(away_from: str | float | Iterable[str | float]) -> list[float]:
    """The points that names and numbers stand for, in order.

    >>> from minitfe.gradcheck.strategies import points
    >>> points(["relu6", 1.5])
    [0.0, 1.5, 6.0]
    """
    parts = [away_from] if isinstance(away_from, str | int | float) else list(away_from)
    unknown = [part for part in parts if isinstance(part, str) and part not in KINKS]
    if unknown:
        raise ValueError(f"No kinks are known of {unknown[0]!r}; give points instead, or one of {', '.join(KINKS)}.")
    return sorted({float(p) for part in parts for p in (KINKS[part] if isinstance(part, str) else (part,))})


def allowed(low: float, high: float, avoided: Iterable[float], distance: float) -> list[tuple[float, float]]:
    """What is left of an interval, in pieces.

    >>> from minitfe.gradcheck.strategies import allowed
    >>> allowed(-1.0, 2.0, [0.0], 0.5)
    [(-1.0, -0.5), (0.5, 2.0)]
    """
    borders = [low, *[border for p in avoided for border in (p - distance, p + distance)], high]
    pieces = [(max(a, low), min(b, high)) for a, b in list(pairwise(borders))[::2]]
    pieces = [(start, end) for start, end in pieces if start <= end]
    if not pieces:
        raise ValueError(f"Between {low} and {high} there is no number that is {distance} away from all the points.")
    return pieces


def _strategies() -> Any:
    return require("hypothesis.strategies", "test", "Drawing examples for tests")


def _numpy() -> Any:
    return require("hypothesis.extra.numpy", "test", "Drawing examples for tests")
