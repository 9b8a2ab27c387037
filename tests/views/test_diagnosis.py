"""The report on a program, read as a person does: every number, every line, in 80 columns, in both languages."""

import math
import re
from dataclasses import replace

import pytest

from backlight.checks.diagnosis import Diagnosis, Difference, Explanation, Loss, Parameter, Part, Seen, Spot
from backlight.checks.observing.observation import Program
from backlight.faults import Fault
from backlight.language.widths import WIDTH, columns
from backlight.views import answer_line, diagnosis_report
from backlight.views.text.diagnosis import KINDS
from backlight.views.text.source import few, runs, unfolded
from tests.checks import diagnoses
from tests.language.speech import speaking

STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def flat(text):
    """A report without its line breaks."""
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("make", diagnoses.ALL.values(), ids=diagnoses.ALL)
def test_every_report_fits_into_80_columns(make, language):
    diagnosis = make()
    with speaking(language):
        lines = diagnosis_report(diagnosis).splitlines()
    assert not [line for line in lines if columns(line) > WIDTH]
    assert not [line for line in lines if line != line.rstrip()]


HEADLINES = {
    "wrong_course": "WRONG: the gradients of w1, w2, w3, w4 are wrong",
    "accumulated": "WRONG: the gradients of w5, w6, w7, w8 are wrong",
    "constant_factor": "WRONG: every gradient is 2 times the right one; the direction is exact",
    "other_loss": "WRONG: every gradient is exact, but it is that of binary_cross_entropy, not of",
    "never_learns": "WRONG: no update changes w7, w8",
    "forward": "WRONG: the forward pass is not that of the network",
    "other_network": "CAN'T TELL: the program trains another network than the recipe's",
    "cannot_tell": "CAN'T TELL: whether the gradients are right does not show here",
    "right": "RIGHT: every gradient is right at every judged update",
    "of_arrays": "WRONG: the gradient of W1 is wrong",
}


@pytest.mark.parametrize(("name", "headline"), HEADLINES.items())
def test_the_verdict_comes_first_in_the_users_words(name, headline):
    assert diagnosis_report(diagnoses.ALL[name]()).splitlines()[0] == headline


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verdict", ["right", "wrong", "cannot_tell"])
def test_every_kind_has_a_sentence_even_where_nothing_else_is_known(kind, verdict):
    bare = Diagnosis(program=Program("a.py", "w = 1\n"), recipe=None, verdict=verdict, kind=kind)
    text = diagnosis_report(bare)
    assert re.match(r"(RIGHT|WRONG|CAN'T TELL): [a-z]", text)
    assert "None" not in text
    assert "of  are" not in text


def test_many_names_are_shortened():
    names = [f"w{k}" for k in range(1, 31)]
    diagnosis = replace(
        diagnoses.right(),
        kind="wrong_parameter",
        verdict="wrong",
        parameters=tuple(parameter(name=name, verdict="wrong") for name in names),
    )
    assert diagnosis_report(diagnosis).startswith("WRONG: the gradients of w1..30 are wrong\n")
    apart = tuple(one for one in diagnosis.parameters if int(one.name[1:]) % 2)
    headline = diagnosis_report(replace(diagnosis, parameters=apart)).splitlines()[0]
    assert headline == "WRONG: the gradients of w1, w3, w5, w7, w9, w11 and others are wrong"


def parameter(**about):
    usual = {"name": "w1", "theirs": "", "verdict": "right", "iteration": None, "yours": 0.5, "truth": 0.5}
    return Parameter(**{**usual, "ratio": None, **about})


# ---- the program -------------------------------------------------------------------------------------------


def rows(text):
    """The lines of the program as they are shown: number -> (pointed at, the rest)."""
    part = text.split("\nyour program, with what its lines compute: ✓ right, ✗ wrong\n")[1].split("\n\n")[0]
    found = re.findall(r"^  +(\d+) ([> ]) ?(.*(?:\n {20,}\S.*)*)$", part, re.MULTILINE)
    return {int(number): (mark == ">", rest) for number, mark, rest in found}


def test_each_line_has_beside_it_what_it_computes_and_whether_that_is_right():
    diagnosis = diagnoses.wrong_course()
    shown = rows(diagnosis_report(diagnosis))
    for seen in diagnosis.seen:
        _pointed, rest = shown[seen.line]
        begin = rest.split("  ✓")[0].split("  ✗")[0].removesuffix("...").strip()
        assert diagnosis.program.lines[seen.line - 1].strip().startswith(begin)
        mark, quantities = re.search(r"  ([✓✗]) (\S.*)$", rest, re.MULTILINE).groups()
        assert seen.quantity in quantities.split(", ")
        assert (mark == "✓") == seen.right


def test_the_lines_of_the_mistake_are_pointed_at():
    diagnosis = diagnoses.wrong_course()
    shown = rows(diagnosis_report(diagnosis))
    assert {line for line, (pointed, _rest) in shown.items() if pointed} == {32, 33, 34, 35}
    assert "> marks where the mistake stands" in diagnosis_report(diagnosis)


def test_without_a_known_mistake_the_first_wrong_value_is_pointed_at():
    text = diagnosis_report(diagnoses.forward())
    assert {line for line, (pointed, _rest) in rows(text).items() if pointed} == {8}
    assert "the first wrong value\n  line 8: a1 belongs here\n    - torch.sigmoid(x @ W1)" in text
    assert "> marks" not in text


def test_a_long_program_is_folded_around_the_lines_that_matter():
    text = diagnosis_report(diagnoses.wrong_course())
    assert "\n       ... 9 lines\n  10   def forward_propagate" in text
    assert "... 14 lines\n" in text
    assert "sigmoid(z)" not in text
    assert all(line in rows(text) for line in range(25, 36))


def test_a_short_program_is_shown_whole():
    diagnosis = diagnoses.accumulated()
    shown = rows(diagnosis_report(diagnosis))
    assert list(shown) == [n for n, line in enumerate(diagnosis.program.lines, 1) if line]


def test_a_program_in_which_nothing_was_recognised_is_not_shown():
    assert "your program" not in diagnosis_report(diagnoses.other_network())


def test_of_a_program_where_hundreds_of_lines_compute_something_the_wrong_ones_are_shown():
    lines = [f"w{k} = {k}" for k in range(1, 1001)]
    wrong = {500, 777}
    shown = unfolded(lines, set(range(1, 1001)), wrong)
    assert wrong <= set(shown)
    assert len(shown) < 60


def test_the_mistake_is_shown_however_many_lines_pass_it_on():
    text = "".join(f"w{k} = {k}\n" for k in range(1, 201))
    seen = tuple(Seen(line=k, name="", quantity="w1", right=False) for k in range(1, 201))
    place = replace(diagnoses.wrong_course().first_wrong, line=180)
    best = Explanation(mistake="missing-path", line=180, places=(place,), proof=True)
    shown = rows(
        diagnosis_report(
            replace(diagnoses.wrong_course(), program=Program("a.py", text), seen=seen, explanations=(best,))
        )
    )
    assert shown[180][0]
    assert {179, 181} <= set(shown)
    assert 1 not in shown


def test_the_function_and_the_loop_around_a_shown_line_are_shown():
    lines = ["def f():", *["    a = 1"] * 20, "    for i in x:", *["        b = 1"] * 20, "c = 1"]
    shown = unfolded(lines, {40}, {40})
    assert {1, 22, 40} <= set(shown)
    assert len(shown) < 10


def test_a_line_that_is_out_of_the_program_is_no_matter():
    seen = (Seen(line=99, name="", quantity="z1", right=True), Seen(line=8, name="", quantity="a2", right=True))
    assert 99 not in rows(diagnosis_report(replace(diagnoses.right(), seen=seen)))
    assert "your program" not in diagnosis_report(replace(diagnoses.right(), seen=seen[:1]))


def test_right_and_wrong_of_one_line_stand_below_each_other():
    seen = (Seen(line=1, name="a", quantity="z1", right=True), Seen(line=1, name="b", quantity="a1", right=False))
    text = diagnosis_report(replace(diagnoses.right(), program=Program("a.py", "a = b = 1\n"), seen=seen))
    assert re.search(r"\n  1   a = b = 1 +✗ a1\n +✓ z1\n", text)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "line",
    [
        "\tw = 1  # \x1b[31mred\x07\x9b",
        "w = 1  # " + "权值" * 100,
        "w = " + " + ".join(f"w{k}" for k in range(200)),
        "权值 = 1  # \u202e reversed \u2066",
        "w = '\x00\x0c\r'",
        "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\tw = 1",
        "",
    ],
)
def test_no_line_of_a_program_commands_the_terminal_or_breaks_the_page(line, language):
    text = "\n".join([line] * 3) + "\n"
    spot = Spot(line=2, column=0, end_line=2, end_column=1, source=line, name=line, quantity="dL_dw1", should_be=line)
    diagnosis = replace(
        diagnoses.wrong_course("\x1b[2J.py"),
        program=Program("\x1b[2J.py", text),
        recipe="\x1b[0m\n.toml",
        seen=(Seen(line=1, name="w", quantity="w1", right=True), Seen(line=2, name="w", quantity="w1", right=False)),
        first_wrong=spot,
        explanations=(Explanation(mistake="\x1b[1m", also=("\x1b",), equals=("\n",), line=2, places=(spot,)),),
        reason="\x1b[31m",
        facts=(Difference(kind="input", text="\x1b[31m" + line),),
        parameters=(parameter(name="\x1b", theirs=line),),
        loss=Loss(stated="\x1b", exact_gradient_of="\x1b", factor=math.inf),
    )
    with speaking(language):
        report = diagnosis_report(diagnosis)
    assert not STEERING.search(report)
    assert not [shown for shown in report.splitlines() if columns(shown) > WIDTH]


def test_labels_that_are_numbered_on_are_shortened():
    assert runs(["w1", "w2"]) == ["w1", "w2"]
    assert runs(["w9", "w10", "w11", "h1", "W1[0,1]"]) == ["w9..11", "h1", "W1[0,1]"]
    assert few(["dL_dW1", "dL_db1", "dL_dz1", "dL_da1"], 20) == "dL_dW1, dL_db1, ..."
    assert few(["a" * 30], 10) == "aaaaaaa..."


# ---- the numbers -------------------------------------------------------------------------------------------


def table(text):
    """The rows of the gradients, by parameter."""
    part = text.split("\ngradients")[1].split("\n\n")[0]
    return {line.split()[0]: line.split()[1:] for line in part.splitlines()[2:]}


def test_every_gradient_has_a_row_with_yours_truth_error_and_ratio():
    diagnosis = diagnoses.wrong_course()
    shown = table(diagnosis_report(diagnosis))
    for one in diagnosis.parameters:
        verdict, yours, truth, error, ratio = shown[one.name]
        assert verdict == {"right": "right", "wrong": "WRONG"}[one.verdict]
        assert abs(float(yours) - one.yours) <= 0.5000001e-9
        assert abs(float(truth) - one.truth) <= 0.5000001e-9
        assert error == f"{one.error:.2g}"
        assert float(ratio) == pytest.approx(one.ratio, rel=1e-4)


def test_gradients_that_go_wrong_at_different_updates_say_at_which():
    text = diagnosis_report(diagnoses.accumulated())
    assert "\ngradients, each at the first update where it is wrong\n" in text
    assert [cells[1] for cells in table(text).values()] == ["0"] * 4 + ["1"] * 4
    assert table(text)["w8"][-2:] == ["W2[1,", "1]"]


def test_an_array_is_told_by_its_norm():
    text = diagnosis_report(diagnoses.of_arrays())
    norm = 0.25 * math.sqrt(640)
    assert re.search(rf"W1 \(64 x 10\)  WRONG  {norm:.7f}  {norm / 2:.7f}  1      2      self.W", text)
    assert "of an array: its norm" in text


def test_what_is_not_finite_or_not_known_is_shown_as_that():
    parameters = (
        parameter(name="w1", yours=math.nan, ratio=math.nan, verdict="wrong"),
        parameter(name="w2", yours=math.inf, ratio=math.inf, verdict="wrong"),
        parameter(name="w3", yours=None, truth=None, verdict="cannot_tell"),
        parameter(name="w4", truth=0.0, ratio=None, verdict="wrong"),
    )
    shown = table(diagnosis_report(replace(diagnoses.right(), parameters=parameters)))
    assert shown["w1"] == ["WRONG", "nan", "0.50000000", "nan"]
    assert shown["w2"] == ["WRONG", "inf", "0.50000000", "inf", "inf"]
    assert shown["w3"] == ["can't", "tell"]
    assert shown["w4"] == ["WRONG", "0.50000000", "0", "inf"]


def test_what_is_zero_but_for_rounding_changes_no_column_and_has_no_error():
    parameters = (
        parameter(name="w1"),
        parameter(name="b_o1", yours=3e-17, truth=0.0, ratio=None),
        parameter(name="b_o2", yours=-0.0, truth=-0.0, ratio=None),
        parameter(name="b_o3", yours=-0.0, ratio=-0.0, verdict="wrong"),
    )
    shown = table(diagnosis_report(replace(diagnoses.right(), parameters=parameters)))
    assert shown["w1"][:3] == ["right", "0.50000000", "0.50000000"]
    assert shown["b_o1"] == ["right", "0.00000000", "0"]
    assert shown["b_o2"] == ["right", "0", "0", "0"]
    assert shown["b_o3"] == ["WRONG", "0", "0.50000000", "1", "0"]


def test_of_a_long_name_the_index_is_shown_and_numbers_have_fewer_digits_for_it():
    parameters = tuple(
        parameter(name=f"w{k + 1}", theirs=f"self.hidden_layers.weights[{k}, 0]", yours=-0.123456789) for k in range(2)
    )
    text = diagnosis_report(replace(diagnoses.right(), parameters=parameters))
    assert "-0.123457 " in text
    rows = re.findall(r"^  w\d .* (self\.\S+)\.\.\.\[(\d), 0\]$", text, re.MULTILINE)
    assert [index for _name, index in rows] == ["0", "1"]


def test_a_name_that_stands_for_several_parameters_names_none():
    names = {"w1": "u", "w2": "self.data", "w3": "self.data"}
    parameters = tuple(parameter(name=name, theirs=theirs) for name, theirs in names.items())
    text = diagnosis_report(replace(diagnoses.right(), parameters=parameters))
    assert "self.data" not in text
    assert table(text)["w1"][-1] == "u"
    text = diagnosis_report(replace(diagnoses.right(), parameters=parameters[1:]))
    assert "your name" not in text


# ---- the mistake -------------------------------------------------------------------------------------------


def test_the_mistake_is_told_with_its_sentence_its_places_and_the_proof():
    text = diagnosis_report(diagnoses.wrong_course())
    assert "\nthe mistake: sum-of-weight-gradients, line 32\n" in text
    told = flat(text)
    assert "the sum of the outgoing weights' gradients stands where the sum of delta times weight belongs" in told
    assert "why it tempts the gradients of the outgoing weights are already computed" in told
    assert text.count(" belongs here\n    - d_w") == 4
    assert "\n    + d_o1 * out_o1 * (1 - out_o1) * w7 + d_o2 * out_o2 * (1 - out_o2) * w8\n" in text
    assert (
        "Proved: with these 4 places replaced and nothing else, all 8 gradients are right at all 8 judged updates."
        in told
    )


def test_what_goes_with_a_mistake_what_equals_it_and_what_else_it_may_be_are_told():
    told = flat(diagnosis_report(diagnoses.constant_factor()))
    assert "equal here constant-factor, learning-rate-twice" in told
    assert "or else constant-factor:factor=2: the gradient times a constant stands where" in told
    assert "Proved: with this place replaced and nothing else, all 8 gradients are right at all 3" in told
    told = flat(diagnosis_report(diagnoses.never_learns()))
    assert "together with detached-path: nothing stands where the gradient belongs" in told
    assert "gives exactly your gradients." in told


def test_nothing_is_called_proved_that_is_not():
    told = flat(diagnosis_report(diagnoses.accumulated()))
    assert "Proved" not in told
    assert "gives your gradients, to within 2e-07 of the largest." in told


def test_a_place_without_a_repair_says_so_and_many_places_are_counted():
    diagnosis = diagnoses.wrong_course()
    (best,) = diagnosis.explanations
    many = replace(best, proof=False, places=(replace(best.places[0], should_be="", name="d_h1"),) * 10)
    text = diagnosis_report(replace(diagnosis, explanations=(many,)))
    assert (
        "line 32, d_h1: dL_dh1 belongs here\n    - d_w5 + d_w6\n      (no replacement was found in your program's own names)"
        in text
    )
    assert "\n  and 2 more places\n" in text


def test_what_only_has_the_right_value_is_told_apart_from_what_is_proved():
    diagnosis = diagnoses.wrong_course()
    (best,) = diagnosis.explanations
    unproved = replace(diagnosis, explanations=(replace(best, proof=False),))
    nameless = replace(diagnosis, explanations=(), first_wrong=best.places[0])
    for said in (unproved, replace(nameless, fixed=None)):
        text = diagnosis_report(said)
        assert re.search(r"^    \? d_o1 \*", text, re.MULTILINE)
        assert not re.search(r"^    \+ ", text, re.MULTILINE)
        assert "Behind ? stands what has the right value there; a program with it was not found" in flat(text)
    assert "Behind ?" not in diagnosis_report(diagnosis)
    assert re.search(r"^    \+ d_o1 \*", diagnosis_report(nameless), re.MULTILINE)
    assert "Proved: with this place replaced" in flat(diagnosis_report(nameless))


def test_of_a_repaired_forward_pass_no_number_of_updates_is_told():
    diagnosis = diagnoses.forward()
    place = replace(diagnoses.wrong_course().explanations[0].places[0], quantity="a1")
    for places, words in (((place,), "this place"), ((place,) * 2, "these 2 places")):
        proved = Explanation(mistake="forward-mistake", line=32, places=places, proof=True)
        told = flat(diagnosis_report(replace(diagnosis, iterations=(), explanations=(proved,))))
        assert (
            f"Proved: with {words} replaced and nothing else, the forward pass is that of the network, and every"
            in told
        )
        told = flat(diagnosis_report(replace(diagnosis, iterations=(), explanations=(replace(proved, proof=False),))))
        assert "no replacement was found with which the forward pass and every gradient are right." in told


def test_a_replacement_is_as_deep_as_what_it_replaces_and_broken_between_words():
    diagnosis = diagnoses.wrong_course()
    (best,) = diagnosis.explanations
    two = replace(best.places[0], column=4, source="loss.backward()", should_be="opt.zero_grad()\n    loss.backward()")
    long = replace(best.places[0], should_be=" + ".join(["delta_of_the_output * weight"] * 4))
    text = diagnosis_report(replace(diagnosis, explanations=(replace(best, places=(two, long)),)))
    assert "\n    - loss.backward()\n    + opt.zero_grad()\n      loss.backward()\n" in text
    assert "weight +\n          delta_of_the_output" in text


def test_with_another_activation_it_is_told_that_every_gradient_is_exact_for_it():
    diagnosis = replace(diagnoses.right(), verdict="wrong", kind="other_activation")
    exact = "the network has another activation than the recipe; for its own activation every gradient is exact"
    assert exact in flat(diagnosis_report(diagnosis))
    assert exact not in flat(diagnosis_report(replace(diagnosis, parameters=())))
    place = replace(diagnoses.wrong_course().explanations[0].places[0], name="hidden", quantity="a1", should_be="")
    text = diagnosis_report(replace(diagnosis, first_wrong=place))
    assert "\nthe other activation\n  line 32, hidden\n    - d_w5 + d_w6" in text


def test_without_an_explanation_the_catalogue_is_said_to_have_none():
    text = diagnosis_report(replace(diagnoses.wrong_course(), explanations=()))
    assert "\nthe first wrong value\n  line 32: dL_dh1 belongs here\n" in text
    assert "No mistake of the catalogue gives these gradients." in text


def test_of_the_first_wrong_value_is_told_what_it_is_made_of():
    place = replace(diagnoses.wrong_course().explanations[0].places[0], name="d_h1", quantity="", should_be="")
    parts = (
        Part(source="d_o1 * w5", quantity="dL_dh1"),
        Part(source="w3", quantity="w3"),
        Part(source="rate", quantity=""),
    )
    said = replace(diagnoses.wrong_course(), explanations=(), first_wrong=place, made_of=parts)
    text = diagnosis_report(said)
    assert "\nthe first wrong value\n  line 32, d_h1\n    - d_w5 + d_w6\n    All that it is made of is right" in text
    assert "d_o1 * w5 is dL_dh1, w3, rate. How it is put together is not." in flat(text)
    assert "no replacement" not in text


FALLING = "\nwhy the loss falls all the same\n"


def test_a_loss_that_falls_is_explained_by_the_angle_and_only_if_there_is_one():
    diagnosis = diagnoses.wrong_course()
    text = flat(diagnosis_report(diagnosis))
    angle = math.degrees(math.acos(diagnosis.cosine))
    (told,) = re.findall(r"at most (\S+) degrees away", text)
    assert angle <= float(told) <= angle + 0.1
    assert "at most 0.1 degrees away" in flat(diagnosis_report(replace(diagnosis, cosine=1.0)))
    same = flat(diagnosis_report(replace(diagnosis, cosine=1.0, kind="constant_factor")))
    assert "Your steps point the same way as the right ones; only their length is wrong." in same
    for cosine in (None, -0.5, 0.0, math.nan):
        text = flat(diagnosis_report(replace(diagnosis, cosine=cosine)))
        assert "degrees" not in text
        assert "A loss that falls does not prove that the gradients are right." in text


def test_nothing_is_explained_where_the_loss_does_not_fall_or_is_another():
    assert FALLING in diagnosis_report(diagnoses.accumulated())
    for diagnosis in (
        diagnoses.right(),
        diagnoses.never_learns(),
        replace(diagnoses.wrong_course(), losses=()),
        replace(diagnoses.wrong_course(), losses=(0.1, math.nan)),
        replace(diagnoses.wrong_course(), kind="forward"),
    ):
        assert FALLING not in diagnosis_report(diagnosis)


def test_facts_come_last():
    text = diagnosis_report(diagnoses.wrong_course())
    assert text.endswith("\nalso to be known\n  - it prints w only at two decimals, where d_w2 looks right")


def test_of_which_loss_the_updates_are_the_gradient_is_told():
    assert "\ngradient  2 times that of binary_cross_entropy\n" in diagnosis_report(diagnoses.other_loss())
    assert "\ngradient " not in diagnosis_report(diagnoses.right())


# ---- many programs -----------------------------------------------------------------------------------------


def test_lines_of_many_programs_stand_below_each_other_in_both_languages():
    paths = ["a.py", "程序.py", "b" * 60 + ".py"]
    for language in ("en", "zh"):
        with speaking(language):
            lines = [answer_line(path, diagnoses.right(path), among=paths) for path in paths]
        begins = [columns(line) - columns(line[len(path) :].lstrip()) for path, line in zip(paths, lines, strict=True)]
        assert begins[0] == begins[1] == 34
        assert lines[2].startswith(paths[2] + "  ")


def test_a_line_is_one_line_whatever_stands_in_it():
    fault = Fault(code="C-FILE-1", sentence="two\nlines \x1b[31m")
    assert answer_line("a\nb.py", [fault]) == r"a\nb.py  failed      C-FILE-1: two lines \x1b[31m"
