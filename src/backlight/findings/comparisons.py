"""Notice in several runs side by side: how far a larger step helps, which runs are secretly the same, which won.

Only what the traces say: recipes are read, nothing is run.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.findings.facts import Facts
from backlight.findings.notice import outcome
from backlight.findings.wording import finding, listed
from backlight.language import marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from backlight.traces.trace import Finding, Trace

LEARNING_RATE = "training.learning_rate"

NO_DIFFERENCE_EXPECTED = frozenset({"engine", "parameters.labels", "numerics.exact_from", "numerics.precision"})
"""Runs that differ in these alone should agree; that they do is nothing to notice."""


def notice_comparison(
    traces: Sequence[Trace], names: Sequence[str], varied: Mapping[str, Sequence[Any]]
) -> tuple[Finding, ...]:
    """Say what a careful person would notice in runs side by side.

    Parameters
    ----------
    traces : sequence of Trace
    names : sequence of str
        One for each trace.
    varied : mapping of str to sequence
        The recipe fields (and ``engine``, ``mistake``) in which the runs differ, with one value for each run.

    Returns
    -------
    tuple of Finding

    Examples
    --------
    >>> import backlight as bl
    >>> rates = [1, 10, 100, 1000]
    >>> traces = [bl.run(bl.recipe("course").with_({"training.learning_rate": rate})) for rate in rates]
    >>> found = notice_comparison(traces, [str(rate) for rate in rates], {"training.learning_rate": rates})
    >>> found[0].name
    'larger_steps'
    """
    if len(traces) < 2 or any(not len(trace.recorded) for trace in traces):  # noqa: PLR2004  nothing to compare
        return ()
    with np.errstate(all="ignore"):  # diverged runs are full of infinities
        found = (
            larger_steps(traces, varied),
            equal_results(traces, names, varied),
            losses_not_comparable(traces, names, varied),
            lowest_loss(traces, names, varied),
        )
    return tuple(finding for finding in found if finding is not None)


def larger_steps(traces: Sequence[Trace], varied: Mapping[str, Sequence[Any]]) -> Finding | None:
    """Tell up to which learning rate a larger step gives a lower loss after the same iterations."""
    if not {LEARNING_RATE} <= set(varied) <= {LEARNING_RATE, "training.iterations"}:
        return None
    longest = max(trace.iterations for trace in traces)
    runs = sorted(
        (float(trace.recipe.training.learning_rate), _final(trace), outcome(trace))
        for trace in traces
        if trace.iterations == longest and trace.complete
    )
    rates, losses, outcomes = (list(column) for column in zip(*runs, strict=True)) if runs else ([], [], [])
    if len(set(rates)) < max(2, len(rates)):
        return None
    # the first rate that does not beat the one before it (NaN beats nothing)
    turn = next((k for k in range(1, len(rates)) if not losses[k] < losses[k - 1]), None)
    up_to = (turn or len(rates)) - 1
    evidence = {
        "learning_rates": rates,
        "losses": losses,
        "outcomes": outcomes,
        "iterations": longest,
        "smallest": rates[0],
        "up_to": rates[up_to],
        "loss_up_to": losses[up_to],
        "not_at": None if turn is None else rates[turn],
        "loss_not_at": None if turn is None else losses[turn],
        "outcome_not_at": None if turn is None else outcomes[turn],
        "trouble_from": next((rate for rate, _, end in runs if end in {"diverged", "dead", "oscillating"}), None),
    }
    if turn is None:
        return finding("larger_steps", _LARGER_IS_BETTER, evidence)
    end = outcomes[turn] if np.isfinite(losses[turn]) else "not finite"
    return finding("larger_steps", _LARGER_STEPS[_BEHIND.get(end, "higher"), up_to > 0], evidence)


_BEHIND = {
    "not finite": "not finite",
    "diverged": "grows",
    "oscillating": "oscillates",
    "stalled": "stuck",
    "dead": "stuck",
}
"""What a run whose step was too large does, by its outcome."""

_LARGER_IS_BETTER = marked(
    "a larger step gives a lower loss after {iterations} iterations at all learning rates compared, "
    "from {smallest:g} to {up_to:g}; try larger ones to see where that ends"
)

_LARGER_STEPS = {
    # what happens behind, and whether a larger step helped at all before that
    ("higher", True): marked(
        "a larger step gives a lower loss after {iterations} iterations up to learning rate {up_to:g} "
        "(loss {loss_up_to:.4g}), but no longer at {not_at:g} (loss {loss_not_at:.4g})"
    ),
    ("oscillates", True): marked(
        "a larger step gives a lower loss after {iterations} iterations up to learning rate {up_to:g} "
        "(loss {loss_up_to:.4g}), but no longer at {not_at:g} (loss {loss_not_at:.4g}): there it goes up and down"
    ),
    ("stuck", True): marked(
        "a larger step gives a lower loss after {iterations} iterations up to learning rate {up_to:g} "
        "(loss {loss_up_to:.4g}), but no longer at {not_at:g}: there it is stuck at {loss_not_at:.4g}"
    ),
    ("grows", True): marked(
        "a larger step gives a lower loss after {iterations} iterations up to learning rate {up_to:g} "
        "(loss {loss_up_to:.4g}), but no longer at {not_at:g}: there it grows to {loss_not_at:.4g}"
    ),
    ("not finite", True): marked(
        "a larger step gives a lower loss after {iterations} iterations up to learning rate {up_to:g} "
        "(loss {loss_up_to:.4g}), but no longer at {not_at:g}: there the loss is no finite number"
    ),
    ("higher", False): marked(
        "a larger step is no better here: after {iterations} iterations the loss is {loss_up_to:.4g} at learning "
        "rate {up_to:g} and {loss_not_at:.4g} at {not_at:g}"
    ),
    ("oscillates", False): marked(
        "a larger step is no better here: after {iterations} iterations the loss is {loss_up_to:.4g} at learning "
        "rate {up_to:g}, at {not_at:g} it goes up and down ({loss_not_at:.4g})"
    ),
    ("stuck", False): marked(
        "a larger step is no better here: after {iterations} iterations the loss is {loss_up_to:.4g} at learning "
        "rate {up_to:g}, at {not_at:g} it is stuck at {loss_not_at:.4g}"
    ),
    ("grows", False): marked(
        "a larger step is no better here: after {iterations} iterations the loss is {loss_up_to:.4g} at learning "
        "rate {up_to:g}, at {not_at:g} it grows to {loss_not_at:.4g}"
    ),
    ("not finite", False): marked(
        "a larger step is no better here: at {not_at:g} the loss after {iterations} iterations is no finite number"
    ),
}


def equal_results(traces: Sequence[Trace], names: Sequence[str], varied: Mapping[str, Sequence[Any]]) -> Finding | None:
    """Notice runs that are the same in every number although their recipes differ, and why if that is known."""
    pairs = [
        (one, other)
        for one, other in combinations(range(len(traces)), 2)
        if _should_differ(one, other, varied) and _largest_difference(traces[one], traces[other]) is not None
    ]
    if not pairs:
        return None
    one, other = pairs[0]
    fields = [field for field in varied if varied[field][one] != varied[field][other]]
    reason = _reason(traces[one], traces[other], fields)
    evidence = {
        "pairs": [[names[i], names[j]] for i, j in pairs],
        "one": names[one],
        "other": names[other],
        "fields": fields,
        "shown": listed(fields),
        "largest_relative_difference": max(_largest_difference(traces[i], traces[j]) or 0.0 for i, j in pairs),
        "outputs": traces[one].recipe.layers[-1],
        "reason": reason,
    }
    return finding("equal_results", _EQUAL[reason], evidence)


_EQUAL = {
    "two_outputs": marked(
        "{one} and {other} are the same run, number by number: equal because there are two outputs, so that the mean "
        "of two squares is half their sum, and not because the formulas agree"
    ),
    "one_output_half": marked(
        "{one} and {other} are the same run, number by number: equal because there is one output and no error is "
        "larger than delta, and not because the formulas agree"
    ),
    "unknown": marked("{one} and {other} are the same run, number by number, although they differ in {shown}"),
}


def _reason(one: Trace, other: Trace, fields: list[str]) -> str:
    """Why two recipes give the same run, where the formulas of their losses say it."""
    outputs, losses = one.recipe.layers[-1], {one.recipe.loss.name, other.recipe.loss.name}
    if fields == ["loss.name"] and outputs == 2 and losses == {"half_sum_squared_error", "mean_squared_error"}:  # noqa: PLR2004
        return "two_outputs"
    if "loss.name" in fields and outputs == 1 and losses == {"half_sum_squared_error", "huber"}:
        return "one_output_half"
    return "unknown"


def _should_differ(one: int, other: int, varied: Mapping[str, Sequence[Any]]) -> bool:
    """Whether two recipes differ in anything that should show in the numbers."""
    return any(values[one] != values[other] for field, values in varied.items() if field not in NO_DIFFERENCE_EXPECTED)


def _largest_difference(one: Trace, other: Trace) -> float | None:
    """The largest relative difference of two traces if it is rounding, else None: they are not the same run."""
    from backlight.traces.parting import comparable, part  # noqa: PLC0415  a single run needs no comparison

    if len(one.loss) != len(other.loss) or one.recipe.layers != other.recipe.layers:
        return None
    if not _close(one, other, one.loss, other.loss):  # most runs differ here, where looking costs nothing
        return None
    if len(comparable(one, other)) < len(set(one) & set(other)):
        return None
    relative = max(difference.relative for difference in part(one, other, names=("", "")).differences)
    return relative if relative <= _rounding(one, other) else None


def _close(one: Trace, other: Trace, a: ArrayLike, b: ArrayLike) -> bool:
    """Whether two arrays agree to rounding."""
    return bool(np.allclose(a, b, rtol=_rounding(one, other), atol=0, equal_nan=True))


def _rounding(one: Trace, other: Trace) -> float:
    """What rounding can make of two equal computations: half the digits of the coarser precision."""
    return float(max(np.sqrt(np.finfo(trace.recipe.numerics.precision).eps) for trace in (one, other)))


def losses_not_comparable(
    traces: Sequence[Trace], names: Sequence[str], varied: Mapping[str, Sequence[Any]]
) -> Finding | None:
    """Notice that the values of different losses say nothing about which run is better."""
    if _same_loss(traces, varied) or all(
        _close(traces[0], trace, traces[0].loss[:1], trace.loss[:1]) for trace in traces
    ):
        return None
    losses = list(dict.fromkeys(trace.recipe.loss.name for trace in traces))
    evidence = {
        "losses": losses,
        "shown": listed(losses),
        "runs": list(names),
        "fields": [field for field in varied if field.startswith(("loss.", "data."))],
    }
    if len(losses) > 1:
        message = marked("the losses are different functions ({shown}), so which is lower says nothing")
    else:
        message = marked(
            "the losses are taken of different data or reduced differently, so which is lower says nothing"
        )
    return finding("losses_not_comparable", message, evidence)


def lowest_loss(traces: Sequence[Trace], names: Sequence[str], varied: Mapping[str, Sequence[Any]]) -> Finding | None:
    """Tell which run ended lowest, where all have the same loss of the same data."""
    if not _same_loss(traces, varied) or set(varied) <= NO_DIFFERENCE_EXPECTED:
        return None
    last = [_final(trace) for trace in traces]
    order = sorted((loss, k) for k, loss in enumerate(last) if np.isfinite(loss))
    if len(order) < 2 or _close(traces[0], traces[0], order[0][0], order[1][0]):  # noqa: PLR2004  a tie has no winner
        return None
    (lowest, best), (_, second) = order[0], order[1]
    evidence = {
        "name": names[best],
        "loss": lowest,
        "iteration": int(traces[best].recorded[-1]),
        "second": names[second],
        "second_loss": last[second],
        "losses": last,
        "outcomes": [outcome(trace) for trace in traces],
    }
    message = marked("{name} ends with the lowest loss, {loss:.4g}; next is {second} with {second_loss:.4g}")
    return finding("lowest_loss", message, evidence)


def _same_loss(traces: Sequence[Trace], varied: Mapping[str, Sequence[Any]]) -> bool:
    """Whether all runs measure the same thing: one loss, one reduction, one data set."""
    in_sums = any(trace.recipe.loss.over_samples == "sum" for trace in traces)
    return not any(
        field.startswith(("loss.", "data.")) or (field == "training.batch_size" and in_sums) for field in varied
    )


def _final(trace: Trace) -> float:
    """The loss at the end as it is judged: of mini-batches a mean over whole epochs."""
    return float(Facts(trace).history.last)
