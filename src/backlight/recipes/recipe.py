"""A Recipe says what to do: one immutable value, checked as a whole, that every verb accepts.

It holds what the user wrote. Numbers drawn from it (initial weights, data, batches) come from `start`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, PrivateAttr

from backlight.recipes.checking.check import checked
from backlight.recipes.fields import (
    ActivationChoice,
    DataSection,
    LossSection,
    NetworkSection,
    NumericsSection,
    ParameterSection,
    Section,
    TrainingSection,
)
from backlight.recipes.reading.sources import Source
from backlight.recipes.reading.written import listed
from backlight.recipes.settings import changed

if TYPE_CHECKING:
    from collections.abc import Mapping


class Recipe(Section):
    """What to run: network, parameters, data, loss, training and numerics.

    Make one with `backlight.recipe`, change one with `with_`; both check everything and raise RecipeError.

    Examples
    --------
    >>> import backlight as bl
    >>> course = bl.recipe("course")
    >>> course.network.layers, course.training.learning_rate
    ((2, 2, 2), 1.0)
    >>> course.with_({"training.learning_rate": 10}).training.learning_rate
    10
    """

    title: str = Field("", max_length=10_000, description="what a reader sees above the results")
    network: NetworkSection
    parameters: ParameterSection
    data: DataSection
    loss: LossSection
    training: TrainingSection
    numerics: NumericsSection = NumericsSection()

    _folder: Path = PrivateAttr(default_factory=Path)

    def __eq__(self, other: object) -> bool:
        """Whether both say the same; a data file is the same where it is, however it is written."""
        return isinstance(other, Recipe) and self._said() == other._said()

    def __hash__(self) -> int:
        return hash(self._said())

    def _said(self) -> tuple[object, ...]:
        """Everything that counts, with the way to the data file in full."""
        file = self.data.file and str((self._folder / self.data.file).absolute())
        data = self.data.model_copy(update={"file": file})
        return tuple(data if name == "data" else value for name, value in self.__dict__.items())

    @property
    def layers(self) -> tuple[int, ...]:
        """Units per layer, inputs first."""
        return self.network.layers

    @property
    def activations(self) -> tuple[ActivationChoice, ...]:
        """One activation with its options for each layer after the inputs."""
        written = self.network.activations
        each = written if isinstance(written, tuple) else (written,) * (len(self.layers) - 1)
        return tuple(ActivationChoice(name=one) if isinstance(one, str) else one for one in each)

    @property
    def folder(self) -> Path:
        """Where `data.file` is relative to."""
        return self._folder

    def with_(self, changes: Mapping[str, Any]) -> Recipe:
        """Give a copy with some fields changed, checked as a whole.

        Parameters
        ----------
        changes : mapping of field path to value
            Paths as in TOML: ``training.learning_rate``; entries of arrays as ``parameters.weights[0][1][0]``.

        Raises
        ------
        RecipeError
            Everything that is wrong with the changed recipe, as for `backlight.recipe`.

        Examples
        --------
        >>> import backlight as bl
        >>> bl.recipe("course").with_({"numerics.precision": "float32"}).numerics.precision
        'float32'
        """
        source = Source(tree=changed(self._written(), changes))
        made = checked(Recipe, source)
        made._folder = self._folder  # noqa: SLF001  of the same class
        return made

    def as_dict(self) -> dict[str, Any]:
        """Give the recipe as plain dictionaries, lists and numbers: what was written, without defaults.

        ``backlight.recipe`` makes the same recipe of it anywhere, so a relative `data.file` is made absolute.
        The numbers keep their texts; JSON writes them as the shortest decimals of the same doubles.

        Examples
        --------
        >>> import backlight as bl
        >>> bl.recipe("course").as_dict()["training"]
        {'learning_rate': 1.0, 'iterations': 11}
        """
        written = self._written()
        if self.data.file is not None:
            written["data"]["file"] = str((self._folder / self.data.file).absolute())
        return written

    def _written(self) -> dict[str, Any]:
        """The fields that were written, in lists that can be changed."""
        return {name: listed(value) for name, value in self.model_dump(exclude_unset=True).items()}
