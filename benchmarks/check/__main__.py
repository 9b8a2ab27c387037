"""Check all programs, several at a time, and write the table.

Failures are shown of the development set alone: nobody looks into the other one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from .asking import Score, asked
from .programs import Program, chance, programs
from .table import table

RESULTS = Path(__file__).parents[1] / "results" / "check.md"


def main() -> None:
    """Do what the command line says."""
    options = _options()
    chosen = [program for program in programs() if _wanted(program, options)]
    if options.write:
        write(chosen, options.write)
        return
    scores = scores_of(chosen, options.processes)
    text = table(scores, options.every)
    print(text)
    if options.failures:
        print("\n".join(score.sentence() for score in scores if not (score.good or score.program.held_out)))
    if not (options.style or options.set or options.name):
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/check.py", description=__doc__)
    parser.add_argument("--style", action="append", help="programs of this style only; may be given several times")
    parser.add_argument("--set", choices=["development", "held_out"], help="one of the two sets only")
    parser.add_argument("--name", help="programs only whose name has this in it")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one program of so many, by chance")
    parser.add_argument(
        "--failures", action="store_true", help="tell what was said of each of the development set that failed"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FOLDER", help="write programs, recipes and answers there; check nothing"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="how many are checked at a time")
    return parser.parse_args()


def _wanted(program: Program, options: argparse.Namespace) -> bool:
    return (
        (not options.style or program.style in options.style)
        and (not options.set or program.held_out == (options.set == "held_out"))
        and (not options.name or options.name in program.name)
        and chance(program.name) % options.every == 0
    )


def scores_of(chosen: list[Program], processes: int) -> list[Score]:
    """Check them all, in processes of their own that are used again."""
    scores = []
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for number, score in enumerate(pool.map(asked, chosen), 1):
            scores.append(score)
            if number % 25 == 0:
                print(f"{number} of {len(chosen)} programs", file=sys.stderr)
    return scores


def write(chosen: list[Program], folder: Path) -> None:
    """Write programs to files, each beside its recipe, and one file with all answers."""
    folder.mkdir(parents=True, exist_ok=True)
    answers = {}
    for program in chosen:
        (folder / program.file).write_text(program.text, encoding="utf-8")
        recipe = program.recipe
        if not isinstance(recipe, str):
            path = folder / (program.file.removesuffix(program.suffix) + ".json")
            path.write_text(json.dumps(recipe, indent=1), encoding="utf-8")
            recipe = path.name
        answers[program.file] = {"recipe": recipe, **program.answer}
    (folder / "answers.json").write_text(json.dumps(answers, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
