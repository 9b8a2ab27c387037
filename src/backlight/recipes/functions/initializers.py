"""The initializers a recipe may name: the distributions and option names of torch.nn.init.

fan_in is the number of inputs of the layer and fan_out the number of its units. Drawing is in
`recipes/start`, once for all engines, so that every engine starts from the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backlight.recipes.functions.options import Option

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Initializer:
    """One distribution of initial weights; biases always start at zero."""

    name: str
    formula: str
    options: Mapping[str, Option] = field(default_factory=dict)
    source: str = ""


_GAIN = Option(default=1.0, low=0.0, meaning="factor on the spread")
_KAIMING = {
    "a": Option(default=0.0, meaning="negative slope of the leaky ReLU that follows"),
    "mode": Option(default="fan_in", kind="word", choices=("fan_in", "fan_out"), meaning="which fan divides"),
    "nonlinearity": Option(
        default="leaky_relu",
        kind="word",
        choices=("leaky_relu", "relu", "tanh", "sigmoid", "linear", "selu"),
        meaning="chooses the gain",
    ),
}

INITIALIZERS: dict[str, Initializer] = {
    initializer.name: initializer
    for initializer in (
        Initializer(name="zeros", formula="w = 0", source="torch.nn.init.zeros_"),
        Initializer(
            name="constant",
            formula="w = val",
            options={"val": Option(default=0.0, meaning="the value of every weight")},
            source="torch.nn.init.constant_; its val has no default, here it is 0",
        ),
        Initializer(
            name="uniform",
            formula="w ~ U(a, b)",
            options={"a": Option(default=0.0, meaning="lower end"), "b": Option(default=1.0, meaning="upper end")},
            source="torch.nn.init.uniform_",
        ),
        Initializer(
            name="normal",
            formula="w ~ N(mean, std^2)",
            options={
                "mean": Option(default=0.0, meaning="centre"),
                "std": Option(default=1.0, low=0.0, meaning="standard deviation"),
            },
            source="torch.nn.init.normal_",
        ),
        Initializer(
            name="xavier_uniform",
            formula="w ~ U(-r, r), r = gain sqrt(6 / (fan_in + fan_out))",
            options={"gain": _GAIN},
            source="Glorot, Bengio, AISTATS (2010), eq. 16",
        ),
        Initializer(
            name="xavier_normal",
            formula="w ~ N(0, s^2), s = gain sqrt(2 / (fan_in + fan_out))",
            options={"gain": _GAIN},
            source="Glorot, Bengio, AISTATS (2010), eq. 12",
        ),
        Initializer(
            name="kaiming_uniform",
            formula="w ~ U(-r, r), r = gain sqrt(3 / fan)",
            options=_KAIMING,
            source="He, Zhang, Ren, Sun, ICCV (2015); torch.nn.init.kaiming_uniform_",
        ),
        Initializer(
            name="kaiming_normal",
            formula="w ~ N(0, s^2), s = gain / sqrt(fan)",
            options=_KAIMING,
            source="He, Zhang, Ren, Sun, ICCV (2015), eq. 10; torch.nn.init.kaiming_normal_",
        ),
        Initializer(
            name="orthogonal",
            formula="W = gain Q, Q with orthonormal rows or columns, uniform (Haar)",
            options={"gain": _GAIN},
            source="Saxe, McClelland, Ganguli, ICLR (2014); Mezzadri, Notices AMS 54 (2007)",
        ),
    )
}
