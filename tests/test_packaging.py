"""What people install: a wheel, built from the source archive, that works on its own."""

import importlib.util
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from .unavailable import unavailable

ROOT = Path(__file__).parent.parent

PROGRAM = """
import minitfe, minitfe_numpy, sys
print(minitfe.__file__, minitfe_numpy.__file__, sep="\\n")
import minitfe as tf
import minitfe.contrib.eager
tf.enable_eager_execution()
print(tf.add(1.0, 2.0).numpy())
"""


def python(*arguments, cwd, **environment):
    command = [sys.executable, *map(str, arguments)]
    process = subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel made the way a release is: from the unpacked source archive, which must therefore be complete."""
    for tool in ("hatchling", "pip"):
        if importlib.util.find_spec(tool) is None:
            unavailable(f"{tool} is not installed")
    folder = tmp_path_factory.mktemp("dist")
    python("-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    python("-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=folder / archive.name.removesuffix(".tar.gz"))
    [wheel] = folder.glob("*.whl")
    return wheel


def test_wheel_holds_every_module(wheel):
    """And nothing at its top but the packages: `kernels` is the name of a distribution of somebody else's."""
    names = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "minitfe"
    sources = {*package.rglob("*.py"), *package.rglob("*.html"), package / "py.typed"}
    assert {path.relative_to(ROOT).as_posix() for path in sources} <= names
    kernels = ROOT / "kernels"
    assert {
        path.relative_to(kernels).as_posix() for path in kernels.rglob("*") if path.suffix in (".py", ".cl")
    } <= names
    packages = {"minitfe", "minitfe_pytest", "minitfe_numpy", "minitfe_opencl"}
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == packages
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_installed_wheel_runs(wheel, tmp_path):
    """Installed beside nothing else, and run from an empty folder."""
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    python("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, wheel, cwd=empty)
    output = python("-c", PROGRAM, cwd=empty, PYTHONPATH=str(site)).splitlines()
    assert output == [str(site / "minitfe/__init__.py"), str(site / "minitfe_numpy/__init__.py"), "3.0"]


def test_entry_point_names_the_kernel_package(wheel):
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        text = archive.read(name).decode()
    assert "[minitfe.kernels]\nnumpy = minitfe_numpy" in text
    assert "[console_scripts]\nminitfe = minitfe.__main__:main" in text
    assert "[pytest11]\nminitfe = minitfe_pytest" in text
