"""Ask every checker about every gradient, and write the tables."""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

from .cases import cases
from .checkers import asked, checkers
from .table import Answer, tables

RESULTS = Path(__file__).parents[1] / "results" / "gradients.md"
NETWORKS = 20


def main() -> None:
    """Run all of it."""
    networks = int(sys.argv[1]) if len(sys.argv) > 1 else NETWORKS
    here, missing = checkers()
    answers = []
    for number, case in enumerate(cases(networks), 1):
        for checker in here:
            began = perf_counter()
            verdict = asked(checker, case)
            answers.append(Answer(checker.name, case, verdict, perf_counter() - began))
        if number % 50 == 0:
            print(f"{number} gradients", file=sys.stderr)
    text = tables(answers, missing, f"python benchmarks/gradients.py {networks}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
