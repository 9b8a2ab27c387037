"""What the formulas give is what the engines compute: every function, loss, option, depth and batch of the list."""

from dataclasses import replace

import numpy as np
import pytest

import backlight as bl
from backlight.derivations import Matrices, Scalars, records
from backlight.engines.exact import radii
from backlight.recipes.functions import ACTIVATIONS, LOSSES
from backlight.recipes.labels import label
from backlight.recipes.start import start
from backlight.traces.layout import is_per_sample
from tests.conformance.closeness import computed, in_radii
from tests.conformance.recipes import RECIPES, recipe
from tests.derivations.values import computed_arrays, computed_scalars

RADII = 4
"""As for an engine: a rounding may stand at another place of a formula."""
BITS = 53


def once(recipe):
    """The recipe, for one update."""
    return recipe.with_({"training.iterations": 1})


def distances(answers, truth, radius):
    """How far every quantity is from the truth, in radii."""
    return {
        name: float(
            np.max(in_radii(np.reshape(value, np.shape(truth[name])), truth[name], radius[name], BITS), initial=0)
        )
        for name, value in answers.items()
    }


def row(trace, k, samples):
    """A row of a trace by names of arrays, without the padding of a short batch."""
    return {name: trace[name][k][:samples] if is_per_sample(name) else trace[name][k] for name in computed(trace)}


def truth_and_radii(recipe):
    """Iteration 0 on the exact engine, and the parameters after it as W1', b1' where they have a formula."""
    trace, unit = bl.run(once(recipe), engine="exact"), radii(once(recipe), start(recipe), iterations=1)
    samples = int(np.sum(trace["batch"][0] >= 0)) if "batch" in trace else len(trace["x"])
    rows = []
    for source in (trace, bl.Trace(recipe=trace.recipe, engine="exact", recorded=trace.recorded, quantities=unit)):
        now, then = row(source, 0, samples), row(source, 1, samples)
        rows.append(now | {f"{name}'": then[name] for name in then if f"{name}'" in Matrices(recipe, samples)})
    return rows


@pytest.mark.parametrize("name", RECIPES)
def test_formulas_of_scalars_give_what_the_exact_engine_proves(name):
    truth, radius = truth_and_radii(RECIPES[name])
    values = computed_scalars(RECIPES[name])
    named = scalars_by_label(RECIPES[name], truth), scalars_by_label(RECIPES[name], radius)
    wanted = {name: values[name] for name in Scalars(RECIPES[name], samples_of(truth))}
    assert not {one: far for one, far in distances(wanted, *named).items() if far > RADII}


@pytest.mark.parametrize("name", RECIPES)
def test_formulas_of_matrices_give_what_the_exact_engine_proves(name):
    truth, radius = truth_and_radii(RECIPES[name])
    values = computed_arrays(RECIPES[name])
    wanted = {name: values[name] for name in Matrices(RECIPES[name], samples_of(truth))}
    assert not {one: far for one, far in distances(wanted, truth, radius).items() if far > RADII}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_formulas_of_scalars_give_what_the_hand_engine_computes(activation, loss):
    one = RECIPES[f"{activation}, {loss}"]
    trace, (_, radius) = bl.run(once(one), engine="hand"), truth_and_radii(one)
    values = computed_scalars(one)
    hand = scalars_by_label(one, row(trace, 0, len(trace["x"])))
    forward_and_backward = {name: values[name] for name in hand if name in Scalars(one, len(trace["x"]))}
    far = distances(forward_and_backward, hand, scalars_by_label(one, radius))
    assert len(far) > 100
    assert max(far.values()) < 2 * RADII


@pytest.mark.parametrize("name", RECIPES)
def test_every_quantity_of_a_trace_has_a_formula_or_is_given(name):
    one = RECIPES[name]
    truth, _ = truth_and_radii(one)
    of_arrays, of_scalars = Matrices(one, samples_of(truth)), Scalars(one, samples_of(truth))
    parameters = {quantity for quantity in truth if quantity[0] in "Wb" and quantity[-1] != "'"}
    assert set(of_arrays) == set(truth) - parameters
    assert set(of_scalars) == set(scalars_by_label(one, {quantity: truth[quantity] for quantity in of_arrays}))
    assert len(of_scalars) == len(list(of_scalars))


def samples_of(truth):
    return len(truth["z1"])


def scalars_by_label(recipe, arrays):
    """Every entry of a row by its label; w1' stands in W1'."""
    return {
        label(recipe, name.removesuffix("'"), place) + "'" * name.endswith("'"): array[place]
        for name, array in arrays.items()
        for place in np.ndindex(np.shape(array))
    }


# ---- the tester, tested --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("sigmoid", "da/dz = a (1 + a)"), ("tanh", "da/dz = 1 - a"), ("softmax", "da_i/dz_j = a_i (1 - a_j)")],
)
def test_a_wrong_derivative_in_a_record_is_seen(monkeypatch, name, wrong):
    one = recipe(activations=name)
    truth, radius = truth_and_radii(one)
    monkeypatch.setitem(ACTIVATIONS, name, replace(ACTIVATIONS[name], derivative=wrong))
    records.slope.cache_clear()
    far = distances(
        {name: value for name, value in computed_scalars(one).items() if name.startswith("dL_d")},
        scalars_by_label(one, truth),
        scalars_by_label(one, radius),
    )
    records.slope.cache_clear()
    assert far["dL_dz_o1"] > 1e6
    assert far["dL_do1"] < RADII
