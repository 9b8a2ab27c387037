"""The answer to one program: the verdict first, then the program itself, the numbers, the mistake, the proof."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from backlight.language import _, marked
from backlight.language.widths import plain, wrap
from backlight.views.text.findings import listed
from backlight.views.text.gradients import gradient_lines
from backlight.views.text.mistakes import falling_lines, mistake_lines
from backlight.views.text.sections import joined, section
from backlight.views.text.source import program_lines, runs
from backlight.views.text.tables import facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlight.checks.diagnosis import Diagnosis

MOST_NAMES = 6
"""So many parameters are named in the first line."""

VERDICTS = {
    "right": marked("RIGHT: {sentence}"),
    "wrong": marked("WRONG: {sentence}"),
    "cannot_tell": marked("CAN'T TELL: {sentence}"),
}

KINDS = {
    "right": marked("every gradient is right at every judged update"),
    "constant_factor": marked("every gradient is {factor} times the right one; the direction is exact"),
    "other_loss": marked("every gradient is exact, but it is that of {theirs}, not of {stated}"),
    "other_activation": marked(
        "the network has another activation than the recipe; for its own activation every gradient is exact"
    ),
    "other_network": marked("the program trains another network than the recipe's"),
    "wrong_parameter": marked("the gradients of {names} are wrong"),
    "never_learns": marked("no update changes {names}"),
    "update_order": marked("the forward pass, the gradients and the update are not made in the right order"),
    "forward": marked("the forward pass is not that of the network"),
    "wrong_on_other_shapes": marked("right for the shapes of this recipe, wrong for others"),
    "cannot_tell": marked("whether the gradients are right does not show here"),
}
"""The sentence of the first line, by the kind of answer."""

UNKNOWN = {
    "constant_factor": marked("every gradient is the right one times a constant; the direction is exact"),
    "other_loss": marked("every gradient is exact, but it is that of another loss"),
    "other_activation": marked("the network has another activation than the recipe"),
    "wrong_parameter": marked("gradients are wrong"),
    "never_learns": marked("the program trains, and nothing changes"),
}
"""The same where what should be named is not known."""

NOT_THE_RECIPES = marked("every gradient is exact, but it is that of {theirs}, which is not the recipe's loss")
"""Where a program states no loss, or the one that it descends."""

ONE = {"wrong_parameter": marked("the gradient of {names} is wrong")}
"""The same where one parameter is named."""


def diagnosis_report(diagnosis: Diagnosis) -> str:
    r"""Write down the answer to one program for 80 columns, in the language in use.

    Returns
    -------
    str
        The verdict; what was checked; the program with what its lines compute; the gradients beside the true ones; the
        mistake with its places and the proof; why the loss falls all the same; what else is to be known.

    Examples
    --------
    >>> from backlight.checks.diagnosis import Diagnosis, Parameter, Seen
    >>> from backlight.checks.observing.observation import Program
    >>> w = Parameter(name="w1", theirs="w", verdict="right", iteration=None, yours=0.5, truth=0.5, ratio=1.0)
    >>> answer = Diagnosis(
    ...     program=Program("one.py", "w = 1\nfor i in range(3):\n    w -= 0.1 * (w - 0.5)\n"), recipe="one.toml",
    ...     verdict="right", kind="right", parameters=(w,), iterations=(0, 1, 2),
    ...     seen=(Seen(line=3, name="", quantity="dL_dw1", right=True),),
    ... )
    >>> print(diagnosis_report(answer))
    RIGHT: every gradient is right at every judged update
    <BLANKLINE>
    program  one.py
    recipe   one.toml
    judged   updates 0..2
    <BLANKLINE>
    your program, with what its lines compute: ✓ right, ✗ wrong
      1   w = 1
      2   for i in range(3):
      3       w -= 0.1 * (w - 0.5)  ✓ dL_dw1
    <BLANKLINE>
    gradients at update 0
      parameter              yours       truth  error  ratio  your name
      w1         right  0.50000000  0.50000000  0      1      w
    """
    return joined(
        _verdict_lines(diagnosis),
        facts(_checked(diagnosis)),
        program_lines(diagnosis),
        gradient_lines(diagnosis),
        mistake_lines(diagnosis),
        falling_lines(diagnosis),
        section(_("also to be known"), listed(one.text for one in diagnosis.facts if one.text != diagnosis.reason)),
    )


def _verdict_lines(diagnosis: Diagnosis) -> Iterator[str]:
    """The verdict with its sentence; under it the reason, where the check ended before the gradients."""
    yield from wrap(_(VERDICTS[diagnosis.verdict]).format(sentence=_kind(diagnosis)))
    if diagnosis.reason:
        yield from wrap(plain(diagnosis.reason))


def _kind(diagnosis: Diagnosis) -> str:
    """The kind of answer in words."""
    kind, loss = diagnosis.kind, diagnosis.loss
    wrong = [one.name for one in diagnosis.parameters if one.verdict == "wrong"]
    known = {
        "constant_factor": loss.factor is not None,
        "other_loss": loss.exact_gradient_of is not None,
        "other_activation": bool(diagnosis.parameters) and not wrong,
        "wrong_parameter": bool(wrong),
        "never_learns": bool(wrong),
    }
    table = UNKNOWN if not known.get(kind, True) else ONE if len(wrong) == 1 and kind in ONE else KINDS
    sentence = table[kind]
    if kind == "other_loss" and known[kind] and loss.stated in {None, loss.exact_gradient_of}:
        sentence = NOT_THE_RECIPES
    return _(sentence).format(
        factor=f"{loss.factor:.6g}" if loss.factor is not None else "",
        theirs=plain(loss.exact_gradient_of or ""),
        stated=plain(loss.stated or ""),
        names=_names(wrong),
    )


def _names(names: Sequence[str]) -> str:
    """Some parameters by name, the rest by number."""
    told = [plain(name) for name in names] if len(names) <= MOST_NAMES else runs(map(plain, names))
    if len(told) <= MOST_NAMES:
        return ", ".join(told)
    shown = ", ".join(told[:MOST_NAMES])
    return _("{names} and others").format(names=shown)


def _checked(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """What was checked, against what, and where."""
    return [
        (_("program"), plain(diagnosis.program.path)),
        (_("recipe"), plain(diagnosis.recipe or "")),
        (_("loss"), plain(diagnosis.loss.stated or "")),
        (_("gradient"), _whose(diagnosis) if diagnosis.verdict == "wrong" else ""),
        (_("judged"), _judged(diagnosis.iterations)),
    ]


def _whose(diagnosis: Diagnosis) -> str:
    """Of which loss the updates are the gradient, and how many times it."""
    loss, factor = diagnosis.loss.exact_gradient_of, diagnosis.loss.factor
    if loss is None:
        return ""
    text = _("that of {loss}") if factor in {None, 1.0} else _("{factor} times that of {loss}")
    return text.format(loss=plain(loss), factor=f"{factor:.6g}" if factor is not None else "")


def _judged(iterations: Sequence[int]) -> str:
    """Which updates were judged: 0..6, 9."""
    if not iterations:
        return ""
    groups = [
        [update for _place, update in group]
        for _offset, group in groupby(enumerate(iterations), lambda at: at[1] - at[0])
    ]
    written = [str(group[0]) if len(group) == 1 else f"{group[0]}..{group[-1]}" for group in groups]
    text = _("update {updates}") if len(iterations) == 1 else _("updates {updates}")
    return text.format(updates=", ".join(written))
