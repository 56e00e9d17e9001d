"""What the source's docstrings need before Sphinx reads them.

They are written to be read in the source, with mathematics such as ``|x|`` and with indented examples that no ``::``
announces. In reStructuredText the first is a substitution and the second a quotation.
"""

import re

import numpy as np


def prepare(app, what, name, obj, options, lines):
    """Makes indented examples literal, and takes mathematics as it stands."""
    lines[:] = announce_examples(lines) if what == "module" else lines
    in_doctest = False
    for i, line in enumerate(lines):
        in_doctest = bool(line.strip()) and (in_doctest or line.lstrip().startswith(">>>"))
        if not in_doctest and not is_literal(lines, i):
            lines[i] = escape(line)


def announce_examples(lines):
    """Puts ``::`` before each indented block that has none."""
    result = []
    for i, line in enumerate(lines):
        begins = line.startswith("    ") and (i == 0 or not lines[i - 1].strip())
        before = next((earlier for earlier in reversed(lines[:i]) if earlier.strip()), "")
        if begins and not before.startswith(" ") and not before.endswith("::"):
            result += ["::", ""]
        result.append(line)
    return result


def is_literal(lines, i):
    """Whether a line belongs to a block after ``::``, as far as indentation tells."""
    indent = len(lines[i]) - len(lines[i].lstrip())
    for line in reversed(lines[:i]):
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            return line.rstrip().endswith("::")
    return False


def escape(line):
    """Escapes the bars of absolute values, outside of ``code``."""
    parts = re.split(r"(``.*?``)", line)
    return "".join(part if part.startswith("``") else part.replace("|", r"\|") for part in parts)


def skip(app, what, name, obj, skipped, options):
    """Kernels that are numpy's own functions are documented by numpy."""
    return True if isinstance(obj, np.ufunc) or str(getattr(obj, "__module__", "")).startswith("numpy") else None


def setup(app):
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", prepare)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True}
