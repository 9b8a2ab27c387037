"""Small programs whose output depends on how Python evaluates; each must print the same when it is observed."""

PROGRAMS = {
    "order of evaluation": """
def f(n):
    print('f', n)
    return n
d = {}
d[f(1)], d[f(2)] = f(3), f(4)
d[f(1)] += f(5)
x = [0, 0, 0]
x[f(0)] = x[f(1)] = f(2)
print(f(1) + f(2) * f(3), d, x, f(1) < f(2) < f(0) < f(9))
print(f(1) if f(0) else f(2), f(0) or f(3), f(0) and f(4))
""",
    "augmented assignment evaluates once and in place": """
class Box:
    def __init__(self):
        self.n, self.reads = 1, 0
    @property
    def value(self):
        print('read')
        return self.n
    @value.setter
    def value(self, new):
        print('write', new)
        self.n = new
    def more(self):
        self.n += 10
        return 5
def box():
    print('box')
    return b
b = Box()
box().value += b.more()
b.value = 3
print(b.value, b.n)
a = c = [1, 2]
a += [3]
print(a is c, c)
t = ([1],)
try:
    t[0] += [2]
except TypeError as error:
    print(error, t)
n = 7
n -= 1; n *= 2; n /= 3; n //= 1; n %= 3; n **= 2
m = 6
m <<= 1; m >>= 2; m &= 7; m |= 8; m ^= 1
print(n, m)
""",
    "closures, nonlocal, global, late binding": """
total = 0
def counter():
    count = 0
    def step(by=1):
        nonlocal count
        global total
        count += by
        total -= by
        return count
    return step
one = counter()
print(one(), one(2), total, [f() for f in [lambda i=i: i * i for i in range(4)]], [g() for g in [lambda: i for i in (1, 2)]])
def missing():
    print(x)
    x = 1
try:
    missing()
except UnboundLocalError as error:
    print(type(error).__name__)
""",
    "classes, super, private names, descriptors, slots": """
class Layer:
    lr: float = 0.5
    scale = lr * 2
    sizes = [k * 0.5 for k in range(int(scale) + 2)]
    __slots__ = ('w', '__b')
    def __init__(self, w):
        self.w = w
        self.__b = -1.5
        self.__b -= 1
    def out(self, x):
        'the output'
        return self.w * x + self.__b
    def __getitem__(self, key):
        print('get', key)
        return key
    def __setitem__(self, key, value):
        print('set', key, value)
class Deep(Layer):
    def __init__(self, w):
        super().__init__(w)
        super(Deep, self).__init__(w + 1)
    def out(self, x):
        return super().out(x) * 2
    @staticmethod
    def area(r): return 3 * r
    @classmethod
    def make(cls, w=2): return cls(w)
d = Deep.make()
d[1:2, ..., None] = 4
d[3] += 5
print(d.out(2), d[1:], Deep.area(2), Layer.out.__doc__, Layer.scale, Layer.sizes, sorted(n for n in dir(d) if 'b' in n and n[1] != '_'))
""",
    "the name of the module is __main__, and its docstring": """'''a docstring'''
from __future__ import annotations
def f(x: undefined_name) -> also_undefined:
    '''says'''
    return x
print(__name__, __doc__, f.__doc__, f.__annotations__, f.__qualname__, f(1))
if __name__ == '__main__':
    print('main')
    import sys
    print(len(sys.argv), sys.modules['__main__'].f is f)
    print(sorted(name for name in globals() if not name.startswith('__')))
""",
    "comprehensions and their scopes": """
x = 'outer'
rows = [[1.5, 2.5], [3.5]]
print([x for row in rows for x in row if x > 2], x)
print({k: v * 2 for k, v in enumerate([1, 2])}, {n % 3 for n in range(9)}, sum(n * n for n in range(5)))
def gen(n):
    for i in range(n):
        got = yield i * 0.5
        if got: print('got', got)
    return 'done'
g = gen(3)
print(next(g), g.send(7), list(g))
def outer():
    result = yield from gen(2)
    print(result)
print(list(outer()), [y := 3, y ** 2], [(z := v) for v in (1, 2)], z)
lazy = (print('lazy', k) or k for k in [1, 2])
print('before')
print(next(lazy))
class C:
    n = 3
    cubes = [i ** 3 for i in range(n)]
print(C.cubes)
""",
    "unpacking, stars, chains, deletion": """
a, (b, *c), d = 1, (2.5, 3, 4), 'five'
[e, f], g = (6, 7), [8]
first, *_, last = range(5)
h = i = j = [0]
i.append(1)
def f(*args, k=2, **rest): return args, k, rest
print(a, b, c, d, e, f(*[1, 2], *(3,), k=4, **{'m': 5}), g, first, last, h, [*c, *g], {**{'a': 1}, 'b': 2}, (*c,))
del h[0], a
try:
    print(a)
except NameError as error:
    print(error)
m = [[1, 2], [3, 4]]
m[0][1], m[1][0] = m[1][0], m[0][1]
m[0][:1] = [9, 9]
print(m, m[-1], m[::-1], m[0][1:])
for m[0][0] in (10, 20): pass
print(m)
""",
    "exceptions keep their lines": """
import sys, traceback
def inner(x):
    y = (x +
         1 / 0)
    return y
try:
    inner(3)
except ZeroDivisionError as error:
    print(error, [number for frame, number in traceback.walk_tb(sys.exc_info()[2]) if 'inner' in frame.f_code.co_name])
try:
    [1, 2][5]
except IndexError as error:
    print(error)
try:
    {}['k'] -= 1
except KeyError as error:
    print(repr(error))
try:
    None.w -= 1
except AttributeError as error:
    print(error)
try:
    a, b = 1, 2, 3
except ValueError as error:
    print(error)
try:
    for i in 5: pass
except TypeError as error:
    print(error)
try:
    'a' - 1
except TypeError as error:
    print(error)
""",
    "try, else, finally, with, loops with else": """
from contextlib import contextmanager
@contextmanager
def room(n):
    print('in', n)
    try:
        yield n * 1.5
    finally:
        print('out', n)
def f(k):
    for i in range(5):
        try:
            with room(i) as a, room(a) as b:
                if i == k: return b
                if i == 1: continue
                if i == 3: break
        except ValueError: print('no')
        else: print('else', i)
        finally: print('finally', i)
    else:
        return 'never'
    n = 0
    while n < 3:
        n += 1
        if n == 9: break
    else:
        print('while else', n)
    return 'end'
print(f(2)); print(f(7))
""",
    "match": """
from dataclasses import dataclass
@dataclass
class P:
    x: float = 1.5
    y: float = 2
def what(v):
    match v:
        case 0 | -1: return 'small'
        case [a, b, *rest] if a > 1: return a + b, rest
        case {'k': float(k), **others}: return k * 2, others
        case P(x=1.5, y=yy): return 'P', yy
        case str() as s: return s * 2
        case _: return None
print([what(v) for v in (0, -1, [2, 3, 4], (1, 2), {'k': 2.5, 'z': 1}, P(), P(3), 'ab', 4.5)])
""",
    "formatted strings and printing": """
w, name = 0.123456, 'w1'
print(f'{name}={w:.3f} {w!r:>12} {w + 1 = } {"nested " + f"{w:{10}.{2}f}"}')
print('%.2f %s' % (w, name), '%d%%' % 5, '{:.1f} {n}'.format(w, n=name), sep='|', end='!\\n')
print(*[w, 2], sep=', ')
s = 'ab' * 2 + 'c'
s += 'd'
print(s, s[1], s[-2:], 'x' in s, not s, -(-3), +2, ~5, 2 ** -1, -2 ** 2, 0.1 + 0.2, 10 ** 20, 1_000, 0x1f, 1e-3, 2j * 2j)
""",
    "decorators, defaults, annotations, async": """
import asyncio, functools
def twice(function):
    @functools.wraps(function)
    def both(*a, **k): return function(*a, **k), function(*a, **k)
    return both
made = []
@twice
def add(x, y=len(made) + 1.5, *, z: 'not a name' = -2): return x + y + z
made.append(1)
print(add(1), add.__wrapped__.__defaults__, add.__wrapped__.__kwdefaults__)
async def slow(n):
    await asyncio.sleep(0)
    return [n * i async for i in numbers()]
async def numbers():
    for i in range(3): yield i + 0.5
async def both(): return await asyncio.gather(slow(1), slow(2))
print(asyncio.iscoroutinefunction(slow))
step = slow(2)
step.close()
@functools.lru_cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(60), fib.cache_info().misses)
""",
    "introspection sees no stranger": """
import inspect
def f(a, b=2.5):
    c = a * b
    return sorted(locals()), inspect.signature(f)
print(*f(2))
print(f.__code__.co_varnames, f.__code__.co_name, eval('1.5 + 2'), sorted(vars()) == sorted(globals()))
exec('k = 3.5'); print(k)
print(type(f).__name__, callable(f), isinstance(1.0, float), hasattr(f, 'x'))
print(inspect.getsource(f).splitlines()[0])
""",
    "identity and mutation": """
a = [1.0, 2.0]; b = a; c = a[:]
b[0] -= 0.5; b.append(3); a[1:] = [7]
print(a is b, a, b, c)
def change(v, w=[]):
    w.append(v[0]); v[0] = 9
    return w
print(change(a), change(a), a, id(a) == id(b), 257 is 257)
import copy
d = {'W': [[1.5]], 'n': 0}
e = copy.deepcopy(d); e['W'][0][0] *= 2; d['n'] += 1; d['k'] = d.get('k', 0) + 1
print(d, e, d.items(), list(d), sorted(d))
""",
    "garbage is collected when it was": """
class Noisy:
    def __init__(self, n): self.n = n
    def __del__(self): print('gone', self.n)
x = Noisy(1)
x = Noisy(2.5)
print('still', x.n)
y = [Noisy(3)]
y[0] = 4
del x
print('end')
import atexit
atexit.register(print, 'at exit')
""",
    "deep recursion": """
def down(n): return 0 if n == 0 else 1 + down(n - 1)
print(down(900))
try:
    down(10 ** 6)
except RecursionError as error:
    print(type(error).__name__)
""",
    "chinese names\tand tabs": """
学习率 = 0.5
class 网络:
	def __init__(self, 权重):
		self.权重 = 权重
	def 更新(self, 梯度):
		self.权重 -= 学习率 * 梯度  # 更新权重
		return self.权重
n = 网络(1.0); print(n.更新(0.5), '权重：', n.权重); π = 3; print(π * 2)
""",
    "numpy": """
import numpy as np
rng = np.random.default_rng(0)
W = np.array([[0.2, -0.4], [0.5, 0.6]]); V = W; X = np.array([[0.5, 0.3]])
W -= 0.5 * X.T @ (X @ W)
W[0, 1] += 1; W[:, 0] *= 2; W[W > 0.5] = 0.5; V.T[0][1] -= 0.25
a = 1 / (1 + np.exp(-(X @ W))); a[a < 0] = 0
print(W, V is W, a, a.shape, W.sum(axis=0), rng.normal(size=3), np.float32(1) / 3, W[0][0], W[-1], a.mean())
np.random.seed(1); print(np.random.randn(2, 2).round(3), np.dot(X, W).T, W.flags.owndata)
for row in W: row += 1
print(W, np.matrix('1 2; 3 4') * np.matrix([[1], [2]]), [float(v) for v in W.flat], X.dtype)
try:
    X @ np.ones((3, 3))
except ValueError as error:
    print('shapes' in str(error) or 'mismatch' in str(error))
""",
}
