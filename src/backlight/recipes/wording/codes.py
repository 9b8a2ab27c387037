"""What each code of a recipe's fault means, in a paragraph: `backlight explain R-SHAPE-1` prints it.

One table for all of them; a test holds it against the codes that are raised.
"""

from __future__ import annotations

from backlight.language import marked

CODES: dict[str, str] = {
    "R-FIELD-1": marked(
        "A recipe has fixed fields, and this is none of them. Nothing is ignored silently: a misspelt field would "
        "otherwise leave its default in place, and the run would be another one than you meant."
    ),
    "R-FIELD-2": marked(
        "A field is missing that has no default: layers, activations, weights or an initializer, data, a loss, a "
        "learning rate and a number of iterations are said in every recipe."
    ),
    "R-TYPE-1": marked(
        "A value is of another type than its field: a text where a number belongs, a number where a list belongs, "
        "a fraction where things are counted. Nothing is converted silently; true and false are no numbers."
    ),
    "R-NAME-1": marked(
        "Nothing has this name: no activation, loss, optimizer, initializer, dataset or ready recipe. A convention "
        "sits in the name (there is no bare mse), so the names of other libraries may differ from those here."
    ),
    "R-SHAPE-1": marked(
        "The weights do not fit the layers. Layer l has a matrix with a row for each of its inputs and a column for "
        "each of its units, z = x @ W + b; some books write the transpose. The layers are counted from 1, the "
        "first one after the inputs."
    ),
    "R-SHAPE-2": marked(
        "The biases do not fit the layers: every layer after the inputs has one bias for each of its units."
    ),
    "R-SHAPE-3": marked(
        "The samples do not fit the network or each other. Inputs and targets are lists with a row for each sample, "
        "in the same order; a row of inputs has as many numbers as the first layer, a row of targets as many as "
        "the last. A single sample is a list of one row, too."
    ),
    "R-SHAPE-4": marked(
        "There are not as many activations as layers after the inputs. One name without a list serves all of them."
    ),
    "R-RANGE-1": marked(
        "A number lies outside the domain of its field. What is legal but unwise, such as a learning rate of 1e300, "
        "is no fault: the run shows what comes of it."
    ),
    "R-FINITE-1": marked(
        "A number is infinite or no number at all (nan). A literal beyond the largest number of the precision, "
        "1.8e308 in float64 and 3.4e38 in float32, is infinite for a computer."
    ),
    "R-CHOICE-1": marked(
        "Two fields say different things about the same matter, or one needs another that is not there: weights are "
        "written or drawn, samples are written or read; biases need a network that has them, Nesterov's step needs "
        "momentum."
    ),
    "R-OPTION-1": marked(
        "An option stands beside a name that does not have it, such as betas beside sgd. It would have no effect, "
        "and who reads the recipe would think that it has one."
    ),
    "R-SYNTAX-1": marked(
        "The text is no TOML, or no JSON. In TOML texts stand in quotes, fields are said with an equals sign, and "
        "sections begin with a name in brackets."
    ),
    "R-FILE-1": marked(
        "A file cannot be read: it is not there, it is a folder, you may not read it, or it is not UTF-8 text. A "
        "data file is looked for beside the recipe that names it."
    ),
    "R-CSV-1": marked("A line of a CSV file has more or fewer cells than the network has inputs and outputs."),
    "R-CSV-2": marked(
        "A cell of a CSV file is no number. Only the first line may be a header; a decimal comma, a unit or an empty "
        "cell is no number."
    ),
    "R-CSV-3": marked(
        "All lines of a CSV file have the same number of columns, but the network wants another: first one column "
        "for each input, then one for each target, and none besides."
    ),
    "R-CSV-4": marked("A CSV file holds no numbers: it is empty, or there is nothing below the header."),
    "R-CSV-5": marked(
        "The columns of a CSV file are parted by semicolons or tabs. Only the comma parts them here, because a file "
        "in which a comma may also be a decimal sign cannot be read with certainty."
    ),
    "R-SET-1": marked(
        "A setting is written PATH=VALUE, as in --set training.learning_rate=0.1; the path is that of a field in "
        "TOML, and an entry of a list has its position in brackets, counted from 0."
    ),
}
