"""Every metric against Keras's numbers, and what must hold for each of them whatever the numbers are."""

import inspect

import cases_metrics as cases
import numpy as np
import pytest

from lamina import metrics

RECORDED, FACTS = cases.recording()
ALL = [(*case[:3], weights) for case in cases.CASES for weights in case[3]]
IDS = [cases.case_id(*case) for case in ALL]
# R2Score's adjustment counts entries, whatever their weights: as in Keras.
WEIGHTED = [case for case in ALL if case[3] != "none" and not case[1].get("num_regressors")]
WEIGHTED_IDS = [cases.case_id(*case) for case in WEIGHTED]
# Multiples of 1/49 in single precision lie beside thresholds in double precision, not on them.
DOUBLE = [case for case in ALL if case[2] != "grid"]
each_case = pytest.mark.parametrize(("name", "arguments", "kind", "weights"), ALL, ids=IDS)


def make(name, arguments):
    return getattr(metrics, name)(**arguments)


def feed(metric, batches):
    for y_true, y_pred, sample_weight in batches:
        inputs = (y_true,) if y_pred is None else (y_true, y_pred)
        metric.update_state(*inputs, sample_weight=sample_weight)
    return np.asarray(metric.result())


def public_classes():
    found = (getattr(metrics, name) for name in metrics.__all__)
    return {cls.__name__ for cls in found if inspect.isclass(cls) and issubclass(cls, metrics.Metric)}


def test_no_metric_is_left_out():
    tried = {case[0] for case in cases.CASES} | {"Metric", "MeanMetricWrapper"}  # those two: test_metrics_base.py
    assert public_classes() == tried
    registered = {cls.__name__ for cls in metrics.registry._classes.values()}
    assert registered == tried - {"Metric"}


def test_all_of_keras_is_there():
    assert set(FACTS["functions"]) <= set(metrics.__all__)
    assert set(FACTS["signatures"]) == public_classes()


@pytest.mark.parametrize("name", sorted(FACTS["signatures"]))
def test_arguments_and_defaults_are_keras_s(name):
    own = list(inspect.signature(getattr(metrics, name).__init__).parameters.values())[1:]
    found = {item.name: None if item.default is item.empty else item.default for item in own}
    found = {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}
    assert found == FACTS["signatures"][name]
    assert list(found) == list(FACTS["signatures"][name])


@each_case
def test_results_are_keras_s_after_each_batch(name, arguments, kind, weights):
    metric = make(name, arguments)
    results = [feed(metric, [batch]) for batch in cases.batches(kind, weights)]
    recorded = RECORDED[cases.case_id(name, arguments, kind, weights)]
    np.testing.assert_allclose(np.stack(results), recorded, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "arguments", "kind"), cases.FUNCTION_CASES)
def test_functions_are_keras_s(name, arguments, kind):
    y_true, y_pred, _ = cases.batches(kind, "none")[0]
    values = getattr(metrics, name)(y_true, y_pred, **arguments)
    recorded = RECORDED[cases.case_id(name, arguments, kind)]
    assert values.shape == recorded.shape
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, recorded, rtol=1e-5, atol=1e-6)


@each_case
def test_result_is_a_float_or_an_array_of_the_metric_s_type(name, arguments, kind, weights):
    metric = make(name, arguments)
    feed(metric, cases.batches(kind, weights))
    result = metric.result()
    assert type(result) is float or (isinstance(result, np.ndarray) and result.dtype == np.float32)


@each_case
def test_reset_forgets_all_and_config_makes_an_equal_one(name, arguments, kind, weights):
    batches = cases.batches(kind, weights)
    metric = make(name, arguments)
    again = type(metric).from_config(metric.get_config())
    assert again.get_config() == metric.get_config()
    first = feed(metric, batches)
    np.testing.assert_array_equal(feed(again, batches), first)
    metric.reset_state()
    assert all(not variable.value.any() for variable in metric.variables)
    np.testing.assert_array_equal(feed(metric, batches), first)


@each_case
def test_inputs_stay_as_they_were(name, arguments, kind, weights):
    batches = cases.batches(kind, weights)
    before = [[None if item is None else item.copy() for item in batch] for batch in batches]
    for batch in batches:
        for item in batch:
            if item is not None:
                item.flags.writeable = False
    feed(make(name, arguments), batches)
    for batch, copies in zip(batches, before, strict=True):
        for item, copy in zip(batch, copies, strict=True):
            np.testing.assert_array_equal(item, copy)


@pytest.mark.parametrize(("name", "arguments", "kind", "weights"), WEIGHTED, ids=WEIGHTED_IDS)
def test_a_weight_of_two_is_the_sample_twice(name, arguments, kind, weights):
    y_true, y_pred, given = cases.batches(kind, weights)[0]
    twos = np.ones_like(given)
    twos[1] = 2
    repeated = [None if item is None else np.concatenate([item, item[1:2]]) for item in (y_true, y_pred)]
    ones = np.ones((len(twos) + 1, *twos.shape[1:]), "float32")
    weighted = feed(make(name, arguments), [(y_true, y_pred, twos)])
    np.testing.assert_allclose(weighted, feed(make(name, arguments), [(*repeated, ones)]), rtol=1e-6)


@each_case
def test_two_batches_are_as_good_as_one(name, arguments, kind, weights):
    first, second, _ = cases.batches(kind, weights)
    joined = [None if one is None else np.concatenate([one, two]) for one, two in zip(first, second, strict=True)]
    split = feed(make(name, arguments), [first, second])
    np.testing.assert_allclose(split, feed(make(name, arguments), [joined]), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "weights"), DOUBLE, ids=[cases.case_id(*case) for case in DOUBLE]
)
def test_double_precision_agrees_with_single(name, arguments, kind, weights):
    result = feed(make(name, arguments | {"dtype": "float64"}), cases.batches(kind, weights))
    assert result.dtype == np.float64
    recorded = RECORDED[cases.case_id(name, arguments, kind, weights)][-1]
    np.testing.assert_allclose(result, recorded, rtol=2e-5, atol=1e-6)
