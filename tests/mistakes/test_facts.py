"""What is known of the mistakes of the course exercise, digit by digit, and of a few classic disguises."""

import math

import numpy as np
import pytest

import backlight as bl
from tests.mistakes.networks import TWO_THREE_TWO, TWO_TWO_TWO

COURSE = bl.recipe("course")
ROUNDED_TO_SIX_DIGITS = 5e-6
THE_SAME_BUT_FOR_ROUNDING = 1e-13


def shown(values, digits):
    """Numbers as they are printed: without the zero before the point."""
    return [f"{value:+.{digits}f}".replace("+0.", "+.").replace("-0.", "-.") for value in np.ravel(values)]


def test_the_sum_of_weight_gradients_is_what_the_published_program_prints():
    # published for the exercise; dL/dw1 = (dL/dw5 + dL/dw6) h1 (1 - h1) x1
    trace = bl.run(COURSE, mistake="sum-of-weight-gradients")
    assert shown(trace["dL_dW1"][0], 8) == ["+.01458333", "+.01304110", "+.00875000", "+.00782466"]
    h1 = float(trace["h1"][0])
    by_hand = (float(trace["dL_dw5"][0]) + float(trace["dL_dw6"][0])) * h1 * (1 - h1) * 0.5
    assert math.isclose(trace["dL_dw1"][0], by_hand, rel_tol=THE_SAME_BUT_FOR_ROUNDING)


def test_the_mistaken_program_still_learns_only_more_slowly():
    # published losses after ten updates at learning rate 10
    ten = COURSE.with_({"training.learning_rate": 10, "training.iterations": 10})
    assert f"{bl.run(ten).loss[-1]:.5f}" == "0.00949"
    assert f"{bl.run(ten, mistake='sum-of-weight-gradients').loss[-1]:.5f}" == "0.01592"


def test_the_derivative_of_a_wrong_unit_hides_in_the_third_digit():
    # h1 (1 - h1) for o1 (1 - o1) in the path through o1, by hand with the published numbers
    h1, o1, o2 = 0.5621765, 0.4769458, 0.5286964
    by_o1, by_o2 = (o1 - 0.23), (o2 + 0.07) * o2 * (1 - o2)
    expected = []
    for w_o1, w_o2 in ((0.1, -0.5), (-0.3, 0.8)):
        right = by_o1 * o1 * (1 - o1) * w_o1 + by_o2 * w_o2
        expected.append((by_o1 * h1 * (1 - h1) * w_o1 + by_o2 * w_o2) / right - 1)
    trace, right = bl.run(COURSE, mistake="derivative-of-wrong-unit"), bl.run(COURSE)
    off = trace["dL_dW1"][0] / right["dL_dW1"][0] - 1
    assert np.allclose(off, [expected, expected], rtol=1e-3, atol=0)  # seven published digits, two cancel
    assert np.array_equal(np.round(100 * off, 2), [[0.12, 0.24], [0.12, 0.24]])


def test_gradients_that_accumulate_in_all_but_w1_give_the_second_row_of_the_program_as_printed():
    recipe = COURSE.with_({"numerics.precision": "float32"})
    trace = bl.run(recipe, mistake="accumulated-gradients:except=w1")
    assert shown(trace["a2"][2], 4) == ["+.4521", "+.4652"]
    assert shown(bl.run(recipe)["a2"][2], 4) == ["+.4604", "+.4864"]


@pytest.mark.parametrize("recipe", [TWO_TWO_TWO, TWO_THREE_TWO.with_({"loss.name": "half_sum_squared_error"})])
def test_a_missing_output_derivative_is_the_exact_gradient_of_cross_entropy(recipe):
    # sigmoid: dL/dz = (a - y) / (a (1 - a)) * a (1 - a) = a - y; backlight's loss is the mean over K = 2 outputs
    wrong = bl.run(recipe, mistake="missing-output-derivative")
    other = bl.run(recipe.with_({"loss.name": "binary_cross_entropy"}))
    for name in (name for name in wrong if name.startswith(("dL_dW", "dL_db", "dL_dz"))):
        assert np.allclose(wrong[name][0], 2 * other[name][0], rtol=THE_SAME_BUT_FOR_ROUNDING, atol=0)


@pytest.mark.parametrize("layers", [[2, 3, 1], [2, 3, 2, 1]])
def test_a_missing_path_is_no_mistake_where_there_is_one_output(layers):
    recipe = bl.recipe(
        {
            "network": {"layers": layers, "activations": "tanh"},
            "parameters": {"initializer": "normal", "random_seed": 3},
            "data": {"inputs": [[0.4, -0.3], [0.1, 0.8]], "targets": [[0.5], [-0.2]]},
            "loss": {"name": "half_sum_squared_error"},
            "training": {"learning_rate": 0.1, "iterations": 5},
        }
    )
    wrong, right = bl.run(recipe, mistake="missing-path"), bl.run(recipe)
    assert all(np.array_equal(wrong[name], right[name]) for name in right)


def test_a_missing_output_derivative_on_the_hidden_path_is_about_four_times_too_large():
    # 1 / f' is 4 where a sigmoid is 1/2; here the outputs are .4769 and .5287
    ratio = (
        bl.run(COURSE, mistake="missing-output-derivative-on-hidden-path")["dL_dW1"][0] / bl.run(COURSE)["dL_dW1"][0]
    )
    assert np.array_equal(np.round(ratio, 1), [[4, 4], [4, 4]])


def test_with_a_sign_error_the_loss_rises_at_every_step():
    assert np.all(np.diff(bl.run(COURSE, mistake="sign-error").loss) > 0)


def test_a_missing_derivative_of_softmax_leaves_the_derivative_of_the_logarithm():
    # cross-entropy of a softmax layer: dL/da = -y / a, and nothing behind it
    recipe = bl.recipe(
        {
            "network": {"layers": [2, 2, 3], "activations": ["tanh", "softmax"]},
            "parameters": {"weights": [[[0.3, -0.2], [0.5, 0.4]], [[0.1, 0.7, -0.6], [-0.4, 0.2, 0.9]]]},
            "data": {"inputs": [[1.0, -0.5], [0.2, 0.3]], "targets": [[1, 0, 0], [0, 0, 1]]},
            "loss": {"name": "cross_entropy"},
            "training": {"learning_rate": 0.1, "iterations": 1},
        }
    )
    trace = bl.run(recipe, mistake="missing-output-derivative")
    a = trace["a2"][0]
    expected = np.array([[-1 / a[0, 0], 0, 0], [0, 0, -1 / a[1, 2]]]) / 2
    assert np.allclose(trace["dL_dz2"][0], expected, rtol=THE_SAME_BUT_FOR_ROUNDING, atol=0)
