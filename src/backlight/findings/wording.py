"""How a finding is put together: its sentence, and evidence as plain numbers, texts and lists.

Evidence goes into files that other programs read, so no NumPy scalar may be in it, and long lists are cut;
their full length always stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backlight.traces.trace import Finding

LONGEST_LIST = 1000
"""So many names or numbers of one list are kept as evidence."""

SHOWN = 8
"""So many are written in the sentence."""


def finding(name: str, message: str, evidence: Mapping[str, Any]) -> Finding:
    """Make a finding whose evidence is plain.

    Examples
    --------
    >>> finding("divergence", "the loss grew to {last:.3g}", {"last": np.float32(0.5), "rows": np.arange(2)}).evidence
    {'last': 0.5, 'rows': [0, 1]}
    """
    return Finding(name=name, message=message, evidence={key: plain(value) for key, value in evidence.items()})


def plain(value: Any) -> Any:  # noqa: ANN401  whatever stands in evidence
    """Turn a value into plain numbers, texts, lists and mappings; long lists are cut."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float):
        return float(value)  # a recipe's number is one that remembers its text
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value[:LONGEST_LIST]] if isinstance(value, list | tuple) else value


def listed(names: Sequence[str]) -> str:
    """Write names one after the other, the first few of many.

    Examples
    --------
    >>> listed(["h2", "o2"]), listed([f"w{k}" for k in range(1, 21)])
    ('h2, o2', 'w1, w2, w3, w4, w5, w6, w7, w8, ...')
    """
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def counted(count: int, one: str, many: str) -> str:
    """Choose the sentence for one thing or for several."""
    return one if count == 1 else many
