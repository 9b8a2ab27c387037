"""The derivatives are those that an algebra system finds: of each record, and of whole networks."""

import pytest

from backlight.derivations import Scalars, Symbol, evaluate, replaced
from backlight.derivations.expression import Choice, Function, Number, Power, Product, Quotient, Sum
from backlight.derivations.records import formula, loss_of_sample, of_units, slope, slope_of_loss, written_out
from backlight.recipes.functions import ACTIVATIONS, LOSSES
from tests.conformance.recipes import OTHER_OPTIONS, recipe
from tests.derivations.values import computed_scalars, first_batch, scalars_of

sympy = pytest.importorskip("sympy", reason="the algebra system comes with torch")

DIGITS = 40
CLOSE = sympy.Float("1e-30", DIGITS)
UNITS = 3
POINTS = [[0.3, -0.7, 1.9], [-2.1, 0.4, -0.2]]
OPTIONS = {"negative_slope": Number(0.25), "alpha": Number(0.75), "beta": Number(3), "delta": Number(0.5)}


def algebra(expression):  # noqa: C901, PLR0911  one for each kind
    """The same formula in sympy."""
    match expression:
        case Number(value):
            return sympy.Rational(value)
        case Symbol(name):
            return sympy.Symbol(name, real=True)
        case Function((), "pi"):
            return sympy.pi
        case Function((_,), name) if name in ACTIVATIONS and name != "tanh":
            return algebra(written_out(expression))
        case Choice(parts, relation):
            left, right, then, otherwise = map(algebra, parts)
            return sympy.Piecewise((then, sympy.Rel(left, right, relation)), (otherwise, True))
    parts = list(map(algebra, expression.parts))
    match expression:
        case Sum():
            return sympy.Add(*parts)
        case Product():
            return sympy.Mul(*parts)
        case Quotient():
            return parts[0] / parts[1]
        case Power():
            return parts[0] ** parts[1]
        case Function(_, name):
            return {"abs": sympy.Abs, "max": sympy.Max}.get(name, getattr(sympy, name, None))(*parts)
    raise AssertionError(expression)


def same(one, other, values):
    """Whether two formulas in sympy have the same value at a point, to thirty digits."""
    at = {sympy.Symbol(name, real=True): sympy.Rational(value) for name, value in values.items()}
    one, other = (sympy.sympify(side).xreplace(at).evalf(DIGITS) for side in (one, other))
    return abs(one - other) <= CLOSE * max(abs(one), abs(other), CLOSE)


def unit(letter, i):
    return Symbol(f"{letter}{i + 1}")


def with_options(expression):
    return replaced(expression, lambda part: OPTIONS.get(part.name) if isinstance(part, Symbol) else None)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if ACTIVATIONS[name].elementwise])
def test_the_derivative_of_an_activation_is_the_derivative_of_its_formula(name, point):
    a = with_options(formula(name).formula)
    derivative = replaced(with_options(slope(name)), {Symbol("a"): a}.get)
    for z in point:
        assert same(sympy.diff(algebra(a), algebra(Symbol("z"))), algebra(derivative), {"z": z})


@pytest.mark.parametrize("point", POINTS)
def test_the_derivatives_of_softmax_are_those_of_its_formula(point):
    a = [of_units(formula("softmax").formula, unit, UNITS, i=i) for i in range(UNITS)]
    for i in range(UNITS):
        for j in range(UNITS):
            derivative = of_units(slope("softmax"), unit, UNITS, i=i, j=j)
            derivative = replaced(derivative, {unit("a", k): a[k] for k in range(UNITS)}.get)
            values = {f"z{k + 1}": point[k] for k in range(UNITS)}
            assert same(sympy.diff(algebra(a[i]), algebra(unit("z", j))), algebra(derivative), values)


@pytest.mark.parametrize("targets", [[0.25, 0.5, 0.25], [0.0, 1.0, 0.0]])
@pytest.mark.parametrize("outputs", [[0.2, 0.45, 0.35], [0.9, 0.05, 0.6]])
@pytest.mark.parametrize("name", LOSSES)
def test_the_derivative_of_a_loss_is_the_derivative_of_its_formula(name, outputs, targets):
    section = recipe(loss={"name": name, **({"delta": 0.3} if name == "huber" else {})}).loss
    p = {
        unit("p", k): of_units(formula(LOSSES[name].inner).formula, lambda _, j: unit("a", j), UNITS, i=k)
        for k in range(UNITS)
        if LOSSES[name].inner == "softmax"
    } | {unit("p", k): Function((unit("a", k),), "sigmoid") for k in range(UNITS) if LOSSES[name].inner == "sigmoid"}
    loss = replaced(of_units(loss_of_sample(section, UNITS), unit, UNITS), p.get)
    values = {f"a{k + 1}": outputs[k] for k in range(UNITS)} | {f"y{k + 1}": targets[k] for k in range(UNITS)}
    for k in range(UNITS):
        derivative = replaced(of_units(slope_of_loss(section, UNITS), unit, UNITS, k=k), p.get)
        assert same(sympy.diff(algebra(loss), algebra(unit("a", k))), algebra(derivative), values)


NETWORKS = {
    "the exercise's shape": {"layers": (2, 2, 2), "activations": "sigmoid"},
    "biases, another loss": {"layers": (2, 3, 2), "activations": "tanh", "loss": "mean_squared_error", "biases": True},
    "two hidden layers": {"layers": (1, 2, 2, 1), "activations": ["softplus", "silu", "identity"], "biases": True},
    "softmax and its cross-entropy": {"activations": ["elu", "softmax"], "loss": "cross_entropy"},
    "softmax inside the loss": {"activations": ["gelu", "identity"], "loss": "softmax_cross_entropy"},
    "sigmoid inside the loss": {"activations": ["tanh", "identity"], "loss": "sigmoid_binary_cross_entropy"},
}


def from_what_is_given(graph, name, is_given):
    """The formula of a scalar in terms of data and parameters alone."""

    def rule(part):
        return (
            from_what_is_given(graph, part.name, is_given) if isinstance(part, Symbol) and not is_given(part) else None
        )

    return replaced(graph[name], rule)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_gradient_of_a_network_is_the_derivative_of_its_loss(name):
    one = recipe(**NETWORKS[name], samples=1)
    graph, values = Scalars(one), scalars_of(one, first_batch(one))
    loss = algebra(from_what_is_given(graph, "loss", lambda part: part.name in values))
    gradients = [
        quantity for quantity in graph if quantity.removeprefix("dL_d") in values and quantity.startswith("dL_d")
    ]
    assert gradients
    for quantity in gradients:
        derivative = from_what_is_given(graph, quantity, lambda part: part.name in values)
        by_algebra = sympy.diff(loss, sympy.Symbol(quantity.removeprefix("dL_d"), real=True))
        assert same(by_algebra, algebra(derivative), {name: float(value) for name, value in values.items()})
        assert evaluate(derivative, values) == pytest.approx(computed_scalars(one)[quantity], rel=1e-9)


def test_a_wrong_derivative_is_seen():
    z = algebra(Symbol("z"))
    assert not same(sympy.diff(sympy.tanh(z), z), 1 - sympy.tanh(z), {"z": 0.3})


def test_every_option_of_an_activation_has_a_value_here():
    options = {option for name in OTHER_OPTIONS for option in OTHER_OPTIONS[name]}
    assert options == set(OPTIONS)
