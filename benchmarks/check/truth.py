"""Is a program what its answer says? It is run as it is, and its parameters are compared with a run of its recipe.

Five rounds, from the initial values that the program itself has. No check is asked.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

import backlight as bl

if TYPE_CHECKING:
    from .programs import Program

Nested: TypeAlias = "float | list[Nested]"
ROUNDS = 5
CLOSE = {"float64": 1e-9, "float32": 2e-5}
"""What a right program's parameters may differ by, and a wrong one's must."""


def far_from_truth(program: Program, untouched: Program) -> float:
    """How far its parameters are from those of its recipe after five rounds, in what right programs may differ by.

    Parameters
    ----------
    program : Program
        It makes five rounds.
    untouched : Program
        The same with no round at all.
    """
    trace = bl.run(own_recipe(program, parameters(untouched)))
    return apart(parameters(program), trace) / CLOSE[trace.recipe.numerics.precision]


def own_recipe(program: Program, start: list[Nested]) -> bl.Recipe:
    """Its own recipe, from its own start, with as many updates as five of its rounds make."""
    recipe = bl.recipe(program.own_recipe)
    samples = len(program.own_recipe["data"]["inputs"])
    updates = ROUNDS * ceil(samples / (recipe.training.batch_size or samples))
    biases = recipe.network.biases
    changes = {"parameters.weights": start[:: 1 + biases], "training.iterations": updates}
    return recipe.with_(changes | ({"parameters.biases": start[1::2]} if biases else {}))


def apart(end: list[Nested], trace: bl.Trace) -> float:
    """The largest distance between parameters and those at the end of a run; what is not finite is far away."""
    kinds = ("W", "b")[: 1 + trace.recipe.network.biases]
    names = [f"{kind}{l}" for l in range(1, len(trace.recipe.layers)) for kind in kinds]
    gaps = [np.abs(np.asarray(theirs, dtype=float) - trace[name][-1]) for theirs, name in zip(end, names, strict=True)]
    return max(float(np.max(np.where(np.isfinite(gap), gap, np.inf))) for gap in gaps)


def parameters(program: Program) -> list[Nested]:
    """Run a program and read its parameters, layer by layer, as nested lists."""
    names: dict[str, object] = {"__name__": "__main__"}
    try:
        with redirect_stdout(io.StringIO()):
            exec(compile(code(program), program.file, "exec"), names)  # noqa: S102  the project's own programs
            return [_plain(values) for values in eval(program.after, names)]  # noqa: S307  the same
    finally:
        if torch := sys.modules.get("torch"):
            torch.set_default_dtype(torch.float32)  # some programs have another one


def _plain(values: object) -> Nested:
    """Arrays, tensors and numbers of all kinds as lists of floats."""
    if isinstance(values, (list, tuple)):
        return [_plain(value) for value in values]
    return values.tolist() if hasattr(values, "tolist") else float(values)


def code(program: Program) -> str:
    """Its text; the cells of a notebook joined, without what only a notebook understands."""
    if program.suffix == ".py":
        return program.text
    cells = ("".join(cell["source"]) for cell in json.loads(program.text)["cells"])
    return "\n".join(f"# In[{number}]:\n{cell}\n" for number, cell in enumerate(cells, 1)).replace("\n%", "\n# %")
