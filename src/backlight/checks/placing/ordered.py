"""In which order does a program update its parameters, and where among the others does one stand that is missing?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

Key = tuple[str, tuple[int, ...] | None]
"""An array of parameters, W1 or b2, and the entry of one number of it."""

ARRANGEMENTS: tuple[Callable[[Key], tuple[object, ...]], ...] = (
    lambda key: (key[0][0], key[1] or ()),
    lambda key: (key[0][0] != "b", key[1] or ()),
    lambda key: (key[0][0], (key[1] or ())[::-1]),
    lambda key: ((key[1] or ())[-1:], key[0][0] != "b", key[1] or ()),
    lambda key: ((key[1] or ())[-1:], key[0][0], key[1] or ()),
)
"""Weights of one input together or those of one unit, before the biases of the layer or behind them; unit by unit."""


def _ranks(keys: Sequence[Key]) -> Iterator[list[tuple[object, ...]]]:
    """The ranks of some keys in every order: layer by layer, forwards or backwards; or all weights first."""
    for within in ARRANGEMENTS:
        for direction in (1, -1):
            yield [(direction * int(key[0][1:]), within(key)) for key in keys]
    for direction in (1, -1):
        yield [(key[0][0], direction * int(key[0][1:]), key[1] or ()) for key in keys]


def behind_which(missing: Key, others: Sequence[Key]) -> int:
    """The number of the one behind which the missing one stands, in the order that the others have; -1 if it comes first.

    Examples
    --------
    >>> behind_which(("W2", None), [("W1", None), ("b1", None), ("b2", None)])
    1
    >>> behind_which(("W1", None), [("W2", None), ("b2", None), ("b1", None)])
    1
    >>> behind_which(("b2", None), [("W1", None), ("b1", None), ("W2", None)])
    2
    >>> behind_which(("b1", (0,)), [("W1", (0, 0)), ("W1", (1, 0)), ("b1", (1,)), ("W1", (0, 1)), ("W1", (1, 1))])
    -1
    """
    for *ranks, mine in _ranks([*others, missing]):
        if ranks == sorted(ranks):
            return sum(rank < mine for rank in ranks) - 1
    return len(others) - 1
