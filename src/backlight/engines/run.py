"""The verb `run`: one recipe, one engine, one trace, with what is to be noticed in it."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib.metadata import version
from platform import python_version
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.loop import Engine, Progress, iterate, largest_batch
from backlight.faults import EngineError, Fault
from backlight.findings import notice
from backlight.language import _, marked
from backlight.recipes import Recipe
from backlight.recipes import recipe as recipe_of
from backlight.recipes.start import Start, start
from backlight.traces.layout import Layout, layout
from backlight.traces.record import Recording, recording
from backlight.traces.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

ENGINES = ("hand", "autograd", "exact")

_THINNED = marked("recorded {kept}, because everything would take more than 256 MiB; --record all asks for more")


def run(
    recipe: Recipe | Mapping[str, Any] | str | PathLike[str],
    *,
    engine: str = "hand",
    mistake: str | None = None,
    record: str | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Trace:
    """Run a recipe and give everything it computed.

    Parameters
    ----------
    recipe : Recipe, mapping, str or path
        Whatever `backlight.recipe` accepts.
    engine : str
        ``hand`` (NumPy, gradients derived by hand), ``autograd`` (PyTorch), ``exact`` (proven digits).
    mistake : str, optional
        A mistake of the catalogue, for the hand engine: ``"sum-of-weight-gradients"``, with parameters
        ``"constant-factor:layer=1,factor=2"``.
    record : str, optional
        ``all``, ``parameters`` or ``loss``, each with ``:k`` for every k-th row. By default all while that
        stays under 256 MiB, else the parameters; the trace's notes say so.
    device : str
        Where the autograd engine computes, as torch names it.
    progress : callable, optional
        Called about ten times a second with the iteration reached and the number of iterations.

    Returns
    -------
    Trace
        Rows 0..T; ``complete`` is False when the run was interrupted from the keyboard.

    Raises
    ------
    RecipeError
        As for `backlight.recipe`.
    EngineError [E-ENGINE-1, E-MISTAKE-1, E-MISTAKE-2, E-MISTAKE-3, E-MISTAKE-4, E-MISTAKE-5, E-DEVICE-1]
        No such engine; no such mistake, not with these parameters, not on this engine, not in this network; no
        such device.
    TraceError [T-RECORD-1, T-MEMORY-1]
        What is to be recorded is not understood or does not fit.
    MissingExtra [X-EXTRA-1]
        The engine needs a library that is not installed.

    Examples
    --------
    >>> import backlight as bl
    >>> trace = bl.run("course", engine="hand")
    >>> [round(float(loss), 4) for loss in trace.loss[:3]]
    [0.2097, 0.195, 0.1814]
    """
    chosen = recipe_of(recipe)
    check(chosen, engine=engine, mistake=mistake)
    begin = start(chosen)
    arrangement = layout(chosen, largest_batch(chosen, begin))
    kept = recording(arrangement, chosen.training.iterations, np.dtype(chosen.numerics.precision).itemsize, record)
    notes = () if record or str(kept) == "all" else (_(_THINNED).format(kept=kept),)
    if engine == "exact":
        from backlight.engines.exact import certify  # noqa: PLC0415  only the engine that is asked for

        trace = certify(chosen, begin, kept, progress=progress)
        trace = replace(trace, notes=notes + trace.notes)
    else:
        trace = _run_once(
            chosen, begin, arrangement, kept, engine=engine, mistake=mistake, device=device, progress=progress
        )
        trace = replace(trace, notes=notes)
    trace = replace(trace, versions=_versions(engine))
    return replace(trace, findings=notice(trace))


def _run_once(
    recipe: Recipe,
    begin: Start,
    arrangement: Layout,
    kept: Recording,
    *,
    engine: str,
    mistake: str | None,
    device: str,
    progress: Progress | None,
) -> Trace:
    """Run an engine of machine numbers."""
    arithmetic: Engine
    if engine == "autograd":
        from backlight.engines.autograd import Autograd  # noqa: PLC0415  torch takes a second to import

        arithmetic = Autograd(recipe, begin, arrangement, device=device)
    elif mistake is not None:
        from backlight.engines.mistakes import mistaken  # noqa: PLC0415  only when asked for

        arithmetic = mistaken(mistake, recipe, begin, arrangement)
    else:
        from backlight.engines.hand import Iteration  # noqa: PLC0415  only the engine that is asked for

        arithmetic = Iteration(recipe, begin, arrangement)
    recorder, complete = iterate(arithmetic, recipe, begin, kept, dtype=recipe.numerics.precision, progress=progress)
    return Trace(
        recipe=recipe,
        engine=engine,
        mistake=mistake,
        recorded=recorder.recorded(),
        complete=complete,
        quantities={"x": begin.inputs, "y": begin.targets, **recorder.quantities()},
    )


def check(recipe: Recipe, *, engine: str, mistake: str | None) -> None:
    """Refuse an engine that does not exist, and a mistake elsewhere than by hand or that makes no sense there.

    Raises
    ------
    EngineError [E-ENGINE-1, E-MISTAKE-1, E-MISTAKE-2, E-MISTAKE-3, E-MISTAKE-4, E-MISTAKE-5]
        As for `run`.
    """
    if engine not in ENGINES:
        raise EngineError(
            Fault(
                code="E-ENGINE-1",
                sentence=_("no engine is called {engine}").format(engine=engine),
                got=engine,
                because=_("the engines are {engines}").format(engines=", ".join(ENGINES)),
                try_this=(get_close_matches(engine, ENGINES, n=1, cutoff=0.3) or ["hand"])[0],
            )
        )
    if mistake is not None and engine != "hand":
        raise EngineError(
            Fault(
                code="E-MISTAKE-3",
                sentence=_("only the hand engine makes mistakes, {engine} does not").format(engine=engine),
                got=f"--engine {engine} --mistake {mistake}",
                because=_("a mistake replaces one step of the hand-derived backward pass"),
                try_this=f"--engine hand --mistake {mistake}",
            )
        )
    if mistake is not None:
        from backlight.engines.mistakes.asked import asked  # noqa: PLC0415  only when asked for

        asked(mistake, recipe)


def thinned(trace: Trace) -> str | None:
    """Give the note that less than everything was recorded by default, where that was so."""
    before, after = _(_THINNED).split("{kept}")
    return next((note for note in trace.notes if note.startswith(before) and note.endswith(after)), None)


def _versions(engine: str) -> dict[str, str]:
    """What computed the trace."""
    libraries = {"hand": "numpy", "autograd": "torch", "exact": "python-flint"}
    names = dict.fromkeys(("backlight", "numpy", libraries[engine]))
    return {"python": python_version()} | {name: _version_of(name) for name in names}


@cache
def _version_of(library: str) -> str:
    """Its version; looking it up takes longer than a short run, and a study makes many."""
    return version(library)
