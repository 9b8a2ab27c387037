"""The programs that the checker is measured with are what their answers say."""

import ast
import warnings
from itertools import islice

import numpy as np
import pytest

from benchmarks.check.answers import EQUALS
from benchmarks.check.programs import programs, programs_of
from benchmarks.check.style import styles
from benchmarks.check.truth import ROUNDS, code, far_from_truth

STYLES = styles()
NAMES = [style.name for style in STYLES]
EVERY = 8
"""Of the programs of a style, one in so many is run; a first one, right in everything, always."""


def sample(style):
    both = zip(programs_of(style, ROUNDS), programs_of(style, 0), strict=True)
    return islice(both, 0, None, EVERY)


@pytest.mark.parametrize("style", STYLES, ids=NAMES)
def test_right_programs_agree_with_their_recipe_and_wrong_ones_do_not(style):
    if "torch" in style.name:
        pytest.importorskip("torch")
    for program, untouched in sample(style):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # mistakes may overflow
            apart = far_from_truth(program, untouched)
        assert (apart > 1) == bool(program.mistake), f"{program.name} is {apart:.1e} tolerances from its recipe"


@pytest.mark.parametrize("style", STYLES, ids=NAMES)
def test_every_program_is_python_and_says_where_its_mistake_stands(style):
    for program in programs_of(style):
        lines = code(program).split("\n")
        ast.parse(code(program))
        assert "{{" not in program.text, program.name
        assert all(1 <= line <= len(lines) for line in program.lines), program.name
        assert bool(program.lines) == bool(program.mistake), program.name


def test_of_every_wrong_program_it_is_known_which_mistakes_give_its_numbers():
    assert set(EQUALS) == {program.name for program in programs() if program.mistake}


def test_at_least_a_third_of_the_programs_is_held_out():
    held_out = [program.held_out for style in STYLES for program in programs_of(style)]
    assert 0.32 < sum(held_out) / len(held_out) < 0.6
