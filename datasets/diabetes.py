"""Diabetes: 442 patients, by ten measurements, and how far the disease went in a year."""

from .shipped import Split, load

FEATURES = ("age", "sex", "body mass index", "blood pressure", "s1", "s2", "s3", "s4", "s5", "s6")


def load_data(test_split: float = 0.2, seed: int = 113) -> Split:
    """``(x_train, y_train), (x_test, y_test)``, shuffled by `seed`; the share `test_split` is the test part.

    Shapes: x ``(samples, 10)`` (float64, not scaled), see `FEATURES`; y ``(samples,)``, 25 to 346 (float64).

    Source: Efron, Hastie, Johnstone & Tibshirani (2004), *Least Angle Regression*; published by the authors,
    as in scikit-learn, whose description states no licence.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, x_test.shape
    ((353, 10), (89, 10))
    """
    return load("diabetes", test_split, seed)
