"""``tf.contrib.checkpoint``: for classes of one's own that are to be saved."""

from typing import Any as _Any

from minitfe.checkpointable import Checkpointable, NoDependency
from minitfe.checkpointable import Checkpointable as CheckpointableBase
from minitfe.checkpointable import TrackedDict as Mapping
from minitfe.checkpointable import TrackedList as List
from minitfe.missing import explain as _explain
from minitfe.train.checkpoint_manager import CheckpointManager
from minitfe.train.object_graph import list_objects

__all__ = [
    "CheckpointManager",
    "Checkpointable",
    "CheckpointableBase",
    "List",
    "Mapping",
    "NoDependency",
    "list_objects",
]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.contrib.checkpoint"))
