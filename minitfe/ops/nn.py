"""The parts of neural networks: activations, biases, dropout, embeddings.

Softmax and the cross entropies stand in `cross_entropy`, normalization in `normalization`, convolution and pooling in
modules of their own; ``tf.nn`` has them all. Where an activation's slope is cheapest found from its output y, as for
relu and elu, its gradient is an op of g and y, so that a kernel can work in place and the input need not be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from minitfe import dtypes, shapes
from minitfe.conversion import agree, convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import Op, register
from minitfe.ops import arguments, array, comparison, elementary, indexing, linalg, math, random, reduction, special
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

# ------------------------------------------------------------------------------------------------ rectified activations

relu_op = register(Op("relu", shape=shapes.same, accepts=dtypes.REAL))
relu_gradient_op = register(Op("relu_gradient", shape=shapes.same, accepts=dtypes.REAL, tensorflow_name="ReluGrad"))


def relu(features: TensorLike, name: str | None = None) -> Tensor:
    """Returns max(x, 0), element by element. The slope at 0 is 0.

    >>> tf.nn.relu([-1., 0., 2.]).numpy()
    array([0., 0., 2.], dtype=float32)
    """
    x = features if type(features) is Tensor else convert_to_tensor(features)
    return cast(Tensor, execute(relu_op, (x,)))


@relu_op.gradient(0)
def relu_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d max(x, 0)/dx = [y > 0]"""
    return relu_gradient(g, output)


def relu_gradient(g: Tensor, y: Tensor) -> Tensor:
    """Returns g where y > 0, and 0 elsewhere."""
    return cast(Tensor, execute(relu_gradient_op, (g, y)))


@relu_gradient_op.gradient(0)
def relu_gradient_dg(h: Tensor, g: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(g[y > 0])/dg = [y > 0]"""
    return relu_gradient(h, y)


@relu_gradient_op.gradient(1)
def relu_gradient_dy(h: Tensor, g: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(g[y > 0])/dy = 0: the mask does not move with y."""
    return array.zeros_like(y)


relu6_op = register(Op("relu6", shape=shapes.same, accepts=dtypes.REAL, tensorflow_name="Relu6"))
relu6_gradient_op = register(Op("relu6_gradient", shape=shapes.same, accepts=dtypes.REAL, tensorflow_name="Relu6Grad"))


def relu6(features: TensorLike, name: str | None = None) -> Tensor:
    """Returns min(max(x, 0), 6), element by element (Krizhevsky, "Convolutional deep belief networks", 2010).

    >>> tf.nn.relu6([-1., 2., 8.]).numpy()
    array([0., 2., 6.], dtype=float32)
    """
    return cast(Tensor, execute(relu6_op, (convert_to_tensor(features),)))


@relu6_op.gradient(0)
def relu6_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d min(max(x, 0), 6)/dx = [0 < y < 6]"""
    return relu6_gradient(g, output)


def relu6_gradient(g: Tensor, y: Tensor) -> Tensor:
    """Returns g where 0 < y < 6, and 0 elsewhere."""
    return cast(Tensor, execute(relu6_gradient_op, (g, y)))


@relu6_gradient_op.gradient(0)
def relu6_gradient_dg(h: Tensor, g: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(g[0 < y < 6])/dg = [0 < y < 6]"""
    return relu6_gradient(h, y)


@relu6_gradient_op.gradient(1)
def relu6_gradient_dy(h: Tensor, g: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(g[0 < y < 6])/dy = 0: the mask does not move with y."""
    return array.zeros_like(y)


def crelu(features: TensorLike, name: str | None = None, axis: int = -1) -> Tensor:
    """Returns relu(x) and relu(-x) side by side along an axis (Shang et al., arXiv:1603.05201).

    >>> tf.nn.crelu([-1., 2.]).numpy()
    array([0., 2., 1., 0.], dtype=float32)
    """
    x = convert_to_tensor(features)
    return array.concat([relu(x), relu(math.negative(x))], axis)


def leaky_relu(features: TensorLike, alpha: TensorLike = 0.2, name: str | None = None) -> Tensor:
    """Returns max(αx, x), element by element (Maas, Hannun and Ng, 2013). The slope at 0 is α.

    >>> tf.nn.leaky_relu([-1., 2.]).numpy()
    array([-0.2,  2. ], dtype=float32)
    """
    x = convert_to_tensor(features)
    if x.dtype.is_integer:
        x = array.cast(x, dtypes.float32)
    return comparison.maximum(math.multiply(alpha, x), x)


# ---------------------------------------------------------------------------------------------- exponential activations

elu_op = register(Op("elu", shape=shapes.same, accepts=dtypes.FLOATING))
elu_gradient_op = register(Op("elu_gradient", shape=shapes.same, accepts=dtypes.FLOATING, tensorflow_name="EluGrad"))


def elu(features: TensorLike, name: str | None = None) -> Tensor:
    """Returns x where x > 0, and exp(x) - 1 elsewhere (Clevert, Unterthiner and Hochreiter, arXiv:1511.07289).

    >>> tf.nn.elu([-1., 0., 2.]).numpy()
    array([-0.63212055,  0.        ,  2.        ], dtype=float32)
    """
    return _elu(features, 1.0)


def _elu(features: TensorLike, alpha: float) -> Tensor:
    return cast(Tensor, execute(elu_op, (convert_to_tensor(features),), {"alpha": alpha}))


@elu_op.gradient(0)
def elu_dx(g: Tensor, x: Tensor, output: Tensor, alpha: float) -> Tensor:
    """d elu(x)/dx = 1 where y ≥ 0, and α exp(x) = y + α elsewhere."""
    return elu_gradient(g, output, alpha)


def elu_gradient(g: Tensor, y: Tensor, alpha: float) -> Tensor:
    """Returns g where y ≥ 0, and g(y + α) elsewhere."""
    return cast(Tensor, execute(elu_gradient_op, (g, y), {"alpha": alpha}))


@elu_gradient_op.gradient(0)
def elu_gradient_dg(h: Tensor, g: Tensor, y: Tensor, output: Tensor, alpha: float) -> Tensor:
    """Linear in g, with the same slope."""
    return elu_gradient(h, y, alpha)


@elu_gradient_op.gradient(1)
def elu_gradient_dy(h: Tensor, g: Tensor, y: Tensor, output: Tensor, alpha: float) -> Tensor:
    """d(g(y + α))/dy = g where y < 0, and 0 elsewhere."""
    return relu_gradient(math.multiply(h, g), math.negative(y))


# The two constants that keep mean 0 and variance 1 from layer to layer: Klambauer, Unterthiner, Mayr and Hochreiter,
# "Self-normalizing neural networks", arXiv:1706.02515, equation 14.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def selu(features: TensorLike, name: str | None = None) -> Tensor:
    """Returns λx where x > 0, and λα(exp(x) - 1) elsewhere, with the constants of Klambauer et al., arXiv:1706.02515.

    >>> tf.nn.selu([0., 1.]).numpy()
    array([0.      , 1.050701], dtype=float32)
    """
    return math.multiply(SELU_SCALE, _elu(features, SELU_ALPHA))


def swish(features: TensorLike, name: str | None = None) -> Tensor:
    """Returns x sigmoid(x) (Ramachandran, Zoph and Le, arXiv:1710.05941).

    >>> tf.nn.swish([0., 1.]).numpy()
    array([0.       , 0.7310586], dtype=float32)
    """
    x = convert_to_tensor(features)
    return math.multiply(x, special.sigmoid(x))


# -------------------------------------------------------------------------------------------------------------- biases


def _biased(value: Extents, bias: Extents, data_format: str) -> Extents:
    """The value's shape, if the bias has one number per channel."""
    if len(value) < 2:
        raise ShapeError(
            f"Input tensor must be at least 2D: {shapes.bracketed(value)}", "channels need an axis beside the batch's"
        )
    if len(bias) != 1:
        raise ShapeError(f"Biases must be 1D: {shapes.bracketed(bias)}", "tf.add broadcasts tensors of any rank")
    channels = value[_channel_axis(data_format, len(value))]
    if not shapes.TensorShape([channels]).is_compatible_with(bias):
        raise ShapeError(
            "Must provide as many biases as the "
            + ("last dimension" if data_format == "NHWC" else "channel dimension")
            + f" of the input tensor: {shapes.bracketed(bias)} vs. {shapes.bracketed(value)}",
            "give one number per channel",
        )
    return value


def _channel_axis(data_format: str, rank: int) -> int:
    return rank - 1 if data_format == "NHWC" else 1


bias_add_op = register(Op("bias_add", shape=_biased, accepts=dtypes.NUMBERS))


def bias_add(value: TensorLike, bias: TensorLike, data_format: str | None = None, name: str | None = None) -> Tensor:
    """Adds one number to each channel.

    Args:
        value: a batch, of rank 2 or more.
        bias: a vector, one number per channel.
        data_format: where the channels are: 'NHWC', the default, for the last axis, 'NCHW' for the second one.

    Raises:
        InvalidArgumentError: where the bias is no vector of the number of channels.

    >>> tf.nn.bias_add([[1., 2.], [3., 4.]], [10., 20.]).numpy()
    array([[11., 22.],
           [13., 24.]], dtype=float32)
    """
    layout = "NHWC" if data_format is None else arguments.choice(data_format, ("NHWC", "NCHW"), "data_format")
    return cast(Tensor, execute(bias_add_op, agree(bias_add_op, (value, bias)), {"data_format": layout}))


@bias_add_op.gradient(0)
def bias_add_dvalue(g: Tensor, value: Tensor, bias: Tensor, output: Tensor, data_format: str) -> Tensor:
    """∂(value + bias)/∂value = 1"""
    return g


@bias_add_op.gradient(1)
def bias_add_dbias(g: Tensor, value: Tensor, bias: Tensor, output: Tensor, data_format: str) -> Tensor:
    """A bias is added at every place of its channel: the sum over all axes but that of the channels."""
    rank = len(arguments.known(value.extents, "bias_add"))
    axis = tuple(i for i in range(rank) if i != _channel_axis(data_format, rank))
    return cast(Tensor, execute(reduction.reduce_sum_op, (g,), {"axis": axis, "keepdims": False}))


def xw_plus_b(x: TensorLike, weights: TensorLike, biases: TensorLike, name: str | None = None) -> Tensor:
    """Returns matmul(x, weights) + biases.

    >>> tf.nn.xw_plus_b([[1., 2.]], [[1.], [1.]], [10.]).numpy()
    array([[13.]], dtype=float32)
    """
    return bias_add(linalg.matmul(x, weights), biases)


def relu_layer(x: TensorLike, weights: TensorLike, biases: TensorLike, name: str | None = None) -> Tensor:
    """Returns relu(matmul(x, weights) + biases).

    >>> tf.nn.relu_layer([[1., 2.]], [[1.], [1.]], [-10.]).numpy()
    array([[0.]], dtype=float32)
    """
    return relu(xw_plus_b(x, weights, biases))


# -------------------------------------------------------------------------------------------------------- regularizing


def l2_loss(t: TensorLike, name: str | None = None) -> Tensor:
    """Returns Σ t² / 2.

    >>> tf.nn.l2_loss([3., 4.]).numpy()
    np.float32(12.5)
    """
    return math.multiply(0.5, reduction.reduce_sum(math.square(t)))


def l2_normalize(
    x: TensorLike, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None
) -> Tensor:
    """Divides x by its length along some axes: x / √max(Σ x², ε).

    Args:
        x: floating-point numbers.
        axis: an axis, a list of them, or None for all.
        epsilon: what the sum of squares is at least, so that zeros stay zeros.
        dim: an older spelling of axis.

    >>> tf.nn.l2_normalize([3., 4.]).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    x = convert_to_tensor(x)
    total = reduction.reduce_sum(math.square(x), dim if axis is None else axis, keepdims=True)
    return math.multiply(x, elementary.rsqrt(comparison.maximum(total, epsilon)))


def dropout(
    x: TensorLike,
    keep_prob: TensorLike | None = None,
    noise_shape: Any = None,
    seed: int | None = None,
    name: str | None = None,
    rate: float | None = None,
) -> Tensor:
    """Keeps each element with a probability p, divided by p, and sets the others to 0 (Srivastava et al., JMLR, 2014).

    Args:
        x: floating-point numbers.
        keep_prob: the probability p, in (0, 1].
        noise_shape: the shape of what is decided by chance; where it has a 1, elements are kept or dropped together.
        seed: see `tf.set_random_seed`.
        rate: 1 - p, as later versions of TensorFlow have it.

    Raises:
        ValueError: where p is not in (0, 1], or x is not floating-point.

    >>> tf.nn.dropout([1., 2.], keep_prob=1.0).numpy()
    array([1., 2.], dtype=float32)
    """
    x = convert_to_tensor(x)
    if not x.dtype.is_floating:
        raise ValueError(
            f"x has to be a floating point tensor since it's going to be scaled. Got a {x.dtype.name} tensor instead."
        )
    keep_prob = _probability_to_keep(keep_prob, rate)
    if isinstance(keep_prob, float) and keep_prob == 1:
        return x
    shape = noise_shape
    if noise_shape is None:
        shape = x.extents if x.shape.is_fully_defined() else array.shape(x)
    chance = random.random_uniform(shape, dtype=x.dtype, seed=seed)
    kept = math.floor(math.add(chance, keep_prob))  # 1 with probability p
    return math.multiply(math.divide(x, keep_prob), kept)


def _probability_to_keep(keep_prob: Any, rate: Any) -> Any:
    """Reads the probability, unless it is a tensor: that is taken as it is."""
    if (keep_prob is None) == (rate is None):
        raise ValueError("dropout needs one of keep_prob and rate.")
    if isinstance(keep_prob, Tensor):
        return array.reshape(keep_prob, []) if keep_prob.extents is None else keep_prob
    probability = (
        1.0 - arguments.number(rate, "rate") if keep_prob is None else arguments.number(keep_prob, "keep_prob")
    )
    if not 0 < probability <= 1:
        raise ValueError(f"keep_prob must be a scalar tensor or a float in the range (0, 1], got {probability:g}")
    return probability


def zero_fraction(value: TensorLike, name: str | None = None) -> Tensor:
    """Returns what part of the elements is 0, as float32.

    >>> tf.nn.zero_fraction([0., 1., 0., 3.]).numpy()
    np.float32(0.5)
    """
    return reduction.reduce_mean(array.cast(comparison.equal(value, 0), dtypes.float32))


# ---------------------------------------------------------------------------------------------- embeddings and ranks


def embedding_lookup(
    params: Any,
    ids: TensorLike,
    partition_strategy: str = "mod",
    name: str | None = None,
    validate_indices: bool = True,
    max_norm: float | None = None,
) -> Tensor:
    """Looks up rows of a table by their numbers. The gradient of a variable is an IndexedSlices of the rows used.

    Args:
        params: the table; or a list of tables of one size, among which the rows are divided up.
        ids: integers, of any shape.
        partition_strategy: where row i is among p tables: 'mod' for table i mod p, 'div' for one table after the other.
        max_norm: the length that rows longer than that are shortened to.

    Raises:
        InvalidArgumentError: where there is no such row.

    >>> tf.nn.embedding_lookup([[1., 2.], [3., 4.]], [1, 1]).numpy()
    array([[3., 4.],
           [3., 4.]], dtype=float32)
    """
    rows = indexing.gather(_table(params, partition_strategy), ids)
    if max_norm is None:
        return rows
    axes = list(range(len(arguments.known(convert_to_tensor(ids).extents, "embedding_lookup")), rows.ndim))
    length = elementary.sqrt(reduction.reduce_sum(math.square(rows), axes, keepdims=True))
    return math.multiply(rows, math.divide(max_norm, comparison.maximum(length, max_norm)))


def _table(params: Any, partition_strategy: str) -> Any:
    """One table of all rows in order."""
    strategy = arguments.choice(partition_strategy, ("MOD", "DIV"), "partition_strategy")
    if not isinstance(params, Sequence) or not params or isinstance(params[0], (int, float, Sequence)):
        return params
    if len(params) == 1:
        return params[0]
    if strategy == "DIV":
        return array.concat(params, axis=0)
    # Row i is row i // p of table i mod p: the tables are to be read crosswise.
    crosswise = array.stack(params, axis=1)
    return array.reshape(crosswise, [-1, *arguments.known(crosswise.extents, "embedding_lookup")[2:]])


def _rows_of(predictions: Extents, targets: Extents, k: int) -> Extents:
    """One answer per row."""
    if len(predictions) != 2:
        raise ShapeError("predictions must be 2-dimensional", "give one row of class scores per example")
    if not shapes.TensorShape(predictions[:1]).is_compatible_with(targets):
        raise ShapeError(
            f"First dimension of predictions {predictions[0]} must match length of targets {shapes.bracketed(targets)}",
            "give one target class per row of predictions",
        )
    return targets


in_top_k_op = register(
    Op("in_top_k", shape=_rows_of, accepts=dtypes.FLOATING, dtype=dtypes.bool_, tensorflow_name="InTopKV2")
)
in_top_k_op.no_gradient("the output is a truth value")


def in_top_k(predictions: TensorLike, targets: TensorLike, k: int, name: str | None = None) -> Tensor:
    """Says for each row whether its target is among the k classes with the largest predictions; ties all count.

    Args:
        predictions: of shape [rows, classes].
        targets: class numbers, of shape [rows].
        k: how many.

    >>> tf.nn.in_top_k([[0.1, 0.5, 0.4], [0.8, 0.1, 0.1]], [2, 2], k=2).numpy()
    array([ True,  True])
    """
    x, at = convert_to_tensor(predictions), convert_to_tensor(targets)
    if not at.dtype.is_integer:
        raise arguments.invalid(f"in_top_k takes class numbers as targets, integers, not {at.dtype.name}.")
    return cast(Tensor, execute(in_top_k_op, (x, at), {"k": arguments.integer(k, "k")}))
