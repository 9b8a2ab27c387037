"""Where results go, whatever becomes of those who read them."""

import json
import os
import shlex
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


TITLE = "title=练习 é"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_json_is_utf8_whatever_the_encoding_of_standard_output(encoding):
    printed = _run("run", "course", "--format", "json", "--set", TITLE, encoding=encoding)
    assert (printed.returncode, printed.stderr) == (0, b"")
    assert json.loads(printed.stdout.decode())["recipe"]["title"] == TITLE.removeprefix("title=")


def test_letters_that_an_encoding_lacks_are_escaped_in_a_text():
    printed = _run("run", "course", "--set", TITLE, encoding="latin-1")
    assert (printed.returncode, printed.stderr) == (0, b"")
    assert printed.stdout.decode("latin-1").startswith(r"\u7ec3\u4e60 é")


@pytest.mark.skipif(os.name == "nt", reason="closes a channel as POSIX shells do")
@pytest.mark.parametrize("closed", [1, 2])
def test_a_closed_channel_takes_nothing_and_breaks_nothing(tmp_path, closed):
    """Long enough for the progress bar to ask where it may be shown."""
    words = ["run", "course", "--set", "training.iterations=100_000", "--record", "loss", "--save", "kept.json"]
    program = shlex.join([sys.executable, "-c", "from backlight.cli import main; main()", *words])
    ended = subprocess.run(["sh", "-c", f"{program} {closed}>&-"], cwd=tmp_path, capture_output=True, check=False)
    assert (ended.returncode, b"Traceback" in ended.stderr) == (0, False)
    assert bl.load(tmp_path / "kept.json").complete


def _run(*words, encoding):
    """Run the command line in a process that prints in an encoding."""
    command = [sys.executable, "-c", "from backlight.cli import main; main()", *words]
    speaking = os.environ | {"PYTHONIOENCODING": encoding, "LC_ALL": "C.UTF-8", "LANGUAGE": "en"}
    return subprocess.run(command, capture_output=True, env=speaking, check=False)
