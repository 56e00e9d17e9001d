"""tf.logging: messages over Python's own logging."""

import logging
import subprocess
import sys

import pytest

import minitfe as tf

SCRIPT = """
import minitfe as tf
tf.logging.info("not shown yet")
tf.logging.warn("at first %s", "warnings")
tf.logging.set_verbosity(tf.logging.INFO)
tf.logging.info("step %d of %d", 1, 2)
tf.logging.flush()
"""


@pytest.fixture(autouse=True)
def verbosity():
    before = logging.getLogger("tensorflow").level
    tf.logging.set_verbosity(tf.logging.DEBUG)
    yield
    tf.logging.set_verbosity(before)


def test_what_a_program_prints():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.stderr == "WARNING:tensorflow:at first warnings\nINFO:tensorflow:step 1 of 2\n"


def test_a_program_that_set_up_logging_is_left_alone():
    setup = "import logging, sys\nlogging.basicConfig(format='%(filename)s %(message)s', stream=sys.stdout)\n"
    done = subprocess.run([sys.executable, "-c", setup + SCRIPT], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("<string> at first warnings\n<string> step 1 of 2\n", "")


def test_levels(caplog):
    for name in ("debug", "info", "warn", "warning", "error", "fatal"):
        getattr(tf.logging, name)("by %s", name)
    tf.logging.log(tf.logging.INFO, "by %s", "log")
    tf.logging.vlog(tf.logging.DEBUG, "by vlog")
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        *((10, "by debug"), (20, "by info"), (30, "by warn"), (30, "by warning"), (40, "by error"), (50, "by fatal")),
        *((20, "by log"), (10, "by vlog")),
    ]
    assert {record.filename for record in caplog.records} == {"test_logging.py"}


def test_verbosity(caplog):
    tf.logging.set_verbosity(tf.logging.ERROR)
    assert tf.logging.get_verbosity() == tf.logging.ERROR == logging.ERROR
    tf.logging.warn("too low")
    tf.logging.error("shown")
    assert caplog.messages == ["shown"]


def test_now_and_then(caplog):
    for i in range(5):
        tf.logging.log_every_n(tf.logging.INFO, "every second: %d", 2, i)
        tf.logging.log_first_n(tf.logging.INFO, "first: %d", 1, i)
        tf.logging.log_if(tf.logging.INFO, "third: %d", i == 3, i)
    assert caplog.messages == ["every second: 0", "first: 0", "every second: 2", "third: 3", "every second: 4"]
    assert {record.filename for record in caplog.records} == {"test_logging.py"}


def test_what_is_no_level():
    for wrong in (None, "loud", 1.5, True):
        with pytest.raises(ValueError, match="is no level of messages; tf.logging.INFO is one"):
            tf.logging.set_verbosity(wrong)
    with pytest.raises(ValueError, match="n must be a whole number from 1 on, not 0"):
        tf.logging.log_every_n(tf.logging.INFO, "text", 0)
    assert tf.logging.get_verbosity() == tf.logging.DEBUG
