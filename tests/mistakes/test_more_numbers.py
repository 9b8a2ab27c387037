"""The rest of the catalogue against scalar formulas, on every network in which a mistake can be made.

Where it cannot be made it is refused; which networks those are is written down beside the formulas.
"""

import pytest

import backlight as bl
from backlight.faults import EngineError
from tests.mistakes.agreement import agree, disagreements
from tests.mistakes.networks import EVERY
from tests.mistakes.witness import FUNCTIONS, LOSS_SLOPES, Witness, sigmoid, softmax


def short(network):
    """The layers of a network, by which it is named below."""
    return network.split()[0]


def at_output(wrong):
    """A formula for dL/dz that is wrong in the last layer."""
    return lambda w, l, s, j: wrong(w, l, s, j) if l == w.n else Witness.through(w, l, s, j)


def at_hidden(wrong):
    """A formula for dL/dz that is wrong in every hidden layer with a derivative of its own."""
    return lambda w, l, s, j: (
        wrong(w, l, s, j) if l < w.n and w.name[l] not in {"identity", "softmax"} else Witness.through(w, l, s, j)
    )


def where(names, wrong):
    """A formula for dL/dz that is wrong in the layers with these activations."""
    return lambda w, l, s, j: wrong(w, l, s, j) if w.name[l] in names else Witness.through(w, l, s, j)


def before_output(wrong):
    """A formula for dL/da that is wrong in the last hidden layer."""
    return lambda w, l, s, i: wrong(w, l, s, i) if l == w.n - 1 else Witness.back(w, l, s, i)


# ---- the way to the hidden layer ----------------------------------------------------------------------


def error_as_gradient(w, l, i, j):
    delta = w.da[l] if l == w.n else w.dz[l]
    return sum(w.a[l - 1][s][i] * delta[s][j] for s in w.samples)


def error_as_bias_gradient(w, l, j):
    return sum((w.da[l] if l == w.n else w.dz[l])[s][j] for s in w.samples)


def all_paths_but(path):
    return lambda w, l, s, i: sum(w.dz[l + 1][s][j] * w.W[l + 1][i][j] for j in w.units(l + 1) if j != path)


def first_weight_as(i_taken, j_taken):
    """W[0,0] of the last layer is taken for another one: its neighbour in the row, or in the column."""

    def back(w, l, s, i):
        weights = [list(row) for row in w.W[l + 1]]
        weights[0][0] = w.W[l + 1][i_taken][j_taken]
        return sum(w.dz[l + 1][s][j] * weights[i][j] for j in w.units(l + 1))

    return back


def slope_at_layer(of):
    """f' of the layer's own function at another layer's z."""
    return lambda w, l, s, j: w.da[l][s][j] * w.slope(l, (w.z[of(w, l)][s] * w.layers[l])[j])


def their_slope(of):
    return lambda w, l, s, j: w.da[l][s][j] * w.slope(of(w, l), w.z[of(w, l)][s][j])


def own_formula_at_their_a(of):
    def through(w, l, s, j):
        a = w.a[of(w, l)][s][j]
        return w.da[l][s][j] * a * (1 - a)

    return through


def twin(w, l):
    """The next layer of the same width or of one unit, or the one before."""
    return next(m for m in (l + 1, l - 1) if 1 <= m <= w.n and w.layers[m] in {w.layers[l], 1})


def in_layers_with_a_twin(wrong):
    def through(w, l, s, j):
        has_twin = any(1 <= m <= w.n and w.layers[m] in {w.layers[l], 1} for m in (l + 1, l - 1))
        return wrong(w, l, s, j) if l < w.n and has_twin else Witness.through(w, l, s, j)

    return through


def derivative_formula(w, l, value):
    """What a student's function for the derivative makes of a value: in terms of a where books write it so."""
    if w.name[l] == "sigmoid":
        return value * (1 - value)
    return 1 - value * value if w.name[l] == "tanh" else w.slope(l, value)


def derivative_of_gradient(w, l, s, j):
    return derivative_formula(w, l, w.da[l][s][j])


def gradient_times_its_derivative(w, l, s, j):
    return w.da[l][s][j] * derivative_formula(w, l, w.da[l][s][j])


def cancelled(w):
    """The c in dL/dz = c (a - y) where the derivatives of loss and last activation cancel."""
    pairs = {("sigmoid", "binary_cross_entropy"): 1 / w.layers[-1], ("softmax", "cross_entropy"): 1.0}
    return pairs.get((w.name[w.n], w.loss_name))


def output_delta(a_of, y_of=lambda w, s: w.y[s]):
    """dL/dz of the outputs, had they been a_of(w, s): as a - y wherever a program writes it so."""

    def through(w, l, s, k):
        if l < w.n or not cancelled(w):
            return Witness.through(w, l, s, k)
        return w.share * cancelled(w) * (a_of(w, s)[k] - y_of(w, s)[k])

    return through


HIDDEN_PATH = {
    "missing-output-derivative-in-own-gradient": {"weight": error_as_gradient, "bias": error_as_bias_gradient},
    "missing-path:path=1,keep=others": {"back": before_output(all_paths_but(1))},
    "wrong-weight": {
        "back": before_output(lambda w, l, s, i: first_weight_as(*((0, 1) if w.layers[-1] > 1 else (1, 0)))(w, l, s, i))
    },
    "derivative-of-wrong-layer": {"through": in_layers_with_a_twin(slope_at_layer(twin))},
    "derivative-of-gradient": {"through": at_hidden(derivative_of_gradient)},
    "derivative-of-gradient:form=product": {"through": at_hidden(gradient_times_its_derivative)},
    "error-from-pre-activation": {
        "error": lambda w, s, k: w.share * w.loss_slope(w.z[w.n][s], w.y[s], k),
        "through": output_delta(lambda w, s: w.z[w.n][s]),
    },
}

# ---- activation derivatives ---------------------------------------------------------------------------


def formula_at_z(w, l, s, j):
    z = w.z[l][s][j]
    return w.da[l][s][j] * (z * (1 - z) if w.name[l] == "sigmoid" else 1 - z * z)


def one_minus_a(w, l, s, j):
    return w.da[l][s][j] * (1 - w.a[l][s][j])


def of_sigmoid_at_z(w, l, s, j):
    return w.da[l][s][j] * FUNCTIONS["sigmoid"][1](w.z[l][s][j])


def unmasked(w, l, s, j):
    return w.da[l][s][j]


def inverted(w, l, s, j):
    return w.da[l][s][j] * w.slope(l, -w.z[l][s][j])


def diagonal(w, l, s, j):
    return w.da[l][s][j] * w.a[l][s][j] * (1 - w.a[l][s][j])


def diagonal_error(w, s, k):
    """Where softmax is inside the loss: dL/dp = -y / p, times p (1 - p)."""
    if w.loss_name != "softmax_cross_entropy":
        return Witness.error(w, s, k)
    return -w.share * w.y[s][k] * (1 - softmax(w.a[w.n][s])[k])


DERIVATIVES = {
    "derivative-form-of-pre-activation": {"through": where({"sigmoid", "tanh"}, formula_at_z)},
    "wrong-activation-derivative:of=1-a": {"through": one_minus_a},
    "missing-relu-mask": {"through": where({"relu", "leaky_relu"}, unmasked)},
    "inverted-relu-mask": {"through": where({"relu", "leaky_relu"}, inverted)},
    "diagonal-softmax-derivative": {"error": diagonal_error, "through": where({"softmax"}, diagonal)},
}

# ---- loss ---------------------------------------------------------------------------------------------


def nothing(w, s):
    return [0.0] * w.layers[-1]


def error_without_target(w, s, k):
    if w.loss_name == "softmax_cross_entropy":
        return w.share * softmax(w.a[w.n][s])[k]
    return w.share * w.loss_slope(w.a[w.n][s], nothing(w, s), k)


def once_more(w, l, s, k):
    if l < w.n:
        return Witness.through(w, l, s, k)
    inside = {"softmax_cross_entropy": softmax, "sigmoid_binary_cross_entropy": lambda a: [sigmoid(o) for o in a]}
    p = inside.get(w.loss_name, lambda a: a)(w.a[w.n][s])[k]
    return Witness.through(w, l, s, k) * p * (1 - p)


def error_of(loss):
    return lambda w, s, k: w.share * LOSS_SLOPES[loss](w.a[w.n][s], w.y[s], k)


def without_constant(w, s, k):
    constant = 1 / 2 if w.loss_name == "half_sum_squared_error" else 1 / w.layers[-1]
    return Witness.error(w, s, k) / constant


def scaled(factor):
    """All gradients times a factor of the network; deltas stay right."""
    return {
        "weight": lambda w, l, i, j: factor(w) * Witness.weight(w, l, i, j),
        "bias": lambda w, l, j: factor(w) * Witness.bias(w, l, j),
    }


LOSS = {
    "missing-target": {
        "error": error_without_target,
        "through": output_delta(lambda w, s: w.a[w.n][s], nothing),
    },
    "extra-activation-derivative": {"through": once_more},
    "gradient-of-another-loss:of=mean_absolute_error": {"error": error_of("mean_absolute_error")},
    "gradient-of-another-loss:of=huber": {"error": error_of("huber")},
    "missing-forward-constant": {"error": without_constant},
    "batch-sum-for-mean": scaled(lambda w: len(w.samples)),
    "batch-mean-twice": scaled(lambda w: 1 / len(w.samples)),
    "wrong-batch-size:size=7": scaled(lambda w: len(w.samples) / 7),
}

# ---- linear algebra -----------------------------------------------------------------------------------


def is_square(w, l):
    return w.layers[l - 1] == w.layers[l]


def turned(w, l, i, j):
    return Witness.weight(w, l, j, i) if is_square(w, l) else Witness.weight(w, l, i, j)


def own_weight_only(w, l, s, i):
    return w.dz[l + 1][s][i] * w.W[l + 1][i][i] if is_square(w, l + 1) else Witness.back(w, l, s, i)


def samples_for_units(w, l, i, j):
    if len(w.samples) != w.layers[l - 1]:
        return Witness.weight(w, l, i, j)
    return sum(w.a[l - 1][i][s] * w.dz[l][s][j] for s in w.samples)


def z_for_a_in_last(w, l, i, j):
    inputs = w.z if l == w.n else w.a
    return sum(inputs[l - 1][s][i] * w.dz[l][s][j] for s in w.samples)


def first_two_swapped(w, l, i, j):
    """w1 and w2 run along the first row of W1."""
    return Witness.weight(w, l, i, 1 - j) if (l, i) == (1, 0) and j < 2 else Witness.weight(w, l, i, j)


LINEAR_ALGEBRA = {
    "transposed-weight-gradient": {"weight": turned},
    "elementwise-for-matrix-product": {"back": own_weight_only},
    "axis-mix-up": {"weight": samples_for_units},
    "wrong-input-factor": {"weight": z_for_a_in_last},
    "swapped-gradients": {"weight": first_two_swapped},
}

# ---- biases, state and forward ------------------------------------------------------------------------


def over_units_alone(w, l, j):
    """A sum for each sample, where there are as many of them as units."""
    if len(w.samples) != w.layers[l]:
        return Witness.bias(w, l, j)
    return sum(w.dz[l][j])


def over_units_too(w, l, j):
    return sum(sum(row) for row in w.dz[l]) if w.layers[l] > 1 else Witness.bias(w, l, j)


def of_last_sample(w, l, i, j):
    return w.a[l - 1][-1][i] * w.dz[l][-1][j]


def bias_of_last_sample(w, l, j):
    return w.dz[l][-1][j]


def last_path_only(w, l, s, i):
    return w.dz[l + 1][s][-1] * w.W[l + 1][i][-1]


def without_bias(w, l, s, j):
    return Witness.sums(w, l, s, j) - w.b[l][j]


def not_activated(w, l, s):
    return w.z[l][s]


def activated_twice(w, l, s):
    once = Witness.activated(w, l, s)
    return softmax(once) if w.name[l] == "softmax" else [w.f(l, a) for a in once]


def by_what_was_given(w, l, s, j):
    """The way back as it was: where books write the derivative in terms of a, it is taken at whatever a is now."""
    a = w.a[l][s][j]
    slopes = {"sigmoid": a * (1 - a), "tanh": 1 - a * a}
    return w.da[l][s][j] * slopes[w.name[l]] if w.name[l] in slopes else Witness.through(w, l, s, j)


def turned_sums(w, l, s, j):
    if not is_square(w, l):
        return Witness.sums(w, l, s, j)
    return w.b[l][j] + sum(w.a[l - 1][s][i] * w.W[l][j][i] for i in w.units(l - 1))


THE_REST = {
    "bias-summed-over-units": {"bias": over_units_too},
    "bias-mean-for-sum": {"bias": lambda w, l, j: Witness.bias(w, l, j) / len(w.samples)},
    "missing-bias-gradient": {"bias": lambda w, l, j: 0.0},
    "overwritten-accumulator:over=samples": {"weight": of_last_sample, "bias": bias_of_last_sample},
    "detached-path": {"through": lambda w, l, s, j: 0.0 if l < w.n else Witness.through(w, l, s, j)},
    "forward-mistake:how=without_bias": {"sums": without_bias},
    "forward-mistake:how=transposed": {"sums": turned_sums},
}

REFUSED = {
    "missing-output-derivative-in-own-gradient": {"2-3-3-2", "2-3-3"},
    "missing-path:path=1,keep=others": {"2-3-1"},  # it has no path 1
    "derivative-of-wrong-layer": {"2-3-2", "2-4-3"},
    "error-from-pre-activation": {"2-3-3-2", "2-3-3"},
    "derivative-form-of-pre-activation": {"2-3-3-2", "2-3-3"},
    "missing-relu-mask": {"2-2-2", "2-3-2", "3-2-2-3", "2-4-3", "2-3-1"},
    "inverted-relu-mask": {"2-2-2", "2-3-2", "3-2-2-3", "2-4-3", "2-3-1"},
    "diagonal-softmax-derivative": {"2-2-2", "2-3-2", "3-2-2-3", "2-3-3-2", "2-3-1"},
    "extra-activation-derivative": {"2-2-2", "3-2-2-3", "2-3-3-2"},
    "missing-forward-constant": {"2-4-3", "2-3-3", "2-3-1"},
    "batch-sum-for-mean": {"2-2-2", "3-2-2-3", "2-3-3"},
    "batch-mean-twice": {"2-2-2", "3-2-2-3", "2-3-3"},
    "wrong-batch-size": {"3-2-2-3", "2-3-3"},
    "transposed-weight-gradient": {"2-3-2", "2-4-3", "2-3-1"},
    "elementwise-for-matrix-product": {"2-3-2", "2-4-3", "2-3-1"},
    "axis-mix-up": {"2-2-2"},
    "bias-summed-over-units": {"2-2-2", "2-4-3"},
    "bias-mean-for-sum": {"2-2-2", "2-4-3"},
    "missing-bias-gradient": {"2-2-2", "2-4-3"},
    "overwritten-accumulator:over=samples": {"2-2-2"},
    "forward-mistake:how=without_bias": {"2-2-2", "2-4-3"},
    "forward-mistake:how=transposed": {"2-3-2", "2-4-3", "2-3-1"},
}
"""Networks in which a mistake cannot be made."""

FORMULAS = HIDDEN_PATH | DERIVATIVES | LOSS | LINEAR_ALGEBRA | THE_REST


def cases():
    """Every mistake on every network, and whether it is refused there."""
    for mistake in FORMULAS:
        refused = REFUSED.get(mistake, REFUSED.get(mistake.partition(":")[0], set()))
        for network in EVERY:
            yield mistake, network, short(network) in refused


@pytest.mark.parametrize(("mistake", "network", "is_refused"), list(cases()))
def test_a_mistake_gives_what_its_formula_gives_or_is_refused(mistake, network, is_refused):
    if is_refused:
        with pytest.raises(EngineError, match=r"E-MISTAKE-[24]"):
            bl.run(EVERY[network], mistake=mistake)
        return
    trace = bl.run(EVERY[network], mistake=mistake)
    assert not list(disagreements(trace, FORMULAS[mistake]))
    assert any(name.startswith(("dL_dW", "dL_db")) for name, _ in disagreements(trace, {}))


@pytest.mark.parametrize("network", EVERY)
def test_without_a_mistake_the_witness_agrees_on_every_network(network):
    trace = bl.run(EVERY[network])
    assert not list(disagreements(trace, {}))
    assert agree(trace.loss, [Witness(trace, row).loss() for row in range(len(trace.loss))])


def w6_for_w7(w, l, s, i):
    weights = [[w.W[2][0][0], w.W[2][0][1]], [w.W[2][0][1], w.W[2][1][1]]]
    return sum(w.dz[2][s][j] * weights[i][j] for j in w.units(2))


def in_layer(layer, wrong):
    """A formula for dL/dz that is wrong in one layer."""
    return {"through": lambda w, l, s, j: (wrong if l == layer else Witness.through)(w, l, s, j)}


def of_own_output(w, l, i, j):
    return sum(w.a[l][s][j] * w.dz[l][s][j] for s in w.samples) if l == w.n else Witness.weight(w, l, i, j)


def of_first_input(w, l, i, j):
    return Witness.weight(w, l, 0, j) if l == 1 else Witness.weight(w, l, i, j)


def gradients_of_the_sample(w, l, s, i):
    return sum(w.a[l][s][i] * w.dz[l + 1][s][j] for j in w.units(l + 1))


def gradient_activated(w, l, s, j):
    return w.da[l][s][j] * w.slope(l, w.da[l][s][j])


def of_the_negative(w, l, s, j):
    return w.da[l][s][j] * derivative_formula(w, l, -w.da[l][s][j])


def only_bias_of(layer, wrong):
    """A formula for the bias's gradient that is wrong in one layer."""
    return lambda w, l, j: (wrong if l == layer else Witness.bias)(w, l, j)


def first_path_only(w, l, s, i):
    return w.dz[l + 1][s][0] * w.W[l + 1][i][0]


def half_the_error(w, s, k):
    return Witness.error(w, s, k) / 2


def of_sample(number):
    """Gradients of the weights from one sample alone."""
    return lambda w, l, i, j: w.a[l - 1][number][i] * w.dz[l][number][j]


def bias_of_sample(number):
    """Gradients of the biases from one sample alone."""
    return lambda w, l, j: w.dz[l][number][j]


def one_path(number):
    """What comes back through one unit of the next layer."""
    return lambda w, l, s, i: w.dz[l + 1][s][number] * w.W[l + 1][i][number]


def weights_of_previous_unit(w, l, s, i):
    return sum(w.dz[l + 1][s][k] * w.W[l + 1][i - 1][k] for k in w.units(l + 1))


def weights_of_next_unit_or_bias(w, l, s, i):
    row = w.W[l + 1][i + 1] if i + 1 < w.layers[l] else w.b[l + 1]
    return sum(w.dz[l + 1][s][k] * row[k] for k in w.units(l + 1))


def second_path_without_slope(w, l, s, i):
    return w.dz[2][s][0] * w.W[2][i][0] + w.da[2][s][1] * w.W[2][i][1]


def formula_at_inputs(w, l, s, j):
    return w.da[l][s][j] * w.x[s][j] * (1 - w.x[s][j])


def slope_at_inputs(w, l, s, j):
    return w.da[l][s][j] * w.slope(l, w.x[s][j])


ON_ONE_NETWORK = [
    ("2-3-2", "missing-output-derivative-in-own-gradient:parameter=W2", {"weight": error_as_gradient}),
    ("2-2-2", "wrong-weight:weight=w7,taken=w6", {"back": w6_for_w7}),
    ("2-3-1", "wrong-weight:weight=w7,taken=w9", {"back": first_weight_as(2, 0)}),
    ("2-2-2", "derivative-of-wrong-layer:layer=2,of=1", {"through": at_output(slope_at_layer(lambda w, l: 1))}),
    ("3-2-2-3", "derivative-of-wrong-layer:layer=1,formula=theirs", in_layer(1, their_slope(twin))),
    ("3-2-2-3", "derivative-of-wrong-layer:layer=2,formula=own_of_output", in_layer(2, own_formula_at_their_a(twin))),
    ("2-3-3", "derivative-of-wrong-layer", {"through": at_hidden(slope_at_layer(lambda w, l: 2))}),
    ("2-3-2", "wrong-activation-derivative:layer=1,of=sigmoid,at=z", {"through": where({"tanh"}, of_sigmoid_at_z)}),
    ("2-2-2", "gradient-of-another-loss", {"error": error_of("binary_cross_entropy")}),
    ("2-4-3", "gradient-of-another-loss", {"error": error_of("half_sum_squared_error")}),
    ("2-3-3", "gradient-of-another-loss:of=mean_squared_error", {"error": error_of("mean_squared_error")}),
    ("2-3-2", "gradient-of-another-loss:of=softmax_cross_entropy", {"error": error_of("softmax_cross_entropy")}),
    ("2-3-2", "wrong-batch-size", scaled(lambda w: 1 / 2)),  # N K = 4 for N = 2
    ("2-4-3", "wrong-batch-size:size=units", scaled(lambda w: 2 / 3)),
    ("2-3-1", "wrong-batch-size:size=all", scaled(lambda w: len(w.samples) / 4)),
    ("2-3-1", "wrong-batch-size:size=inputs", scaled(lambda w: 1 / 2)),
    ("2-3-3-2", "wrong-batch-size:size=features", scaled(lambda w: 3 / 2)),
    (
        "2-3-3-2",
        "elementwise-for-matrix-product:product=transposed",
        {"back": lambda w, l, s, i: w.dz[2][s][i] * w.W[2][i][s] if l == 1 else Witness.back(w, l, s, i)},
    ),
    (
        "2-3-3-2",
        "elementwise-for-matrix-product:product=plain",
        {"back": lambda w, l, s, i: w.dz[2][s][i] * w.W[2][s][i] if l == 1 else Witness.back(w, l, s, i)},
    ),
    (
        "2-2-2",
        "wrong-input-factor:of=a2",
        {"weight": lambda w, l, i, j: Witness.weight(w, l, i, j) if l == 1 else w.a[2][0][i] * w.dz[2][0][j]},
    ),
    (
        "2-2-2",
        "wrong-input-factor:layer=1,of=a1",
        {"weight": lambda w, l, i, j: Witness.weight(w, l, i, j) if l == 2 else w.a[1][0][i] * w.dz[1][0][j]},
    ),
    (
        "2-2-2",
        "wrong-input-factor:of=x",
        {"weight": lambda w, l, i, j: Witness.weight(w, l, i, j) if l == 1 else w.x[0][i] * w.dz[2][0][j]},
    ),
    ("2-3-2", "wrong-input-factor:of=own", {"weight": of_own_output}),
    ("2-2-2", "wrong-input-factor:layer=1,of=unit0", {"weight": of_first_input}),
    ("2-3-2", "sum-of-weight-gradients:over=sample", {"back": gradients_of_the_sample}),
    ("2-2-2", "derivative-of-gradient:form=activated", {"through": at_hidden(gradient_activated)}),
    ("2-2-2", "derivative-of-gradient:form=product,times=-1", {"through": at_hidden(of_the_negative)}),
    ("2-3-2", "bias-summed-over-units:layer=2,over=units", {"bias": only_bias_of(2, over_units_alone)}),
    ("3-2-2-3", "bias-summed-over-units:layer=1,over=units", {"bias": only_bias_of(1, over_units_alone)}),
    ("2-2-2", "overwritten-accumulator", {"back": last_path_only}),
    ("2-2-2", "overwritten-accumulator:kept=first", {"back": first_path_only}),
    ("2-2-2", "overwritten-accumulator:over=uses,kept=first", {"back": first_path_only, "error": half_the_error}),
    (
        "3-2-2-3",
        "overwritten-accumulator:over=products",
        {"back": last_path_only, "error": half_the_error, "weight": of_last_sample},
    ),
    (
        "3-2-2-3",
        "overwritten-accumulator:over=products,squares=power,kept=first",
        {"back": first_path_only, "weight": of_sample(0)},
    ),
    (
        "2-3-3-2",
        "overwritten-accumulator:over=uses,kept=4",  # the second sample and path of three
        {"back": one_path(1), "error": half_the_error, "weight": of_sample(1), "bias": bias_of_sample(1)},
    ),
    (
        "2-3-3-2",
        "overwritten-accumulator:over=uses,squares=power",
        {"back": last_path_only, "weight": of_last_sample, "bias": bias_of_last_sample},
    ),
    ("2-3-3-2", "overwritten-accumulator:kept=1", {"weight": of_sample(1), "bias": bias_of_sample(1)}),
    ("2-3-2", "wrong-weight:weight=all", {"back": weights_of_previous_unit}),
    ("2-3-1", "wrong-weight:weight=all,taken=next_or_bias", {"back": weights_of_next_unit_or_bias}),
    ("2-2-2", "missing-output-derivative-on-hidden-path:path=1", {"back": second_path_without_slope}),
    (
        "2-2-2",
        "derivative-of-wrong-layer:layer=1,of=0,formula=own_of_output",
        {"through": at_hidden(formula_at_inputs)},
    ),
    ("2-2-2", "derivative-of-wrong-layer:layer=1,of=0", {"through": at_hidden(slope_at_inputs)}),
    ("3-2-2-3", "overwritten-accumulator:over=paths", {"back": last_path_only}),
    ("2-2-2", "forward-mistake", {"activated": not_activated, "through": by_what_was_given}),
    ("2-4-3", "forward-mistake:how=activated_twice", {"activated": activated_twice, "through": by_what_was_given}),
    (
        "2-3-2",
        "forward-mistake:layer=1,how=not_activated",
        {
            "activated": lambda w, l, s: w.z[1][s] if l == 1 else Witness.activated(w, l, s),
            "through": by_what_was_given,
        },
    ),
    ("3-2-2-3", "detached-path:layer=1", {"through": lambda w, l, s, j: Witness.through(w, l, s, j) * (l > 1)}),
]


@pytest.mark.parametrize(("name", "mistake", "formulas"), ON_ONE_NETWORK)
def test_with_parameters_a_mistake_gives_what_its_formula_gives(name, mistake, formulas):
    [network] = [recipe for network, recipe in EVERY.items() if short(network) == name]
    trace = bl.run(network.with_({"training.learning_rate": 0.01}), mistake=mistake)
    assert not list(disagreements(trace, formulas))
    assert list(disagreements(trace, {}))
