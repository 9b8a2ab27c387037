"""What the tests of the check share."""

import pytest

import backlight as bl


@pytest.fixture
def checked(tmp_path):
    """Write a program to a file and check it."""

    def check(text, recipe="course"):
        path = tmp_path / "program.py"
        path.write_text(text, encoding="utf-8")
        return bl.check(path, recipe=recipe)

    return check
