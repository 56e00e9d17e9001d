"""Arithmetic, element by element: most of it is ONNX's own, under another name.

What is not is written in other operators, and then what matters is digits: exp(x) - 1 is a poor expm1 near 0.
"""

from __future__ import annotations

import math
from typing import Any

from minitfe.dtypes import DType
from minitfe.onnx_export.rules import rule, same
from minitfe.onnx_export.writer import Value, Writer

same(
    __name__,
    {
        "abs": "Abs", "acos": "Acos", "acosh": "Acosh", "add": "Add", "add_n": "Sum", "asin": "Asin", "asinh": "Asinh",
        "atan": "Atan", "atanh": "Atanh", "bitwise_and": "BitwiseAnd", "bitwise_or": "BitwiseOr",
        "bitwise_xor": "BitwiseXor", "ceil": "Ceil", "cos": "Cos", "cosh": "Cosh", "equal": "Equal", "erf": "Erf",
        "exp": "Exp", "floor": "Floor", "greater": "Greater", "greater_equal": "GreaterOrEqual", "invert": "BitwiseNot",
        "is_inf": "IsInf", "is_nan": "IsNaN", "less": "Less", "less_equal": "LessOrEqual", "log": "Log",
        "logical_and": "And", "logical_not": "Not", "logical_or": "Or", "logical_xor": "Xor", "maximum": "Max",
        "minimum": "Min", "multiply": "Mul", "negative": "Neg", "pow": "Pow", "realdiv": "Div",
        "reciprocal": "Reciprocal", "rint": "Round", "sigmoid": "Sigmoid", "sign": "Sign", "sin": "Sin", "sinh": "Sinh",
        "softplus": "Softplus", "softsign": "Softsign", "sqrt": "Sqrt", "subtract": "Sub", "tan": "Tan", "tanh": "Tanh",
    }
)  # fmt: skip

# --------------------------------------------------------------------------------------------------- nothing to write


@rule
def identity(w: Writer, x: Value) -> Value:
    """The tensor itself"""
    return x


@rule
def stop_gradient(w: Writer, x: Value) -> Value:
    """The tensor itself: there are no gradients to stop"""
    return x


@rule
def copy(w: Writer, x: Value, **devices: Any) -> Value:
    """The tensor itself: where the model runs, its devices are not ours"""
    return x


@rule
def read_variable(w: Writer, handle: Value) -> Value:
    """An initializer, with the value of this moment"""
    return handle


# ----------------------------------------------------------------------------------------------- in a few operators


@rule
def cast(w: Writer, x: Value, dtype: DType) -> Value:
    """Cast"""
    return w.cast(x, dtype.numpy)


@rule
def square(w: Writer, x: Value) -> Value:
    """x x"""
    return w.node("Mul", x, x)


@rule
def squared_difference(w: Writer, x: Value, y: Value) -> Value:
    """d d with d = x - y"""
    return square(w, w.node("Sub", x, y))


@rule
def rsqrt(w: Writer, x: Value) -> Value:
    """1 / √x"""
    return w.node("Reciprocal", w.node("Sqrt", x))


@rule
def erfc(w: Writer, x: Value) -> Value:
    """1 - erf(x), without the digits that erfc has where that is close to 0."""
    return w.node("Sub", w.constant(1, x.dtype), w.node("Erf", x))


@rule
def round(w: Writer, x: Value) -> Value:
    """Round, which takes floats only; whole numbers stay what they are."""
    return w.node("Round", x) if x.dtype.kind == "f" else x


@rule
def is_finite(w: Writer, x: Value) -> Value:
    """Neither infinite nor NaN."""
    return w.node("Not", w.node("Or", w.node("IsInf", x), w.node("IsNaN", x)))


@rule
def not_equal(w: Writer, x: Value, y: Value) -> Value:
    """Not Equal"""
    return w.node("Not", w.node("Equal", x, y))


@rule
def keep_where(w: Writer, x: Value, condition: Value) -> Value:
    """x where the condition holds, else 0."""
    return w.node("Where", condition, x, w.constant(0, x.dtype))


@rule
def select(w: Writer, condition: Value, x: Value, y: Value) -> Value:
    """Where; a condition with one axis goes with the first axis of the others."""
    if condition.rank == 1:
        condition = w.unsqueeze(condition, *range(1, x.rank))
    return w.node("Where", condition, x, y)


@rule
def left_shift(w: Writer, x: Value, y: Value) -> Value:
    """BitShift, for numbers without a sign."""
    return w.node("BitShift", x, y, direction="LEFT")


@rule
def right_shift(w: Writer, x: Value, y: Value) -> Value:
    """BitShift, for numbers without a sign."""
    return w.node("BitShift", x, y, direction="RIGHT")


# ---------------------------------------------------------------------------------------------------------- division


@rule
def mod(w: Writer, x: Value, y: Value) -> Value:
    """Mod; of floats, what is left has the sign of x in ONNX, so y is added where that is not y's."""
    if x.dtype.kind != "f":
        return w.node("Mod", x, y)
    rest, zero = w.node("Mod", x, y, fmod=1), w.constant(0, x.dtype)
    other_sign = w.node("Less", w.node("Mul", w.node("Sign", rest), w.node("Sign", y)), zero)
    return w.node("Where", other_sign, w.node("Add", rest, y), rest)


@rule
def floordiv(w: Writer, x: Value, y: Value) -> Value:
    """Floor of Div; of whole numbers (x - mod(x, y)) / y, since Div cuts off towards 0."""
    if x.dtype.kind == "f":
        return w.node("Floor", w.node("Div", x, y))
    return w.node("Div", w.node("Sub", x, w.node("Mod", x, y)), y)


# ----------------------------------------------------------------------------------------------- with all their digits


def _where_small(w: Writer, x: Value, bound: float, small: Value, large: Value) -> Value:
    return w.node("Where", w.node("Less", w.node("Abs", x), w.constant(bound, x.dtype)), small, large)


@rule
def expm1(w: Writer, x: Value) -> Value:
    """2t / (1 - t) with t = tanh(x/2) near 0, where exp(x) - 1 would lose its digits."""
    one = w.constant(1, x.dtype)
    t = w.node("Tanh", w.node("Mul", x, w.constant(0.5, x.dtype)))
    small = w.node("Div", w.node("Add", t, t), w.node("Sub", one, t))
    return _where_small(w, x, 1, small, w.node("Sub", w.node("Exp", x), one))


@rule
def log1p(w: Writer, x: Value) -> Value:
    """2 atanh(x / (2 + x)) near 0, where log(1 + x) would lose its digits."""
    half = w.node("Atanh", w.node("Div", x, w.node("Add", x, w.constant(2, x.dtype))))
    return _where_small(w, x, 0.5, w.node("Add", half, half), w.node("Log", w.node("Add", x, w.constant(1, x.dtype))))


@rule
def atan2(w: Writer, y: Value, x: Value) -> Value:
    """atan(y/x), turned by ±π where x < 0; 0 where both are 0."""
    zero, turn = w.constant(0, x.dtype), w.constant(math.pi, x.dtype)
    right = w.node("Atan", w.node("Div", y, x))
    half = w.node("Where", w.node("Less", y, zero), w.node("Neg", turn), turn)
    angle = w.node("Where", w.node("Less", x, zero), w.node("Add", right, half), right)
    both = w.node("And", w.node("Equal", x, zero), w.node("Equal", y, zero))
    return w.node("Where", both, zero, angle)


# -------------------------------------------------------------------------------- gradients of powers and activations


@rule
def scaled_power(w: Writer, c: Value, x: Value, y: Value, zero_wins: bool) -> Value:
    """c xʸ; where zero wins, 0 times infinity is 0."""
    scaled = w.node("Mul", c, w.node("Pow", x, y))
    if not zero_wins:
        return scaled
    zero = w.constant(0, c.dtype)
    return w.node("Where", w.node("Equal", c, zero), zero, scaled)


@rule
def relu_gradient(w: Writer, g: Value, y: Value) -> Value:
    """g where y > 0, else 0."""
    return keep_where(w, g, w.node("Greater", y, w.constant(0, y.dtype)))


@rule
def relu6_gradient(w: Writer, g: Value, y: Value) -> Value:
    """g where 0 < y < 6, else 0."""
    below = keep_where(w, g, w.node("Less", y, w.constant(6, y.dtype)))
    return relu_gradient(w, below, y)


@rule
def elu_gradient(w: Writer, g: Value, y: Value, alpha: Any) -> Value:
    """g where y ≥ 0, else g(y + α)"""
    slope = w.node("Add", y, w.constant(alpha, y.dtype))
    return w.node("Where", w.node("Less", y, w.constant(0, y.dtype)), w.node("Mul", g, slope), g)


@rule
def sigmoid_gradient(w: Writer, g: Value, y: Value) -> Value:
    """g y (1 - y)"""
    return w.node("Mul", g, w.node("Mul", y, w.node("Sub", w.constant(1, y.dtype), y)))


@rule
def tanh_gradient(w: Writer, g: Value, y: Value) -> Value:
    """g (1 - y²)"""
    return w.node("Mul", g, w.node("Sub", w.constant(1, y.dtype), square(w, y)))
