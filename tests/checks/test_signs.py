"""All gradients point the other way: which sign is told? The one that does not go with the others."""

import pytest

ERRORS = """import numpy as np
x = np.array([[0.5, 0.3]])
y = np.array([[0.23, -0.07]])
near = np.array([[0.2, -0.4], [0.5, 0.6]])
far = np.array([[0.1, -0.5], [-0.3, 0.8]])
for turn in range(11):
    h = 1 / (1 + np.exp(-x @ near))
    o = 1 / (1 + np.exp(-h @ far))
    error = DIFFERENCE
    end = error * o * (1 - o)
    middle = end @ far.T * h * (1 - h)
    far STEP h.T @ end
    near STEP x.T @ middle
"""
GRADIENTS = ERRORS.replace("    far STEP h.T @ end\n", "    d_far = h.T @ end\n    far STEP 1.0 * d_far\n").replace(
    "    near STEP x.T @ middle\n", "    d_near = x.T @ middle\n    near STEP 1.0 * d_near\n"
)


def written(program, difference, step):
    return program.replace("DIFFERENCE", difference).replace("STEP", step)


@pytest.mark.parametrize("program", [ERRORS, GRADIENTS], ids=["errors", "gradients"])
@pytest.mark.parametrize(("difference", "step"), [("o - y", "-="), ("y - o", "+=")])
def test_a_difference_that_goes_with_the_updates_is_right(checked, program, difference, step):
    assert checked(written(program, difference, step)).verdict == "right"


@pytest.mark.parametrize(
    ("program", "difference", "step", "part"),
    [
        pytest.param(ERRORS, "y - o", "-=", "error =", id="taken away"),
        pytest.param(GRADIENTS, "y - o", "-=", "error =", id="taken away as gradients"),
        pytest.param(ERRORS, "o - y", "+=", "error =", id="added"),
        pytest.param(GRADIENTS, "o - y", "+=", "far +=", id="gradients are added"),
    ],
)
def test_the_sign_that_is_told_is_the_one_that_does_not_go_with_the_others(checked, program, difference, step, part):
    text = written(program, difference, step)
    told = checked(text)
    (first, *_others) = told.explanations
    lines = [number for number, line in enumerate(text.split("\n"), start=1) if part in line]
    assert (first.mistake, first.proof) == ("sign-error", True)
    assert first.line in lines
    assert checked(told.fixed).verdict == "right"
