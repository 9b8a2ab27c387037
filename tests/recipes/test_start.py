"""What a run starts from: torch's distributions drawn by NumPy, zero biases, batches in their order."""

from itertools import islice
from math import sqrt

import numpy as np
import pytest

import backlight as bl
from backlight.faults import RecipeError
from backlight.recipes.functions import INITIALIZERS
from backlight.recipes.start import batches, start
from tests.recipes.planted import DIGITS, DRAWN, WRITTEN, pasted

WIDE = bl.recipe(
    {
        "network": {"layers": [300, 200, 100], "activations": "relu", "biases": True},
        "parameters": {"initializer": "zeros", "random_seed": 7},
        "data": {"inputs": [[0] * 300], "targets": [[0] * 100]},
        "loss": {"name": "mean_squared_error"},
        "training": {"learning_rate": 0.1, "iterations": 1},
    }
)


def drawn(name, **options):
    changes = {"parameters.initializer": name} | {f"parameters.{option}": value for option, value in options.items()}
    return start(WIDE.with_(changes)).weights


# Of 60,000 and 20,000 numbers the mean of squares lies within 5 standard errors of the variance:
# 5 sqrt(2 / 20000) = 0.05 for normal numbers, less for uniform ones. The draw is fixed by its seed.
CLOSE = 0.05


@pytest.mark.parametrize(
    ("name", "options", "variance"),
    [
        ("uniform", {"a": -0.5, "b": 0.5}, lambda _fan_in, _fan_out: 1 / 12),
        ("normal", {"std": 0.3}, lambda _fan_in, _fan_out: 0.3**2),
        ("xavier_uniform", {}, lambda fan_in, fan_out: 2 / (fan_in + fan_out)),
        ("xavier_normal", {"gain": 2.0}, lambda fan_in, fan_out: 4 * 2 / (fan_in + fan_out)),
        ("kaiming_uniform", {}, lambda fan_in, _fan_out: 2 / fan_in),
        ("kaiming_uniform", {"nonlinearity": "tanh"}, lambda fan_in, _fan_out: (5 / 3) ** 2 / fan_in),
        ("kaiming_uniform", {"a": sqrt(5)}, lambda fan_in, _fan_out: 1 / 3 / fan_in),
        ("kaiming_normal", {"mode": "fan_out", "nonlinearity": "relu"}, lambda _fan_in, fan_out: 2 / fan_out),
        ("kaiming_normal", {"nonlinearity": "linear"}, lambda fan_in, _fan_out: 1 / fan_in),
        ("orthogonal", {"gain": 3.0}, lambda fan_in, _fan_out: 9 / fan_in),
    ],
)
def test_an_initializer_has_the_variance_that_its_authors_wanted(name, options, variance):
    for matrix, (fan_in, fan_out) in zip(drawn(name, **options), [(300, 200), (200, 100)], strict=True):
        assert matrix.shape == (fan_in, fan_out)
        assert np.mean(matrix**2) == pytest.approx(variance(fan_in, fan_out), rel=CLOSE)


@pytest.mark.parametrize("name", ["xavier_uniform", "kaiming_uniform"])
@pytest.mark.parametrize("layer", [0, 1])
def test_a_uniform_initializer_ends_where_torch_s_does(name, layer):
    """torch fills a matrix of (units, inputs); its largest entry comes near the same end, and none goes beyond."""
    init = pytest.importorskip("torch.nn.init")
    import torch

    ours = drawn(name)[layer]
    torch.manual_seed(0)
    theirs = getattr(init, f"{name}_")(torch.empty(*ours.shape[::-1], dtype=torch.float64)).numpy()
    end = sqrt(3 * np.mean(ours**2))
    assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=1e-3)
    assert np.abs(ours).max() == pytest.approx(end, rel=CLOSE)


@pytest.mark.parametrize("name", ["normal", "xavier_normal", "uniform", "kaiming_uniform", "orthogonal"])
def test_layers_are_drawn_one_after_the_other_from_one_generator_in_c_order(name):
    """The first layer of a network does not depend on those behind it; scaled, it is what the generator gives."""
    short = WIDE.with_({"network.layers": [300, 200], "data.targets": [[0] * 200], "parameters.initializer": name})
    first, second = drawn(name)
    assert np.array_equal(start(short).weights[0], first)
    assert not np.array_equal(first[:200, :100], second)


def test_normal_numbers_are_those_of_numpy_in_c_order():
    generator = np.random.default_rng(7)
    stream = generator.normal(0.5, 2.0, size=300 * 200 + 200 * 100)
    assert np.array_equal(np.concatenate([matrix.ravel() for matrix in drawn("normal", mean=0.5, std=2.0)]), stream)


def test_an_orthogonal_matrix_has_orthonormal_columns_or_rows():
    for layers in ([300, 200], [200, 300]):
        data = {"data.inputs": [[0] * layers[0]], "data.targets": [[0] * layers[1]]}
        (matrix,) = start(WIDE.with_({"network.layers": layers, "parameters.initializer": "orthogonal"} | data)).weights
        product = matrix.T @ matrix if layers[0] > layers[1] else matrix @ matrix.T
        assert np.abs(product - np.eye(200)).max() < 200 * np.finfo(float).eps


def test_weights_are_drawn_in_float64_and_then_rounded():
    single = start(WIDE.with_({"parameters.initializer": "normal", "numerics.precision": "float32"}))
    for rounded, exact in zip(single.weights, drawn("normal"), strict=True):
        assert rounded.dtype == np.float32
        assert np.array_equal(rounded, exact.astype(np.float32))


def test_zeros_constants_and_biases_are_what_they_say():
    assert not any(matrix.any() for matrix in drawn("zeros"))
    assert all((matrix == 0.25).all() for matrix in drawn("constant", val=0.25))
    assert [bias.tolist() for bias in start(WIDE).biases] == [[0.0] * 200, [0.0] * 100]
    assert [bias.tolist() for bias in start(bl.recipe(DRAWN)).biases] == [[0.0] * 4, [1.0]]
    assert start(bl.recipe(WRITTEN)).biases == ()


HUGE = (1e150, 1e300, 1.7e308, -1e300)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(
    ("name", "option"), [(name, option) for name, one in INITIALIZERS.items() for option in one.options]
)
def test_options_of_any_size_give_finite_weights_or_a_fault(name, option, precision):
    tree = WRITTEN | {"numerics": {"precision": precision}}
    for value in HUGE if INITIALIZERS[name].options[option].kind == "number" else ():
        source = tree | {"parameters": {"initializer": name, option: value}}
        for _step in range(2):  # minus the value may be too large as well
            source = mended(source)
        assert all(np.isfinite(matrix).all() for matrix in start(bl.recipe(source)).weights)


def mended(source):
    """The recipe after its user has pasted what is offered, if anything is wrong with it."""
    try:
        start(bl.recipe(source))
    except RecipeError as error:
        (fault,) = error.faults
        return pasted(source, fault)
    return source


# ---- batches ---------------------------------------------------------------------------------------------


def orders(samples, count, **training):
    recipe = bl.recipe(DIGITS).with_({f"training.{name}": value for name, value in training.items()})
    return [None if order is None else order.tolist() for order in islice(batches(recipe, samples), count)]


def test_without_a_size_every_iteration_takes_all_samples():
    assert orders(5, 3) == [None, None, None]


def test_batches_go_through_the_file_and_the_last_one_may_be_short():
    assert orders(5, 4, batch_size=2) == [[0, 1], [2, 3], [4], [0, 1]]


def test_a_batch_is_never_larger_than_the_data():
    assert orders(3, 2, batch_size=10) == [[0, 1, 2], [0, 1, 2]]


def test_every_epoch_is_a_new_permutation_from_one_generator():
    generator = np.random.default_rng(5)
    first, second = generator.permutation(5).tolist(), generator.permutation(5).tolist()
    expected = [first[:2], first[2:4], first[4:], second[:2], second[2:4], second[4:]]
    assert orders(5, 6, batch_size=2, shuffle_seed=5) == expected
    assert orders(5, 2, shuffle_seed=5) == [first, second]


@pytest.mark.parametrize(
    ("targets", "is_classification"),
    [
        ([[1, 0], [0, 1]], True),
        ([[1, 1], [0, 1]], False),
        ([[0.5, 0.5], [0, 1]], False),
        ([[0], [1]], True),
        ([[0], [2]], False),
    ],
)
def test_targets_that_are_classes_are_recognised(targets, is_classification):
    tree = {
        "network": {"layers": [1, len(targets[0])], "activations": "identity"},
        "parameters": {"initializer": "zeros"},
        "data": {"inputs": [[0], [1]], "targets": targets, "held_out": 0.5},
    }
    recipe = bl.recipe(WRITTEN | tree)
    assert start(recipe).is_classification == is_classification
