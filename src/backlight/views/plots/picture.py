"""From a run or a comparison to a figure, and to a file if one is named."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import matplotlib as mpl

from backlight import language
from backlight.language import _
from backlight.traces.compare import Comparison
from backlight.views.plots.figure import Page, compose
from backlight.views.plots.fonts import LATIN, chinese_family, covers, families
from backlight.views.plots.of_comparison import page_of_comparison
from backlight.views.plots.of_trace import page_of_trace
from backlight.views.plots.save import check_ending, save
from backlight.views.plots.style import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.figure import Figure

    from backlight.traces.trace import Trace


def picture(subject: Trace | Comparison, file: str | Path | None) -> Figure:
    """Draw, and write where a file is named."""
    in_svg = file is not None and check_ending(file) == ".svg"  # holds letters, not their shapes
    wanted = language.current()
    with _sound_settings(any_letter=in_svg), _drawable_language(any_letter=in_svg):
        page = page_of_comparison(subject) if isinstance(subject, Comparison) else page_of_trace(subject)
        figure = compose(page if in_svg else _drawable(page, wanted))
        if file is not None:
            save(figure, file)
    return figure


@contextmanager
def _sound_settings(*, any_letter: bool) -> Iterator[None]:
    """matplotlib's own settings and ours, none of the user's; no word about letters that no font here has."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(settings([LATIN] if any_letter else families()))
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


@contextmanager
def _drawable_language(*, any_letter: bool) -> Iterator[None]:
    """English instead of Chinese where no font could draw it."""
    wanted = language.current()
    if wanted == "zh" and not any_letter and chinese_family() is None:
        language.use("en")
    try:
        yield
    finally:
        language.use(wanted)


def _drawable(page: Page, wanted: str) -> Page:
    """A page without a title that would be a row of boxes, and with a word about what the fonts cannot draw."""
    remarks = list(page.remarks)
    if language.current() != wanted:
        remarks.append(_("the words are English: no font here has Chinese characters"))
    if covers(page.title):
        return replace(page, remarks=remarks)
    return replace(page, title="", remarks=[*remarks, _("the title is left out: no font here has its characters")])
