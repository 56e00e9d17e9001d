"""A device to test on. Where MINITFE_OPENCL=all asks for one, its absence is a failure, not a reason to skip."""

import os

import pytest

from minitfe import devices, kernel_registry


@pytest.fixture(scope="session")
def gpu():
    """The device that is /gpu:0."""
    found = devices.devices_of("opencl")
    if not found:
        reason = kernel_registry.package("opencl").why_no_device()
        if os.environ.get("MINITFE_OPENCL") == "all":
            pytest.fail(f"MINITFE_OPENCL=all found no device: {reason}")
        pytest.skip(reason)
    return found[0]
