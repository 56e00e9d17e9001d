"""The directive ``onnx-rules``: how each op is written in ONNX, made from the rules when the pages are built."""

from docutils import nodes
from docutils.statemachine import StringList
from gradient_rules import escaped
from sphinx.util.docutils import SphinxDirective

from minitfe.onnx_export.export import PAGES
from minitfe.onnx_export.rules import described, page_of


def chapter(page):
    """The lines of a section with the table of one module of rules."""
    title = page.__name__.rpartition(".")[2].capitalize()
    yield from ("", title, "~" * len(title), "", ".. list-table::", "   :header-rows: 1", "   :widths: 30 70", "")
    yield from ("   * - op", "     - in ONNX")
    for name, text in described():
        if page_of(name) == page.__name__:
            yield from (f"   * - {escaped(name)}", f"     - {escaped(text)}")
    yield ""


class OnnxRules(SphinxDirective):
    """A section with a table for each module of rules."""

    def run(self):
        """Returns the sections."""
        container, text = nodes.Element(), StringList()
        for page in PAGES:
            for line in chapter(page):
                text.append(line, "onnx-rules")
        self.state.nested_parse(text, 0, container, match_titles=True)
        return container.children


def setup(app):
    """Called by Sphinx."""
    app.add_directive("onnx-rules", OnnxRules)
    return {"parallel_read_safe": True}
