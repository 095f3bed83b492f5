"""What a metric is made of: state, reset, configuration; metrics of the user's own; masks, types and odd batches."""

import copy
import math

import numpy as np
import pytest

import lamina
from lamina import losses, metrics
from lamina.utils.registration import register
from lamina.utils.variable import Variable


class Share(metrics.Metric):
    """Written as Keras's guide to custom metrics does."""

    def __init__(self, label=1, name="share", **kwargs):
        super().__init__(name=name, **kwargs)
        self.label = label
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_variable(shape=(), initializer="zeros", name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        values = np.asarray(y_true) == self.label
        weights = np.ones(values.shape) if sample_weight is None else sample_weight
        self.total.assign_add(np.sum(values * weights))
        self.count.assign_add(np.sum(weights))

    def result(self):
        return self.total / self.count


class Harmonic(metrics.Metric):
    """A metric of metrics, as scripts write their F1."""

    def __init__(self, name="harmonic", **kwargs):
        super().__init__(name=name, **kwargs)
        self.precision = metrics.Precision()
        self.others = [metrics.Recall()]

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.precision.update_state(y_true, y_pred, sample_weight)
        self.others[0].update_state(y_true, y_pred, sample_weight)

    def result(self):
        p, r = self.precision.result(), self.others[0].result()
        return 2 * p * r / (p + r)


class Scaled(metrics.MeanMetricWrapper):
    def __init__(self, name="scaled", **kwargs):
        super().__init__(scaled_error, name=name, **kwargs)


@register
def scaled_error(y_true, y_pred, scale=1.0):
    return scale * np.abs(y_true - y_pred)


def test_a_keras_style_metric_runs():
    share = Share()
    share.update_state([[1], [0]], [[0.5], [0.5]])
    assert share.result() == 0.5
    assert share([[1], [1]], [[0.5], [0.5]], sample_weight=np.array([[1.0], [5.0]])) == 7 / 8
    assert [variable.name for variable in share.variables] == ["total", "count"]
    assert [variable.dtype for variable in share.variables] == ["float32", "float32"]
    share.reset_state()
    assert float(share.total) == float(share.count) == 0
    assert share.get_config() == {"label": 1, "name": "share", "dtype": "float32"}
    assert Share.from_config({"label": 0, "name": "none"}).label == 0


def test_state_of_a_shape_type_and_start_of_its_own():
    metric = metrics.Metric(dtype="float64", name="any")
    ones = metric.add_weight(shape=(2, 3), initializer="ones", name="table")
    assert isinstance(ones, Variable) and not ones.trainable
    assert ones.shape == (2, 3) and ones.dtype == "float64" and ones.value.all()
    assert metric.add_weight(shape=4, dtype="int64").shape == (4,)
    assert metric.variables[0] is ones
    metric.reset_state()
    assert not ones.value.any()


def test_metric_of_metrics_resets_all_its_parts():
    metric = Harmonic()
    assert metric([1, 0, 1, 1], [1.0, 1.0, 1.0, 0.0]) == pytest.approx(2 / 3)
    assert len(metric.variables) == 4
    metric.reset_state()
    assert metric([1, 0], [1.0, 0.0]) == 1.0


def test_names_types_and_copies():
    assert metrics.AUC().name == metrics.AUC().name == "auc"  # Keras would call the second one auc_1
    assert [metrics.MeanIoU(2).name, metrics.TruePositives().name] == ["mean_io_u", "true_positives"]
    lamina.config.set_floatx("float64")
    assert metrics.MeanSquaredError().dtype == "float64"
    metric = metrics.MeanAbsoluteError(name="far")
    metric.update_state([[1.0]], [[0.0]])
    other = copy.deepcopy(metric)
    other.update_state([[0.0]], [[0.0]])
    assert (metric.result(), other.result(), other.name) == (1.0, 0.5, "far")


def test_wrapper_of_a_plain_function():
    metric = metrics.MeanMetricWrapper(scaled_error, scale=3.0)
    assert metric.name == "mean_metric_wrapper"
    assert metric([[1.0], [2.0]], [[0.0], [2.0]], sample_weight=[1, 2]) == pytest.approx(1.0)
    flat = metrics.MeanMetricWrapper(scaled_error)
    assert flat([1.0, 2.0], [[0.0], [2.0]]) == 0.5  # Keras compares all with all here
    assert metrics.MetricWrapper is metrics.MeanMetricWrapper
    assert metrics.MeanMetricWrapper(lambda t, p, **more: np.zeros(len(t)) + more["x"], x=2)([1.0], [1.0]) == 2.0


def test_wrapper_round_trip():
    config = metrics.MeanMetricWrapper(scaled_error, name="far", scale=3.0).get_config()
    assert config == {"fn": "scaled_error", "name": "far", "dtype": "float32", "scale": 3.0}
    assert metrics.MeanMetricWrapper.from_config(config)([[1.0]], [[0.0]]) == 3.0
    config = metrics.MeanMetricWrapper(metrics.huber, delta=0.5).get_config()
    assert metrics.MeanMetricWrapper.from_config(config)([[1.0]], [[0.0]]) == pytest.approx(0.375)


def test_a_loss_as_a_metric():
    metric = metrics.get(losses.Huber(delta=0.5))
    assert metric.name == "huber_loss"
    assert metric([[1.0], [0.0]], [[0.0], [0.0]]) == pytest.approx(0.1875)
    again = metrics.deserialize(metrics.serialize(metric))
    assert again([[1.0], [0.0]], [[0.0], [0.0]]) == pytest.approx(0.1875)


def test_subclass_of_the_wrapper():
    metric = Scaled(scale=2.0)
    assert metric([[1.0]], [[0.0]]) == 2.0
    assert metric.get_config() == {"name": "scaled", "dtype": "float32", "scale": 2.0}
    assert Scaled.from_config(metric.get_config())([[1.0]], [[0.0]]) == 2.0


def test_a_mask_leaves_entries_out_of_the_mean():
    y_true, y_pred = np.zeros((2, 4, 1)), np.arange(8.0).reshape(2, 4, 1)
    mask = np.array([[1, 1, 0, 0], [1, 0, 0, 0]], bool)
    assert metrics.MeanAbsoluteError()(y_true, y_pred, sample_weight=mask) == pytest.approx((0 + 1 + 4) / 3)
    assert metrics.BinaryAccuracy(threshold=0.5)(y_true, y_pred, sample_weight=mask) == pytest.approx(1 / 3)


def test_a_batch_counts_by_its_samples_however_long_they_are():
    mean = metrics.Mean()
    mean.update_state(np.ones((2, 3)))
    mean.update_state(np.zeros((2, 5)))
    assert mean.result() == 0.5


@pytest.mark.parametrize("weight", [2.0, [2.0], np.float32(2), [[2.0]] * 3, [2.0] * 3])
def test_weights_of_any_fitting_shape(weight):
    assert metrics.Sum()(np.ones((3, 2)), sample_weight=weight) == 12.0
    mean = metrics.Mean()
    assert mean(np.ones((3, 2)), sample_weight=weight) == 1.0
    assert float(mean.count) == 6.0


def test_a_number_and_its_weight():
    mean = metrics.Mean()
    mean.update_state(1.0, sample_weight=32)
    mean.update_state(np.float32(4.0), sample_weight=16)
    assert mean.result() == 2.0


def test_nothing_seen_yet():
    for metric in (metrics.Mean(), metrics.AUC(), metrics.Recall(), metrics.MeanIoU(3), metrics.RootMeanSquaredError()):
        assert metric.result() == 0.0
    assert (
        metrics.R2Score().result() == metrics.F1Score("macro").result() == metrics.AUC(multi_label=True).result() == 0
    )
    assert metrics.F1Score().result().shape == metrics.R2Score(class_aggregation=None).result().shape == (0,)


def test_an_empty_batch_changes_nothing():
    mean = metrics.MeanAbsoluteError()
    mean.update_state([[1.0]], [[0.0]])
    mean.update_state(np.zeros((0, 1)), np.zeros((0, 1)), sample_weight=np.zeros(0))
    assert mean.result() == 1.0
    share = metrics.Precision()
    share.update_state([1], [1.0])
    share.update_state(np.zeros(0), np.zeros(0))
    assert share.result() == 1.0


def test_counting_goes_on_beyond_single_precision():
    mean = metrics.BinaryAccuracy()
    mean.count.value[...] = mean.total.value[...] = 2.0**24
    mean.update_state([[1]], [[1.0]])
    assert float(mean.count) == 2**24 + 1


def test_predictions_are_read_in_the_metric_s_type():
    near = np.float64(1) + 1e-12
    assert metrics.Accuracy()([[1.0]], [[near]]) == 1.0
    assert metrics.Accuracy(dtype="float64")([[1.0]], [[near]]) == 0.0
    assert metrics.Accuracy()([[0.1]], np.array([[0.1]], "float32")) == 1.0
    assert metrics.MeanSquaredError()(np.zeros((1, 1), int), np.full((1, 1), 0.5, np.float16)) == 0.25


def test_a_prediction_at_the_threshold_is_negative():
    np.testing.assert_array_equal(metrics.binary_accuracy([[1], [0]], [[0.5], [0.5]]), [[0], [1]])
    assert metrics.TruePositives(thresholds=[0.25, 0.5])([1], [0.5]).tolist() == [1, 0]
    assert metrics.BinaryIoU([1])([1], [0.5]) == pytest.approx(1)  # but of class 1 here, as in Keras


def test_of_equal_predictions_the_first_are_the_top_k():
    y_true = np.zeros((1, 1000), int)
    y_true[:, 1:40:2] = 1
    assert metrics.Precision(top_k=20)(y_true, np.tile([0.25, 0.5], (1, 500))) == 1.0


def test_a_row_of_zeros_predicts_no_class():
    assert metrics.F1Score()([[1, 0]], [[0.0, 0.0]]).tolist() == [0, 0]
    assert metrics.F1Score()([[1, 0]], [[-1.0, -2.0]])[0] == pytest.approx(1)


def test_a_row_that_is_not_finite_is_never_among_the_top_k():
    y_pred = np.array([[np.nan, 1, 2], [1, np.inf, 0], [1, 2, 3]], "float32")
    np.testing.assert_array_equal(metrics.sparse_top_k_categorical_accuracy([2, 1, 2], y_pred, k=3), [0, 0, 1])


def test_numbers_that_are_no_class_count_as_wrong():
    y_pred = np.eye(3, dtype="float32")
    np.testing.assert_array_equal(metrics.sparse_categorical_accuracy([0, 3, -1], y_pred), [1, 0, 0])
    np.testing.assert_array_equal(metrics.sparse_top_k_categorical_accuracy([0, 3, -1], y_pred, k=3), [1, 0, 0])


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize("shape", [(5,), (5, 1), (5, 3), (5, 3, 1)])
def test_sparse_top_k_has_the_labels_shape(shape, ids):
    y_pred = np.tile([2.0, 1.0, 0.0], (*shape[: 1 if shape in ((5,), (5, 1)) else 2], 1))
    found = metrics.sparse_top_k_categorical_accuracy(np.ones(shape), y_pred, k=2, from_sorted_ids=ids)
    assert found.shape == shape and found.dtype == np.float32 and found.all()


def test_a_nan_exceeds_no_threshold():
    for thresholds in (0.5, [0.1, 0.2], [0, 0.5, 1]):
        metric = metrics.TruePositives(thresholds=thresholds)
        metric.update_state([1, 1], [np.nan, 0.7])
        assert np.max(metric.result()) == 1.0


@pytest.mark.parametrize(
    ("labels", "scores", "options", "keras"),
    [
        ([0, 1], [0.9, 0.8], {}, 0.5),
        ([1, 0, 0], [0.3, 0.9, 0.4], {"num_thresholds": 3, "summation_method": "minoring"}, 0.0),
        ([1, 0, 1, 0], [0.9, 0.95, 0.3, 0.2], {"num_thresholds": 20}, 0.25),
        ([1, 0, 1, 0], [0.9, 0.95, 0.3, 0.2], {"num_thresholds": 20, "summation_method": "majoring"}, 0.5),
    ],
)
def test_precision_gain_is_1_where_nothing_true_is_found(labels, scores, options, keras):
    assert metrics.AUC(curve="PRGAIN", **options)(labels, scores) == pytest.approx(keras, abs=1e-6)


def test_large_logits_do_not_overflow():
    assert metrics.AUC(from_logits=True)([0, 1], [-1e4, 1e4]) == 1.0


def test_correlation_of_constants_is_nan():
    assert np.isnan(metrics.pearson_correlation([[1.0, 1.0]], [[0.0, 1.0]])).all()
    assert metrics.concordance_correlation([[1.0, 1.0]], [[0.0, 1.0]]) == 0.0
    assert metrics.concordance_correlation([[1.0, 1.0]], [[1.0, 1.0]]) == 0.0


def test_r2_of_constants():
    score = metrics.R2Score(class_aggregation=None)([[1.0, 1.0], [1.0, 1.0]], [[1.0, 2.0], [1.0, 2.0]])
    assert np.isnan(score[0]) and score[1] == 0.0


@pytest.mark.parametrize("constant", [0.1, -3e5, 1e-7])
@pytest.mark.parametrize(("rows", "times"), [(1, 1), (3, 1), (32, 300)])
def test_r2_takes_rounding_for_no_variation(constant, rows, times):
    labels, weights = np.full((rows, 1), constant, "float32"), np.linspace(0.3, 0.7, rows, dtype="float32")
    for sample_weight in (None, weights):
        metric = metrics.R2Score()
        for _ in range(times):
            metric.update_state(labels, labels + 1, sample_weight)
        assert metric.result() == 0.0
    close_by = np.array([[1000.0], [1000.001]], "float32")
    assert metrics.R2Score()(close_by, close_by) == 1.0


def test_r2_warns_where_it_can_not_adjust():
    metric = metrics.R2Score(num_regressors=3)
    metric.update_state([[1.0], [0.0], [2.0], [3.0]], [[1.1], [0.3], [2.0], [2.8]])
    with pytest.warns(UserWarning, match="3 regressors for 4 samples"):
        assert metric.result() == pytest.approx(0.972)


def test_a_root_of_what_negative_weights_made_negative():
    """NaN, as in Keras: no error from within."""
    metric = metrics.RootMeanSquaredError()
    metric.update_state([[0.0], [0.0]], [[1.0], [3.0]], sample_weight=[2.0, -1.0])
    assert math.isnan(metric.result())
