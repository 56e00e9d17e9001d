"""``tf.summary``: summaries of graphs, which a session runs and a `FileWriter` writes down.

Each function returns a tensor: a message in its serialized form. ``tf.contrib.summary`` is the newer way, which writes
by itself and works in eager execution too.
"""

from __future__ import annotations

from collections.abc import Callable as _Callable
from collections.abc import Sequence as _Sequence
from typing import Any as _Any

from minitfe import dtypes as _dtypes
from minitfe.context import get_listeners as _get_listeners
from minitfe.conversion import convert_to_tensor as _convert_to_tensor
from minitfe.graph.collections import GraphKeys as _GraphKeys
from minitfe.graph.collections import get_collection as _get_collection
from minitfe.graph.session_graph import SessionGraph as _SessionGraph
from minitfe.missing import explain as _explain
from minitfe.summaries import record as _record
from minitfe.summaries.graph_definition import graph_definition as _graph_definition
from minitfe.summaries.writer import SummaryWriter as _SummaryWriter
from minitfe.summaries.writer import proto as _proto
from minitfe.tensor import Tensor as _Tensor
from minitfe.tensor import TensorLike as _TensorLike

__all__ = ["FileWriter", "audio", "histogram", "image", "merge", "merge_all", "scalar", "text"]


def _graph(function: str) -> _SessionGraph:
    graph = _get_listeners().interpreter
    if not isinstance(graph, _SessionGraph):
        raise RuntimeError(
            f"tf.summary.{function} is not compatible with eager execution. Use tf.contrib.summary.{function} instead."
        )
    return graph


def _summary(
    function: str,
    name: str,
    tensor: _TensorLike,
    family: str | None,
    collections: _Any,
    encode: _Callable[[_Tensor], _record.Parts],
) -> _Tensor:
    """Notes down that a message is to be made of a tensor, and adds it to the collections."""
    graph = _graph(function)
    tag = _record.tag_of(name, family)

    def message(x: _Tensor) -> list[_Tensor]:
        return [_convert_to_tensor(_record.summary_of(tag, x, encode).SerializeToString())]

    (summary,) = graph.call_later(message, [_convert_to_tensor(tensor)], [(_dtypes.string, ())])
    graph.add_to_collections([_GraphKeys.SUMMARIES] if collections is None else collections, summary)
    return summary


def scalar(name: str, tensor: _TensorLike, collections: _Any = None, family: str | None = None) -> _Tensor:
    """Returns a summary of one number: a point on a curve.

    Args:
        name: the curve's name; the name scopes of the moment stand before it.
        tensor: a real number.
        collections: the collections that it is added to: by default the one that `merge_all` takes.
        family: a word that puts several curves into one tab.

    Raises:
        RuntimeError: in eager execution.

    TensorFlow: tf.summary.scalar.
    """
    return _summary("scalar", name, tensor, family, collections, _record.encode_scalar)


def histogram(name: str, values: _TensorLike, collections: _Any = None, family: str | None = None) -> _Tensor:
    """Returns a summary of how real numbers are distributed. Other arguments and errors are those of `scalar`.

    TensorFlow: tf.summary.histogram.
    """
    return _summary("histogram", name, values, family, collections, _record.encode_histogram)


def text(name: str, tensor: _TensorLike, collections: _Any = None) -> _Tensor:
    """Returns a summary of text, which is shown as Markdown. Other arguments and errors are those of `scalar`.

    TensorFlow: tf.summary.text.
    """
    return _summary("text", name, tensor, None, collections, _record.encode_text)


def image(
    name: str, tensor: _TensorLike, max_outputs: int = 3, collections: _Any = None, family: str | None = None
) -> _Tensor:
    """Returns a summary of images [image, row, column, channel], at most max_outputs of them.

    Other arguments and errors are those of `scalar`.

    TensorFlow: tf.summary.image.
    """
    return _summary("image", name, tensor, family, collections, _record.image_encoder(max_outputs))


def audio(
    name: str,
    tensor: _TensorLike,
    sample_rate: _Any,
    max_outputs: int = 3,
    collections: _Any = None,
    family: str | None = None,
) -> _Tensor:
    """Returns a summary of sounds [clip, frame] or [clip, frame, channel], at most max_outputs of them.

    Args:
        sample_rate: how many frames make a second. Other arguments and errors are those of `scalar`.

    TensorFlow: tf.summary.audio.
    """
    return _summary("audio", name, tensor, family, collections, _record.audio_encoder(sample_rate, max_outputs))


def merge(inputs: _Sequence[_Tensor], collections: _Any = None, name: str | None = None) -> _Tensor:
    """Returns one summary with all that is in several.

    Args:
        inputs: what the other functions returned.
        collections: collections that it is added to.

    Raises:
        RuntimeError: in eager execution.

    TensorFlow: tf.summary.merge.
    """
    graph = _graph("merge")

    def joined(*messages: _Tensor) -> list[_Tensor]:
        return [_convert_to_tensor(b"".join(message.numpy() for message in messages))]

    (summary,) = graph.call_later(joined, [_convert_to_tensor(x) for x in inputs], [(_dtypes.string, ())])
    graph.add_to_collections(collections or (), summary)
    return summary


def merge_all(key: str = _GraphKeys.SUMMARIES, scope: str | None = None) -> _Tensor | None:
    """Returns one summary with all that are in a collection; None where there are none.

    Raises:
        RuntimeError: in eager execution.

    TensorFlow: tf.summary.merge_all.
    """
    _graph("merge_all")
    summaries = _get_collection(key, scope)
    return merge(summaries) if summaries else None


class FileWriter:
    """Writes summaries, and graphs, into an event file for TensorBoard.

    Args:
        logdir: the folder of the file.
        graph: a graph to show.
        max_queue: how many summaries may wait to be written.
        flush_secs: how long they may wait, in seconds.
        filename_suffix: the end of the file's name.
        graph_def, session: accepted, as in TensorFlow, without effect.

    Raises:
        RuntimeError: in eager execution.

    TensorFlow: tf.summary.FileWriter.
    """

    def __init__(
        self,
        logdir: str,
        graph: _Any = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        graph_def: _Any = None,
        filename_suffix: str | None = None,
        session: _Any = None,
    ) -> None:
        if graph is None and not isinstance(_get_listeners().interpreter, _SessionGraph):
            raise RuntimeError(
                "tf.summary.FileWriter is not compatible with eager execution. Use tf.contrib.summary instead:"
                " create_file_writer."
            )
        self._writer = _SummaryWriter(str(logdir), max_queue, int(1000 * flush_secs), filename_suffix or "")
        if graph is not None:
            self.add_graph(graph)

    def get_logdir(self) -> str:
        """Returns the folder of the file."""
        return str(self._writer.logdir)

    def add_summary(self, summary: _Any, global_step: _Any = None) -> None:
        """Writes a summary.

        Args:
            summary: what a session returned for one, or a message of type Summary.
            global_step: the step that it belongs to.

        Raises:
            InvalidArgumentError: where it is no summary.
        """
        message = _record.message_of(summary, _proto("summary").Summary, "add_summary's summary")
        self._writer.add(0 if global_step is None else int(global_step), summary=message)

    def add_graph(self, graph: _Any, global_step: _Any = None, graph_def: _Any = None) -> None:
        """Writes a graph, for TensorBoard to draw."""
        definition = _graph_definition(graph).SerializeToString()
        self._writer.add(0 if global_step is None else int(global_step), graph_def=definition)

    def add_event(self, event: _Any) -> None:
        """Writes a message of type Event."""
        self._writer.add_event(event)

    def flush(self) -> None:
        """Waits until all that was added is on the disk."""
        self._writer.flush()

    def close(self) -> None:
        """Writes what is left, and closes the file."""
        self._writer.close()

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *exception: _Any) -> None:
        self.close()


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.summary"))
