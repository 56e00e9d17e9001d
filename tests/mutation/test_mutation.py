"""A share of the mutation tests, and tests of the tool: it must see a survivor, and put everything back."""

import ast
import hashlib
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

import minitfe as tf
from minitfe import extend
from minitfe.extend import Sample, Values, shapes
from minitfe.operation import OPS

from .__main__ import differences
from .checks import Check, sweeps, targeted
from .experiment import Outcome, all_changes, calling, changed, identifier, listed, observe, try_changes
from .subjects import subject_of, subjects


@pytest.fixture(scope="module")
def every():
    return subjects()


@pytest.fixture(scope="module")
def pairs(every):
    """All subjects and changes."""
    return all_changes(every)


def one_change(pairs):
    """One of a subject's changes, always the same: that with the smallest hash."""
    return min(pairs, key=lambda pair: hashlib.sha256(identifier(*pair).encode()).digest())


def test_a_share_of_the_changes_is_noticed(every, pairs):
    """One change per rule; `python -m tests.mutation` tries all. What the sweeps do not see, other tests must."""
    by_subject, known = defaultdict(list), listed()
    for subject, change in pairs:
        if identifier(subject, change) not in known:
            by_subject[subject].append((subject, change))
    chosen = [one_change(own) for own in by_subject.values()]
    assert len(chosen) > 200
    unseen = not_noticed(chosen, sweeps(), every)
    left = not_noticed(unseen, targeted(), every)
    assert len(unseen) < 40 and [identifier(*pair) for pair in left] == []


def not_noticed(pairs, checks, every):
    """The changes that none of the checks sees. Checks that fail as it is belong to other tests."""
    checks = list(checks)
    failures = observe(checks, every)
    sound = calling(check for check in checks if check not in failures)
    return [(o.subject, o.change) for o in try_changes(pairs, sound) if o.killer is None]


def test_what_is_listed_is_there_with_a_reason(pairs):
    assert not set(listed()) - {identifier(*pair) for pair in pairs}
    assert all(len(reason) > 5 for reason in listed().values())


def test_every_rule_is_a_subject(every):
    functions = {function for subject in every for function in subject.functions}
    rules = {rule for op in OPS.values() for rule in (*op.partials.values(), op.whole) if rule is not None}
    assert {rule.__name__ for rule in rules - functions if rule.__module__.startswith("minitfe.")} == set()
    assert len(rules & functions) > 200


# ------------------------------------------------------------------------------------------------------ a planted survivor


def halved_square_dx(g: tf.Tensor, x: tf.Tensor, output: tf.Tensor) -> tf.Tensor:
    return g * x


SAMPLE = Sample(inputs=[Values((2, 3))], reference=lambda x: x * x / 2)


@pytest.fixture
def planted():
    """An op with a rule, and its subject."""
    call = extend.register_op(
        "halved_square", kernels={"numpy": lambda x: x * x / 2}, shape=shapes.same, gradients={0: halved_square_dx}
    )
    yield call, subject_of(halved_square_dx)
    extend.unregister_op("halved_square")


def tried(subject, checks):
    assert observe(checks, [subject]) == {}
    return list(try_changes(all_changes([subject]), calling(checks)))


def test_without_a_sample_every_change_survives(planted):
    _, subject = planted
    outcomes = tried(subject, [])
    assert {"g * x -> -(g * x)", "g * x -> g / x"} <= {outcome.change.text for outcome in outcomes}
    assert all(outcome.killer is None for outcome in outcomes)
    complaints = differences(outcomes, "test_mutation")
    assert len(complaints) == len(outcomes) > 3 and complaints[0].startswith("nothing notices")


def test_with_a_sample_none_survives(planted):
    call, subject = planted
    outcomes = tried(subject, list(sweeps([replace(SAMPLE, function=call)])))
    assert len(outcomes) > 3 and [o.change.text for o in outcomes if o.killer is None] == []
    assert differences(outcomes, "test_mutation") == []


def test_an_entry_that_is_noticed_is_an_error(monkeypatch):
    subject = subject_of(halved_square_dx)
    (_, change), *_ = all_changes([subject])
    monkeypatch.setattr("tests.mutation.__main__.listed", lambda: {identifier(subject, change): "it changes nothing"})
    noticed = [Outcome(subject, change, "some check", "AssertionError")]
    assert differences(noticed, "") == [f"listed, but noticed or gone: {identifier(subject, change)}"]
    assert differences([Outcome(subject, change, None, None)], "") == []


def test_rules_are_put_back_whatever_happens(planted):
    call, subject = planted
    before = subject.code, ast.unparse(subject.tree)

    def slope():
        x = tf.constant([1.0, 2.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = call(x)
        return tape.gradient(y, x).numpy()

    def interrupted():
        raise KeyboardInterrupt

    (_, change), *_ = all_changes([subject])
    with changed(subject, change):
        assert not np.array_equal(slope(), [1.0, 2.0])
    assert slope().tolist() == [1.0, 2.0]
    with pytest.raises(KeyboardInterrupt):
        observe([Check("stopped", interrupted)], [subject])
    with pytest.raises(KeyboardInterrupt):
        list(try_changes([(subject, change)], {subject.identifier: [Check("stopped", interrupted)]}))
    assert (subject.code, ast.unparse(subject.tree)) == before and slope().tolist() == [1.0, 2.0]
