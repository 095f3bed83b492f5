"""Cases of losses: each a class, its arguments, and the kind of data it is given. Plain data for script and test."""

import itertools

import numpy as np

CASES = {
    "mse": ("MeanSquaredError", {}, "numbers"),
    "mae": ("MeanAbsoluteError", {}, "numbers"),
    "mae_kink": ("MeanAbsoluteError", {}, "equal"),
    "mape": ("MeanAbsolutePercentageError", {}, "numbers"),
    "mape_of_zero": ("MeanAbsolutePercentageError", {}, "zeros"),
    "msle": ("MeanSquaredLogarithmicError", {}, "positive"),
    "msle_negative": ("MeanSquaredLogarithmicError", {}, "numbers"),
    "msle_kink": ("MeanSquaredLogarithmicError", {}, "epsilon"),
    "huber": ("Huber", {}, "numbers"),
    "huber_delta": ("Huber", {"delta": 0.3}, "numbers"),
    "huber_kink": ("Huber", {"delta": 1.0}, "zeros"),
    "log_cosh": ("LogCosh", {}, "numbers"),
    "log_cosh_large": ("LogCosh", {}, "large"),
    "poisson": ("Poisson", {}, "positive"),
    "poisson_of_zero": ("Poisson", {}, "zeros"),
    "cosine": ("CosineSimilarity", {}, "numbers"),
    "cosine_axis": ("CosineSimilarity", {"axis": 1}, "numbers"),
    "cosine_short": ("CosineSimilarity", {}, "short"),
    "bce": ("BinaryCrossentropy", {}, "binary"),
    "bce_axis": ("BinaryCrossentropy", {"axis": 1}, "binary"),
    "bce_smoothed": ("BinaryCrossentropy", {"label_smoothing": 0.2}, "binary"),
    "bce_of_shares": ("BinaryCrossentropy", {}, "shares"),
    "bce_extreme": ("BinaryCrossentropy", {}, "binary_extreme"),
    "bce_kink": ("BinaryCrossentropy", {}, "epsilon"),
    "bce_logits": ("BinaryCrossentropy", {"from_logits": True}, "binary_logits"),
    "bce_logits_smoothed": ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "binary_logits"),
    "bce_logits_extreme": ("BinaryCrossentropy", {"from_logits": True}, "binary_logits_extreme"),
    "cce": ("CategoricalCrossentropy", {}, "one_hot"),
    "cce_axis": ("CategoricalCrossentropy", {"axis": 1}, "one_hot_axis"),
    "cce_smoothed": ("CategoricalCrossentropy", {"label_smoothing": 0.1}, "one_hot"),
    "cce_of_shares": ("CategoricalCrossentropy", {}, "distributions"),
    "cce_unnormalized": ("CategoricalCrossentropy", {}, "one_hot_positive"),
    "cce_extreme": ("CategoricalCrossentropy", {}, "one_hot_extreme"),
    "cce_logits": ("CategoricalCrossentropy", {"from_logits": True}, "one_hot_logits"),
    "cce_logits_axis": ("CategoricalCrossentropy", {"from_logits": True, "axis": 1}, "one_hot_logits_axis"),
    "cce_logits_smoothed": ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "one_hot_logits"),
    "cce_logits_extreme": ("CategoricalCrossentropy", {"from_logits": True}, "one_hot_logits_extreme"),
    "scce": ("SparseCategoricalCrossentropy", {}, "sparse"),
    "scce_unnormalized": ("SparseCategoricalCrossentropy", {}, "sparse_positive"),
    "scce_extreme": ("SparseCategoricalCrossentropy", {}, "sparse_extreme"),
    "scce_ignored": ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "sparse"),
    "scce_ignored_stranger": ("SparseCategoricalCrossentropy", {"ignore_class": -1}, "sparse_gaps"),
    "scce_logits": ("SparseCategoricalCrossentropy", {"from_logits": True}, "sparse_logits"),
    "scce_logits_ignored": ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": -1}, "sparse_gaps"),
    "scce_logits_extreme": ("SparseCategoricalCrossentropy", {"from_logits": True}, "sparse_logits_extreme"),
    "gce": ("CategoricalGeneralizedCrossEntropy", {}, "sparse"),
    "gce_q": ("CategoricalGeneralizedCrossEntropy", {"q": 0.8}, "sparse_positive"),
    "binary_focal": ("BinaryFocalCrossentropy", {}, "binary"),
    "binary_focal_axis": ("BinaryFocalCrossentropy", {"axis": 1}, "binary"),
    "binary_focal_options": (
        "BinaryFocalCrossentropy",
        {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5, "label_smoothing": 0.1},
        "binary",
    ),
    "binary_focal_extreme": ("BinaryFocalCrossentropy", {}, "binary_extreme"),
    "binary_focal_flat": ("BinaryFocalCrossentropy", {"gamma": 0.0}, "binary"),
    "binary_focal_steep": ("BinaryFocalCrossentropy", {"gamma": 0.5}, "binary"),
    "binary_focal_logits": ("BinaryFocalCrossentropy", {"from_logits": True}, "binary_logits"),
    "categorical_focal": ("CategoricalFocalCrossentropy", {}, "one_hot"),
    "categorical_focal_axis": ("CategoricalFocalCrossentropy", {"axis": 1}, "one_hot_axis"),
    "categorical_focal_options": (
        "CategoricalFocalCrossentropy",
        {"alpha": 0.5, "gamma": 1.5, "label_smoothing": 0.1},
        "one_hot_positive",
    ),
    "categorical_focal_alphas": ("CategoricalFocalCrossentropy", {"alpha": [0.1, 0.2, 0.3, 0.4]}, "one_hot"),
    "categorical_focal_extreme": ("CategoricalFocalCrossentropy", {"gamma": 0.5}, "one_hot_extreme"),
    "categorical_focal_logits": ("CategoricalFocalCrossentropy", {"from_logits": True}, "one_hot_logits"),
    "hinge": ("Hinge", {}, "signs"),
    "hinge_of_binary": ("Hinge", {}, "binary_logits"),
    "hinge_kink": ("Hinge", {}, "margin"),
    "squared_hinge": ("SquaredHinge", {}, "signs"),
    "squared_hinge_kink": ("SquaredHinge", {}, "margin"),
    "categorical_hinge": ("CategoricalHinge", {}, "one_hot_logits"),
    "categorical_hinge_kink": ("CategoricalHinge", {}, "one_hot_equal"),
    "kld": ("KLDivergence", {}, "distributions"),
    "kld_extreme": ("KLDivergence", {}, "one_hot_extreme"),
    "dice": ("Dice", {}, "binary"),
    "dice_axis": ("Dice", {"axis": [1, 2]}, "binary"),
    "dice_last_axis": ("Dice", {"axis": -1}, "binary"),
    "dice_of_nothing": ("Dice", {"axis": -1}, "nothing"),
    "tversky": ("Tversky", {"alpha": 0.3, "beta": 0.7}, "binary"),
    "tversky_axis": ("Tversky", {"axis": [1]}, "binary"),
    "ctc": ("CTC", {}, "sequences"),
    "circle": ("Circle", {}, "embeddings"),
    "circle_options": ("Circle", {"gamma": 2.0, "margin": 0.25, "remove_diagonal": False}, "embeddings"),
    "circle_of_nothing_else": ("Circle", {}, "embeddings_alike"),
}
KINKS = ("kink", "extreme", "zero", "short", "nothing")  # in the name of a case: no derivative there
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"]
WAYS = list(itertools.product(REDUCTIONS, ["plain", "weighted"])) + list(
    itertools.product(["sum_over_batch_size", "mean_with_sample_weight"], ["masked", "masked and weighted"])
)
ONE_VALUE = ("dice", "tversky")  # cases that give one value for all samples, which can't be weighed
ALL = [(name, *way) for name in CASES for way in WAYS if name not in ONE_VALUE or way[1] == "plain"]
WEIGHT_SHAPES = [(), (1,), (3, 1), (1, 2), (3, 2), (3, 2, 1)]  # that Keras takes for values (3, 2)
RANKS = [((3,), (3, 1)), ((3, 1), (3,)), ((3,), (3,)), ((3, 2), (3, 2, 1)), ((3, 2, 1), (3, 2))]  # of y and y_pred


def weights_of(shape, way):
    """The sample weights and the mask of a way, for values of this shape; None where the way has none."""
    weights = np.linspace(0.5, 2, int(np.prod(shape))).reshape(shape).astype("float32")
    mask = np.arange(int(np.prod(shape))).reshape(shape) % 3 != 1
    return weights if "weighted" in way else None, mask if "masked" in way else None


def draw(kind, shape=(3, 2, 4), seed=0):
    """y_true and y_pred ``(batch, steps, features)`` of a kind, in float64 (labels in int64)."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=shape) * 2
    near = 1 / (1 + np.exp(-z))
    shares = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    classes = rng.integers(0, shape[-1], shape[:-1])
    one_hot = np.eye(shape[-1])[classes]
    yes = rng.integers(0, 2, shape).astype("float64")
    certain = np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
    wild = np.where(z > 0, 1e4, -1e4)
    normal = rng.normal(size=shape)
    few = rng.normal(size=(6, 3))
    made = {
        "numbers": (normal, z),
        "equal": (normal, np.where(z > 0, normal, z)),
        "zeros": (np.where(z > 0, 0, 1), np.where(normal > 0, 0, 1)),
        "large": (normal, 1e3 * z),
        "short": (normal, z * np.array([0, 1e-9, 1])[:, None, None]),
        "positive": (rng.uniform(0.1, 3, shape), rng.uniform(0.1, 3, shape)),
        "epsilon": (yes, np.where(z > 1, 1 - 1e-7, np.where(z > -1, 1e-7, np.where(normal > 0, 0, 5e-8)))),
        "binary": (yes, near),
        "binary_logits": (yes, z),
        "binary_extreme": (yes, np.round(near)),
        "binary_logits_extreme": (yes, wild),
        "shares": (rng.random(shape), near),
        "nothing": (yes * 0, near * 0),
        "one_hot": (one_hot, shares),
        "one_hot_axis": (one_hot.swapaxes(-2, -1), shares.swapaxes(-2, -1)),
        "one_hot_logits": (one_hot, z),
        "one_hot_logits_axis": (one_hot.swapaxes(-2, -1), z.swapaxes(-2, -1)),
        "one_hot_logits_extreme": (one_hot, wild),
        "one_hot_positive": (one_hot, rng.uniform(0.1, 3, shape)),
        "one_hot_extreme": (one_hot, certain),
        "one_hot_equal": (one_hot, one_hot * np.array([1, 1 / 2, 2])[:, None, None]),
        "sparse": (classes, shares),
        "sparse_logits": (classes, z),
        "sparse_logits_extreme": (classes, wild),
        "sparse_positive": (classes, rng.uniform(0.1, 0.9, shape)),
        "sparse_extreme": (classes, certain),
        "sparse_gaps": (np.where(np.arange(classes.size).reshape(classes.shape) % 4 == 0, -1, classes), shares),
        "signs": (2 * yes - 1, z),
        "margin": (2 * yes - 1, np.sign(z)),
        "distributions": (rng.dirichlet(np.ones(shape[-1]), shape[:-1]), shares),
        "sequences": (np.array([[4, 1, 4], [3, 3, 0], [0, 0, 0]]), rng.normal(size=(3, 6, 5))),
        "embeddings": (np.array([0, 1, 0, 2, 1, 0]), few / np.linalg.norm(few, axis=1, keepdims=True)),
        "embeddings_alike": (np.zeros(6, int), few / np.linalg.norm(few, axis=1, keepdims=True)),
    }
    return made[kind]
