"""The losses a recipe may name, each with its convention written out.

`over_outputs` says how a sample's outputs are reduced; the recipe's `over_samples` is applied after it.
There are no clamps: where a formula is infinite, it is infinite. 0 log 0 = 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from backlight.recipes.functions.options import Option

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Loss:
    """One loss between the last activations a and the targets y of one sample.

    ``targets`` is the domain in which the loss means what it says; outside it there is a finding, not an error.
    ``inner`` names the function inside the loss whose value is the quantity ``p``.
    ``wants_probabilities`` says that a itself must lie in [0, 1] for the logarithms to exist.
    """

    name: str
    formula: str
    derivative: str
    over_outputs: Literal["sum", "mean"]
    targets: Literal["any", "distribution", "unit_interval"] = "any"
    inner: Literal["softmax", "sigmoid"] | None = None
    wants_probabilities: bool = False
    convention: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)
    source: str = ""


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss(
            name="half_sum_squared_error",
            formula="L = sum_k 1/2 (a_k - y_k)^2",
            derivative="dL/da_k = a_k - y_k",
            over_outputs="sum",
            source="Rumelhart, Hinton, Williams, Nature 323 (1986), eq. 3",
        ),
        Loss(
            name="mean_squared_error",
            formula="L = 1/K sum_k (a_k - y_k)^2",
            derivative="dL/da_k = 2 (a_k - y_k) / K",
            over_outputs="mean",
            convention="no 1/2: equal to half_sum_squared_error only when K = 2",
            source="torch.nn.MSELoss",
        ),
        Loss(
            name="mean_absolute_error",
            formula="L = 1/K sum_k |a_k - y_k|",
            derivative="dL/da_k = sign(a_k - y_k) / K",
            over_outputs="mean",
            convention="slope 0 where a = y, as in torch",
            source="torch.nn.L1Loss",
        ),
        Loss(
            name="huber",
            formula="L = 1/K sum_k (1/2 e_k^2 if |e_k| <= delta else delta (|e_k| - 1/2 delta)), e = a - y",
            derivative="dL/da_k = (e_k if |e_k| <= delta else delta sign(e_k)) / K",
            over_outputs="mean",
            options={"delta": Option(default=1.0, low=0.0, open_low=True, meaning="where the square ends")},
            source="Huber, Ann. Math. Statist. 35 (1964); torch.nn.HuberLoss",
        ),
        Loss(
            name="cross_entropy",
            formula="L = - sum_k y_k log a_k",
            derivative="dL/da_k = - y_k / a_k",
            over_outputs="sum",
            targets="distribution",
            wants_probabilities=True,
            convention="a are probabilities already, of a softmax layer; a term with y = 0 is 0",
            source="Shannon (1948)",
        ),
        Loss(
            name="softmax_cross_entropy",
            formula="L = - sum_k y_k log p_k, p = softmax(a)",
            derivative="dL/da_k = p_k sum_j y_j - y_k",
            over_outputs="sum",
            targets="distribution",
            inner="softmax",
            convention="the softmax is inside the loss: the last activation is usually identity",
            source="torch.nn.CrossEntropyLoss with class probabilities",
        ),
        Loss(
            name="binary_cross_entropy",
            formula="L = - 1/K sum_k (y_k log a_k + (1 - y_k) log(1 - a_k))",
            derivative="dL/da_k = (a_k - y_k) / (a_k (1 - a_k)) / K",
            over_outputs="mean",
            targets="unit_interval",
            wants_probabilities=True,
            convention="no clamp of the logarithm at -100, which torch has; a term with factor 0 is 0",
            source="torch.nn.BCELoss",
        ),
        Loss(
            name="sigmoid_binary_cross_entropy",
            formula="L = 1/K sum_k (log(1 + exp(a_k)) - y_k a_k), p = sigmoid(a)",
            derivative="dL/da_k = (p_k - y_k) / K",
            over_outputs="mean",
            targets="unit_interval",
            inner="sigmoid",
            convention="the sigmoid is inside the loss: the last activation is usually identity",
            source="torch.nn.BCEWithLogitsLoss",
        ),
    )
}
