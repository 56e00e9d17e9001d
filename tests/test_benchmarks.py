"""The benchmarks compare like with like: all peers of a case compute the same values and gradients."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("mygrad")
pytest.importorskip("autograd")

from tests.benchmarks.cases import CASES
from tests.benchmarks.timing import check


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_peers_agree(case):
    peers = case.make()
    assert set(case.bars) == set(peers) - {"minitfe"}
    check(peers)
