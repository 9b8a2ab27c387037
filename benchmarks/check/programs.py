"""All programs of the benchmark, and what must be said of each.

A program is a style, a network, and what is unusual or wrong in it. Its names and its indentation are chosen by the
hash of its name. Its set is that of its style: programs of `development` may be looked at, those of `held_out` may not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from .answers import answer_of
from .networks import NETWORKS, Network
from .style import Style, reindented, renamed, styles

INDENTS = ("    ", "    ", "  ", "\t")
PLAIN = "plain"
CUSTOMARY = {"activations": ["sigmoid", "sigmoid"], "loss": "half_sum_squared_error", "over_samples": "mean"}


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program, and what must be said of it.

    Attributes
    ----------
    name : str
        ``style/network/what is in it``.
    suffix : str
        ``.py`` or ``.ipynb``.
    text : str
        As it is written to its file.
    recipe : str or dict
        What it is checked against.
    own_recipe : dict
        What it does, when it is right; its initial values may be others.
    after : str
        An expression of its parameters at its end.
    held_out : bool
        Whether it is one of those that are never looked at.
    verdict, kinds : str, set of str
        The answer.
    mistake, also, equals : str, set of str
        What is wrong with it, what else is, and which mistakes are not to be told from the first here.
    lines : list of int
        Where it stands: any of these, numbered as in the joined cells of a notebook; empty where it stands nowhere.
    """

    name: str
    suffix: str
    text: str
    recipe: str | dict[str, Any]
    own_recipe: dict[str, Any]
    after: str
    held_out: bool
    verdict: str
    kinds: set[str]
    mistake: str = ""
    also: set[str] = field(default_factory=set)
    equals: set[str] = field(default_factory=set)
    lines: list[int] = field(default_factory=list)

    @property
    def style(self) -> str:
        """The style it is written in."""
        return self.name.split("/")[0]

    @property
    def answer(self) -> dict[str, Any]:
        """What must be said of it, as JSON."""
        said = {name: getattr(self, name) for name in ("verdict", "kinds", "mistake", "also", "equals", "lines")}
        return {name: sorted(value) if isinstance(value, set) else value for name, value in said.items()}

    @property
    def file(self) -> str:
        """A name for its file."""
        return self.name.replace("/", "--") + self.suffix


def programs(iterations: int | None = None) -> list[Program]:
    """Write all programs; with other iterations than their own, if asked."""
    return [program for style in styles() for program in programs_of(style, iterations)]


def programs_of(style: Style, iterations: int | None = None) -> Iterator[Program]:
    """Write all programs of one style: right ones in all its networks, wrong ones in one, by chance."""
    for tag in (PLAIN, *style.tags("="), *style.about.get("against", {})):
        for network in networks_of(style, tag):
            yield written(style, network, tag, iterations)
    for tag in style.tags("!:"):
        networks = networks_of(style, tag)
        yield written(style, networks[chance(style.name + tag) % len(networks)], tag, iterations)


def networks_of(style: Style, tag: str) -> list[str]:
    """Where one of its programs is made."""
    against = style.about.get("against", {}).get(tag, {})
    return style.networks.get(tag) or against.get("networks") or style.about["networks"]


def written(style: Style, network: str, tag: str, iterations: int | None) -> Program:
    """Write one program."""
    name = f"{style.name}/{network}/{tag.replace('/', '-')}"
    text, lines = style.text(tag, NETWORKS[network].slots(iterations))
    names, indent = _dress(style, name)
    text = reindented(renamed(text, names), indent)
    recipe = recipe_of(NETWORKS[network], style.about)
    return Program(
        name=name,
        suffix=".ipynb" if style.about.get("notebook") else ".py",
        text=as_notebook(text) if style.about.get("notebook") else text,
        own_recipe=recipe,
        after=renamed(style.about["after"], names),
        held_out=style.held_out,
        lines=lines,
        **{"recipe": _given(style, network) or recipe, **answer_of(style, tag, name, recipe)},
    )


def _dress(style: Style, name: str) -> tuple[dict[str, str], str]:
    """The names and the indentation that a program has by chance."""
    choices = [{}, *style.about.get("names", [])]
    number = chance(name) // 2
    indent = "    " if style.about.get("notebook") else INDENTS[number // 16 % len(INDENTS)]
    return choices[number % len(choices)], indent


def _given(style: Style, network: str) -> str:
    """The ready recipe of a network, where the style does what that says."""
    customary = all(style.about.get(name, usual) == usual for name, usual in CUSTOMARY.items())
    return NETWORKS[network].given if customary else ""


def recipe_of(network: Network, about: dict[str, Any]) -> dict[str, Any]:
    """What a network is asked to do in a style."""
    settings = CUSTOMARY | about
    parameters: dict[str, Any] = {"weights": network.weights}
    if network.biases:
        parameters |= {"biases": network.biases, "train_biases": settings.get("train_biases", True)}
    training = {"learning_rate": network.learning_rate, "iterations": network.iterations}
    if "batch_size" in settings:
        training["batch_size"] = settings["batch_size"]
    return {
        "network": {
            "layers": network.layers,
            "activations": _activations(settings["activations"], network),
            "biases": bool(network.biases),
        },
        "parameters": parameters,
        "data": {"inputs": network.inputs, "targets": network.targets},
        "loss": {"name": settings["loss"], "over_samples": settings["over_samples"]},
        "training": training,
        "numerics": {"precision": settings.get("precision", "float64")},
    }


def _activations(two: list[str], network: Network) -> list[str]:
    """The hidden layers' and the last layer's."""
    hidden, last = two
    return [hidden] * (len(network.weights) - 1) + [last]


def as_notebook(text: str) -> str:
    """Cut a program at its lines `# In[1]:` into the cells of a notebook."""
    _nothing, *cells = ("\n" + text).split("\n# In[")
    sources = [cell.split("]:\n", 1)[1].removesuffix("\n") for cell in cells]
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [_cell(source) for source in sources]}
    )


def _cell(source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines}


def chance(name: str) -> int:
    """A number that depends on a name alone."""
    return int(sha256(name.encode()).hexdigest()[:12], 16)
