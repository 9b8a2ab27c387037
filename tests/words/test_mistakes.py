"""What a person reads who asked for a mistake that cannot be made: whole texts."""

import pytest

import backlight as bl
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
ALL = (
    "sum-of-weight-gradients, derivative-of-wrong-unit, missing-output-derivative-on-hidden-path, "
    "missing-output-derivative, missing-hidden-derivative, missing-path, missing-weight-factor, "
    "updated-weights-in-back-step, activation-applied-twice-in-derivative, wrong-activation-derivative, "
    "constant-factor, sign-error, transposed-weights, accumulated-gradients, missing-update"
)
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
that it is about: w1, W1[0,1], W1, b_h1
  try       --mistake missing-update:parameter=w1""",
    (COURSE, "wrong-activation-derivative:of=sigmoid"): """\
wrong-activation-derivative cannot be made with of=sigmoid   [E-MISTAKE-2]
  got       of=sigmoid
  because   of may be identity, tanh, relu, leaky_relu, elu, softplus, silu, gelu here: the activation, with its \
default options, whose derivative is taken
  try       --mistake wrong-activation-derivative:of=identity""",
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
    for proposal in (line.split()[-1] for line in text.splitlines() if line.startswith("  try")):
        recipe = COURSE if "backlight run course" in text else asked[0]
        assert bl.run(recipe, mistake=proposal).mistake == proposal


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
