"""torch.autograd.Function, and functions of tensors."""

import pytest

import backlight as bl

torch = pytest.importorskip("torch")

from tests.checks.gradients import tensors  # noqa: E402  it needs torch


@pytest.mark.parametrize("name", tensors.RIGHT)
def test_a_right_backward_pass_is_right(name):
    function, arguments = tensors.RIGHT[name]
    report = bl.check_gradients(function, None, arguments)
    assert report.verdict == "right", report.text()


@pytest.mark.parametrize("name", tensors.WRONG)
def test_a_wrong_backward_pass_is_found(name):
    function, arguments, wrong = tensors.WRONG[name]
    report = bl.check_gradients(function, None, arguments)
    assert report.verdict == "wrong"
    assert wrong in {one.name for one in report.arguments if one.verdict == "wrong"}


def test_arguments_are_called_as_the_forward_pass_calls_them():
    report = bl.check_gradients(tensors.Dense, None, (tensors.X, tensors.W, tensors.B, True))
    assert [one.name for one in report.arguments] == ["x", "W", "b"]
    assert report.notes == ("not differentiated: relu",)
    assert report.method == "autograd of the forward pass"
    report = bl.check_gradients(tensors.Cube, None, (tensors.double(2),))
    assert [one.name for one in report.arguments] == ["x"]


def test_a_forward_pass_that_autograd_does_not_see_is_left_to_differences():
    report = bl.check_gradients(tensors.Hidden, None, {"x": tensors.double(3)})
    assert (report.verdict, report.method) == ("right", "differences")


def test_a_gradient_written_with_torch_is_checked_too():
    x, w = tensors.X, tensors.W[0].clone().requires_grad_()

    def loss(x, w):
        return torch.tanh(x @ w).sum()

    def gradient(x, w):
        d = 1 - torch.tanh(x @ w) ** 2
        return {"x": d.outer(w), "w": x.T @ d}

    assert bl.check_gradients(loss, gradient, {"x": x, "w": w}).verdict == "right"
    report = bl.check_gradients(loss, lambda x, w: {"x": None, "w": -gradient(x, w)["w"]}, {"x": x, "w": w})
    assert report.verdict == "wrong"
    assert report.arguments[0].likely == ("it is the true gradient with the other sign",)


def test_only_tensors_that_require_a_gradient_are_differentiated_if_any_does():
    x = tensors.X.clone().requires_grad_()
    report = bl.check_gradients(tensors.Dense, None, (x, tensors.W, tensors.B, False))
    assert [one.name for one in report.arguments] == ["x"]
    assert x.grad is None


def test_half_precision_has_its_own_tolerance():
    report = bl.check_gradients(tensors.Cube, None, {"x": tensors.double(3).bfloat16()})
    assert (report.verdict, report.precision) == ("cannot_tell", "8 bits")


def test_a_backward_pass_that_raises_is_told():
    class Raises(tensors.Cube):
        @staticmethod
        def backward(ctx, g):
            raise ZeroDivisionError("no way back")

    with pytest.raises(bl.BacklightError, match=r"C-GRADIENT-1") as caught:
        bl.check_gradients(Raises, None, {"x": tensors.double(2)})
    assert "no way back" in str(caught.value)
