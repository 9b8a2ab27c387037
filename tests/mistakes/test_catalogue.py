"""The catalogue as a whole: complete, told in words, each entry wrong where it says and nowhere else."""

import numpy as np
import pytest

import backlight as bl
from backlight.engines.hand import Iteration
from backlight.engines.mistakes import MISTAKES
from backlight.engines.mistakes.mistake import STEPS, mistake
from backlight.engines.mistakes.parameters import Parameter
from backlight.faults import EngineError
from tests.mistakes.networks import NETWORKS, TWO_HIDDEN_LAYERS, TWO_THREE_TWO, TWO_TWO_TWO

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

LAST_LAYER_STAYS_EXACT = {
    "sum-of-weight-gradients",
    "derivative-of-wrong-unit",
    "missing-output-derivative-on-hidden-path",
    "missing-hidden-derivative",
    "missing-path",
    "missing-weight-factor",
    "updated-weights-in-back-step",
    "transposed-weights",
}
RIGHT_AT_FIRST = {"accumulated-gradients", "missing-update"}


def derivatives_of(layer, trace):
    """Names of the derivatives in one layer."""
    return [name for name in trace if name.startswith("dL_d") and name.endswith(str(layer))]


def exact(one, other, names, row=0):
    """Whether quantities are the same to the last bit."""
    return all(np.array_equal(one[name][row], other[name][row], equal_nan=True) for name in names)


def test_all_that_are_needed_from_the_start_are_there():
    assert set(MISTAKES) >= NEEDED_FROM_THE_START


@pytest.mark.parametrize("slug", MISTAKES)
def test_an_entry_tells_what_it_does_in_words(slug):
    entry = MISTAKES[slug]
    assert entry.slug == slug
    assert entry.step in STEPS
    assert callable(getattr(Iteration, entry.step))
    assert len(entry.instead.split()) > 5
    assert not entry.instead.endswith(".")
    for parameter in entry.parameters.values():
        assert parameter.meaning
        assert parameter.default


@pytest.mark.parametrize("slug", MISTAKES)
def test_every_mistake_can_be_made_in_the_course_exercise(slug):
    # the errors promise it: they propose it where a network does not fit
    assert bl.run(bl.recipe("course"), mistake=slug).mistake == slug


@pytest.mark.parametrize("network", [TWO_TWO_TWO, TWO_HIDDEN_LAYERS], ids=["2-2-2", "3-2-2-3"])
@pytest.mark.parametrize("slug", MISTAKES)
def test_a_mistake_is_wrong_where_it_says_and_right_where_it_says(network, slug):
    wrong, right = bl.run(network, mistake=slug), bl.run(network)
    last = len(network.layers) - 1
    forward = [name for name in right if not name.startswith("dL_d") and name not in {"x", "y"}]
    assert exact(wrong, right, forward)
    if slug in RIGHT_AT_FIRST:
        assert exact(wrong, right, [name for name in right if name.startswith("dL_d")])
        assert not exact(wrong, right, ["dL_dW1"], row=1)
        return
    assert exact(wrong, right, derivatives_of(last, right)) == (slug in LAST_LAYER_STAYS_EXACT)
    assert not exact(wrong, right, ["dL_dW1"])


@pytest.mark.parametrize("slug", sorted(LAST_LAYER_STAYS_EXACT - {"transposed-weights"}))
def test_with_two_hidden_layers_a_mistake_in_one_of_them_leaves_those_behind_it_exact(slug):
    wrong, right = bl.run(TWO_HIDDEN_LAYERS, mistake=f"{slug}:layer=1"), bl.run(TWO_HIDDEN_LAYERS)
    for layer in (2, 3):
        assert exact(wrong, right, derivatives_of(layer, right))
    assert not exact(wrong, right, ["dL_dW1"])


@pytest.mark.parametrize("slug", sorted(LAST_LAYER_STAYS_EXACT - {"transposed-weights"}))
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


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("slug", MISTAKES)
def test_in_float32_a_mistake_is_the_same_mistake(network, slug):
    if slug == "transposed-weights":
        network = "2-2-2"  # the only one with square matrices all through
    single = NETWORKS[network].with_({"numerics.precision": "float32"})
    one, other = bl.run(single, mistake=slug), bl.run(NETWORKS[network], mistake=slug)
    assert one["dL_dW1"].dtype == np.float32
    sevens = 1e-5  # float32 has 7 digits; sums of a few terms of different sign may lose one or two
    for name in ("dL_dW1", "dL_dW2", "loss"):
        assert np.abs(one[name] - other[name]).max() <= sevens * np.abs(other[name]).max()


@pytest.mark.parametrize("slug", MISTAKES)
def test_frozen_biases_stay_frozen_under_every_mistake(slug):
    frozen = TWO_HIDDEN_LAYERS.with_({"parameters.train_biases": False})
    trace = bl.run(frozen, mistake=slug)
    for name in ("b1", "b2", "b3"):
        assert np.array_equal(trace[name], np.broadcast_to(trace[name][0], trace[name].shape))


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
        own={"output": Parameter(meaning="what it gives", default="0.5", read=float)},
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
