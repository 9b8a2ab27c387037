"""Every engine of backlight, as parameters of a test; what is not installed here is skipped with its reason."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from backlight.engines import ENGINES

NEEDS = {"autograd": "torch", "exact": "flint"}


def engine_parameter(name: str):
    """One engine as a parameter, skipped where its library is missing."""
    needs = NEEDS.get(name, "numpy")
    missing = find_spec(needs) is None
    return pytest.param(name, marks=pytest.mark.skipif(missing, reason=f"{needs} is not installed"))


ENGINES_HERE = [engine_parameter(name) for name in ENGINES]
OTHER_ENGINES = [engine_parameter(name) for name in ENGINES if name != "hand"]
