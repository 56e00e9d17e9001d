"""``minitfe run``: programs that import tensorflow, run as they are."""

import os
import signal
import subprocess
import sys

import pytest

from minitfe.run_script import VERSION


def run(folder, *arguments, **settings):
    """Runs a program in a folder, by minitfe."""
    command = [sys.executable, "-m", "minitfe", "run", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, **settings)


def run_directly(folder, *arguments):
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True)


@pytest.fixture
def write(tmp_path):
    """Writes files into a new folder, and returns that."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / (name.replace("__in__", "/") + ".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def printed(done):
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


# ------------------------------------------------------------------------------------- programs as people wrote them

GUIDE = """
from __future__ import absolute_import, division, print_function
import sys
import tensorflow as tf
import tensorflow.contrib.eager as tfe
tfe.enable_eager_execution()
print(tf.matmul([[2.]], [[2.]]).numpy()[0, 0], sys.argv[1])
"""

LINEAR = """
import argparse
import sys
import tensorflow as tf
from tensorflow.contrib.eager.python import tfe

class Linear(tf.keras.Model):
  def __init__(self):
    super(Linear, self).__init__()
    self.dense = tf.keras.layers.Dense(1)
  def call(self, xs):
    return self.dense(xs)

def main(argv):
  tf.enable_eager_execution()
  model, optimizer = Linear(), tf.train.GradientDescentOptimizer(0.1)
  grads = tfe.implicit_gradients(lambda x, y: tf.reduce_mean(tf.square(model(x) - y)))
  data = tf.data.Dataset.range(FLAGS.steps).map(lambda i: tf.random_normal([16, 1]))
  for x in tfe.Iterator(data):
    optimizer.apply_gradients(grads(x, 3. * x))
  print(abs(model.variables[0].numpy()[0, 0] - 3.) < 0.1, argv[1:])

if __name__ == "__main__":
  parser = argparse.ArgumentParser()
  parser.add_argument("--steps", type=int, default=1)
  FLAGS, unparsed = parser.parse_known_args()
  tf.app.run(main=main, argv=[sys.argv[0]] + unparsed)
"""

FLAGS = """
import os
import tensorflow as tf
flags = tf.app.flags
flags.DEFINE_string("folder", None, "Where.")
flags.DEFINE_bool("shout", False, "How.")
tf.logging.set_verbosity(tf.logging.INFO)

def main(argv):
  tf.gfile.MakeDirs(flags.FLAGS.folder)
  path = os.path.join(flags.FLAGS.folder, "lines.txt")
  with tf.gfile.Open(path, "w") as f:
    f.write("one\\ntwo\\n")
  words = [line.numpy().decode() for line in tf.data.TextLineDataset(path)]
  print(" ".join(words).upper() if flags.FLAGS.shout else words, argv[1:])

if __name__ == "__main__":
  tf.enable_eager_execution()
  tf.app.run()
"""

KERAS = """
import numpy as np
import tensorflow as tf
import tensorflow.keras as keras
from tensorflow.keras.layers import Dense, Flatten
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.sequence import pad_sequences
tf.enable_eager_execution()
x = pad_sequences([[1, 2], [3]], 4).astype("float32")
model = Sequential([Dense(5, activation=tf.nn.relu, input_shape=(4,)), Flatten(), Dense(2)])
model.compile(optimizer=tf.train.AdamOptimizer(), loss="mse")
model.fit(x, keras.utils.to_categorical([0, 1]), verbose=0)
print(model.predict(x).shape)
"""

GRAPH = """
import tensorflow as tf
x = tf.placeholder(tf.float32, [None])
w = tf.Variable(2.0)
loss = tf.reduce_sum(tf.square(w * x - 1.0))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
with tf.Session() as sess:
  sess.run(tf.global_variables_initializer())
  for _ in range(30):
    sess.run(train, feed_dict={x: [1.0, 1.0]})
  print("%.3f" % sess.run(w))
"""

SUMMARY = """
import glob, os
import tensorflow as tf
tf.enable_eager_execution()
writer = tf.contrib.summary.create_file_writer("logs")
with writer.as_default(), tf.contrib.summary.always_record_summaries():
  tf.contrib.summary.scalar("loss", 1.0, step=1)
writer.close()
print(len(glob.glob("logs/events*")))
"""

TEST = """
import tensorflow as tf
class SumTest(tf.test.TestCase):
  def testSum(self):
    self.assertAllClose([3., 4.], tf.constant([1., 2.]) + 2.)
if __name__ == "__main__":
  tf.enable_eager_execution()
  tf.test.main()
"""

PROGRAMS = {
    "guide": (GUIDE, ["argument"], "4.0 argument\n"),
    "linear": (LINEAR, ["--steps", "40", "rest"], "True ['rest']\n"),
    "flags": (FLAGS, ["--folder=data", "--shout", "rest"], "ONE TWO ['rest']\n"),
    "keras": (KERAS, [], "(2, 2)\n"),
    "graph": (GRAPH, [], "1.000\n"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_of_the_time(write, name):
    text, arguments, expected = PROGRAMS[name]
    assert printed(run(write(program=text), "program.py", *arguments)) == expected


def test_a_program_that_writes_for_tensorboard(write):
    pytest.importorskip("tensorboard")
    assert printed(run(write(program=SUMMARY), "program.py")) == "1\n"


def test_a_file_of_tests(write):
    done = run(write(program=TEST), "program.py")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Ran 1 test" in done.stderr


def test_names_that_are_imported_one_by_one(write):
    program = (
        "import tensorflow as tf\n"
        "from tensorflow import keras, nn\n"
        "from tensorflow.contrib import eager\n"
        "import tensorflow.contrib.eager as tfe\n"
        "import tensorflow.keras.layers as layers\n"
        "import tensorflow.nn.rnn_cell\n"
        "from tensorflow.keras.datasets import mnist\n"
        "from tensorflow.train import AdamOptimizer\n"
        "from tensorflow.errors import OutOfRangeError\n"
        "assert eager is tfe is tf.contrib.eager and layers is keras.layers and nn is tf.nn\n"
        "assert tensorflow is tf and tensorflow.nn.rnn_cell is tf.nn.rnn_cell\n"
        "print(tf.__version__, tf.VERSION)\n"
    )
    assert printed(run(write(program=program), "program.py")) == f"{VERSION} {VERSION}\n"


def test_an_installed_tensorflow_is_not_looked_at(write):
    folder = write(tensorflow__in____init__="raise SystemExit('the other one')", program=GUIDE)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}
    assert printed(run(folder, "program.py", "x", env=environment)) == "4.0 x\n"


def test_the_alias_ends_with_the_process(write):
    program = (
        "import subprocess, sys\n"
        "import tensorflow\n"
        "sys.exit(subprocess.call([sys.executable, '-c', 'import tensorflow.contrib.eager; tensorflow.contrib.eager.defun']))\n"
    )
    done = run(write(program=program), "program.py")
    assert done.returncode == 1
    assert "Error" in done.stderr


# ---------------------------------------------------------------------------------------------------------- as directly

ABOUT = """
import sys
print(sys.argv, sys.path[0], __name__, __file__, __package__, __doc__)
print(sys.modules["__main__"].__dict__ is globals(), sorted(set(globals()) - {"__annotations__"}), __spec__ and __spec__.name)
"""


@pytest.mark.parametrize("arguments", [["about.py", "-m", "--flag", "--", "x"], ["inner/about.py"], ["./about.py", ""]])
def test_a_script_finds_what_it_finds_when_run_directly(write, arguments):
    folder = write(about=ABOUT, inner__in__about=ABOUT)
    assert printed(run(folder, *arguments)) == printed(run_directly(folder, *arguments))


@pytest.mark.parametrize("arguments", [["-m", "inner.about", "-h", "--version"], ["-m", "inner"]])
def test_a_module_finds_what_it_finds_when_run_directly(write, arguments):
    relative = "from . import about\nfrom inner.about import sys as s\nprint(s.argv)\n"
    folder = write(inner__in____init__="", inner__in__about=ABOUT, inner__in____main__=relative)
    done, directly = run(folder, *arguments), run_directly(folder, *arguments)
    assert printed(done) == printed(directly)


def test_a_script_finds_its_neighbours_and_its_data(write):
    folder = write(neighbour="VALUE = 7", program="import neighbour\nprint(neighbour.VALUE, open('data.txt').read())")
    (folder / "data.txt").write_text("text")
    assert printed(run(folder, "program.py")) == "7 text\n"


def test_its_classes_can_be_pickled_and_exit_functions_know_it(write):
    program = (
        "import atexit, pickle, sys\n"
        "class Thing: pass\n"
        "assert type(pickle.loads(pickle.dumps(Thing()))) is Thing\n"
        "atexit.register(lambda: print(sys.modules['__main__'].Thing.__module__))\n"
    )
    assert printed(run(write(program=program), "program.py")) == "__main__\n"


ENDINGS = {
    "nothing": "print('done')",
    "a number": "import sys; sys.exit(3)",
    "a text": "import sys; sys.exit('bye')",
    "None": "import sys; sys.exit()",
    "os._exit": "import os; os._exit(4)",
    "an error": "def f():\n    return 1 / 0\n\nf()",
    "an error in an import": "import broken",
    "an error in an import by name": "import importlib\nimportlib.import_module('broken')",
    "a missing module": "import no_such_module",
    "wrong syntax": "x = = 1",
    "a chain": "try:\n    {}['a']\nexcept KeyError as error:\n    raise ValueError('b') from error",
    "an error while another is handled": "try:\n    {}['a']\nexcept KeyError:\n    [][1]",
    "a hook of its own": "import sys\nsys.excepthook = lambda *info: print(info[1], info[2].tb_frame.f_code.co_name)\n1 / 0",
    "an interrupt": "import os, signal\ntry:\n    os.kill(os.getpid(), signal.SIGINT)\nfinally:\n    print('cleaned')",
    "a signal": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
    "an exit function": "import atexit\natexit.register(print, 'last')\nraise RuntimeError('first')",
    "an assertion": "assert 1 == 2, 'no'",
}


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("way", ["script", "module"])
@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_it_ends_as_if_run_directly(write, ending, way):
    if way == "module" and ending in (ENDINGS["wrong syntax"], ENDINGS["a hook of its own"]):
        pytest.skip("of this Python itself shows how it runs modules")
    folder = write(program=ending, broken="raise RuntimeError('broken')")
    arguments = ["program.py"] if way == "script" else ["-m", "program"]
    done, directly = run(folder, *arguments), run_directly(folder, *arguments)
    assert (done.returncode, done.stdout) == (directly.returncode, directly.stdout)
    assert without_runpy(done.stderr) == without_runpy(directly.stderr)


def without_runpy(text):
    """What is printed, but for the two frames of runpy, which Python shows of its own `-m`."""
    lines = text.splitlines()
    return [line for line in lines if 'File "<frozen runpy>"' not in line and "in _run_" not in line]


def heed_interrupts():
    """A program that was started in the background, as this test may be, ignores them and hands that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_from_outside(write):
    folder = write(program="print('ready', flush=True)\nwhile True:\n    pass\n")
    command = [sys.executable, "-m", "minitfe", "run", "program.py"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    ) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT
    assert [line for line in errors.splitlines() if line.startswith("  File")] in (
        [[f'  File "{folder}/program.py", line {number}, in <module>'] for number in (1, 2, 3)]
    )


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_children_of_multiprocessing(write, method):
    import multiprocessing

    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"there is no {method} here")
    program = (
        "import multiprocessing\n"
        "import tensorflow as tf\n"
        "tf.enable_eager_execution()\n"
        "def square(x):\n"
        "    import tensorflow.contrib.eager as tfe\n"
        "    return float(tfe.defun(tf.square)(tf.constant(x)))\n"
        "if __name__ == '__main__':\n"
        f"    with multiprocessing.get_context('{method}').Pool(1) as pool:\n"
        "        print(pool.map(square, [1., 2.]))\n"
    )
    assert printed(run(write(program=program), "program.py")) == "[1.0, 4.0]\n"


# ----------------------------------------------------------------------------------------------------- what is not there

MISSING = {
    "from tensorflow.python.framework import ops": "no tensorflow.python.framework: use tensorflow itself",
    "from tensorflow.python import keras": "no tensorflow.python.keras: use tensorflow.keras.",
    "import tensorflow.python.ops.array_ops": "no tensorflow.python.ops: the ops are in tensorflow itself",
    "import tensorflow.contrib.slim as slim": "no tensorflow.contrib.slim: use tf.keras.layers.",
    "from tensorflow.contrib import slim": "no tf.contrib.slim: use tf.keras.layers.",
    "from tensorflow.examples.tutorials.mnist import input_data": "no tensorflow.examples: read handwritten digits",
    "from tensorflow import constnat": r"no tf.constnat; did you mean tf.constant?",
    "from tensorflow.keras.layers import Densee": "did you mean tf.keras.layers.Dense?",
    "import tensorflow.nonsense": "no tensorflow.nonsense; dir(tf) lists the names",
}


@pytest.mark.parametrize("statement", MISSING)
def test_an_import_of_what_is_not_there_says_what_to_use(write, statement):
    done = run(write(program=f"import tensorflow as tf\n{statement}\n"), "program.py")
    *frames, error = done.stderr.splitlines()
    assert done.returncode == 1
    assert error.startswith("ImportError: minitfe has ")
    assert MISSING[statement] in error
    assert [line for line in frames if "  File" in line] == [f'  File "{write()}/program.py", line 2, in <module>']


def test_other_imports_fail_as_ever(write):
    program = "for name in ('no_such_module', 'tensorflowx', 'os.nothing'):\n    try:\n        __import__(name)\n"
    program += "    except ModuleNotFoundError as error:\n        print(error.name)\n"
    assert printed(run(write(program=program), "program.py")) == "no_such_module\ntensorflowx\nos.nothing\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "which script?"),
        (["-m"], 2, "which script?"),
        (["--help"], 2, "which script?"),
        (["nothing.py"], 2, "can't open file"),
        (["."], 2, "can't open file"),
        (["-m", "no_such_module"], 1, "No module named no_such_module"),
    ],
)
def test_what_cannot_be_run(tmp_path, arguments, code, words):
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("minitfe run: ")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
