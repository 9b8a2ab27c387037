"""Two parts of an expression that do not go together, before anything is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ast

    from backlight.checks.units.dimensions import Dimension

Kind = Literal["sum", "product", "index", "units", "result"]


@dataclass(frozen=True)
class Part:
    """A piece of the expression with what it is measured in."""

    nodes: tuple[ast.expr, ...]
    dimension: Dimension


class ConflictError(Exception):
    """Two parts do not go together.

    Attributes
    ----------
    kind : {"sum", "product", "index", "units", "result"}
        They are added; multiplied number by number; added up over an index by a matrix product; one part is added up
        over units of its own; the whole is not what belongs there.
    where : ast.expr
    left, right : Part
    """

    def __init__(self, kind: Kind, where: ast.expr, left: Part, right: Part) -> None:
        super().__init__(kind)
        self.kind, self.where, self.left, self.right = kind, where, left, right
