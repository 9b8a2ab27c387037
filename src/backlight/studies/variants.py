"""The verb `compare`: runs that differ in engine, mistake, field or recipe, laid side by side.

Everything is planned and checked first, so that all faults are told before anything is computed. What the
runs have in common and where they part is found in `traces/compare`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from backlight.engines import run
from backlight.engines.run import check
from backlight.faults import BacklightError, EngineError, Fault
from backlight.findings.comparisons import notice_comparison
from backlight.language import _
from backlight.studies.names import subject_names, unique, value_name
from backlight.studies.subjects import Given, Subject, subjects
from backlight.studies.together import Together, in_variant
from backlight.traces import Comparison, Trace
from backlight.traces.compare import side_by_side

if TYPE_CHECKING:
    from backlight.engines.loop import Progress
    from backlight.recipes import Recipe

MOST_RUNS = 200
"""More are a sweep, and nothing to lay side by side."""


def compare(
    *what: Given,
    engines: Sequence[str] | None = None,
    vary: Mapping[str, Iterable[Any]] | None = None,
    mistakes: Sequence[str] | None = None,
    record: str | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Lay runs side by side: engines, values of recipe fields, mistakes, recipes or saved traces.

    Every recipe is run with every combination of the values, on every engine, and with every mistake (by
    hand, beside the truth).

    Parameters
    ----------
    *what : Recipe, Trace, mapping, str or path
        Whatever `backlight.recipe` accepts, and traces. A trace stands for its run; where engines, vary or
        mistakes are given, for its recipe.
    engines : sequence of str, optional
        By default hand alone.
    vary : mapping of field path to values, optional
        As for `Recipe.with_`: ``{"training.learning_rate": [1, 10]}``. A single value is set in all runs.
    mistakes : sequence of str, optional
        As for `backlight.run`.
    record : str, optional
        As for `backlight.run`.
    progress : callable, optional
        Called about ten times a second with the iterations reached and to do, of all runs together.

    Returns
    -------
    Comparison
        Its names are short and different. After an interrupt from the keyboard it holds the runs that were
        made, and its notes say so.

    Raises
    ------
    EngineError [E-COMPARE-1, E-COMPARE-2, E-COMPARE-3, E-ENGINE-1, E-MISTAKE-1, E-MISTAKE-2, E-MISTAKE-4]
        There is only one run; there are too many; a field is given no values; as for `backlight.run`.
    RecipeError
        As for `backlight.recipe`, of all variants at once; `where` begins with the variant's name.
    TraceError [T-FILE-2, T-FILE-4, T-FILE-5, T-RECORD-1, T-MEMORY-1]
        A saved trace cannot be read; what is to be recorded is not understood or does not fit.
    MissingExtra [X-EXTRA-1]
        An engine needs a library that is not installed.

    Examples
    --------
    >>> import backlight as bl
    >>> rates = bl.compare("course", vary={"training.learning_rate": [1, 10]})
    >>> rates.names, [round(float(trace.loss[-1]), 4) for trace in rates.traces]
    (('learning_rate 1', 'learning_rate 10'), [0.0973, 0.0088])
    >>> truth = bl.compare("course", mistakes=["sum-of-weight-gradients"]).partings[0]
    >>> truth.apart.iteration, truth.apart.label
    (0, 'dL_dh1')
    """
    planned = plan(subjects(what, are_changed=bool(vary)), engines=engines, vary=vary, mistakes=mistakes)
    traces = _run_all(planned, record, progress)
    comparison = side_by_side(traces, [one.name for one in planned[: len(traces)]])
    return replace(
        comparison,
        findings=notice_comparison(comparison.traces, comparison.names, comparison.varied),
        notes=() if len(traces) == len(planned) else (_interrupted(len(traces), len(planned)),),
    )


class Run(NamedTuple):
    """One run of a plan; the trace is there already where it was given."""

    name: str
    recipe: Recipe
    engine: str
    mistake: str | None
    made: Trace | None


def plan(
    given: Sequence[Subject],
    *,
    engines: Sequence[str] | None = None,
    vary: Mapping[str, Iterable[Any]] | None = None,
    mistakes: Sequence[str] | None = None,
) -> list[Run]:
    """Say which runs are to be made, and refuse what cannot be: every combination of everything.

    Raises
    ------
    EngineError, RecipeError
        As for `compare`: what is wrong with any of the runs.
    """
    values = {field: _listed(field, some, "[1, 10]") for field, some in (vary or {}).items()}
    ways = _ways(engines, mistakes)
    _refuse_number(len(given) * prod(map(len, values.values())) * len(ways), values)
    as_they_are = not (engines or vary or mistakes)
    runs: list[Run] = []
    wrong = Together()
    for subject, name in zip(given, subject_names(given), strict=True):
        made = subject.given if isinstance(subject.given, Trace) and as_they_are else None
        for variant, changes in _variants(name, values):
            with wrong.of(variant):
                recipe = subject.with_(changes) if changes else subject.recipe
                for way, engine, mistake in ways:
                    check(recipe, engine=engine, mistake=mistake)
                    runs.append(Run(", ".join(filter(None, (variant, way))), recipe, engine, mistake, made))
    wrong.tell()
    return [run._replace(name=name) for run, name in zip(runs, unique([run.name for run in runs]), strict=True)]


def _ways(engines: Sequence[str] | None, mistakes: Sequence[str] | None) -> list[tuple[str, str, str | None]]:
    """Every engine and every mistake, with what to call it; a single one is no part of a name."""
    by = _listed("engines", engines, '["hand", "exact"]') if engines else ["hand"]
    wrongly = _listed("mistakes", mistakes, '["sum-of-weight-gradients"]') if mistakes else []
    if len(by) + len(wrongly) == 1:
        return [("", by[0], None)]
    rightly: list[tuple[str, str, str | None]] = [(engine if engines else _("right"), engine, None) for engine in by]
    return rightly + [(mistake, "hand", mistake) for mistake in wrongly]


def _variants(name: str, values: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every combination of values, with what to call it; a single value for all runs is no part of a name."""
    for choice in product(*(enumerate(some) for some in values.values())):
        changes = {field: value for field, (_position, value) in zip(values, choice, strict=True)}
        told = [value_name(field, changes[field], k) for field, (k, _value) in zip(values, choice, strict=True)]
        several = [name for name, some in zip(told, values.values(), strict=True) if len(some) > 1]
        yield ", ".join(filter(None, (name, *several))), changes


def _run_all(planned: Sequence[Run], record: str | None, progress: Progress | None) -> list[Trace]:
    """Make the runs one after the other, until one of them is interrupted."""
    traces: list[Trace] = []
    total = sum(one.recipe.training.iterations for one in planned if one.made is None)
    done = 0
    for one in planned:
        if one.made is not None:
            traces.append(one.made)
            continue
        traces.append(_run(one, record, _from(done, total, progress)))
        done += one.recipe.training.iterations
        if not traces[-1].complete and one.engine != "exact":  # a proof may end early by itself
            break
    return traces


def _run(one: Run, record: str | None, progress: Progress | None) -> Trace:
    """Make one run; what cannot be done is told with its name."""
    try:
        return run(one.recipe, engine=one.engine, mistake=one.mistake, record=record, progress=progress)
    except BacklightError as error:
        raise type(error)([in_variant(fault, one.name) for fault in error.faults]) from None


def _from(done: int, total: int, progress: Progress | None) -> Progress | None:
    """Count the iterations of all runs together."""
    return None if progress is None else lambda reached, _last: progress(done + reached, total)


# ---- what cannot be compared -----------------------------------------------------------------------------


def _listed(name: str, values: object, example: str) -> Sequence[Any]:
    """Values as a list; a text or a single number is none."""
    if isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping):
        some = values if isinstance(values, Sequence) else list(islice(values, MOST_RUNS + 1))
        if len(some):
            return some
    raise EngineError(
        Fault(
            code="E-COMPARE-3",
            sentence=_("{name} wants a list of values, at least one").format(name=name),
            got=repr(values),
            because=_("there is a run for each value of the list"),
            try_this=example,
        )
    )


def _refuse_number(number: int, values: Mapping[str, Sequence[Any]]) -> None:
    """Two runs at least, and no more than can be looked at."""
    if number > MOST_RUNS:
        raise EngineError(_too_many(number, values))
    if number < 2:  # noqa: PLR2004  one and another
        raise EngineError(
            Fault(
                code="E-COMPARE-1",
                sentence=_("one run alone cannot be compared") if number else _("nothing was given to compare"),
                because=_("a comparison wants several recipes or traces, engines, values of a field, or a mistake"),
                try_this="backlight compare course --engines hand,exact",
            )
        )


def _too_many(number: int, values: Mapping[str, Sequence[Any]]) -> Fault:
    """Say how many runs it would be, and which list is the longest."""
    field, some = max(values.items(), key=lambda item: len(item[1]), default=("", ()))
    return Fault(
        code="E-COMPARE-2",
        sentence=_("{number} runs are too many to lay side by side").format(number=number),
        got=_("{field} with {count} values").format(field=field, count=len(some)) if some else "",
        because=_("more than {limit} are refused").format(limit=MOST_RUNS),
        try_this=f"--vary {field}={some[0]},{some[-1]}" if some else "--engines hand,exact",
    )


def _interrupted(made: int, planned: int) -> str:
    """Tell that not all runs were made."""
    return _("interrupted: of {planned} runs, {made} were begun").format(planned=planned, made=made)
