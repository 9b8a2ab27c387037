"""The public list is a test: a name that appears or goes is a decision, not an accident."""

import subprocess
import sys

import pytest

import backlight

PUBLIC = {
    "BacklightError",
    "Comparison",
    "Diagnosis",
    "Finding",
    "Recipe",
    "Trace",
    "assert_gradients",
    "check",
    "check_gradients",
    "compare",
    "load",
    "plot",
    "recipe",
    "run",
}


def test_the_public_names_are_these_and_no_others():
    assert set(backlight.__all__) == PUBLIC
    assert set(dir(backlight)) - {"__version__"} == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_exists_and_is_documented(name):
    assert getattr(backlight, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'recipee'"):
        _ = backlight.recipee


def modules_after(statement: str) -> set[str]:
    """Every module a fresh Python has imported after a statement."""
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


HEAVY = {"numpy", "pydantic", "flint", "torch", "matplotlib", "rich", "toml_rs", "xarray", "zarr", "sklearn"}


def test_importing_backlight_imports_nothing_heavy():
    assert not modules_after("import backlight") & HEAVY


def test_help_imports_nothing_heavy():
    statement = "from backlight.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    assert not modules_after(statement) & HEAVY


def test_a_run_by_hand_imports_only_what_it_computes_with():
    statement = "from backlight.cli import main\ntry: main(['run', 'course'])\nexcept SystemExit: pass"
    assert modules_after(statement) & HEAVY == {"numpy", "pydantic"}


def test_the_import_check_sees_what_is_imported():
    assert "numpy" in modules_after("import numpy")
