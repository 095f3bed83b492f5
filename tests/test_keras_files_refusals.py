"""Keras's files that are damaged, or that somebody made to do harm: each is one error, which names the file."""

import copy
import io
import json
import random
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.errors import FileError, LaminaWarning
from lamina.models import load_model

RECORDED = Path(__file__).parent / "references" / "keras_files.zip"


def small():
    model = lamina.Sequential(
        [layers.Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2, name="out")]
    )
    model.compile("adam", "mse")
    return model


@pytest.fixture
def parts(tmp_path):
    """The members of a file, as they are when nothing is wrong."""
    small().save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def load(tmp_path):
    """Puts members into a file, and loads it."""

    def loaded(members, **options):
        with zipfile.ZipFile(tmp_path / "x.keras", "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return load_model(tmp_path / "x.keras", **options)

    return loaded


def with_config(parts, change):
    config = json.loads(parts["config.json"])
    changed = change(config)
    return parts | {"config.json": json.dumps(config if changed is None else changed).encode()}


def with_arrays(parts, change):
    buffer = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(buffer, "r+") as root:
        change(root)
    return parts | {"model.weights.h5": buffer.getvalue()}


# -- code, and classes
def layer_of(**described):
    def change(config):
        config["config"]["layers"][1] = {"module": "keras.layers", "config": {}, "registered_name": None} | described

    return change


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ({"class_name": "Lambda", "config": {"name": "trick", "function": {}}}, r"layer 'trick' \(Lambda\) is code"),
        ({"class_name": "TFSMLayer", "config": {"filepath": "/"}}, "'TFSMLayer' is nothing that lamina has"),
        ({"class_name": "popen", "module": "antigravity"}, "'popen' is nothing that lamina has"),
        ({"class_name": "Dense", "module": "antigravity", "config": {"units": 4}}, "'Dense' is nothing that lamina has"),
        ({"class_name": "Dense", "config": {"units": 4, "activation": {"class_name": "__lambda__", "config": {}}}}, "is code"),
        ({"class_name": "Dense", "config": {"units": 4, "kernel_initializer": {"class_name": "function", "config": "eval"}}}, "eval"),
        ({"class_name": "Dense", "config": {"units": 4, "dtype": "mixed_float16"}}, "expected one float type for all"),
        ({"class_name": "Dense", "config": {"units": 4, "dtype": {"class_name": "QuantizedDTypePolicy", "config": {}}}}, "one float type"),
        ({"class_name": "Dense", "config": {"units": 4, "quantization_config": {"a": 1}}}, "no argument 'quantization_config'"),
        ({"class_name": "BatchNormalization", "config": {"renorm": True}}, "no argument 'renorm'"),
        ({"class_name": "Dense", "config": {"units": 10**9}}, "larger than the file"),
        ({"class_name": "Adam", "config": {}}, "Adam"),
    ],
)  # fmt: skip
def test_what_is_no_layer_of_lamina_s(parts, load, described, message):
    with pytest.raises(FileError, match=message):
        load(with_config(parts, layer_of(**described)))
    assert "antigravity" not in sys.modules


def test_a_loss_that_is_code(parts, load):
    def change(config):
        config["compile_config"]["loss"] = {"class_name": "__lambda__", "config": {"value": ["4wAAAA==", None, None]}}

    with pytest.raises(FileError, match=r"is code(.|\n)*compile=False"):
        load(with_config(parts, change))
    assert not load(with_config(parts, change), compile=False).compiled


# -- the config's form
def leaves(value, place=()):
    yield place
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from leaves(inner, (*place, key))


@pytest.mark.parametrize(
    "other", [None, [], {}, 7, "text", {"class_name": 3}, [[1]], {"class_name": "Dense", "config": [3]}], ids=repr
)
def test_a_config_of_wrong_kinds(parts, load, other):
    """At every place of the config in turn: it loads, or it is one of lamina's errors."""
    config = json.loads(parts["config.json"])
    for place in leaves(config):
        changed = copy.deepcopy(config)
        if not place:
            changed = other
        else:
            within = changed
            for key in place[:-1]:
                within = within[key]
            within[place[-1]] = other
        try:
            load(parts | {"config.json": json.dumps(changed).encode()})
        except FileError as error:
            assert "x.keras" in str(error)
        except LaminaWarning:
            pass


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[" * 100_000, "nested too deep|values"),
        (b"{" + b'"a":1,' * 2**20 + b'"b":1}', "at most"),
        (b'{"a": 1, "a": 2}', "a key stands twice"),
        (b"\xff\xfe", "can't be read"),
        (b"", "can't be read"),
        (b'{"class_name": "Functional", "config": {"layers": [{"class_name": "Dense"}]}}', "does not describe a model"),
    ],
    ids=["deep", "long", "twice", "no text", "empty", "graph"],
)
def test_json_that_is_none_or_too_much(parts, load, text, message):
    with pytest.raises(FileError, match=message):
        load(parts | {"config.json": text})


# -- the zip
def test_members_are_few_and_known(parts, load, tmp_path):
    for name in ("config.json", "model.weights.h5"):
        with pytest.raises(FileError, match=f"expected {name} in it"):
            load({key: data for key, data in parts.items() if key != name})
    load(parts | {"../../escaped.txt": b"never read", "assets/../../x/vocabulary.txt": b"a"})
    assert {path.name for path in tmp_path.iterdir()} == {"m.keras", "x.keras"}
    small().save(tmp_path / "m.lamina")
    (tmp_path / "renamed.keras").write_bytes((tmp_path / "m.lamina").read_bytes())
    with pytest.raises(FileError, match=r"it is one of lamina's: call it m\.lamina"):
        load_model(tmp_path / "renamed.keras")
    with pytest.raises(FileError, match="No such file"):
        load_model(tmp_path / "none.keras")
    with pytest.raises(FileError, match="a folder"):
        (tmp_path / "folder.h5").mkdir()
        load_model(tmp_path / "folder.h5")


def test_packed_members_and_members_twice(parts, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(FileError, match="expected stored as it is, received packed"):
        load_model(tmp_path / "x.keras")
    with zipfile.ZipFile(tmp_path / "x.keras", "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for name, data in [*parts.items(), *parts.items()]:
            archive.writestr(name, data)
    with pytest.raises(FileError, match="expected each once"):
        load_model(tmp_path / "x.keras")


# -- HDF5
KERNEL = "layers/dense/vars/0"


def replaced(make):
    def change(root):
        del root[KERNEL]
        make(root)

    return change


def external_storage(root):
    root.create_dataset(KERNEL, (3, 4), "float32", external=[("/etc/hostname", 0, 48)])


def virtual(root):
    layout = h5py.VirtualLayout((3, 4), "float32")
    layout[:] = h5py.VirtualSource("other.h5", "x", (3, 4))
    root.create_virtual_dataset(KERNEL, layout)


def ring(root):
    root["layers/dense/again"] = root["layers"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replaced(lambda root: root.__setitem__(KERNEL, h5py.SoftLink("/layers/dense_1/vars/0"))), "a SoftLink"),
        (replaced(lambda root: root.__setitem__(KERNEL, h5py.ExternalLink("/etc/x.h5", "x"))), "an? ExternalLink"),
        (replaced(external_storage), "in chunks, packed, or of other files"),
        (replaced(virtual), "in chunks, packed, or of other files"),
        (replaced(lambda root: root.create_dataset(KERNEL, (3, 4), "f4", compression="gzip")), "in chunks, packed"),
        (replaced(lambda root: root.create_dataset(KERNEL, (10**9, 10**3), "f4")), "the numbers of its shape"),
        (replaced(lambda root: root.create_dataset(KERNEL, data=["text"])), "expected numbers"),
        (replaced(lambda root: root.create_dataset(KERNEL, data=h5py.Empty("f4"))), "in chunks, packed|numbers"),
        (replaced(lambda root: root.__setitem__(KERNEL, np.dtype("f4"))), "a group or an array"),
        (replaced(lambda root: root.__setitem__(KERNEL, root["layers/dense/vars/1"])), "each object once"),
        (ring, "each object once"),
    ],
)  # fmt: skip
def test_of_hdf5_only_plain_arrays_are_read(parts, load, change, message):
    with pytest.raises(FileError, match=message):
        load(with_arrays(parts, change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replaced(lambda root: None), r"layer 'dense' \(Dense\): expected kernel \(3, 4\), bias \(4,\); in the file, .*: \(4,\)"),
        (replaced(lambda root: root.create_dataset(KERNEL, data=np.zeros((3, 5), "f4"))), r"'dense' .*\(3, 5\), \(4,\)"),
        (replaced(lambda root: root.create_dataset(KERNEL, data=np.zeros((3, 4), bool))), "kernel: expected float32, in the file bool"),
        (lambda root: root.create_dataset("layers/dense_7/vars/0", data=np.zeros(3)), "'layers/dense_7/vars' is not in the model"),
        (lambda root: root.create_dataset("layers/dense/vars/2", data=np.zeros(3)), "'dense'"),
    ],
)  # fmt: skip
def test_weights_that_are_not_the_model_s_are_told_by_layer(parts, load, change, message):
    with pytest.raises(FileError, match=message):
        load(with_arrays(parts, change))


def test_weights_of_another_model(tmp_path):
    small().save_weights(tmp_path / "m.weights.h5")
    small().save(tmp_path / "m.h5")
    other = lamina.Sequential([layers.Input((3,)), layers.Dense(5), layers.BatchNormalization(), layers.Dense(2)])
    before = other.get_weights()
    for name in ("m.weights.h5", "m.h5"):
        with pytest.raises(FileError, match=r"'dense' (.|\n)*skip_mismatch=True loads the others"):
            other.load_weights(tmp_path / name)
        for weight, kept in zip(other.get_weights(), before, strict=True):
            np.testing.assert_array_equal(weight, kept)
    with pytest.warns(LaminaWarning, match="not loaded: layer 'dense'"):
        other.load_weights(tmp_path / "m.weights.h5", skip_mismatch=True)
    with pytest.raises(FileError, match="holds no model(.|\n)*model.load_weights|no model"):
        load_model(tmp_path / "m.weights.h5")
    fewer = lamina.Sequential([layers.Input((3,)), layers.Dense(4)])
    with pytest.raises(
        FileError, match="1 layers with weights in the model, 3 in the file: dense, batch_normalization, out"
    ):
        fewer.load_weights(tmp_path / "m.h5")


def test_a_heap_that_the_hdf5_library_would_walk_for_ever(tmp_path):
    """Found by changing bytes: the free end of a heap had another size, and behind it stood zeros."""
    small().save(tmp_path / "m.h5")
    data = (tmp_path / "m.h5").read_bytes()
    heap = data.rindex(b"GCOL\1\0\0\0")
    end, place = heap + int.from_bytes(data[heap + 8 : heap + 16], "little"), heap + 16
    while int.from_bytes(data[place : place + 2], "little"):
        place += 16 + -(-int.from_bytes(data[place + 8 : place + 16], "little") // 8) * 8
    assert int.from_bytes(data[place + 8 : place + 16], "little") == end - place > 64
    for where, size, message in (
        (place, end - place - 64, "outside of its heap"),
        (place, end - place + 64, "outside of its heap"),
        (heap, 2**40, "outside of the file"),
    ):
        (tmp_path / "m.h5").write_bytes(data[: where + 8] + size.to_bytes(8, "little") + data[where + 16 :])
        with pytest.raises(FileError, match=message):
            load_model(tmp_path / "m.h5")


def test_a_list_that_may_name_one_text_many_times(tmp_path, monkeypatch):
    small().save(tmp_path / "m.h5")
    size = len((tmp_path / "m.h5").read_bytes())
    monkeypatch.setattr("lamina.models.keras_files.hdf5.MOST_TEXTS", 2 * size)
    load_model(tmp_path / "m.h5")
    monkeypatch.setattr("lamina.models.keras_files.hdf5.MOST_TEXTS", 5000)
    with pytest.raises(FileError, match="expected text of at most 5000 bytes"):
        load_model(tmp_path / "m.h5")


# -- anything at all
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["line.keras", "recurrent.h5", "recurrent.keras"])
def test_bytes_that_were_changed_or_cut(tmp_path, name):
    with zipfile.ZipFile(RECORDED) as archive:
        data = archive.read(name)
    draw = random.Random(name)
    path = tmp_path / name
    for turn in range(60):
        changed = bytearray(data)
        if turn % 4 == 0:
            del changed[draw.randrange(len(changed)) :]
        for _ in range(draw.choice((1, 1, 5, 50)) if changed else 0):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        path.write_bytes(changed)
        try:
            load_model(path)
        except FileError as error:
            assert name in str(error)
