"""Queues of graphs are refused, with what to use instead."""

import pytest

import minitfe as tf


@pytest.mark.parametrize(
    ("name", "arguments", "instead"),
    [
        ("string_input_producer", [["a.csv"]], "from_tensor_slices"),
        ("slice_input_producer", [[[1, 2]]], "from_tensor_slices"),
        ("batch", [[[1, 2]], 2], r"dataset\.batch"),
        ("shuffle_batch", [[[1, 2]], 2, 10, 5], r"dataset\.shuffle"),
    ],
)
def test_queues_are_refused(name, arguments, instead):
    with pytest.raises(
        RuntimeError, match=f"based on Queues are not supported when eager.*tf.train.{name}, .*{instead}"
    ):
        getattr(tf.train, name)(*arguments)
