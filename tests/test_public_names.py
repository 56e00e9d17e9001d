"""The front door: explicit lists of public names, each with a docstring."""

import inspect
from types import FunctionType, ModuleType

import pytest

import minitfe as tf

# Public names that are modules. Any other submodule among the public names would be an accident.
MODULES = {
    *(
        "app",
        "bitwise",
        "contrib",
        "data",
        "debugging",
        "errors",
        "flags",
        "gfile",
        "gradcheck",
        "image",
        "initializers",
        "keras",
        "layers",
    ),
    *(
        "linalg",
        "logging",
        "losses",
        "math",
        "metrics",
        "nn",
        "python_io",
        "random",
        "saved_model",
        "strings",
        "summary",
        "test",
    ),
    "train",
}

# Names of submodules that no `import minitfe as tf` should offer.
INNER = ["conversion", "execute", "kernel_registry", "namespaces", "operation", "ops", "shapes", "tensor", "variable"]

NAMESPACES = {"tf": tf} | {
    f"tf.{name}": getattr(tf, name)
    for name in tf.__all__
    if isinstance(getattr(tf, name, None), ModuleType) and hasattr(getattr(tf, name), "__all__")
}

NAMESPACES |= {
    f"tf.keras.{name}": getattr(tf.keras, name)
    for name in tf.keras.__all__
    if isinstance(getattr(tf.keras, name), ModuleType) and hasattr(getattr(tf.keras, name), "__all__")
}

PUBLIC = [(space, name) for space, module in NAMESPACES.items() for name in module.__all__]

every_namespace = pytest.mark.parametrize("space", NAMESPACES)
every_name = pytest.mark.parametrize(("space", "name"), PUBLIC, ids=[".".join(pair) for pair in PUBLIC])


def own_members(type_):
    """The public methods and properties that a class defines itself."""
    for name, member in vars(type_).items():
        function = getattr(member, "__func__", member)
        if name[0] != "_" and isinstance(function, (FunctionType, property)):
            yield name, function


@every_namespace
def test_lists_are_sorted_and_without_repetition(space):
    names = list(NAMESPACES[space].__all__)
    assert names == sorted(set(names))


@every_name
def test_every_name_is_there(space, name):
    assert hasattr(NAMESPACES[space], name)


@every_name
def test_every_name_is_explained(space, name):
    thing = getattr(NAMESPACES[space], name)
    if isinstance(thing, (FunctionType, type, ModuleType)):
        assert inspect.getdoc(thing), f"{space}.{name} has no docstring"
    if isinstance(thing, type):
        bare = [member for member, function in own_members(thing) if not inspect.getdoc(function)]
        assert not bare, f"without a docstring in {space}.{name}: {bare}"


def test_no_submodule_shows_through():
    modules = {name for name in tf.__all__ if isinstance(getattr(tf, name), ModuleType)}
    assert modules <= MODULES, f"modules among the public names: {modules - MODULES}"
    assert not set(INNER) & set(tf.__all__)


def test_dir_offers_the_public_names_and_no_others():
    """``import minitfe.tensor`` puts a name into the package whether wanted or not; people should not be shown it."""
    assert {name for name in dir(tf) if not name.startswith("__")} == {
        name for name in tf.__all__ if not name.startswith("__")
    }


@pytest.mark.parametrize("name", ["TensorArray", "nonsense"])
def test_a_missing_name_says_so(name):
    with pytest.raises(AttributeError, match=name) as caught:
        getattr(tf, name)
    assert len(str(caught.value).split()) >= 6, "a sentence, please"


def test_a_missing_name_leads_to_the_right_one():
    with pytest.raises(AttributeError, match=r"minitfe has no tf.relu; did you mean tf.nn.relu\?"):
        tf.relu  # noqa: B018
    with pytest.raises(AttributeError, match=r"minitfe has no tf.nn.sotfmax; did you mean tf.nn.softmax\?"):
        tf.nn.sotfmax  # noqa: B018
    with pytest.raises(
        AttributeError, match=r"minitfe has no tfe.gradient_function; did you mean tfe.gradients_function"
    ):
        tf.contrib.eager.gradient_function  # noqa: B018
