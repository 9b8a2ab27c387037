"""Which mistakes of the catalogue give the numbers of a program? Nobody could tell those apart in it.

The catalogue's own engine is run with every mistake in every way, and what it comes to after five rounds is compared
with what the program comes to. Writes equals.toml; to be run again when styles or the catalogue change.
Run: python -m benchmarks.check.equals
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import backlight as bl
from backlight.engines.mistakes import MISTAKES, variants

from .programs import Program, programs_of
from .style import Style, styles
from .truth import CLOSE, ROUNDS, apart, own_recipe, parameters

FILE = Path(__file__).parent / "equals.toml"
Runs = dict[str, bl.Trace]


def main() -> None:
    """Try the whole catalogue on every wrong program, and write the file."""
    lines = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # mistakes may overflow
        for style in styles():
            print(style.name, file=sys.stderr)
            lines += [f"{json.dumps(name)} = {json.dumps(slugs)}" for name, slugs in equals_of(style)]
    FILE.write_text("# Made by `python -m benchmarks.check.equals`.\n" + "\n".join(lines) + "\n", encoding="utf-8")


def equals_of(style: Style) -> Iterator[tuple[str, list[str]]]:
    """Give every wrong program of a style with the mistakes that give its numbers."""
    known: dict[str, Runs] = {}
    for program, untouched in zip(programs_of(style, ROUNDS), programs_of(style, 0), strict=True):
        if program.mistake:
            recipe = own_recipe(program, parameters(untouched))
            task = str(recipe.as_dict())
            if task not in known:
                known[task] = every_mistake(recipe)
            yield program.name, fitting(program, known[task])


def every_mistake(recipe: bl.Recipe) -> Runs:
    """Run a recipe with every mistake, in every way that makes sense in it."""
    return {asked: bl.run(recipe, mistake=asked) for slug in MISTAKES for asked in variants(slug, recipe)}


def fitting(program: Program, runs: Runs) -> list[str]:
    """The mistakes whose runs end where the program ends."""
    end = parameters(program)
    close = CLOSE[program.own_recipe["numerics"]["precision"]]
    fits = (asked for asked, trace in runs.items() if apart(end, trace) < close)
    return sorted({asked.partition(":")[0] for asked in fits})


if __name__ == "__main__":
    main()
