"""What is seen of programs in the styles in which people write them."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from backlight.checks.observing.observe import LIMITS
from tests.checks.seen import objects, places, run, values

SCALARS = """
import math
x, w, b = 0.5, 0.25, -1
for i in range(3):
    z = w * x + b
    a = 1 / (1 + math.exp(-z))
    w = w - 10 * (a - 1) * a * (1 - a) * x
    b -= 0.125
print(w)
"""


def test_every_assignment_of_a_scalar_program_is_seen_in_order(tmp_path):
    seen = run(tmp_path, SCALARS)
    assert values(seen, "b", "store") == [-1, -1.125, -1.25, -1.375]
    assert values(seen, "i", "store") == [0, 1, 2]
    weights = values(seen, "w", "store")
    assert len(weights) == 4
    assert seen.output == f"{weights[-1]}\n"
    assert values(seen, "w * x") == [weight * 0.5 for weight in weights[:3]]


def test_the_target_of_an_augmented_assignment_is_read_before_the_other_side(tmp_path):
    seen = run(tmp_path, "w = 1.5\nw -= 0.25 * 2\n")
    second = [seen.sites[site] for site in seen.site if seen.sites[site].line == 2]
    assert [(site.kind, site.source) for site in second] == [
        ("name", "w"),
        ("constant", "0.25"),
        ("constant", "2"),
        ("operation", "0.25 * 2"),
        ("store", "w"),
    ]


def test_an_expression_knows_the_expression_around_it_and_its_statement(tmp_path):
    seen = run(tmp_path, "a = 2.0\nb = (a +\n     a * 3)\n")
    product = next(site for site in seen.sites if site.source == "a * 3")
    assert (product.line, product.column, product.end_line, product.end_column) == (3, 5, 3, 10)
    assert (seen.sites[product.parent].source, product.statement) == ("a +\n     a * 3", 2)


def test_columns_count_characters_not_bytes(tmp_path):
    seen = run(tmp_path, "学习率 = 0.5; 权重 = 学习率 * 2\n")
    site = next(site for site in seen.sites if site.source == "学习率 * 2")
    assert (site.column, site.end_column) == (16, 23)


def test_a_name_lives_in_the_scope_that_python_gives_it(tmp_path):
    text = """
w = 1.5
def f(x):
    global w
    k = x * 2
    def g():
        nonlocal k
        k += w
        return [k * w for w in (1.0, 2.0)]
    w = 3.5
    return g()
f(0.5)
"""
    seen = run(tmp_path, text)
    homes = {(place.key, seen.scopes[place.owner]) for place in seen.places if place.kind == "name"}
    assert homes == {("w", ""), ("x", "f"), ("k", "f"), ("w", "f.g.<comprehension>")}
    assert {site.scope for site in seen.sites if site.source == "k * w"} == {"f.g"}


def test_arguments_and_returned_values_are_seen(tmp_path):
    seen = run(tmp_path, "def double(x, by=2):\n    'text'\n    return x * by\ny = double(1.5) + double(2.5, by=3)\n")
    assert values(seen, "x", "argument") == [1.5, 2.5]
    assert values(seen, "by", "argument") == [2, 3]
    assert values(seen, "x * by", "return") == [3.0, 7.5]
    assert values(seen, "double(1.5)", "call") == [3.0]


CLASS = """
import numpy as np
class Layer:
    def __init__(self, w):
        self.W = np.array(w)
        self.cache = {}
    def forward(self, x):
        self.cache['x'], self.__z = x, x @ self.W
        return 1 / (1 + np.exp(-self.__z))
    def backward(self, d):
        self.W -= 0.5 * self.cache['x'].T @ d
first, second = Layer([[0.25, 0.5]]), Layer([[1.0], [2.0]])
for _ in range(2):
    a = second.forward(first.forward(np.array([[2.0]])))
    second.backward(np.array([[1.0]]))
"""


def test_attributes_of_two_objects_are_two_places(tmp_path):
    seen = run(tmp_path, CLASS)
    assert places(seen, "self.W") == [("attribute", "W", "self.W"), ("attribute", "W", "self.W")]
    assert values(seen, "self.W", "store")[:2] == [[[0.25, 0.5]], [[1.0], [2.0]]]
    changed = values(seen, "self.W", "store")[2:]
    assert len(changed) == 2
    assert changed[0] != changed[1]
    assert places(seen, "self.cache['x']", "item")[0][:2] == ("item", "'x'")
    assert places(seen, "self.__z") == [("attribute", "_Layer__z", "self.__z")] * 2


def test_an_array_changed_in_place_keeps_its_number_and_a_view_has_the_number_of_its_owner(tmp_path):
    text = "import numpy as np\nW = np.ones((2, 3))\nV = W.T\nW -= 0.5\nU = W + 1\nrow = W[0]\nother = W.copy()\nV\nother\n"
    seen = run(tmp_path, text)
    (number,) = set(objects(seen, "W"))
    assert objects(seen, "V") == [number, number]
    assert objects(seen, "row") == [number]
    assert number not in objects(seen, "U") + objects(seen, "other")
    assert values(seen, "V", "name") == [[[0.5, 0.5]] * 3]


def test_an_item_has_one_place_however_its_subscript_is_written(tmp_path):
    text = "import numpy as np\nW = np.zeros((2, 2))\nW[1, 0] = 1.5\nW[-1, -2] += 1\nn = np.int64(1)\nW[n, 0] -= 2\nW[1][0]\n"
    seen = run(tmp_path, text)
    assert places(seen, "W[1, 0]") == places(seen, "W[-1, -2]") == places(seen, "W[n, 0]")
    assert values(seen, "W[-1, -2]") == [1.5, 2.5]
    assert places(seen, "W[1][0]") != places(seen, "W[1, 0]"), "the row is a window of its own"
    assert len(set(objects(seen, "W") + objects(seen, "W[1]"))) == 1


LISTS = """
W = [[0.25, -0.5], [1, 2]]
rows = [W[0], W[1]]
for i in range(2):
    for j in range(2):
        W[i][j] -= 0.25
W[0][1], W[1][:] = 9.5, [7.5, 8.5]
print(rows)
W
"""


def test_nested_lists_changed_in_place_are_seen(tmp_path):
    seen = run(tmp_path, LISTS)
    assert values(seen, "W[i][j]", "store") == [0.0, -0.75, 0.75, 1.75]
    assert values(seen, "W[i][j]", "item") == [0.25, -0.5, 1, 2]
    assert values(seen, "W[0][1]", "store") == [9.5]
    assert values(seen, "W", "name")[-1] == [[0.0, 9.5], [7.5, 8.5]]
    assert values(seen, "[[0.25, -0.5], [1, 2]]") == [[[0.25, -0.5], [1, 2]]]
    assert len(set(objects(seen, "W[0]") + objects(seen, "W[1]"))) == 2


@pytest.mark.usefixtures("new_servers")
def test_a_program_without_numpy_never_imports_it(tmp_path):
    seen = run(tmp_path, LISTS + "import sys; print('num' + 'py' in sys.modules, 'to' + 'rch' in sys.modules)\n")
    assert seen.output.endswith("False False\n")


def test_values_keep_their_type_and_shape(tmp_path):
    text = """
import numpy as np
a = np.float32(0.1); b = np.arange(3); c = np.array([True, False]); d = np.float16([0.5]); e = np.array(2.5)
f = 0.1; g = 7; h = [1, 2]; i = (0.5, 1); j = [np.ones(2), np.zeros(2)]; k = np.matrix('1 2')
l = [[1, 2], [3]]; m = 'text'; n = [1, 'a']; o = None; p = True; q = []; r = 10 ** 30; s = 1j; t = np.array(['a'])
u = np.array([1, None]); v = np.zeros(0)
"""
    seen = run(tmp_path, text)
    found = {
        seen.sites[site].name: seen.values[value]
        for site, value in zip(seen.site, seen.value, strict=True)
        if seen.sites[site].kind == "store"
    }
    assert {name: (value.dtype.name, value.shape) for name, value in found.items()} == {
        "a": ("float32", ()),
        "b": ("int64", (3,)),
        "c": ("bool", (2,)),
        "d": ("float32", (1,)),
        "e": ("float64", ()),
        "f": ("float64", ()),
        "g": ("int64", ()),
        "h": ("int64", (2,)),
        "i": ("float64", (2,)),
        "j": ("float64", (2, 2)),
        "k": ("int64", (1, 2)),
    }


def test_equal_contents_are_kept_once_and_zeros_of_two_signs_are_not_equal(tmp_path):
    text = "a = 0.0; b = -0.0; c = 0; d = float('nan'); e = float('nan'); f = 0.0; g = [0.0]; h = [0.0]\n"
    seen = run(tmp_path, text)
    number = {seen.sites[site].name: int(value) for site, value in zip(seen.site, seen.value, strict=True)}
    assert number["a"] == number["f"]
    assert number["d"] == number["e"]
    assert number["g"] == number["h"]
    assert len({number[name] for name in "abcdg"}) == 5


def test_a_value_too_large_to_keep_is_its_shape(tmp_path):
    seen = run(tmp_path, "import numpy as np\nX = np.zeros((2000, 1000))\ny = X.sum()\n")
    (large,) = [value for value in seen.values if value.shape == (2000, 1000)]
    assert np.isnan(large).all()
    assert [fact.kind for fact in seen.facts] == ["large"]
    assert values(seen, "y", "store") == [0.0]


TORCH = """
import torch
from torch import nn
torch.manual_seed(0)
w = torch.tensor([0.5], requires_grad=True)
for i in range(2):
    loss = (w * 2 - 3) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.125 * w.grad
    w.data = w.data + 1
model = nn.Sequential(nn.Linear(2, 3), nn.Sigmoid(), nn.Linear(3, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for i in range(2):
    optimizer.zero_grad()
    out = model(torch.ones(1, 2))
    nn.MSELoss()(out, torch.zeros(1, 1)).backward()
    optimizer.step()
print(w.item())
"""


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
def test_tensors_gradients_and_the_parameters_of_modules_are_seen(tmp_path):
    seen = run(tmp_path, TORCH)
    assert values(seen, "w.grad") == [[-8.0], [-8.0 + 8.0]], "nobody sets it to zero"
    assert values(seen, "w", "store")[:2] == [[0.5], [1.5]]
    assert values(seen, "w.data", "store")[0] == [2.5]
    texts = [place.text for place in seen.places]
    assert {"w.grad", "w.data", "model.0.weight", "model.0.bias", "model.2.weight", "optimizer.grad"} <= set(texts)
    weight = texts.index("model.0.weight")
    moved = [
        seen.values[value].tolist() for place, value in zip(seen.place, seen.value, strict=True) if place == weight
    ]
    different = [one for number, one in enumerate(moved) if one != moved[number - 1] or number == 0]
    assert len(different) == 2, "before and after the first update"
    assert values(seen, "model", "name").count(values(seen, "model(torch.ones(1, 2))", "call")[0]) == 1
    assert {"model.1.()", "model.2.()"} <= set(texts), "what is computed inside"
    assert {value.dtype.name for value in seen.values if value.shape == (3, 2)} == {"float32"}


def test_what_was_seen_before_a_crash_is_kept_with_its_line(tmp_path):
    text = "w = 0.5\nfor i in range(9):\n    w *= 2\n    if i == 3:\n        [][i]\n"
    seen = run(tmp_path, text)
    assert (seen.ended.kind, seen.ended.text, seen.ended.line) == (
        "exception",
        "IndexError: list index out of range",
        5,
    )
    assert values(seen, "w", "store") == [0.5, 1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize(
    ("text", "kind", "said", "line"),
    [
        ("x = 1.5\nimport sys\nsys.exit()\n", "exit", "it ended itself", 3),
        ("x = 1.5\nexit('done')\n", "exit", "it ended itself: done", 2),
        ("x = 1.5\nimport os\nos._exit(3)\n", "exit", "it ended itself: 3", 3),
        ("x = 1.5\nwhile True: pass\n", "time", "it was stopped by the clock", 2),
        ("x = 1.5\nimport re\nre.match('(a+)+$', 'a' * 50 + 'b')\n", "time", "it was stopped by the clock", 3),
        ("x = 1.5\nwhile True:\n    print('x' * 1000)\n", "output", "it was stopped because it prints without end", 3),
        ("x = 1.5\ny = b'x' * 10 ** 12\n", "memory", "it needed more memory than it may use", 2),
        ("x = 1.5\nraise KeyboardInterrupt\n", "exception", "KeyboardInterrupt", 2),
        ("x = 1.5\nx / 0\n", "exception", "ZeroDivisionError: float division by zero", 2),
    ],
)
def test_every_end_has_its_word_and_keeps_what_was_seen(tmp_path, text, kind, said, line):
    seen = run(tmp_path, text, limits=replace(LIMITS, seconds=1.5, printed=1_000_000))
    assert (seen.ended.kind, seen.ended.text, seen.ended.line) == (kind, said, line)
    assert values(seen, "x", "store") == [1.5]


def test_an_interrupted_recursion_without_end_is_an_end(tmp_path):
    seen = run(tmp_path, "def f(x):\n    return f(x + 0.5)\nf(0.0)\n")
    assert seen.ended.kind == "exception"
    assert seen.ended.text.startswith("RecursionError")


def test_a_program_that_asks_draws_sleeps_and_misses_a_file_is_told_in_plain_words(tmp_path):
    text = """
import time
import matplotlib.pyplot as plt
from mpl_toolkits.mplot3d import Axes3D
from tqdm import tqdm, trange
rate = float(input('learning rate? '))
figure, (left, right) = plt.subplots(1, 2)
plt.rcParams['font.size'] = 3
line, = left.plot([1, 2])
with plt.style.context('ggplot'):
    right.set_title('x').set_size(3)
time.sleep(1000)
for i in tqdm(range(2)):
    w = i * rate
with trange(3) as bar:
    for i in bar:
        bar.set_description('x')
plt.show()
open('data.csv')
"""
    seen = run(tmp_path, text)
    assert seen.ended.text == "FileNotFoundError: [Errno 2] No such file or directory: 'data.csv'"
    assert [(fact.kind, fact.line) for fact in seen.facts] == [("input", 6), ("plot", 7), ("sleep", 12), ("file", 19)]
    assert [fact.text for fact in seen.facts] == [
        'it asks its user "learning rate?": the answer here is always "1"',
        "it draws with matplotlib.pyplot: nothing is drawn here",
        "it pauses: no time is lost here",
        "it needs the file data.csv, which is not there",
    ]
    assert values(seen, "w", "store") == [0.0, 1.0]


def test_of_megabytes_of_prints_the_beginning_is_kept(tmp_path):
    seen = run(tmp_path, "print('first')\nfor i in range(100):\n    print('x' * 99_999)\n")
    assert seen.ended.kind == "finished"
    assert seen.output.startswith("first\nxxx")
    assert len(seen.output) == 65_536
    assert [fact.text for fact in seen.facts] == ["it prints more than is kept here"]


def test_a_program_finds_its_data_and_modules_beside_it_and_writes_elsewhere(tmp_path):
    (tmp_path / "data.csv").write_text("0.5,1.5\n")
    (tmp_path / "mine.py").write_text("RATE = 2.5\n")
    text = """
import mine
row = [float(cell) for cell in open('data.csv').read().split(',')]
open('out.txt', 'w').write('x')
print(open('out.txt').read(), mine.RATE)
try:
    open('data.csv', 'w')
except OSError as error:
    print(type(error).__name__)
"""
    seen = run(tmp_path, text)
    assert (seen.output, seen.ended.kind) == ("x 2.5\nPermissionError\n", "finished")
    assert values(seen, "row", "store") == [[0.5, 1.5]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "mine.py", "program.py"]


def test_no_scratch_folder_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    run(
        tmp_path,
        "import os\nfor i in range(50):\n    os.mkdir('d', 0)\n    os.chmod\n    break\nopen('f', 'w').write('x')\n",
    )
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_relative_path_is_the_one_that_the_user_gave(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = run(Path(), "import sys\nprint(__file__, sys.argv)\n1 / 0\n")
    assert (seen.output, seen.program.path, seen.ended.line) == ("program.py ['program.py']\n", "program.py", 3)
