"""Which samples the gradient test goes through: none for the CPU's own package, which tests/test_sweep.py holds."""

from ..samples import SAMPLES


def pytest_generate_tests(metafunc):
    if "sample_with_gradient" in metafunc.fixturenames:
        others = metafunc.config.getoption("--kernels") != "numpy"
        samples = [sample for sample in SAMPLES if sample.differentiable()] if others else []
        metafunc.parametrize("sample_with_gradient", samples, ids=lambda sample: sample.identifier)
