"""What can prevent a gradient from being checked, each with something to try."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backlight.faults import BacklightError, Fault
from backlight.language import _

LONGEST = 200


class GradientError(BacklightError):
    """A function and its gradient cannot be checked: codes C-GRADIENT-..."""


class WrongShape(Exception):
    """A gradient has not the shape of its argument."""

    def __init__(self, name: str, got: tuple[int, ...], wanted: tuple[int, ...]) -> None:
        super().__init__(name, got, wanted)
        self.name, self.got, self.wanted = name, got, wanted


def name_of(function: Callable[..., Any]) -> str:
    """What a callable is called."""
    return str(getattr(function, "__name__", None) or type(function).__name__)


def cannot_call(function: Callable[..., Any], error: Exception) -> GradientError:
    """C-GRADIENT-1: a callable raises an exception at the arguments that were given."""
    return GradientError(
        Fault(
            code="C-GRADIENT-1",
            sentence=_("{function} cannot be called with these arguments").format(function=name_of(function)),
            got=f"{type(error).__name__}: {error}"[:LONGEST],
            because=_("the check calls it as function(*arguments), or with keywords where arguments are a mapping"),
        )
    )


def nothing_to_differentiate(names: tuple[str, ...]) -> GradientError:
    """C-GRADIENT-2: no argument holds floating-point numbers, or the gradient has an answer for none."""
    return GradientError(
        Fault(
            code="C-GRADIENT-2",
            sentence=_("there is no argument to differentiate"),
            got=", ".join(names),
            because=_("only floating-point numbers have derivatives, and the gradient must answer for at least one"),
            try_this="arguments=(np.array([0.5, 0.3]), ...)",
        )
    )


def not_as_many(got: int, names: tuple[str, ...]) -> GradientError:
    """C-GRADIENT-3: it is not clear which answer belongs to which argument."""
    return GradientError(
        Fault(
            code="C-GRADIENT-3",
            sentence=_("the gradient gives {got} answers for {wanted} arguments").format(got=got, wanted=len(names)),
            got=str(got),
            because=_("the arguments are {names}; an argument without a derivative has None").format(
                names=", ".join(names)
            ),
            try_this="return {" + ", ".join(f'"{name}": d_{name}' for name in names) + "}",
        )
    )


def no_numbers(function: Callable[..., Any], returned: object) -> GradientError:
    """C-GRADIENT-4: what came back are no finite floating-point numbers."""
    return GradientError(
        Fault(
            code="C-GRADIENT-4",
            sentence=_("{function} gives no finite numbers at these arguments").format(function=name_of(function)),
            got=repr(returned)[:LONGEST],
            try_this="return np.sum((a - y) ** 2)",
        )
    )
