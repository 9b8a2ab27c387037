"""Every engine answers every recipe of the list, and all of them say the same.

Engines of machine numbers are compared in pairs, and every one of them with the exact engine, whose ball
radii say how much rounding a number can suffer. An engine that is added to ENGINES is tested at once.
"""

from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

import backlight as bl
from backlight.engines import ENGINES
from backlight.engines.exact import radii
from backlight.recipes.functions import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS
from backlight.recipes.start import start
from tests.conformance.closeness import assert_close, computed, in_radii
from tests.conformance.engines_here import engine_parameter
from tests.conformance.random_recipes import recipes
from tests.conformance.recipes import RECIPES

FLOATING = [name for name in ENGINES if name != "exact"]
PAIRS = [engine_parameter(*pair) for pair in combinations(FLOATING, 2)]
BITS = {"float64": 53, "float32": 24}

ROUNDINGS = 1024
"""How far two engines may be apart, in roundings of the largest number of their kind. One pass makes a few dozen;
rmsprop with its defaults begins with steps of size 1 and was seen to make 255 of them in 5 updates."""
RADII = 4
"""How far an engine may be from the truth, in radii of the exact engine's own pass with as many bits: a rounding may
stand at another place of a formula. Over 2000 recipes by chance nearly all stayed below 1, and the worst was 2.5: a
binary cross-entropy at a = 0, where the exact engine's formula has fewer roundings."""


def assert_as_near_as_the_precision_allows(answer, truth, radius):
    """Fail with every quantity that has a number further than the tolerance from the truth."""
    bits = BITS[truth.recipe.numerics.precision]
    worst = {name: np.max(in_radii(answer[name], truth[name], radius[name], bits)) for name in computed(truth)}
    assert not {name: distance for name, distance in worst.items() if distance > RADII}


@cache
def answered(name, engine):
    return bl.run(RECIPES[name], engine=engine)


@cache
def radii_of(name):
    return radii_for(RECIPES[name])


def radii_for(recipe):
    bits = BITS[recipe.numerics.precision]
    return radii(recipe, start(recipe), bits=bits, iterations=recipe.training.iterations)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_engines_say_the_same(one, other, name):
    tolerance = ROUNDINGS * 2.0 ** -BITS[RECIPES[name].numerics.precision]
    assert_close(answered(name, one), answered(name, other), tolerance)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("engine", [engine_parameter(engine) for engine in FLOATING])
def test_an_engine_is_as_near_to_the_truth_as_its_precision_allows(engine, name):
    truth = answered(name, "exact")
    assert truth.complete
    assert_as_near_as_the_precision_allows(answered(name, engine), truth, radii_of(name))


@settings(
    max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(recipe=recipes(precisions=["float64", "float32"]))
@pytest.mark.parametrize("engine", [engine_parameter(engine) for engine in FLOATING])
def test_an_engine_is_as_near_to_the_truth_of_recipes_by_chance(engine, recipe):
    truth = bl.run(recipe, engine="exact")
    assume(truth.complete)
    assert_as_near_as_the_precision_allows(bl.run(recipe, engine=engine), truth, radii_for(recipe))


def test_the_list_holds_every_function_and_every_option():
    listed = list(RECIPES.values())
    hidden = {recipe.activations[0].name for recipe in listed if len(recipe.activations) > 1}
    last = {recipe.activations[-1].name for recipe in listed}
    assert hidden == last == set(ACTIVATIONS)
    assert {recipe.loss.name for recipe in listed} == set(LOSSES)
    assert {recipe.loss.over_samples for recipe in listed} == {"mean", "sum"}
    assert {recipe.training.optimizer for recipe in listed} == set(OPTIMIZERS)
    assert {recipe.parameters.initializer for recipe in listed} == {None, *INITIALIZERS}
    assert {len(recipe.activations) for recipe in listed} >= {1, 2, 3, 4}
    for table, options in (
        (ACTIVATIONS, [(choice.name, choice.options) for recipe in listed for choice in recipe.activations]),
        (LOSSES, [(recipe.loss.name, recipe.loss.options) for recipe in listed]),
        (OPTIMIZERS, [(recipe.training.optimizer, recipe.training.options) for recipe in listed]),
    ):
        changed = {
            (name, option)
            for name, chosen in options
            for option in chosen
            if chosen[option] != default(table[name], option)
        }
        assert changed == {(name, option) for name in table for option in table[name].options}


def default(record, option):
    return record.options[option].default


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_a_mistake_is_seen_by_both_comparisons(precision):
    recipe = bl.recipe("course").with_({"numerics.precision": precision, "training.iterations": 2})
    wrong = bl.run(recipe, mistake="derivative-of-wrong-unit")
    with pytest.raises(AssertionError):
        assert_close(bl.run(recipe), wrong, ROUNDINGS * 2.0 ** -BITS[precision])
    truth, radius = bl.run(recipe, engine="exact"), radii_for(recipe)
    with pytest.raises(AssertionError):
        assert_as_near_as_the_precision_allows(wrong, truth, radius)


@pytest.mark.parametrize("quantity", ["loss", "W2", "b1", "z1", "a2", "dL_da1", "dL_dz2", "dL_dW1", "dL_db2", "p"])
def test_a_small_error_in_one_number_is_seen_by_both_comparisons(quantity):
    name = "batches, with p"
    right, truth = answered(name, "hand"), answered(name, "exact")
    values = right[quantity].copy()
    values.reshape(len(values), -1)[-1, 0] += 1e-9
    wrong = replace(right, quantities={**right.quantities, quantity: values})
    with pytest.raises(AssertionError):
        assert_close(right, wrong, ROUNDINGS * 2.0**-53)
    with pytest.raises(AssertionError):
        assert_as_near_as_the_precision_allows(wrong, truth, radii_of(name))


def test_a_number_behind_the_last_sample_and_a_lost_number_are_seen():
    name = "batches of 2"
    right, truth = answered(name, "hand"), answered(name, "exact")
    padding = np.isnan(right["z1"])
    assert np.any(padding)
    for values in (np.where(padding, 0.0, right["z1"]), np.where(padding, np.nan, np.nan)):
        wrong = replace(right, quantities={**right.quantities, "z1": values})
        with pytest.raises(AssertionError):
            assert_close(right, wrong, ROUNDINGS * 2.0**-53)
        with pytest.raises(AssertionError):
            assert_as_near_as_the_precision_allows(wrong, truth, radii_of(name))
