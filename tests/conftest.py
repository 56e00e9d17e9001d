"""What all tests share: eager execution is on, hypothesis has no deadlines, and --kernels chooses a kernel package."""
import hypothesis
import pytest

import minitfe as tf

tf.enable_eager_execution()

hypothesis.settings.register_profile("default", deadline=None, max_examples=10, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("fresh", deadline=None, max_examples=50)
hypothesis.settings.load_profile("default")


def pytest_addoption(parser):
    parser.addoption("--kernels", default="numpy", help="the kernel package that tests/conformance is run against")


@pytest.fixture(autouse=True)
def namespace(doctest_namespace):
    """Docstring examples know tf, tfe and np."""
    import numpy as np

    import minitfe.contrib.eager as tfe

    doctest_namespace.update(tf=tf, tfe=tfe, np=np)
