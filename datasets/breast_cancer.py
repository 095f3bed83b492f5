"""Tumours of the breast: 569 samples, malignant or benign, by thirty measurements of cell nuclei."""

from .shipped import Split, load

_OF = (
    "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry",
    "fractal dimension",
)  # fmt: skip
FEATURES = tuple(f"{statistic} {name}" for statistic in ("mean", "error of the", "worst") for name in _OF)
CLASSES = ("malignant", "benign")


def load_data(test_split: float = 0.2, seed: int = 113) -> Split:
    """``(x_train, y_train), (x_test, y_test)``, shuffled by `seed`; the share `test_split` is the test part.

    Shapes: x ``(samples, 30)`` (float64), see `FEATURES`; y ``(samples,)``, numbers of `CLASSES`.

    Source: Wolberg, Mangasarian, Street & Street (1993), *Breast Cancer Wisconsin (Diagnostic)*, UCI Machine Learning
    Repository; CC BY 4.0.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, x_test.shape
    ((455, 30), (114, 30))
    """
    return load("breast_cancer", test_split, seed)
