"""Programs that do what a program to be checked should not: each gets a plain word or a verdict, none a traceback."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.checks.test_check import ROWS, SCALARS

FAULT = re.compile(r"^backlight: .+   \[C-[A-Z0-9]+-\d+\]$", re.MULTILINE)
LAST = "    print(k, loss)\n"
WRONG = SCALARS.replace("e1 = d1 * w5 + d2 * w6", "e1 = g5 + g6")
CHINESE = SCALARS.replace("e1", "误差甲").replace("g5", "梯度五").replace("loss", "损失")
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# 练习"], "metadata": {}},
        {
            "cell_type": "code",
            "source": ("%matplotlib inline\n" + SCALARS).splitlines(keepends=True),
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        },
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}
LATE = SCALARS.replace(LAST, LAST + "\n" * 19 + "    if k == 3:\n        [][1]\n")

VERDICTS = {
    "an exception at line 40 in iteration 3": (LATE, 0, "it stopped with an exception in line 40: IndexError"),
    "an endless loop": (SCALARS.replace("for k in range(11):", "k = 0\nwhile True:"), 0, ""),
    "an endless loop before anything": ("while True:\n    pass\n" + SCALARS, 3, "it was stopped by the clock"),
    "sys.exit": (SCALARS + "import sys\nsys.exit(3)\n", 0, ""),
    "sys.exit at once": ("import sys\nsys.exit(3)\n" + SCALARS, 3, "was seen in it before it ended itself in line 2"),
    "os._exit": (SCALARS + "import os\nos._exit(7)\n", 0, ""),
    "a process of its own": ("import os\nos.fork()\n" + SCALARS, 3, "in line 2: PermissionError"),
    "threads": (f"import threading\nthreading.Thread(target=print).start()\n{SCALARS}", 0, ""),
    "gigabytes of prints": (SCALARS.replace(LAST, "    print('x' * 10**8)\n"), 0, "it prints more than is kept here"),
    "a library that is not imported": ("X = np.zeros(2)\n" + SCALARS, 3, "NameError: name 'np' is not defined"),
    "a library that is not there": ("import tensorflow_of_old as tf\n" + SCALARS, 3, "where backlight is installed"),
    "functions that nobody calls": ("def train():\n    w = 1\n", 3, "it defines functions, and calls none of them"),
    "tabs": (SCALARS.replace("    ", "\t"), 0, ""),
    "Windows and a byte order mark": (b"\xef\xbb\xbf" + SCALARS.replace("\n", "\r\n").encode(), 0, ""),
    "Chinese names": ("# 权值更新\n" + CHINESE, 0, ""),
    "Chinese in its declared encoding": (("# coding: gb18030\n# 权值\n" + CHINESE).encode("gb18030"), 0, ""),
    "a question to its user": (
        SCALARS.replace("11", "int(input('rounds? '))"),
        0,
        'it asks its user "rounds?": the answer',
    ),
    "a pause": ("import time\n" + SCALARS.replace(LAST, "    time.sleep(99)\n"), 0, "it pauses: no time is lost here"),
    "a file that is missing": ("open('data.txt')\n" + SCALARS, 3, "it needs the file data.txt, which is not there"),
    "ten thousand rounds": (SCALARS.replace("range(11)", "range(10000)"), 0, ""),
    "no training": ("for i in range(10):\n    print(i)\n", 3, "no forward pass of a network was seen"),
    "a training that changes nothing": (re.sub(r" - (e\d|g)", r" - 0 * \1", SCALARS), 1, "its parameters never change"),
    "parameters that become no numbers": (
        SCALARS.replace("w5 - g5", "w5 - g5 * (float('nan') if k == 3 else 1)"),
        1,
        "WRONG: the gradient of w5 is wrong",
    ),
    "a recursion without end": ("def f():\n    f()\nf()\n" + SCALARS, 3, "RecursionError"),
    "a signal to itself": ("import os\nos.kill(os.getpid(), 9)\n" + SCALARS, 3, "it ended without an answer"),
    "a closed output": ("import sys\nsys.stdout.close()\n" + SCALARS.replace(LAST, ""), 0, ""),
    "a mistake": (WRONG, 1, "cannot be added"),
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="programs are isolated on Linux only")
@pytest.mark.parametrize(("text", "code", "said"), VERDICTS.values(), ids=VERDICTS)
def test_a_program_gets_a_verdict_or_a_plain_word_whatever_it_does(backlight, tmp_path, text, code, said):
    (tmp_path / "program.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    before = sorted(tmp_path.rglob("*"))
    outcome = backlight("check", "program.py", "--recipe", "course")
    assert (outcome.code, outcome.err) == (code, "")
    assert outcome.out.startswith({0: "RIGHT: ", 1: "WRONG: ", 3: "CAN'T TELL: "}[code])
    assert said in " ".join(outcome.out.split())
    assert "Traceback" not in outcome.out
    assert sorted(tmp_path.rglob("*")) == before


FAULTS = {
    "a syntax error": (SCALARS.replace("range(11):", "range(11)"), "[C-SYNTAX-1]"),
    "Python 2": (SCALARS.replace("print(k, loss)", "print k, loss"), "[C-PYTHON2-1]"),
    "nothing": ("", "[C-FILE-3]"),
    "comments": ("# nothing\n", "[C-FILE-3]"),
    "bytes": (bytes(range(256)), "[C-FILE-2]"),
    "an encoding that is not declared": (("# 权值\n" + CHINESE).encode("gb18030"), "[C-FILE-2]"),
    "a zero byte": (SCALARS.encode() + b"\0", "[C-SYNTAX-1]"),
}


@pytest.mark.parametrize(("text", "code"), FAULTS.values(), ids=FAULTS)
def test_what_is_no_program_is_told_as_a_fault(backlight, tmp_path, text, code):
    (tmp_path / "program.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    outcome = backlight("check", "program.py", "--recipe", "course")
    assert (outcome.code, outcome.out) == (2, "")
    assert FAULT.match(outcome.err)
    assert code in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("name", ["missing.py", "folder"])
def test_a_file_that_is_none_is_told_as_a_fault(backlight, tmp_path, name):
    (tmp_path / "folder").mkdir()
    outcome = backlight("check", name, "--recipe", "course")
    assert (outcome.code, outcome.out) == (2, "")
    assert "[C-FILE-1]" in outcome.err


def test_a_notebook_is_checked(backlight, tmp_path):
    (tmp_path / "a.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    assert backlight("check", "a.ipynb", "--recipe", "course").code == 0


@pytest.mark.parametrize("text", ["{", '{"cells": []}', "[]"])
def test_a_notebook_that_is_none_is_told(backlight, tmp_path, text):
    (tmp_path / "a.ipynb").write_text(text, encoding="utf-8")
    outcome = backlight("check", "a.ipynb", "--recipe", "course")
    assert (outcome.code, outcome.out) == (2, "")
    assert "[C-FILE-4]" in outcome.err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="programs are isolated on Linux only")
def test_a_program_deletes_nothing_and_reads_nothing_that_is_not_beside_it(backlight, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "answer.toml").write_text("secret", encoding="utf-8")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "beside.txt").write_text("beside", encoding="utf-8")
    program = mine / "program.py"
    program.write_text(
        f"import os\nfor act in (os.remove, open):\n    for file in ({str(elsewhere / 'answer.toml')!r}, 'beside.txt'):\n"
        "        try:\n            act(file)\n        except OSError as error:\n            print(error)\n" + SCALARS,
        encoding="utf-8",
    )
    assert backlight("check", str(program), "--recipe", "course").code == 0
    assert (elsewhere / "answer.toml").read_text(encoding="utf-8") == "secret"
    assert (mine / "beside.txt").exists()
    program.write_text(f"print(open({str(elsewhere / 'answer.toml')!r}).read())\n" + SCALARS, encoding="utf-8")
    outcome = backlight("check", str(program), "--recipe", "course")
    assert outcome.code == 3
    said = " ".join(outcome.out.split())
    assert "here it may read what lies beside it, but change nothing there" in said
    assert f"'{elsewhere / 'answer.toml'}';here" in "".join(outcome.out.split())


def test_the_recipe_of_another_network_is_no_accusation(backlight, tmp_path):
    (tmp_path / "program.py").write_text(ROWS, encoding="utf-8")
    assert backlight("check", "program.py", "--recipe", "course").code == 3


def test_a_class_with_one_that_is_broken_has_a_line_for_each(backlight, tmp_path):
    for name, text in {"right": SCALARS, "wrong": WRONG, "broken": "if:\n"}.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    words = ["right.py", "wrong.py", "broken.py", "gone.py", "--recipe", "course", "--summary", "class.csv"]
    outcome = backlight("check", *words)
    assert outcome.code == 2
    assert [line.split()[0] for line in outcome.out.splitlines()] == ["right.py", "wrong.py", "broken.py", "gone.py"]
    rows = (tmp_path / "class.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[1] for row in rows] == ["verdict", "right", "wrong", "failed", "failed"]
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "utf-8"])
def test_a_report_is_readable_in_any_encoding(tmp_path, encoding):
    (tmp_path / "program.py").write_text(WRONG, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", "from backlight.cli import main; main()", "check", "program.py", "--recipe", "course"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": encoding, "LANGUAGE": "en", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
    )
    text = run.stdout.decode(encoding)
    assert run.returncode == 1
    assert "\\u" not in text
    assert max(map(len, text.splitlines())) <= 80
