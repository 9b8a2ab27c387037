"""A child begins at once, as if it were the first: what was imported before is there, what was done before is not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backlight.checks.observing.cage import begin
from tests.checks.seen import run

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked elsewhere"),
    pytest.mark.usefixtures("new_servers"),
]

WHO = "import os\nprint(os.getppid(), os.getpid())\n"
SPOILS = "import sys, os, numpy\nnumpy.exp = None\nsys.path.clear()\nos.environ['A'] = '1'\nopen('left', 'w').close()\n"
LOOKS = "import os, sys, numpy\nprint(numpy.exp(0.0), 'A' in os.environ, os.listdir('.'), bool(sys.path))\n"


@pytest.fixture(params=[True, False], ids=["forked", "alone"])
def _both_ways(request, monkeypatch):
    monkeypatch.setattr(begin, "FORKS", request.param)


def test_two_runs_have_one_server_and_two_children(tmp_path):
    (server, one), (same, other) = (run(tmp_path, WHO).output.split() for _ in range(2))
    assert server == same
    assert server != str(os.getpid())
    assert one != other


@pytest.mark.usefixtures("_both_ways")
def test_nothing_that_a_program_did_is_there_for_the_next_one(tmp_path):
    assert run(tmp_path, SPOILS).ended.kind == "finished"
    assert run(tmp_path, LOOKS).output == "1.0 False [] True\n"


def test_numpy_is_there_before_the_program_asks_for_it(tmp_path):
    text = "import sys\nbefore = 'numpy' in sys.modules\nimport numpy\nprint(before)\n"
    assert run(tmp_path, text).output == "True\n"


@pytest.mark.usefixtures("_both_ways")
def test_a_module_of_the_programs_own_goes_before_an_installed_one(tmp_path):
    (tmp_path / "numpy.py").write_text("mine = 1.5\n")
    assert run(tmp_path, "import numpy\nprint(numpy.mine)\n").output == "1.5\n"


def test_a_trusted_program_that_kills_its_server_hurts_nobody(tmp_path):
    assert run(tmp_path, "import os\nos.kill(os.getppid(), 9)\nprint(1)\n", trust=True).output == "1\n"
    assert run(tmp_path, "print(1)\n").output == "1\n"


def test_an_interrupted_run_leaves_no_server_in_a_state_that_nobody_knows(tmp_path, monkeypatch):
    def interrupt(*_given):
        raise KeyboardInterrupt

    with monkeypatch.context() as here:
        here.setattr("backlight.checks.observing.cage.child._Listener.until_the_end", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, WHO)
    assert begin._idle == []
    assert run(tmp_path, "print(1)\n").output == "1\n"


WAITS = """
from pathlib import Path
from backlight.checks.observing.observe import observe
from backlight.checks.observing.programs import read_program
observe(read_program(Path({path!r})), trust={trust})
"""


@pytest.mark.parametrize("trust", [False, True])
def test_when_the_parent_is_killed_nothing_goes_on(trust, tmp_path):
    (tmp_path / "program.py").write_text("import os\nprint('x')\nwhile True: pass\n")
    parent = subprocess.Popen([sys.executable, "-c", WAITS.format(path=str(tmp_path / "program.py"), trust=trust)])
    try:
        family = _until(lambda: _below(parent.pid), lambda found: len(found) == 2)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert _until(lambda: [one for one in family if Path(f"/proc/{one}").exists()], lambda left: not left) == []


def _until(look, is_enough):
    end = time.monotonic() + 20
    while not is_enough(found := look()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


def _below(process):
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [one for child in children for one in (child, *_below(child))]
