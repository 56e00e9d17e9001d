"""How the documentation is built: ``sphinx-build -W -b html docs docs/_build/html``. It needs no network."""

import pkgutil
import sys
from importlib.metadata import version as version_of
from pathlib import Path

import minitfe
import minitfe_numpy
import minitfe_opencl

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

project = "minitfe"
author = "The minitfe developers"
version = release = version_of("minitfe")
copyright = "The minitfe developers"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.extlinks",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "myst_parser",
    "docstrings",
    "exercise_list",
    "gradient_rules",
    "missing_names",
    "onnx_rules",
    "public_names",
]

html_theme = "furo"
toc_object_entries = False  # thousands of functions in the table of contents of every page would take minutes
smartquotes = False
html_title = f"minitfe {release}"
html_static_path = ["static"]
html_css_files = ["minitfe.css"]
exclude_patterns = ["_build", "extensions", "**/*.ipynb", "**/*.codeobj.json"]
default_role = "py:obj"
# Exercises and solutions have the names of their chapters, on purpose; they are no gallery pages.
# And `numpy` in a docstring may be a method of several classes: such a link stays unresolved.
suppress_warnings = ["config.cache", "sphinx_gallery.duplicate_filename", "ref.python"]

# ------------------------------------------------------------------------------------------------------ the tutorials

sphinx_gallery_conf = {
    "examples_dirs": "../tutorials",
    "gallery_dirs": "tutorials",
    "filename_pattern": r"/\d\d_",
    "within_subsection_order": "FileNameSortKey",
    "capture_repr": (),
    "reset_modules": ("matplotlib", "fresh_modules.reset"),
    "reset_modules_order": "both",
    "remove_config_comments": True,
    "download_all_examples": False,
    "min_reported_time": 1e9,
}

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# ------------------------------------------------------------------------------------------------------------ the API

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True  # a NamedTuple describes its fields, which autodoc would describe again

# The page of a module's source, from a page in the root of the documentation.
extlinks = {"source": ("_modules/%s.html", "%s.py")}

MODULE_PAGE = """{name}
{underline}

.. automodule:: {name}
   :members:
   :ignore-module-all:
   :show-inheritance:
"""


def public_modules(package):
    """The names of a package's modules, less those that begin with an underscore."""
    found = [info.name for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return [name for name in found if not any(part.startswith("_") for part in name.split("."))]


def write_module_pages(folder):
    """Writes a page for each module, and takes away those of modules that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for package in (minitfe, minitfe_numpy, minitfe_opencl) for name in public_modules(package)]
    pages = {f"{name}.rst": MODULE_PAGE.format(name=name, underline="=" * len(name)) for name in names}
    for path in folder.glob("*.rst"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:  # else Sphinx would read it again at every build
            path.write_text(text)


write_module_pages(HERE / "api" / "generated")
