"""Make the data sets that lie inside the package, from the copies in scikit-learn and statsmodels.

Run by hand, with scikit-learn and statsmodels installed: python tests/references/record_datasets.py
Sources and licences: `datasets/data/README.md`.
"""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[2] / "datasets" / "data"


def save(name: str, **arrays: np.ndarray) -> None:
    path = FOLDER / f"{name}.npz"
    np.savez_compressed(path, **arrays)
    print(
        f"{path.name}: {path.stat().st_size / 1000:.0f} kB",
        {key: (value.shape, value.dtype) for key, value in arrays.items()},
    )


def main() -> None:
    import sklearn.datasets as sets
    import statsmodels.api as statsmodels

    digits = sets.load_digits()
    save("digits", x=digits.images.astype("uint8"), y=digits.target.astype("uint8"))
    for name in ("iris", "wine", "breast_cancer"):
        data = getattr(sets, f"load_{name}")()
        save(name, x=data.data.astype("float64"), y=data.target.astype("uint8"))
        print("  ", list(map(str, data.feature_names)), list(map(str, data.target_names)))
    diabetes = sets.load_diabetes(scaled=False)
    save("diabetes", x=diabetes.data.astype("float64"), y=diabetes.target.astype("float64"))
    print("  ", diabetes.feature_names)
    sunspots = statsmodels.datasets.sunspots.load_pandas().data
    save("sunspots", years=sunspots["YEAR"].to_numpy("int16"), counts=sunspots["SUNACTIVITY"].to_numpy("float32"))
    print("  ", statsmodels.datasets.sunspots.SOURCE, statsmodels.datasets.sunspots.COPYRIGHT)


if __name__ == "__main__":
    main()
