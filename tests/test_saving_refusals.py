"""Nothing let in: a file runs no code, reads no other file, and allocates no more than it holds.

The published ways into Keras's loading are tried one by one, by the number under which each is known.
"""

import builtins
import copy
import io
import json
import os
import socket
import subprocess
import tarfile
import tracemalloc
import zipfile

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers
from lamina.errors import ConfigError, DataError, FileError, LaminaError, OptionError, StateError
from lamina.experiments.reader import read_text
from lamina.models import archive, load_model, making, saving
from lamina.utils import get_file
from lamina.utils.zips import zipped


def model_of():
    model = Sequential([Input((4,)), layers.Dense(3, name="first"), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def changed(change):
    """The bytes of a model's file, all checksums right, whose document was changed."""
    documents, arrays = saving.contents_of(model_of())
    change(documents["model"], arrays)
    return b"".join(archive.pack(documents, arrays))


def with_layer(described):
    """A file whose model holds this layer besides."""
    return changed(lambda document, _: document["model"]["config"]["layers"].append(described))


def with_first(**arguments):
    """A file whose first layer has other arguments."""
    return changed(lambda document, _: document["model"]["config"]["layers"][1]["config"].update(arguments))


def load(data):
    return saving.model_of(archive.unpack(data), "m.lamina")


@pytest.fixture
def reached(monkeypatch):
    """What loading did outside: files opened, commands run, addresses asked for."""
    found = []

    def recording(name):
        def record(*args, **kwargs):
            found.append((name, args))
            raise OSError(name)

        return record

    monkeypatch.setattr(builtins, "open", recording("open"))
    monkeypatch.setattr(io, "open", recording("open"))
    for name in ("system", "open", "mkdir", "remove"):
        monkeypatch.setattr(os, name, recording(name))
    monkeypatch.setattr(subprocess, "Popen", recording("Popen"))
    monkeypatch.setattr(socket, "socket", recording("socket"))
    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(builtins, name, recording(name))
    return found


CODE = "4wEAAAAAAAAAAAAAAAIAAABDAAAA"  # as a marshalled function begins, in base64
CONFIGS = {
    "CVE-2024-3660 bytecode of a Lambda": {
        "class_name": "Lambda",
        "config": {"function": {"class_name": "__lambda__", "config": {"code": CODE, "defaults": None}}},
    },
    "CVE-2025-1550 any module and function": {
        "module": "os",
        "class_name": "function",
        "registered_name": "function",
        "config": "system",
    },
    "CVE-2025-1550 a class of another module": {
        "module": "subprocess",
        "class_name": "Popen",
        "config": {"args": ["true"]},
    },
    "CVE-2025-8747 the library's own get_file": {
        "module": "lamina.utils",
        "class_name": "get_file",
        "config": {"fname": "x", "origin": "http://127.0.0.1:9/x"},
    },
    "CVE-2025-8747 load_model without its guard": {
        "module": "lamina.models",
        "class_name": "load_model",
        "config": {"filepath": "other.lamina", "safe_mode": False},
    },
    "CVE-2025-9906 the guard turned off by the config": {
        "module": "keras.config",
        "class_name": "enable_unsafe_deserialization",
        "config": {},
    },
    "CVE-2025-49655 a module of Torch, pickled": {
        "module": "keras.layers",
        "class_name": "TorchModuleWrapper",
        "config": {"module": "gASVHgAAAAAAAACMBXBvc2l4lIwGc3lzdGVt"},
    },
    "CVE-2025-12058 a vocabulary that is a path": {
        "class_name": "StringLookup",
        "config": {"vocabulary": "/etc/passwd"},
    },
    "CVE-2025-12058 a vocabulary that is an address": {
        "class_name": "TextVectorization",
        "config": {"vocabulary": "http://169.254.169.254/latest"},
    },
    "CVE-2026-1462 a saved model at a path": {
        "class_name": "TFSMLayer",
        "config": {"filepath": "/tmp/saved_model", "call_endpoint": "serve"},
    },
    "CVE-2026-12481 a Lambda where the guard is None": {
        "class_name": "Lambda",
        "config": {"function": ["4wEAAAA=", None, None], "safe_mode": None},
    },
    "a class of Python's": {"class_name": "builtins.eval", "config": {"source": "1"}},
    "a class by its path": {"class_name": "lamina.layers.base.Layer", "config": {}},
    "the parent of all layers": {"class_name": "Layer", "config": {}},
}


@pytest.mark.parametrize("described", CONFIGS.values(), ids=CONFIGS)
def test_what_a_config_names_is_not_reached(described, reached):
    data = with_layer(described)
    with pytest.raises(FileError, match=r"m\.lamina"):
        load(data)
    assert not reached


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x89HDF\r\n\x1a\n" + bytes(500), id="CVE-2025-9905 an .h5, whose guard was not asked"),
        pytest.param(b"\x80\x05\x95\x1e\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.", id="a pickle"),
    ],
)
def test_other_formats_are_not_read(tmp_path, content):
    for name, said in {"m.h5": "HDF5 can't be read", "m.keras": "no .keras file", "m.lamina": "no model file"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileError, match=said):
            load_model(tmp_path / name)
        with pytest.raises(FileError, match=said):
            model_of().load_weights(tmp_path / name)


@pytest.mark.parametrize("safe_mode", [False, None, 0, "off"])
def test_there_is_no_switch(tmp_path, safe_mode):
    """CVE-2026-12481: a guard that counts None as off. Here is no guard to turn off."""
    model_of().save(tmp_path / "m.lamina")
    with pytest.raises(OptionError, match="safe_mode"):
        load_model(tmp_path / "m.lamina", safe_mode=safe_mode)


class TestSizes:
    def test_a_shape_that_is_not_stored(self):
        """CVE-2026-0897: a declared shape far larger than what is stored."""
        data = b"".join(archive.pack({}, {"weights": {"w": np.zeros(4, "float32")}}))
        for shape in (b"[4000000]", b"[4000000000,4000000000]", b"[-4]", b"[4.0]", b"[true]", b"[0,9999999999999]"):
            text = _model_json(data).replace(b"[4]", shape)
            self.costs_little(_put(data, text))

    def test_a_layer_that_is_larger_than_the_file(self):
        for units in (10**12, 10**9, 10**6, 2**63, 10**400):
            self.costs_little(with_first(units=units), "larger than the file")

    def test_a_weight_of_another_shape_than_the_model_s(self):
        with pytest.raises(FileError, match=r"'first/kernel': expected \(4, 2\), received \(4, 3\)"):
            load(with_first(units=2))

    @pytest.mark.parametrize(
        "described",
        [
            {"class_name": "Embedding", "config": {"input_dim": 10**9, "output_dim": 10**9}},
            {"class_name": "TextVectorization", "config": {"ngrams": 10**12}},
            {
                "class_name": "StringLookup",
                "config": {
                    "vocabulary": ["a"],
                    "idf_weights": [1.0],
                    "output_mode": "tf_idf",
                    "max_tokens": 10**9,
                    "pad_to_max_tokens": True,
                },
            },
        ],
        ids=lambda described: described["class_name"],
    )
    def test_a_layer_that_would_be_large(self, described):
        self.costs_little(with_layer(described))

    @pytest.mark.parametrize(
        "metric",
        [
            {"class_name": "AUC", "config": {"num_thresholds": 10**11}},
            {"class_name": "MeanIoU", "config": {"num_classes": 10**6}},
            {"class_name": "PrecisionAtRecall", "config": {"recall": 0.5, "num_thresholds": 10**11}},
        ],
        ids=lambda described: described["class_name"],
    )
    def test_a_metric_that_would_be_large(self, metric):
        self.costs_little(changed(lambda document, _: document["compile"].update(metrics=[metric])), "larger than")

    def test_a_document_nested_too_deep(self):
        deep = "[" * 10_000 + "]" * 10_000
        data = b"".join(archive.pack({"model": {"kind": "model", "model": []}}, {}))
        self.costs_little(_put(data, _model_json(data).replace(b'"model":[]', b'"model":' + deep.encode())), "deep")

    def test_a_document_of_too_many_values(self):
        data = b"".join(archive.pack({"model": {"model": []}}, {}))
        many = b'"model":[' + b"[]," * 2**21 + b"[]]"
        self.costs_little(_put(data, _model_json(data).replace(b'"model":[]', many)), "values")

    def test_very_many_layers_are_each_looked_at_a_few_times(self, monkeypatch):
        """Time grows as the file does, not as its square."""
        calls, shape_of = [], layers.ReLU.compute_output_shape
        monkeypatch.setattr(layers.ReLU, "compute_output_shape", lambda *given: calls.append(1) or shape_of(*given))
        many = [{"class_name": "ReLU", "config": {"name": f"r{number}"}} for number in range(300)]
        model = load(changed(lambda document, _: document["model"]["config"]["layers"].extend(many)))
        assert len(model.layers) == 302 and len(calls) < 3 * 300

    def test_a_list_of_too_many_layers(self):
        many = [{"class_name": "ReLU", "config": {}}] * 5_000
        with pytest.raises(FileError, match="too many layers for a file: expected at most 4096, received 5003"):
            load(changed(lambda document, _: document["model"]["config"]["layers"].extend(many)))

    def test_what_has_too_many_layers_to_be_loaded_is_not_saved(self, tmp_path, monkeypatch):
        monkeypatch.setattr(making, "MOST_LAYERS", 6)
        inner = lamina.Sequential([layers.ReLU(), layers.ReLU()])
        model = lamina.Sequential([layers.Input((2,)), inner, layers.Dense(1), layers.ReLU()])
        model.save(tmp_path / "m.lamina")
        assert len(load_model(tmp_path / "m.lamina").layers) == 3
        before = (tmp_path / "m.lamina").read_bytes()
        model.add(layers.ReLU())
        with pytest.raises(ConfigError, match="too many layers for a file: expected at most 6, received 7") as caught:
            model.save(tmp_path / "m.lamina")
        assert "keep its weights alone, by save_weights" in str(caught.value)
        assert (tmp_path / "m.lamina").read_bytes() == before

    def test_a_layer_in_the_place_of_a_model(self):
        with pytest.raises(FileError, match="expected that of a Sequential, received Flatten"):
            load(changed(lambda document, _: document.update(model={"class_name": "Flatten", "config": {}})))
        with pytest.raises(ConfigError, match="expected that of a Sequential, received Flatten"):
            lamina.models.model_from_json('{"class_name": "Flatten", "config": {}}')

    def test_a_number_of_too_many_digits(self):
        data = b"".join(archive.pack({"model": {"model": []}}, {}))
        self.costs_little(_put(data, _model_json(data).replace(b'"model":[]', b'"model":' + b"9" * 10**6)))

    def costs_little(self, data, message=None):
        tracemalloc.start()
        try:
            with pytest.raises(FileError, match=message):
                load(data)
            assert tracemalloc.get_traced_memory()[1] < 5e6 + 3 * len(data)
        finally:
            tracemalloc.stop()


def _model_json(data):
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return file.read("model.json")


def _put(data, text, rename=None):
    """The file with another model.json, all headers and checksums right."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        members = [(name, file.read(name)) for name in file.namelist()]
    members = [(name, text if name == "model.json" else content) for name, content in members]
    return b"".join(zipped([((rename or {}).get(name, name), [content]) for name, content in members]))


class TestMembers:
    """The zip: members that are paths, links, twice there, packed, or of another size than they say."""

    def test_the_helper_changes_nothing_else(self):
        data = changed(lambda *_: None)
        assert _put(data, _model_json(data)) == data

    def test_a_data_set_that_lies_in_another_file(self):
        """CVE-2026-1669: a data set whose numbers lie in another file, read into a weight."""
        data = changed(lambda *_: None)
        text = _model_json(data).replace(b'{"dtype":"float32",', b'{"external":"/etc/passwd","dtype":"float32",', 1)
        with pytest.raises(FileError, match="does not say what is in the file"):
            load(_put(data, text))

    @pytest.mark.parametrize("name", ["../weights.npz", "/etc/weights.npz", "weights.pkl", "WEIGHTS.npz", "model.json"])
    def test_a_member_of_another_name(self, name):
        data = changed(lambda *_: None)
        with pytest.raises(FileError, match="header of weights.npz is damaged|cut short|longer than"):
            load(_put(data, _model_json(data), {"weights.npz": name}))

    @pytest.mark.parametrize("field", ["mode", "flags", "extra", "comment", "twice", "deflated", "zip64"])
    def test_what_other_zips_have(self, field):
        data, out = changed(lambda *_: None), io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(out, "w") as other:
            for name in file.namelist():
                info = zipfile.ZipInfo(name)  # the date is that of 1980
                info.external_attr = (0o120777 if field == "mode" else 0o100644) << 16  # a symbolic link
                info.create_version = info.extract_version = 10
                info.extra = b"\x99\x99\0\0" if field == "extra" else b""
                info.compress_type = zipfile.ZIP_DEFLATED if field == "deflated" else zipfile.ZIP_STORED
                with other.open(info, "w", force_zip64=field == "zip64") as member:
                    member.write(file.read(name))
                if field == "twice":
                    with pytest.warns(UserWarning, match="Duplicate name"):
                        other.writestr(info, file.read(name))
            other.comment = b"x" if field == "comment" else b""
        raw = bytearray(out.getvalue())
        if field == "flags":
            raw[6] |= 1  # encrypted
        with pytest.raises(FileError):
            load(bytes(raw))

    def test_a_layer_s_name_is_no_path(self, tmp_path):
        """CVE-2026-12479: a layer's name ``../`` that becomes a path."""
        names = ("../../evil", "/etc/evil", "..", "a/../b", "C:\\evil", "nul\0", "\udc80")
        model = Sequential([Input((4,)), *(layers.Dense(2, name=name) for name in names)])
        folder = tmp_path / "in" / "here"
        folder.mkdir(parents=True)
        model.save(folder / "m.lamina")
        other = load_model(folder / "m.lamina")
        assert [layer.name for layer in other.layers] == list(names)
        assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == [
            "in",
            "in/here",
            "in/here/m.lamina",
        ]
        with zipfile.ZipFile(folder / "m.lamina") as file:
            inside = zipfile.ZipFile(io.BytesIO(file.read("weights.npz"))).namelist()
        assert not [name for name in inside if ".." in name or name.startswith("/") or "\\" in name]


class TestDocuments:
    """model.json: with every checksum right, nothing but lamina's own errors comes out."""

    @pytest.mark.parametrize(
        "change",
        [
            lambda document: document.clear(),
            lambda document: document.update(model=None),
            lambda document: document.update(model=[1]),
            lambda document: document["model"].update(class_name=["Dense"]),
            lambda document: document["model"].update(class_name="Dense", config={"units": 3}),
            lambda document: document["model"]["config"].update(layers={"a": 1}),
            lambda document: document["model"]["config"].update(layers=[3]),
            lambda document: document["model"]["config"]["layers"][1].update(config=[1]),
            lambda document: document["model"]["config"]["layers"][1]["config"].update(unit=3),
            lambda document: document["model"]["config"]["layers"][1]["config"].update(units="3"),
            lambda document: document["model"]["config"]["layers"][1]["config"].update(activation=7),
            lambda document: document["model"]["config"]["layers"][1]["config"].pop("units"),
            lambda document: document["model"]["config"]["layers"][0]["config"].update(batch_shape="abc"),
            lambda document: document["model"]["config"]["layers"].append(copy.deepcopy(document["model"])),
            lambda document: document.update(frozen=7),
            lambda document: document["compile"].clear(),
            lambda document: document.pop("frozen"),
            lambda document: document["compile"].update(optimizer="nothing"),
            lambda document: document["compile"].update(optimizer={"class_name": "Dense", "config": {"units": 2}}),
            lambda document: document["compile"].update(met=["first/kernel"]),
            lambda document: document["compile"].update(met=["none"]),
            lambda document: document["compile"].update(loss=[[1]]),
            lambda document: document["compile"].update(metrics=[{"class_name": "Accuracy"}, 3]),
            lambda document: document["compile"].update(self=1),
        ],
    )
    def test_a_wrong_one_is_refused(self, change):
        with pytest.raises(FileError, match=r"m\.lamina"):
            load(changed(lambda document, _: change(document)))

    def test_one_that_says_nothing_of_compile(self):
        """Found by atheris: a KeyError came out."""
        assert not load(changed(lambda document, _: document.pop("compile"))).compiled

    def test_arrays_that_are_missing_or_too_many(self):
        for change in (
            lambda arrays: arrays["weights"].popitem(),
            lambda arrays: arrays["weights"].update(more=np.zeros(2)),
            lambda arrays: arrays.pop("weights"),
            lambda arrays: arrays.pop("optimizer"),
            lambda arrays: arrays["optimizer"].popitem(),
            lambda arrays: arrays["optimizer"].update({"momentum/0": np.zeros(2)}),
            lambda arrays: arrays.pop("state"),
            lambda arrays: arrays["state"].update(generator=np.zeros(2, "uint64")),
            lambda arrays: arrays["weights"].update({"first/kernel": np.zeros((4, 3), "int32")}),
        ):
            with pytest.raises(FileError, match=r"m\.lamina"):
                load(changed(lambda _, arrays, change=change: change(arrays)))

    @pytest.mark.parametrize("text", [b"[]", b"null", b'"x"', b"{", b'{"a":1,"a":1}', b"\xff", b"{}", b"{]"])
    def test_no_document_at_all(self, text):
        with pytest.raises(FileError):
            load(b"".join(zipped([("model.json", [text])])))

    def test_a_class_of_another_kind(self):
        """A registered class that is no layer is not made where a layer should stand."""
        made = []

        class Loud:
            @classmethod
            def from_config(cls, config):
                made.append(config)

        with lamina.saving.custom_object_scope({"Loud": Loud}), pytest.raises(FileError, match="'Loud' is no layer"):
            load(with_layer({"class_name": "Loud", "config": {}}))
        assert not made

    def test_the_old_model_is_as_it_was(self, tmp_path):
        model = model_of()
        before = model.get_weights()
        model.save_weights(tmp_path / "m.weights.lamina")
        data = (tmp_path / "m.weights.lamina").read_bytes()
        for place in range(0, len(data), 7):
            (tmp_path / "m.weights.lamina").write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
            with pytest.raises(FileError):
                model.load_weights(tmp_path / "m.weights.lamina")
        assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


class TestBackups:
    """The state of a run: it sets what a run changes, and no name of a file."""

    @pytest.mark.parametrize(
        "callback", [lamina.callbacks.CSVLogger("a.csv"), lamina.callbacks.ModelCheckpoint("a.lamina")], ids=repr
    )
    def test_a_callback_s_file_stays_its_own(self, callback):
        name = next(name for name in ("filename", "filepath") if hasattr(callback, name))
        assert name not in callback.get_state()
        with pytest.raises(StateError, match=name):
            callback.set_state({name: "/etc/passwd"})
        assert getattr(callback, name).startswith("a.")

    @pytest.mark.parametrize("name", ["units", "name", "forward", "__class__", "_weights", "new"])
    def test_a_layer_s_arguments_stay_its_own(self, name):
        with pytest.raises(StateError):
            layers.Dropout(0.5).set_state({name: "x"})


# -- files that are fetched, and YAML
def _tar(path, name, kind=tarfile.REGTYPE):
    with tarfile.open(path, "w") as file:
        member = tarfile.TarInfo(name)
        member.type, member.linkname, member.size = kind, "/etc", 4 if kind == tarfile.REGTYPE else 0
        file.addfile(member, io.BytesIO(b"evil") if member.size else None)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("../evil", tarfile.REGTYPE, id="CVE-2025-12060 a member outside of the folder"),
        pytest.param("/tmp/lamina-evil", tarfile.REGTYPE, id="CVE-2025-12638 a member with a path from the root"),
        pytest.param("cwd/evil", tarfile.REGTYPE, id="GHSA-hqp4-2352-xf5r inside the working directory only"),
        pytest.param("evil", tarfile.SYMTYPE, id="a symbolic link"),
        pytest.param("evil", tarfile.LNKTYPE, id="a hard link"),
    ],
)
def test_a_fetched_archive_stays_in_its_folder(tmp_path, monkeypatch, name, kind):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    if name == "cwd/evil":
        name = f"{'../' * 8}{here.relative_to('/')}/evil"
    _tar(tmp_path / "x.tar", name, kind)
    with pytest.raises(DataError):
        get_file("x.tar", (tmp_path / "x.tar").as_uri(), extract=True, cache_dir=tmp_path / "cache")
    assert not list(here.iterdir())
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/b"])
def test_a_fetched_file_overwrites_nothing(tmp_path, name):
    """CVE-2024-55459: a file that is fetched to, or unpacked over, another place."""
    (tmp_path / "x").write_bytes(b"evil")
    with pytest.raises(OptionError, match="name of a file"):
        get_file(name, (tmp_path / "x").as_uri(), cache_dir=tmp_path / "cache")


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/new:os.system [true]",
        "!!python/object/apply:subprocess.Popen [[true]]",
        "model: !!python/name:builtins.eval ''",
        "{model: !!python/module:os ''}",
        "!lamina/Layer {}",
        "a: !!binary aGk=",
        "a: !!str 5",
        "a: !!float 1",
        "a: ! 5",
        "a: !!seq []",
        "!!map {}",
        "!!str k: 5",
    ],
)
def test_yaml_makes_no_objects(text):
    """CVE-2021-37678: a model's YAML read by a loader that makes any object."""
    with pytest.raises(ConfigError, match="tag"):
        read_text(text)


def test_a_model_of_json_is_read_as_carefully():
    for described in CONFIGS.values():
        with pytest.raises(LaminaError):
            lamina.models.model_from_json(json.dumps(described))
