"""tf.keras.datasets: files found, downloaded from a server of our own, and missed."""

import gzip
import hashlib
import io
import urllib.error
import urllib.request

import numpy as np
import pytest

import minitfe as tf
from minitfe.keras.datasets import fashion_mnist, idx_files, mnist
from minitfe.keras.datasets.idx_files import IdxFiles

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


ARRAYS = [
    np.arange(4 * 6, dtype="u1").reshape(4, 2, 3),
    np.arange(4, dtype="u1"),
    np.ones([1, 2, 3], "u1"),
    np.array([9], "u1"),
]
PACKED = {file: gzip.compress(idx(array), mtime=0) for file, array in zip(FILES, ARRAYS)}
SMALL = IdxFiles(
    "small", "https://example.org/", {file: hashlib.sha256(data).hexdigest() for file, data in PACKED.items()}
)


def is_right(digits):
    (x_train, y_train), (x_test, y_test) = digits
    for array, expected in zip((x_train, y_train, x_test, y_test), ARRAYS):
        np.testing.assert_array_equal(array, expected, strict=True)
    return True


def put_files(folder, compressed=True):
    folder.mkdir(parents=True, exist_ok=True)
    for file, data in PACKED.items():
        (folder / (f"{file}.gz" if compressed else file)).write_bytes(data if compressed else gzip.decompress(data))


class Server:
    """Stands for the network: answers from a dictionary, or not at all."""

    def __init__(self, files):
        self.files = files
        self.asked = []

    def __call__(self, address, timeout):
        self.asked.append(address)
        name = address.removeprefix("https://example.org/").removesuffix(".gz")
        if name not in self.files:
            raise urllib.error.URLError("no route to host")
        answer = io.BytesIO(self.files[name])
        answer.headers = {"Content-Length": str(len(self.files[name]))}
        return answer


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and no network."""
    monkeypatch.delenv("MINITFE_DATA", raising=False)
    monkeypatch.setenv("MINITFE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(urllib.request, "urlopen", Server({}))
    return tmp_path / "cache"


@pytest.mark.parametrize("compressed", [True, False])
def test_a_folder_given_by_path_or_by_the_environment(cache, tmp_path, monkeypatch, compressed):
    put_files(tmp_path / "mine", compressed)
    assert is_right(SMALL.load(tmp_path / "mine"))
    monkeypatch.setenv("MINITFE_DATA", str(tmp_path / "mine"))
    assert is_right(SMALL.load("small.npz"))
    put_files(tmp_path / "all" / "small", compressed)
    monkeypatch.setenv("MINITFE_DATA", str(tmp_path / "all"))
    assert is_right(SMALL.load("small.npz"))


def test_npz_files(cache, tmp_path, monkeypatch):
    path = tmp_path / "some.npz"
    np.savez(path, **dict(zip(idx_files.ARRAYS, ARRAYS)))
    assert is_right(SMALL.load(str(path)))
    (tmp_path / "small.npz").write_bytes(path.read_bytes())
    monkeypatch.setenv("MINITFE_DATA", str(tmp_path))
    assert is_right(SMALL.load("small.npz"))


def test_pickles_in_npz_files_are_refused(cache, tmp_path):
    path = tmp_path / "some.npz"
    np.savez(path, **{**dict(zip(idx_files.ARRAYS, ARRAYS)), "x_train": np.array([{"a": 1}], object)})
    with pytest.raises(
        tf.errors.DataLossError, match="some.npz is no npz file with the arrays x_train, .*allow_pickle"
    ):
        SMALL.load(path)
    path.write_bytes(b"not a zip file")
    with pytest.raises(tf.errors.DataLossError, match="is no npz file"):
        SMALL.load(path)


def test_a_download_is_checked_and_kept(cache, monkeypatch, capfd):
    server = Server(PACKED)
    monkeypatch.setattr(urllib.request, "urlopen", server)
    assert is_right(SMALL.load("small.npz"))
    assert server.asked == [f"https://example.org/{file}.gz" for file in FILES]
    assert sorted(path.name for path in (cache / "small").iterdir()) == sorted(f"{file}.gz" for file in FILES)
    assert is_right(SMALL.load("small.npz"))
    assert len(server.asked) == 4, "the second time nothing is downloaded"
    assert "train-images-idx3-ubyte.gz" in capfd.readouterr().err, "the progress bar"


def test_a_broken_off_download_continues_with_the_missing_file(cache, monkeypatch):
    server = Server({file: PACKED[file] for file in FILES[:2]})
    monkeypatch.setattr(urllib.request, "urlopen", server)
    with pytest.raises(tf.errors.UnavailableError):
        SMALL.load("small.npz")
    server.files, server.asked = PACKED, []
    assert is_right(SMALL.load("small.npz"))
    assert len(server.asked) == 2


def test_a_download_with_another_digest_is_thrown_away(cache, monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", Server({**PACKED, FILES[0]: PACKED[FILES[0]] + b"x"}))
    with pytest.raises(tf.errors.DataLossError, match="has the SHA-256 .* It was thrown away"):
        SMALL.load("small.npz")
    assert list((cache / "small").iterdir()) == []


def test_without_a_network_the_error_says_what_to_put_where(cache):
    for data in (mnist, fashion_mnist):
        with pytest.raises(tf.errors.UnavailableError) as caught:
            data.load_data()
        text = str(caught.value)
        assert "no route to host" in text
        assert f"into {cache / data.FILES.name}: {', '.join(f'{file}.gz' for file in FILES)}" in text
        assert "MINITFE_DATA" in text and data.FILES.address in text


def test_a_folder_without_the_files(cache, tmp_path):
    with pytest.raises(
        tf.errors.NotFoundError,
        match="does not hold all of mnist. Put these files from http.* into .*t10k-labels-idx1-ubyte.gz",
    ):
        mnist.load_data(str(tmp_path))


def test_files_that_do_not_belong_together(cache, tmp_path):
    put_files(tmp_path / "mine")
    (tmp_path / "mine" / f"{FILES[1]}.gz").write_bytes(PACKED[FILES[3]])
    with pytest.raises(tf.errors.DataLossError, match=r"images of shape \(4, 2, 3\) and labels of shape \(1,\)"):
        SMALL.load(tmp_path / "mine")
