"""The life of the child: read the job, lock the door, run the program, say what was seen.

However the program ends - by its end, an exception, sys.exit, os._exit, the clock - what was seen until then
is said, and the process ends there: nothing has to be unwound through the program's own handlers.
"""

from __future__ import annotations

import atexit
import builtins
import linecache
import marshal
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType, ModuleType
from typing import Any, NoReturn

from backlight.checks.observing.cage.lock import Unavailable, limit, lock
from backlight.checks.observing.child import stand_ins
from backlight.checks.observing.child.answer import answer
from backlight.checks.observing.child.instead import Instead
from backlight.checks.observing.child.printed import Printed, stream
from backlight.checks.observing.child.recorder import Recorder

LOCKED, REFUSED = b"L", b"R"
"""The first byte that the parent reads: it is sent before the program runs."""


def main() -> None:
    """Do the job on standard input; the answer goes where standard output was."""
    job = marshal.load(sys.stdin.buffer)  # noqa: S302  from the parent
    channel = _only_channel()
    try:
        limit(job["limits"])
        if job["cage"] is not None:
            lock(**job["cage"])
    except (Unavailable, OSError) as error:
        _send(channel, REFUSED + str(error).encode())
    os.write(channel, LOCKED)
    _Run(job, channel).whole()


def _only_channel() -> int:
    """Keep one way to the parent; the standard streams lead nowhere."""
    channel = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    return channel


def _send(channel: int, data: bytes) -> NoReturn:
    """Say it and end, without a further step of the program."""
    view = memoryview(data)
    while view:
        view = view[os.write(channel, view) :]
    _end(0)


_end = os._exit  # kept: the program's own os._exit leads to what was seen


class _Run:
    """One program, and all that is known of its run."""

    def __init__(self, job: dict[str, Any], channel: int) -> None:
        self.path, self.folder, self.paths, self.modules = job["path"], job["folder"], job["paths"], job["modules"]
        self.code: CodeType = job["code"]
        self.source: str = job["source"]
        self.channel = channel
        self.facts: dict[str, tuple[str, int]] = {}
        self.printed = Printed(job["printed"], lambda: self.finish("output"))
        self.seconds = job["seconds"]
        self.instead = Instead(job["instead"])
        self.process = os.getpid()
        self.recorder = Recorder(
            job["place_of"],
            set(job["stores"]),
            events=job["events"],
            size=job["size"],
            stop=lambda: self.finish("stopped"),
        )

    def whole(self) -> NoReturn:
        """Run the program to its end, whichever that is."""
        namespace = self._prepare()
        try:
            exec(self.code, namespace)  # noqa: S102  this is what a cage is for
            threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  as Python does at its end
            atexit._run_exitfuncs()  # noqa: SLF001
        except SystemExit as error:
            self.finish("exit", "" if error.code is None else str(error.code), self._line_of(error))
        except MemoryError as error:
            self.finish("memory", "", self._line_of(error))
        except BaseException as error:  # noqa: BLE001  whatever it is, it is the program's
            self._failed(error)
        self.finish("finished")

    def _prepare(self) -> dict[str, Any]:
        """Make the world that a program expects, and the few things in it that are different."""
        main_module = ModuleType("__main__")
        sys.modules["__main__"] = main_module
        namespace = main_module.__dict__
        namespace.update(__file__=self.path, __builtins__=builtins)
        sys.argv = [self.path]
        sys.path[:] = [self.folder, *(one for one in sys.path if one not in self.paths), *self.paths]
        self._forget(one for one in self.modules if any(map(os.path.exists, self._files_of(one))))
        sys.stdout, sys.stderr = stream(self.printed), stream(Printed(sys.maxsize, lambda: None))
        sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115  nothing comes from there
        linecache.cache[self.path] = len(self.source), None, self.source.splitlines(keepends=True), self.path
        os.environ.update(HOME=os.getcwd(), TMPDIR=os.getcwd())  # noqa: PTH109
        stand_ins.install(self.tell)
        os._exit = lambda code: self.finish("exit", str(code))  # type: ignore[assignment]
        vars(builtins).update(exit=sys.exit, quit=sys.exit)  # the module site gives them, which is not loaded here
        self._wind_the_clock()
        self.recorder.begin(vars(builtins))
        vars(builtins)["@instead"] = self.instead.stands
        return namespace

    def _files_of(self, module: str) -> Iterator[str]:
        """Where a module of the program's own would lie."""
        return (f"{self.folder}/{module}{end}" for end in (".py", "/__init__.py"))

    @staticmethod
    def _forget(modules: Iterable[str]) -> None:
        """Have modules imported anew: those of the program's own folder go before the installed ones."""
        for one in modules:
            for name in [name for name in sys.modules if name == one or name.startswith(f"{one}.")]:
                del sys.modules[name]

    def _wind_the_clock(self) -> None:
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, lambda _number, frame: self.finish("time", "", self._line_in(frame)))
            signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def tell(self, kind: str, detail: str = "") -> None:
        """Tell a fact, once for each kind."""
        if kind not in self.facts:
            self.facts[kind] = detail, self._line_in(sys._getframe())  # noqa: SLF001  which line asked for it

    def _failed(self, error: BaseException) -> NoReturn:
        if isinstance(error, FileNotFoundError) and error.filename:
            self.tell("file", str(error.filename))
            self.facts["file"] = str(error.filename), self._line_of(error)
        self.finish("exception", "".join(traceback.format_exception_only(error)).strip(), self._line_of(error))

    def finish(self, kind: str, text: str = "", line: int = 0) -> NoReturn:
        """Say what was seen, and end."""
        if os.getpid() != self.process:  # a copy of the process has nothing to say
            _end(1)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        line = line or self._line_in(sys._getframe())  # noqa: SLF001  the line that is being executed
        if self.printed.is_cut:
            self.tell("printed")
        if self.recorder.too_large:
            self.tell("large")
        facts = [(kind, detail, line) for kind, (detail, line) in self.facts.items()]
        _send(self.channel, answer(self.recorder, (kind, text, line), facts, self.printed.text))

    def _line_of(self, error: BaseException) -> int:
        """The line of the program at which an exception passed last."""
        line = 0
        for frame, number in traceback.walk_tb(error.__traceback__):
            if frame.f_code.co_filename == self.path:
                line = number
        return line

    def _line_in(self, frame: FrameType | None) -> int:
        while frame is not None:
            if frame.f_code.co_filename == self.path:
                return frame.f_lineno or 0
            frame = frame.f_back
        return 0
