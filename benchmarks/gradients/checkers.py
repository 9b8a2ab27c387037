"""Those who check: each says right, wrong or cannot_tell of a case, with its defaults, as its documentation shows it.

A checker that raises calls the gradient wrong: a user's test fails. Whoever is not installed is left out, and the table
says so.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

import backlight as bl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .cases import Case

    Array = NDArray[Any]

Verdict = Literal["right", "wrong", "cannot_tell", ""]
SMALL = 1e-6
"""check_grad gives a distance and leaves the rest to its user: this much is usually called small."""


@dataclass(frozen=True)
class Checker:
    """A name for the table, and what it says of a case; an empty verdict where it cannot be asked."""

    name: str
    ask: Callable[[Case], Verdict]


def backlight(case: Case) -> Verdict:
    """Our own, from the function alone."""
    return bl.check_gradients(*case.given).verdict


def backlight_with_recipe(case: Case) -> Verdict:
    """Our own, where the network's recipe is known."""
    return bl.check_gradients(None, case.recipe[1], recipe=case.recipe[0]).verdict if case.recipe else ""


def gradcheck(*, fast: bool) -> Callable[[Case], Verdict]:
    """torch.autograd.gradcheck."""
    import torch

    def ask(case: Case) -> Verdict:
        class Function(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:  # noqa: ANN401  torch may be absent
                ctx.save_for_backward(x)
                return torch.from_numpy(case.function(x.detach().numpy()).copy())

            @staticmethod
            def backward(ctx: Any, c: Any) -> Any:  # noqa: ANN401
                (x,) = ctx.saved_tensors
                return torch.from_numpy(np.array(case.gradient(x.detach().numpy(), c.numpy()))).to(x)

        torch.manual_seed(0)
        x = torch.from_numpy(case.x.copy()).requires_grad_()
        return _verdict(lambda: torch.autograd.gradcheck(Function.apply, (x,), fast_mode=fast))

    return ask


def check_grads() -> Callable[[Case], Verdict]:
    """jax.test_util.check_grads."""
    import logging

    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  as jax has it
    logging.getLogger("jax").setLevel(logging.CRITICAL)  # a gradient that raises is an answer here

    def ask(case: Case) -> Verdict:
        outputs = jax.ShapeDtypeStruct(case.function(case.x).shape, case.x.dtype)
        inputs = jax.ShapeDtypeStruct(case.x.shape, case.x.dtype)

        @jax.custom_vjp
        def function(x: Any) -> Any:  # noqa: ANN401  jax may be absent
            return jax.pure_callback(lambda x: case.function(np.asarray(x)), outputs, x)

        def backward(x: Any, c: Any) -> Any:  # noqa: ANN401
            def called(x: Any, c: Any) -> Array:  # noqa: ANN401
                return np.asarray(case.gradient(np.asarray(x), np.asarray(c)), case.x.dtype)

            return (jax.pure_callback(called, inputs, x, c),)

        function.defvjp(lambda x: (function(x), x), backward)
        return _verdict(lambda: check_grads(function, (case.x,), order=1, modes=["rev"]) is None)

    return ask


def check_grad(direction: str) -> Callable[[Case], Verdict]:
    """scipy.optimize.check_grad; of several outputs a fixed sum is checked."""
    from scipy.optimize import check_grad

    def ask(case: Case) -> Verdict:
        size = len(case.function(case.x))
        c = np.ones(1) if size == 1 else np.random.default_rng(1).normal(size=size)

        def distance() -> float:
            return check_grad(
                lambda x: float(c @ case.function(x)), lambda x: case.gradient(x, c), case.x, direction=direction, rng=0
            )

        return _verdict(lambda: distance() < SMALL)

    return ask


def _verdict(passes: Callable[[], Any]) -> Verdict:
    try:
        return "right" if passes() else "wrong"
    except Exception:  # noqa: BLE001  it raises because it is wrong, or it raises, and its user's test fails
        return "wrong"


def checkers() -> tuple[list[Checker], list[str]]:
    """All that are installed, and the names of those that are not."""
    found, missing = [], []
    for name, make in (
        ("backlight", lambda: backlight),
        ("backlight, recipe", lambda: backlight_with_recipe),
        ("torch gradcheck", lambda: gradcheck(fast=False)),
        ("gradcheck, fast", lambda: gradcheck(fast=True)),
        ("jax check_grads", check_grads),
        ("scipy check_grad", lambda: check_grad("all")),
        ("check_grad, random", lambda: check_grad("random")),
    ):
        try:
            found.append(Checker(name, make()))
        except ImportError:
            missing.append(name)
    return found, missing


def asked(checker: Checker, case: Case) -> Verdict:
    """What a checker says, without its warnings."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return checker.ask(case)
        except bl.BacklightError:
            return "wrong"
