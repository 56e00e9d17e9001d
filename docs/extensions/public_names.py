"""The directive ``public-names``: what a module offers, each name with a summary and a link to its definition."""

import importlib
import inspect
import types

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


def names_of(module):
    """The public names of a module: its ``__all__``, or what it defines itself."""
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return sorted(name for name in listed if not name.startswith("_"))
    public = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    own = [name for name, value in public.items() if getattr(value, "__module__", None) == module.__name__]
    return sorted(own)


def summary(value):
    """The first line of a function's or class's docstring; what other things are."""
    if callable(value):
        return (inspect.getdoc(value) or "").partition("\n")[0]
    return f"the {type(value).__name__} {value!r}"


def link(shown, value):
    """A link to the page of the module that defines a function or class."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    return f":py:obj:`{shown} <{module}.{name}>`" if callable(value) and module and name else f"``{shown}``"


def sections(module, short):
    """Yields the lines of a section for a module, and of one for each module among its names."""
    values = {name: getattr(module, name) for name in names_of(module)}
    if not values:
        return
    inner = {name: value for name, value in values.items() if isinstance(value, types.ModuleType)}
    plain = sorted(values.keys() - inner.keys(), key=str.lower)
    if plain:
        yield from (short, "-" * len(short), "", ".. list-table::", "   :widths: 34 66", "")
    for name in plain:
        yield f"   * - {link(f'{short}.{name}', values[name])}"
        yield f"     - {escaped(summary(values[name]))}"
    yield ""
    for name, value in inner.items():
        if name != "contrib":  # tfe has a section of its own
            yield from sections(value, f"{short}.{name}")


def escaped(text):
    """Takes mathematics as it stands, and what is between backticks as code."""
    parts = text.replace("``", "`").split("`")
    parts[::2] = [
        part.replace("\\", "\\\\").replace("*", r"\*").replace("|", r"\|").replace("_", r"\_") for part in parts[::2]
    ]
    return "``".join(parts)


class PublicNames(SphinxDirective):
    """Takes the name of a module and the name that programs give it."""

    required_arguments = 2

    def run(self):
        """Returns the sections."""
        text, container = StringList(), nodes.Element()
        for line in sections(importlib.import_module(self.arguments[0]), self.arguments[1]):
            text.append(line, "public-names")
        self.state.nested_parse(text, 0, container, match_titles=True)
        return container.children


def setup(app):
    """Called by Sphinx."""
    app.add_directive("public-names", PublicNames)
    return {"parallel_read_safe": True}
