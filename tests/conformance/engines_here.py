"""Every engine of backlight, as parameters of a test; what is not installed here is skipped with its reason."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from backlight.engines import ENGINES

NEEDS = {"autograd": "torch", "exact": "flint"}


def engine_parameter(*names: str):
    """One engine as a parameter, or several as parameters of one test, skipped where a library is missing."""
    missing = [needs for needs in map(NEEDS.get, names) if needs and find_spec(needs) is None]
    return pytest.param(*names, marks=pytest.mark.skipif(bool(missing), reason=f"not installed: {missing}"))


ENGINES_HERE = [engine_parameter(name) for name in ENGINES]
