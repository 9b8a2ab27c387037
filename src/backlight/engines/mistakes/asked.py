"""Reading `SLUG:layer=1,factor=2` for a network: which mistake, where in it, and with what.

Everything that is wrong with what was asked is told at once. Nothing is computed here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from backlight.engines.mistakes.catalogue import MISTAKES
from backlight.engines.mistakes.parameters import named_parameters
from backlight.faults import EngineError, Fault
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backlight.engines.mistakes.mistake import Mistake
    from backlight.engines.mistakes.parameters import Parameter
    from backlight.recipes.labels import Place
    from backlight.recipes.recipe import Recipe

BETWEEN = re.compile(r",(?![^\[]*\])")
"""A comma that is not inside W1[0,1]."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A mistake with everything it needs to know about a network.

    ``layers`` are those it is made in; ``unit``, the places of ``parameter`` and those of ``but`` narrow it
    down, None and nothing mean that they do not; ``own`` are the values of the mistake's own parameters.
    """

    mistake: Mistake
    recipe: Recipe
    layers: tuple[int, ...]
    unit: int | None
    parameter: tuple[Place, ...]
    but: tuple[Place, ...]
    own: dict[str, Any]


def asked(text: str, recipe: Recipe) -> Asked:
    """Read what was asked for, and check that it makes sense in this network.

    Raises
    ------
    EngineError [E-MISTAKE-1, E-MISTAKE-2, E-MISTAKE-4, E-MISTAKE-5]
        No mistake has that name; a parameter is unknown or out of range; the mistake cannot be made here; it
        cannot be made at all, only found.

    Examples
    --------
    >>> import backlight as bl
    >>> found = asked("missing-hidden-derivative:unit=1", bl.recipe("course"))
    >>> found.mistake.slug, found.layers, found.unit
    ('missing-hidden-derivative', (1,), 1)
    """
    slug, colon, rest = (part.strip() for part in text.partition(":"))
    mistake = _found(slug)
    if not mistake.possible(recipe):
        raise EngineError(cannot(mistake, recipe, _("it is made on the way to a hidden layer, and there is none")))
    written, faults = _written(mistake, rest if colon else None)
    layers = _layers(mistake, written, recipe)
    values = _values(mistake, written, recipe, layers, faults)
    if faults:
        raise EngineError(faults)
    allowed = tuple(l for l in layers if l in mistake.allowed(recipe))
    if not allowed:
        raise EngineError(_senseless(mistake, recipe))
    parameter, but = values.get("parameter") or (), values.get("except") or ()
    if mistake.parameter and "layer" not in values and values.get("unit") is None and not (parameter or but):
        parameter = named_parameters(recipe)[mistake.parameter]
    return Asked(
        mistake=mistake,
        recipe=recipe,
        layers=allowed,
        unit=values.get("unit"),
        parameter=parameter,
        but=but,
        own={name: values.get(name) for name in mistake.own},
    )


def cannot(mistake: Mistake, recipe: Recipe, because: str, *, try_this: str = "") -> Fault:
    """Say that a mistake makes no sense in a network."""
    return Fault(
        code="E-MISTAKE-4",
        sentence=_("{slug} cannot be made in this network").format(slug=mistake.slug),
        got=_("layers {layers}, activations {activations}").format(
            layers=list(recipe.layers), activations=", ".join(choice.name for choice in recipe.activations)
        ),
        because=because,
        try_this=try_this or mistake.command,
    )


def _found(slug: str) -> Mistake:
    """Look a slug up, and refuse what is only found."""
    if slug in MISTAKES:
        if MISTAKES[slug].check_only:
            raise EngineError(_only_found(MISTAKES[slug]))
        return MISTAKES[slug]
    nearest = get_close_matches(slug.lower().replace("_", "-"), MISTAKES, n=1, cutoff=0.3) or list(MISTAKES)[:1]
    raise EngineError(
        Fault(
            code="E-MISTAKE-1",
            sentence=_("no mistake is called {slug}").format(slug=slug or '""'),
            got=slug,
            because=_("the mistakes are {slugs}").format(slugs=", ".join(MISTAKES)),
            try_this=f"--mistake {nearest[0]}",
        )
    )


def _written(mistake: Mistake, rest: str | None) -> tuple[dict[str, str], list[Fault]]:
    """Take `layer=1,factor=2` apart; None is nothing at all, without even a colon."""
    written: dict[str, str] = {}
    faults: list[Fault] = []
    if rest is None:
        return written, faults
    for part in BETWEEN.split(rest):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value):
            faults.append(_bad(mistake, part.strip(), _("behind the colon stands name=value, name=value ...")))
        elif name not in mistake.parameters:
            faults.append(_bad(mistake, part.strip(), _known(mistake), nearest=name))
        elif name in written:
            faults.append(_bad(mistake, part.strip(), _("{name} is there twice").format(name=name)))
        else:
            written[name] = value
    return written, faults


def _only_found(mistake: Mistake) -> Fault:
    """Say that a mistake is one of programs, which no engine can make."""
    return Fault(
        code="E-MISTAKE-5",
        sentence=_("{slug} is found in programs, but no engine can make it").format(slug=mistake.slug),
        got=mistake.slug,
        because=_(mistake.check_only),
        try_this=mistake.command,
    )


def _layers(mistake: Mistake, written: Mapping[str, str], recipe: Recipe) -> tuple[int, ...]:
    """The layer that is asked for, if it exists; else the usual ones, as far as the mistake makes sense there."""
    if written.get("layer", "").isdecimal() and int(written["layer"]) in mistake.possible(recipe):
        return (int(written["layer"]),)
    usual, sensible = mistake.usual(recipe), mistake.sensible(recipe)
    return tuple(l for l in usual if l in sensible) or tuple(usual)


def _values(
    mistake: Mistake, written: Mapping[str, str], recipe: Recipe, layers: tuple[int, ...], faults: list[Fault]
) -> dict[str, Any]:
    """Read what was written, over the defaults of the mistake's own parameters."""
    values: dict[str, Any] = {}
    for name, parameter in mistake.parameters.items():  # what is offered may depend on what was read before
        if name not in written and name not in mistake.own:
            continue
        among: Sequence[int] = mistake.possible(recipe) if name == "layer" else layers
        words = parameter.words(recipe, among, values)
        text = written.get(name, "").replace(" ", "")
        if name not in written:
            values[name] = parameter.by_default(words)
        elif parameter.admits(text, words):
            values[name] = parameter.value(text, words)
        elif not (words or parameter.numbers):
            faults.append(_senseless(mistake, recipe))
        else:
            faults.append(_out_of_range(mistake, name, parameter, text, list(words)))
    return values


def _senseless(mistake: Mistake, recipe: Recipe) -> Fault:
    """Say what is missing, and in which layer it is not."""
    sensible, because = mistake.sensible(recipe), mistake.need.because if mistake.need else ""
    elsewhere = f"--mistake {mistake.slug}:layer={sensible[-1]}" if sensible and "layer" in mistake.parameters else ""
    return cannot(mistake, recipe, _(because), try_this=elsewhere)


def _known(mistake: Mistake) -> str:
    """Tell what may be written behind a slug."""
    if not mistake.parameters:
        return _("it takes no parameters")
    each = ", ".join(f"{name} ({_(parameter.default)})" for name, parameter in mistake.parameters.items())
    return _("it takes, with these defaults: {parameters}").format(parameters=each)


def _out_of_range(mistake: Mistake, name: str, parameter: Parameter, text: str, words: Sequence[str]) -> Fault:
    """Say what a parameter may be."""
    meaning, numbers = _(parameter.meaning), _(parameter.numbers.words) if parameter.numbers else ""
    if not words:
        because = _("{name} may be {numbers}: {meaning}").format(name=name, numbers=numbers, meaning=meaning)
        good = [parameter.default] if numbers else []
    else:
        offered = _listed([*words, numbers] if numbers else words)
        because = _("{name} may be {words} here: {meaning}").format(name=name, words=offered, meaning=meaning)
        good = get_close_matches(text, words, n=1) or list(words)
    return _bad(mistake, f"{name}={text}", because, good=f"{name}={good[0]}" if good else "")


def _bad(mistake: Mistake, got: str, because: str, *, good: str = "", nearest: str = "") -> Fault:
    """Say that something behind the colon is not understood."""
    if nearest and (name := get_close_matches(nearest, mistake.parameters, n=1)):
        good = f"{name[0]}={got.partition('=')[2].strip()}"
    return Fault(
        code="E-MISTAKE-2",
        sentence=_("{slug} cannot be made with {got}").format(slug=mistake.slug, got=got or '""'),
        got=got,
        because=because,
        try_this=f"--mistake {mistake.slug}" + (f":{good}" if good else ""),
    )


def _listed(words: Sequence[str]) -> str:
    """Write a list of words, only its ends where it is long."""
    return ", ".join(words if len(words) <= 12 else [*words[:8], "...", words[-1]])  # noqa: PLR2004  a line's worth
