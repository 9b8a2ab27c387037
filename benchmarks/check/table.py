"""The table of a run: per set and style, how often the checker was right."""

from __future__ import annotations

from collections.abc import Iterable
from platform import python_version
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .asking import Score

TARGETS = (
    "Targets: every verdict right, nothing right accused, the line named in 95 %, the mistake named first in 90 %."
)
HEAD = (
    "| style | wrong | verdict | line named | named first | told | right | verdict | accused | other | verdict | s, median |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
)


def table(scores: list[Score], every: int = 1) -> str:
    """Write both sets, style by style, with their sums; of one program of so many."""
    lines = ["# Check", "", *_about(scores, every), ""]
    for title, held_out in (("development", False), ("held out", True)):
        here = [score for score in scores if score.program.held_out == held_out]
        if here:
            lines += [f"## {title}", "", *HEAD, *_rows(here), "", *_mistakes(here), ""]
    return "\n".join(lines).rstrip()


def _about(scores: list[Score], every: int) -> list[str]:
    some = f"One program of {every} by chance: " if every > 1 else ""
    wrong, right = sum(score.wrong for score in scores), sum(score.program.verdict == "right" for score in scores)
    return f"""{some}{len(scores)} programs: {wrong} with a mistake, {right} right, {len(scores) - wrong - right} right for another recipe than they are
checked against. Made by `python benchmarks/check.py{f" --every {every}" if every > 1 else ""}`; Python {python_version()}.

Line named: the first diagnosis stands at a line of the mistake. Named first: it is the mistake, or one with equal
numbers in that program. Told: the mistake is among all that were told. Only failures of the development set are ever
looked at.

{TARGETS}""".splitlines()


def _rows(scores: list[Score]) -> Iterable[str]:
    for style in sorted({score.program.style for score in scores}):
        yield _row(style, [score for score in scores if score.program.style == style])
    yield _row("**all**", scores)


def _row(name: str, scores: list[Score]) -> str:
    wrong = [score for score in scores if score.wrong]
    right = [score for score in scores if score.program.verdict == "right"]
    other = [score for score in scores if not score.wrong and score.program.verdict != "right"]
    cells = [
        name,
        len(wrong),
        share(score.verdict for score in wrong),
        share(score.line for score in wrong),
        share(score.named for score in wrong),
        share(score.told for score in wrong),
        len(right),
        share(score.verdict for score in right),
        sum(score.accused for score in right),
        len(other),
        share(score.verdict for score in other),
        f"{median(score.seconds for score in scores):.2f}",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _mistakes(scores: list[Score]) -> Iterable[str]:
    """Mistake by mistake, over all styles."""
    yield from ("| mistake | programs | verdict | line named | named first |", "|---|---:|---:|---:|---:|")
    for slug in sorted({score.program.mistake for score in scores if score.wrong}):
        here = [score for score in scores if score.program.mistake == slug]
        counts = [share(getattr(score, what) for score in here) for what in ("verdict", "line", "named")]
        yield f"| {slug} | {len(here)} | {' | '.join(counts)} |"


def share(answers: Iterable[bool]) -> str:
    """How many of them, in per cent, rounded down: only all of them are 100 %."""
    counted = list(answers)
    return f"{100 * sum(counted) // len(counted)} %" if counted else "-"
