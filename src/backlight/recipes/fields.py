"""The fields of a recipe: their names, types and defaults, as users write them.

What a field may say together with other fields (shapes, options that belong to a name) is in `rules` and
`shapes`. The JSON Schema for editors is made from these classes.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from backlight.recipes.functions import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, Option, OptionValue
from backlight.recipes.numbers import Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATASETS = {"digits": (64, 10)}
"""The named datasets, each with its numbers of inputs and of targets."""

LARGEST_INTEGER = 2**63 - 1
"""Integers are counted in 64 bits, here and in TOML."""


def _number(value: object) -> Number:
    """Keep a number with its text; an int is a number, a bool is not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("number_type", "a number is wanted")
    try:
        number = value if isinstance(value, Number) else Number(value if isinstance(value, float) else str(value))
    except (OverflowError, ValueError) as error:  # an int of more digits than a text may have
        raise PydanticCustomError("finite_number", "a finite number is wanted") from error
    if not isfinite(number):
        raise PydanticCustomError("finite_number", "a finite number is wanted")
    return number


Real = Annotated[Number, PlainValidator(_number), WithJsonSchema({"type": "number"})]
Units = Annotated[int, Field(ge=1, le=LARGEST_INTEGER)]
Row = tuple[Real, ...]
Matrix = tuple[Row, ...]
Text = Annotated[str, Field(max_length=10_000)]


def _one_of(known: Iterable[str]) -> WithJsonSchema:
    """A name from a table; `rules` checks it with the nearest name at hand, an editor completes it."""
    return WithJsonSchema({"type": "string", "enum": list(known)})


ActivationName = Annotated[str, _one_of(ACTIVATIONS)]
InitializerName = Annotated[str, _one_of(INITIALIZERS)]
LossName = Annotated[str, _one_of(LOSSES)]
OptimizerName = Annotated[str, _one_of(OPTIMIZERS)]
DatasetName = Annotated[str, _one_of(DATASETS)]


class Section(BaseModel):
    """A frozen, strict group of fields: an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)

    def _options(self, known: Mapping[str, Option]) -> dict[str, OptionValue]:
        """Every option of the chosen name, as written or by default."""
        written = {name: getattr(self, name) for name in known}
        return {name: known[name].default if value is None else value for name, value in written.items()}


class ActivationChoice(Section):
    """An activation with its options; without options its name alone will do."""

    name: ActivationName = Field(description="which activation", examples=["sigmoid"])
    negative_slope: Real | None = Field(None, description="leaky_relu: slope for z <= 0")
    alpha: Real | None = Field(None, description="elu: -alpha is the limit for z -> -inf")
    beta: Real | None = Field(None, description="softplus: sharpness")

    @property
    def options(self) -> dict[str, Any]:
        """All options of this activation, defaults filled in."""
        return self._options(ACTIVATIONS[self.name].options)


NAME, TABLE, LIST = "<name>", "<table>", "<list>"
"""How activations may be written; these tags stand in pydantic's paths, never in a user's."""


def _form(value: object) -> str | None:
    """Tell the form from the value, so that a fault is told of that form alone."""
    forms: dict[type, str] = {str: NAME, dict: TABLE, tuple: LIST, ActivationChoice: TABLE}
    return next((form for type_, form in forms.items() if isinstance(value, type_)), None)


OneActivation = Annotated[
    Annotated[ActivationName, Tag(NAME)] | Annotated[ActivationChoice, Tag(TABLE)], Discriminator(_form)
]
Activations = Annotated[
    Annotated[ActivationName, Tag(NAME)]
    | Annotated[ActivationChoice, Tag(TABLE)]
    | Annotated[tuple[OneActivation, ...], Tag(LIST)],
    Discriminator(_form),
]


class NetworkSection(Section):
    """The network: layers of units, their activations, and whether there are biases."""

    layers: tuple[Units, ...] = Field(min_length=2, description="units per layer, inputs first", examples=[(2, 2, 2)])
    activations: Activations = Field(
        description="one per layer after the inputs; one name serves all", examples=["sigmoid"]
    )
    biases: bool = Field(default=False, description="whether z has a bias: z = x @ W + b")


class ParameterSection(Section):
    """The initial weights and biases: values, or an initializer and a seed."""

    weights: tuple[Matrix, ...] | None = Field(None, description="per layer, shape (inputs, units): z = x @ W + b")
    biases: tuple[Row, ...] | None = Field(None, description="per layer, one for each unit; default zeros")
    train_biases: bool = Field(default=True, description="false freezes the biases at their initial values")
    initializer: InitializerName | None = Field(
        None, description="how weights are drawn, instead of values", examples=["xavier_uniform"]
    )
    random_seed: int = Field(0, ge=0, description="seed of numpy's default_rng for the initializer")
    labels: Literal["by_input", "by_unit"] = Field(
        "by_input", description="by_input: w1: x1->h1, w2: x1->h2; by_unit: w1: x1->h1, w2: x2->h1"
    )
    val: Real | None = Field(None, description="constant: the value of every weight")
    a: Real | None = Field(None, description="uniform: lower end; kaiming: negative slope")
    b: Real | None = Field(None, description="uniform: upper end")
    mean: Real | None = Field(None, description="normal: centre")
    std: Real | None = Field(None, description="normal: standard deviation")
    gain: Real | None = Field(None, description="xavier, orthogonal: factor on the spread")
    mode: Annotated[str, _one_of(["fan_in", "fan_out"])] | None = Field(None, description="kaiming: which fan divides")
    nonlinearity: str | None = Field(None, description="kaiming: chooses the gain")

    @property
    def options(self) -> dict[str, Any]:
        """All options of the initializer, defaults filled in; empty where weights are given."""
        return {} if self.initializer is None else self._options(INITIALIZERS[self.initializer].options)


class DataSection(Section):
    """The samples: written in the recipe, in a CSV file, or a named dataset."""

    inputs: Matrix | None = Field(None, description="shape (samples, inputs)")
    targets: Matrix | None = Field(None, description="shape (samples, outputs)")
    file: Text | None = Field(
        None, description="a CSV file, relative to the recipe: inputs, then targets", examples=["points.csv"]
    )
    dataset: DatasetName | None = Field(None, description="a named dataset", examples=["digits"])
    held_out: Real = Field(
        Number("0.0"),
        description="share of the samples kept out of training",
        json_schema_extra={"minimum": 0, "exclusiveMaximum": 1},
    )


class LossSection(Section):
    """The loss and its reduction."""

    name: LossName = Field(description="which loss", examples=["half_sum_squared_error"])
    over_samples: Literal["mean", "sum"] = Field("mean", description="how the samples of a batch are reduced")
    delta: Real | None = Field(None, description="huber: where the square ends")

    @property
    def options(self) -> dict[str, Any]:
        """All options of this loss, defaults filled in."""
        return self._options(LOSSES[self.name].options)


class TrainingSection(Section):
    """How the parameters are updated, and how often."""

    optimizer: OptimizerName = Field("sgd", description="the rule that turns a gradient into an update")
    learning_rate: Real = Field(
        description="factor on the step", json_schema_extra={"minimum": 0}, examples=[Number("1.0")]
    )
    iterations: int = Field(
        ge=0, le=LARGEST_INTEGER, description="number of updates; one more pass follows the last", examples=[11]
    )
    batch_size: int | None = Field(
        None, ge=1, le=LARGEST_INTEGER, description="samples in an iteration; default all", examples=[32]
    )
    shuffle_seed: int | None = Field(
        None, ge=0, description="seed of the order of samples; default file order", examples=[0]
    )
    momentum: Real | None = Field(None, description="sgd, rmsprop: how much of the velocity stays")
    nesterov: bool | None = Field(None, description="sgd: look one step ahead; needs momentum > 0")
    weight_decay: Real | None = Field(None, description="every optimizer; adamw shrinks the parameter itself")
    alpha: Real | None = Field(None, description="rmsprop: decay of the square average")
    eps: Real | None = Field(None, description="rmsprop, adagrad, adam, adamw: added to the root")
    centered: bool | None = Field(None, description="rmsprop: divide by the standard deviation")
    lr_decay: Real | None = Field(None, description="adagrad: how fast the learning rate falls")
    initial_accumulator_value: Real | None = Field(None, description="adagrad: where the sum of squares starts")
    betas: tuple[Real, Real] | None = Field(None, description="adam, adamw: decay of the two moments")
    amsgrad: bool | None = Field(None, description="adam, adamw: divide by the largest second moment so far")

    @property
    def options(self) -> dict[str, Any]:
        """All options of this optimizer, defaults filled in."""
        return self._options(OPTIMIZERS[self.optimizer].options)


class NumericsSection(Section):
    """The arithmetic: precision of the run, and where the exact engine starts."""

    precision: Literal["float64", "float32"] = Field("float64", description="the machine numbers a run computes with")
    exact_from: Literal["nearest", "literal"] = Field(
        "nearest", description="the exact engine starts from the nearest floats, or from the decimal literals"
    )
