"""The unit of error: radii are as large as the rounding of right engines, and small beside a mistake."""

import numpy as np
import pytest

import backlight as bl
from backlight.engines.exact import radii
from backlight.recipes.start import start
from backlight.traces.quantities import RADIUS
from tests.conformance.engines_here import engine_parameter

TOLERANCE = 4
"""Radii within which a right engine stays; see tests/conformance."""
POWER = 8
"""Radii by which a mistake has to show, so that it is not taken for rounding."""
COURSE = bl.recipe("course")
BITS = {"float64": 53, "float32": 24}


def of(recipe, **options):
    return radii(recipe, start(recipe), bits=BITS[recipe.numerics.precision], **options)


def errors(recipe, engine):
    """How far an engine is from the truth in the first row, in radii, and relatively."""
    trace, truth, radius = bl.run(recipe, engine=engine), bl.run(recipe, engine="exact"), of(recipe)
    assert truth.complete
    gradients = [name for name in radius if name.startswith("dL_dW")]
    apart = np.concatenate([np.abs(trace[name][0].astype(float) - truth[name][0]).ravel() for name in gradients])
    size = np.concatenate([np.abs(truth[name][0]).ravel() for name in gradients])
    in_radii = apart / np.concatenate([radius[name][0].ravel() for name in gradients])
    return np.max(in_radii), np.max(apart[size > 0] / size[size > 0], initial=0.0)


def test_radii_have_the_names_and_shapes_of_a_trace():
    trace = bl.run(COURSE)
    radius = of(COURSE, iterations=11)
    assert {name: values.shape for name, values in radius.items()} == {
        name: trace[name].shape for name in trace if name not in {"x", "y"}
    }


def test_the_start_counts_as_exact_and_nothing_else_does():
    radius = of(COURSE)
    assert np.all(radius["W1"] == np.finfo(np.float64).tiny)
    trace = bl.run(COURSE)
    for name in ("z1", "a1", "a2", "loss", "dL_da2", "dL_dz1", "dL_dW1"):
        ulp = np.spacing(np.abs(trace[name][0]))
        assert np.all(radius[name][0] >= ulp / 4)
        assert np.all(radius[name][0] <= 64 * ulp)


def test_what_is_exact_by_luck_has_half_an_ulp_nevertheless():
    zeros = bl.recipe("course-zero")
    radius = of(zeros)
    np.testing.assert_allclose(radius["a2"], 0.5 * 2.0**-53, rtol=2.0**-29)  # a radius is rounded up to 30 bits
    assert np.all(radius["z1"] == np.finfo(np.float64).tiny)


def test_24_bits_are_coarser_than_53_by_29_bits():
    ratio = radii(COURSE, start(COURSE), bits=24)["dL_dW1"] / of(COURSE)["dL_dW1"]
    assert np.all((ratio > 2.0**28) & (ratio < 2.0**31))


def test_radii_grow_over_the_iterations():
    radius = of(COURSE, iterations=11)["W2"]
    assert np.all(np.diff(radius.max(axis=(1, 2))) > 0)


def test_the_parameters_of_another_start_are_taken():
    other = COURSE.with_({"parameters.weights": [[[2.0, -4.0], [5.0, 6.0]], [[1.0, -5.0], [-3.0, 8.0]]]})
    assert np.array_equal(radii(COURSE, start(other))["dL_dW1"], of(other)["dL_dW1"])


def test_short_batches_have_nothing_behind_their_last_sample():
    recipe = bl.recipe("xor").with_({"training.batch_size": 3, "training.iterations": 2})
    radius, trace = of(recipe, iterations=2), bl.run(recipe)
    assert np.array_equal(np.isnan(radius["z1"]), np.isnan(trace["z1"]))


def test_where_the_bits_prove_nothing_radii_are_infinite():
    recipe = COURSE.with_({"network.activations": "relu", "loss.name": "cross_entropy"})
    assert np.isinf(of(recipe)["dL_dz2"][0, 0, 1])


def test_after_an_update_that_divides_by_0_radii_are_infinite():
    recipe = COURSE.with_({"network.activations": "relu", "training.optimizer": "adam", "training.eps": 0.0})
    radius = of(recipe, iterations=2)
    assert np.isfinite(radius["loss"]).tolist() == [True, False, False]


@pytest.mark.parametrize("engine", [engine_parameter("hand"), engine_parameter("autograd")])
@pytest.mark.parametrize("precision", BITS)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "gelu", "silu", "softplus"])
def test_a_saturated_network_is_judged_by_its_own_rounding(activation, precision, engine):
    generator = np.random.default_rng(40)
    worst = 0.0
    for _ in range(10):
        weights = [generator.uniform(-40, 40, (2, 2)).tolist() for _ in range(2)]
        recipe = COURSE.with_(
            {
                "parameters.weights": weights,
                "network.activations": activation,
                "numerics.precision": precision,
                "training.iterations": 0,
            }
        )
        in_radii, relative = errors(recipe, engine)
        assert in_radii <= TOLERANCE
        worst = max(worst, relative)
    assert activation not in {"sigmoid", "tanh"} or worst > 1e-3  # digits are lost, and a radius knows it


@pytest.mark.parametrize("precision", BITS)
def test_a_relative_error_of_a_millionth_shows_in_float64_and_a_mistake_in_both(precision):
    recipe = COURSE.with_({"numerics.precision": precision})
    truth, radius = bl.run(recipe, engine="exact"), of(recipe)
    millionth = np.abs(truth["dL_dW1"][0]) * 1e-6
    assert np.all(millionth / radius["dL_dW1"][0] > POWER) == (precision == "float64")
    mistaken = bl.run(recipe, mistake="sum-of-weight-gradients")
    assert np.max(np.abs(mistaken["dL_dW1"][0] - truth["dL_dW1"][0]) / radius["dL_dW1"][0]) > POWER


def test_a_radius_of_the_exact_trace_is_another_thing_and_much_smaller():
    assert np.all(bl.run(COURSE, engine="exact")[RADIUS + "dL_dW1"][0] < of(COURSE)["dL_dW1"][0])
