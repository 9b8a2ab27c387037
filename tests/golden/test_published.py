"""The numbers that the exercise publishes come out, and beside the mistaken ones the true ones.

published.json holds them as they were printed: outputs to 4 or 5 decimals, gradients to 2, final weights to 4,
losses as float32 in full, or to 2 decimals. 11 rows were printed. The torch programs print before each update,
and their weights after all 11: row 11 of a run of 11 iterations. The NumPy program makes 10 updates.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import backlight as bl
from tests.conformance.engines_here import engine_parameter

PUBLISHED = json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))
ROWS = 11
WEIGHTS = [f"w{number}" for number in range(1, 9)]

LOSS_ULP = 4
"""The published programs add scalars from left to right, the engines matrices: the same sums in another order,
so that a loss may differ by a few roundings of float32."""
TRUE_SECOND_OUTPUTS = (0.39450, 0.32252)
TRUE_AND_MISTAKEN_LAST_LOSS = (0.00949, 0.01592)
"""At learning rate 10, found once by an independent program: in row 1, and after 10 updates."""


def printed(values, decimals):
    """Values as a program prints them; Python rounds the decimal expansion of the binary number correctly."""
    return [round(float(value), decimals) for value in np.ravel(values)]


def column(transcript, name):
    return [row[name] for row in PUBLISHED[transcript]["rows"]]


@pytest.fixture(params=[("torch-sigmoid", "course-torch"), ("torch-relu", "course-relu")], ids=lambda pair: pair[0])
def torch_program(request):
    transcript, recipe = request.param
    return transcript, bl.recipe(recipe)


@pytest.mark.parametrize("engine", [engine_parameter("autograd")])
class TestTheTorchPrograms:
    def test_the_recipe_is_the_published_program(self, engine, torch_program):
        transcript, recipe = torch_program
        assert recipe.numerics.precision == PUBLISHED[transcript]["dtype"]
        assert recipe.training.learning_rate == PUBLISHED[transcript]["learning_rate"]
        assert recipe.training.iterations == len(PUBLISHED[transcript]["rows"]) == ROWS

    def test_every_loss_is_within_4_ulp(self, engine, torch_program):
        transcript, recipe = torch_program
        loss = bl.run(recipe, engine=engine).loss[:ROWS]
        published = np.array(column(transcript, "loss"), dtype=np.float32)
        assert loss.dtype == np.float32
        assert np.all(np.abs(loss - published) <= LOSS_ULP * np.spacing(published))

    def test_every_output_prints_the_same(self, engine, torch_program):
        transcript, recipe = torch_program
        outputs = bl.run(recipe, engine=engine)["a2"][:ROWS, 0]
        assert [printed(row, 4) for row in outputs] == column(transcript, "outputs")

    def test_every_gradient_prints_the_same(self, engine, torch_program):
        transcript, recipe = torch_program
        trace = bl.run(recipe, engine=engine)
        gradients = np.stack([trace[f"dL_d{weight}"][:ROWS] for weight in WEIGHTS], axis=1)
        assert [printed(row, 2) for row in gradients] == column(transcript, "gradients")

    def test_the_final_weights_are_those_after_the_last_update(self, engine, torch_program):
        transcript, recipe = torch_program
        trace = bl.run(recipe, engine=engine)
        assert printed([trace[weight][-1] for weight in WEIGHTS], 4) == PUBLISHED[transcript]["final_weights"]


def test_a_program_that_lets_gradients_accumulate_is_not_within_4_ulp():
    trace = bl.run(bl.recipe("course-torch"), mistake="accumulated-gradients:except=w1")
    published = np.array(column("torch-sigmoid", "loss"), dtype=np.float32)
    off = np.abs(trace.loss[:ROWS] - published) > LOSS_ULP * np.spacing(published)
    assert off.tolist() == [False, False] + [True] * 9


class TestTheNumpyProgram:
    recipe = property(lambda self: bl.recipe("course-numpy"))

    def test_the_recipe_is_the_published_program(self):
        published = PUBLISHED["numpy-sigmoid"]
        assert self.recipe.numerics.precision == published["dtype"]
        assert self.recipe.training.learning_rate == published["learning_rate"]
        assert self.recipe.training.iterations == len(published["rows"]) - 1

    def test_with_its_mistake_every_published_number_comes_out(self):
        trace = bl.run(self.recipe, mistake="sum-of-weight-gradients")
        assert [printed(row, 5) for row in trace["a2"][:, 0]] == column("numpy-sigmoid", "outputs")
        assert printed(trace.loss, 2) == column("numpy-sigmoid", "loss")

    @pytest.mark.parametrize("engine", [engine_parameter(name) for name in ("hand", "autograd", "exact")])
    def test_without_it_the_true_numbers_come_out(self, engine):
        trace = bl.run(self.recipe, engine=engine)
        assert printed(trace["a2"][1], 5) == list(TRUE_SECOND_OUTPUTS)
        assert printed(trace.loss[-1], 5) == [TRUE_AND_MISTAKEN_LAST_LOSS[0]]

    def test_the_mistake_costs_more_than_half_of_what_was_learned(self):
        true, mistaken = TRUE_AND_MISTAKEN_LAST_LOSS
        assert printed(bl.run(self.recipe, mistake="sum-of-weight-gradients").loss[-1], 5) == [mistaken]
        assert mistaken > true * 1.5

    def test_the_published_numbers_are_not_those_of_the_true_gradient(self):
        trace = bl.run(self.recipe)
        assert [printed(row, 5) for row in trace["a2"][:, 0]] != column("numpy-sigmoid", "outputs")
