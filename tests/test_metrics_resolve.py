"""From names, functions, classes, configurations and instances to metrics, as `compile` is given them."""

import cases_metrics as cases
import pytest

from lamina import metrics
from lamina.errors import ArgumentError, ConfigError, OptionError
from lamina.utils.registration import register

FACTS = cases.recording()[1]
SHAPES = ((None, 1), (None, 3))


@register
def far(y_true, y_pred):
    return abs(y_true - y_pred).mean(-1)


class Distance:
    def __call__(self, y_true, y_pred):
        return abs(y_true - y_pred).mean(-1)


@pytest.mark.parametrize(("name", "cls"), sorted(FACTS["names"].items()))
def test_names_mean_what_they_mean_in_keras(name, cls):
    metric = metrics.get(name)
    assert type(metric).__name__ == cls
    assert metric.name == getattr(metrics, cls)().name
    if cls not in ("Mean", "Sum"):
        metrics.check(name)


@pytest.mark.parametrize(("shapes", "cls"), list(zip(cases.TARGETS, FACTS["accuracy"], strict=True)))
@pytest.mark.parametrize("name", ["accuracy", "acc", "Accuracy", "ACC", "crossentropy", "ce"])
def test_the_targets_decide_what_accuracy_means(name, shapes, cls):
    metric = metrics.resolve(name, *((None, *shape[1:]) for shape in shapes))
    wanted = cls if name.lower().startswith("acc") else cls.replace("Accuracy", "Crossentropy")
    assert (type(metric).__name__, metric.name) == (wanted, name)
    metrics.check(name)


@pytest.mark.parametrize(
    ("identifier", "cls", "name"),
    [
        ("mse", metrics.MeanSquaredError, "mse"),
        ("MSE", metrics.MeanSquaredError, "MSE"),
        ("rmse", metrics.RootMeanSquaredError, "rmse"),
        ("AUC", metrics.AUC, "AUC"),
        ("R2Score", metrics.R2Score, "R2Score"),
        ("fbeta_score", metrics.FBetaScore, "fbeta_score"),
        ("far", metrics.MeanMetricWrapper, "far"),
        (metrics.AUC, metrics.AUC, "auc"),
        (metrics.AUC(name="area"), metrics.AUC, "area"),
        (metrics.mean_squared_error, metrics.MeanSquaredError, "mean_squared_error"),
        (metrics.log_cosh, metrics.LogCoshError, "log_cosh"),
        (metrics.binary_accuracy, metrics.BinaryAccuracy, "binary_accuracy"),
        (metrics.huber, metrics.MeanMetricWrapper, "huber"),
        (far, metrics.MeanMetricWrapper, "far"),
        (lambda y_true, y_pred: abs(y_true - y_pred), metrics.MeanMetricWrapper, "lambda"),
        (Distance(), metrics.MeanMetricWrapper, "distance"),
        ({"class_name": "AUC", "config": {"curve": "PR"}}, metrics.AUC, "auc"),
        ({"class_name": "Precision", "config": {"name": "p"}}, metrics.Precision, "p"),
    ],
)
def test_the_name_in_the_history_is_the_one_given(identifier, cls, name):
    metrics.check(identifier)
    metric = metrics.resolve(identifier, *SHAPES)
    assert (type(metric), metric.name) == (cls, name)


def test_instances_are_taken_as_they_are():
    metric = metrics.AUC()
    assert metrics.get(metric) is metric
    assert metrics.resolve(metric, *SHAPES) is metric
    assert metrics.get(None) is None


def test_serialize_and_back():
    metric = metrics.Precision(thresholds=[0.3, 0.6], class_id=1)
    again = metrics.deserialize(metrics.serialize(metric))
    assert again.get_config() == metric.get_config()
    mine = metrics.deserialize("mine", custom_objects={"mine": far})
    assert mine([[1.0]], [[0.5]]) == 0.5


@pytest.mark.parametrize("refuse", [metrics.get, metrics.check, lambda name: metrics.resolve(name, *SHAPES)])
def test_unknown_names_are_refused_with_the_nearest(refuse):
    with pytest.raises(OptionError, match="unknown metric 'msee'") as caught:
        refuse("msee")
    assert "did you mean 'mse'?" in str(caught.value)
    with pytest.raises(OptionError, match="did you mean 'BinaryAccuracy'"):
        refuse("BinaryAcuracy")


@pytest.mark.parametrize("refuse", [metrics.check, lambda name: metrics.resolve(name, *SHAPES)])
def test_what_is_no_metric_of_labels_and_predictions(refuse):
    with pytest.raises(OptionError, match="metric 'mean' takes values, not labels and predictions"):
        refuse("mean")
    with pytest.raises(OptionError, match="metric 'all' takes values"):
        refuse(metrics.Sum(name="all"))
    with pytest.raises(ArgumentError, match="None is no metric"):
        refuse(None)


def test_classes_that_need_arguments_and_things_that_are_none():
    with pytest.raises(ArgumentError, match=r"metric 'MeanIoU' needs num_classes.\nLikely mend: give MeanIoU\(num_cl"):
        metrics.get("MeanIoU")
    with pytest.raises(ArgumentError, match="metric 'IoU' needs num_classes and target_class_ids"):
        metrics.check(metrics.IoU)
    with pytest.raises(ArgumentError, match="Distance is no metric"):
        metrics.get(Distance)
    with pytest.raises(ArgumentError, match="can't read this as a metric"):
        metrics.get(3)
    with pytest.raises(ConfigError, match="not the config of a metric"):
        metrics.get({"name": "AUC"})
    with pytest.raises(OptionError, match="'AUC' is a metric, not a function"):
        metrics.MeanMetricWrapper.from_config({"fn": "AUC"})
