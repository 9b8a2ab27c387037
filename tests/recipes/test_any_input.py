"""Whatever is given, a recipe comes out, or faults that are short and say what to write."""

import json
import tomllib
from copy import deepcopy
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backlight as bl
from backlight.faults import RecipeError
from backlight.recipes.ready import ORDER, ready_text
from backlight.recipes.settings import setting, settings_list
from backlight.recipes.wording.shown import shown, toml
from tests.recipes.planted import DIGITS, DRAWN, WRITTEN

CYCLE = [1]
CYCLE.append(CYCLE)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["relu", "sgd", "nan", 10**400, "\ud800", date(2020, 1, 1), b"x", 1j, CYCLE, {}, []]),
    st.sampled_from([np.float32(1), np.int8(3), np.bool_(True), np.zeros((2, 2)), np.array(["a"]), np.zeros(())]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=4), st.sampled_from(["name", "alpha", 3, None])), inner, max_size=3),
    ),
    max_leaves=8,
)


def paths(tree, path=()):
    """The way to everything in a tree."""
    yield path
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, inside in steps if len(path) < 5 else ():  # the generated values contain themselves
        yield from paths(inside, (*path, step))


@st.composite
def mangled(draw):
    """A right recipe in which some places are something else, or gone."""
    tree = deepcopy(draw(st.sampled_from([WRITTEN, DRAWN, DIGITS])))
    for _place in range(draw(st.integers(1, 4))):
        way = draw(st.sampled_from([path for path in paths(tree) if path]))
        here = tree
        for step in way[:-1]:
            here = here[step]
        match draw(st.sampled_from(["replace", "remove", "rename"])):
            case "replace":
                here[way[-1]] = deepcopy(draw(VALUES))  # what is drawn may not be changed
            case "remove":
                del here[way[-1]]
            case "rename" if isinstance(here, dict):
                here[draw(st.text(max_size=8))] = here.pop(way[-1])
    return tree


def recipe_or_faults(make):
    """Nothing else may come of it."""
    try:
        made, faults = make(), ()
    except RecipeError as error:
        made, faults = None, error.faults
    assert faults or isinstance(made, (bl.Recipe, tuple))
    for fault in faults:
        assert len(fault.got) <= 70
        assert len(fault.sentence) <= 200
        assert fault.text().replace("\n", " ").isprintable()


@pytest.mark.parametrize("layers", [[10**15, 2, 2], [2, 2, 10**15], [2, 10**15, 2], [10**15, 10**15]])
@pytest.mark.parametrize("base", [WRITTEN, DRAWN, DIGITS])
@pytest.mark.parametrize("data", [{}, {"inputs": [[1.0]]}, {"inputs": [[1.0], [2.0, 3.0]], "targets": [1]}])
def test_layers_beyond_all_memory_are_told_without_being_made(base, data, layers):
    tree = base | {"network": base["network"] | {"layers": layers}, "data": data}
    with pytest.raises(RecipeError):
        bl.recipe(tree)


@settings(max_examples=300, deadline=None)
@given(mangled())
def test_a_mangled_dictionary_gives_a_recipe_or_faults(tree):
    recipe_or_faults(lambda: bl.recipe(tree))


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_anything_at_all_gives_a_recipe_or_faults(value):
    recipe_or_faults(lambda: bl.recipe(value if isinstance(value, dict) else {"network": value}))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_mangled_text_gives_a_recipe_or_faults(data):
    text = data.draw(st.sampled_from([ready_text(name) for name in ORDER] + [json.dumps(DRAWN, indent=1)]))
    for _place in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 5))
        text = text[:at] + data.draw(st.one_of(st.text(max_size=4), st.sampled_from('[]{}",=\n#'))) + text[at + cut :]
    if "\n" in text or "=" in text or text.lstrip().startswith("{"):
        recipe_or_faults(lambda: bl.recipe(text))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([WRITTEN, DRAWN]),
    st.dictionaries(
        st.one_of(
            st.text(max_size=20),
            st.sampled_from(
                [
                    "network.activations[0]",
                    "network.layers",
                    "parameters.weights[0][0]",
                    "loss.name",
                    "data.file",
                    "network",
                ]
            ),
        ),
        VALUES,
        max_size=3,
    ),
)
def test_any_change_gives_a_recipe_or_faults(base, changes):
    recipe_or_faults(lambda: bl.recipe(base).with_(changes))


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.text().map("title={}".format), st.text(alphabet="a.[]0={}\",' ")))
def test_any_text_is_a_setting_or_is_refused_as_one(text):
    recipe_or_faults(lambda: setting(text))
    recipe_or_faults(lambda: settings_list(text))


@given(VALUES)
def test_anything_can_be_shown_on_one_short_line(value):
    assert len(shown(value)) <= 70
    assert shown(value).isprintable()


@given(
    st.recursive(
        st.one_of(
            st.booleans(), st.integers(-(2**63), 2**63), st.floats(allow_nan=False), st.text().filter(str.isprintable)
        ),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.sampled_from("abc"), inner)),
    )
)
def test_what_is_written_as_toml_is_read_back_the_same(value):
    assert tomllib.loads(f"value = {toml(value)}")["value"] == value
