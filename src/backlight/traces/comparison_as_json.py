"""A comparison as a JSON document: the traces, what they differ in, and where they part."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlight.traces.as_json import document, text
from backlight.traces.entries import finding_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlight.traces.compare import Comparison
    from backlight.traces.parting import Difference, Parting, Spot


def pieces(comparison: Comparison, *, outcomes: Sequence[str]) -> Iterator[str]:
    """Give the document of a comparison, with how each of its runs came out, as pieces of text.

    ``traces`` holds the documents of the runs as `Trace.save` writes them, in the order of ``names``, and
    ``outcomes`` a word for each; ``varied`` the values in which they differ; ``partings`` how far each run lies
    from the one at ``reference``.

    Examples
    --------
    >>> import backlight as bl, json
    >>> rates = bl.compare("course", vary={"training.learning_rate": [1, 2]})
    >>> document = json.loads("".join(pieces(rates, outcomes=["still_falling", "still_falling"])))
    >>> document["backlight_comparison"], document["kind"], document["varied"]
    (1, 'variants', {'training.learning_rate': [1, 2]})
    >>> document["partings"][0]["apart"]["label"]
    'w1'
    """
    yield from text(
        {
            "backlight_comparison": 1,
            "kind": comparison.kind,
            "names": comparison.names,
            "outcomes": outcomes,
            "varied": comparison.varied,
            "reference": comparison.reference,
            "partings": [_parting(one) for one in comparison.partings],
            "findings": [finding_entry(one) for one in comparison.findings],
            "notes": comparison.notes,
            "traces": [document(trace, Path()) for trace in comparison.traces],
        }
    )
    yield "\n"


def _parting(parting: Parting) -> dict[str, Any]:
    """How one run lies beside the reference."""
    return {
        "reference": parting.reference,
        "run": parting.run,
        "tolerance_ulp": parting.tolerance,
        "identical": parting.identical,
        "first": _spot(parting.first),
        "apart": _spot(parting.apart),
        "differences": [_difference(one) for one in parting.differences],
    }


def _spot(spot: Spot | None) -> dict[str, Any] | None:
    """One number beside the reference's."""
    return None if spot is None else asdict(spot)


def _difference(difference: Difference) -> dict[str, Any]:
    """How far one quantity lies away at worst."""
    return asdict(difference) | {"ulp": difference.ulp}
