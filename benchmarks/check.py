"""Is the checker right about programs in many styles, right ones and wrong ones?

The programs and what must be said of them are in the folder `check`. Writes benchmarks/results/check.md.
Run: python benchmarks/check.py [--help]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.check.__main__ import main

if __name__ == "__main__":
    main()
