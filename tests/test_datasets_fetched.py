"""The loaders of the public data sets, on small files in the very formats of theirs; and on hostile ones."""

import gzip
import hashlib
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path

import cases_texts as cases
import numpy as np
import pytest

import lamina
from lamina import datasets
from lamina.datasets import plain
from lamina.errors import DataError, OptionError
from lamina.utils import DownloadError

RECORDED = np.load(Path(__file__).parent / "references" / "texts.npz")


def save_npz(path: Path, **arrays) -> Path:
    np.savez(path, **arrays)
    return path


class Python2Pickler(pickle._Pickler):
    """Writes what Python 2's pickle wrote, as CIFAR's archives and imdb.npz hold it: strings are bytes."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_string(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        self.write(b"T" + len(data).to_bytes(4, "little") + data)
        self.memoize(text)

    dispatch[bytes] = dispatch[str] = save_string


def python2(content) -> bytes:
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(content)
    return file.getvalue().replace(b"cnumpy._core.", b"cnumpy.core.")


def python3(content) -> bytes:
    return pickle.dumps(content, protocol=2)


def make_tar(path: Path, **members: bytes) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        folder = tarfile.TarInfo(next(iter(members)).split("/")[0])
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


class TestImages:
    def test_mnist(self, tmp_path):
        x, y = np.arange(3 * 784).astype("uint8").reshape(3, 28, 28), np.arange(3, dtype="uint8")
        path = save_npz(tmp_path / "m.npz", x_test=x[:1], x_train=x, y_train=y, y_test=y[:1])
        (x_train, y_train), (x_test, y_test) = datasets.mnist.load_data(path)
        np.testing.assert_array_equal(x_train, x)
        np.testing.assert_array_equal(y_train, y)
        np.testing.assert_array_equal(x_test, x[:1])
        assert x_train.dtype == y_test.dtype == np.uint8 and x_train.flags.writeable

    def test_arrays_in_other_orders(self, tmp_path):
        x = np.asfortranarray(np.arange(12.0).reshape(3, 4).astype(">f4"))
        (found,) = plain.read_arrays(save_npz(tmp_path / "m.npz", x=x), "x")
        np.testing.assert_array_equal(found, x)

    def test_fashion_mnist(self, tmp_path):
        for number, name in enumerate(datasets.fashion_mnist.FILES):
            shape = (2, 28, 28) if "idx3" in name else (2,)
            head = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
            body = np.arange(number, number + np.prod(shape)).astype("uint8")
            (tmp_path / name).write_bytes(gzip.compress(head + body.tobytes()))
        (x, y), (x_test, y_test) = datasets.fashion_mnist.load_data(tmp_path)
        assert x.shape == x_test.shape == (2, 28, 28) and y.tolist() == [1, 2] and y_test.tolist() == [3, 4]
        assert x[0, 0, 5] == 5 and x_test[0, 1, 0] == 30 and x.dtype == y.dtype == np.uint8 and x.flags.writeable

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (gzip.compress(b"hello"), "is no IDX file of bytes: expected 0, 0, 8 at its beginning"),
            (gzip.compress(b"\0\0\x08\x01\0\0\0\x05abc"), "can't be read: received ValueError"),
            (gzip.compress(b"\0\0\x08\x02" + b"\xff" * 8), "expected at most 1073741824 bytes"),
            (b"hello", "can't be read: received BadGzipFile"),
            (gzip.compress(b"\0\0\x08\x01\0\0\2\0" + bytes(range(256)) * 2)[:200], "can't be read: received EOFError"),
        ],
        ids=["no IDX", "short", "large", "no gzip", "cut off"],  # gzip puts the time into its bytes
    )
    def test_broken_idx(self, tmp_path, content, said):
        for name in datasets.fashion_mnist.FILES:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=f"train-images-idx3-ubyte.gz.*{said}"):
            datasets.fashion_mnist.load_data(tmp_path)

    def batch(self, write, first=0, **labels):
        data = np.arange(first, first + 2 * 3072).astype("uint8").reshape(2, 3072)
        content = {"data": data, "batch_label": "one", "filenames": ["a.png", "b.png"], **labels}
        return write({key.encode(): value for key, value in content.items()})

    @pytest.mark.parametrize("write", [python2, python3])
    def test_cifar10(self, tmp_path, write):
        members = {
            f"cifar-10-batches-py/{name}": self.batch(write, number, labels=[number, 9])
            for number, name in enumerate(datasets.cifar10.BATCHES)
        }
        path = make_tar(tmp_path / "c.tar.gz", **{"cifar-10-batches-py/readme.html": b"hello"}, **members)
        (x, y), (x_test, y_test) = datasets.cifar10.load_data(path)
        assert (
            x.shape == (10, 32, 32, 3) and y.ravel().tolist() == [0, 9, 1, 9, 2, 9, 3, 9, 4, 9] and y.shape == (10, 1)
        )
        assert x[0, 0, 1].tolist() == [1, 1025 % 256, 2049 % 256] and x.dtype == y.dtype == np.uint8
        assert x[2, 1, 0, 0] == 33 and y_test.tolist() == [[5], [9]] and x_test.shape == (2, 32, 32, 3)
        assert type(x) is type(x_test) is type(y_test) is np.ndarray and x_test.flags.writeable
        lamina.config.set_image_data_format("channels_first")
        np.testing.assert_array_equal(datasets.cifar10.load_data(path)[0][0], x.transpose(0, 3, 1, 2))

    def test_cifar100(self, tmp_path):
        batch = self.batch(python2, fine_labels=[99, 1], coarse_labels=[19, 0])
        path = make_tar(tmp_path / "c.tar.gz", **{f"cifar-100-python/{part}": batch for part in ("train", "test")})
        assert datasets.cifar100.load_data(path=path)[0][1].tolist() == [[99], [1]]
        assert datasets.cifar100.load_data("coarse", path)[1][1].tolist() == [[19], [0]]
        with pytest.raises(OptionError, match=r"label_mode=...\): expected one of 'fine', 'coarse', received 'medium'"):
            datasets.cifar100.load_data("medium", path)

    def test_broken_cifar(self, tmp_path, monkeypatch):
        with pytest.raises(DataError, match="d.tar.gz has no cifar-10-batches-py/data_batch_1: expected .*received"):
            datasets.cifar10.load_data(make_tar(tmp_path / "d.tar.gz", other=b""))
        batch = self.batch(python2, fine_labels=[1])  # of two images
        path = make_tar(tmp_path / "c.tar.gz", **{f"cifar-100-python/{part}": batch for part in ("train", "test")})
        with pytest.raises(DataError, match="c.tar.gz can't be read: received ValueError"):
            datasets.cifar100.load_data(path=path)
        with pytest.raises(DataError, match="c.tar.gz can't be read: received KeyError: b'coarse_labels'"):
            datasets.cifar100.load_data("coarse", path)
        monkeypatch.setattr(plain, "MOST_BYTES", 10)
        with pytest.raises(
            DataError, match=r"c.tar.gz: cifar-100-python/train: expected at most 10 bytes, received \d+"
        ):
            datasets.cifar100.load_data(path=path)
        (tmp_path / "e.tar.gz").write_bytes(path.read_bytes()[:200])
        with pytest.raises(DataError, match="e.tar.gz can't be read"):
            datasets.cifar10.load_data(tmp_path / "e.tar.gz")


def python2_npz(path: Path, arrays: dict) -> Path:
    """An .npz whose object arrays are pickled as Python 2 did."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            file = io.BytesIO()
            if array.dtype == object:
                header = {"descr": "|O", "fortran_order": False, "shape": array.shape}
                np.lib.format.write_array_header_1_0(file, header)
                file.write(python2(array))
            else:
                np.save(file, array)
            archive.writestr(f"{name}.npy", file.getvalue())
    return path


def check_texts(found, name, case):
    for part, (x, y) in zip(("train", "test"), found, strict=True):
        key = f"{name}/{case}/{part}"
        assert [len(text) for text in x] == RECORDED[f"{key}/lengths"].tolist()
        assert [word for text in x for word in text] == RECORDED[f"{key}/words"].tolist()
        np.testing.assert_array_equal(y, RECORDED[f"{key}/y"])
        assert x.dtype == object and y.dtype == np.int64 and all(type(text) is list for text in x)
        assert all(type(word) is int for text in x for word in text)


class TestTexts:
    @pytest.mark.parametrize("case", cases.NUMBERINGS)
    def test_imdb_equals_keras(self, tmp_path, case):
        path = save_npz(tmp_path / "imdb.npz", **cases.IMDB)
        check_texts(datasets.imdb.load_data(path, **cases.NUMBERINGS[case]), "imdb", case)

    def test_imdb_of_python_2(self, tmp_path):
        path = python2_npz(tmp_path / "imdb.npz", cases.IMDB)
        check_texts(datasets.imdb.load_data(path), "imdb", "plain")

    @pytest.mark.parametrize("case", cases.NUMBERINGS | cases.SPLITS)
    def test_reuters_equals_keras(self, tmp_path, case):
        path = python2_npz(tmp_path / "reuters.npz", cases.REUTERS)
        check_texts(datasets.reuters.load_data(path, **(cases.NUMBERINGS | cases.SPLITS)[case]), "reuters", case)

    def test_texts_of_one_length(self, tmp_path):
        x = np.empty(2, object)
        x[:] = [np.array([1, 2]), np.array([3, 4])]
        (found, _), _ = datasets.reuters.load_data(save_npz(tmp_path / "r.npz", x=x, y=np.arange(2)), test_split=0)
        assert sorted(found) == [[1, 4, 5], [1, 6, 2]]

    @pytest.mark.parametrize("maxlen", [1, 3])
    def test_nothing_is_short_enough(self, tmp_path, maxlen):
        path = save_npz(tmp_path / "imdb.npz", **cases.IMDB)
        said = rf"load_data\(maxlen={maxlen}\): expected texts shorter than that, received none.\nLikely mend: raise maxlen"
        with pytest.raises(DataError, match=said):
            datasets.imdb.load_data(path, maxlen=maxlen)

    def test_words(self, tmp_path):
        path = tmp_path / "words.json"
        path.write_text(json.dumps({"the": 1, "fön": 2}), "utf-8")
        for module in (datasets.imdb, datasets.reuters):
            assert module.get_word_index(path) == {"the": 1, "fön": 2}
        path.write_text("[1, 2")
        with pytest.raises(DataError, match="words.json can't be read: received JSONDecodeError"):
            datasets.imdb.get_word_index(path)
        assert datasets.reuters.get_label_names()[3:5] == ("earn", "acq") and len(datasets.reuters.LABELS) == 46


class TestHouses:
    @pytest.mark.parametrize("version", ["large", "small"])
    def test_equals_keras(self, tmp_path, version):
        path = save_npz(tmp_path / "c.npz", **cases.HOUSES)
        for part, (x, y) in zip(("train", "test"), datasets.california_housing.load_data(version, path), strict=True):
            np.testing.assert_array_equal(x[:, 0], RECORDED[f"houses/{version}/{part}/x"])
            np.testing.assert_array_equal(y, RECORDED[f"houses/{version}/{part}/y"])
            assert x.shape[1:] == (len(datasets.california_housing.FEATURES),)

    def test_refused(self):
        with pytest.raises(OptionError, match=r"version=...\): expected one of 'large', 'small', received 'medium'"):
            datasets.california_housing.load_data("medium")


LOADERS = {
    "mnist.npz": datasets.mnist.load_data,
    "train-images-idx3-ubyte.gz": datasets.fashion_mnist.load_data,
    "cifar-10-python.tar.gz": datasets.cifar10.load_data,
    "cifar-100-python.tar.gz": datasets.cifar100.load_data,
    "imdb.npz": datasets.imdb.load_data,
    "imdb_word_index.json": datasets.imdb.get_word_index,
    "reuters.npz": datasets.reuters.load_data,
    "reuters_word_index.json": datasets.reuters.get_word_index,
    "california_housing.npz": datasets.california_housing.load_data,
}


class TestFetching:
    @pytest.mark.parametrize("name", LOADERS)
    def test_no_network(self, tmp_path, monkeypatch, name):
        def refuse(address, timeout):
            raise OSError(f"no network for {address}")

        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("LAMINA_HOME", str(tmp_path / "cache"))
        monkeypatch.setattr("urllib.request.urlopen", refuse)
        with pytest.raises(DownloadError) as caught:
            LOADERS[name]()
        said = str(caught.value)
        assert said.startswith(f"can't fetch {name}: received no network for https://")
        assert f"/{name} on a machine with a network, and put it at {tmp_path / 'cache' / 'datasets'}" in said
        assert said.rstrip(".").split(" is ")[-1].isalnum() and (" its md5 is " in said) != (" its sha256 is " in said)

    def test_fetched_once_and_found_in_the_cache(self, tmp_path, monkeypatch):
        x = np.zeros((1, 28, 28), "uint8")
        content = save_npz(tmp_path / "m.npz", x_train=x, y_train=x[0, 0], x_test=x, y_test=x[0, 0]).read_bytes()
        asked = []

        def answer(address, timeout):
            asked.append(address)
            file = io.BytesIO(content)
            file.headers = {"Content-Length": str(len(content))}
            return file

        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("LAMINA_HOME", "home")
        monkeypatch.setattr("urllib.request.urlopen", answer)
        monkeypatch.setattr(datasets.mnist, "FILE", ("mnist.npz", hashlib.sha256(content).hexdigest()))
        for _ in range(2):
            assert datasets.mnist.load_data()[0][0].shape == (1, 28, 28)
        assert datasets.mnist.load_data("other name.npz")[0][0].shape == (1, 28, 28)
        assert asked == ["https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"] * 2
        assert sorted(path.name for path in Path("home/datasets").iterdir()) == ["mnist.npz", "other name.npz"]

    def test_a_path_that_leads_nowhere(self, tmp_path):
        with pytest.raises(
            DownloadError, match=r"there is no file .*m.npz.\nLikely mend: fetch https://.*/mnist.npz and"
        ):
            datasets.mnist.load_data(tmp_path / "m.npz")

    def test_a_relative_path(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        Path("words.json").write_text('{"the": 1}')
        assert datasets.imdb.get_word_index("words.json") == {"the": 1}


class Asks:
    """Pickled, it is a call."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


def array_state(*state):
    """Pickled, it is an array with this state."""
    return Asks(np._core.multiarray._reconstruct, (np.ndarray, (0,), b"b"), state)


class TestHostileFiles:
    @pytest.mark.parametrize("protocol", [2, 4])
    @pytest.mark.parametrize("function", [print, eval, np.load, np.memmap, io.open, pickle.loads])
    def test_code(self, capsys, function, protocol):
        content = pickle.dumps(Asks(function, ("code ran",)), protocol)
        with pytest.raises(DataError, match=rf"asks for code: expected plain data, received .*\.{function.__name__}"):
            plain.read_pickle(content, "evil")
        assert capsys.readouterr().out == ""

    def test_code_in_a_list_of_texts(self, tmp_path):
        x = np.empty(1, object)
        x[0] = Asks(print, ("code ran",))
        path = save_npz(tmp_path / "imdb.npz", x_train=x, y_train=[0], x_test=x, y_test=[0])
        with pytest.raises(DataError, match="a data file asks for code: expected plain data, received builtins.print"):
            datasets.imdb.load_data(path)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (array_state(1, (10**9,), np.dtype("u1"), False, b""), "broken array: expected 1000000000 items"),
            (array_state(1, (-1, -8), np.dtype("u1"), False, b"12345678"), "broken array"),
            (array_state(1, (1,), np.dtype("O"), False, b"1"), "broken array"),
            (array_state(1, (1,), np.dtype("u8"), False, [1] * 8), "broken array"),
            (array_state(1, (1,), "u8", False, b"12345678"), "evil can't be read: received AttributeError"),
            (np.zeros(1, [("a", "O")]), "unusual type"),
            (np.zeros(1, "V8"), "unusual type"),
            (Asks(np.ndarray, ((10**9,),)), "evil can't be read: received TypeError"),
            (Asks(np.dtype, ("i4,i4",)), "unusual type"),
        ],
    )
    def test_arrays_that_are_none(self, content, said):
        with pytest.raises(DataError, match=said):
            plain.read_pickle(pickle.dumps(content, 4), "evil")

    @pytest.mark.parametrize("content", [b"", b"nonsense", b"\x80\x04.", pickle.dumps([1, 2])[:-3]])
    def test_no_pickle(self, content):
        with pytest.raises(DataError, match="thing can't be read: received"):
            plain.read_pickle(content, "thing")

    @pytest.mark.parametrize("write", [python2, python3])
    def test_plain_data_is_read(self, write):
        arrays = [np.arange(6, dtype=dtype).reshape(2, 3) for dtype in ("<i2", ">i4", "<f8", "c8", "u1")]
        arrays += [np.array(["a", "bc"]), np.array([b"a"]), np.empty(0)]
        data = [1, 2.5, None, True, 2**70, (1, [2, {3: 4}])]
        found, expected = (read(write([data, *arrays])) for read in (self.read, self.trust))
        assert found[0] == expected[0] == data
        for mine, theirs in zip(found[1:], expected[1:], strict=True):
            np.testing.assert_array_equal(mine, theirs)
            assert mine.dtype == theirs.dtype

    def read(self, content):
        return plain.read_pickle(content, "good")

    def trust(self, content):
        return pickle.loads(content, encoding="bytes")

    def test_arrays_of_an_npz(self, tmp_path):
        path = save_npz(tmp_path / "m.npz", x_train=np.zeros(3))
        with pytest.raises(DataError, match=r"m.npz has no x.npy: expected x.npy"):
            plain.read_arrays(path, "x")
        path.write_bytes(b"hello")
        with pytest.raises(DataError, match="m.npz can't be read: received BadZipFile"):
            datasets.mnist.load_data(path)

    def test_a_header_that_lies(self, tmp_path):
        file = io.BytesIO()
        np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (10**9,)})
        with zipfile.ZipFile(tmp_path / "m.npz", "w") as archive:
            archive.writestr("x.npy", file.getvalue() + b"12345678")
            archive.writestr("y.npy", b"no array")
        for name in "xy":
            with pytest.raises(DataError, match=f"m.npz: {name} can't be read: received (TypeError|ValueError)"):
                plain.read_arrays(tmp_path / "m.npz", name)
