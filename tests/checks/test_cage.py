"""A stranger's program reaches nothing: every family of attack is refused, and the parent stays what it was."""

import ast
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import backlight
from backlight.checks.observing.cage import begin
from backlight.checks.observing.observe import LIMITS, observe
from backlight.checks.observing.programs import ProgramError, read_program
from tests.checks.attacks import CALLS, GARBAGE, REFUSED
from tests.checks.seen import run, values

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the cage is Linux's")

NOT_ALLOWED = ("PermissionError: ", "OSError: [Errno 18] Invalid cross-device link", "ValueError: not allowed to raise")
REFUSED_CALL = "Operation not permitted"


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "parent" / "secret.txt"
    path.parent.mkdir()
    path.write_text("the parent's own")
    return path


@pytest.fixture
def inside(tmp_path):
    folder = tmp_path / "program"
    folder.mkdir()
    return folder


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where scratch folders are made."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def filled(text, secret):
    package = Path(backlight.__file__).parent
    return text.format(secret=secret, parent=os.getpid(), package=package, home=Path.home())


@pytest.mark.parametrize("name", REFUSED)
def test_an_attack_is_refused(name, secret, inside):
    seen = run(inside, "x = 1.5\n" + filled(REFUSED[name], secret) + "\nprint('it worked')\n")
    assert seen.ended.kind == "exception"
    assert seen.ended.text.startswith(NOT_ALLOWED) or REFUSED_CALL[:18] in seen.ended.text
    assert values(seen, "x", "store") == [1.5]
    assert secret.read_text() == "the parent's own"
    assert [path.name for path in secret.parent.iterdir()] == ["secret.txt"]


@pytest.mark.parametrize("name", CALLS)
def test_a_call_past_python_is_refused(name, secret, inside):
    function, *given = CALLS[name]
    arguments = ", ".join(filled(str(one), secret) for one in given)
    text = f"import ctypes\nlibrary = ctypes.CDLL(None, use_errno=True)\nprint(library.{function}({arguments}))\n"
    assert run(inside, text).output == "-1\n"


def test_the_attacks_would_work_without_the_cage(secret, inside):
    text = (
        f"print(open({str(secret)!r}).read())\nimport os, socket\nsocket.socket().close()\nos.kill({os.getpid()}, 0)\n"
    )
    seen = run(inside, text, trust=True)
    assert (seen.ended.kind, seen.output) == ("finished", "the parent's own\n")


def test_the_environment_is_empty(monkeypatch, inside):
    monkeypatch.setenv("MY_PASSWORD", "1234")
    seen = run(inside, "import os\nprint(sorted(os.environ))\nprint(os.environ['HOME'] == os.getcwd())\n")
    names, home = seen.output.splitlines()
    rest = {name for name in ast.literal_eval(names) if not name.endswith("_NUM_THREADS")}
    assert (rest, home) == ({"HOME", "LC_CTYPE", "TMPDIR"}, "True")


def test_no_file_of_the_parent_is_open_in_the_child(secret, inside):
    with secret.open() as kept:
        os.set_inheritable(kept.fileno(), True)
        text = f"import os\nfor n in range(3, 60):\n    try: print(os.readlink(f'/proc/self/fd/{{n}}'))\n    except OSError: pass\nos.fstat({kept.fileno()})\n"
        seen = run(inside, text)
    assert "secret" not in seen.output
    assert seen.ended.text == "OSError: [Errno 9] Bad file descriptor"


@pytest.mark.parametrize(
    "text",
    [
        "x = []\nwhile True:\n    x.append(bytes(10 ** 8))\n",
        "import numpy as np\nx = [np.ones(10 ** 7) for i in range(1000)]\n",
    ],
)
def test_a_memory_bomb_ends_in_its_own_process(text, inside):
    assert run(inside, text, limits=replace(LIMITS, memory=1 << 28)).ended.kind == "memory"


@pytest.mark.parametrize(
    "text",
    [
        "i = 0\nwhile True:\n    open(f'{i}', 'wb').write(bytes(10 ** 6)); i += 1\n",
        "i = 0\nwhile True:\n    open(f'{i}', 'w').close(); i += 1\n",
        "import os\nwhile True:\n    os.mkdir('d'); os.chdir('d')\n",
        "import os\nos.mkdir('d', 0o300)\ni = 0\nwhile True:\n    open(f'd/{i}', 'w').close(); i += 1\n",
    ],
)
def test_a_bomb_of_files_is_ended_and_swept_away(text, inside, place):
    seen = run(inside, text, limits=replace(LIMITS, files=8_000_000))
    assert (seen.ended.kind, seen.ended.text) == ("killed", "it wrote too much into its folder and was killed")
    assert list(place.iterdir()) == []


def test_no_scratch_folder_is_left_and_links_are_not_followed(inside, place):
    (inside / "data").mkdir()
    (inside / "data" / "one.csv").write_text("1")
    seen = run(inside, "import os\nos.makedirs('a/b/c')\nos.mkdir('d', 0)\nprint(os.listdir('data'))\n")
    assert (seen.ended.kind, seen.output) == ("finished", "['one.csv']\n")
    assert list(place.iterdir()) == []
    assert (inside / "data" / "one.csv").read_text() == "1"


def test_a_file_cannot_grow_without_end(inside):
    seen = run(inside, "f = open('big', 'wb')\nwhile True:\n    f.write(bytes(10 ** 6))\n")
    assert seen.ended.text == "OSError: [Errno 27] File too large"


@pytest.mark.parametrize(
    "stop", ["signal.signal(signal.SIGALRM, signal.SIG_IGN)", "signal.setitimer(signal.ITIMER_REAL, 0)"]
)
def test_a_program_that_stops_its_clock_is_killed(stop, inside):
    seen = run(inside, f"import signal\n{stop}\nwhile True: pass\n", limits=replace(LIMITS, seconds=0.2))
    assert (seen.ended.kind, seen.ended.text) == ("time", "it could not be stopped by the clock and was killed")


def test_a_loop_that_catches_everything_is_stopped_all_the_same(inside):
    text = "x = 1.5\nwhile True:\n    try:\n        while True: pass\n    except BaseException: pass\n"
    seen = run(inside, text, limits=replace(LIMITS, seconds=0.5))
    assert (seen.ended.kind, values(seen, "x", "store")) == ("time", [1.5])


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_in_place_of_an_answer_is_no_answer(name, inside):
    text = f"""
import os
for number in range(3, 40):
    try: os.write(number, {GARBAGE[name]})
    except OSError: pass
os.kill(os.getpid(), 9)
"""
    seen = run(inside, text)
    assert (seen.ended.kind, seen.ended.text) == ("killed", "it ended with an answer that cannot be read")
    assert (len(seen.site), seen.values, seen.output) == (0, (), "")


@pytest.mark.parametrize("text", ["import os\nos.closerange(0, 99)\n", "import ctypes\nctypes.string_at(0)\n"])
def test_a_child_that_dies_without_an_answer_is_told(text, inside):
    assert run(inside, text).ended.text == "it ended without an answer"


def test_a_flood_of_answers_is_not_kept(inside):
    text = """
import os
for number in range(3, 40):
    try:
        while True: os.write(number, bytes(10 ** 6))
    except OSError: pass
"""
    assert run(inside, text, limits=replace(LIMITS, size=1_000_000, events=1000)).ended.kind == "killed"


def test_threads_run_and_are_locked_in_too(secret, inside):
    text = f"""
import threading, os
said = []
def attack():
    for act in (os.fork, lambda: open({str(secret)!r})):
        try: said.append(act())
        except OSError as error: said.append(type(error).__name__)
thread = threading.Thread(target=attack)
thread.start(); thread.join()
print(said)
"""
    assert run(inside, text).output == "['PermissionError', 'PermissionError']\n"


AS_NOBODY = """
import json, os, sys, socket, ctypes, fcntl, resource, mmap, subprocess, multiprocessing, urllib.request, tempfile
import multiprocessing.popen_fork, encodings.idna
from backlight.checks.observing.cage.lock import lock
attacks, scratch = json.loads(sys.argv[1]), sys.argv[2]
os.chdir(scratch)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
lock(readable=[], listed=[], writable=scratch, parent=os.getppid())
open('new', 'w').close()
said = {}
for name, text in attacks.items():
    try:
        exec(text, {'__file__': '/etc/hostname'})
        said[name] = 'it worked'
    except Exception as error:
        said[name] = f'{type(error).__name__}: {error}'
print(json.dumps(said))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can become nobody")
def test_the_same_attacks_are_refused_to_a_user_without_powers():
    """It becomes nobody after its imports, for nobody may read nothing here, and owns what it attacks."""
    with TemporaryDirectory() as folder:
        secret, inside = Path(folder) / "secret.txt", Path(folder) / "program"
        secret.write_text("the parent's own")
        inside.mkdir()
        for path in (Path(folder), secret, inside):
            os.chown(path, 65534, 65534)
        taken = {name: filled(text, secret) for name, text in REFUSED.items() if name != "takes its limits off"}
        answer = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, json.dumps(taken), str(inside)],
            capture_output=True,
            encoding="utf-8",
            check=True,
            env={"PYTHONPATH": str(Path(backlight.__file__).parent.parent)},
        )
        said = json.loads(answer.stdout)
        assert secret.read_text() == "the parent's own"
    worked = {
        name: text for name, text in said.items() if not text.startswith(NOT_ALLOWED) and REFUSED_CALL not in text
    }
    assert (len(said), worked) == (len(taken), {})


@pytest.mark.usefixtures("new_servers")
@pytest.mark.parametrize(
    ("elsewhere", "because"),
    [
        (
            "import platform; sys.platform = 'darwin'; platform.system = lambda: 'Darwin'",
            "Darwin has neither Landlock nor seccomp",
        ),
        (
            "import platform; platform.machine = lambda: 'riscv64'",
            "the requests to the kernel of riscv64 are not known here",
        ),
        (
            "from backlight.checks.observing.cage import landlock; landlock.CREATE_RULESET = 9999",
            "this Linux has no Landlock, or it is switched off",
        ),
    ],
)
def test_without_a_cage_nothing_is_run_and_the_way_out_can_be_pasted(elsewhere, because, inside, monkeypatch):
    path = inside / "my program.py"
    path.write_text("print('run')\n")
    before, main = begin._COMMAND.split("from backlight", 1)
    monkeypatch.setattr(begin, "_COMMAND", f"{before}{elsewhere}; from backlight{main}")
    with pytest.raises(ProgramError) as caught:
        observe(read_program(path))
    assert str(caught.value) == (
        "a stranger's program cannot be isolated on this system   [C-CAGE-1]\n"
        f"  where     {path}\n"
        f"  because   {because}\n"
        f"  try       backlight check '{path}' --trust"
    )
    assert observe(read_program(path), trust=True).output == "run\n"


def test_a_trusted_program_still_has_limits(inside):
    seen = run(inside, "x = [bytes(10 ** 8) for i in range(100)]\n", trust=True, limits=replace(LIMITS, memory=1 << 28))
    assert seen.ended.kind == "memory"
