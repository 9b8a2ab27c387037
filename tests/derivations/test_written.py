"""How formulas are written: a reader's text that is read back, and Python that computes the same."""

import math
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from backlight.derivations import Matrices, Scalars, Symbol, evaluate, replaced, source, text, transposed
from backlight.derivations.expression import Function, Number, Over, Quotient, Sum
from backlight.derivations.reading import formula_of, said
from backlight.derivations.records import formula, slope
from backlight.recipes.functions import ACTIVATIONS, LOSSES
from tests.conformance.recipes import RECIPES, recipe
from tests.derivations.values import computed_arrays, computed_scalars

FUNCTIONS = [name for name in RECIPES if name.split(", ")[0] in ACTIVATIONS and name.split(", ")[-1] in LOSSES]
NETWORKS = [*FUNCTIONS, "huber, summed", "layers (4, 3, 2, 1), biases", "leaky_relu with another option"]
a, b, c = map(Symbol, "abc")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_text_of_a_scalar_formula_is_read_back_as_the_same_formula(name):
    for written in Scalars(RECIPES[name], 3).values():
        assert unsized(formula_of(text(written))) == unsized(written)


def unsized(expression):
    """A sum over samples without their number, which a text does not say."""
    return replaced(
        expression,
        lambda part: replace(part, count=0, parts=(unsized(part.parts[0]),)) if isinstance(part, Over) else None,
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_text_of_a_record_is_read_back_as_the_same_formula(name):
    for written in (formula(name).formula, slope(name)):
        assert formula_of(text(written)) == written


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (a * (b - c), "a (b - c)"),
        (-a * b + c, "-a b + c"),
        (a - (b - c), "a - (b - c)"),
        (a - (b + c) * 2, "a - (b + c) (2)"),
        ((a + b) ** 2 / (a * b), "(a + b)^2 / (a b)"),
        (a / b / c, "a / b / c"),
        (a / (b / c), "a / (b / c)"),
        (a * Function((b,), "abs"), "a (|b|)"),
        ((-a) ** 2, "(-a)^2"),
        (a**-1, "a^(-1)"),
        (Number(1) / 2 * a, "1/2 a"),
        (a * (b / c), "a (b / c)"),
        (0.25 - a, "0.25 - a"),
    ],
)
def test_parentheses_stand_where_they_are_needed(expression, written):
    assert text(expression) == written
    assert formula_of(written) == expression


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (-a * b + c, "-a * b + c"),
        (a - (b + c) * 2, "a - (b + c) * 2"),
        (a / (b * c), "a / (b * c)"),
        ((-a) ** 2, "(-a) ** 2"),
        (Function((a - b,), "sqrt"), "(a - b) ** 0.5"),
        (Function((Number(2),), "sqrt"), "2 ** 0.5"),
        (Function((a,), "sigmoid"), "1 / (1 + math.exp(-a))"),
        (Function((a,), "relu"), "max(a, 0)"),
        (b * formula_of("1 if a > 0 else 0"), "b * (a > 0)"),
        (b * formula_of("1 if a > 0 else 0.1"), "b * (1 if a > 0 else 0.1)"),
    ],
)
def test_python_for_scalars_is_as_short_as_a_person_would_write_it(expression, written):
    assert source(expression) == written


def computed_by(written, names):
    return eval(written, names)  # noqa: S307  it was written by the function under test


def test_python_speaks_with_the_names_of_the_program():
    names = {"dL_dz_o1": "d['o1']", "w5": "W[1][0]", "dL_dz_o2": "err[1]", "w6": "-v"}
    written = source(Scalars(recipe(layers=(2, 2, 2)))["dL_dh1"], names)
    assert written == "d['o1'] * W[1][0] + err[1] * (-v)"


def test_python_speaks_with_the_functions_of_the_program():
    assert source(Function((a - b,), "sigmoid"), functions={"sigmoid": "self.f"}) == "self.f(a - b)"


def test_a_transpose_is_what_the_program_calls_it():
    product = a.T @ b
    assert source(product, {"a^T": "A", "b": "B.T"}) == "A @ B.T"
    assert source(product, {"a": "A.T", "b^T": "B + C"}) == "A @ (B + C).T"
    assert source(product) == "a.T @ b"


@pytest.mark.parametrize("name", NETWORKS)
def test_python_for_scalars_computes_what_the_formula_says(name):
    values = computed_scalars(RECIPES[name])
    places = {label: f"v[{number}]" for number, label in enumerate(values)}
    formulas = Scalars(RECIPES[name], 5)
    for label in chain(formulas, ["dL_do1@s"]):
        if label.partition("@")[2] in {"", "3"} and "sum(" not in source(formulas[label], places):
            computed = computed_by(
                source(formulas[label], places), {"math": math, "v": list(map(float, values.values()))}
            )
            assert computed == pytest.approx(float(values[label]), rel=1e-14, abs=1e-300), label


def test_python_for_a_sum_over_samples_computes_what_the_formula_says():
    one = RECIPES["tanh, half_sum_squared_error"]
    values = computed_scalars(one)
    delta = [float(values[f"dL_dz_h1@{s}" if s else "dL_dz_h1"]) for s in range(5)]
    x1 = [float(values[f"x1@{s}" if s else "x1"]) for s in range(5)]
    written = source(Scalars(one, 5)["dL_dw1"], {"dL_dz_h1@s": "delta[s]", "x1@s": "x1[s]"})
    assert written == "sum(delta[s] * x1[s] for s in range(5))"
    assert computed_by(written, {"delta": delta, "x1": x1}) == pytest.approx(float(values["dL_dw1"]), rel=1e-14)


@pytest.mark.parametrize("turned", [False, True], ids=["a sample in each row", "a sample in each column"])
@pytest.mark.parametrize("module", ["np", "torch"])
@pytest.mark.parametrize("name", NETWORKS)
def test_python_for_arrays_computes_what_the_formula_says(name, module, turned):
    library = pytest.importorskip("torch") if module == "torch" else np
    values = computed_arrays(RECIPES[name])
    own = {label: np.atleast_2d(value).T if turned else value for label, value in values.items()}
    own["learning_rate"] = float(values["learning_rate"])
    if module == "torch":
        own = {label: library.as_tensor(value, dtype=library.float64) for label, value in own.items()}
    names = {f"{label}^T" * turned or label: label for label in values if label[0] != "l"}
    for label, said_of_it in Matrices(RECIPES[name], 5).items():
        written = source(transposed(said_of_it) if turned else said_of_it, names, module=module)
        computed = np.asarray(computed_by(written, {module: library, "math": math} | own))
        wanted = np.asarray(own[label] if label in own else values[label])
        assert computed.reshape(wanted.shape) == pytest.approx(wanted, rel=1e-13, abs=1e-16), (label, written)


def test_numpy_goes_by_the_name_the_program_gave_it():
    assert source(Function((a,), "exp"), module="numpy") == "numpy.exp(a)"


@pytest.mark.parametrize("wrong", ["a +", "a = ", "a (b", "2 * 3", "a if b else c", "|a", ")"])
def test_a_text_that_is_no_formula_is_refused(wrong):
    with pytest.raises(ValueError, match="is wanted, not"):
        formula_of(wrong)


def test_definitions_are_written_out():
    assert said("L = 1/K sum_k e_k^2, e = a - y").formula == said("L = 1/K sum_k (a_k - y_k)^2").formula
    assert said("a = z Phi(z) with Phi(z) = z / 2").formula == Symbol("z") * (Symbol("z") / 2)


def test_a_name_without_a_value_is_an_error():
    with pytest.raises(KeyError, match="b"):
        evaluate(a + b, {"a": 1})


@pytest.mark.parametrize(
    "name", ["w1", "x1", "y2", "W1", "h9", "nothing", "learning_rate", "p1", "dL_db_h1", "h1@7", "w9'"]
)
def test_what_is_given_or_not_there_has_no_formula(name):
    formulas = Scalars(recipe(layers=(2, 2, 2)), 5)
    assert name not in formulas
    with pytest.raises(KeyError):
        formulas[name]


@pytest.mark.parametrize("name", ["x", "W1", "z3", "z0", "p", "b1", "dL_db1", "b1'", "w1"])
def test_what_is_given_or_not_there_has_no_formula_as_an_array(name):
    assert name not in Matrices(recipe(layers=(2, 2, 2)), 5)


def test_only_zero_and_one_are_simplified_away():
    assert a + 0 == a
    assert 1 * a == a
    assert 0 * a == Number(0)
    assert a - a == Sum((a, -a))
    assert 2 * a / 2 == Quotient((2 * a, Number(2)))
    minus_a = -a
    assert -minus_a == a


def test_an_optimizer_that_remembers_has_no_formula_of_one_step():
    one = recipe(momentum=0.9)
    assert not [name for name in Scalars(one) if name.endswith("'")]
    assert not [name for name in Matrices(one) if name.endswith("'")]
