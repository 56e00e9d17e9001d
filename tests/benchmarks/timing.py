"""How the peers are timed: in turn, so that whatever else the machine does meets them all alike; and by the median."""

import time
from statistics import median

import numpy as np

ROUNDS = 25
SECONDS_PER_ROUND = 0.03


def check(peers):
    """All peers must compute the same: values and gradients are compared with those of the first."""
    results = {name: [to_numpy(x) for x in run()] for name, run in peers.items()}
    first = results[next(iter(results))]
    for name, arrays in results.items():
        assert len(arrays) == len(first), name
        for i, (x, wanted) in enumerate(zip(arrays, first)):
            scale = np.abs(wanted).max()
            np.testing.assert_allclose(x, wanted, rtol=0, atol=1e-4 * scale, err_msg=f"{name}, result {i}")


def to_numpy(x):
    """The array in a tensor of any of the libraries."""
    if hasattr(x, "detach"):
        x = x.detach()
    return np.asarray(x.numpy() if hasattr(x, "numpy") else x, dtype="f8")


def time_in_turn(peers, rounds=ROUNDS):
    """Seconds per run of each peer: the median over rounds in which each runs for a while."""
    repeats = {name: max(1, round(SECONDS_PER_ROUND / seconds(run, 1))) for name, run in peers.items()}
    times = {name: [] for name in peers}
    for _ in range(rounds):
        for name, run in peers.items():
            run()  # what the others left in the caches is not this one's fault
            times[name].append(seconds(run, repeats[name]))
    return {name: median(all_times) for name, all_times in times.items()}


def seconds(run, repeats):
    """Seconds per run over some repeats."""
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats
