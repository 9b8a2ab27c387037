"""How Sphinx builds these pages: Markdown by MyST, the reference from the package itself, formulas as MathML.

A built page needs no network and no JavaScript to show a formula.
"""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from latex2mathml.converter import convert

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

sys.path.insert(0, str(Path(__file__).parent))
from generated import write_pages

project = "backlight"
author = "The backlight authors"
copyright = author
release = version = version_of("backlight")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "_generated", "README.md"]
default_role = "py:obj"  # `run` in a docstring is a link where there is such a name

myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = "backlight"
html_static_path = ["_static"]
html_css_files = ["backlight.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False


def setup(app: Sphinx) -> None:
    """Write the pages that are made from the package, and say how a formula becomes HTML."""
    write_pages(Path(__file__).parent / "_generated")
    app.add_html_math_renderer("mathml", (inline_formula, None), (displayed_formula, None))


def inline_formula(writer: HTML5Translator, node: nodes.math) -> None:
    """A formula in a line of text."""
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def displayed_formula(writer: HTML5Translator, node: nodes.math_block) -> None:
    """A formula on a line of its own."""
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode
