"""Warnings name the line of the script that led to them, however deep in the library they are made."""

import inspect
import re

import numpy as np
import pytest

from lamina import Input, Sequential, callbacks, layers

X, Y = np.ones((8, 2), "float32"), np.arange(8) % 2


def model():
    made = Sequential([Input((2,)), layers.Dense(2, activation="softmax")])
    made.compile("sgd", "sparse_categorical_crossentropy")
    return made


class Odd(callbacks.Callback):
    """Has an attribute that can't be kept."""

    def __init__(self):
        self.thing = object()


def absent_class(folder):
    model().fit(X, Y, class_weight={7: 2.0}, verbose=0)


def short_generator(folder):
    model().fit(iter([(X, Y)]), steps_per_epoch=3, verbose=0)


def short_generator_evaluated(folder):
    model().evaluate(iter([(X, Y)]), steps=3, verbose=0)


def unknown_value(folder):
    model().fit(X, Y, callbacks=[callbacks.EarlyStopping("val_los", mode="min")], verbose=0)


def state_left_out(folder):
    model().fit(X, Y, callbacks=[Odd(), callbacks.BackupAndRestore(folder)], verbose=0)


def damaged_backup(folder):
    keep = callbacks.BackupAndRestore(folder, double_checkpoint=True, delete_checkpoint=False)
    made = model()
    made.fit(X, Y, epochs=2, callbacks=[keep], verbose=0)
    keep.file.write_bytes(b"nothing")
    made.fit(X, Y, epochs=3, callbacks=[keep], verbose=0)


def another_version(folder):
    from lamina import config

    keep = callbacks.BackupAndRestore(folder, delete_checkpoint=False)
    model().fit(X, Y, callbacks=[keep], verbose=0)
    version, config.VERSION = config.VERSION, "0.0.0"
    try:
        model().fit(X, Y, callbacks=[keep], verbose=0)
    finally:
        config.VERSION = version


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (absent_class, "class_weight names classes"),
        (short_generator, "ran out of data"),
        (short_generator_evaluated, "ran out of data"),
        (unknown_value, "EarlyStopping watches 'val_los'"),
        (state_left_out, "is not kept in the backup"),
        (damaged_backup, "goes on from the state before that"),
        (another_version, "the last bits may differ"),
    ],
)
def test_the_line_of_the_caller(call, message, tmp_path):
    with pytest.warns(UserWarning, match=message) as said:
        call(tmp_path)
    lines, first = inspect.getsourcelines(call)
    for warning in said:
        assert warning.filename == __file__ and re.search(r"\.(fit|evaluate)\(", lines[warning.lineno - first])
