"""Names of TensorFlow's that are not here: what to say when somebody asks for one.

``tf.Session`` should not fail with "module has no attribute": whoever runs an old script wants to know what to write
instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

_GRAPHS = "it belongs to graphs, which minitfe cannot run yet. With eager execution ops compute at once: call {instead}"

ADVICE = {
    "Session": _GRAPHS.format(instead="the function, and read results with .numpy()"),
    "InteractiveSession": _GRAPHS.format(instead="the function, and read results with .numpy()"),
    "placeholder": _GRAPHS.format(instead="a Python function with the value as its argument"),
    "gradients": _GRAPHS.format(instead="tf.GradientTape, or tfe.gradients_function"),
    "hessians": _GRAPHS.format(instead="tfe.hessian_function"),
    "Graph": _GRAPHS.format(instead="the function; minitfe.graph.graph.trace shows what it records"),
    "get_default_graph": _GRAPHS.format(instead="the function"),
    "get_collection": "collections belong to graphs; keep variables in objects of your own",
    "app": "use argparse and an ordinary main function",
    "flags": "use argparse",
    "gfile": "use pathlib and open",
    "logging": "use the logging module of Python",
    "summary": "it belongs to graphs; use tf.contrib.summary",
    "add_check_numerics_ops": "call tf.debugging.enable_check_numerics()",
    "py_func": "in eager execution call the function itself, with x.numpy()",
    "string_split": "use Python's str.split before making tensors",
    "TensorArray": "use a Python list, and tf.stack",
    "SparseTensor": "sparse tensors are not supported; gradients of tf.gather come as tf.IndexedSlices",
    "bfloat16": "use tf.float16 or tf.float32",
    "function": "use tfe.defun",
    "random": "use tf.random_normal, tf.random_uniform and their like",
    "math": "the functions are here directly: tf.exp, tf.log, tf.reduce_sum",
    "concat_v2": "use tf.concat",
    "range_v2": "use tf.range",
    "float": "use tf.float32",
    "int": "use tf.int32",
}


def explain(name: str, available: Sequence[str], space: str = "tf") -> str:
    """Says that a name is not in a namespace, and what to use instead if that is known.

    >>> explain("reduce_summ", ["reduce_sum", "exp"])
    'minitfe has no tf.reduce_summ; did you mean tf.reduce_sum?'
    >>> explain("relu", ["reduce_sum", "nn.relu"])
    'minitfe has no tf.relu; did you mean tf.nn.relu?'
    """
    missing = f"minitfe has no {space}.{name}"
    if space == "tf" and name in ADVICE:
        return f"{missing}: {ADVICE[name]}."
    if "3d" in name.lower():
        return f"{missing}: there is nothing for volumes, only for sequences and images, in names with 1D and 2D."
    elsewhere = [other for other in available if other.rpartition(".")[2] == name]
    similar = elsewhere or get_close_matches(name, available, n=3, cutoff=0.8)
    if similar:
        return f"{missing}; did you mean {' or '.join(f'{space}.{other}' for other in similar)}?"
    return f"{missing}; dir({space}) lists the names of TensorFlow's that it has."
