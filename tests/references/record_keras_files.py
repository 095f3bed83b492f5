"""Record small files that Keras writes, and what its models predict: `keras_files.zip`.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_keras_files.py

For each model there are ``name.keras`` and ``name.h5``, of some ``name.weights.h5``, and ``name.npz``: x, y, and where
there is a target, the loss that `train_on_batch` gives next, and the y after it.
"""

import io
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

PATH = Path(__file__).parent / "keras_files.zip"
WORDS = np.array(["red green", "green blue blue", "red"])


def recurrent(keras, rng):
    """Layers over time, in each other; a schedule."""
    k = keras.layers
    normalization = k.Normalization()
    model = keras.Sequential(
        [
            k.Input((5, 3)),
            k.Masking(),
            k.Bidirectional(k.LSTM(2, return_sequences=True)),
            k.BatchNormalization(),
            k.TimeDistributed(k.Dense(3, activation="relu", kernel_regularizer="l2")),
            k.Bidirectional(k.GRU(2, return_sequences=True), merge_mode="sum", backward_layer=k.GRU(2, return_sequences=True, go_backwards=True)),
            k.SimpleRNN(3, return_sequences=True, recurrent_constraint="max_norm"),
            k.RNN(k.StackedRNNCells([k.GRUCell(2), k.LSTMCell(3)])),
            keras.Sequential([k.Dense(3), normalization, k.LayerNormalization()], name="inner"),
            k.Dense(1, activation=k.LeakyReLU(negative_slope=0.3), name="out"),
        ]
    )  # fmt: skip
    normalization.adapt(rng.normal(2.0, 3.0, (50, 3)))
    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 2, 0.5)
    model.compile(
        keras.optimizers.Adam(schedule), keras.losses.Huber(), metrics=["mae", keras.metrics.RootMeanSquaredError()]
    )
    return model, rng.normal(size=(6, 5, 3)), rng.normal(size=(6, 1))


def images(keras, rng):
    """Layers on images; noise, which makes training draw, so there is none."""
    k = keras.layers
    model = keras.Sequential(
        [
            k.Input((8, 8, 2)),
            k.Rescaling(0.5, 0.1),
            k.Conv2D(4, 3, activation="gelu", kernel_initializer="he_normal"),
            k.GroupNormalization(2),
            k.SeparableConv2D(4, 3, padding="same"),
            k.PReLU(shared_axes=[1, 2]),
            k.SpatialDropout2D(0.1),
            k.DepthwiseConv2D(2, depth_multiplier=2),
            k.ZeroPadding2D(((1, 0), (0, 1))),
            k.MaxPooling2D(2),
            k.UpSampling2D(2),
            k.Cropping2D(1),
            k.Conv2DTranspose(3, 2, strides=2),
            k.GaussianNoise(0.1),
            k.RMSNormalization(),
            k.GlobalAveragePooling2D(),
            k.Dropout(0.2),
            k.Dense(3, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.train_on_batch(rng.normal(size=(4, 8, 8, 2)), rng.integers(0, 3, 4))
    return model, rng.normal(size=(4, 8, 8, 2)), None


def line(keras, rng):
    """A functional model that is a line, with models within."""
    k = keras.layers
    inner = keras.Input((3,))
    inner = keras.Model(inner, k.Dense(2, activation="tanh")(inner), name="graph")
    entrance = keras.Input((4,))
    y = keras.Sequential([k.Dense(3), k.Activation("elu")])(k.Dense(3, trainable=False)(entrance))
    model = keras.Model(entrance, k.Dense(2)(inner(y)))
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True, gradient_accumulation_steps=2),
        "mse",
        weighted_metrics=["mse"],
    )
    return model, rng.normal(size=(6, 4)), rng.normal(size=(6, 2))


def words(keras, rng):
    """A vocabulary, which lies in a file of its own."""
    k = keras.layers
    texts = k.TextVectorization(ngrams=2, output_sequence_length=4)
    texts.adapt(WORDS)
    model = keras.Sequential(
        [k.Input((), dtype="string"), texts, k.Embedding(12, 3, mask_zero=True), k.GRU(2), k.Dense(1)]
    )
    model.compile(keras.optimizers.Adagrad(0.1), "binary_crossentropy")
    return model, WORDS, None


def terms(keras, rng):
    """Weights of terms."""
    k = keras.layers
    lookup = k.StringLookup(output_mode="tf_idf")
    lookup.adapt(np.array([["a", "b"], ["b", "c"]]))
    return (
        keras.Sequential([k.Input((2,), dtype="string"), lookup, k.Dense(2)]),
        np.array([["a", "d"], ["b", "c"]]),
        None,
    )


def branched(keras, rng):
    """A model that is no line: there is nothing like it here."""
    entrance = keras.Input((4,), name="entrance")
    y = keras.layers.Dense(4, name="side")(entrance)
    return (
        keras.Model(entrance, keras.layers.Add(name="sum")([entrance, y]), name="branched"),
        rng.normal(size=(2, 4)),
        None,
    )


MODELS = (recurrent, images, line, words, terms, branched)


def main() -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras

    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(PATH, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out,
    ):
        for make in MODELS:
            keras.utils.set_random_seed(0)
            name, rng = make.__name__, np.random.default_rng(0)
            model, x, target = make(keras, rng)
            given = keras.ops.convert_to_tensor(x) if x.dtype.kind == "U" else x.astype("float32")
            if target is not None:
                for _ in range(3):
                    model.train_on_batch(given, target)
            arrays = {"x": x, "y": np.asarray(model(given))}
            names = [f"{name}.keras"]
            if make not in (words, terms):
                names += [f"{name}.h5"] * (make is not branched) + [f"{name}.weights.h5"] * (make is recurrent)
            for file in names:
                model.save_weights(f"{folder}/{file}") if ".weights." in file else model.save(f"{folder}/{file}")
                out.write(f"{folder}/{file}", file)
            if target is not None:
                model.reset_metrics()
                arrays["loss"] = np.ravel(model.train_on_batch(given, target))[0]
                arrays |= {"target": target, "after": np.asarray(model(given))}
            buffer = io.BytesIO()
            np.savez(buffer, **arrays)
            out.writestr(f"{name}.npz", buffer.getvalue())
    print(f"{PATH.name}: {len(MODELS)} models, {PATH.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
