"""A function of torch tensors: a torch.autograd.Function with its backward, or functions written with torch.

The truth is autograd's derivative of what the forward pass computes, in float64; a forward pass that autograd cannot
see through is left to differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from backlight.checks.gradients.arguments import Arguments, Vector, parameters
from backlight.checks.gradients.faults import (
    GradientError,
    WrongShape,
    cannot_call,
    no_numbers,
    not_the_same_twice,
    nothing_to_differentiate,
)
from backlight.checks.gradients.subject import bits_of, by_argument, results
from backlight.language import marked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Context(SimpleNamespace):
    """What a forward pass sees as ctx when only its arithmetic is wanted: it keeps all, and does nothing."""

    def save_for_backward(self, *tensors: torch.Tensor) -> None:
        """Keep tensors, where a forward pass may look for them."""
        self.saved_tensors = tensors

    def mark_dirty(self, *_tensors: torch.Tensor) -> None:
        """Of no interest here, as the next two."""

    def mark_non_differentiable(self, *_tensors: torch.Tensor) -> None:
        """See mark_dirty."""

    def set_materialize_grads(self, _value: bool) -> None:  # noqa: FBT001  as torch has it
        """See mark_dirty."""

    @property
    def needs_input_grad(self) -> _All:
        """Every argument counts as needing a gradient."""
        return _All()


class _All:
    """True at every index."""

    def __getitem__(self, _index: object) -> bool:
        return True


def forward_of(function: type[torch.autograd.Function]) -> Callable[..., Any]:
    """The forward pass of an autograd.Function as a plain function of its arguments."""
    return function.forward if has_setup(function) else lambda *arguments: function.forward(Context(), *arguments)


def has_setup(function: type[torch.autograd.Function]) -> bool:
    """Whether its forward pass comes without a ctx."""
    return function.setup_context is not torch.autograd.Function.setup_context


def tensor_function(
    function: Callable[..., Any], gradient: Callable[..., Any] | None, arguments: Mapping[str, Any] | Sequence[Any]
) -> TensorFunction:
    """Make the subject of a torch.autograd.Function, or of a function of tensors."""
    if isinstance(function, type) and issubclass(function, torch.autograd.Function):
        names = parameters(function.forward)[0 if has_setup(function) else 1 :]
        return TensorFunction(forward_of(function), function.apply, gradient, Arguments.in_order(names, arguments))
    return TensorFunction(function, function, gradient, Arguments.of(function, arguments))


@dataclass(frozen=True)
class TensorFunction:
    """A Subject of torch.

    `forward` computes the outputs; `function` is what autograd goes back through when `gradient` is None.

    Raises
    ------
    GradientError [C-GRADIENT-1, C-GRADIENT-2, C-GRADIENT-3, C-GRADIENT-4]
        When it is first asked for its start.
    """

    forward: Callable[..., Any]
    function: Callable[..., Any]
    gradient: Callable[..., Any] | None
    given: Arguments
    method: str = marked("autograd of the forward pass")

    @cached_property
    def value(self) -> tuple[torch.Tensor, ...]:
        """The outputs at the arguments as they were given."""
        try:
            with torch.no_grad():
                value = outputs_of(self.given.call(self.function, self.given.values))
        except Exception as error:
            raise cannot_call(self.function, error) from error
        if not value or not all(one.is_floating_point() and bool(torch.isfinite(one).all()) for one in value):
            raise no_numbers(self.function, value)
        with torch.no_grad():
            again = outputs_of(self.given.call(self.function, self.given.values))
        if not all(torch.equal(one, other) for one, other in zip(value, again, strict=True)):
            raise not_the_same_twice(self.function)
        return value

    @cached_property
    def chosen(self) -> tuple[int, ...]:
        """The numbers of the arguments that are differentiated."""
        floats = [
            n
            for n, value in enumerate(self.given.values)
            if isinstance(value, torch.Tensor) and value.is_floating_point() and value.numel()
        ]
        if self.gradient is None:
            floats = [n for n in floats if self.given.values[n].requires_grad] or floats
        if not floats:
            raise nothing_to_differentiate(self.given.names)
        ones = [torch.ones_like(one) for one in self.value]
        try:
            return tuple(by_argument(self._answers(list(self.given.values), floats, ones), self.given, floats))
        except GradientError:
            raise
        except Exception as error:
            raise cannot_call(self.gradient or self.function, error) from error

    @cached_property
    def vector(self) -> Vector:  # noqa: D102
        shapes = tuple(tuple(self.given.values[number].shape) for number in self.chosen)
        return Vector(tuple(self.given.names[number] for number in self.chosen), shapes)

    @cached_property
    def start(self) -> Array:  # noqa: D102
        return np.concatenate([_numbers(self.given.values[number]) for number in self.chosen])

    @cached_property
    def bits(self) -> int:  # noqa: D102
        return min(bits_of(torch.finfo(self.given.values[number].dtype).eps) for number in self.chosen)

    @property
    def constant(self) -> tuple[str, ...]:  # noqa: D102
        return tuple(name for number, name in enumerate(self.given.names) if number not in self.chosen)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:  # noqa: D102
        tensors = zip(self.given.names, self.given.values, strict=True)
        return {name: tuple(value.shape) for name, value in tensors if isinstance(value, torch.Tensor)}

    @cached_property
    def results(self) -> Vector:  # noqa: D102
        return results([tuple(one.shape) for one in self.value])

    # ---- between vectors -----------------------------------------------------------------------------

    def radii(self, x: Array) -> Array | None:  # noqa: ARG002, D102
        return None

    def rounded(self, x: Array) -> Array:  # noqa: D102
        return np.concatenate([_numbers(value) for value in self._tensors(x)])

    def outputs(self, x: Array) -> Array:  # noqa: D102
        with torch.no_grad():
            return np.concatenate([_numbers(one) for one in outputs_of(self._forward(self._tensors(x, torch.float64)))])

    def slopes(self, x: Array, cotangents: Array, directions: Array) -> Array:  # noqa: D102
        tensors = [tensor.requires_grad_() for tensor in self._tensors(x, torch.float64)]
        outputs = outputs_of(self._forward(tensors))
        rows = [self._pulled_back(outputs, tensors, self._cotangent(cotangent)) for cotangent in cotangents]
        return np.array([np.concatenate(list(map(_numbers, row))) for row in rows]) @ directions.T

    def gradients(self, x: Array, cotangents: Array) -> Array:  # noqa: D102
        return np.array([self._in_one(x, self._cotangent(cotangent)) for cotangent in cotangents])

    def finer(self) -> None:  # noqa: D102
        return None

    def explained(self, verdict: str, places: Sequence[Array]) -> tuple[tuple[str, ...], list[str]]:  # noqa: ARG002, D102
        return (), []

    # ---- calls ---------------------------------------------------------------------------------------

    def _tensors(self, x: Array, dtype: torch.dtype | None = None) -> list[torch.Tensor]:
        """The arguments that are differentiated, with these numbers."""
        pairs = zip(self.chosen, self.vector.split(x), strict=True)
        return [
            torch.tensor(part, dtype=dtype or self.given.values[n].dtype, device=self.given.values[n].device)
            for n, part in pairs
        ]

    def _all(self, tensors: Sequence[torch.Tensor]) -> list[Any]:
        """All arguments; the constant ones take the precision of the others."""
        chosen = dict(zip(self.chosen, tensors, strict=True))
        return [chosen[n] if n in chosen else _as_precise(v, tensors[0]) for n, v in enumerate(self.given.values)]

    def _forward(self, tensors: Sequence[torch.Tensor]) -> Any:  # noqa: ANN401
        return self.given.call(self.forward, self._all(tensors))

    def _cotangent(self, numbers: Array) -> list[torch.Tensor]:
        """A cotangent in the shapes and types of the outputs."""
        return [
            torch.as_tensor(part).to(one) for part, one in zip(self.results.split(numbers), self.value, strict=True)
        ]

    def _pulled_back(
        self, outputs: Sequence[torch.Tensor], tensors: Sequence[torch.Tensor], cotangent: Sequence[torch.Tensor]
    ) -> list[torch.Tensor]:
        """What autograd makes of a cotangent; zero where an argument has no influence."""
        pairs = [(one, c.to(one)) for one, c in zip(outputs, cotangent, strict=True) if one.requires_grad]
        if not pairs:
            message = "autograd does not see the arguments in the outputs"
            raise TypeError(message)
        seen, given = zip(*pairs, strict=True)
        found: Sequence[torch.Tensor | None] = torch.autograd.grad(
            seen, list(tensors), list(given), retain_graph=True, allow_unused=True
        )
        return [torch.zeros_like(t) if g is None else g for g, t in zip(found, tensors, strict=True)]

    def _answers(self, values: list[Any], chosen: Sequence[int], cotangent: Sequence[torch.Tensor]) -> Any:  # noqa: ANN401
        """What the gradient that is checked gives."""
        if self.gradient is None:
            tensors = [values[number].detach().clone().requires_grad_() for number in chosen]
            for number, tensor in zip(chosen, tensors, strict=True):
                values[number] = tensor
            return tuple(self._pulled_back(outputs_of(self.given.call(self.function, values)), tensors, cotangent))
        return self.given.call(self.gradient, values, *(cotangent if sum(c.numel() for c in cotangent) > 1 else ()))

    def _in_one(self, x: Array, cotangent: Sequence[torch.Tensor]) -> Array:
        """The gradients for all arguments one after the other."""
        values = list(self.given.values)
        for number, tensor in zip(self.chosen, self._tensors(x), strict=True):
            values[number] = tensor
        answers = by_argument(self._answers(values, self.chosen, cotangent), self.given, self.chosen)
        for number, name, shape in zip(self.chosen, self.vector.names, self.vector.shapes, strict=True):
            if tuple(answers[number].shape) != shape:
                raise WrongShape(name, tuple(answers[number].shape), shape)
        return np.concatenate([_numbers(answers[number]) for number in self.chosen])


def outputs_of(returned: Any) -> tuple[torch.Tensor, ...]:  # noqa: ANN401
    """The outputs as a tuple."""
    return tuple(returned) if isinstance(returned, tuple | list) else (returned,)


def _numbers(tensor: torch.Tensor) -> Array:
    """The numbers of a tensor in float64, one after the other."""
    numbers: Array = tensor.detach().cpu().to(torch.float64).numpy().ravel()
    return numbers


def _as_precise(value: Any, other: torch.Tensor) -> Any:  # noqa: ANN401
    """A constant tensor of floats in the precision of another."""
    return value.to(other.dtype) if isinstance(value, torch.Tensor) and value.is_floating_point() else value
