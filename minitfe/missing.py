"""Names of TensorFlow's that are not here: what to say when somebody asks for one.

``tf.TensorArray`` should not fail with "module has no attribute": whoever runs an old script wants to know what to
write instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

_FILES = "graphs are not written to files; save variables with tf.train.Saver, and build the graph by the same program"
_QUEUES = "use tf.data"
_HOOKS = "write the loop: with tf.Session() as session, session.run in a for loop, and tf.train.Saver"
_SPARSE = "sparse tensors are not supported; tf.gather and tf.scatter_nd work with indices"
_RECORDS = "there are no protocol buffers; write numbers as bytes, and read them with tf.decode_raw"

ADVICE = {
    "GraphDef": _FILES,
    "MetaGraphDef": _FILES,
    "NodeDef": _FILES,
    "import_graph_def": _FILES,
    "graph_util": _FILES,
    "train.write_graph": _FILES,
    "train.import_meta_graph": _FILES,
    "train.export_meta_graph": _FILES,
    "FIFOQueue": _QUEUES,
    "RandomShuffleQueue": _QUEUES,
    "QueueBase": _QUEUES,
    "ReaderBase": _QUEUES,
    "TFRecordReader": _QUEUES,
    "TextLineReader": _QUEUES,
    "WholeFileReader": _QUEUES,
    "read_file": _QUEUES,
    "train.QueueRunner": _QUEUES,
    "train.limit_epochs": _QUEUES,
    "train.match_filenames_once": _QUEUES,
    "train.MonitoredSession": _HOOKS,
    "train.MonitoredTrainingSession": _HOOKS,
    "train.Scaffold": _HOOKS,
    "train.SessionRunHook": _HOOKS,
    "train.SingularMonitoredSession": _HOOKS,
    "train.Supervisor": _HOOKS,
    "sparse_placeholder": _SPARSE,
    "sparse_tensor_dense_matmul": _SPARSE,
    "sparse_to_dense": _SPARSE,
    "nn.embedding_lookup_sparse": _SPARSE,
    "FixedLenFeature": _RECORDS,
    "VarLenFeature": _RECORDS,
    "parse_example": _RECORDS,
    "parse_single_example": _RECORDS,
    "mul": "use tf.multiply",
    "sub": "use tf.subtract",
    "neg": "use tf.negative",
    "pack": "use tf.stack",
    "unpack": "use tf.unstack",
    "select": "use tf.where",
    "batch_matmul": "use tf.matmul",
    "complex_abs": "use tf.abs",
    "inv": "use tf.reciprocal",
    "scalar_summary": "use tf.summary.scalar",
    "image_summary": "use tf.summary.image",
    "histogram_summary": "use tf.summary.histogram",
    "merge_summary": "use tf.summary.merge",
    "merge_all_summaries": "use tf.summary.merge_all",
    "op_scope": "use tf.name_scope",
    "variable_op_scope": "use tf.variable_scope",
    "train.SummaryWriter": "use tf.summary.FileWriter",
    "RegisterGradient": "use tf.custom_gradient",
    "nn.nce_loss": "use tf.nn.sigmoid_cross_entropy_with_logits for the true class and some that were drawn",
    "nn.sampled_softmax_loss": "use tf.nn.sparse_softmax_cross_entropy_with_logits over all classes",
    "add_check_numerics_ops": "call tf.debugging.enable_check_numerics()",
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
    "estimator": "write the training loop, or use model.fit of tf.keras",
    "resource_loader": "use pathlib, and Path(__file__).parent",
    "examples": "read handwritten digits with tf.keras.datasets.mnist.load_data()",
    "core": "there are no protocol buffers; read events with tensorboard, and records with tf.python_io",
    "train.Example": "there are no protocol buffers; write numbers as bytes, and read them with tf.decode_raw",
    "keras.applications": "there are no trained models; build one of tf.keras.layers",
    "keras.preprocessing.image": "use tf.image in a tf.data pipeline",
    "keras.preprocessing.text": "make a dict from words to numbers, and tf.keras.preprocessing.sequence.pad_sequences",
    "contrib.framework": "use tf itself: tf.get_variable, tf.train.get_or_create_global_step",
    "contrib.keras": "use tf.keras",
    "contrib.learn": "write the training loop, or use model.fit of tf.keras",
    "contrib.lookup": "use a Python dict",
    "contrib.seq2seq": "write the decoder with tf.nn.rnn_cell and a Python loop",
    "contrib.slim": "use tf.keras.layers",
    "contrib.tpu": "there are CPUs and GPUs only",
    "contrib.training": "use a Python class or argparse for settings",
    "python": "it is the inside of TensorFlow; use the names that its documentation has, from tensorflow itself",
    "python.client": "tf.Session is in tensorflow itself; tfe.list_devices lists devices",
    "python.data": "use tf.data",
    "python.debug": "call tf.debugging.enable_check_numerics()",
    "python.eager": "use tf.GradientTape, tf.executing_eagerly, and tensorflow.contrib.eager",
    "python.estimator": "write the training loop, or use model.fit of tf.keras",
    "python.framework": "use tensorflow itself: tf.convert_to_tensor, tf.TensorShape, tf.float32, tf.errors",
    "python.keras": "use tensorflow.keras",
    "python.layers": "use tf.layers",
    "python.ops": "the ops are in tensorflow itself: tf.reshape for array_ops.reshape, tf.nn for nn_ops",
    "python.platform": "use tf.app, tf.flags, tf.gfile, tf.logging and tf.test",
    "python.saved_model": "use tf.train.Checkpoint",
    "python.summary": "use tf.contrib.summary",
    "python.training": "use tf.train",
    "python.util": "use Python's own lists and dicts",
}
"""What to use instead, by the name after ``tf.``; for a module, it serves for all that is in it, too."""


def explain(name: str, available: Sequence[str], space: str = "tf") -> str:
    """Says that a name is not in a namespace, and what to use instead if that is known.

    >>> explain("reduce_summ", ["reduce_sum", "exp"])
    'minitfe has no tf.reduce_summ; did you mean tf.reduce_sum?'
    >>> explain("relu", ["reduce_sum", "nn.relu"])
    'minitfe has no tf.relu; did you mean tf.nn.relu?'
    """
    missing = f"minitfe has no {space}.{name}"
    advice = ADVICE.get(f"{space}.{name}".removeprefix("tf."))
    if advice:
        return f"{missing}: {advice}."
    if "3d" in name.lower():
        return f"{missing}: there is nothing for volumes, only for sequences and images, in names with 1D and 2D."
    elsewhere = [other for other in available if other.rpartition(".")[2] == name]
    similar = elsewhere or get_close_matches(name, available, n=3, cutoff=0.8)
    if similar:
        return f"{missing}; did you mean {' or '.join(f'{space}.{other}' for other in similar)}?"
    return f"{missing}; dir({space}) lists the names of TensorFlow's that it has."


def explain_module(fullname: str) -> str:
    """Says that a module of TensorFlow's is not there, and what to use instead.

    >>> explain_module("tensorflow.python.keras.layers")
    'minitfe has no tensorflow.python.keras.layers: use tensorflow.keras.'
    """
    name = fullname.removeprefix("tensorflow.")
    while name and name not in ADVICE:
        name = name.rpartition(".")[0]
    advice = f": {ADVICE[name]}." if name else "; dir(tf) lists the names of TensorFlow's that it has."
    return f"minitfe has no {fullname}{advice}"
