"""The metrics' cases, for `record_metrics.py` (Keras) and `test_metrics.py` (lamina): classes, arguments, data."""

import json
from pathlib import Path

import numpy as np

SIZES = (5, 8, 3)  # three batches
CLASSES, STEPS = 4, 5


def one_hot(labels: np.ndarray) -> np.ndarray:
    return np.eye(CLASSES, dtype="float32")[labels]


def whole(rng: np.random.Generator, shape: tuple[int, ...], below: int) -> np.ndarray:
    return (rng.random(shape) * below).astype("int64")


def shares(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    scores = rng.random(shape) + 0.05
    return (scores / scores.sum(-1, keepdims=True)).astype("float32")


def reals(rng: np.random.Generator, shape: tuple[int, ...], low: float, high: float) -> np.ndarray:
    return (low + (high - low) * rng.random(shape)).astype("float32")


def grid(rng: np.random.Generator, n: int) -> np.ndarray:
    """Predictions on multiples of 1/49, where thresholds lie as well."""
    return (whole(rng, (n, 2), 50) / 49).astype("float32")


# Kinds of data: a function of (rng, n) that gives (y_true, y_pred).
KINDS = {
    "binary": lambda rng, n: (whole(rng, (n, 1), 2), reals(rng, (n, 1), 0, 1)),
    "binary flat labels": lambda rng, n: (whole(rng, (n,), 2), reals(rng, (n, 1), 0, 1)),
    "signs": lambda rng, n: (2.0 * whole(rng, (n, 3), 2) - 1, reals(rng, (n, 3), -2, 2)),
    "labels": lambda rng, n: (whole(rng, (n, 3), 2), reals(rng, (n, 3), 0, 1)),
    "label logits": lambda rng, n: (whole(rng, (n, 3), 2), reals(rng, (n, 3), -4, 4)),
    "grid": lambda rng, n: (whole(rng, (n, 2), 2), grid(rng, n)),
    "quarters": lambda rng, n: (whole(rng, (n, 2), 2), (whole(rng, (n, 2), 5) / 4).astype("float32")),
    "all positive": lambda rng, n: (np.ones((n, 1)), reals(rng, (n, 1), 0, 1)),
    "all negative": lambda rng, n: (np.zeros((n, 1)), reals(rng, (n, 1), 0, 1)),
    "ids": lambda rng, n: (whole(rng, (n, 1), 3), whole(rng, (n, 1), 3)),
    "classes": lambda rng, n: (whole(rng, (n,), CLASSES), shares(rng, (n, CLASSES))),
    "classes column": lambda rng, n: (whole(rng, (n, 1), CLASSES), shares(rng, (n, CLASSES))),
    "class logits": lambda rng, n: (whole(rng, (n,), CLASSES), reals(rng, (n, CLASSES), -3, 3)),
    "sorted ids": lambda rng, n: (whole(rng, (n,), CLASSES), np.argsort(-rng.random((n, CLASSES)), -1)),
    "ties": lambda rng, n: (whole(rng, (n,), CLASSES), (whole(rng, (n, CLASSES), 3) / 4).astype("float32")),
    "one hot": lambda rng, n: (one_hot(whole(rng, (n,), CLASSES)), shares(rng, (n, CLASSES))),
    "one hot logits": lambda rng, n: (one_hot(whole(rng, (n,), CLASSES)), reals(rng, (n, CLASSES), -3, 3)),
    "one hot ties": lambda rng, n: (one_hot(whole(rng, (n,), CLASSES)), np.float32(whole(rng, (n, CLASSES), 3) / 4)),
    "steps": lambda rng, n: (whole(rng, (n, STEPS), CLASSES), shares(rng, (n, STEPS, CLASSES))),
    "one hot steps": lambda rng, n: (one_hot(whole(rng, (n, STEPS), CLASSES)), shares(rng, (n, STEPS, CLASSES))),
    "binary steps": lambda rng, n: (whole(rng, (n, STEPS, 1), 2), reals(rng, (n, STEPS, 1), 0, 1)),
    "distributions": lambda rng, n: (shares(rng, (n, CLASSES)), shares(rng, (n, CLASSES))),
    "numbers": lambda rng, n: (reals(rng, (n, 3), -2, 2), reals(rng, (n, 3), -2, 2)),
    "positive": lambda rng, n: (reals(rng, (n, 3), 0.1, 3), reals(rng, (n, 3), 0.1, 3)),
    "number steps": lambda rng, n: (reals(rng, (n, STEPS, 2), -2, 2), reals(rng, (n, STEPS, 2), -2, 2)),
    "pixels": lambda rng, n: (whole(rng, (n,), 3), whole(rng, (n,), 3)),
    "maps": lambda rng, n: (whole(rng, (n, 6), 3), whole(rng, (n, 6), 3)),
    "void maps": lambda rng, n: (whole(rng, (n, 6), 4) - 1, whole(rng, (n, 6), 3)),
    "score maps": lambda rng, n: (whole(rng, (n, 6), CLASSES), shares(rng, (n, 6, CLASSES))),
    "one hot maps": lambda rng, n: (one_hot(whole(rng, (n, 6), CLASSES)), shares(rng, (n, 6, CLASSES))),
    "one hot id maps": lambda rng, n: (one_hot(whole(rng, (n, 6), CLASSES)), whole(rng, (n, 6), CLASSES)),
    "values": lambda rng, n: (reals(rng, (n, 3), -2, 2), None),
    "losses": lambda rng, n: (reals(rng, (n,), 0, 2), None),
}

# Kinds of sample weights: a function of (rng, n); what a case is run with is said below.
WEIGHTS = {
    "none": lambda rng, n: None,
    "sample": lambda rng, n: reals(rng, (n,), 0, 2),
    "column": lambda rng, n: reals(rng, (n, 1), 0, 2),
    "mask": lambda rng, n: whole(rng, (n,), 2).astype("float32"),
    "steps": lambda rng, n: reals(rng, (n, STEPS), 0, 2),
    "step mask": lambda rng, n: whole(rng, (n, STEPS), 2).astype("float32"),
    "entries": lambda rng, n: reals(rng, (n, 3), 0, 2),
    "maps": lambda rng, n: reals(rng, (n, 6), 0, 2),
}
USUAL = ("none", "sample", "column")
STEPWISE = ("none", "sample", "steps", "step mask")
MAPWISE = ("none", "maps")
FLOAT = {"dtype": "float32"}  # without it, Keras's IoU family rounds the weights down

# (class, arguments, kind of data, kinds of weights)
CASES = [
    ("Mean", {}, "values", ("none", "sample", "entries")),
    ("Mean", {}, "losses", ("none", "sample", "column", "mask")),
    ("Sum", {}, "values", ("none", "sample", "entries")),
    ("Accuracy", {}, "ids", USUAL),
    ("BinaryAccuracy", {}, "binary", ("none", "sample", "column", "mask")),
    ("BinaryAccuracy", {}, "binary flat labels", USUAL),
    ("BinaryAccuracy", {"threshold": 0.3}, "binary steps", STEPWISE),
    ("BinaryAccuracy", {"threshold": -0.5}, "label logits", USUAL),
    ("CategoricalAccuracy", {}, "one hot", USUAL),
    ("CategoricalAccuracy", {}, "one hot steps", STEPWISE),
    ("CategoricalAccuracy", {}, "one hot ties", USUAL),
    ("SparseCategoricalAccuracy", {}, "classes", USUAL),
    ("SparseCategoricalAccuracy", {}, "classes column", USUAL),
    ("SparseCategoricalAccuracy", {}, "steps", STEPWISE),
    ("TopKCategoricalAccuracy", {"k": 2}, "one hot", USUAL),
    ("TopKCategoricalAccuracy", {"k": 2}, "one hot ties", USUAL),
    ("TopKCategoricalAccuracy", {}, "one hot steps", STEPWISE),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes", USUAL),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes column", USUAL),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "ties", USUAL),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, "steps", STEPWISE),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "sorted ids", USUAL),
    ("TruePositives", {}, "binary", USUAL),
    ("TruePositives", {"thresholds": [0.2, 0.5, 0.7]}, "labels", ("none", "sample", "entries")),
    ("FalsePositives", {"thresholds": [0.7, 0.2]}, "labels", USUAL),
    ("TrueNegatives", {"thresholds": 0.3}, "labels", USUAL),
    ("FalseNegatives", {"thresholds": [0, 0.25, 0.5, 0.75, 1]}, "quarters", ("none",)),
    ("FalseNegatives", {}, "binary steps", ("none", "steps")),
    ("Precision", {}, "binary", USUAL),
    ("Precision", {}, "binary flat labels", USUAL),
    ("Precision", {"thresholds": [0.2, 0.5, 0.7]}, "labels", ("none", "sample", "entries")),
    ("Precision", {"thresholds": [step / 49 for step in range(50)]}, "grid", USUAL),
    ("Precision", {"top_k": 2}, "one hot", USUAL),
    ("Precision", {"top_k": 2}, "one hot ties", USUAL),
    ("Precision", {"top_k": 2, "thresholds": 0.3}, "one hot", USUAL),
    ("Precision", {"class_id": 1}, "labels", USUAL),
    ("Precision", {"class_id": 1, "top_k": 1}, "one hot", USUAL),
    ("Precision", {}, "one hot steps", ("none", "steps")),
    ("Precision", {}, "all negative", ("none",)),
    ("Recall", {}, "binary", USUAL),
    ("Recall", {"thresholds": [0.2, 0.5, 0.7]}, "labels", ("none", "sample", "entries")),
    ("Recall", {"top_k": 2}, "one hot", USUAL),
    ("Recall", {"class_id": 2}, "labels", USUAL),
    ("Recall", {}, "all negative", ("none",)),
    ("SensitivityAtSpecificity", {"specificity": 0.5}, "binary", USUAL),
    ("SensitivityAtSpecificity", {"specificity": 0.6, "num_thresholds": 50}, "grid", USUAL),
    ("SensitivityAtSpecificity", {"specificity": 0.5, "num_thresholds": 1}, "binary", USUAL),
    ("SensitivityAtSpecificity", {"specificity": 0.5, "num_thresholds": 2}, "binary", USUAL),
    ("SensitivityAtSpecificity", {"specificity": 1.0, "class_id": 1}, "labels", USUAL),
    ("SpecificityAtSensitivity", {"sensitivity": 0.5}, "binary", USUAL),
    ("SpecificityAtSensitivity", {"sensitivity": 0.8, "class_id": 0}, "labels", USUAL),
    ("PrecisionAtRecall", {"recall": 0.5}, "binary", USUAL),
    ("PrecisionAtRecall", {"recall": 0.8, "class_id": 2}, "labels", USUAL),
    ("RecallAtPrecision", {"precision": 0.6}, "binary", USUAL),
    ("RecallAtPrecision", {"precision": 0.999}, "labels", USUAL),
    ("AUC", {}, "binary", USUAL),
    ("AUC", {}, "labels", ("none", "sample", "entries")),
    ("AUC", {}, "binary steps", ("none", "steps")),
    *[
        ("AUC", {"num_thresholds": 50, "curve": curve, "summation_method": summation}, kind, ("none", "sample"))
        for curve in ("ROC", "PR", "PRGAIN")
        for summation in ("interpolation", "minoring", "majoring")
        for kind in ("grid", "labels")
    ],
    *[("AUC", {"curve": curve}, "all positive", ("none",)) for curve in ("ROC", "PR", "PRGAIN")],
    *[("AUC", {"curve": curve}, "all negative", ("none",)) for curve in ("ROC", "PR", "PRGAIN")],
    ("AUC", {"num_thresholds": 2}, "binary", USUAL),
    ("AUC", {"thresholds": [0.6, 0.1, 0.3]}, "labels", USUAL),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, "quarters", ("none",)),
    ("AUC", {"from_logits": True}, "label logits", USUAL),
    ("AUC", {"multi_label": True}, "labels", ("none", "sample", "entries")),
    ("AUC", {"multi_label": True, "num_labels": 3, "curve": "PR"}, "labels", USUAL),
    ("AUC", {"multi_label": True, "label_weights": [1, 2, 0]}, "labels", USUAL),
    ("AUC", {"multi_label": True, "thresholds": [0.3, 0.4]}, "labels", USUAL),
    ("AUC", {"label_weights": [1, 2, 0.5]}, "labels", USUAL),
    ("IoU", {"num_classes": 3, "target_class_ids": [0, 2], **FLOAT}, "pixels", USUAL),
    ("IoU", {"num_classes": 5, "target_class_ids": [0, 4]}, "maps", ("none",)),
    ("IoU", {"num_classes": 3, "target_class_ids": [1], "ignore_class": 0, **FLOAT}, "maps", MAPWISE),
    ("IoU", {"num_classes": 4, "target_class_ids": [1], "sparse_y_pred": False, **FLOAT}, "score maps", MAPWISE),
    ("BinaryIoU", {}, "binary", ("none",)),
    ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.3, **FLOAT}, "labels", ("none", "entries")),
    ("MeanIoU", {"num_classes": 3, **FLOAT}, "maps", MAPWISE),
    ("MeanIoU", {"num_classes": 3, "ignore_class": -1, **FLOAT}, "void maps", MAPWISE),
    ("MeanIoU", {"num_classes": 4, "sparse_y_true": False, "sparse_y_pred": False}, "one hot maps", ("none",)),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 2], **FLOAT}, "one hot maps", MAPWISE),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [3], "ignore_class": 1}, "one hot", ("none",)),
    ("OneHotMeanIoU", {"num_classes": 4, **FLOAT}, "one hot maps", MAPWISE),
    ("OneHotMeanIoU", {"num_classes": 4, "sparse_y_pred": True}, "one hot id maps", ("none",)),
    *[
        ("F1Score", {"average": average, "threshold": threshold}, "labels", ("none", "sample"))
        for average in (None, "micro", "macro", "weighted")
        for threshold in (None, 0.5)
    ],
    ("F1Score", {}, "one hot ties", ("none", "sample")),
    ("FBetaScore", {"average": "micro", "beta": 2.0}, "one hot", ("none", "sample")),
    ("FBetaScore", {"beta": 0.5, "threshold": 0.4}, "labels", ("none", "sample")),
    ("MeanSquaredError", {}, "numbers", ("none", "sample", "column", "mask")),
    ("MeanSquaredError", {}, "number steps", STEPWISE),
    ("RootMeanSquaredError", {}, "numbers", ("none", "sample", "column", "entries")),
    ("RootMeanSquaredError", {}, "number steps", STEPWISE),
    ("MeanAbsoluteError", {}, "numbers", USUAL),
    ("MeanAbsolutePercentageError", {}, "positive", USUAL),
    ("MeanSquaredLogarithmicError", {}, "positive", USUAL),
    ("LogCoshError", {}, "numbers", USUAL),
    ("CosineSimilarity", {}, "numbers", USUAL),
    ("CosineSimilarity", {"axis": 1}, "number steps", ("none", "sample")),
    *[
        ("R2Score", {"class_aggregation": aggregation, "num_regressors": regressors}, "numbers", USUAL)
        for aggregation in (None, "uniform_average", "variance_weighted_average")
        for regressors in (0, 2)
    ],
    ("ConcordanceCorrelation", {}, "numbers", USUAL),
    ("ConcordanceCorrelation", {"axis": [1, 2]}, "number steps", ("none", "sample")),
    ("PearsonCorrelation", {}, "numbers", USUAL),
    ("PearsonCorrelation", {"axis": 1}, "number steps", ("none", "sample")),
    ("BinaryCrossentropy", {}, "labels", USUAL),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "label logits", USUAL),
    ("CategoricalCrossentropy", {}, "one hot", USUAL),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, "one hot logits", USUAL),
    ("CategoricalCrossentropy", {"axis": 1}, "one hot", USUAL),
    ("SparseCategoricalCrossentropy", {}, "classes", USUAL),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "class logits", USUAL),
    ("SparseCategoricalCrossentropy", {"ignore_class": 0}, "classes", USUAL),
    ("SparseCategoricalCrossentropy", {}, "steps", STEPWISE),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "steps", ("none", "steps", "step mask")),
    ("KLDivergence", {}, "distributions", USUAL),
    ("Poisson", {}, "positive", USUAL),
    ("Hinge", {}, "signs", USUAL),
    ("Hinge", {}, "label logits", USUAL),
    ("SquaredHinge", {}, "signs", USUAL),
    ("CategoricalHinge", {}, "one hot logits", USUAL),
]

# (function, arguments, kind of data)
FUNCTION_CASES = [
    ("binary_accuracy", {"threshold": 0.3}, "binary flat labels"),
    ("categorical_accuracy", {}, "one hot steps"),
    ("sparse_categorical_accuracy", {}, "classes column"),
    ("top_k_categorical_accuracy", {"k": 2}, "one hot ties"),
    ("sparse_top_k_categorical_accuracy", {"k": 2}, "ties"),
    ("sparse_top_k_categorical_accuracy", {"k": 2, "from_sorted_ids": True}, "sorted ids"),
    ("concordance_correlation", {"axis": 0}, "numbers"),
    ("pearson_correlation", {}, "number steps"),
]

# Names that might mean a metric; the recording says which of them do in Keras, and which class.
NAMES = (
    *{case[0] for case in CASES},
    *("mse", "MSE", "mae", "MAE", "mape", "MAPE", "msle", "MSLE", "bce", "BCE"),
    *("mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_logarithmic_error"),
    *("root_mean_squared_error", "log_cosh_error", "cosine_similarity", "r2_score", "f1_score", "auc", "mean", "sum"),
    *("binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy", "top_k_categorical_accuracy"),
    *("sparse_top_k_categorical_accuracy", "binary_crossentropy", "categorical_crossentropy", "kl_divergence"),
    *("sparse_categorical_crossentropy", "poisson", "hinge", "squared_hinge", "categorical_hinge", "precision"),
    *("recall", "true_positives", "false_positives", "true_negatives", "false_negatives", "pearson_correlation"),
    *("concordance_correlation", "binary_io_u", "accuracy"),
)

# Shapes of labels and units of a Dense output, steps or none: what "accuracy" means for them.
TARGETS = [
    ((8,), (8, 1)),
    ((8, 1), (8, 1)),
    ((8,), (8, 3)),
    ((8, 1), (8, 3)),
    ((8, 3), (8, 3)),
    ((8, 2), (8, 2)),
    ((8, 5), (8, 5, 1)),
    ((8, 5, 1), (8, 5, 1)),
    ((8, 5), (8, 5, 3)),
    ((8, 5, 1), (8, 5, 3)),
    ((8, 5, 3), (8, 5, 3)),
]


def batches(kind: str, weights: str):
    """The three batches of a case: (y_true, y_pred, sample_weight) each."""
    rng = np.random.default_rng(7)
    made = [KINDS[kind](rng, size) for size in SIZES]
    return [(*pair, WEIGHTS[weights](rng, size)) for pair, size in zip(made, SIZES, strict=True)]


def case_id(name: str, arguments: dict, kind: str, weights: str = "none") -> str:
    """The key of a recorded result."""
    text = json.dumps(arguments)[1:-1]
    text = text if len(text) < 99 else f"{text[:50]}...{text[-20:]}"
    return f"{name}({text}) {kind}, {weights}"


def recording():
    """What `record_metrics.py` wrote: the results by key, and the facts about Keras's names."""
    with np.load(Path(__file__).with_name("metrics.npz")) as file:
        values, facts = file["values"], json.loads(str(file["facts"]))
    shapes = facts["shapes"].values()
    parts = np.split(values, np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1])
    results = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
    return dict(zip(facts["shapes"], results, strict=True)), facts
