"""The structure of a recipe: which fields there are, and of which type.

pydantic finds what is wrong, here it gets words. What the values mean together is not judged here.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from backlight.language import _, marked
from backlight.recipes.checking.examples import Examples
from backlight.recipes.fields import LIST, NAME, TABLE
from backlight.recipes.wording.nearest import nearest
from backlight.recipes.wording.shown import Path, Value, dotted, kind, shown, word
from backlight.recipes.wording.suggest import setting
from backlight.recipes.wording.wrong import Wrong

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backlight.recipes.reading.written import Tree

Model = TypeVar("Model", bound=BaseModel)

TOLD_BY_SHAPES = {("parameters", "weights"), ("parameters", "biases"), ("data", "inputs"), ("data", "targets")}
"""Arrays: where a list is missing or too many in them, one fault tells it for the whole array."""

TOLD_BY_RULES = {("parameters",), ("data",)}
"""Sections without which `rules` and `samples` say what is missing."""


def structured(model: type[Model], tree: Tree, known: Mapping[Path, Value]) -> tuple[Model | None, list[Wrong]]:
    """Make a value of a tree, or say everything that is wrong with its structure.

    Parameters
    ----------
    known : mapping of path to value
        What the rest of the recipe suggests for fields that may be missing or wrong.
    """
    try:
        return model.model_validate(tree), []
    except ValidationError as error:
        examples = Examples(model, known)
        found = [_InWords(examples, one) for one in error.errors(include_url=False)]
    return None, [one.wrong() for one in found if not one.is_told_elsewhere]


class _InWords:
    """One of pydantic's errors in the user's words."""

    def __init__(self, examples: Examples, error: Any) -> None:  # noqa: ANN401  pydantic's own dictionary
        self.examples, self.type, self.value = examples, error["type"], error["input"]
        self.context = error.get("ctx", {})
        self.path: Path = tuple(step for step in error["loc"] if step not in {NAME, TABLE, LIST})

    @property
    def is_told_elsewhere(self) -> bool:
        """Whether another check says it better."""
        if self.path[:2] in TOLD_BY_SHAPES:
            return self.type == "tuple_type" or isinstance(self.value, tuple)
        return self.type == "missing" and self.path in TOLD_BY_RULES

    def wrong(self) -> Wrong:
        """Find the words for this kind of error."""
        if "betas" in self.path and self.type in {"missing", "too_short", "too_long"}:
            return self.no_pair(self.path[: self.path.index("betas") + 1])
        if self.type == "finite_number" or (isinstance(self.value, float) and not isfinite(self.value)):
            return not_finite(self.path, self.value, self.examples.instead(self.path, None))
        words = {
            "missing": self.missing,
            "too_short": self.too_few_layers,
            "literal_error": self.no_such_word,
            "greater_than_equal": self.too_small,
            "less_than_equal": self.too_large,
            "string_too_long": self.too_long,
        }
        return words.get(self.type, self.wrong_type)()

    def say(self, code: str, sentence: str, because: str, fix: str) -> Wrong:
        """A fault of this field."""
        return Wrong(
            code=code, field=self.path, sentence=sentence, got=shown(self.value), because=because, try_this=fix
        )

    def wrong_type(self) -> Wrong:
        """R-TYPE-1: the value is of another type than the field."""
        field, got = dotted(self.path), kind(self.value)
        wanted = WANTED.get(self.type)
        if wanted is None:
            sentence = _("{field} cannot be {kind}").format(field=field, kind=got)
        else:
            sentence = _("{field} wants {wanted}, not {kind}").format(field=field, wanted=_(wanted), kind=got)
        because = _(WHY.get(self.type, OTHERWISE))
        if isinstance(self.value, bool) and self.type in {"int_type", "number_type"}:
            because = _("true and false are no numbers")
        elif isinstance(self.value, str):
            because = _("what stands in quotes is a text, whatever it looks like")
        return self.say("R-TYPE-1", sentence, because, self.examples.instead(self.path, self.value))

    def no_pair(self, path: Path) -> Wrong:
        """R-TYPE-1: the decays of Adam are two."""
        self.path = path
        sentence = _("{field} wants two numbers").format(field=dotted(path))
        because = _("they are the decays of the first and of the second moment")
        return self.say("R-TYPE-1", sentence, because, setting(path, (0.9, 0.999)))

    def missing(self) -> Wrong:
        """R-FIELD-2: a field that every recipe needs; a whole section is one fault."""
        return Wrong(
            code="R-FIELD-2",
            field=self.path,
            sentence=_("{field} is missing").format(field=dotted(self.path)),
            because=_("every recipe says it, since nothing stands in for it"),
            try_this=setting(self.path, self.examples.of(self.path)),
        )

    def no_such_word(self) -> Wrong:
        """R-NAME-1: a field with a few possible words."""
        known = self.context["expected"].replace(" or ", ", ").split(", ")
        return no_such(self.path, self.value, [one.strip("'") for one in known])

    def too_few_layers(self) -> Wrong:
        """R-RANGE-1: a network needs an input and an output layer."""
        sentence = _("a network has at least two layers, inputs and outputs")
        because = _("the first number is that of the inputs, the last one that of the outputs")
        return self.say("R-RANGE-1", sentence, because, self.examples.instead(self.path, None))

    def too_small(self) -> Wrong:
        """R-RANGE-1: a count or a seed; often its sign is wrong."""
        low = self.context["ge"]
        sentence = _("{field} must be at least {bound}").format(field=dotted(self.path), bound=low)
        meant = setting(self.path, -self.value) if -self.value > low else ""
        name = next(str(step) for step in reversed(self.path) if isinstance(step, str))
        because = _(LEAST.get(name, OTHERWISE))
        return self.say("R-RANGE-1", sentence, because, meant or self.examples.instead(self.path, None))

    def too_large(self) -> Wrong:
        """R-RANGE-1: more than 64 bits hold."""
        high = self.context["le"]
        sentence = _("{field} must be at most {bound}").format(field=dotted(self.path), bound=high)
        return self.say("R-RANGE-1", sentence, _("integers have 64 bits"), self.examples.instead(self.path, None))

    def too_long(self) -> Wrong:
        """R-RANGE-1: a text without end."""
        sentence = _("{field} has {length} characters, {limit} are the most").format(
            field=dotted(self.path), length=len(self.value), limit=self.context["max_length"]
        )
        because = _("it is a name or a line for a reader")
        return self.say("R-RANGE-1", sentence, because, self.examples.instead(self.path, None))


WANTED = {
    "int_type": marked("a whole number"),
    "number_type": marked("a number"),
    "string_type": marked("a text in quotes"),
    "bool_type": marked("true or false"),
    "tuple_type": marked("a list"),
    "model_type": marked("a table of fields"),
    "union_tag_not_found": marked("a name, or a list with one for each layer"),
}
"""What a field wants, by pydantic's name for not finding it."""

WHY = {
    "int_type": marked("what is counted is a whole number, written without a decimal point"),
    "number_type": marked("a number stands there by itself, without quotes and brackets"),
    "string_type": marked("a text stands in quotes, even if it is a number"),
    "bool_type": marked("it is switched on with true and off with false; nothing else stands for them"),
    "tuple_type": marked("a list stands in brackets, with commas between its entries"),
    "model_type": marked("what belongs together stands in a table of its own"),
    "union_tag_not_found": marked("one name serves all layers after the inputs, a list has one for each of them"),
}
"""Why that is so."""

OTHERWISE = marked("nothing is converted silently")
"""Why, where there is nothing more to say."""

LEAST = {
    "layers": marked("every layer has a unit at least"),
    "iterations": marked("an update cannot be taken back; 0 computes the loss and its derivatives alone"),
    "batch_size": marked("every batch has a sample at least"),
    "random_seed": marked("numpy's generators take no negative seeds"),
    "shuffle_seed": marked("numpy's generators take no negative seeds"),
}
"""Why a number must not be smaller, by its field."""


LARGEST = {"float64": "1.8e308", "float32": "3.4e38"}
"""The largest finite numbers, as they are told."""


def no_such(path: Path, value: Value, known: Sequence[str], *, usual: str | None = None) -> Wrong:
    """R-NAME-1: a name that is none of the known ones."""
    sentences = {
        "activations": _("no activation is called {name}"),
        "optimizer": _("no optimizer is called {name}"),
        "initializer": _("no initializer is called {name}"),
        "dataset": _("no dataset is called {name}"),
        "name": _("no loss is called {name}"),
    }
    sentence = sentences.get(path[1], _("{field} cannot be {name}"))
    return Wrong(
        code="R-NAME-1",
        field=path,
        sentence=sentence.format(name=word(value), field=dotted(path)),
        got=shown(value),
        because=_("known are {names}").format(names=", ".join(known)),
        try_this=setting(path, nearest(value, known) or usual or known[0]),
    )


def not_finite(path: Path, value: Value, fix: str, *, precision: str = "float64") -> Wrong:
    """R-FINITE-1: a number that is not finite, or beyond the numbers a computer has."""
    return Wrong(
        code="R-FINITE-1",
        field=path,
        sentence=_("{field} is not finite").format(field=dotted(path)),
        got=shown(value),
        because=_("a run starts from finite numbers; the largest {precision} is {largest}").format(
            precision=precision, largest=LARGEST[precision]
        ),
        try_this=fix,
    )
