"""What is said of a program: the verdict, the numbers it rests on, the mistake, the places, the proof.

Plain data, made by `check`, shown by the views. `Diagnosis.as_dict` is the form of ``--format json``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backlight.checks.observing.observation import Program, Site

Verdict = Literal["right", "wrong", "cannot_tell"]
Kind = Literal[
    "right",
    "constant_factor",
    "other_loss",
    "other_activation",
    "other_network",
    "wrong_parameter",
    "never_learns",
    "update_order",
    "forward",
    "wrong_on_other_shapes",
    "cannot_tell",
]
Number = float | list[Any]


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Which loss a program states, of which one its updates are the exact gradient, and the constant factor."""

    stated: str | None = None
    exact_gradient_of: str | None = None
    factor: float | None = None


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter's gradient: one scalar, or a whole array where there are many.

    Parameters
    ----------
    name, theirs : str
        Its label in the recipe, and what the program calls it.
    iteration : int or None
        The first judged update at which it is wrong; None where it is never wrong.
    yours, truth : float or nested list, or None
        dL/dparameter there (else at the first judged update): what their update implies, with the truth's sign, and
        what is exact.
    ratio : float or None
        yours / truth, where it is one number.
    """

    name: str
    theirs: str
    verdict: Verdict
    iteration: int | None
    yours: Number | None
    truth: Number | None
    ratio: float | None

    @property
    def error(self) -> float | None:
        """|yours - truth| / |truth|, of an array the largest difference beside the largest entry; None if unknown.

        Examples
        --------
        >>> facts = {"name": "w1", "theirs": "w1", "verdict": "wrong", "iteration": 0, "ratio": -1.0}
        >>> Parameter(yours=0.5, truth=-0.5, **facts).error
        2.0
        """
        if self.yours is None or self.truth is None:
            return None
        yours, truth = np.asarray(self.yours, float), np.asarray(self.truth, float)
        if yours.shape != truth.shape:
            return math.inf
        with np.errstate(all="ignore"):
            difference = float(np.max(np.abs(yours - truth), initial=0.0))
            size = float(np.max(np.abs(truth), initial=0.0))
        if difference == 0 or math.isnan(difference):
            return difference
        return difference / size if size else math.inf

    @property
    def scalars(self) -> int:
        """How many numbers it stands for."""
        return int(np.size(np.asarray(self.truth, float))) if self.truth is not None else 1


@dataclass(frozen=True, kw_only=True)
class Spot:
    """An expression of a program with what it is and what it should be.

    Parameters
    ----------
    line, column, end_line, end_column : int
        Lines from 1, columns from 0 in characters.
    source : str
        As it is written there.
    name : str
        What the program calls the result; empty where it has no name.
    quantity : str
        What belongs there, by its label: ``dL_dw1``, ``dL_dz2``; empty where that is no quantity of the network.
    should_be : str
        An expression in the program's own names that gives it; empty if none was found.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    source: str
    name: str
    quantity: str
    should_be: str

    @classmethod
    def at(cls, site: Site, *, name: str, quantity: str, should_be: str = "") -> Spot:
        """What is said of a place in the source."""
        return cls(
            line=site.line,
            column=site.column,
            end_line=site.end_line,
            end_column=site.end_column,
            source=site.source,
            name=name,
            quantity=quantity,
            should_be=should_be,
        )


@dataclass(frozen=True, kw_only=True)
class Part:
    """A value in an expression, and what it is: the label of a quantity; empty where it was given before the training."""

    source: str
    quantity: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A mistake of the catalogue that reproduces the program's numbers.

    Parameters
    ----------
    mistake : str
        Its slug; what is made together with it is in ``also``, what gives equal numbers here in ``equals``.
    residual : float
        The largest difference to the program's gradients, relative to the largest gradient of the array.
    proof : bool
        With all places replaced by what should be there, and nothing else, every gradient is right.
    """

    mistake: str
    also: tuple[str, ...] = ()
    equals: tuple[str, ...] = ()
    line: int | None = None
    places: tuple[Spot, ...] = ()
    residual: float = 0.0
    proof: bool = False

    def proved_at(self, places: tuple[Spot, ...]) -> Explanation:
        """The same with the places of a repair that is proved."""
        return replace(self, line=places[0].line, places=places, proof=True)

    def called(self, mistake: str) -> Explanation:
        """The same, called by a mistake that gives the same numbers, where a repair says which of them it is."""
        if mistake not in self.equals:
            return self
        others = [self.mistake, *(one for one in self.equals if one != mistake)]
        return replace(self, mistake=mistake, equals=tuple(others))


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A fact about the program: what it has otherwise than the recipe, or what was met while it ran.

    Parameters
    ----------
    kind : str
        One word for it: ``learning_rate``, ``precision``, ``input``.
    text : str
        One sentence that says it all, values too, in the language in use.
    yours, recipe : plain value or None
        What the program has and what the recipe asks for, for those who compute with it.
    """

    kind: str
    text: str
    yours: Any = None
    recipe: Any = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A named value or an expression of the program that is a quantity of the network in every judged update.

    Parameters
    ----------
    name : str
        The variable that gets the value; empty for an expression.
    quantity : str
        Its label: ``z_h1``, ``dL_dW2``; what it should be where ``right`` is False. Before it the factor that it
        carries, if there is one: ``-dL_do1``.
    right : bool
        Whether it is the true one.
    yours, truth : float or None
        Where it is one number and not right: what it is and what it should be, at the first judged update.
    """

    line: int
    name: str
    quantity: str
    right: bool
    yours: float | None = None
    truth: float | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Diagnosis:
    """The answer to one program; ``backlight check`` prints it, `as_dict` is its JSON form.

    Parameters
    ----------
    program : Program
        Its path and text.
    recipe : str or None
        The recipe's name or file, as asked; None for one that has no name.
    verdict, kind : str
        right, wrong or cannot_tell; and in which way.
    loss : Loss
        What is known of the loss.
    reason : str
        For ``cannot_tell`` and kinds that end before the gradients: why, one sentence.
    parameters : tuple of Parameter
        One for each scalar up to 64 of them, else one for each array.
    first_wrong : Spot or None
        The first value in the program's own order that is wrong.
    made_of : tuple of Part
        The right values that the first wrong one is made of, where no mistake of the catalogue explains it.
    explanations : tuple of Explanation
        Best first.
    seen : tuple of Seen
        For the annotated source, in the order of lines.
    iterations : tuple of int
        Which updates were judged, 0-based.
    losses : tuple of float
        The true loss at the first and at the last set of parameters seen; empty if unknown.
    cosine : float or None
        Of the angle between the gradient that an update implies, all parameters together, and the true one: the
        smallest over all judged updates. None where it was not computed.
    units : str
        What the units say of the place of the mistake, one sentence; empty where they say nothing.
    fixed : str or None
        The program with all places of the first explanation replaced, where that is proved.
    """

    program: Program
    recipe: str | None
    verdict: Verdict
    kind: Kind
    reason: str = ""
    loss: Loss = Loss()
    parameters: tuple[Parameter, ...] = ()
    first_wrong: Spot | None = None
    made_of: tuple[Part, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    facts: tuple[Difference, ...] = ()
    seen: tuple[Seen, ...] = ()
    iterations: tuple[int, ...] = ()
    losses: tuple[float, ...] = ()
    cosine: float | None = None
    units: str = ""
    fixed: str | None = None

    def __repr__(self) -> str:
        named = f", {self.explanations[0].mistake}" if self.explanations else ""
        at = f" at line {self.line}" if self.line else ""
        kind = "" if self.kind == self.verdict else f", {self.kind}"
        return f"<Diagnosis of {self.program.path!r}: {self.verdict}{kind}{named}{at}>"

    @property
    def gradients(self) -> int:
        """How many numbers were judged in each update."""
        return sum(one.scalars for one in self.parameters)

    @property
    def line(self) -> int | None:
        """Where to look first: the line of the mistake, else of the first wrong value; None where it is in no line."""
        told = [one.line or (one.places[0].line if one.places else None) for one in self.explanations[:1]]
        return (told and told[0]) or (self.first_wrong.line if self.first_wrong else None)

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON has it; numbers that are not finite are the strings "nan", "inf", "-inf"."""
        first = self.first_wrong
        said = {
            "backlight_check": 1,
            "program": self.program.path,
            "recipe": self.recipe,
            "loss": {
                "stated": self.loss.stated,
                "exact_gradient_of": self.loss.exact_gradient_of,
                "factor": self.loss.factor,
            },
            "verdict": self.verdict,
            "kind": self.kind,
            "parameters": [vars(one) for one in self.parameters],
            "first_wrong": first and {"line": first.line, "source": first.source, "name": first.name},
            "diagnoses": [_explained(one) for one in self.explanations],
            "facts": [vars(one) for one in self.facts],
        }
        if self.reason:
            said["reason"] = self.reason
        plain: dict[str, Any] = _plain(said)
        return plain


def _explained(one: Explanation) -> dict[str, Any]:
    """An explanation as JSON has it."""
    return {
        "mistake": one.mistake,
        "also": list(one.also),
        "equals": list(one.equals),
        "line": one.line,
        "places": [
            {
                "line": spot.line,
                "column": spot.column,
                "source": spot.source,
                "name": spot.name,
                "quantity": spot.quantity,
                "should_be": spot.should_be,
            }
            for spot in one.places
        ],
        "residual": one.residual,
        "proof": one.proof,
    }


def _plain(value: Any) -> Any:  # noqa: ANN401  anything that JSON can hold
    """Numbers and containers as JSON can hold them."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.ndarray | np.generic):
        return _plain(_listed(value))
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _listed(value: NDArray[Any] | np.generic) -> Any:  # noqa: ANN401  a number or nested lists
    return value.tolist()
