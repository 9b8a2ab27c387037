"""Every engine obeys every law, on recipes by chance."""

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import backlight as bl
from tests.conformance.engines_here import ENGINES_HERE
from tests.conformance.random_recipes import recipes
from tests.laws import laws

seeds = st.integers(0, 999)
few = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

pytestmark = pytest.mark.parametrize("engine", ENGINES_HERE)


def obeys(law, engine, *arguments):
    """Put an engine to a law; recipes at which the law cannot tell are left out."""
    try:
        law(lambda recipe: bl.run(recipe, engine=engine), *arguments)
    except laws.CannotTell:
        reject()


@few
@given(recipe=recipes(batched=[False], iterations=[0, 1]), seed=seeds)
def test_the_gradient_is_the_directional_derivative(engine, recipe, seed):
    obeys(laws.gradient_is_directional_derivative, engine, recipe, seed)


@few
@given(recipe=recipes(depths=[2, 3, 4], optimizers=["sgd"], iterations=[2, 0, 1]), seed=seeds)
def test_permuting_hidden_units_permutes_the_trace(engine, recipe, seed):
    obeys(laws.permuting_hidden_units_permutes_the_trace, engine, recipe, seed)


@few
@given(recipe=recipes(batched=[False]))
def test_doubling_the_loss_doubles_every_derivative(engine, recipe):
    obeys(laws.doubling_the_loss_doubles_every_derivative, engine, recipe)


@few
@given(recipe=recipes(batched=[False]))
def test_a_batch_is_the_mean_of_its_samples(engine, recipe):
    obeys(laws.batch_is_the_mean_of_its_samples, engine, recipe)


@few
@given(recipe=recipes())
def test_a_learning_rate_of_zero_freezes_every_parameter(engine, recipe):
    obeys(laws.learning_rate_zero_freezes, engine, recipe)


@few
@given(recipe=recipes(optimizers=["sgd"]))
def test_the_next_row_is_a_step_against_the_gradient(engine, recipe):
    plain = {"momentum": 0, "nesterov": False, "weight_decay": 0}
    obeys(laws.next_row_is_a_step_against_the_gradient, engine, laws.with_fields(recipe, {"training": plain}))


@few
@given(recipe=recipes(iterations=[1, 2, 3, 4]))
def test_no_row_depends_on_what_comes_later(engine, recipe):
    obeys(laws.rows_do_not_depend_on_what_comes_later, engine, recipe)


@few
@given(recipe=recipes(iterations=[1, 2, 3], bias_modes=["frozen"]))
def test_frozen_biases_never_move(engine, recipe):
    obeys(laws.frozen_biases_never_move, engine, recipe)
