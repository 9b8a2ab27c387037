"""Where results go, whatever becomes of those who read them."""

import subprocess
import sys

import pytest

import backlight as bl


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_reader_that_leaves_early_keeps_no_file_from_being_written(tmp_path, form):
    """Far more is printed than a pipe holds; `head` leaves after the first line."""
    command = [sys.executable, "-c", "from backlight.cli import main; main()", "run", "digits", "--iterations", "2"]
    with subprocess.Popen(
        [*command, "--format", form, "--save", "kept.json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        running.stdout.close()
        complaint = running.stderr.read()
    assert running.returncode == 0
    assert b"Traceback" not in complaint
    assert bl.load(tmp_path / "kept.json").complete
