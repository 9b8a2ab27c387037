"""The verbs `check_gradients` and `assert_gradients`: is a hand-written gradient the gradient of this function?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from backlight.checks.gradients.arguments import Arguments
from backlight.checks.gradients.array_function import ArrayFunction
from backlight.checks.gradients.conclude import concluded, of_wrong_shape
from backlight.checks.gradients.control import finds_planted_mistakes
from backlight.checks.gradients.faults import WrongShape
from backlight.checks.gradients.judge import judged
from backlight.checks.gradients.looks import look
from backlight.checks.gradients.points import points
from backlight.faults import missing_extra
from backlight.language import _

if TYPE_CHECKING:
    from backlight.checks.gradients.looks import Look
    from backlight.checks.gradients.report import GradientReport
    from backlight.checks.gradients.subject import Subject


def check_gradients(
    function: Callable[..., Any],
    gradient: Callable[..., Any] | None,
    arguments: Mapping[str, Any] | Sequence[Any],
    *,
    probes: bool = True,
) -> GradientReport:
    """Check a hand-written gradient of any function.

    The truth comes from the function alone: by a complex step where it takes complex numbers, from autograd's
    derivative of the forward pass in float64 for torch, and otherwise from extrapolated central differences with
    an estimate of their error.

    Parameters
    ----------
    function : callable
        Gives a number, an array, or a tuple of arrays, from the arguments. A subclass of
        ``torch.autograd.Function``, or any function of tensors, is checked as well. It must give the same outputs
        for the same arguments.
    gradient : callable or None
        Gives the derivatives of a single output from the same arguments: a tuple in the order of the arguments, or
        a mapping by their names; None for an argument without a derivative. Where the function gives several
        numbers it takes, behind the arguments, a cotangent for each output and gives the products with it
        (c^T J, as every backward pass does); without such a parameter it gives the Jacobian, axes of the outputs
        first. None stands for what torch's autograd makes of the function.
    arguments : sequence, or mapping of names
        Where to look; a mapping is passed as keywords. Floats and arrays of floats are differentiated, float32
        with its own tolerance; integers and all the rest are passed on as they are.
    probes : bool
        Whether it is also looked at five other points, which are the same in every run: a single point often hides
        a mistake. They keep signs, probabilities between 0 and 1, and rows that are distributions.

    Returns
    -------
    GradientReport
        ``verdict`` is "right", "wrong" or "cannot tell": right only where an error of a thousandth in any number
        would have shown; ``print(report)`` says the rest.

    Raises
    ------
    GradientError [C-GRADIENT-1, C-GRADIENT-2, C-GRADIENT-3, C-GRADIENT-4]
        A callable raises an exception; no argument can be differentiated; it is not clear which answer belongs to
        which argument; the function gives no finite numbers.
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
    subject = subject_of(function, gradient, arguments)
    try:
        looks, notes = seen(subject, probes=probes)
    except WrongShape as wrong:
        return of_wrong_shape(subject, wrong)
    report = concluded(subject, looks, judged(subject, looks), notes)
    if report.verdict == "right" and not finds_planted_mistakes(subject, looks):
        note = _("a mistake that was planted on purpose was not found")
        return replace(report, verdict="cannot tell", notes=(*report.notes, note))
    return report


def assert_gradients(
    function: Callable[..., Any],
    gradient: Callable[..., Any] | None,
    arguments: Mapping[str, Any] | Sequence[Any],
    *,
    probes: bool = True,
) -> None:
    """Fail unless a gradient is right: `check_gradients` for a test.

    Parameters
    ----------
    function, gradient, arguments, probes
        As for `check_gradients`.

    Raises
    ------
    AssertionError
        The gradient is wrong, or it cannot be told: the message is the report.
    GradientError, MissingExtra
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
    report = check_gradients(function, gradient, arguments, probes=probes)
    if report.verdict != "right":
        raise AssertionError(report.text())


def subject_of(
    function: Callable[..., Any], gradient: Callable[..., Any] | None, arguments: Mapping[str, Any] | Sequence[Any]
) -> Subject:
    """Bring what was given into one form; torch is imported where tensors were given."""
    values = arguments.values() if isinstance(arguments, Mapping) else arguments
    if gradient is not None and not any(type(value).__module__.startswith("torch") for value in values):
        return ArrayFunction(function, gradient, Arguments.of(function, arguments))
    if find_spec("torch") is None:
        raise missing_extra("torch", "torch", _("the check of a function of tensors"))
    from backlight.checks.gradients.tensor_function import tensor_function  # noqa: PLC0415  torch is an extra

    return tensor_function(function, gradient, arguments)


def seen(subject: Subject, *, probes: bool) -> tuple[list[Look], list[str]]:
    """Look at every point; what cannot be computed there is left out, and told."""
    looks, notes, left_out = [], [], []
    for turn, point in enumerate(points(subject, probes=probes)):
        try:
            looks.append(look(subject, point, turn))
        except WrongShape:
            raise
        except Exception as error:  # noqa: BLE001  whatever a stranger's function raises outside its domain
            left_out.append(f"{point.name} ({type(error).__name__})")
    if left_out:
        notes.append(_("left out, because an exception is raised there: {points}").format(points=", ".join(left_out)))
    if subject.constant:
        notes.append(_("not differentiated: {names}").format(names=", ".join(subject.constant)))
    return looks, notes
