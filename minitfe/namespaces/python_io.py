"""``tf.python_io``: TFRecord files, read and written outside of pipelines."""

from typing import Any as _Any

from minitfe.data.records import TFRecordCompressionType, TFRecordOptions, TFRecordWriter, tf_record_iterator
from minitfe.missing import explain as _explain

__all__ = ["TFRecordCompressionType", "TFRecordOptions", "TFRecordWriter", "tf_record_iterator"]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.python_io"))
