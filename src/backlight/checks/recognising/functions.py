"""What may be applied to the sums of a layer: the activations of the recipes, and what people put in their place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.engines.hand.activations import activation
from backlight.recipes.functions import ACTIVATIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.recipes.fields import ActivationChoice

    Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Function:
    """An activation with its options; or what stands in its place: two one after the other, a softmax over more.

    Attributes
    ----------
    name : str
    options : tuple of (str, float)
    within : Function or None
        What is applied to z before.
    over : str
        For softmax: ``units`` as it should be, ``samples`` or ``all``.
    shifted : bool
        For a softmax over something else: whether the largest is taken from z over the units all the same.
    negative : bool
        Whether it is applied to -z.
    """

    name: str
    options: tuple[tuple[str, float], ...] = ()
    within: Function | None = None
    over: str = "units"
    shifted: bool = False
    negative: bool = False

    def __call__(self, z: Array) -> Array:
        """Its values."""
        if self.negative:
            z = -z
        if self.within is not None:
            z = self.within(z)
        if self.shifted:
            z = z - z.max(axis=1, keepdims=True)
        if self.over == "samples":
            return Function("softmax")(z.T).T
        out = np.empty_like(z)
        with np.errstate(all="ignore"):
            if self.over == "all":
                return Function("softmax")(z.reshape(1, -1)).reshape(z.shape)
            activation(self.name, dict(self.options)).forward(z, out)
        return out

    @classmethod
    def of(cls, choice: ActivationChoice) -> Function:
        """The one that a recipe asks for."""
        return cls(choice.name, tuple((name, float(value)) for name, value in choice.options.items()))

    @property
    def is_plain(self) -> bool:
        """Whether a recipe can ask for it."""
        return self.within is None and self.over == "units" and not self.negative

    @property
    def written(self) -> str | dict[str, str | float]:
        """As in a recipe."""
        usual = {name: option.default for name, option in ACTIVATIONS[self.name].options.items()}
        options = {name: value for name, value in self.options if value != usual.get(name)}
        return {"name": self.name, **options} if options else self.name


PLAIN = tuple(
    Function(name, tuple((option, float(about.default)) for option, about in record.options.items()))  # type: ignore[arg-type]
    for name, record in ACTIVATIONS.items()
    if name != "identity"
)
"""All activations as they usually are."""
IDENTITY = Function("identity")


def in_its_place(asked: Function) -> list[Function]:
    """What may stand where an activation belongs, the likeliest first; itself is the first, nothing at all the last."""
    plain = [asked, *(one for one in PLAIN if one.name != asked.name)]
    usual = [one for one in plain if one.name in {"sigmoid", "tanh", "relu", "softmax", asked.name}]
    twice = [replace(one, within=other) for one in usual for other in usual if "identity" not in {one.name, other.name}]
    over = [Function("softmax", over=over, shifted=one) for one in (False, True) for over in ("samples", "all")]
    leaky = [Function("leaky_relu", (("negative_slope", slope),)) for slope in (0.1, 0.2, 0.05, 0.3, 0.001)]
    turned = [replace(one, negative=True) for one in usual if one.name in {"sigmoid", "softmax"}]
    found = [*plain, *leaky, *over, *twice, *turned]
    return found if asked == IDENTITY else [*found, IDENTITY]
