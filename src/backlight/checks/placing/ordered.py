"""In which order does a program update its parameters, and where among the others does one stand that is missing?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Key = tuple[str, tuple[int, ...] | None]
"""An array of parameters, W1 or b2, and the entry of one number of it."""

ORDERS: tuple[Callable[[Key], tuple[object, ...]], ...] = (
    lambda key: (int(key[0][1:]), key[0][0], key[1] or ()),
    lambda key: (-int(key[0][1:]), key[0][0], key[1] or ()),
    lambda key: (key[0][0], int(key[0][1:]), key[1] or ()),
    lambda key: (key[0][0], -int(key[0][1:]), key[1] or ()),
    lambda key: (int(key[0][1:]), key[0][0] != "b", key[1] or ()),
    lambda key: (-int(key[0][1:]), key[0][0] != "b", key[1] or ()),
    lambda key: (int(key[0][1:]), key[0][0], (key[1] or ())[::-1]),
    lambda key: (-int(key[0][1:]), key[0][0], (key[1] or ())[::-1]),
)
"""Layer by layer or all weights first, forwards or backwards; weights of one unit together or those of one input."""


def behind_which(missing: Key, others: Sequence[Key]) -> int:
    """The number of the one behind which the missing one stands, in the order that the others have; 0 if it comes first.

    Examples
    --------
    >>> behind_which(("W2", None), [("W1", None), ("b1", None), ("b2", None)])
    1
    >>> behind_which(("W1", None), [("W2", None), ("b2", None), ("b1", None)])
    1
    >>> behind_which(("b2", None), [("W1", None), ("b1", None), ("W2", None)])
    2
    """
    for order in ORDERS:
        ranks = [order(key) for key in others]
        if ranks == sorted(ranks):
            return max(sum(rank < order(missing) for rank in ranks) - 1, 0)
    return len(others) - 1
