"""`backlight check` from a user's side; the answers are made by hand, so that only what is said is tested."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from backlight.checks import check as verb
from backlight.checks.observing.programs import ProgramError
from backlight.cli.checking import together
from backlight.faults import Fault
from tests.checks import diagnoses

FAULT = re.compile(r"^backlight: .+   \[[A-Z]-[A-Z0-9]+-\d+\]$", re.MULTILINE)
MISSING = Fault(code="C-FILE-1", sentence="gone.py does not exist", where="gone.py", try_this="right.py")


def answering(path, *, recipe, trust=False):
    """The answer whose name the program's file has."""
    name = Path(path).stem.rstrip("0123456789")
    if name == "gone":
        raise ProgramError(MISSING)
    if name == "broken":
        raise ZeroDivisionError("division by \x1b[31mzero")
    if name == "interrupted":
        os.kill(os.getpid(), signal.SIGINT)
    return diagnoses.ALL.get(name, diagnoses.right)(path)


@pytest.fixture(autouse=True)
def answers(monkeypatch):
    """Answers made by hand, from threads where there would be processes."""
    monkeypatch.setattr(verb, "check", answering)
    monkeypatch.setattr(together, "pool_of", ThreadPoolExecutor)


EXIT_CODES = {"right": 0, "wrong_course": 1, "constant_factor": 1, "forward": 1, "other_network": 3, "cannot_tell": 3}


@pytest.mark.parametrize(("name", "code"), EXIT_CODES.items())
def test_the_exit_code_is_the_verdict(backlight, name, code):
    outcome = backlight("check", f"{name}.py", "--recipe", "course")
    assert (outcome.code, outcome.err) == (code, "")
    assert outcome.out.startswith({0: "RIGHT: ", 1: "WRONG: ", 3: "CAN'T TELL: "}[code])


def test_a_program_that_cannot_be_checked_is_told_as_any_fault(backlight):
    outcome = backlight("check", "gone.py", "--recipe", "course")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"backlight: {MISSING.text()}\n"


def test_a_fault_of_our_own_is_no_traceback(backlight):
    outcome = backlight("check", "broken.py", "--recipe", "course")
    assert (outcome.code, outcome.out) == (2, "")
    assert "C-CHECK-1" in outcome.err
    assert "ZeroDivisionError: division by  [31mzero" in outcome.err
    assert "test_check.py:" in outcome.err
    assert "Traceback" not in outcome.err


def test_without_a_recipe_the_ready_ones_are_named(backlight):
    outcome = backlight("check", "right.py")
    assert (outcome.code, outcome.out) == (2, "")
    assert "[C-RECIPE-1]" in outcome.err
    assert "course-numpy" in outcome.err
    assert outcome.err.endswith("try       backlight check right.py --recipe course\n")


WRONG = {
    "no program": ["check", "--recipe", "course"],
    "an unknown recipe": ["check", "right.py", "--recipe", "cuorse"],
    "a recipe that is a folder": ["check", "right.py", "--recipe", "."],
    "a fix for two": ["check", "right.py", "right2.py", "--recipe", "course", "--fix", "a.py"],
    "a fix over the program": ["check", "right.py", "--recipe", "course", "--fix", "./right.py"],
    "a fix as a notebook": ["check", "right.py", "--recipe", "course", "--fix", "a.ipynb"],
    "a fix in no folder": ["check", "right.py", "--recipe", "course", "--fix", "no/where/a.py"],
    "a summary as a sheet": ["check", "right.py", "--recipe", "course", "--summary", "a.xlsx"],
    "a summary over the program": ["check", "a.csv", "--recipe", "course", "--summary", "a.csv"],
    "a summary in no folder": ["check", "right.py", "--recipe", "course", "--summary", "no/where/a.csv"],
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_refused_before_any_program_runs(backlight, monkeypatch, tmp_path, words, language):
    monkeypatch.setattr(verb, "check", None)
    outcome = backlight("--lang", language, *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert FAULT.search(outcome.err), outcome.err
    assert language == "zh" or "\n  try " in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_the_program_is_not_written_over_by_another_name_of_it(backlight, tmp_path):
    (tmp_path / "right.py").write_text("w = 1\n")
    (tmp_path / "other.py").hardlink_to(tmp_path / "right.py")
    assert backlight("check", "right.py", "--recipe", "course", "--fix", "other.py").code == 2
    assert (tmp_path / "right.py").read_text() == "w = 1\n"


def test_json_is_the_dictionary_on_one_line(backlight):
    outcome = backlight("check", "wrong_course.py", "--recipe", "course", "--format", "json")
    assert outcome.code == 1
    assert outcome.out.count("\n") == 1
    assert json.loads(outcome.out) == diagnoses.wrong_course("wrong_course.py").as_dict()


# ---- the repair --------------------------------------------------------------------------------------------


def test_a_proved_repair_is_written_and_an_older_file_is_replaced(backlight, tmp_path):
    (tmp_path / "mended.py").write_text("older")
    outcome = backlight("check", "wrong_course.py", "--recipe", "course", "--fix", "mended.py")
    assert (outcome.code, outcome.err) == (1, "mended program saved to mended.py\n")
    assert (tmp_path / "mended.py").read_text(encoding="utf-8") == diagnoses.wrong_course().fixed
    assert [found.name for found in tmp_path.iterdir()] == ["mended.py"]


def test_a_repair_is_written_in_the_encoding_that_it_declares(backlight, tmp_path, monkeypatch):
    text = "# -*- coding: gb18030 -*-\nw = 1  # 权值\n"
    fixed = replace(diagnoses.wrong_course(), fixed=text)
    monkeypatch.setattr(verb, "check", lambda path, *, recipe, trust: fixed)
    backlight("check", "wrong_course.py", "--recipe", "course", "--fix", "mended.py")
    assert (tmp_path / "mended.py").read_bytes() == text.encode("gb18030")


def test_a_repair_with_an_unknown_encoding_is_utf8(backlight, tmp_path, monkeypatch):
    text = "# -*- coding: nothing -*-\nw = 1  # 权值\n"
    fixed = replace(diagnoses.wrong_course(), fixed=text)
    monkeypatch.setattr(verb, "check", lambda path, *, recipe, trust: fixed)
    backlight("check", "wrong_course.py", "--recipe", "course", "--fix", "mended.py")
    assert (tmp_path / "mended.py").read_bytes() == text.encode()


@pytest.mark.parametrize(
    ("name", "why"),
    [("right", "nothing to mend"), ("accumulated", "no repair is proved"), ("cannot_tell", "cannot be told")],
)
def test_where_nothing_is_written_the_reason_is_told(backlight, tmp_path, name, why):
    outcome = backlight("check", f"{name}.py", "--recipe", "course", "--fix", "mended.py")
    assert outcome.code == {"right": 0, "accumulated": 1, "cannot_tell": 3}[name]
    assert why in outcome.err
    assert list(tmp_path.iterdir()) == []


# ---- a class of programs -----------------------------------------------------------------------------------

CLASS = ["right.py", "wrong_course.py", "gone.py", "broken.py", "cannot_tell.py", "accumulated.py"]


def test_each_of_several_programs_has_a_line_in_the_order_they_were_named(backlight):
    outcome = backlight("check", *CLASS, "--recipe", "course")
    assert outcome.code == 2
    assert [line.split() for line in outcome.out.splitlines()] == [
        ["right.py", "right"],
        ["wrong_course.py", "wrong", "wrong_parameter,", "line", "32,", "sum-of-weight-gradients"],
        ["gone.py", "failed", "C-FILE-1:", "gone.py", "does", "not", "exist"],
        [
            *("broken.py", "failed", "C-CHECK-1:"),
            *["broken.py", "could", "not", "be", "checked,", "by", "a", "fault", "of", "backlight"],
        ],
        ["cannot_tell.py", "can't", "tell"],
        ["accumulated.py", "wrong", "wrong_parameter,", "line", "14,", "accumulated-gradients"],
    ]


def test_each_answer_is_told_on_standard_error_as_it_comes_with_the_whole_faults(backlight):
    outcome = backlight("check", *CLASS, "--recipe", "course")
    told = re.findall(r"^(\d) of 6: (.*)$", outcome.err, re.MULTILINE)
    assert [number for number, _name in told] == list("123456")
    assert {name for _number, name in told} == set(CLASS)
    assert f"backlight: {MISSING.text()}\n" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["right", "right2"], 0),
        (["right", "cannot_tell"], 3),
        (["cannot_tell", "wrong_course", "right"], 1),
        (["cannot_tell", "wrong_course", "gone"], 2),
    ],
)
def test_the_exit_code_of_several_is_the_worst(backlight, names, code):
    assert backlight("check", *(f"{name}.py" for name in names), "--recipe", "course").code == code


def test_json_of_several_programs_is_one_document_a_line(backlight):
    outcome = backlight("check", *CLASS, "--recipe", "course", "--format", "json")
    documents = [json.loads(line) for line in outcome.out.splitlines()]
    assert [one["program"] for one in documents] == CLASS
    assert {one["backlight_check"] for one in documents} == {1}
    assert [one["verdict"] for one in documents] == ["right", "wrong", None, None, "cannot_tell", "wrong"]
    assert documents[2]["faults"] == [
        {
            "code": "C-FILE-1",
            "sentence": "gone.py does not exist",
            "got": "",
            "because": "",
            "try": "right.py",
            "where": "gone.py",
        }
    ]


def test_the_summary_has_a_row_for_each(backlight, tmp_path):
    outcome = backlight("check", *CLASS, "--recipe", "course", "--summary", "class.csv")
    assert outcome.err.endswith("summary saved to class.csv\n")
    with (tmp_path / "class.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["program"] for row in rows] == CLASS
    assert [row["verdict"] for row in rows] == ["right", "wrong", "failed", "failed", "cannot_tell", "wrong"]
    assert rows[1] == {
        "program": "wrong_course.py",
        "verdict": "wrong",
        "kind": "wrong_parameter",
        "line": "32",
        "mistake": "sum-of-weight-gradients",
        "proof": "yes",
        "fault": "",
    }
    assert rows[2]["fault"] == "C-FILE-1: gone.py does not exist"
    assert rows[5]["proof"] == "no"


def test_a_summary_of_one_program_is_written_even_if_it_cannot_be_checked(backlight, tmp_path):
    assert backlight("check", "gone.py", "--recipe", "course", "--summary", "a.csv").code == 2
    assert (tmp_path / "a.csv").read_text().splitlines()[1] == "gone.py,failed,,,,,C-FILE-1: gone.py does not exist"


HOSTILE = [
    "=HYPERLINK(1).py",
    "+1.py",
    "@SUM(A1).py",
    " -1.py",
    "\x1b[31mred.py",
    "two\nlines.py",
    "\t=1.py",
    "说明.py",
]


def test_names_of_programs_command_neither_a_spreadsheet_nor_a_terminal(backlight, tmp_path):
    outcome = backlight("check", *HOSTILE, "right.py", "--recipe", "course", "--summary", "a.csv")
    assert outcome.code == 0
    assert len(outcome.out.splitlines()) == len(HOSTILE) + 1
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as opened:
        cells = [row["program"] for row in csv.DictReader(opened)]
    assert len(cells) == len(HOSTILE) + 1
    assert not [cell for cell in cells if cell.lstrip()[0] in "=+-@\t\r\n"]
    assert cells[4:8] == [r"\x1b[31mred.py", r"two\nlines.py", r"\t=1.py", "说明.py"]
    for text in (outcome.out, outcome.err, *cells):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)


def test_after_an_interrupt_what_is_done_is_shown_and_kept(backlight, monkeypatch, tmp_path):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    many = ["right.py", "interrupted.py", *(f"right{k}.py" for k in range(50))]
    outcome = backlight("check", *many, "--recipe", "course", "--summary", "a.csv")
    assert outcome.code == 130
    done = (tmp_path / "a.csv").read_text().splitlines()[1:]
    assert 2 <= len(done) < 10
    assert len(outcome.out.splitlines()) == len(done)
    assert "Traceback" not in outcome.err
    assert [found.name for found in tmp_path.iterdir()] == ["a.csv"]


def test_one_program_that_is_interrupted_ends_at_once(backlight):
    outcome = backlight("check", "interrupted.py", "--recipe", "course")
    assert (outcome.code, outcome.out) == (130, "")


SLOW = """
import sys, time
sys.path.insert(0, {root!r})
from backlight.checks import check as verb
from tests.checks import diagnoses

def check(path, *, recipe, trust):
    time.sleep(0.2)
    return diagnoses.cannot_tell(path)

verb.check = check  # in each process: a process that starts afresh reads this file too
if __name__ == "__main__":
    from backlight.cli import main
    main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="presses Ctrl-C as a POSIX terminal does: for all processes")
def test_ctrl_c_in_the_middle_of_a_class_keeps_what_is_done(tmp_path):
    (tmp_path / "slow.py").write_text(SLOW.format(root=str(Path(__file__).parents[2])))
    words = ["check", *(f"{k}.py" for k in range(1000)), "--recipe", "course", "--summary", "class.csv"]
    with subprocess.Popen(
        [sys.executable, "slow.py", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
    ) as running:
        first = running.stdout.readline()
        os.killpg(running.pid, signal.SIGINT)
        try:
            out, err = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 130
    assert "Traceback" not in err
    assert first.split() == ["0.py", "can't", "tell"]
    rows = (tmp_path / "class.csv").read_text().splitlines()[1:]
    assert 1 <= len(rows) < 100
    assert len(rows) == 1 + len(out.splitlines())
