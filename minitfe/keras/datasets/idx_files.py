"""Data sets of four IDX files: found in a folder, or downloaded to a cache and compared with their SHA-256 digests."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from minitfe import errors
from minitfe.data.sources import read_idx
from minitfe.train import storage

Array = np.ndarray[Any, Any]
Digits = tuple[tuple[Array, Array], tuple[Array, Array]]

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
"""What the files hold, in their order, by the names that the arrays of an npz file have."""

CHUNK = 1 << 16
TIMEOUT = 30  # seconds without a byte


@dataclass(frozen=True)
class IdxFiles:
    """Where the files of a data set are, and how to know them.

    Args:
        name: that of the folder they are in.
        address: where they are downloaded from.
        digests: the SHA-256 of each compressed file, by its name without ``.gz``, in the order of `ARRAYS`.
    """

    name: str
    address: str
    digests: dict[str, str]

    def load(self, path: Any) -> Digits:
        """Reads the files at a path, or from the first place that has them."""
        if str(path) != f"{self.name}.npz" or os.path.exists(path):
            return self._read(Path(path))
        places = self._places()
        return self._read(places[0] if places else self._download(_cache() / self.name))

    def _places(self) -> list[Path]:
        """Where they are: in the folder that the environment names, in one of their name in it, or in the cache."""
        chosen = os.environ.get("MINITFE_DATA")
        named = [Path(chosen), Path(chosen) / self.name] if chosen else []
        return [place for place in [*named, _cache() / self.name] if self._complete(place)]

    def _complete(self, folder: Path) -> bool:
        return (folder / f"{self.name}.npz").is_file() or all(self._find(folder, file) for file in self.digests)

    @staticmethod
    def _find(folder: Path, file: str) -> Path | None:
        """A file in a folder, compressed or not."""
        return next((path for path in (folder / f"{file}.gz", folder / file) if path.is_file()), None)

    # ------------------------------------------------------------------------------------------------------- reading

    def _read(self, path: Path) -> Digits:
        packed = path / f"{self.name}.npz" if (path / f"{self.name}.npz").is_file() else path
        if packed.is_file():
            arrays = _read_npz(packed)
        elif self._complete(path):
            arrays = [read_idx(self._find(path, file)) for file in self.digests]
        else:
            raise errors.NotFoundError(f"{path} does not hold all of {self.name}. {self._wanted(path)}.")
        _check(arrays, path)
        x_train, y_train, x_test, y_test = arrays
        return (x_train, y_train), (x_test, y_test)

    def _wanted(self, folder: Path) -> str:
        missing = ", ".join(f"{file}.gz" for file in self.digests if not self._find(folder, file))
        return (
            f"Put these files from {self.address} into {folder}: {missing} (or without .gz, or {self.name}.npz with the"
            f" arrays {', '.join(ARRAYS)})"
        )

    # --------------------------------------------------------------------------------------------------- downloading

    def _download(self, folder: Path) -> Path:
        for file, digest in self.digests.items():
            if not (folder / f"{file}.gz").exists():
                self._fetch(f"{self.address}{file}.gz", folder / f"{file}.gz", digest)
        return folder

    def _fetch(self, address: str, path: Path, digest: str) -> None:
        try:
            with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
                _save(answer, path, digest, address)
        except (urllib.error.URLError, OSError) as error:
            raise errors.UnavailableError(
                f"{address} cannot be downloaded: {error}. {self._wanted(path.parent)},"
                " or name the folder they are in: load_data(folder), or the environment variable MINITFE_DATA."
            ) from None


def _cache() -> Path:
    """Where downloads are kept."""
    return Path(os.environ.get("MINITFE_CACHE") or Path.home() / ".minitfe")


def _save(answer: Any, path: Path, digest: str, address: str) -> None:
    """Writes what comes to a file, which is there in the end only if it has the right digest."""
    computed = hashlib.sha256()
    with storage.replacing(str(path)) as descriptor, open(descriptor, "wb", closefd=False) as file:
        for chunk in _chunks(answer, path.name):
            computed.update(chunk)
            file.write(chunk)
        if computed.hexdigest() != digest:
            raise errors.DataLossError(
                f"What came from {address} has the SHA-256 {computed.hexdigest()}, not {digest}. It was thrown away."
            )


def _chunks(answer: Any, name: str) -> Iterator[bytes]:
    total = int(answer.headers.get("Content-Length") or 0) or None
    with tqdm(desc=name, total=total, unit="B", unit_scale=True) as progress:
        while chunk := answer.read(CHUNK):
            progress.update(len(chunk))
            yield chunk


def _read_npz(path: Path) -> list[Array]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return [arrays[name] for name in ARRAYS]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise errors.DataLossError(
            f"{path} is no npz file with the arrays {', '.join(ARRAYS)}, or is damaged: {error}."
        ) from None


def _check(arrays: list[Array], path: Path) -> None:
    for images, labels in (arrays[:2], arrays[2:]):
        if images.ndim != 3 or labels.shape != images.shape[:1]:
            raise errors.DataLossError(
                f"{path} holds images of shape {images.shape} and labels of shape {labels.shape}:"
                " these do not belong together."
            )
