"""The examples of README.md and of docs/: play them, say where a page shows something else, or rewrite the page.

    python docs/examples.py            name the examples that show something else than what happens
    python docs/examples.py --write    write what happens into the pages, and the pictures into docs/images
    python docs/examples.py README.md  only this page

In a ```console block every line `$ command` is run by the shell in a fresh folder, 80 columns wide and in English;
the lines after it are its standard output, letter by letter. The ```pycon blocks of a page are one Python session.
A block with `:caption: NAME` is a file, and so is ```python NAME: NAME is there for the commands that follow it. Where a command draws NAME
and the page shows images/NAME, that picture is part of the example. Nothing else is executed, so nothing else may
show a result. tests/docs/ plays every example, and finds decimals in the prose that no example of its page shows.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from doctest import DocTestParser
from doctest import Example as Statement
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

DOCS = Path(__file__).parent
ROOT = DOCS.parent
IMAGES = DOCS / "images"

FENCED = re.compile(
    r"^```(?P<info>[^\n`]*)\n(?::caption: (?P<file>\S+)\n\n?)?(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
DECIMAL = re.compile(r"\d+\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+")


class Outcome(NamedTuple):
    """What the blocks should show, and the pictures that were drawn for the page."""

    texts: list[str]
    pictures: dict[str, bytes]


@dataclass(frozen=True, eq=False)
class Example:
    """Blocks of one page that are played together: one console block, or all the Python of the page."""

    page: Path
    language: str
    blocks: tuple[re.Match[str], ...]
    files: Mapping[str, str]

    @property
    def name(self) -> str:
        """The page, and the line where the first block begins."""
        first = self.blocks[0]
        return f"{self.page.relative_to(ROOT)}:{first.string.count(chr(10), 0, first.start()) + 1}"

    def shown(self, pictures: Iterable[str]) -> Outcome:
        """What the page shows now: its blocks, and those pictures."""
        kept = {name: (IMAGES / name).read_bytes() for name in pictures if (IMAGES / name).exists()}
        return Outcome([block["text"] for block in self.blocks], kept)

    def play(self) -> Outcome:
        """Execute the blocks in a folder of their own."""
        with TemporaryDirectory() as folder, chdir(folder):
            for name, text in self.files.items():
                Path(name).write_text(text, encoding="utf-8")
            shown = [block["text"] for block in self.blocks]
            texts = play_python(shown) if self.language == "pycon" else [play_console(text) for text in shown]
            wanted = re.findall(r"images/([\w.-]+)", self.blocks[0].string)
            return Outcome(texts, {name: Path(name).read_bytes() for name in wanted if Path(name).exists()})


def pages() -> list[Path]:
    """Every page that is written by hand."""
    written = (page for page in DOCS.rglob("*.md") if not any(part.startswith("_") for part in page.parts))
    return [ROOT / "README.md", *sorted(written)]


def examples(page: Path) -> Iterator[Example]:
    """Give the examples of a page in reading order; its Python comes last, as one."""
    files: dict[str, str] = {}
    session: list[re.Match[str]] = []
    for block in FENCED.finditer(page.read_text(encoding="utf-8")):
        if name := file_of(block):
            files[name] = block["text"]
        elif block["info"] == "console":
            yield Example(page, "console", (block,), dict(files))
        elif block["info"] == "pycon":
            session.append(block)
    if session:
        yield Example(page, "pycon", tuple(session), files)


def file_of(block: re.Match[str]) -> str:
    """The name of the file that a block is; empty for one that is none."""
    return block["file"] or (block["info"].partition(" ")[2] if block["info"].startswith("python ") else "")


def play_console(text: str) -> str:
    """Run every command of a block and lay its output below it; a line that ends with a backslash goes on."""
    shown = []
    for command in re.findall(r"^\$ (?:.*\\\n)*.*$", text, re.MULTILINE):
        output = shell(command.removeprefix("$ "))
        shown += [f"{command}\n", output, "" if output.endswith("\n") or not output else "\n"]
    return "".join(shown)


def shell(command: str) -> str:
    """Give the standard output of a command; a command may fail only where `2>&1` shows why."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env=environment | {"PATH": path, "LANG": "en", "COLUMNS": "80"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if result.returncode and "2>&1" not in command:
        message = f"$ {command}\nleft with {result.returncode}\n{result.stderr}"
        raise RuntimeError(message)
    return result.stdout


def play_python(texts: list[str]) -> list[str]:
    """Execute the statements of all blocks in one session and lay what each prints below it."""
    names: dict[str, Any] = {}
    return ["".join(_statement(part, names) for part in DocTestParser().parse(text)) for text in texts]


def _statement(part: str | Statement, names: dict[str, Any]) -> str:
    """One statement as it should look with its output; the text between statements stays as it is."""
    if isinstance(part, str):
        return part
    first, *further = part.source.splitlines(keepends=True)
    output = StringIO()
    with redirect_stdout(output):
        try:
            exec(compile(part.source, "<example>", "single"), names)  # noqa: S102  that is what a session does
        except Exception as error:  # noqa: BLE001  a page may show any error
            print("Traceback (most recent call last):\n    ...")
            print("".join(traceback.format_exception_only(error)), end="")
    return "".join([f">>> {first}", *(f"... {line}" for line in further), output.getvalue()])


def unexecuted_decimals(page: Path) -> list[str]:
    """Name the decimals of a page's prose that nothing executed on that page shows."""
    text = page.read_text(encoding="utf-8")
    executed = [block for block in FENCED.finditer(text) if file_of(block) or block["info"] in {"console", "pycon"}]
    shown = set(DECIMAL.findall("\n".join(block["text"] for block in executed)))
    for block in reversed(executed):
        text = text[: block.start()] + text[block.end() :]
    return [number for number in DECIMAL.findall(text) if number not in shown]


def rewritten(page: Path, played: Mapping[Example, Outcome]) -> str:
    """The page with every block as it should look."""
    text = page.read_text(encoding="utf-8")
    blocks = [pair for example, outcome in played.items() for pair in zip(example.blocks, outcome.texts, strict=True)]
    for block, new in sorted(blocks, key=lambda pair: pair[0].start(), reverse=True):
        text = text[: block.start("text")] + new + text[block.end("text") :]
    return text


def main() -> None:
    """Play everything; write what happens, or name what differs and leave with 1."""
    write, right = "--write" in sys.argv[1:], True
    only = [Path(word).resolve() for word in sys.argv[1:] if word != "--write"]
    for page in only or pages():
        played = {example: example.play() for example in examples(page)}
        for example, outcome in played.items():
            if outcome != example.shown(outcome.pictures):
                right = False
                print(example.name, "written" if write else "shows something else than what happens")
        if write:
            page.write_text(rewritten(page, played), encoding="utf-8")
            for name, picture in (pair for outcome in played.values() for pair in outcome.pictures.items()):
                IMAGES.mkdir(exist_ok=True)
                (IMAGES / name).write_bytes(picture)
    sys.exit(0 if right or write else 1)


if __name__ == "__main__":
    main()
