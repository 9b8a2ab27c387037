"""Many things at a time, in processes: whatever becomes of one of them, the others have their answers."""

import os
import signal
import sys
import time

import pytest

from backlight.cli.checking import together


def hears_nothing():
    """Press Ctrl-C on this process: it goes on, where it does not hear it."""
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
    except KeyboardInterrupt:
        return False
    return True


def ask(thing):
    """What another process does with one thing."""
    if thing == "killed":
        os._exit(9)
    if thing == "patient":
        time.sleep(0.5)
    return thing, os.getpid(), hears_nothing()


def gone(thing):
    return thing, None, True


def asked(*things, stopped=lambda: False):
    return dict(together.answers(ask, things, gone=gone, stopped=stopped))


def test_every_thing_has_its_answer_from_another_process():
    answers = asked("a", "b", "c")
    assert [answers[k][0] for k in range(3)] == ["a", "b", "c"]
    assert os.getpid() not in {process for _thing, process, _deaf in answers.values()}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows hands no deafness down")
def test_the_processes_do_not_hear_ctrl_c():
    assert asked("a")[0][2]


def test_a_process_that_is_gone_takes_no_other_answer_with_it():
    answers = asked("a", "killed", "patient", "b", "killed", "c")
    assert [answers[k][0] for k in range(6)] == ["a", "killed", "patient", "b", "killed", "c"]
    assert [k for k in range(6) if answers[k][1] is None] == [1, 4]


def test_nothing_is_begun_after_a_stop_and_what_has_begun_is_finished(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    begun = []

    def stopped():
        return bool(begun)

    answers = {}
    for number, answer in together.answers(ask, ["a", "b", "c"], gone=gone, stopped=stopped):
        answers[number] = answer
        begun.append(number)
    assert list(answers) == [0]


def test_nothing_is_asked_when_it_is_stopped_from_the_start():
    assert asked("a", stopped=lambda: True) == {}
