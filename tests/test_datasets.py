"""Data sets: those inside the package, and the loaders on small files in the very formats of the public ones."""

import gzip
import io
import json
import pickle
import tarfile

import numpy as np
import pytest

import lamina
from lamina import datasets
from lamina.datasets.fetched import read_pickle
from lamina.errors import DataError, OptionError
from lamina.utils import DownloadError


class TestShipped:
    @pytest.mark.parametrize(
        ("name", "count", "shape", "classes"),
        [
            ("digits", 1797, (8, 8), 10),
            ("iris", 150, (4,), 3),
            ("wine", 178, (13,), 3),
            ("breast_cancer", 569, (30,), 2),
            ("diabetes", 442, (10,), None),
        ],
    )
    def test_whole_and_split(self, name, count, shape, classes):
        module = getattr(datasets, name)
        (x, y), (x_test, y_test) = module.load_data()
        assert len(x) + len(x_test) == len(y) + len(y_test) == count and len(x) == int(count * 0.8)
        assert x.shape[1:] == shape and np.isfinite(x).all()
        if classes:
            assert set(np.unique(y)) == set(range(classes)) == set(np.unique(y_test))
        again = module.load_data()
        np.testing.assert_array_equal(again[0][0], x)
        assert np.any(module.load_data(seed=1)[0][0] != x)
        (x, _), (x_test, _) = module.load_data(test_split=0)
        assert len(x) == count and len(x_test) == 0
        with pytest.raises(OptionError, match=r"load_data\(test_split=...\): expected a number from 0 to below 1"):
            module.load_data(test_split=1.5)
        assert len(getattr(module, "FEATURES", x[0])) == shape[0]

    def test_sunspots(self):
        years, counts = datasets.sunspots.load_series()
        assert years[0] == 1700 and years[-1] == 2008 and len(counts) == 309
        (x, y), (x_test, y_test) = datasets.sunspots.load_data(window=5)
        assert x.shape[1:] == (5, 1) and x.dtype == np.float32
        np.testing.assert_array_equal(x[0, :, 0], counts[:5])
        assert y[0, 0] == counts[5] and y_test[-1, 0] == counts[-1] and len(x) + len(x_test) == 304

    def test_sources_are_named(self):
        text = (datasets.shipped.FOLDER / "README.md").read_text()
        for path in datasets.shipped.FOLDER.glob("*.npz"):
            assert f"`{path.name}`" in text


def save_npz(path, **arrays):
    np.savez(path, allow_pickle=True, **arrays)
    return str(path)


class TestLoaders:
    def test_mnist(self, tmp_path):
        x, y = np.zeros((3, 28, 28), "uint8"), np.arange(3, dtype="uint8")
        path = save_npz(tmp_path / "mnist.npz", x_train=x, y_train=y, x_test=x[:1], y_test=y[:1])
        (x_train, y_train), (x_test, _) = datasets.mnist.load_data(path)
        assert x_train.shape == (3, 28, 28) and y_train.tolist() == [0, 1, 2] and x_test.shape == (1, 28, 28)

    def test_fashion_mnist(self, tmp_path):
        for name in datasets.fashion_mnist.FILES:
            shape = (2, 28, 28) if "idx3" in name else (2,)
            head = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
            (tmp_path / name).write_bytes(gzip.compress(head + np.arange(np.prod(shape), dtype="uint8").tobytes()))
        (x, y), (x_test, _) = datasets.fashion_mnist.load_data(str(tmp_path))
        assert x.shape == x_test.shape == (2, 28, 28) and y.tolist() == [0, 1] and x[0, 0, 5] == 5
        (tmp_path / name).write_bytes(gzip.compress(b"hello"))
        with pytest.raises(DataError, match="is no IDX file of bytes"):
            datasets.fashion_mnist.load_data(str(tmp_path))

    def archive(self, path, members):
        with tarfile.open(path, "w:gz") as archive:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return str(path)

    def batch(self, **labels):
        data = np.arange(2 * 3072).astype("uint8").reshape(2, 3072)
        return pickle.dumps({b"data": data} | {key.encode(): value for key, value in labels.items()}, protocol=2)

    def test_cifar10(self, tmp_path):
        names = [f"cifar-10-batches-py/{name}" for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")]
        path = self.archive(tmp_path / "c.tar.gz", dict.fromkeys(names, self.batch(labels=[3, 7])))
        (x, y), (x_test, y_test) = datasets.cifar10.load_data(path)
        assert x.shape == (10, 32, 32, 3) and y.shape == (10, 1) and y_test.ravel().tolist() == [3, 7]
        assert x[0, 0, 1].tolist() == [1, 1025 % 256, 2049 % 256] and x.dtype == y.dtype == np.uint8
        lamina.config.set_image_data_format("channels_first")
        assert datasets.cifar10.load_data(path)[1][0].shape == (2, 3, 32, 32) and x_test.shape == (2, 32, 32, 3)
        path = self.archive(tmp_path / "d.tar.gz", {"other": b""})
        with pytest.raises(DataError, match="has no member cifar-10-batches-py/data_batch_1"):
            datasets.cifar10.load_data(path)

    def test_cifar100(self, tmp_path):
        batch = self.batch(fine_labels=[99, 1], coarse_labels=[19, 0])
        path = self.archive(tmp_path / "c.tar.gz", {f"cifar-100-python/{part}": batch for part in ("train", "test")})
        assert datasets.cifar100.load_data(path=path)[0][1].ravel().tolist() == [99, 1]
        assert datasets.cifar100.load_data("coarse", path)[0][1].ravel().tolist() == [19, 0]
        with pytest.raises(OptionError, match="expected one of 'fine', 'coarse'"):
            datasets.cifar100.load_data("medium", path)

    def texts(self, count=6):
        texts = np.empty(count, object)
        texts[:] = [list(range(1, length + 1)) for length in range(1, count + 1)]
        return texts

    def test_imdb(self, tmp_path):
        x, y = self.texts(), np.arange(6) % 2
        path = save_npz(tmp_path / "imdb.npz", x_train=x, y_train=y, x_test=x, y_test=y)
        (x_train, y_train), _ = datasets.imdb.load_data(path)
        rng = np.random.RandomState(113)
        order = np.arange(6)
        rng.shuffle(order)
        assert [len(text) for text in x_train] == [order[i] + 2 for i in range(6)] and y_train.tolist() == (
            order % 2
        ).tolist()
        (x_train, _), _ = datasets.imdb.load_data(path, num_words=6, maxlen=5, start_char=None)
        assert all(len(text) < 5 for text in x_train) and {word for text in x_train for word in text} <= {2, 4, 5}
        (x_train, _), _ = datasets.imdb.load_data(path, num_words=6, oov_char=None, start_char=None, index_from=0)
        assert max(word for text in x_train for word in text) == 5
        with pytest.raises(DataError, match="raise maxlen"):
            datasets.imdb.load_data(path, maxlen=1)

    def test_reuters_and_words(self, tmp_path):
        path = save_npz(tmp_path / "reuters.npz", x=self.texts(10), y=np.arange(10))
        (x, y), (x_test, y_test) = datasets.reuters.load_data(path, test_split=0.3)
        assert len(x) == len(y) == 7 and sorted([*y, *y_test]) == list(range(10)) and x_test.dtype == object
        assert len(datasets.reuters.get_label_names()) == 46
        (tmp_path / "words.json").write_text(json.dumps({"the": 1}))
        assert datasets.imdb.get_word_index(str(tmp_path / "words.json")) == {"the": 1}
        assert datasets.reuters.get_word_index(str(tmp_path / "words.json")) == {"the": 1}

    def test_california_housing(self, tmp_path):
        path = save_npz(tmp_path / "c.npz", x=np.arange(8000.0).reshape(1000, 8), y=np.arange(1000.0))
        (x, y), (x_test, _) = datasets.california_housing.load_data(path=path)
        assert x.shape == (800, 8) and x_test.shape == (200, 8) and (x[:, 0] == 8 * y).all()
        assert len(datasets.california_housing.load_data("small", path, test_split=0)[0][0]) == 600
        with pytest.raises(OptionError, match="expected one of 'large', 'small'"):
            datasets.california_housing.load_data("medium", path)

    def test_no_network(self, tmp_path, monkeypatch):
        def refuse(*args, **kwargs):
            raise OSError("no network")

        monkeypatch.setenv("LAMINA_HOME", str(tmp_path))
        monkeypatch.setattr("urllib.request.urlopen", refuse)
        with pytest.raises(
            DownloadError,
            match=r"can't fetch mnist.npz: received no network.\nLikely mend: fetch https://.*mnist.npz on a machine",
        ):
            datasets.mnist.load_data()


class TestHostileFiles:
    def test_a_pickle_that_asks_for_code(self, tmp_path):
        class Evil:
            def __reduce__(self):
                return (print, ("code ran",))

        with pytest.raises(DataError, match="a data file asks for code: expected plain data, received builtins.print"):
            read_pickle(pickle.dumps(Evil()), "evil")
        x = np.empty(1, object)
        x[0] = Evil()
        path = save_npz(tmp_path / "imdb.npz", x_train=x, y_train=[0], x_test=x, y_test=[0])
        with pytest.raises(DataError, match="asks for code"):
            datasets.imdb.load_data(path)

    def test_a_broken_pickle(self):
        with pytest.raises(DataError, match="thing can't be read"):
            read_pickle(b"nonsense", "thing")
