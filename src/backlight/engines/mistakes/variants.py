"""Every sensible way a mistake can be made in a network, as texts for `asked`, the most common first.

It is what a diagnosis goes through. Two texts that ask for the same are listed once. Nothing is computed here:
whether two that ask for different things give equal numbers, with these parameters and data, is for the reader
to find out.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from backlight.engines.mistakes.asked import Asked, asked
from backlight.engines.mistakes.catalogue import MISTAKES
from backlight.engines.mistakes.mistake import STEPS_OF_A_LAYER, STEPS_OF_ALL_PARAMETERS
from backlight.engines.mistakes.needs import batch_size
from backlight.engines.mistakes.parameters import some, tried_names, units_of
from backlight.engines.mistakes.planted import chosen
from backlight.faults import EngineError
from backlight.traces.layout import layout

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from backlight.engines.mistakes.mistake import Mistake
    from backlight.recipes.recipe import Recipe
    from backlight.traces.layout import Layout

AT_MOST = 100
Written = dict[str, str]


def variants(slug: str, recipe: Recipe) -> Iterator[str]:
    """List the ways a mistake can be made in a network; none when it cannot be made there, or is check-only.

    First comes the slug alone, then its own parameters, then single layers, then single parameters where the
    mistake is kept or updated for each, then single units; at most 100 texts. A mistake of one line that
    computes the gradient of one parameter is not listed: compare the gradients one by one, and narrow with
    ``parameter=w1+w3`` or ``except=w1``.

    Examples
    --------
    >>> import backlight as bl
    >>> course = bl.recipe("course")
    >>> list(variants("missing-path", course))[:2]
    ['missing-path', 'missing-path:path=1']
    >>> list(variants("missing-bias-gradient", course))
    []
    """
    entry = MISTAKES[slug]
    if entry.check_only or not entry.sensible(recipe):
        return
    yield from islice(_different(entry, recipe), AT_MOST)


def _different(entry: Mistake, recipe: Recipe) -> Iterator[str]:
    """All texts the catalogue takes; of those that ask for the same, the first."""
    known: set[Hashable] = {None}
    arrangement = layout(recipe, batch_size(recipe))
    for written in _ways(entry, recipe):
        text = _text(entry.slug, written)
        if (meant := _meant(text, recipe, arrangement)) not in known:
            known.add(meant)
            yield text


def _text(slug: str, written: Mapping[str, str]) -> str:
    """Write a way down as it is asked for."""
    behind = ",".join(f"{name}={value}" for name, value in written.items())
    return f"{slug}:{behind}" if behind else slug


def _meant(text: str, recipe: Recipe, arrangement: Layout) -> Hashable:
    """What a text asks for, the same however it is written; None when the catalogue does not take it."""
    try:
        wish = asked(text, recipe)
        layers, own = _where(wish), tuple((name, wish.own[name]) for name in wish.own if name != "layer")
        if wish.mistake.step in STEPS_OF_ALL_PARAMETERS and wish.mistake.narrowed_by:
            return chosen(wish, layers, wish.unit, arrangement).tobytes(), own
        narrowed = wish.parameter or wish.but
        alone = chosen(wish, range(1, len(recipe.layers)), None, arrangement).tobytes() if narrowed else b""
    except EngineError:
        return None
    return (layers, wish.unit, alone, own) if layers else None


def _where(wish: Asked) -> tuple[int, ...]:
    """The layers in which what is asked for means something: a network offers some words for some of them alone."""
    at, own = wish.own.get("layer"), {name: value for name, value in wish.own.items() if name != "layer"}
    known = own if wish.unit is None else {**own, "unit": wish.unit}

    def offered(l: int) -> bool:
        return all(
            value in about.offers(wish.recipe, [l], known).values()
            for name, value in own.items()
            if (about := wish.mistake.own[name]).offers and isinstance(value, str)
        )

    return tuple(l for l in ((at,) if at else wish.layers) if offered(l))


def _ways(entry: Mistake, recipe: Recipe) -> Iterator[Written]:
    """All ways: everywhere, then place after place, each with every value of the mistake's own parameters."""
    for where in _places(entry, recipe):
        layers = (int(where["layer"]),) if "layer" in where else _usual(entry, recipe)
        known = {"unit": int(where["unit"])} if "unit" in where else {}
        for own in islice(_own(entry, recipe, layers, list(entry.own), known), AT_MOST):
            yield {**where, **own}


def _usual(entry: Mistake, recipe: Recipe) -> tuple[int, ...]:
    """The layers a mistake is made in when none is named; it may make no sense without naming one."""
    sensible = entry.sensible(recipe)
    return tuple(l for l in entry.usual(recipe) if l in sensible)


def _places(entry: Mistake, recipe: Recipe) -> Iterator[Written]:
    """Everywhere; in single layers; for single parameters; for single units."""
    usual, sensible = _usual(entry, recipe), entry.sensible(recipe)
    if usual:
        yield {}
    takes = entry.parameters if "layer" not in entry.own else {}
    layers = [l for l in sensible if "layer" in takes and (l,) != usual]
    yield from ({"layer": str(l)} for l in layers)
    if (entry.step == "update" or entry.remembers) and entry.step not in STEPS_OF_A_LAYER and "parameter" in takes:
        for way in ("except", "parameter"):
            yield from ({way: name} for name in tried_names(recipe)[: AT_MOST // 3])
    for l in sensible if "unit" in takes and entry.step in STEPS_OF_A_LAYER else []:
        at = {} if (l,) == usual else {"layer": str(l)}
        yield from ({**at, "unit": unit} for unit in some(units_of(recipe, [l], {})) if recipe.layers[l] > 1)


def _own(
    entry: Mistake, recipe: Recipe, layers: tuple[int, ...], names: list[str], read: Mapping[str, Any]
) -> Iterator[Written]:
    """The mistake's own parameters: each at its default first, then every value that is tried."""
    if not names:
        yield {}
        return
    name, parameter = names[0], entry.own[names[0]]
    words = parameter.words(recipe, layers, read)
    default = parameter.by_default(words)
    yield from _own(entry, recipe, layers, names[1:], {**read, name: default})
    for text in parameter.tries(recipe, layers, read) if parameter.tries else words:
        value = parameter.value(text, words)
        if value != default:
            for others in _own(entry, recipe, layers, names[1:], {**read, name: value}):
                yield {name: text, **others}
