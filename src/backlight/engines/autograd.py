"""What does PyTorch say? Here torch's autograd finds every derivative and torch.optim makes every update.

Only the forward pass is written down; no derivative is, which makes this engine a witness beside the one
derived by hand. torch.nn.functional is used where it means and computes what `recipes/functions` says. Where
torch clamps (BCE), switches formulas (softplus) or cancels (gelu, BCE with logits), the formula is written out.
"""

from __future__ import annotations

from math import copysign, inf, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from backlight.faults import EngineError, Fault, missing_extra
from backlight.language import _
from backlight.recipes.functions import LOSSES
from backlight.traces.layout import blank_padding

try:
    import torch
    from torch.nn import functional
except (ImportError, OSError) as error:  # not installed, or its own libraries do not load
    TORCH_IS_MISSING: Exception | None = error
else:
    TORCH_IS_MISSING = None

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray
    from torch import Tensor

    from backlight.recipes.fields import ActivationChoice, LossSection, TrainingSection
    from backlight.recipes.recipe import Recipe
    from backlight.recipes.start import Start
    from backlight.traces.layout import Layout

    Array = NDArray[np.floating[Any]]


class Autograd:
    """The network of a recipe as tensors with their present values, and what one iteration does with them.

    Parameters
    ----------
    recipe, start, layout
        What to do, the numbers to start from, and the order of `row`.
    device : str
        Where to compute, as torch names it: ``cpu``, ``cuda:0``, ``mps``.

    Raises
    ------
    MissingExtra [X-EXTRA-1]
        torch is not installed, or cannot be loaded.
    EngineError [E-DEVICE-1]
        torch has no such device, or the device does not know the recipe's precision.

    Examples
    --------
    >>> import backlight as bl
    >>> trace = bl.run(bl.recipe("course"), engine="autograd")
    >>> round(float(trace["dL_dw1"][0]), 8)
    -0.00842148
    """

    def __init__(self, recipe: Recipe, start: Start, layout: Layout, *, device: str = "cpu") -> None:
        if TORCH_IS_MISSING is not None:
            raise missing_extra("torch", "torch", _("the autograd engine")) from TORCH_IS_MISSING
        self.device = usable_device(device, recipe.numerics.precision)
        self.layout, self.n = layout, len(recipe.layers) - 1
        self.row: Array = np.zeros(layout.width, dtype=recipe.numerics.precision)
        self.views = layout.views(self.row)
        with gradients_on():
            self.x, self.y = self.tensor(start.inputs), self.tensor(start.targets)
            self.W = [self.tensor(values).requires_grad_() for values in start.weights]
            self.b = [self.tensor(values).requires_grad_() for values in start.biases]
            trained = self.W + self.b if recipe.parameters.train_biases else self.W
            self.optimizer = optimizer(recipe.training, trained)
        self.f = [activation(choice, self.x.dtype) for choice in recipe.activations]
        self.loss_of_samples = loss(recipe.loss, self.x.dtype)
        self.inner = LOSSES[recipe.loss.name].inner
        self.over_samples = recipe.loss.over_samples

    def tensor(self, values: Array) -> Tensor:
        """Copy an array to the device, in its precision."""
        return torch.tensor(values, device=self.device)

    # ---- one iteration -------------------------------------------------------------------------------

    def forward_and_backward(self, batch: NDArray[np.intp] | None) -> None:
        """Compute every quantity of this iteration, let torch go back through it, and copy all of it into the row."""
        with gradients_on():
            x, y = self.x, self.y
            if batch is not None:
                rows = torch.tensor(batch, device=self.device)
                x, y = x[rows], y[rows]
            z, a = self.forward(x)
            for tensor in z + a:
                tensor.retain_grad()  # torch forgets the derivatives of what is not a parameter
            for parameter in self.W + self.b:
                parameter.grad = None  # else torch would add the new gradient to the old one
            L = self.loss(a[-1], y)
            torch.autograd.backward(L)
            self.record(L, z, a)

    def forward(self, x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """z[l] = a[l-1] W[l] + b[l],  a[l] = f(z[l])."""
        z: list[Tensor] = []
        a: list[Tensor] = []
        for l in range(self.n):
            product = (a[-1] if a else x) @ self.W[l]
            z.append(product + self.b[l] if self.b else product)
            a.append(self.f[l](z[l]))
        return z, a

    def loss(self, a: Tensor, y: Tensor) -> Tensor:
        """L = mean (or sum) over the samples of loss(a, y)."""
        total = self.loss_of_samples(a, y)
        return total / len(a) if self.over_samples == "mean" else total

    def predictions(self, a: Tensor) -> Tensor:
        """The quantity p where the loss has a function inside, else a itself."""
        if self.inner is None:
            return a
        return torch.softmax(a, dim=1) if self.inner == "softmax" else torch.sigmoid(a)

    def update(self) -> None:
        """theta := what torch.optim makes of theta and its gradient."""
        with gradients_on():
            self.optimizer.step()

    def predict(self, inputs: Array, targets: Array) -> tuple[float, Array]:
        """Give the loss and the predictions (p where the loss has one, else a) of other samples."""
        with gradients_on(), torch.no_grad():
            _z, a = self.forward(self.tensor(inputs))
            return self.loss(a[-1], self.tensor(targets)).item(), self.predictions(a[-1]).numpy(force=True)

    # ---- the row -------------------------------------------------------------------------------------

    def record(self, L: Tensor, z: Sequence[Tensor], a: Sequence[Tensor]) -> None:
        """Copy every tensor, and its gradient, to its place in the row."""
        self.row[0] = L.item()
        samples = len(a[-1])
        for name, tensors in (("W", self.W), ("b", self.b), ("z", z), ("a", a)):
            for l, tensor in enumerate(tensors, start=1):
                self.views[f"{name}{l}"][: len(tensor)] = tensor.numpy(force=True)
                if tensor.grad is not None:
                    self.views[f"dL_d{name}{l}"][: len(tensor)] = tensor.grad.numpy(force=True)
        if self.inner is not None:
            self.views["p"][:samples] = self.predictions(a[-1]).numpy(force=True)
        blank_padding(self.layout, self.views, samples)


def gradients_on() -> AbstractContextManager[None]:
    """Build the graph even where the caller has switched torch's gradients off; the caller's switch stays as it is."""
    return torch.inference_mode(mode=False)  # which also switches the gradients on


def usable_device(device: str, precision: str) -> torch.device:
    """Find the device, by computing on it in the precision that is wanted."""
    try:
        torch.ones(1, dtype=getattr(torch, precision), device=device).item()
    except (RuntimeError, AssertionError, TypeError, ValueError) as refusal:  # every backend has its own
        raise EngineError(
            Fault(
                code="E-DEVICE-1",
                sentence=_("torch cannot compute in {precision} on a device {device}").format(
                    precision=precision, device=f'"{device}"'
                ),
                got=f'"{device}"',
                because=_("the devices here are {devices}").format(devices=", ".join(devices())),
                try_this='"cpu"',
            )
        ) from refusal
    return torch.device(device)


def devices() -> list[str]:
    """What torch can compute on, on this machine."""
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    if accelerator is None:
        return ["cpu"]
    return ["cpu", *(f"{accelerator.type}:{index}" for index in range(torch.accelerator.device_count()))]


# ---- the functions, as torch has them ------------------------------------------------------------------
# The tables are made when they are asked for: without torch this file can still be imported and say so.


def activation(choice: ActivationChoice, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
    """a = f(z), with its option filled in."""
    f, options = activations()[choice.name], plain(choice.options, dtype)
    return lambda z: f(z, **options)


def activations() -> dict[str, Callable[..., Tensor]]:
    """a = f(z) by name; options are named as in the recipe."""
    return {
        "identity": lambda z: z,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": functional.relu,
        "leaky_relu": functional.leaky_relu,
        "elu": functional.elu,
        # functional.softplus is a = z above beta z = 20
        "softplus": lambda z, beta: torch.logaddexp(z.new_zeros(()), beta * z) / beta,
        "silu": functional.silu,
        # functional.gelu computes 1 + erf, which has lost every digit at z = -9
        "gelu": lambda z: z * torch.erfc(-z / sqrt(2)) / 2,
        "softmax": lambda z: torch.softmax(z, dim=1),
    }


def loss(section: LossSection, dtype: torch.dtype) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss of a and y summed over the samples, with its option filled in."""
    f, options = losses()[section.name], plain(section.options, dtype)
    return lambda a, y: f(a, y, **options)


def losses() -> dict[str, Callable[..., Tensor]]:
    """The losses by name, summed over the samples; a.shape[1] is K, the number of outputs."""
    return {
        "half_sum_squared_error": lambda a, y: functional.mse_loss(a, y, reduction="sum") / 2,
        "mean_squared_error": lambda a, y: functional.mse_loss(a, y, reduction="sum") / a.shape[1],
        "mean_absolute_error": lambda a, y: functional.l1_loss(a, y, reduction="sum") / a.shape[1],
        "huber": lambda a, y, delta: functional.huber_loss(a, y, reduction="sum", delta=delta) / a.shape[1],
        "cross_entropy": lambda a, y: -(y * torch.log(_where_it_counts(y, a))).sum(),
        "softmax_cross_entropy": lambda a, y: functional.cross_entropy(a, y, reduction="sum"),
        # functional.binary_cross_entropy clamps its logarithms at -100
        "binary_cross_entropy": lambda a, y: (
            -(y * torch.log(_where_it_counts(y, a)) + (1 - y) * torch.log1p(-_where_it_counts(1 - y, a))).sum()
            / a.shape[1]
        ),
        # functional.binary_cross_entropy_with_logits computes (1 - y) a - log p, which cancels for a << 0
        "sigmoid_binary_cross_entropy": lambda a, y: (
            -(y * functional.logsigmoid(a) + (1 - y) * functional.logsigmoid(-a)).sum() / a.shape[1]
        ),
    }


def _where_it_counts(factor: Tensor, a: Tensor) -> Tensor:
    """Give a, and 1/2 where its logarithm has the factor 0: no infinity arises there, and no NaN flows back."""
    return torch.where(factor == 0, 0.5, a)


def optimizer(training: TrainingSection, parameters: list[Tensor]) -> torch.optim.Optimizer:
    """torch's optimizer of that name, which takes one parameter after the other, on every machine the same way.

    Its centered RMSprop takes the root of a difference that rounding can make negative, and then gives NaN.
    """
    of_name: dict[str, Callable[..., torch.optim.Optimizer]] = {
        "sgd": torch.optim.SGD,
        "rmsprop": torch.optim.RMSprop,
        "adagrad": torch.optim.Adagrad,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    dtype = parameters[0].dtype
    options = plain(training.options, dtype)
    learning_rate = float(training.learning_rate)
    divisor = 1 - options["betas"][0] if "betas" in options else 1  # Adam's first step divides by it
    if learning_rate / divisor > torch.finfo(dtype).max:
        learning_rate = inf
    return of_name[training.optimizer](parameters, lr=learning_rate, foreach=False, **options)


def plain(options: Mapping[str, Any], dtype: torch.dtype) -> dict[str, Any]:
    """Options as torch takes them; a number beyond the precision is infinite, as in NumPy: torch would refuse it."""
    largest = torch.finfo(dtype).max
    simple: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, bool):
            simple[name] = value
        elif isinstance(value, tuple):
            simple[name] = tuple(float(number) for number in value)
        else:
            simple[name] = float(value) if abs(value) <= largest else copysign(inf, value)
    return simple
