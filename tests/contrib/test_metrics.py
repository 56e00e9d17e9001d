"""Metrics: values, names, what they leave alone, and what they refuse."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from tests.contrib.event_files import require_tensorboard, steps_and_values

metrics = tfe.metrics

LABELS = np.array([1, 0, 1, 1, 0, 0, 1, 0])
SCORES = np.array([0.9, 0.8, 0.7, 0.1, 0.2, 0.6, 0.5, 0.4], np.float32)

THRESHOLDED = [
    metrics.Precision,
    metrics.Recall,
    metrics.TruePositives,
    metrics.FalsePositives,
    metrics.TrueNegatives,
    metrics.FalseNegatives,
]


def state(metric):
    return [variable.numpy().tolist() for variable in metric.variables]


# ---------------------------------------------------------------------------------------------------------------- mean


def test_the_mean_of_the_guide():
    m = metrics.Mean("loss")
    m(0)
    m(5)
    assert float(m.result()) == 2.5
    m([8, 9])
    assert float(m.result()) == 5.5
    assert m.result().dtype is tf.float64


def test_a_mean_returns_what_it_was_given():
    m, values, weights = metrics.Mean(), tf.constant([1.0, 2.0]), tf.constant([1.0, 0.0])
    assert m(values) is values
    assert m(values, weights) == (values, weights)
    assert metrics.Accuracy()(values, weights) == (values, weights)


def test_names_of_variables():
    m = metrics.Mean("has space")
    m(1.0)
    assert m.name == "has space"
    assert [v.name for v in m.variables] == ["has_space/numer:0", "has_space/denom:0"]
    assert not any(v.trainable for v in m.variables)
    with tf.name_scope("train"):
        inner = metrics.Mean()
    inner(1.0)
    assert [v.name for v in inner.variables] == ["train/Mean/numer:0", "train/Mean/denom:0"]
    assert [v.dtype for v in metrics_built(metrics.Mean(dtype=tf.float32)).variables] == [tf.float32] * 2


def metrics_built(metric):
    metric.build()
    return metric


def test_two_metrics_of_one_name_share_nothing():
    first, second = metrics.Mean("m"), metrics.Mean("m")
    first(1.0)
    second(3.0)
    assert (float(first.result()), float(second.result())) == (1.0, 3.0)


def test_weights():
    m = metrics.Mean()
    m([1, 3, 5, 7], weights=[1, 1, 0, 0])
    assert float(m.result()) == 2.0
    m([[4.0, 6.0], [1.0, 1.0]], weights=[[2.0], [0.0]])
    assert float(m.result()) == pytest.approx((1 + 3 + 8 + 12) / 6)
    evenly = metrics.Mean()
    evenly([1.0, 2.0, 6.0], weights=0.5)
    assert float(evenly.result()) == 3.0


def test_init_variables_begins_anew():
    m = metrics.Mean()
    m.init_variables()
    m([1.0, 2.0])
    m.init_variables()
    assert state(m) == [0.0, 0.0]
    m(7.0)
    assert float(m.result()) == 7.0


def test_before_the_first_call_there_is_no_result():
    for m in [metrics.Mean("loss"), metrics.Recall(name="loss"), metrics.ConfusionMatrix(2, "loss")]:
        with pytest.raises(AttributeError, match="the metric 'loss' has no result before it is called"):
            m.result()
    assert np.isnan(float(metrics_built(metrics.Mean()).result()))


def test_many_small_values_add_up():
    m = metrics.Mean()
    m(np.full(10**7, 0.1, np.float32))
    assert float(m.result()) == pytest.approx(np.float32(0.1), rel=1e-9)


def test_building_by_hand_is_not_repeated():
    m = metrics_built(metrics.Mean())
    m(3.0)
    assert len(m.variables) == 2 and float(m.result()) == 3.0


def test_tapes_do_not_watch_metrics():
    m, x = metrics.Mean(), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        m(y)
    assert tape.watched_variables() == ()
    assert float(tape.gradient(y, x)) == 6.0


# ---------------------------------------------------------------------------------------------------------- accuracies


def test_accuracy():
    m = metrics.Accuracy()
    m([0, 1, 2, 3], [0, 0, 0, 3])
    m([4], [4], weights=[4.0])
    assert float(m.result()) == pytest.approx(6 / 8)


def test_categorical_accuracy():
    labels, scores = np.eye(4)[[0, 1, 2, 3]], np.random.default_rng(0).normal(size=(4, 4))
    m = metrics.CategoricalAccuracy()
    m(labels, scores)
    assert float(m.result()) == np.mean(scores.argmax(-1) == [0, 1, 2, 3])


def test_sparse_accuracy():
    scores = np.random.default_rng(1).normal(size=(2, 5, 3)).astype(np.float32)
    labels = np.random.default_rng(2).integers(0, 3, size=(2, 5)).astype(np.int32)
    m = metrics.SparseAccuracy()
    m(labels, scores)
    assert float(m.result()) == np.mean(scores.argmax(-1) == labels)


def test_binary_accuracy():
    m = metrics.BinaryAccuracy(threshold=0.5)
    m(LABELS, SCORES)
    assert float(m.result()) == np.mean((SCORES > 0.5) == LABELS)
    logits = metrics.BinaryAccuracy(0, name="logits")
    logits(LABELS.astype(bool), tf.constant([1, -1] * 4))
    assert float(logits.result()) == 6 / 8


# --------------------------------------------------------------------------------------------- positives and negatives


def test_counts_and_shares():
    positive = SCORES > 0.5
    expected = {
        metrics.TruePositives: np.sum(positive & (LABELS == 1)),
        metrics.FalsePositives: np.sum(positive & (LABELS == 0)),
        metrics.TrueNegatives: np.sum(~positive & (LABELS == 0)),
        metrics.FalseNegatives: np.sum(~positive & (LABELS == 1)),
        metrics.Precision: np.sum(positive & (LABELS == 1)) / np.sum(positive),
        metrics.Recall: np.sum(positive & (LABELS == 1)) / np.sum(LABELS),
    }
    for kind, figure in expected.items():
        m = kind()
        m(LABELS[:5], SCORES[:5])
        m(LABELS[5:], SCORES[5:])
        assert float(m.result()) == pytest.approx(figure), kind


@pytest.mark.parametrize("kind", THRESHOLDED)
def test_weights_count(kind):
    weighted, repeated = kind(), kind()
    weighted(LABELS, SCORES, weights=[3] * 4 + [1] * 4)
    for _ in range(3):
        repeated(LABELS[:4], SCORES[:4])
    repeated(LABELS[4:], SCORES[4:])
    assert float(weighted.result()) == pytest.approx(float(repeated.result()))


def test_thresholds():
    strict = metrics.Precision(threshold=0.85)
    strict(LABELS, SCORES)
    assert float(strict.result()) == 1.0
    for kind in (metrics.Precision, metrics.Recall):
        nothing = kind(threshold=2)
        nothing([0, 0], [0.5, 0.5])
        assert float(nothing.result()) == 0.0
    with pytest.raises(TypeError, match="threshold must be a number"):
        metrics.Recall(threshold="high")


# ---------------------------------------------------------------------------------------------------- confusion matrix


def test_confusion_matrices_add_up():
    rng = np.random.default_rng(0)
    labels, predictions = rng.integers(0, 4, 50), rng.integers(0, 4, 50)
    expected = np.zeros([4, 4], np.int64)
    np.add.at(expected, (labels, predictions), 1)
    m = metrics.ConfusionMatrix(4)
    m(labels[:20], predictions[:20])
    m(labels[20:], predictions[20:])
    np.testing.assert_array_equal(m.result().numpy(), expected)
    np.testing.assert_array_equal(tf.confusion_matrix(labels, predictions).numpy(), expected)
    assert tf.confusion_matrix(labels, predictions).dtype is tf.int32


def test_confusion_matrix_with_weights_and_more_classes():
    matrix = tf.confusion_matrix([[0], [2]], [1, 2], num_classes=4, dtype=tf.float32, weights=[0.5, 2.0])
    expected = np.zeros([4, 4], np.float32)
    expected[0, 1], expected[2, 2] = 0.5, 2.0
    np.testing.assert_array_equal(matrix.numpy(), expected)
    assert tf.confusion_matrix([], []).shape == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0, 5], [0, 1], 3), "`labels` out of bound"),
        (([0, 1], [0, 5], 3), "`predictions` out of bound"),
        (([-1, 1], [0, 0]), "`labels` contains negative values"),
        (([0, 1], [0, 0, 0]), r"Shapes of labels and predictions are unequal: labels of \(2,\)"),
        (([[0, 1]], [[0, 0]]), "labels must be a vector"),
        ((["a"], ["b"]), "labels must be a vector"),
    ],
)
def test_confusion_matrix_refuses(arguments, words):
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        tf.confusion_matrix(*arguments)
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels and weights are unequal"):
        tf.confusion_matrix([0, 1], [0, 0], weights=[1.0])


# ------------------------------------------------------------------------------------------ wrong batches are left out

WRONG = [
    (metrics.Mean(), ([1.0], ), ([1.0, 2.0, 3.0], [1.0, 2.0]), r"weights of shape \(2,\) for values of shape \(3,\)"),
    (metrics.Accuracy(), ([1], [1]), ([1, 2], [[1], [2]]), r"Shapes of labels and predictions are unequal.*'Accuracy'"),
    (metrics.Accuracy(), ([1], [1]), ([1, 2], [1, 2], [1.0] * 3), "'Accuracy' was given weights"),
    (metrics.CategoricalAccuracy(), ([[1]], [[1]]), ([[1, 2]], [[1]]), "Shapes of labels and predictions are unequal"),
    (metrics.BinaryAccuracy(0.5), ([1], [1.0]), ([1, 0], [1.0]), "Shapes of labels and predictions are unequal"),
    (metrics.BinaryAccuracy(0.5), ([1], [1.0]), ([2], [1.0]), "labels of the metric 'BinaryAccuracy' must be 0 or 1"),
    (metrics.SparseAccuracy(), ([0], [[1.0]]), ([0, 0], [[1.0]]), "First axes of labels and predictions are unequal"),
    (metrics.SparseAccuracy(), ([0], [[1.0]]), (0, 1.0), "First axes of labels and predictions are unequal"),
    (metrics.Precision(), ([1], [1.0]), ([1, 0], [1.0]), "Shapes of labels and predictions are unequal"),
    (metrics.Recall(), ([1], [1.0]), ([1, 3], [1.0, 1.0]), "labels of the metric 'Recall' must be 0 or 1"),
    (metrics.Recall(), ([1], [1.0]), ([1, 0], [1.0, 1.0], [1.0] * 3), "'Recall' was given weights"),
    (metrics.ConfusionMatrix(2), ([1], [1]), ([1, 0], [1]), "Shapes of labels and predictions are unequal"),
    (metrics.ConfusionMatrix(2), ([1], [1]), ([2], [0]), "`labels` out of bound"),
]  # fmt: skip


@pytest.mark.parametrize(("metric", "right", "wrong", "words"), WRONG)
def test_a_wrong_batch_leaves_the_metric_as_it_was(metric, right, wrong, words):
    metric(*right)
    before = state(metric)
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        metric(*wrong)
    assert state(metric) == before


def test_labels_of_another_dtype_are_refused():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Equal"):
        metrics.Accuracy()(tf.constant([1]), tf.constant([1], tf.int64))


# ------------------------------------------------------------------------------------------------ metrics of one's own


class Largest(metrics.Metric):
    def build(self, values):
        self.largest = self.add_variable("largest", [], tf.float32, tf.constant_initializer(-5.0))

    def call(self, values):
        self.largest.assign(tf.maximum(self.largest, tf.reduce_max(values)))

    def result(self):
        return self.largest.read_value()


def test_a_metric_of_ones_own():
    m = Largest("record")
    assert m.variables == [] and m.device == ""
    m([1.0, 7.0])
    m([2.0])
    assert float(m.value()()) == 7.0
    assert m.variables[0].name == "record/largest:0" and m.device.endswith("CPU:0")
    m.init_variables()
    assert float(m.result()) == -5.0
    with pytest.raises(RuntimeError, match=r"Can't call add_variable\(\) except in build\(\)."):
        m.add_variable("late", [])


def test_the_base_class_says_what_is_missing():
    with pytest.raises(NotImplementedError, match=r"Metrics must define a call\(\) member function"):
        metrics.Metric()(1.0)
    with pytest.raises(NotImplementedError, match=r"Metrics must define a result\(\) member function"):
        metrics.Metric().result()
    with pytest.raises(
        AttributeError, match=r"minitfe has no tfe.metrics.Acuracy; did you mean tfe.metrics.Accuracy\?"
    ):
        metrics.Acuracy  # noqa: B018


# ------------------------------------------------------------------------------------------- checkpoints and summaries


@pytest.mark.parametrize("built_before", [False, True])
def test_metrics_are_saved_and_restored(tmp_path, built_before):
    mean, matrix, recall = metrics.Mean(), metrics.ConfusionMatrix(2), metrics.Recall()
    mean([1.0, 5.0])
    matrix([0, 1], [0, 0])
    recall(LABELS, SCORES)
    path = tf.train.Checkpoint(mean=mean, matrix=matrix, recall=recall).save(str(tmp_path / "metrics"))
    again, matrix_again, recall_again = metrics.Mean(), metrics.ConfusionMatrix(2), metrics.Recall()
    if built_before:
        for metric in (again, matrix_again, recall_again):
            metric.build()
    status = tf.train.Checkpoint(mean=again, matrix=matrix_again, recall=recall_again).restore(path)
    again(9.0)
    matrix_again([1], [1])
    recall_again([], [])
    status.assert_consumed()
    assert float(again.result()) == 5.0
    np.testing.assert_array_equal(matrix_again.result().numpy(), [[1, 0], [1, 1]])
    assert float(recall_again.result()) == float(recall.result())
    again.init_variables()
    assert state(again) == [0.0, 0.0]


def test_results_are_recorded_as_summaries(tmp_path):
    require_tensorboard()
    m = metrics.Mean("loss")
    step = tf.train.get_or_create_global_step()
    with tf.contrib.summary.create_file_writer(tmp_path).as_default(), tf.contrib.summary.always_record_summaries():
        m([1, 10, 100])
        m.result()
        m(5)
        m.result(write_summary=False)
        m.result()
    assert steps_and_values(tmp_path, "loss") == [(int(step), 37.0), (int(step), 29.0)]


# ---------------------------------------------------------------------------------------------------------- tf.metrics


def test_metrics_of_graphs_say_what_to_use():
    with pytest.raises(
        RuntimeError,
        match="tf.metrics.accuracy is not supported when eager execution is enabled; use tfe.metrics.Accuracy",
    ):
        tf.metrics.accuracy([1], [1])
    for name in tf.metrics.__all__:
        with pytest.raises(RuntimeError, match=f"tf.metrics.{name} is not supported when eager execution is enabled"):
            getattr(tf.metrics, name)([1], [1])


def test_settings_of_metrics_are_checked():
    with pytest.raises(TypeError, match="The name of a metric must be a string, not 3"):
        tfe.metrics.Mean(3)
    for count in (0, -1):
        with pytest.raises(ValueError, match=f"num_classes must be at least 1, not {count}"):
            tfe.metrics.ConfusionMatrix(count)
    with pytest.raises(TypeError, match="num_classes must be an integer"):
        tfe.metrics.ConfusionMatrix("two")
