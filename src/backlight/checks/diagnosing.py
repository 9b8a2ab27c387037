"""What is to be said of a program that was run: read, held against the truth, judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backlight.checks.diagnosis import Diagnosis
from backlight.checks.in_turn import Left
from backlight.checks.judgement import judgement, met, without_training
from backlight.checks.observing.observe import observe
from backlight.checks.reading import read
from backlight.checks.recognising.timeline import Timeline

if TYPE_CHECKING:
    from backlight.checks.observing.observation import Observation, Program
    from backlight.checks.observing.observe import Values
    from backlight.recipes import Recipe


@np.errstate(all="ignore")  # a program's numbers may be anything
def diagnosed(observation: Observation, recipe: Recipe, name: str | None, *, trust: bool = False) -> Diagnosis:
    """What is to be said of a program that has been observed."""

    def again(program: Program, instead: Values) -> Observation:
        return observe(program, trust=trust, instead=instead)

    def of_mended(program: Program) -> Diagnosis:
        return diagnosed(again(program, {}), recipe, name, trust=trust)

    left = Left(recipe, again, of_mended)
    known = read(Timeline(observation), recipe, again)
    answer = Diagnosis(
        program=observation.program,
        recipe=name,
        verdict="cannot_tell",
        kind="cannot_tell",
        facts=(*known.found.facts, *met(observation)),
    )
    if known.found.training is None:
        return without_training(answer, known, left)
    return judgement(answer, known, left)
