"""Fashion-MNIST: 70,000 pieces of clothing of 28 x 28 pixels (Xiao, Rasul and Vollgraf, 2017)."""

from __future__ import annotations

from minitfe.keras.datasets.idx_files import Digits, IdxFiles

__all__ = ["load_data"]

FILES = IdxFiles(
    name="fashion-mnist",
    address="https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
    digests={
        "train-images-idx3-ubyte": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
)


def load_data(path: str = "fashion-mnist.npz") -> Digits:
    """Returns pictures of clothes and their classes, 0 to 9, in the form of `mnist.load_data`.

    Args:
        path: a folder with the IDX files, or an npz file; by default they are looked for in
            ``$MINITFE_DATA/fashion-mnist``, then in ``~/.minitfe/fashion-mnist``, where they are downloaded to.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``.

    Raises:
        NotFoundError: where the path is not there.
        UnavailableError: where nothing can be downloaded; the message says which files to put where.
        DataLossError: where a file is damaged.
    """
    return FILES.load(path)
