"""The activations a recipe may name: formula, derivative, range, convention and source of each.

These records are data: what is drawn, explained and validated. The arithmetic is written anew in each
engine, on purpose, because two engines that share a sigmoid prove nothing about each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backlight.recipes.functions.options import Option

if TYPE_CHECKING:
    from collections.abc import Mapping

INFINITY = float("inf")


@dataclass(frozen=True, kw_only=True)
class Activation:
    """One activation a = f(z).

    ``low`` and ``high`` bound what it can give; ``reaches_low`` and ``reaches_high`` say whether the bound
    itself is a value of f at a finite z. ``kink`` is the z where the slope jumps, if there is one, and
    ``convention`` the slope taken there.
    """

    name: str
    formula: str
    derivative: str
    low: float = -INFINITY
    high: float = INFINITY
    reaches_low: bool = False
    reaches_high: bool = False
    elementwise: bool = True
    kink: float | None = None
    convention: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)
    source: str = ""


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation(name="identity", formula="a = z", derivative="da/dz = 1", source="by definition"),
        Activation(
            name="sigmoid",
            formula="a = 1 / (1 + exp(-z))",
            derivative="da/dz = a (1 - a)",
            low=0.0,
            high=1.0,
            source="Rumelhart, Hinton, Williams, Nature 323 (1986), eq. 2",
        ),
        Activation(
            name="tanh",
            formula="a = tanh(z)",
            derivative="da/dz = 1 - a^2",
            low=-1.0,
            high=1.0,
            source="by definition",
        ),
        Activation(
            name="relu",
            formula="a = max(z, 0)",
            derivative="da/dz = 1 if z > 0 else 0",
            low=0.0,
            reaches_low=True,
            kink=0.0,
            convention="slope 0 at z = 0, as in torch; some texts take 1",
            source="Nair, Hinton, ICML (2010)",
        ),
        Activation(
            name="leaky_relu",
            formula="a = z if z > 0 else negative_slope z",
            derivative="da/dz = 1 if z > 0 else negative_slope",
            kink=0.0,
            convention="slope negative_slope at z = 0, as in torch",
            options={"negative_slope": Option(default=0.01, meaning="slope for z <= 0")},
            source="Maas, Hannun, Ng, ICML (2013); default of torch (Keras takes 0.3)",
        ),
        Activation(
            name="elu",
            formula="a = z if z > 0 else alpha (exp(z) - 1)",
            derivative="da/dz = 1 if z > 0 else alpha exp(z)",
            kink=0.0,
            convention="slope alpha at z = 0, as in torch; no kink when alpha = 1",
            options={"alpha": Option(default=1.0, meaning="-alpha is the limit for z -> -inf")},
            source="Clevert, Unterthiner, Hochreiter, ICLR (2016), eq. 15",
        ),
        Activation(
            name="softplus",
            formula="a = log(1 + exp(beta z)) / beta",
            derivative="da/dz = 1 / (1 + exp(-beta z))",
            low=0.0,
            convention="no threshold: torch switches to a = z above beta z = 20, backlight never does",
            options={"beta": Option(default=1.0, low=0.0, open_low=True, meaning="sharpness")},
            source="Dugas et al., NIPS (2001)",
        ),
        Activation(
            name="silu",
            formula="a = z / (1 + exp(-z))",
            derivative="da/dz = s + a (1 - s) with s = 1 / (1 + exp(-z))",
            low=-0.2784645427610738,
            reaches_low=True,
            source="Hendrycks, Gimpel (2016); Elfwing, Uchibe, Doya (2018)",
        ),
        Activation(
            name="gelu",
            formula="a = z Phi(z) with Phi(z) = erfc(-z / sqrt(2)) / 2",
            derivative="da/dz = Phi(z) + z exp(-z^2 / 2) / sqrt(2 pi)",
            low=-0.16997120747990369,
            reaches_low=True,
            convention="exact, with erf; not the tanh approximation",
            source="Hendrycks, Gimpel (2016), eq. 2",
        ),
        Activation(
            name="softmax",
            formula="a_i = exp(z_i) / sum_j exp(z_j)",
            derivative="da_i/dz_j = a_i ((i = j) - a_j)",
            low=0.0,
            high=1.0,
            elementwise=False,
            convention="over the units of one sample, never over samples",
            source="Bridle (1990)",
        ),
    )
}
