"""Random tensors, repeatable on every device.

A draw is a function of three integers, its seed: the program's seed, the seed of the op, and a number that counts the
draws under these two. Kernels turn them into bits with a counter-based generator (Salmon et al., "Parallel random
numbers: as easy as 1, 2, 3", SC11), so there is no state that a device would have to keep: all of it is the counts,
here.

- ``tf.set_random_seed(s)`` starts the counts again. The same program then draws the same numbers.
- Ops with a ``seed`` of their own count apart from all others: what stands between them does not matter. Two ops with
  equal seeds still differ, since the second is the second draw.
- With neither, the seed is taken from the operating system.
- Functions that a data pipeline calls draw from counts of their own (`draw_apart`): what an element gets depends on
  its number, and not on which thread comes first.

Mean, deviation and limits are applied by ordinary ops, so gradients flow to them. In a graph the seed is an attribute
of the operation that is found anew each time the graph runs.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, cast

from minitfe import dtypes
from minitfe.context import get_listeners, outside
from minitfe.conversion import convert_to_tensor
from minitfe.dtypes import DType
from minitfe.errors import ShapeError
from minitfe.execute import execute, execute_source
from minitfe.graph.graph import AtRun, Graph
from minitfe.operation import Op, register
from minitfe.ops import arguments, array, indexing, late, math
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

# --------------------------------------------------------------------------------------------------------------- seeds

Seed = tuple[int, int, int]

WORD = 2**64
WITHOUT_PROGRAM_SEED = 87654321  # TensorFlow's DEFAULT_GRAPH_SEED
WITHOUT_OP_SEED = WORD - 1


class Draws:
    """What was drawn so far: the program's seed, and a count for each seed of an op (None for ops without one)."""

    def __init__(self, program: int | None = None) -> None:
        self.lock = threading.Lock()
        self.program = program
        self.counts: dict[int | None, int] = {}

    def start(self, program: int | None, counts: dict[int | None, int]) -> None:
        """Begins at these counts."""
        with self.lock:
            self.program, self.counts = program, dict(counts)

    def next(self, op: int | None) -> Seed:
        """The seed of the next draw of an op."""
        if self.program is None and op is None:
            return secrets.randbelow(WORD), secrets.randbelow(WORD), 0
        with self.lock:
            count = self.counts.get(op, 0)
            self.counts[op] = count + 1
            program = WITHOUT_PROGRAM_SEED if self.program is None else self.program
        return program % WORD, (WITHOUT_OP_SEED if op is None else op) % WORD, count


_draws = Draws()
_apart: ContextVar[Draws | None] = ContextVar("draws", default=None)


def draw_apart(draws: Draws) -> None:
    """From now on ops draw from these counts, in the `contextvars` context that this is called in."""
    _apart.set(draws)


@contextmanager
def drawing(draws: Draws) -> Iterator[None]:
    """A scope in which ops draw from these counts."""
    token = _apart.set(draws)
    try:
        yield
    finally:
        _apart.reset(token)


def set_random_seed(seed: int) -> None:
    """Makes all that is drawn from now on repeatable: the same seed, the same numbers.

    For a graph under construction, that is what each new session draws from its first run on.

    >>> tf.set_random_seed(7)
    >>> first = tf.random_normal([3]).numpy()
    >>> tf.set_random_seed(7)
    >>> bool((tf.random_normal([3]).numpy() == first).all())
    True
    """
    program = arguments.integer(seed, "seed")
    graph = outside()
    if graph is not None:
        graph.seed = program  # type: ignore[attr-defined]
    _draws.start(program, {})


def get_state() -> dict[str, Any]:
    """Returns all that decides what will be drawn next, as plain values, for `set_state`: checkpoints keep it."""
    with _draws.lock:
        return {"seed": _draws.program, "draws": [[op, count] for op, count in _draws.counts.items()]}


def set_state(state: dict[str, Any]) -> None:
    """Goes back to what `get_state` returned.

    >>> state = get_state()
    >>> first = tf.random_normal([3], seed=1).numpy()
    >>> set_state(state)
    >>> bool((tf.random_normal([3], seed=1).numpy() == first).all())
    True
    """
    _draws.start(state["seed"], dict(state["draws"]))


def seed_for_op(seed: int | None) -> Seed | AtRun:
    """The seed of an op's draw; in a graph, how to find it each time the graph runs."""
    in_graph = isinstance(get_listeners().interpreter, Graph)
    return AtRun(partial(next_seed, seed)) if in_graph else next_seed(seed)


def next_seed(seed: int | None = None) -> Seed:
    """The seed of the next draw: of the program's, or of an op's that has a seed."""
    return (_apart.get() or _draws).next(None if seed is None else arguments.integer(seed, "seed"))


def program_seed() -> int:
    """What `set_random_seed` was last given, as 64 bits; a number that is always the same if it was never called."""
    return (WITHOUT_PROGRAM_SEED if _draws.program is None else _draws.program) % WORD


# --------------------------------------------------------------------------------------------------- standard numbers


def _as_asked(shape: tuple[int, ...], **attributes: Any) -> Extents:
    return shape


def _asked_dtype(dtype: DType, **attributes: Any) -> DType:
    return dtype


def _source(name: str, accepts: frozenset[Any], tensorflow_name: str) -> Op:
    """An op that draws numbers: it has no inputs."""
    return register(
        Op(name, shape=_as_asked, dtype=_asked_dtype, accepts=accepts, stateful=True, tensorflow_name=tensorflow_name)
    )


standard_uniform_op = _source("random_standard_uniform", dtypes.FLOATING, "RandomUniform")
standard_normal_op = _source("random_standard_normal", dtypes.FLOATING, "RandomStandardNormal")
truncated_normal_op = _source("truncated_standard_normal", dtypes.FLOATING, "TruncatedNormal")
integers_op = _source("random_integers", dtypes.INTEGER, "RandomUniformInt")
permutation_op = _source("random_permutation", dtypes.INTEGER, "RandomShuffle")


def _draw(op: Op, shape: Any, dtype: Any, seed: Any, **attributes: Any) -> Tensor:
    if late.waits(shape):
        draw = partial(_draw, op, dtype=dtype, seed=seed, **attributes)
        return late.call(draw, [], shape, dtypes.as_dtype(dtype), late.known_sizes(shape))
    settings = {"shape": arguments.shape(shape), "dtype": dtypes.as_dtype(dtype), "seed": seed_for_op(seed)}
    return cast(Tensor, execute_source(op, settings | attributes))


NUMBER = (int, float)


def _scaled(x: Tensor, scale: TensorLike, offset: TensorLike) -> Tensor:
    """Returns x·scale + offset, without the steps that change nothing."""
    if not (isinstance(scale, NUMBER) and scale == 1):
        x = math.multiply(x, scale)
    if not (isinstance(offset, NUMBER) and offset == 0):
        x = math.add(x, offset)
    return x


# ------------------------------------------------------------------------------------------------------- distributions


def random_normal(
    shape: Any,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draws from normal distributions.

    Args:
        shape: the shape of the result.
        mean, stddev: numbers, or tensors that broadcast to the shape.
        dtype: a floating dtype.
        seed: see `set_random_seed`.

    >>> tf.random_normal([2, 3]).shape
    TensorShape([Dimension(2), Dimension(3)])
    """
    return _scaled(_draw(standard_normal_op, shape, dtype, seed), stddev, mean)


def truncated_normal(
    shape: Any,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draws from normal distributions; what is further than two standard deviations from the mean is drawn again.

    Args are those of `random_normal`.

    >>> x = tf.truncated_normal([1000])
    >>> bool((abs(x.numpy()) <= 2).all())
    True
    """
    return _scaled(_draw(truncated_normal_op, shape, dtype, seed), stddev, mean)


def random_uniform(
    shape: Any,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draws numbers from minval up to, but not including, maxval, all equally likely; floats may round up to it.

    Args:
        shape: the shape of the result.
        minval: the lower limit.
        maxval: the upper limit: 1 for floating dtypes, unless given; integer dtypes need one.
        dtype: a floating or integer dtype.
        seed: see `set_random_seed`.

    Raises:
        ValueError: where maxval is missing.
        InvalidArgumentError: where integers have no room between the limits.

    >>> x = tf.random_uniform([1000], 1, 7, dtype=tf.int32)
    >>> sorted(set(x.numpy().tolist()))
    [1, 2, 3, 4, 5, 6]
    """
    dtype = dtypes.as_dtype(dtype)
    if dtype.is_integer:
        return _random_integers(shape, minval, maxval, dtype, seed)
    width = _difference(1 if maxval is None else maxval, minval, dtype)
    return _scaled(_draw(standard_uniform_op, shape, dtype, seed), width, minval)


def _difference(maxval: TensorLike, minval: TensorLike, dtype: DType) -> TensorLike:
    """maxval - minval: a number if both are."""
    if isinstance(minval, NUMBER) and isinstance(maxval, NUMBER):
        return maxval - minval
    return math.subtract(convert_to_tensor(maxval, preferred_dtype=dtype), minval)


def _random_integers(shape: Any, minval: Any, maxval: Any, dtype: DType, seed: Any) -> Tensor:
    if maxval is None:
        raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
    low, high = arguments.integer(minval, "minval"), arguments.integer(maxval, "maxval")
    if low >= high:
        raise arguments.invalid(f"Need minval < maxval, got {low} >= {high} [Op:RandomUniformInt].")
    if low < dtype.min or high > dtype.max:
        raise arguments.invalid(
            f"random_uniform was asked for integers from {low} to {high}, but {dtype.name} holds those from {dtype.min}"
            f" to {dtype.max} [Op:RandomUniformInt]; use a wider dtype."
        )
    return _draw(integers_op, shape, dtype, seed, low=low, high=high)


def _sampled(logits: Extents, num_samples: int, **attributes: Any) -> Extents:
    """As many columns as samples."""
    if len(logits) != 2:
        raise ShapeError(
            f"logits should be a matrix, got shape {list(logits)}", "give one row of logits per distribution"
        )
    if logits[1] == 0:
        raise ShapeError("num_classes should be positive, got 0", "give at least one logit per row")
    return (logits[0], num_samples)


multinomial_op = register(
    Op("multinomial", shape=_sampled, accepts=dtypes.REAL, stateful=True, dtype=lambda x, dtype, **attributes: dtype)
)
multinomial_op.no_gradient("the output is a class number")


def multinomial(
    logits: TensorLike, num_samples: int, seed: int | None = None, name: str | None = None, output_dtype: Any = None
) -> Tensor:
    """Draws class numbers with the probabilities softmax(logits).

    Args:
        logits: one row per distribution, of shape [rows, classes].
        num_samples: how many to draw from each.
        seed: see `set_random_seed`.
        output_dtype: int64, the default, or int32.

    >>> tf.multinomial([[0., -1000.], [-1000., 0.]], 3).numpy()
    array([[0, 0, 0],
           [1, 1, 1]])
    """
    count = arguments.integer(num_samples, "num_samples")
    if count < 0:
        raise arguments.invalid(f"num_samples should be nonnegative, got {count} [Op:Multinomial].")
    settings = {"num_samples": count, "seed": seed_for_op(seed), "dtype": dtypes.as_dtype(output_dtype or dtypes.int64)}
    return cast(Tensor, execute(multinomial_op, (convert_to_tensor(logits),), settings))


# ---------------------------------------------------------------------------------------------------------- rearranging


def random_shuffle(value: TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """Puts the rows, the parts along the first axis, into random order.

    >>> sorted(tf.random_shuffle([1, 2, 3]).numpy().tolist())
    [1, 2, 3]
    """
    x = convert_to_tensor(value)
    if x.extents == ():
        return array.identity(x)
    rows = arguments.known(x.extents, "random_shuffle")[0]
    if rows is None:
        return late.call(lambda x, _: random_shuffle(x, seed), [x], 0, x.dtype, x.extents)
    return indexing.gather(x, _draw(permutation_op, [rows], dtypes.int64, seed))


def random_crop(value: TensorLike, size: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """Cuts a part of this size out of a tensor, at a random place.

    Args:
        value: a tensor.
        size: the size along each axis.
        seed: see `set_random_seed`.

    Raises:
        InvalidArgumentError: where the tensor is smaller than that.

    >>> tf.random_crop([[1, 2, 3]] * 5, [2, 3]).shape
    TensorShape([Dimension(2), Dimension(3)])
    """
    x = convert_to_tensor(value)
    extents, sizes = arguments.shape(x.shape, "value.shape"), arguments.shape(size, "size")
    if len(extents) != len(sizes) or any(part > whole for part, whole in zip(sizes, extents)):
        raise arguments.invalid(
            f"Need value.shape >= size, got {list(extents)} {list(sizes)}. random_crop cuts a part out of a tensor:"
            " give one size per axis, none larger than the tensor's."
        )
    begin = [random_uniform([], 0, whole - part + 1, dtypes.int32, seed) for part, whole in zip(sizes, extents)]
    return indexing.slice(x, begin, sizes)
