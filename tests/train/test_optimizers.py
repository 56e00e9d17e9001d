"""Each optimizer against numpy, written from the papers and TensorFlow's documentation, and against torch."""

import numpy as np
import pytest

import minitfe as tf

STEPS = 20
ROWS, COLUMNS = 5, 3

# Each takes g, x, the state by name and the step's number, and changes x and the state in place.


def gradient_descent(g, x, state, t, rate=0.1):
    x -= rate * g


def momentum(g, x, state, t, rate=0.1, mu=0.9, nesterov=False):
    v = state.setdefault("v", np.zeros_like(x))
    v[:] = mu * v + g
    x -= rate * (g + mu * v if nesterov else v)


def adagrad(g, x, state, t, rate=0.5, start=0.1):
    a = state.setdefault("a", np.full_like(x, start))
    a += g**2
    x -= rate * g / np.sqrt(a)


def pulled(y, rate, l1, l2):
    return np.sign(y) * np.maximum(np.abs(y) - rate * l1, 0) / (1 + rate * l2)


def proximal_gradient_descent(g, x, state, t, rate=0.1, l1=0.3, l2=0.2):
    x[:] = pulled(x - rate * g, rate, l1, l2)


def proximal_adagrad(g, x, state, t, rate=0.5, l1=0.3, l2=0.2):
    a = state.setdefault("a", np.full_like(x, 0.1))
    a += g**2
    x[:] = pulled(x - rate * g / np.sqrt(a), rate / np.sqrt(a), l1, l2)


def adadelta(g, x, state, t, rate=0.7, rho=0.95, epsilon=1e-3):
    a, b = state.setdefault("a", np.zeros_like(x)), state.setdefault("b", np.zeros_like(x))
    a[:] = rho * a + (1 - rho) * g**2
    d = g * np.sqrt(b + epsilon) / np.sqrt(a + epsilon)
    b[:] = rho * b + (1 - rho) * d**2
    x -= rate * d


def rmsprop(g, x, state, t, rate=0.05, rho=0.8, mu=0.5, epsilon=1e-6, centered=False):
    s, v = state.setdefault("s", np.ones_like(x)), state.setdefault("v", np.zeros_like(x))
    m = state.setdefault("m", np.zeros_like(x))
    s[:] = rho * s + (1 - rho) * g**2
    m[:] = rho * m + (1 - rho) * g
    v[:] = mu * v + rate * g / np.sqrt(s - m**2 * centered + epsilon)
    x -= v


def adam(g, x, state, t, rate=0.1, beta1=0.8, beta2=0.95, epsilon=1e-4):
    m, v = state.setdefault("m", np.zeros_like(x)), state.setdefault("v", np.zeros_like(x))
    m[:] = beta1 * m + (1 - beta1) * g
    v[:] = beta2 * v + (1 - beta2) * g**2
    x -= rate * np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + epsilon)


def ftrl(g, x, state, t, rate=0.5, power=0.5, start=0.1, l1=0.02, l2=0.03, shrinkage=0.0):
    a, z = state.setdefault("a", np.full_like(x, start)), state.setdefault("z", np.zeros_like(x))
    z += g + 2 * shrinkage * x - ((a + g**2) ** power - a**power) / rate * x
    a += g**2
    x[:] = np.where(np.abs(z) > l1, (l1 * np.sign(z) - z) / (a**power / rate + 2 * l2), 0)


CASES = {
    "gradient descent": (lambda: tf.train.GradientDescentOptimizer(0.1), gradient_descent, {}),
    "momentum": (lambda: tf.train.MomentumOptimizer(0.1, 0.9), momentum, {}),
    "nesterov": (lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True), momentum, {"nesterov": True}),
    "adagrad": (lambda: tf.train.AdagradOptimizer(0.5), adagrad, {}),
    "adagrad, other start": (lambda: tf.train.AdagradOptimizer(0.5, 2.0), adagrad, {"start": 2.0}),
    "proximal gradient descent": (
        lambda: tf.train.ProximalGradientDescentOptimizer(0.1, 0.3, 0.2), proximal_gradient_descent, {},
    ),
    "proximal adagrad": (lambda: tf.train.ProximalAdagradOptimizer(0.5, 0.1, 0.3, 0.2), proximal_adagrad, {}),
    "adadelta": (lambda: tf.train.AdadeltaOptimizer(0.7, 0.95, 1e-3), adadelta, {}),
    "rmsprop": (lambda: tf.train.RMSPropOptimizer(0.05, 0.8, 0.5, 1e-6), rmsprop, {}),
    "rmsprop, centered": (lambda: tf.train.RMSPropOptimizer(0.05, 0.8, 0.5, 1e-6, centered=True), rmsprop, {"centered": True}),
    "adam": (lambda: tf.train.AdamOptimizer(0.1, 0.8, 0.95, 1e-4), adam, {}),
    "ftrl": (
        lambda: tf.train.FtrlOptimizer(0.5, l1_regularization_strength=0.02, l2_regularization_strength=0.03),
        ftrl, {},
    ),
    "ftrl, other power": (
        lambda: tf.train.FtrlOptimizer(0.5, -0.3, l2_shrinkage_regularization_strength=0.01),
        ftrl, {"power": 0.3, "l1": 0.0, "l2": 0.0, "shrinkage": 0.01},
    ),
}  # fmt: skip

TOLERANCE = {"float32": 2e-5, "float64": 1e-12}

every_optimizer = pytest.mark.parametrize("case", CASES)
every_dtype = pytest.mark.parametrize("dtype", TOLERANCE)


def gradients(seed=0):
    return np.random.default_rng(seed).normal(size=(STEPS, ROWS, COLUMNS))


def start():
    return np.random.default_rng(9).normal(size=(ROWS, COLUMNS))


@every_dtype
@every_optimizer
def test_dense_gradients(case, dtype):
    make, rule, settings = CASES[case]
    optimizer, x, state = make(), start(), {}
    variable = tf.Variable(start().astype(dtype))
    for t, g in enumerate(gradients(), 1):
        rule(g, x, state, t, **settings)
        optimizer.apply_gradients([(tf.constant(g.astype(dtype)), variable)])
        np.testing.assert_allclose(variable.numpy(), x, rtol=0, atol=TOLERANCE[dtype] * 10)
    assert variable.dtype.name == dtype


@every_dtype
@every_optimizer
def test_sparse_gradients(case, dtype):
    """Rows that repeat are added up first; then the rule sees the rows of the gradient alone, but for Adam's."""
    make, rule, settings = CASES[case]
    optimizer, x, state = make(), start(), {}
    variable = tf.Variable(start().astype(dtype))
    generator = np.random.default_rng(1)
    for t, values in enumerate(gradients(2)[:, :4], 1):
        rows = generator.integers(0, ROWS - 1, 4)  # the last row never has a gradient
        whole = np.zeros_like(x)
        np.add.at(whole, rows, values)
        apply_to_rows(rule, whole, x, state, t, slice(None) if case == "adam" else np.unique(rows), settings)
        slices = tf.IndexedSlices(tf.constant(values.astype(dtype)), tf.constant(rows))
        optimizer.apply_gradients([(slices, variable)])
        np.testing.assert_allclose(variable.numpy(), x, rtol=0, atol=TOLERANCE[dtype] * 10)
    assert (variable.numpy()[-1] == start()[-1].astype(dtype)).all()


def apply_to_rows(rule, g, x, state, t, rows, settings):
    if not state:
        fresh = {}
        rule(g[:0], x[:0], fresh, t, **settings)  # to learn what the state is
        starts = {"a": settings.get("start", 0.1), "s": 1.0} if rule is not adadelta else {}
        state.update({name: np.full_like(x, starts.get(name, 0.0)) for name in fresh})
    part, parts = x[rows], {name: array[rows] for name, array in state.items()}
    rule(g[rows], part, parts, t, **settings)
    x[rows] = part
    for name, array in parts.items():
        state[name][rows] = array


def test_adam_goes_on_moving_rows_without_a_gradient():
    variable = tf.Variable(np.zeros((2, 1), "f"))
    optimizer = tf.train.AdamOptimizer(0.1)
    optimizer.apply_gradients([(tf.IndexedSlices(tf.ones([1, 1]), tf.constant([0])), variable)])
    before = variable.numpy()
    optimizer.apply_gradients([(tf.IndexedSlices(tf.ones([1, 1]), tf.constant([1])), variable)])
    assert variable.numpy()[0] < before[0]


@every_optimizer
def test_no_rows_change_nothing(case):
    variable = tf.Variable(start())
    slices = tf.IndexedSlices(tf.zeros([0, COLUMNS], tf.float64), tf.zeros([0], tf.int32))
    CASES[case][0]().apply_gradients([(slices, variable)])
    assert (variable.numpy() == start()).all()


TORCH = {
    "gradient descent": lambda torch, p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda torch, p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda torch, p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adadelta": lambda torch, p: torch.optim.Adadelta(p, lr=0.7, rho=0.95, eps=1e-3),
    "adagrad": lambda torch, p: torch.optim.Adagrad(p, lr=0.5, initial_accumulator_value=0.1, eps=0.0),
}


@pytest.mark.parametrize("case", TORCH)
def test_against_torch(case):
    torch = pytest.importorskip("torch")
    parameter = torch.tensor(start(), requires_grad=True)
    theirs, ours, variable = TORCH[case](torch, [parameter]), CASES[case][0](), tf.Variable(start())
    for g in gradients():
        parameter.grad = torch.tensor(g)
        theirs.step()
        ours.apply_gradients([(tf.constant(g), variable)])
    np.testing.assert_allclose(variable.numpy(), parameter.detach().numpy(), rtol=1e-12)


# What TensorFlow 1.10 itself gives for three steps from 3 down the slope of v², with a learning rate of 0.1.
MEASURED = {
    "Adam": (lambda: tf.train.AdamOptimizer(0.1), 2.7003827),
    "Momentum": (lambda: tf.train.MomentumOptimizer(0.1, 0.9), 0.186),
    "RMSProp": (lambda: tf.train.RMSPropOptimizer(0.1), 2.342715),
    "Adagrad": (lambda: tf.train.AdagradOptimizer(0.1), 2.774572),
}


@pytest.mark.parametrize("name", MEASURED)
def test_against_tensorflow(name):
    make, expected = MEASURED[name]
    optimizer, v = make(), tf.Variable(3.0)
    for _ in range(3):
        optimizer.minimize(lambda: v * v)
    assert float(v) == pytest.approx(expected, rel=1e-6)


SLOTS = {
    "gradient descent": {},
    "momentum": {"momentum": "v/Momentum:0"},
    "adagrad": {"accumulator": "v/Adagrad:0"},
    "adadelta": {"accum": "v/Adadelta:0", "accum_update": "v/Adadelta_1:0"},
    "rmsprop": {"momentum": "v/RMSProp_1:0", "rms": "v/RMSProp:0"},
    "rmsprop, centered": {"mg": "v/RMSProp_1:0", "momentum": "v/RMSProp_2:0", "rms": "v/RMSProp:0"},
    "adam": {"m": "v/Adam:0", "v": "v/Adam_1:0"},
    "ftrl": {"accum": "v/Ftrl:0", "linear": "v/Ftrl_1:0"},
}


@pytest.mark.parametrize("case", SLOTS)
def test_slots_and_their_names(case):
    optimizer, v = CASES[case][0](), tf.Variable([1.0, 2.0], name="v")
    assert optimizer.variables() == [] and optimizer.get_slot_names() == []
    with tf.name_scope("elsewhere"):
        optimizer.apply_gradients([(tf.constant([1.0, 1.0]), v)])
    assert optimizer.get_slot_names() == list(SLOTS[case])
    for slot_name, name in SLOTS[case].items():
        slot = optimizer.get_slot(v, slot_name)
        assert slot.name == name and slot.shape == v.shape and slot.dtype is v.dtype and not slot.trainable
    others = ["beta1_power:0", "beta2_power:0"] if case == "adam" else []
    assert [variable.name for variable in optimizer.variables()] == sorted([*others, *SLOTS[case].values()])
    assert optimizer.get_slot(tf.Variable(1.0), "m") is None and optimizer.get_slot(v, "nonsense") is None


def test_ftrl_names_its_slots_as_asked():
    optimizer, v = tf.train.FtrlOptimizer(0.1, accum_name="a", linear_name="z"), tf.Variable(1.0, name="v")
    optimizer.minimize(lambda: v * v)
    assert [variable.name for variable in optimizer.variables()] == ["v/a:0", "v/z_1:0"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tf.train.AdagradOptimizer(0.1, 0.0), "initial_accumulator_value must be positive: 0.0"),
        (lambda: tf.train.FtrlOptimizer(0.1, 0.5), "learning_rate_power 0.5 needs to be negative or zero"),
        (
            lambda: tf.train.FtrlOptimizer(0.1, -0.5, -1.0),
            "initial_accumulator_value -1.0 needs to be positive or zero",
        ),
        (lambda: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=-1.0), "l1_regularization_strength -1.0 needs"),
        (lambda: tf.train.GradientDescentOptimizer(0.1, name=""), "Must specify the optimizer name"),
        (lambda: tf.train.GradientDescentOptimizer(tf.constant([0.1])), "learning_rate is not a scalar number"),
    ],
)
def test_settings_that_cannot_be(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("rate", [None, "fast", [0.1], {}])
def test_a_learning_rate_is_a_number(rate):
    with pytest.raises(TypeError, match="learning_rate must be a number, not"):
        tf.train.AdamOptimizer(rate)
