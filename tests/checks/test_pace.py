"""When enough is seen: every outermost loop has half of what is left, and 300 turns."""

import builtins

import pytest

from backlight.checks.observing.child import pace
from backlight.checks.observing.child.recorder import Recorder
from backlight.checks.observing.instrument import instrument
from backlight.checks.observing.observation import Program
from backlight.checks.observing.observe import WRITES


class Stopped(Exception):
    pass


def recorded(text, *, events=200_000, size=1 << 26):
    """Run a program here, with the recorder of the child; give the recorder, its sites and its names."""
    told = instrument(Program("p.py", text))

    def stop():
        raise Stopped

    stores = {number for number, site in enumerate(told.sites) if site.kind in WRITES}
    recorder = Recorder(list(told.place_of), stores, events=events, size=size, stop=stop)
    space = dict(vars(builtins))
    recorder.begin(space)
    names = {"__name__": "__main__", "__builtins__": space}
    try:
        exec(told.code, names)  # noqa: S102  a program of this file
    except Stopped:
        names["stopped"] = True
    return recorder, told.sites, names


def stores(recorder, sites, name):
    return [event[1] for event in recorder.events if (sites[event[0]].kind, sites[event[0]].name) == ("store", name)]


TRAINING = "w = 1.0\nfor i in range(10_000):\n    w = w - 0.001 * w\nend = w\n"


def test_a_long_training_is_seen_for_300_rounds_and_runs_on_unseen(monkeypatch):
    monkeypatch.setattr(pace, "SILENCE", float("inf"))
    recorder, sites, names = recorded(TRAINING)
    assert len(stores(recorder, sites, "w")) == 1 + 300
    assert stores(recorder, sites, "end") == [names["w"]], "after the loop everything is seen again"
    assert names["w"] == pytest.approx(0.999**10_000, rel=1e-12)


def test_a_loop_that_learns_is_stopped_when_it_goes_on_unseen(monkeypatch):
    monkeypatch.setattr(pace, "SILENCE", 0.0)
    recorder, sites, names = recorded(TRAINING)
    assert names["stopped"]
    assert len(stores(recorder, sites, "w")) == 301


@pytest.mark.parametrize(
    "reading",
    [
        "rows = []\nfor k in range(50_000):\n    row = float(k) / 3\n    rows.append(row)\n",
        "rows = [float(k) / 3 for k in range(50_000)]\n",
        "n = 0\nwhile n < 50_000:\n    n += 1\n",
        "def read():\n    for k in range(50_000):\n        yield k / 3\nrows = list(read())\nsum(k / 2 for k in range(50_000))\n",
        "def read(n):\n    for k in range(n):\n        try:\n            if k == 7: return k / 2\n        finally: pass\nfor n in range(5000):\n    read(n)\n",
    ],
)
def test_reading_data_is_not_stopped_and_leaves_room_for_the_training_after_it(reading, monkeypatch):
    monkeypatch.setattr(pace, "SILENCE", 0.0)
    recorder, sites, _names = recorded(reading + TRAINING, events=20_000)
    assert len(stores(recorder, sites, "w")) == 301
    assert len(recorder.events) <= 20_000 + 100


def test_each_loop_has_half_of_what_is_left(monkeypatch):
    monkeypatch.setattr(pace, "SILENCE", float("inf"))
    text = "for i in range(9):\n    for j in range(9999):\n        a = j * 0.5\n" * 3
    recorder, sites, _names = recorded(text, events=8000)
    by_line = [sum(sites[event[0]].line == line for event in recorder.events) for line in (3, 6, 9)]
    assert by_line[0] > 2.5 * by_line[2] > 0
    assert len(recorder.events) <= 8000


def test_the_size_of_values_is_bounded_too(monkeypatch):
    monkeypatch.setattr(pace, "SILENCE", float("inf"))
    recorder, _sites, names = recorded(
        "for i in range(200):\n    a = [i + k / 7 for k in range(1000)]\nend = 1.5\n", size=400_000
    )
    assert recorder.size <= 400_000
    assert names["end"] == 1.5


def test_a_loop_left_by_an_exception_is_left(monkeypatch):
    monkeypatch.setattr(pace, "SILENCE", float("inf"))
    text = (
        "for k in range(3):\n    pass\ntry:\n    while True:\n        [1 / (3 - k) for k in range(5)]\nexcept ZeroDivisionError:\n    pass\n"
        + TRAINING
    )
    recorder, sites, _names = recorded(text)
    assert len(stores(recorder, sites, "w")) == 301


def test_recursion_without_a_loop_is_bounded(monkeypatch):
    recorder, _sites, names = recorded(
        "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nx = fib(18)\n", events=5000
    )
    assert names["x"] == 2584
    assert len(recorder.events) <= 5000 + 200, "what was begun is ended"


def test_a_loop_that_only_counts_or_only_reads_does_not_learn():
    assert not learned("n = 0\nfor i in range(4):\n    n += 1\n    x = i / 2\n    y = x * 2\n")
    assert learned("w = 1.0\nfor i in range(4):\n    w -= 0.25\n")
    assert learned("w = [[1.0]]\nfor i in range(4):\n    w[0][0] *= 0.5\n")
    assert learned("class N: pass\nn = N(); n.w = 1.0\nfor i in range(4):\n    n.w = n.w / 2\n")
    assert not learned("w = 1.0\nfor i in range(4):\n    v = w / 2\n"), "never moves"
    assert not learned("rows = [0.5]\nfor i in range(4):\n    rows.append(i / 2)\n"), "grows"


def learned(text):
    recorder, _sites, _names = recorded(text)
    starts = recorder.pace._starts
    return recorder._learns(starts[-2], starts[-1])
