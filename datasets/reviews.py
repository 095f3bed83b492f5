"""Film reviews: 6,000 sentences that people rated as clearly good or clearly bad."""

import gzip

import numpy as np

from ..utils.seeds import generator
from .shipped import FOLDER, Split, split


def load_data(test_split: float = 0.2, seed: int = 113) -> Split:
    """``(x_train, y_train), (x_test, y_test)``, shuffled by `seed`; the share `test_split` is the test part.

    Shapes: x ``(samples,)``, strings; y ``(samples,)``, 1 for a good review and 0 for a bad one.

    Source: the sentences of film reviews that come with vaderSentiment, each rated by people from -4 to 4, those with a
    mean of 1.5 or more from 0; Hutto & Gilbert, *VADER* (2014); MIT licence.

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, x_test.shape
    ((4800,), (1200,))
    """
    with gzip.open(FOLDER / "reviews.tsv.gz", "rt", encoding="utf-8") as file:
        labels, texts = zip(*(line.rstrip("\n").split("\t") for line in file), strict=True)
    order = generator(seed).permutation(len(texts))
    return split(np.array(texts, object)[order], np.array(labels, np.uint8)[order], test_split)
