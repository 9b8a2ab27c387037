from typing import NamedTuple

import pytest

from backlight import language
from backlight.cli import main


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def backlight(capsys, monkeypatch, tmp_path):
    """Run the command line in an empty folder and give exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", "en")

    def run(*words: str) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(words))
        out, err = capsys.readouterr()
        return Outcome(left.value.code, out, err)

    yield run
    language.use("en")
