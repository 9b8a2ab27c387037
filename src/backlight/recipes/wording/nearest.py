"""Which name was meant: the nearest of the known ones."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ALSO_CALLED = {
    "linear": "identity",
    "logistic": "sigmoid",
    "swish": "silu",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "l1": "mean_absolute_error",
    "smooth_l1": "huber",
    "bce": "binary_cross_entropy",
    "gradient_descent": "sgd",
    "xavier": "xavier_uniform",
    "glorot": "xavier_uniform",
    "he": "kaiming_normal",
    "kaiming": "kaiming_uniform",
    "zero": "zeros",
    "float": "float32",
    "double": "float64",
    "lr": "learning_rate",
    "units": "layers",
    "x": "inputs",
    "y": "targets",
}
"""Names that other libraries and texts use, and what they are called here."""


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Find the known name that was most likely meant, or None where none is near.

    Examples
    --------
    >>> nearest("ReLu", ["relu", "elu"]), nearest("mse", ["huber", "mean_squared_error"]), nearest("?", ["relu"])
    ('relu', 'mean_squared_error', None)
    """
    if not isinstance(name, str):
        return None
    names = list(known)
    plain = name[:100].strip().lower().replace("-", "_").replace(" ", "_")
    plain = plain if plain in names else ALSO_CALLED.get(plain, plain)
    return next(iter(get_close_matches(plain, names, n=1)), None)
