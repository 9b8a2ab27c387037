"""Recipes by chance are valid, various, and the same for the same seed."""

import numpy as np

from backlight.recipes.functions import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS
from tests.conformance.random_recipes import random_recipe

MANY = 400


def many(**choices):
    generator = np.random.default_rng(1)
    return [random_recipe(generator, **choices) for _ in range(MANY)]


def test_everything_a_recipe_can_say_of_a_network_occurs():
    drawn = many()
    assert {choice.name for recipe in drawn for choice in recipe.activations} == set(ACTIVATIONS)
    assert {recipe.loss.name for recipe in drawn} == set(LOSSES)
    assert {recipe.training.optimizer for recipe in drawn} == set(OPTIMIZERS)
    assert {recipe.parameters.initializer for recipe in drawn} == {None, *INITIALIZERS}
    assert {len(recipe.activations) for recipe in drawn} == {1, 2, 3, 4}
    assert {(recipe.network.biases, recipe.parameters.train_biases) for recipe in drawn} == {
        (False, True),
        (True, True),
        (True, False),
    }
    assert {recipe.loss.over_samples for recipe in drawn} == {"mean", "sum"}
    short = [recipe for recipe in drawn if recipe.training.batch_size]
    assert any(len(recipe.data.inputs) % recipe.training.batch_size for recipe in short)
    assert {recipe.training.shuffle_seed is None for recipe in short} == {True, False}


def test_every_option_of_every_function_is_written_now_and_then():
    written = {(recipe.training.optimizer, name) for recipe in many() for name in recipe.training.model_fields_set}
    assert written >= {(name, option) for name, record in OPTIMIZERS.items() for option in record.options}


def test_the_same_seed_gives_the_same_recipes():
    assert many() == many()


def test_a_choice_can_be_narrowed():
    assert {recipe.training.optimizer for recipe in many(optimizers=["sgd"])} == {"sgd"}
    assert {recipe.numerics.precision for recipe in many(precisions=["float32"])} == {"float32"}
