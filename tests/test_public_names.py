"""The front door: one explicit list of public names, each with a docstring."""

import inspect
import types

import pytest

import minitfe as tf

# Public names that are modules. Any other submodule that showed through as a name of tf would be an accident.
MODULES = {"bitwise", "contrib", "errors", "image", "initializers", "keras", "linalg", "losses", "nn", "random", "strings",
           "test", "train"}  # fmt: skip

# Inner names that no `import minitfe as tf` should offer: they mean something else in TensorFlow, or nothing at all.
INNER = ["array", "conversion", "execute", "kernel_registry", "math_ops", "operation", "operators", "ops", "shapes", "tensor"]


def public_methods(type_):
    """The methods and properties that a class defines itself, of those without a leading underscore."""
    for name, member in vars(type_).items():
        function = getattr(member, "__func__", member)
        if name[0] != "_" and (isinstance(function, property) or inspect.isfunction(function)):
            yield name, function


def test_all_is_a_sorted_list_without_repetition():
    assert list(tf.__all__) == sorted(set(tf.__all__))


@pytest.mark.parametrize("name", tf.__all__)
def test_every_name_is_there(name):
    assert getattr(tf, name) is not None


@pytest.mark.parametrize("name", tf.__all__)
def test_every_name_is_explained(name):
    thing = getattr(tf, name)
    if isinstance(thing, (types.FunctionType, type, types.ModuleType)):
        assert inspect.getdoc(thing), f"tf.{name} has no docstring"
    if isinstance(thing, type):
        bare = [method for method, function in public_methods(thing) if not inspect.getdoc(function)]
        assert not bare, f"without a docstring in tf.{name}: {bare}"


def test_no_submodule_shows_through():
    """`import minitfe.tensor` puts `tensor` into the package, whether wanted or not; dir(tf) and * offer what is in __all__."""
    modules = {name for name in tf.__all__ if isinstance(getattr(tf, name), types.ModuleType)}
    assert modules <= MODULES, f"modules among the public names: {modules - MODULES}"
    assert set(dir(tf)) <= {*tf.__all__, *(name for name in dir(tf) if name[:2] == "__")}


@pytest.mark.parametrize("name", INNER)
def test_inner_names_are_not_public(name):
    assert name not in tf.__all__


@pytest.mark.parametrize("name", ["Session", "nonsense"])
def test_a_missing_name_says_so(name):
    with pytest.raises(AttributeError, match=name) as caught:
        getattr(tf, name)
    assert len(str(caught.value).split()) >= 6, "a sentence, please"
