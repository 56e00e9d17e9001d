"""Skipping a test whose tools are not on this machine. On the build server nothing may be missing."""

import os

import pytest


def unavailable(reason):
    """Skips the running test, or fails it where the environment says CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"must run on the build server, but {reason}")
    pytest.skip(reason)
