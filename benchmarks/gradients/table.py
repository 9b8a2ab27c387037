"""The tables of a run: detection and false alarms side by side, and every gradient on which somebody fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from statistics import median
from typing import TYPE_CHECKING

from .checkers import SMALL, Verdict

if TYPE_CHECKING:
    from .cases import Case

WORDS = {"": "", "right": "passes", "wrong": "**fails**", "cannot_tell": "can't tell"}
GROUPS = {
    "functions": "functions with gradients as engineers write them",
    "edges": "kinks, scales, cancellation, precision and forms",
    "networks": "networks, at their start",
    "networks, saturated": "the same networks, with weights 40 times as large",
    "networks, infinite": "those of them whose loss is infinite there",
}


@dataclass(frozen=True)
class Answer:
    """What one checker said of one case, and how long it took."""

    checker: str
    case: Case
    verdict: Verdict
    seconds: float


def tables(answers: Sequence[Answer], missing: Sequence[str], command: str) -> str:
    """Everything, as Markdown."""
    names = list(dict.fromkeys(one.checker for one in answers))
    lines = [*_about(missing, command), ""]
    for group, title in GROUPS.items():
        here = [one for one in answers if one.case.group == group and one.verdict]
        lines += [f"## {title[0].upper()}{title[1:]}", "", *_sums(here, names), ""]
    lines += ["## Where somebody is wrong", "", *_failures(answers, names)]
    return "\n".join(lines).rstrip()


def _about(missing: Sequence[str], command: str) -> list[str]:
    versions = ", ".join(f"{name} {_version(name)}" for name in ("numpy", "torch", "jax", "scipy"))
    absent = f"Not installed, and left out: {', '.join(missing)}.\n\n" if missing else ""
    return f"""# Checkers of gradients

Made by `{command}`; Python {python_version()}, {versions}.

{absent}Every checker is given the same functions, gradients and starting points, with its own defaults: gradcheck and
check_grads with their own tolerances, check_grad with a distance below {SMALL:g} as passing. backlight knows the function
alone, or the recipe of a network too, and it looks at probe points of its own beside the start.

Read backlight's share of wrong networks with care: of the catalogue's mistakes those are asked that show at the start or
at one of backlight's probe points, by the exact engine. A mistake that shows nowhere there is no wrong gradient of that
network, but one that would show only elsewhere is not asked either. Where the loss is infinite no gradient is right or
wrong in a useful sense: whoever calls everything wrong there has found nothing. These networks are a group of their own.

An accusation is a right gradient that is called wrong; a gradient at which a checker raises
counts as called wrong. A checker that says nothing is wrong where it cannot know passes zeros at a saturated point;
backlight says that it cannot tell. Seconds are medians of one check, in this one run.""".splitlines()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"


def _sums(answers: Sequence[Answer], names: Sequence[str]) -> Iterator[str]:
    yield "| checker | wrong ones | found | can't tell | missed | right ones | passed | can't tell | accused | s |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for name in names:
        own = [one for one in answers if one.checker == name]
        if not own:
            continue
        cells = [name]
        for is_wrong, order in ((True, ("wrong", "cannot_tell", "right")), (False, ("right", "cannot_tell", "wrong"))):
            verdicts = [one.verdict for one in own if one.case.wrong == is_wrong]
            cells += [str(len(verdicts)), *(str(verdicts.count(verdict)) for verdict in order)]
        yield f"| {' | '.join(cells)} | {median(one.seconds for one in own):.3f} |"


def _failures(answers: Sequence[Answer], names: Sequence[str]) -> Iterator[str]:
    """Rows of cases that not everybody answers well."""
    for is_wrong, title in (
        (False, "Right gradients that somebody accuses"),
        (True, "Wrong gradients that somebody passes"),
    ):
        rows = {}
        for one in answers:
            if one.case.wrong == is_wrong:
                rows.setdefault((one.case.group, one.case.name), {})[one.checker] = one.verdict
        bad = "right" if is_wrong else "wrong"
        chosen = {key: said for key, said in rows.items() if bad in said.values()}
        yield from (f"### {title}", "", f"{len(chosen)} of {len(rows)}; the others are answered well by everybody.", "")
        yield from (f"| group | gradient | {' | '.join(names)} |", f"|---|---|{'---|' * len(names)}")
        for (group, name), said in chosen.items():
            yield f"| {group} | {name} | {' | '.join(WORDS[said.get(one, '')] for one in names)} |"
        yield ""
