"""The directive ``gradient-rules``: a table of every op, made from the op registry when the pages are built."""

import importlib
import inspect
import pkgutil

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

import minitfe
from minitfe.operation import OPS, Op

ELSEWHERE = "elsewhere"


def modules():
    """All modules of minitfe that may define ops, in the order of the house."""
    names = sorted(info.name for info in pkgutil.walk_packages(minitfe.__path__, "minitfe."))
    return [importlib.import_module(name) for name in names if not name.endswith("__main__")]


def ops_by_module():
    """The ops of each module, in the order in which the module defines them: ``{module name: [op, ...]}``."""
    found = {}
    for module in modules():
        for value in list(vars(module).values()):
            op = getattr(value, "op", value)
            if isinstance(op, Op) and OPS.get(op.name) is op and is_defined_in(module, value):
                found.setdefault(op.name, module.__name__)
    chapters = {}
    for op in OPS.values():
        chapters.setdefault(found.get(op.name, ELSEWHERE), []).append(op)
    return dict(sorted(chapters.items()))


def is_defined_in(module, value):
    """Functions say where they are from; an Op that stands in a module is the module's."""
    return isinstance(value, Op) or getattr(value, "__module__", None) == module.__name__


def rows(op):
    """Yields for each input of an op, or group of inputs: its name, and the rule's equation or the reason for none."""
    if op.whole is not None:
        yield "all", equation(op.whole)
    for rule_equation, positions in positions_by_equation(op).items():
        names = [input_name(op, position) for position in positions]
        yield ", ".join(names) if len(names) < 4 else "each", rule_equation
    if not (op.whole or op.partials or op.constant_inputs):
        yield "none", "none: there is no input to differentiate with respect to"
    for position, reason in sorted(op.constant_inputs.items(), key=lambda item: (item[0] is not None, item[0])):
        if position not in op.partials:
            yield input_name(op, position), f"none: {reason}"


def positions_by_equation(op):
    """The inputs with a partial derivative, by its equation: x + y has one for both, and einsum one for all."""
    found = {}
    for position in sorted(op.partials):
        found.setdefault(equation(op.partials[position]), []).append(position)
    return found


def equation(rule):
    """The docstring of a rule, as one line."""
    return " ".join((inspect.getdoc(rule) or "(no equation given)").split())


def input_name(op, position):
    """What the rules of an op call an input; its number, where no rule says."""
    if position is None:
        return "all" if not op.partials else "others"
    for rule in op.partials.values():
        parameters = [p.name for p in inspect.signature(rule).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        if len(parameters) > position + 2:  # g, the inputs, output
            return parameters[position + 1]
    return f"input {position}"


class GradientRules(SphinxDirective):
    """A section with a table for each module that defines ops."""

    def run(self):
        """Returns the sections."""
        container = nodes.Element()
        text = StringList()
        for module, ops in ops_by_module().items():
            for line in chapter(module, ops):
                text.append(line, "gradient-rules")
        self.state.nested_parse(text, 0, container, match_titles=True)
        return container.children


def chapter(module, ops):
    """The lines of a section with the table of one module. An op's name stands in its first row only."""
    yield from ("", module, "-" * len(module), "", ".. list-table::", "   :header-rows: 1", "   :widths: 28 12 60", "")
    yield from ("   * - op", "     - input", "     - gradient rule")
    for op in ops:
        name = f":py:obj:`{op.name} <{module}.{op.name}>`"
        for what, rule in rows(op):
            yield from (f"   * - {name}", f"     - {what}", f"     - {escaped(rule)}")
            name = ""
    yield ""


def escaped(text):
    """Takes mathematics as it stands: stars, bars and underscores have no second meaning here."""
    return "".join("\\" + character if character in r"\*|_`" else character for character in text)


def setup(app):
    """Called by Sphinx."""
    app.add_directive("gradient-rules", GradientRules)
    return {"parallel_read_safe": True}
