"""How long a command takes from the shell, beside a bare Python.

Whole processes, in turn, several times; medians are written to benchmarks/results/startup.md.
Run: python benchmarks/startup.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

RESULTS = Path(__file__).parent / "results" / "startup.md"
REPEATS = 21
BACKLIGHT = str(Path(sys.executable).parent / "backlight")
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import numpy'": [sys.executable, "-c", "import numpy"],
    "python -c 'import backlight'": [sys.executable, "-c", "import backlight"],
    "backlight --help": [BACKLIGHT, "--help"],
    "backlight run course": [BACKLIGHT, "run", "course"],
    "backlight --lang zh run course": [BACKLIGHT, "--lang", "zh", "run", "course"],
    "python -c 'import torch'": [sys.executable, "-c", "import torch"],
}


def main() -> None:
    """Measure every command and write the table."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(REPEATS + 1):
        for name, command in COMMANDS.items():
            begin = perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(perf_counter() - begin)
    rows = [
        f"| `{name}` | {median(times[1:]) * 1e3:.0f} | {min(times[1:]) * 1e3:.0f} |" for name, times in seconds.items()
    ]
    lines = [
        "# Start-up",
        "",
        f"Whole processes, medians of {REPEATS} interleaved runs. Made by `python benchmarks/startup.py`.",
        "",
        "| command | ms, median | ms, least |",
        "|---|---:|---:|",
        *rows,
    ]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
