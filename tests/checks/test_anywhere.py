"""A repair is looked for anywhere in a program: every slip of the pen is run, and what is found is proved."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import backlight as bl
from backlight.checks.judgement import likeliest, rightly_when_run, scene_of
from backlight.checks.judging.held import suspects_of
from backlight.checks.observing.observation import Program
from backlight.checks.observing.observe import observe
from backlight.checks.placing.anywhere.search import Anywhere, anywhere_forward
from backlight.checks.placing.anywhere.wanted import wanted
from backlight.checks.reading import read
from backlight.checks.recognising.network import Network
from backlight.checks.recognising.timeline import Timeline

LISTS = """import math
W, V = [[0.2, 0.5], [-0.4, 0.6]], [[0.1, -0.3], [-0.5, 0.8]]
x, y = [0.5, 0.3], [0.23, -0.07]
def out(M, a):
    return [1 / (1 + math.exp(-sum(m * v for m, v in zip(row, a)))) for row in M]
def slope(a):
    return a * (1 - a)
def line(a):
    return 1.0
def less(a, b):
    return a - b
SLOPES = {"bent": slope, "straight": line}
for k in range(11):
    h = out(W, x)
    o = out(V, h)
    d = [less(p, q) * SLOPES["bent"](p) for p, q in zip(o, y)]
    c = [sum(g * row[i] for g, row in zip(d, V)) for i in range(2)]
    e = [g * slope(a) for g, a in zip(c, h)]
    gV, gW = [[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]
    for j in range(2):
        for i in range(2):
            gV[j][i] += d[j] * h[i]
            gW[j][i] += e[j] * x[i]
    V = [[w - g for w, g in zip(*rows)] for rows in zip(V, gV)]
    W = [[w - g for w, g in zip(*rows)] for rows in zip(W, gW)]
"""
TAPE = """import math
tape = []
class Number:
    def __init__(self, value, made=()):
        self.value, self.made, self.bar = value, made, 0.0
        tape.append(self)
    def __add__(self, other):
        return Number(self.value + other.value, [(self, 1.0), (other, 1.0)])
    def __mul__(self, other):
        return Number(self.value * other.value, [(self, other.value), (other, self.value)])
    def bent(self):
        s = 1 / (1 + math.exp(-self.value))
        return Number(s, [(self, s * (1 - s))])
    def squared(self):
        return Number(self.value ** 2, [(self, 2 * self.value)])
x, y = [0.5, 0.3], [0.23, -0.07]
W = [[0.2, 0.5], [-0.4, 0.6]], [[0.1, -0.3], [-0.5, 0.8]]
W = [[[Number(w) for w in row] for row in M] for M in W]
for k in range(11):
    a = [Number(one) for one in x]
    for M in W:
        a = [(row[0] * a[0] + row[1] * a[1]).bent() for row in M]
    loss = Number(0.0)
    for o, t in zip(a, y):
        loss = loss + (o + Number(-t)).squared() * Number(0.5)
    loss.bar = 1.0
    for one in reversed(tape):
        for part, slope in one.made:
            part.bar += slope * one.bar
    for M in W:
        for row in M:
            for w in row:
                w.value -= w.bar
                w.bar = 0.0
    tape = []
"""
SLIPS = {
    "a sign": (LISTS, "less(p, q)", "(p + q)", 16),
    "another variable": (LISTS, "slope(a) for", "slope(g) for", 18),
    "another entry": (LISTS, "e[j] * x[i]", "e[j] * x[j]", 23),
    "two arguments": (LISTS, "less(p, q)", "less(q, p)", 16),
    "a key": (LISTS, 'SLOPES["bent"](p)', 'SLOPES["straight"](p) + 0 * SLOPES["straight"](q)', 16),
    "a function that is handed over": (LISTS, '"bent": slope', '"bent": line', 12),
    "the weights on the way back": (LISTS, "sum(g * row[i] for g, row in zip(d, V))", "sum(d)", 17),
    "what was meant to be added": (LISTS, "gV[j][i] += d", "gV[i][j] += d", 22),
    "the order of two loops": (
        LISTS,
        "gV, gW = [[0.0, 0.0], [0.0, 0.0]]",
        "gV, gW = [[a * g for g in d] for a in h]",
        19,
    ),
    "a rule of a tape": (TAPE, "2 * self.value)", "self.value)", 15),
    "another rule of a tape": (TAPE, "s * (1 - s)", "s * (1 + s)", 13),
    "a sum of a tape": (TAPE, "part.bar += slope", "part.bar = slope", 29),
}
OR_ELSE = {"a key": 12, "two arguments": 11}
"""Where another edit is as good."""


def written(slip):
    text, old, new, line = SLIPS[slip]
    if slip == "the order of two loops":
        loops = text[text.index("    for j in range(2)") : text.index("    V = ")]
        text = text.replace(loops, "    gW = [[g * a for a in x] for g in e]\n")
    assert text.count(old) == 1
    return text.replace(old, new), line


def search(tmp_path, text, is_right=None):
    """The search in a program that is wrong."""
    recipe, program = bl.recipe("course"), Program(str(tmp_path / "my.py"), text)

    def again(one, instead):
        return observe(one, instead=instead)

    known = read(Timeline(observe(program)), recipe, again)
    network, precision = known.found.network, known.timeline.precision
    training, held, _causes = likeliest(network, known.readings, precision)
    suspects = suspects_of(network, held, precision)
    scene = scene_of(suspects, training, known.timeline)
    numbers = wanted(suspects, scene)
    return Anywhere(known.timeline, numbers, observe, is_right or rightly_when_run(recipe, again))


@pytest.mark.parametrize("text", [LISTS, TAPE], ids=["lists", "tape"])
def test_the_programs_are_right_without_a_slip(checked, text):
    assert checked(text).verdict == "right"


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_found_wherever_it_is_and_its_repair_is_proved(tmp_path, slip):
    text, line = written(slip)
    repair = search(tmp_path, text).proof()
    assert repair is not None
    (spot,), fixed, _mistake = repair
    assert spot.line in {line, OR_ELSE.get(slip, line)}
    assert fixed != text


def test_two_slips_are_found_together(tmp_path):
    text, line = written("another entry")
    text = text.replace("gV[j][i] += d[j] * h[i]", "gV[j][i] += d[j] * h[j]")
    spots, _fixed, _mistake = search(tmp_path, text).proof()
    assert sorted(spot.line for spot in spots) == [line - 1, line]


def test_what_no_slip_explains_is_not_explained(tmp_path):
    text = LISTS.replace("d[j] * h[i]", "math.sin(j + 3 * i)").replace("e[j] * x[i]", "math.cos(j - 2 * i)")
    assert search(tmp_path, text).proof() is None


def test_what_the_runs_say_of_themselves_proves_nothing(tmp_path):
    text, _line = written("a sign")
    assert search(tmp_path, text, is_right=lambda _program: False).proof() is None


def test_what_runs_say_that_is_no_answer_is_not_heard(tmp_path):
    whole = search(tmp_path, written("a sign")[0])

    def nonsense(program):
        return replace(observe(Program(program.path, "print()")), output="x [1]\n-1 [0]\n99999 [2]\n0 [[[\n1:: {}\n")

    assert replace(whole, run=nonsense).proof() is None


def test_the_numbers_of_a_right_update_are_wanted_and_those_of_the_program_known(tmp_path):
    text, _line = written("another entry")
    numbers = search(tmp_path, text).wanted
    trace = bl.run("course", engine="hand")
    after = np.concatenate([np.ravel(trace[name][1]) for name in ("W1", "W2")])
    assert len(numbers.numbers) == 8
    assert numbers.own_is_wrong.sum() == 2
    assert np.allclose(
        np.sort(numbers.numbers), np.sort(after), rtol=1e-12
    )  # one update, each number rounded a few times


def forward(tmp_path, text):
    """The same for a program whose forward pass is wrong."""
    recipe, program = bl.recipe("course"), Program(str(tmp_path / "my.py"), text)

    def again(one, instead):
        return observe(one, instead=instead)

    timeline = Timeline(observe(program))
    assert read(timeline, recipe, again).found.kind == "forward"
    network, parameters = Network.asked(recipe)
    rows = range(network.samples)
    return anywhere_forward(timeline, network, None, parameters, rows, observe, rightly_when_run(recipe, again))


@pytest.mark.parametrize(
    ("old", "new", "line"), [("out(V, h)", "out(V, x)", 15), ("zip(row, a)", "zip(row, row)", 5), ("-sum(", "sum(", 5)]
)
def test_a_slip_in_the_forward_pass_is_found_too(tmp_path, old, new, line):
    repair = forward(tmp_path, LISTS.replace(old, new, 1))
    assert repair is not None
    assert [spot.line for spot in repair.places] == [line]


def test_the_check_tells_the_line_with_its_proof(checked):
    text, line = written("a rule of a tape")
    said = checked(text)
    assert (said.explanations[0].line, said.explanations[0].proof) == (line, True)
    assert Path(said.program.path).read_text(encoding="utf-8") == text
