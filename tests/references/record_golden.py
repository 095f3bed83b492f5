"""Write the golden file of the format that stands: run it once for each format, and never again for an old one.

    python tests/references/record_golden.py

`golden/format-N.lamina` is a model in the middle of its training, `golden/format-N.npz` what it predicts, and what its
training goes on to. Every later lamina has to load it, and to find these numbers.
"""

from pathlib import Path

import numpy as np

import lamina
from lamina import Input, Sequential, layers, optimizers, regularizers
from lamina.models.archive_table import FORMAT

FOLDER = Path(__file__).parent / "golden"
WORDS = np.array(["the", "a", "cat", "dog", "bird", "sat", "ran", "sang", "off", "far", "away", "home"])


def texts() -> tuple[np.ndarray, np.ndarray]:
    """Sentences ``(48, 1)``, and which of three animals comes first in each."""
    rng = np.random.default_rng(11)
    rows = [[*rng.choice(WORDS, 4), *rng.choice(WORDS[2:5], 1), *rng.choice(WORDS, 1)] for _ in range(48)]
    y = [
        next(index for index, word in enumerate(WORDS[2:5]) if word == next(w for w in row if w in WORDS[2:5]))
        for row in rows
    ]
    return np.array([[" ".join(row)] for row in rows], dtype=object), np.array(y)


def model_for(x: np.ndarray) -> Sequential:
    """Layers with a vocabulary, that mask, draw, carry numbers along and hold others; an optimizer with everything."""
    words = layers.TextVectorization(output_sequence_length=6)
    words.adapt(x)
    model = Sequential(
        [
            Input((1,), dtype="string"),
            words,
            layers.Embedding(words.vocabulary_size(), 6, mask_zero=True),
            layers.Bidirectional(layers.LSTM(5, return_sequences=True, recurrent_dropout=0.1)),
            layers.GRU(4),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(3, activation="softmax", kernel_regularizer=regularizers.L2(1e-3), name="last"),
        ],
        name="golden",
    )
    rate = optimizers.schedules.ExponentialDecay(0.02, 6, 0.9)
    model.compile(
        optimizers.AdamW(rate, weight_decay=0.01, clipnorm=1.0, use_ema=True, ema_overwrite_frequency=5),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.optimizer.exclude_from_weight_decay(var_names=["bias"])
    return model


def go_on(model: Sequential, x: np.ndarray, y: np.ndarray) -> dict[str, list[float]]:
    """Three epochs more."""
    return model.fit(x, y, epochs=3, batch_size=8, verbose=0).history


def main() -> None:
    lamina.utils.set_random_seed(7)
    x, y = texts()
    model = model_for(x)
    model.fit(x, y, epochs=2, batch_size=8, verbose=0)
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"format-{FORMAT}.lamina"
    model.save(path, overwrite=False)
    predicted = model.predict(x, verbose=0)
    history = go_on(model, x, y)
    weights = {f"weight{index}": weight.value for index, weight in enumerate(model.weights)}
    np.savez_compressed(path.with_suffix(".npz"), predicted=predicted, **history, **weights)


if __name__ == "__main__":
    main()
