"""``tf.nn``: what neural networks are made of."""

from typing import Any as _Any

from minitfe.missing import explain as _explain
from minitfe.namespaces import rnn_cell
from minitfe.namespaces.rnn import bidirectional_dynamic_rnn, dynamic_rnn, static_rnn
from minitfe.ops.convolution import (
    atrous_conv2d,
    conv1d,
    conv2d,
    conv2d_backprop_filter,
    conv2d_backprop_input,
    conv2d_transpose,
    convolution,
    depthwise_conv2d,
    depthwise_conv2d_native,
    local_response_normalization,
    lrn,
    separable_conv2d,
)
from minitfe.ops.cross_entropy import (
    log_poisson_loss,
    log_softmax,
    sigmoid_cross_entropy_with_logits,
    softmax,
    softmax_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits,
)
from minitfe.ops.elementary import tanh
from minitfe.ops.nn import (
    bias_add,
    crelu,
    dropout,
    elu,
    embedding_lookup,
    in_top_k,
    l2_loss,
    l2_normalize,
    leaky_relu,
    relu,
    relu6,
    relu_layer,
    selu,
    swish,
    xw_plus_b,
    zero_fraction,
)
from minitfe.ops.normalization import batch_normalization, fused_batch_norm, moments, weighted_moments
from minitfe.ops.pooling import avg_pool, max_pool, pool
from minitfe.ops.sorting import top_k
from minitfe.ops.special import sigmoid, softplus, softsign

__all__ = [
    "atrous_conv2d",
    "avg_pool",
    "batch_normalization",
    "bias_add",
    "bidirectional_dynamic_rnn",
    "conv1d",
    "conv2d",
    "conv2d_backprop_filter",
    "conv2d_backprop_input",
    "conv2d_transpose",
    "convolution",
    "crelu",
    "depthwise_conv2d",
    "depthwise_conv2d_native",
    "dropout",
    "dynamic_rnn",
    "elu",
    "embedding_lookup",
    "fused_batch_norm",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "local_response_normalization",
    "log_poisson_loss",
    "log_softmax",
    "lrn",
    "max_pool",
    "moments",
    "pool",
    "relu",
    "relu6",
    "relu_layer",
    "rnn_cell",
    "selu",
    "separable_conv2d",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_v2",
    "softplus",
    "softsign",
    "sparse_softmax_cross_entropy_with_logits",
    "static_rnn",
    "swish",
    "tanh",
    "top_k",
    "weighted_cross_entropy_with_logits",
    "weighted_moments",
    "xw_plus_b",
    "zero_fraction",
]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.nn"))
