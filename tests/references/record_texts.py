"""Record what Keras's loaders of texts and of houses make of small files in the form of the public ones.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_texts.py
"""

import os
import tempfile
from importlib import import_module
from pathlib import Path

import cases_texts as cases
import numpy as np


def flat(texts) -> tuple[np.ndarray, np.ndarray]:
    """All words in a row, and the number of words of each text."""
    return np.array([word for text in texts for word in text], int), np.array([len(text) for text in texts], int)


def main() -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras

    arrays = {"keras_version": np.array(keras.__version__)}
    with tempfile.TemporaryDirectory() as folder:

        def loader(name: str, content: dict):
            """Keras's loader, that finds this content instead of fetching."""
            path = Path(folder) / f"{name}.npz"
            np.savez(path, **content)
            module = import_module(f"keras.src.datasets.{name}")
            module.get_file = lambda *args, **options: str(path)
            return module.load_data

        imdb, reuters = loader("imdb", cases.IMDB), loader("reuters", cases.REUTERS)
        runs = [("imdb", imdb, cases.NUMBERINGS), ("reuters", reuters, cases.NUMBERINGS | cases.SPLITS)]
        for name, load, table in runs:
            for case, options in table.items():
                for part, (x, y) in zip(("train", "test"), load(**options), strict=True):
                    key = f"{name}/{case}/{part}"
                    arrays[f"{key}/words"], arrays[f"{key}/lengths"] = flat(x)
                    arrays[f"{key}/y"] = y
        houses = loader("california_housing", cases.HOUSES)
        for version in ("large", "small"):
            for part, (x, y) in zip(("train", "test"), houses(version), strict=True):
                arrays[f"houses/{version}/{part}/x"], arrays[f"houses/{version}/{part}/y"] = x[:, 0], y
    path = Path(__file__).parent / "texts.npz"
    np.savez_compressed(path, **arrays)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
