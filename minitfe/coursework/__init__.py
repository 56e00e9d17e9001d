"""Coursework: an assignment written in a few lines, and submissions checked against it in processes of their own.

    from minitfe.coursework import Assignment, Gradient, Returns, Values

    def softplus(x):
        return np.log1p(np.exp(x))

    assignment = Assignment("Homework 1", items=[
        Returns("softplus", softplus, [Values((3, 4))], points=2),
        Gradient("softplus", [Values((5,))], reference=softplus, points=3),
    ])

``minitfe check submission.py --spec spec.py`` runs it. ``items`` says what can be asked for, ``session`` and ``worker``
are the two sides of the process that a submission runs in, ``wire`` is what travels between them, ``grading`` goes
through the items and ``reports`` writes down what was found.
"""

from minitfe.coursework.assignment import Assignment
from minitfe.coursework.grading import Grades, Outcome, grade
from minitfe.coursework.items import Forbids, Gradient, Item, Raises, Requires, Returns, Rule, SpecError
from minitfe.coursework.names import DYNAMIC
from minitfe.coursework.session import Limits, Submission
from minitfe.extend import Values

__all__ = [
    "Assignment",
    "DYNAMIC",
    "Forbids",
    "Grades",
    "Gradient",
    "Item",
    "Limits",
    "Outcome",
    "Raises",
    "Requires",
    "Returns",
    "Rule",
    "SpecError",
    "Submission",
    "Values",
    "grade",
]
