"""Sessions: what is run, in which order, with which values."""

import subprocess
import sys
import threading
from collections import namedtuple

import numpy as np
import pytest

import minitfe as tf

Pair = namedtuple("Pair", "first second")


def run_script(text):
    """Runs a program of its own, where graph mode is what it starts with; returns what it prints."""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


# ------------------------------------------------------------------------------------------------------------- fetches


def test_fetches_may_be_nested(session):
    one, two = tf.constant(1), tf.constant(2.0)
    fetched = session.run({"a": one, "b": [two, (one, Pair(one, two))]})
    assert fetched == {"a": 1, "b": [2.0, (1, Pair(1, 2.0))]} and type(fetched["b"][1][1]) is Pair
    assert session.run([]) == [] and type(session.run(one)) is np.int32


def test_fetches_may_be_names_variables_and_operations(session):
    v = tf.Variable([1.0], name="v")
    tf.add(v, 1.0, name="y")
    assert session.run(v.initializer) is None
    assert session.run(["y:0", v, "y"])[:2] == [2.0, 1.0] and session.run("y") is None


def test_fetched_slices_come_as_three_arrays(session):
    x = tf.constant([[1.0], [2.0]])
    slices = session.run(tf.gradients(tf.gather(x, [1, 1]), x)[0])
    assert slices.indices.tolist() == [1, 1] and slices.values.tolist() == [[1.0], [1.0]]
    assert slices.dense_shape.tolist() == [2, 1]


def test_what_was_fetched_can_be_written_into(session):
    x = tf.constant([1.0, 2.0])
    session.run(x)[0] = 7.0
    assert session.run(x).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("fetch", "error", "words"), [
    (None, TypeError, "Fetch argument None has invalid type <class 'NoneType'>, must be a string or Tensor"),
    (3, TypeError, "Fetch argument 3 has invalid type <class 'int'>"),
    ("none:0", ValueError, "cannot be interpreted as a Tensor. .The name 'none' refers to an Operation not in the graph"),
    ("y:7", ValueError, "refers to a Tensor which does not exist"),
])  # fmt: skip
def test_what_cannot_be_fetched(session, fetch, error, words):
    tf.constant(1.0, name="y")
    with pytest.raises(error, match=words):
        session.run(fetch)


def test_tensors_of_another_graph_cannot_be_fetched_or_fed(session):
    tf.constant(1.0)
    with tf.Graph().as_default():
        stranger = tf.constant(1.0)
    with pytest.raises(ValueError, match="is not an element of this graph"):
        session.run(stranger)
    with pytest.raises(TypeError, match="Cannot interpret feed_dict key as Tensor: .* is not an element of this graph"):
        session.run([], {stranger: 1.0})


def test_an_empty_graph_and_a_closed_session():
    with pytest.raises(RuntimeError, match="The Session graph is empty"):
        tf.Session(graph=tf.Graph()).run("x:0")
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.constant(1.0)
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session."):
        session.run(x)
    with pytest.raises(TypeError, match="graph must be a tf.Graph"):
        tf.Session(graph=3)


# --------------------------------------------------------------------------------------------------------------- feeds


def test_anything_can_be_fed(session):
    v = tf.Variable(1.0)
    doubled = v * 2.0
    assert session.run(doubled + 1.0, {doubled: 10.0}) == 11.0  # and v, which has no value, is not read
    assert session.run(doubled, {v: 3.0}) == 6.0


def test_feeds_may_be_named_and_nested(session):
    x, y = tf.placeholder(tf.float32, name="x"), tf.placeholder(tf.float32)
    assert session.run(x + y, {"x:0": 1.0, y: 2.0}) == 3.0
    assert session.run(x - y, {(x, y): (5.0, 2.0)}) == 3.0
    assert session.run(x - y, {Pair(x, (y,)): Pair(5.0, (2.0,))}) == 3.0
    with pytest.raises(ValueError, match="a key of 2 tensors, and needs a value for each"):
        session.run(x, {(x, y): 5.0})


def test_fed_arrays_are_copied(session):
    x = tf.placeholder(tf.float32, [2])
    v = tf.Variable([0.0, 0.0])
    fed = np.ones(2, np.float32)
    session.run(v.assign(x), {x: fed})
    fed[0] = 7.0
    assert session.run(v).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("value", "error", "words"), [
    ([1.0, 2.0], ValueError, r"Cannot feed value of shape \(2,\) for Tensor 'x:0', which has shape '\(\)'"),
    ("a", ValueError, "strings and numbers do not mix"),
    (None, ValueError, "unsupported type"),
])  # fmt: skip
def test_what_cannot_be_fed(session, value, error, words):
    x = tf.placeholder(tf.float32, [], name="x")
    with pytest.raises(error, match=words):
        session.run(x, {x: value})


def test_feeds_must_be_tensors_with_values(session):
    x = tf.placeholder(tf.float32, [])
    with pytest.raises(TypeError, match="The value of a feed cannot be a tf.Tensor object"):
        session.run(x, {x: x})
    with pytest.raises(TypeError, match="Cannot interpret feed_dict key as Tensor: Can not convert a GraphOperation"):
        session.run(x, {x.op: 1.0})
    with pytest.raises(TypeError, match="feed_dict must be a dictionary"):
        session.run(x, [1.0])


def test_make_callable(session):
    x = tf.placeholder(tf.float32, [])
    double = session.make_callable(x * 2.0, [x])
    assert double(3.0) == 6.0
    with pytest.raises(ValueError, match="takes 1 values"):
        double()


# --------------------------------------------------------------------------------------------------------------- order


def test_reads_see_the_assignments_that_were_written_above_them(session):
    v = tf.Variable(1.0)
    before = v.read_value()
    assigned = v.assign(before + 1.0)
    after = v.read_value()
    session.run(v.initializer)
    assert session.run([after, assigned, before]) == [2.0, 2.0, 1.0]
    assert session.run(after) == 2.0, "which alone needs no assignment"
    assert session.run([v, assigned]) == [3.0, 3.0], "a fetched variable comes with the value that it has at the end"


def test_assignments_run_only_when_they_are_asked_for(session):
    v = tf.Variable(0)
    increment = v.assign_add(1)
    session.run(v.initializer)
    session.run(v * 2)
    assert session.run(v) == 0
    session.run([increment, increment])
    assert session.run(v) == 1, "and then once in a run"


def test_control_dependencies_run_first(session):
    v = tf.Variable(0)
    with tf.control_dependencies([v.assign_add(1)]):
        y = tf.identity(v)
        with tf.control_dependencies(None):
            free = tf.identity(v)
    session.run(v.initializer)
    assert session.run([y, y]) == [1, 1] and session.run(y) == 2 and session.run(free) == 2
    assert [operation.type for operation in y.op.control_inputs] == ["AssignVariableOp"]


def test_variables_made_among_control_dependencies_begin_without_them(session):
    x = tf.placeholder(tf.float32, [])
    with tf.control_dependencies([x]):
        v = tf.get_variable("v", [], initializer=tf.ones_initializer())
        tf.layers.dense(tf.ones([1, 1]), 1)
        tf.train.AdamOptimizer().minimize(v * v)
    session.run(tf.global_variables_initializer())  # and nothing needs to be fed
    assert session.run(v) == 1.0


def test_group_and_no_op(session):
    a, b = tf.Variable(1.0), tf.Variable(1.0)
    both = tf.group(a.assign(2.0), [b.assign(3.0)], name="both")
    session.run(tf.global_variables_initializer())
    assert session.run(both) is None and session.run([a, b]) == [2.0, 3.0]
    assert both.name == "both" and both.type == "NoOp" and session.run(tf.no_op()) is None


def test_tuple_waits_for_all(session):
    v = tf.Variable(1.0)
    (x,) = tf.tuple([tf.constant(5.0)], control_inputs=[v.assign_add(1.0)])
    session.run(v.initializer)
    assert session.run(x) == 5.0 and session.run(v) == 2.0


# ----------------------------------------------------------------------------------------------------- where it fails


def test_a_placeholder_that_was_not_fed(session):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    y = x * 2.0
    words = r"You must feed a value for placeholder tensor with dtype float32 and shape \(\?, 2\)(.|\n)*Node: x = Placeholder"
    for _ in range(3):  # also where the run was compiled
        with pytest.raises(tf.errors.InvalidArgumentError, match=words):
            session.run(y)


def test_a_variable_that_was_not_initialized(session):
    v = tf.Variable(1.0, name="v")
    with pytest.raises(tf.errors.FailedPreconditionError, match="Attempting to use uninitialized value v"):
        session.run(v)
    with pytest.raises(tf.errors.FailedPreconditionError, match="Attempting to use uninitialized value v"):
        session.run(v + 1.0)
    with pytest.raises(tf.errors.FailedPreconditionError, match="Attempting to use uninitialized value v"):
        session.run(v.assign_add(1.0))


def test_an_operation_that_fails_is_named_with_its_line(session):
    x = tf.placeholder(tf.float32, [None])
    y = tf.add(x, [1.0, 2.0], name="sum")
    for _ in range(3):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible shapes: .3. vs. .2.") as info:
            session.run(y, {x: [1.0, 2.0, 3.0]})
        assert "[[Node: sum = Add]], made at" in str(info.value)
        assert "test_session.py" in str(info.value) and 'y = tf.add(x, [1.0, 2.0], name="sum")' in str(info.value)
        assert info.value.op is y.op


def test_a_run_that_fails_leaves_what_it_had_not_reached(session):
    v = tf.Variable(1.0)
    with tf.control_dependencies([tf.assert_equal(v.read_value(), 2.0)]):
        doubled = v.assign(v * 2.0)
    session.run(v.initializer)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Condition x == y did not hold"):
        session.run(doubled)
    assert session.run(v) == 1.0


# ------------------------------------------------------------------------------------------------------ several sessions


def test_two_sessions_share_nothing(session):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    with tf.Session() as other:
        with pytest.raises(tf.errors.FailedPreconditionError):
            other.run(v)
        other.run(v.assign(5.0))
    assert session.run(v) == 1.0


def test_eval_and_run_use_the_current_session(session):
    v = tf.Variable(2.0)
    v.initializer.run()
    x = tf.placeholder(tf.float32)
    assert (v * x).eval({x: 3.0}) == 6.0 and v.eval() == 2.0 and tf.get_default_session() is session
    with tf.Session() as other:
        assert tf.get_default_session() is other
    assert tf.get_default_session() is session


def test_eval_without_a_session():
    with tf.Graph().as_default():
        x = tf.constant(1.0)
    with pytest.raises(ValueError, match="Cannot evaluate tensor using `eval..`: No default session is registered"):
        x.eval()
    with (
        tf.Graph().as_default() as other,
        pytest.raises(ValueError, match="graph is different from the session's graph"),
    ):
        x.eval(session=tf.Session(graph=other))
    assert tf.get_default_session() is None


def test_a_session_of_a_graph_makes_it_the_default():
    graph = tf.Graph()
    with tf.Session(graph=graph) as session:
        assert tf.get_default_graph() is graph is session.graph and tf.constant(1.0).graph is graph


def test_an_interactive_session_is_current_until_it_is_closed():
    with tf.Graph().as_default():
        session = tf.InteractiveSession()
        assert tf.constant(2.0).eval() == 2.0
        session.close()
        assert tf.get_default_session() is None


def test_threads_run_one_session(session):
    v = tf.Variable(np.zeros(50))
    x = tf.placeholder(tf.float64, [50])
    y, failures = tf.reduce_sum(tf.tanh(x * x) + v), []
    session.run(v.initializer)
    wanted = [session.run(y, {x: np.full(50, i)}) for i in range(8)]

    def work(i):
        for _ in range(50):
            if session.run(y, {x: np.full(50, i)}) != wanted[i]:
                failures.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not failures


# -------------------------------------------------------------------------------------------------------------- random


def test_random_draws_are_new_in_each_run(session):
    x = tf.random_normal([3])
    first, again = session.run([x, x])
    assert (first == again).all() and (session.run(x) != first).all()


def draws(seed, op_seed=None):
    with tf.Graph().as_default(), tf.Session() as session:
        if seed is not None:
            tf.set_random_seed(seed)
        x, y = tf.random_normal([2], seed=op_seed), tf.random_uniform([2], seed=op_seed)
        return np.concatenate([np.concatenate(session.run([x, y])) for _ in range(4)])


def test_a_seed_makes_them_repeatable():
    assert (draws(7) == draws(7)).all() and (draws(7) != draws(8)).all() and (draws(None) != draws(None)).all()
    assert len(set(draws(7))) == 16
    assert (draws(7, 1) != draws(7, 2)).all()


def test_drawing_in_a_graph_leaves_eager_draws_alone():
    tf.set_random_seed(3)
    alone = tf.random_normal([2]).numpy(), tf.random_normal([2]).numpy()
    tf.set_random_seed(3)
    first = tf.random_normal([2]).numpy()
    draws(None)
    assert (first == alone[0]).all() and (tf.random_normal([2]).numpy() == alone[1]).all()


# ------------------------------------------------------------------------------------------------------- the real start


def test_a_program_starts_with_a_graph():
    printed = run_script("""
import minitfe as tf
assert not tf.executing_eagerly()
x = tf.placeholder(tf.float32, [2], name="x")
session = tf.InteractiveSession()
print((x * 2).eval({x: [1., 2.]}), tf.get_default_graph() is x.graph)
""")
    assert printed == "[2. 4.] True\n"


def test_eager_execution_is_enabled_at_the_start_or_not_at_all():
    printed = run_script("""
import minitfe as tf
x = tf.constant(1.0)
try:
    tf.enable_eager_execution()
except ValueError as error:
    print(error)
print(tf.executing_eagerly(), tf.Session().run(x))
""")
    assert printed.startswith("tf.enable_eager_execution must be called at program startup.")
    assert printed.endswith("False 1.0\n")


def test_reset_default_graph():
    printed = run_script("""
import minitfe as tf
for _ in range(2):
    tf.reset_default_graph()
    v = tf.get_variable("v", [2])
    y = tf.layers.dense(tf.ones([1, 2]), 2)
    print(v.name, y.name, [w.name for w in tf.trainable_variables()])
with tf.Graph().as_default():
    try:
        tf.reset_default_graph()
    except AssertionError as error:
        print(error)
tf.reset_default_graph()
tf.enable_eager_execution()  # no op was called yet
print(float(tf.constant(1.0)))
""")
    first, second, refusal, one = printed.splitlines()
    assert first == second == "v:0 dense/Add:0 ['v:0', 'dense/kernel:0', 'dense/bias:0']"
    assert refusal.startswith("Do not use tf.reset_default_graph() to clear nested graphs.") and one == "1.0"


def test_threads_start_with_the_main_graph():
    printed = run_script("""
import threading
import minitfe as tf
x, found = tf.constant(1.0), []
thread = threading.Thread(target=lambda: found.append(tf.constant(2.0).graph is x.graph))
thread.start(), thread.join()
print(found)
""")
    assert printed == "[True]\n"


# ------------------------------------------------------------------------------------------------------------ settings


def test_settings_are_accepted(session):
    config = tf.ConfigProto(allow_soft_placement=True, gpu_options=tf.GPUOptions(allow_growth=True))
    config.gpu_options.per_process_gpu_memory_fraction = 0.5
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    x = tf.constant(1.0)
    assert tf.Session(config=config).run(x, options=options, run_metadata=tf.RunMetadata()) == 1.0
    assert repr(config.gpu_options) == "GPUOptions(allow_growth=True, per_process_gpu_memory_fraction=0.5)"
    with pytest.raises(AttributeError, match="ConfigProto has no setting 'alow_growth'"):
        config.alow_growth = True
    with pytest.raises(AttributeError, match="GPUOptions has no setting 'memory'"):
        tf.GPUOptions(memory=1)
