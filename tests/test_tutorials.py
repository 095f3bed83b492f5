"""Whole scripts written for Keras, nothing changed but their import lines, trained for some steps.

All of them run on Keras 3.15 itself as they stand here, given `rng` and `patterns`.
"""

import numpy as np
import pytest

import lamina

IMPORTS = {  # what the scripts import, and what takes its place
    "import tensorflow as tf": "import lamina as tf; tf.keras = tf",
    "import keras": "import lamina as keras",
    "from keras import": "from lamina import",
    "from tensorflow import keras": "import lamina as keras",
    "from tensorflow.keras import": "from lamina import",
    "from tensorflow.keras.models import": "from lamina.models import",
    "from tensorflow.keras.layers import": "from lamina.layers import",
    "from tensorflow.keras.utils import": "from lamina.utils import",
}
SCRIPTS = {
    "regression on one column": """
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

horsepower = rng.uniform(50, 200, 80)
labels = 40 - 0.15 * horsepower + rng.normal(size=80)

horsepower_normalizer = layers.Normalization(input_shape=[1,], axis=None)
horsepower_normalizer.adapt(horsepower)
horsepower_model = tf.keras.Sequential([
    horsepower_normalizer,
    layers.Dense(units=1)
])
horsepower_model.predict(horsepower[:10])
horsepower_model.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=0.1),
    loss='mean_absolute_error')
history = horsepower_model.fit(horsepower, labels, epochs=5, validation_split=0.2)
assert horsepower_model.predict(horsepower).shape == (80, 1)
assert horsepower_model.evaluate(horsepower, labels, verbose=0) > 0
""",
    "images in colour": """
from tensorflow.keras import layers, models, losses

height, width, channels = 32, 32, 3
train_images, train_labels = patterns((60, height, width, channels), 10)
test_images, test_labels = train_images[:20], train_labels[:20]
train_images, test_images = train_images / 255.0, test_images / 255.0

model = models.Sequential()
model.add(layers.Conv2D(32, (3, 3), activation='relu', input_shape=(height, width, channels)))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(64, (3, 3), activation='relu'))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(64, (3, 3), activation='relu'))
model.summary()
model.add(layers.Flatten())
model.add(layers.Dense(64, activation='relu'))
model.add(layers.Dense(10))
model.summary()
model.compile(optimizer='adam',
              loss=losses.SparseCategoricalCrossentropy(from_logits=True),
              metrics=['accuracy'])
history = model.fit(train_images, train_labels, epochs=4,
                    validation_data=(test_images, test_labels))
test_loss, test_acc = model.evaluate(test_images, test_labels, verbose=2)
assert model.output_shape == (None, 10) and model.count_params() == 122570
assert sorted(history.history) == ['accuracy', 'loss', 'val_accuracy', 'val_loss']
assert test_loss == history.history['val_loss'][-1]
""",
    "digits with dropout": """
import numpy as np
import keras
from keras import layers

num_classes = 10
input_shape = (28, 28, 1)
x_train, y_train = patterns((80, 28, 28), num_classes)
x_train = np.expand_dims(x_train.astype("float32") / 255, -1)
y_train = keras.utils.to_categorical(y_train, num_classes)
model = keras.Sequential(
    [
        keras.Input(shape=input_shape),
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(num_classes, activation="softmax"),
    ]
)
model.summary()
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(x_train, y_train, batch_size=16, epochs=5, validation_split=0.1)
score = model.evaluate(x_train, y_train, verbose=0)
assert model.count_params() == 34826 and score[1] > 0.3
""",
    "a convnet with normalisation": """
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import (Activation, BatchNormalization, Conv2D, Dense, Dropout, Flatten,
                                     GlobalAveragePooling2D, MaxPooling2D, SeparableConv2D)

x, y = patterns((40, 20, 20, 3), 4)
model = Sequential([
    Conv2D(16, 3, strides=2, padding='same', use_bias=False, input_shape=(20, 20, 3)),
    BatchNormalization(),
    Activation('relu'),
    SeparableConv2D(32, 3, padding='same'),
    BatchNormalization(),
    Activation('relu'),
    MaxPooling2D(3, strides=2, padding='same'),
    Dropout(0.25),
    GlobalAveragePooling2D(),
    Dense(4, activation='softmax'),
])
model.compile('rmsprop', 'sparse_categorical_crossentropy', metrics=['accuracy'])
history = model.fit(x / 255.0, y, batch_size=8, epochs=4)
""",
    "sequences of numbers": """
import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import LSTM, Dense, Dropout

time_steps, input_features = 12, 3
X = rng.normal(size=(64, time_steps, input_features))
y = X[:, -3:, 0].sum(axis=1)
model = Sequential()
model.add(LSTM(64, return_sequences=True, input_shape=(time_steps, input_features)))
model.add(Dropout(0.1))
model.add(LSTM(32))
model.add(Dense(1))
model.compile(loss='mean_squared_error', optimizer='adam')
history = model.fit(X, y, epochs=6, batch_size=16, verbose=2)
prediction = model.predict(X[:5])
assert prediction.shape == (5, 1) and model.count_params() == 29857
""",
    "a forecast from windows": """
import numpy as np
import tensorflow as tf
from tensorflow import keras

series = np.sin(np.arange(300) / 8)[:, None] + 0.1 * rng.normal(size=(300, 1))
dataset_train = keras.utils.timeseries_dataset_from_array(
    series[:-6], series[6:], sequence_length=6, sampling_rate=1, batch_size=32)
dataset_val = keras.utils.timeseries_dataset_from_array(
    series[200:-6], series[206:], sequence_length=6, batch_size=32)
for batch in dataset_train:
    inputs, targets = batch
    break
inputs = tf.keras.layers.Input(shape=(inputs.shape[1], inputs.shape[2]))
model = tf.keras.Sequential([inputs, tf.keras.layers.LSTM(32), tf.keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.005), loss="mse")
es_callback = keras.callbacks.EarlyStopping(monitor="val_loss", min_delta=0, patience=5, restore_best_weights=True)
history = model.fit(dataset_train, epochs=6, validation_data=dataset_val, callbacks=[es_callback])
assert model.predict(dataset_val).shape[1] == 1
""",
    "reviews read both ways": """
import numpy as np
import keras
from keras import layers

max_features, maxlen = 50, 12
lists = [rng.integers(1, max_features, size=rng.integers(3, 20)).tolist() for _ in range(60)]
y_train = np.array([int(7 in words or 9 in words) for words in lists])
x_train = keras.utils.pad_sequences(lists, maxlen=maxlen)
model = keras.Sequential([
    layers.Embedding(max_features, 16, mask_zero=True),
    layers.Bidirectional(layers.LSTM(16, return_sequences=True)),
    layers.Bidirectional(layers.LSTM(16)),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(x_train, y_train, batch_size=16, epochs=5, validation_data=(x_train, y_train))
model.summary()
assert model.count_params() == 50 * 16 + 4224 + 6272 + 33
""",
    "texts with a convolution": """
import numpy as np
import keras
from keras import layers

texts = np.array(["a fine and moving film", "dull from start to end", "moving and fine", "a dull dull film"] * 8)
labels = np.array([1, 0, 1, 0] * 8)
vectorize_layer = layers.TextVectorization(max_tokens=40, output_mode="int", output_sequence_length=12)
vectorize_layer.adapt(texts)
x_train = vectorize_layer(texts)
model = keras.Sequential([
    keras.Input(shape=(12,), dtype="int64"),
    layers.Embedding(40, 8),
    layers.Dropout(0.2),
    layers.Conv1D(16, 4, padding="valid", activation="relu", strides=3),
    layers.GlobalMaxPooling1D(),
    layers.Dense(16, activation="relu"),
    layers.Dropout(0.2),
    layers.Dense(1, activation="sigmoid", name="predictions"),
])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(x_train, labels, epochs=5, batch_size=8)
assert vectorize_layer.get_vocabulary()[:2] == ["", "[UNK]"]
""",
    "recurrent layers of each kind": """
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

model = keras.Sequential()
model.add(layers.Embedding(input_dim=100, output_dim=8))
model.add(layers.GRU(16, return_sequences=True))
model.add(layers.SimpleRNN(12))
model.add(layers.Dense(10))
x, y = rng.integers(0, 100, (32, 9)), rng.integers(0, 10, 32)
model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="sgd", metrics=["accuracy"])
history = model.fit(x, y, batch_size=8, epochs=3)
model.summary()

paragraph1, paragraph2 = rng.normal(size=(2, 4, 5, 6)).astype(np.float32)
lstm_layer = layers.LSTM(7, stateful=True)
output = lstm_layer(paragraph1)
output = lstm_layer(paragraph2)
lstm_layer.reset_states()
assert np.abs(lstm_layer(paragraph2) - output).max() > 1e-4

encoder = layers.LSTM(7, return_state=True)
encoder_output, state_h, state_c = encoder(paragraph1)
decoder_output = layers.LSTM(7)(paragraph2, initial_state=[state_h, state_c])
rnn = layers.RNN([layers.LSTMCell(3) for _ in range(2)])
assert decoder_output.shape == (4, 7) and rnn(paragraph1).shape == (4, 3)
""",
    "images made from noise and back": """
import keras
from keras import layers

latent_dim = 16
generator = keras.Sequential([
    layers.Input(shape=(latent_dim,)),
    layers.Dense(5 * 5 * 8, use_bias=False),
    layers.BatchNormalization(),
    layers.LeakyReLU(),
    layers.Reshape((5, 5, 8)),
    layers.Conv2DTranspose(8, (5, 5), strides=(1, 1), padding="same", use_bias=False),
    layers.LeakyReLU(negative_slope=0.2),
    layers.UpSampling2D(2, interpolation="bilinear"),
    layers.Conv2DTranspose(1, (4, 4), strides=(2, 2), padding="same", activation="tanh"),
], name="generator")
images = generator.predict(rng.normal(size=(24, latent_dim)))
assert images.shape == (24, 20, 20, 1)

autoencoder = keras.Sequential([
    keras.Input((20, 20, 1)),
    layers.Conv2D(8, (3, 3), activation="relu", padding="same"),
    layers.MaxPooling2D((2, 2), padding="same"),
    layers.Conv2DTranspose(8, (3, 3), strides=2, activation="relu", padding="same"),
    layers.Conv2D(1, (3, 3), activation="sigmoid", padding="same"),
])
autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
history = autoencoder.fit(images > 0, images > 0, epochs=5, batch_size=8, shuffle=True)
""",
}


def patterns(shape, classes):
    """Images of whole numbers from 0 to 255, each class a pattern of its own with noise upon it."""
    rng = np.random.default_rng(1)
    labels = np.arange(shape[0]) % classes
    images = rng.integers(0, 200, (classes, *shape[1:]))[labels] + rng.integers(0, 56, shape)
    return images.astype("uint8"), labels[:, None] if len(shape) == 4 else labels


def changed(script):
    """The script with its import lines changed, and not a line besides."""
    lines = script.splitlines()
    for number, line in enumerate(lines):
        for old, new in IMPORTS.items():
            if line.startswith(old):
                lines[number] = line.replace(old, new, 1)
    return "\n".join(lines)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_for_keras_runs(name, capsys):
    script = changed(SCRIPTS[name])
    assert "lamina" in script and "tensorflow" not in script and "import keras" not in script
    lamina.utils.set_random_seed(1)
    found = {"rng": np.random.default_rng(0), "patterns": patterns}
    exec(compile(script, name, "exec"), found)
    losses = found["history"].history["loss"]
    assert np.isfinite(losses).all() and losses[-1] < losses[0]
    assert "Epoch" in capsys.readouterr().out
