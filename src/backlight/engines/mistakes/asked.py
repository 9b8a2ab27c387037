"""Reading `SLUG:layer=1,factor=2` for a network: which mistake, where in it, and with what.

Everything that is wrong with what was asked is told at once. Nothing is computed here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from backlight.engines.mistakes.catalogue import MISTAKES
from backlight.faults import EngineError, Fault
from backlight.language import _

if TYPE_CHECKING:
    from backlight.engines.mistakes.mistake import Mistake
    from backlight.engines.mistakes.parameters import Parameter
    from backlight.recipes.recipe import Recipe

BETWEEN = re.compile(r",(?![^\[]*\])")
"""A comma that is not inside W1[0,1]."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A mistake with everything it needs to know about a network.

    ``layers`` are those it is made in; ``unit``, ``parameter`` and ``but`` narrow it down, None means all or
    none; ``own`` are the values of the mistake's own parameters.
    """

    mistake: Mistake
    layers: tuple[int, ...]
    unit: int | None
    parameter: str | None
    but: str | None
    own: dict[str, Any]


def asked(text: str, recipe: Recipe) -> Asked:
    """Read what was asked for, and check that it makes sense in this network.

    Raises
    ------
    EngineError [E-MISTAKE-1, E-MISTAKE-2, E-MISTAKE-4]
        No mistake has that name; a parameter is unknown or out of range; the mistake cannot be made here.

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
    values = _values(mistake, written, recipe, faults)
    if faults:
        raise EngineError(faults)
    layers = _sensible(mistake, values.get("layer"), recipe)
    narrowed = {name: values.get(name) for name in ("unit", "parameter", "except")}
    if mistake.parameter and "layer" not in values and not any(v is not None for v in narrowed.values()):
        narrowed["parameter"] = mistake.parameter
    return Asked(
        mistake=mistake,
        layers=layers,
        unit=narrowed["unit"],
        parameter=narrowed["parameter"],
        but=narrowed["except"],
        own={name: values[name] for name in mistake.own},
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
        try_this=try_this or f"backlight run course --mistake {mistake.slug}",
    )


def _found(slug: str) -> Mistake:
    """Look a slug up."""
    if slug in MISTAKES:
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


def _values(mistake: Mistake, written: dict[str, str], recipe: Recipe, faults: list[Fault]) -> dict[str, Any]:
    """Read what was written, over the defaults of the mistake's own parameters."""
    layers: Sequence[int] = mistake.usual(recipe)
    values: dict[str, Any] = {name: parameter.read(parameter.default) for name, parameter in mistake.own.items()}
    for name, parameter in mistake.parameters.items():  # layer comes first: what else is offered depends on it
        if name not in written:
            continue
        text = written[name].replace(" ", "")
        among = mistake.possible(recipe) if name == "layer" else layers
        words = parameter.offers(recipe, among) if parameter.offers else None
        if not parameter.admits(text, words):
            faults.append(_out_of_range(mistake, name, parameter, text, words))
            continue
        values[name] = parameter.read(text)
        if name == "layer":
            layers = (values[name],)
    return values


def _sensible(mistake: Mistake, layer: int | None, recipe: Recipe) -> tuple[int, ...]:
    """The layers it is made in: the one asked for, or the usual ones, as far as it makes sense there."""
    need = mistake.need
    wanted = mistake.usual(recipe) if layer is None else (layer,)
    sensible = [l for l in mistake.possible(recipe) if need is None or need.met(recipe, l)]
    if need is not None and not set(wanted) & set(sensible):
        elsewhere = f"--mistake {mistake.slug}:layer={sensible[-1]}" if sensible else ""
        raise EngineError(cannot(mistake, recipe, _(need.because), try_this=elsewhere))
    return tuple(l for l in wanted if l in sensible)


def _known(mistake: Mistake) -> str:
    """Tell what may be written behind a slug."""
    if not mistake.parameters:
        return _("it takes no parameters")
    each = ", ".join(f"{name} ({_(parameter.default)})" for name, parameter in mistake.parameters.items())
    return _("it takes, with these defaults: {parameters}").format(parameters=each)


def _out_of_range(mistake: Mistake, name: str, parameter: Parameter, text: str, words: Sequence[str] | None) -> Fault:
    """Say what a parameter may be."""
    if words is None:
        because = _("{name} may be any finite number but 1: {meaning}").format(name=name, meaning=_(parameter.meaning))
        good = parameter.default
    else:
        because = _("{name} may be {words} here: {meaning}").format(
            name=name, words=_listed(words), meaning=_(parameter.meaning)
        )
        good = (get_close_matches(text, words, n=1) or words)[0]
    return _bad(mistake, f"{name}={text}", because, good=f"{name}={good}")


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
