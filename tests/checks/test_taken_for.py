"""What a program has is not taken for something else: a rate, targets, a pass, an optimizer, a single round."""

import pytest

import backlight as bl

JOINED = """import numpy as np
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
T = np.array([[0.1], [0.9], [0.8], [0.2]])
eta = 0.5
def with_ones(A):
    return np.c_[A, np.ones(len(A))]
V = np.array([[0.9, -0.5], [-0.6, 0.7], [0.1, -0.2]])
W = np.array([[1.1], [-0.7], [0.3]])
for k in range(20):
    H = np.tanh(with_ones(X) @ V)
    O = np.tanh(with_ones(H) @ W)
    E = O - T
    D = E * (1 - O ** 2)
    B = (D @ W[:-1].T) * (1 - H ** 2)
    W -= eta * with_ones(H).T @ D
    V -= eta * with_ones(X).T @ B
"""
RECIPE = {
    "network": {"layers": [2, 2, 1], "activations": ["tanh", "tanh"], "biases": True},
    "parameters": {"weights": [[[0.9, -0.5], [-0.6, 0.7]], [[1.1], [-0.7]]], "biases": [[0.1, -0.2], [0.3]]},
    "data": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0.1], [0.9], [0.8], [0.2]]},
    "loss": {"name": "half_sum_squared_error", "over_samples": "sum"},
    "training": {"learning_rate": 0.5, "iterations": 20},
}
ONLINE = {**RECIPE, "training": {**RECIPE["training"], "batch_size": 1}}
CACHED = """import numpy as np
class Net:
    def __init__(self):
        self.p = {"V": np.array([[0.9, -0.5], [-0.6, 0.7]]), "b": np.array([0.1, -0.2]),
                  "W": np.array([[1.1], [-0.7]]), "c": np.array([0.3])}
        self.kept = {}
    def forward(self, X):
        H = np.tanh(X @ self.p["V"] + self.p["b"])
        O = np.tanh(H @ self.p["W"] + self.p["c"])
        self.kept.update(X=X, H=H, O=O)
        return O
    def backward(self, T):
        X, H = self.kept["X"], self.kept["H"]
        D = self.kept["O"].copy()
        D -= T
        D *= 1 - self.kept["O"] ** 2
        B = (D @ self.p["W"].T) * (1 - H ** 2)
        return {"W": H.T @ D, "c": D.sum(axis=0), "V": X.T @ B, "b": B.sum(axis=0)}
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
T = np.array([[0.1], [0.9], [0.8], [0.2]])
net = Net()
for k in range(20):
    net.forward(X)
    grads = net.backward(T)
    for name in net.p:
        net.p[name] -= 0.5 * grads[name]
"""
ENGINE = CACHED.replace("for k in range(20):", "optim = net\nfor k in range(20):\n    optim.forward(X)").replace(
    "    net.forward(X)\n", ""
)
NEURONS = """from math import exp
x, t, eta = (0.5, 0.3), (0.23, -0.07), 1.0
A, B, C, D = (0.2, 0.5), (-0.4, 0.6), (0.1, -0.3), (-0.5, 0.8)
def fire(w, a):
    return 1 / (1 + exp(-(w[0] * a[0] + w[1] * a[1])))
def stepped(w, d, a):
    return w[0] - eta * d * a[0], w[1] - eta * d * a[1]
for k in range(11):
    a, b = fire(A, x), fire(B, x)
    c, d = fire(C, (a, b)), fire(D, (a, b))
    dc = (c - t[0]) * c * (1 - c)
    dd = (d - t[1]) * d * (1 - d)
    da = (dc * C[0] + dd * D[0]) * a * (1 - a)
    db = (dc * C[1] + dd * D[1]) * b * (1 - b)
    C, D = stepped(C, dc, (a, b)), stepped(D, dd, (a, b))
    A, B = stepped(A, da, x), stepped(B, db, x)
"""


@pytest.mark.parametrize("text", [JOINED, CACHED, ENGINE], ids=["joined", "kept", "optim"])
def test_the_programs_are_right(checked, text):
    assert checked(text, RECIPE).verdict == "right"


def test_the_rate_of_joined_matrices_does_not_make_up_for_a_factor(checked):
    told = checked(JOINED.replace("E = O - T", "E = 2 * (O - T)"), RECIPE)
    assert (told.verdict, told.kind, told.explanations[0].line) == ("wrong", "constant_factor", 12)


def test_forgotten_targets_are_no_targets_of_its_own(checked):
    told = checked(JOINED.replace("E = O - T", "E = O - 0 * T"), RECIPE)
    assert told.verdict == "wrong"
    assert not any(fact.kind == "targets" for fact in told.facts)
    assert told.explanations[0].mistake == "missing-target"
    assert told.explanations[0].line in {12, 13}


def test_a_copy_of_old_outputs_is_no_forward_pass(checked):
    text = CACHED.replace("    net.forward(X)\n", "").replace("for k", "net.forward(X)\nfor k")
    told = checked(text, RECIPE)
    assert (told.verdict, told.explanations[0].mistake, told.explanations[0].proof) == ("wrong", "stale-forward", True)


def test_a_variable_called_optim_is_no_optimizer_of_torch(checked):
    told = checked(ENGINE.replace("H.T @ D", "X.T @ D"), RECIPE)
    assert (told.verdict, told.explanations[0].mistake) == ("wrong", "wrong-input-factor")


def test_one_pass_of_neurons_that_are_tuples_is_followed_through_all_updates(checked):
    assert checked(NEURONS).verdict == "right"
    passes = NEURONS[NEURONS.index("    a, b = fire") : NEURONS.index("    dc = ")]
    text = NEURONS.replace(passes, "").replace("for k", passes.replace("    ", "") + "for k")
    told = checked(text)
    assert (told.verdict, told.explanations[0].mistake) == ("wrong", "stale-forward")


def test_another_activation_in_layers_that_know_their_slopes_is_mended_in_its_forward_pass(tmp_path):
    text = """import numpy as np
class Dense:
    def __init__(self, W, b):
        self.W, self.b = np.array(W), np.array(b)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, g):
        self.gW, self.gb = self.x.T @ g, g.sum(axis=0)
        return g @ self.W.T
class Bent:
    def __init__(self):
        self.W = self.b = self.gW = self.gb = 0.0
    def forward(self, x):
        self.a = np.tanh(x)
        return self.a
    def backward(self, g):
        return g * (1 - self.a ** 2)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
T = np.array([[0.1], [0.9], [0.8], [0.2]])
every = [Dense([[0.9, -0.5], [-0.6, 0.7]], [0.1, -0.2]), Bent(), Dense([[1.1], [-0.7]], [0.3]), Bent()]
layers = [*every]
for k in range(20):
    a = X
    for layer in layers:
        a = layer.forward(a)
    g = a - T
    for layer in reversed(layers):
        g = layer.backward(g)
    for layer in layers:
        layer.W = layer.W - 0.5 * layer.gW
        layer.b = layer.b - 0.5 * layer.gb
"""
    path = tmp_path / "my.py"
    path.write_text(text, encoding="utf-8")
    linear = {**RECIPE, "network": {**RECIPE["network"], "activations": ["tanh", "identity"]}}
    assert bl.check(path, recipe=RECIPE).verdict == "right"
    told = bl.check(path, recipe=linear)
    assert (told.verdict, told.kind) == ("wrong", "other_activation")
    (spot,) = told.explanations[0].places
    assert (told.explanations[0].mistake, told.explanations[0].proof) == ("forward-mistake", True)
    assert spot.should_be.strip("[*]").startswith("every[:-1")


EDGES = """from math import tanh
class Edge:
    def __init__(self, a, b, weight):
        self.a, self.b, self.weight = a, b, weight
        a.leaving.append(self)
        b.entering.append(self)
class Unit:
    def __init__(self):
        self.entering, self.leaving, self.out = [], [], 1.0
    def fire(self):
        z = 0.0
        for edge in self.entering:
            z += edge.weight * edge.a.out
        self.out = tanh(z)
always = Unit()
first, hidden, last = [[Unit() for _ in range(n)] for n in (2, 2, 1)]
for units, matrix, biases in ((hidden, [[0.9, -0.5], [-0.6, 0.7]], [0.1, -0.2]), (last, [[1.1], [-0.7]], [0.3])):
    for a, row in zip(first if units is hidden else hidden, matrix):
        for b, weight in zip(units, row):
            Edge(a, b, weight)
    for b, weight in zip(units, biases):
        Edge(always, b, weight)
for k in range(20):
    for x, (t,) in zip([[0, 0], [0, 1], [1, 0], [1, 1]], [[0.1], [0.9], [0.8], [0.2]]):
        for unit, value in zip(first, x):
            unit.out = value
        for unit in hidden + last:
            unit.fire()
        last[0].d = (last[0].out - t) * (1 - last[0].out ** 2)
        for unit in hidden:
            unit.d = sum(edge.weight * edge.b.d for edge in unit.leaving) * (1 - unit.out ** 2)
        for unit in hidden + last:
            for edge in unit.entering:
                edge.weight -= 0.5 * unit.d * edge.a.out
"""


def test_a_bias_is_not_read_where_its_object_is_made(checked):
    assert checked(EDGES, ONLINE).verdict == "right"


def test_of_two_equal_numbers_the_one_that_is_multiplied_by_one_is_the_bias(checked):
    """Data without a 1, so that only the unit which is always on has one."""
    text = EDGES.replace("[0.1, -0.2]", "[0.7, -0.5]")
    text = text.replace("[[0, 0], [0, 1], [1, 0], [1, 1]]", "[[0.2, 0.4], [0.3, 0.9], [0.8, 0.1], [0.7, 0.6]]")
    equal = {
        **ONLINE,
        "parameters": {**RECIPE["parameters"], "biases": [[0.7, -0.5], [0.3]]},
        "data": {**RECIPE["data"], "inputs": [[0.2, 0.4], [0.3, 0.9], [0.8, 0.1], [0.7, 0.6]]},
    }
    assert checked(text, equal).verdict == "right"


DEAD = """from math import exp
bias, weights, top = [[-0.9, -0.8], [0.12]], [[[0.6, -0.3], [0.4, 0.5]], [[0.7], [-0.4]]], [0.5]
data = [([0.2, 0.3], 0.4), ([0.9, 0.8], 0.6), ([0.5, 1.9], 0.9), ([1.7, 0.4], 0.3)]
for turn in range(12):
    for x, t in data:
        seen = [x]
        for layer in (0, 1):
            out = []
            for unit in range(len(bias[layer])):
                z = bias[layer][unit]
                for k in range(len(seen[-1])):
                    z += seen[-1][k] * weights[layer][k][unit]
                out.append(1 / (1 + exp(-z)) if layer else max(z, 0.0))
            seen.append(out)
        back = [(seen[2][0] - t) * seen[2][0] * (1 - seen[2][0])]
        for layer in (1, 0):
            below = [sum(back[j] * weights[layer][k][j] for j in range(len(back))) for k in range(2)]
            for j in range(len(back)):
                bias[layer][j] -= 0.3 * back[j]
                for k in range(2):
                    weights[layer][k][j] -= 0.3 * back[j] * seen[layer][k]
            back = [below[k] if seen[layer][k] > 0 else 0.0 for k in range(2)]
"""
DEAD_RECIPE = {
    "network": {"layers": [2, 2, 1], "activations": ["relu", "sigmoid"], "biases": True},
    "parameters": {"weights": [[[0.6, -0.3], [0.4, 0.5]], [[0.7], [-0.4]]], "biases": [[-0.9, -0.8], [0.12]]},
    "data": {
        "inputs": [[0.2, 0.3], [0.9, 0.8], [0.5, 1.9], [1.7, 0.4]],
        "targets": [[0.4], [0.6], [0.9], [0.3]],
    },
    "loss": {"name": "half_sum_squared_error", "over_samples": "mean"},
    "training": {"learning_rate": 0.3, "iterations": 12, "batch_size": 1},
}


def test_a_sum_to_which_only_zeros_were_added_is_not_taken_for_the_bias_that_it_began_with(checked):
    """In the first pass both hidden units are dead: z of the output is its bias to the last digit."""
    assert checked(DEAD, DEAD_RECIPE).verdict == "right"


MATRICES = """from math import tanh
class Matrix:
    def __init__(self, rows):
        self.rows = [list(row) for row in rows]
    def with_each(self, other, f):
        if isinstance(other, float):
            return Matrix([f(a, other) for a in row] for row in self.rows)
        if len(other.rows[0]) == 1:
            return Matrix([f(a, b) for a in row] for row, (b,) in zip(self.rows, other.rows))
        return Matrix([f(a, b) for a, b in zip(*both)] for both in zip(self.rows, other.rows))
    def __add__(self, other):
        return self.with_each(other, lambda a, b: a + b)
    def __sub__(self, other):
        return self.with_each(other, lambda a, b: a - b)
    def __mul__(self, other):
        return self.with_each(other, lambda a, b: a * b)
    def __matmul__(self, other):
        columns = list(zip(*other.rows))
        return Matrix([sum(a * b for a, b in zip(row, column)) for column in columns] for row in self.rows)
    def turned(self):
        return Matrix(zip(*self.rows))
    def bent(self):
        return Matrix([tanh(a) for a in row] for row in self.rows)
    def slopes(self):
        return Matrix([1 - a * a for a in row] for row in self.rows)
    def sums(self):
        return Matrix([sum(row)] for row in self.rows)
X = Matrix([[0, 0, 1, 1], [0, 1, 0, 1]])
T = Matrix([[0.1, 0.9, 0.8, 0.2]])
V, c = Matrix([[0.9, -0.6], [-0.5, 0.7]]), Matrix([[0.1], [-0.2]])
U, d = Matrix([[1.1, -0.7]]), Matrix([[0.3]])
for k in range(20):
    hidden = (V @ X + c).bent()
    out = (U @ hidden + d).bent()
    miss = (out - T) * out.slopes()
    below = (U.turned() @ miss) * hidden.slopes()
    U, d = U - miss @ hidden.turned() * 0.5, d - miss.sums() * 0.5
    V, c = V - below @ X.turned() * 0.5, c - below.sums() * 0.5
"""


def test_objects_that_calculate_are_read_as_the_numbers_they_hold(checked):
    right = checked(MATRICES, RECIPE)
    assert right.verdict == "right", right.reason
    told = checked(MATRICES.replace("miss = (out - T) * out.slopes()", "miss = out - T"), RECIPE)
    (first, *_others) = told.explanations
    assert (first.mistake, first.line, first.proof) == ("missing-output-derivative", 35, True)


def test_what_a_case_matches_is_left_as_it_is(checked):
    text = EDGES.replace(
        "        self.out = tanh(z)\n",
        "        match len(self.entering):\n            case 3:\n                self.out = tanh(z)\n",
    )
    assert checked(text, ONLINE).verdict == "right"
    assert checked(text.replace("edge.weight * edge.b.d for", "edge.b.d for"), ONLINE).verdict == "wrong"


LOOKS_BACK = """import numpy as np
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
T = np.array([[0.1], [0.9], [0.8], [0.2]])
def run(net):
    H = np.tanh(X @ net[0] + net[1])
    return H, np.tanh(H @ net[2] + net[3])
def moved(net):
    H, O = run(net)
    D = (O - T) * (1 - O ** 2)
    B = D @ net[2].T * (1 - H ** 2)
    return [p - 0.5 * g for p, g in zip(net, (X.T @ B, B.sum(axis=0), H.T @ D, D.sum(axis=0)))]
start = [np.array([[0.9, -0.5], [-0.6, 0.7]]), np.array([0.1, -0.2]), np.array([[1.1], [-0.7]]), np.array([0.3])]
net = start
for k in range(20):
    net = moved(net)
print("before", np.abs(run(start)[1] - T).sum(), "after", np.abs(run(net)[1] - T).sum())
"""


def test_a_look_back_at_the_first_parameters_is_no_update(checked):
    assert checked(LOOKS_BACK, RECIPE).verdict == "right"
    told = checked(LOOKS_BACK.replace("(1 - H ** 2)", "(1 - H)"), RECIPE)
    assert (told.verdict, told.line) == ("wrong", 10)
