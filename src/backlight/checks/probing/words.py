"""What is told of the power of a check: facts, and the reasons why nothing is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlight.checks.diagnosis import Difference
from backlight.checks.judging.trials import slug_of
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backlight.checks.recognising.network import Network

MOST_NAMED = 4


def names(asked: Sequence[str]) -> str:
    """Some mistakes by name, the rest by number."""
    slugs = list(dict.fromkeys(slug_of(one) for one in asked))
    named = ", ".join(slugs[:MOST_NAMED])
    more = len(slugs) - MOST_NAMED
    return _("{names} and {number} others").format(names=named, number=more) if more > 0 else named


def no_control() -> str:
    """The check called right what was made wrong on purpose."""
    return _("a mistake that was planted into its numbers on purpose was not found, so that nothing can be concluded")


def wrong_there() -> str:
    """It is right as it is, and not from other initial values."""
    return _(
        "its gradients are right from its own initial values, but not from others, "
        "and no mistake explains what it does there"
    )


def no_power(slugs: Sequence[str]) -> str:
    """Some mistakes cannot be excluded at all."""
    return _(
        "at its numbers {names} would make no difference, and it could not be run from other initial values"
    ).format(names=names(slugs))


def assurance(
    *,
    ways: int,
    elsewhere: Sequence[str],
    left: Sequence[str],
    small: Sequence[str],
    runs: int,
    planted: str,
    updates: int,
) -> Iterator[Difference]:
    """What a right answer rests on.

    Parameters
    ----------
    ways : int
        In how many ways the mistakes of the catalogue can be made here.
    elsewhere, left, small : sequence of str
        What shows from other initial values only; from none that were tried; in no run of this precision.
    runs : int
        From how many other initial values the program was run again.
    planted : str
        The mistake that the check was tried with.
    updates : int
        How many updates were judged that follow one another.
    """
    seen = ways - len(elsewhere) - len(left) - len(small)
    yield Difference(
        kind="power",
        text=_("of {ways} ways to make a mistake of the catalogue here, {seen} would have shown in its numbers").format(
            ways=ways, seen=seen
        ),
        yours={"ways": ways, "seen": seen, "elsewhere": len(elsewhere)},
    )
    if elsewhere:
        yield Difference(
            kind="probe",
            text=_(
                "{names}: these could make no difference from its own initial values; "
                "run again from others, where they would, it is right as well"
            ).format(names=names(elsewhere)),
            yours={"runs": runs, "mistakes": list(elsewhere)},
        )
    if left:
        yield Difference(
            kind="power",
            text=_(
                "{names}: in some places these would make no difference at its numbers, and are not excluded"
            ).format(names=names(left)),
            yours={"not_excluded": list(left)},
        )
    if small:
        yield Difference(
            kind="power",
            text=_("{names}: these would change its numbers by less than its precision shows").format(
                names=names(small)
            ),
            yours={"not_excluded": list(small)},
        )
    if updates == 1:
        yield Difference(
            kind="power",
            text=_(
                "only one of its updates could be judged: "
                "what would go wrong from the second on, as accumulated-gradients does, is not excluded"
            ),
        )
    yield Difference(
        kind="control",
        text=_("the check was tried on itself: with {mistake} planted into these numbers it says wrong").format(
            mistake=names([planted])
        ),
        yours={"planted": planted, "found": True},
    )


def decision(kept: Sequence[str], gone: Sequence[str]) -> Iterator[Difference]:
    """Which of several mistakes it is, and how that is known."""
    yield Difference(
        kind="probe",
        text=_(
            "{others} would give the same numbers from its own initial values; run again from others, it is {names}"
        ).format(others=names(gone), names=names(kept)),
        yours={"excluded": list(gone)},
    )


def shown_elsewhere(network: Network, begin: NDArray[np.floating[Any]]) -> Difference:
    """That the mistake was seen in another run."""
    return Difference(
        kind="probe",
        text=_(
            "from its own initial values this mistake makes no difference; "
            "it was run again from others, and the gradients here are from that run"
        ),
        yours={name: array.tolist() for name, array in network.arrays(begin).items()},
    )


def told_apart() -> Difference:
    """That equal initial values were told apart."""
    return Difference(
        kind="probe",
        text=_(
            "several of its initial values are equal, so that one could be taken for another; "
            "it was run again with different ones, and the gradients here are from that run"
        ),
    )
