"""The training loop: against a loop written by hand, and what it says, reports and refuses."""

import numpy as np
import pytest

import minitfe as tf

L = tf.keras.layers
X = np.random.default_rng(0).normal(size=(50, 4)).astype("f4")
Y = (X @ np.array([[1.0], [-2.0], [0.5], [3.0]], "f4")).astype("f4")
CLASSES = (Y[:, 0] > 0).astype("i4")


def linear(**settings):
    model = tf.keras.Sequential([L.Dense(1, kernel_initializer="ones", input_shape=(4,), **settings)])
    model.compile(tf.keras.optimizers.SGD(0.05), "mse")
    return model


def classifier(loss="sparse_categorical_crossentropy", outputs=2, activation="softmax"):
    tf.set_random_seed(5)
    model = tf.keras.Sequential([L.Dense(8, "tanh", input_shape=(4,)), L.Dense(outputs, activation)])
    model.compile(tf.keras.optimizers.Adam(0.05), loss, metrics=["accuracy"])
    return model


def by_hand(batches, kernel, bias, rate=0.05):
    """Gradient descent of a linear model on the mean square; returns the losses."""
    losses = []
    for x, y in batches:
        error = x @ kernel + bias - y
        losses.append((error**2).mean())
        kernel -= rate * 2 * x.T @ error / len(x)
        bias -= rate * 2 * error.mean(0)
    return losses


# ------------------------------------------------------------------------------------------------------------------ fit


def test_fit_is_the_loop_that_one_writes_by_hand():
    model = linear()
    history = model.fit(X, Y, batch_size=16, epochs=3, shuffle=False, verbose=0)
    kernel, bias = np.ones([4, 1]), np.zeros(1)
    for epoch in range(3):
        starts = range(0, 50, 16)
        losses = by_hand([(X[i : i + 16], Y[i : i + 16]) for i in starts], kernel, bias)
        wanted = np.average(losses, weights=[len(X[i : i + 16]) for i in starts])
        assert history.history["loss"][epoch] == pytest.approx(wanted, rel=1e-4)
    np.testing.assert_allclose(model.get_weights()[0], kernel, rtol=1e-4)
    assert history.epoch == [0, 1, 2]


def test_shuffling_is_repeatable_and_takes_all_examples():
    seen = []
    model = tf.keras.Sequential([L.Lambda(lambda x: x + 0.0), L.Dense(1, trainable=True)])
    model.compile("sgd", "mse")
    model.layers[0].function = lambda x: (seen.extend(x.numpy()[:, 0].tolist()), x)[1]
    runs = []
    for _ in range(2):
        tf.set_random_seed(2)
        seen.clear()
        model.fit(X, Y, batch_size=7, verbose=0)
        runs.append(list(seen))
    assert runs[0] == runs[1] != X[:, 0].tolist()
    assert sorted(runs[0]) == sorted(X[:, 0].tolist())
    seen.clear()
    model.fit(X, Y, batch_size=10, shuffle="batch", verbose=0)
    assert {tuple(seen[i : i + 10]) for i in range(0, 50, 10)} == {
        tuple(X[i : i + 10, 0].tolist()) for i in range(0, 50, 10)
    }


def test_classifiers_learn():
    model = classifier()
    history = model.fit(X, CLASSES, epochs=60, verbose=0, validation_split=0.2).history
    assert sorted(history) == ["acc", "loss", "val_acc", "val_loss"]
    assert history["acc"][-1] > 0.95 and history["val_loss"][-1] < history["val_loss"][0]
    assert model.predict_classes(X).shape == (50,)
    loss, accuracy = model.evaluate(X, CLASSES, verbose=0)
    assert accuracy == pytest.approx((model.predict_classes(X) == CLASSES).mean(), abs=1e-6)
    probabilities = model.predict(X)
    assert loss == pytest.approx(-np.log(probabilities[np.arange(50), CLASSES]).mean(), rel=1e-4)


@pytest.mark.parametrize(
    ("loss", "outputs", "activation", "targets"),
    [
        ("categorical_crossentropy", 2, "softmax", tf.keras.utils.to_categorical(CLASSES)),
        ("binary_crossentropy", 1, "sigmoid", CLASSES), ("hinge", 1, "tanh", CLASSES * 2 - 1),
        (tf.keras.losses.mean_squared_error, 1, None, CLASSES),
        (lambda y, p: tf.losses.sparse_softmax_cross_entropy(y, p), 2, None, CLASSES),
    ],
)  # fmt: skip
def test_losses_of_all_kinds(loss, outputs, activation, targets):
    model = classifier(loss, outputs, activation)
    history = model.fit(X, targets, epochs=10, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]


def test_validation_comes_from_the_end_and_is_not_trained_on():
    model = linear()
    history = model.fit(X, Y, batch_size=40, validation_split=0.2, shuffle=False, verbose=0).history
    kernel, bias = np.ones([4, 1]), np.zeros(1)
    by_hand([(X[:40], Y[:40])], kernel, bias)
    assert history["val_loss"] == [pytest.approx(((X[40:] @ kernel + bias - Y[40:]) ** 2).mean(), rel=1e-4)]
    again = linear().fit(X[:40], Y[:40], 40, validation_data=(X[40:], Y[40:]), shuffle=False, verbose=0).history
    assert again["val_loss"] == history["val_loss"]


def test_weights_of_examples_and_classes():
    weights = np.arange(50) % 3.0
    model, other = linear(), linear()
    loss = model.train_on_batch(X, Y, sample_weight=weights)
    errors = ((X @ np.ones([4, 1]) - Y) ** 2)[:, 0]
    assert loss == pytest.approx((errors * weights).sum() / (weights != 0).sum(), rel=1e-5)
    labels = CLASSES.astype("f4")
    loss = other.train_on_batch(X, labels, class_weight={0: 1.0, 1: 5.0})
    errors = (X @ np.ones([4, 1]))[:, 0] - labels
    assert loss == pytest.approx((errors**2 * np.where(CLASSES, 5.0, 1.0)).mean(), rel=1e-5)
    with pytest.raises(ValueError, match=r"`class_weight` must contain all classes in the data. The classes \[1\] are"):
        model.fit(X, labels, class_weight={0: 1.0}, verbose=0)


def test_regularization_is_part_of_the_loss():
    model = linear(kernel_regularizer=tf.keras.regularizers.l2(0.5))
    errors = (X @ np.ones([4, 1]) - Y) ** 2
    assert model.test_on_batch(X, Y) == pytest.approx(errors.mean() + 0.5 * 4, rel=1e-5)


def test_layers_are_told_whether_this_is_training():
    told = []

    class Noisy(L.Layer):
        def call(self, inputs, training=None):
            told.append(training)
            return inputs

    class Model(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = [Noisy(), L.Dense(1)]

        def call(self, inputs):
            for part in self.parts:
                inputs = part(inputs)
            return inputs

    model = Model()
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=50, verbose=0)
    model.evaluate(X, Y, batch_size=50, verbose=0)
    model.predict(X, batch_size=50)
    assert told == [True, False, False]


def test_several_inputs_and_outputs():
    a, b = tf.keras.Input((4,)), tf.keras.Input((4,))
    h = L.add([a, b])
    model = tf.keras.Model([a, b], [L.Dense(1)(h), L.Dense(2, "softmax")(h)])
    model.compile("sgd", ["mse", "sparse_categorical_crossentropy"], loss_weights=[1.0, 0.5])
    history = model.fit([X, X], [Y, CLASSES], epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0]
    first, second = model.predict([X, X])
    assert first.shape == (50, 1) and second.shape == (50, 2)
    entropy = -np.log(second[np.arange(50), CLASSES]).mean()
    assert model.test_on_batch([X, X], [Y, CLASSES]) == pytest.approx(((first - Y) ** 2).mean() + entropy / 2, rel=1e-4)
    with pytest.raises(ValueError, match="it should have one entry per model outputs. The model has 2 outputs"):
        model.compile("sgd", ["mse"])
        model.fit([X, X], [Y, CLASSES], verbose=0)


def test_datasets():
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)
    model, other = linear(), linear()
    history = model.fit(dataset, epochs=2, verbose=0).history
    assert history == other.fit(X, Y, batch_size=16, epochs=2, shuffle=False, verbose=0).history
    assert model.evaluate(dataset, verbose=0) == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-5)
    np.testing.assert_allclose(model.predict(dataset.map(lambda x, y: x)), model.predict(X), rtol=1e-6)
    forever = dataset.repeat()
    assert (
        len(model.fit(forever, epochs=3, steps_per_epoch=2, verbose=0, validation_data=dataset).history["val_loss"])
        == 3
    )


def two_ends():
    """A model with inputs and outputs whose names are not in the order of the alphabet: x at z, and ten times x at a."""
    z, a = tf.keras.Input((2,), name="in_z"), tf.keras.Input((2,), name="in_a")
    ends = [L.Lambda(lambda x: x[:, :1], name="z")(z), L.Lambda(lambda x: 10 * x[:, :1], name="a")(a)]
    return tf.keras.Model([z, a], ends)


ONES, TWOS, ZEROS = (np.full([3, 2], value, "f4") for value in (1, 2, 0))


def test_dictionaries_go_by_the_names_of_inputs_and_outputs():
    model = two_ends()
    assert model.input_names == ["in_z", "in_a"] and model.output_names == ["z", "a"]
    for outputs in (model({"in_a": TWOS, "in_z": ONES, "other": ONES}), model.predict({"in_a": TWOS, "in_z": ONES})):
        assert [float(output[0, 0]) for output in outputs] == [1.0, 20.0]
    with pytest.raises(ValueError, match='No data provided for "in_z". Need data for each key in: '):
        model({"in_a": TWOS})
    model.compile("sgd", loss={"z": "mse", "a": "mae"}, loss_weights={"a": 0.5}, metrics={"a": ["mae", "mse"]})
    assert model.metrics_names == ["loss", "a_mean_absolute_error", "a_mean_squared_error"]
    targets = {"a": ZEROS[:, :1], "z": ZEROS[:, :1]}
    assert model.test_on_batch([ONES, TWOS], targets) == [11.0, 20.0, 400.0]
    assert model.test_on_batch([ONES, TWOS], [targets["z"], targets["a"]]) == [11.0, 20.0, 400.0]
    with pytest.raises(ValueError, match='No data provided for "a". Need data for each key in'):
        model.test_on_batch([ONES, TWOS], {"z": ZEROS[:, :1]})


@pytest.mark.parametrize("what", ["loss", "loss_weights", "metrics"])
def test_names_of_no_output(what):
    model = two_ends()
    wrong = {
        "loss": "mse",
        what: {"z": 1.0 if what == "loss_weights" else "mse", "b": None if what == "loss" else "mse"},
    }
    model.compile("sgd", **wrong)
    with pytest.raises(
        ValueError, match=f'Unknown entry in {what} dictionary: "b". Only expected the following keys: '
    ):
        model.test_on_batch([ONES, TWOS], [ZEROS[:, :1], ZEROS[:, :1]])


def test_an_output_may_have_no_loss():
    model = two_ends()
    for loss in ({"z": "mse"}, ["mse", None]):
        model.compile("sgd", loss)
        assert model.test_on_batch([ONES, TWOS], ZEROS[:, :1]) == 1.0
        assert model.test_on_batch([ONES, TWOS], [ZEROS[:, :1], ZEROS[:, :1]]) == 1.0


def test_outputs_in_a_dictionary():
    class Named(tf.keras.Model):
        def call(self, x):
            return {"z": x[:, :1], "a": 10 * x[:, :1]}

    model = Named()
    model.compile("sgd", {"z": "mse", "a": "mae"})
    assert model.test_on_batch(TWOS, {"z": ZEROS[:, :1], "a": ZEROS[:, :1]}) == 24.0


def test_a_dataset_that_ends_too_soon():
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(10)
    model = linear()
    with pytest.warns(RuntimeWarning, match="Your dataset iterator ran out of data; interrupting training"):
        history = model.fit(dataset, epochs=5, steps_per_epoch=3, verbose=0)
    assert history.epoch == [0, 1]  # of 3 and 2 batches
    with pytest.warns(RuntimeWarning, match="use the repeat"):
        history = model.fit(dataset.take(3), epochs=5, steps_per_epoch=3, verbose=0)
    assert history.epoch == [0]
    with pytest.raises(ValueError, match="The dataset had no batch for the first epoch"):
        model.fit(dataset.take(0), verbose=0)
    with pytest.raises(ValueError, match="There is nothing to evaluate: the dataset is empty"):
        model.evaluate(dataset.take(0), verbose=0)
    with pytest.raises(ValueError, match="steps must be at least 1, not 0"):
        model.fit(dataset, steps_per_epoch=0, verbose=0)


def test_validation_is_on_the_same_batches_in_each_epoch():
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(10)
    model = linear()
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    history = model.fit(X, Y, epochs=4, verbose=0, validation_data=dataset, validation_steps=2).history
    assert len(set(history["val_loss"])) == 1
    assert history["val_loss"][0] == pytest.approx(model.evaluate(X[:20], Y[:20], verbose=0), rel=1e-5)


def test_a_batch_of_which_nothing_counts_changes_nothing():
    model = linear()
    before = model.get_weights()
    assert model.train_on_batch(X, Y, sample_weight=np.zeros(50)) == 0.0
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def test_a_loss_that_is_a_mean_already_can_be_weighted():
    model = linear()
    model.compile("sgd", lambda y, p: tf.reduce_mean(tf.square(y - p)))
    plain = model.test_on_batch(X, Y)
    assert model.test_on_batch(X, Y, sample_weight=np.full(50, 3.0)) == pytest.approx(3 * plain, rel=1e-5)


def test_arguments_that_are_not_known():
    with pytest.raises(TypeError, match="Unrecognized keyword arguments: {'nb_epoch': 3}"):
        linear().fit(X, Y, nb_epoch=3)
    with pytest.raises(TypeError, match="Unrecognized keyword arguments: {'feed_dict': None}"):
        linear().compile("sgd", "mse", feed_dict=None)
    with pytest.raises(TypeError, match="Type of `metrics` argument not understood. Expected a list or dictionary"):
        linear().compile("sgd", "mse", metrics="accuracy")
    with pytest.raises(TypeError, match="initial_epoch must be an integer, not 'a'"):
        linear().fit(X, Y, initial_epoch="a")
    model = linear()
    model.compile("sgd", lambda y, p: None)
    with pytest.raises(ValueError, match="The loss function <lambda> returned None"):
        model.fit(X, Y, verbose=0)


def test_on_batches():
    model = classifier()
    names, values = model.metrics_names, model.train_on_batch(X, CLASSES)
    assert names == ["loss", "acc"] and len(values) == 2
    np.testing.assert_array_equal(model.predict_on_batch(X), model.predict(X))
    before = model.get_weights()
    model.test_on_batch(X, CLASSES)
    for a, b in zip(before, model.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_train_optimizers_are_taken_too():
    model = linear()
    model.compile(tf.train.GradientDescentOptimizer(0.05), "mse", metrics=["mae", tf.keras.metrics.mean_squared_error])
    history = model.fit(X, Y, verbose=0).history
    assert list(history) == ["loss", "mean_absolute_error", "mean_squared_error"]
    assert history["loss"] == pytest.approx(history["mean_squared_error"])


def test_one_line_per_epoch(capsys):
    linear().fit(X, Y, epochs=2, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Epoch 1/2 - 0s - loss: ") and len(lines) == 2


def test_a_progress_bar(capsys):
    linear().fit(X, Y, epochs=1)
    assert "Epoch 1/1: 100%" in capsys.readouterr().err
    linear().fit(X, Y, epochs=1, verbose=0)
    assert capsys.readouterr() == ("", "")


# ------------------------------------------------------------------------------------------------------------ bad input


def test_what_is_not_compiled_is_not_trained():
    model = tf.keras.Sequential([L.Dense(1)])
    for use in (model.fit, model.evaluate, model.train_on_batch):
        with pytest.raises(RuntimeError, match="You must compile a model before training/testing"):
            use(X, Y)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"loss": "mise"}, "Unknown loss function:'mise'"), ({"optimizer": "adan"}, "identifier: 'adan'; the names are"),
        ({"optimizer": 3}, "Could not interpret optimizer identifier: 3"),
        ({"metrics": ["accuracies"]}, "Unknown metric function:'accuracies'"),
    ],
)  # fmt: skip
def test_bad_settings_leave_the_model_as_it_was(arguments, words):
    model = linear()
    optimizer = model.optimizer
    with pytest.raises(ValueError, match=words):
        model.compile(**{"optimizer": "sgd", "loss": "mse", **arguments})
    assert model.optimizer is optimizer and model.metrics_names == ["loss"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"x": X, "y": Y[:40]}, "Found 50 input samples and 40 target samples"),
        ({"x": X}, "The model has 1 outputs, for which 0 arrays of targets were given"),
        ({"x": None}, "There is no data: x is None"), ({"x": [], "y": []}, "have no examples"),
        ({"x": X[:0], "y": Y[:0]}, "have no examples"),
        ({"x": X, "y": np.ones([50, 3])}, r"A target array with shape \(32, 3\) was passed for an output of shape \(32, 1\)"),
        ({"x": X, "y": Y, "batch_size": 0}, "batch_size must be at least 1"),
        ({"x": X, "y": Y, "validation_split": 1.5}, "validation_split must be between 0 and 1"),
        ({"x": X, "y": Y, "validation_split": 0.999}, "leaves none to train on"),
        ({"x": X, "y": Y, "validation_data": (X,)}, "When passing a `validation_data` argument, it must contain either 2"),
        ({"x": X, "y": Y, "sample_weight": np.ones(3)}, "Found 50 input samples and 3 sample_weight samples"),
        ({"x": 3.0, "y": 1.0}, "3.0 is a single number"),
    ],
)  # fmt: skip
def test_data_that_do_not_go_together(arguments, words):
    model = linear()
    before = model.get_weights()
    with pytest.raises(ValueError, match=words):
        model.fit(**arguments, verbose=0)
    for a, b in zip(before, model.get_weights()):
        np.testing.assert_array_equal(a, b)


def test_class_numbers_where_one_hot_is_wanted():
    model = classifier("categorical_crossentropy")
    with pytest.raises(
        ValueError, match="You are passing a target array of shape .* while using as loss `categorical_cross"
    ):
        model.fit(X, CLASSES, verbose=0)


def test_a_model_without_a_loss():
    model = linear()
    model.compile("sgd")
    with pytest.raises(ValueError, match="The model cannot be trained or tested because it has no loss to optimize"):
        model.fit(X, verbose=0)


def test_losses_added_by_the_model_are_enough():
    class Small(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(tf.ones([4, 1]))

        def call(self, inputs):
            self.add_loss(tf.reduce_sum(self.w * self.w))
            return tf.matmul(inputs, self.w)

    model = Small()
    model.compile(tf.keras.optimizers.SGD(0.1))
    history = model.fit(X, epochs=3, verbose=0).history["loss"]
    assert history == sorted(history, reverse=True)
