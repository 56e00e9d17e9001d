"""MNIST: 70,000 handwritten digits of 28 x 28 pixels (LeCun, Cortes and Burges)."""

from __future__ import annotations

from minitfe.keras.datasets.idx_files import Digits, IdxFiles

__all__ = ["load_data"]

FILES = IdxFiles(
    name="mnist",
    address="https://storage.googleapis.com/cvdf-datasets/mnist/",
    digests={
        "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
)


def load_data(path: str = "mnist.npz") -> Digits:
    """Returns the digits and what they stand for.

    Args:
        path: a folder with the IDX files, or an npz file; by default they are looked for in ``$MINITFE_DATA/mnist``,
            then in ``~/.minitfe/mnist``, where they are downloaded to.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: uint8 arrays of shapes (60000, 28, 28), (60000,), (10000, 28, 28)
        and (10000,).

    Raises:
        NotFoundError: where the path is not there.
        UnavailableError: where nothing can be downloaded; the message says which files to put where.
        DataLossError: where a file is damaged.
    """
    return FILES.load(path)
