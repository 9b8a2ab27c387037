"""Each law fails on a run that is wrong, else it would prove nothing.

Where a mistake of the catalogue breaks the law it is planted; where none does, one number of a right run is spoilt.
"""

from dataclasses import replace

import numpy as np
import pytest

import backlight as bl
from tests.laws import laws

SMALL_ERROR = 1e-6
"""Relative size of the error planted into one number: what `laws.POWER` promises to see."""


def recipe(**training):
    return bl.recipe(
        {
            "network": {"layers": [2, 3, 2], "activations": ["tanh", "sigmoid"], "biases": True},
            "parameters": {
                "weights": [[[0.2, -0.4, 0.7], [0.5, 0.6, -0.3]], [[0.1, -0.5], [-0.3, 0.8], [0.9, 0.4]]],
                "biases": [[0.1, -0.2, 0.3], [0.05, -0.6]],
            },
            "data": {"inputs": [[0.5, 0.3], [-0.7, 1.1]], "targets": [[0.23, 0.9], [0.4, 0.1]]},
            "loss": {"name": "half_sum_squared_error"},
            "training": {"learning_rate": 0.3, "iterations": 2} | training,
        }
    )


def with_mistake(mistake):
    return lambda recipe: bl.run(recipe, mistake=mistake)


def spoilt(quantity, row=-1):
    """Runs whose one number in one row is wrong by a small relative error."""

    def run(recipe):
        trace = bl.run(recipe)
        values = trace[quantity].copy()
        values.reshape(len(values), -1)[row, 0] *= 1 + SMALL_ERROR
        return replace(trace, quantities={**trace.quantities, quantity: values})

    return run


@pytest.mark.parametrize(
    "mistake",
    ["sum-of-weight-gradients", "missing-hidden-derivative", "constant-factor:factor=2", "accumulated-gradients"],
)
def test_a_gradient_that_is_no_derivative_of_the_loss_is_seen(mistake):
    with pytest.raises(AssertionError):
        laws.gradient_is_directional_derivative(with_mistake(mistake), recipe(), seed=0)


@pytest.mark.parametrize("quantity", ["W1", "dL_dW2", "b1", "z1", "dL_da1", "loss"])
def test_an_order_among_hidden_units_is_seen(quantity):
    with pytest.raises(AssertionError):
        laws.permuting_hidden_units_permutes_the_trace(spoilt_in_the_first_run(quantity), recipe(), seed=1)


@pytest.mark.parametrize("quantity", ["loss", "dL_dW1", "dL_dz2", "dL_db2"])
def test_a_derivative_that_does_not_double_is_seen(quantity):
    with pytest.raises(AssertionError):
        laws.doubling_the_loss_doubles_every_derivative(spoilt_in_the_first_run(quantity), recipe())


@pytest.mark.parametrize("quantity", ["loss", "dL_dW1", "dL_dz2", "a1", "dL_db2"])
def test_samples_that_see_each_other_are_seen(quantity):
    with pytest.raises(AssertionError):
        laws.batch_is_the_mean_of_its_samples(spoilt_in_the_first_run(quantity), recipe())


@pytest.mark.parametrize("quantity", ["W1", "b2"])
def test_a_parameter_that_moves_without_a_learning_rate_is_seen(quantity):
    with pytest.raises(AssertionError):
        laws.learning_rate_zero_freezes(spoilt(quantity), recipe())


def test_an_update_that_is_left_out_is_seen():
    with pytest.raises(AssertionError):
        laws.next_row_is_a_step_against_the_gradient(with_mistake("missing-update"), recipe())


@pytest.mark.parametrize("quantity", ["W1", "dL_dW2", "b1", "dL_db2"])
def test_an_update_that_is_no_step_against_the_gradient_is_seen(quantity):
    with pytest.raises(AssertionError):
        laws.next_row_is_a_step_against_the_gradient(spoilt(quantity, row=1), recipe())


@pytest.mark.parametrize("quantity", ["W1", "z2", "dL_db1", "loss"])
def test_a_row_that_depends_on_what_comes_later_is_seen(quantity):
    with pytest.raises(AssertionError):
        laws.rows_do_not_depend_on_what_comes_later(spoilt(quantity), recipe())


def test_a_frozen_bias_that_moves_is_seen():
    frozen = recipe().with_({"parameters.train_biases": False})
    with pytest.raises(AssertionError):
        laws.frozen_biases_never_move(spoilt("b1"), frozen)


def test_a_trained_parameter_that_does_not_move_is_seen():
    with pytest.raises(AssertionError):
        laws.frozen_biases_never_move(with_mistake("missing-update"), recipe())


def spoilt_in_the_first_run(quantity):
    """Runs of which only the first is wrong: the laws that compare runs must see it."""
    runs = iter([spoilt(quantity)])

    def run(recipe):
        return next(runs, bl.run)(recipe)

    return run


def test_the_recipe_that_mistakes_are_planted_in_obeys_every_law_without_them():
    right = bl.run
    laws.gradient_is_directional_derivative(right, recipe(), seed=0)
    laws.permuting_hidden_units_permutes_the_trace(right, recipe(), seed=1)
    laws.doubling_the_loss_doubles_every_derivative(right, recipe())
    laws.batch_is_the_mean_of_its_samples(right, recipe())
    laws.learning_rate_zero_freezes(right, recipe())
    laws.next_row_is_a_step_against_the_gradient(right, recipe())
    laws.rows_do_not_depend_on_what_comes_later(right, recipe())
    laws.frozen_biases_never_move(right, recipe().with_({"parameters.train_biases": False}))


def test_the_small_error_is_far_above_rounding_and_the_planted_recipe_away_from_zero():
    trace = bl.run(recipe())
    assert SMALL_ERROR > 1000 * laws.ROUNDING
    assert all(np.all(trace[name] != 0) for name in ("W1", "dL_dW1", "dL_dz2", "b1", "dL_db2", "a1"))
