"""A report as a text for a terminal of 80 columns.

It stands in this room and not among the views, because a failing test shows it as its message.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from backlight.checks.gradients.points import said
from backlight.language import _, marked
from backlight.language.widths import columns, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlight.checks.gradients.entries import ArgumentReport, Entry, Verdict

SHOWN = 8
"""So many numbers of an argument are shown, the furthest off when there are more."""
FEW_DIGITS, ALL_DIGITS = 8, 17
"""As many digits as are needed to see a difference, within these bounds."""

HEADINGS = {
    "right": marked("RIGHT: {names}. An error of a thousandth in any number would have shown."),
    "wrong": marked("WRONG: {names}"),
    "cannot_tell": marked("CAN'T TELL: {names}"),
}
WORDS = {"right": marked("right"), "wrong": marked("WRONG"), "cannot_tell": marked("can't tell")}


def report_text(
    verdict: Verdict, arguments: Sequence[ArgumentReport], mistakes: Sequence[str], notes: Sequence[str]
) -> str:
    """The verdict; a line for each argument; the numbers of what is wrong; where it was looked."""
    names = ", ".join(one.name for one in arguments if one.verdict == verdict) or _("all arguments together")
    heading = [_(HEADINGS[verdict]).format(names=names), *_mistakes(mistakes)]
    told = [one for one in arguments if one.verdict == "wrong" or one.likely or one.notes]
    blocks = [_told(heading, ""), _overview(arguments), *map(_details, told), _told(notes, "")]
    return "\n\n".join("\n".join(block) for block in blocks)


def _mistakes(slugs: Sequence[str]) -> Iterator[str]:
    """What a mistake of the catalogue does, and which others do the same here."""
    if slugs:
        from backlight.engines.mistakes import MISTAKES  # noqa: PLC0415  the catalogue takes its time

        instead = _(MISTAKES[slugs[0]].instead)
        yield _("These are exactly the numbers of {slug}: {instead}.").format(slug=slugs[0], instead=instead)
    if slugs[1:]:
        yield _("The same numbers here: {slugs}.").format(slugs=", ".join(slugs[1:]))


def _overview(arguments: Sequence[ArgumentReport]) -> Iterator[str]:
    """A line for each argument."""
    rows = [(_("argument"), _("shape"), _("verdict"), _("furthest off"), _("errors ruled out"))]
    for one in arguments:
        out = "" if one.verdict == "wrong" else _ruled_out(one.power)
        rows.append((one.name, _shape(one.shape), _(WORDS[one.verdict]), _furthest(one.worst), out))
    return _table(rows, "  ", left=5)


def _furthest(entry: Entry | None) -> str:
    """How far off the worst number is; nobody wants digits of a rounding."""
    if entry is None:
        return ""
    return _("within 1 radius") if entry.radii <= 1 else _("{radii} radii").format(radii=_short(entry.radii))


def _ruled_out(power: float) -> str:
    """Which relative errors are ruled out, to a power of ten."""
    return _("above {power}").format(power=f"1e{math.ceil(math.log10(power))}") if 0 < power < math.inf else _("none")


def _details(argument: ArgumentReport) -> Iterator[str]:
    """The numbers of an argument beside the truth, and what is said of them."""
    if argument.verdict == "wrong" and argument.entries:
        yield _("{name} at {point}").format(name=argument.name, point=said(argument.point))
        shown, places = _chosen(argument.entries), any(one.output for one in argument.entries)
        header = ["", _("yours"), _("truth"), _("relative"), _("ulp"), _("radii")]
        yield from _table([header, *(_row(one, with_output=places) for one in shown)], "  ", left=1)
        if len(shown) < len(argument.entries):
            yield "  " + _("... and {more} more").format(more=len(argument.entries) - len(shown))
    else:
        yield argument.name
    yield from _told([*argument.likely, *argument.notes], "  ")


def _chosen(entries: Sequence[Entry]) -> list[Entry]:
    """All of a few numbers, in order; of many those that are furthest off."""
    if len(entries) <= SHOWN:
        return list(entries)
    return sorted(entries, key=lambda one: -one.radii)[:SHOWN]


def _row(entry: Entry, *, with_output: bool) -> list[str]:
    digits = FEW_DIGITS
    if entry.radii > 1 and 0 < entry.relative < 1:
        digits = max(FEW_DIGITS, min(3 - math.floor(math.log10(entry.relative)), ALL_DIGITS))
    name = (
        _("{entry} of {output}").format(entry=entry.name, output=entry.output or _("all outputs"))
        if with_output
        else entry.name
    )
    return [
        name,
        f"{entry.yours:.{digits}g}",
        _certain(entry, digits),
        *map(_short, (entry.relative, entry.ulp, entry.radii)),
    ]


def _certain(entry: Entry, digits: int) -> str:
    """The truth, in the digits that are known of it."""
    if entry.at_kink:
        return _("a kink")
    if not entry.error < abs(entry.truth):
        return f"{entry.truth:.{digits}g}" if entry.truth == entry.error == 0 else _("unknown")
    known = digits if entry.error == 0 else int(-math.log10(entry.error / abs(entry.truth)))
    return f"{entry.truth:.{max(1, min(known, digits))}g}"


def _short(value: float) -> str:
    """Two digits, which is all that an error deserves."""
    return f"{value:.2g}"


def _shape(shape: tuple[int, ...]) -> str:
    return str(shape) if shape else ""


def _told(sentences: Iterable[str], indent: str) -> Iterator[str]:
    """Sentences in lines that are not too long."""
    for sentence in sentences:
        yield from wrap(sentence, first=indent, rest=indent + "  ")


def _table(rows: Sequence[Sequence[str]], indent: str, *, left: int) -> Iterator[str]:
    """Columns two spaces apart; the first `left` ones begin at their left, the others end at their right."""
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - columns(cell))
            cells.append(cell + space if number < left else space + cell)
        yield (indent + "  ".join(cells)).rstrip()
