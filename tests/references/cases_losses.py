"""Cases of losses: each a class, its arguments, and the kind of data it is given. Plain data for script and test."""

CASES = {
    "mse": ["MeanSquaredError", {}, "numbers"],
    "mae": ["MeanAbsoluteError", {}, "numbers"],
    "mape": ["MeanAbsolutePercentageError", {}, "numbers"],
    "msle": ["MeanSquaredLogarithmicError", {}, "positive"],
    "huber": ["Huber", {}, "numbers"],
    "huber_delta": ["Huber", {"delta": 0.3}, "numbers"],
    "log_cosh": ["LogCosh", {}, "numbers"],
    "poisson": ["Poisson", {}, "positive"],
    "cosine": ["CosineSimilarity", {}, "numbers"],
    "cosine_axis": ["CosineSimilarity", {"axis": 1}, "numbers"],
    "bce": ["BinaryCrossentropy", {}, "binary"],
    "bce_logits": ["BinaryCrossentropy", {"from_logits": True}, "binary_logits"],
    "bce_smoothed": ["BinaryCrossentropy", {"label_smoothing": 0.2}, "binary"],
    "bce_extreme": ["BinaryCrossentropy", {}, "binary_extreme"],
    "cce": ["CategoricalCrossentropy", {}, "one_hot"],
    "cce_logits": ["CategoricalCrossentropy", {"from_logits": True}, "one_hot_logits"],
    "cce_smoothed": ["CategoricalCrossentropy", {"label_smoothing": 0.1}, "one_hot"],
    "cce_axis": ["CategoricalCrossentropy", {"axis": 1}, "one_hot_axis"],
    "cce_unnormalized": ["CategoricalCrossentropy", {}, "one_hot_positive"],
    "scce": ["SparseCategoricalCrossentropy", {}, "sparse"],
    "scce_logits": ["SparseCategoricalCrossentropy", {"from_logits": True}, "sparse_logits"],
    "scce_ignored": ["SparseCategoricalCrossentropy", {"ignore_class": 1}, "sparse"],
    "scce_unnormalized": ["SparseCategoricalCrossentropy", {}, "sparse_positive"],
    "binary_focal": ["BinaryFocalCrossentropy", {}, "binary"],
    "binary_focal_options": [
        "BinaryFocalCrossentropy",
        {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5, "label_smoothing": 0.1},
        "binary",
    ],
    "binary_focal_logits": ["BinaryFocalCrossentropy", {"from_logits": True}, "binary_logits"],
    "categorical_focal": ["CategoricalFocalCrossentropy", {}, "one_hot"],
    "categorical_focal_options": [
        "CategoricalFocalCrossentropy",
        {"alpha": 0.5, "gamma": 1.5, "label_smoothing": 0.1},
        "one_hot_positive",
    ],
    "categorical_focal_logits": ["CategoricalFocalCrossentropy", {"from_logits": True}, "one_hot_logits"],
    "hinge": ["Hinge", {}, "signs"],
    "hinge_of_binary": ["Hinge", {}, "binary_logits"],
    "squared_hinge": ["SquaredHinge", {}, "signs"],
    "categorical_hinge": ["CategoricalHinge", {}, "one_hot_logits"],
    "kld": ["KLDivergence", {}, "distributions"],
    "dice": ["Dice", {}, "binary"],
    "dice_axis": ["Dice", {"axis": [1, 2]}, "binary"],
    "tversky": ["Tversky", {"alpha": 0.3, "beta": 0.7}, "binary"],
    "tversky_axis": ["Tversky", {"axis": [1]}, "binary"],
}
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"]


def draw(kind, np, shape=(4, 3, 5), seed=0):
    """y_true and y_pred ``(batch, steps, features)`` of a kind, in float64."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=shape) * 2
    probabilities = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    classes = rng.integers(0, shape[-1], shape[:-1])
    one_hot = np.eye(shape[-1])[classes]
    yes = rng.integers(0, 2, shape).astype("float64")
    made = {
        "numbers": (rng.normal(size=shape), z),
        "positive": (rng.uniform(0.1, 3, shape), rng.uniform(0.1, 3, shape)),
        "binary": (yes, 1 / (1 + np.exp(-z))),
        "binary_logits": (yes, z),
        "binary_extreme": (yes, np.round(1 / (1 + np.exp(-z)))),
        "one_hot": (one_hot, probabilities),
        "one_hot_logits": (one_hot, z),
        "one_hot_positive": (one_hot, rng.uniform(0.1, 3, shape)),
        "one_hot_axis": (one_hot.swapaxes(-2, -1), probabilities.swapaxes(-2, -1)),
        "sparse": (classes, probabilities),
        "sparse_logits": (classes, z),
        "sparse_positive": (classes, rng.uniform(0.1, 0.9, shape)),
        "signs": (2 * yes - 1, z),
        "distributions": (rng.dirichlet(np.ones(shape[-1]), shape[:-1]), probabilities),
    }
    return made[kind]
