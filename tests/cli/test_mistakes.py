"""The catalogue of mistakes from a user's side: every slug behind `--mistake`."""

import shlex

import pytest

from backlight.engines.mistakes import MISTAKES


@pytest.mark.parametrize("slug", [slug for slug, entry in MISTAKES.items() if not entry.check_only])
def test_every_mistake_is_made_from_the_command_line(backlight, slug):
    outcome = backlight(*shlex.split(MISTAKES[slug].command)[1:])
    assert outcome.code == 0
    assert slug in outcome.out
    assert outcome.err == ""


@pytest.mark.parametrize("slug", [slug for slug, entry in MISTAKES.items() if entry.check_only])
def test_a_mistake_that_is_only_found_in_programs_says_so_and_proposes_what_works(backlight, slug):
    outcome = backlight("run", "xor", "--mistake", slug)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"{slug} is found in programs, but no engine can make it   [E-MISTAKE-5]" in outcome.err
    [proposed] = [line for line in outcome.err.splitlines() if line.startswith("  try")]
    assert backlight(*shlex.split(proposed)[2:]).code == 0
