"""Every code that a recipe's fault can have is explained, and nothing else is."""

import re
from pathlib import Path

import backlight.recipes
from backlight.recipes.wording.codes import CODES
from tests.recipes.planted import PLANTED

FOLDER = Path(backlight.recipes.__file__).parent


def test_the_codes_that_are_raised_are_those_that_are_explained():
    sources = [file.read_text(encoding="utf-8") for file in FOLDER.rglob("*.py") if file.name != "codes.py"]
    raised = {code for source in sources for code in re.findall(r'"(R-[A-Z]+-\d)"', source)}
    assert raised == set(CODES)


def test_an_explanation_is_a_paragraph():
    for text in CODES.values():
        assert text.endswith(".")
        assert 60 < len(text) < 400
        assert "\n" not in text


def test_the_faults_that_are_planted_are_of_all_kinds():
    elsewhere = {"R-SYNTAX-1", "R-FILE-1", "R-SET-1", *(code for code in CODES if code.startswith("R-CSV"))}
    assert {planted.code for planted in PLANTED} | elsewhere == set(CODES)
