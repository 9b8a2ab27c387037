"""The filter that the kernel runs, run here: for both architectures, call by call."""

import errno
import os

import pytest

from backlight.checks.observing.cage import seccomp
from backlight.checks.observing.cage.seccomp import ABSENT, CALLS, program

ALLOWED, REFUSED, MISSING, KILLED = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS, 0x80000000
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
HARMLESS = {"x86_64": (0, 1, 3, 60, 231), "aarch64": (63, 64, 57, 93, 94)}  # read, write, close, exit, exit_group
MYSELF = 4321


def answer(machine, number, *arguments, architecture=None):
    """Interpret classic BPF on one request."""
    data = {0: number, 4: MACHINES[machine][1] if architecture is None else architecture}
    for index in range(6):
        data[16 + 8 * index] = (arguments[index] if index < len(arguments) else 0) & 0xFFFFFFFF
    lines, at, word = program(machine, MYSELF), 0, 0
    while True:
        code, if_true, if_false, value = lines[at]
        at += 1
        if code == 0x06:
            return value
        if code == 0x20:
            word = data[value]
        elif code == 0x54:
            word &= value
        else:
            holds = {0x15: word == value, 0x25: word > value, 0x45: bool(word & value)}[code]
            at += if_true if holds else if_false


@pytest.mark.parametrize("machine", MACHINES)
def test_every_call_of_the_tables_is_refused_and_others_are_allowed(machine):
    column = MACHINES[machine][0]
    refused = {numbers[column] for numbers in CALLS.values()} - {-1}
    missing = {numbers[column] for numbers in ABSENT.values()} - {-1}
    assert {answer(machine, number) for number in refused} == {REFUSED}
    assert {answer(machine, number) for number in missing} == {MISSING}
    assert {answer(machine, number) for number in HARMLESS[machine]} == {ALLOWED}
    assert answer(machine, 464) == answer(machine, 0x40000000 + 57) == MISSING
    assert answer(machine, 0, architecture=0x40000003) == KILLED, "the same numbers mean other calls there"


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_are_looked_at_by_their_arguments(machine):
    def said(call, *arguments):
        return answer(machine, getattr(seccomp, call)[MACHINES[machine][0]], *arguments)

    assert (said("CLONE", 0x3D0F00), said("CLONE", 17)) == (ALLOWED, REFUSED)
    for call in ("KILL", "TGKILL"):
        assert [said(call, process) for process in (MYSELF, 1, 0, -1)] == [ALLOWED, REFUSED, REFUSED, REFUSED]
    for call in ("PRLIMIT", "AFFINITY"):
        assert (said(call, 0), said(call, 1)) == (ALLOWED, REFUSED)
    assert [said("FCNTL", 0, code) for code in (1, 2, 3, 4, 8, 10, 15)] == [ALLOWED] * 4 + [REFUSED] * 3
    assert said("MMAP", 0, 0, 0, 0x22) == said("MMAP", 0, 0, 0, 0x01) == ALLOWED
    assert said("MMAP", 0, 0, 0, 0x21) == said("MMAP", 0, 0, 0, 0x23) == REFUSED
    assert said("OPENAT", 0, 0, os.O_RDONLY | os.O_TRUNC) == REFUSED
    assert said("OPENAT", 0, 0, os.O_WRONLY | os.O_TRUNC | os.O_CREAT) == said("OPENAT", 0, 0, os.O_RDONLY) == ALLOWED
