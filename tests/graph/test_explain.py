"""``minitfe graph --explain`` shows graphs before and after the passes."""

import sys

from minitfe.__main__ import main

SCRIPT = """
import sys
import minitfe as tf
import minitfe.contrib.eager as tfe

tf.enable_eager_execution()

@tfe.defun
def f(x):
    return tf.identity(x) * 1.0 + x

print("says", float(f(tf.constant(2.0))), sys.argv[1:])
"""


def test_before_and_after(tmp_path, capsys):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    arguments = list(sys.argv)
    assert main(["graph", "--explain", str(script), "one"]) == 0
    assert capsys.readouterr().out == (
        "says 4.0 ['one']\n"
        "# f: as it was traced, 3 operations\n"
        "inputs: %0 float32 ()\n"
        "%1 = identity(%0)  float32 ()\n"
        "%2 = multiply(%1, 1.0)  float32 ()\n"
        "%3 = add(%2, %0)  float32 ()\n"
        "returns: %3\n"
        "# algebra: 3 operations become 1 operations\n"
        "# f: as it runs, 1 operations\n"
        "inputs: %0 float32 ()\n"
        "%1 = add(%0, %0)  float32 ()\n"
        "returns: %1\n"
    )
    assert sys.argv == arguments


def test_pictures(tmp_path, capsys):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    main(["graph", "--explain", str(script), "--dot"])
    out = capsys.readouterr().out
    assert out.count("digraph program {") == 2 and 'label="multiply' in out


def test_a_script_without_traced_functions(tmp_path, capsys):
    script = tmp_path / "script.py"
    script.write_text("x = 1\n")
    assert main(["graph", "--explain", str(script)]) == 0
    assert "called no function made by tfe.defun" in capsys.readouterr().out
