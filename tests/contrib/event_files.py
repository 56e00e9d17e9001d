"""Reading back what summaries wrote, with TensorBoard's own reader."""

import importlib.util

from tests.unavailable import unavailable


def require_tensorboard():
    if importlib.util.find_spec("tensorboard") is None:
        unavailable("TensorBoard is not installed")


def read(logdir):
    """What a folder's event files hold, as TensorBoard reads them. Nothing is left out, however much there is."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    kinds = ("scalars", "histograms", "images", "audio", "tensors", "compressedHistograms")
    reader = EventAccumulator(str(logdir), size_guidance=dict.fromkeys(kinds, 0))
    reader.Reload()
    return reader


def steps_and_values(logdir, tag):
    return [(event.step, event.value) for event in read(logdir).Scalars(tag)]
