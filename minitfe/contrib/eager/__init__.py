"""``tfe``: the names of ``tf.contrib.eager``. ``import minitfe.contrib.eager as tfe`` is a real import."""

from typing import Any as _Any

from minitfe.autodiff.custom_gradient import custom_gradient
from minitfe.autodiff.gradient_functions import (
    gradients_function,
    hessian_function,
    implicit_gradients,
    implicit_value_and_gradients,
    value_and_gradients_function,
)
from minitfe.autodiff.tape import GradientTape
from minitfe.checkpointable import Checkpointable
from minitfe.context import (
    ASYNC,
    DEVICE_PLACEMENT_EXPLICIT,
    DEVICE_PLACEMENT_SILENT,
    DEVICE_PLACEMENT_WARN,
    SYNC,
    async_wait,
    enable_eager_execution,
    execution_mode,
    set_execution_mode,
)
from minitfe.context import executing_eagerly as in_eager_mode
from minitfe.contrib.eager import metrics
from minitfe.data.iterator import Iterator
from minitfe.devices import list_devices, num_gpus
from minitfe.graph.function import defun
from minitfe.graph.py_func import eager_py_func as py_func
from minitfe.keras.engine.network import Network
from minitfe.keras.engine.network import NetworkSequential as Sequential
from minitfe.missing import explain as _explain
from minitfe.namespaces.app import run_eagerly as run
from minitfe.tensor import Tensor
from minitfe.train.checkpoint import Checkpoint
from minitfe.train.optimizer import get_optimizer_variables
from minitfe.train.saver import Saver, restore_variables_on_create
from minitfe.variable import EagerVariableStore, Variable

executing_eagerly = in_eager_mode

__all__ = [
    "ASYNC",
    "Checkpoint",
    "Checkpointable",
    "DEVICE_PLACEMENT_EXPLICIT",
    "DEVICE_PLACEMENT_SILENT",
    "DEVICE_PLACEMENT_WARN",
    "EagerVariableStore",
    "GradientTape",
    "Iterator",
    "Network",
    "SYNC",
    "Saver",
    "Sequential",
    "Tensor",
    "Variable",
    "async_wait",
    "custom_gradient",
    "defun",
    "enable_eager_execution",
    "executing_eagerly",
    "execution_mode",
    "get_optimizer_variables",
    "gradients_function",
    "hessian_function",
    "implicit_gradients",
    "implicit_value_and_gradients",
    "in_eager_mode",
    "list_devices",
    "metrics",
    "num_gpus",
    "py_func",
    "restore_variables_on_create",
    "run",
    "set_execution_mode",
    "value_and_gradients_function",
]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tfe"))
