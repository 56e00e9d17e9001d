"""``tf.keras``: layers, models, and their training."""

from typing import Any as _Any

from minitfe import initializers
from minitfe.keras import (
    activations,
    backend,
    callbacks,
    constraints,
    datasets,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    preprocessing,
    regularizers,
    utils,
)
from minitfe.keras.engine.model import Model
from minitfe.keras.engine.sequential import Sequential
from minitfe.keras.layers.core import Input
from minitfe.missing import explain as _explain

__all__ = [
    "Input",
    "Model",
    "Sequential",
    "activations",
    "backend",
    "callbacks",
    "constraints",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "preprocessing",
    "regularizers",
    "utils",
]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.keras"))
