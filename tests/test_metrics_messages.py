"""What a metric refuses, and what it says then."""

import numpy as np
import pytest

from lamina import metrics
from lamina.errors import ArgumentError, DataError, OptionError, ShapeError

ONES = np.ones((6, 3), "float32")

# (class, arguments, what the message holds)
ARGUMENTS = [
    ("AUC", {"num_thresholds": 1}, "AUC(num_thresholds=...): expected a whole number of 2 or more, received 1"),
    ("AUC", {"num_thresholds": 2.5}, "AUC(num_thresholds=...): expected a whole number of 1 or more, received 2.5"),
    ("AUC", {"curve": "RCO"}, "AUC(curve=...): expected one of 'ROC', 'PR', 'PRGAIN', received 'RCO'"),
    ("AUC", {"summation_method": "left"}, "AUC(summation_method=...): expected one of 'interpolation', 'minoring'"),
    ("AUC", {"thresholds": [0.5, 2]}, "AUC(thresholds=...): expected a number from 0 to 1, received 2"),
    ("AUC", {"num_labels": 3}, "AUC(num_labels=...): expected multi_label=True, received num_labels=3 without it"),
    (
        "AUC",
        {"multi_label": True, "num_labels": 3, "label_weights": [1, 2]},
        "AUC(label_weights=...): expected num_labels=3 of them, received [1, 2]",
    ),
    ("AUC", {"label_weights": [-1, 2]}, "AUC(label_weights=...): expected a number from 0, received -1"),
    ("Precision", {"thresholds": 1.5}, "Precision(thresholds=...): expected a number from 0 to 1, received 1.5"),
    ("Recall", {"thresholds": [0.1, None]}, "Recall(thresholds=...): expected a number from 0 to 1, received None"),
    ("Recall", {"thresholds": "half"}, "Recall(thresholds=...): expected a number from 0 to 1, received 'half'"),
    ("TruePositives", {"thresholds": []}, "TruePositives(thresholds=...): expected at least one threshold"),
    ("Precision", {"top_k": 0}, "Precision(top_k=...): expected a whole number of 1 or more, received 0"),
    ("Recall", {"class_id": -1}, "Recall(class_id=...): expected a whole number of 0 or more, received -1"),
    (
        "SensitivityAtSpecificity",
        {"specificity": 2},
        "SensitivityAtSpecificity(specificity=...): expected a number from 0",
    ),
    ("SpecificityAtSensitivity", {"sensitivity": -1}, "SpecificityAtSensitivity(sensitivity=...): expected a number"),
    (
        "PrecisionAtRecall",
        {"recall": "x"},
        "PrecisionAtRecall(recall=...): expected a number from 0 to 1, received 'x'",
    ),
    (
        "RecallAtPrecision",
        {"precision": 0.5, "num_thresholds": 0},
        "RecallAtPrecision(num_thresholds=...): expected a whole number of 1 or more, received 0",
    ),
    ("BinaryAccuracy", {"threshold": None}, "BinaryAccuracy(threshold=...): expected a number, received None"),
    ("TopKCategoricalAccuracy", {"k": 0}, "TopKCategoricalAccuracy(k=...): expected a whole number of 1 or more"),
    ("SparseTopKCategoricalAccuracy", {"k": 1.5}, "SparseTopKCategoricalAccuracy(k=...): expected a whole number of 1"),
    ("F1Score", {"average": "mean"}, "F1Score(average=...): expected one of None, 'micro', 'macro', 'weighted'"),
    ("FBetaScore", {"beta": 0}, "FBetaScore(beta=...): expected a number above 0, received 0"),
    ("FBetaScore", {"beta": -1.0}, "FBetaScore(beta=...): expected a number from 0, received -1.0"),
    ("F1Score", {"threshold": 0.0}, "F1Score(threshold=...): expected a number above 0, received 0"),
    ("F1Score", {"threshold": 1.5}, "F1Score(threshold=...): expected a number from 0 to 1, received 1.5"),
    (
        "R2Score",
        {"class_aggregation": "mean"},
        "R2Score(class_aggregation=...): expected one of None, 'uniform_average'",
    ),
    (
        "R2Score",
        {"num_regressors": -1},
        "R2Score(num_regressors=...): expected a whole number of 0 or more, received -1",
    ),
    ("MeanIoU", {"num_classes": 0}, "MeanIoU(num_classes=...): expected a whole number of 1 or more, received 0"),
    (
        "IoU",
        {"num_classes": 2, "target_class_ids": [0, 2]},
        "IoU(target_class_ids=...): expected classes from 0 to 1, received 2",
    ),
    ("IoU", {"num_classes": 2, "target_class_ids": 0}, "IoU(target_class_ids=...): expected a list of class numbers"),
    (
        "MeanIoU",
        {"num_classes": 2, "ignore_class": "void"},
        "MeanIoU(ignore_class=...): expected a class number or None",
    ),
    ("BinaryIoU", {"target_class_ids": []}, "BinaryIoU(target_class_ids=...): expected a list of class numbers"),
    ("BinaryIoU", {"threshold": "x"}, "BinaryIoU(threshold=...): expected a number, received 'x'"),
    (
        "BinaryCrossentropy",
        {"label_smoothing": 2},
        "BinaryCrossentropy(label_smoothing=...): expected a number from 0 to 1",
    ),
    (
        "CategoricalCrossentropy",
        {"label_smoothing": -1},
        "CategoricalCrossentropy(label_smoothing=...): expected a number",
    ),
    ("Mean", {"dtype": "int32"}, "unknown float type: expected one of float16, float32, float64, received 'int32'"),
]

# (class, arguments, shape of y_true, shape of y_pred, what the message holds besides the metric's name)
SAME = "expected y_true and y_pred of the same shape, a last axis of 1 aside, received "
SHAPES = [
    ("Accuracy", {}, (6,), (6, 3), f"{SAME}(6,) and (6, 3)"),
    ("BinaryAccuracy", {}, (6, 1), (6, 3), f"{SAME}(6, 1) and (6, 3)"),
    ("CategoricalAccuracy", {}, (6,), (6, 3), f"{SAME}(6,) and (6, 3)"),
    (
        "SparseCategoricalAccuracy",
        {},
        (6, 3),
        (6, 3),
        "expected class numbers (batch, ...) for y_pred (batch, ..., classes)",
    ),
    ("TopKCategoricalAccuracy", {}, (6,), (6, 3), f"{SAME}(6,) and (6, 3)"),
    ("SparseTopKCategoricalAccuracy", {}, (1, 6), (6, 3), "received y_true (1, 6) and y_pred (6, 3)"),
    ("RootMeanSquaredError", {}, (6, 1), (6, 3), f"{SAME}(6, 1) and (6, 3)"),
    ("ConcordanceCorrelation", {}, (6, 1), (6, 3), f"{SAME}(6, 1) and (6, 3)"),
    ("PearsonCorrelation", {}, (6, 1), (6, 3), f"{SAME}(6, 1) and (6, 3)"),
    ("Precision", {}, (1, 6), (6, 1), f"{SAME}(1, 6) and (6, 1)"),
    ("Precision", {"top_k": 4}, (6, 3), (6, 3), "expected at least top_k=4 classes, received (6, 3)"),
    ("Recall", {"class_id": 3}, (6, 3), (6, 3), "expected (batch, ..., classes) with more than class_id=3 classes"),
    ("Recall", {"class_id": 0}, (6,), (6,), "expected (batch, ..., classes) with more than class_id=0 classes"),
    ("AUC", {}, (6, 2), (6, 3), f"{SAME}(6, 2) and (6, 3)"),
    ("AUC", {"multi_label": True}, (6,), (6,), "expected y_true and y_pred (batch, labels), received (6,)"),
    (
        "AUC",
        {"multi_label": True, "num_labels": 4},
        (6, 3),
        (6, 3),
        "expected y_true and y_pred (batch, 4), received (6, 3)",
    ),
    ("AUC", {"label_weights": [1, 2]}, (6, 3), (6, 3), "expected y_true and y_pred (batch, 2), received (6, 3)"),
    ("SensitivityAtSpecificity", {"specificity": 0.5}, (6, 1), (6, 3), f"{SAME}(6, 1) and (6, 3)"),
    ("F1Score", {}, (6,), (6,), "expected y_true and y_pred (batch, classes), received (6,)"),
    ("F1Score", {}, (6, 1), (6, 3), f"{SAME}(6, 1) and (6, 3)"),
    ("R2Score", {}, (6, 2, 3), (6, 2, 3), "expected y_true and y_pred (batch, outputs), received (6, 2, 3)"),
    ("MeanIoU", {"num_classes": 2}, (6,), (5,), f"{SAME}(6,) and (5,)"),
    ("MeanSquaredError", {}, (6, 1), (6, 3), "(6, 1)"),
    ("BinaryCrossentropy", {}, (6, 1), (6, 3), "(6, 1)"),
    ("CosineSimilarity", {}, (6, 1), (6, 3), "(6, 1)"),
    ("SparseCategoricalCrossentropy", {}, (6, 3), (6, 3), "(6, 3)"),
    ("Hinge", {}, (6, 1), (6, 3), "(6, 1)"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), ARGUMENTS)
def test_arguments_are_refused_at_construction(name, arguments, message):
    with pytest.raises(OptionError) as caught:
        getattr(metrics, name)(**arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(("name", "arguments", "y_true", "y_pred", "message"), SHAPES)
def test_shapes_that_would_broadcast_are_refused_by_the_metric_s_name(name, arguments, y_true, y_pred, message):
    metric = getattr(metrics, name)(**arguments, name="mine")
    with pytest.raises(ShapeError) as caught:
        metric.update_state(np.ones(y_true, int), np.ones(y_pred, "float32"))
    assert "metric 'mine'" in str(caught.value)
    assert message in str(caught.value)
    assert all(not variable.value.any() for variable in metric.variables)


@pytest.mark.parametrize(
    "make",
    [
        lambda: metrics.MeanSquaredError(name="mine"),
        lambda: metrics.SparseCategoricalCrossentropy(name="mine", ignore_class=0),
        lambda: metrics.Precision(name="mine"),
        lambda: metrics.AUC(name="mine"),
        lambda: metrics.F1Score(name="mine"),
        lambda: metrics.R2Score(name="mine"),
        lambda: metrics.BinaryIoU(name="mine"),
    ],
)
@pytest.mark.parametrize("shape", [(3,), (5, 1), (6, 3, 2), (1, 1, 6)])
def test_weights_that_do_not_fit_are_refused(make, shape):
    metric = make()
    labels = np.zeros(6, int) if "Sparse" in type(metric).__name__ else ONES.astype(int)
    with pytest.raises(ShapeError) as caught:
        metric.update_state(labels, ONES / 3, sample_weight=np.ones(shape))
    assert "metric 'mine': sample_weight: expected the first axes of (6" in str(caught.value)
    assert f"received {shape}.\nLikely mend: give one weight for each sample" in str(caught.value)


@pytest.mark.parametrize("make", [metrics.F1Score, metrics.R2Score, lambda: metrics.AUC(multi_label=True)])
def test_another_number_of_classes_than_before(make):
    metric = make()
    metric.update_state(ONES, ONES)
    with pytest.raises(ShapeError, match=r"\(batch, 3\), received \(6, 2\)"):
        metric.update_state(ONES[:, :2], ONES[:, :2])


def test_class_numbers_where_one_hot_labels_are_wanted():
    with pytest.raises(ShapeError, match="Likely mend: class numbers want a metric with 'sparse' in its name"):
        metrics.CategoricalAccuracy().update_state(np.zeros(6, int), ONES)
    with pytest.raises(ShapeError, match="Likely mend: one-hot labels want the metric without 'sparse' in its name"):
        metrics.SparseCategoricalAccuracy().update_state(ONES, ONES)


def test_classes_outside_the_matrix():
    message = r"metric 'mean_io_u': y_true: expected classes from 0 to 1, received classes from 0 to 255"
    with pytest.raises(DataError, match=message) as caught:
        metrics.MeanIoU(num_classes=2).update_state([0, 255], [0, 1])
    assert "raise num_classes, or name the label to leave out as ignore_class" in str(caught.value)
    with pytest.raises(DataError, match="y_pred: expected classes from 0 to 1, received classes from -1 to 0"):
        metrics.MeanIoU(num_classes=2).update_state([0, 1], [0, -1])


def test_mean_and_sum_refuse_weights_that_do_not_fit():
    for metric in (metrics.Mean(), metrics.Sum()):
        with pytest.raises(
            ShapeError, match=rf"metric '{metric.name}': sample_weight: expected the first axes of \(2, 3\)"
        ):
            metric.update_state(np.ones((2, 3)), sample_weight=[1, 2, 3])


def test_arguments_that_do_not_exist():
    with pytest.raises(
        ArgumentError, match="BinaryAccuracy has no argument 'treshold'.\nLikely mend: did you mean 'thres"
    ):
        metrics.BinaryAccuracy(treshold=0.5)
    with pytest.raises(
        ArgumentError, match="metric 'far': its function has no argument 'delt'.\nLikely mend: did you mean"
    ):
        metrics.MeanMetricWrapper(metrics.huber, name="far", delt=2.0)
    with pytest.raises(ArgumentError, match="no argument 'x'.\nLikely mend: give labels and predictions only"):
        metrics.MeanMetricWrapper(lambda y_true, y_pred: y_pred, x=1)
    with pytest.raises(
        ArgumentError, match=r"MeanMetricWrapper: expected a function of \(y_true, y_pred\), received 3"
    ):
        metrics.MeanMetricWrapper(3)
