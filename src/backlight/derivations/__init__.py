"""Why is each number what it is? The formulas of one iteration, each one step deep in terms of named quantities."""

from backlight.derivations.evaluate import evaluate
from backlight.derivations.expression import Expression, Symbol, every_part, names, replaced
from backlight.derivations.matrices import Matrices, transposed
from backlight.derivations.scalars import Scalars, updates_plainly
from backlight.derivations.source import source
from backlight.derivations.text import text

__all__ = [
    "Expression",
    "Matrices",
    "Scalars",
    "Symbol",
    "evaluate",
    "every_part",
    "names",
    "replaced",
    "source",
    "text",
    "transposed",
    "updates_plainly",
]
