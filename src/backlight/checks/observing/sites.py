"""Number the places of the source where a value is seen, and the names they belong to."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from backlight.checks.observing.observation import Place, Site

if TYPE_CHECKING:
    from backlight.checks.observing.observation import Program, SiteKind
    from backlight.checks.observing.scopes import Scope


class Sites:
    """The lists of sites, names and scopes, while a program is rewritten."""

    def __init__(self, program: Program) -> None:
        self.lines = program.lines
        self.sites: list[Site] = []
        self.places: list[Place] = []
        self.scopes: list[str] = [""]
        self.place_of: list[int] = []
        self._numbers: dict[tuple[int, str], int] = {}

    def add(
        self, kind: SiteKind, node: ast.expr | ast.arg, *, name: str, scope: str, parent: int, statement: int
    ) -> int:
        """Add a site and give its number."""
        (line, column), (end_line, end_column) = self._position(node)
        site = Site(
            kind=kind,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            source=self.text(node),
            name=name,
            scope=scope,
            parent=parent,
            statement=statement,
        )
        self.sites.append(site)
        self.place_of.append(-1)
        return len(self.sites) - 1

    def belongs(self, site: int, home: Scope) -> int:
        """Say in which scope the name of a site lives; give the site again."""
        self.place_of[site] = self._place(home, self.sites[site].name)
        return site

    def text(self, node: ast.expr | ast.arg) -> str:
        """The source of an expression, exactly."""
        (line, column), (end_line, end_column) = self._position(node)
        if isinstance(node, ast.arg):
            return node.arg
        if line == end_line:
            return self.lines[line - 1][column:end_column]
        between = self.lines[line : end_line - 1]
        return "\n".join([self.lines[line - 1][column:], *between, self.lines[end_line - 1][:end_column]])

    def _place(self, home: Scope, name: str) -> int:
        if home.text not in self.scopes:
            self.scopes.append(home.text)
        key = self.scopes.index(home.text), name
        if key not in self._numbers:
            self._numbers[key] = len(self.places)
            self.places.append(Place(kind="name", owner=key[0], key=name, text=name))
        return self._numbers[key]

    def _position(self, node: ast.expr | ast.arg) -> tuple[tuple[int, int], tuple[int, int]]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._at(node.lineno, node.col_offset), self._at(end_line, end_column)

    def _at(self, line: int, column: int) -> tuple[int, int]:
        """Columns of the parser count bytes of UTF-8."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return line, column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))
