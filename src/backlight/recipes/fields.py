"""The fields of a recipe: their names, types and defaults, as users write them.

What a field may say together with other fields (shapes, options that belong to a name) is in `rules`.
The JSON Schema for editors is made from these classes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from backlight.recipes.functions import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, Option, OptionValue
from backlight.recipes.numbers import Number


def _number(value: object) -> Number:
    """Keep a number with its text; an int is a number, a bool is not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("number_type", "a number is wanted")
    try:
        return value if isinstance(value, Number) else Number(str(value) if isinstance(value, int) else value)
    except OverflowError as error:  # an int beyond the doubles
        raise PydanticCustomError("finite_number", "a finite number is wanted") from error


Real = Annotated[Number, PlainValidator(_number), WithJsonSchema({"type": "number"})]
Row = tuple[Real, ...]
Matrix = tuple[Row, ...]
Text = Annotated[str, Field(max_length=10_000)]


class Section(BaseModel):
    """A frozen, strict group of fields: an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)

    def _options(self, known: dict[str, Option] | Any) -> dict[str, OptionValue]:
        """Every option of the chosen name, as written or by default."""
        written = {name: getattr(self, name) for name in known}
        return {name: known[name].default if value is None else value for name, value in written.items()}


class ActivationChoice(Section):
    """An activation with its options; without options its name alone will do."""

    name: str = Field(description="one of: " + ", ".join(ACTIVATIONS))
    negative_slope: Real | None = Field(None, description="leaky_relu: slope for z <= 0")
    alpha: Real | None = Field(None, description="elu: -alpha is the limit for z -> -inf")
    beta: Real | None = Field(None, description="softplus: sharpness")

    @property
    def options(self) -> dict[str, Any]:
        """All options of this activation, defaults filled in."""
        return self._options(ACTIVATIONS[self.name].options)


class NetworkSection(Section):
    """The network: layers of units, their activations, and whether there are biases."""

    layers: tuple[int, ...] = Field(description="units per layer, inputs first")
    activations: str | ActivationChoice | tuple[str | ActivationChoice, ...] = Field(
        description="one per layer after the inputs; one name serves all"
    )
    biases: bool = Field(False, description="whether z has a bias: z = x @ W + b")


class ParameterSection(Section):
    """The initial weights and biases: values, or an initializer and a seed."""

    weights: tuple[Matrix, ...] | None = Field(None, description="per layer, shape (inputs, units): z = x @ W + b")
    biases: tuple[Row, ...] | None = Field(None, description="per layer, one for each unit")
    train_biases: bool = Field(True, description="false freezes the biases at their initial values")
    initializer: str | None = Field(None, description="instead of weights, one of: " + ", ".join(INITIALIZERS))
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
    mode: str | None = Field(None, description="kaiming: fan_in or fan_out")
    nonlinearity: str | None = Field(None, description="kaiming: chooses the gain")

    @property
    def options(self) -> dict[str, Any]:
        """All options of the initializer, defaults filled in; empty where weights are given."""
        return {} if self.initializer is None else self._options(INITIALIZERS[self.initializer].options)


class DataSection(Section):
    """The samples: written in the recipe, in a CSV file, or a named dataset."""

    inputs: Matrix | None = Field(None, description="shape (samples, inputs)")
    targets: Matrix | None = Field(None, description="shape (samples, outputs)")
    file: Text | None = Field(None, description="a CSV file, relative to the recipe: inputs, then targets")
    dataset: str | None = Field(None, description="one of: digits")
    held_out: Real = Field(Number("0.0"), description="share of the samples kept out of training, in [0, 1)")


class LossSection(Section):
    """The loss and its reduction."""

    name: str = Field(description="one of: " + ", ".join(LOSSES))
    over_samples: Literal["mean", "sum"] = Field("mean", description="how the samples of a batch are reduced")
    delta: Real | None = Field(None, description="huber: where the square ends")

    @property
    def options(self) -> dict[str, Any]:
        """All options of this loss, defaults filled in."""
        return self._options(LOSSES[self.name].options)


class TrainingSection(Section):
    """How the parameters are updated, and how often."""

    optimizer: str = Field("sgd", description="one of: " + ", ".join(OPTIMIZERS))
    learning_rate: Real = Field(description="factor on the step, >= 0")
    iterations: int = Field(ge=0, description="number of updates; one more forward pass follows the last")
    batch_size: int | None = Field(None, ge=1, description="samples in an iteration; default all")
    shuffle_seed: int | None = Field(None, ge=0, description="seed of the order of samples; default file order")
    momentum: Real | None = Field(None, description="sgd, rmsprop")
    nesterov: bool | None = Field(None, description="sgd")
    weight_decay: Real | None = Field(None, description="every optimizer")
    alpha: Real | None = Field(None, description="rmsprop: decay of the square average")
    eps: Real | None = Field(None, description="rmsprop, adagrad, adam, adamw: added to the root")
    centered: bool | None = Field(None, description="rmsprop")
    lr_decay: Real | None = Field(None, description="adagrad")
    initial_accumulator_value: Real | None = Field(None, description="adagrad")
    betas: tuple[Real, Real] | None = Field(None, description="adam, adamw: decay of the two moments")
    amsgrad: bool | None = Field(None, description="adam, adamw")

    @property
    def options(self) -> dict[str, Any]:
        """All options of this optimizer, defaults filled in."""
        return self._options(OPTIMIZERS[self.optimizer].options)


class NumericsSection(Section):
    """The arithmetic: precision of the run, and where the exact engine starts."""

    precision: Literal["float64", "float32"] = "float64"
    exact_from: Literal["nearest", "literal"] = Field(
        "nearest", description="the exact engine starts from the nearest floats, or from the decimal literals"
    )
