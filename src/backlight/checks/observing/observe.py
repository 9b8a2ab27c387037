"""Run a program and see every number: instrumented, in a caged child, for as long as it takes to see enough.

The program is a stranger's: nothing of it runs in this process, and what the child says of it is checked.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from backlight.checks.observing.answers import Garbled, read_answer
from backlight.checks.observing.cage.begin import prepare
from backlight.checks.observing.cage.child import Limits, ask
from backlight.checks.observing.cage.readable import library_folders
from backlight.checks.observing.facts import killed
from backlight.checks.observing.instrument import Instrumented, instrument
from backlight.checks.observing.observation import WRITES, End, Observation, Program
from backlight.checks.observing.programs import ProgramError
from backlight.faults import Fault
from backlight.language import _
from backlight.recipes.wording.shown import printable

LIMITS = Limits()
SHARED = ("numpy", "torch")
"""Large libraries that are not imported anew for each run."""

Values = Mapping[int, Mapping[int, list[float]]]
"""For a site and the number of its evaluation, from 0, the numbers that stand there; NaN leaves one as it is."""


def observe(
    program: Program, *, trust: bool = False, limits: Limits = LIMITS, instead: Values = MappingProxyType({})
) -> Observation:
    r"""Run a program in a cage and record every number that it computes.

    Parameters
    ----------
    program : Program
        As `read_program` gives it.
    trust : bool
        Run it without the cage, in a child with limits: for a program that is your own.
    limits : Limits
        What it may use.
    instead : mapping
        Other numbers for what some expressions give: the same program from other initial values.

    Returns
    -------
    Observation
        Everything that was seen, however the run ended.

    Raises
    ------
    ProgramError [C-CAGE-1]
        When this system cannot isolate a program, and ``trust`` is not given. Nothing was run then.

    Examples
    --------
    >>> seen = observe(Program("my.py", "w = 0.5\nfor i in range(3):\n    w -= 0.125\nprint(w)\n"))
    >>> seen.ended.kind, seen.output
    ('finished', '0.125\n')
    >>> [float(seen.values[value]) for site, value in zip(seen.site, seen.value) if seen.sites[site].kind == "store"
    ...  and seen.sites[site].name == "w"]
    [0.5, 0.375, 0.25, 0.125]
    """
    told = instrument(program, instead=instead)
    path = Path(program.path).absolute()
    said = ask(
        _job(program, told, path, limits) | {"instead": _plain(instead)}, path.parent, trust=trust, limits=limits
    )
    first, rest = said.data[:1], said.data[1:]
    if first == b"R":
        raise _no_cage(program, rest.decode(errors="replace"))
    try:
        if said.killed or not rest:
            return _nothing(program, told, killed(said.killed))
        answer = read_answer(rest, told)
    except Garbled:
        return _nothing(program, told, killed("garbled"))
    site, place, value, thing = answer.columns
    return Observation(
        program=program,
        sites=told.sites,
        places=answer.places,
        scopes=told.scopes,
        site=site,
        place=place,
        value=value,
        object=thing,
        values=answer.values,
        ended=answer.ended,
        facts=answer.facts,
        output=answer.output,
        gaps=answer.gaps,
    )


def expect(program: Program) -> None:
    """Have the libraries of a program imported where it will run, while something else is done here."""
    prepare(_libraries(program), library_folders())


def _libraries(program: Program) -> list[str]:
    return [name for name in SHARED if name in program.text]


def _job(program: Program, told: Instrumented, path: Path, limits: Limits) -> dict[str, object]:
    """What the child needs to know."""
    return {
        "code": told.code,
        "path": program.path,
        "folder": str(path.parent),
        "paths": library_folders(),
        "modules": _libraries(program),
        "source": program.text,
        "place_of": list(told.place_of),
        "stores": [number for number, site in enumerate(told.sites) if site.kind in WRITES],
        "events": limits.events,
        "size": limits.size,
        "printed": limits.printed,
        "seconds": limits.seconds,
    }


def _plain(instead: Values) -> dict[int, dict[int, list[float]]]:
    """As it can be handed to the child."""
    return {site: dict(turns) for site, turns in instead.items()}


def _nothing(program: Program, told: Instrumented, ended: End) -> Observation:
    """An observation without events."""
    import numpy as np  # noqa: PLC0415  answers imports it too

    none = np.zeros(0, np.int32)
    return Observation(
        program=program,
        sites=told.sites,
        places=told.places,
        scopes=told.scopes,
        site=none,
        place=none,
        value=none,
        object=none,
        values=(),
        ended=ended,
        facts=(),
        output="",
    )


def _no_cage(program: Program, reason: str) -> ProgramError:
    return ProgramError(
        Fault(
            code="C-CAGE-1",
            sentence=_("a stranger's program cannot be isolated on this system"),
            where=printable(program.path),
            because=printable(reason),
            try_this=f"backlight check {shlex.quote(program.path)} --trust",
        )
    )
