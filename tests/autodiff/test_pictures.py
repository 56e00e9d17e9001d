"""A tape as text, as a Graphviz graph and as a page, which is opened in a browser and stepped through."""

import json
import re
import shutil
import subprocess
import time

import numpy as np
import pytest

import minitfe as tf
from minitfe.autodiff.pictures.layout import layout
from minitfe.graph.graph import trace
from tests.browser import opened


@pytest.fixture
def tape():
    """x and v lead to a loss in five operations."""
    x = tf.constant([1.0, 2.0])
    v = tf.Variable([3.0, 4.0], name="v")
    with tf.GradientTape(explain=True) as tape:
        tape.watch(x)
        y = x * v
        loss = tf.reduce_sum(y * y + 2.0)
    tape.gradient(loss, [x, v])
    return tape


# ------------------------------------------------------------------------------------------------------------ as text


def test_text_of_the_record(tape):
    lines = re.sub(r"\S*test_pictures.py:\d+", "FILE:LINE", tape.to_text()).splitlines()
    assert lines == [
        "variable  v:0: float32 (2,)",
        "watched  t1: float32 (2,) = [1. 2.]",
        "FILE:LINE  y = x * v",
        "1  t2 = read_variable(v:0): float32 (2,) = [3. 4.]",
        "2  t3 = multiply(t1, t2): float32 (2,) = [3. 8.]",
        "FILE:LINE  loss = tf.reduce_sum(y * y + 2.0)",
        "3  t4 = multiply(t3, t3): float32 (2,) = [9. 64.]",
        "4  t5 = add(t4, 2.0): float32 (2,) = [11. 66.]",
        "5  t6 = reduce_sum(t5): float32 () = 77.0",
    ]


def test_text_of_the_way_back():
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * 3.0 + x
        tf.round(y)
    assert tape.to_text(y).splitlines()[-4:] == [
        "backward from t3",
        "   gradient of t3 = 1.0",
        "2  add: gradient of t2 += 1.0; gradient of t1 += 1.0",
        "1  multiply: gradient of t1 += 3.0, now 4.0",
    ]


def test_text_of_several_outputs_settings_and_variables_of_one_name():
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable([5.0], name="v")
    with tf.GradientTape(persistent=True) as tape:
        tf.split(tf.concat([v, w], axis=0), 3)
    text = tape.to_text()
    assert "variable  v:0: float32 (2,)\nvariable  v:0 (2): float32 (1,)" in text
    assert "concat(t1, t2, axis=0): float32 (3,) = [1. 2. 5.]" in text
    assert (
        "t4, t5, t6 = split(t3, axis=0, sizes=3): float32 (1,) = [1.], float32 (1,) = [2.], float32 (1,) = [5.]" in text
    )


def test_values_are_abbreviated():
    x = tf.constant(np.arange(1e6).reshape(1000, 1000))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        tf.matmul(x, tf.ones([1000, 1], tf.float64))
    lines = tape.to_text().splitlines()
    assert max(map(len, lines)) < 150
    assert "matmul(t1, float64 (1000, 1)): float64 (1000, 1) = [[" in lines[-1]


def test_text_of_a_sparse_gradient():
    table = tf.Variable(np.eye(4, dtype="f4"), name="table")
    with tf.GradientTape(persistent=True) as tape:
        y = tf.gather(table, [2, 2])
    assert "gradient of table:0 += rows [2 2]: [[1. 1. 1. 1.] [1. 1. 1. 1.]]" in tape.to_text(y)


def test_text_of_a_tape_in_a_graph():
    seen = []

    def f(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            x * x
        seen.append(tape.to_text())
        assert tape.to_html()
        return x

    trace(f, tf.constant([1.0]))
    assert "t2 = multiply(t1, t1): float32 (1,) = no value before its graph runs" in seen[0]


def test_an_empty_tape():
    tape = tf.GradientTape()
    assert tape.to_text() == "" and tape.to_dot().startswith("digraph") and "<svg" in tape.to_html()


def test_a_tape_that_was_used_up_says_so():
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    for method in (tape.to_text, tape.to_dot, tape.to_html):
        with pytest.raises(RuntimeError, match=r"used up by its one gradient.*explain=True"):
            method()


def test_pictures_change_nothing():
    x = tf.constant(2.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        recorded = len(outer.operations)
        tape.to_text(y), tape.to_dot(), tape.to_html()
        assert (len(outer.operations), len(tape.operations)) == (recorded, 1)
    assert float(tape.gradient(y, x)) == 4.0


def test_a_target_that_is_no_tensor_is_refused(tape):
    with pytest.raises(TypeError, match="The target of a gradient must be a tensor"):
        tape.to_html(target="loss")


# ----------------------------------------------------------------------------------------------------------- as a graph


def test_dot(tape):
    text = tape.to_dot()
    assert 'v0 [shape=ellipse, label="v:0\\nfloat32 (2,)", style=filled, fillcolor=lightyellow]' in text
    assert 's4 [shape=box, label="reduce_sum\\nt6: float32 ()"' in text
    assert re.findall(r"(\w+) -> (\w+)", text) == [
        ("v0", "s0"), ("v1", "s1"), ("s0", "s1"), ("s1", "s2"), ("s1", "s2"), ("s2", "s3"), ("s3", "s4"),
    ]  # fmt: skip


def test_dot_of_names_with_quotation_marks():
    v = tf.Variable(1.0, name='a"] evil [label="\\')
    with tf.GradientTape(persistent=True) as tape:
        v * 2.0
    text = tape.to_dot()
    assert r'label="a\"] evil [label=\"\\:0\nfloat32 ()"' in text
    if shutil.which("dot"):
        subprocess.run(["dot", "-Tsvg"], input=text, text=True, check=True, capture_output=True)


# -------------------------------------------------------------------------------------------------------- where nodes go


def test_edges_point_down_and_nodes_stand_apart():
    generator = np.random.default_rng(0)
    uses = [(maker, maker, user) for user in range(1, 200) for maker in generator.integers(max(0, user - 20), user, 2)]
    drawn = layout(200, uses)
    assert all(drawn.places[maker][1] < drawn.places[user][1] for _, maker, user in uses)
    rows = {}
    for x, layer in drawn.places:
        rows.setdefault(layer, []).append(x)
    assert all(np.diff(sorted(row)).min(initial=1) > 0.999 for row in rows.values())


def test_a_line_goes_from_maker_to_users_layer_by_layer():
    drawn = layout(4, [(0, 0, 1), (1, 1, 2), (2, 2, 3), (0, 0, 3)])
    assert [layer for _, layer in drawn.places] == [0, 1, 2, 3]
    stem, *branches = drawn.lines[0]
    assert [layer for _, layer in stem] == [0, 1, 2]
    assert {branch[-1] for branch in branches} == {drawn.places[1], drawn.places[3]}
    assert stem[0] == drawn.places[0] and abs(stem[1][0] - drawn.places[1][0]) > 0.5, "the line runs through a node"


# ------------------------------------------------------------------------------------------------------------ as a page


def story_in(page):
    return json.loads(re.search(r'<script id="story" type="application/json">(.*?)</script>', page, re.DOTALL)[1])


def test_the_page_holds_record_and_way_back(tape, tmp_path):
    page = tape.to_html(tmp_path / "tape.html")
    assert (tmp_path / "tape.html").read_text(encoding="utf-8") == page
    assert [path.name for path in tmp_path.iterdir()] == ["tape.html"], "nothing is left over"
    story = story_in(page)
    assert [step["op"] for step in story["steps"]] == ["read_variable", "multiply", "multiply", "add", "reduce_sum"]
    assert [back["step"] for back in story["backward"]] == [4, 3, 2, 1, 0]
    assert story["backward"][2] == {
        "step": 2, "rules": ["multiply_dx", "multiply_dy"],
        "arrivals": [{"value": 3, "share": "[6. 16.]", "total": "[6. 16.]"}],
    }  # fmt: skip


def test_the_page_needs_nothing_else(tape):
    page = tape.to_html()
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|//cdn|@import|<link|src=", page)


def test_the_page_goes_back_from_what_was_differentiated():
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y + 1.0
        tf.round(z)
    assert story_in(tape.to_html())["starts"][0]["value"] == 3, "the last result"
    tape.gradient(y, x)
    assert story_in(tape.to_html())["starts"][0]["value"] == 1, "what was asked for last"
    assert story_in(tape.to_html(target=z))["starts"][0]["value"] == 2


def test_a_folder_that_is_not_there(tape, tmp_path):
    with pytest.raises(tf.errors.NotFoundError, match="there is no folder .*nowhere"):
        tape.to_html(tmp_path / "nowhere" / "tape.html")


def test_a_file_that_cannot_be_written(tape, tmp_path):
    (tmp_path / "tape.html").mkdir()
    with pytest.raises(tf.errors.PermissionDeniedError, match="tape.html could not be written: Is a directory"):
        tape.to_html(tmp_path / "tape.html")
    assert [path.name for path in tmp_path.iterdir()] == ["tape.html"]


@pytest.fixture
def page(tape, tmp_path):
    tape.to_html(tmp_path / "tape.html")
    with opened((tmp_path / "tape.html").as_uri(), tmp_path / "profile") as page:
        yield page
        assert page.errors == []
        assert [address for address in page.requests if not address.startswith("file:")] == []


def test_stepping_through_with_keys(page):
    assert page.text("#moment") == "0 of 11" and page.text("#heading") == "What the tape watches"
    assert page.count(".node") == 7 and page.count(".node.ahead") == 5
    page.press("ArrowRight")
    page.press("ArrowRight")
    assert page.text("#heading") == "Recorded: operation 2 of 5"
    assert "multiply(t1, t2)" in page.text("#facts") and "float32 (2,) = [3. 8.]" in page.text("#facts")
    assert "y = x * v" in page.text("#facts") and "y = x * v" in page.text("li.now")
    assert page.text(".node.now text") == "multiply → t3" and page.count(".node.ahead") == 3
    page.press("ArrowLeft")
    assert page.text("#heading") == "Recorded: operation 1 of 5"
    page.press("End")
    assert page.text("#moment") == "11 of 11"
    page.press("Home")
    assert page.text("#moment") == "0 of 11"
    page.press("ArrowLeft")
    assert page.text("#moment") == "0 of 11"


def test_the_way_back_shows_rules_and_gradients_so_far(page):
    page.press("End")
    assert page.text("#heading") == "Backward: read_variable, operation 1 of 5"
    assert page.text("#sums tr.now") == "v:0[6. 32.]"
    page.press("ArrowLeft")
    facts = page.text("#facts")
    assert "multiply_dx, multiply_dy" in facts and "gets [18. 64.]" in facts and "gets [6. 32.]" in facts
    assert page.count("#sums tr") == 6 and page.count("#sums tr.now") == 2
    for _ in range(4):
        page.press("ArrowLeft")
    assert page.text("#heading") == "The way back begins" and page.text("#sums") == "t61.0"
    assert page.count(".node.reached") == 1


def test_buttons_nodes_and_lines_lead_to_steps(page):
    page.click("#forward")
    assert page.text("#moment") == "1 of 11"
    page.click(".node.step:last-of-type")
    assert page.text("#heading") == "Recorded: operation 5 of 5"
    page.click("#back")
    assert page.text("#heading") == "Recorded: operation 4 of 5"
    page.click("li.made")
    assert page.text("#heading") == "Recorded: operation 1 of 5", "the first that the line made"
    assert re.fullmatch(r".*test_pictures.py:\d+", page.text("#facts a"))
    page.click("#last")
    assert page.text("#moment") == "11 of 11"


def test_names_are_shown_as_text(tmp_path):
    name = "</script><script>document.title = 'broken'</script><b>&amp;"
    v = tf.Variable(1.0, name=name)
    with tf.GradientTape(explain=True) as tape:
        v * 2.0  # <img src=x onerror="document.title = 'broken'">
    tape.to_html(tmp_path / "tape.html")
    with opened((tmp_path / "tape.html").as_uri(), tmp_path / "profile") as page:
        page.press("ArrowRight")
        assert name + ":0" in page.text("#facts")
        assert "<img src=x" in page.text("#files")
        assert page.evaluate("document.title") == "A gradient tape"
        assert page.count("img, b:not(li b), script") == 2 and page.errors == []


def test_a_thousand_operations(tmp_path):
    w, u = tf.Variable(np.eye(3, dtype="f4") / 2, name="w"), tf.Variable(np.eye(3, dtype="f4"), name="u")
    x = tf.ones([2, 3])
    with tf.GradientTape(explain=True) as tape:
        h = tf.zeros([2, 3])
        for _ in range(167):
            h = tf.tanh(tf.matmul(x, w) + tf.matmul(h, u))
        loss = tf.reduce_sum(h)
    tape.gradient(loss, [w, u])
    assert len(tape.operations) == 1003
    start = time.monotonic()
    tape.to_html(tmp_path / "tape.html")
    assert time.monotonic() - start < 60
    with opened((tmp_path / "tape.html").as_uri(), tmp_path / "profile") as page:
        assert page.count(".node") == 1005 and page.text("#moment") == "0 of 2007"
        page.press("End")
        assert page.text("#heading") == "Backward: read_variable, operation 1 of 1003"
        assert page.evaluate("document.getElementById('graph').getBoundingClientRect().width") > 300
        widest = page.evaluate("Number(document.getElementById('drawing').getAttribute('width'))")
        assert widest < 3000, "what is read in a loop is not all drawn at the top"
        assert page.errors == []
