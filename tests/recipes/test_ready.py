"""The ready recipes run, and do what their titles and comments say."""

import numpy as np
import pytest

import backlight as bl
from backlight.recipes.ready import FOLDER, ORDER, ready, ready_text

ROUNDINGS = 16
"""ulp by which two ways to write one formula may drift apart in eleven iterations, about one for each."""


@pytest.mark.parametrize("name", ORDER)
def test_a_ready_recipe_is_read_by_its_name_and_has_a_title(name):
    assert bl.recipe(name).title == ready()[name] != ""


def test_the_list_has_every_file_and_nothing_else():
    assert sorted(ORDER) == sorted(file.stem for file in FOLDER.glob("*.toml"))


@pytest.mark.parametrize("name", ORDER)
def test_a_ready_recipe_is_a_text_to_start_from(name):
    text = ready_text(name)
    assert bl.recipe(text) == bl.recipe(name)
    assert "#" in text
    assert max(map(len, text.splitlines())) <= 110


def test_there_is_no_text_of_another_name():
    with pytest.raises(KeyError):
        ready_text("../course")


@pytest.mark.parametrize("name", [name for name in ORDER if name.startswith("course")])
def test_the_variants_of_the_exercise_differ_from_it_where_they_say_so(name):
    differs = {
        "course": set(),
        "course-numpy": {"training"},
        "course-torch": {"numerics"},
        "course-relu": {"network", "numerics"},
        "course-mse": {"loss"},
        "course-cross-entropy": {"loss", "training"},
        "course-random": {"parameters"},
        "course-zero": {"parameters"},
    }
    course, variant = bl.recipe("course"), bl.recipe(name)
    sections = ("network", "parameters", "data", "loss", "training", "numerics")
    assert {section for section in sections if getattr(course, section) != getattr(variant, section)} == differs[name]


def test_xor_is_solved_from_each_of_the_hundred_starts_that_the_comment_speaks_of():
    xor = bl.recipe("xor")
    for seed in range(100):
        trace = bl.run(xor.with_({"parameters.random_seed": seed}), record="loss")
        assert trace["accuracy"][-1] == 1
        assert trace.loss[-1] < 0.1  # the mean of -log of the probability given to the right answer: 0.9 and more


def test_xor_with_two_hidden_units_gets_stuck_from_many_a_start():
    xor = bl.recipe("xor").with_({"network.layers": [2, 2, 1]})
    accuracies = [
        bl.run(xor.with_({"parameters.random_seed": seed}), record="loss")["accuracy"][-1] for seed in range(30)
    ]
    assert 0.2 < np.mean(np.array(accuracies) == 1) < 0.8


def test_digits_learns_to_read_nineteen_of_twenty_pictures_it_has_not_seen():
    pytest.importorskip("sklearn")
    digits = bl.recipe("digits")
    trace = bl.run(digits, record="loss")
    assert trace["held_out_accuracy"][-1] > 0.95
    assert len(trace["x"]) == 1438
    assert digits.training.iterations == 15 * -(-1438 // 32) == 15 * 45


def test_the_cross_entropy_of_the_exercise_falls_below_zero():
    loss = bl.run(bl.recipe("course-cross-entropy")).loss
    assert loss[0] > 0 > loss[-1]


def test_relu_stops_what_leads_through_units_that_begin_below_zero():
    trace = bl.run(bl.recipe("course-relu"))
    assert (trace["z1"][0, 0, 1], trace["z2"][0, 0, 1]) < (0, 0)
    for label in ("w2", "w4", "w6", "w7", "w8"):
        assert len(set(trace[label].tolist())) == 1


def test_the_mean_over_two_outputs_is_half_their_sum():
    mean, half = bl.run(bl.recipe("course-mse")).loss, bl.run(bl.recipe("course")).loss
    assert np.all(np.abs(mean - half) <= ROUNDINGS * np.spacing(half))


def test_zero_weights_leave_the_hidden_units_equal():
    trace = bl.run(bl.recipe("course-zero"))
    assert not trace["dL_dW1"][0].any()
    assert np.array_equal(trace["h1"], trace["h2"])
    assert trace["dL_dW1"][1].any()
