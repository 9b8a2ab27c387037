"""Colours, line styles and settings of every picture, whatever the user's own matplotlib settings are.

The colours are those of Okabe and Ito, which people with any colour vision tell apart; instead of their yellow,
which a projector loses on white, there is a grey. Line styles differ too, and names stand beside the curves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlight.views.plots.fonts import LATIN

if TYPE_CHECKING:
    from collections.abc import Sequence

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C8C8C")
"""Okabe, Ito, Color universal design (2008), the yellow replaced by a grey."""
STYLES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
GREY = "#595959"
"""For what stands beside the curves: 7 to 1 on white."""
FAINT = "#D9D9D9"

DOTS_PER_INCH = 150
SCREEN_DOTS_PER_INCH = 100


def look(index: int, style: int = 0) -> dict[str, Any]:
    """Colour and line style of a curve.

    Examples
    --------
    >>> look(0), look(8)["color"] == look(0)["color"], look(8)["linestyle"] == look(0)["linestyle"]
    ({'color': '#0072B2', 'linestyle': '-'}, True, False)
    """
    return {"color": COLOURS[index % len(COLOURS)], "linestyle": STYLES[(style + index // len(COLOURS)) % len(STYLES)]}


def settings(families: Sequence[str]) -> dict[Any, Any]:  # the stubs know keys by name, each release knows others
    """The settings to draw and to save with: texts as texts, no random names, no formulas in names.

    Parameters
    ----------
    families : sequence of str
        The fonts, in the order in which a character is looked for. For SVG only the one that is everywhere: who
        opens the file has fonts of their own, and its bytes must not tell which ones this machine has.
    """
    return {
        "font.family": [*families, "sans-serif"],  # the last for who opens an SVG file and has none of them
        "font.sans-serif": [LATIN],
        "font.size": 10.0,
        "text.parse_math": False,  # a title with a dollar is a title
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": GREY,
        "axes.labelcolor": GREY,
        "axes.labelsize": 11.0,
        "axes.grid": True,
        "axes.unicode_minus": True,
        "grid.color": FAINT,
        "grid.linewidth": 0.6,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "lines.linewidth": 1.8,
        "lines.solid_capstyle": "round",
        "svg.fonttype": "none",
        "svg.hashsalt": "backlight",
        "pdf.fonttype": 42,
        "figure.dpi": SCREEN_DOTS_PER_INCH,
        "savefig.dpi": DOTS_PER_INCH,
    }
