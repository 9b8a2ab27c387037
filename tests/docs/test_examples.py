"""What README.md and the pages of docs/ show is what happens; and a page that shows something else is found."""

import tomllib

import pytest

from docs import examples as docs

EXAMPLES = [example for page in docs.pages() for example in docs.examples(page)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_shows_what_happens(example):
    if any("autograd" in block["text"] for block in example.blocks):
        pytest.importorskip("torch")
    outcome = example.play()
    assert example.shown(outcome.pictures) == outcome, "python docs/examples.py --write puts it right"


@pytest.mark.parametrize("page", docs.pages(), ids=lambda page: str(page.relative_to(docs.ROOT)))
def test_no_decimal_in_the_prose_is_unexecuted(page):
    python = tomllib.loads((docs.ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    assert set(docs.unexecuted_decimals(page)) <= {python}


# ---- the tester, tested --------------------------------------------------------------------------------


def written(monkeypatch, folder, text):
    """A page with one example, beside its pictures."""
    monkeypatch.setattr(docs, "ROOT", folder)
    monkeypatch.setattr(docs, "IMAGES", folder / "images")
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


PAGE = """
The half of it is 0.25.

```{code-block} toml
:caption: half.toml

half = 0.25
```

```console
$ cat half.toml | \\
    head -1
half = 0.25
$ echo again
again
```

```pycon
>>> half = 0.25
>>> for factor in (1, 2):
...     print(factor * half)
0.25
0.5
```

Behind a paragraph the session goes on.

```pycon
>>> half / 0
Traceback (most recent call last):
    ...
ZeroDivisionError: float division by zero
```
"""


def differing(page):
    """The examples of a page that show something else than what happens."""
    return [example.name for example in docs.examples(page) if example.play() != example.shown([])]


def test_a_true_page_passes_and_writing_it_changes_nothing(monkeypatch, tmp_path):
    page = written(monkeypatch, tmp_path, PAGE)
    assert differing(page) == []
    assert docs.rewritten(page, {example: example.play() for example in docs.examples(page)}) == PAGE


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("half = 0.25\n$ echo", "half = 0.24\n$ echo", "page.md:10"),
        ("again\n```", "again \n```", "page.md:10"),
        ("again\n```", "```", "page.md:10"),
        ("\n0.5\n", "\n0.4\n", "page.md:18"),
        ("by zero", "by nothing", "page.md:18"),
    ],
)
def test_a_wrong_letter_is_found_and_writing_mends_it(monkeypatch, tmp_path, right, wrong, where):
    assert PAGE.count(right) == 1
    page = written(monkeypatch, tmp_path, PAGE.replace(right, wrong))
    assert differing(page) == [where]
    assert docs.rewritten(page, {example: example.play() for example in docs.examples(page)}) == PAGE


def test_a_decimal_that_nothing_executed_shows_is_found(monkeypatch, tmp_path):
    page = written(monkeypatch, tmp_path, PAGE.replace("of it is 0.25", "of it is 0.26"))
    assert docs.unexecuted_decimals(page) == ["0.26"]
    page = written(monkeypatch, tmp_path, PAGE + "```text\nunexecuted: 1e-9\n```\n")
    assert docs.unexecuted_decimals(page) == ["1e-9"]


def test_a_command_that_fails_is_not_shown_as_silence():
    with pytest.raises(RuntimeError, match="left with 3\nsorry"):
        docs.play_console("$ echo sorry >&2; exit 3 | head\n")
    assert docs.play_console("$ (echo sorry >&2; exit 3) 2>&1\n") == "$ (echo sorry >&2; exit 3) 2>&1\nsorry\n"


def test_a_picture_belongs_to_the_example_that_draws_it(monkeypatch, tmp_path):
    text = "![A point](images/point.svg)\n\n```console\n$ printf '<svg/>' > point.svg\n```\n"
    page = written(monkeypatch, tmp_path, text)
    (example,) = docs.examples(page)
    outcome = example.play()
    assert outcome.pictures == {"point.svg": b"<svg/>"}
    assert example.shown(outcome.pictures) != outcome, "the picture is missing"
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "point.svg").write_bytes(b"<svg/>")
    assert example.shown(outcome.pictures) == outcome, "python docs/examples.py --write puts it right"
    (tmp_path / "images" / "point.svg").write_bytes(b"<svg />")
    assert example.shown(outcome.pictures) != outcome, "the picture is another"
