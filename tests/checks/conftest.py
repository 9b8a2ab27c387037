"""What the tests of the check share."""

import pytest

import backlight as bl
from backlight.checks.observing.cage import begin


@pytest.fixture
def checked(tmp_path):
    """Write a program to a file and check it."""

    def check(text, recipe="course"):
        path = tmp_path / "program.py"
        path.write_text(text, encoding="utf-8")
        return bl.check(path, recipe=recipe)

    return check


@pytest.fixture
def new_servers(monkeypatch):
    """No child of this test is forked by a server that another test has used."""
    with monkeypatch.context() as here:
        here.setattr(begin, "_idle", [])
        yield
        begin._end_all()
