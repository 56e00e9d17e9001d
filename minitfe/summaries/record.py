"""The functions that record: `scalar`, `histogram`, `image` and the others.

Each of them does nothing unless there is a default writer and a scope in which summaries are recorded. So they can stay
in a program for good: a call that does nothing costs less than a microsecond.

In a graph they note down that something is to be recorded when it runs: each time a traced function is called, or when
a session runs the operation that they return. The scope around a call decides at each of these runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import numpy as np

from minitfe import conversion, dtypes, errors
from minitfe.context import get_listeners
from minitfe.conversion import convert_to_tensor, resolve
from minitfe.extras import require
from minitfe.graph.graph import Graph
from minitfe.graph.session_graph import SessionGraph
from minitfe.ops import arguments
from minitfe.scopes import full_name
from minitfe.summaries import encoding
from minitfe.summaries.graph_definition import graph_definition
from minitfe.summaries.recording import deciding_now, should_record_summaries, step_number
from minitfe.summaries.writer import SUMMARY_OPS, SummaryWriter, default_writer, proto
from minitfe.tensor import Tensor, TensorLike
from minitfe.train.global_step import get_or_create_global_step

Array = np.ndarray[Any, Any]
Parts = Iterable[tuple[str, dict[str, Any]]]
Encode = Callable[[Tensor], Parts]

# ------------------------------------------------------------------------------------------------------ what all share


def tag_of(name: str, family: str | None = None) -> str:
    """The name under which TensorBoard shows a summary.

    Name scopes stand before it, as before the names of variables. A family stands before these once more, since
    TensorBoard makes a tab of what a tag begins with.

    >>> with tf.name_scope('train'):
    ...     tag_of('mean loss'), tag_of('loss', family='head')
    ('train/mean_loss', 'head/train/head/loss')
    """
    if family is None:
        return _allowed(full_name(name))
    return f"{_allowed(family)}/{_allowed(full_name(f'{family}/{name}'))}"


def _allowed(name: str) -> str:
    return re.sub(r"[^-/\w.]", "_", name).lstrip("/")


def _record(name: str, value: Any, family: str | None, step: Any, encode: Encode, dtype: Any = None) -> Any:
    """Writes what `encode` makes of a value: pairs of an end of the tag and the content."""
    writer = default_writer()
    graph = get_listeners().interpreter
    if isinstance(graph, Graph):
        x = convert_to_tensor(value, dtype)
        return None if writer is None else _record_later(graph, writer, tag_of(name, family), x, step, encode)
    if writer is not None and should_record_summaries():
        x = convert_to_tensor(value, dtype)
        writer.add(step_number(step), summary=summary_of(tag_of(name, family), x, encode))
    return None


def _record_later(graph: Graph, writer: SummaryWriter, tag: str, x: Tensor, step: Any, encode: Encode) -> Any:
    """Notes down that a summary is to be written at each run; returns the operation where a session will run it."""
    decide = deciding_now()
    step = conversion.resolve(get_or_create_global_step() if step is None else step)

    def write(x: Tensor, *steps: Tensor) -> list[Tensor]:
        if decide():
            writer.add(step_number(steps[0] if steps else step), summary=summary_of(tag, x, encode))
        return []

    graph.call_later(write, [x, *([step] if isinstance(step, Tensor) else [])], [])
    if not isinstance(graph, SessionGraph):
        return None
    graph.add_to_collection(SUMMARY_OPS, graph.latest())
    return graph.latest()


def summary_of(tag: str, x: Tensor, encode: Encode) -> Any:
    """The message that `encode` makes of a value."""
    values = proto("summary").Summary
    return values(value=[values.Value(tag=tag + end, **content) for end, content in encode(x)])


def _invalid(summary: str, wanted: str, x: Tensor) -> errors.InvalidArgumentError:
    return errors.InvalidArgumentError(f"A summary of type {summary} needs {wanted}, and was given {_words(x)}.")


def _words(x: Tensor) -> str:
    return errors.describe_operands((x,))


# --------------------------------------------------------------------------------------------------- numbers and texts


def scalar(name: str, tensor: TensorLike, family: str | None = None, step: Any = None) -> Any:
    """Records one number: a point on a curve.

    Args:
        name: the curve's name; the name scopes of the moment stand before it.
        tensor: a real number.
        family: a word that puts several curves into one tab.
        step: the place on the horizontal axis; the global step if left out.

    Returns:
        None; in a graph for sessions, the operation that records it.

    Raises:
        InvalidArgumentError: where it is not one real number.

    >>> with tf.contrib.summary.always_record_summaries():
    ...     tf.contrib.summary.scalar('loss', 0.5)    # there is no writer: nothing happens

    TensorFlow: tf.contrib.summary.scalar.
    """
    return _record(name, tensor, family, step, encode_scalar)


def encode_scalar(x: Tensor) -> Parts:
    """The content of a summary of one real number."""
    if x.shape.num_elements() != 1 or not (x.dtype.is_floating or x.dtype.is_integer or x.dtype.is_bool):
        raise _invalid("scalar", "one real number, such as tf.reduce_mean(x)", x)
    return [("", {"simple_value": float(x)})]


def histogram(name: str, tensor: TensorLike, family: str | None = None, step: Any = None) -> Any:
    """Records how numbers are distributed, such as the weights of a layer.

    Args:
        tensor: real numbers, of any shape. The other arguments are those of `scalar`.

    Raises:
        InvalidArgumentError: where the numbers are not real, or not finite.

    >>> tf.contrib.summary.histogram('weights', tf.random_normal([100]))
    """
    return _record(name, tensor, family, step, encode_histogram)


def encode_histogram(x: Tensor) -> Parts:
    """The content of a summary of how numbers are distributed."""
    if not (x.dtype.is_floating or x.dtype.is_integer or x.dtype.is_bool):
        raise _invalid("histogram", "real numbers", x)
    return [("", {"histo": encoding.histogram(np.asarray(x))})]


def text(name: str, tensor: TensorLike, family: str | None = None, step: Any = None) -> Any:
    """Records text, which TensorBoard reads as Markdown.

    Args:
        tensor: a string, or strings; those of a vector or a matrix are shown as a table. The other arguments are those
            of `scalar`.

    Raises:
        ValueError: where it is no string.

    >>> tf.contrib.summary.text('settings', 'learning rate **0.1**')
    """
    return _record(name, tensor, family, step, encode_text)


def encode_text(x: Tensor) -> Parts:
    """The content of a summary of text."""
    if x.dtype is not dtypes.string:
        raise ValueError(f"Expected tensor to have dtype string, got {_words(x)}; tf.contrib.summary.text shows text.")
    return [("", {"tensor": _tensor(x), "metadata": encoding.plugin("text")})]


def generic(name: str, tensor: TensorLike, metadata: Any = None, family: str | None = None, step: Any = None) -> Any:
    """Records a tensor as it is, for a page of TensorBoard that knows what to do with it.

    Args:
        metadata: a message of type SummaryMetadata, or one serialized, that names the page. The other arguments are
            those of `scalar`.

    Raises:
        InvalidArgumentError: where the metadata is neither.

    >>> tf.contrib.summary.generic('embedding', tf.zeros([2, 3]))
    """
    return _record(name, tensor, family, step, lambda x: [("", {"tensor": _tensor(x), **_note(metadata)})])


def _tensor(x: Tensor) -> Any:
    return encoding.tensor(np.asarray(x))


def _note(metadata: Any) -> dict[str, Any]:
    if metadata is None:
        return {}
    return {"metadata": message_of(metadata, proto("summary").SummaryMetadata, "metadata")}


def message_of(value: Any, kind: Any, what: str) -> Any:
    """Reads a message from itself, or from its serialized form: bytes, or a tensor of them."""
    if isinstance(value, kind):
        return value
    value = resolve(value)
    serialized = value.numpy() if isinstance(value, Tensor) else value
    broken = require("google.protobuf.message", "tensorboard", "Writing summaries").DecodeError
    if isinstance(serialized, bytes):
        with suppress(broken):
            return kind.FromString(serialized)
    raise errors.InvalidArgumentError(f"{what} must be a message of type {kind.DESCRIPTOR.name}, or one serialized.")


# --------------------------------------------------------------------------------------------------- images and sounds


def image(
    name: str,
    tensor: TensorLike,
    bad_color: TensorLike | None = None,
    max_images: int = 3,
    family: str | None = None,
    step: Any = None,
) -> Any:
    """Records images.

    Args:
        tensor: [image, row, column, channel], with 1, 3 or 4 channels. Of dtype uint8, they are taken as they are;
            floats are brought into the range 0 to 255, each image for itself, and with negative ones among them such
            that 0 becomes 128.
        bad_color: bytes, one per channel, to show where a float is not finite; red if left out.
        max_images: at most so many images of the batch are recorded. The other arguments are those of `scalar`.

    Raises:
        InvalidArgumentError: where these are no images.

    >>> tf.contrib.summary.image('input', tf.zeros([1, 28, 28, 1]))

    TensorFlow: tf.contrib.summary.image.
    """
    return _record(name, tensor, family, step, image_encoder(max_images, bad_color))


def image_encoder(max_images: int, bad_color: TensorLike | None = None) -> Encode:
    """What makes the content of a summary of images; see `image`."""
    count = _at_most(max_images, "max_images")

    def encode(x: Tensor) -> Parts:
        extents = x.extents or ()
        if len(extents) != 4 or extents[-1] not in (1, 3, 4) or 0 in extents[1:] or not _is_picture(x):
            raise _invalid("image", "uint8 or floats [image, row, column, channel] with 1, 3 or 4 channels", x)
        color = _color(bad_color, extents[-1])
        return _numbered("image", count, [{"image": encoding.image(one, color)} for one in np.asarray(x)[:count]])

    return encode


def _is_picture(x: Tensor) -> bool:
    return x.dtype is dtypes.uint8 or x.dtype.is_floating


def _color(bad_color: Any, channels: Any) -> Array:
    color = np.asarray(convert_to_tensor([255, 0, 0, 255] if bad_color is None else bad_color))
    if color.ndim != 1 or len(color) < channels or color.dtype.kind not in "iu" or color.min() < 0 or color.max() > 255:
        raise errors.InvalidArgumentError(
            f"bad_color must be a vector of bytes, at least one for each of {channels} channels, not {bad_color!r}."
        )
    return color


def audio(
    name: str, tensor: TensorLike, sample_rate: Any, max_outputs: int, family: str | None = None, step: Any = None
) -> Any:
    """Records sounds.

    Args:
        tensor: samples from -1 to 1, [clip, frame] or [clip, frame, channel].
        sample_rate: how many frames make a second.
        max_outputs: at most so many clips of the batch are recorded. The other arguments are those of `scalar`.

    Raises:
        InvalidArgumentError: where these are no sounds.

    >>> tf.contrib.summary.audio('tone', tf.zeros([1, 100]), sample_rate=8000, max_outputs=1)
    """
    return _record(name, tensor, family, step, audio_encoder(sample_rate, max_outputs))


def audio_encoder(sample_rate: Any, max_outputs: int) -> Encode:
    """What makes the content of a summary of sounds; see `audio`."""
    count = _at_most(max_outputs, "max_outputs")
    rate = arguments.number(sample_rate, "sample_rate")
    if not 1 <= rate < 2**31:
        raise errors.InvalidArgumentError(f"sample_rate must be a positive number of frames per second, not {rate}.")

    def encode(x: Tensor) -> Parts:
        if x.ndim not in (2, 3) or not x.dtype.is_floating or (x.ndim == 3 and not 0 < int(x.shape[2]) < 2**15):
            raise _invalid("audio", "floats [clip, frame] or [clip, frame, channel]", x)
        clips = np.asarray(x) if x.ndim == 3 else np.asarray(x)[..., None]
        return _numbered("audio", count, [{"audio": encoding.audio(clip, rate)} for clip in clips[:count]])

    return encode


def _at_most(count: Any, what: str) -> int:
    number = arguments.integer(count, what)
    if number < 1:
        raise errors.InvalidArgumentError(f"{what} must be > 0, not {number}.")
    return number


def _numbered(kind: str, count: int, contents: list[dict[str, Any]]) -> Parts:
    """Ends of tags as TensorFlow has them: numbers are left out where there can be but one."""
    return [(f"/{kind}/{i}" if count > 1 else f"/{kind}", content) for i, content in enumerate(contents)]


# --------------------------------------------------------------------------------------------------- graphs and events


def graph(param: Any, step: Any = None, name: str | None = None) -> None:
    """Records a graph, if there is a default writer; whether summaries are recorded at this step does not matter.

    Args:
        param: a graph that `minitfe.graph.graph.trace` returned, a message of type GraphDef, or one serialized.
        step: the step; the global step if left out.

    Raises:
        InvalidArgumentError: where it is none of these.

    >>> from minitfe.graph.graph import trace
    >>> traced, inputs, output = trace(lambda x: x * x, tf.constant(3.0))
    >>> tf.contrib.summary.graph(traced)

    TensorFlow: tf.contrib.summary.graph.
    """
    writer = default_writer()
    if writer is not None:
        writer.add(step_number(step), graph_def=_graph_message(param).SerializeToString())


def _graph_message(param: Any) -> Any:
    if isinstance(param, Graph):
        return graph_definition(param)
    return message_of(param, proto("graph").GraphDef, "graph() takes a traced graph; param")


def import_event(tensor: Any, name: str | None = None) -> None:
    """Writes an event that was made elsewhere, if there is a default writer.

    Args:
        tensor: a message of type Event, or one serialized.

    Raises:
        InvalidArgumentError: where it is neither.
    """
    writer: SummaryWriter | None = default_writer()
    if writer is not None:
        writer.add_event(message_of(tensor, proto("event").Event, "import_event's tensor"))
