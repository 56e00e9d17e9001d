"""The gradient checker: is this gradient right, and if not, which rule is wrong, and how?

    from minitfe import gradcheck

    print(gradcheck.check_gradients(loss, x))              # what a tape says of a function of tensors
    print(gradcheck.check_vjp(f, vjp, x))                  # a rule of your own, in plain numpy
    gradcheck.assert_gradients(loss, x)                    # the same in a test: raises GradientMismatch

A gradient is compared with slopes that are measured from values of the function alone. Three modules measure:
``ladder`` finds a slope and its error, ``kinks`` looks at both sides, ``directions`` decides where to look. Three
judge: ``structure`` before any number, ``verdicts`` on numbers, ``hints`` on the likely mistake. ``blame`` checks each
recorded op by itself, and ``runner`` brings all together.
"""

from minitfe.gradcheck.report import Failure, GradientMismatch, Report, Undecided
from minitfe.gradcheck.runner import assert_gradients, check_gradients, check_vjp

__all__ = [
    "Failure",
    "GradientMismatch",
    "Report",
    "Undecided",
    "assert_gradients",
    "check_gradients",
    "check_vjp",
]
