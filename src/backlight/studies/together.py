"""The faults of all variants are told together, each once, with the variant that has it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from backlight.faults import BacklightError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator


class Together:
    """Collects faults instead of stopping at the first.

    Examples
    --------
    >>> from backlight.faults import RecipeError
    >>> wrong = Together()
    >>> for rate in (1, -1):
    ...     with wrong.of(f"rate {rate}"):
    ...         if rate < 0:
    ...             raise RecipeError(Fault(code="R-RANGE-1", sentence="a learning rate is not negative"))
    >>> try:
    ...     wrong.tell()
    ... except RecipeError as error:
    ...     print(error)
    a learning rate is not negative   [R-RANGE-1]
      where     rate -1
    """

    def __init__(self) -> None:
        self._first: type[BacklightError] | None = None
        self._faults: dict[Fault, str] = {}

    @contextmanager
    def of(self, variant: str) -> Iterator[None]:
        """Collect the faults of one variant."""
        try:
            yield
        except BacklightError as error:
            self._first = self._first or type(error)
            for fault in error.faults:
                self._faults.setdefault(fault, variant)

    def tell(self) -> None:
        """Raise all faults, if there are any, as an error of the first one's kind."""
        if self._first is not None:
            raise self._first([in_variant(fault, variant) for fault, variant in self._faults.items()])


def in_variant(fault: Fault, variant: str) -> Fault:
    """Say of a fault in which variant it is."""
    return replace(fault, where=": ".join(filter(None, (variant, fault.where))))
