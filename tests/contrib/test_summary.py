"""Summaries: what is in the event files, and when nothing is."""

import io
import subprocess
import sys
import threading
import wave

import numpy as np
import pytest

import minitfe as tf
from minitfe.graph.graph import trace
from minitfe.summaries import encoding, writer
from tests.contrib.event_files import read, require_tensorboard, steps_and_values

summary, tfe = tf.contrib.summary, tf.contrib.eager


@pytest.fixture
def logdir(tmp_path):
    require_tensorboard()
    return tmp_path / "logs"


@pytest.fixture(autouse=True)
def no_default_writer(monkeypatch):
    monkeypatch.setattr(writer, "_default", None)


@pytest.fixture
def global_step():
    step = tf.train.get_or_create_global_step()
    before = int(step)
    step.assign(0)
    yield step
    step.assign(before)


def record(logdir, function, *values, **settings):
    """Calls a function that records, with a writer for the folder."""
    settings = {"step": 1, **settings}
    with summary.create_file_writer(logdir).as_default(), summary.always_record_summaries():
        function("name", *values, **settings)


# --------------------------------------------------------------------------------------------------- the guide's loops


def test_every_hundredth_step_with_a_default_writer(logdir, global_step):
    events = summary.create_file_writer(str(logdir))
    events.set_as_default()
    for _ in range(300):
        global_step.assign_add(1)
        with summary.record_summaries_every_n_global_steps(100):
            summary.scalar("loss", tf.constant(0.5) / tf.to_float(global_step))
    events.flush()
    assert steps_and_values(logdir, "loss") == [(step, pytest.approx(0.5 / step, rel=1e-6)) for step in (100, 200, 300)]


def test_every_hundredth_step_with_a_loop_inside_the_scope(logdir, global_step):
    with summary.create_file_writer(logdir).as_default(), summary.record_summaries_every_n_global_steps(100):
        for i in range(250):
            global_step.assign_add(1)
            summary.scalar("loss", float(i))
    assert steps_and_values(logdir, "loss") == [(100, 99), (200, 199)]


def test_a_step_counter_of_ones_own(logdir, global_step):
    mine = tf.Variable(3, trainable=False)
    with summary.create_file_writer(logdir).as_default():
        with summary.record_summaries_every_n_global_steps(2, global_step=mine):
            summary.scalar("odd", 1.0)
            mine.assign_add(1)
            summary.scalar("even", 1.0, step=mine)
    assert read(logdir).Tags()["scalars"] == ["even"]
    assert steps_and_values(logdir, "even") == [(4, 1.0)]


def test_a_program_that_never_flushes_loses_nothing(logdir):
    program = (
        "import sys, minitfe as tf\n"
        "tf.enable_eager_execution()\n"
        "tf.contrib.summary.create_file_writer(sys.argv[1]).set_as_default()\n"
        "with tf.contrib.summary.always_record_summaries():\n"
        "    for i in range(25): tf.contrib.summary.scalar('loss', 1.0 * i, step=i)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(logdir)], check=True)
    assert steps_and_values(logdir, "loss") == [(i, i) for i in range(25)]


# ------------------------------------------------------------------------------------------------------ when and where


def test_nothing_is_recorded_without_a_scope(logdir):
    with summary.create_file_writer(logdir).as_default():
        assert not summary.should_record_summaries()
        summary.scalar("loss", 1.0, step=1)
    assert read(logdir).Tags()["scalars"] == []


def test_without_a_writer_calls_do_nothing():
    with summary.always_record_summaries():
        assert summary.should_record_summaries()
        for function in (summary.scalar, summary.histogram, summary.image, summary.text, summary.generic):
            assert function("name", object()) is None
        assert summary.audio("name", object(), 8000, 1) is None
    assert summary.graph(object()) is None and summary.import_event(object()) is None
    assert summary.flush() is None and summary.initialize() is None and summary.all_summary_ops() is None


def test_scopes_nest(logdir):
    with summary.always_record_summaries():
        with summary.never_record_summaries():
            assert not summary.should_record_summaries()
        assert summary.should_record_summaries()
    assert not summary.should_record_summaries()
    first, second = (summary.create_file_writer(logdir / name) for name in "ab")
    with summary.always_record_summaries(), first.as_default():
        with second.as_default():
            summary.scalar("inner", 1.0, step=1)
        with summary.create_file_writer(None).as_default():
            summary.scalar("outer", 1.0, step=1)
    assert read(logdir / "a").Tags()["scalars"] == ["outer"]
    assert read(logdir / "b").Tags()["scalars"] == ["inner"]


def test_a_scope_ends_with_an_exception_too(logdir):
    with pytest.raises(KeyError):
        with summary.create_file_writer(logdir).as_default(), summary.always_record_summaries():
            raise KeyError
    assert writer.default_writer() is None and not summary.should_record_summaries()


def test_the_queue_is_written_when_it_is_full(logdir):
    events = summary.create_file_writer(logdir, max_queue=2, flush_millis=10**8)
    events.set_as_default()
    with summary.always_record_summaries():
        for step in range(3):
            summary.scalar("loss", 1.0, step=step)
    assert len(steps_and_values(logdir, "loss")) == 3


def test_the_name_of_the_file_has_its_suffix(logdir):
    summary.create_summary_file_writer(logdir, filename_suffix=".mine").close()
    (path,) = logdir.iterdir()
    assert path.name.startswith("events.out.tfevents.") and path.name.endswith(".mine")


def test_flush_writes_to_the_writer_it_is_given(logdir):
    events = summary.create_file_writer(logdir, flush_millis=10**8)
    with summary.always_record_summaries():
        events.set_as_default()
        summary.scalar("loss", 1.0, step=1)
        summary.flush()
        assert len(steps_and_values(logdir, "loss")) == 1
        summary.scalar("loss", 1.0, step=2)
        summary.flush(events)
    assert len(steps_and_values(logdir, "loss")) == 2
    with pytest.raises(TypeError, match="flush takes a summary writer"):
        summary.flush("logs")


def test_a_default_writer_is_for_all_threads_and_a_block_for_its_own(logdir):
    summary.create_file_writer(logdir).set_as_default()
    with summary.create_file_writer(logdir / "block").as_default() as inner:
        assert writer.default_writer() is inner
        seen = []
        thread = threading.Thread(target=lambda: seen.append(writer.default_writer()))
        thread.start()
        thread.join()
    assert seen == [writer._default]


def test_tapes_take_no_notice(logdir):
    x = tf.constant(3.0)
    with summary.create_file_writer(logdir).as_default(), summary.always_record_summaries():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
            summary.scalar("y", y, step=1)
            summary.histogram("x", x, step=1)
    assert len(tape.operations) == 1
    assert float(tape.gradient(y, x)) == 6.0


# ---------------------------------------------------------------------------------------------------------------- what


def test_names_have_scopes_and_families_before_them(logdir):
    with summary.create_file_writer(logdir).as_default(), summary.always_record_summaries(), tf.name_scope("train"):
        summary.scalar("mean loss", 1.0, step=1)
        summary.scalar("loss", 1.0, family="head", step=1)
    assert read(logdir).Tags()["scalars"] == ["train/mean_loss", "head/train/head/loss"]


@pytest.mark.parametrize("value", [2, 2.0, True, np.float64(2), tf.constant([[2.0]]), tf.Variable(2.0)])
def test_a_scalar_is_any_one_number(logdir, value):
    record(logdir, summary.scalar, value)
    assert steps_and_values(logdir, "name") == [(1, float(value))]


@pytest.mark.parametrize("value", [[1.0, 2.0], [], 1j, "text"])
def test_what_is_not_one_number_is_no_scalar(logdir, value):
    with pytest.raises(tf.errors.InvalidArgumentError, match="summary of type scalar needs one real number"):
        record(logdir, summary.scalar, value)


def test_histograms_are_those_of_tensorflow(logdir):
    record(logdir, summary.histogram, [[-1.0, 0.0], [0.0, 3.0]])
    (event,) = read(logdir).Histograms("name")
    values = event.histogram_value
    assert (values.min, values.max, values.num, values.sum, values.sum_squares) == (-1.0, 3.0, 4.0, 2.0, 10.0)
    filled = [(limit, count) for limit, count in zip(values.bucket_limit, values.bucket) if count]
    assert [count for _, count in filled] == [1.0, 2.0, 1.0]
    assert filled[0][0] > -1.0 and filled[1][0] == pytest.approx(1e-12) and 3.0 < filled[2][0] < 3.3
    assert all(left or right for left, right in zip(values.bucket, values.bucket[1:])), "runs of empty buckets"


def test_buckets_grow_by_a_tenth_and_are_symmetric():
    limits = encoding.bucket_limits()
    assert len(limits) == 2 * 774 + 3
    np.testing.assert_array_equal(limits, -limits[::-1])
    positive = limits[limits > 0]
    np.testing.assert_allclose(positive[1:-1] / positive[:-2], 1.1, rtol=1e-12)
    assert positive[0] == 1e-12 and positive[-2] < 1e20 <= positive[-2] * 1.1 and positive[-1] == encoding.LARGEST


def test_the_largest_number_and_no_number_have_histograms(logdir):
    record(logdir, summary.histogram, np.array([encoding.LARGEST]))
    (event,) = read(logdir).Histograms("name")
    assert event.histogram_value.bucket[-1] == 1.0
    record(logdir / "none", summary.histogram, np.zeros([0]))
    (event,) = read(logdir / "none").Histograms("name")
    assert event.histogram_value.num == 0.0


@pytest.mark.parametrize(("value", "word"), [([1.0, np.nan], "Nan"), ([np.inf, 1.0], "Infinity")])
def test_histograms_of_what_is_not_finite(logdir, value, word):
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"{word} in summary histogram: 1 of 2 values"):
        record(logdir, summary.histogram, value)


def pixels(logdir, tag):
    image = pytest.importorskip("PIL.Image")
    (event,) = read(logdir).Images(tag)
    array = np.asarray(image.open(io.BytesIO(event.encoded_image_string)))
    assert (event.height, event.width) == array.shape[:2]
    return array


def test_bytes_are_shown_as_they_are(logdir):
    picture = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)
    record(logdir, summary.image, picture)
    assert read(logdir).Tags()["images"] == ["name/image/0", "name/image/1"]
    np.testing.assert_array_equal(pixels(logdir, "name/image/1"), picture[1])


def test_floats_are_brought_into_the_range_of_bytes(logdir):
    record(logdir, summary.image, np.array([0.0, 1.0, 2.0, 4.0]).reshape(1, 2, 2, 1), max_images=1)
    np.testing.assert_array_equal(pixels(logdir, "name/image"), [[0, 63], [127, 255]])
    record(logdir / "negative", summary.image, np.array([-2.0, 0.0, 1.0, 0.0]).reshape(1, 2, 2, 1), max_images=1)
    np.testing.assert_array_equal(pixels(logdir / "negative", "name/image"), [[1, 128], [191, 128]])


def test_what_is_not_finite_is_red_or_as_one_likes(logdir):
    picture = np.zeros([1, 1, 2, 3], np.float32)
    picture[0, 0, 1, 1] = np.nan
    record(logdir, summary.image, picture, max_images=1)
    np.testing.assert_array_equal(pixels(logdir, "name/image"), [[[0, 0, 0], [255, 0, 0]]])
    record(logdir / "blue", summary.image, picture, [0, 0, 255], max_images=1)
    np.testing.assert_array_equal(pixels(logdir / "blue", "name/image"), [[[0, 0, 0], [0, 0, 255]]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="bad_color must be a vector of bytes"):
        record(logdir, summary.image, picture, [0, 300, 0])


@pytest.mark.parametrize("value", [np.zeros([2, 2]), np.zeros([1, 2, 2, 2]), np.zeros([1, 2, 2, 3], int), "text"])
def test_what_is_no_image(logdir, value):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"summary of type image needs uint8 or floats \[image"):
        record(logdir, summary.image, value)
    with pytest.raises(tf.errors.InvalidArgumentError, match="max_images must be > 0, not 0"):
        record(logdir, summary.image, value, max_images=0)


def test_sounds(logdir):
    record(logdir, summary.audio, np.array([[0.0, 1.0, -2.0]]), sample_rate=8000, max_outputs=1)
    (event,) = read(logdir).Audio("name/audio")
    assert (event.sample_rate, event.length_frames, event.content_type) == (8000, 3, "audio/wav")
    with wave.open(io.BytesIO(event.encoded_audio_string)) as sound:
        np.testing.assert_array_equal(np.frombuffer(sound.readframes(3), "<i2"), [0, 32767, -32767])
    with pytest.raises(tf.errors.InvalidArgumentError, match="summary of type audio needs floats"):
        record(logdir, summary.audio, [1.0], sample_rate=8000, max_outputs=1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="sample_rate must be a positive number"):
        record(logdir, summary.audio, [[1.0]], sample_rate=0, max_outputs=1)


def test_texts(logdir):
    record(logdir, summary.text, ["rate", "**0.1**"])
    reader = read(logdir)
    (event,) = reader.Tensors("name")
    assert list(event.tensor_proto.string_val) == [b"rate", b"**0.1**"]
    assert list(reader.PluginTagToContent("text")) == ["name"]
    with pytest.raises(ValueError, match="Expected tensor to have dtype string, got float32"):
        record(logdir, summary.text, 1.0)


def test_tensors_for_other_pages(logdir):
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    record(logdir, summary.generic, values, encoding.plugin("mine"))
    reader = read(logdir)
    (event,) = reader.Tensors("name")
    np.testing.assert_array_equal(np.frombuffer(event.tensor_proto.tensor_content, "<f4").reshape(2, 3), values)
    assert list(reader.PluginTagToContent("mine")) == ["name"]
    record(logdir / "serialized", summary.generic, values, encoding.plugin("mine").SerializeToString())
    assert list(read(logdir / "serialized").PluginTagToContent("mine")) == ["name"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="metadata must be a message of type SummaryMetadata"):
        record(logdir, summary.generic, values, metadata=b"\xff\xff")


def test_graphs_of_traced_functions(logdir):
    w = tf.Variable([[2.0], [3.0]])
    traced, _, _ = trace(lambda x: tf.split(tf.matmul(x, w) + 1.0, 2)[1] * 2.0, tf.ones([2, 2]))
    events = summary.create_file_writer(logdir)
    with events.as_default():
        summary.graph(traced, step=1)
    nodes = {node.name: node for node in read(logdir).Graph().node}
    assert list(nodes["MatMul"].input) == ["Placeholder", "ReadVariableOp"]
    assert list(nodes["ReadVariableOp"].input) == ["Variable"]
    assert list(nodes["Add"].input) == ["MatMul", "Const"]
    assert list(nodes["Mul"].input) == ["Split:1", "Const_1"]
    assert [dim.size for dim in nodes["MatMul"].attr["_output_shapes"].list.shape[0].dim] == [2, 1]
    assert b"test_summary.py" in nodes["MatMul"].attr["where"].s
    with events.as_default(), pytest.raises(tf.errors.InvalidArgumentError, match="graph.. takes a traced graph"):
        summary.graph("traced")


def test_events_made_elsewhere(logdir):
    event = writer.proto("event").Event(step=7, wall_time=1.0)
    event.summary.value.add(tag="theirs", simple_value=5.0)
    with summary.create_file_writer(logdir).as_default():
        summary.import_event(event.SerializeToString())
        summary.import_event(tf.constant(event.SerializeToString()))
        with pytest.raises(tf.errors.InvalidArgumentError, match="must be a message of type Event"):
            summary.import_event(b"\xff")
    assert steps_and_values(logdir, "theirs") == [(7, 5.0)] * 2


# -------------------------------------------------------------------------------------------------------------- errors


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    require_tensorboard()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(tf.errors.FailedPreconditionError, match="Failed to create an event file in .*file.logs"):
        summary.create_file_writer(tmp_path / "file" / "logs")

    def denied(*arguments, **settings):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.makedirs", denied)
    with pytest.raises(tf.errors.PermissionDeniedError, match="Permission denied. Choose a folder"):
        summary.create_file_writer(tmp_path / "logs")


def test_a_full_disk(logdir, monkeypatch):
    events = summary.create_file_writer(logdir, max_queue=0)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(events._events._async_writer._writer, "flush", full)
    with events.as_default(), summary.always_record_summaries():
        with pytest.raises(tf.errors.ResourceExhaustedError, match="No space left on device. What was not flushed"):
            summary.scalar("loss", 1.0, step=1)
        monkeypatch.undo()


def test_a_writer_may_be_closed_inside_of_its_scope(logdir):
    with summary.create_file_writer(logdir).as_default() as events, summary.always_record_summaries():
        summary.scalar("loss", 1.0, step=1)
        events.close()
    assert steps_and_values(logdir, "loss") == [(1, 1.0)]


def test_a_closed_writer_says_so(logdir):
    events = summary.create_file_writer(logdir)
    events.close()
    events.close()
    with pytest.raises(tf.errors.FailedPreconditionError, match="is closed; make another one"):
        events.flush()
    events.set_as_default()
    with summary.always_record_summaries():
        with pytest.raises(tf.errors.FailedPreconditionError, match="is closed"):
            summary.scalar("loss", 1.0)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"logdir": 3}, TypeError, "logdir must be a string, not 3"),
        ({"logdir": "x", "max_queue": -1}, ValueError, "max_queue must be from 0"),
        ({"logdir": "x", "flush_millis": "soon"}, TypeError, "flush_millis must be an integer"),
        ({"logdir": "x", "filename_suffix": 1}, TypeError, "filename_suffix must be a string"),
    ],
)
def test_settings_of_writers_are_checked(settings, error, words):
    with pytest.raises(error, match=words):
        summary.create_file_writer(**settings)


def test_steps_and_periods_are_checked(logdir):
    for n, error in [(0, ValueError), (-1, ValueError), ("often", TypeError)]:
        with pytest.raises(error, match="n must be"):
            summary.record_summaries_every_n_global_steps(n)
    with pytest.raises(TypeError, match="step must be an integer"):
        record(logdir, summary.scalar, 1.0, step="first")
    with pytest.raises(TypeError, match="A name must be a string"):
        with summary.create_file_writer(logdir).as_default(), summary.always_record_summaries():
            summary.scalar(None, 1.0, step=1)


def test_a_traced_function_records_each_time_it_is_called(logdir):
    step = tf.Variable(0, dtype=tf.int64)

    @tfe.defun
    def square(x):
        summary.scalar("x", x, step=step)
        return x * x

    with summary.create_file_writer(logdir).as_default(), summary.record_summaries_every_n_global_steps(2, step):
        for i in range(4):
            square(tf.constant(float(i)))
            step.assign_add(1)
    assert steps_and_values(logdir, "x") == [(0, 0.0), (2, 2.0)]


def test_a_session_records_when_the_operation_is_run(logdir):
    writer = summary.create_file_writer(logdir)
    with tf.Graph().as_default(), tf.Session() as session:
        step = tf.train.get_or_create_global_step()
        x = tf.placeholder(tf.float32)
        with writer.as_default(), summary.record_summaries_every_n_global_steps(2):
            record = summary.scalar("x", x)
        assert summary.all_summary_ops() == [record]
        session.run(tf.global_variables_initializer())
        for i in range(4):
            session.run(record, {x: i})
            session.run(step.assign_add(1))
    writer.flush()
    assert steps_and_values(logdir, "x") == [(0, 0.0), (2, 2.0)]


def test_summaries_of_graphs_are_written_by_a_file_writer(logdir):
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None])
        with tf.name_scope("train"):
            tf.summary.scalar("mean", tf.reduce_mean(x))
        tf.summary.histogram("x", x)
        merged = tf.summary.merge_all()
        with tf.summary.FileWriter(str(logdir), session.graph) as writer:
            for i in range(3):
                writer.add_summary(session.run(merged, {x: [1.0, float(i)]}), i)
        names = {operation.name for operation in session.graph.get_operations()}
    events = read(logdir)
    assert steps_and_values(logdir, "train/mean") == [(0, 0.5), (1, 1.0), (2, 1.5)]
    assert events.Tags()["histograms"] == ["x"]
    assert {node.name for node in events.Graph().node} == names


def test_summaries_of_graphs_are_refused_in_eager_execution():
    for refused in (lambda: tf.summary.scalar("x", 1.0), tf.summary.merge_all, lambda: tf.summary.FileWriter("logs")):
        with pytest.raises(RuntimeError, match="is not compatible with eager execution. Use tf.contrib.summary"):
            refused()


def test_without_tensorboard_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.summary.writer.event_file_writer", None)
    with pytest.raises(ImportError, match=r"Writing summaries needs tensorboard.*pip install minitfe\[tensorboard\]"):
        summary.create_file_writer("logs")


def test_names_that_are_missing_are_explained():
    with pytest.raises(AttributeError, match="minitfe has no tf.contrib.summary.create_db_writer"):
        summary.create_db_writer  # noqa: B018
