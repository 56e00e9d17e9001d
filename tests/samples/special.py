"""Samples of minitfe.ops.special. References are SciPy, and for the sigmoids formulas of another kind."""

import numpy as np
from scipy import special

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops.special import sigmoid_gradient

from .elementwise import ABOVE_0, ABOVE_1, COMPLEX, FLOATING, NOT_0, SMOOTH, WITHIN_1, binary, unary


def polygamma_of_orders(a, x):
    return tf.polygamma(a, x)


SAMPLES = [
    # sigmoids and their kin
    unary(tf.sigmoid, lambda x: 1 / (1 + np.exp(-x)), dtypes=FLOATING),
    unary(tf.sigmoid, lambda x: 1 / (1 + np.exp(-x)), WITHIN_1, dtypes=COMPLEX, gradient=[], name="complex"),
    binary(sigmoid_gradient, lambda g, y: g * y - g * y**2, dtypes=SMOOTH),
    unary(tf.log_sigmoid, lambda x: -np.logaddexp(0, -x), Values((2, 3), -30, 30), dtypes=FLOATING),
    unary(tf.nn.softplus, lambda x: np.logaddexp(0, x), Values((2, 3), -30, 30), dtypes=FLOATING),
    unary(tf.nn.softsign, lambda x: np.sign(x) - np.sign(x) / (1 + np.abs(x)), NOT_0, dtypes=FLOATING),
    # the error function
    unary(tf.erf, special.erf, dtypes=FLOATING),
    unary(tf.erfc, special.erfc, dtypes=FLOATING),
    unary(tf.erf, special.erf, Values((2, 3), -8.0, 8.0), gradient=[], name="far"),
    unary(tf.erfc, special.erfc, Values((2, 3), -8.0, 8.0), gradient=[], name="far"),
    # the gamma function
    unary(tf.lgamma, special.gammaln, ABOVE_0, dtypes=FLOATING),
    unary(tf.lgamma, special.gammaln, Values((2, 3), -1.8, -1.2), name="below 0"),
    unary(tf.lgamma, special.gammaln, Values((2, 3), 0.1, 100.0), gradient=[], name="far"),
    unary(tf.digamma, special.psi, ABOVE_0, dtypes=FLOATING),
    unary(tf.digamma, special.psi, Values((2, 3), -1.8, -1.2), name="below 0"),
    Sample(
        polygamma_of_orders,
        [Values(make=lambda generator: generator.integers(0, 5, (3, 1))), Values((3, 4), 0.4, 6.0)],
        reference=lambda a, x: special.polygamma(a.astype(int), x),
        gradient=[1],
    ),
    binary(tf.zeta, special.zeta, ABOVE_1, Values((2, 3), 0.4, 6.0), gradient=[1], dtypes=FLOATING),
]
