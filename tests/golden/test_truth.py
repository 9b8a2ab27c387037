"""The true numbers of the exercise, from the literals of the course and proven to every decimal written there."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

import backlight as bl
from backlight.recipes.labels import place

TRUTH = json.loads(Path(__file__).with_name("truth.json").read_text(encoding="utf-8"))
AS_WRITTEN = {"numerics.exact_from": "literal"}


def proven(trace, label, row=0):
    """The proven decimal of a scalar."""
    where = place(trace.recipe, label)
    value = trace.decimals[where.quantity][row]
    for index in where.index:
        value = value[index]
    return Decimal(value)


def rounded(number, written):
    """A number rounded to as many decimals as are written."""
    return str(number.quantize(Decimal(written)))


@pytest.mark.parametrize("label", TRUTH["at the start"])
def test_at_the_start(label):
    trace = bl.run(bl.recipe("course").with_(AS_WRITTEN), engine="exact")
    written = TRUTH["at the start"][label]
    assert rounded(proven(trace, label), written) == written


def test_the_loss_after_10_updates_at_learning_rate_10():
    faster = bl.recipe("course").with_({"training.learning_rate": 10, "training.iterations": 10, **AS_WRITTEN})
    written = TRUTH["loss after 10 updates at learning rate 10"]
    assert rounded(proven(bl.run(faster, engine="exact"), "loss", row=-1), written) == written


def test_the_cross_entropy_begins_where_it_was_seen_to_and_never_reaches_its_limit():
    trace = bl.run(bl.recipe("course-cross-entropy").with_(AS_WRITTEN), engine="exact")
    written = TRUTH["cross-entropy on the sigmoids at the start"]
    assert rounded(proven(trace, "loss"), written) == written
    limit = Decimal(TRUTH["cross-entropy on the sigmoids stays above"])
    assert all(limit < Decimal(loss) for loss in trace.decimals["loss"])
    assert Decimal(trace.decimals["loss"][-1]) < 0


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_the_loss_never_falls_below_its_floor(activation):
    recipe = bl.recipe("course").with_({"network.activations": activation, "training.iterations": 300, **AS_WRITTEN})
    floor = Decimal(TRUTH["floor of the loss with outputs that cannot be negative"])
    assert all(Decimal(loss) >= floor for loss in bl.run(recipe, engine="exact").decimals["loss"])
