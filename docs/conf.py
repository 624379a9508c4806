"""Settings of the API reference: ``make docs`` builds it into ``build/docs``; warnings are errors."""

import actspec_widgets

project = "actspec_widgets"
author = "the actspec_widgets developers"
version = release = actspec_widgets.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.viewcode", "numpydoc"]

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's sections say the types, with shapes and units
autodoc_default_options = {"members": True, "inherited-members": False}
numpydoc_show_class_members = False  # each class lists its own below
default_role = "literal"  # single backticks are code
templates_path = ["templates"]

html_theme = "furo"
html_title = f"actspec_widgets {release}"
html_show_sphinx = False
html_copy_source = False
