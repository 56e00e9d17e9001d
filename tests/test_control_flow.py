"""Control flow: what runs, what comes out, how gradients flow, and what is refused."""

import numpy as np
import pytest

import minitfe as tf
from minitfe import control_flow as flow
from minitfe import errors
from minitfe.graph.graph import trace
from minitfe.ops import array, comparison, reduction


def gradient(f, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x)


def derivatives(f, x, order=2):
    """The first derivatives of a function of one number."""
    fs = [f]
    for _ in range(order):
        fs.append(lambda x, g=fs[-1]: gradient(g, x))
    return [float(g(tf.constant(x))) for g in fs[1:]]


# ----------------------------------------------------------------------------------------------------------- decisions


def never():
    raise AssertionError("this branch was not chosen")


def test_cond_runs_only_the_chosen_branch():
    assert flow.cond(tf.constant(True), lambda: 1, never) == 1
    assert flow.cond(False, never, lambda: 2) == 2
    assert flow.cond(np.bool_(True), fn1=lambda: 3, fn2=never) == 3


def test_cond_unpacks_a_list_of_one_unless_strict():
    assert flow.cond(True, lambda: [1], never) == 1
    assert flow.cond(True, lambda: [1], never, strict=True) == [1]
    assert flow.cond(True, lambda: [1, 2], never) == [1, 2]


def test_cond_has_the_derivatives_of_the_chosen_branch():
    def f(x):
        return flow.cond(comparison.greater(x, 0.0), lambda: x * x * x, lambda: -x)

    assert derivatives(f, 2.0) == [12, 12]
    assert derivatives(f, -2.0, 1) == [-1]


@pytest.mark.parametrize("pred", [1, "yes", None, [True]])
def test_cond_needs_a_truth_value(pred):
    with pytest.raises(TypeError, match="pred must be a bool or a scalar tensor of dtype bool"):
        flow.cond(pred, never, never)


def test_cond_needs_a_scalar_of_dtype_bool():
    with pytest.raises(ValueError, match="Non-boolean tensor"):
        flow.cond(tf.constant(1), never, never)
    with pytest.raises(ValueError, match="Non-scalar tensor"):
        flow.cond(tf.constant([True]), never, never)


def test_cond_needs_functions():
    with pytest.raises(TypeError, match="true_fn must be callable"):
        flow.cond(True, 1, never)
    with pytest.raises(TypeError, match="false_fn must be callable"):
        flow.cond(True, never)


def test_case_calls_the_first_that_is_true():
    pairs = [(tf.constant(False), never), (tf.constant(True), lambda: 1), (tf.constant(True), never)]
    assert flow.case(pairs) == 1
    assert flow.case(dict(pairs[:2])) == 1
    assert flow.case(pairs[:1], default=lambda: 5) == 5


def test_case_complains():
    true, false = tf.constant(True), tf.constant(False)
    with pytest.raises(errors.InvalidArgumentError, match="None of the conditions evaluated as True"):
        flow.case([(false, never)])
    with pytest.raises(
        errors.InvalidArgumentError, match="More than one condition evaluated as True but exclusive=True"
    ):
        flow.case([(true, never), (true, never)], exclusive=True)
    with pytest.raises(TypeError, match="pred_fn_pairs must be a list, tuple, or dict"):
        flow.case(3)
    with pytest.raises(TypeError, match="must be a 2-tuple"):
        flow.case([true])
    with pytest.raises(TypeError, match="must be callable"):
        flow.case([(true, 1)])


# ----------------------------------------------------------------------------------------------------------- while_loop


def test_one_loop_variable_comes_back_bare():
    assert int(flow.while_loop(lambda i: i < 10, lambda i: i + 3, [0])) == 12
    assert int(flow.while_loop(lambda i: i < 10, lambda i: [i + 3], [0])) == 12
    (i,) = flow.while_loop(lambda i: i < 10, lambda i: i + 3, [0], return_same_structure=True)
    assert int(i) == 12


def test_several_and_nested_loop_variables():
    i, state = flow.while_loop(
        lambda i, state: i < 3,
        lambda i, state: (i + 1, {"a": state["a"] * 2.0, "b": [state["b"][0] + 1]}),
        (0, {"a": 1.0, "b": [0]}),
    )
    assert int(i) == 3 and float(state["a"]) == 8 and int(state["b"][0]) == 3


def test_a_loop_that_never_runs_returns_tensors():
    i, x = flow.while_loop(lambda i, x: False, never, [1, 2.0])
    assert isinstance(i, tf.Tensor) and (i.dtype, x.dtype) == (tf.int32, tf.float32)


def test_shapes_may_change_from_round_to_round():
    x = flow.while_loop(
        lambda x: comparison.less(array.size(x), 8), lambda x: array.concat([x, x], 0), [tf.constant([1])]
    )
    assert x.numpy().tolist() == [1] * 8


def test_maximum_iterations():
    assert int(flow.while_loop(lambda i: True, lambda i: i + 1, [0], maximum_iterations=4)) == 4
    assert int(flow.while_loop(lambda i: True, lambda i: i + 1, [7], maximum_iterations=tf.constant(0))) == 7
    assert int(flow.while_loop(lambda i: True, lambda i: i + 1, [7], maximum_iterations=-1)) == 7


def power(x, n):
    return flow.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * x), [0, tf.constant(1.0)])[1]


def test_derivatives_of_a_loop():
    assert derivatives(lambda x: power(x, 5), 2.0, 3) == [5 * 16, 20 * 8, 60 * 4]


def test_a_loop_without_back_prop_has_no_gradient():
    def f(x):
        return flow.while_loop(lambda y: y < 100.0, lambda y: y * x, [x], back_prop=False)

    assert float(f(tf.constant(3.0))) == 243
    assert gradient(f, tf.constant(3.0)) is None
    assert derivatives(lambda x: x * f(x), 3.0, 1) == [243]


def test_while_loop_complains():
    with pytest.raises(TypeError, match="cond must be callable"):
        flow.while_loop(1, never, [0])
    with pytest.raises(TypeError, match="body must be callable"):
        flow.while_loop(never, 1, [0])
    with pytest.raises(ValueError, match="No loop variables provided"):
        flow.while_loop(never, never, [])
    with pytest.raises(TypeError, match="parallel_iterations must be a positive integer"):
        flow.while_loop(never, never, [0], parallel_iterations=0)
    with pytest.raises(TypeError, match="What cond returns must be a bool"):
        flow.while_loop(lambda i: 1, lambda i: i, [0])
    with pytest.raises(ValueError, match="Non-scalar tensor"):
        flow.while_loop(lambda i: comparison.less(i, [3, 3]), lambda i: i, [0])


def test_body_returns_what_it_was_given():
    with pytest.raises(ValueError, match=r"body was given 2 loop variable\(s\) and returned 1"):
        flow.while_loop(lambda i, x: True, lambda i, x: i, [0, 1])
    with pytest.raises(ValueError, match="not nested in the same way"):
        flow.while_loop(lambda i, x: True, lambda i, x: (i, [x]), [0, 1])
    with pytest.raises(ValueError, match="differ in their keys"):
        flow.while_loop(lambda x: True, lambda x: {"b": 1}, [{"a": 1}])


# ------------------------------------------------------------------------------------------------------ maps and scans


def test_map_fn_over_nested_tensors():
    total = flow.map_fn(lambda pair: pair[0] * pair[1], (tf.constant([1, 2]), tf.constant([3, 4])))
    assert total.numpy().tolist() == [3, 8]
    both = flow.map_fn(
        lambda x: {"same": x, "double": [x * 2]}, tf.constant([1, 2]), dtype={"same": tf.int32, "double": [tf.int32]}
    )
    assert both["same"].numpy().tolist() == [1, 2] and both["double"][0].numpy().tolist() == [2, 4]


def test_second_derivatives_of_map_fn():
    def f(x):
        return reduction.reduce_sum(flow.map_fn(lambda row: row * row * row, x))

    x = tf.constant([1.0, 2.0])
    assert gradient(f, x).numpy().tolist() == [3, 12]
    assert gradient(lambda x: gradient(f, x), x).numpy().tolist() == [6, 12]


def test_map_fn_without_back_prop_has_no_gradient():
    assert gradient(lambda x: flow.map_fn(lambda row: row * row, x, back_prop=False), tf.constant([1.0])) is None


def test_map_fn_complains():
    with pytest.raises(TypeError, match="fn must be callable"):
        flow.map_fn(1, tf.constant([1]))
    with pytest.raises(ValueError, match="a scalar has none"):
        flow.map_fn(never, tf.constant(1))
    with pytest.raises(ValueError, match="equally many in each tensor"):
        flow.map_fn(never, (tf.constant([1]), tf.constant([1, 2])))
    with pytest.raises(ValueError, match="at least one element"):
        flow.map_fn(never, tf.constant([]))
    with pytest.raises(TypeError, match="fn was said to return float32, but returned int32"):
        flow.map_fn(lambda x: x, tf.constant([1]), dtype=tf.float32)
    with pytest.raises(ValueError, match="not nested in the same way"):
        flow.map_fn(lambda x: x if int(x) else [x], tf.constant([1, 0]))


def test_folds_go_in_their_order():
    x = tf.constant([1, 2, 3])
    assert int(flow.foldl(lambda a, x: a * 10 + x, x, initializer=9)) == 9123
    assert int(flow.foldr(lambda a, x: a * 10 + x, x, initializer=9)) == 9321


def test_scan_in_both_directions():
    x = tf.constant([1.0, 2.0, 3.0])
    assert flow.scan(lambda a, x: a * x, x).numpy().tolist() == [1, 2, 6]
    assert flow.scan(lambda a, x: a * x, x, initializer=10.0).numpy().tolist() == [10, 20, 60]
    assert flow.scan(lambda a, x: a * x, x, reverse=True).numpy().tolist() == [6, 6, 3]


def test_scan_over_structures():
    i, fibonacci = flow.scan(
        lambda a, _: (a[1], a[0] + a[1]), tf.constant([0] * 6), initializer=(tf.constant(0), tf.constant(1))
    )
    assert i.numpy().tolist() == [1, 1, 2, 3, 5, 8] and fibonacci.numpy().tolist() == [1, 2, 3, 5, 8, 13]
    with pytest.raises(ValueError, match="not nested in the same way"):
        flow.scan(lambda a, x: [a], tf.constant([1, 2]))


def test_derivatives_of_scan():
    """The products x, x², x³ sum up to 1 + 2x + 3x² in the first derivative."""

    def f(x):
        return reduction.reduce_sum(flow.scan(lambda a, _: a * x, tf.constant([0.0] * 3), initializer=tf.constant(1.0)))

    assert derivatives(f, 2.0) == [17, 14]


# ------------------------------------------------------------------------------------------------------------ the order


def test_what_only_orders_does_nothing():
    assert flow.group(tf.constant(1)) is None and flow.no_op() is None
    with flow.control_dependencies([tf.constant(1)]):
        tensors = [tf.constant(1.0), tf.constant(2.0)]
    assert flow.tuple_(tensors) is tensors


def test_identity_n_makes_other_tensors():
    x = tf.constant(1.0)
    (y,) = flow.identity_n([x])
    assert y is not x and float(y) == 1


# ----------------------------------------------------------------------------------------------------------- assertions


def test_assert():
    flow.Assert(True, [])
    with pytest.raises(errors.InvalidArgumentError) as raised:
        flow.Assert(False, [tf.constant(1)])
    assert str(raised.value) == "Expected 'False' to be true. Summarized data: 1"


@pytest.mark.parametrize(
    ("summarize", "shown"), [(None, "0, 1, 2, ..."), (1, "0, ..."), (-1, "0, 1, 2, 3"), (4, "0, 1, 2, 3")]
)
def test_assert_summarizes(summarize, shown):
    with pytest.raises(errors.InvalidArgumentError) as raised:
        flow.Assert(False, ["x is", tf.constant([[0, 1], [2, 3]])], summarize)
    assert str(raised.value) == f"Expected 'False' to be true. Summarized data: x is\n{shown}"


def test_assert_equal_says_what_differs():
    flow.assert_equal([1, 2], [1, 2])
    flow.assert_equal(tf.constant([]), [])
    with pytest.raises(errors.InvalidArgumentError) as raised:
        flow.assert_equal([1, 2, 3], [1, 5, 6], message="not alike")
    assert str(raised.value) == (
        "not alike\nCondition x == y did not hold.\nIndices of first 2 different values:\n[[1]\n [2]]\n"
        "Corresponding x values:\n[2 3]\nCorresponding y values:\n[5 6]\n"
        "First 3 elements of x:\n[1 2 3]\nFirst 3 elements of y:\n[1 5 6]\n"
    )


def test_assert_equal_with_broadcasting():
    flow.assert_equal([1.0, 1.0], 1)
    with pytest.raises(errors.InvalidArgumentError) as raised:
        flow.assert_equal([1, 2], 1)
    assert str(raised.value) == (
        "\nCondition x == y did not hold.\nFirst 2 elements of x:\n[1 2]\nFirst 1 elements of y:\n[1]\n"
    )


@pytest.mark.parametrize(
    ("assertion", "holds", "fails", "words"),
    [
        (flow.assert_less, ([1, 2], 3), ([1, 3], 3), "x < y"),
        (flow.assert_less_equal, ([1, 3], 3), ([4, 1], 3), "x <= y"),
        (flow.assert_greater, ([4, 5], 3), ([3, 5], 3), "x > y"),
        (flow.assert_greater_equal, ([3, 5], 3), ([2, 5], 3), "x >= y"),
        (flow.assert_positive, ([1, 2],), ([0, 1],), "x > 0"),
        (flow.assert_non_negative, ([0, 1],), ([-1, 1],), "x >= 0"),
        (flow.assert_negative, ([-1.0],), ([0.0],), "x < 0"),
        (flow.assert_non_positive, ([0.0],), ([0.5],), "x <= 0"),
    ],
)
def test_comparing_assertions(assertion, holds, fails, words):
    assertion(*holds)
    with pytest.raises(errors.InvalidArgumentError) as raised:
        assertion(*fails, message="look")
    assert f"look\nCondition {words} did not hold element-wise:\nx (shape=" in str(raised.value)


def test_assert_rank():
    flow.assert_rank([[1]], 2)
    flow.assert_rank_at_least([[1]], 1)
    with pytest.raises(ValueError, match=r"Tensor must have rank 1.  Received rank 2, shape \(1, 1\)"):
        flow.assert_rank([[1]], 1)
    with pytest.raises(ValueError, match="Tensor must have rank at least 3.  Received rank 2"):
        flow.assert_rank_at_least([[1]], tf.constant(3))


# -------------------------------------------------------------------------------------------------------------- graphs


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda x: flow.Assert(x[0] > 0.0, ["x is", x]), "Summarized data: x is"),
        (lambda x: flow.assert_equal(x, [1.0]), "Condition x == y did not hold"),
        (lambda x: flow.assert_positive(x), "Condition x > 0 did not hold element-wise"),
    ],
)
def test_in_a_graph_assertions_are_made_when_it_runs(check, words):
    graph, (x,), _ = trace(check, tf.constant([1.0]))
    graph.run([], {x: [1.0]})
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        graph.run([], {x: [-1.0]})


def test_assert_equal_shows_strings():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"First 1 elements of x:\n\[b'a'\]"):
        tf.assert_equal("a", "b")


# ------------------------------------------------------------------------------------------------------------ printing


def test_print_shows_tensors_when_they_are_computed(capsys):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.Print(x, [x, [1, 2, 3, 4]], "seen: ") * 2.0
    assert float(y) == 6.0 and float(tape.gradient(y, x)) == 2.0
    assert capsys.readouterr().err == "seen: [3.0][1, 2, 3, ...]\n"


def test_print_in_a_graph(session, capsys):
    x = tf.placeholder(tf.float32, [])
    y = tf.Print(x, [x], first_n=2, summarize=-1)
    assert capsys.readouterr().err == ""
    assert [session.run(y, {x: i}) for i in range(3)] == [0.0, 1.0, 2.0] and tf.gradients(y * y, x)[0] is not None
    assert capsys.readouterr().err == "[0.0]\n[1.0]\n"
