"""The file itself: what goes in comes out, what is damaged is refused, and a write that fails leaves the old one."""

import io
import os
import resource
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from lamina.config import VERSION
from lamina.errors import ConfigError, FileError
from lamina.models import archive
from lamina.utils import atomic
from lamina.utils.zips import zipped

DOCUMENTS = {"model": {"config": {"units": [1, 2.5, None]}}, "training": {"epoch": 3, "loss": float("inf")}}
ARRAYS = {
    "weights": {"dense/kernel": np.arange(6, dtype="float32").reshape(2, 3), "../x": np.array(3)},
    "state": {"flags": np.array([True, False]), "none": np.zeros((0, 4)), "turned": np.arange(6.0).reshape(2, 3).T},
}


def packed(documents=DOCUMENTS, arrays=ARRAYS):
    return b"".join(archive.pack(documents, arrays))


def test_what_is_written_is_read(tmp_path):
    archive.write(tmp_path / "m.lamina", DOCUMENTS, ARRAYS)
    contents = archive.read(tmp_path / "m.lamina")
    assert contents.documents == DOCUMENTS
    assert (contents.format, contents.version) == (1, VERSION)
    for group, arrays in ARRAYS.items():
        assert list(contents.arrays[group]) == list(arrays)
        for name, array in arrays.items():
            found = contents.arrays[group][name]
            assert (found.dtype, found.shape) == (array.dtype, array.shape)
            np.testing.assert_array_equal(found, array)
            assert found.flags.writeable
    assert contents.entries["weights"]["dense/kernel"].shape == (2, 3)


def test_only_what_is_asked_for_is_read(tmp_path):
    archive.write(tmp_path / "m.lamina", DOCUMENTS, ARRAYS)
    contents = archive.read(tmp_path / "m.lamina", documents=["training"], arrays=["state"])
    assert set(contents.documents) == {"training"}
    assert set(contents.arrays) == {"state"}
    assert set(contents.entries) == {"weights", "state"}


def test_equal_contents_are_equal_bytes():
    assert packed() == packed()


def test_every_zip_reader_and_numpy_read_it():
    with zipfile.ZipFile(io.BytesIO(packed())) as file:
        assert file.namelist() == ["model.json", "training.json", "weights.npz", "state.npz"]
        assert file.testzip() is None
        weights = np.load(io.BytesIO(file.read("weights.npz")))
    assert set(weights) == {"dense/kernel", "%2E%2E/x"}
    np.testing.assert_array_equal(weights["dense/kernel"], ARRAYS["weights"]["dense/kernel"])


def test_every_flipped_byte_is_noticed():
    data = packed()
    for place in range(len(data)):
        for bits in (1, 0xFF):
            changed = bytearray(data)
            changed[place] ^= bits
            with pytest.raises(FileError):
                archive.unpack(bytes(changed))


def test_every_truncation_is_noticed():
    data = packed()
    for size in range(len(data)):
        with pytest.raises(FileError):
            archive.unpack(data[:size])
    with pytest.raises(FileError, match=f"cut short: expected {len(data)} bytes, received {len(data) - 1}"):
        archive.unpack(data[:-1])
    with pytest.raises(FileError, match="longer than what is in it"):
        archive.unpack(data + b"\0")


def test_damage_names_file_and_place(tmp_path):
    path = tmp_path / "m.lamina"
    data = bytearray(packed())
    data[data.index(ARRAYS["weights"]["dense/kernel"].tobytes())] ^= 1
    path.write_bytes(data)
    with pytest.raises(FileError, match=r"m\.lamina: weights\.npz, 'dense/kernel' is damaged"):
        archive.read(path)
    archive.read(path, arrays=["state"])  # the rest of it is whole


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"\x89HDF\r\n\x1a\n" + bytes(100), b"PK\5\6" + bytes(18)])
def test_what_is_no_model_file_is_refused(data):
    with pytest.raises(FileError, match="no model file"):
        archive.unpack(data)


def test_a_repacked_zip_is_refused():
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed())) as file, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as other:
        for name in file.namelist():
            other.writestr(name, file.read(name))
    with pytest.raises(FileError, match="header of model.json is damaged"):
        archive.unpack(data.getvalue())


def test_a_later_format_is_named():
    with pytest.raises(FileError, match=r"later lamina: expected format 1, received format 2, of lamina") as refused:
        archive.unpack(packed().replace(b'"format":1', b'"format":2').replace(*_crc(b'"format":1', b'"format":2')))
    assert "later one" in str(refused.value)


def _crc(old, new):
    """The checksum of model.json in its headers, before and after."""
    import zlib

    data = packed()
    start = data.index(b"{")
    size = int.from_bytes(data[18:22], "little")
    text = data[start : start + size]
    return tuple(zlib.crc32(t).to_bytes(4, "little") for t in (text, text.replace(old, new)))


# -- what can't be written
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "m.lamina"
    path.write_bytes(b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"m\.lamina can't be written: received No space left on device"):
        archive.write(path, DOCUMENTS, ARRAYS)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["m.lamina"]


def test_a_disk_that_fills_up_in_the_middle_leaves_the_old_file(tmp_path):
    """The system itself refuses to write more than so many bytes."""
    path = tmp_path / "m.lamina"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        with pytest.raises(FileError, match=r"m\.lamina can't be written: received File too large"):
            archive.write(path, DOCUMENTS, ARRAYS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["m.lamina"]


@pytest.mark.parametrize("said", ["Permission denied", "Read-only file system"])
def test_a_folder_that_can_not_be_written_in(tmp_path, monkeypatch, said):
    def refusing(*_):
        raise OSError(13, said)

    monkeypatch.setattr(atomic, "open", refusing, raising=False)
    with pytest.raises(FileError, match=rf"m\.lamina can't be written: received {said}"):
        archive.write(tmp_path / "m.lamina", DOCUMENTS, ARRAYS)
    assert not os.listdir(tmp_path)


def test_an_interrupt_leaves_the_old_file(tmp_path):
    path = tmp_path / "m.lamina"
    path.write_bytes(b"old")

    def interrupted():
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic.write_whole(path, interrupted())
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["m.lamina"]


def test_what_was_left_by_a_process_that_was_killed_goes_and_what_another_writes_stays(tmp_path):
    """Of three unfinished files two are held: by another process, and by a writer in this one."""
    path = tmp_path / "m.lamina"
    paused = "import pathlib, sys\nfrom lamina.utils import atomic\n"
    paused += "def wait():\n    yield b'half'; print(1, flush=True); sys.stdin.read(1); yield b'whole'\n"
    paused += f"atomic.write_whole({os.fspath(path)!r}, wait())"

    def begin():
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        other = subprocess.Popen([sys.executable, "-c", paused], **pipes)
        assert other.stdout.readline() == b"1\n"
        return other

    killed = begin()
    killed.kill()
    killed.communicate()
    (left,) = os.listdir(tmp_path)
    living = begin()
    assert left not in os.listdir(tmp_path)

    def within():
        archive.write(path, DOCUMENTS, ARRAYS)
        yield b"third"

    atomic.write_whole(path, within())
    assert path.read_bytes() == b"third"
    living.communicate(b"x")
    assert living.returncode == 0
    assert path.read_bytes() == b"halfwhole" and os.listdir(tmp_path) == ["m.lamina"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "m.lamina")
    archive.write(tmp_path / "link", DOCUMENTS, ARRAYS)
    assert (tmp_path / "link").is_symlink()
    assert archive.read(tmp_path / "m.lamina").documents == DOCUMENTS


@pytest.mark.parametrize("name", ["missing/m.lamina", "", "\0", "x" * 300])
def test_a_name_that_can_not_be_is_named(tmp_path, name):
    with pytest.raises(FileError, match="can't be written"):
        archive.write(os.path.join(tmp_path, name), DOCUMENTS, ARRAYS)
    with pytest.raises(FileError, match="can't be read"):
        archive.read(os.path.join(tmp_path, name))


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="expected a file"):
        archive.read(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("documents", "arrays", "message"),
    [
        ({"model": {"x": {1, 2}}}, {}, "plain data"),
        ({"model": {"x": "y" * 2**25}}, {}, "33554432 bytes"),
        ({"model": {"format": 1}}, {}, "says that of itself"),
        ({"notes": {}}, {}, "no such member"),
        ({}, {"notes": {}}, "no such member"),
        ({}, {"weights": {"x": np.array(["text"])}}, "array 'x' can't be written"),
        ({}, {"weights": {"x": np.array([object()])}}, "array 'x' can't be written"),
        ({}, {"weights": {"/x": np.zeros(1)}}, "parts between strokes"),
    ],
)
def test_what_can_not_stand_in_a_file_is_refused_before_it_is_written(documents, arrays, message):
    with pytest.raises(ConfigError, match=message):
        archive.pack(documents, arrays)


def test_a_file_too_large_for_the_format_is_refused():
    with pytest.raises(ConfigError, match="too much for one file"):
        zipped([("weights.npz", [bytes(2**20)] * 2**12)])
