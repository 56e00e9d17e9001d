"""``tf.contrib.summary``: what a program writes down for TensorBoard to show."""

from typing import Any as _Any

from minitfe.missing import explain as _explain
from minitfe.summaries.record import audio, generic, graph, histogram, image, import_event, scalar, text
from minitfe.summaries.recording import (
    always_record_summaries,
    never_record_summaries,
    record_summaries_every_n_global_steps,
    should_record_summaries,
)
from minitfe.summaries.writer import (
    SummaryWriter,
    all_summary_ops,
    create_file_writer,
    eval_dir,
    flush,
    initialize,
)

create_summary_file_writer = create_file_writer

__all__ = [
    "SummaryWriter",
    "all_summary_ops",
    "always_record_summaries",
    "audio",
    "create_file_writer",
    "create_summary_file_writer",
    "eval_dir",
    "flush",
    "generic",
    "graph",
    "histogram",
    "image",
    "import_event",
    "initialize",
    "never_record_summaries",
    "record_summaries_every_n_global_steps",
    "scalar",
    "should_record_summaries",
    "text",
]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.contrib.summary"))
