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

    from backlight.checks.placing.anywhere.edits import Edit

SWITCH, SEEN, STEPPED, BENT = "_edit_on_", "_edit_seen_", "_edit_stepped_", "_edit_bent_"
INTO = {"subtract", "add", "sub", "sub_", "add_", "copy_", "addcmul_", "addcdiv_", "copyto", "sum", "dot", "matmul"}
"""What gives a sum as a call."""
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
    body = writer.visit(tree)
    ast.fix_missing_locations(body)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = marshal.dumps(compile(body, program.path, "exec", dont_inherit=True))
    place_of = {number: -1 - place for place, some in enumerate(writer.switches) for number in some}
    on = [[*case, *(place_of[one] for one in case if one in place_of)] for case in job.cases]
    told = (code, program.path, len(edits) + len(writer.switches), on, job.numbers, job.close)
    driver = TEXT.replace("_CALLS_", str(job.calls)).replace("_SECONDS_", str(SECONDS)).replace("_JOB_", repr(told))
    return Program(program.path, DRIVER.replace("_TEXT_", repr(driver)))


class _Writer(ast.NodeTransformer):
    """Writes every edit beside what it stands for."""

    def __init__(self, edits: Sequence[Edit], *, everything: bool) -> None:
        self.everything = everything
        self.of: dict[int, list[tuple[int, Edit]]] = {}
        for number, one in enumerate(edits):
            self.of.setdefault(id(one.first), []).append((number, one))
        self.busy = False
        self.switches: list[list[int]] = []
        """For each place the edits of it: a switch of its own says whether one of them is on."""

    def visit(self, node: ast.AST) -> ast.AST:
        """A part with its edits beside it."""
        mine = () if self.busy else self.of.get(id(node), ())
        made = self._seen(super().visit(node))
        if not mine or not isinstance(node, ast.expr):
            return made
        self.busy = True
        other: ast.expr = ast.Constant(None)
        for number, one in reversed(mine):
            made_of = one.tree
            if made_of is not None:
                edit = self.visit(made_of.body[0].value)  # type: ignore[attr-defined]  # an expression
                other = ast.IfExp(test=_is_on(number), body=edit, orelse=other)
        self.busy = False
        here = len(self.switches)
        self.switches.append([number for number, _one in mine])
        return ast.IfExp(test=_is_on(-1 - here), body=other, orelse=made)

    def _seen(self, node: ast.AST) -> ast.AST:
        """A number that may be one of those looked for is looked at."""
        sums = isinstance(node, ast.BinOp) and (self.everything or isinstance(node.op, ast.Add | ast.Sub | ast.MatMult))
        calls = isinstance(node, ast.Call) and (
            self.everything or (isinstance(node.func, ast.Attribute) and node.func.attr in INTO)
        )
        either = self.everything and isinstance(node, ast.IfExp)
        return _call(SEEN, node) if sums or calls or either else node  # type: ignore[arg-type]

    # ---- statements ------------------------------------------------------------------------------------

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """The blocks of a part, then all else in it."""
        blocks = {}
        for name in ("body", "orelse", "finalbody"):
            some = getattr(node, name, None)
            if isinstance(some, list) and some and isinstance(some[0], ast.stmt):
                blocks[name] = self._block(some)
        if not blocks:
            return super().generic_visit(node)
        kept = {name: getattr(node, name) for name in blocks}
        for name in blocks:
            setattr(node, name, [])
        super().generic_visit(node)
        for name in kept:
            setattr(node, name, blocks[name])
        return node

    def _block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        moved: dict[int, list[int]] = {}
        for place, one in enumerate(statements):
            mine = () if self.busy else self.of.get(id(one), ())
            plain = self._statement(one)
            busy, self.busy = self.busy, True
            for number, edit in reversed(mine):
                tree = edit.tree
                if tree is None:
                    continue
                other = [made for each in tree.body for made in self._statement(each)]
                plain = [ast.If(test=_is_on(number), body=other, orelse=plain)]
                for later in statements[place + 1 : statements.index(edit.last) + 1]:
                    moved.setdefault(id(later), []).append(number)
            self.busy = busy
            for number in moved.get(id(one), ()):
                plain = [ast.If(test=ast.UnaryOp(ast.Not(), _is_on(number)), body=plain, orelse=[])]
            found += plain
        return found

    def _statement(self, one: ast.stmt) -> list[ast.stmt]:
        made: ast.stmt = super().visit(one)  # type: ignore[assignment]
        if isinstance(one, ast.AugAssign):
            target = ast.parse(ast.unparse(one.target), mode="eval").body
            return [made, ast.Expr(_call(SEEN, target))]
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) and isinstance(one.value.func, ast.Attribute):
            if one.value.func.attr == "step":
                owner = ast.parse(ast.unparse(one.value.func.value), mode="eval").body
                return [made, ast.Expr(_call(STEPPED, owner))]
        return [made]


def _is_on(number: int) -> ast.expr:
    return ast.Subscript(ast.Name(SWITCH, ast.Load()), ast.Constant(number), ast.Load())


def _call(name: str, value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [value], [])
