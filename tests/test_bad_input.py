"""Whatever is given to a public function, what comes out is a result or an error that says something.

Each function is called with the same strange value in all of its places, or in one place beside a matrix. No error
may be an accident inside (KeyError, AttributeError, a kernel's TypeError), and nothing may be computed that the op's
own shape rule forbids: numpy is more lenient than TensorFlow.
"""

import inspect
from types import FunctionType

import numpy as np
import pytest

import minitfe as tf
from minitfe.context import get_listeners, set_tapes
from tests.test_public_names import NAMESPACES, PUBLIC

SPOKEN = (tf.errors.OpError, ValueError, TypeError, IndexError, RuntimeError, NotImplementedError)

STRANGE = {
    "None": None, "dict": {"a": 1}, "text": "abc", "empty list": [], "ragged": [[1, 2], [3]], "mixed": [1, None],
    "fraction": 1.5, "negative": -3, "huge": 10**30, "many": 10**12, "NaN": float("nan"), "infinite": float("inf"),
    "object": object(), "complex": 1j, "vector": [1.0, 2.0, 3.0], "sizes": [10**12], "empty": np.zeros([0, 3], "f4"),
    "rank 5": np.ones([1] * 5, "f4"), "strings": np.array(["a", "b"]), "objects": np.array([None]), "dtype": tf.float32,
    "date": np.datetime64("2020-01-01"), "tensors": [np.float32(1), np.ones(2, "f4")], "function": lambda: None,
}  # fmt: skip


def required_parameters(function):
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]


FUNCTIONS = {}
for space, name in PUBLIC:
    function = getattr(NAMESPACES[space], name)
    if isinstance(function, FunctionType) and required_parameters(function) and name != "set_random_seed":
        FUNCTIONS.setdefault(function, f"{space}.{name}")


class Everything:
    """A tape that watches all tensors, and asks each op's shape rule about what was computed."""

    def __init__(self):
        self.watched = self
        self.operations = []

    def __contains__(self, x):
        return True

    def record(self, operation):
        self.operations.append(operation)

    def record_read(self, variable, operation):
        self.record(operation)

    def check(self):
        for operation in self.operations:
            rule = operation.op.infer(operation.inputs, operation.attributes)
            for (dtype, extents), output in zip(rule, operation.outputs):
                assert output.dtype is dtype, operation.op
                assert output.shape.is_compatible_with(extents), operation.op


def called_with(function, values):
    spy = Everything()
    set_tapes((spy,))
    try:
        function(**values)
    except SPOKEN as error:
        assert not isinstance(error, tf.errors.InternalError), error
        assert str(error)
    finally:
        left = get_listeners().tapes
        set_tapes(())
    assert left == (spy,)
    spy.check()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", FUNCTIONS, ids=FUNCTIONS.values())
def test_strange_values_give_errors_that_speak(function, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some write files
    names = required_parameters(function)
    for strange in STRANGE.values():
        called_with(function, dict.fromkeys(names, strange))
        for name in names if len(names) > 1 else []:
            called_with(function, {**dict.fromkeys(names, np.eye(2, dtype="f4")), name: strange})
