"""Data sets: small real ones that lie inside the package, and loaders for the usual public ones.

Inside: `breast_cancer`, `diabetes`, `digits`, `iris`, `reviews`, `sunspots`, `wine`. Fetched once, and checked by their
hash: `california_housing`, `cifar10`, `cifar100`, `fashion_mnist`, `imdb`, `mnist`, `reuters`. The folder ``datasets``
in ``~/.lamina`` keeps what was fetched, or in the folder that the environment's LAMINA_HOME names.
"""

from . import (
    breast_cancer,
    california_housing,
    cifar10,
    cifar100,
    diabetes,
    digits,
    fashion_mnist,
    imdb,
    iris,
    mnist,
    reuters,
    reviews,
    sunspots,
    wine,
)

__all__ = [
    "breast_cancer",
    "california_housing",
    "cifar10",
    "cifar100",
    "diabetes",
    "digits",
    "fashion_mnist",
    "imdb",
    "iris",
    "mnist",
    "reuters",
    "reviews",
    "sunspots",
    "wine",
]


def __dir__() -> list[str]:
    return __all__
