"""``tf.saved_model``: functions with their variables in a file that other programs run."""

from typing import Any as _Any

from minitfe.missing import explain as _explain
from minitfe.onnx_export.export import export_onnx

__all__ = ["export_onnx"]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.saved_model"))
