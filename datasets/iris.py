"""Irises: 150 flowers of three species, by four lengths."""

from .shipped import Split, load

FEATURES = ("sepal length", "sepal width", "petal length", "petal width")
CLASSES = ("setosa", "versicolor", "virginica")


def load_data(test_split: float = 0.2, seed: int = 113) -> Split:
    """``(x_train, y_train), (x_test, y_test)``, shuffled by `seed`; the share `test_split` is the test part.

    Shapes: x ``(samples, 4)``, centimetres (float64), see `FEATURES`; y ``(samples,)``, numbers of `CLASSES`.

    Source: Fisher (1936), *The use of multiple measurements in taxonomic problems*; UCI Machine Learning Repository;
    CC BY 4.0. As in scikit-learn, which has the paper's numbers where UCI's file differs (two flowers).

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, x_test.shape
    ((120, 4), (30, 4))
    """
    return load("iris", test_split, seed)
