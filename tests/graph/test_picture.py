"""Pictures of programs have a box for each input, variable and operation, and lines that lead down."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph.picture import COMPUTED, GIVEN, RETURNED, VARIABLE, draw
from minitfe.graph.program import Program

figures = pytest.importorskip("matplotlib.figure", reason="matplotlib is not installed")
from matplotlib.colors import to_rgba  # noqa: E402


@pytest.fixture
def axes():
    return figures.Figure().add_subplot()


def boxes(axes):
    """The colour of each label."""
    return [(text.get_text(), text.get_bbox_patch().get_facecolor()) for text in axes.texts]


def test_each_kind_of_node_has_its_colour(axes):
    w = tf.Variable(3.0, name="w")

    @tfe.defun
    def f(x):
        return tf.sin(x) * w * 2.0

    f.draw_graph(axes, tf.constant([1.0, 2.0]))
    colours = {"float32 (2,)": GIVEN, "w": VARIABLE, "sin": COMPUTED, "read_variable": COMPUTED, "multiply": COMPUTED}
    colours["multiply(·, 2)"] = RETURNED
    assert sorted(boxes(axes)) == sorted((label, to_rgba(colour)) for label, colour in colours.items())


def test_lines_lead_down_and_nothing_lies_outside(axes):
    f = tfe.defun(lambda x: tf.exp(tf.sin(tf.cos(x))) + x)
    f.draw_graph(axes, tf.constant(1.0))
    assert axes.lines
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    for line in axes.lines:
        assert all(np.diff(line.get_ydata()) < 0)
        assert all(left < x < right for x in line.get_xdata())
        assert all(bottom < y < top for y in line.get_ydata())


def test_before_and_after_the_passes(axes):
    f = tfe.defun(lambda x: tf.identity(x) * 1.0 + x)
    f.draw_graph(axes, tf.constant(1.0), passes=True)
    assert [label for label, _ in boxes(axes)] == ["float32 ()", "add"]


def test_a_group_lists_its_members(axes):
    f = tfe.defun(lambda x: tf.exp(tf.sin(x)))
    f.draw_graph(axes, tf.constant(np.ones(300_000, "f")), passes=True)
    assert ("sin\nexp", to_rgba(RETURNED)) in boxes(axes)


def test_the_graph_of_a_session(axes):
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None], name="x")
        v = tf.Variable([1.0, 2.0], name="v")
        y = tf.reduce_sum(x * v.read_value() * 3.0)
    draw(Program([], graph.operations, [y], {}), axes, "sum")
    assert axes.get_title() == "sum"
    found = boxes(axes)
    for label, colour in (("x", GIVEN), ("v", VARIABLE), ("reduce_sum", RETURNED), ("3", COMPUTED)):
        assert (label, to_rgba(colour)) in found


def test_an_empty_program(axes):
    draw(Program([], [], [], {}), axes)
    assert not axes.texts
