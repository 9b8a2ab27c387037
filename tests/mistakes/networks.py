"""Networks that the mistakes are tried on: the exercise's shape with other numbers, and larger ones."""

import backlight as bl

TWO_TWO_TWO = bl.recipe(
    {
        "network": {"layers": [2, 2, 2], "activations": "sigmoid"},
        "parameters": {"weights": [[[0.7, -1.1], [0.3, 0.9]], [[-0.6, 1.3], [0.8, -0.2]]]},
        "data": {"inputs": [[0.9, -0.4]], "targets": [[0.1, 0.8]]},
        "loss": {"name": "half_sum_squared_error"},
        "training": {"learning_rate": 0.5, "iterations": 3},
    }
)
TWO_THREE_TWO = bl.recipe(
    {
        "network": {"layers": [2, 3, 2], "activations": ["tanh", "sigmoid"], "biases": True},
        "parameters": {
            "weights": [
                [[0.4, -0.7, 1.2], [-0.3, 0.8, 0.5]],
                [[0.6, -0.9], [1.1, 0.2], [-0.5, 0.7]],
            ],
            "biases": [[0.1, -0.2, 0.3], [0.05, -0.15]],
        },
        "data": {"inputs": [[0.2, 0.9], [-0.6, 0.5]], "targets": [[0.9, 0.2], [0.3, 0.6]]},
        "loss": {"name": "binary_cross_entropy"},
        "training": {"learning_rate": 0.3, "iterations": 3},
    }
)
TWO_HIDDEN_LAYERS = bl.recipe(
    {
        "network": {"layers": [3, 2, 2, 3], "activations": ["softplus", "sigmoid", "silu"], "biases": True},
        "parameters": {
            "weights": [
                [[0.5, -0.4], [0.2, 0.9], [-0.8, 0.3]],
                [[0.7, -0.6], [-0.1, 1.2]],
                [[0.9, -0.5, 0.4], [0.3, 0.6, -1.1]],
            ],
            "biases": [[0.2, -0.1], [0.0, 0.25], [-0.3, 0.1, 0.15]],
        },
        "data": {
            "inputs": [[0.1, -0.7, 0.4], [0.8, 0.3, -0.2], [-0.5, 0.6, 0.9]],
            "targets": [[0.5, -0.3, 1.0], [0.0, 0.7, -0.6], [1.2, 0.1, 0.4]],
        },
        "loss": {"name": "mean_squared_error", "over_samples": "sum"},
        "training": {"learning_rate": 0.1, "iterations": 4, "batch_size": 2},
    }
)

NETWORKS = {
    "2-2-2": TWO_TWO_TWO,
    "2-3-2 with biases, two samples": TWO_THREE_TWO,
    "3-2-2-3 with biases, batches of two and one": TWO_HIDDEN_LAYERS,
}

# ---- for the mistakes that need something of a network ----------------------------------------------

# every hidden unit is on for some sample and off for another, every pair of two is on for some sample
RELU = bl.recipe(
    {
        "network": {"layers": [2, 3, 3, 2], "activations": ["relu", "relu", "identity"], "biases": True},
        "parameters": {
            "weights": [
                [[0.7, -1.2, 1.0], [-0.3, 0.7, -0.6]],
                [[0.7, 0.9, -0.4], [0.4, -0.8, 0.4], [-0.7, 0.2, -0.3]],
                [[-0.4, -0.7], [0.9, 0.9], [-0.6, -1.1]],
            ],
            "biases": [[0.3, 0.38, 0.13], [-0.22, 0.11, 0.09], [0.33, -0.38]],
        },
        "data": {"inputs": [[0.8, 0.1], [-0.5, 0.9], [0.3, 0.6]], "targets": [[0.4, -0.2], [1.1, 0.3], [-0.7, 0.5]]},
        "loss": {"name": "half_sum_squared_error"},
        "training": {"learning_rate": 0.05, "iterations": 3},
    }
)
SOFTMAX = bl.recipe(
    {
        "network": {"layers": [2, 4, 3], "activations": ["tanh", "softmax"]},
        "parameters": {
            "weights": [
                [[0.5, -0.3, 0.8, 0.2], [-0.7, 0.4, 0.1, 0.9]],
                [[0.6, -0.5, 0.3], [0.2, 0.9, -0.8], [-0.4, 0.7, 0.1], [1.0, -0.2, 0.5]],
            ]
        },
        "data": {"inputs": [[1.0, -0.5], [0.2, 0.7]], "targets": [[0.7, 0.2, 0.1], [0, 0.3, 0.7]]},
        "loss": {"name": "cross_entropy"},
        "training": {"learning_rate": 0.4, "iterations": 3},
    }
)
SOFTMAX_INSIDE = bl.recipe(
    {
        "network": {"layers": [2, 3, 3], "activations": ["leaky_relu", "identity"], "biases": True},
        "parameters": {
            "weights": [
                [[0.5, -0.8, 0.6], [-0.2, 0.4, 0.7]],
                [[0.3, -0.9, 0.5], [0.8, 0.1, -0.6], [-0.7, 0.2, 0.9]],
            ],
            "biases": [[0.1, 0.2, -0.3], [-0.1, 0.05, 0.15]],
        },
        "data": {"inputs": [[0.9, 0.4], [-0.6, 0.8], [0.1, -0.7]], "targets": [[0, 1, 0], [1, 0, 0], [0, 0.3, 0.7]]},
        "loss": {"name": "softmax_cross_entropy", "over_samples": "sum"},
        "training": {"learning_rate": 0.2, "iterations": 3},
    }
)
ONE_OUTPUT = bl.recipe(
    {
        "network": {"layers": [2, 3, 1], "activations": ["tanh", "sigmoid"], "biases": True},
        "parameters": {
            "weights": [[[0.6, -0.9, 0.3], [0.4, 0.7, -0.5]], [[0.8], [-0.6], [1.1]]],
            "biases": [[0.1, -0.1, 0.2], [-0.3]],
        },
        "data": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]},
        "loss": {"name": "binary_cross_entropy"},
        "training": {"learning_rate": 0.07, "iterations": 4, "batch_size": 3},
    }
)

EVERY = NETWORKS | {
    "2-3-3-2 with relu, three samples": RELU,
    "2-4-3 with softmax": SOFTMAX,
    "2-3-3 with softmax inside the loss": SOFTMAX_INSIDE,
    "2-3-1 with biases, batches of three and one": ONE_OUTPUT,
}
