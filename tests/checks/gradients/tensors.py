"""torch.autograd.Functions, right and wrong: the same forward pass, other backward passes."""

import torch


def double(*shape, seed=0, size=1.0):
    return size * torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g


class ForgottenFactor(Cube):
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return x**2 * g


class IgnoredCotangent(Cube):
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2


class Dense(torch.autograd.Function):
    """relu(x W + b), with the forward pass apart from its ctx."""

    @staticmethod
    def forward(x, W, b, relu):
        z = x @ W + b
        return z.relu() if relu else z

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, W, _, ctx.relu = inputs
        ctx.save_for_backward(x, W, output)

    @staticmethod
    def backward(ctx, g):
        x, W, output = ctx.saved_tensors
        d = g * (output > 0) if ctx.relu else g
        return d @ W.T, x.T @ d, d.sum(0), None


def dense(x=lambda x, W, d: d @ W.T, W=lambda x, W, d: x.T @ d, b=lambda x, W, d: d.sum(0), mask=lambda o: o > 0):
    """Dense with another way to one of its gradients."""

    class Other(Dense):
        @staticmethod
        def backward(ctx, g):
            inputs, weights, output = ctx.saved_tensors
            d = g * mask(output) if ctx.relu else g
            return *(way(inputs, weights, d) for way in (x, W, b)), None

    return Other


class Hidden(torch.autograd.Function):
    """A forward pass that autograd cannot see through."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.from_numpy(x.detach().numpy() ** 2).to(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x * g


class SumAndProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x + y, x * y

    @staticmethod
    def backward(ctx, g, h):
        x, y = ctx.saved_tensors
        return g + h * y, g + h * x


class Swapped(SumAndProduct):
    @staticmethod
    def backward(ctx, g, h):
        return SumAndProduct.backward(ctx, g, h)[::-1]


X, W, B = double(4, 3), double(3, 3, seed=1), double(3, seed=2)

RIGHT = {
    "cubes": (Cube, {"x": double(5)}),
    "cubes by position": (Cube, (double(5),)),
    "float32": (Cube, {"x": double(5).float()}),
    "a dense layer": (Dense, {"x": X, "W": W, "b": B, "relu": True}),
    "a dense layer without relu": (Dense, (X, W, B, False)),
    "a dense layer in float32": (Dense, (X.float(), W.float(), B.float(), True)),
    "only what requires a gradient": (
        dense(x=lambda x, W, d: None),
        (X, W.clone().requires_grad_(), B.clone().requires_grad_(), True),
    ),
    "hidden from autograd": (Hidden, {"x": double(4)}),
    "two outputs": (SumAndProduct, {"x": double(3), "y": double(3, seed=1)}),
    "tiny numbers": (Cube, {"x": double(5, size=1e-20)}),
    "a kink": (Dense, (torch.zeros(2, 3, dtype=torch.float64), W, torch.zeros(3, dtype=torch.float64), True)),
    "not a class": (lambda x, w: torch.tanh(x @ w).sum(), {"x": X, "w": W[0]}),
}

WRONG = {
    "a forgotten factor": (ForgottenFactor, {"x": double(5)}, "x"),
    "a forgotten factor in float32": (ForgottenFactor, {"x": double(5).float()}, "x"),
    "a forgotten factor in float16": (ForgottenFactor, {"x": double(5).half()}, "x"),
    "the cotangent ignored": (IgnoredCotangent, {"x": double(5)}, "x"),
    "transposed weights": (dense(x=lambda x, W, d: d @ W), (X, W, B, False), "x"),
    "no gradient for b": (dense(b=lambda x, W, d: None), (X, W, B, False), "b"),
    "b averaged": (dense(b=lambda x, W, d: d.mean(0)), (X, W, B, True), "b"),
    "no mask": (dense(mask=torch.ones_like), (X, W, B, True), "x"),
    "the mask of another layer": (dense(mask=lambda o: X > 0), (X, W, B, True), "x"),
    "detached": (dense(W=lambda x, W, d: torch.zeros_like(W)), (X, W, B, True), "W"),
    "swapped": (Swapped, {"x": double(3), "y": double(3, seed=1)}, "x"),
    "not finite": (dense(W=lambda x, W, d: x.T @ d / 0), (X, W, B, True), "W"),
}
