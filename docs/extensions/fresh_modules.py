"""Each tutorial is run in a fresh minitfe, as the program of its own that it is.

Otherwise a chapter would find the devices and ops that an earlier one has added, and could not choose devices through
the environment, which minitfe reads once.
"""

import os
import sys

PACKAGES = {"minitfe", "minitfe_numpy", "minitfe_opencl"}

outside = {}


def reset(gallery_conf, file, when):
    """Puts minitfe's modules aside before a tutorial, and back after it; likewise the environment."""
    if when == "before":
        outside.update(modules=our_modules(), environment=dict(os.environ))
    for name in our_modules():
        del sys.modules[name]
    if when == "after":
        sys.modules.update(outside["modules"])
        os.environ.clear()
        os.environ.update(outside["environment"])


def our_modules():
    """The modules of minitfe and its kernel packages that were imported so far."""
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] in PACKAGES}
