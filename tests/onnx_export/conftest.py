"""What all tests of exported models need."""

import pytest

from tests.unavailable import unavailable

from . import running


@pytest.fixture(autouse=True)
def libraries():
    """Skips a test where onnx or onnxruntime is not installed."""
    if running.missing:
        unavailable(f"{running.missing} is not installed")
