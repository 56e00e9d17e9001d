"""tf.flags and tf.app: declared settings, read from a command line."""

import sys

import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.namespaces import flags as module
from minitfe.namespaces.flags import FlagValues

flags = tf.flags


@pytest.fixture(autouse=True)
def values(monkeypatch):
    """New flags for each test."""
    monkeypatch.setattr(module, "FLAGS", FlagValues())
    monkeypatch.setattr(sys, "argv", ["program"])
    return module.FLAGS


@pytest.fixture
def defined(values):
    flags.DEFINE_string("name", "none", "A name, 100% of it.")
    flags.DEFINE_integer("steps", 10, "How many.")
    flags.DEFINE_float("rate", 1, "How fast.")
    flags.DEFINE_bool("train", False, "Whether.")
    flags.DEFINE_boolean("notes", True, "Whether.")
    flags.DEFINE_enum("mode", "fast", ["fast", "slow"], "How.")
    flags.DEFINE_list("files", "a,b", "Which.")
    flags.DEFINE_multi_string("tag", None, "Which.")
    flags.DEFINE_multi_integer("size", 3, "Which.")
    flags.DEFINE_multi_float("scale", [1, 2.5], "Which.")
    return values


DEFAULTS = {
    "name": "none", "steps": 10, "rate": 1.0, "train": False, "notes": True, "mode": "fast", "files": ["a", "b"],
    "tag": None, "size": [3], "scale": [1.0, 2.5],
}  # fmt: skip


def test_defaults(defined):
    assert defined.flag_values_dict() == DEFAULTS
    assert type(defined.rate) is float


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("--name=x", {"name": "x"}),
        ("--name x", {"name": "x"}),
        ("-name x", {"name": "x"}),
        ("-name=x=y", {"name": "x=y"}),
        ("--name --dashes", {"name": "--dashes"}),
        ("--name=", {"name": ""}),
        ("--steps -3", {"steps": -3}),
        ("--steps=0x10", {"steps": 16}),
        ("--rate 1e-3", {"rate": 0.001}),
        ("--train", {"train": True}),
        ("--train=true", {"train": True}),
        ("--train=F", {"train": False}),
        ("--notrain", {"train": False}),
        ("--nonotes", {"notes": False}),
        ("--notes", {"notes": True}),
        ("--mode slow", {"mode": "slow"}),
        ("--files=", {"files": []}),
        ("--files=x,y", {"files": ["x", "y"]}),
        ("--tag a --tag b", {"tag": ["a", "b"]}),
        ("--size 1", {"size": [1]}),
        ("--scale=.5 --steps 1", {"scale": [0.5], "steps": 1}),
    ],
)
def test_a_command_line(defined, line, changed):
    assert defined(["program", *line.split(" ")]) == ["program"]
    assert defined.flag_values_dict() == DEFAULTS | changed


def test_what_is_no_flag_is_left_over(defined):
    assert defined(["program", "in.txt", "--steps", "2", "--unknown=1", "--train", "out", "--", "--steps", "3"]) == [
        *("program", "in.txt", "--unknown=1", "out", "--steps", "3")
    ]
    assert (defined.steps, defined.train) == (2, True)


def test_the_command_line_is_read_when_a_value_is_asked_for(defined, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["program", "--steps=7"])
    assert not defined.is_parsed()
    assert defined.steps == 7
    assert defined.is_parsed()


def test_values_can_be_assigned(defined):
    defined.steps = 4
    assert defined.steps == 4
    with pytest.raises(AttributeError, match="no flag 'stepz'"):
        defined.stepz = 4
    with pytest.raises(AttributeError, match="no flag 'stepz'; flags are name, steps"):
        defined.stepz  # noqa: B018


def test_a_flag_knows_its_default(defined):
    defined(["program", "--steps", "3"])
    assert (defined["steps"].value, defined["steps"].default) == (3, 10)
    assert "steps" in defined
    assert len(defined) == len(list(defined)) == 10


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("--steps=many", "argument --steps: invalid integer value: 'many'"),
        ("--rate=x", "argument --rate: invalid number value: 'x'"),
        ("--train=maybe", "argument --train: invalid truth value: 'maybe'"),
        ("--mode=quick", "argument --mode: 'quick' is none of 'fast', 'slow'"),
        ("--name", "argument --name: expected one argument"),
    ],
)
def test_a_wrong_value_ends_the_program_with_a_message(defined, capsys, line, complaint):
    with pytest.raises(SystemExit, match="2"):
        defined(["program", line])
    assert complaint in capsys.readouterr().err


def test_help(defined, capsys):
    with pytest.raises(SystemExit, match="0"):
        defined(["folder/program.py", "--help"])
    printed = capsys.readouterr().out
    assert printed.startswith("usage: program.py")
    assert "A name, 100% of it. (default: 'none')" in printed


def test_bounds(values, capsys):
    flags.DEFINE_integer("n", 1, "Help.", lower_bound=0, upper_bound=9)
    with pytest.raises(SystemExit):
        values(["program", "--n=10"])
    assert "argument --n: 10 is not in the range from 0 to 9" in capsys.readouterr().err
    with pytest.raises(ValueError, match="default of the flag 'm' does not fit: -1 is not in the range from 0 to None"):
        flags.DEFINE_integer("m", -1, "Help.", lower_bound=0)


def test_a_required_flag(values, capsys):
    flags.DEFINE_string("path", None, "Help.")
    flags.mark_flags_as_required(["path"])
    with pytest.raises(SystemExit):
        values(["program"])
    assert "required: --path" in capsys.readouterr().err
    values(["program", "--path=x"])
    assert values.path == "x"
    with pytest.raises(ValueError, match="no flag 'other'"):
        flags.mark_flag_as_required("other")


def test_names_of_arguments_before_absl(values):
    flags.DEFINE_string(flag_name="a", default_value="x", docstring="Help.")
    assert (values.a, values["a"].help) == ("x", "Help.")


def test_a_second_definition_must_be_equal(values):
    for _ in range(2):
        flags.DEFINE_integer("n", 1, "Help.")
    with pytest.raises(ValueError, match="'n' is defined twice, in different ways"):
        flags.DEFINE_integer("n", 2, "Help.")
    assert values.n == 1


@pytest.mark.parametrize(
    ("define", "default"),
    [("string", 3), ("integer", 1.5), ("float", "x"), ("bool", "x"), ("list", 3), ("multi_float", ["x"])],
)
def test_a_default_that_does_not_fit(define, default):
    with pytest.raises(ValueError, match="The default of the flag 'x' does not fit"):
        getattr(flags, f"DEFINE_{define}")("x", default, "Help.")


# -------------------------------------------------------------------------------------------------------- tf.app.run


def test_run_calls_main_with_what_is_left_over(defined):
    seen = []
    with pytest.raises(SystemExit) as ended:
        tf.app.run(
            lambda argv: seen.append((argv, tf.flags.FLAGS is not None, defined.steps)) or 3, ["p", "x", "--steps=1"]
        )
    assert ended.value.code == 3
    assert seen == [(["p", "x"], True, 1)]


def test_run_finds_the_main_of_the_program(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "main", lambda argv: "done", raising=False)
    with pytest.raises(SystemExit, match="done"):
        tf.app.run()
    with pytest.raises(SystemExit, match="done"):
        tfe.run()


def test_run_without_a_main():
    with pytest.raises(AttributeError, match=r"calls the function main\(argv\) of the program"):
        tf.app.run()


def test_app_has_the_flags_too():
    assert tf.app.flags is tf.flags
