"""Who finds wrong gradients, and who accuses right ones? backlight beside gradcheck, check_grads and check_grad.

The gradients and the checkers are in the folder `gradients`. Writes benchmarks/results/gradients.md.
Run: python benchmarks/gradients.py [number of random networks, 20 by default]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.gradients.__main__ import main

if __name__ == "__main__":
    main()
