"""The benchmarks compare like with like: all peers of a case compute the same values and gradients."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("mygrad")
pytest.importorskip("autograd")

from tests.benchmarks import mnist, opencl_cases
from tests.benchmarks.cases import CASES
from tests.benchmarks.page import write_section
from tests.benchmarks.timing import check
from tests.unavailable import unavailable

COMPILERS = {"tf.function", "jax.jit"}  # large packages: where one is not installed, the cases go without it


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_peers_agree(case):
    peers = case.make()
    assert set(case.bars) - COMPILERS == set(peers) - COMPILERS - {"minitfe"}
    check(peers)


@pytest.mark.parametrize("training", mnist.TRAININGS, ids=lambda training: training.title)
def test_peers_train_alike(training):
    generator = np.random.default_rng(0)
    images = generator.random((4, 8, *training.shape), dtype="f")
    labels = generator.integers(0, 10, (4, 8))
    losses, scores = {}, {}
    for name, make in training.peers.items():
        network = make(training.weights(np.random.default_rng(1)))
        losses[name] = [float(network.step(x, y)) for x, y in zip(images, labels)]
        scores[name] = network.scores(images[0])
    for name in training.peers:
        np.testing.assert_allclose(losses[name], losses["minitfe"], rtol=1e-4)
        np.testing.assert_allclose(scores[name], scores["minitfe"], atol=1e-3)
    assert len(set(losses["minitfe"])) == 4  # the weights do change


def test_digits_are_seen_once_in_each_epoch():
    places = np.concatenate([*mnist.batches(100, epochs=2)]).reshape(2, 100)
    assert (np.sort(places) == np.arange(100)).all()
    assert (places[0] != places[1]).any()


def test_a_section_of_the_page_is_replaced_and_the_others_stay(tmp_path):
    page = tmp_path / "page.md"
    for text in ("# One\n\nold", "## Two\n\ntext", "# One\n\nnew\n"):
        write_section(text, page)
    assert page.read_text() == "# One\n\nnew\n\n## Two\n\ntext\n"


@pytest.mark.parametrize("case", opencl_cases.CASES.values(), ids=opencl_cases.CASES)
def test_opencl_agrees_with_the_cpu(case):
    try:
        peers = case.make()
    except opencl_cases.Unavailable as reason:
        unavailable(str(reason))
    assert set(case.bars) == set(peers) - {"minitfe"}
    check(peers)
