"""Wines: 178 of three cultivators, by thirteen chemical measurements."""

from .shipped import Split, load

FEATURES = (
    "alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids",
    "nonflavanoid phenols", "proanthocyanins", "color intensity", "hue", "od280/od315 of diluted wines", "proline",
)  # fmt: skip
CLASSES = ("cultivator 1", "cultivator 2", "cultivator 3")


def load_data(test_split: float = 0.2, seed: int = 113) -> Split:
    """``(x_train, y_train), (x_test, y_test)``, shuffled by `seed`; the share `test_split` is the test part.

    Shapes: x ``(samples, 13)`` (float64), see `FEATURES`; y ``(samples,)``, numbers of
    `CLASSES`.

    Source: Aeberhard & Forina (1991), *Wine*, UCI Machine Learning Repository; CC BY 4.0.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, x_test.shape
    ((142, 13), (36, 13))
    """
    return load("wine", test_split, seed)
