"""What the child says at the end: a header of JSON and the raw numbers behind it, never a pickle.

The parent reads it with the mistrust that a stranger's program deserves.
"""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backlight.checks.observing.child.recorder import Recorder

FRACTION, WHOLE = -1, -2
"""Values of events that are the next float or the next int in their own list; others count the contents."""


def answer(recorder: Recorder, ended: tuple[str, str, int], facts: list[tuple[str, str, int]], output: str) -> bytes:
    """Pack all that was seen."""
    columns, fractions, wholes, gaps = _columns(recorder)
    blobs = [*(column.tobytes() for column in columns), fractions.tobytes(), wholes.tobytes()]
    blobs += [contents[2] or b"" for contents in recorder.contents]
    header = {
        "ended": ended,
        "facts": facts,
        "output": output,
        "events": len(columns[0]),
        "fractions": len(fractions),
        "wholes": len(wholes),
        "gaps": gaps,
        "places": [
            (kind, owner, key, suffix, site) for (kind, owner, key), (_number, suffix, site) in recorder.places.items()
        ],
        "contents": [(code, shape, data is not None) for code, shape, data in recorder.contents],
    }
    text = json.dumps(header).encode()
    return b"".join([len(text).to_bytes(8, "big"), text, *blobs])


def _columns(recorder: Recorder) -> tuple[list[array[int]], array[float], array[int], list[int]]:
    """Site, place, value and object of every event; the plain numbers apart, and the events before which some were lost."""
    place_of = recorder.place_of
    sites, places, values, objects = (array("i") for _ in range(4))
    fractions, wholes = array("d"), array("q")
    silences, gaps = set(recorder.gaps), list[int]()
    for turn, event in enumerate(recorder.events):
        if turn in silences:
            gaps.append(len(sites))
        site, number = event[0], event[1]
        if number is None:
            values.append(event[4])
        elif isinstance(number, float):
            fractions.append(number)
            values.append(FRACTION)
        elif -(2**63) <= number < 2**63:
            wholes.append(number)
            values.append(WHOLE)
        else:
            continue  # an integer beyond 64 bits is no number of a network
        sites.append(site)
        plain = len(event) == 2  # noqa: PLR2004  (site, number)
        places.append(place_of[site] if plain else event[2])
        objects.append(-1 if plain else event[3])
    return [sites, places, values, objects], fractions, wholes, gaps
