"""What a program has otherwise than the recipe is said in words, makes nothing wrong; which loss it states is read off."""

import pytest

from tests.checks.test_check import ROWS, ROWS_RECIPE, SCALARS

ONE_BY_ONE = """
import math
data = [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]
u = [[0.3, -0.2], [0.5, 0.7], [-0.6, 0.4], [0.2, 0.9]]
v = [0.4, -0.3, 0.8, 0.1]
def s(z):
    return 1 / (1 + math.exp(-z))
for epoch in range(10):
    for x, y in data:
        h = [math.tanh(a[0] * x[0] + a[1] * x[1]) for a in u]
        o = s(sum(b * g for b, g in zip(v, h)))
        {loss}
        d = (o - y) * o * (1 - o)
        e = [d * b * (1 - g * g) for b, g in zip(v, h)]
        v = [b - 0.4 * d * g for b, g in zip(v, h)]
        u = [[a[0] - 0.4 * k * x[0], a[1] - 0.4 * k * x[1]] for a, k in zip(u, e)]
"""
PLAIN = {
    **ROWS_RECIPE,
    "network": {"layers": [2, 4, 1], "activations": ["tanh", "sigmoid"]},
    "parameters": {"weights": [[[0.3, 0.5, -0.6, 0.2], [-0.2, 0.7, 0.4, 0.9]], [[0.4], [-0.3], [0.8], [0.1]]]},
    "training": {"learning_rate": 0.4, "iterations": 40},
}


def facts(said):
    return {fact.kind: fact for fact in said.facts}


def test_initial_values_of_its_own_are_told_by_the_first_that_differs(checked):
    fact = facts(checked(SCALARS.replace("0.2, -0.4, 0.5", "0.2, -0.3, 0.45")))["initial_values"]
    assert fact.text == "it starts from its own initial values: w2 begins at -0.3, the recipe's at -0.4"
    assert (fact.yours[1], fact.recipe[1]) == (-0.3, -0.4)


def test_data_of_its_own_are_told_by_the_first_that_differs(checked):
    told = facts(checked(SCALARS.replace("0.5, 0.3, 0.23, -0.07", "0.5, 0.31, 0.23, -0.07")))
    assert told["samples"].text == "it has its own samples: sample 0 is (0.5, 0.31), the recipe's is (0.5, 0.3)"
    assert "targets" not in told


def test_data_that_are_the_same_to_seven_digits_are_no_fact(checked):
    assert "samples" not in facts(checked(SCALARS, "course-torch"))


@pytest.mark.parametrize(("turns", "told"), [(11, False), (12, False), (5, True), (100, True)])
def test_the_number_of_iterations_is_a_fact_where_it_is_another(checked, turns, told):
    found = facts(checked(SCALARS.replace("range(11)", f"range({turns})")))
    assert ("iterations" in found) == told
    if told:
        assert found["iterations"].text == f"its number of iterations is {turns}, the recipe asks for 11"


def test_of_a_program_that_was_stopped_no_number_of_iterations_is_told(checked):
    assert "iterations" not in facts(checked(ROWS, ROWS_RECIPE))


def test_updates_after_each_sample_are_a_fact_and_not_wrong(checked):
    said = checked(ONE_BY_ONE.format(loss="pass"), PLAIN)
    assert said.verdict == "right"
    assert facts(said)["batch_size"].text == "it updates after each sample, the recipe after every 4 samples"


def test_an_output_alone_states_no_loss_of_several_and_its_error_is_no_absolute_error(checked):
    assert checked(ONE_BY_ONE.format(loss="pass"), PLAIN).loss.stated is None


@pytest.mark.parametrize(
    ("loss", "stated"),
    [
        ("loss = 0.5 * (o - y) ** 2", "half_sum_squared_error"),
        ("loss = (o - y) ** 2", "mean_squared_error"),
        ("loss = abs(o - y)", "mean_absolute_error"),
        ("loss = -(y * math.log(o) + (1 - y) * math.log(1 - o))", "binary_cross_entropy"),
    ],
)
def test_the_loss_that_is_computed_is_the_one_stated(checked, loss, stated):
    assert checked(ONE_BY_ONE.format(loss=loss), PLAIN).loss.stated == stated


@pytest.mark.parametrize(("summed", "told"), [(True, True), (False, False)])
def test_where_gradients_are_wrong_a_loss_that_is_summed_and_not_averaged_is_a_fact(checked, summed, told):
    recipe = {**ROWS_RECIPE, "loss": {"name": "half_sum_squared_error", "over_samples": "mean" if summed else "sum"}}
    text = ROWS.replace("    D = ", "    loss = 0.5 * ((O - Y) ** 2).sum()\n    D = ")
    said = checked(text, recipe)
    assert (said.verdict, said.loss.stated) == ("wrong" if summed else "right", "half_sum_squared_error")
    assert ("over_samples" in facts(said)) == told
    if told:
        assert facts(said)["over_samples"].text == "its loss is the sum over the samples, the recipe's is the mean"
