"""A command that is ended from outside, as by a batch system at its time limit."""

import signal
import subprocess
import sys

import pytest

ENDED_WHILE_SAVING = """
import os, signal
from backlight.cli import main
from backlight.traces import files
from backlight.traces.whole import whole

def half(pieces, path):
    with whole(path) as draft:
        draft.write_text(next(pieces))
        os.kill(os.getpid(), signal.SIGTERM)
        draft.write_text("".join(pieces))

files._write = half
main(["run", "course", "--save", "t.json"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
def test_a_command_ended_while_it_saves_leaves_nothing_half_written(tmp_path):
    command = [sys.executable, "-c", ENDED_WHILE_SAVING]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
