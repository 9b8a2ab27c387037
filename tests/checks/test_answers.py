"""What a child says is checked: whatever it is, it is an answer whose every number leads somewhere, or none."""

import builtins
import json
import random

import numpy as np
import pytest

from backlight.checks.observing.answers import Garbled, read_answer
from backlight.checks.observing.child.answer import answer
from backlight.checks.observing.child.recorder import Recorder
from backlight.checks.observing.instrument import instrument
from backlight.checks.observing.observation import Program

TEXT = """
w, names = [[0.5, -1.5], [2.0, 1.0]], {'k': 3}
for i in range(3):
    w[0][1] -= 0.25
    names['k'] += 1
"""


@pytest.fixture(scope="module")
def told():
    return instrument(Program("p.py", TEXT))


@pytest.fixture(scope="module")
def said(told):
    recorder = Recorder(list(told.place_of), set(), events=1000, size=10_000, stop=lambda: None)
    space = dict(vars(builtins))
    recorder.begin(space)
    exec(told.code, {"__builtins__": space})  # noqa: S102  a program of this file
    return answer(recorder, ("finished", "", 0), [("sleep", "", 3)], "printed\n")


def is_whole(read, told):
    site, place, value, thing = read.columns
    return (
        len(site) == len(place) == len(value) == len(thing)
        and bool(np.all((site >= 0) & (site < len(told.sites))))
        and bool(np.all((place >= -1) & (place < len(read.places))))
        and bool(np.all((value >= 0) & (value < len(read.values))))
        and all(one.isprintable() for one in (read.ended.text, *(fact.text for fact in read.facts)))
    )


def test_an_honest_answer_is_read(said, told):
    read = read_answer(said, told)
    assert is_whole(read, told)
    assert (read.ended.kind, read.output, [fact.line for fact in read.facts]) == ("finished", "printed\n", [3])
    assert {(place.kind, place.key) for place in read.places} >= {("item", "1"), ("item", "'k'"), ("name", "w")}


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_answer_is_whole_or_none(seed, said, told):
    chance = random.Random(seed)  # noqa: S311  no secret
    for _ in range(100):
        damaged = bytearray(said)
        for _ in range(chance.choice((1, 1, 3, 30))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        kept = bytes(damaged[: chance.choice((len(damaged), len(damaged), chance.randrange(len(damaged))))])
        try:
            read = read_answer(kept, told)
        except Garbled:
            continue
        assert is_whole(read, told)


LIES = {
    "a place of a site that is not there": {"places": [[2, 0, "k", "", 10**6]]},
    "a place of an unknown kind": {"places": [[7, 0, "k", "", 0]]},
    "a place with too many parts": {"places": [[2, 0, "k", "", 0, 0]]},
    "a shape below zero": {"contents": [["f8", [-1], True]]},
    "a shape without end": {"contents": [["f8", [2**40, 2**40], True]]},
    "a shape of fractions": {"contents": [["f8", [0.5], True]]},
    "an unknown type": {"contents": [["O", [1], True]]},
    "an unknown end": {"ended": ["well", "", 0]},
    "an end at no line": {"ended": ["exit", "", -1]},
    "an end of numbers": {"ended": ["exit", 7, 0]},
    "an unknown fact": {"facts": [["trust me", "", 0]]},
    "a count that is none": {"events": "7"},
    "a count that is true": {"fractions": True},
    "more than was said": {"events": 10**9},
    "output that is no text": {"output": ["x"]},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_in_the_header_is_no_answer(lie, said, told):
    size = int.from_bytes(said[:8], "big")
    header = json.dumps(json.loads(said[8 : 8 + size]) | LIES[lie]).encode()
    with pytest.raises(Garbled):
        read_answer(len(header).to_bytes(8, "big") + header + said[8 + size :], told)


def test_words_of_a_child_steer_no_terminal(said, told):
    size = int.from_bytes(said[:8], "big")
    lies = {
        "ended": ["exception", "\x1b[2J\u202eError", 0],
        "output": "\x1b]0;title\x07\nx",
        "facts": [["file", "\x1b[31m", 0]],
    }
    header = json.dumps(json.loads(said[8 : 8 + size]) | lies).encode()
    read = read_answer(len(header).to_bytes(8, "big") + header + said[8 + size :], told)
    assert (read.ended.text, read.output) == (" [2J Error", " ]0;title \nx")
    assert read.facts[0].text == "it needs the file  [31m, which is not there"
