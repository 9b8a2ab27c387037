"""Runs side by side: what they share, what they differ in, how each went, and where they part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlight.findings import outcome
from backlight.language import _, marked
from backlight.language.widths import columns, plain, wrap
from backlight.recipes.wording.shown import toml
from backlight.views.text.entries import number
from backlight.views.text.findings import listed, notes
from backlight.views.text.heading import choices, title
from backlight.views.text.iterations import SCORES, outputs_of_row, parameter_groups
from backlight.views.text.notation import DIGITS, notations
from backlight.views.text.partings import parting_lines
from backlight.views.text.sections import joined, section
from backlight.views.text.tables import INDENT, Column, facts, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlight.traces.compare import Comparison
    from backlight.traces.trace import Trace

FEW = 16
"""Up to so many parameters are listed for each run."""
LONGEST_NAME = 24
"""With a longer name the runs are numbered."""
LONGEST_VALUE = 24
"""A longer value of a field, such as a matrix, is not printed."""

OUTCOME_WORDS = {
    "diverged": marked("diverged"),
    "dead": marked("dead"),
    "oscillating": marked("oscillating"),
    "converged": marked("converged"),
    "stalled": marked("stalled"),
    "still_falling": marked("still falling"),
}


def comparison_table(comparison: Comparison) -> str:
    """Write down runs side by side for 80 columns, in the language in use.

    Returns
    -------
    str
        What all runs share; what they differ in; loss and scores at the start and at the end; outputs and
        parameters at the end where they are few; where the runs part; findings; notes.

    Examples
    --------
    >>> import backlight as bl
    >>> from backlight.traces.compare import side_by_side
    >>> course = bl.recipe("course")
    >>> runs = [bl.run(course), bl.run(course.with_({"training.learning_rate": 10}))]
    >>> lines = comparison_table(side_by_side(runs, ["rate 1", "rate 10"])).splitlines()
    >>> for line in lines[lines.index("loss") :][:4]: print(line)
    loss
      run      at the start  at the end  outcome
      rate 1     0.20970979  0.09727444  still falling
      rate 10    0.20970979  0.00883112  still falling
    """
    traces = comparison.traces
    names, legend = row_names(comparison.names)
    return joined(
        _shared_lines(traces),
        section(_("runs"), legend),
        section(_("where they differ"), _varied_lines(comparison)),
        section(_("loss"), tables(names, [[*_losses(traces), *_scores(traces)], [_outcomes(traces)]])),
        section(_("outputs at the end"), _end_tables(names, traces, [[outputs_of_row(trace, -1)] for trace in traces])),
        section(_("parameters at the end"), _end_tables(names, traces, list(map(_few_parameters, traces)))),
        parting_lines(comparison),
        section(_("findings"), _findings(comparison)),
        section(_("notes"), _notes(comparison)),
    )


def row_names(names: Sequence[str]) -> tuple[Column, list[str]]:
    """The first column of every table; numbers, with a legend, where a name is too long for it."""
    names = [plain(name) for name in names]
    if max(map(columns, names)) <= LONGEST_NAME:
        return Column(_("run"), names, is_text=True), []
    numbers = [str(number + 1) for number in range(len(names))]
    return Column(_("run"), numbers, is_text=True), facts(zip(numbers, names, strict=True), indent=INDENT)


def _shared_lines(traces: Sequence[Trace]) -> Iterator[str]:
    """The title and the choices that all runs have in common."""
    if shared := shared_title(traces):
        yield from wrap(shared)
        yield ""
    yield from facts(shared_choices(traces))


def shared_title(traces: Sequence[Trace]) -> str:
    """The title of all runs, if they have the same."""
    titles = {title(trace.recipe) for trace in traces}
    return titles.pop() if len(titles) == 1 else ""


def shared_choices(traces: Sequence[Trace]) -> list[tuple[str, str]]:
    """What all runs have in common of network, loss, optimizer and engine."""
    each = [choices(trace) for trace in traces]
    return [pair for pair in each[0] if all(pair in others for others in each)]


def _varied_lines(comparison: Comparison) -> list[str]:
    """The fields that differ, with the value of each run where that is short."""
    told = []
    for field, values in comparison.varied.items():
        written = [plain(_as_in_a_recipe(value)) for value in values]
        short = max(map(columns, written)) <= LONGEST_VALUE
        told.append((field, ", ".join(written) if short else _("(not shown)")))
    return facts(told, indent=INDENT)


def _as_in_a_recipe(value: object) -> str:
    """A value as TOML has it, a text without its quotes."""
    if value is None:
        return _("none")
    return value if isinstance(value, str) else toml(value)


def _losses(traces: Sequence[Trace]) -> list[Column]:
    """Loss of the first and of the last row."""
    headings = {0: _("at the start"), -1: _("at the end")}
    values = [[float(trace.loss[row]) for trace in traces if len(trace.recorded)] for row in headings]
    return [
        Column(heading, [number(trace, "loss", row, how) for trace in traces])
        for (row, heading), how in zip(headings.items(), notations(values, _digits(traces)), strict=True)
    ]


def _outcomes(traces: Sequence[Trace]) -> Column:
    """How each run ended."""
    return Column(_("outcome"), [_(OUTCOME_WORDS[outcome(trace)]) for trace in traces], is_text=True)


def _scores(traces: Sequence[Trace]) -> list[Column]:
    """Accuracies and the held-out loss of the last row."""
    found = []
    for name, (heading, decimals) in SCORES.items():
        if any(name in trace.quantities for trace in traces):
            cells = [
                f"{trace[name][-1]:.{decimals}f}" if len(trace.quantities.get(name, ())) else "" for trace in traces
            ]
            found.append(Column(_(heading), cells))
    return found


def _end_tables(names: Column, traces: Sequence[Trace], labels: Sequence[list[list[str]]]) -> list[str]:
    """Scalars of the last row, where every run has the same ones."""
    groups = labels[0]
    if any(others != groups for others in labels) or not all(len(trace.recorded) for trace in traces):
        return []
    flat = [label for group in groups for label in group]
    values = [[float(trace[label][-1]) for trace in traces] for label in flat]
    written = dict(zip(flat, notations(values, _digits(traces)), strict=True))
    return tables(
        names,
        [
            [Column(label, [number(trace, label, -1, written[label]) for trace in traces]) for label in group]
            for group in groups
        ],
    )


def _few_parameters(trace: Trace) -> list[list[str]]:
    """The labels of all parameters by array, none if they are many or were not recorded."""
    groups = list(parameter_groups(trace)) if "W1" in trace.quantities else []
    return groups if sum(map(len, groups)) <= FEW else []


def _digits(traces: Sequence[Trace]) -> int:
    """Digits that the coarsest run deserves."""
    return min(DIGITS[trace.recipe.numerics.precision] for trace in traces)


def _findings(comparison: Comparison) -> Iterator[str]:
    """What is to be noticed in the comparison and in every run; then what only some runs show, by name."""
    each = [[finding.text for finding in trace.findings] for trace in comparison.traces]
    everywhere = [text for text in each[0] if all(text in texts for texts in each)]
    yield from listed([finding.text for finding in comparison.findings] + everywhere)
    for name, texts in zip(comparison.names, each, strict=True):
        own = [text for text in texts if text not in everywhere]
        if own:
            yield from wrap(plain(name), first=INDENT, rest=INDENT)
            yield from listed(own)


def _notes(comparison: Comparison) -> list[str]:
    """What a reader must know of how the runs were made; of one run, with its name."""
    named = [
        f"{name}: {note}"
        for name, trace in zip(comparison.names, comparison.traces, strict=True)
        for note in notes(trace)
    ]
    return listed([*comparison.notes, *named])
