"""What Sphinx needs to know; `make docs` builds the pages, and takes warnings for errors."""

import filecmp
from pathlib import Path

import fastemb

# An installed fastemb will do where no kernels are built in place, if its docstrings are those of this folder.
sources, imported = Path(__file__).parents[1] / "fastemb", Path(fastemb.__file__).parent
names = [str(path.relative_to(sources)) for path in sources.rglob("*.py")]
if filecmp.cmpfiles(sources, imported, names, shallow=False)[1:] != ([], []):
    raise ImportError(f"the fastemb in {imported} is not that of this folder: install it again, or use make develop")

project = "fastemb"
author = "The fastemb authors"
copyright = author
release = version = fastemb.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_parser"]
html_theme = "furo"
html_title = f"fastemb {release}"
html_static_path = ["style"]
html_css_files = ["tables.css"]

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

# `name` in a docstring is a link if it can be one.
default_role = "autolink"
autodoc_typehints = "none"  # the docstrings say it in words
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
numpydoc_show_class_members = False  # autodoc lists them

nitpicky = True
nitpick_ignore_regex = [("py:obj", r"\w+|(numpy|fastemb\.kernels)\..*")]  # mere names, and what is not ours or private

# Of a public name: that it has a docstring, with sections that are numpydoc's, in its order, and parameters that exist.
numpydoc_validation_checks = {"GL05", "GL06", "GL07", "GL08", "GL09", "PR02", "PR05", "PR06", "PR10", "YD01"}
# Properties without a def, which the check looks for; and functions whose parameters are fastText's, in any order.
numpydoc_validation_exclude = {r"GloVe\.(word|context)_", r"fasttext\.train_"}
