"""The witness without numbers: right formulas have the right dimension, structural mistakes have another one."""

import ast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backlight as bl
from backlight.checks.units import clash, dimension, said
from backlight.checks.units.arithmetic import UnreadableError
from backlight.checks.units.clashes import has_lone_softmax
from backlight.checks.units.conflicts import ConflictError
from backlight.checks.units.reading import Reader
from backlight.checks.units.values import passes
from backlight.derivations import Matrices, Scalars, names, source, transposed
from backlight.recipes.functions import ACTIVATIONS, LOSSES
from tests.conformance.random_recipes import recipes
from tests.conformance.recipes import RECIPES

READY = ["course", "course-relu", "course-mse", "course-cross-entropy", "course-random", "xor"]
FUNCTIONS = [name for name in RECIPES if name.split(", ")[0] in ACTIVATIONS and name.split(", ")[-1] in LOSSES]
COURSE = bl.recipe("course")
STUDENT = {
    **{name: name for name in ("x1", "x2", "h1", "h2", "o1", "o2", "y1", "y2", *(f"w{i}" for i in range(1, 9)))},
    **{f"d_w{i}": f"dL_dw{i}" for i in range(1, 9)},
    **{f"d_{unit}": f"dL_d{unit}" for unit in ("h1", "h2", "o1", "o2")},
    **{f"delta_{unit}": f"dL_dz_{unit}" for unit in ("h1", "h2", "o1", "o2")},
}
ARRAYS = {"X": "x", "Y": "y", "W1": "W1", "W2": "W2", "a1": "a1", "a2": "a2", "d1": "dL_dz1", "d2": "dL_dz2"}


def known(formula):
    """Every name of a formula as it is."""
    return {name: name for name in names(formula)}


def without_numbers(recipe, written, labels, wanted, samples=3):
    """What the dimensions alone say, without the proof by numbers that stands before them."""
    reader = Reader(recipe, labels, passes(recipe, samples), "rows")
    try:
        own = reader.dimension(ast.parse(written, mode="eval").body)
    except UnreadableError:
        return "erf" in written
    return has_lone_softmax(recipe) or own is None or own.essence == dimension(recipe, wanted).essence


# ---- what a thing is measured in ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("loss", "a loss"),
        ("h1", "in units of h1"),
        ("y2", "in units of o2"),
        ("w5", "in units of w5"),
        ("W2[0,0]", "in units of w5"),
        ("z_o1", "in units of z_o1"),
        ("-dL_dw3", "loss per w3"),
        ("dL_dh2", "loss per h2"),
        ("dL_dz_o1", "loss per z_o1"),
        ("da_o1_dz_o1", "o1 per z_o1"),
        ("a1", "in units of a1"),
        ("da1_dz1", "a1 per z1"),
        ("dL_dW2", "loss per W2"),
        ("dL_dz2^T", "loss per z2"),
        ("dL_dw5@s", "loss per w5"),
    ],
)
def test_a_dimension_is_said_as_one_reads_it(label, words):
    assert said(COURSE, dimension(COURSE, label)) == words


@pytest.mark.parametrize(
    "label",
    ["", "h9", "w0", "learning_rate", "w1'", "b1", "b_h1", "z3", "dL_dz9", "W1[7,0]", "W1[0]", "loss[0]", "d_d", "^T"],
)
def test_what_is_no_quantity_of_the_network_has_no_dimension(label):
    with pytest.raises(KeyError):
        dimension(COURSE, label)


def test_a_gradient_times_its_parameter_is_a_loss():
    for name in [f"w{i}" for i in range(1, 9)]:
        assert dimension(COURSE, f"dL_d{name}") * dimension(COURSE, name) == dimension(COURSE, "L")


def test_an_identity_gives_what_it_gets_and_is_measured_in_the_same():
    one = COURSE.with_({"network.activations": "identity"})
    assert dimension(one, "dL_dz_h1") == dimension(one, "dL_dh1")
    assert dimension(COURSE, "dL_dz_h1") != dimension(COURSE, "dL_dh1")


# ---- right formulas are never accused ----------------------------------------------------------------------


def each_scalar_formula_agrees(recipe):
    for samples in (1, 3):
        for name, formula in Scalars(recipe, samples).items():
            if name in {"loss", *(f"p{k + 1}" for k in range(recipe.layers[-1]))} or name.endswith("'"):
                continue
            written = source(formula)
            assert clash(written, known(formula), name, recipe) is None, (name, written)
            if "@" not in written + name:
                assert without_numbers(recipe, written, known(formula), name, samples=1), (name, written)


def each_array_formula_agrees(recipe):
    for name, formula in Matrices(recipe, 3).items():
        if name in {"loss", "p"} or name.endswith("'"):
            continue
        written = source(formula, module="np")
        assert clash(written, known(formula), name, recipe) is None, (name, written)
        assert without_numbers(recipe, written, known(formula), name), (name, written)
        turned = source(transposed(formula), {f"{one}^T": one for one in names(formula)}, module="np")
        labels = {one: f"{one}^T" for one in names(formula)}
        assert clash(turned, labels, name, recipe) is None, (name, turned)


@pytest.mark.parametrize("name", READY)
def test_every_right_formula_of_a_ready_recipe_agrees(name):
    each_scalar_formula_agrees(bl.recipe(name))
    each_array_formula_agrees(bl.recipe(name))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_right_formula_of_every_activation_and_loss_agrees(name):
    each_scalar_formula_agrees(RECIPES[name])
    each_array_formula_agrees(RECIPES[name])


@settings(max_examples=15, deadline=None)
@given(recipes(depths=(1, 2, 3), optimizers=["sgd"], iterations=[0]))
def test_every_right_formula_of_a_random_network_agrees(recipe):
    each_scalar_formula_agrees(recipe)
    each_array_formula_agrees(recipe)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("(o1 - y1) * o1 * (1 - o1) * h1", "dL_dw5"),
        ("-(y1 - o1) * (o1 - o1 ** 2) * h1", "dL_dw5"),
        ("(d_w5 * w5 + d_w6 * w6) * (1 - h1) * x1", "dL_dw1"),
        ("d_w5 * w5 / h1 + d_w6 * w6 / h1", "dL_dh1"),
        ("d_h1 * h1 - d_h1 * h1 ** 2", "dL_dz_h1"),
        ("(d_h1 * h1 - d_h1 * h1 * h1) * x2", "dL_dw3"),
        ("((o1-y1)*o1*(1-o1)*w5 + (o2-y2)*o2*(1-o2)*w6) * h1*(1-h1) * x1", "dL_dw1"),
        ("d_w1 / x1 * x2", "dL_dw3"),
        ("sum([delta_o1 * w5, delta_o2 * w6])", "dL_dh1"),
        ("0 + delta_o1 * w5 + delta_o2 * w6 + 0.0", "dL_dh1"),
    ],
)
def test_another_way_to_write_what_is_right_is_not_accused(written, wanted):
    assert clash(written, STUDENT, wanted, COURSE) is None


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("(d2 @ W2.T) * a1 * (1 - a1)", "dL_dz1"),
        ("np.dot(d2, W2.T) * (a1 - a1 ** 2)", "dL_dz1"),
        ("np.outer(X, d1)", "dL_dW1"),
        ("np.dot(W2, d2) * a1 * (1 - a1)", "dL_dz1"),
        ("X.T.dot(d1)", "dL_dW1"),
        ("(a2 - Y) * a2 * (1 - a2)", "dL_dz2"),
        ("np.multiply(np.matmul(d2, np.transpose(W2)), np.multiply(a1, 1 - a1))", "dL_dz1"),
        ("np.sum(d2 * W2, axis=1)", "dL_da1"),
        ("a1.T @ d2 / len(X)", "dL_dW2"),
        ("a1.T @ d2 / X.shape[0]", "dL_dW2"),
    ],
)
def test_arrays_are_read_however_the_program_keeps_its_samples(written, wanted):
    assert clash(written, ARRAYS, wanted, COURSE) is None


@pytest.mark.parametrize("written", ["d1.sum(axis=0)", "np.sum(d1, axis=0, keepdims=True)", "np.sum(d1, 0)", "d1"])
def test_a_bias_is_read_with_one_sample_or_several(written):
    biased = bl.recipe("xor")
    assert biased.network.biases
    assert clash(written, {"d1": "dL_dz1"}, "dL_db1", biased) is None


@pytest.mark.parametrize(
    "written", ["y1 + y2", "p1 * (y1 + y2) - y1 * h1", "o1 - y2", "np.exp(z_o1) / (np.exp(z_o1) + np.exp(z_o2))"]
)
def test_units_that_are_added_up_by_right_are_not_accused(written):
    labels = STUDENT | {name: name for name in ("p1", "p2", "z_o1", "z_o2")}
    assert clash(written, labels, "dL_do1", bl.recipe("course-cross-entropy")) is None


# ---- mistakes that need no numbers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "written", "wanted", "where", "sentence"),
    [
        (
            "sum-of-weight-gradients",
            "(d_w5 + d_w6) * h1 * (1 - h1) * x1",
            "dL_dw1",
            "d_w5 + d_w6",
            "d_w5 is loss per w5, d_w6 is loss per w6: they cannot be added, and neither is loss per w1",
        ),
        (
            "sum-of-weight-gradients",
            "d_w5 + d_w6",
            "dL_dh1",
            "d_w5 + d_w6",
            "d_w5 is loss per w5, d_w6 is loss per w6: they cannot be added, and neither is loss per h1",
        ),
        (
            "derivative-of-wrong-unit",
            "(o1 - y1) * h1 * (1 - h1) * w5 + delta_o2 * w6",
            "dL_dh1",
            "(o1 - y1) * h1 * (1 - h1) * w5 + delta_o2 * w6",
            "",
        ),
        ("derivative-of-wrong-unit", "(o1 - y1) * o2 * (1 - o2)", "dL_dz_o1", "", ""),
        (
            "missing-weight-factor",
            "delta_o1 + delta_o2",
            "dL_dh1",
            "delta_o1 + delta_o2",
            "delta_o1 is loss per z_o1, delta_o2 is loss per z_o2: they cannot be added, and neither is loss per h1",
        ),
        ("wrong-weight", "delta_o1 * w6 + delta_o2 * w5", "dL_dh1", "", ""),
        ("wrong-weight", "delta_o1 * w5 + delta_o2 * w7", "dL_dh1", "", ""),
        (
            "wrong-input-factor",
            "delta_h1 * x2",
            "dL_dw1",
            "",
            "delta_h1 * x2 is loss per w3, but dL_dw1 is loss per w1",
        ),
        ("wrong-input-factor", "delta_o1 * o1", "dL_dw5", "", ""),
        ("missing-output-derivative", "(o1 - y1) * h1", "dL_dw5", "", ""),
        (
            "missing-output-derivative",
            "o1 - y1",
            "dL_dz_o1",
            "o1 - y1",
            "o1 - y1 is loss per o1, but dL_dz_o1 is loss per z_o1",
        ),
        ("missing-output-derivative-on-hidden-path", "d_o1 * w5 + d_o2 * w6", "dL_dh1", "", ""),
        ("missing-hidden-derivative", "delta_o1 * w5 + delta_o2 * w6", "dL_dz_h1", "", ""),
        ("swapped-gradients", "d_w6", "dL_dw5", "d_w6", "d_w6 is loss per w6, but dL_dw5 is loss per w5"),
        ("derivative-of-wrong-layer", "d_h1 * o1 * (1 - o1)", "dL_dz_h1", "", ""),
        ("missing-target", "o1", "dL_do1", "o1", "o1 is in units of o1, but dL_do1 is loss per o1"),
    ],
)
def test_a_structural_mistake_clashes_and_says_why(slug, written, wanted, where, sentence):
    found = clash(written, STUDENT, wanted, COURSE)
    assert found is not None, slug
    assert found.where in written
    assert where in {found.where, ""}
    assert sentence in {found.sentence, ""}
    assert found.found in found.sentence
    assert found.found != found.other


@pytest.mark.parametrize(
    ("slug", "written", "wanted"),
    [
        ("transposed-weights", "(d2 @ W2) * a1 * (1 - a1)", "dL_dz1"),
        ("wrong-input-factor", "X.T @ d2", "dL_dW2"),
        ("wrong-input-factor", "np.outer(X, d2)", "dL_dW2"),
        ("transposed-weight-gradient", "d1 @ X", "dL_dW1"),
        ("missing-hidden-derivative", "d2 @ W2.T", "dL_dz1"),
        ("derivative-of-wrong-layer", "(d2 @ W2.T) * a2 * (1 - a2)", "dL_dz1"),
        ("missing-weight-factor", "d2 * a1 * (1 - a1)", "dL_dz1"),
        ("elementwise-for-matrix-product", "(d2 * W2) * a1 * (1 - a1)", "dL_dz1"),
        ("missing-output-derivative", "a1.T @ (a2 - Y)", "dL_dW2"),
    ],
)
def test_a_structural_mistake_with_arrays_clashes(slug, written, wanted):
    found = clash(written, ARRAYS, wanted, COURSE)
    assert found is not None, slug
    assert found.where in written
    assert "{" not in found.sentence


def test_a_bias_summed_over_units_adds_up_what_is_unlike():
    found = clash("np.sum(d1)", {"d1": "dL_dz1"}, "dL_db1", bl.recipe("xor"))
    assert found.sentence == "np.sum(d1) adds up d1 over different units: it is loss per z1, for each unit another one"


@pytest.mark.parametrize(
    ("slug", "written", "wanted"),
    [
        ("missing-path", "delta_o1 * w5", "dL_dh1"),
        ("constant-factor", "2 * (o1 - y1) * o1 * (1 - o1) * h1", "dL_dw5"),
        ("constant-factor", "0.5 * delta_o1 * h1", "dL_dw5"),
        ("sign-error", "(y1 - o1) * o1 * (1 - o1)", "dL_dz_o1"),
        ("sign-error", "-delta_o1 * w5 - delta_o2 * w6", "dL_dh1"),
        ("sign-error in one path", "delta_o1 * w5 - delta_o2 * w6", "dL_dh1"),
    ],
)
def test_a_mistake_in_numbers_alone_is_left_to_the_numbers(slug, written, wanted):
    assert clash(written, STUDENT, wanted, COURSE) is None, slug


def test_a_whole_part_that_was_recognised_is_taken_as_it_is():
    labels = {"err": "dL_do1", "out * (1 - out)": "da_h1_dz_h1", "w": "w5"}
    assert clash("(out * (1 - out)) * err", labels, "dL_dz_o1", COURSE).other == "loss per z_o1"
    assert clash("(out * (1 - out)) * err", labels | {"out * (1 - out)": "-da_o1_dz_o1"}, "dL_dz_o1", COURSE) is None


def test_subscripts_and_attributes_are_names_too():
    labels = {'d["w5"]': "dL_dw5", "self.g[1]": "dL_dw6"}
    assert clash("d['w5'] + self.g[ 1 ]", labels, "dL_dh1", COURSE).where == "d['w5'] + self.g[ 1 ]"


# ---- nothing is said in doubt ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "d_w5 + mystery",
        "(d_w5 + d_w6) * f(h1)",
        "(d_w5 + d_w6",
        "d_w5 = d_w6",
        "",
        "\0",
        "0",
        "1 - h1",
        "d_h1 * (1 - h1)",
        "lambda: d_w5",
        "d_w5 if h1 else d_w6 if mystery else d_w5",
        "[d_w5, d_w6]",
        "(d_w5 + d_w6) ** 10 ** 10 ** 10",
        "9" * 500 + " * d_w5",
        "(" * 400 + "d_w5" + ")" * 400,
        "-" * 1500 + "d_w5",
    ],
)
def test_of_what_cannot_be_read_nothing_is_said(written):
    assert clash(written, STUDENT, "dL_dw5", COURSE) is None


@pytest.mark.parametrize("wanted", ["loss", "L", "nothing", "learning_rate", "dL_dW1", "b_h1"])
def test_of_what_cannot_be_wanted_nothing_is_said(wanted):
    assert clash("d_w5 + d_w6", STUDENT, wanted, COURSE) is None


PIECES = st.sampled_from(
    [*STUDENT, *ARRAYS, "mystery", "1", "0", "2", "0.5", "N", "None", "'text'", "True", "1j", "1e400"]
)
EXPRESSIONS = st.recursive(
    PIECES,
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from(["+", "-", "*", "/", "@", "**", ">", "and", "//", "%"]), part).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        st.tuples(
            st.sampled_from(["np.dot", "np.outer", "np.sum", "sum", "np.exp", "max", "np.where", "f", "len"]),
            part,
            part,
        ).map("{0[0]}({0[1]}, {0[2]})".format),
        part.map("np.sum({}, axis=1)".format),
        part.map("np.exp({})".format),
        part.map("(-{})".format),
        part.map("({}).T".format),
        part.map("({})[0]".format),
        part.map("({}).sum(axis=0, keepdims=True)".format),
        part.map("sum({} for s in range(3))".format),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, st.sampled_from(["dL_dw5", "dL_dz_h1", "dL_dW2", "dL_dz1", "z_h1", "loss", "?"]))
def test_nothing_is_raised_whatever_is_written(written, wanted):
    found = clash(written, STUDENT | ARRAYS, wanted, COURSE)
    assert found is None or ("{" not in found.sentence and found.where)


@settings(max_examples=100, deadline=None)
@given(
    EXPRESSIONS,
    st.sampled_from(["W2", "a1", "z_h1", "nothing", "-", "^T", "@", "dL_d", "d_d_d", "W1[9,9]", "h1@99", "h1@s"]),
)
def test_nothing_is_raised_whatever_was_recognised(written, label):
    assert clash(written, dict.fromkeys(ARRAYS, label), "dL_dW2", COURSE) is None or label


def test_the_tester_is_tested_without_a_slope_of_its_own_layer_a_formula_disagrees():
    formula = Scalars(COURSE)["dL_dz_h1"]
    assert without_numbers(COURSE, source(formula), known(formula), "dL_dz_h1", samples=1)
    assert not without_numbers(COURSE, source(formula), known(formula), "dL_dz_o1", samples=1)
    with pytest.raises(ConflictError):
        without_numbers(COURSE, "dL_dw1 + dL_dw2", {"dL_dw1": "dL_dw1", "dL_dw2": "dL_dw2"}, "dL_dw1", samples=1)


def test_most_formulas_are_not_in_doubt():
    one = bl.recipe("xor")
    reader = Reader(one, {}, passes(one, 1), "rows")
    decided = []
    for name, formula in Scalars(one).items():
        if name.endswith("'"):
            continue
        told = Reader(one, known(formula), reader.through, "rows")
        decided.append(told.dimension(ast.parse(source(formula), mode="eval").body) is not None)
    assert np.mean(decided) > 0.9
