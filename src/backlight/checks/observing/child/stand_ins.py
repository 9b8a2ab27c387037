"""Stand-ins for what a program asks of its user or shows to them: input, plots, sleep, progress bars.

Nobody sits before the cage. A question is answered with "1", a plot is not drawn, a pause takes no time; each is
told as a fact. A plotting library need not be installed.
"""

from __future__ import annotations

import builtins
import dis
import sys
import time
from collections.abc import Callable, Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Self

_SHOWING = """
matplotlib mpl_toolkits seaborn plotly bokeh IPython ipywidgets tensorboardX torchviz graphviz google turtle tkinter
"""
PICTURES = frozenset(_SHOWING.split())
BARS = frozenset({"tqdm"})
ANSWER = "1"

Tell = Callable[[str, str], None]
"""Takes a fact's kind and a detail."""


def install(tell: Tell) -> None:
    """Put the stand-ins in place, for everything that is imported or called from now on."""
    sys.meta_path.insert(0, _Finder(tell))

    def answer(prompt: object = "", /) -> str:
        """Answer a question."""
        print(prompt)  # noqa: T201  what the program says is kept
        tell("input", str(prompt))
        return ANSWER

    def sleep(_seconds: float, /) -> None:
        """Return at once."""
        tell("sleep", "")

    builtins.input = answer
    time.sleep = sleep  # type: ignore[assignment]  # it takes whatever it is given


class Picture:
    """Whatever a plotting library gives: everything can be asked of it, and nothing is drawn."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.__tell = tell

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *given: Any, **_named: Any) -> Any:
        """Return itself; as a decorator, the function that it was given."""
        self.__tell()
        alone = len(given) == 1 and not _named
        return given[0] if alone and isinstance(given[0], type(_parts)) else self

    def __getitem__(self, _key: Any) -> Picture:
        return self

    def __setitem__(self, _key: Any, _value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Picture]:
        return iter([self] * _parts())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def __mro_entries__(self, _bases: Any) -> tuple[type, ...]:
        return ()


def _parts() -> int:
    """How many parts the program unpacks: two in ``figure, axes = plt.subplots()``."""
    frame = sys._getframe(2)  # noqa: SLF001  the only way to know what comes after the call
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset == frame.f_lasti:
            return int(instruction.arg or 0) if instruction.opname == "UNPACK_SEQUENCE" else 1
    return 1


class _PictureModule(ModuleType):
    """A module that has every name."""

    __path__: list[str] = []  # noqa: RUF012  a package, so that its parts can be imported
    __all__: list[str] = []  # noqa: RUF012

    def __init__(self, name: str, tell: Tell) -> None:
        super().__init__(name)
        self.__tell = tell

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Picture(lambda: self.__tell("plot", self.__name__))


class Bar:
    """A progress bar that shows nothing."""

    def __init__(self, iterable: Any = None, *_given: Any, **_named: Any) -> None:
        self._iterable = () if iterable is None else iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self._iterable)

    def __len__(self) -> int:
        return len(self._iterable)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_given, **_named: None


def _bar_range(*given: int, **_named: Any) -> Bar:
    return Bar(range(*given))


class _BarModule(ModuleType):
    """tqdm, tqdm.auto, tqdm.notebook."""

    __path__: list[str] = []  # noqa: RUF012
    tqdm = tqdm_notebook = Bar
    trange = tnrange = staticmethod(_bar_range)


class _Finder(MetaPathFinder, Loader):
    """Gives a stand-in for every module of the libraries that show things."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """Claim the names of those libraries."""
        ours = name.partition(".")[0] in PICTURES | BARS
        return ModuleSpec(name, self, is_package=True) if ours else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make the stand-in."""
        return _BarModule(spec.name) if spec.name.partition(".")[0] in BARS else _PictureModule(spec.name, self._tell)

    def exec_module(self, _module: ModuleType) -> None:
        """Nothing is to be done: a stand-in is complete."""
