"""Make `datasets/data/reviews.tsv.gz` from the rated sentences of film reviews that come with vaderSentiment.

Run by hand, with scikit-learn installed, on the tab-separated file (id, mean rating from -4 to 4, text), gzipped:

    python tests/references/record_reviews.py movie_review_snippets.tsv.gz

6,000 of the sentences whose mean rating is 1.5 or more from 0 are kept, in an order drawn with seed 0: the label is 1 for a
rating above 0. Then it prints what a logistic regression on the words of each sentence reaches on the split that
`reviews.load_data()` makes: the figure that `configs/reviews_lstm.yaml` names.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[2] / "datasets" / "data" / "reviews.tsv.gz"


def main(source: str) -> None:
    with gzip.open(source, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    clear = [(float(rating) > 0, text) for _, rating, text in rows if abs(float(rating)) >= 1.5]
    order = np.random.default_rng(0).permutation(len(clear))[:6000]
    lines = "".join(f"{int(clear[row][0])}\t{clear[row][1]}\n" for row in order)
    with TARGET.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(lines.encode())
    print(f"{TARGET.name}: {len(order)} sentences, {TARGET.stat().st_size / 1000:.0f} kB")
    bag_of_words(lines)


def bag_of_words(lines: str) -> None:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    labels, texts = zip(*(line.split("\t") for line in lines.splitlines()), strict=True)
    order = np.random.default_rng(113).permutation(len(texts))
    x, y = np.array(texts, object)[order], np.array(labels)[order]
    cut = int(len(x) * 0.8)
    words = CountVectorizer(binary=True)
    model = LogisticRegression(max_iter=1000).fit(words.fit_transform(x[:cut]), y[:cut])
    print(f"bag of words, logistic regression: {model.score(words.transform(x[cut:]), y[cut:]):.4f}")


if __name__ == "__main__":
    main(sys.argv[1])
