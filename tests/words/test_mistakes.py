"""What a person reads who asked for a mistake that cannot be made: whole texts."""

import pytest

import backlight as bl
from backlight.engines.mistakes import MISTAKES
from backlight.faults import EngineError

COURSE = bl.recipe("course")
NO_HIDDEN_LAYER = bl.recipe(
    {
        "network": {"layers": [2, 1], "activations": "identity"},
        "parameters": {"weights": [[[0.5], [0.25]]]},
        "data": {"inputs": [[1.0, 2.0]], "targets": [[0.0]]},
        "loss": {"name": "half_sum_squared_error"},
        "training": {"learning_rate": 0.1, "iterations": 1},
    }
)
MIXED = bl.recipe(
    {
        "network": {"layers": [2, 3, 3, 2], "activations": ["relu", "identity", "softmax"], "biases": True},
        "parameters": {"initializer": "normal", "train_biases": False},
        "data": {"inputs": [[1.0, 2.0]], "targets": [[0.0, 1.0]]},
        "loss": {"name": "cross_entropy"},
        "training": {"learning_rate": 0.1, "iterations": 1},
    }
)
ALL = ", ".join(MISTAKES)
OF_CONSTANT_FACTOR = "layer (every layer), unit (every unit), parameter (every parameter), except (none), factor (2)"

TEXTS = {
    (COURSE, "Sum_of_weights"): f"""\
no mistake is called Sum_of_weights   [E-MISTAKE-1]
  got       Sum_of_weights
  because   the mistakes are {ALL}
  try       --mistake sum-of-weight-gradients""",
    (COURSE, ""): f"""\
no mistake is called ""   [E-MISTAKE-1]
  because   the mistakes are {ALL}
  try       --mistake sum-of-weight-gradients""",
    (COURSE, "constant-factor:factor=1,unit=7,lauer=2"): f"""\
constant-factor cannot be made with lauer=2   [E-MISTAKE-2]
  got       lauer=2
  because   it takes, with these defaults: {OF_CONSTANT_FACTOR}
  try       --mistake constant-factor:layer=2

constant-factor cannot be made with unit=7   [E-MISTAKE-2]
  got       unit=7
  because   unit may be 0, 1 here: the unit of that layer that comes out wrong, the first is 0
  try       --mistake constant-factor:unit=0

constant-factor cannot be made with factor=1   [E-MISTAKE-2]
  got       factor=1
  because   factor may be any finite number but 1: the constant the gradient is multiplied with
  try       --mistake constant-factor:factor=2""",
    (COURSE, "constant-factor:zebra=1"): f"""\
constant-factor cannot be made with zebra=1   [E-MISTAKE-2]
  got       zebra=1
  because   it takes, with these defaults: {OF_CONSTANT_FACTOR}
  try       --mistake constant-factor""",
    (COURSE, "constant-factor:factor=nan"): """\
constant-factor cannot be made with factor=nan   [E-MISTAKE-2]
  got       factor=nan
  because   factor may be any finite number but 1: the constant the gradient is multiplied with
  try       --mistake constant-factor:factor=2""",
    (COURSE, "constant-factor:factor=two"): """\
constant-factor cannot be made with factor=two   [E-MISTAKE-2]
  got       factor=two
  because   factor may be any finite number but 1: the constant the gradient is multiplied with
  try       --mistake constant-factor:factor=2""",
    (COURSE, "constant-factor:factor=2,factor=3"): """\
constant-factor cannot be made with factor=3   [E-MISTAKE-2]
  got       factor=3
  because   factor is there twice
  try       --mistake constant-factor""",
    (COURSE, "constant-factor:"): """\
constant-factor cannot be made with ""   [E-MISTAKE-2]
  because   behind the colon stands name=value, name=value ...
  try       --mistake constant-factor""",
    (COURSE, "sign-error:layer=1"): """\
sign-error cannot be made with layer=1   [E-MISTAKE-2]
  got       layer=1
  because   layer may be 2 here: the layer that comes out wrong, numbered as in W1
  try       --mistake sign-error:layer=2""",
    (COURSE, "missing-path:path=2"): """\
missing-path cannot be made with path=2   [E-MISTAKE-2]
  got       path=2
  because   path may be 0, 1 here: the unit of the next layer through which that path goes, the first is 0
  try       --mistake missing-path:path=0""",
    (COURSE, "missing-update:parameter=w9"): """\
missing-update cannot be made with parameter=w9   [E-MISTAKE-2]
  got       parameter=w9
  because   parameter may be w1, w2, w3, w4, w5, w6, w7, w8, ..., W2[1,1] here: the parameter, or array of parameters, \
that it is about: w1, W1[0,1], W1, b_h1, w1+w3
  try       --mistake missing-update:parameter=w1""",
    (COURSE, "wrong-activation-derivative:of=sigmoid"): """\
wrong-activation-derivative cannot be made with of=sigmoid   [E-MISTAKE-2]
  got       of=sigmoid
  because   of may be identity, tanh, relu, leaky_relu, elu, softplus, silu, gelu, 1-a here: the activation, with \
its default options, whose derivative is taken; 1-a is what it says
  try       --mistake wrong-activation-derivative:of=identity""",
    (COURSE, "repeated-update:times=2.5"): """\
repeated-update cannot be made with times=2.5   [E-MISTAKE-2]
  got       times=2.5
  because   times may be a whole number above 1: how often the update is made
  try       --mistake repeated-update:times=2""",
    (COURSE, "wrong-batch-size:size=-3"): """\
wrong-batch-size cannot be made with size=-3   [E-MISTAKE-2]
  got       size=-3
  because   size may be targets, units, features, inputs, any number above 0 here: targets: all numbers in Y; units: \
one sample's targets; features: one sample's inputs; inputs: all numbers in X; all: every sample where there are batches
  try       --mistake wrong-batch-size:size=targets""",
    (COURSE, "wrong-weight:weight=w5,taken=w5"): """\
wrong-weight cannot be made with taken=w5   [E-MISTAKE-2]
  got       taken=w5
  because   taken may be w6, w7, w8, w1, w2, w3, w4 here: the weight that stands there; for all of them that of the \
unit before or behind, where the one at the end takes that of the other end, or the bias that is kept in the same list; or the \
matrix of another layer
  try       --mistake wrong-weight:taken=w6""",
    (COURSE, "wrong-weight:weight=w1"): """\
wrong-weight cannot be made with weight=w1   [E-MISTAKE-2]
  got       weight=w1
  because   weight may be w5, w6, w7, w8, all here: the weight that belongs there; all: every one has \
another in its place
  try       --mistake wrong-weight:weight=w5""",
    (COURSE, "swapped-gradients:one=w1+w2"): """\
swapped-gradients cannot be made with one=w1+w2   [E-MISTAKE-2]
  got       one=w1+w2
  because   one may be w1, w2, w3, w4, w5, w6, w7, w8, ..., W2[1,1] here: a parameter, or an array of parameters
  try       --mistake swapped-gradients:one=w1""",
    (COURSE, "overwritten-accumulator:layer=2,over=paths"): """\
overwritten-accumulator cannot be made in this network   [E-MISTAKE-4]
  got       layers [2, 2, 2], activations sigmoid, sigmoid
  because   there must be several samples in an iteration, or several paths back to a hidden layer
  try       --mistake overwritten-accumulator:layer=1""",
    (COURSE, "improper-target"): """\
improper-target is found in programs, but no engine can make it   [E-MISTAKE-5]
  got       improper-target
  because   it is in the data, not in a step of the iteration: a recipe with such targets shows it
  try       backlight run course-cross-entropy""",
    (COURSE, "bias-not-summed:layer=1"): """\
bias-not-summed is found in programs, but no engine can make it   [E-MISTAKE-5]
  got       bias-not-summed
  because   the bias gets a row for each sample, and such a parameter is not in the network
  try       backlight run xor --mistake bias-mean-for-sum""",
    (COURSE, "missing-relu-mask"): """\
missing-relu-mask cannot be made in this network   [E-MISTAKE-4]
  got       layers [2, 2, 2], activations sigmoid, sigmoid
  because   only relu and leaky_relu have a mask
  try       backlight run course-relu --mistake missing-relu-mask""",
    (COURSE, "learning-rate-twice"): """\
learning-rate-twice cannot be made in this network   [E-MISTAKE-4]
  got       layers [2, 2, 2], activations sigmoid, sigmoid
  because   a learning rate of 1 or 0 is the same when it is multiplied in twice
  try       backlight run course --lr 0.5 --mistake learning-rate-twice""",
    (COURSE, "missing-update:layer=1,parameter=w8"): """\
missing-update cannot be made in this network   [E-MISTAKE-4]
  got       layers [2, 2, 2], activations sigmoid, sigmoid
  because   no parameter that is trained is left for it
  try       backlight run course --mistake missing-update""",
    (NO_HIDDEN_LAYER, "missing-path"): """\
missing-path cannot be made in this network   [E-MISTAKE-4]
  got       layers [2, 1], activations identity
  because   it is made on the way to a hidden layer, and there is none
  try       backlight run course --mistake missing-path""",
    (NO_HIDDEN_LAYER, "missing-output-derivative"): """\
missing-output-derivative cannot be made in this network   [E-MISTAKE-4]
  got       layers [2, 1], activations identity
  because   there is nothing to leave out where the activation is identity: its derivative is 1
  try       backlight run course --mistake missing-output-derivative""",
    (MIXED, "transposed-weights:layer=2"): """\
transposed-weights cannot be made in this network   [E-MISTAKE-4]
  got       layers [2, 3, 3, 2], activations relu, identity, softmax
  because   W can stand for W transposed only between two layers of the same size, and of more than one unit
  try       --mistake transposed-weights:layer=1""",
    (MIXED, "derivative-of-wrong-unit"): """\
derivative-of-wrong-unit cannot be made in this network   [E-MISTAKE-4]
  got       layers [2, 3, 3, 2], activations relu, identity, softmax
  because   each unit needs a derivative of its own, which softmax has not, and not all are 1, as with identity
  try       --mistake derivative-of-wrong-unit:layer=1""",
    (MIXED, "activation-applied-twice-in-derivative:layer=1"): """\
activation-applied-twice-in-derivative cannot be made in this network   [E-MISTAKE-4]
  got       layers [2, 3, 3, 2], activations relu, identity, softmax
  because   the slope of identity, relu and leaky_relu asks for the sign of z alone, and a has the same
  try       --mistake activation-applied-twice-in-derivative:layer=3""",
    (MIXED, "missing-update:parameter=b_h1_1"): """\
missing-update cannot be made in this network   [E-MISTAKE-4]
  got       layers [2, 3, 3, 2], activations relu, identity, softmax
  because   no parameter that is trained is left for it
  try       backlight run course --mistake missing-update""",
}


@pytest.mark.parametrize(("asked", "text"), TEXTS.items(), ids=[mistake or "nothing" for _, mistake in TEXTS])
def test_what_cannot_be_made_is_said_in_full(asked, text):
    recipe, mistake = asked
    with pytest.raises(EngineError) as error:
        bl.run(recipe, mistake=mistake)
    assert str(error.value) == text


@pytest.mark.parametrize(("asked", "text"), TEXTS.items(), ids=[mistake or "nothing" for _, mistake in TEXTS])
def test_what_is_proposed_works(asked, text):
    for proposal in (line.removeprefix("  try").split() for line in text.splitlines() if line.startswith("  try")):
        recipe = bl.recipe(proposal[2]) if proposal[0] == "backlight" else asked[0]
        changed = recipe.with_({"training.learning_rate": float(proposal[4])}) if "--lr" in proposal else recipe
        mistake = proposal[proposal.index("--mistake") + 1] if "--mistake" in proposal else None
        assert bl.run(changed, mistake=mistake).mistake == mistake


def test_only_the_hand_engine_makes_mistakes():
    with pytest.raises(EngineError) as error:
        bl.run(COURSE, engine="exact", mistake="sign-error")
    assert str(error.value) == (
        """\
only the hand engine makes mistakes, exact does not   [E-MISTAKE-3]
  got       --engine exact --mistake sign-error
  because   a mistake replaces one step of the hand-derived backward pass
  try       --engine hand --mistake sign-error"""
    )
