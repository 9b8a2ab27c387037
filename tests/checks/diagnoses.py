"""Diagnoses made by hand, one of each kind: what those who show them are tested with.

The numbers are those of the hand engine with the mistake planted, so that they are what such a program computes.
"""

from __future__ import annotations

import numpy as np

import backlight as bl
from backlight.checks.diagnosis import Diagnosis, Difference, Explanation, Loss, Parameter, Seen, Spot
from backlight.checks.observing.observation import Program

COURSE = """\
# -*- coding: utf-8 -*-
# 实验: 反向传播
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward_propagate(x1, x2, y1, y2, w1, w2, w3, w4, w5, w6, w7, w8):
    in_h1 = w1 * x1 + w3 * x2
    out_h1 = sigmoid(in_h1)
    in_h2 = w2 * x1 + w4 * x2
    out_h2 = sigmoid(in_h2)
    in_o1 = w5 * out_h1 + w7 * out_h2
    out_o1 = sigmoid(in_o1)
    in_o2 = w6 * out_h1 + w8 * out_h2
    out_o2 = sigmoid(in_o2)
    print("正向计算：o1 ,o2", round(out_o1, 5), round(out_o2, 5))
    error = (1 / 2) * (out_o1 - y1) ** 2 + (1 / 2) * (out_o2 - y2) ** 2
    print("损失函数：均方误差", round(error, 2))
    return out_o1, out_o2, out_h1, out_h2


def back_propagate(out_o1, out_o2, out_h1, out_h2):
    d_o1 = out_o1 - y1
    d_o2 = out_o2 - y2
    d_w5 = d_o1 * out_o1 * (1 - out_o1) * out_h1
    d_w7 = d_o1 * out_o1 * (1 - out_o1) * out_h2
    d_w6 = d_o2 * out_o2 * (1 - out_o2) * out_h1
    d_w8 = d_o2 * out_o2 * (1 - out_o2) * out_h2
    d_w1 = (d_w5 + d_w6) * out_h1 * (1 - out_h1) * x1
    d_w3 = (d_w5 + d_w6) * out_h1 * (1 - out_h1) * x2
    d_w2 = (d_w7 + d_w8) * out_h2 * (1 - out_h2) * x1
    d_w4 = (d_w7 + d_w8) * out_h2 * (1 - out_h2) * x2
    print("反向传播：误差传给每个权值", round(d_w1, 2), round(d_w2, 2), round(d_w3, 2), round(d_w4, 2), round(d_w5, 2))
    return d_w1, d_w2, d_w3, d_w4, d_w5, d_w6, d_w7, d_w8


def update_w(w1, w2, w3, w4, w5, w6, w7, w8):
    step = 10  # 步长
    w1 = w1 - step * d_w1
    w2 = w2 - step * d_w2
    w3 = w3 - step * d_w3
    w4 = w4 - step * d_w4
    w5 = w5 - step * d_w5
    w6 = w6 - step * d_w6
    w7 = w7 - step * d_w7
    w8 = w8 - step * d_w8
    return w1, w2, w3, w4, w5, w6, w7, w8


if __name__ == "__main__":
    w1, w2, w3, w4, w5, w6, w7, w8 = 0.2, -0.4, 0.5, 0.6, 0.1, -0.5, -0.3, 0.8
    x1, x2 = 0.5, 0.3
    y1, y2 = 0.23, -0.07
    print("=====输入值：x1, x2；真实输出值：y1, y2=====")
    for i in range(10):
        print("=====第" + str(i) + "轮=====")
        out_o1, out_o2, out_h1, out_h2 = forward_propagate(x1, x2, y1, y2, w1, w2, w3, w4, w5, w6, w7, w8)
        d_w1, d_w2, d_w3, d_w4, d_w5, d_w6, d_w7, d_w8 = back_propagate(out_o1, out_o2, out_h1, out_h2)
        w1, w2, w3, w4, w5, w6, w7, w8 = update_w(w1, w2, w3, w4, w5, w6, w7, w8)
    print("更新后的权值", round(w1, 2), round(w2, 2), round(w3, 2), round(w4, 2))
"""

TORCH = """\
import torch

x = torch.tensor([[0.5, 0.3]])
y = torch.tensor([[0.23, -0.07]])
W1 = torch.tensor([[0.2, -0.4], [0.5, 0.6]], requires_grad=True)
W2 = torch.tensor([[0.1, -0.5], [-0.3, 0.8]], requires_grad=True)
for i in range(11):
    out = torch.sigmoid(torch.sigmoid(x @ W1) @ W2)
    loss = ((out - y) ** 2).sum() / 2
    loss.backward()
    with torch.no_grad():
        W1 -= W1.grad
        W2 -= W2.grad
    W1.grad.zero_()
"""

WEIGHTS = [f"w{k}" for k in range(1, 9)]
UPDATES = (0, 1, 2, 3, 4, 5, 6, 9)
PATHS = {"w1": ("w5", "w6"), "w2": ("w7", "w8"), "w3": ("w5", "w6"), "w4": ("w7", "w8")}
ACTIVE = {"w5": "d_o1 * out_o1 * (1 - out_o1)", "w6": "d_o2 * out_o2 * (1 - out_o2)"}
ACTIVE |= {"w7": ACTIVE["w5"], "w8": ACTIVE["w6"]}


def gradients(recipe, *, mistake=None, row=0, names=WEIGHTS, **changes):
    """dL/dparameter of one row of a run by hand."""
    trace = bl.run(bl.recipe(recipe).with_(changes), mistake=mistake)
    return {name: float(trace[f"dL_d{name}"][row]) for name in names}


def judged(yours, truth, *, theirs=None, update=0):
    """Parameters: wrong where both differ."""
    return tuple(
        Parameter(
            name=name,
            theirs=(theirs or {}).get(name, name),
            verdict="right" if yours[name] == truth[name] else "wrong",
            iteration=None if yours[name] == truth[name] else update,
            yours=yours[name],
            truth=truth[name],
            ratio=yours[name] / truth[name] if truth[name] else None,
        )
        for name in truth
    )


def cosine(yours, truth):
    """Of the angle between two gradients."""
    one, other = np.array([yours[name] for name in truth]), np.array(list(truth.values()))
    return float(one @ other / np.sqrt(one @ one * (other @ other)))


def line_of(text, part):
    """Where a text first stands in a program, from 1."""
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


def spot(text, line_with, source, **about):
    """A place in a program."""
    line = line_of(text, line_with)
    column = text.split("\n")[line - 1].index(source)
    return Spot(line=line, column=column, end_line=line, end_column=column + len(source), source=source, **about)


def wrong_course(path="course_numpy.py"):
    """The program that the course publishes: the sum of the weights' gradients on the way to the hidden layer."""
    truth = gradients("course-numpy")
    yours = gradients("course-numpy", mistake="sum-of-weight-gradients")
    hidden = {
        name: spot(
            COURSE,
            f"d_{name} = (",
            " + ".join(f"d_{other}" for other in others),
            name="",
            quantity="dL_dh1" if name in {"w1", "w3"} else "dL_dh2",
            should_be=" + ".join(f"{ACTIVE[other]} * {other}" for other in others),
        )
        for name, others in PATHS.items()
    }
    places = tuple(sorted(hidden.values(), key=lambda one: one.line))
    fixed = COURSE
    for one in places:
        fixed = fixed.replace(one.source, one.should_be)
    losses = bl.run("course-numpy", mistake="sum-of-weight-gradients").loss
    return Diagnosis(
        program=Program(path, COURSE),
        recipe="course-numpy",
        verdict="wrong",
        kind="wrong_parameter",
        loss=Loss(stated="half_sum_squared_error"),
        parameters=judged(yours, truth),
        first_wrong=places[0],
        explanations=(
            Explanation(
                mistake="sum-of-weight-gradients", line=places[0].line, places=places, residual=3e-16, proof=True
            ),
        ),
        facts=(Difference(kind="printed", text="it prints w only at two decimals, where d_w2 looks right"),),
        seen=tuple(_seen_in_course(hidden)),
        iterations=UPDATES,
        losses=(float(losses[0]), float(losses[-1])),
        cosine=cosine(yours, truth),
        fixed=fixed,
    )


def _seen_in_course(hidden):
    """What the lines of the course's program compute."""
    for name, quantity in {"in_h1": "z_h1", "out_h1": "h1", "in_h2": "z_h2", "out_h2": "h2"}.items():
        yield Seen(line=line_of(COURSE, f"{name} = "), name=name, quantity=quantity, right=True)
    for name, quantity in {"in_o1": "z_o1", "out_o1": "o1", "in_o2": "z_o2", "out_o2": "o2", "error": "loss"}.items():
        yield Seen(line=line_of(COURSE, f"{name} = "), name=name, quantity=quantity, right=True)
    for name, quantity in {"d_o1": "dL_do1", "d_o2": "dL_do2"}.items():
        yield Seen(line=line_of(COURSE, f"{name} = "), name=name, quantity=quantity, right=True)
    for name in ("w5", "w7", "w6", "w8"):
        yield Seen(line=line_of(COURSE, f"d_{name} = "), name=f"d_{name}", quantity=f"dL_d{name}", right=True)
    for name, one in hidden.items():
        yield Seen(line=one.line, name="", quantity=one.quantity, right=False)
        yield Seen(line=one.line, name=f"d_{name}", quantity=f"dL_d{name}", right=False)
    for name in WEIGHTS:
        yield Seen(line=line_of(COURSE, f"{name} = {name} - "), name=name, quantity=name, right=name > "w4")


def accumulated(path="course_torch.py"):
    """Gradients that are not set to zero, but for one: right in the first update only."""
    truth = gradients("course-torch", row=1)
    before = gradients("course-torch")
    yours = {name: truth[name] + (before[name] if name > "w4" else 0.0) for name in WEIGHTS}
    line = line_of(TORCH, "W1.grad.zero_()")
    return Diagnosis(
        program=Program(path, TORCH),
        recipe="course-torch",
        verdict="wrong",
        kind="wrong_parameter",
        loss=Loss(stated="half_sum_squared_error"),
        parameters=judged(
            yours,
            truth,
            theirs={f"w{k}": f"W{1 + k // 5}[{(k - 1) // 2 % 2}, {(k - 1) % 2}]" for k in range(1, 9)},
            update=1,
        ),
        first_wrong=spot(TORCH, "W2 -= W2.grad", "W2.grad", name="", quantity="dL_dW2", should_be=""),
        explanations=(
            Explanation(mistake="accumulated-gradients", also=(), equals=(), line=line, residual=2e-7, proof=False),
        ),
        facts=(Difference(kind="precision", text="it computes in float32", yours="float32", recipe="float32"),),
        seen=(
            Seen(line=line_of(TORCH, "loss = "), name="loss", quantity="loss", right=True),
            Seen(line=line_of(TORCH, "out = "), name="out", quantity="a2", right=True),
            Seen(line=line_of(TORCH, "W1 -="), name="", quantity="dL_dW1", right=True),
            Seen(line=line_of(TORCH, "W2 -="), name="", quantity="dL_dW2", right=False),
        ),
        iterations=UPDATES,
        losses=(0.2097098, 0.0672),
        cosine=0.98,
    )


def constant_factor(path="doubled.py", factor=2.0):
    """Twice the gradient: the 1/2 of the loss is missing."""
    text = TORCH.replace(".sum() / 2", ".sum()")
    truth = gradients("course-torch")
    yours = {name: factor * value for name, value in truth.items()}
    place = spot(
        text, "loss = ", "((out - y) ** 2).sum()", name="loss", quantity="loss", should_be="((out - y) ** 2).sum() / 2"
    )
    return Diagnosis(
        program=Program(path, text),
        recipe="course-torch",
        verdict="wrong",
        kind="constant_factor",
        loss=Loss(stated="sum_squared_error", exact_gradient_of="sum_squared_error", factor=factor),
        parameters=judged(yours, truth),
        explanations=(
            Explanation(
                mistake="missing-forward-constant",
                equals=("constant-factor", "learning-rate-twice"),
                line=place.line,
                places=(place,),
                proof=True,
            ),
            Explanation(mistake="constant-factor:factor=2"),
        ),
        seen=(Seen(line=line_of(text, "out = "), name="out", quantity="a2", right=True),),
        iterations=(0, 1, 2),
        losses=(0.2097098, 0.05),
        cosine=1.0,
        fixed=TORCH,
    )


def other_loss(path="bce.py"):
    """The output's derivative left out: the exact gradient of another loss."""
    truth = gradients("course-numpy")
    yours = gradients("course-numpy", mistake="missing-output-derivative")
    return Diagnosis(
        program=Program(path, "import numpy as np\n" * 3),
        recipe="course-numpy",
        verdict="wrong",
        kind="other_loss",
        loss=Loss(stated="half_sum_squared_error", exact_gradient_of="binary_cross_entropy", factor=2.0),
        parameters=judged(yours, truth),
        explanations=(Explanation(mistake="missing-output-derivative", equals=("gradient-of-another-loss",)),),
        iterations=(0, 1),
    )


def never_learns(path="frozen.py"):
    """A parameter that no update changes."""
    truth = gradients("course-numpy")
    return Diagnosis(
        program=Program(path, "w = 1\n"),
        recipe="course-numpy",
        verdict="wrong",
        kind="never_learns",
        parameters=judged(truth | {"w7": 0.0, "w8": 0.0}, truth),
        explanations=(Explanation(mistake="missing-update:parameter=w7+w8", also=("detached-path",)),),
        iterations=(0, 1, 2, 3),
        losses=(0.2, 0.3),
    )


def forward(path="relu.py"):
    """Another forward pass: nothing is said of gradients."""
    first = spot(TORCH, "out = ", "torch.sigmoid(x @ W1)", name="", quantity="a1", should_be="")
    return Diagnosis(
        program=Program(path, TORCH),
        recipe="course-relu",
        verdict="wrong",
        kind="forward",
        reason="at the first update the output o1 is 0.477, that of the network is 0.025",
        first_wrong=first,
        seen=(Seen(line=first.line, name="", quantity="a1", right=False),),
        iterations=(0,),
    )


def other_network(path="wider.py"):
    """The recipe's network is not to be found in the program."""
    return Diagnosis(
        program=Program(path, TORCH),
        recipe="xor",
        verdict="cannot_tell",
        kind="other_network",
        reason="the recipe has layers 2-3-1, the program has parameters of shapes (2, 2) and (2, 2)",
    )


def cannot_tell(path="saturated.py"):
    """Points at which a wrong gradient would look right."""
    return Diagnosis(
        program=Program(path, TORCH),
        recipe="course-torch",
        verdict="cannot_tell",
        kind="cannot_tell",
        reason="all units are saturated: at these points a mistake would not show",
        iterations=(0, 1),
    )


def right(path="right.py"):
    """Nothing wrong."""
    truth = gradients("course-numpy")
    return Diagnosis(
        program=Program(path, TORCH),
        recipe="course-numpy",
        verdict="right",
        kind="right",
        loss=Loss(stated="half_sum_squared_error", exact_gradient_of="half_sum_squared_error", factor=1.0),
        parameters=judged(truth, truth),
        seen=(Seen(line=8, name="out", quantity="a2", right=True),),
        iterations=UPDATES,
        losses=(0.2097098, 0.00949),
        cosine=1.0,
    )


def of_arrays(path="digits.py"):
    """So many parameters that each array is told as one."""
    yours, truth = np.full((64, 10), 0.25), np.full((64, 10), 0.125)
    return Diagnosis(
        program=Program(path, "W = 1\n"),
        recipe="digits",
        verdict="wrong",
        kind="wrong_parameter",
        parameters=(
            Parameter(
                name="W1",
                theirs="self.W",
                verdict="wrong",
                iteration=0,
                yours=yours.tolist(),
                truth=truth.tolist(),
                ratio=2.0,
            ),
            Parameter(
                name="b1",
                theirs="self.b",
                verdict="right",
                iteration=None,
                yours=[0.5] * 10,
                truth=[0.5] * 10,
                ratio=1.0,
            ),
        ),
        iterations=(0, 1),
    )


ALL = {
    one.__name__: one
    for one in (
        wrong_course,
        accumulated,
        constant_factor,
        other_loss,
        never_learns,
        forward,
        other_network,
        cannot_tell,
        right,
        of_arrays,
    )
}
