"""How far hand and autograd are from the truth, and from each other, on random recipes.

Every number of every iteration is compared: 1-4 layers, every activation, loss, optimizer and initializer,
batches, biases, up to 4 updates, float64. The truth is the exact engine's; how much rounding a number can
suffer is its ball radius at 53 bits, or one rounding of itself where that is more. Writes
benchmarks/results/agreement.md.
Run: python benchmarks/agreement.py [number of recipes, 2000 by default]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from platform import python_version
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the recipes by chance are those of the tests

import backlight as bl  # noqa: E402
from backlight.engines.exact import radii  # noqa: E402
from backlight.recipes.start import start  # noqa: E402
from tests.conformance.closeness import apart, computed, near_a_kink  # noqa: E402
from tests.conformance.random_recipes import random_recipe  # noqa: E402

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RESULTS = ROOT / "benchmarks" / "results" / "agreement.md"
SEED = 0
EPSILON = 2.0**-53
TARGET = 1e-12
"""Relative distance of hand and autograd away from cancellation and kinks."""
GROUPS = (
    (1e3, "no cancellation: radius below 1000 roundings"),
    (1e6, "some: below 10^6"),
    (1e9, "much: below 10^9"),
    (np.inf, "nearly all digits: more"),
)
"""Numbers by how many roundings of their own size their 53-bit radius is."""
WORST = 5


@dataclass(frozen=True)
class Entries:
    """All numbers of one recipe side by side, as flat arrays."""

    where: list[str]
    truth: Array
    radius: Array
    hand: Array
    autograd: Array


def main() -> None:
    """Run all recipes and write the tables."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    generator = np.random.default_rng(SEED)
    began, compared, at_kinks, unproven = perf_counter(), [], 0, 0
    for index in range(number):
        recipe = random_recipe(generator)
        truth, hand, autograd = (bl.run(recipe, engine=engine) for engine in ("exact", "hand", "autograd"))
        unproven += not truth.complete
        if near_a_kink(truth):
            at_kinks += 1
        else:
            compared.append(entries(f"recipe {index}", recipe, truth, hand, autograd))
        if (index + 1) % max(1, number // 20) == 0:
            print(f"{index + 1} of {number} recipes, {perf_counter() - began:.0f} s", file=sys.stderr)
    lines = [*heading(number, at_kinks, unproven, compared), "", *table(compared), "", *worst(compared)]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def entries(label: str, recipe: bl.Recipe, truth: bl.Trace, hand: bl.Trace, autograd: bl.Trace) -> Entries:
    """Lay the proven rows of three runs side by side, without the padding of short batches."""
    rows = len(truth.recorded)
    radius = radii(recipe, start(recipe), iterations=recipe.training.iterations)
    columns: list[list[Array]] = [[], [], [], []]
    where: list[str] = []
    for name in computed(truth):
        used = ~np.isnan(truth[name])
        radius[name] = np.maximum(radius[name][:rows], EPSILON * np.abs(truth[name]))
        for column, values in zip(columns, (truth[name], radius[name], hand[name], autograd[name]), strict=True):
            column.append(values[:rows][used])
        where += [f"{label}, {name}{place}" for place in np.argwhere(used).tolist()]
    return Entries(where, *(np.concatenate(column) for column in columns))


def heading(number: int, at_kinks: int, unproven: int, compared: list[Entries]) -> list[str]:
    """What was run, and how to read it."""
    numbers = sum(len(one.truth) for one in compared)
    return f"""# Agreement of the engines

{number} random recipes (seed {SEED}), {numbers} numbers; Python {python_version()}, numpy {np.__version__},
torch {torch.__version__}, float64. Made by `python benchmarks/agreement.py {number}`.

{at_kinks} recipes came within 1e-9 of a kink, where rounding decides the slope; they are left out. Of {unproven} the
exact engine could not prove every row; the proven rows are compared.

A radius is that of the exact engine's own pass with 53 bits, which counts every rounding at its worst, and at least
one rounding of the number. Relative errors are told where the true number is not 0.

Where the radius is larger than the number, float64 knows none of its digits. So it is with a derivative that is truly
0 but is the sum of terms that are not (an absolute error behind a softmax, when every output lies on one side of its
target): each engine then has its own rounding noise, about 1e-17, and adagrad, rmsprop and adam divide it by its own
size, so that parameters follow the noise.""".splitlines()


def table(compared: list[Entries]) -> list[str]:
    """Worst distances, by how much a number cancels."""
    truth, radius, hand, autograd = (
        np.concatenate([getattr(one, name) for one in compared]) for name in ("truth", "radius", "hand", "autograd")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        roundings = np.where(truth == 0, np.inf, radius / np.abs(truth) / EPSILON)
    lines = [
        (
            "| cancellation | numbers | hand - exact, radii | autograd - exact, radii | hand - exact, relative "
            "| autograd - exact, relative | hand - autograd, relative |"
        ),
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    least = 0.0
    for most, name in GROUPS:
        here = (roundings >= least) & (roundings < most) if most < np.inf else roundings >= least
        both = (hand[here], autograd[here], truth[here], radius[here])
        lines.append(f"| {name} | {np.sum(here)} | {' | '.join(f'{distance:.2g}' for distance in distances(*both))} |")
        least = most
    reached = distances(*(values[roundings < GROUPS[0][0]] for values in (hand, autograd, truth, radius)))[-1]
    beyond = {
        "hand": further_than_a_radius(hand, truth, radius),
        "autograd": further_than_a_radius(autograd, truth, radius),
    }
    verdict = "reached" if reached <= TARGET else "NOT REACHED"
    lines += [
        "",
        f"Further than one radius from the truth: {beyond['hand']} of hand, {beyond['autograd']} of autograd.",
    ]
    lines += ["", f"Target: hand within {TARGET:g} relative of autograd where nothing cancels: {verdict}."]
    return lines


def further_than_a_radius(answer: Array, truth: Array, radius: Array) -> int:
    """How many numbers."""
    return int(np.sum(apart(answer, truth) > radius))


def distances(hand: Array, autograd: Array, truth: Array, radius: Array) -> list[float]:
    """The worst of each kind of distance."""
    return [
        largest(apart(hand, truth), radius),
        largest(apart(autograd, truth), radius),
        largest(apart(hand, truth), np.abs(truth)),
        largest(apart(autograd, truth), np.abs(truth)),
        largest(apart(hand, autograd), np.where(truth == 0, 0, np.maximum(np.abs(hand), np.abs(autograd)))),
    ]


def largest(distance: Array, unit: Array) -> float:
    """The largest distance in its unit, where that is not 0."""
    counted = unit > 0
    return float(np.max(distance[counted] / unit[counted], initial=0.0))


def worst(compared: list[Entries]) -> list[str]:
    """The numbers furthest from the truth, in radii and relative, with what each engine says."""
    lines = []
    for title, unit in (("in radii", lambda one: one.radius), ("relative", lambda one: np.abs(one.truth))):
        ranked = []
        for one in compared:
            counted = np.flatnonzero(unit(one) > 0)
            far = np.maximum(apart(one.hand, one.truth), apart(one.autograd, one.truth))
            error = far[counted] / unit(one)[counted]
            ranked += [(error[k], one, counted[k]) for k in np.argsort(-error)[:1]]
        ranked.sort(key=lambda item: -item[0])
        lines += [
            f"Furthest from the truth {title}, the worst number of a recipe each:",
            "",
            "| number | distance | exact | radius | hand | autograd |",
            "|---|---:|---:|---:|---:|---:|",
            *(
                f"| {one.where[k]} | {error:.2g} | {one.truth[k]:.17g} | {one.radius[k]:.1e} "
                f"| {one.hand[k]:.17g} | {one.autograd[k]:.17g} |"
                for error, one, k in ranked[:WORST]
            ),
            "",
        ]
    return lines[:-1]


if __name__ == "__main__":
    main()
