"""The directive ``missing-names``: what to write for names that are not here, made from the advice in the errors."""

from gradient_rules import escaped
from sphinx.util.docutils import SphinxDirective

from minitfe.missing import ADVICE


def table():
    """The lines of the table."""
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: 30 70", "")
    yield from ("   * - name", "     - instead")
    for name, advice in sorted(ADVICE.items()):
        yield from (f"   * - ``tf.{name}``", f"     - {escaped(advice)}")


class MissingNames(SphinxDirective):
    """A table of names and advice."""

    def run(self):
        """Returns the table."""
        return self.parse_text_to_nodes("\n".join(table()))


def setup(app):
    """Called by Sphinx."""
    app.add_directive("missing-names", MissingNames)
    return {"parallel_read_safe": True}
