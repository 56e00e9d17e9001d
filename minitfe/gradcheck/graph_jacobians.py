"""``tf.test.compute_gradient`` in graphs: Jacobians of one tensor of a graph with respect to others, in a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitfe.context import listening
from minitfe.gradcheck.functions import Array
from minitfe.graph.gradients import gradients
from minitfe.graph.session import get_default_session
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor

Pair = tuple[Array, Array]


def compute_gradient(
    x: Any,
    x_shape: Any,
    y: Tensor,
    y_shape: Any,
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: Any = None,
) -> Pair | list[Pair]:
    """Computes the Jacobian of y with respect to x by the graph's gradients and by difference quotients.

    Args:
        x, x_shape: a tensor of floating point numbers and its shape, or a list of both.
        y, y_shape: a tensor and its shape.
        x_init_value: where to compute, an array or a list of such; by default numbers from 0 to 1.
        delta: the step of the difference quotients.
        init_targets: operations to run first, such as the initializers of variables.
        extra_feed_dict: what else is fed.

    Returns:
        The two Jacobians, matrices of shape [elements of x, elements of y]; for a list, a list of such pairs.

    Raises:
        ValueError: where there is no current session, or y does not depend on x.
    """
    session = get_default_session()
    if session is None:
        raise ValueError("tf.test.compute_gradient needs a current session to compute in: with tf.Session().")
    if init_targets is not None:
        session.run(init_targets)
    several = isinstance(x, (list, tuple))
    xs = list(x) if several else [x]
    shapes = [tuple(TensorShape(shape).as_list()) for shape in (x_shape if several else [x_shape])]
    given = x_init_value if several else [x_init_value]
    values = [_start(*parts) for parts in zip(xs, shapes, given if given is not None else [None] * len(xs))]
    point = Point(session, xs, values, dict(extra_feed_dict or {}))
    extents = tuple(TensorShape(y_shape).as_list())
    pairs = [(point.by_gradients(i, y, extents), point.measured(i, y, delta)) for i in range(len(xs))]
    return pairs if several else pairs[0]


def compute_gradient_error(*args: Any, **kwargs: Any) -> float:
    """Returns the largest difference between the Jacobians that `compute_gradient` computes."""
    pairs = compute_gradient(*args, **kwargs)
    pairs = pairs if isinstance(pairs, list) else [pairs]
    return max(float(np.abs(analytic - numeric).max(initial=0.0)) for analytic, numeric in pairs)


def _start(x: Tensor, shape: tuple[int, ...], given: Any) -> Array:
    if given is None:
        given = np.random.default_rng(0).random(shape)
    return np.array(given, x.dtype.numpy).reshape(shape)


class Point:
    """The values of several tensors, and what comes of them in a session."""

    def __init__(self, session: Any, xs: Sequence[Tensor], values: list[Array], extra: dict[Any, Any]) -> None:
        self.session, self.xs, self.values, self.extra = session, xs, values, extra

    def by_gradients(self, i: int, y: Tensor, extents: tuple[int, ...]) -> Array:
        """The Jacobian with respect to the i-th tensor, by the gradients of the graph, one for each element of y."""
        with listening(interpreter=self.session.graph, tapes=()):
            g = self.session.graph.placeholder(y.dtype, extents)
            (gradient,) = gradients(y, self.xs[i], g)
        if gradient is None:
            raise ValueError(f"{y} does not depend on {self.xs[i]}, as far as the graph knows: its gradient is None.")
        units = np.eye(int(np.prod(extents)), dtype=y.dtype.numpy)
        rows = [np.ravel(self._run(gradient, self.values, {g: unit.reshape(extents)})) for unit in units]
        return np.stack(rows, 1)

    def measured(self, i: int, y: Tensor, delta: float) -> Array:
        """The Jacobian with respect to the i-th tensor, by central differences."""
        rows = []
        for index in np.ndindex(self.values[i].shape):
            ahead, behind = (np.ravel(self._run(y, self._moved(i, index, step), {})) for step in (delta, -delta))
            rows.append((ahead - behind) / y.dtype.numpy.type(2 * delta))
        return np.stack(rows)

    def _moved(self, i: int, index: tuple[int, ...], step: float) -> list[Array]:
        moved = [value.copy() for value in self.values]
        moved[i][index] += step
        return moved

    def _run(self, fetch: Any, values: list[Array], more: dict[Any, Any]) -> Array:
        feeds = dict(zip(self.xs, values)) | self.extra | more
        return np.asarray(self.session.run(fetch, feeds))
