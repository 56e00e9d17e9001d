"""Why a gradient is None: the answers of `tape.why_none`, and the warnings of a tape that explains."""

import gc
import re
import warnings
import weakref

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.autodiff.explain import noting_lines
from minitfe.execute import execute
from minitfe.operation import Op
from minitfe.shapes import same


def line_of(operation):
    return int(operation.where.rpartition(":")[2])


def explained(target, source, *words):
    """Asserts that the last gradient was None for a reason that has these words in this order."""
    tape, y = target
    assert tape.gradient(y, source) is None
    sentence = tape.why_none(y, source)
    assert re.search(".*".join(map(re.escape, words)), sentence), sentence
    return sentence


def recorded(f, *watched):
    """A persistent tape that watched some tensors while f ran, and what f returned."""
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(list(watched))
        y = f()
    return tape, y


# ------------------------------------------------------------------------------------------------ what is seen at once


@pytest.mark.parametrize("source", [3.0, np.ones(2), None, "x"])
def test_a_source_that_is_no_tensor(source):
    x = tf.constant(2.0)
    tape, y = recorded(lambda: x * x, x)
    assert f"of type {type(source).__name__}, is no tensor and no variable" in tape.why_none(y, source)


@pytest.mark.parametrize("target", [3.0, np.ones(2), None])
def test_a_target_that_is_no_tensor(target):
    x = tf.constant(2.0)
    tape, _ = recorded(lambda: x * x, x)
    assert re.search(r"The target, .* is no tensor.*\.numpy\(\).* leave the tape", tape.why_none(target, x))


def test_integers():
    n = tf.constant([3, 4])
    explained(recorded(lambda: n * n, n), n, "The source (int32 of shape (2,)) is of dtype int32", "tf.cast")


def test_a_target_of_integers_is_told_with_the_op_that_made_it():
    x = tf.constant([1.0, 2.0])
    explained(
        recorded(lambda: tf.argmax(x), x), x, "The target is of dtype int64", "argmax has no gradient, since an index"
    )


def test_no_target_at_all():
    x = tf.constant(2.0)
    tape, _ = recorded(lambda: x * x, x)
    assert "There is no target" in tape.why_none([], x)


def test_a_comparison_as_target():
    x = tf.constant([1.0, 2.0])
    explained(recorded(lambda: x > 1.5, x), x, "The target is of dtype bool", "made by greater")


# ------------------------------------------------------------------------------------------------------- never watched


def test_never_watched():
    x, w = tf.constant(2.0), tf.constant(3.0)
    explained(recorded(lambda: x * w, x), w, "was never watched, so multiply took it for a constant", "tape.watch(x)")


def test_never_watched_and_never_used():
    x, w = tf.constant(2.0), tf.constant(3.0)
    sentence = explained(recorded(lambda: x * x, x), w, "was never watched. Call tape.watch(x)")
    assert "for a constant" not in sentence


def test_a_variable_that_is_not_trainable():
    v = tf.Variable(2.0, trainable=False, name="mean")
    explained(recorded(lambda: v * v), v, "The variable 'mean:0' is not trainable", "trainable=True")


def test_a_variable_that_was_not_read():
    v, w = tf.Variable(2.0), tf.Variable(3.0, name="unused")
    explained(recorded(lambda: v * v), w, "The variable 'unused:0' was not read while this tape recorded")


def test_a_variable_that_was_read_before_the_tape():
    v, w = tf.Variable(2.0, name="early"), tf.Variable(3.0)
    value = v.value()
    explained(recorded(lambda: w * value), v, "'early:0' was read while the tape did not record, so multiply took it")


def test_a_value_read_outside_instead_of_its_variable():
    v = tf.Variable(2.0, name="v")
    value = v.value()
    explained(
        recorded(lambda: v * v), value, "a tensor with the value of the variable 'v:0', and what the tape watches"
    )


# ---------------------------------------------------------------------------------------------------- not on the tape


def test_computed_before_the_watch():
    x = tf.constant(2.0)
    y = x * x
    explained(
        (*recorded(lambda: None, x)[:1], y), x, "did not record how the target", "Nor does any recorded operation"
    )


def test_computed_after_the_tape():
    x = tf.constant(2.0)
    tape, y = recorded(lambda: x * x, x)
    explained((tape, x + 1.0), x, "was used by multiply, but what came of that does not lead there", "outside of `with")
    assert tape.why_none(y, x).startswith("It is not None")


def test_computed_under_stop_recording():
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        with tape.stop_recording():
            y = x * x
    explained((tape, y), x, "did not record", "tape.stop_recording")


def test_a_target_that_left_through_numpy_as_a_whole():
    x = tf.constant([2.0, 3.0])
    explained(
        recorded(lambda: tf.constant(np.square(x.numpy())), x), x, "did not record", "values that had left the tape"
    )


def test_a_variable_as_target():
    v = tf.Variable(2.0)
    tape, _ = recorded(lambda: v * v)
    assert tape.why_none(v, v).startswith("The tape did not record how the target was computed")
    assert len(tape.operations) == 3, "asking is not recorded"


# -------------------------------------------------------------------------------------------------------- not connected


def test_values_that_left_through_numpy_and_came_back():
    x, w = tf.constant([2.0, 3.0]), tf.Variable([4.0, 5.0])
    explained(
        recorded(lambda: w * tf.constant(x.numpy()), x),
        x,
        "an input of multiply has the same values as the source",
        "Most likely these left the tape",
    )


def test_an_intermediate_result_that_left_through_numpy_is_named():
    x, w = tf.constant([2.0, 3.0]), tf.Variable([4.0, 5.0])
    sentence = explained(recorded(lambda: w + tf.exp(x).numpy(), x), x, "an input of add has the same values as")
    assert "the result of exp. Most likely" in sentence


def test_zeros_and_ones_prove_nothing():
    x, w = tf.constant([0.0, 1.0]), tf.Variable([4.0, 5.0])
    sentence = explained(
        recorded(lambda: w * tf.constant([0.0, 1.0]), x), x, "The target was not computed from the source"
    )
    assert "Most likely" not in sentence


def test_not_connected_says_what_the_target_depends_on():
    x, v = tf.constant(2.0), tf.Variable(3.0, name="v")
    explained(
        recorded(lambda: v * v, x), x, "was not computed from the source", "depends on is the variable 'v:0'", "part in"
    )


def test_a_variable_not_connected_though_it_was_read():
    v, w = tf.Variable(2.0, name="v"), tf.Variable(3.0, name="w")
    explained(recorded(lambda: (v * v, w * w)[1]), v, "not computed from the variable 'v:0'; what it", "'w:0'")


def test_a_variable_half_read_before_the_tape():
    v, w = tf.Variable(2.0, name="v"), tf.Variable(3.0)
    value = v.value()
    explained(
        recorded(lambda: (v * v, w * value)[1]), v, "The value of the variable 'v:0' that multiply used was read while"
    )


def test_another_reading_of_the_same_variable():
    v = tf.Variable([2.0, 3.0])
    with tf.GradientTape(persistent=True) as tape:
        value = v.value()
        y = v * v
    explained((tape, y), value, "another tensor with the same values", "with respect to the variable itself")


# ----------------------------------------------------------------------------------------------------------- cut off


def test_stop_gradient():
    x = tf.constant(2.0)
    explained(
        recorded(lambda: tf.stop_gradient(x * x) * 3.0, x), x, "is cut at stop_gradient: stop_gradient makes a constant"
    )


def test_an_op_without_gradient_is_named_with_its_reason_and_line():
    x = tf.constant(2.4)
    with tf.GradientTape(persistent=True, explain=True) as tape:
        tape.watch(x)
        y = tf.round(x) * 3.0
    sentence = tape.why_none(y, x)
    number = line_of(tape.operations[0])
    assert f"test_explain.py:{number}, `y = tf.round(x) * 3.0`): round has no gradient, since" in sentence


def test_without_lines_it_says_how_to_get_them():
    x = tf.constant(2.4)
    tape, y = recorded(lambda: tf.round(x), x)
    assert tape.why_none(y, x).endswith("tf.GradientTape(explain=True) notes the line of each operation.")


def test_a_way_through_integers():
    x = tf.constant(2.4)
    explained(
        recorded(lambda: tf.cast(tf.cast(x, tf.int32), tf.float32), x), x, "cut at cast: its input is of dtype int32"
    )


def test_two_ways_that_are_both_cut():
    x = tf.constant(2.4)
    sentence = explained(
        recorded(lambda: tf.round(x) + tf.stop_gradient(x), x), x, "cut at round", "; and at stop_gradient"
    )
    assert "add" not in sentence, "what lets gradients through is not blamed"


def test_a_custom_gradient_that_returns_none():
    @tf.custom_gradient
    def silent(x):
        return x * 2.0, lambda dy: None

    x = tf.constant(2.0)
    explained(recorded(lambda: silent(x), x), x, "cut at silent: its gradient function returned None for input 0")


def test_an_op_without_a_rule():
    ruleless = Op("ruleless", shape=same, kernel=lambda x: x)
    x = tf.constant(1.0)
    tape, y = recorded(lambda: execute(ruleless, (x,)), x)
    assert re.search("raises LookupError.*no entry for: Ruleless", tape.why_none(y, x))


def test_there_is_a_gradient():
    x, v = tf.constant(2.0), tf.Variable(3.0, name="v")
    tape, y = recorded(lambda: x * v, x)
    assert tape.why_none(y, v) == "It is not None: the target depends on the variable 'v:0'."
    assert tape.why_none(x, x).startswith("It is not None")


def test_a_sparse_gradient_is_one():
    table = tf.Variable(np.eye(3, dtype="f4"))
    tape, y = recorded(lambda: tf.gather(table, [0, 0, 2]) * 2.0)
    assert tape.why_none(y, table).startswith("It is not None")


# --------------------------------------------------------------------------------------------------------- the tape


def test_structures_of_sources():
    x, v = tf.constant(2.0), tf.Variable(3.0)
    tape, y = recorded(lambda: v * v, x)
    answer = tape.why_none([y], {"x": x, "all": [v]})
    assert answer["x"].startswith("The target was not computed") and answer["all"][0].startswith("It is not None")


def test_a_tape_that_was_used_up():
    x, n = tf.constant(2.0), tf.constant(2)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.round(x)
    tape.gradient(y, x)
    assert re.search(r"used up by its one gradient.*tf.GradientTape\(explain=True\)", tape.why_none(y, x))
    assert "is of dtype int32" in tape.why_none(y, n), "what can be seen without a record still is"
    assert "is not trainable" in tape.why_none(y, tf.Variable(1.0, trainable=False))


def test_asking_changes_nothing():
    x = tf.constant(2.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.round(x) + x
        before = list(outer.operations), list(tape.operations), set(tape.watched)
        tape.why_none(y, x)
        assert before == (outer.operations, tape.operations, tape.watched)
    assert float(tape.gradient(y, x)) == 1.0


def test_asking_works_with_elementwise_equality():
    x, w = tf.constant([2.0, 3.0]), tf.constant([2.0, 3.0])
    tape, y = recorded(lambda: x * w, x)
    tf.enable_tensor_equality()
    try:
        assert "was never watched, so multiply" in tape.why_none(y, w)
    finally:
        tf.disable_tensor_equality()


# ------------------------------------------------------------------------------------------------ a tape that explains


def test_a_tape_that_explains_warns_with_the_same_words():
    x, v = tf.constant(2.0), tf.Variable(3.0)
    with tf.GradientTape(explain=True) as tape:
        y = x * v
    with pytest.warns(RuntimeWarning, match="A gradient is None. The source .* was never watched") as caught:
        gradients = tape.gradient(y, [x, v])
    assert gradients[0] is None and float(gradients[1]) == 2.0
    assert len(caught) == 1 and caught[0].filename == __file__
    assert str(caught[0].message) == f"A gradient is None. {tape.why_none(y, x)}"


def test_a_jacobian_warns_too():
    x, w = tf.constant([2.0, 3.0]), tf.constant(1.0)
    with tf.GradientTape(explain=True) as tape:
        tape.watch(x)
        y = x * w
    with pytest.warns(RuntimeWarning, match="was never watched"):
        tape.jacobian(y, [x, w])


def test_a_tape_that_explains_is_silent_when_all_is_well_and_a_plain_one_always():
    x = tf.constant(2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with tf.GradientTape(explain=True) as tape:
            tape.watch(x)
            y = x * x
        assert float(tape.gradient(y, x)) == 4.0
        with tf.GradientTape() as tape:
            y = x * x
        assert tape.gradient(y, x) is None


def test_a_tape_that_explains_gives_one_gradient_all_the_same():
    x = tf.constant(2.0)
    with tf.GradientTape(explain=True) as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    assert len(tape.operations) == 1, "the record is kept"
    with pytest.raises(RuntimeError, match="can only be called once"):
        tape.gradient(y, x)
    with tape:
        assert tape.operations == []


def test_only_the_tape_that_explains_notes_lines():
    x = tf.constant(2.0)
    with tf.GradientTape() as plain, tf.GradientTape(explain=True) as tape:
        tape.watch(x)
        y = x * x
        z = y + 1.0  # the next line
    assert [operation.where for operation in plain.operations] == [None, None]
    first, second = tape.operations
    assert line_of(second) == line_of(first) + 1 and first.where.endswith(f"test_explain.py:{line_of(first)}")
    assert float(plain.gradient(z, x)) == 4.0


def test_noting_lines_is_for_all_tapes_inside():
    x = tf.constant(2.0)
    with noting_lines(), tf.GradientTape() as tape:
        tape.watch(x)
        tfe.gradients_function(lambda x: x * x)(x)
    assert tape.operations and all("test_explain.py" in operation.where for operation in tape.operations)
    with tf.GradientTape() as tape:
        tape.watch(x)
        x * x
    assert tape.operations[0].where is None


def test_a_tape_that_explains_holds_no_cycle():
    x = tf.constant(np.ones(10))
    gc.disable()
    try:
        with tf.GradientTape(explain=True) as tape:
            tape.watch(x)
            y = x * x
        tape.gradient(y, x)
        gone = weakref.ref(tape)
        del tape
        assert gone() is None, "the tape needs the garbage collector"
    finally:
        gc.enable()


def test_a_plain_tape_records_with_the_plain_method():
    """What explaining needs costs nothing where it is not asked for."""
    assert "record" not in vars(tf.GradientTape())
    assert "record" in vars(tf.GradientTape(explain=True))
