"""What is special about the autograd engine; that it computes the right numbers is the matter of tests/conformance."""

import inspect
import subprocess
import sys

import mpmath
import numpy as np
import pytest

import backlight as bl
from backlight.faults import EngineError, MissingExtra
from backlight.recipes.functions import ACTIVATIONS, LOSSES, OPTIMIZERS
from tests.conformance.recipes import recipe

torch = pytest.importorskip("torch")

from backlight.engines import autograd  # noqa: E402  after torch is known to be there

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None                     # what an import finds that is not installed
import backlight as bl
assert bl.run(bl.recipe("course")).complete     # the other engines do not miss it
try:
    bl.run(bl.recipe("course"), engine="autograd")
except bl.BacklightError as error:
    print(error)
"""


def test_without_torch_the_error_says_what_to_install():
    told = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], check=True, capture_output=True, text=True).stdout
    assert told == (
        "the autograd engine needs torch, which is not installed   [X-EXTRA-1]\n"
        "  because   torch is an extra of backlight, so that the base stays small\n"
        '  try       pip install "backlight[torch]"\n'
    )


def test_a_torch_that_cannot_be_loaded_is_told_with_its_own_error_as_the_cause(monkeypatch):
    broken = OSError("libtorch_cpu.so: cannot open shared object file")
    monkeypatch.setattr(autograd, "TORCH_IS_MISSING", broken)
    with pytest.raises(MissingExtra) as raised:
        bl.run(bl.recipe("course"), engine="autograd")
    assert raised.value.__cause__ is broken


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "meta", "", "cpu "])
def test_a_device_that_cannot_compute_is_an_error_that_names_those_that_can(device):
    with pytest.raises(EngineError) as raised:
        bl.run(bl.recipe("course"), engine="autograd", device=device)
    [fault] = raised.value.faults
    assert fault.code == "E-DEVICE-1"
    assert fault.got == f'"{device}"'
    assert fault.because.startswith("the devices here are cpu")
    assert bl.run(bl.recipe("course"), engine="autograd", device=fault.try_this.strip('"')).complete


def settings_of_torch():
    return (
        torch.get_default_dtype(),
        torch.get_num_threads(),
        torch.get_rng_state().tolist(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
    )


@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("default", [torch.float32, torch.float64, torch.float16])
def test_the_callers_settings_neither_change_nor_matter(mode, precision, default, monkeypatch):
    asked = recipe(precision=precision, optimizer="adam", biases=True)
    expected = bl.run(asked, engine="autograd")
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(default)
        with mode():
            settings = settings_of_torch()
            trace = bl.run(asked, engine="autograd")
            assert settings_of_torch() == settings
    finally:
        torch.set_default_dtype(before)
    assert all(trace[name].dtype == precision and np.array_equal(trace[name], expected[name]) for name in trace)


@pytest.mark.parametrize(
    ("record", "torchs"),
    [
        *(
            (OPTIMIZERS[name], getattr(torch.optim, torchs))
            for name, torchs in {
                "sgd": "SGD",
                "rmsprop": "RMSprop",
                "adagrad": "Adagrad",
                "adam": "Adam",
                "adamw": "AdamW",
            }.items()
        ),
        (ACTIVATIONS["leaky_relu"], torch.nn.LeakyReLU),
        (ACTIVATIONS["elu"], torch.nn.ELU),
        (ACTIVATIONS["softplus"], torch.nn.Softplus),
        (LOSSES["huber"], torch.nn.HuberLoss),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_every_option_has_the_default_of_torch(record, torchs):
    of_torch = {name: parameter.default for name, parameter in inspect.signature(torchs).parameters.items()}
    assert {name: option.default for name, option in record.options.items()} == {
        name: of_torch[name] for name in record.options
    }


def test_no_option_of_another_function_is_left_out():
    with_options = {name for table in (ACTIVATIONS, LOSSES) for name, record in table.items() if record.options}
    assert with_options == {"leaky_relu", "elu", "softplus", "huber"}


def one_number(activation, loss, z, y):
    """A network of one unit whose z is the input."""
    return bl.recipe(
        {
            "network": {"layers": [1, 1], "activations": activation},
            "parameters": {"weights": [[[1.0]]]},
            "data": {"inputs": [[z]], "targets": [[y]]},
            "loss": {"name": loss},
            "training": {"learning_rate": 1.0, "iterations": 0},
        }
    )


PHI = mpmath.ncdf
SIGMOID = mpmath.sigmoid if hasattr(mpmath, "sigmoid") else lambda t: 1 / (1 + mpmath.exp(-t))
FUNCTIONS = {
    "gelu": (lambda z: z * PHI(z), lambda z: PHI(z) + z * mpmath.npdf(z)),
    "softplus": (lambda z: mpmath.log1p(mpmath.exp(z)), SIGMOID),
    "silu": (lambda z: z * SIGMOID(z), lambda z: SIGMOID(z) + z * SIGMOID(z) * (1 - SIGMOID(z))),
    "elu": (lambda z: z if z > 0 else mpmath.expm1(z), lambda z: mpmath.mpf(1) if z > 0 else mpmath.exp(z)),
}


def off(value, truth):
    """Relative error of a float64 against a number of 50 digits."""
    return float(abs(mpmath.mpf(float(value)) - truth) / abs(truth))


def tails(z):
    """Eight roundings, and in gelu's exp(-z^2 / 2) z^2 of them for each of the two in z / sqrt(2)."""
    return (8 + 2 * z * z) * 2.0**-53


@pytest.mark.parametrize("engine", ["hand", "autograd"])
@pytest.mark.parametrize("z", [-30.0, -9.0, -2.5, -1e-9, 1e-9, 0.7, 9.0, 25.0])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_activations_keep_their_digits_far_from_zero(name, z, engine):
    f, slope = FUNCTIONS[name]
    trace = bl.run(one_number(name, "half_sum_squared_error", z, -3.0), engine=engine)
    with mpmath.workdps(50):
        a, derivative = f(mpmath.mpf(z)), slope(mpmath.mpf(z))
        assert off(trace["o1"][0], a) <= tails(z)
        assert off(trace["dL_dz_o1"][0], (a + 3) * derivative) <= 2 * tails(z)


def test_the_formulas_of_torch_that_are_not_followed_would_fail_that_test():
    z = torch.tensor([-9.0], dtype=torch.float64)
    with mpmath.workdps(50):
        assert off(torch.nn.functional.gelu(z), -9 * PHI(-9)) > 100 * tails(9.0)
        large = torch.tensor([21.0], dtype=torch.float64)
        assert off(torch.nn.functional.softplus(large), mpmath.log1p(mpmath.exp(21))) > tails(1.0)
        logit = torch.tensor([-30.0], dtype=torch.float64)
        bce = torch.nn.functional.binary_cross_entropy_with_logits(logit, torch.zeros(1, dtype=torch.float64))
        assert off(bce, mpmath.log1p(mpmath.exp(-30))) > 100 * tails(1.0)


@pytest.mark.parametrize("engine", ["hand", "autograd"])
@pytest.mark.parametrize("a", [-200.0, -30.0, -1.0, 0.5, 30.0, 200.0])
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_binary_cross_entropy_of_logits_keeps_its_digits(y, a, engine):
    trace = bl.run(one_number("identity", "sigmoid_binary_cross_entropy", a, y), engine=engine)
    with mpmath.workdps(150):
        wrong_side = mpmath.mpf(a) if y == 0 else -mpmath.mpf(a)
        assert off(trace.loss[0], mpmath.log1p(mpmath.exp(wrong_side))) <= tails(1.0)


@pytest.mark.parametrize("engine", ["hand", "autograd"])
def test_binary_cross_entropy_is_not_clamped(engine):
    trace = bl.run(one_number("sigmoid", "binary_cross_entropy", -200.0, 1.0), engine=engine)
    assert trace.loss[0] == pytest.approx(200.0, rel=1e-15)  # torch.nn.BCELoss says 100


@pytest.mark.parametrize("engine", ["hand", "autograd"])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_a_term_with_factor_zero_is_zero_and_sends_no_nan_back(loss, engine):
    """The second output underflows to 0 where the target is 0: 0 log 0 = 0, with derivative 0."""
    asked = bl.recipe(
        {
            "network": {"layers": [1, 2], "activations": "softmax"},
            "parameters": {"weights": [[[0.0, -1000.0]]]},
            "data": {"inputs": [[1.0]], "targets": [[1.0, 0.0]]},
            "loss": {"name": loss},
            "training": {"learning_rate": 1.0, "iterations": 1},
        }
    )
    trace = bl.run(asked, engine=engine)
    assert trace["a1"][0].tolist() == [[1.0, 0.0]]
    assert trace.loss[0] == 0
    assert np.all(np.isfinite(trace["dL_da1"]))
    assert trace["dL_dW1"][0].tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("learning_rate", [1e38, 1e300])
def test_a_learning_rate_near_or_beyond_the_largest_float32_gives_infinities_where_hand_does(learning_rate, optimizer):
    asked = recipe(precision="float32", optimizer=optimizer, learning_rate=learning_rate, iterations=2)
    hand, by_torch = (bl.run(asked, engine=engine) for engine in ("hand", "autograd"))
    assert np.array_equal(by_torch["W1"][0], hand["W1"][0])
    assert np.array_equal(np.isfinite(by_torch["W1"]), np.isfinite(hand["W1"]))
    assert learning_rate < float(np.finfo(np.float32).max) or not np.any(np.isfinite(by_torch["W1"][-1]))


def test_torchs_centered_rmsprop_is_followed_where_it_takes_the_root_of_a_rounding_error():
    """Under a constant gradient the variance is alpha^t (1 - alpha^t) g^2, and soon the difference of equal numbers."""
    asked = bl.recipe(
        {
            "network": {"layers": [1, 1], "activations": "identity"},
            "parameters": {"weights": [[[0.3]]]},
            "data": {"inputs": [[0.7]], "targets": [[-1e30]]},
            "loss": {"name": "mean_absolute_error"},
            "training": {
                "optimizer": "rmsprop",
                "learning_rate": 1e-3,
                "iterations": 100,
                "centered": True,
                "alpha": 0.3,
            },
        }
    )
    assert np.isnan(bl.run(asked, engine="autograd")["W1"][-1])
    assert np.isfinite(bl.run(asked, engine="hand")["W1"][-1])
