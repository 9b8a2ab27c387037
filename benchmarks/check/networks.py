"""What the programs learn: sizes, data, initial values and a learning rate, as data.

Which activations and which loss are a matter of the style a program is written in. Numbers are made up, but for the
course exercise and XOR.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Matrix = list[list[float]]


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network with something to learn.

    Attributes
    ----------
    weights : list of matrix
        Per layer, shape (inputs, units).
    biases : list of list
        Per layer; empty for a network without biases.
    given : str
        The ready recipe that a program is checked against; empty for the network's own.
    """

    inputs: Matrix
    targets: Matrix
    weights: list[Matrix]
    biases: list[list[float]] = field(default_factory=list)
    learning_rate: float
    iterations: int
    given: str = ""

    @property
    def layers(self) -> list[int]:
        """Units per layer, inputs first."""
        return [len(self.weights[0]), *(len(matrix[0]) for matrix in self.weights)]

    def slots(self, iterations: int | None = None) -> dict[str, str]:
        """Everything that may stand in a style as {{name}}, as Python text."""
        slots: dict[str, Any] = {
            "inputs": self.inputs,
            "targets": self.targets,
            "inputs.T": transposed(self.inputs),
            "targets.T": transposed(self.targets),
            "classes": [row.index(max(row)) for row in self.targets],
            "layers": self.layers,
            "samples": len(self.inputs),
            "weights": self.weights,
            "weights.T": [transposed(matrix) for matrix in self.weights],
            "biases": self.biases,
            "lr": self.learning_rate,
            "iterations": self.iterations if iterations is None else iterations,
        }
        slots |= {f"x{i}": value for i, value in enumerate(self.inputs[0], 1)}
        slots |= {f"y{i}": value for i, value in enumerate(self.targets[0], 1)}
        slots |= {f"n{l}": units for l, units in enumerate(self.layers)}
        slots |= dict(self._of_parameters())
        return {name: repr(value) for name, value in slots.items()}

    def _of_parameters(self) -> Iterator[tuple[str, Any]]:
        number = count(1)
        for l, matrix in enumerate(self.weights, 1):
            yield from ((f"w{next(number)}", value) for row in matrix for value in row)
            yield from ((f"W{l}", matrix), (f"W{l}.T", transposed(matrix)))
        for l, bias in enumerate(self.biases, 1):
            yield from ((f"b{l}", bias), (f"b{l}.row", [bias]), (f"b{l}.column", transposed([bias])))
            yield from ((f"b{l}_{unit}", value) for unit, value in enumerate(bias, 1))
            units = transposed(self.weights[l - 1])
            yield f"neurons{l}", [[*unit, value] for unit, value in zip(units, bias, strict=True)]


def transposed(matrix: Matrix) -> Matrix:
    """Rows as columns."""
    return [list(column) for column in zip(*matrix, strict=True)]


_COURSE: dict[str, Any] = {
    "inputs": [[0.5, 0.3]],
    "targets": [[0.23, -0.07]],
    "weights": [[[0.2, -0.4], [0.5, 0.6]], [[0.1, -0.5], [-0.3, 0.8]]],
}
_XOR: dict[str, Any] = {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]}

NETWORKS: dict[str, Network] = {
    "course": Network(**_COURSE, learning_rate=1.0, iterations=11, given="course"),
    "course-fast": Network(**_COURSE, learning_rate=10, iterations=60, given="course"),
    "single": Network(
        inputs=[[0.1, 0.35]],
        targets=[[0.05, 0.9]],
        weights=[[[0.15, 0.25], [-0.2, 0.3]], [[0.4, -0.5], [0.45, 0.55]]],
        biases=[[0.35, 0.2], [0.6, -0.1]],
        learning_rate=0.5,
        iterations=40,
    ),
    "xor": Network(
        **_XOR,
        weights=[[[0.9, -0.55, 0.3], [-0.65, 0.7, 0.8]], [[1.1], [-0.75], [0.6]]],
        biases=[[0.1, -0.2, 0.05], [-0.3]],
        learning_rate=0.5,
        iterations=200,
    ),
    "square": Network(
        inputs=[[0.2, -0.6], [0.9, 0.4], [-0.5, 0.7], [0.3, 0.8]],
        targets=[[0.8, 0.1], [0.3, 0.6], [0.55, 0.95], [0.15, 0.4]],
        weights=[[[0.4, -0.7], [0.85, 0.3]], [[-0.6, 0.5], [0.35, 0.9]]],
        biases=[[0.12, -0.31], [0.07, 0.22]],
        learning_rate=0.8,
        iterations=50,
    ),
    "table": Network(
        inputs=[[0.5, -0.2, 0.8], [0.1, 0.9, -0.4], [-0.7, 0.3, 0.6], [0.4, 0.45, -0.9], [-0.3, -0.8, 0.25]],
        targets=[[0.9, 0.2], [0.35, 0.7], [0.6, 0.15], [0.1, 0.85], [0.75, 0.4]],
        weights=[
            [[0.3, -0.5, 0.75, 0.15], [0.6, 0.2, -0.35, -0.8], [-0.25, 0.9, 0.4, 0.55]],
            [[0.7, -0.4], [-0.15, 0.65], [0.5, 0.3], [-0.6, 0.85]],
        ],
        biases=[[0.05, -0.1, 0.2, 0.15], [-0.25, 0.1]],
        learning_rate=0.3,
        iterations=30,
    ),
    "flowers": Network(
        inputs=[
            [0.8, 0.2, -0.4],
            [0.6, -0.7, 0.1],
            [-0.3, 0.9, 0.5],
            [0.2, 0.4, -0.9],
            [-0.6, -0.1, 0.7],
            [0.35, 0.75, 0.3],
        ],
        targets=[[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]],
        weights=[
            [[0.45, -0.3, 0.8, 0.25], [0.7, 0.55, -0.2, -0.65], [-0.15, 0.6, 0.35, 0.9]],
            [[0.5, -0.75, 0.2], [0.3, 0.4, -0.6], [-0.45, 0.85, 0.1], [0.65, -0.25, 0.7]],
        ],
        biases=[[0.02, 0.15, -0.05, 0.1], [0.05, -0.12, 0.08]],
        learning_rate=0.2,
        iterations=60,
    ),
    "petals": Network(
        inputs=[[0.7, -0.4, 0.2], [-0.5, 0.9, 0.35], [0.15, 0.6, -0.8], [0.95, 0.1, -0.3], [-0.2, -0.65, 0.5]],
        targets=[[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 1, 0]],
        weights=[
            [[0.55, -0.35, 0.6], [-0.2, 0.8, 0.45], [0.75, 0.3, -0.5]],
            [[0.4, -0.6, 0.25], [0.9, 0.15, -0.7], [-0.3, 0.5, 0.65]],
        ],
        biases=[[0.1, -0.06, 0.14], [-0.08, 0.12, 0.03]],
        learning_rate=0.4,
        iterations=40,
    ),
    "deep": Network(
        inputs=[[0.3, -0.9], [0.75, 0.2], [-0.4, 0.6]],
        targets=[[0.2, 0.9], [0.85, 0.35], [0.5, 0.1]],
        weights=[
            [[0.5, -0.8, 0.3], [0.9, 0.4, -0.6]],
            [[0.7, -0.2, 0.45], [-0.35, 0.6, 0.8], [0.25, 0.95, -0.5]],
            [[0.65, -0.55], [0.4, 0.75], [-0.9, 0.15]],
        ],
        biases=[[0.1, -0.05, 0.2], [-0.15, 0.3, 0.08], [0.12, -0.22]],
        learning_rate=0.6,
        iterations=25,
    ),
    "moons": Network(
        inputs=[
            [0.9, 0.3],
            [0.45, 0.85],
            [-0.4, 0.95],
            [-0.85, 0.25],
            [0.1, 0.2],
            [0.4, -0.35],
            [1.1, -0.5],
            [1.75, 0.1],
        ],
        targets=[[0], [0], [0], [0], [1], [1], [1], [1]],
        weights=[
            [[0.6, -0.45, 0.25, 0.8], [-0.7, 0.55, 0.9, 0.2]],
            [[0.4, -0.65, 0.3], [0.75, 0.15, -0.5], [-0.2, 0.85, 0.6], [-0.55, 0.35, 0.7]],
            [[0.95], [-0.6], [0.5]],
        ],
        biases=[[0.1, 0.05, -0.15, 0.2], [-0.1, 0.25, 0.03], [0.12]],
        learning_rate=0.7,
        iterations=40,
    ),
}
