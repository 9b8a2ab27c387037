"""Programs for `test_recognise`: each text with the recipe that it is held against, and wrong ones made of them."""

from __future__ import annotations

from tests.checks.torch_programs import FUNCTIONS, MODULE, MODULES, SEQUENTIAL

TABLE = {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]}
FLOWERS = {
    "inputs": [
        [5.1, 3.5, 1.4, 0.2],
        [4.9, 3.0, 1.4, 0.2],
        [7.0, 3.2, 4.7, 1.4],
        [6.4, 3.2, 4.5, 1.5],
        [6.3, 3.3, 6.0, 2.5],
        [5.8, 2.7, 5.1, 1.9],
    ],
    "targets": [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]],
}
PARABOLA = {
    "inputs": [[-1.0], [-0.6], [-0.2], [0.2], [0.6], [1.0]],
    "targets": [[1.0], [0.36], [0.04], [0.04], [0.36], [1.0]],
}


def recipe(layers, activations, data, loss, rate, over="mean", optimizer="sgd"):  # noqa: PLR0917  a recipe in a line
    """Make a recipe with biases and initial values that no program here has."""
    return {
        "network": {"layers": layers, "activations": activations, "biases": True},
        "parameters": {"initializer": "xavier_uniform", "random_seed": 1},
        "data": data,
        "loss": {"name": loss, "over_samples": over},
        "training": {"learning_rate": rate, "iterations": 20, "optimizer": optimizer},
    }


DICTIONARIES = """
import numpy as np
rng = np.random.default_rng(2)
sizes = [2, 3, 3, 1]
L = len(sizes) - 1
P = {}
for l in range(1, L + 1):
    P[f"W{l}"] = rng.standard_normal((sizes[l], sizes[l - 1])) * np.sqrt(1 / sizes[l - 1])
    P[f"b{l}"] = np.zeros((sizes[l], 1))
X = np.array([[0, 0, 1, 1], [0, 1, 0, 1]]); Y = np.array([[0, 1, 1, 0]])
m = X.shape[1]
for step in range(80):
    A = {"A0": X}
    for l in range(1, L):
        A[f"Z{l}"] = P[f"W{l}"] @ A[f"A{l-1}"] + P[f"b{l}"]
        A[f"A{l}"] = np.tanh(A[f"Z{l}"])
    A[f"Z{L}"] = P[f"W{L}"] @ A[f"A{L-1}"] + P[f"b{L}"]
    A[f"A{L}"] = 1 / (1 + np.exp(-A[f"Z{L}"]))
    cost = -np.mean(Y * np.log(A[f"A{L}"]) + (1 - Y) * np.log(1 - A[f"A{L}"]))
    G = {}
    dZ = A[f"A{L}"] - Y
    for l in range(L, 0, -1):
        G[f"dW{l}"] = dZ @ A[f"A{l-1}"].T / m
        G[f"db{l}"] = dZ.sum(axis=1, keepdims=True) / m
        if l > 1:
            dZ = (P[f"W{l}"].T @ dZ) * (1 - A[f"A{l-1}"] ** 2)
    for l in range(1, L + 1):
        for kind in "Wb":
            P[f"{kind}{l}"] = P[f"{kind}{l}"] - 0.5 * G[f"d{kind}{l}"]
"""
GLOBALS = """
import math, random
random.seed(42)
u11, u12, u21, u22 = [random.uniform(-2, 2) for _ in range(4)]
c1 = c2 = 0.0
v1, v2, c3 = random.uniform(-2, 2), random.uniform(-2, 2), 0.0
def f(t): return 1.0 / (1.0 + math.exp(-t))
def predict(p, q):
    global g1, g2, y
    g1 = f(u11 * p + u21 * q + c1)
    g2 = f(u12 * p + u22 * q + c2)
    y = f(v1 * g1 + v2 * g2 + c3)
    return y
def learn(p, q, t, eta=0.5):
    global u11, u12, u21, u22, c1, c2, v1, v2, c3
    predict(p, q)
    dy = (t - y) * y * (1 - y)
    d1 = dy * v1 * g1 * (1 - g1)
    d2 = dy * v2 * g2 * (1 - g2)
    v1 += eta * dy * g1; v2 += eta * dy * g2; c3 += eta * dy
    u11 += eta * d1 * p; u21 += eta * d1 * q; c1 += eta * d1
    u12 += eta * d2 * p; u22 += eta * d2 * q; c2 += eta * d2
table = {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}
for n in range(60):
    for (p, q), t in table.items():
        learn(p, q, t)
    err = sum((predict(p, q) - t) ** 2 for (p, q), t in table.items())
"""
MATRIX = """
import numpy as np
X = np.matrix('0 0; 0 1; 1 0; 1 1')
y = np.matrix('0; 1; 1; 0')
np.random.seed(3)
U = np.matrix(np.random.randn(2, 3)); c = np.matrix(np.random.randn(1, 3))
V = np.matrix(np.random.randn(3, 1)); d = np.matrix(np.random.randn(1, 1))
f = lambda z: 1 / (1 + np.exp(-z))
for t in range(100):
    H = f(X * U + c)
    O = f(H * V + d)
    E = O - y
    dO = np.multiply(E, np.multiply(O, 1 - O))
    dH = np.multiply(dO * V.T, np.multiply(H, 1 - H))
    V = V - 0.5 * H.T * dO
    d = d - 0.5 * dO.sum(axis=0)
    U = U - 0.5 * X.T * dH
    c = c - 0.5 * dH.sum(axis=0)
"""
NUMERICAL_FIRST = """
import numpy as np
rng = np.random.default_rng(3)
X = np.array([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]); Y = np.array([[0.], [1.], [1.], [0.]])
W1 = rng.normal(size=(2, 3)); b1 = rng.normal(size=3); W2 = rng.normal(size=(3, 1)); b2 = rng.normal(size=1)
def s(z): return 1 / (1 + np.exp(-z))
def loss():
    return 0.5 * np.mean(np.sum((s(s(X @ W1 + b1) @ W2 + b2) - Y) ** 2, axis=1))
def gradient():
    h = s(X @ W1 + b1); o = s(h @ W2 + b2)
    d2 = (o - Y) * o * (1 - o) / len(X)
    d1 = d2 @ W2.T * h * (1 - h)
    return X.T @ d1, d1.sum(0), h.T @ d2, d2.sum(0)
def numerical(p, eps=1e-5):
    g = np.zeros_like(p)
    it = np.nditer(p, flags=['multi_index'])
    while not it.finished:
        i = it.multi_index
        old = p[i]
        p[i] = old + eps; up = loss()
        p[i] = old - eps; down = loss()
        p[i] = old
        g[i] = (up - down) / (2 * eps)
        it.iternext()
    return g
nums = [numerical(p) for p in (W1, b1, W2, b2)]
for n, g in zip(nums, gradient()):
    print(np.abs(n - g).max())
for epoch in range(50):
    for p, g in zip((W1, b1, W2, b2), gradient()):
        p -= 0.5 * g
"""
ENGINE = """
import math, random
class Value:
    def __init__(self, data, _children=(), _op=''):
        self.data = data; self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(_children); self._op = _op
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), '+')
        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), '*')
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out
    def __pow__(self, k):
        out = Value(self.data ** k, (self,), f'**{k}')
        def _backward():
            self.grad += k * self.data ** (k - 1) * out.grad
        out._backward = _backward
        return out
    def tanh(self):
        t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)
        out = Value(t, (self,), 'tanh')
        def _backward():
            self.grad += (1 - t * t) * out.grad
        out._backward = _backward
        return out
    def __radd__(self, o): return self + o
    def __rmul__(self, o): return self * o
    def __neg__(self): return self * -1
    def __sub__(self, o): return self + (-o)
    def backward(self):
        topo, visited = [], set()
        def build(v):
            if v not in visited:
                visited.add(v)
                for c in v._prev: build(c)
                topo.append(v)
        build(self)
        self.grad = 1.0
        for v in reversed(topo): v._backward()
class Neuron:
    def __init__(self, nin):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(random.uniform(-1, 1))
    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.tanh()
    def parameters(self): return self.w + [self.b]
class Layer:
    def __init__(self, nin, nout): self.neurons = [Neuron(nin) for _ in range(nout)]
    def __call__(self, x):
        outs = [n(x) for n in self.neurons]
        return outs[0] if len(outs) == 1 else outs
    def parameters(self): return [p for n in self.neurons for p in n.parameters()]
class MLP:
    def __init__(self, nin, nouts):
        sz = [nin] + nouts
        self.layers = [Layer(sz[i], sz[i+1]) for i in range(len(nouts))]
    def __call__(self, x):
        for layer in self.layers: x = layer(x)
        return x
    def parameters(self): return [p for l in self.layers for p in l.parameters()]
random.seed(4)
n = MLP(2, [3, 1])
xs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
ys = [0.0, 1.0, 1.0, 0.0]
for k in range(30):
    ypred = [n(x) for x in xs]
    loss = sum(0.5 * (yout - ygt) ** 2 for ygt, yout in zip(ys, ypred))
    for p in n.parameters(): p.grad = 0.0
    loss.backward()
    for p in n.parameters(): p.data += -0.05 * p.grad
    print(k, loss.data)
"""
ZEROS = """
import random, math
random.seed(3)
H = 3
w1 = [[random.gauss(0, 1) for _ in range(H)] for _ in range(2)]
b1 = [0.0] * H
w2 = [random.gauss(0, 1) for _ in range(H)]
b2 = 0.0
def forward(x):
    h = []
    for j in range(H):
        s = 0.0
        for i in range(2):
            s += x[i] * w1[i][j]
        h.append(math.tanh(s + b1[j]))
    o = 0.0
    for j in range(H):
        o += h[j] * w2[j]
    return h, 1 / (1 + math.exp(-(o + b2)))
data = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]
for epoch in range(50):
    gw1 = [[0.0] * H for _ in range(2)]; gb1 = [0.0] * H; gw2 = [0.0] * H; gb2 = 0.0
    for x, t in data:
        h, y = forward(x)
        d = (y - t) * y * (1 - y)
        gb2 += d
        for j in range(H):
            gw2[j] += d * h[j]
            e = d * w2[j] * (1 - h[j] * h[j])
            gb1[j] += e
            for i in range(2):
                gw1[i][j] += e * x[i]
    b2 -= 0.5 * gb2
    for j in range(H):
        w2[j] -= 0.5 * gw2[j]; b1[j] -= 0.5 * gb1[j]
        for i in range(2):
            w1[i][j] -= 0.5 * gw1[i][j]
"""
NUMERICAL_BESIDE = """
import numpy as np
rng = np.random.default_rng(3)
X = np.array([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]); Y = np.array([[0.], [1.], [1.], [0.]])
net = {"W1": rng.normal(size=(2, 3)), "b1": np.zeros(3), "W2": rng.normal(size=(3, 1)), "b2": np.zeros(1)}
def s(z): return 1 / (1 + np.exp(-z))
def forward(p, X):
    h = s(X @ p["W1"] + p["b1"])
    return h, s(h @ p["W2"] + p["b2"])
def loss(p): return 0.5 * np.mean((forward(p, X)[1] - Y) ** 2)
for epoch in range(40):
    h, o = forward(net, X)
    d2 = (o - Y) * o * (1 - o) / 4
    d1 = d2 @ net["W2"].T * h * (1 - h)
    g = {"W1": X.T @ d1, "b1": d1.sum(0), "W2": h.T @ d2, "b2": d2.sum(0)}
    if epoch % 10 == 0:
        for k in net:
            for i in np.ndindex(net[k].shape):
                net[k][i] += 1e-5; up = loss(net)
                net[k][i] -= 2e-5; down = loss(net)
                net[k][i] += 1e-5
                assert abs((up - down) / 2e-5 - g[k][i]) < 1e-6
    for k in net:
        net[k] -= 0.5 * g[k]
"""

PROGRAMS = {
    "sums that begin at zero, and nothing else at first": (
        ZEROS,
        recipe([2, 3, 1], ["tanh", "sigmoid"], TABLE, "half_sum_squared_error", 0.5, "sum"),
    ),
    "a numerical gradient that does not quite put back what it moves": (
        NUMERICAL_BESIDE,
        recipe([2, 3, 1], "sigmoid", TABLE, "half_sum_squared_error", 0.5),
    ),
    "equal zero biases at one place, in dictionaries": (
        DICTIONARIES,
        recipe([2, 3, 3, 1], ["tanh", "tanh", "sigmoid"], TABLE, "binary_cross_entropy", 0.5),
    ),
    "zeros of a sample beside zeros of biases": (
        GLOBALS,
        recipe([2, 2, 1], "sigmoid", TABLE, "half_sum_squared_error", 0.5, "sum"),
    ),
    "np.matrix": (
        MATRIX,
        recipe([2, 3, 1], "sigmoid", TABLE, "half_sum_squared_error", 0.5, "sum"),
    ),
    "a numerical gradient before the first pass": (
        NUMERICAL_FIRST,
        recipe([2, 3, 1], "sigmoid", TABLE, "half_sum_squared_error", 0.5),
    ),
    "an engine of values, with a start of its own": (
        ENGINE,
        recipe([2, 3, 1], "tanh", TABLE, "half_sum_squared_error", 0.05, "sum"),
    ),
    "torch modules in a class": (
        MODULE,
        recipe([2, 3, 1], "sigmoid", TABLE, "binary_cross_entropy", 0.5),
    ),
    "torch in one call of Sequential": (
        SEQUENTIAL,
        recipe([1, 6, 1], ["tanh", "identity"], PARABOLA, "mean_squared_error", 0.1),
    ),
    "torch functions of weights and biases": (
        FUNCTIONS,
        recipe([4, 5, 3], ["relu", "identity"], FLOWERS, "softmax_cross_entropy", 0.05),
    ),
    "torch modules in a list, Adam": (
        MODULES,
        recipe([1, 4, 3, 1], ["relu", "relu", "identity"], PARABOLA, "mean_squared_error", 0.01, optimizer="adam"),
    ),
}
"""Each right for its recipe."""

WRONG = {
    "np.matrix": (
        "np.matrix",
        ("np.multiply(dO * V.T", "np.multiply(E * V.T"),
        "missing-output-derivative-on-hidden-path",
    ),
    "a numerical gradient before the first pass": (
        "a numerical gradient before the first pass",
        ("d1 = d2 @ W2.T * h * (1 - h)", "d1 = d2 @ W2.T"),
        "missing-hidden-derivative",
    ),
    "torch modules in a class": (
        "torch modules in a class",
        ("    optimizer.zero_grad()\n", ""),
        "accumulated-gradients",
    ),
    "torch, softmax twice": (
        "torch functions of weights and biases",
        ("F.cross_entropy(logits, y)", "F.cross_entropy(F.softmax(logits, dim=1), y)"),
        "loss-applied-to-activated-output",
    ),
}
"""Of which right program each is made, how, and the mistake."""
