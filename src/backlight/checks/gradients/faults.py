"""What can prevent a gradient from being checked, each with something to try."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from backlight.faults import BacklightError, Fault
from backlight.language import _

if TYPE_CHECKING:
    from collections.abc import Callable

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


def cannot_call(function: Callable[..., Any] | None, error: Exception) -> GradientError:
    """C-GRADIENT-1: a callable raises an exception at the arguments that were given."""
    called = name_of(function) if function is not None else _("the function or its gradient")
    return GradientError(
        Fault(
            code="C-GRADIENT-1",
            sentence=_("{function} cannot be called with these arguments").format(function=called),
            got=f"{type(error).__name__}: {error}"[:LONGEST],
            because=_(
                "it is called as function(*arguments), or with keywords where arguments are a mapping; a gradient "
                "with one more parameter gets the cotangent in it"
            ),
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


def unknown_name(name: str, names: tuple[str, ...]) -> GradientError:
    """C-GRADIENT-3: the gradient has an answer for something that is no argument."""
    nearest = get_close_matches(name, names, n=1, cutoff=0.0)
    return GradientError(
        Fault(
            code="C-GRADIENT-3",
            sentence=_("the gradient answers for {name}, and no argument is called so").format(name=name),
            got=f'"{name}"',
            because=_("the arguments are {names}").format(names=", ".join(names)),
            try_this=f'return {{"{nearest[0]}": ...}}',
        )
    )


def has_no_derivative(name: str, value: object) -> GradientError:
    """C-GRADIENT-5: the gradient has an answer for an argument of integers."""
    return GradientError(
        Fault(
            code="C-GRADIENT-5",
            sentence=_("the gradient answers for {name}, which holds no floating-point numbers").format(name=name),
            got=repr(value)[:LONGEST],
            because=_("integers cannot be moved a little; an argument without a derivative has None"),
            try_this=f"{name} = {name} * 1.0",
        )
    )


def not_the_same_twice(function: Callable[..., Any]) -> GradientError:
    """C-GRADIENT-6: the function gives other numbers each time."""
    return GradientError(
        Fault(
            code="C-GRADIENT-6",
            sentence=_("{function} gives other numbers for the same arguments").format(function=name_of(function)),
            because=_("a slope is found from several values of one function; draw random numbers outside of it"),
            try_this="rng = np.random.default_rng(0)",
        )
    )


def unknown_parameter(gradient: Callable[..., Any], asked: str, names: tuple[str, ...]) -> GradientError:
    """C-GRADIENT-7: the gradient asks for something that the recipe has not."""
    return GradientError(
        Fault(
            code="C-GRADIENT-7",
            sentence=_("{gradient} asks for {asked}, which the recipe has not").format(
                gradient=name_of(gradient), asked=asked
            ),
            got=asked,
            because=_("it can have {names}, by these names").format(names=", ".join(names)),
            try_this=f"def {name_of(gradient)}({', '.join(names)}): ...".replace("<lambda>", "gradient"),
        )
    )


def of_nothing(why: str) -> GradientError:
    """C-GRADIENT-8: the verb does not know what to check, or is told twice."""
    return GradientError(
        Fault(
            code="C-GRADIENT-8",
            sentence=_("it is not clear what the gradient is of"),
            because=why,
            try_this='check_gradients(loss, gradient, {"w": w})',
        )
    )


def no_numbers(function: Callable[..., Any] | None, returned: object) -> GradientError:
    """C-GRADIENT-4: what came back are no finite floating-point numbers."""
    return GradientError(
        Fault(
            code="C-GRADIENT-4",
            sentence=_("{function} gives no finite numbers at these arguments").format(
                function=_("the function") if function is None else name_of(function)
            ),
            got=str(returned)[:LONGEST] if isinstance(returned, Exception) else repr(returned)[:LONGEST],
            try_this="return np.sum((a - y) ** 2)",
        )
    )
