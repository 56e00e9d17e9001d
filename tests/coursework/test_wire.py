"""Messages: what goes in comes out, and what is made up is refused."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

import minitfe as tf
from minitfe.coursework import wire
from minitfe.coursework.wire import Malformed, Unsendable, pack, unpack

ARRAYS = [np.array(1.5), np.ones((2, 0)), np.arange(6).reshape(2, 3).T, np.array([True]), np.array([1 + 2j]),
          np.arange(3, dtype=">f8"), np.float16([1.5])]  # fmt: skip


@pytest.mark.parametrize("array", ARRAYS, ids=str)
def test_arrays_arrive_as_they_were(array):
    arrived = unpack(pack({"value": array}))["value"]
    assert arrived.shape == array.shape
    assert arrived.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(arrived, array)


def test_structures_arrive_as_they_were():
    message = {"a": [1, 2.5, None, True, "text"], "b": (), "c": {"d": (1, [])}, "": float("inf")}
    assert unpack(pack(message)) == message


def test_tensors_arrive_as_arrays():
    arrived = unpack(pack([tf.constant([1.0]), tf.Variable(2.0), np.float64(3.0)]))
    assert [type(x) for x in arrived] == [np.ndarray] * 3
    assert [x.item() for x in arrived] == [1.0, 2.0, 3.0]


class Rude:
    def __repr__(self):
        raise SystemError


@pytest.mark.parametrize("value", [object(), Rude(), {1: 2}, np.array([None]), np.array(["a"]), len, tf.Variable])
def test_what_cannot_travel_is_named(value):
    arrived = unpack(pack([value]))[0]
    assert isinstance(arrived, Unsendable)
    assert arrived.type == type(value).__name__


@given(st.binary(max_size=200))
def test_made_up_bytes_are_refused(block):
    with pytest.raises(Malformed):
        unpack(block)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]x",
        "[1]",
        '{"array": "9"}',
        '{"run": 1}',
        "{}",
        '{"list": 1}',
        "[" * 100_000,
        '{"list": [' * 5000,
        "1" * 5000,
    ],
    ids=range(10),
)
def test_made_up_structures_are_refused(text):
    with pytest.raises(Malformed):
        unpack(save({wire.STRUCTURE: np.frombuffer(text.encode(), np.uint8)}))


def test_a_message_that_is_too_long_is_not_read():
    with pytest.raises(Malformed, match="at most"):
        wire.read_message(io.BytesIO((1 << 60).to_bytes(8, "little")))


def test_a_message_that_ends_too_early():
    stream = io.BytesIO()
    wire.write_message(stream, {"a": 1})
    with pytest.raises(EOFError):
        wire.read_message(io.BytesIO(stream.getvalue()[:-1]))
