"""Texts that a user of ours reads and that stand in no Python file of ours: click's, and titles of ready recipes.

They are marked here so that the catalogue holds them. click looks its texts up in our catalogue; the views
translate a title when they show it. Nothing imports this file but its test, which finds each text at its place.
"""

from __future__ import annotations

from backlight.language import marked


def ngettext(one: str, several: str) -> tuple[str, str]:
    """Mark a text that has a plural, under the name by which the collector of texts knows such pairs."""
    return one, several


CLICK = (
    marked("Usage:"),
    marked("Options"),
    marked("Positional arguments"),
    marked("Show this message and exit."),
    marked("Try '{command} {option}' for help."),
    marked("Missing command."),
    marked("Missing argument"),
    marked("Missing option"),
    marked("No such option {name!r}."),
    marked("No such command {name!r}."),
    marked("Option {name!r} does not take a value."),
    marked("Invalid value: {message}"),
    marked("Invalid value for {param_hint}: {message}"),
    marked("default: {default}"),
    marked("required"),
    marked("Error: {message}"),
    marked("Aborted!"),
)
CLICK_PLURALS = (
    ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ngettext("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ngettext("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)
TITLES = (
    marked("The course exercise: two inputs, two hidden units, two outputs, eight weights"),
    marked("The exercise as its NumPy program has it: learning rate 10, gradients written by hand"),
    marked("The exercise as its PyTorch program has it: float32, learning rate 1"),
    marked("The exercise with ReLU: which units still learn?"),
    marked("The exercise with torch's MSELoss: the same numbers, but not the same formula"),
    marked("The exercise with torch's CrossEntropyLoss: what does its value mean here?"),
    marked("The exercise from random weights"),
    marked("The exercise from zero weights: two hidden units that stay one"),
    marked("XOR: what one layer cannot learn"),
    marked("Handwritten digits: 8 x 8 pixels, ten classes, mini-batches"),
)
