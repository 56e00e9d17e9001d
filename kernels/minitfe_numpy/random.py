"""Random numbers from a counter: each draw is a function of its seed alone.

The bits come from Philox-4x64-10, which enciphers a counter with a key (Salmon, Moraes, Dror and Shaw, "Parallel random
numbers: as easy as 1, 2, 3", SC11). A seed is three integers: two are the key, the third numbers the draws under it and
goes to the counter's last word. So draws never overlap, and any kernel package can compute the same ones.

Every draw is defined by these bits, not by numpy's own distributions, whose numbers may change from version to version.
"""

from __future__ import annotations

import numpy as np

__all__ = [
    "multinomial",
    "random_integers",
    "random_permutation",
    "random_standard_normal",
    "random_standard_uniform",
    "truncated_standard_normal",
]


def bits(seed, count, again=0):
    """`count` random words of 64 bits; `again` counts further draws under the same seed, where some were rejected."""
    key = np.array(seed[:2], np.uint64)
    counter = np.array([0, 0, again, seed[2]], np.uint64)
    return np.random.Philox(key=key, counter=counter).random_raw(count)


def uniform(seed, count, dtype, again=0):
    """Multiples of 2⁻ᵖ in [0, 1), where p is the precision of the dtype; as many to a word as have room."""
    precision = np.finfo(dtype).nmant + 1
    words = bits(seed, -(-count * dtype.itemsize // 8), again).view(f"u{dtype.itemsize}")[:count]
    numbers = (words >> (8 * dtype.itemsize - precision)).astype(dtype)
    return np.multiply(numbers, dtype.type(2.0**-precision), numbers)


def normal(seed, count, dtype, again=0):
    """√(-2 log(1 - u)) cos(2πv), and as many again with sin for cos (Box and Muller, 1958); float16 by float32."""
    dtype = max(dtype, np.dtype("f4"))
    half = -(-count // 2)
    u, v = uniform(seed, 2 * half, dtype, again).reshape(2, half)
    radius = np.sqrt(-2 * np.log1p(-u))
    angle = 2 * np.pi * v
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]


def random_standard_uniform(device, shape, dtype, seed):
    """Uniform in [0, 1)."""
    return uniform(seed, np.prod(shape, dtype=int), dtype.numpy).reshape(shape)


def random_standard_normal(device, shape, dtype, seed):
    """Normal with mean 0 and standard deviation 1."""
    return normal(seed, np.prod(shape, dtype=int), dtype.numpy).astype(dtype.numpy).reshape(shape)


def truncated_standard_normal(device, shape, dtype, seed):
    """Standard normal, where all that is further than 2 from 0 is drawn again."""
    numbers = normal(seed, np.prod(shape, dtype=int), dtype.numpy)
    again = 0
    while (rejected := np.flatnonzero(np.abs(numbers) > 2)).size:
        again += 1
        numbers[rejected] = normal(seed, rejected.size, dtype.numpy, again)
    return numbers.astype(dtype.numpy).reshape(shape)


def random_integers(device, shape, dtype, seed, low, high):
    """Integers from low to high - 1, all equally likely: words after the last multiple of their number are redrawn."""
    count = high - low
    last = np.uint64(2**64 - 2**64 % count - 1)
    words = bits(seed, np.prod(shape, dtype=int))
    again = 0
    while (rejected := np.flatnonzero(words > last)).size:
        again += 1
        words[rejected] = bits(seed, rejected.size, again)
    return (words % np.uint64(count) + np.uint64(low % 2**64)).astype(dtype.numpy).reshape(shape)


def random_permutation(device, shape, dtype, seed):
    """The numbers 0, 1, … in the order that sorts as many random words."""
    return np.argsort(bits(seed, *shape), kind="stable").astype(dtype.numpy)


def multinomial(logits, num_samples, seed, dtype):
    """Class numbers drawn with probabilities softmax(logits): where a uniform number falls among their running sums."""
    if logits.ndim != 2 or not logits.shape[1]:
        raise ValueError("logits must be a matrix with at least one class")
    weights = np.exp((logits - logits.max(1, keepdims=True)).astype("f8"))
    sums = np.cumsum(weights, 1)
    points = uniform(seed, len(logits) * num_samples, np.dtype("f8")).reshape(len(logits), num_samples)
    classes = [np.searchsorted(row, u * row[-1], "right") for row, u in zip(sums, points)]
    return np.array(classes, dtype.numpy).reshape(points.shape)
