"""``tf.debugging``: where a NaN comes from, why a gradient is None, and assertions."""

from typing import Any as _Any

from minitfe.autodiff.check_numerics import disable_check_numerics, enable_check_numerics
from minitfe.autodiff.explain import noting_lines
from minitfe.control_flow import (
    assert_equal,
    assert_greater,
    assert_greater_equal,
    assert_less,
    assert_less_equal,
    assert_negative,
    assert_non_negative,
    assert_non_positive,
    assert_positive,
    assert_rank,
    assert_rank_at_least,
)
from minitfe.missing import explain as _explain
from minitfe.ops.clipping import check_numerics
from minitfe.ops.clipping import verify_tensor_all_finite as assert_all_finite
from minitfe.ops.comparison import is_finite, is_inf, is_nan

__all__ = [
    "assert_all_finite", "assert_equal", "assert_greater", "assert_greater_equal", "assert_less",
    "assert_less_equal", "assert_negative", "assert_non_negative", "assert_non_positive", "assert_positive",
    "assert_rank", "assert_rank_at_least", "check_numerics", "disable_check_numerics", "enable_check_numerics",
    "is_finite", "is_inf", "is_nan", "noting_lines",
]  # fmt: skip


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.debugging"))
