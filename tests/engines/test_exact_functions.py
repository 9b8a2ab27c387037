"""The exact engine's activations, losses and optimizers against mpmath, which knows nothing of balls.

Formulas here are other ones than the engine's where there are any: sech for tanh's slope, erfc for gelu, the
corrected moments of Adam's paper. 50 digits have to agree, at ordinary and at extreme numbers.
"""

import mpmath as mp
import pytest
from flint import arb, arb_mat, ctx

import backlight as bl
from backlight.engines.exact.activations import activation
from backlight.engines.exact.beginning import ball
from backlight.engines.exact.losses import loss
from backlight.recipes.functions import ACTIVATIONS, LOSSES, OPTIMIZERS

DIGITS = 50
BITS = 4096
"""1 - tanh(800)^2 is about 10^-694: what is left of such a cancellation has digits only with many bits."""
TINY = arb((1, -BITS // 2))
Z = [-800.0, -100.0, -6.5, -1.25, -1e-9, 0.0, 1e-9, 0.5, 1.0, 3.25, 40.0, 800.0]


@pytest.fixture(autouse=True)
def precisely():
    with ctx.workprec(BITS), mp.workdps(DIGITS + 20):
        yield


def number(exact):
    """A ball without radius."""
    mantissa, exponent = exact.man_exp()
    return mp.ldexp(mp.mpf(int(mantissa)), int(exponent))


def is_the_same(ball, value):
    """Whether a ball agrees to all digits; where 1 + erf or 1 + exp cancels, it may only know that this is small."""
    if abs(ball) < TINY:
        return abs(value) < number(TINY)
    return abs(number(ball.mid()) - value) <= abs(value) * mp.mpf(10) ** -DIGITS


def logistic(z):
    return 1 / (1 + mp.exp(-z))


def bell(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


FUNCTIONS = {
    "identity": (lambda z: z, lambda z: mp.mpf(1)),
    "sigmoid": (logistic, lambda z: 1 / (2 + 2 * mp.cosh(z))),
    "tanh": (mp.tanh, lambda z: mp.sech(z) ** 2),
    "relu": (lambda z: max(z, mp.mpf(0)), lambda z: mp.mpf(z > 0)),
    "leaky_relu": (lambda z: max(z, mp.mpf(0.2) * z), lambda z: mp.mpf(1) if z > 0 else mp.mpf(0.2)),
    "elu": (
        lambda z: z if z > 0 else mp.mpf(0.7) * mp.expm1(z),
        lambda z: mp.mpf(1) if z > 0 else mp.mpf(0.7) * mp.exp(z),
    ),
    "softplus": (lambda z: mp.log1p(mp.exp(3 * z)) / 3, lambda z: logistic(3 * z)),
    "silu": (lambda z: z * logistic(z), lambda z: (1 + mp.exp(-z) + z * mp.exp(-z)) / (1 + mp.exp(-z)) ** 2),
    "gelu": (lambda z: z * mp.erfc(-z / mp.sqrt(2)) / 2, lambda z: mp.erfc(-z / mp.sqrt(2)) / 2 + z * bell(z)),
}
OPTIONS = {"leaky_relu": {"negative_slope": arb(0.2)}, "elu": {"alpha": arb(0.7)}, "softplus": {"beta": arb(3)}}


def test_every_activation_of_single_units_is_compared():
    assert set(FUNCTIONS) == {name for name, record in ACTIVATIONS.items() if record.elementwise}


@pytest.mark.parametrize("z", Z)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_activation_and_its_slope(name, z):
    f, slope = FUNCTIONS[name]
    exact = activation(name, OPTIONS.get(name, {}))
    at = arb_mat([[z]])
    a = exact.forward(at)
    [back] = exact.backward(at, a, arb_mat([[2]])).entries()
    assert is_the_same(a[0, 0], f(mp.mpf(z)))
    assert is_the_same(back, 2 * slope(mp.mpf(z)))


@pytest.mark.parametrize("z", [-(2.0**60), 2.0**60])
def test_a_saturated_sigmoid_is_a_number_however_large_z_is(z):
    for name in ("sigmoid", "silu", "softplus"):
        [a] = activation(name, OPTIONS.get(name, {})).forward(arb_mat([[z]])).entries()
        assert a.is_finite()


def test_softmax_of_far_apart_numbers():
    a = activation("softmax", {}).forward(arb_mat([[-700.0, 0.5, 800.0]])).entries()
    whole = mp.exp(-700) + mp.exp(0.5) + mp.exp(800)
    assert all(is_the_same(t, mp.exp(z) / whole) for t, z in zip(a, (-700, 0.5, 800), strict=True))


A, Y = (0.25, 0.625), (0.75, 0.125)
LOGITS = (-30.0, 55.0)


def log_softmax(a):
    whole = sum(mp.exp(t) for t in a)
    return [mp.log(mp.exp(t) / whole) for t in a]


def test_the_value_of_every_loss():
    with mp.workdps(DIGITS + 20):
        values = {
            "half_sum_squared_error": (A, mp.mpf(0.25)),
            "mean_squared_error": (A, mp.mpf(0.25)),
            "mean_absolute_error": (A, mp.mpf(0.5)),
            "huber": (A, mp.mpf(0.25) * (mp.mpf(0.5) - mp.mpf(0.125))),
            "cross_entropy": (A, -mp.mpf(0.75) * mp.log(0.25) - mp.mpf(0.125) * mp.log(0.625)),
            "binary_cross_entropy": (
                A,
                -sum(y * mp.log(a) + (1 - y) * mp.log1p(-mp.mpf(a)) for a, y in zip(A, Y, strict=True)) / 2,
            ),
            "softmax_cross_entropy": (
                LOGITS,
                -sum(y * t for y, t in zip(Y, log_softmax(LOGITS), strict=True)),
            ),
            "sigmoid_binary_cross_entropy": (
                LOGITS,
                -sum(y * mp.log(logistic(t)) + (1 - y) * mp.log(logistic(-t)) for t, y in zip(LOGITS, Y, strict=True))
                / 2,
            ),
        }
    assert set(values) == set(LOSSES)
    for name, (a, value) in values.items():
        exact = loss(name, {"delta": arb(0.25)})
        balls = [arb(t) for t in a]
        assert is_the_same(exact.value(balls, [arb(t) for t in Y], exact.inner(balls) if exact.inner else balls), value)


# ---- optimizers, by the pseudocode of torch.optim's documentation, for one parameter -----------------------


def sgd(w, gradient, lr, *, momentum=0.0, nesterov=False, weight_decay=0.0):
    b = None
    while True:
        yield w
        g = gradient(w) + weight_decay * w
        b = g if b is None else momentum * b + g
        w -= lr * (g + momentum * b if nesterov else b)


def rmsprop(w, gradient, lr, *, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
    v = mean = b = mp.mpf(0)
    while True:
        yield w
        g = gradient(w) + weight_decay * w
        v = alpha * v + (1 - mp.mpf(alpha)) * g**2
        mean = alpha * mean + (1 - mp.mpf(alpha)) * g
        b = momentum * b + g / (mp.sqrt(v - mean**2 if centered else v) + eps)
        w -= lr * b


def adagrad(w, gradient, lr, *, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
    whole, t = mp.mpf(initial_accumulator_value), 0
    while True:
        yield w
        t += 1
        g = gradient(w) + weight_decay * w
        whole += g**2
        w -= lr / (1 + (t - 1) * mp.mpf(lr_decay)) * g / (mp.sqrt(whole) + eps)


def adam(w, gradient, lr, *, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False, decoupled=False):
    m = v = largest = mp.mpf(0)
    t = 0
    one, two = map(mp.mpf, betas)
    while True:
        yield w
        t += 1
        g = gradient(w) + (0 if decoupled else weight_decay * w)
        w -= mp.mpf(lr) * weight_decay * w if decoupled else 0
        m, v = one * m + (1 - one) * g, two * v + (1 - two) * g**2
        corrected = v / (1 - two**t)
        if amsgrad:
            largest = max(largest, v)
            corrected = largest / (1 - two**t)
        w -= lr * (m / (1 - one**t)) / (mp.sqrt(corrected) + eps)


def adamw(w, gradient, lr, weight_decay=0.01, **options):
    return adam(w, gradient, lr, weight_decay=weight_decay, decoupled=True, **options)


RULES = {"sgd": sgd, "rmsprop": rmsprop, "adagrad": adagrad, "adam": adam, "adamw": adamw}
CHOICES = [
    ("sgd", {}),
    ("sgd", {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("rmsprop", {}),
    ("rmsprop", {"alpha": 0.8, "centered": True, "momentum": 0.5, "weight_decay": 0.1, "eps": 0.01}),
    ("adagrad", {}),
    ("adagrad", {"lr_decay": 0.5, "initial_accumulator_value": 0.25, "weight_decay": 0.1, "eps": 0.01}),
    ("adam", {}),
    ("adam", {"betas": (0.5, 0.75), "amsgrad": True, "weight_decay": 0.1, "eps": 0.01}),
    ("adamw", {}),
    ("adamw", {"betas": (0.5, 0.75), "amsgrad": True, "weight_decay": 0.3, "eps": 0.01}),
]


def test_every_optimizer_is_compared():
    assert {name for name, _ in CHOICES} == set(RULES) == set(OPTIMIZERS)


@pytest.mark.parametrize(("name", "options"), CHOICES)
def test_an_optimizer_moves_a_parameter_as_documented(name, options):
    x, y, w, lr, iterations = 0.75, -0.5, 0.625, 0.3, 6
    recipe = bl.recipe(
        {
            "network": {"layers": [1, 1], "activations": "tanh"},
            "parameters": {"weights": [[[w]]]},
            "data": {"inputs": [[x]], "targets": [[y]]},
            "loss": {"name": "half_sum_squared_error"},
            "training": {"optimizer": name, "learning_rate": lr, "iterations": iterations, **options},
        }
    )
    trace = bl.run(recipe, engine="exact")

    def gradient(w):
        return (mp.tanh(w * x) - y) * mp.sech(w * x) ** 2 * x

    rule = RULES[name](mp.mpf(w), gradient, lr, **options)
    for row in range(iterations + 1):
        truth, written = next(rule), mp.mpf(trace.decimals["W1"][row][0][0])
        assert abs(written - truth) <= abs(truth) * mp.mpf(10) ** -16 / 2
        assert abs(mp.mpf(float(trace["W1"][row, 0, 0])) - truth) <= trace["radius.W1"][row, 0, 0]


# ---- where a ball lies on both sides ------------------------------------------------------------------------


AROUND_0 = arb(0, 0.125)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu"])
def test_a_ball_on_both_sides_of_a_kink_gives_the_values_and_slopes_of_both(name):
    f, slope = FUNCTIONS[name]
    exact = activation(name, OPTIONS.get(name, {}))
    z = arb_mat([[AROUND_0]])
    [a] = exact.forward(z).entries()
    [back] = exact.backward(z, exact.forward(z), arb_mat([[1]])).entries()
    for side in (-0.125, 0.0, 0.125):
        assert number(a.lower()) <= f(mp.mpf(side)) <= number(a.upper())
        assert number(back.lower()) <= slope(mp.mpf(side)) <= number(back.upper())


def test_an_error_on_both_sides_of_a_bend_gives_the_values_and_slopes_of_both():
    huber, absolute = loss("huber", {"delta": arb(0.25)}), loss("mean_absolute_error", {})
    at_the_bend = [arb(0.25, 0.125)]
    value = huber.value(at_the_bend, [arb(0)], [])
    for e in (0.125, 0.25):
        assert number(value.lower()) <= mp.mpf(e) ** 2 / 2 <= number(value.upper())
    assert number(value.lower()) <= mp.mpf(0.25) * (0.375 - 0.125) <= number(value.upper())
    [clipped] = huber.backward(at_the_bend, [arb(0)], [])
    assert clipped.contains(arb(0.125))
    assert clipped.contains(arb(0.25))
    [sign] = absolute.backward([AROUND_0], [arb(0)], [])
    assert sign.contains(arb(-1))
    assert sign.contains(arb(1))


def test_huber_is_a_square_at_its_bend():
    huber = loss("huber", {"delta": arb(0.25)})
    assert huber.value([arb(0.25)], [arb(0)], []) == arb(0.03125)


@pytest.mark.parametrize(
    ("text", "value"), [("+1_000.5", arb(1000.5)), (" .5", arb(0.5)), ("-1e3", arb(-1000)), ("0", arb(0))]
)
def test_a_text_that_python_reads_is_a_literal(text, value):
    assert ball(text) == value


def test_a_literal_that_no_float_holds_is_read_at_once():
    assert 0 < ball("1e-99999999999999999999") < TINY
