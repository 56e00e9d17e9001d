"""Where to draw the nodes of a graph: in layers, so that every edge points down, with few crossings.

The method is Sugiyama's, in its simplest form (Sugiyama, Tagawa and Toda 1981):

1. A node's layer is just above the first that uses it, and below all that it has something from.
2. A value that is used further down gets a joint in each layer between, so that its line goes around the nodes there.
3. In each layer the nodes are sorted by the mean place of their neighbours above, then below, a few times over.
4. Each is drawn to the mean position of its neighbours, as far as those beside it give way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_SWEEPS = 4
_MOST_JOINTS = 20_000
_NARROW = 0.25  # the space of a joint, where a node has 1


@dataclass
class Layout:
    """The place of each node, across and down, and the lines of each value from its maker to its users.

    A line is a list of places. The unit is the distance between neighbouring nodes, and between layers.
    """

    places: list[tuple[float, int]]
    lines: dict[int, list[list[tuple[float, int]]]]


@dataclass
class _Point:
    """A node or a joint, with those above and below that it is connected to."""

    layer: int
    width: float
    x: float = 0.0
    above: list[_Point] = field(default_factory=list)
    below: list[_Point] = field(default_factory=list)


def layout(count: int, uses: Sequence[tuple[int, int, int]]) -> Layout:
    """Places the nodes 0 to count - 1.

    Args:
        count: how many nodes there are; a node has something only from nodes before it.
        uses: (value, maker, user) for each use of a value.
    """
    points = [_Point(layer, 1.0) for layer in layers(count, uses)]
    joints = _joints(points, uses)
    lines = {
        value: _connect(points, value, joints.get(value, []), uses_of) for value, uses_of in _by_value(uses).items()
    }
    rows = _rows([*points, *(joint for chain in joints.values() for joint in chain)])
    _sort(rows)
    _straighten(rows)
    return Layout(
        [(point.x, point.layer) for point in points],
        {value: [[(p.x, p.layer) for p in line] for line in of_value] for value, of_value in lines.items()},
    )


def layers(count: int, uses: Sequence[tuple[int, int, int]]) -> list[int]:
    """The layer of each node: as high as its inputs allow, then as low as its users allow.

    So a variable that is read in step 100 of a loop is read beside step 100, and not at the top with all the others.

    >>> layers(5, [(0, 0, 1), (1, 1, 2), (2, 0, 3), (3, 3, 4), (4, 2, 4)])
    [0, 1, 2, 2, 3]
    """
    found = [0] * count
    for _, maker, user in sorted(uses, key=lambda use: use[2]):
        found[user] = max(found[user], found[maker] + 1)
    first_use: dict[int, int] = {}
    for _, maker, user in sorted(uses, key=lambda use: use[1], reverse=True):
        found[user] = first_use.get(user, found[user] + 1) - 1
        first_use[maker] = min(first_use.get(maker, found[user]), found[user])
    return [first_use.get(node, found[node] + 1) - 1 for node in range(count)]


def _by_value(uses: Sequence[tuple[int, int, int]]) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for value, maker, user in dict.fromkeys(uses):
        found.setdefault(value, []).append((maker, user))
    return found


def _joints(points: list[_Point], uses: Sequence[tuple[int, int, int]]) -> dict[int, list[_Point]]:
    """The joints of each value, one per layer down to its last use. Very long lines, if there are many, get none."""
    spans = {
        value: (points[pairs[0][0]].layer + 1, max(points[user].layer for _, user in pairs))
        for value, pairs in _by_value(uses).items()
    }
    found, left = {}, _MOST_JOINTS
    for value, (first, last) in sorted(spans.items(), key=lambda item: item[1][1] - item[1][0]):
        left -= last - first
        if left >= 0:
            found[value] = [_Point(layer, _NARROW) for layer in range(first, last)]
    return found


def _connect(points: list[_Point], value: int, chain: list[_Point], pairs: list[tuple[int, int]]) -> list[list[_Point]]:
    """Joins a maker, the joints and the users, and returns the lines to draw: the chain, and a branch to each user."""
    maker = points[pairs[0][0]]
    stem = [maker, *chain]
    for upper, lower in zip(stem, chain):
        _join(upper, lower)
    branches = []
    for _, user in pairs:
        depth = points[user].layer - maker.layer - 1
        branch = [stem[min(depth, len(stem) - 1)], points[user]]
        _join(*branch)
        branches.append(branch)
    return [stem, *branches] if chain else branches


def _join(upper: _Point, lower: _Point) -> None:
    upper.below.append(lower)
    lower.above.append(upper)


def _rows(points: list[_Point]) -> list[list[_Point]]:
    rows: list[list[_Point]] = [[] for _ in range(max((point.layer for point in points), default=-1) + 1)]
    for point in points:
        rows[point.layer].append(point)
    for row in rows:
        _pack(row, [0.0] * len(row))
    return rows


def _sort(rows: list[list[_Point]]) -> None:
    """Sorts each layer by the mean place of the neighbours above, then of those below."""
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            row.sort(key=lambda point: _mean(point, point.above if sweep % 2 == 0 else point.below))
            _pack(row, [0.0] * len(row))


def _straighten(rows: list[list[_Point]]) -> None:
    """Draws each point to its neighbours, without changing the order."""
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _pack(row, [_mean(point, [*point.above, *point.below]) for point in row])


def _mean(point: _Point, neighbours: list[_Point]) -> float:
    return sum(other.x for other in neighbours) / len(neighbours) if neighbours else point.x


def _pack(row: list[_Point], wanted: list[float]) -> None:
    """Puts a row's points where they are wanted, as far as there is room, in their order."""
    edge = float("-inf")
    for point, x in zip(row, wanted):
        point.x = max(x, edge + point.width / 2)
        edge = point.x + point.width / 2
    shift = sum(x - point.x for point, x in zip(row, wanted)) / max(len(row), 1)
    for point in row:
        point.x += shift
