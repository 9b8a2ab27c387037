"""What a right answer is worth: the power of a check, other initial values, and the check tried on itself."""

from types import SimpleNamespace

import numpy as np
import pytest

from backlight.checks.judging import control
from backlight.checks.observing.instrument import instrument
from backlight.checks.observing.observation import Program
from backlight.checks.observing.observe import observe
from backlight.checks.probing.probe import Prober
from tests.checks.test_check import SCALARS

COURSE = "0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8"
MATRICES = """
import numpy as np
X, Y = np.array([[0.5, 0.3]]), np.array([[0.23, -0.07]])
V, W = np.array([[0.2, -0.4], [0.5, 0.6]]), np.array([[0.1, 0.7], [0.7, -0.3]])
def s(z):
    return 1 / (1 + np.exp(-z))
for k in range(1):
    A = s(X @ V)
    O = s(A @ W)
    D = (O - Y) * O * (1 - O)
    E = D @ W.T * A * (1 - A)
    V, W = V - X.T @ E, W - A.T @ D
"""
RELU = SCALARS.replace("return 1 / (1 + exp(-z))", "return max(z, 0.0)")
for unit in ("o1", "o2", "h1", "h2"):
    RELU = RELU.replace(f"* {unit} * (1 - {unit})", f"* ({unit} > 0)")


def facts(said, kind):
    """The facts of a kind."""
    return [one for one in said.facts if one.kind == kind]


def test_the_exercise_shows_every_mistake_and_the_check_finds_one_that_is_planted(checked):
    said = checked(SCALARS)
    (power,), (tried,) = facts(said, "power"), facts(said, "control")
    assert said.verdict == "right"
    assert power.yours["seen"] == power.yours["ways"] > 300
    assert (
        power.text
        == "of {ways} ways to make a mistake of the catalogue here, {seen} would have shown in its numbers".format(
            **power.yours
        )
    )
    assert tried.text.startswith("the check was tried on itself: with sum-of-weight-gradients planted")
    assert facts(said, "probe") == []


def test_a_check_that_calls_a_planted_mistake_right_cannot_tell(checked, monkeypatch):
    monkeypatch.setattr(control, "judged", lambda *_given, **_options: SimpleNamespace(wrong=np.zeros(8, bool)))
    said = checked(SCALARS)
    assert (said.verdict, said.kind) == ("cannot_tell", "cannot_tell")
    assert "was not found" in said.reason


@pytest.mark.parametrize("updates", [1, 2, 11])
@pytest.mark.parametrize("weights", ["0.2, -0.4, 0.5, 0.6, 0.4, 0.4, 0.4, 0.4", "0.5, " * 7 + "0.5", "0, " * 7 + "0"])
def test_a_right_program_with_equal_weights_is_right(checked, weights, updates):
    said = checked(SCALARS.replace(COURSE, weights).replace("range(11)", f"range({updates})"))
    assert said.verdict == "right"


def test_a_wrong_weight_among_equal_ones_shows_from_other_initial_values_and_is_placed_and_proved(checked):
    equal = SCALARS.replace(COURSE, "0.2, 0.2, 0.5, 0.5, 0.4, 0.4, 0.4, 0.4")
    assert checked(equal).verdict == "right"
    said = checked(equal.replace("e1 = d1 * w5 + d2 * w6", "e1 = d1 * w5 + d2 * w8"))
    first = said.explanations[0]
    assert (said.verdict, first.mistake, first.line, first.proof) == ("wrong", "wrong-weight", 14, True)
    assert first.places[0].should_be == "d1 * w5 + d2 * w6"
    assert "from its own initial values this mistake makes no difference" in facts(said, "probe")[0].text
    assert checked(said.fixed).verdict == "right"


def test_two_wrong_weights_that_equal_ones_hide_are_not_called_right(checked):
    equal = SCALARS.replace(COURSE, "0.2, 0.2, 0.5, 0.5, 0.4, 0.4, 0.4, 0.4")
    said = checked(equal.replace("e1 = d1 * w5 + d2 * w6", "e1 = d1 * w7 + d2 * w8"))
    first = said.explanations[0]
    assert (said.verdict, first.mistake) == ("wrong", "wrong-weight")
    assert facts(said, "probe")


def test_a_symmetric_matrix_does_not_hide_that_it_is_not_transposed(checked):
    assert checked(MATRICES).verdict == "right"
    said = checked(MATRICES.replace("D @ W.T", "D @ W"))
    first = said.explanations[0]
    assert (said.verdict, first.mistake, first.line, first.proof) == ("wrong", "transposed-weights", 11, True)
    assert facts(said, "probe")


def test_what_a_relu_does_not_show_is_looked_for_from_other_initial_values(checked):
    said = checked(RELU, "course-relu")
    assert said.verdict == "right"
    assert "missing-path" in facts(said, "probe")[0].yours["mistakes"]
    wrong = checked(RELU.replace("e1 = d1 * w5 + d2 * w6", "e1 = d1 * w5"), "course-relu")
    assert (wrong.verdict, wrong.explanations[0].mistake) == ("wrong", "missing-path")


def test_where_a_mistake_would_not_show_and_the_program_cannot_be_run_again_it_cannot_tell(checked, monkeypatch):
    monkeypatch.setattr(Prober, "at", lambda _self, _parameters: None)
    said = checked(RELU, "course-relu")
    assert said.verdict == "cannot_tell"
    assert "transposed-weights" in said.reason


def test_one_update_does_not_exclude_what_begins_with_the_second(checked):
    said = checked(SCALARS.replace("range(11)", "range(1)"))
    assert said.verdict == "right"
    assert "accumulated-gradients" in facts(said, "power")[-1].text


def test_other_numbers_stand_in_things_of_the_same_kind():
    text = """
import numpy as np
a = [[1.0, 2.0], (3.0, 4.0)]
b = np.array([1.0, 2.0])
c = b
b = np.array([1, 2])
d = 0.5
e = np.float32(0.5)
e *= 2
print(a, c, b, d, repr(e))
"""
    program = Program("my.py", text)
    sites = {(site.kind, site.source): number for number, site in enumerate(instrument(program).sites)}
    instead = {
        sites["operation", "[[1.0, 2.0], (3.0, 4.0)]"]: {0: [5.0, 6.0, float("nan"), 8.0]},
        sites["call", "np.array([1.0, 2.0])"]: {0: [3.0, 4.0]},
        sites["call", "np.array([1, 2])"]: {0: [0.5, 0.25]},
        sites["constant", "0.5"]: {0: [0.75]},
        next(number for (kind, source), number in sites.items() if (kind, source) == ("store", "e")): {1: [0.125]},
    }
    assert (
        observe(program, instead=instead)
        .output.split("\n")[0]
        .startswith("[[5.0, 6.0], (3.0, 8.0)] [3. 4.] [0.5  0.25]")
    )


def test_what_has_another_size_or_is_evaluated_another_time_stays():
    program = Program("my.py", "for k in range(3):\n    a = 0.5\n    print(a)\n")
    (site,) = [n for n, one in enumerate(instrument(program).sites) if (one.kind, one.source) == ("constant", "0.5")]
    assert observe(program, instead={site: {1: [0.25], 2: [1.0, 2.0]}}).output == "0.5\n0.25\n0.5\n"
