"""Mistakes that keep something, and mistakes of the update: judged by what happens from row to row."""

import numpy as np
import pytest

import backlight as bl
from backlight.engines.hand import Iteration
from backlight.engines.mistakes import mistaken
from backlight.recipes.start import start
from backlight.traces.layout import layout
from tests.mistakes.agreement import agree, disagreements, moved_by
from tests.mistakes.networks import EVERY, NETWORKS, RELU, TWO_THREE_TWO, TWO_TWO_TWO
from tests.mistakes.test_more_numbers import cancelled
from tests.mistakes.witness import LOSS_SLOPES, Witness, sigmoid, softmax

SUBTRACTED_AND_DIVIDED = 1e-9
"""A parameter minus a slightly different one, divided by the learning rate: six digits may cancel."""

# ---- stale-forward --------------------------------------------------------------------------------------


def predictions(trace, row):
    """z and a of the last layer for each sample of a row's batch."""
    w = Witness(trace, row)
    return list(zip(w.z[w.n], w.a[w.n], strict=True))


def from_old(old):
    """The way back begins with old predictions, one for each sample."""

    def error(w, s, k):
        return w.share * w.loss_slope(old[s][1], w.y[s], k)

    def through(w, l, s, k):
        if l < w.n:
            return Witness.through(w, l, s, k)
        z, a = old[s]
        if cancelled(w):
            return w.share * cancelled(w) * (a[k] - w.y[s][k])
        return w.da[l][s][k] * w.slope(l, z[k])

    return {"error": error, "through": through}


def late(trace, of):
    """The old predictions of every row; what was never predicted is predicted now."""
    kept = None
    for row in range(len(trace.loss)):
        now = predictions(trace, row)
        old = kept if kept is not None else now
        yield old[: len(now)] + now[len(old) :]
        if of == "previous" or kept is None:
            kept = now


@pytest.mark.parametrize("of", ["previous", "first"])
@pytest.mark.parametrize("network", EVERY)
def test_a_stale_forward_makes_the_delta_of_an_old_prediction(network, of):
    trace = bl.run(EVERY[network], mistake=f"stale-forward:of={of}")
    for row, old in enumerate(late(trace, of)):
        expected = Witness(trace, row).backward(**from_old(old))
        for l in expected.numbers():
            assert agree(trace[f"dL_dW{l}"][row], expected.dW[l])
    assert {row for _, row in disagreements(trace, {})} == set(range(1, len(trace.loss)))


def test_with_everything_stale_all_units_are_those_of_the_first_pass_and_only_the_weights_are_new():
    trace = bl.run(TWO_TWO_TWO, mistake="stale-forward:of=first,what=everything")
    true = bl.run(TWO_TWO_TWO)
    x, h, delta = true["x"], true["a1"][0], true["dL_dz2"][0]
    for row in range(1, len(trace.loss)):
        back = delta @ trace["W2"][row].T
        assert agree(trace["dL_dW2"][row].tolist(), (h.T @ delta).tolist())
        assert agree(trace["dL_dW1"][row].tolist(), (x[0].reshape(1, -1).T @ (back * h * (1 - h))).tolist())


def test_with_stale_units_the_error_is_of_this_prediction_but_the_slopes_and_the_hidden_units_are_old():
    trace = bl.run(TWO_TWO_TWO, mistake="stale-forward:of=first,what=units")
    true = bl.run(TWO_TWO_TWO)
    x, h, slope = true["x"], true["a1"][0], true["a2"][0] * (1 - true["a2"][0])
    for row in range(1, len(trace.loss)):
        delta = Witness(trace, row).share * (trace["a2"][row] - trace["y"]) * slope
        back = delta @ trace["W2"][row].T
        assert agree(trace["dL_dW2"][row].tolist(), (h.T @ delta).tolist())
        assert agree(trace["dL_dW1"][row].tolist(), (x[0].reshape(1, -1).T @ (back * h * (1 - h))).tolist())


def test_with_stale_units_an_error_that_is_the_delta_is_of_this_prediction():
    trace = bl.run(TWO_THREE_TWO, mistake="stale-forward:of=previous,what=units")
    for row in range(1, len(trace.loss)):
        delta = (trace["a2"][row] - trace["y"]) / 4
        before = np.tanh(trace["x"] @ trace["W1"][row - 1] + trace["b1"][row - 1])
        assert agree(trace["dL_dW2"][row].tolist(), (before.T @ delta).tolist())


@pytest.mark.parametrize(("of", "late_by"), [("first", lambda row: 0), ("previous", lambda row: max(row - 1, 0))])
def test_with_a_stale_gradient_each_update_is_made_with_that_of_an_earlier_iteration(of, late_by):
    trace = bl.run(TWO_TWO_TWO, mistake=f"stale-forward:of={of},what=gradient")
    for row in range(len(trace.loss) - 1):
        for name in ("W1", "W2"):
            moved = (trace[name][row] - trace[name][row + 1]) / 0.5
            assert np.abs(moved - trace[f"dL_d{name}"][late_by(row)]).max() < SUBTRACTED_AND_DIVIDED


def test_with_a_prediction_of_zeros_behind_a_sigmoid_nothing_moves():
    trace = bl.run(TWO_TWO_TWO, mistake="stale-forward:of=zeros")
    assert not np.ptp(trace["W1"], axis=0).any()
    assert not np.ptp(trace["W2"], axis=0).any()


def test_with_a_prediction_of_zeros_a_cross_entropy_is_told_to_want_the_targets():
    trace = bl.run(TWO_THREE_TWO, mistake="stale-forward:of=zeros")
    assert agree(trace["dL_dz2"][0], -trace["y"] / 4)  # 1 / (N K) (0 - y)


# ---- the update -----------------------------------------------------------------------------------------


def implied(trace, row, factor, chosen=lambda name, at: True):
    """Whether the update from a row to the next is that of the gradient, times a factor where it is chosen."""
    right = Witness(trace, row).backward()
    for name, moved in moved_by(trace, row).items():
        gradient = np.array((right.dW if name[0] == "W" else right.db)[int(name[1:])])
        for at in np.ndindex(gradient.shape):
            expected = gradient[at] * (factor if chosen(name, at) else 1)
            size = np.abs(gradient).max() * abs(factor)
            assert abs(moved[at] - expected) <= SUBTRACTED_AND_DIVIDED * size


@pytest.mark.parametrize("network", EVERY)
@pytest.mark.parametrize(
    ("mistake", "factor", "chosen"),
    [
        ("learning-rate-twice", None, lambda name, at: True),
        ("learning-rate-twice:layer=2", None, lambda name, at: name[1:] == "2"),
        ("repeated-update", 2, lambda name, at: True),
        ("repeated-update:times=5", 5, lambda name, at: True),
        ("repeated-update:parameter=W1,times=3", 3, lambda name, at: name == "W1"),
        ("repeated-update:parameter=w1+W2", 2, lambda name, at: name == "W2" or (name, at) == ("W1", (0, 0))),
        ("repeated-update:except=w2", 2, lambda name, at: (name, at) != ("W1", (0, 1))),
    ],
)
def test_an_update_is_as_large_as_it_says_and_gradients_are_right(network, mistake, factor, chosen):
    trace = bl.run(EVERY[network], mistake=mistake)
    assert not list(disagreements(trace, {}))
    for row in range(len(trace.loss) - 1):
        implied(trace, row, factor or float(trace.recipe.training.learning_rate), chosen)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_an_optimizer_that_remembers_is_asked_once_for_the_others_and_several_times_for_the_chosen(optimizer):
    # the gradients are held constant, so that only the optimizer's memory can make a difference
    changes = {"training.optimizer": optimizer} | ({"training.momentum": 0.9} if optimizer == "sgd" else {})
    recipe = TWO_TWO_TWO.with_(changes | {"training.learning_rate": 0.01})
    begin, g = start(recipe), np.linspace(-1, 1, 8)
    repeated = mistaken("repeated-update:parameter=W1,times=3", recipe, begin, layout(recipe, 1))
    plain = Iteration(recipe, begin, layout(recipe, 1))
    once, thrice = plain.theta.copy(), plain.theta.copy()
    other = Iteration(recipe, begin, layout(recipe, 1)).optimizer
    for _ in range(4):
        repeated.dL_dtheta[:] = g
        repeated.update()
        plain.optimizer(once, g)
        for _ in range(3):
            other(thrice, g)
    assert np.array_equal(repeated.theta[:4], thrice[:4])
    assert np.array_equal(repeated.theta[4:], once[4:])


def test_the_learning_rate_twice_is_refused_where_it_changes_nothing():
    for rate in (0, 1):
        with pytest.raises(bl.BacklightError, match="a learning rate of 1 or 0"):
            bl.run(TWO_TWO_TWO.with_({"training.learning_rate": rate}), mistake="learning-rate-twice")


@pytest.mark.parametrize("network", NETWORKS)
def test_lists_that_are_one_get_the_sum_of_all_their_steps(network):
    trace, recipe = bl.run(NETWORKS[network], mistake="aliased-parameters"), NETWORKS[network]
    rate = float(recipe.training.learning_rate)
    for row in range(len(trace.loss) - 1):
        for l in range(1, len(recipe.layers)):
            before, gradient, after = trace[f"W{l}"][row], trace[f"dL_dW{l}"][row], trace[f"W{l}"][row + 1]
            for j in range(recipe.layers[l]):
                steps = sum(rate * float(gradient[i, j]) for i in range(recipe.layers[l - 1]))
                expected = [float(before[-1, j]) - steps] * recipe.layers[l - 1]
                assert np.allclose(after[:, j], expected, rtol=SUBTRACTED_AND_DIVIDED, atol=0)


@pytest.mark.parametrize("network", ["2-3-2 with biases, two samples", "3-2-2-3 with biases, batches of two and one"])
def test_biases_are_updated_as_ever_when_lists_of_weights_are_one(network):
    trace, rate = bl.run(NETWORKS[network], mistake="aliased-parameters"), NETWORKS[network].training.learning_rate
    for l in range(1, len(trace.recipe.layers)):
        expected = trace[f"b{l}"][:-1] - float(rate) * trace[f"dL_db{l}"][:-1]
        assert np.array_equal(trace[f"b{l}"][1:], expected)


def test_lists_of_units_may_be_one_in_a_single_layer():
    trace = bl.run(TWO_TWO_TWO, mistake="aliased-parameters:layer=2,shared=units")
    right = bl.run(TWO_TWO_TWO)
    assert np.array_equal(trace["W1"][1], right["W1"][1])
    before, gradient, after = trace["W2"][0], trace["dL_dW2"][0], trace["W2"][1]
    for i in range(2):
        expected = float(before[i, 1]) - 0.5 * (float(gradient[i, 0]) + float(gradient[i, 1]))
        assert np.allclose(after[i], expected, rtol=SUBTRACTED_AND_DIVIDED, atol=0)


# ---- of one parameter alone -----------------------------------------------------------------------------


@pytest.mark.parametrize("mistake", ["sum-of-weight-gradients", "missing-hidden-derivative", "sign-error"])
def test_a_mistake_may_be_made_in_the_lines_of_some_parameters_alone(mistake):
    right, wrong = bl.run(TWO_THREE_TWO), bl.run(TWO_THREE_TWO, mistake=mistake)
    only, but = (bl.run(TWO_THREE_TWO, mistake=f"{mistake}:{way}=w2+b_h3") for way in ("parameter", "except"))
    for name in ("dL_dW1", "dL_dW2", "dL_db1", "dL_db2"):
        chosen = np.zeros_like(right[name][0], dtype=bool)
        if name in {"dL_dW1", "dL_db1"}:
            chosen[{"dL_dW1": (0, 1), "dL_db1": 2}[name]] = True
        assert np.array_equal(only[name][0], np.where(chosen, wrong[name][0], right[name][0]))
        assert np.array_equal(but[name][0], np.where(chosen, right[name][0], wrong[name][0]))


def test_gradients_of_other_parameters_and_all_deltas_stay_right_when_it_is_one_line_alone():
    trace = bl.run(RELU, mistake="missing-relu-mask:parameter=w3")
    assert {name for name, _ in disagreements(trace, {})} <= {"dL_dW1"}
    assert not np.array_equal(trace["dL_dw3"][0], bl.run(RELU)["dL_dw3"][0])


def test_the_witness_knows_its_functions():
    assert agree(sigmoid(0.0), 0.5)
    assert agree(LOSS_SLOPES["softmax_cross_entropy"]([0.3, 0.1], [0, 1], 1), softmax([0.3, 0.1])[1] - 1)
