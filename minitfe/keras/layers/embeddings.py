"""Embeddings: a vector for each word, looked up by the word's number."""

from __future__ import annotations

from typing import Any

from minitfe import dtypes, initializers
from minitfe.keras import constraints, regularizers
from minitfe.keras.engine.layer import InputSpec, Layer
from minitfe.keras.layers.core import positive
from minitfe.ops import array, nn
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor


class Embedding(Layer):
    """A table of vectors, of which it returns the rows that it is asked for.

    The gradient of the table is an IndexedSlices: it has the rows that were looked up alone.

    Args:
        input_dim: the number of rows; the inputs are integers from 0 to input_dim - 1.
        output_dim: the length of the vectors.
        embeddings_initializer, embeddings_regularizer, embeddings_constraint: see `Dense`.
        activity_regularizer: what the output costs.
        mask_zero: must be False: masks are not supported.
        input_length: the length of the sequences, for `compute_output_shape`.

    >>> tf.keras.layers.Embedding(10, 4)(tf.constant([[1, 2, 3]])).shape
    TensorShape([Dimension(1), Dimension(3), Dimension(4)])

    TensorFlow: tf.keras.layers.Embedding.
    """

    settings = (
        "input_dim", "output_dim", "embeddings_initializer", "embeddings_regularizer", "activity_regularizer",
        "embeddings_constraint", "mask_zero", "input_length",
    )  # fmt: skip

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        activity_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        input_length: Any = None,
        **kwargs: Any,
    ) -> None:
        if input_length is not None:
            kwargs.setdefault("input_shape", (input_length,))
        super().__init__(activity_regularizer=activity_regularizer, **{"dtype": dtypes.float32, **kwargs})
        if mask_zero:
            raise ValueError("mask_zero=True is not supported; multiply by tf.sequence_mask where padding matters.")
        self.input_dim = positive(input_dim, "input_dim")
        self.output_dim = positive(output_dim, "output_dim")
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.input_length = input_length
        self.input_spec = InputSpec()

    def build(self, input_shape: Any) -> None:
        """Makes the table, of shape [input_dim, output_dim]."""
        self.embeddings = self.add_weight(
            "embeddings", [self.input_dim, self.output_dim], None, self.embeddings_initializer,
            self.embeddings_regularizer, constraint=self.embeddings_constraint,
        )  # fmt: skip
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the rows with these numbers: integers of shape [...] give [..., output_dim]."""
        if not inputs.dtype.is_integer:
            inputs = array.cast(inputs, dtypes.int32)
        return nn.embedding_lookup(self.embeddings, inputs)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The input's shape, and the length of the vectors."""
        return TensorShape([*TensorShape(input_shape).as_list(), self.output_dim])
