"""What is fuzzed: each target reads bytes as one of the readers does, and lets through all but lamina's own errors."""

import functools
import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from lamina import Input, Sequential, layers
from lamina.errors import LaminaError
from lamina.experiments.reader import read_text
from lamina.models import archive, inspection, saving
from lamina.utils.zips import zipped


@functools.cache
def seed_model() -> Sequential:
    """A small model of layers that draw, hold others, and have a vocabulary or bins."""
    model = Sequential(
        [
            Input((5,), dtype="int64"),
            layers.Embedding(4, 2, mask_zero=True),
            layers.Bidirectional(layers.GRU(2)),
            layers.Dropout(0.5),
            layers.BatchNormalization(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", "AUC"])
    return model


@functools.cache
def seed_file() -> bytes:
    """Its file."""
    return b"".join(archive.pack(*saving.contents_of(seed_model())))


@functools.cache
def members() -> dict[str, bytes]:
    """The members of its file."""
    with zipfile.ZipFile(io.BytesIO(seed_file())) as file:
        return {name: file.read(name) for name in file.namelist()}


def model_file(data: bytes) -> None:
    """The bytes as a model's file, which is looked at and then loaded."""
    contents = archive.unpack(data)
    inspection.describe(contents, "fuzzed", len(data))
    saving.model_of(contents, "fuzzed")


def model_document(data: bytes) -> None:
    """The bytes as model.json, in a file whose headers and checksums are right."""
    parts = [(name, [data if name == "model.json" else content]) for name, content in members().items()]
    model_file(b"".join(zipped(parts)))


def weights_file(data: bytes) -> None:
    """The bytes as the weights, in a file whose outer headers and checksums are right."""
    parts = [(name, [data if name == "weights.npz" else content]) for name, content in members().items()]
    archive.unpack(b"".join(zipped(parts)))


@functools.cache
def seed_keras(ending: str) -> bytes:
    """Its file in one of Keras's formats."""
    with tempfile.TemporaryDirectory() as folder:
        seed_model().save(f"{folder}/seed{ending}")
        return Path(f"{folder}/seed{ending}").read_bytes()


def keras_file(data: bytes, ending: str = ".keras") -> None:
    """The bytes as a file of Keras's."""
    with tempfile.TemporaryDirectory() as folder:
        Path(f"{folder}/fuzzed{ending}").write_bytes(data)
        saving.load_model(f"{folder}/fuzzed{ending}")


def yaml_text(data: bytes) -> None:
    """The bytes as an experiment's YAML."""
    read_text(data.decode("utf-8", "replace"))


TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], bytes]]] = {
    "model": (model_file, seed_file),
    "document": (model_document, lambda: members()["model.json"]),
    "weights": (weights_file, lambda: members()["weights.npz"]),
    "keras": (keras_file, lambda: seed_keras(".keras")),
    "h5": (lambda data: keras_file(data, ".h5"), lambda: seed_keras(".h5")),
    "yaml": (yaml_text, lambda: b"model:\n  - Dense: {units: 3}\ncompile: {optimizer: adam, loss: mse}\n"),
}


def run(target: Callable[[bytes], None], data: bytes) -> bool:
    """Whether the bytes were taken; lamina's own errors are the other answer, and there is no third."""
    try:
        target(data)
    except LaminaError:
        return False
    return True
