"""Mutation tests: gradient rules are broken one change at a time, and the tests must notice each.

    subjects.py     which functions are changed: every gradient rule, and the helpers that only rules use
    changes.py      the changes: signs, constants, axes, flags, wrong ops, swapped inputs, what is left out
    checks.py       the tests that decide: the sweeps over the op samples, and the tests of ops, tapes and graphs
    experiment.py   which check calls which rule, and whether one of these fails once the rule is changed
    equivalent.toml the changes that no test can notice, each with the reason

Run it with ``python -m tests.mutation`` or ``tox -e mutation``.
"""
