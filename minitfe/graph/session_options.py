"""Settings of sessions: what programs of the time set up, and what minitfe has no use for.

They are accepted, so that such programs run: memory is taken as it is needed, ops run where the device scope says, and
what a run did is shown by ``tf.profile``.
"""

from __future__ import annotations

from typing import Any


class Options:
    """Settings by name, given at once or set later; only names that TensorFlow has are accepted."""

    _names: frozenset[str] = frozenset()

    def __init__(self, **settings: Any) -> None:
        for name, value in settings.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._names:
            raise AttributeError(
                f"{type(self).__name__} has no setting {name!r}; it has {', '.join(sorted(self._names))}."
            )
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class GPUOptions(Options):
    """How much of a GPU's memory to take: without effect, since memory is taken as it is needed.

    >>> tf.GPUOptions(allow_growth=True)
    GPUOptions(allow_growth=True)

    TensorFlow: tf.GPUOptions.
    """

    _names = frozenset({"allow_growth", "allocator_type", "per_process_gpu_memory_fraction", "visible_device_list"})


class ConfigProto(Options):
    """Settings of a session: accepted, without effect.

    >>> config = tf.ConfigProto(allow_soft_placement=True)
    >>> config.gpu_options.allow_growth = True
    >>> config.gpu_options
    GPUOptions(allow_growth=True)

    TensorFlow: tf.ConfigProto.
    """

    _names = frozenset({
        "allow_soft_placement", "device_count", "device_filters", "gpu_options", "graph_options",
        "inter_op_parallelism_threads", "intra_op_parallelism_threads", "isolate_session_state", "log_device_placement",
        "operation_timeout_in_ms", "use_per_session_threads",
    })  # fmt: skip

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"gpu_options": GPUOptions(), **settings})


class RunOptions(Options):
    """Settings of one run of a session: accepted, without effect.

    >>> tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    RunOptions(trace_level=3)

    TensorFlow: tf.RunOptions.
    """

    NO_TRACE, SOFTWARE_TRACE, HARDWARE_TRACE, FULL_TRACE = range(4)

    _names = frozenset({"inter_op_thread_pool", "output_partition_graphs", "timeout_in_ms", "trace_level"})


class RunMetadata(Options):
    """What TensorFlow tells of a run: it stays empty. ``with tf.profile() as p:`` tells of ops and their times.

    >>> tf.RunMetadata()
    RunMetadata()

    TensorFlow: tf.RunMetadata.
    """
