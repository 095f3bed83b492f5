"""Cases of the activations: the Keras function, its arguments, and what it is run on; used by recorder and tests."""

import numpy as np

# (name of the function, its arguments); "rows" as input for those that work along an axis, else "points"
CASES = [
    ("linear", {}),
    ("relu", {}),
    ("relu", {"negative_slope": 0.3}),
    ("relu", {"max_value": 2.0}),
    ("relu", {"max_value": 6.0}),
    ("relu", {"threshold": 1.0}),
    ("relu", {"negative_slope": 0.5, "max_value": 2.0}),
    ("relu", {"negative_slope": 0.5, "max_value": 3.0, "threshold": 1.0}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.05}),
    ("leaky_relu", {"negative_slope": 1.5}),
    ("relu6", {}),
    ("elu", {}),
    ("elu", {"alpha": 2.0}),
    ("elu", {"alpha": 0.5}),
    ("selu", {}),
    ("celu", {}),
    ("celu", {"alpha": 2.0}),
    ("sigmoid", {}),
    ("hard_sigmoid", {}),
    ("sparse_sigmoid", {}),
    ("tanh", {}),
    ("hard_tanh", {}),
    ("softsign", {}),
    ("exponential", {}),
    ("softplus", {}),
    ("log_sigmoid", {}),
    ("squareplus", {}),
    ("squareplus", {"b": 0.5}),
    ("sparse_plus", {}),
    ("silu", {}),
    ("hard_silu", {}),
    ("gelu", {}),
    ("gelu", {"approximate": True}),
    ("mish", {}),
    ("glu", {}),
    ("glu", {"axis": 1}),
    ("hard_shrink", {}),
    ("hard_shrink", {"threshold": 2.0}),
    ("soft_shrink", {}),
    ("soft_shrink", {"threshold": 2.0}),
    ("tanh_shrink", {}),
    ("threshold", {"threshold": 1.0, "default_value": -7.0}),
    ("softmax", {}),
    ("softmax", {"axis": 0}),
    ("softmax", {"axis": 1}),
    ("softmax", {"axis": (1, 2)}),
    ("log_softmax", {}),
    ("log_softmax", {"axis": 1}),
    ("sparsemax", {}),
    ("sparsemax", {"axis": 1}),
]

ALONG_AN_AXIS = {"glu", "softmax", "log_softmax", "sparsemax"}

KINKS = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 6.0, -6.0])
LARGE = np.array([12.0, -12.0, 25.0, -25.0, 80.0, -80.0, 1e4, -1e4])

# Inputs at which the two differ on purpose. Keras gives 2 for celu'(0), counting both of its halves there; the function
# has no kink, and its slope is 1. Keras's float32 squareplus gives 0 far below 0, where b/4|x| is right.
DIFFERENT = {"celu": 0.0, "squareplus": -1e4}

# Not recorded: sparsemax of keras 3.15.1 does not sum to one (keras-team/keras#23425, mended since).
RECORDED = [case for case in CASES if case[0] != "sparsemax"]

# Keras rounds a constant of these to float32, in float64 too.
ROUNDED = {"relu", "leaky_relu", "gelu"}


def case_id(name: str, arguments: dict) -> str:
    return name + "".join(f" {key}={value}" for key, value in arguments.items())


def inputs(name: str) -> tuple[np.ndarray, np.ndarray]:
    """x, and the weights g of Σ g ⊙ y, whose gradient is recorded; in float64."""
    rng = np.random.default_rng(7)
    if name in ALONG_AN_AXIS:
        x = 2 * rng.normal(size=(2, 4, 6))
        x[0, 0] = [30.0, -30.0, 0.5, 1e4, 2.0, -1.0]
        x[1, :2] *= 0.1  # sparsemax keeps many entries of these
        g = rng.normal(size=(2, 4, 6))
        return x, g
    away = 2 * rng.normal(size=24)
    x = np.concatenate([away, KINKS, LARGE if name != "exponential" else LARGE[:4]])
    return x, rng.normal(size=x.shape)


def cut(name: str, arguments: dict, g: np.ndarray) -> np.ndarray:
    """The part of g that has y's shape: "glu" halves its axis."""
    return np.split(g, 2, axis=arguments.get("axis", -1))[0] if name == "glu" else g
