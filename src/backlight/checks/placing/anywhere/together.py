"""All edits of a program in one program, which runs itself once for every one of them and says what it computed.

Each edit stands beside what it is an edit of, and a number chooses: so nothing is compiled twice. What is looked for is
a number that is added to, taken away or stored; the program itself is the same in all else.
"""

from __future__ import annotations

import ast
import marshal
import warnings
from typing import TYPE_CHECKING, NamedTuple

from backlight.checks.observing.observation import Program
from backlight.checks.placing.anywhere.driver import DRIVER, TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlight.checks.placing.anywhere.edit import Edit

SWITCH, SEEN, STEPPED, BENT = "_edit_on_", "_edit_seen_", "_edit_stepped_", "_edit_bent_"
SUMS = {"subtract", "add", "sub", "sub_", "add_", "copy_", "addcmul_", "addcdiv_", "copyto", "sum", "dot", "matmul"}
"""Calls that give a sum."""
BLOCKS = ("body", "orelse", "finalbody")
SECONDS = 6.0
"""All runs together take no longer."""


class Job(NamedTuple):
    """What is to be found out.

    Attributes
    ----------
    cases : sequence of sequence of int
        The edits that are made together, for each run.
    numbers : list of float
    close : float
        How near a number must be to one of them, relative.
    calls : int
        So many numbers are looked at in a run, at most.
    """

    cases: Sequence[Sequence[int]]
    numbers: list[float]
    close: float
    calls: int


def together(
    program: Program, tree: ast.Module, edits: Sequence[Edit], job: Job, *, everything: bool = False
) -> Program:
    """The program that runs itself for each case and prints which of the numbers it computes."""
    writer = _Writer(edits, everything=everything)
    writer.visit(tree)
    ast.fix_missing_locations(tree)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = marshal.dumps(compile(tree, program.path, "exec"))
    place_of = {number: -1 - place for place, some in enumerate(writer.switches) for number in some}
    on = [[*case, *(place_of[one] for one in case if one in place_of)] for case in job.cases]
    told = (code, program.path, len(edits) + len(writer.switches), on, job.numbers, job.close)
    driver = TEXT.replace("_CALLS_", str(job.calls)).replace("_SECONDS_", str(SECONDS)).replace("_JOB_", repr(told))
    return Program(program.path, DRIVER.replace("_TEXT_", repr(driver)))


class _Writer(ast.NodeTransformer):
    """Writes every edit beside what it stands for; in an edit there is no other one."""

    def __init__(self, edits: Sequence[Edit], *, everything: bool) -> None:
        self.everything = everything
        self.of: dict[int, list[tuple[int, Edit]]] = {}
        for number, one in enumerate(edits):
            self.of.setdefault(id(one.first), []).append((number, one))
        self.in_an_edit = False
        self.switches: list[list[int]] = []
        """For each expression its edits: a switch of its own says whether one of them is on."""

    def visit(self, node: ast.AST) -> ast.AST:
        """A part with its edits beside it."""
        if isinstance(node, ast.pattern):
            return node  # what a case matches is no expression
        mine = () if self.in_an_edit else self.of.get(id(node), ())
        made = self._seen(super().visit(node))
        if not mine or not isinstance(made, ast.expr) or isinstance(made, ast.Starred):
            return made
        if not isinstance(getattr(made, "ctx", ast.Load()), ast.Load):
            return made
        self.switches.append([number for number, _edit in mine])
        other: ast.expr = ast.Constant(None)
        for number, edit in reversed(mine):
            written = self._written(edit)
            if written:
                value = written[0].value  # type: ignore[attr-defined]  # an expression
                other = ast.IfExp(test=_is_on(number), body=value, orelse=other)
        return ast.IfExp(test=_is_on(-len(self.switches)), body=other, orelse=made)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """The blocks of a part, then all else in it."""
        made = {name: self._block(getattr(node, name)) for name in BLOCKS if _is_block(getattr(node, name, None))}
        for name in made:
            setattr(node, name, [])
        super().generic_visit(node)
        for name, some in made.items():
            setattr(node, name, some)
        return node

    def _block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Statements with their edits beside them; what an edit covers behind its first one is left out with it."""
        found: list[ast.stmt] = []
        covered: dict[int, list[int]] = {}
        for place, one in enumerate(statements):
            mine = () if self.in_an_edit else self.of.get(id(one), ())
            plain = self._statement(one)
            for number, edit in reversed(mine):
                written = self._written(edit)
                if written:
                    plain = [ast.If(test=_is_on(number), body=written, orelse=plain)]
                    for later in statements[place + 1 : statements.index(edit.last) + 1]:
                        covered.setdefault(id(later), []).append(number)
            for number in covered.get(id(one), ()):
                plain = [ast.If(test=ast.UnaryOp(ast.Not(), _is_on(number)), body=plain, orelse=[])]
            found += plain
        return found

    def _written(self, edit: Edit) -> list[ast.stmt]:
        """What an edit writes, looked at like the program; nothing where it is no Python."""
        tree = edit.tree
        if tree is None:
            return []
        before, self.in_an_edit = self.in_an_edit, True
        made = [each for one in tree.body for each in self._statement(one)]
        self.in_an_edit = before
        return made

    def _statement(self, one: ast.stmt) -> list[ast.stmt]:
        """A statement; what it changes in place is looked at behind it."""
        owner = _stepping(one)
        made: ast.stmt = super().visit(one)
        if isinstance(one, ast.AugAssign):
            return [made, ast.Expr(_call(SEEN, _copy(one.target)))]
        if owner is not None:
            return [made, ast.Expr(_call(STEPPED, owner))]
        return [made]

    def _seen(self, node: ast.AST) -> ast.AST:
        """A number that may be one of those looked for is looked at."""
        if isinstance(node, ast.BinOp):
            looked_at = self.everything or isinstance(node.op, ast.Add | ast.Sub | ast.MatMult)
        elif isinstance(node, ast.Call):
            looked_at = self.everything or (isinstance(node.func, ast.Attribute) and node.func.attr in SUMS)
        else:
            looked_at = self.everything and isinstance(node, ast.IfExp)
        return _call(SEEN, node) if looked_at else node  # type: ignore[arg-type]


def _stepping(statement: ast.stmt) -> ast.expr | None:
    """What takes a step, an optimizer."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    is_one = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "step"
    return _copy(call.func.value) if is_one else None  # type: ignore[union-attr]


def _is_block(some: object) -> bool:
    return isinstance(some, list) and bool(some) and isinstance(some[0], ast.stmt)


def _is_on(number: int) -> ast.expr:
    return ast.Subscript(ast.Name(SWITCH, ast.Load()), ast.Constant(number), ast.Load())


def _call(name: str, value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [value], [])


def _copy(expression: ast.expr) -> ast.expr:
    """The same expression, as it is read."""
    return ast.parse(ast.unparse(expression), mode="eval").body
