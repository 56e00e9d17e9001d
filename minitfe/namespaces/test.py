"""``tf.test``: gradients beside difference quotients."""

from typing import Any as _Any

from minitfe.gradcheck.jacobians import compute_gradient, compute_gradient_error
from minitfe.missing import explain as _explain

__all__ = ["compute_gradient", "compute_gradient_error"]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.test"))
