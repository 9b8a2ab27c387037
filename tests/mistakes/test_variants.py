"""What a diagnosis goes through: every way a mistake can be made, and the engine driven by somebody else's numbers."""

import numpy as np
import pytest

import backlight as bl
from backlight.engines.hand import Iteration
from backlight.engines.loop import largest_batch
from backlight.engines.mistakes import MISTAKES, mistaken, specificity, variants
from backlight.engines.mistakes.catalogue import GENERAL
from backlight.engines.mistakes.parameters import trained_arrays
from backlight.recipes.start import batches, start
from backlight.traces.layout import layout
from tests.mistakes.networks import EVERY, ONE_OUTPUT, RELU, SOFTMAX_INSIDE, TWO_HIDDEN_LAYERS, TWO_TWO_TWO

MORE_THAN_ROUNDING = 1e-12
"""Of the largest number of a network: sums of a few terms in another order differ by less."""

MADE = [slug for slug, entry in MISTAKES.items() if not entry.check_only]


def rows(engine, recipe, iterations=3):
    """What an engine computes in a few iterations, and the parameters behind the last."""
    found = []
    with np.errstate(all="ignore"):
        for _, batch in zip(range(iterations), batches(recipe, start(recipe).samples), strict=False):
            engine.forward_and_backward(batch)
            found.append(engine.row.copy())
            engine.update()
    return [*found, engine.theta.copy()]


def numbers(engine, recipe):
    """All of them one after the other, padding as 0."""
    return np.nan_to_num(np.concatenate(rows(engine, recipe)))


def made(recipe):
    """What an engine is made of."""
    begin = start(recipe)
    return begin, layout(recipe, largest_batch(recipe, begin))


@pytest.mark.parametrize("network", EVERY)
@pytest.mark.parametrize("slug", MISTAKES)
def test_every_variant_can_be_made_and_none_is_the_truth(network, slug):
    recipe = EVERY[network]
    texts = list(variants(slug, recipe))
    right = numbers(Iteration(recipe, *made(recipe)), recipe)
    assert len(texts) == len(set(texts)) <= 100
    masks_coincide = slug == "derivative-of-wrong-unit" and "relu" in network  # two units on for the same samples
    for text in texts[: 1 if masks_coincide else None]:
        wrong = numbers(mistaken(text, recipe, *made(recipe)), recipe)
        assert np.abs(wrong - right).max() > MORE_THAN_ROUNDING * np.abs(right).max(), text


@pytest.mark.parametrize("slug", MADE)
def test_the_plain_slug_comes_first_wherever_it_can_be_made(slug):
    first = [next(variants(slug, recipe), None) for recipe in EVERY.values()]
    assert slug in first
    for recipe, text in zip(EVERY.values(), first, strict=True):
        try:
            bl.run(recipe, mistake=slug)
        except bl.BacklightError:
            assert text != slug
        else:
            assert text == (slug if MISTAKES[slug].sensible(recipe) else None)


@pytest.mark.parametrize("network", EVERY)
def test_a_mistake_is_found_among_the_variants(network):
    texts = {text for slug in MISTAKES for text in variants(slug, EVERY[network])}
    assert {"sum-of-weight-gradients", "accumulated-gradients:except=w1", "missing-update:parameter=w2"} <= texts


def test_variants_go_from_everywhere_to_single_layers_to_single_units():
    assert list(variants("missing-hidden-derivative", TWO_HIDDEN_LAYERS)) == [
        "missing-hidden-derivative",
        "missing-hidden-derivative:layer=1",
        "missing-hidden-derivative:layer=2",
        "missing-hidden-derivative:layer=1,unit=0",
        "missing-hidden-derivative:layer=1,unit=1",
        "missing-hidden-derivative:layer=2,unit=0",
        "missing-hidden-derivative:layer=2,unit=1",
    ]


def test_what_is_there_once_is_tried_once():
    assert list(variants("missing-target", ONE_OUTPUT)) == ["missing-target"]
    assert list(variants("derivative-of-wrong-unit", TWO_TWO_TWO))[:4] == [
        "derivative-of-wrong-unit",
        "derivative-of-wrong-unit:of=1",
        "derivative-of-wrong-unit:path=1",
        "derivative-of-wrong-unit:path=1,of=1",
    ]
    assert len(list(variants("swapped-gradients", TWO_TWO_TWO))) == 8 * 7 / 2 + 1  # and W1 with W2


def test_two_texts_that_ask_for_the_same_are_listed_once():
    course = bl.recipe("course")
    assert not {"missing-update:parameter=w1", "missing-update:except=W1"} & set(variants("missing-update", course))
    assert "missing-update:layer=2" in set(variants("missing-update", course))
    # one bias in a layer is the whole of its array
    assert not {"accumulated-gradients:parameter=b2"} & set(variants("accumulated-gradients", ONE_OUTPUT))
    # tanh, sigmoid: the derivative of sigmoid is wrong in the first layer alone
    assert "wrong-activation-derivative:of=sigmoid" not in set(variants("wrong-activation-derivative", ONE_OUTPUT))
    assert "wrong-activation-derivative:layer=1" in set(variants("wrong-activation-derivative", ONE_OUTPUT))
    # two inputs, two outputs and one sample: every other size is 2
    assert list(variants("wrong-batch-size", course)) == [
        f"wrong-batch-size{place}" for place in ("", ":layer=1", ":layer=2")
    ]
    assert list(variants("overwritten-accumulator", course)) == [
        f"overwritten-accumulator{way}" for way in ("", ":kept=first", ":over=uses", ":over=uses,kept=first")
    ]


DEPENDS_ON_THE_NUMBERS = {
    "derivative-of-wrong-unit",  # relu: two units that are on for the same samples
    "wrong-activation-derivative",  # relu, leaky_relu and elu where z is above 0
    "gradient-of-another-loss",  # huber of errors below 1 is half the square
    "missing-update",  # of a unit that is off
}


@pytest.mark.parametrize("network", EVERY)
def test_two_variants_of_a_mistake_give_different_numbers_unless_the_data_make_them_equal(network):
    recipe = EVERY[network]
    for slug in set(MADE) - DEPENDS_ON_THE_NUMBERS - (CANCELS if "softmax" in network else set()):
        texts = list(variants(slug, recipe))
        found = [numbers(mistaken(text, recipe, *made(recipe)), recipe) for text in texts]
        for k in range(len(texts) - 1):
            apart = np.abs(np.array(found[k + 1 :]) - found[k]).max(axis=1)
            assert apart.min() > MORE_THAN_ROUNDING * np.abs(found[k]).max(), (texts[k], texts[k + 1 + apart.argmin()])


CANCELS = {"sum-of-weight-gradients", "missing-weight-factor", "bias-summed-over-units"}
"""The deltas of a softmax sum to 0, so that single places can be equal but for rounding."""


def test_no_variant_where_a_mistake_cannot_be_made():
    assert not list(variants("missing-relu-mask", TWO_TWO_TWO))
    assert not list(variants("missing-path", ONE_OUTPUT))
    assert not list(variants("improper-target", SOFTMAX_INSIDE))


def test_the_variants_of_a_large_network_are_bounded_and_leave_single_parameters_out():
    recipe = TWO_TWO_TWO.with_(
        {
            "network.layers": [20, 30, 10],
            "parameters": {"initializer": "normal"},
            "data": {"inputs": [[0.1] * 20], "targets": [[0.2] * 10]},
        }
    )
    counts = {slug: len(list(variants(slug, recipe))) for slug in MISTAKES}
    assert max(counts.values()) <= 100
    assert not [text for slug in MISTAKES for text in variants(slug, recipe) if "parameter=w" in text]


# ---- somebody else's parameters ---------------------------------------------------------------------------


@pytest.mark.parametrize("network", EVERY)
@pytest.mark.parametrize("slug", MADE)
def test_an_engine_follows_parameters_that_are_set_from_outside(network, slug):
    # a program that makes the mistake: its parameters at every row are what an engine is given
    recipe = EVERY[network]
    text = next(variants(slug, recipe), None)
    if text is None:
        return
    trace = bl.run(recipe, mistake=text)
    begin, arrangement = made(recipe)
    engine = mistaken(text, recipe, begin, arrangement)
    trained = [name for name in arrangement.shapes if name[0] in "Wb" and name[1:].isdigit()]
    last = len(trace.loss) - 1
    with np.errstate(all="ignore"):
        for row, batch in zip(range(last + 1), batches(recipe, begin.samples), strict=False):
            engine.theta[:] = np.concatenate([trace[name][row].ravel() for name in trained])
            engine.forward_and_backward(batch)
            for name, view in arrangement.views(engine.row).items():
                assert np.array_equal(view, trace[name][row], equal_nan=True), (name, row)
            engine.update()
            if row < last:
                after = np.concatenate([trace[name][row + 1].ravel() for name in trained])
                assert np.array_equal(engine.theta, after, equal_nan=True)


GRADIENTS_REMEMBER = {"accumulated-gradients", "stale-forward"}


def test_what_remembers_says_so():
    assert {slug for slug, entry in MISTAKES.items() if entry.remembers} == GRADIENTS_REMEMBER | {"repeated-update"}


@pytest.mark.parametrize("slug", MADE)
def test_only_the_gradients_that_remember_depend_on_what_was_before(slug):
    recipe = next(recipe for recipe in EVERY.values() if list(variants(slug, recipe)))
    begin, arrangement = made(recipe)
    text = next(variants(slug, recipe))
    fresh, used = (mistaken(text, recipe, begin, arrangement) for _ in range(2))
    parameters = fresh.theta.copy()
    batch = next(batches(recipe, begin.samples))
    with np.errstate(all="ignore"):
        used.theta[:] = 0.5 * parameters
        for _ in range(2):
            used.forward_and_backward(batch)
            used.update()
        used.theta[:] = parameters
        for engine in (fresh, used):
            engine.forward_and_backward(batch)
    same = np.array_equal(fresh.dL_dtheta, used.dL_dtheta)
    assert same != (slug in GRADIENTS_REMEMBER)


# ---- which comes first ------------------------------------------------------------------------------------


def test_the_most_general_mistakes_come_last():
    assert set(GENERAL) <= set(MISTAKES)
    assert sorted(MISTAKES, key=specificity)[-2:] == ["constant-factor", "gradient-of-another-loss"]


@pytest.mark.parametrize(
    ("specific", "general"),
    [
        ("missing-hidden-derivative", "derivative-of-wrong-layer"),
        ("missing-output-derivative", "gradient-of-another-loss"),
        ("batch-sum-for-mean", "repeated-update"),
        ("missing-bias-gradient", "missing-update"),
        ("missing-update", "detached-path"),
    ],
)
def test_of_two_that_can_give_equal_numbers_the_specific_one_comes_first(specific, general):
    assert specificity(specific) < specificity(general)


COURSE, XOR = bl.recipe("course"), bl.recipe("xor")
FIVE_SAMPLES = bl.recipe(
    {
        "network": {"layers": [3, 4, 2], "activations": ["tanh", "sigmoid"], "biases": True},
        "parameters": {"initializer": "normal", "random_seed": 3},
        "data": {
            "inputs": [[0.3, 0.8, -1.3], [0.9, -0.5, 0.4], [-0.5, 0.6, 0.1], [0.3, -0.7, 0.5], [-0.2, 0.2, 0.9]],
            "targets": [[0.3, 0.8], [0.1, 0.6], [0.2, 0.9], [0.7, 0.4], [0.5, 0.3]],
        },
        "loss": {"name": "mean_squared_error"},
        "training": {"learning_rate": 0.3, "iterations": 4},
    }
)
RELU_AND_SOFTMAX = RELU.with_(
    {
        "network.activations": ["relu", "relu", "softmax"],
        "loss.name": "cross_entropy",
        "data.targets": [[1, 0], [0, 1], [1, 0]],
    }
)


@pytest.mark.parametrize(
    ("recipe", "texts"),
    [
        (COURSE, ["sign-error", "constant-factor:factor=-1"]),
        (COURSE, ["missing-forward-constant", "constant-factor"]),
        (COURSE, ["missing-path:path=1", "overwritten-accumulator"]),
        (COURSE, ["wrong-weight:weight=w6,taken=w7", "transposed-weights:unit=0"]),
        (COURSE, ["transposed-weight-gradient:layer=1", "swapped-gradients:one=w2,other=w3"]),
        (COURSE, ["stale-forward:of=zeros", "detached-path:layer=2"]),
        (COURSE, ["missing-hidden-derivative:unit=0", "wrong-activation-derivative:layer=1,unit=0,of=relu"]),
        (COURSE, ["wrong-batch-size", "constant-factor:factor=0.5", "gradient-of-another-loss:of=huber"]),
        (XOR, ["batch-sum-for-mean", "wrong-batch-size", "constant-factor:factor=4"]),
        (XOR, ["batch-mean-twice", "constant-factor:factor=0.25"]),
        (XOR, ["extra-activation-derivative", "gradient-of-another-loss:of=half_sum_squared_error"]),
        (FIVE_SAMPLES, ["batch-sum-for-mean:layer=1", "constant-factor:layer=1,factor=5"]),
        (FIVE_SAMPLES, ["missing-path:path=1", "overwritten-accumulator:over=paths"]),
        (FIVE_SAMPLES, ["wrong-batch-size", "constant-factor:factor=0.5"]),
        (RELU_AND_SOFTMAX, ["missing-relu-mask", "missing-hidden-derivative"]),
        (RELU_AND_SOFTMAX, ["diagonal-softmax-derivative", "wrong-activation-derivative:layer=3"]),
        (RELU_AND_SOFTMAX, ["missing-bias-gradient:layer=3", "bias-summed-over-units:layer=3"]),
        (RELU_AND_SOFTMAX, ["sum-of-weight-gradients:layer=2", "detached-path:layer=2"]),
    ],
)
def test_mistakes_with_equal_gradients_are_told_from_the_specific_to_the_general(recipe, texts):
    right, first, *others = (bl.run(recipe.with_({"training.iterations": 3}), mistake=text) for text in (None, *texts))
    trained = trained_arrays(recipe)
    for name in ("loss", *trained, *(f"dL_d{array}" for array in trained)):
        size = max(np.abs(right[name]).max(), np.abs(first[name]).max())  # of what cancels, where nothing is left
        for other in others:
            assert np.abs(other[name] - first[name]).max() <= MORE_THAN_ROUNDING * size
    ranks = [specificity(text.partition(":")[0]) for text in texts]
    assert ranks == sorted(set(ranks))
