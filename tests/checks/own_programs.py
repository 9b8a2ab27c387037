"""Programs in the styles in which people write them, each with the recipe it is held against.

What a program has otherwise than its recipe stands in its name; a wrong one stands beside the right one it is made of.
"""

from __future__ import annotations

XOR = {
    "network": {"layers": [2, 3, 1], "activations": "sigmoid", "biases": True},
    "parameters": {
        "weights": [[[0.9, -0.55, 0.3], [-0.65, 0.7, 0.8]], [[1.1], [-0.75], [0.6]]],
        "biases": [[0.1, -0.2, 0.05], [-0.3]],
    },
    "data": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]},
    "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
    "training": {"learning_rate": 0.5, "iterations": 20},
}
PLAIN = {
    **XOR,
    "network": {"layers": [2, 3, 1], "activations": "sigmoid"},
    "parameters": {"weights": XOR["parameters"]["weights"]},
}
SQUARE = {
    "network": {"layers": [2, 2, 2], "activations": "sigmoid", "biases": True},
    "parameters": {
        "weights": [[[0.15, 0.25], [-0.2, 0.3]], [[0.4, -0.5], [0.45, 0.55]]],
        "biases": [[0.35, 0.21], [0.6, -0.1]],
    },
    "data": {"inputs": [[0.05, 0.12]], "targets": [[0.01, 0.99]]},
    "loss": {"name": "half_sum_squared_error"},
    "training": {"learning_rate": 0.5, "iterations": 20},
}
REGRESSION = {
    "network": {"layers": [1, 3, 1], "activations": ["tanh", "identity"], "biases": True},
    "parameters": {"initializer": "xavier_uniform", "random_seed": 1},
    "data": {"inputs": [[-0.8], [-0.3], [0.2], [0.6], [0.9]], "targets": [[0.64], [0.09], [0.04], [0.36], [0.81]]},
    "loss": {"name": "mean_squared_error"},
    "training": {"learning_rate": 0.1, "iterations": 20},
}
CLASSES = {
    "network": {"layers": [3, 4, 3], "activations": ["relu", "softmax"], "biases": True},
    "parameters": {"initializer": "kaiming_normal", "random_seed": 2},
    "data": {
        "inputs": [[0.8, 0.2, -0.4], [0.6, -0.7, 0.1], [-0.3, 0.9, 0.5], [0.2, 0.4, -0.9], [-0.6, -0.1, 0.7]],
        "targets": [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]],
    },
    "loss": {"name": "cross_entropy"},
    "training": {"learning_rate": 0.2, "iterations": 20},
}
DEEP = {
    "network": {"layers": [2, 3, 3, 1], "activations": ["tanh", "tanh", "sigmoid"], "biases": True},
    "parameters": {"initializer": "xavier_uniform", "random_seed": 3},
    "data": {"inputs": [[0.1, 0.9], [0.8, -0.2], [-0.5, 0.4]], "targets": [[0.2], [0.7], [0.9]]},
    "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
    "training": {"learning_rate": 0.3, "iterations": 20},
}

ROWS = """
import numpy as np
rng = np.random.RandomState(4)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([[0], [1], [1], [0]])
W1 = rng.normal(size=(2, 3)); b1 = rng.normal(size=(1, 3))
W2 = rng.normal(size=(3, 1)); b2 = rng.normal(size=(1, 1))

def sigmoid(t):
    return 1 / (1 + np.exp(-t))

for step in range(12):
    z1 = X @ W1 + b1
    a1 = sigmoid(z1)
    z2 = a1 @ W2 + b2
    a2 = sigmoid(z2)
    d2 = (a2 - Y) * a2 * (1 - a2)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    W2 -= 0.5 * a1.T @ d2; b2 -= 0.5 * d2.sum(axis=0, keepdims=True)
    W1 -= 0.5 * X.T @ d1; b1 -= 0.5 * d1.sum(axis=0, keepdims=True)
"""
COLUMNS = """
import numpy as np
np.random.seed(0)
X = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
Y = np.array([[0, 1, 1, 0]])
def init(n_x, n_h, n_y):
    return {"W1": np.random.randn(n_h, n_x), "b1": np.zeros((n_h, 1)), "W2": np.random.randn(n_y, n_h), "b2": np.zeros((n_y, 1))}
def g(z):
    return 1.0 / (1.0 + np.exp(-z))
p = init(2, 3, 1)
for i in range(12):
    Z1 = np.dot(p["W1"], X) + p["b1"]
    A1 = g(Z1)
    Z2 = np.dot(p["W2"], A1) + p["b2"]
    A2 = g(Z2)
    dZ2 = (A2 - Y) * A2 * (1 - A2)
    dZ1 = np.dot(p["W2"].T, dZ2) * A1 * (1 - A1)
    p["W2"] = p["W2"] - 0.5 * np.dot(dZ2, A1.T)
    p["b2"] = p["b2"] - 0.5 * np.sum(dZ2, axis=1, keepdims=True)
    p["W1"] = p["W1"] - 0.5 * np.dot(dZ1, X.T)
    p["b1"] = p["b1"] - 0.5 * np.sum(dZ1, axis=1, keepdims=True)
"""
LISTS = """
import random
from math import exp
random.seed(3)
data = [([0, 0], [0]), ([0, 1], [1]), ([1, 0], [1]), ([1, 1], [0])]
hidden = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(3)]
hidden_bias = [random.uniform(-1, 1) for _ in range(3)]
output = [random.uniform(-1, 1) for _ in range(3)]
output_bias = random.uniform(-1, 1)
def f(t): return 1 / (1 + exp(-t))
for epoch in range(6):
    for x, (y,) in data:
        h = [f(sum(w * v for w, v in zip(ws, x)) + b) for ws, b in zip(hidden, hidden_bias)]
        o = f(sum(w * v for w, v in zip(output, h)) + output_bias)
        d = (o - y) * o * (1 - o)
        e = [d * w * v * (1 - v) for w, v in zip(output, h)]
        for j in range(3):
            output[j] -= 0.5 * d * h[j]
            for i in range(2):
                hidden[j][i] -= 0.5 * e[j] * x[i]
            hidden_bias[j] -= 0.5 * e[j]
        output_bias -= 0.5 * d
"""
NEURONS = """
import numpy as np
rng = np.random.default_rng(11)
class Neuron:
    def __init__(self, n):
        self.w = rng.uniform(-1, 1, n)
        self.b = rng.uniform(-1, 1)
    def fire(self, x):
        self.x = x
        self.out = 1 / (1 + np.exp(-(np.dot(self.w, x) + self.b)))
        return self.out
    def learn(self, d):
        self.w = self.w - 0.5 * d * self.x
        self.b = self.b - 0.5 * d
layer = [Neuron(2) for _ in range(3)]
last = Neuron(3)
samples = [(np.array([0., 0.]), 0.), (np.array([0., 1.]), 1.), (np.array([1., 0.]), 1.), (np.array([1., 1.]), 0.)]
for epoch in range(6):
    for x, y in samples:
        h = np.array([one.fire(x) for one in layer])
        o = last.fire(h)
        d = (o - y) * o * (1 - o)
        back = d * last.w * h * (1 - h)
        last.learn(d)
        for one, e in zip(layer, back):
            one.learn(e)
"""
ONES = """
import numpy as np
np.random.seed(8)
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T
s0 = 2 * np.random.random((3, 3)) - 1
s1 = 2 * np.random.random((4, 1)) - 1
def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))
for i in range(12):
    l1 = nonlin(X.dot(s0))
    l1b = np.hstack([l1, np.ones((4, 1))])
    l2 = nonlin(l1b.dot(s1))
    l2_delta = (y - l2) * nonlin(l2, True)
    l1_delta = l2_delta.dot(s1[:3].T) * nonlin(l1, True)
    s1 += 0.5 * l1b.T.dot(l2_delta)
    s0 += 0.5 * X.T.dot(l1_delta)
"""
SCALARS = """
import math
x1, x2 = 0.05, 0.12
y1, y2 = 0.01, 0.99
w1, w2, w3, w4 = 0.31, -0.44, 0.27, 0.58
w5, w6, w7, w8 = -0.36, 0.71, 0.83, -0.62
b1, b2, b3, b4 = 0.11, 0.22, -0.33, 0.47
def s(z):
    return 1 / (1 + math.exp(-z))
for n in range(15):
    h1 = s(w1 * x1 + w2 * x2 + b1)
    h2 = s(w3 * x1 + w4 * x2 + b2)
    o1 = s(w5 * h1 + w6 * h2 + b3)
    o2 = s(w7 * h1 + w8 * h2 + b4)
    d1 = (o1 - y1) * o1 * (1 - o1)
    d2 = (o2 - y2) * o2 * (1 - o2)
    e1 = (d1 * w5 + d2 * w7) * h1 * (1 - h1)
    e2 = (d1 * w6 + d2 * w8) * h2 * (1 - h2)
    w1 -= 0.5 * e1 * x1; w2 -= 0.5 * e1 * x2; b1 -= 0.5 * e1
    w3 -= 0.5 * e2 * x1; w4 -= 0.5 * e2 * x2; b2 -= 0.5 * e2
    w5 -= 0.5 * d1 * h1; w6 -= 0.5 * d1 * h2; b3 -= 0.5 * d1
    w7 -= 0.5 * d2 * h1; w8 -= 0.5 * d2 * h2; b4 -= 0.5 * d2
"""
VECTORS_OVER_SAMPLES = """
import numpy as np
a = np.array([0., 0., 1., 1.]); b = np.array([0., 1., 0., 1.]); t = np.array([0., 1., 1., 0.])
wa, wb, c = [0.3, -0.6, 0.9], [0.45, 0.75, -0.2], [0.12, -0.34, 0.56]
v, k = [0.65, -0.85, 0.4], 0.15
sig = lambda z: 1 / (1 + np.exp(-z))
for n in range(10):
    h = [sig(wa[j] * a + wb[j] * b + c[j]) for j in range(3)]
    o = sig(v[0] * h[0] + v[1] * h[1] + v[2] * h[2] + k)
    d = (o - t) * o * (1 - o)
    for j in range(3):
        e = d * v[j] * h[j] * (1 - h[j])
        v[j] -= 0.5 * np.sum(d * h[j])
        wa[j] -= 0.5 * np.sum(e * a); wb[j] -= 0.5 * np.sum(e * b); c[j] -= 0.5 * np.sum(e)
    k -= 0.5 * np.sum(d)
"""
FIT = """
import numpy as np
x = np.array([-0.8, -0.3, 0.2, 0.6, 0.9]).reshape(-1, 1)
y = x ** 2
rng = np.random.default_rng(5)
W, c = rng.standard_normal((1, 3)), np.zeros(3)
V, d = rng.standard_normal((3, 1)), np.zeros(1)
for _ in range(12):
    h = np.tanh(x @ W + c)
    out = h @ V + d
    err = 2 * (out - y) / len(x)
    back = err @ V.T * (1 - h ** 2)
    V = V - 0.1 * h.T @ err
    d = d - 0.1 * err.sum(0)
    W = W - 0.1 * x.T @ back
    c = c - 0.1 * back.sum(0)
"""
SOFTMAX = """
import numpy as np
np.random.seed(6)
X = np.array([[0.8, 0.2, -0.4], [0.6, -0.7, 0.1], [-0.3, 0.9, 0.5], [0.2, 0.4, -0.9], [-0.6, -0.1, 0.7]])
labels = np.array([0, 1, 2, 0, 1])
W1 = 0.5 * np.random.randn(3, 4); b1 = np.full(4, 0.01)
W2 = 0.5 * np.random.randn(4, 3); b2 = np.full(3, 0.02)
N = len(X)
for i in range(12):
    hidden = np.maximum(0, X @ W1 + b1)
    scores = hidden @ W2 + b2
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs = e / e.sum(axis=1, keepdims=True)
    dscores = probs.copy()
    dscores[range(N), labels] -= 1
    dscores /= N
    dhidden = dscores @ W2.T
    dhidden[hidden <= 0] = 0
    W2 += -0.2 * hidden.T @ dscores; b2 += -0.2 * dscores.sum(axis=0)
    W1 += -0.2 * X.T @ dhidden; b1 += -0.2 * dhidden.sum(axis=0)
"""
CLASSY = """
import numpy as np
class Dense:
    def __init__(self, n, m, rng):
        self.W = rng.uniform(-0.7, 0.7, (n, m)); self.b = rng.uniform(-0.1, 0.1, m)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, g, lr):
        back = g @ self.W.T
        self.W -= lr * self.x.T @ g
        self.b -= lr * g.sum(axis=0)
        return back
class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y
    def backward(self, g, lr):
        return g * (1 - self.y ** 2)
class Sigmoid(Tanh):
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y
    def backward(self, g, lr):
        return g * self.y * (1 - self.y)
rng = np.random.default_rng(9)
net = [Dense(2, 3, rng), Tanh(), Dense(3, 3, rng), Tanh(), Dense(3, 1, rng), Sigmoid()]
X = np.array([[0.1, 0.9], [0.8, -0.2], [-0.5, 0.4]]); Y = np.array([[0.2], [0.7], [0.9]])
for epoch in range(12):
    out = X
    for layer in net:
        out = layer.forward(out)
    g = out - Y
    for layer in reversed(net):
        g = layer.backward(g, 0.3)
"""
PERCEPTRON = """
import numpy as np
X = np.array([[0.2, 0.9], [0.4, 0.3], [0.8, 0.6]]); y = np.array([1.0, 0.0, 1.0])
w = np.array([0.37, -0.28]); b = 0.19
for i in range(10):
    out = 1 / (1 + np.exp(-(X @ w + b)))
    d = (out - y) * out * (1 - out)
    w = w - 0.5 * X.T @ d
    b = b - 0.5 * d.sum()
"""
PERCEPTRON_RECIPE = {
    "network": {"layers": [2, 1], "activations": "sigmoid", "biases": True},
    "parameters": {"initializer": "normal", "random_seed": 0},
    "data": {"inputs": [[0.2, 0.9], [0.4, 0.3], [0.8, 0.6]], "targets": [[1], [0], [1]]},
    "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
    "training": {"learning_rate": 0.5, "iterations": 10},
}
THRESHOLDS = ROWS.replace("+ b1", "- b1").replace("+ b2", "- b2").replace("b2 -=", "b2 +=").replace("b1 -=", "b1 +=")
EINSUM = ROWS.replace("X @ W1", "np.einsum('ni,ij->nj', X, W1)").replace("a1 @ W2", "np.einsum('ni,ij->nj', a1, W2)")
START = """W1 = np.array([[0.9, -0.55, 0.3], [-0.65, 0.7, 0.8]]); b1 = np.array([[0.1, -0.2, 0.05]])
W2 = np.array([[1.1], [-0.75], [0.6]]); b2 = np.array([[-0.3]])"""
DRAWN = ROWS[ROWS.index("W1 = rng") : ROWS.index("\n\ndef sigmoid")]
FROM_THE_RECIPE = ROWS.replace(DRAWN, START)
"""The program of rows with the initial values of XOR."""
COURSE = """
import numpy as np
w1, w2, w3, w4 = 0.15, 0.25, -0.2, 0.3
w5, w6, w7, w8 = 0.4, -0.5, 0.45, 0.55
bh1, bh2, bo1, bo2 = 0.35, 0.21, 0.6, -0.1
x1, x2, y1, y2 = 0.05, 0.12, 0.01, 0.99
def sigmoid(z):
    a = 1 / (1 + np.exp(-z))
    return a
def forward(x1, x2):
    in_h1 = w1 * x1 + w3 * x2 + bh1
    out_h1 = sigmoid(in_h1)
    in_h2 = w2 * x1 + w4 * x2 + bh2
    out_h2 = sigmoid(in_h2)
    in_o1 = w5 * out_h1 + w7 * out_h2 + bo1
    out_o1 = sigmoid(in_o1)
    in_o2 = w6 * out_h1 + w8 * out_h2 + bo2
    out_o2 = sigmoid(in_o2)
    return out_o1, out_o2, out_h1, out_h2
def back(out_o1, out_o2, out_h1, out_h2):
    d1 = (out_o1 - y1) * out_o1 * (1 - out_o1)
    d2 = (out_o2 - y2) * out_o2 * (1 - out_o2)
    e1 = (d1 * w5 + d2 * w6) * out_h1 * (1 - out_h1)
    e2 = (d1 * w7 + d2 * w8) * out_h2 * (1 - out_h2)
    return e1 * x1, e2 * x1, e1 * x2, e2 * x2, d1 * out_h1, d2 * out_h1, d1 * out_h2, d2 * out_h2, e1, e2, d1, d2
for i in range(12):
    g = back(*forward(x1, x2))
    w1 -= 0.5 * g[0]; w2 -= 0.5 * g[1]; w3 -= 0.5 * g[2]; w4 -= 0.5 * g[3]
    w5 -= 0.5 * g[4]; w6 -= 0.5 * g[5]; w7 -= 0.5 * g[6]; w8 -= 0.5 * g[7]
    bh1 -= 0.5 * g[8]; bh2 -= 0.5 * g[9]; bo1 -= 0.5 * g[10]; bo2 -= 0.5 * g[11]
"""
