"""Floor one: dtypes, shapes, nested structures."""

import collections
import pickle

import numpy as np
import pytest

import minitfe as tf
from minitfe import nest, shapes
from minitfe.errors import ShapeError

# --------------------------------------------------------------------------------------------------------------- dtypes


def test_dtypes_are_named_as_tensorflow_names_them():
    assert repr(tf.float32) == "tf.float32" and str(tf.float32) == "<dtype: 'float32'>" and tf.float32.name == "float32"


def test_dtypes_equal_their_numpy_relatives():
    assert tf.float32 == np.float32 == tf.float32 and tf.int64 == "int64" and tf.as_dtype(np.dtype("u1")) is tf.uint8
    assert tf.float32 != tf.float64 and tf.float32 != None and tf.float32 != "nonsense"  # noqa: E711
    assert {tf.float32: 1}[tf.as_dtype("float32")] == 1 and pickle.loads(pickle.dumps(tf.int8)) is tf.int8


def test_what_dtypes_know_of_themselves():
    assert (
        tf.float16.is_floating
        and tf.uint8.is_integer
        and tf.uint8.is_unsigned
        and tf.complex64.is_complex
        and tf.bool.is_bool
    )
    assert (
        tf.int8.min == -128 and tf.int8.max == 127 and tf.float64.size == 8 and tf.complex128.real_dtype is tf.float64
    )
    assert tf.float32.as_numpy_dtype is np.float32 and tf.float32.base_dtype is tf.float32
    with pytest.raises(TypeError, match="string has no smallest or largest value"):
        tf.string.max  # noqa: B018


# --------------------------------------------------------------------------------------------------------------- shapes


def test_shapes_print_and_compare_as_tensorflows():
    shape = tf.TensorShape([1, 2])
    assert repr(shape) == "TensorShape([Dimension(1), Dimension(2)])" and str(shape) == "(1, 2)"
    assert (
        shape == [1, 2] == shape == (1, 2) and shape != [1, 3] and shape.as_list() == [1, 2] and tuple(shape) == (1, 2)
    )
    assert str(tf.TensorShape([None])) == "(?,)" and str(tf.TensorShape(None)) == "<unknown>"
    assert tf.TensorShape([None, 2]) == [None, 2] and tf.TensorShape(None) != [2]


def test_a_dimension_acts_as_an_int_and_has_a_value():
    size = tf.TensorShape([5, None])[0]
    assert (
        size == 5
        and size * 2 == 10
        and list(range(size)) == [0, 1, 2, 3, 4]
        and size.value == 5
        and np.zeros(size).shape == (5,)
    )
    unknown = tf.TensorShape([5, None])[1]
    assert unknown.value is None and (unknown * 2).value is None and str(unknown) == "?"
    with pytest.raises(TypeError, match="not known before the graph runs; use tf.shape"):
        range(unknown)


def test_shapes_are_sliced_joined_and_merged():
    shape = tf.TensorShape([2, None, 4])
    assert (
        shape[1:] == [None, 4]
        and shape.concatenate([5]) == [2, None, 4, 5]
        and shape.merge_with([None, 3, None]) == [2, 3, 4]
    )
    assert (
        shape.ndims == 3
        and not shape.is_fully_defined()
        and shape[::2].num_elements() == 8
        and shape.num_elements() is None
    )
    with pytest.raises(ValueError, match=r"Shapes \(2, \?, 4\) and \(3, \?, \?\) are incompatible"):
        shape.merge_with([3, None, None])
    with pytest.raises(ValueError, match=r"Shape \(2, \?, 4\) must have rank 2"):
        shape.with_rank(2)
    with pytest.raises(ValueError, match="Dimension -1 must be >= 0"):
        tf.TensorShape([-1])
    with pytest.raises(ValueError, match="Cannot take the length of Shape with unknown rank"):
        len(tf.TensorShape(None))


def test_what_is_not_known_is_not_known_to_be_equal():
    assert shapes.PartialShape((2, None)) != (2, None) and not shapes.PartialShape((None,)) == shapes.PartialShape(
        (None,)
    )


@pytest.mark.parametrize(
    ("inputs", "result"),
    [
        ([(2, 3), (3,)], (2, 3)),
        ([(2, 1), (1, 3)], (2, 3)),
        ([(), (4,)], (4,)),
        ([(0,), (1,)], (0,)),
        ([(None, 3), (2, 1)], (2, 3)),
        ([(None,), (1,)], (None,)),
        ([(None,), (None,)], (None,)),
    ],
)
def test_broadcasting(inputs, result):
    assert shapes.broadcast(*inputs) == result


@pytest.mark.parametrize("inputs", [[(2,), (3,)], [(0,), (2,)], [(2, 3), (2,)]])
def test_what_does_not_broadcast(inputs):
    with pytest.raises(ShapeError, match="Incompatible shapes: \\["):
        shapes.broadcast(*inputs)


# ---------------------------------------------------------------------------------------------------- nested structures

Pair = collections.namedtuple("Pair", ["left", "right"])


def test_structures_are_taken_apart_and_put_together():
    structure = {"b": [1, (2, 3)], "a": Pair(4, 5)}
    assert nest.flatten(structure) == [4, 5, 1, 2, 3]
    assert nest.pack_sequence_as(structure, [40, 50, 10, 20, 30]) == {"b": [10, (20, 30)], "a": Pair(40, 50)}
    assert nest.map_structure(lambda x: -x, structure) == {"b": [-1, (-2, -3)], "a": Pair(-4, -5)}


def test_structures_that_differ_are_named():
    with pytest.raises(ValueError, match="Structure had 2 elements, but flat_sequence had 3 elements"):
        nest.pack_sequence_as([0, 0], [1, 2, 3])
    with pytest.raises(ValueError, match="differ in length"):
        nest.assert_same_structure([1, 2], [1])
    with pytest.raises(TypeError, match="differ in type: list and tuple"):
        nest.assert_same_structure([1], (1,))
    with pytest.raises(ValueError, match="differ in their keys"):
        nest.assert_same_structure({"a": 1}, {"b": 1})
    with pytest.raises(ValueError, match="not nested in the same way"):
        nest.assert_same_structure([1], 1)
