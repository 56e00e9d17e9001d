"""Samples of minitfe.ops.random: each op with a fixed seed, against a plain Python writing of Philox-4x64-10.

The published rounds and constants (Salmon et al., SC11, table 2): so the samples also say which bits a kernel package has to
produce. numpy's generator counts up before it enciphers: its first block is that of the counter plus 1.
"""

from math import cos, log, pi, sin, sqrt

import numpy as np

from minitfe import dtypes
from minitfe.execute import execute, execute_source
from minitfe.extend import Sample, Values
from minitfe.ops import random

WORD = 2**64
SEED = (20100131, 7, 3)


def philox(key, counter):
    """Enciphers four words in ten rounds."""
    (a, b), (c0, c1, c2, c3) = key, counter
    for _ in range(10):
        p0, p1 = 0xD2E7470EE14C6C93 * c0, 0xCA5A826395121157 * c2
        c0, c1, c2, c3 = p1 // WORD ^ c1 ^ a, p1 % WORD, p0 // WORD ^ c3 ^ b, p0 % WORD
        a, b = (a + 0x9E3779B97F4A7C15) % WORD, (b + 0xBB67AE8584CAA73B) % WORD
    return [c0, c1, c2, c3]


def words(count, again=0):
    blocks = [philox(SEED[:2], [block + 1, 0, again, SEED[2]]) for block in range(-(-count // 4))]
    return [word for block in blocks for word in block][:count]


def uniforms(count, width=64, again=0):
    """Numbers of 53, 24 or 11 bits, the lower halves or quarters of each word first."""
    per_word = 64 // width
    parts = [word >> width * i & 2**width - 1 for word in words(-(-count // per_word), again) for i in range(per_word)]
    precision = {64: 53, 32: 24, 16: 11}[width]
    return [(part >> width - precision) / 2**precision for part in parts[:count]]


def normals(count, width=64, again=0):
    half = -(-count // 2)
    numbers = uniforms(2 * half, width, again)
    pairs = [(sqrt(-2 * log(1 - u)), 2 * pi * v) for u, v in zip(numbers[:half], numbers[half:])]
    return ([r * cos(angle) for r, angle in pairs] + [r * sin(angle) for r, angle in pairs])[:count]


def truncated(count, width=64):
    numbers, again = normals(count, width), 0
    while rejected := [i for i, x in enumerate(numbers) if abs(x) > 2]:
        again += 1
        for i, x in zip(rejected, normals(len(rejected), width, again)):
            numbers[i] = x
    return numbers


def integers(count, low, high):
    numbers, again = words(count), 0
    beyond = WORD - WORD % (high - low)
    while rejected := [i for i, word in enumerate(numbers) if word >= beyond]:
        again += 1
        for i, word in zip(rejected, words(len(rejected), again)):
            numbers[i] = word
    return [low + word % (high - low) for word in numbers]


def drawn(op, dtype, shape, name, reference, **settings):
    """A sample of a source op: it has no inputs, so its reference computes what the seed must give."""

    def draw():
        return execute_source(op, {"shape": shape, "dtype": dtypes.as_dtype(dtype), "seed": SEED, **settings})

    draw.__name__ = op.name
    return Sample(draw, [], reference=lambda: np.array(reference(int(np.prod(shape)))).reshape(shape), name=name)


def classes_of(logits):
    return execute(random.multinomial_op, (logits,), {"num_samples": 50, "seed": SEED, "dtype": dtypes.int64})


def where_points_fall(logits):
    points = np.reshape(uniforms(50 * len(logits)), (len(logits), 50))
    chances = [np.exp(row) / np.exp(row).sum() for row in logits]
    return np.array(
        [[next(i for i in range(4) if u < row[: i + 1].sum()) for u in us] for row, us in zip(chances, points)]
    )


WIDE = 3 * 2**62  # a quarter of all words is beyond its last multiple, so drawing again is tried too

SAMPLES = [
    drawn(random.standard_uniform_op, "float64", (2, 3), "float64", uniforms),
    drawn(random.standard_uniform_op, "float32", (5,), "float32", lambda count: uniforms(count, 32)),
    drawn(random.standard_uniform_op, "float16", (7,), "float16", lambda count: uniforms(count, 16)),
    drawn(random.standard_uniform_op, "float32", (0, 3), "empty", lambda count: np.zeros(0)),
    drawn(random.standard_normal_op, "float64", (3, 3), "float64", normals),
    drawn(random.standard_normal_op, "float32", (), "float32", lambda count: normals(count, 32)),
    drawn(random.standard_normal_op, "float16", (4,), "float16", lambda count: normals(count, 32)),
    drawn(random.truncated_normal_op, "float64", (200,), "float64", truncated),
    drawn(random.truncated_normal_op, "float32", (50,), "float32", lambda count: truncated(count, 32)),
    drawn(random.integers_op, "int32", (9,), "int32", lambda count: integers(count, -3, 10), low=-3, high=10),
    drawn(
        random.integers_op,
        "uint64",
        (40,),
        "uint64",
        lambda count: np.array(integers(count, 0, WIDE), "u8"),
        low=0,
        high=WIDE,
    ),
    drawn(
        random.integers_op,
        "int64",
        (3,),
        "int64",
        lambda count: integers(count, -(2**63), 2**63 - 1),
        low=-(2**63),
        high=2**63 - 1,
    ),
    drawn(random.permutation_op, "int64", (8,), "", lambda count: sorted(range(count), key=words(count).__getitem__)),
    Sample(classes_of, [Values((3, 4))], reference=where_points_fall, gradient=[]),
]
