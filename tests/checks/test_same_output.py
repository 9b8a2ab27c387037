"""An observed program is the same program: it prints what it prints when nobody looks."""

import subprocess
import sys

import pytest

from backlight.checks.observing.observe import observe
from backlight.checks.observing.programs import read_program
from tests.checks.tricky_programs import PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_observed_program_prints_exactly_what_the_plain_one_prints(name, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAMS[name], encoding="utf-8")
    plain = subprocess.run(
        [sys.executable, "-X", "utf8", "-W", "ignore", str(path)], capture_output=True, encoding="utf-8", check=True
    )
    observed = observe(read_program(path))
    assert (observed.output, observed.ended.text) == (plain.stdout, "it ran to its end")
    assert len(observed.site)
