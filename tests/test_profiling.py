"""Profiles: what they count, and that nothing is left of them when their block ends."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe import devices
from minitfe.operation import OPS, kernels_are_watched, stop_watching, watch_kernels
from minitfe.profiling import clock, tables
from minitfe.profiling import profile as profiles

HERE = Path(__file__).name
CPU = "/cpu:0"


def quiet():
    return tf.profile(show=False)


def by_op(p, **wanted):
    """The rows with these settings, by their ops."""
    return {row.op: row for row in p.rows if all(getattr(row, key) == value for key, value in wanted.items())}


def kernel(name):
    return OPS[name].kernels[devices.cpu()][np.dtype("f4")]


# --------------------------------------------------------------------------------------------------------------- rows


def test_a_row_has_calls_bytes_device_and_shapes():
    x, y = tf.ones([3, 4]), tf.ones([4, 5])
    with quiet() as p:
        for _ in range(7):
            tf.matmul(x, y)
    (row,) = p.rows
    assert (row.op, row.direction, row.function, row.device, row.calls) == ("matmul", "forward", "", CPU, 7)
    assert row.input_bytes == 7 * 4 * (12 + 20) and row.output_bytes == 7 * 4 * 15
    assert row.slowest == "float32 (3, 4), float32 (4, 5) -> float32 (3, 5)"
    assert 0 < row.seconds < p.seconds and row.mean == pytest.approx(row.seconds / 7)


def test_ops_with_several_outputs_and_without_inputs():
    with quiet() as p:
        tf.split(tf.zeros([6]), 2)
    rows = by_op(p)
    assert rows["split"].output_bytes == 24 and rows["split"].slowest == "float32 (6,) -> float32 (3,), float32 (3,)"
    assert rows["zeros"].input_bytes == 0 and rows["zeros"].slowest == "-> float32 (6,)"


def test_strings_have_a_name_too():
    with quiet() as p:
        tf.identity(tf.constant("text"))
    assert by_op(p)["identity"].slowest == "string () -> string ()"


def test_the_backward_walk_is_told_from_the_forward_one():
    x = tf.constant(2.0)
    with quiet() as p, tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.tanh(x)
        dx = tape.gradient(y, x)
    assert dx.numpy() == pytest.approx(1 - np.tanh(2.0) ** 2)
    assert "tanh" in by_op(p, direction="forward") and "tanh_gradient" in by_op(p, direction="backward")
    assert "tanh" not in by_op(p, direction="backward")


def test_the_rule_of_a_custom_gradient_is_backward():
    @tf.custom_gradient
    def cube(x):
        return x * x * x, lambda g: g * tf.exp(x)

    with quiet() as p:
        tfe.gradients_function(cube)(1.0)
    assert "exp" in by_op(p, direction="backward") and "exp" not in by_op(p, direction="forward")


def test_sums_in_place_are_counted():
    def f(x):
        return x * 2.0 + x * 3.0 + x * 4.0

    with quiet() as p:
        tfe.gradients_function(f)(tf.ones([5]))
    assert by_op(p, direction="backward")["accumulate"].calls == 1


def test_the_lines_of_the_program():
    x = tf.ones([4])
    with quiet() as p:
        y = x + x
        y = tf.exp(y) * y
    calls = {tables.text_of(row.where): row.calls for row in p.lines}
    assert calls == {"y = x + x": 1, "y = tf.exp(y) * y": 2}
    assert all(HERE in row.where for row in p.lines)


# ------------------------------------------------------------------------------------------------ in traced functions


def test_a_plan_shows_its_own_steps():
    @tfe.defun
    def f(x):
        return tf.tanh(x * x + 1.0) * 0.5

    x = tf.constant(np.linspace(0, 1, 1 << 18, dtype="f4"))
    before = f(x).numpy()
    with quiet() as p:
        after = f(x).numpy()
    assert np.array_equal(before, after)
    (row,) = p.rows
    assert row.op.startswith("fused: ") and "tanh" in row.op and row.function == "f"
    assert row.input_bytes >= 4 << 18 and row.output_bytes == 4 << 18, "not what is inside of the group"
    assert [(r.function, r.traces, r.calls) for r in p.functions] == [("f", 0, 1)]


def test_a_plan_that_is_made_meanwhile_is_the_one_that_is_made_otherwise():
    def f(x):
        return tf.tanh(x * x + 1.0)

    x = tf.zeros([1000, 1000])
    measured, alone = tfe.defun(f), tfe.defun(f)
    with quiet() as p:
        measured(x)
    alone(x)
    assert measured.plan_source() == alone.plan_source()
    assert by_op(p, function="f").keys() == {"fused: multiply, add, tanh"}


def test_tracing_and_planning_are_counted_apart():
    @tfe.defun
    def f(x):
        return tf.exp(x) + 1.0

    with quiet() as p:
        f(tf.ones([2]))
        f(tf.ones([3]))
        f(tf.ones([3]))
    (row,) = p.functions
    assert (row.function, row.traces, row.calls) == ("f", 2, 3)
    assert row.tracing_seconds > 0 and row.planning_seconds > 0 and row.call_seconds > 0
    assert by_op(p, function="f")["exp"].calls == 3


def test_a_gradient_inside_of_a_function():
    w = tf.Variable(np.ones([4, 3], "f4"))

    @tfe.defun
    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.tanh(tf.matmul(x, w)))
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss

    x = tf.ones([2, 4])
    step(x)
    with quiet() as p:
        step(x)
    assert {"matmul", "tanh"} <= set(by_op(p, direction="forward", function="step"))
    assert {"matmul", "tanh_gradient"} <= set(by_op(p, direction="backward", function="step"))
    lines = {tables.text_of(row.where) for row in p.lines}
    assert "loss = tf.reduce_sum(tf.tanh(tf.matmul(x, w)))" in lines


def test_a_gradient_through_a_function():
    @tfe.defun
    def f(x):
        return tf.tanh(x) * x

    with quiet() as p:
        tfe.gradients_function(f)(tf.ones([3]))
    assert "tanh_gradient" in by_op(p, function="gradient of f", direction="backward")
    assert not by_op(p, function="gradient of f", direction="forward")


def test_loops_inside_of_a_function():
    @tfe.defun
    def f(x):
        return tf.while_loop(lambda i, x: i < 4, lambda i, x: (i + 1, tf.sin(x)), [tf.constant(0), x])[1]

    with quiet() as p:
        f(tf.ones([2]))
    assert by_op(p)["sin"].calls == 4
    assert "eager_call" not in by_op(p), "a loop is Python, whose time is its kernels' and the rest"


def test_a_session_runs_operations_of_a_graph():
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2])
        y = tf.tanh(x)
        (dx,) = tf.gradients(y, x)
        with tf.Session() as session, quiet() as p:
            session.run(dx, {x: [1.0, 2.0]})
    assert "tanh" in by_op(p, direction="forward") and "tanh_gradient" in by_op(p, direction="backward")
    assert {tables.text_of(row.where) for row in p.lines} >= {"y = tf.tanh(x)", "(dx,) = tf.gradients(y, x)"}


def test_a_graph_that_runs_operation_by_operation_knows_its_lines():
    @tfe.defun
    def f(x):
        return tf.while_loop(lambda i, x: i < 2, lambda i, x: (i + 1, tf.sin(x)), [tf.constant(0), x])[1]

    def heard(op, device, kernel):  # whoever watches and sees no plans has graphs run so
        return kernel

    watch_kernels(heard)
    try:
        with quiet() as p:
            f(tf.ones([2]))
    finally:
        stop_watching(heard)
    assert by_op(p, function="branch")["sin"].calls == 2
    assert all("tf.while_loop" in tables.text_of(row.where) for row in p.lines if row.calls > 1)


@pytest.mark.parametrize("fails", [False, True])
def test_a_plan_that_is_made_meanwhile_keeps_no_clock(fails):
    @tfe.defun
    def f(x, indices):
        return tf.cumsum(tf.gather(x, indices))

    x = tf.ones([3])
    with quiet() as p:
        f(x, tf.constant([0, 1]))
        if fails:
            with pytest.raises(tf.errors.InvalidArgumentError, match="gather"):
                f(x, tf.constant([0, 7]))
    calls = by_op(p)["cumsum"].calls
    assert f(x, tf.constant([0, 2])).numpy().tolist() == [1, 2]
    assert by_op(p)["cumsum"].calls == calls == 1
    assert "begin" not in f.plan_source()
    assert all(plan._timed is None for function in f.traces.values() for plan in function._plans.values())
    assert not clock._here.begun


# -------------------------------------------------------------------------------------------------- nothing is left


def test_afterwards_everything_is_as_before():
    add, accumulate = kernel("add"), devices.cpu().accumulate
    with quiet():
        assert kernel("add") is not add and devices.cpu().accumulate is not accumulate
        assert kernels_are_watched()
    assert kernel("add") is add and devices.cpu().accumulate is accumulate
    assert not kernels_are_watched()


def test_an_error_in_the_block_leaves_everything_as_before(capsys):
    add = kernel("add")
    with pytest.raises(ZeroDivisionError), tf.profile() as p:
        tf.ones([2]) + 1.0
        1 / 0  # noqa: B018
    assert kernel("add") is add and not kernels_are_watched()
    assert by_op(p)["add"].calls == 1, "what ran is counted"
    assert capsys.readouterr().out == "", "the traceback shall stand alone"


def test_a_kernel_that_fails_is_no_call():
    with quiet() as p:
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[2\].*\[3\]|\(2,\).*\(3,\)"):
            tf.ones([2]) + tf.ones([3])
        tf.ones([2]) + tf.ones([2])
    assert by_op(p)["add"].calls == 1
    assert not clock._here.begun


def test_the_watch_for_nans_goes_on(monkeypatch):
    @tfe.defun
    def f(x):
        return tf.log(x)

    zero = tf.constant([0.0])
    tf.debugging.enable_check_numerics()
    try:
        with quiet() as p, pytest.raises(tf.errors.InvalidArgumentError, match="Inf"):
            f(zero)
        assert p.rows == []
        with pytest.raises(tf.errors.InvalidArgumentError, match="Inf"):
            tf.log(zero)
    finally:
        tf.debugging.disable_check_numerics()
    assert not kernels_are_watched() and np.isinf(f(zero).numpy()).all()
    assert devices.cpu().accumulate is not None


# ------------------------------------------------------------------------------------------------ nesting and threads


def test_nested_blocks_count_each_for_itself():
    x = tf.ones([2])
    with quiet() as outer:
        tf.exp(x)
        with quiet() as inner:
            tf.exp(x)
            tf.sin(x)
        tf.exp(x)
    assert {op: row.calls for op, row in by_op(outer).items()} == {"exp": 3, "sin": 1}
    assert {op: row.calls for op, row in by_op(inner).items()} == {"exp": 1, "sin": 1}


def test_a_profile_serves_once():
    with quiet() as p:
        pass
    with pytest.raises(RuntimeError, match="measured a block already; make a new one with tf.profile"), p:
        pass
    assert not kernels_are_watched()


def test_threads_count_into_one_profile():
    x = tf.ones([10])
    start = threading.Barrier(4)

    def work():
        start.wait()
        for _ in range(200):
            tf.exp(x)

    threads = [threading.Thread(target=work, name=f"worker {i}") for i in range(3)]
    with quiet() as p:
        for thread in threads:
            thread.start()
        work()
        for thread in threads:
            thread.join()
    assert by_op(p)["exp"].calls == 800
    assert 0 < p.other_threads_seconds < p.kernel_seconds
    assert "On other threads" in p.table()


@pytest.fixture
def ticking(monkeypatch):
    """A clock that goes on by one at each reading."""
    ticks = iter(range(1, 10**9))
    monkeypatch.setattr(clock, "perf_counter_ns", lambda: next(ticks))


def test_time_of_its_own(ticking):
    heard = []
    listener = SimpleNamespace(began=0, hear=heard.append)
    clock.listen(listener)
    try:
        with clock.during(clock.CALL, "f"):  # met at 1, begins at 2
            clock.begin(clock.Work("g", clock.KERNEL, CPU))  # met at 3, begins at 4
            clock.end()  # at 5, told at 6
    finally:
        clock.leave(listener)
    inner, outer = heard
    assert (inner.begin, inner.end, inner.own, inner.measuring) == (4, 5, 1, 1)
    assert (outer.begin, outer.end) == (2, 7)
    assert outer.own == 7 - 2 - (6 - 3), "without the inner one, and without the measuring of it"
    assert inner.function == outer.function == "f"


def test_a_listener_hears_nothing_that_began_before_it():
    heard = []
    early, late = SimpleNamespace(began=0, hear=heard.append), SimpleNamespace(began=1 << 62, hear=heard.append)
    clock.listen(early)
    clock.begin(clock.Work("f", clock.CALL))
    clock.listen(late)
    clock.end()
    clock.leave(early)
    clock.leave(late)
    assert len(heard) == 1


def test_a_queue_is_waited_for():
    """A kernel that only queues its work is measured until that is done."""
    said = []
    package = SimpleNamespace(wait=lambda handle: said.append(f"wait for {handle}"))
    device = SimpleNamespace(package=package, handle="queue")
    timed = clock.timed_kernel(clock.Work("op", clock.KERNEL), device, lambda x: said.append("kernel") or x)
    timed(np.ones(2))
    assert said == ["wait for queue", "kernel", "wait for queue"]


def test_the_parts_of_the_time_add_up():
    x = tf.ones([100, 100])
    with quiet() as p:
        for _ in range(20):
            tf.matmul(x, x)
    assert p.kernel_seconds + p.python_seconds + p.profiler_seconds == pytest.approx(p.seconds)
    assert p.kernel_seconds == pytest.approx(sum(row.seconds for row in p.rows))
    assert p.kernel_seconds == pytest.approx(sum(row.seconds for row in p.lines))


def test_a_profile_that_has_not_begun():
    p = quiet()
    assert p.rows == p.lines == p.functions == []
    assert p.seconds == p.python_seconds == 0
    assert p.table().startswith("0.000 ms")


# -------------------------------------------------------------------------------------------------------------- tables


def sizes_and_calls():
    """A profile in which each order puts another op first."""
    with quiet() as p:
        large = tf.ones([1000, 1000])
        tf.identity(large)
        for _ in range(5):
            tf.exp(tf.constant(1.0))
    return p


def first_op(table):
    names = table.split("\n\n")[1].splitlines()[1].split()
    return next(name for name in names if name in ("identity", "ones", "exp"))


def test_tables_are_sorted():
    p = sizes_and_calls()
    assert first_op(p.table(sort="calls")) == "exp"
    assert first_op(p.table(sort="bytes")) == "identity"
    assert first_op(p.table()) == p.rows[0].op
    assert str(p) == p.table()


def test_tables_have_a_limit():
    p = sizes_and_calls()
    assert "... and 2 more rows" in p.table(limit=1)
    assert "more rows" not in p.table(limit=None)


@pytest.mark.parametrize("limit", [0, -1, 1.5, "many"])
def test_a_limit_is_a_positive_number(limit):
    with pytest.raises(ValueError, match="limit must be a positive number of rows"):
        quiet().table(limit=limit)


def test_an_unknown_order():
    with pytest.raises(ValueError, match="sort must be one of time, calls, bytes, not 'name'"):
        quiet().table(sort="name")


def test_tables_are_printed_at_the_end_of_the_block(capsys):
    with tf.profile():
        tf.exp(tf.constant(1.0))
    out = capsys.readouterr().out
    assert "Python and the rest" in out and "exp" in out and HERE in out
    with quiet():
        tf.exp(tf.constant(1.0))
    assert capsys.readouterr().out == ""


# -------------------------------------------------------------------------------------------------------------- traces


def saved(p, path):
    p.save_trace(path)
    return json.loads(path.read_text())["traceEvents"]


def busy_profile():
    @tfe.defun
    def f(x):
        return tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, tf.sin(x)), [tf.constant(0), x])[1]

    def work():
        for _ in range(3):
            tfe.gradients_function(lambda x: tf.tanh(f(x)))(tf.ones([4]))

    thread = threading.Thread(target=work, name="the other one")
    with quiet() as p:
        thread.start()
        work()
        thread.join()
    return p


def test_a_trace_has_events_that_nest(tmp_path):
    events = saved(busy_profile(), tmp_path / "trace.json")
    complete = [event for event in events if event["ph"] == "X"]
    begins = [event["ts"] for event in complete]
    assert begins == sorted(begins) and begins[0] >= 0
    for thread in (1, 2):
        open_until = []
        own = [event for event in complete if event["tid"] == thread]
        assert len(own) > 20
        for event in own:
            begin, end = round(event["ts"] * 1000), round((event["ts"] + event["dur"]) * 1000)
            while open_until and open_until[-1] <= begin:
                open_until.pop()
            assert not open_until or end <= open_until[-1], f"{event} ends after what it began in"
            open_until.append(end)


def test_what_a_trace_says(tmp_path):
    p = busy_profile()
    events = saved(p, tmp_path / "trace.json")
    names = [event["args"]["name"] for event in events if event["ph"] == "M"]
    assert names == ["MainThread", "the other one"]
    kinds = {event["cat"] for event in events if event["ph"] == "X"}
    assert kinds == {"kernel", "python", "call", "tracing", "planning"}
    tanh = next(event for event in events if event["name"] == "tanh")
    assert tanh["pid"] == os.getpid()
    assert tanh["args"]["arrays"] == "float32 (4,) -> float32 (4,)" and HERE in tanh["args"]["line"]
    assert tanh["args"]["device"] == CPU and tanh["args"]["direction"] == "forward"
    assert sum(event.get("cat") == "kernel" for event in events) == sum(row.calls for row in p.rows)


def test_a_trace_has_a_largest_size(tmp_path, monkeypatch):
    monkeypatch.setattr(profiles, "MOST_EVENTS", 10)
    x = tf.constant(1.0)
    with quiet() as p:
        for _ in range(25):
            tf.exp(x)
    assert by_op(p)["exp"].calls == 25 and p.events_left_out == 15
    assert "The last 15 events are counted here, but are not in the trace." in p.table()
    assert len([event for event in saved(p, tmp_path / "trace.json") if event["ph"] == "X"]) == 10


def test_a_trace_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "trace.json"
    path.write_text("before")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    with pytest.raises(tf.errors.PermissionDeniedError, match="trace.json"):
        sizes_and_calls().save_trace(path)
    assert path.read_text() == "before" and os.listdir(tmp_path) == ["trace.json"]


# -------------------------------------------------------------------------------------------------------- command line

SCRIPT = """
import sys
import tensorflow as tf
import tensorflow.contrib.eager as tfe

tf.enable_eager_execution()
print("says", float(tf.exp(tf.constant(0.0))), sys.argv[1:], __name__)
if "nested" in sys.argv:
    with tf.profile(show=False) as p:
        tf.exp(tf.constant(1.0))
    print([row.calls for row in p.rows])
if "fail" in sys.argv:
    raise ValueError("of the script")
sys.exit(3)
"""


def run_profile(folder, *arguments):
    (folder / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "minitfe", "profile", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_a_script_is_profiled(tmp_path):
    found = run_profile(tmp_path, "--trace", "trace.json", "--sort", "calls", "script.py", "nested", "--sort", "none")
    lines = found.stdout.splitlines()
    assert lines[:2] == ["says 1.0 ['nested', '--sort', 'none'] __main__", "[1]"]
    assert found.returncode == 3 and found.stderr == ""
    (row,) = [line.split() for line in lines if " exp " in line and CPU in line]
    assert row[2] == "2" and "tf.exp(tf.constant(1.0))" in found.stdout
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert [event["name"] for event in events if event["ph"] == "X"] == ["exp", "exp"]


def test_a_script_that_fails_is_profiled_too(tmp_path):
    found = run_profile(tmp_path, "script.py", "fail")
    assert found.returncode == 1 and " exp " in found.stdout
    assert found.stderr.splitlines()[0] == "Traceback (most recent call last):"
    assert found.stderr.count("File ") == 1 and found.stderr.splitlines()[-1] == "ValueError: of the script"


def test_a_script_that_is_not_there(tmp_path):
    found = run_profile(tmp_path, "nothing.py")
    assert found.returncode == 2 and found.stdout == "" and "nothing.py" in found.stderr
    assert "no such file" in found.stderr


def test_a_trace_that_cannot_be_written(tmp_path):
    (tmp_path / "folder").mkdir()
    found = run_profile(tmp_path, "--trace", "folder", "script.py")
    assert found.returncode == 3, "the script's own"
    assert "minitfe profile: " in found.stderr and "folder" in found.stderr and "Traceback" not in found.stderr
