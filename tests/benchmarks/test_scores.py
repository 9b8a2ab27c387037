"""The benchmark of the checker counts what it says it counts."""

from dataclasses import replace

import pytest

from benchmarks.check.asking import Score
from benchmarks.check.programs import programs
from benchmarks.check.table import share, table

PROGRAMS = {program.name: program for program in programs()}
WRONG = PROGRAMS["flat_scalars/course/wrong-weight"]
RIGHT = PROGRAMS["flat_scalars/course/plain"]


def said(program, verdict, mistake="", line=0, **more):
    diagnoses = [{"mistake": mistake, "line": line, **more}] if mistake else []
    return Score(program, {"verdict": verdict, "diagnoses": diagnoses}, 1.0)


def test_the_mistake_on_its_line_is_all_that_is_wanted():
    score = said(WRONG, "wrong", "wrong-weight", WRONG.lines[0])
    assert score.good
    assert (score.verdict, score.line, score.named, score.told) == (True, True, True, True)


def test_a_line_elsewhere_is_not_the_mistakes():
    assert not said(WRONG, "wrong", "wrong-weight", 1).line


@pytest.mark.parametrize("verdict", ["right", "cannot_tell", "failed"])
def test_any_other_verdict_on_a_wrong_program_is_a_failure(verdict):
    assert not said(WRONG, verdict).good


def test_another_mistake_is_not_named_unless_its_numbers_are_equal():
    assert not said(WRONG, "wrong", "missing-target", WRONG.lines[0]).named
    alike = replace(WRONG, equals={"missing-target"})
    assert said(alike, "wrong", "missing-target", WRONG.lines[0]).named


def test_a_mistake_told_among_equal_ones_is_told_but_not_named_first():
    score = said(WRONG, "wrong", "missing-target", WRONG.lines[0], equals=["wrong-weight"])
    assert (score.named, score.told) == (False, True)


def test_of_two_mistakes_both_must_be_named():
    both = next(program for program in PROGRAMS.values() if program.also)
    (second,) = both.also
    assert said(both, "wrong", both.mistake, both.lines[0], also=[second]).named
    assert not said(both, "wrong", both.mistake, both.lines[0]).named


def test_only_a_right_program_can_be_accused():
    assert said(RIGHT, "wrong").accused
    assert not said(RIGHT, "cannot_tell").accused
    assert not said(WRONG, "wrong").accused


def test_a_share_is_rounded_down():
    assert (share([True] * 199 + [False]), share([True]), share([])) == ("99 %", "100 %", "-")


def test_the_table_shows_both_sets_apart():
    programs = [*PROGRAMS.values(), replace(RIGHT, held_out=True)]
    text = table([said(program, program.verdict) for program in programs])
    assert text.index("## development") < text.index("## held out")
    assert text.count("| flat_scalars |") == 2


def test_a_table_of_some_programs_says_so():
    text = table([said(RIGHT, "right")], every=4)
    assert "One program of 4 by chance: 1 programs" in text
    assert "`python benchmarks/check.py --every 4`" in text
