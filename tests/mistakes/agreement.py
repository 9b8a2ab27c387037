"""Whether the numbers of a run are those that formulas, written out in scalars, give."""

import numpy as np

from tests.mistakes.witness import Witness

SUMMED_IN_ANOTHER_ORDER = 1e-13
"""Relative to the largest entry of an array: a few roundings of sums with fewer than ten terms."""

FORWARD = ("sums", "activated", "loss_slope")


def agree(found, expected, *, terms=0.0):
    """Whether two arrays are the same but for rounding; where terms cancel, their size counts."""
    found, expected = np.array(found), np.array(expected)
    size = max(np.abs(expected).max(), np.abs(terms).max())
    return found.shape == expected.shape and np.all(np.abs(found - expected) <= SUMMED_IN_ANOTHER_ORDER * size)


def witness_of(trace, row, formulas):
    """A witness of one row that went forward and back by these formulas."""
    forward = {name: formula for name, formula in formulas.items() if name in FORWARD}
    backward = {name: formula for name, formula in formulas.items() if name not in FORWARD}
    return Witness(trace, row, **forward).backward(**backward)


def quantities(trace, row):
    """What a row says of each layer, padding left out, and what the witness calls it."""
    samples = np.isfinite(trace["z1"][row][:, 0])
    for l in range(1, len(trace.recipe.layers)):
        yield f"z{l}", trace[f"z{l}"][row][samples], "z"
        yield f"a{l}", trace[f"a{l}"][row][samples], "a"
        yield f"dL_dz{l}", trace[f"dL_dz{l}"][row][samples], "dz"
        yield f"dL_dW{l}", trace[f"dL_dW{l}"][row], "dW"
        if trace.recipe.network.biases:
            yield f"dL_db{l}", trace[f"dL_db{l}"][row], "db"


def disagreements(trace, formulas):
    """Names and rows of the quantities that are not what the formulas give."""
    for row in range(len(trace.loss)):
        witness = witness_of(trace, row, formulas)
        for name, found, called in quantities(trace, row):
            l = int(name.lstrip("dL_zaWb"))
            if not agree(found, getattr(witness, called)[l], terms=witness.dz[l] if called == "db" else 0.0):
                yield name, row


def moved_by(trace, row):
    """How far the parameters moved in one update, divided by the learning rate: the gradient an update implies."""
    rate = float(trace.recipe.training.learning_rate)
    names = [name for name in trace if name[0] in "Wb" and name[1:].isdigit()]
    return {name: (trace[name][row] - trace[name][row + 1]) / rate for name in names}
