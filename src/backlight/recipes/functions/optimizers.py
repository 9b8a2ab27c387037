"""The optimizers a recipe may name; options are named, defaulted and meant as in torch.optim.

In the formulas w is a parameter, g = dL/dw, t = 1, 2, ... counts the updates; every other letter starts at 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backlight.recipes.functions.options import Option

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """One rule that turns a gradient into an update; ``state`` names what it remembers per parameter."""

    name: str
    formula: str
    state: tuple[str, ...] = ()
    convention: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)
    source: str = ""


def _weight_decay(default: float, meaning: str) -> Option:
    """The option every optimizer here has."""
    return Option(default=default, low=0.0, meaning=meaning)


_EPS = Option(default=1e-8, low=0.0, meaning="added to the root, so that nothing is divided by zero")
_BETAS = Option(
    default=(0.9, 0.999), kind="pair", low=0.0, high=1.0, open_high=True, meaning="decay of the two moments"
)
_AMSGRAD = Option(default=False, kind="flag", meaning="divide by the largest second moment so far")
_ADDED = "added to the gradient as weight_decay w"

OPTIMIZERS: dict[str, Optimizer] = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer(
            name="sgd",
            formula="v := momentum v + g (the first v is g);  w := w - learning_rate (g + momentum v if nesterov else v)",
            state=("velocity",),
            convention="without momentum w := w - learning_rate g; the learning rate is outside the velocity",
            options={
                "momentum": Option(default=0.0, low=0.0, meaning="how much of the velocity stays"),
                "nesterov": Option(default=False, kind="flag", meaning="look one step ahead; needs momentum > 0"),
                "weight_decay": _weight_decay(0.0, _ADDED),
            },
            source="torch.optim.SGD; Sutskever et al., ICML (2013)",
        ),
        Optimizer(
            name="rmsprop",
            formula="s := alpha s + (1 - alpha) g^2;  w := w - learning_rate g / (sqrt(s) + eps)",
            state=("square_average", "gradient_average", "velocity"),
            convention="eps outside the root; centered subtracts the squared mean of g; momentum collects the quotient",
            options={
                "alpha": Option(default=0.99, low=0.0, high=1.0, meaning="decay of the square average"),
                "eps": _EPS,
                "weight_decay": _weight_decay(0.0, _ADDED),
                "momentum": Option(default=0.0, low=0.0, meaning="how much of the velocity stays"),
                "centered": Option(default=False, kind="flag", meaning="divide by the standard deviation of g"),
            },
            source="torch.optim.RMSprop; Hinton, lecture 6e (2012)",
        ),
        Optimizer(
            name="adagrad",
            formula="s := s + g^2;  w := w - learning_rate / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)",
            state=("square_sum",),
            options={
                "lr_decay": Option(default=0.0, low=0.0, meaning="how fast the learning rate falls"),
                "weight_decay": _weight_decay(0.0, _ADDED),
                "initial_accumulator_value": Option(default=0.0, low=0.0, meaning="where s starts"),
                "eps": Option(default=1e-10, low=0.0, meaning="added to the root"),
            },
            source="torch.optim.Adagrad; Duchi, Hazan, Singer, JMLR 12 (2011)",
        ),
        Optimizer(
            name="adam",
            formula=(
                "m := beta1 m + (1 - beta1) g;  s := beta2 s + (1 - beta2) g^2;  "
                "w := w - learning_rate / (1 - beta1^t) m / (sqrt(s) / sqrt(1 - beta2^t) + eps)"
            ),
            state=("first_moment", "second_moment", "largest_second_moment"),
            options={
                "betas": _BETAS,
                "eps": _EPS,
                "weight_decay": _weight_decay(0.0, _ADDED),
                "amsgrad": _AMSGRAD,
            },
            source="torch.optim.Adam; Kingma, Ba, ICLR (2015), algorithm 1",
        ),
        Optimizer(
            name="adamw",
            formula="w := w (1 - learning_rate weight_decay), then as adam without its weight decay",
            state=("first_moment", "second_moment", "largest_second_moment"),
            options={
                "betas": _BETAS,
                "eps": _EPS,
                "weight_decay": _weight_decay(0.01, "shrinks the parameter itself, before the step"),
                "amsgrad": _AMSGRAD,
            },
            source="torch.optim.AdamW; Loshchilov, Hutter, ICLR (2019), algorithm 2",
        ),
    )
}
