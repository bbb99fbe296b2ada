"""What Sphinx needs to know; `make docs` builds the pages, and takes warnings for errors."""

import fastemb

project = "fastemb"
author = "The fastemb authors"
copyright = author
release = version = fastemb.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_parser"]
html_theme = "furo"
html_title = f"fastemb {release}"
exclude_patterns = ["build"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # bench/README.md is one section of a page here

# `name` in a docstring is a link if it can be one.
default_role = "autolink"
autodoc_typehints = "none"  # the docstrings say it in words
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
numpydoc_show_class_members = False  # autodoc lists them

nitpicky = True
