"""The verbs `check_gradients` and `assert_gradients`: is a hand-written gradient the gradient of this function?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.checks.gradients.arguments import Arguments
from backlight.checks.gradients.array_function import ArrayFunction
from backlight.checks.gradients.conclude import concluded, of_wrong_shape
from backlight.checks.gradients.control import finds_planted_mistakes
from backlight.checks.gradients.faults import GradientError, WrongShape, cannot_call, no_numbers, of_nothing
from backlight.checks.gradients.judge import judged
from backlight.checks.gradients.looks import look
from backlight.checks.gradients.points import YOURS, more_points, points, said
from backlight.faults import missing_extra
from backlight.language import _
from backlight.recipes import recipe as recipe_of

if TYPE_CHECKING:
    from os import PathLike

    from backlight.checks.gradients.looks import Look
    from backlight.checks.gradients.points import Point
    from backlight.checks.gradients.report import GradientReport
    from backlight.checks.gradients.subject import Subject
    from backlight.recipes import Recipe


def check_gradients(
    function: Callable[..., Any] | None,
    gradient: Callable[..., Any] | None,
    arguments: Mapping[str, Any] | Sequence[Any] | None = None,
    *,
    recipe: Recipe | Mapping[str, Any] | str | PathLike[str] | None = None,
    probes: bool = True,
) -> GradientReport:
    """Check a hand-written gradient of any function.

    The truth comes from the function alone: by a complex step where it takes complex numbers, from autograd's
    derivative of the forward pass in float64 for torch, and otherwise from extrapolated central differences with
    an estimate of their error. With a recipe it comes from the exact engine.

    Parameters
    ----------
    function : callable or None
        Gives a number, an array, or a tuple of arrays, from the arguments. A subclass of
        ``torch.autograd.Function``, or any function of tensors, is checked as well. It must give the same outputs
        for the same arguments. None with a recipe, whose loss it is then.
    gradient : callable or None
        Gives the derivatives of a single output from the same arguments: a tuple in the order of the arguments, or
        a mapping by their names; None for an argument without a derivative. Where the function gives several
        numbers it takes, behind the arguments, a cotangent for each output and gives the products with it
        (cᵀJ, as every backward pass does); without such a parameter it gives the Jacobian, axes of the outputs
        first. None stands for what torch's autograd makes of the function.
    arguments : mapping of names, or sequence
        Where to look; a mapping is passed as keywords. Floats and arrays of floats are differentiated, float32
        with its own tolerance; integers and all the rest are passed on as they are. Of tensors those that require
        a gradient are differentiated, or all if none does. None with a recipe.
    recipe : Recipe, mapping, str or path, optional
        Whatever `backlight.recipe` accepts. The gradient then takes what it names of ``W1, W2, ..., b1, ..., x, y``
        and gives ``dL_dW1, ...`` for every parameter; a mistake of the catalogue that gives its numbers is named.
    probes : bool
        Whether it is also looked at other points, which are the same in every run: a single point often hides a
        mistake. They keep signs, probabilities between 0 and 1, and rows that are distributions.

    Returns
    -------
    GradientReport
        ``verdict`` is "right", "wrong" or "cannot_tell": right only where an error of a thousandth in any number
        would have shown; ``print(report)`` says the rest.

    Raises
    ------
    GradientError [C-GRADIENT-1, C-GRADIENT-2, C-GRADIENT-3, C-GRADIENT-4, C-GRADIENT-5, C-GRADIENT-6, C-GRADIENT-7,
                   C-GRADIENT-8]
        A callable raises an exception; no argument can be differentiated; it is not clear which answer belongs to
        which argument; the function gives no finite numbers; an argument with an answer holds integers; the
        function is not the same twice; the gradient asks for what a recipe has not; there is nothing to check.
    RecipeError
        The recipe has faults.
    MissingExtra [X-EXTRA-1]
        There are no tensors without torch.

    Examples
    --------
    >>> import numpy as np
    >>> import backlight as bl
    >>> def loss(w, x, y):
    ...     return np.sum((1 / (1 + np.exp(-x @ w)) - y) ** 2) / 2
    >>> def gradient(w, x, y):
    ...     a = 1 / (1 + np.exp(-x @ w))
    ...     return {"w": x.T @ ((a - y) * a)}
    >>> arguments = {"w": np.array([0.2, -0.4]), "x": np.array([[0.5, 0.3]]), "y": np.array([0.23])}
    >>> report = bl.check_gradients(loss, gradient, arguments)
    >>> report.verdict, report.arguments[0].name
    ('wrong', 'w')
    >>> def right(w, x, y):
    ...     a = 1 / (1 + np.exp(-x @ w))
    ...     return {"w": x.T @ ((a - y) * a * (1 - a))}
    >>> bl.check_gradients(loss, right, arguments).verdict
    'right'
    """
    subject = (
        subject_of(function, gradient, arguments)
        if recipe is None
        else of_recipe(function, gradient, arguments, recipe)
    )
    with np.errstate(all="ignore"):  # what happens at probe points is no news
        return checked(subject, probes=probes)


def assert_gradients(
    function: Callable[..., Any] | None,
    gradient: Callable[..., Any] | None,
    arguments: Mapping[str, Any] | Sequence[Any] | None = None,
    *,
    recipe: Recipe | Mapping[str, Any] | str | PathLike[str] | None = None,
    probes: bool = True,
) -> None:
    """Fail unless a gradient is right: `check_gradients` for a test.

    Parameters
    ----------
    function, gradient, arguments, recipe, probes
        As for `check_gradients`.

    Raises
    ------
    AssertionError
        The gradient is wrong, or it cannot be told: the message is the report.
    GradientError, RecipeError, MissingExtra
        As for `check_gradients`.

    Examples
    --------
    >>> import backlight as bl
    >>> bl.assert_gradients(lambda x: x**3, lambda x: 3 * x**2, (0.7,))
    >>> try:
    ...     bl.assert_gradients(lambda x: x**3, lambda x: 3 * x, (0.7,))
    ... except AssertionError as error:
    ...     print(str(error).splitlines()[0])
    WRONG: x
    """
    __tracebackhide__ = True  # pytest shows the test, and not this line
    report = check_gradients(function, gradient, arguments, recipe=recipe, probes=probes)
    if report.verdict != "right":
        raise AssertionError(report.text())


def subject_of(
    function: Callable[..., Any] | None,
    gradient: Callable[..., Any] | None,
    arguments: Mapping[str, Any] | Sequence[Any] | None,
) -> Subject:
    """Bring what was given into one form; torch is imported where tensors were given."""
    if function is None or arguments is None:
        raise of_nothing(_("without a recipe there must be a function and its arguments"))
    values = arguments.values() if isinstance(arguments, Mapping) else arguments
    if gradient is not None and not any(type(value).__module__.startswith("torch") for value in values):
        return ArrayFunction(function, gradient, Arguments.of(function, arguments))
    if find_spec("torch") is None:
        raise missing_extra("torch", "torch", _("the check of a function of tensors"))
    from backlight.checks.gradients.tensor_function import tensor_function  # noqa: PLC0415  torch is an extra

    return tensor_function(function, gradient, arguments)


def of_recipe(
    function: Callable[..., Any] | None,
    gradient: Callable[..., Any] | None,
    arguments: Mapping[str, Any] | Sequence[Any] | None,
    recipe: Recipe | Mapping[str, Any] | str | PathLike[str],
) -> Subject:
    """The subject of a recipe's loss; the exact engine is imported where it is needed."""
    if function is not None or arguments is not None or gradient is None:
        raise of_nothing(_("with a recipe there must be a gradient, and neither a function nor arguments"))
    from backlight.checks.gradients.of_recipe import RecipeFunction  # noqa: PLC0415  the catalogue takes its time

    return RecipeFunction(recipe_of(recipe), gradient)


def checked(subject: Subject, *, probes: bool) -> GradientReport:
    """Look, judge and conclude; where it looks right, look for a mistake that is planted."""
    left_out: list[str] = []
    try:
        looks = list(seen(subject, points(subject, probes=probes), left_out))
        what = judged(subject, looks)
        more = seen(subject, more_points(subject) if probes else (), left_out)
        while what.silent.any() and not what.wrong and (further := next(more, None)):
            looks.append(further)
            what = judged(subject, looks)
    except WrongShape as wrong:
        return of_wrong_shape(subject, wrong)
    report = concluded(subject, looks, what)
    mistakes, notes = subject.explained(report.verdict, [one.point.x for one in looks])
    report = replace(report, mistakes=mistakes, notes=(*_notes(subject, left_out), *notes))
    if report.verdict == "right" and not finds_planted_mistakes(subject, looks):
        note = _("a mistake that was planted on purpose was not found")
        return replace(report, verdict="cannot_tell", notes=(*report.notes, note))
    return report


def seen(subject: Subject, where: Iterable[Point], left_out: list[str]) -> Iterator[Look]:
    """Look at points one by one; what cannot be computed there is left out."""
    for turn, point in enumerate(where):
        try:
            yield look(subject, point, turn)
        except (WrongShape, GradientError):
            raise
        except Exception as error:  # whatever a stranger's function raises outside its domain
            if point.name == YOURS:
                raise (no_numbers if isinstance(error, FloatingPointError) else cannot_call)(None, error) from error
            left_out.append(f"{said(point.name)} ({type(error).__name__})")


def _notes(subject: Subject, left_out: Sequence[str]) -> Iterator[str]:
    """What a reader must know of the check."""
    if left_out:
        yield _("left out, because nothing can be computed there: {points}").format(points=", ".join(left_out[:8]))
    if subject.constant:
        yield _("not differentiated: {names}").format(names=", ".join(subject.constant))
