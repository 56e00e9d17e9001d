"""The public functions: what they accept, what they find, and what they leave as it was."""

import json
import random

import numpy as np
import pytest

import minitfe as tf
from minitfe.context import get_listeners
from minitfe.gradcheck import GradientMismatch, assert_gradients, check_gradients, check_vjp
from minitfe.ops.random import get_state

GENERATOR = np.random.default_rng(5)


def counted(f):
    """The function, and a list that grows by one with each call."""
    calls = []

    def g(*args):
        calls.append(1)
        return f(*args)

    return g, calls


def wrong_sine(x, g):
    return -g * np.cos(x)


def sine_rule(x, g):
    return g * np.cos(x)


# -------------------------------------------------------------------------------------------------------- right rules


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("f", [tf.sin, tf.square, tf.nn.softplus, lambda x: tf.reduce_sum(x * x) / 3.0])
def test_right_gradients_pass_at_every_scale(f, scale, dtype):
    x = tf.constant((scale * GENERATOR.uniform(0.5, 1.5, (2, 3))).astype(dtype))
    report = check_gradients(f, x)
    assert report.verdict == "pass", str(report)
    assert not report.failures and not report.undecided


def test_variables_are_found_and_left_as_they_were():
    w, frozen = tf.Variable([[1.0], [2.0]], name="w"), tf.Variable(3.0, trainable=False)
    before = w.numpy()
    report = check_gradients(lambda x: tf.tanh(x @ w) * frozen, tf.constant([[0.1, 0.2]]))
    assert report.verdict == "pass"
    assert [x.name for x in report.inputs] == ["x", "w:0"]
    assert w.dtype == tf.float32 and np.array_equal(w.numpy(), before) and float(frozen) == 3.0


def test_params_choose_the_variables():
    w, b = tf.Variable(2.0, name="w"), tf.Variable(1.0, name="b")
    assert [x.name for x in check_gradients(lambda: tf.sin(w * b), params=[b]).inputs] == ["b:0"]


def test_a_variable_that_is_assigned_to_in_the_function_is_put_back():
    mean = tf.Variable(0.0, trainable=False)

    def normalized(x):
        mean.assign(0.9 * mean + 0.1 * tf.reduce_mean(x))
        return x - mean

    assert check_gradients(normalized, tf.constant([1.0, 2.0])).verdict in ("pass", "fail")
    assert float(mean) == 0.0 and mean.dtype == tf.float32


def test_constants_made_in_float32_do_not_cost_digits():
    captured = tf.constant([[1.0, 2.0, 3.0]])
    report = check_gradients(lambda x: x * captured * tf.one_hot([1], 3) + tf.ones([3]), tf.constant([[0.5, 1.0, 2.0]]))
    assert report.verdict == "pass" and not report.notes
    assert captured.dtype == tf.float32 and type(captured) is tf.Tensor and captured.array.dtype == np.float32


def test_functions_that_draw_random_numbers_are_fixed():
    np.random.seed(1)
    random.seed(1)
    states = get_state(), np.random.get_state()[1].copy(), random.getstate()
    report = check_gradients(lambda x: tf.nn.dropout(x, 0.5) * np.float32(np.random.rand()), tf.ones([8]))
    assert report.verdict == "pass"
    assert get_state() == states[0] and random.getstate() == states[2]
    assert np.array_equal(np.random.get_state()[1], states[1])


def test_rows_gathered_from_a_variable():
    table = tf.Variable(GENERATOR.normal(size=(5, 2)).astype("f4"))
    assert check_gradients(lambda: tf.square(tf.gather(table, [1, 1, 3]))).verdict == "pass"


def test_nested_inputs_and_outputs_and_labels():
    def f(pair, labels):
        a, b = pair
        return {"sum": a + b, "label": labels, "product": a * b}

    report = check_gradients(f, [tf.constant(1.5), tf.constant(2.5)], np.array([1, 2]))
    assert report.verdict == "pass" and [x.name for x in report.inputs] == ["pair[0]", "pair[1]"]


def test_tapes_inside_and_outside():
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.sin(x) * tf.constant(2.0)
        return tape.gradient(y, x)

    with tf.GradientTape() as outer:
        assert check_gradients(slope, tf.constant([0.3, 0.4])).verdict == "pass"
    assert outer.operations == []


# ------------------------------------------------------------------------------------------------------- higher orders


def test_second_order():
    report = check_gradients(lambda x: x**3.0, tf.constant([1.0, 2.0]), order=2)
    assert report.verdict == "pass" and report.order == 2


def test_a_wrong_second_derivative_is_found():
    @tf.custom_gradient
    def cube(x):
        return x * x * x, lambda g: g * tf.stop_gradient(3.0 * x * x)

    assert check_gradients(cube, tf.constant([1.0, 2.0])).verdict == "pass"
    report = check_gradients(cube, tf.constant([1.0, 2.0]), order=2)
    assert report.verdict == "fail" and report.failures[0].kind == "not_connected"


def test_the_second_derivative_of_a_linear_function_is_right():
    assert check_gradients(lambda x: 3.0 * x, tf.constant([1.0, 2.0]), order=2).verdict == "pass"


# --------------------------------------------------------------------------------------------- kinks and other doubts


@pytest.mark.parametrize(("f", "x"), [(tf.nn.relu, 0.0), (tf.abs, 0.0), (lambda x: tf.maximum(x, 1.0), 1.0)])
def test_a_kink_is_undecided_and_shows_both_slopes(f, x):
    report = check_gradients(f, tf.constant([x, 2.0]))
    assert report.verdict == "undecided"
    (entry,) = report.undecided
    assert entry.reason == "kink" and entry.index == (0,) and entry.left != entry.right


def test_a_wrong_slope_at_a_kink_fails():
    report = check_vjp(np.abs, lambda x, g: g * np.where(x == 0, 3, np.sign(x)), np.array([0.0, 2.0]))
    assert report.verdict == "fail" and [f.index for f in report.failures] == [(0,)]


def test_a_kink_beside_the_point_is_none():
    x = np.array([1 + 1e-9, 1 - 1e-9, 3.0])
    assert check_vjp(lambda x: np.abs(x - 1), lambda x, g: g * np.sign(x - 1), x).verdict == "pass"


def test_where_nothing_is_connected_and_nothing_moves_nothing_is_said():
    report = check_gradients(tf.round, tf.constant([0.2, 1.7]))
    assert report.verdict == "undecided" and "not connected" in str(report)


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_the_border_of_a_domain_is_undecided():
    assert check_vjp(np.sqrt, lambda x, g: g / (2 * np.sqrt(x)), np.array([0.0, 1.0])).verdict == "undecided"


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_value_that_is_not_finite_is_undecided():
    report = check_vjp(lambda x: x / 0.0, lambda x, g: g / 0.0, np.array([1.0]))
    assert report.verdict == "undecided" and "nan or inf" in str(report)


@pytest.mark.filterwarnings("ignore")
def test_outputs_that_are_not_finite_keep_the_others_from_passing():
    report = check_vjp(lambda x: x / np.array([1.0, 0.0]), lambda x, g: g / np.array([1.0, 0.0]), np.array([1.0, 2.0]))
    assert report.verdict != "pass" and "left out" in str(report)


def test_functions_whose_calls_differ_are_undecided():
    generator = np.random.default_rng()
    report = check_vjp(lambda x: x * generator.normal(), lambda x, g: g, np.array([1.0, 2.0]))
    assert report.verdict == "undecided" and not report.structural["deterministic"]


def test_no_slope_is_undecided_where_float64_has_no_digits():
    report = check_vjp(lambda x: (x + 1e17) - 1e17, lambda x, g: g, np.array([1.0, 2.0]))
    assert report.verdict != "pass"


# -------------------------------------------------------------------------------------------------------------- reports


def test_a_failure_has_all_that_is_known():
    report = check_vjp(np.sin, wrong_sine, np.array([[0.1, 0.2]]), seed=3)
    failure = report.failures[0]
    assert failure.input == "x" and failure.index in [(0, 0), (0, 1)]
    assert np.sign(failure.analytic) == -np.sign(failure.numeric)
    assert failure.numeric_error < 1e-6 and failure.relative_error == pytest.approx(2.0)
    assert report.seed == 3 and not report


def test_the_report_as_json_and_html():
    report = check_vjp(np.sqrt, lambda x, g: g * np.where(x > 0, 1.0, np.inf), np.array([0.0, 2.0]))
    record = json.loads(report.to_json())
    assert record["schema"] == "minitfe.gradcheck/1" and record["verdict"] == "fail"
    assert record["inputs"][0]["shape"] == [2] and record["undecided"][0]["analytic"] == "inf"
    assert record["failures"][0]["index"] == [1]
    assert report.to_dict()["failures"][0]["kind"] == report.failures[0].kind
    assert "<table>" in report._repr_html_() and "FAIL" in report._repr_html_()


def test_the_same_seed_gives_the_same_report():
    x = GENERATOR.normal(size=(30, 30))
    assert check_vjp(np.sin, wrong_sine, x).to_json() == check_vjp(np.sin, wrong_sine, x).to_json()
    first, second = check_vjp(np.sin, wrong_sine, x), check_vjp(np.sin, wrong_sine, x, seed=1)
    assert [f.index for f in first.failures] != [f.index for f in second.failures]


def test_assert_gradients():
    assert assert_gradients(tf.sin, tf.constant(1.0)).verdict == "pass"
    assert assert_gradients(np.sin, np.ones(2), vjp=sine_rule).verdict == "pass"
    with pytest.raises(GradientMismatch, match="each slope has the wrong sign") as caught:
        assert_gradients(np.sin, np.ones(2), vjp=wrong_sine)
    assert caught.value.report.verdict == "fail" and isinstance(caught.value, AssertionError)
    with pytest.raises(GradientMismatch, match="kink"):
        assert_gradients(tf.nn.relu, tf.constant(0.0))


def test_a_rule_that_writes_into_its_inputs_fails():
    def vjp(x, g):
        g *= np.cos(x)
        return g

    report = check_vjp(np.sin, vjp, np.array([0.1, 0.2]))
    assert report.verdict == "fail" and report.structural["mutated"] and report.failures[0].kind == "mutation"


def test_tuples_of_inputs_are_passed_whole_or_one_by_one():
    a, b = GENERATOR.normal(size=(2, 3)), GENERATOR.normal(size=(3, 2))
    assert check_vjp(lambda a, b: a @ b, lambda a, b, g: (g @ b.T, a.T @ g), (a, b)).verdict == "pass"
    assert check_vjp(lambda x: x[0] @ x[1], lambda x, g: (g @ x[1].T, x[0].T @ g), (a, b)).verdict == "pass"
    report = check_vjp(lambda a, b: a @ b, lambda a, b, g: (g @ b.T, a.T @ g.T), (a, b))
    assert {f.input for f in report.failures} == {"b"}


def test_several_outputs():
    assert (
        check_vjp(lambda x: (x * x, 3 * x), lambda x, g: 2 * x * g[0] + 3 * g[1], np.array([1.0, 2.0])).verdict
        == "pass"
    )


# ----------------------------------------------------------------------------------------------------------------- cost


def test_cost_of_a_full_jacobian():
    for vjp in (sine_rule, wrong_sine):
        f, calls = counted(np.sin)
        report = check_vjp(f, vjp, GENERATOR.normal(size=64) * 1000)
        assert len(calls) <= report.evaluations <= 2200
        assert report.inputs[0].coords_checked == 64


def test_cost_at_kinks():
    f, calls = counted(np.abs)
    assert check_vjp(f, lambda x, g: g * np.sign(x), np.zeros(64)).verdict == "undecided"
    assert len(calls) <= 2200


def test_cost_of_a_model_with_a_million_parameters():
    w = tf.Variable(GENERATOR.normal(size=(1000, 1000)) / 30)
    x = tf.constant(GENERATOR.normal(size=(1, 1000)))
    f, calls = counted(lambda: tf.reduce_sum(tf.square(tf.tanh(x @ w))))
    assert check_gradients(f).verdict == "pass"
    assert len(calls) <= 700


def test_one_wrong_entry_among_many_is_found():
    x = GENERATOR.normal(size=(100, 100)).astype("f4")

    def vjp(x, g):
        dx = g * np.cos(x)
        dx[17, 3] *= 1.005
        return dx

    f, calls = counted(np.sin)
    report = check_vjp(f, vjp, x)
    assert [failure.index for failure in report.failures] == [(17, 3)]
    assert len(calls) <= 700


# ------------------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("check", "error", "words"),
    [
        (lambda: check_gradients(tf.identity, tf.constant([1, 2])), ValueError, "no floating point input"),
        (lambda: check_gradients(lambda x: None, 1.0), ValueError, "returned None; did you forget to return"),
        (lambda: check_gradients(lambda x: tf.constant(1), 1.0), ValueError, "returned no floating point number"),
        (lambda: check_gradients(lambda x: 1 / 0, 1.0), RuntimeError, "raised ZeroDivisionError"),
        (lambda: check_gradients(3, 1.0), TypeError, "must be a function"),
        (lambda: check_gradients(tf.sin, tf.constant(1j)), TypeError, "complex"),
        (lambda: check_gradients(tf.sin, tf.constant(np.nan)), ValueError, "holds nan or inf"),
        (lambda: check_gradients(tf.sin, tf.zeros([0])), ValueError, "empty"),
        (lambda: check_gradients(tf.sin, 1.0, order=0), ValueError, "order must be 1"),
        (lambda: check_gradients(tf.sin, 1.0, seed="a"), TypeError, "seed must be an integer"),
        (lambda: check_gradients(tf.sin, 1.0, params=[1]), TypeError, "params must be a list of variables"),
        (lambda: check_vjp(np.sin, sine_rule, np.array([1, 2])), TypeError, "floating point numbers"),
        (lambda: check_vjp(lambda x: "text", sine_rule, np.ones(2)), TypeError, "must return an array"),
        (lambda: check_vjp(lambda x: x[x > 1], sine_rule, np.ones(2)), ValueError, "must not depend|no floating"),
        (lambda: check_vjp(np.sin, lambda x, g: g.no, np.ones(2)), RuntimeError, "in its gradient rule"),
    ],
)
def test_bad_input_is_explained(check, error, words):
    with pytest.raises(error, match=words):
        check()
    assert get_listeners().tapes == () and get_listeners().interpreter is None


def test_a_function_that_raises_leaves_variables_as_they_were():
    w = tf.Variable([1.0, 2.0])

    def f(x):
        if float(w.numpy()[0]) != 1.0:
            raise ValueError("moved")
        return x * w

    with pytest.raises(RuntimeError, match="moved"):
        check_gradients(f, tf.constant(2.0))
    assert w.numpy().tolist() == [1.0, 2.0] and w.dtype == tf.float32


def test_compute_gradient():
    by_tape, measured = tf.test.compute_gradient(lambda x, y: x * y, [tf.constant([1.0, 2.0]), tf.constant([3.0, 5.0])])
    assert by_tape[0].tolist() == [[3.0, 0.0], [0.0, 5.0]] and by_tape[1].tolist() == [[1.0, 0.0], [0.0, 2.0]]
    np.testing.assert_allclose(measured[0], by_tape[0], atol=1e-2)
    assert tf.test.compute_gradient_error(tf.sin, [np.array([0.5, 1.0])]) < 1e-6
    with pytest.raises(ValueError, match="must be a list"):
        tf.test.compute_gradient(tf.sin, 1.0)
