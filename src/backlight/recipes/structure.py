"""The structure of a recipe: which fields there are and of which type. pydantic finds the faults, here they get words.

What the values mean together is in `rules` and `shapes`.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from backlight.faults import Fault
from backlight.language import _, marked
from backlight.recipes.fields import LIST, NAME, TABLE
from backlight.recipes.nearest import nearest
from backlight.recipes.shown import Path, dotted, kind, shown, word
from backlight.recipes.suggest import example_of, instead, removal, setting
from backlight.recipes.wrong import Wrong

Model = TypeVar("Model", bound=BaseModel)

ARRAYS = (("parameters", "weights"), ("parameters", "biases"), ("data", "inputs"), ("data", "targets"))

_WANTED = {
    "int_type": marked("a whole number"),
    "number_type": marked("a number"),
    "string_type": marked("a text in quotes"),
    "bool_type": marked("true or false"),
    "tuple_type": marked("a list"),
    "model_type": marked("a table of fields"),
    "union_tag_not_found": marked("a name, or a list with one for each layer"),
}


def structured(model: type[Model], tree: Any) -> tuple[Model | None, list[Wrong]]:
    """Make a value of a tree, or say everything that is wrong with its structure."""
    try:
        return model.model_validate(tree), []
    except ValidationError as error:
        found = error.errors(include_url=False)
    return None, [wrong for one in found if (wrong := _in_words(model, one)) is not None]


def _in_words(model: type[BaseModel], error: Any) -> Wrong | None:
    """One of pydantic's errors in the user's words; None where `shapes` or `rules` says it better."""
    path = tuple(step for step in error["loc"] if step not in {NAME, TABLE, LIST})
    type_, value, context = error["type"], error["input"], error.get("ctx", {})
    if path[:2] in ARRAYS and (type_ == "tuple_type" or isinstance(value, tuple | list)):
        return None
    if type_ == "missing" and path in {("parameters",), ("data",)}:
        return None
    if type_ in {"missing", "too_long", "too_short"} and (isinstance(path[-1], int) or path[-1] == "betas"):
        return _pair(path if path[-1] == "betas" else path[:-1], value)
    if type_ == "missing":
        return _missing(model, path)
    if type_ == "too_short":
        return _too_few_layers(path, value)
    if type_ == "literal_error":
        return no_such(path, value, [one.strip("'") for one in context["expected"].replace(" or ", ", ").split(", ")])
    if type_ == "finite_number" or (isinstance(value, float) and not isfinite(value)):
        return not_finite(path, value, instead(model, path, None))
    if type_ in {"greater_than_equal", "less_than_equal"}:
        low, high = context.get("ge"), context.get("le")
        return _out_of_range(path, value, low, high)
    if type_ == "string_too_long":
        return _too_long(path, value, context["max_length"])
    return _wrong_type(model, path, value, _WANTED.get(type_))


def _wrong_type(model: type[BaseModel], path: Path, value: Any, wanted: str | None) -> Wrong:
    if wanted is None:
        sentence = _("{field} cannot be {kind}").format(field=dotted(path), kind=kind(value))
    else:
        sentence = _("{field} wants {wanted}, not {kind}").format(
            field=dotted(path), wanted=_(wanted), kind=kind(value)
        )
    because = {
        bool: _("true and false are no numbers"),
        str: _("what stands in quotes is a text, even when it looks like something else"),
    }.get(type(value), "")
    fault = Fault(
        code="R-TYPE-1", sentence=sentence, got=shown(value), because=because, try_this=instead(model, path, value)
    )
    return Wrong(path, fault)


def _pair(path: Path, value: Any) -> Wrong:
    fault = Fault(
        code="R-TYPE-1",
        sentence=_("{field} wants two numbers").format(field=dotted(path)),
        got=shown(value),
        because=_("they are the decay of the first moment and of the second"),
        try_this=setting(path, (0.9, 0.999)),
    )
    return Wrong(path, fault)


def _missing(model: type[BaseModel], path: Path) -> Wrong:
    """A field that every recipe needs; a whole section is one fault."""
    value = example_of(model, path)
    fault = Fault(
        code="R-FIELD-2",
        sentence=_("{field} is missing").format(field=dotted(path)),
        because=_("every recipe says it; nothing stands in for it"),
        try_this=setting(path, value),
    )
    return Wrong(path, fault)


def no_such(path: Path, value: Any, known: list[str], *, default: str | None = None) -> Wrong:
    """A name that is none of the known ones."""
    fault = Fault(
        code="R-NAME-1",
        sentence=_nobody(path).format(name=word(value), field=dotted(path)),
        got=shown(value),
        because=_("known are {names}").format(names=", ".join(known)),
        try_this=setting(path, nearest(value, known) or default or known[0]),
    )
    return Wrong(path, fault)


def not_finite(path: Path, value: Any, fix: str, *, largest: str = "float64, 1.8e308") -> Wrong:
    """A number that is not finite, or beyond the numbers a computer has."""
    fault = Fault(
        code="R-FINITE-1",
        sentence=_("{field} is not finite").format(field=dotted(path)),
        got=shown(value),
        because=_("a run starts from finite numbers, and there is none above {largest}").format(largest=largest),
        try_this=fix,
    )
    return Wrong(path, fault)


def _out_of_range(path: Path, value: Any, low: int | None, high: int | None) -> Wrong:
    if low is not None:
        sentence, fix = _("{field} must be at least {bound}"), max(abs(value), low)
    else:
        sentence, fix = _("{field} must be at most {bound}"), high
    fault = Fault(
        code="R-RANGE-1",
        sentence=sentence.format(field=dotted(path), bound=low if high is None else high),
        got=shown(value),
        try_this=setting(path, fix),
    )
    return Wrong(path, fault)


def _too_few_layers(path: Path, value: Any) -> Wrong:
    fault = Fault(
        code="R-RANGE-1",
        sentence=_("a network has at least two layers, inputs and outputs"),
        got=shown(value),
        because=_("the first number is that of the inputs, the last one that of the outputs"),
        try_this=setting(path, (*value, 2, 2)[:2]),
    )
    return Wrong(path, fault)


def _too_long(path: Path, value: str, limit: int) -> Wrong:
    fault = Fault(
        code="R-RANGE-1",
        sentence=_("{field} has {length} characters, {limit} are the most").format(
            field=dotted(path), length=len(value), limit=limit
        ),
        got=shown(value),
        try_this=removal(path, value),
    )
    return Wrong(path, fault)


def _nobody(path: Path) -> str:
    """The sentence for a name that nothing has."""
    sentences = {
        "activations": _("no activation is called {name}"),
        "optimizer": _("no optimizer is called {name}"),
        "initializer": _("no initializer is called {name}"),
        "dataset": _("no dataset is called {name}"),
        "name": _("no loss is called {name}"),
    }
    return sentences.get(str(path[1]), _("{field} cannot be {name}"))
