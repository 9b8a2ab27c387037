"""The catalogue as a whole: complete, told in words, each entry wrong where it says and nowhere else."""

import json
import shlex

import numpy as np
import pytest

import backlight as bl
from backlight.engines.hand import Iteration
from backlight.engines.mistakes import GROUPS, MISTAKES, variants
from backlight.engines.mistakes.mistake import FUNCTIONS, STEPS, mistake
from backlight.engines.mistakes.parameters import Numbers, Parameter
from backlight.faults import EngineError
from tests.mistakes.networks import EVERY, TWO_HIDDEN_LAYERS, TWO_THREE_TWO, TWO_TWO_TWO

NEEDED_FROM_THE_START = {
    "sum-of-weight-gradients",
    "derivative-of-wrong-unit",
    "missing-output-derivative-on-hidden-path",
    "missing-output-derivative",
    "missing-hidden-derivative",
    "missing-path",
    "missing-weight-factor",
    "updated-weights-in-back-step",
    "activation-applied-twice-in-derivative",
    "wrong-activation-derivative",
    "constant-factor",
    "sign-error",
    "transposed-weights",
    "accumulated-gradients",
    "missing-update",
}

ALL = """
    sum-of-weight-gradients derivative-of-wrong-unit missing-output-derivative-on-hidden-path missing-output-derivative
    missing-output-derivative-in-own-gradient missing-hidden-derivative missing-path missing-weight-factor wrong-weight
    derivative-of-wrong-layer derivative-of-gradient error-from-pre-activation updated-weights-in-back-step

    activation-applied-twice-in-derivative derivative-form-of-pre-activation wrong-activation-derivative
    missing-relu-mask inverted-relu-mask diagonal-softmax-derivative softmax-over-wrong-axis

    constant-factor batch-sum-for-mean batch-mean-twice wrong-batch-size gradient-of-another-loss
    loss-applied-to-activated-output improper-target extra-activation-derivative sign-error missing-target
    missing-forward-constant broadcast-error

    transposed-weight-gradient transposed-weights elementwise-for-matrix-product axis-mix-up wrong-input-factor
    swapped-gradients

    bias-summed-over-units bias-not-summed bias-mean-for-sum missing-bias-gradient

    accumulated-gradients overwritten-accumulator learning-rate-twice missing-update detached-path stale-forward
    repeated-update aliased-parameters

    forward-mistake
"""
"""Every slug, a paragraph for each group."""

MADE = [slug for slug, entry in MISTAKES.items() if not entry.check_only]
SOMEWHERE = [(name, slug) for name, recipe in EVERY.items() for slug in MADE if MISTAKES[slug].sensible(recipe)]
"""Every network with every mistake that makes sense in some layer of it."""

LAST_LAYER_STAYS_EXACT = {
    "sum-of-weight-gradients",
    "derivative-of-wrong-unit",
    "missing-output-derivative-on-hidden-path",
    "missing-hidden-derivative",
    "missing-path",
    "missing-weight-factor",
    "wrong-weight",
    "derivative-of-wrong-layer",
    "derivative-of-gradient",
    "updated-weights-in-back-step",
    "transposed-weights",
    "elementwise-for-matrix-product",
    "detached-path",
}
ONLY_GRADIENTS = {
    "missing-output-derivative-in-own-gradient",
    "batch-sum-for-mean",
    "batch-mean-twice",
    "wrong-batch-size",
    "constant-factor",
    "transposed-weight-gradient",
    "axis-mix-up",
    "wrong-input-factor",
    "swapped-gradients",
    "bias-summed-over-units",
    "bias-mean-for-sum",
    "missing-bias-gradient",
}
IN_ANY_HIDDEN_LAYER = [
    "sum-of-weight-gradients",
    "derivative-of-wrong-unit",
    "missing-output-derivative-on-hidden-path",
    "missing-hidden-derivative",
    "missing-path",
    "missing-weight-factor",
    "derivative-of-gradient",
    "updated-weights-in-back-step",
    "detached-path",
]
FROZEN = TWO_HIDDEN_LAYERS.with_({"parameters.train_biases": False})
RIGHT_AT_FIRST = {"accumulated-gradients", "stale-forward"}
ONLY_THE_UPDATE = {"missing-update", "learning-rate-twice", "repeated-update", "aliased-parameters"}
FORWARD_TOO = {"forward-mistake", "softmax-over-wrong-axis", "loss-applied-to-activated-output", "broadcast-error"}


def derivatives_of(layer, trace):
    """Names of the derivatives in one layer."""
    return [name for name in trace if name.startswith("dL_d") and name.endswith(str(layer))]


def exact(one, other, names, row=0):
    """Whether quantities are the same to the last bit."""
    return all(np.array_equal(one[name][row], other[name][row], equal_nan=True) for name in names)


def test_every_mistake_is_there_in_its_group():
    groups = [set(paragraph.split()) for paragraph in ALL.split("\n\n")]
    assert [{entry.slug for entry in group} for group in GROUPS.values()] == groups
    assert set(MISTAKES) == set().union(*groups)


def test_all_that_are_needed_from_the_start_are_there():
    assert set(MADE) >= NEEDED_FROM_THE_START


@pytest.mark.parametrize("slug", MISTAKES)
def test_an_entry_tells_what_it_does_in_words(slug):
    entry = MISTAKES[slug]
    assert entry.slug == slug
    for text in (entry.instead, entry.tempting, entry.shows):
        assert len(text.split()) >= 3
        assert not text.endswith(".")
    assert not entry.seen.endswith(".")
    for parameter in entry.parameters.values():
        assert parameter.meaning
        assert parameter.default


@pytest.mark.parametrize("slug", MISTAKES)
def test_an_entry_stands_in_for_a_step_or_says_why_none_can(slug):
    entry = MISTAKES[slug]
    if entry.check_only:
        assert (entry.step, entry.wrong) == ("", None)
    elif entry.step != FUNCTIONS:
        assert entry.step in STEPS
        assert callable(getattr(Iteration, entry.step))


def test_what_is_check_only_is_so_for_a_reason():
    assert {slug for slug, entry in MISTAKES.items() if entry.check_only} == {"improper-target", "bias-not-summed"}


@pytest.mark.parametrize("slug", MISTAKES)
def test_every_mistake_can_be_made_where_the_errors_propose_it(slug):
    _, _, recipe, *options = shlex.split(MISTAKES[slug].command)
    settings = dict(zip(options[::2], options[1::2], strict=True))
    changes = [
        text.split("=", 1) for option, text in zip(options[::2], options[1::2], strict=True) if option == "--set"
    ]
    chosen = bl.recipe(recipe).with_({name: json.loads(value) for name, value in changes})
    if "--lr" in settings:
        chosen = chosen.with_({"training.learning_rate": float(settings["--lr"])})
    assert bl.run(chosen, mistake=settings.get("--mistake")).mistake == settings.get("--mistake")


@pytest.mark.parametrize(("network", "slug"), SOMEWHERE)
def test_a_mistake_is_wrong_where_it_says_and_right_where_it_says(network, slug):
    recipe = EVERY[network]
    wrong, right = bl.run(recipe, mistake=next(variants(slug, recipe))), bl.run(recipe)
    last = len(recipe.layers) - 1
    forward = [name for name in right if not name.startswith("dL_d") and name not in {"x", "y"}]
    derivatives = [name for name in right if name.startswith("dL_d")]
    gradients = [name for name in derivatives if name[4] in "Wb"]
    if slug in FORWARD_TOO:
        assert not exact(wrong, right, forward)
        return
    assert exact(wrong, right, forward)
    if slug in RIGHT_AT_FIRST:
        assert exact(wrong, right, derivatives)
        assert not exact(wrong, right, gradients, row=1)
    elif slug in ONLY_THE_UPDATE:
        assert exact(wrong, right, derivatives)
        assert not exact(wrong, right, [name[4:] for name in gradients], row=1)
    else:
        others = (bl.run(recipe, mistake=text) for text in variants(slug, recipe))
        assert any(not exact(other, right, gradients) for other in others)
        deltas = [name for name in derivatives if name not in gradients]
        if slug in ONLY_GRADIENTS:
            assert exact(wrong, right, deltas)
        if slug in LAST_LAYER_STAYS_EXACT:
            assert exact(wrong, right, derivatives_of(last, right))
        else:
            assert not exact(wrong, right, gradients + deltas)


@pytest.mark.parametrize("slug", IN_ANY_HIDDEN_LAYER)
def test_with_two_hidden_layers_a_mistake_in_one_of_them_leaves_those_behind_it_exact(slug):
    wrong, right = bl.run(TWO_HIDDEN_LAYERS, mistake=f"{slug}:layer=1"), bl.run(TWO_HIDDEN_LAYERS)
    for layer in (2, 3):
        assert exact(wrong, right, derivatives_of(layer, right))
    assert not exact(wrong, right, ["dL_dW1"])


@pytest.mark.parametrize("slug", IN_ANY_HIDDEN_LAYER)
def test_a_mistake_at_one_unit_leaves_the_others_of_its_layer_exact(slug):
    wrong, right = bl.run(TWO_THREE_TWO, mistake=f"{slug}:unit=2"), bl.run(TWO_THREE_TWO)
    for name in ("dL_dW1", "dL_db1", "dL_dz1"):
        same = np.isclose(wrong[name][0], right[name][0], rtol=0, atol=0).reshape(-1, 3).all(axis=0)
        assert same.tolist() == [True, True, False]


def test_without_a_layer_a_unit_must_be_there_in_every_layer():
    # layers of 3 and 2: the third unit is in the first alone
    wrong, right = bl.run(TWO_THREE_TWO, mistake="constant-factor:layer=1,unit=2"), bl.run(TWO_THREE_TWO)
    assert np.array_equal(wrong["dL_dW1"][0], right["dL_dW1"][0] * [1, 1, 2])
    with pytest.raises(EngineError, match="unit may be 0, 1 here"):
        bl.run(TWO_THREE_TWO, mistake="constant-factor:unit=2")


CANCELS_WITH_SOFTMAX = {"sum-of-weight-gradients", "missing-weight-factor", "bias-summed-over-units"}
"""The deltas of a softmax sum to 0, so that nothing but rounding is left."""


@pytest.mark.parametrize(
    ("network", "slug"),
    [(name, slug) for name, slug in SOMEWHERE if "softmax" not in name or slug not in CANCELS_WITH_SOFTMAX],
)
def test_in_float32_a_mistake_is_the_same_mistake(network, slug):
    text = next(variants(slug, EVERY[network]))
    small = EVERY[network].with_({"training.learning_rate": 0.01, "training.iterations": 2})
    one, other = (bl.run(small.with_({"numerics.precision": kind}), mistake=text) for kind in ("float32", "float64"))
    assert one["dL_dW1"].dtype == np.float32
    sevens = 1e-5  # float32 has 7 digits; sums of a few terms of different sign may lose one or two
    for name in ("dL_dW1", "dL_dW2"):
        assert np.abs(one[name] - other[name]).max() <= sevens * np.abs(other[name]).max()


@pytest.mark.parametrize("slug", [slug for slug in MADE if MISTAKES[slug].sensible(FROZEN)])
def test_frozen_biases_stay_frozen_under_every_mistake(slug):
    trace = bl.run(FROZEN, mistake=slug)
    for name in ("b1", "b2", "b3"):
        assert np.array_equal(trace[name], np.broadcast_to(trace[name][0], trace[name].shape))


@pytest.mark.parametrize(("network", "slug"), SOMEWHERE)
def test_numbers_beyond_all_bounds_are_results_and_no_warnings(network, slug):
    beyond = EVERY[network].with_({"training.learning_rate": 1e308, "training.iterations": 4})
    trace = bl.run(beyond, mistake=next(variants(slug, beyond)))  # warnings are errors in the tests
    weights = [trace[f"W{l}"] for l in range(1, len(beyond.layers))]
    assert any((~(np.abs(W) < 1e100)).any() for W in weights)


def test_the_data_and_the_start_are_not_touched_by_a_mistake():
    first, second = (bl.run(TWO_THREE_TWO, mistake="sum-of-weight-gradients") for _ in range(2))
    assert all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)
    assert first["x"].tolist() == [list(map(float, row)) for row in TWO_THREE_TWO.data.inputs]


# ---- adding the others: one entry in one place -----------------------------------------------------


@pytest.mark.parametrize("step", STEPS)
def test_an_entry_may_replace_any_step(monkeypatch, step):
    called = []

    @mistake(step=step, instead="the step is done, and counted")
    def counted_step(net, *where):
        called.append(where)
        at = where[:1] if step in {"hidden_delta", "through_activation", "weight_gradient", "bias_gradient"} else ()
        return getattr(Iteration, step)(net, *at)

    monkeypatch.setitem(MISTAKES, counted_step.slug, counted_step)
    wrong, right = bl.run(TWO_THREE_TWO, mistake="counted-step"), bl.run(TWO_THREE_TWO)
    assert called
    assert all(np.array_equal(wrong[name], right[name]) for name in right)


def test_an_entry_brings_parameters_of_its_own(monkeypatch):
    @mistake(
        step="forward",
        instead="the forward pass gives the same output whatever comes in",
        own={
            "output": Parameter(
                meaning="what it gives", default="0.5", numbers=Numbers(admits=lambda _: True, words="any number")
            )
        },
    )
    def constant_forward(net, output):
        Iteration.forward(net)
        net.a[net.n][:] = output

    monkeypatch.setitem(MISTAKES, constant_forward.slug, constant_forward)
    assert np.all(bl.run(TWO_TWO_TWO, mistake="constant-forward")["a2"] == 0.5)
    assert np.all(bl.run(TWO_TWO_TWO, mistake="constant-forward:output=0.25")["a2"] == 0.25)


def test_an_entry_of_the_loss_is_seen_in_the_loss(monkeypatch):
    @mistake(step="loss", instead="twice the loss stands where the loss belongs")
    def twice_the_loss(net):
        return 2 * Iteration.loss(net)

    monkeypatch.setitem(MISTAKES, twice_the_loss.slug, twice_the_loss)
    wrong, right = bl.run(TWO_TWO_TWO, mistake="twice-the-loss"), bl.run(TWO_TWO_TWO)
    assert np.array_equal(wrong.loss, 2 * right.loss)


def test_an_entry_without_parameters_says_so(monkeypatch):
    @mistake(step="forward", instead="nothing at all is done otherwise")
    def plain_forward(net):
        Iteration.forward(net)

    monkeypatch.setitem(MISTAKES, plain_forward.slug, plain_forward)
    with pytest.raises(EngineError) as error:
        bl.run(TWO_TWO_TWO, mistake="plain-forward:layer=1")
    [fault] = error.value.faults
    assert (fault.because, fault.try_this) == ("it takes no parameters", "--mistake plain-forward")
