"""Numbers as TensorBoard wants them: histograms, PNG images, WAV sounds and tensors, as messages.

All of this takes and returns numpy arrays and protocol buffers. Nothing here is differentiated: what is summarised has
left the computation.
"""

from __future__ import annotations

import io
import itertools
import sys
import wave
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from minitfe import errors
from minitfe.extras import require
from minitfe.summaries.writer import proto

Array = np.ndarray[Any, Any]

# ---------------------------------------------------------------------------------------------------------- histograms

LARGEST = sys.float_info.max


@cache
def bucket_limits() -> Array:
    """TensorFlow's buckets: each is a tenth wider than the one before, from 1e-12 to 1e20, on both sides of 0."""
    positive = [*_growing(1e-12, 1e20), LARGEST]
    return np.array([*(-limit for limit in reversed(positive)), 0.0, *positive])


def _growing(first: float, last: float) -> Iterator[float]:
    return itertools.takewhile(lambda v: v < last, itertools.accumulate(itertools.repeat(1.1), _times, initial=first))


def _times(x: float, y: float) -> float:
    return x * y


def histogram(values: Array) -> Any:
    """Counts how many values fall into each bucket: those from the limit before up to, but not at, its own.

    Raises:
        InvalidArgumentError: where a value is NaN or infinite.
    """
    values = values.ravel().astype(np.float64)
    if not np.isfinite(values).all():
        kind = "Nan" if np.isnan(values).any() else "Infinity"
        raise errors.InvalidArgumentError(
            f"{kind} in summary histogram: {np.count_nonzero(~np.isfinite(values))} of {values.size} values are not"
            " finite. tf.check_numerics finds out where they come from."
        )
    limits = bucket_limits()
    places = np.minimum(np.searchsorted(limits, values, side="right"), len(limits) - 1)
    counts = np.bincount(places, minlength=len(limits)).astype(np.float64)
    shown = _without_empty_runs(counts)
    return proto("summary").HistogramProto(
        min=values.min(initial=LARGEST),
        max=values.max(initial=-LARGEST),
        num=values.size,
        sum=values.sum(),
        sum_squares=np.square(values).sum(),
        bucket_limit=limits[shown],
        bucket=counts[shown],
    )


def _without_empty_runs(counts: Array) -> Array:
    """Which buckets to write down: of neighbours that are all empty, the last."""
    return np.asarray((counts > 0) | np.append(counts[1:] > 0, True))


# --------------------------------------------------------------------------------------------------- images and sounds


def image(pixels: Array, bad_color: Array) -> Any:
    """Packs one image as PNG.

    Args:
        pixels: [row, column, channel], with 1 (grey), 3 (red, green, blue) or 4 channels (and opacity). Bytes are taken
            as they are, floats brought into their range.
        bad_color: bytes to put where floats are not finite.
    """
    pillow = require("PIL.Image", "tensorboard", "Writing images")
    if pixels.dtype != np.uint8:
        pixels = _as_bytes(pixels.astype(np.float64), bad_color)
    height, width, channels = pixels.shape
    file = io.BytesIO()
    pillow.fromarray(pixels[..., 0] if channels == 1 else pixels).save(file, "PNG")
    return proto("summary").Summary.Image(
        height=height, width=width, colorspace=channels, encoded_image_string=file.getvalue()
    )


def _as_bytes(pixels: Array, bad_color: Array) -> Array:
    """Positive pixels are stretched to 0..255; with negative ones among them, 0 becomes 128 and is the middle."""
    finite = np.isfinite(pixels).all(-1, keepdims=True)
    extent = np.abs(pixels).max(initial=0.0, where=finite)
    room, middle = (127, 128) if pixels.min(initial=0.0, where=finite) < 0 else (255, 0)
    scale = room / extent if extent >= 1e-6 else 0.0
    scaled = np.where(finite, pixels * scale + middle, bad_color[: pixels.shape[-1]])
    return scaled.astype(np.uint8)


def audio(samples: Array, sample_rate: float) -> Any:
    """Packs a clip, [frame, channel] with samples from -1 to 1, as a WAV file of 16 bits."""
    frames, channels = samples.shape
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(round(sample_rate))
        sound.writeframes((np.clip(np.nan_to_num(samples), -1, 1) * 32767).astype("<i2").tobytes())
    return proto("summary").Summary.Audio(
        sample_rate=sample_rate,
        num_channels=channels,
        length_frames=frames,
        encoded_audio_string=file.getvalue(),
        content_type="audio/wav",
    )


# ------------------------------------------------------------------------------------------------------------- tensors


def tensor(values: Array) -> Any:
    """A tensor as a message; strings are arrays of bytes."""
    return require("tensorboard.util.tensor_util", "tensorboard", "Writing summaries").make_tensor_proto(values)


def plugin(name: str) -> Any:
    """The note that tells TensorBoard which of its pages shows a tensor."""
    summary = proto("summary")
    return summary.SummaryMetadata(plugin_data=summary.SummaryMetadata.PluginData(plugin_name=name))
