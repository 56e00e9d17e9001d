"""The conformance suite: holds any kernel package against the op-sample table.

    pytest tests/conformance --kernels NAME

NAME is that of the package's entry point in the group ``minitfe.kernels``. Every sample is called with tensors on the
package's first device, and what comes out is compared with the sample's reference, which no kernel package computed.
"""
