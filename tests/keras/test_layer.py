"""The base class of layers: building, calling, names, parts, losses, and what it says to bad input."""

import gc

import numpy as np
import pytest

import minitfe as tf

Layer, Dense = tf.keras.layers.Layer, tf.keras.layers.Dense


@pytest.fixture(autouse=True)
def fresh_names():
    tf.reset_default_graph()


class Scale(Layer):
    """A layer as the guide's readers write it."""

    def build(self, input_shape):
        self.factor = self.add_variable("factor", [input_shape[-1]], initializer="ones")

    def call(self, inputs):
        return inputs * self.factor


class Noisy(Layer):
    """Remembers what it was told."""

    def call(self, inputs, training=None):
        self.told = training
        return inputs


def outer(layer, **arguments):
    """A layer around another, which it calls without handing anything on."""

    class Outer(Layer):
        def __init__(self):
            super().__init__(name="outer")
            self.inner = layer

        def call(self, inputs):
            return self.inner(inputs, **arguments)

    return Outer()


# ------------------------------------------------------------------------------------------------------------- building


def test_variables_come_with_the_first_call():
    layer = Dense(3)
    assert layer.variables == [] and not layer.built and layer.dtype is None
    layer(tf.ones([2, 5]))
    assert layer.built and layer.dtype == "float32"
    assert [v.shape for v in layer.variables] == [(5, 3), (3,)]
    kernel = layer.kernel
    layer(tf.ones([7, 5]))
    assert layer.kernel is kernel


def test_build_is_given_the_shape_of_the_input():
    seen = []

    class Looking(Layer):
        def build(self, input_shape):
            seen.append(input_shape)

    layer = Looking()
    layer([tf.ones([2, 3]), tf.ones([4])])
    layer([tf.ones([2, 3]), tf.ones([4])])
    assert seen == [[tf.TensorShape([2, 3]), tf.TensorShape([4])]], "once, in the structure of the inputs"


def test_a_layer_can_be_built_by_hand():
    layer = Dense(3)
    layer.build((None, 5))
    assert layer.kernel.shape == (5, 3)


def test_the_first_input_decides_on_the_dtype():
    layer = Dense(3)
    assert layer(tf.ones([2, 5], tf.float64)).dtype is tf.float64
    assert layer.kernel.dtype is tf.float64
    assert layer(np.ones([2, 5], "f4")).dtype is tf.float64, "an array takes the layer's dtype, as beside a tensor"
    assert Dense(3, dtype=tf.float64)(np.ones([2, 5], "f4")).dtype is tf.float64


def test_a_failed_build_leaves_the_layer_as_it_was():
    class Twice(Layer):
        works = False

        def build(self, input_shape):
            self.a = self.add_weight("a", [2])
            if not self.works:
                raise KeyError("wanted")

    layer = Twice()
    with pytest.raises(KeyError, match="wanted"):
        layer(tf.ones([2]))
    assert layer.variables == [] and not layer.built and not hasattr(layer, "a") and layer.dtype is None
    Twice.works = True
    layer(tf.ones([2], tf.float64))
    assert [v.dtype for v in layer.variables] == [tf.float64]


def test_weights_to_begin_with():
    kernel, bias = np.full([2, 3], 2.0, "f4"), np.ones(3, "f4")
    layer = Dense(3, weights=[kernel, bias])
    np.testing.assert_array_equal(layer(tf.ones([1, 2])), [[5.0, 5.0, 5.0]])


def test_variables_are_not_made_inside_of_a_graph():
    graph = tf.contrib.eager.defun if hasattr(tf.contrib.eager, "defun") else None
    layer = Dense(3)
    assert layer.compute_output_shape([None, 5]) == tf.TensorShape([None, 3])
    layer = Scale()
    assert layer.compute_output_shape([None, 5]) == tf.TensorShape([None, 5]), "followed through its call"
    assert layer.factor.numpy().tolist() == [1.0] * 5, "and the variables are real ones"
    assert graph is None or graph(layer)(tf.ones([2, 5])).shape == (2, 5)


# ---------------------------------------------------------------------------------------------------------------- names


def test_names_are_counted_by_class():
    layers = [Dense(1), Dense(1), Scale(), Dense(1, name="own"), Dense(1)]
    assert [layer.name for layer in layers] == ["dense", "dense_1", "scale", "own", "dense_2"]
    tf.keras.backend.reset_uids()
    assert Dense(1).name == "dense"


def test_variables_have_the_names_of_the_layers_and_scopes_around_them():
    layer = Dense(1)
    outer(layer)(tf.ones([1, 1]))
    assert [v.name for v in layer.variables] == ["outer/dense/kernel:0", "outer/dense/bias:0"]
    other = Dense(1)
    with tf.name_scope("mine"):
        other(tf.ones([1, 1]))
    assert other.kernel.name == "mine/dense_1/kernel:0"
    assert tf.Variable(1.0, name="v").name == "v:0", "the scope is left"


def test_the_scope_is_left_after_an_error():
    with pytest.raises(ValueError):
        outer(Dense(1))(tf.ones([3]))
    assert tf.Variable(1.0, name="v").name == "v:0"


# -------------------------------------------------------------------------------------------------------------- calling


def test_lists_of_numbers_and_arrays_are_taken():
    layer = Scale()
    np.testing.assert_array_equal(layer([[1.0, 2.0]]), [[1.0, 2.0]])
    np.testing.assert_array_equal(layer(np.ones([1, 2], "f4")), [[1.0, 1.0]])
    np.testing.assert_array_equal(layer(tf.Variable([[3.0, 4.0]])), [[3.0, 4.0]])


@pytest.mark.parametrize("training", [True, False])
def test_training_reaches_layers_inside_without_being_handed_on(training):
    inner = Noisy()
    model = outer(outer(inner))

    class Whole(Layer):
        def __init__(self):
            super().__init__()
            self.part = model

        def call(self, inputs, training=None):
            return self.part(inputs)

    Whole()(tf.ones([1]), training=training)
    assert inner.told is training
    inner(tf.ones([1]))
    assert inner.told is None, "which ends with the call"


def test_a_layer_may_tell_its_sublayers_otherwise():
    inner = Noisy()

    class Frozen(Layer):
        def __init__(self):
            super().__init__()
            self.part = inner

        def call(self, inputs, training=None):
            return self.part(inputs, training=False)

    Frozen()(tf.ones([1]), training=True)
    assert inner.told is False


def test_training_by_position():
    layer = Noisy()

    class Whole(Layer):
        def __init__(self):
            super().__init__()
            self.part = layer

        def call(self, inputs, training):
            return self.part(inputs)

    Whole()(tf.ones([1]), True)
    assert layer.told is True


def test_the_learning_phase_is_what_holds_where_nobody_says():
    layer = Noisy()
    tf.keras.backend.set_learning_phase(1)
    try:
        layer(tf.ones([1]))
    finally:
        tf.keras.backend.set_learning_phase(0)
    assert layer.told is True
    with pytest.raises(ValueError, match="Expected learning phase to be 0 or 1"):
        tf.keras.backend.set_learning_phase(2)


def test_calls_leave_no_garbage():
    layer = Dense(3)
    x = tf.ones([2, 5])
    layer(x)
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(layer(x))
            tape.gradient(loss, layer.variables)
        del tape, loss
        assert gc.collect() == 0
    finally:
        gc.enable()


# ---------------------------------------------------------------------------------------------------------------- parts


def test_layers_and_variables_in_attributes_and_containers_are_parts():
    class Many(Layer):
        def __init__(self):
            super().__init__()
            self.v = tf.Variable(1.0, name="v")
            self.fixed = tf.Variable(2.0, trainable=False)
            self.many = [Scale(), {"a": Scale()}]
            self.pair = (Scale(), 3)
            self.empty = []

    layer = Many()
    layer.empty.append(Scale())
    for part in [layer.many[0], layer.many[1]["a"], layer.pair[0], layer.empty[0]]:
        part(tf.ones([2]))
    assert len(layer.variables) == 6 and len(layer.trainable_variables) == 5
    assert layer.non_trainable_variables == [layer.fixed]
    layer.v = None
    del layer.many
    assert len(layer.variables) == 3
    layer.pair = "none"
    assert len(layer.variables) == 2


def test_shared_parts_count_once():
    shared = Scale()

    class Two(Layer):
        def __init__(self):
            super().__init__()
            self.a = self.b = shared

        def call(self, inputs):
            return self.b(self.a(inputs))

    layer = Two()
    layer(tf.ones([3]))
    assert layer.variables == [shared.factor]
    assert layer.count_params() == 3


def test_trainable_switch():
    layer = outer(Dense(2))
    layer(tf.ones([1, 3]))
    inner = layer.inner
    assert layer.trainable_weights == inner.variables
    inner.trainable = False
    assert layer.trainable_variables == [] and layer.non_trainable_weights == inner.variables
    inner.trainable, layer.trainable = True, False
    assert layer.trainable_variables == [] and layer.non_trainable_variables == inner.variables
    assert inner.trainable_variables == inner.variables, "which holds for the outer layer alone"
    assert layer.variables == layer.weights == inner.variables


def test_get_and_set_weights():
    a, b = Dense(2), Dense(2)
    a(tf.ones([1, 3]))
    b(tf.ones([1, 3]))
    b.set_weights(a.get_weights())
    np.testing.assert_array_equal(a(np.ones([1, 3], "f4")), b(np.ones([1, 3], "f4")))
    before = b.get_weights()
    with pytest.raises(
        ValueError, match='You called `set_weights.weights.` on layer "dense_1" with a weight list of length 1'
    ):
        b.set_weights([np.zeros([3, 2])])
    with pytest.raises(ValueError, match=r"Layer weight shape \(2,\) not compatible with provided weight shape \(3,\)"):
        b.set_weights([np.zeros([3, 2]), np.zeros([3])])
    for x, y in zip(before, b.get_weights()):
        np.testing.assert_array_equal(x, y)


# --------------------------------------------------------------------------------------------------------------- losses


def test_regularizers_cost_what_the_variable_is_worth_when_asked():
    layer = Dense(2, kernel_regularizer=tf.keras.regularizers.l2(0.5), bias_regularizer="l1", kernel_initializer="ones")
    assert layer.losses == []
    layer(tf.ones([1, 3]))
    assert [float(loss) for loss in layer.losses] == [3.0, 0.0]
    layer.kernel.assign(tf.fill([3, 2], 2.0))
    assert float(layer.losses[0]) == 12.0
    with tf.GradientTape() as tape:
        loss = layer.losses[0]
    np.testing.assert_array_equal(tape.gradient(loss, layer.kernel), np.full([3, 2], 2.0))


def test_losses_of_a_call_are_those_of_the_last_one():
    class Costly(Layer):
        def call(self, inputs):
            self.add_loss(tf.reduce_sum(inputs))
            return inputs

    costly = Costly()

    class Twice(Layer):
        def __init__(self):
            super().__init__()
            self.part = costly

        def call(self, inputs):
            return self.part(self.part(inputs) * 2.0)

    layer = Twice()
    for _ in range(2):
        layer(tf.ones([3]))
        assert [float(loss) for loss in layer.losses] == [3.0, 6.0], "of both calls inside, and of no earlier one"
    costly(tf.ones([1]))
    assert 1.0 in [float(loss) for loss in costly.losses]


def test_activity_regularizer():
    layer = Dense(2, activity_regularizer="l2", kernel_initializer="ones", use_bias=False)
    layer(tf.ones([1, 3]))
    assert [round(float(loss), 4) for loss in layer.losses] == [0.18]
    layer = tf.keras.layers.ActivityRegularization(l1=0.5)
    assert layer(tf.constant([1.0, -3.0])).numpy().tolist() == [1.0, -3.0]
    assert [float(loss) for loss in layer.losses] == [2.0]


def test_losses_as_functions_are_called_when_asked():
    layer = Scale()
    layer(tf.ones([2]))
    layer.add_loss(lambda: tf.reduce_sum(layer.factor))
    layer.factor.assign([2.0, 3.0])
    assert float(layer.losses[0]) == 5.0


def test_constraints_are_applied_by_optimizers():
    layer = Dense(1, kernel_constraint="non_neg", kernel_initializer="ones", use_bias=False)
    tf.train.GradientDescentOptimizer(10.0).minimize(lambda: tf.reduce_sum(layer(tf.ones([1, 2]))))
    assert layer.kernel.numpy().tolist() == [[0.0], [0.0]]


# -------------------------------------------------------------------------------------------------- settings and errors


def test_configuration():
    layer = Dense(3, activation="relu", kernel_regularizer=tf.keras.regularizers.l1(0.1), name="mine", input_shape=(4,))
    config = layer.get_config()
    assert config["name"] == "mine" and config["activation"] == "relu" and config["batch_input_shape"] == (None, 4)
    again = Dense.from_config(config)
    assert again.get_config() == config


def test_layers_need_their_base_class_initialized():
    class Forgetful(Layer):
        def __init__(self):
            self.inner = Dense(1)

    with pytest.raises(
        RuntimeError, match="It looks like you are subclassing `Model` or `Layer` and you forgot to call"
    ):
        Forgetful()


def test_what_a_layer_says_to_bad_arguments():
    with pytest.raises(TypeError, match="Keyword argument not understood:', 'colour'"):
        Dense(3, colour="red")
    with pytest.raises(TypeError, match="name of a layer must be a string"):
        Dense(3, name=3)
    with pytest.raises(ValueError, match="Could not interpret initializer identifier: 'glorious'"):
        Dense(3, kernel_initializer="glorious")
    with pytest.raises(ValueError, match="You tried to call `count_params` on dense, but the layer isn't built"):
        tf.reset_default_graph()
        Dense(3).count_params()


@pytest.mark.parametrize("inputs", [None, [], {}, [None]], ids=str)
def test_inputs_without_a_tensor(inputs):
    with pytest.raises(ValueError, match="in which there is no tensor"):
        Dense(3)(inputs)


def test_inputs_that_do_not_fit():
    with pytest.raises(
        ValueError,
        match=r"Input 0 of layer dense is incompatible with the layer: : expected min_ndim=2, found ndim=1. Full shape"
        r" received: \[3\]",
    ):
        Dense(2)(tf.ones([3]))
    layer = Dense(2, name="built")
    layer(tf.ones([1, 3]))
    with pytest.raises(
        tf.errors.InvalidArgumentError,
        match=r"Matrix size-incompatible: In\[0\]: \[1,4\], In\[1\]: \[3,2\].*Input 0 of layer built is incompatible with"
        r" the layer: expected axis -1 of input shape to have value 3 but received input with shape \[1, 4\]",
    ):
        layer(tf.ones([1, 4]))
    assert layer(tf.ones([1, 3])).shape == (1, 2)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"ndim": 3}, r"expected ndim=3, found ndim=2. Full shape received: \[2, 5\]"),
        ({"max_ndim": 1}, "expected max_ndim=1, found ndim=2"),
        ({"dtype": "float64"}, "expected dtype=float64, found dtype=float32"),
        ({"axes": {1: 4}}, r"expected axis 1 of input shape to have value 4 but received input with shape \[2, 5\]"),
        ({"shape": (None, 4)}, r"expected shape=\(\?, 4\), found shape=\(2, 5\)"),
    ],
)
def test_input_specifications(spec, words):
    layer = Layer(name="l")
    layer.input_spec = tf.keras.layers.InputSpec(**spec)
    with pytest.raises(ValueError, match="Input 0 of layer l is incompatible with the layer: " + words):
        layer(tf.ones([2, 5]))


@pytest.mark.parametrize("wrapped", [lambda x: [x], lambda x: {"a": x}])
def test_a_container_is_no_tensor(wrapped):
    for layer in (
        Dense(2, name="l"),
        tf.keras.layers.Reshape((3, 1), name="l"),
        tf.keras.layers.Embedding(4, 2, name="l"),
    ):
        with pytest.raises(ValueError, match="Layer l expects a tensor, but it received a (list|dict) that holds one"):
            layer(wrapped(tf.ones([2, 3])))
        with pytest.raises(ValueError, match="Layer l expects 1 inputs, but it received 2 input tensors"):
            layer((tf.ones([2, 3]), tf.ones([2, 3])))


def test_number_of_inputs():
    layer = Layer(name="l")
    layer.input_spec = [tf.keras.layers.InputSpec(), tf.keras.layers.InputSpec()]
    with pytest.raises(ValueError, match="Layer l expects 2 inputs, but it received 1 input tensors. Inputs received:"):
        layer(tf.ones([1]))


def test_shapes_of_variables_must_be_known():
    with pytest.raises(ValueError, match=r"Shape of a new variable \(w\) must be fully defined"):
        Layer().add_weight("w", [None, 3])
