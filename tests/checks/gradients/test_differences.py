"""The slope from values alone, and how far it says it may be off."""

import numpy as np
import pytest

from backlight.checks.gradients.differences import noise, one_sided, slope
from backlight.checks.gradients.doubts import is_rough
from backlight.checks.gradients.points import near, of_size
from backlight.checks.gradients.subject import bits_of

FAMILIES = {
    "sine": (lambda k, x: np.sin(k * x), lambda k, x: k * np.cos(k * x)),
    "polynomial": (lambda k, x: x**5 - k * x**2, lambda k, x: 5 * x**4 - 2 * k * x),
    "peak": (lambda k, x: 1 / (1 + (k * x) ** 2), lambda k, x: -2 * k * k * x / (1 + (k * x) ** 2) ** 2),
    "bend": (lambda k, x: np.sqrt(x * x + 1 / k), lambda k, x: x / np.sqrt(x * x + 1 / k)),
    "wave on a wave": (lambda k, x: np.sin(x) + np.sin(k * x) / k, lambda k, x: np.cos(x) + np.cos(k * x)),
    "float32": (lambda k, x: float(np.float32(np.sin(k * x))), lambda k, x: k * np.cos(k * x)),
    "rounded": (lambda k, x: round(float(np.sin(k * x)), 8), lambda k, x: k * np.cos(k * x)),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_slope_is_no_further_off_than_it_says(family):
    function, derivative = FAMILIES[family]
    generator = np.random.default_rng(0)
    certain = 0
    for _ in range(150):
        k, x = 10 ** generator.uniform(-2, 3), generator.normal() * 10 ** generator.uniform(-3, 1)

        def along(t, k=k, x=x):
            return np.array([function(k, x + t)])

        found = slope(along, abs(x), noise(along, abs(x)))
        truth = derivative(k, x)
        condition = 4 * abs(truth - derivative(k, x * (1 + 2.0**-50)))
        assert abs(found.value[0] - truth) <= 4 * (found.error[0] + condition)
        certain += found.error[0] <= 1e-3 * abs(truth)
    assert certain > 90


def test_fast_waves_are_not_leapt_over():
    """At every large step sin(1000 x) looks flat, and flat again at the next one."""

    def along(t):
        return np.array([np.sin(1000 * (0.7 + t))])

    found = slope(along, 0.7, noise(along, 0.7))
    assert found.value[0] == pytest.approx(1000 * np.cos(700), rel=1e-9)


def test_noise_is_told_from_fast_waves_and_sees_stairs():
    assert noise(lambda t: np.array([np.sin(1e5 * t)]), 1.0)[0] < 1e-12
    stairs = noise(lambda t: np.array([np.floor(1e4 * t) / 1e4]), 1.0)[0]
    assert 1e-5 < stairs <= 1e-3
    generator = np.random.default_rng(0)
    assert 1e-7 < noise(lambda t: np.array([t + 1e-6 * generator.uniform()]), 1.0)[0] < 1e-5


def test_a_kink_is_seen_and_a_bend_is_none():
    kinked = one_sided(lambda t: np.array([abs(t), max(t, 0.0) + t, t * abs(t)]), 1.0, 1e-16)
    assert kinked.differ.tolist() == [True, True, False]
    assert not one_sided(lambda t: np.array([np.sqrt(t * t + 1e-4)]), 1.0, 1e-16).differ[0]


def test_points_keep_what_arguments_look_like():
    generator = np.random.default_rng(1)
    for _ in range(100):
        u = generator.uniform(-1, 1, (3, 4))
        rows = generator.dirichlet(np.ones(4), 3)
        for moved in (near(rows, u, 0.3), of_size(rows, u, 1.0)):
            np.testing.assert_allclose(moved.sum(axis=1), 1)
            assert (moved > 0).all()
        chances = generator.integers(0, 2, (3, 4)) * 1.0
        assert (near(chances, u, 0.3) >= 0).all()
        assert (near(chances, u, 0.3) <= 1).all()
        signed = generator.normal(size=(3, 4)) * 5
        assert (np.sign(near(signed, u, 0.3)) == np.sign(signed)).all()
    assert (near(np.array([0.0, 2.0]), np.array([-1.0, 1.0]), 0.3) > 0).all()


def test_bits_of_the_types():
    assert [bits_of(np.finfo(dtype).eps) for dtype in (np.float16, np.float32, np.float64)] == [11, 24, 53]
    assert bits_of(np.finfo(np.longdouble).eps) == 53


def test_a_slope_with_stairs_on_it_is_not_certain():
    """Large steps see the stairs and fine ones the treads: both slopes are consistent."""

    def along(t):
        return np.array([0.25 * t + np.floor(4096 * (t + 0.3)) / 4096])

    found = slope(along, 1.0, 1e-15)
    assert found.error[0] > 0.9
    assert is_rough(along, 1.0, np.array([1e-15]))
    assert not is_rough(lambda t: np.array([np.exp(3 * t)]), 1.0, np.array([1e-15]))
    assert not is_rough(lambda t: np.array([np.exp(3 * t) + 1e-7 * np.sin(1e9 * t)]), 1.0, np.array([2e-7]))
