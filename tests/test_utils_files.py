"""utils.get_file, all without a network: addresses of files, and servers that are made up."""

import hashlib
import io
import os
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from lamina import utils
from lamina.errors import DataError, LaminaError, OptionError
from lamina.utils.files import cache_folder

MD5 = "5d41402abc4b2a76b9719d911017c592"  # of hello
SHA256 = hashlib.sha256(b"hello").hexdigest()


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.txt"
    path.write_text("hello")
    return path


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LAMINA_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "datasets"


def held(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class TestCache:
    def test_where(self, tmp_path, monkeypatch):
        monkeypatch.setenv("LAMINA_HOME", str(tmp_path))
        assert cache_folder() == tmp_path / "datasets" and cache_folder("a/b") == tmp_path / "a" / "b"
        assert cache_folder(cache_dir="elsewhere") == Path("elsewhere/datasets")
        monkeypatch.delenv("LAMINA_HOME")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert cache_folder() == tmp_path / ".lamina" / "datasets"

    @pytest.mark.parametrize(
        "options",
        [
            {"file_hash": MD5},
            {"file_hash": SHA256.upper()},
            {"md5_hash": MD5},
            {"file_hash": MD5, "hash_algorithm": "md5"},
        ],
    )
    def test_fetched_once(self, source, cache, options):
        path = Path(utils.get_file("a.txt", source.as_uri(), **options))
        assert path == cache / "a.txt" and path.read_text() == "hello"
        source.unlink()
        assert utils.get_file("a.txt", source.as_uri(), **options) == str(path)
        path.write_text("spoilt")
        with pytest.raises(utils.DownloadError, match="can't fetch a.txt"):
            utils.get_file("a.txt", source.as_uri(), **options)

    def test_without_a_hash(self, source, cache, tmp_path):
        path = Path(utils.get_file(origin=source.as_uri()))
        source.write_text("changed")
        assert path.name == "source.txt" and utils.get_file(origin=source.as_uri()) == str(path)
        assert path.read_text() == "hello"
        with path.open() as old:
            utils.get_file(origin=source.as_uri(), force_download=True)
            assert old.read() == "hello", "who reads it meanwhile reads a whole file"
        assert path.read_text() == "changed"
        other = utils.get_file(None, source.as_uri(), cache_subdir="x", cache_dir=tmp_path / "y")
        assert other == str(tmp_path / "y" / "x" / "source.txt")

    def test_the_rights_are_the_users(self, source, cache):
        mask = os.umask(0o022)
        try:
            assert Path(utils.get_file(origin=source.as_uri())).stat().st_mode & 0o777 == 0o644
        finally:
            os.umask(mask)


class TestFailure:
    def test_another_hash(self, source, cache):
        path = Path(utils.get_file("a.txt", source.as_uri(), file_hash=MD5))
        source.write_text("changed")
        with pytest.raises(
            utils.DownloadError, match=f"a.txt is not what it should be: expected the md5 {MD5}, received"
        ):
            utils.get_file("a.txt", source.as_uri(), file_hash=MD5, force_download=True)
        assert path.read_text() == "hello", "what was there stays"
        assert held(cache) == ["a.txt"], "nothing half-written is left"

    def test_what_to_do(self, tmp_path, cache):
        missing = (tmp_path / "none.bin").as_uri()
        with pytest.raises(utils.DownloadError) as caught:
            utils.get_file(origin=missing, file_hash=MD5)
        assert isinstance(caught.value, OSError) and isinstance(caught.value, LaminaError)
        said = str(caught.value)
        assert said.startswith("can't fetch none.bin: received ") and f"put it at {cache / 'none.bin'}" in said
        assert f"Likely mend: fetch {missing} on a machine with a network" in said and f"its md5 is {MD5}" in said
        assert held(cache) == []

    @pytest.mark.parametrize(
        ("raised", "error"),
        [(ConnectionResetError("gone"), utils.DownloadError), (KeyboardInterrupt(), KeyboardInterrupt)],
    )
    def test_interrupted(self, cache, monkeypatch, raised, error):
        class Answer(io.BytesIO):
            headers = {}

            def read(self, size=-1):
                if self.tell():
                    raise raised
                return super().read(3)

        monkeypatch.setattr("urllib.request.urlopen", lambda *args, **options: Answer(b"hello"))
        with pytest.raises(error):
            utils.get_file("a.txt", "https://example.org/a.txt")
        assert held(cache) == []

    def test_cut_off(self, cache, monkeypatch):
        answer = io.BytesIO(b"hel")
        answer.headers = {"Content-Length": "5"}
        monkeypatch.setattr("urllib.request.urlopen", lambda *args, **options: answer)
        with pytest.raises(utils.DownloadError, match="the connection broke after 3 of 5 bytes"):
            utils.get_file("a.txt", "https://example.org/a.txt")
        assert held(cache) == []

    def test_no_folder_to_write_in(self, source, tmp_path):
        with pytest.raises(utils.DownloadError, match="can't fetch a.txt: received .*source.txt"):
            utils.get_file("a.txt", source.as_uri(), cache_dir=source)

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"origin": None}, r"get_file\(origin=...\): expected an address"),
            ({"fname": "a/b"}, r"fname=...\): expected the name of a file, received 'a/b'.\n.*cache_dir"),
            ({"fname": ".."}, "the name of a file, received '..'"),
            ({"origin": "https://example.org/"}, "the name of a file, received ''"),
            ({"hash_algorithm": "crc"}, "expected one of 'auto', 'sha256', 'md5', received 'crc'"),
            ({"archive_format": "rar"}, "expected one of 'auto', 'tar', 'zip', received 'rar'"),
        ],
    )
    def test_arguments(self, cache, options, said):
        with pytest.raises(OptionError, match=said):
            utils.get_file(**({"origin": "https://example.org/a"} | options))

    def test_no_address(self, cache):
        with pytest.raises(utils.DownloadError, match="unknown url type"):
            utils.get_file("a", "nonsense")

    def test_several_at_once(self, source, cache):
        """Each writes a file of its own, and puts it in place as a whole."""
        source.write_bytes(b"hello" * 100_000)
        found = []

        def fetch():
            path = utils.get_file("a.txt", source.as_uri(), force_download=True)
            found.append(Path(path).stat().st_size)

        threads = [threading.Thread(target=fetch) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [500_000] * 8 and held(cache) == ["a.txt"]


def make_tar(path: Path, *members: tarfile.TarInfo, **files: bytes) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info in members:
            archive.addfile(info)
        for name, content in files.items():
            info = tarfile.TarInfo(name.replace("__", "/"))
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def make_zip(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("empty/", "")
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


class TestArchives:
    @pytest.mark.parametrize("make", [make_tar, make_zip])
    @pytest.mark.parametrize(
        ("options", "folder", "kept"),
        [
            ({"fname": "words.tar.gz", "extract": True}, "words_extracted", "words.tar.gz"),
            ({"fname": "words", "extract": True}, "words", "words_archive"),
            ({"extract": True}, "source.bin", "source.bin_archive"),
            ({"fname": "words.bin", "untar": True}, "words_extracted", "words.bin"),
        ],
    )
    def test_unpacked_where_keras_does(self, tmp_path, cache, make, options, folder, kept):
        source = make(tmp_path / "source.bin", deep__a=b"A", b=b"B")
        found = Path(utils.get_file(origin=source.as_uri(), **options))
        assert (
            found == cache / folder and held(found) == ["b", "deep/a"] and (found / "deep" / "a").read_bytes() == b"A"
        )
        assert sorted(path.name for path in cache.iterdir()) == sorted([folder, kept])
        assert (found / "empty").is_dir() == (make is make_zip)
        source.unlink()
        (found / "b").unlink()
        assert utils.get_file(origin=source.as_uri(), **options) == str(found) and held(found) == ["deep/a"]

    def test_unpacked_anew(self, tmp_path, cache):
        source = make_tar(tmp_path / "source.tgz", a=b"A")
        options = {"fname": "a.tgz", "origin": source.as_uri(), "extract": True, "archive_format": "tar"}
        folder = Path(utils.get_file(**options))
        make_tar(source, b=b"B")
        assert held(Path(utils.get_file(**options))) == ["a"]
        utils.get_file(**options, force_download=True)
        assert held(folder) == ["b"]
        (folder / "b").unlink()
        folder.rmdir()
        assert held(Path(utils.get_file(**options))) == ["b"], "from the archive in the cache"

    @pytest.mark.parametrize("name", ["../out", "{}/out", "a/../../out"])
    @pytest.mark.parametrize("make", [make_tar, make_zip])
    def test_nothing_lands_outside(self, tmp_path, cache, make, name):
        source = make(tmp_path / "s.bin", **{"good": b"", name.format(tmp_path): b"evil"})
        with pytest.raises(DataError, match=r"s.tgz: .*out: expected a place inside the archive's folder"):
            utils.get_file("s.tgz", source.as_uri(), extract=True)
        assert held(cache) == ["s.tgz"] and not list(tmp_path.rglob("out"))

    @pytest.mark.parametrize(
        "evil",
        [
            member("x", tarfile.SYMTYPE, "good"),
            member("x", tarfile.LNKTYPE, "good"),
            member("x", tarfile.FIFOTYPE),
        ],
        ids=["symbolic link", "hard link", "pipe"],
    )
    def test_links_are_refused(self, tmp_path, cache, evil):
        source = make_tar(tmp_path / "s.tgz", evil)
        with pytest.raises(DataError, match="s.tgz: x: expected a file or a folder, received a link or device"):
            utils.get_file("s.tgz", source.as_uri(), extract=True)
        assert held(cache) == ["s.tgz"]

    @pytest.mark.parametrize(
        ("content", "archive_format"), [(b"hello", "auto"), (b"hello", "tar"), (None, "zip"), (b"", "auto")]
    )
    def test_no_archive(self, tmp_path, cache, content, archive_format):
        source = make_tar(tmp_path / "s.tgz", a=b"A")
        if content is not None:
            source.write_bytes(content)
        with pytest.raises(DataError, match="s.tgz can't be read: received (ReadError|BadZipFile)"):
            utils.get_file("s.tgz", source.as_uri(), extract=True, archive_format=archive_format)
        assert held(cache) == ["s.tgz"] and not (cache / "s_extracted").exists()

    def test_cut_off_in_the_middle(self, tmp_path, cache):
        source = make_tar(tmp_path / "s.tgz", a=os.urandom(100_000), b=os.urandom(100_000))
        source.write_bytes(source.read_bytes()[:150_000])
        with pytest.raises(DataError, match="s.tgz can't be read"):
            utils.get_file("s.tgz", source.as_uri(), extract=True)
        assert not (cache / "s_extracted").exists()

    def test_no_room(self, tmp_path, cache, monkeypatch):
        usage = type("Usage", (), {"free": 10})
        monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
        source = make_tar(tmp_path / "s.tgz", a=b"12345678", b=b"12345678")
        with pytest.raises(DataError, match="s.tgz: b: expected room for it on the disk"):
            utils.get_file("s.tgz", source.as_uri(), extract=True)
        assert held(cache) == ["s.tgz"]
