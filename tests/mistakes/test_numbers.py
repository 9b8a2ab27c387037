"""Every mistake gives the numbers that its own scalar formula, written out here, gives.

The witness takes the parameters of each row from the trace, so every row is judged by itself; that the
parameters then move by the learning rate times the gradient is a test of its own.
"""

import math

import numpy as np
import pytest

import backlight as bl
from backlight.faults import EngineError
from tests.mistakes.agreement import agree, disagreements
from tests.mistakes.networks import NETWORKS
from tests.mistakes.witness import FUNCTIONS, Witness


def only_in(layer, wrong, right):
    """A formula that is wrong in one layer."""
    return lambda w, l, s, i: wrong(w, l, s, i) if l == layer else right(w, l, s, i)


def only_unit(unit, wrong, right):
    """A formula that is wrong for one unit."""
    return lambda w, l, s, i: wrong(w, l, s, i) if i == unit else right(w, l, s, i)


def at_output(wrong):
    """A formula for dL/dz that is wrong in the last layer."""
    return lambda w, l, s, j: wrong(w, l, s, j) if l == w.n else Witness.through(w, l, s, j)


def at_hidden(wrong):
    """A formula for dL/dz that is wrong in every hidden layer."""
    return lambda w, l, s, j: wrong(w, l, s, j) if l < w.n else Witness.through(w, l, s, j)


def before_output(wrong):
    """A formula for dL/da that is wrong in the last hidden layer."""
    return lambda w, l, s, i: wrong(w, l, s, i) if l == w.n - 1 else Witness.back(w, l, s, i)


def sum_of_weight_gradients(w, l, s, i):
    return sum(w.dW[l + 1][i])


def without_slope(w, l, s, j):
    return w.da[l][s][j]


def without_slope_behind(w, l, s, i):
    return sum(w.da[l + 1][s][j] * w.W[l + 1][i][j] for j in w.units(l + 1))


def without_weights(w, l, s, i):
    return sum(w.dz[l + 1][s][j] for j in w.units(l + 1))


def untransposed(w, l, s, i):
    return sum(w.dz[l + 1][s][j] * w.W[l + 1][j][i] for j in w.units(l + 1))


def same_delta(w, l, s, i):
    return w.dz[l + 1][s][i]


def path_through(path):
    return lambda w, l, s, i: w.dz[l + 1][s][path] * w.W[l + 1][i][path]


def derivative_of_unit(path, of):
    def back(w, l, s, i):
        total = 0.0
        for j in w.units(l + 1):
            if j == path:
                total += w.da[l + 1][s][j] * w.slope(l, w.z[l][s][of]) * w.W[l + 1][i][j]
            else:
                total += w.dz[l + 1][s][j] * w.W[l + 1][i][j]
        return total

    return back


def applied_twice(w, l, s, j):
    return w.da[l][s][j] * w.slope(l, w.a[l][s][j])


def another_derivative(w, l, s, j):
    a = w.a[l][s][j]
    return w.da[l][s][j] * (1 - a * a if w.name[l] == "sigmoid" else a * (1 - a))


def derivative_of(name):
    return lambda w, l, s, j: w.da[l][s][j] * FUNCTIONS[name][1](w.z[l][s][j])


def updated_weights(w, l, s, i):
    return sum(w.dz[l + 1][s][j] * (w.W[l + 1][i][j] - w.learning_rate * w.dW[l + 1][i][j]) for j in w.units(l + 1))


def minus_error(w, s, k):
    return -Witness.error(w, s, k)


def minus_error_of(unit):
    return lambda w, s, k: -Witness.error(w, s, k) if k == unit else Witness.error(w, s, k)


FORMULAS = {
    "sum-of-weight-gradients": {"back": sum_of_weight_gradients},
    "sum-of-weight-gradients:layer=1": {"back": only_in(1, sum_of_weight_gradients, Witness.back)},
    "sum-of-weight-gradients:unit=1": {"back": only_unit(1, sum_of_weight_gradients, Witness.back)},
    "derivative-of-wrong-unit": {"back": before_output(derivative_of_unit(0, 0))},
    "derivative-of-wrong-unit:path=1,of=1": {"back": before_output(derivative_of_unit(1, 1))},
    "derivative-of-wrong-unit:layer=1,of=1": {"back": only_in(1, derivative_of_unit(0, 1), Witness.back)},
    "missing-output-derivative-on-hidden-path": {"back": before_output(without_slope_behind)},
    "missing-output-derivative": {"through": at_output(without_slope)},
    "missing-output-derivative:unit=1": {"through": at_output(only_unit(1, without_slope, Witness.through))},
    "missing-hidden-derivative": {"through": at_hidden(without_slope)},
    "missing-hidden-derivative:layer=1,unit=0": {
        "through": only_in(1, only_unit(0, without_slope, Witness.through), Witness.through)
    },
    "missing-path": {"back": before_output(path_through(0))},
    "missing-path:path=1": {"back": before_output(path_through(1))},
    "missing-path:layer=1,path=1": {"back": only_in(1, path_through(1), Witness.back)},
    "missing-weight-factor": {"back": without_weights},
    "updated-weights-in-back-step": {"back": updated_weights},
    "activation-applied-twice-in-derivative": {"through": applied_twice},
    "activation-applied-twice-in-derivative:layer=2": {"through": only_in(2, applied_twice, Witness.through)},
    "wrong-activation-derivative": {"through": another_derivative},
    "wrong-activation-derivative:of=softplus": {"through": derivative_of("softplus")},
    "wrong-activation-derivative:of=elu,layer=2": {"through": only_in(2, derivative_of("elu"), Witness.through)},
    "wrong-activation-derivative:of=leaky_relu": {"through": derivative_of("leaky_relu")},
    "sign-error": {"error": minus_error},
    "sign-error:unit=1": {"error": minus_error_of(1)},
}
"""What each mistake puts in the place of which formula."""


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("mistake", FORMULAS)
def test_a_mistake_gives_what_its_formula_gives(network, mistake):
    trace = bl.run(NETWORKS[network], mistake=mistake)
    assert not list(disagreements(trace, FORMULAS[mistake]))


def test_the_delta_of_the_next_layer_itself_may_stand_where_both_are_as_wide():
    trace = bl.run(NETWORKS["2-2-2"], mistake="missing-weight-factor:delta=same")
    assert not list(disagreements(trace, {"back": same_delta}))
    with pytest.raises(EngineError, match="E-MISTAKE-2"):
        bl.run(NETWORKS["2-3-2 with biases, two samples"], mistake="missing-weight-factor:delta=same")


@pytest.mark.parametrize("network", NETWORKS)
def test_without_a_mistake_the_witness_agrees(network):
    assert not list(disagreements(bl.run(NETWORKS[network]), {}))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("mistake", FORMULAS)
def test_the_right_formulas_do_not_give_the_numbers_of_a_mistake(network, mistake):
    found = list(disagreements(bl.run(NETWORKS[network], mistake=mistake), {}))
    assert any(name.startswith(("dL_dW", "dL_db")) for name, _ in found)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("mistake", ["", *FORMULAS, "constant-factor", "accumulated-gradients"])
def test_the_parameters_move_by_the_learning_rate_times_the_mistaken_gradient(network, mistake):
    trace = bl.run(NETWORKS[network], mistake=mistake or None)
    rate = float(trace.recipe.training.learning_rate)
    for l in range(1, len(trace.recipe.layers)):
        before, after, gradient = trace[f"W{l}"][:-1], trace[f"W{l}"][1:], trace[f"dL_dW{l}"][:-1]
        assert np.array_equal(after, before - rate * gradient)


def test_transposed_weights_in_every_layer_that_has_a_square_matrix_behind_it():
    # 2-2-2: W2 is square; 3-2-2-3: W2 is, W3 is not, so only the first hidden layer can be wrong
    for network, formula in (
        ("2-2-2", untransposed),
        ("3-2-2-3 with biases, batches of two and one", only_in(1, untransposed, Witness.back)),
    ):
        trace = bl.run(NETWORKS[network], mistake="transposed-weights")
        assert not list(disagreements(trace, {"back": formula}))
        assert list(disagreements(trace, {}))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    ("mistake", "where", "factor"),
    [
        ("constant-factor", lambda l, i, j: True, 2.0),
        ("constant-factor:factor=-0.25", lambda l, i, j: True, -0.25),
        ("constant-factor:layer=1,factor=3", lambda l, i, j: l == 1, 3.0),
        ("constant-factor:layer=2,unit=1,factor=0.5", lambda l, i, j: l == 2 and j == 1, 0.5),
        ("constant-factor:parameter=W2,factor=7", lambda l, i, j: l == 2 and i is not None, 7.0),
        ("constant-factor:layer=1,except=W1[0,1]", lambda l, i, j: l == 1 and (i, j) != (0, 1), 2.0),
    ],
)
def test_a_constant_factor_multiplies_the_gradients_asked_for_and_no_other(network, mistake, where, factor):
    trace = bl.run(NETWORKS[network], mistake=mistake)
    for row in range(len(trace.loss)):
        right = Witness(trace, row).backward()
        for l in right.numbers():
            expected = [
                [value * (factor if where(l, i, j) else 1) for j, value in enumerate(line)]
                for i, line in enumerate(right.dW[l])
            ]
            assert agree(trace[f"dL_dW{l}"][row], expected)
            if trace.recipe.network.biases:
                expected = [value * (factor if where(l, None, j) else 1) for j, value in enumerate(right.db[l])]
                assert agree(trace[f"dL_db{l}"][row], expected)


def is_w4(layers, l, i, j):
    """w1, w2 ... run along the rows of W1."""
    return l == 1 and i * layers[1] + j == 3


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    ("mistake", "is_reset"),
    [
        ("accumulated-gradients", lambda layers, l, i, j: False),
        ("accumulated-gradients:except=w1", lambda layers, l, i, j: (l, i, j) == (1, 0, 0)),
        ("accumulated-gradients:except=W2", lambda layers, l, i, j: l == 2),
        ("accumulated-gradients:layer=2", lambda layers, l, i, j: l != 2),
        ("accumulated-gradients:parameter=w4", lambda *at: not is_w4(*at)),
    ],
)
def test_accumulated_gradients_are_the_sums_of_all_gradients_so_far(network, mistake, is_reset):
    trace = bl.run(NETWORKS[network], mistake=mistake)
    sums = {}
    for row in range(len(trace.loss)):
        right = Witness(trace, row).backward()
        for l in right.numbers():
            for i, line in enumerate(right.dW[l]):
                for j, value in enumerate(line):
                    earlier = 0 if is_reset(right.layers, l, i, j) else sums.get((l, i, j), 0)
                    sums[l, i, j] = value + earlier
            expected = [[sums[l, i, j] for j in right.units(l)] for i in right.units(l - 1)]
            assert agree(trace[f"dL_dW{l}"][row], expected)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    ("mistake", "stays"),
    [
        ("missing-update", lambda l, i, j: (l, i, j) == (1, 0, 0)),
        ("missing-update:layer=2", lambda l, i, j: l == 2),
        ("missing-update:parameter=W1[1,1]", lambda l, i, j: (l, i, j) == (1, 1, 1)),
        ("missing-update:layer=1,unit=1", lambda l, i, j: l == 1 and j == 1),
    ],
)
def test_a_missing_update_leaves_a_parameter_where_it_was_and_its_gradient_right(network, mistake, stays):
    trace = bl.run(NETWORKS[network], mistake=mistake)
    assert not list(disagreements(trace, {}))
    rate = float(trace.recipe.training.learning_rate)
    for l in range(1, len(trace.recipe.layers)):
        W, gradient = trace[f"W{l}"], trace[f"dL_dW{l}"]
        for i in range(W.shape[1]):
            for j in range(W.shape[2]):
                moved = W[:-1, i, j] - rate * gradient[:-1, i, j]
                assert np.array_equal(W[1:, i, j], W[:-1, i, j] if stays(l, i, j) else moved)


def test_a_missing_update_of_a_bias_leaves_the_bias_where_it_was():
    recipe = NETWORKS["2-3-2 with biases, two samples"]
    for mistake, stays in (("missing-update:parameter=b_h2", "b1[1]"), ("missing-update:parameter=b2", "b2[0]")):
        trace, right = bl.run(recipe, mistake=mistake), bl.run(recipe)
        assert len(set(trace[stays].tolist())) == 1
        assert len(set(right[stays].tolist())) == len(right.loss)


OPTIMIZERS = {
    "sgd with momentum": {"optimizer": "sgd", "momentum": 0.9},
    "adam": {"optimizer": "adam"},
    "adagrad": {"optimizer": "adagrad"},
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_updated_weights_are_those_that_the_optimizer_makes(optimizer):
    # what the back step used is what row k + 1 holds: the optimizer was asked early, and once
    changes = {f"training.{name}": value for name, value in OPTIMIZERS[optimizer].items()}
    recipe = NETWORKS["2-3-2 with biases, two samples"].with_(changes)
    trace = bl.run(recipe, mistake="updated-weights-in-back-step")
    for row in range(len(trace.loss) - 1):
        after = trace["W2"][row + 1].tolist()

        def back(w, l, s, i, after=after):
            return sum(w.dz[2][s][j] * after[i][j] for j in w.units(2))

        assert agree(trace["dL_dW1"][row], Witness(trace, row).backward(back=back).dW[1])


def test_the_error_of_updated_weights_grows_with_the_learning_rate_and_is_none_at_zero():
    recipe = NETWORKS["2-2-2"]
    errors = []
    for rate in (0.0, 0.01, 0.02, 0.04):
        changed = recipe.with_({"training.learning_rate": rate})
        wrong, right = bl.run(changed, mistake="updated-weights-in-back-step"), bl.run(changed)
        errors.append(np.abs(wrong["dL_dW1"][0] - right["dL_dW1"][0]).max())
    assert errors[0] == 0
    assert math.isclose(errors[2] / errors[1], 2, rel_tol=1e-9)  # W' = W - rate dL_dW: the error is linear in it
    assert math.isclose(errors[3] / errors[1], 4, rel_tol=1e-9)


def test_a_path_may_go_through_any_output_however_small_the_other_layers_are():
    trace = bl.run(NETWORKS["3-2-2-3 with biases, batches of two and one"], mistake="missing-path:path=2")
    assert not list(disagreements(trace, {"back": before_output(path_through(2))}))
