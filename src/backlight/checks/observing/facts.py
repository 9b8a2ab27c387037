"""Words for what happened to a program beside its computing."""

from __future__ import annotations

from backlight.checks.observing.observation import End, EndKind, Fact
from backlight.language import _, marked
from backlight.recipes.wording.shown import one_line, printable

FACTS = {
    "input": marked('it asks its user "{detail}": the answer here is always "1"'),
    "plot": marked("it draws with {detail}: nothing is drawn here"),
    "sleep": marked("it pauses: no time is lost here"),
    "file": marked("it needs the file {detail}, which is not there"),
    "printed": marked("it prints more than is kept here"),
    "large": marked("it computes with more than a million numbers at once: of those only the shape is kept"),
}
"""What each kind of fact says."""

ENDS: dict[str, str] = {
    "finished": marked("it ran to its end"),
    "stopped": marked("it was stopped when enough was seen"),
    "exit": marked("it ended itself"),
    "time": marked("it was stopped by the clock"),
    "memory": marked("it needed more memory than it may use"),
    "output": marked("it was stopped because it prints without end"),
}

LONGEST = 200
"""So many characters of what an exception says are told."""

WHY = {
    ("PermissionError", "urllib.error.URLError", "socket.gaierror"): marked(
        "{ended}; here it may read what lies beside it, but change nothing there, start no process and reach no network"
    ),
    ("ModuleNotFoundError",): marked("{ended}; it is looked for beside the program, and where backlight is installed"),
}
"""What is added to the exceptions of a program that tries what it may not, or misses something."""

KILLED = {
    "time": marked("it could not be stopped by the clock and was killed"),
    "files": marked("it wrote too much into its folder and was killed"),
    "": marked("it ended without an answer"),
    "garbled": marked("it ended with an answer that cannot be read"),
}
"""Why nothing was seen of a program, by what happened to the child."""


def fact(kind: str, detail: str, line: int) -> Fact:
    """Put a fact in words."""
    return Fact(kind, _(FACTS[kind]).format(detail=one_line(detail) or "?"), line)


def end(kind: EndKind, detail: str, line: int) -> End:
    """Put the end of a run in words; an exception speaks for itself."""
    return End(kind, _of_an_exception(detail) if kind == "exception" else _with(ENDS[kind], detail), line)


def ending(ended: End) -> str:
    """Say how a run ended that did not end by itself; empty where it did, or where enough was seen."""
    if ended.kind == "exception":
        text = (
            _("it stopped with an exception in line {line}: {exception}")
            if ended.line
            else _("it stopped with an exception: {exception}")
        ).format(line=ended.line, exception=ended.text)
        return next((_(why).format(ended=text) for names, why in WHY.items() if ended.text.startswith(names)), text)
    return ended.text if ended.kind in {"time", "memory", "output", "killed"} else ""


def killed(why: str) -> End:
    """Put in words why the child gave no answer."""
    return End("time" if why == "time" else "killed", _(KILLED[why]))


def _of_an_exception(text: str) -> str:
    """Its name and what it says, on one line."""
    said = printable(text[: LONGEST + 1]).rstrip()
    return said if len(said) <= LONGEST else said[: LONGEST - 3] + "..."


def _with(text: str, detail: str) -> str:
    return f"{_(text)}: {one_line(detail)}" if detail else _(text)
