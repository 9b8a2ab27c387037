"""How fast the hand engine is, beside torch, scikit-learn and the exercise's own two programs.

Every peer does the same work on the same numbers in one process, in turn, several times; the medians and
their ratios are written to benchmarks/results/speed.md. Run: python benchmarks/speed.py
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from os import cpu_count
from pathlib import Path
from platform import python_version
from statistics import median
from time import perf_counter

import numpy as np
import sklearn
import torch
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

import backlight as bl

RESULTS = Path(__file__).parent / "results" / "speed.md"
REPEATS = 7
EXERCISE_ITERATIONS = 2000
X, Y = (0.5, 0.3), (0.23, -0.07)
WEIGHTS = (0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8)


def main() -> None:
    """Measure everything and write the table."""
    lines = [
        "# Speed of the hand engine",
        "",
        f"Python {python_version()}, numpy {np.__version__}, torch {torch.__version__}, scikit-learn {sklearn.__version__},",
        f"{cpu_count()} processors; medians of {REPEATS} interleaved runs, float64, one process, whole calls of",
        "`bl.run`, the scalars in float32 as published. Made by `python benchmarks/speed.py`.",
        "",
        *exercise(),
        "",
        *digits(),
    ]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def exercise() -> list[str]:
    """Microseconds an iteration of the 2-2-2 exercise."""
    recipe = bl.recipe("course").with_({"training.iterations": EXERCISE_ITERATIONS})
    bl.run(recipe)
    times = interleaved(
        {
            "backlight hand, everything recorded": lambda: bl.run(recipe, record="all"),
            "backlight hand, loss recorded": lambda: bl.run(recipe, record="loss"),
            "the exercise's torch program (autograd on scalars)": torch_scalars,
            "the exercise's NumPy program (no trace)": numpy_scalars,
        }
    )
    reference = times["backlight hand, everything recorded"]
    rows = [
        f"| {name} | {seconds / EXERCISE_ITERATIONS * 1e6:.1f} | {seconds / reference:.2f} |"
        for name, seconds in times.items()
    ]
    return ["| the exercise, 2-2-2, one sample | us an iteration | ratio |", "|---|---:|---:|", *rows]


def digits() -> list[str]:
    """Milliseconds an epoch on scikit-learn's digits."""
    rows = ["| digits | batch | hand ms an epoch | torch | scikit-learn | hand / torch | hand / scikit-learn |"]
    rows.append("|---|---:|---:|---:|---:|---:|---:|")
    for hidden in (32, 256):
        for batch in (32, None):
            epochs = 4 if batch else 40
            times = interleaved(digits_peers(hidden, batch, epochs))
            hand, by_torch, by_sklearn = (seconds / epochs * 1e3 for seconds in times.values())
            rows.append(
                f"| 64-{hidden}-10 | {batch or 'all'} | {hand:.2f} | {by_torch:.2f} | {by_sklearn:.2f} "
                f"| {hand / by_torch:.2f} | {hand / by_sklearn:.2f} |"
            )
    return rows


def digits_peers(hidden: int, batch: int | None, epochs: int) -> dict[str, Callable[[], object]]:
    """The same training in three libraries: ReLU, softmax cross-entropy, gradient descent, file order."""
    inputs, classes = load_digits(return_X_y=True)
    inputs, samples = inputs / 16, len(inputs)
    size = batch or samples
    recipe = bl.recipe("digits").with_(
        {
            "network.layers": [64, hidden, 10],
            "data.held_out": 0,
            "training.batch_size": size,
            "training.shuffle_seed": None,
            "training.learning_rate": 0.1,
            "training.iterations": epochs * -(-samples // size),
        }
        | ({} if batch else {"training.batch_size": None})
    )

    def by_torch() -> None:
        net = torch.nn.Sequential(torch.nn.Linear(64, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 10)).double()
        x, y = torch.tensor(inputs), torch.tensor(classes)
        criterion, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(epochs):
            for first in range(0, samples, size):
                optimizer.zero_grad()
                criterion(net(x[first : first + size]), y[first : first + size]).backward()
                optimizer.step()

    def by_sklearn() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that it has not converged: that is not the question
            MLPClassifier(
                (hidden,),
                solver="sgd",
                alpha=0,
                batch_size=size,
                learning_rate_init=0.1,
                momentum=0,
                nesterovs_momentum=False,
                shuffle=False,
                max_iter=epochs,
                tol=0,
                n_iter_no_change=10**9,
                random_state=0,
            ).fit(inputs, classes)

    return {"hand": lambda: bl.run(recipe, record="loss"), "torch": by_torch, "sklearn": by_sklearn}


def torch_scalars() -> None:
    """The exercise in the style of its published torch program: one tensor a weight, autograd, float32."""
    x1, x2 = (torch.tensor([value]) for value in X)
    y1, y2 = (torch.tensor([value]) for value in Y)
    weights = [torch.tensor([value], requires_grad=True) for value in WEIGHTS]
    for _ in range(EXERCISE_ITERATIONS):
        w1, w2, w3, w4, w5, w6, w7, w8 = weights
        h1, h2 = torch.sigmoid(w1 * x1 + w3 * x2), torch.sigmoid(w2 * x1 + w4 * x2)
        o1, o2 = torch.sigmoid(w5 * h1 + w7 * h2), torch.sigmoid(w6 * h1 + w8 * h2)
        loss = (o1 - y1) ** 2 / 2 + (o2 - y2) ** 2 / 2
        loss.backward()
        for w in weights:
            w.data = w.data - w.grad.data
            w.grad.data.zero_()


def numpy_scalars() -> None:
    """The exercise in the style of its published NumPy program, with the right gradient: scalars only."""
    (x1, x2), (y1, y2) = X, Y
    w1, w2, w3, w4, w5, w6, w7, w8 = WEIGHTS
    for _ in range(EXERCISE_ITERATIONS):
        h1, h2 = 1 / (1 + math.exp(-(w1 * x1 + w3 * x2))), 1 / (1 + math.exp(-(w2 * x1 + w4 * x2)))
        o1, o2 = 1 / (1 + math.exp(-(w5 * h1 + w7 * h2))), 1 / (1 + math.exp(-(w6 * h1 + w8 * h2)))
        d1, d2 = (o1 - y1) * o1 * (1 - o1), (o2 - y2) * o2 * (1 - o2)
        e1, e2 = (d1 * w5 + d2 * w6) * h1 * (1 - h1), (d1 * w7 + d2 * w8) * h2 * (1 - h2)
        w1, w2, w3, w4 = w1 - e1 * x1, w2 - e2 * x1, w3 - e1 * x2, w4 - e2 * x2
        w5, w6, w7, w8 = w5 - d1 * h1, w6 - d2 * h1, w7 - d1 * h2, w8 - d2 * h2


def interleaved(peers: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each peer, all of them in turn, so that a slow moment of the machine meets everybody."""
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(REPEATS + 1):
        for name, work in peers.items():
            begin = perf_counter()
            work()
            seconds[name].append(perf_counter() - begin)
    return {name: median(times[1:]) for name, times in seconds.items()}  # the first round warms up


if __name__ == "__main__":
    main()
