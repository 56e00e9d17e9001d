"""The OpenCL kernel package: placement, failures, memory and threads. Its numbers are held by tests/conformance.

MINITFE_OPENCL=all lets PoCL serve where there is no GPU: `tox -e opencl` does that.
"""
