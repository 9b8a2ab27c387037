"""The JSON Schema takes what is a recipe and refuses what an editor can see is none.

The judge is a reading of the few schema words that are used, written here from the specification (JSON
Schema 2020-12); a word it does not know is an error, so nothing passes unread.
"""

import json
import tomllib

import pytest

from backlight.recipes.ready import ORDER, ready_text
from backlight.recipes.schema import schema
from tests.recipes.planted import DIGITS, DRAWN, PLANTED, WRITTEN, ids, written

SCHEMA = json.loads(json.dumps(schema()))
ABOUT = {"$schema", "$defs", "title", "description", "default", "examples"}
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def fits(value, rule):
    checks = {
        "$ref": lambda ref: fits(value, SCHEMA["$defs"][ref.removeprefix("#/$defs/")]),
        "type": lambda name: isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool)),
        "enum": lambda known: value in known,
        "anyOf": lambda rules: any(fits(value, one) for one in rules),
        "oneOf": lambda rules: sum(fits(value, one) for one in rules) == 1,
        "required": lambda names: not isinstance(value, dict) or set(names) <= value.keys(),
        "properties": lambda rules: (
            not isinstance(value, dict) or all(fits(value[name], one) for name, one in rules.items() if name in value)
        ),
        "additionalProperties": lambda allowed: (
            not isinstance(value, dict) or allowed or value.keys() <= rule["properties"].keys()
        ),
        "items": lambda one: not isinstance(value, list) or all(fits(entry, one) for entry in value),
        "prefixItems": lambda rules: (
            not isinstance(value, list) or all(fits(entry, one) for entry, one in zip(value, rules, strict=False))
        ),
        "minItems": lambda least: not isinstance(value, list) or len(value) >= least,
        "maxItems": lambda most: not isinstance(value, list) or len(value) <= most,
        "maxLength": lambda most: not isinstance(value, str) or len(value) <= most,
        "minimum": lambda low: not isinstance(value, (int, float)) or value >= low,
        "maximum": lambda high: not isinstance(value, (int, float)) or value <= high,
        "exclusiveMaximum": lambda high: not isinstance(value, (int, float)) or value < high,
    }
    return all(checks[word](argument) for word, argument in rule.items() if word not in ABOUT)


@pytest.mark.parametrize("name", ORDER)
def test_every_ready_recipe_fits(name):
    assert fits(tomllib.loads(ready_text(name)), SCHEMA)


@pytest.mark.parametrize("tree", [WRITTEN, DRAWN, DIGITS])
def test_recipes_fit(tree):
    assert fits(tree, SCHEMA)


SEEN_BY_AN_EDITOR = [
    planted
    for planted in PLANTED
    if planted.code in {"R-FIELD-1", "R-TYPE-1", "R-NAME-1"}
    and "activations" not in planted.path
    and planted.value is not None
    and type(planted.value) is not object
    and planted.value not in (2.0, 11.0)  # integers for JSON
]


@pytest.mark.parametrize("planted", SEEN_BY_AN_EDITOR, ids=ids)
def test_unknown_fields_wrong_types_and_unknown_names_do_not_fit(planted):
    assert not fits(written(planted), SCHEMA)


def test_every_field_is_described():
    sections = [SCHEMA, *SCHEMA["$defs"].values()]
    fields = [(name, field) for section in sections for name, field in section["properties"].items()]
    assert [name for name, field in fields if not field.get("description") and "$ref" not in field] == []


def test_nothing_may_be_null():
    assert '"null"' not in json.dumps(SCHEMA)
