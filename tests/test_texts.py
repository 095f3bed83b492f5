"""Texts in files: what is found, what comes in which order, and what is refused."""

import numpy as np
import pytest

from lamina import Sequential, layers
from lamina.errors import DataError, OptionError, StateError
from lamina.utils import text_dataset_from_directory

TREE = {
    "a/1.txt": "alpha",
    "a/sub/0.TXT": "beta",
    "b/x.txt": "gamma",
    "b/x.csv": "none",
    "c/q.txt": "del\r\nta",
    ".hid/h.txt": "hidden",
    "r.txt": "root",
}
ALL = ["root", "hidden", "alpha", "beta", "gamma", "del\r\nta"]  # in the order of their paths


@pytest.fixture
def folder(tmp_path):
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    return tmp_path


def texts(folder, **options):
    return text_dataset_from_directory(folder, **({"shuffle": False, "verbose": False} | options))


@pytest.mark.parametrize(
    ("options", "names", "x", "y"),
    [
        ({}, ["a", "b", "c"], ALL[2:], np.int32([0, 0, 1, 2])),
        ({"class_names": ["b", "a"]}, ["b", "a"], ["gamma", "alpha", "beta"], np.int32([0, 1, 1])),
        ({"label_mode": "categorical"}, ["a", "b", "c"], ALL[2:], np.float32(np.eye(3)[[0, 0, 1, 2]])),
        (
            {"label_mode": "binary", "class_names": ["c", "a"]},
            ["c", "a"],
            ["del\r\nta", "alpha", "beta"],
            np.float32([[0], [1], [1]]),
        ),
        ({"labels": [5, 0, 0, 3, 3, 3]}, ["0", "3", "5"], ALL, np.int32([5, 0, 0, 3, 3, 3])),
        ({"labels": None}, None, ALL, None),
        ({"label_mode": None}, None, ALL, None),
        ({"max_length": 3, "labels": None}, None, ["roo", "hid", "alp", "bet", "gam", "del"], None),
    ],
)
def test_what_keras_finds(folder, options, names, x, y):
    found = texts(folder, **options)
    assert found.class_names == names and len(found) == 1
    batch = found[0] if y is not None else (found[0], None)
    assert batch[0].tolist() == x
    if y is not None:
        np.testing.assert_array_equal(batch[1], y)
        assert batch[1].dtype == y.dtype


def test_batches_and_single_texts(folder):
    assert [x.tolist() for x in texts(folder, labels=None, batch_size=4)] == [ALL[:4], ALL[4:]]
    x, y = texts(folder, batch_size=None)[2]
    assert (x.shape, x.item(), y) == ((), "gamma", 1)
    with pytest.raises(IndexError):
        texts(folder)[1]


def test_links_are_followed_when_asked_to(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "z.txt").write_text("far")
    (folder / "b" / "link").symlink_to(other)
    assert len(texts(folder).file_paths) == 4
    assert texts(folder, follow_links=True)[0][0].tolist() == ["alpha", "beta", "gamma", "far", "del\r\nta"]


def test_parts(folder, capsys):
    parts = texts(folder, labels=None, validation_split=0.4, subset="both", verbose=True)
    assert [part[0].tolist() for part in parts] == [ALL[:4], ALL[4:]]
    said = ["Found 6 files.", "Using 4 files for training.", "Using 2 files for validation."]
    assert capsys.readouterr().out.splitlines() == said
    texts(folder, verbose=True)
    assert capsys.readouterr().out == "Found 4 files belonging to 3 classes.\n"


def test_two_calls_with_a_seed_share_no_file(folder):
    options = {"labels": None, "shuffle": True, "seed": 3, "validation_split": 0.4}
    apart = [texts(folder, subset=part, **options) for part in ("training", "validation")]
    together = texts(folder, subset="both", **options)
    paths = [set(part.file_paths) for part in apart]
    assert not paths[0] & paths[1] and len(paths[0] | paths[1]) == 6
    assert paths == [set(part.file_paths) for part in together]
    held_out = together[1][0].tolist()
    together[1].on_epoch_end()
    assert together[1][0].tolist() == held_out


def test_a_new_order_each_epoch_with_the_labels(folder):
    orders = []
    for found in (texts(folder, shuffle=True, seed=1) for _ in range(2)):
        for _ in range(3):
            x, y = found[0]
            assert dict(zip(x, y.tolist(), strict=True)) == dict(zip(ALL[2:], [0, 0, 1, 2], strict=True))
            orders.append(x.tolist())
            found.on_epoch_end()
    assert orders[:3] == orders[3:] and len(set(map(tuple, orders))) > 1


def test_a_run_goes_on_where_it_was(folder):
    first, second = (texts(folder, shuffle=True, seed=seed) for seed in (1, 2))
    second.set_state(first.get_state())
    for found in (first, second):
        found.on_epoch_end()
    assert first[0][0].tolist() != ALL[2:] and first[0][0].tolist() == second[0][0].tolist()
    with pytest.raises(StateError, match="the state kept is of other samples"):
        texts(folder, labels=None, shuffle=True).set_state(first.get_state())


def test_a_model_learns_from_them(folder):
    words = layers.TextVectorization(output_sequence_length=2)
    data = texts(folder, batch_size=2)
    words.adapt(x for x, _ in data)
    model = Sequential([words, layers.Embedding(10, 8), layers.Flatten(), layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    losses = model.fit(data, validation_data=texts(folder), epochs=20, verbose=0).history
    assert losses["val_loss"][-1] < losses["loss"][0]
    assert model.predict(texts(folder, label_mode=None), verbose=0).shape == (6, 3)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"label_mode": "binary"}, r'label_mode="binary"\): expected two classes, received 3: .*a.*b.*c'),
        ({"label_mode": "ints"}, "label_mode=...): expected one of 'int', 'binary', 'categorical', None"),
        ({"labels": [1, 2]}, "a class number for each of the 6 files, received shape \\(2,\\), int64"),
        ({"labels": ["a"] * 6}, "a class number for each of the 6 files, received shape \\(6,\\), <U1"),
        ({"labels": "infer"}, 'labels=...): expected "inferred"'),
        ({"class_names": ["a", "zz"]}, r"class_names=...\): expected folders of \['a', 'b', 'c'\]"),
        (
            {"class_names": ["a"], "labels": None},
            r'class_names=...\): expected labels="inferred", received labels=None',
        ),
        ({"validation_split": 0.2}, "both of validation_split and subset, or none"),
        ({"subset": "training"}, "both of validation_split and subset, or none"),
        ({"subset": "test", "validation_split": 0.2}, "subset=...): expected one of 'training'"),
        ({"subset": "both", "validation_split": 1.5}, "validation_split=...): expected a number from 0 to 1"),
        (
            {"subset": "training", "validation_split": 0.2, "shuffle": True},
            "expected a seed, received none.*give both calls one seed",
        ),
        ({"batch_size": 0}, "batch_size=...): expected a whole number of 1 or more"),
        ({"max_length": 0}, "max_length=...): expected a whole number of 1 or more"),
        ({"shuffle": "yes"}, "shuffle=...): expected True or False"),
    ],
)
def test_refused(folder, options, said):
    with pytest.raises(OptionError, match=f"(?s){said.replace('...):', r'...[)]:')}"):
        texts(folder, **options)


def test_no_text_refused(tmp_path):
    (tmp_path / "a").mkdir()
    for options in ({}, {"labels": None}, {"subset": "both", "validation_split": 0.1}):
        with pytest.raises(DataError, match=r"no text: expected files in .* that end in \.txt, received 0"):
            texts(tmp_path, **options)
    with pytest.raises(FileNotFoundError):
        texts(tmp_path / "b")


def test_a_file_that_is_no_text_is_named(folder):
    (folder / "a" / "1.txt").write_bytes("käse".encode("latin-1"))
    with pytest.raises(
        DataError, match=r"a.1\.txt: expected text in UTF-8, received (?s:.*position 1.*)convert the file"
    ):
        texts(folder)[0]
