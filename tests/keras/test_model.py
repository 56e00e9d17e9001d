"""Models: subclassed, sequential, functional, nested, printed and saved."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe

L = tf.keras.layers


@pytest.fixture(autouse=True)
def fresh_names():
    tf.reset_default_graph()


class Two(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = [L.Dense(4, activation="relu"), L.Dropout(0.5)]
        self.out = L.Dense(2)

    def call(self, inputs):
        x = inputs
        for layer in self.hidden:
            x = layer(x)
        return self.out(x)


def printed(model, **settings):
    lines = []
    model.summary(print_fn=lines.append, **settings)
    return lines


# ----------------------------------------------------------------------------------------------------------- subclassed


def test_subclassed_model():
    model = Two()
    assert model.variables == []
    assert model(tf.ones([3, 5])).shape == (3, 2)
    assert [v.name for v in model.variables] == [
        "two/dense/kernel:0", "two/dense/bias:0", "two/dense_1/kernel:0", "two/dense_1/bias:0",
    ]  # fmt: skip
    assert model.layers == [*model.hidden, model.out]
    assert model.count_params() == 34
    assert model.get_layer("dense_1") is model.get_layer(index=-1) is model.out


def test_a_model_hands_training_on():
    tf.set_random_seed(1)
    model = Two()
    model(tf.ones([1, 5]))
    model.set_weights([np.ones(v.shape) for v in model.variables])
    assert model(tf.ones([1, 5])).numpy().tolist() == [[25.0, 25.0]]

    class Around(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = model

        def call(self, inputs, training=None):
            return self.inner(inputs)

    around = Around()
    values = {float(around(tf.ones([1, 5]), training=True)[0, 0]) for _ in range(20)}
    assert values <= {1.0, 13.0, 25.0, 37.0, 49.0} and len(values) > 1


def test_build_makes_the_variables_of_all_layers():
    model = Two()
    model.build((None, 5))
    assert next(v.name for v in model.variables) == "two/dense/kernel:0"
    assert model.hidden[0].kernel.numpy().shape == (5, 4)
    assert model(np.ones([2, 5], "f4")).shape == (2, 2)


def test_models_with_variables_of_their_own():
    class Line(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.slope = tfe.Variable(5.0, name="slope")

        def predict(self, x):
            return x * self.slope

    model = Line()
    assert model.variables == [model.slope] and float(model.predict(2.0)) == 10.0
    with pytest.raises(
        NotImplementedError, match="When subclassing the `Model` class, you should implement a `call` method"
    ):
        model(tf.ones([1]))


# ----------------------------------------------------------------------------------------------------------- sequential


def test_sequential_with_an_input_shape_is_built_at_once():
    model = tf.keras.Sequential([L.Dense(10, input_shape=(784,)), L.Flatten(), L.Dense(3)])
    assert [v.name for v in model.variables] == ["dense/kernel:0", "dense/bias:0", "dense_1/kernel:0", "dense_1/bias:0"]
    assert model.output_shape == (None, 3) and model.input_shape == (None, 784)
    assert model.inputs[0].shape == [None, 784] and model.outputs[0].shape == [None, 3]
    same = tf.keras.Sequential([L.InputLayer((784,)), L.Dense(10)])
    assert len(same.variables) == 2 and len(same.layers) == 1


def test_sequential_without_is_built_when_called():
    model = tf.keras.Sequential([L.Dense(10), L.Dense(3)])
    assert model.variables == [] and model.inputs is None
    model(tf.ones([2, 4]))
    assert [v.name for v in model.variables][::2] == ["sequential/dense/kernel:0", "sequential/dense_1/kernel:0"]


def test_sequential_grows_and_shrinks():
    model = tf.keras.Sequential()
    model.add(L.Dense(4, input_shape=(2,)))
    model.add(L.Dense(3))
    assert model.output_shape == (None, 3)
    model.pop()
    assert len(model.variables) == 2 and model(tf.ones([1, 2])).shape == (1, 4)
    assert model.output_shape == (None, 4)
    model.add(L.Dense(5))
    assert model.output_shape == (None, 5)
    assert model(tf.ones([1, 2])).shape == (1, 5) and len(model.variables) == 4
    with pytest.raises(TypeError, match="The added layer must be an instance of class Layer. Found: 3"):
        model.add(3)
    with pytest.raises(ValueError, match="expected ndim=5, found ndim=2"):
        model.add(L.Permute((1, 2, 3, 4)))
    assert len(model.layers) == 2 and model.outputs[0].shape == [None, 5], "as it was before"
    with pytest.raises(TypeError, match="There are no layers in the model"):
        tf.keras.Sequential().pop()


def test_models_are_layers():
    inner = tf.keras.Sequential([L.Dense(4, input_shape=(2,))])
    model = tf.keras.Sequential([inner, Two(), L.Dense(1)])
    assert model.output_shape == (None, 1), "the inner model says what it will be given"
    assert model(tf.ones([3, 2])).shape == (3, 1) and len(model.variables) == 8
    assert inner.variables == model.variables[:2]


def test_sequential_from_its_settings():
    model = tf.keras.Sequential(
        [L.Dense(4, "relu", input_shape=(2,)), L.Dropout(0.1), tf.keras.Sequential([L.Dense(1)])]
    )
    again = tf.keras.Sequential.from_config(model.get_config())
    assert again.get_config() == model.get_config()
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(np.ones([3, 2], "f4")), model(np.ones([3, 2], "f4")))
    with pytest.raises(ValueError, match="Unknown layer: 'Nonsense'"):
        tf.keras.Sequential.from_config({"layers": [{"class_name": "Nonsense", "config": {}}]})


# ----------------------------------------------------------------------------------------------------------- functional


def residual():
    x = tf.keras.Input((4,))
    h = L.Dense(3, activation="relu")(x)
    return tf.keras.Model(x, [L.add([h, L.Dense(3)(h)]), L.Lambda(lambda t: t * 2.0)(h)], name="residual")


def test_functional_model():
    model = residual()
    x = np.ones([2, 4], "f4")
    both = model(x)
    dense, other = model.layers[1:3]
    h = dense(x)
    np.testing.assert_allclose(both[0], h + other(h))
    np.testing.assert_allclose(both[1], 2 * h.numpy())
    assert [layer.name for layer in model.layers] == ["input_1", "dense", "dense_1", "add", "lambda"]
    assert len(model.trainable_variables) == 4


def test_layers_shared_by_calls():
    a, b = tf.keras.Input((4,)), tf.keras.Input((4,))
    shared = L.Dense(2)
    model = tf.keras.Model([a, b], L.concatenate([shared(a), shared(b)]))
    y = model([np.ones([1, 4], "f4"), np.zeros([1, 4], "f4")])
    np.testing.assert_allclose(y, tf.concat([shared(np.ones([1, 4], "f4")), shared(np.zeros([1, 4], "f4"))], 1))
    assert len(model.variables) == 2
    with pytest.raises(ValueError, match="The model has 2 inputs, but it was called with 1 tensors"):
        model(tf.ones([1, 4]))


def test_functional_models_of_functional_models():
    x = tf.keras.Input((4,))
    model = tf.keras.Model(x, L.Dense(1)(residual()(x)[0]))
    assert model(tf.ones([2, 4])).shape == (2, 1) and len(model.variables) == 6


def test_what_functional_models_refuse():
    x = tf.keras.Input((4,))
    y = L.Dense(2)(x)
    with pytest.raises(ValueError, match="Graph disconnected: cannot obtain value for tensor"):
        tf.keras.Model(tf.keras.Input((4,)), y)
    with pytest.raises(TypeError, match="Inputs and outputs of a model must be what tf.keras.Input"):
        tf.keras.Model(x, tf.ones([2]))
    with pytest.raises(TypeError, match="A model is given both inputs and outputs, or neither"):
        tf.keras.Model(x)
    with pytest.raises(TypeError, match="only layers work on it.*tf.keras.layers.Lambda"):
        x * 2
    with pytest.raises(ValueError, match="Input 0 of layer flat is incompatible"):
        L.Permute((2, 1), name="flat")(x)


# -------------------------------------------------------------------------------------------------------------- printed


def test_summary_as_keras_prints_it():
    model = tf.keras.Sequential([L.Dense(32, input_shape=(20,)), L.BatchNormalization(), L.Dense(10)])
    assert printed(model) == [
        "_________________________________________________________________",
        "Layer (type)                 Output Shape              Param #   ",
        "=================================================================",
        "dense (Dense)                (None, 32)                672       ",
        "_________________________________________________________________",
        "batch_normalization (BatchNo (None, 32)                128       ",
        "_________________________________________________________________",
        "dense_1 (Dense)              (None, 10)                330       ",
        "=================================================================",
        "Total params: 1,130",
        "Trainable params: 1,066",
        "Non-trainable params: 64",
        "_________________________________________________________________",
    ]


def test_summary_of_a_model_with_branches():
    lines = printed(residual())
    assert lines[1] == (
        "Layer (type)                    Output Shape         Param #     Connected to                     "
    )
    assert (
        lines[9] == "add (Add)                       (None, 3)            0           dense[0][0]                      "
    )
    assert lines[10] == " " * 65 + "dense_1[0][0]                    "
    assert {len(line) for line in lines if "params" not in line} == {98}


def test_summary_of_a_subclassed_model():
    model = Two()
    with pytest.raises(
        ValueError, match="This model has never been called, thus its weights have not yet been created"
    ):
        model.summary()
    model(tf.ones([1, 5]))
    assert printed(model)[3] == "dense (Dense)                multiple                  24        "
    assert len(printed(model, line_length=100)[0]) == 100


# ---------------------------------------------------------------------------------------------------------------- saved


@pytest.mark.parametrize("called_before", [True, False])
def test_weights_are_saved_and_loaded(tmp_path, called_before):
    x = np.ones([3, 5], "f4")
    model, other = Two(), Two()
    wanted = model(x)
    if called_before:
        other(x)
    model.save_weights(tmp_path / "w")
    assert (tmp_path / "w.safetensors").is_file()
    other.load_weights(tmp_path / "w")
    np.testing.assert_array_equal(other(x), wanted)


def test_saving_needs_weights_and_consent(tmp_path):
    with pytest.raises(ValueError, match="This model has never been called"):
        Two().save_weights(tmp_path / "w")
    model = tf.keras.Sequential([L.Dense(1, input_shape=(1,))])
    model.save_weights(tmp_path / "w")
    with pytest.raises(tf.errors.AlreadyExistsError, match="pass overwrite=True"):
        model.save_weights(tmp_path / "w", overwrite=False)
    with pytest.raises(ValueError, match="HDF5 is not supported"):
        model.save_weights(tmp_path / "w.h5")
    with pytest.raises(tf.errors.NotFoundError):
        model.load_weights(tmp_path / "nothing")


# ------------------------------------------------------------------------------------------------------- tfe, tf.layers


def test_network():
    class Line(tfe.Network):
        def __init__(self):
            super().__init__()
            self.dense = self.track_layer(tf.layers.Dense(1))

        def call(self, inputs):
            return self.dense(inputs)

    model = Line()
    assert model(tf.ones([2, 3])).shape == (2, 1)
    assert [v.name for v in model.variables] == ["line/dense/kernel:0", "line/dense/bias:0"]
    assert model.layers == [model.dense]
    with pytest.raises(TypeError, match="Network.track_layer.. passed type <class 'int'>, not a tf.layers.Layer"):
        model.track_layer(3)


def test_tfe_sequential():
    model = tfe.Sequential([tf.layers.Dense(2, kernel_initializer="ones"), tf.nn.relu, lambda x: x + 1])
    assert model(tf.ones([1, 3])).numpy().tolist() == [[4.0, 4.0]] and len(model.variables) == 2


def test_functional_layers_are_new_at_each_call():
    x = tf.ones([2, 3])
    with tf.GradientTape() as tape:
        y = tf.layers.dense(x, 4, activation=tf.nn.relu, name="a") + tf.layers.dense(x, 4)
    assert y.shape == (2, 4) and len(tape.watched_variables()) == 4
    assert tf.layers.flatten(tf.ones([2, 3, 4])).shape == (2, 12)
    assert tf.layers.batch_normalization(x, training=True).numpy().tolist() == np.zeros([2, 3]).tolist()
    np.testing.assert_array_equal(tf.layers.dropout(x), x)
    assert (tf.layers.dropout(tf.ones([100]), 0.5, training=True).numpy() == 0).any()
    with pytest.raises(ValueError, match="reuse=True needs a graph"):
        tf.layers.dense(x, 4, reuse=True)
