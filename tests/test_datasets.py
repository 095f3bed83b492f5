"""The data sets that lie inside the package."""

import numpy as np
import pytest

from lamina import datasets
from lamina.datasets.shipped import FOLDER
from lamina.errors import OptionError

TABLES = [  # name, rows, shape of a row, type, classes, the sum of all numbers
    ("digits", 1797, (8, 8), "uint8", 10, 561718),
    ("iris", 150, (4,), "float64", 3, 2078.7),
    ("wine", 178, (13,), "float64", 3, 159975.295999),
    ("breast_cancer", 569, (30,), "float64", 2, 1056474.4596356),
    ("diabetes", 442, (10,), "float64", None, 276404.2336),
]


@pytest.mark.parametrize(("name", "rows", "shape", "dtype", "classes", "total"), TABLES)
class TestTables:
    def test_whole(self, name, rows, shape, dtype, classes, total):
        module = getattr(datasets, name)
        (x, y), (x_test, y_test) = module.load_data(test_split=0)
        assert x.shape == (rows, *shape) and x_test.shape == (0, *shape) and y.shape == (rows,) and y_test.shape == (0,)
        assert x.dtype == dtype and x.sum() == pytest.approx(total, rel=1e-7)
        assert len(getattr(module, "FEATURES", shape)) == (shape[0] if len(shape) == 1 else 2)
        if classes:
            assert y.dtype == np.uint8 and set(y) == set(range(classes))
            assert len(getattr(module, "CLASSES", range(10))) == classes
        else:
            assert y.dtype == np.float64 and (y.min(), y.max()) == (25, 346)

    def test_split(self, name, rows, shape, dtype, classes, total):
        load = getattr(datasets, name).load_data
        (x, y), (x_test, y_test) = load()
        assert len(x) == len(y) == int(rows * 0.8) and len(x_test) == len(y_test) == rows - len(x)
        whole = load(test_split=0)
        np.testing.assert_array_equal(np.concatenate([x, x_test]), whole[0][0])
        np.testing.assert_array_equal(np.concatenate([y, y_test]), whole[0][1])
        assert np.any(load(seed=1)[0][0] != x) and len(set(y[: rows // 3])) >= 2, "in an order drawn anew"

    def test_refused(self, name, rows, shape, dtype, classes, total):
        load = getattr(datasets, name).load_data
        with pytest.raises(OptionError, match=r"load_data\(test_split=...\): expected a number from 0 to below 1"):
            load(test_split=1)
        with pytest.raises(OptionError, match="seed: expected a whole number of 0 or more"):
            load(seed=-1)


def test_digits_are_what_they_look_like():
    (x, y), _ = datasets.digits.load_data(test_split=0)
    assert x.min() == 0 and x.max() == 16
    mean = x.mean(axis=0, where=(y == 0)[:, None, None])
    assert mean[3:5, 3:5].max() < 4 and mean[3:5, 2].min() > 10, "a zero is hollow"


class TestSunspots:
    def test_series(self):
        years, counts = datasets.sunspots.load_series()
        assert years.tolist() == list(range(1700, 2009)) and counts.shape == (309,) and counts.dtype == np.float32
        assert counts[years == 1957] == counts.max() == pytest.approx(190.2)

    def test_windows_in_the_order_of_time(self):
        counts = datasets.sunspots.load_series()[1]
        (x, y), (x_test, y_test) = datasets.sunspots.load_data(window=5)
        assert x.shape == (243, 5, 1) and y.shape == (243, 1) and x_test.shape == (61, 5, 1) and x.dtype == np.float32
        everything, targets = np.concatenate([x, x_test]), np.concatenate([y, y_test])
        for place in (0, 100, 303):
            np.testing.assert_array_equal(everything[place, :, 0], counts[place : place + 5])
            assert targets[place, 0] == counts[place + 5]
        assert datasets.sunspots.load_data(test_split=0)[1][0].shape == (0, 12, 1)

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"window": 0}, r"window=...\): expected a whole number of 1 or more, received 0"),
            ({"window": 309}, r"window=...\): expected fewer than 309 years, received 309"),
            ({"test_split": -0.1}, r"test_split=...\): expected a number from 0 to below 1, received -0.1"),
        ],
    )
    def test_refused(self, options, said):
        with pytest.raises(OptionError, match=said):
            datasets.sunspots.load_data(**options)


def test_sources_and_licences_are_named():
    text = (FOLDER / "README.md").read_text()
    rows = {line.split("`")[1]: line.split("|") for line in text.splitlines() if line.startswith("| `")}
    assert set(rows) == {path.name for path in FOLDER.iterdir()} - {"README.md"}
    assert all(len(row) == 6 and all(cell.strip() for cell in row[1:5]) for row in rows.values())
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000
