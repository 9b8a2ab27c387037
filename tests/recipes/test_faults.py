"""Whatever is wrong with a recipe is told: alone, of the right field, and with something that works."""

import pickle

import pytest

import backlight as bl
from backlight.faults import RecipeError
from tests.recipes.planted import DIGITS, DRAWN, PLANTED, WRITTEN, field_of, ids, pasted, written


def faults_of(source):
    try:
        bl.recipe(source)
    except RecipeError as error:
        return error.faults
    return ()


@pytest.mark.parametrize("base", [WRITTEN, DRAWN, DIGITS])
def test_the_recipes_that_faults_are_planted_in_have_none(base):
    assert faults_of(base) == ()


@pytest.mark.parametrize("planted", PLANTED, ids=ids)
def test_a_planted_fault_is_told_and_nothing_else(planted):
    found = [(fault.code, field_of(fault)) for fault in faults_of(written(planted))]
    assert found == [(planted.code, planted.field)]


TWO_STEPS = {"R-SHAPE-3 data.inputs [1, 2, 3]"}
"""Three inputs of one sample, or one input of three: the brackets come first, then the number of targets."""


@pytest.mark.parametrize("planted", PLANTED, ids=ids)
def test_what_a_fault_offers_works_when_it_is_pasted(planted):
    tree = written(planted)
    (fault,) = faults_of(tree)
    left = faults_of(pasted(tree, fault))
    assert planted.field not in map(field_of, left)
    assert left == () or ids(planted) in TWO_STEPS


@pytest.mark.parametrize("planted", PLANTED, ids=ids)
def test_a_fault_is_short_and_printable_whatever_was_written(planted):
    (fault,) = faults_of(written(planted))
    assert len(fault.got) <= 70
    assert len(fault.try_this) <= 300
    assert fault.text().replace("\n", "").isprintable()
    assert pickle.loads(pickle.dumps(RecipeError(fault))).faults == (fault,)  # noqa: S301
