"""Advice on names that are not here: it is given for these alone, and leads to names that are."""

import re
from functools import reduce

import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.missing import ADVICE, explain_module


def found(space, dotted):
    return reduce(getattr, dotted.split("."), space)


@pytest.mark.parametrize("name", ADVICE)
def test_advice_is_given_for_what_is_not_there(name):
    with pytest.raises(AttributeError):
        found(tf, name)


@pytest.mark.parametrize("name", ADVICE)
def test_advice_leads_to_what_is_there(name):
    for short, dotted in re.findall(r"\b(tf|tfe)\.([A-Za-z_][\w.]*\w)", ADVICE[name]):
        assert found({"tf": tf, "tfe": tfe}[short], dotted) is not None or dotted == "newaxis"


def test_advice_on_a_name_in_a_namespace():
    with pytest.raises(AttributeError, match=r"minitfe has no tf.contrib.slim: use tf.keras.layers\."):
        tf.contrib.slim  # noqa: B018


def test_advice_on_a_module_serves_for_what_is_in_it():
    assert explain_module("tensorflow.contrib.slim.nets.vgg") == (
        "minitfe has no tensorflow.contrib.slim.nets.vgg: use tf.keras.layers."
    )
