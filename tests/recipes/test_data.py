"""Samples come as they are written, from a CSV file with every fault placed, or from a dataset; some are held out."""

import csv
import sys
from decimal import Decimal
from fractions import Fraction
from io import StringIO

import numpy as np
import pytest

import backlight as bl
from backlight.faults import MissingExtra, RecipeError
from backlight.recipes.data import _digits, literals, load, parts
from backlight.recipes.start import start
from tests.recipes.planted import DIGITS, DRAWN, WRITTEN, pasted, put

BASE = {
    "network": {"layers": [2, 2, 1], "activations": "sigmoid"},
    "parameters": {"initializer": "zeros"},
    "data": {"file": "points.csv"},
    "loss": {"name": "huber"},
    "training": {"learning_rate": 1, "iterations": 2},
}


@pytest.fixture
def points(tmp_path, monkeypatch):
    """A function that writes points.csv and gives a recipe that reads it."""
    monkeypatch.chdir(tmp_path)

    def write(text, **changes):
        (tmp_path / "points.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return bl.recipe(BASE).with_({key.replace("__", "."): value for key, value in changes.items()})

    return write


def faults_of(recipe):
    with pytest.raises(RecipeError) as raised:
        load(recipe)
    return raised.value.faults


def numbers(recipe):
    training, _held_out = load(recipe)
    return np.hstack(training).tolist()


# ---- what is read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3\n4,5,6",
        "1,2,3\n4,5,6\n",
        "x_1,x_2,y\n1,2,3\n4,5,6\n",
        "1,x,y\n1,2,3\n4,5,6\n",
        "größe,中,y\n1,2,3\n4,5,6\n",
        "1,2,3\r\n4,5,6\r\n",
        "\ufeff1,2,3\n4,5,6\n",
        "\ufeffa,b,c\r\n1,2,3\r\n4,5,6",
        "\n\n1,2,3\n\n  \n4,5,6\n\n\n",
        ' 1 ,"2",+3.0\n4.,.5e1,600e-2\n',
        '"a\nb",b,c\n1,2,3\n4,5,6\n',
        "\na_b,b,c\n1,2,3\n4,5,6\n",
    ],
)
def test_a_csv_file_is_read_in_each_of_its_dialects(points, text):
    assert numbers(points(text)) == [[1, 2, 3], [4, 5, 6]]


def test_the_first_columns_are_inputs_the_next_ones_targets(points):
    training, held_out = load(points("1,2,3\n4,5,6\n"))
    assert (training.inputs.tolist(), training.targets.tolist()) == ([[1, 2], [4, 5]], [[3], [6]])
    assert (held_out.inputs.shape, held_out.targets.shape) == ((0, 2), (0, 1))


def test_a_number_is_the_double_nearest_to_its_decimals(points):
    """Against exact fractions: no double is nearer."""
    texts = [f"{value:.30e}" for value in np.random.default_rng(1).normal(size=30)]
    read = numbers(points("\n".join(",".join(texts[row : row + 3]) for row in range(0, 30, 3))))
    for text, value in zip(texts, np.ravel(read), strict=True):
        exact = Fraction(Decimal(text))
        distance = abs(Fraction(value) - exact)
        assert all(distance <= abs(Fraction(np.nextafter(value, side)) - exact) for side in (-np.inf, np.inf))


def test_what_is_read_is_what_a_plain_reader_reads(points):
    rows = np.random.default_rng(2).normal(size=(200, 3))
    text = "\n".join(",".join(map(repr, row)) for row in rows.tolist())
    assert numbers(points(text)) == [[float(cell) for cell in row] for row in csv.reader(StringIO(text))]


def test_samples_that_are_written_come_in_order():
    training, held_out = load(bl.recipe(put(DRAWN, "data.held_out", 0)))
    assert np.hstack(training).tolist() == [[1, 2, 3, 0], [4, 5, 6, 1], [7, 8, 9, 1]]
    assert training.inputs.dtype == held_out.inputs.dtype == np.float64


# ---- what is wrong with a file --------------------------------------------------------------------------------

FILES = [
    ("1,2,3\n4,5\n", ("R-CSV-1", "2:1")),
    ("1,2,3\n4,5,6,7\n", ("R-CSV-1", "2:1")),
    ("a,b,c\n1,2,3\n\n4,5\n", ("R-CSV-1", "4:1")),
    ("1,2,3\n4,five,6\n", ("R-CSV-2", "2:3")),
    ("1,2,3\n4, ,6\n", ("R-CSV-2", "2:3")),
    ('1,2,3\n4,"5,0",6\n', ("R-CSV-2", "2:3")),
    ("1,2,3\n4,5_0,6\n", ("R-CSV-2", "2:3")),
    ("1,2,3\n4,５,6\n", ("R-CSV-2", "2:3")),
    ("1,2,3\n4,0x5,6\n", ("R-CSV-2", "2:3")),
    ("1,2,3\n4,5,1+2j\n", ("R-CSV-2", "2:5")),
    ('1,2,3\n4,"5,6\n', ("R-CSV-2", "2:1")),
    ('1,2,3\n4,"5"5,6\n', ("R-CSV-2", "2:1")),
    ("1,2\n4,5\n", ("R-CSV-3", "1:1")),
    ("a,b,c,d\n1,2,3,4\n", ("R-CSV-3", "2:1")),
    ("1\n2\n", ("R-CSV-3", "1:1")),
    ("", ("R-CSV-4", "1:1")),
    ("\n\n", ("R-CSV-4", "1:1")),
    ("a,b,c\n", ("R-CSV-4", "1:1")),
    ("1;2;3\n4;5;6\n", ("R-CSV-5", "1:2")),
    ("a;b;c\n0,5;1,5;2,5\n", ("R-CSV-5", "1:2")),
    ("1\t2\t3\n4\t5\t6\n", ("R-CSV-5", "1:2")),
    ("1,2,3\n4,nan,6\n", ("R-FINITE-1", "2:3")),
    ("1,2,3\n4,5,-Infinity\n", ("R-FINITE-1", "2:5")),
    ("nan,2,3\n4,5,6\n", ("R-FINITE-1", "1:1")),
    ("1,2,3\n4,1e999,6\n", ("R-FINITE-1", "2:3")),
]


@pytest.mark.parametrize(("text", "told"), FILES)
def test_a_fault_of_a_file_is_told_alone_and_with_its_line_and_column(points, text, told):
    found = [(fault.code, fault.where) for fault in faults_of(points(text))]
    assert found == [(told[0], f"points.csv:{told[1]}")]


@pytest.mark.parametrize(("text", "told"), FILES)
def test_what_is_offered_for_a_file_works_when_it_is_pasted(points, text, told):
    (fault,) = faults_of(points(text))
    if fault.try_this.startswith("network.layers"):
        (tree,) = [pasted(BASE, fault)]
        assert load(bl.recipe(tree))
        return
    lines = text.splitlines() or [""]
    lines[int(told[1].split(":")[0]) - 1] = fault.try_this
    if told[0] == "R-CSV-5":  # every line is to be written so
        lines[1:] = [line.replace(",", ".").replace(";", ",").replace("\t", ",") for line in lines[1:]]
    if told[0] == "R-CSV-3":
        lines[1:] = [fault.try_this] * len(lines[1:])
    points("\n".join(lines))
    assert load(bl.recipe(BASE))


def test_all_faults_of_a_file_are_told_at_once(points):
    text = "a,b,c\n1,2\n1,x,nan\n,,\n" + "1,2,3\n" * 10 + "1,2,3,4\n"
    found = [(fault.code, fault.where.removeprefix("points.csv:")) for fault in faults_of(points(text))]
    assert found == [
        ("R-CSV-1", "2:1"),
        ("R-CSV-2", "3:3"),
        ("R-FINITE-1", "3:5"),
        ("R-CSV-2", "4:1"),
        ("R-CSV-2", "4:2"),
        ("R-CSV-2", "4:3"),
        ("R-CSV-1", "15:1"),
    ]


def test_of_many_like_faults_of_a_file_the_first_are_told_and_the_others_counted(points):
    faults = faults_of(points("1,2,3\n" + "1,x,3\n" * 100))
    assert len(faults) == 5
    assert faults[-1].because.endswith("more like this: 95")


def test_a_number_that_float32_does_not_reach_is_told_in_float32_only(points):
    recipe = points("1,2,3\n4,1e39,6\n")
    assert load(recipe)
    (fault,) = faults_of(recipe.with_({"numerics.precision": "float32"}))
    assert (fault.code, fault.where) == ("R-FINITE-1", "points.csv:2:3")


@pytest.mark.parametrize("name", ["nosuch.csv", "no/such.csv", "a\0b.csv", ".", ""])
def test_a_data_file_that_cannot_be_read_is_told_and_what_is_offered_works(points, name):
    recipe = points("1,2,3\n").with_({"data.file": name})
    (fault,) = faults_of(recipe)
    assert (fault.code, fault.where) == ("R-FILE-1", "data.file")
    assert load(bl.recipe(pasted(recipe.as_dict(), fault)))


def test_a_data_file_with_nearly_that_name_is_offered(points):
    (fault,) = faults_of(points("1,2,3\n").with_({"data.file": "point.csv"}))
    assert fault.try_this == 'data.file = "points.csv"'


def test_a_file_that_has_only_its_ending_in_common_is_not_offered(points):
    (fault,) = faults_of(points("1,2,3\n").with_({"data.file": "zz.csv"}))
    assert fault.try_this.startswith("data = {")


def test_a_data_file_that_is_no_utf8_is_told(points):
    (fault,) = faults_of(points("a,b,größe\n1,2,3\n".encode("latin-1")))
    assert (fault.code, fault.because) == ("R-FILE-1", "byte 6 of it cannot be read")


# ---- what is held out ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("samples", "share", "held_out"), [(10, 0.2, 2), (10, 0.25, 2), (7, 0.5, 4), (3, 0.99, 2), (1, 0.9, 0)]
)
def test_a_share_of_the_samples_is_held_out_but_never_all(samples, share, held_out):
    kept, out = parts(samples, share)
    assert sorted([*kept, *out]) == list(range(samples))
    assert (len(out), len(kept)) == (held_out, samples - held_out)
    assert list(kept) == sorted(kept)
    assert list(out) == sorted(out)


def test_which_samples_are_held_out_is_drawn_once_and_for_all():
    drawn = np.random.default_rng(0).permutation(50)[:10]
    assert parts(50, 0.2)[1].tolist() == sorted(drawn.tolist())


def test_samples_that_are_held_out_stay_with_their_targets(points):
    rows = [[k, 2 * k, 3 * k] for k in range(20)]
    training, held_out = load(points("\n".join(",".join(map(str, row)) for row in rows), data__held_out=0.3))
    both = np.vstack([np.hstack(training), np.hstack(held_out)])
    assert sorted(both.tolist()) == rows


# ---- datasets ----------------------------------------------------------------------------------------------


def test_digits_are_those_of_scikit_learn_in_order_and_one_hot():
    datasets = pytest.importorskip("sklearn.datasets")
    given = datasets.load_digits()
    training, _held_out = load(bl.recipe(DIGITS))
    assert np.array_equal(training.inputs.reshape(-1, 8, 8) * 16, given.images)
    assert training.targets.shape == (1797, 10)
    assert np.array_equal(training.targets @ np.arange(10), given.target)
    assert np.array_equal(training.targets.sum(axis=1), np.ones(1797))


def test_without_scikit_learn_digits_name_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    _digits.cache_clear()
    with pytest.raises(MissingExtra) as raised:
        load(bl.recipe(DIGITS))
    (fault,) = raised.value.faults
    assert (fault.code, fault.try_this) == ("X-EXTRA-1", 'pip install "backlight[digits]"')


# ---- literals --------------------------------------------------------------------------------------------------


def test_the_literals_of_a_recipe_are_the_texts_it_was_written_with():
    text = """
network = {layers = [1, 1], activations = 'identity', biases = true}
parameters = {weights = [[[0.10]]], biases = [[+1_0.50]]}
data = {inputs = [[1e-1], [2]], targets = [[0.30], [-0.0]]}
loss = {name = 'huber'}
training = {learning_rate = 1, iterations = 1}
"""
    written = literals(bl.recipe(text))
    assert (written.weights, written.biases) == (((("0.10",),),), (("10.50",),))
    assert (written.inputs, written.targets) == ((("1e-1",), ("2",)), (("0.30",), ("-0.0",)))
    assert (written.held_out_inputs, written.held_out_targets, written.learning_rate) == ((), (), "1")


def test_what_is_drawn_or_loaded_from_a_dataset_has_no_literals():
    digits = literals(bl.recipe(DIGITS))
    assert digits[:6] == (None,) * 6


def test_the_literals_of_a_file_are_its_cells_in_the_order_of_the_samples(points):
    rows = [[f"{k}.10", f" +{k}e-1 ", f'"{k}"'] for k in range(10)]
    recipe = points("a,b,c\n" + "\n".join(",".join(row) for row in rows), data__held_out=0.4)
    written, begin = literals(recipe), start(recipe)
    assert all(text == f"{text[0]}.10" for text, _other in written.inputs)
    for texts, values in zip(
        written[:4], (begin.inputs, begin.targets, begin.held_out_inputs, begin.held_out_targets), strict=True
    ):
        assert np.array_equal(np.array(texts, dtype=float), values)


@pytest.mark.parametrize("source", [WRITTEN, DRAWN])
def test_literals_name_the_numbers_that_a_run_starts_from(source):
    recipe = bl.recipe(put(source, "numerics", {"precision": "float64"}))
    written, begin = literals(recipe), start(recipe)
    assert np.array_equal(np.array(written.inputs, dtype=float), begin.inputs)
    assert np.array_equal(
        np.array(written.held_out_targets, dtype=float).reshape(-1, begin.targets.shape[1]), begin.held_out_targets
    )
    for texts, values in zip(written.weights or (), begin.weights, strict=False):
        assert np.array_equal(np.array(texts, dtype=float), values)
