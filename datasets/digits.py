"""Handwritten digits: 1,797 images of 8x8 pixels, from the UCI repository."""

from .shipped import Split, load


def load_data(test_split: float = 0.2, seed: int = 113) -> Split:
    """``(x_train, y_train), (x_test, y_test)``, shuffled by `seed`; the share `test_split` is the test part.

    Shapes: x ``(samples, 8, 8)``, whole numbers from 0 to 16 (uint8); y ``(samples,)``, the digits 0 to 9.

    Source: Alpaydin & Kaynak (1998), *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository,
    the test part, as in scikit-learn; CC BY 4.0.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, x_test.shape, int(x.max())
    ((1437, 8, 8), (360, 8, 8), 16)
    """
    return load("digits", test_split, seed)
