"""Losses: what they refuse, when, and in which words."""

import cases_losses as cases
import numpy as np
import pytest

from lamina import Input, Sequential, layers, losses
from lamina.errors import ArgumentError, DataError, OptionError, ShapeError, StateError

ROWS = "use loss='sparse_categorical_crossentropy', or make rows with utils.to_categorical"


def refuse(kind, said, call, *args):
    with pytest.raises(kind) as error:
        call(*args)
    for part in said:
        assert part in str(error.value), f"{part!r} not in:\n{error.value}"


# -- shapes
@pytest.mark.parametrize(
    ("loss", "target", "output", "said"),
    [
        ("mse", (4, 1), (4, 3), ["does not fit the output: expected", "received (4, 1)", "as many units as y has"]),
        ("mse", (4, 3), (4, 1), ["let the last layer have as many units as y has columns, or reshape y"]),
        ("mse", (4, 3, 1), (4, 3, 5), ["received (4, 3, 1)"]),
        ("mse", (1, 3), (4, 3), ["received (1, 3)"]),
        ("mse", (4,), (4, 6, 6, 3), ["the output has axes to spare: add Flatten before the last Dense"]),
        (
            "mse",
            (4, 1),
            (4, 5, 1),
            ["the output has a row for each step: leave return_sequences at False, or add Flatten"],
        ),
        (
            "mse",
            (4,),
            (4, 5, 3),
            ["the output has a row for each step: leave return_sequences at False, or add Flatten"],
        ),
        ("mse", (4, 5), (4, 5, 3), ["let the last layer have as many units as y has columns, or reshape y"]),
        ("categorical_crossentropy", (4,), (4, 3), [ROWS]),
        ("categorical_crossentropy", (4, 1), (4, 3), [ROWS]),
        ("categorical_crossentropy", (4, 2), (4, 3), ["as many units as y has columns"]),
        ("categorical_crossentropy", (4,), (4, 6, 6, 3), ["add Flatten before the last Dense"]),
        ("categorical_focal_crossentropy", (4, 5), (4, 5, 3), [ROWS]),
        ("sparse_categorical_crossentropy", (4, 3), (4, 3), ["use loss='categorical_crossentropy'", "y.argmax(-1)"]),
        ("sparse_categorical_crossentropy", (4, 2), (4, 3), ["use loss='categorical_crossentropy'", "argmax"]),
        ("sparse_categorical_crossentropy", (4,), (4, 6, 6, 3), ["add Flatten before the last Dense"]),
        ("sparse_categorical_crossentropy", (4, 7), (4, 6, 3), ["class numbers of shape", "give one class number"]),
        ("circle", (4, 2), (4, 3), ["an output (batch, features)", "UnitNormalization last"]),
        ("circle", (4,), (4, 3, 2), ["received (4,) and (4, 3, 2)"]),
    ],
)
def test_shapes_that_do_not_fit(loss, target, output, said):
    loss = losses.get(loss)
    for call in (loss.forward, loss):
        refuse(
            ShapeError,
            [f"loss '{loss.name}': y_true does not fit", *said],
            call,
            np.zeros(target),
            np.ones(output),
        )
    said = [part.replace("(4", "(batch").replace("(1,", "(batch,") for part in said]
    if target[0] == output[0]:  # before training no row is counted
        refuse(
            ShapeError,
            [f"loss '{loss.name}': y does not", *said],
            lambda: loss.check_targets(np.zeros(target), (None, *output[1:])),
        )


@pytest.mark.parametrize("cls", sorted({cls for cls, _, _ in cases.CASES.values()}))
def test_every_loss_refuses_what_would_broadcast(cls):
    loss = getattr(losses, cls)()
    refuse(
        ShapeError,
        [f"loss '{loss.name}': y_true does not fit"],
        lambda: loss.forward(np.zeros((4, 1, 1)), np.ones((4, 2, 3))),
    )
    refuse(
        ShapeError,
        [f"loss '{loss.name}': train y does not fit"],
        lambda: loss.check_targets(np.zeros((4, 1, 1)), (None, 2, 3), "train y"),
    )


@pytest.mark.parametrize(
    "name", ["categorical_crossentropy", "categorical_focal_crossentropy", "sparse_categorical_crossentropy"]
)
def test_one_class(name):
    """Its loss would be 0 whatever comes."""
    loss, said = losses.get(name), ["the output has one class", "2 classes or more", "loss='binary_crossentropy'"]
    for target in ((4,), (4, 1)):
        refuse(ShapeError, said, loss.forward, np.zeros(target), np.ones((4, 1)))
        refuse(ShapeError, said, loss.check_targets, np.zeros(target), (None, 1))


@pytest.mark.parametrize(
    "cls",
    ["BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "CosineSimilarity", "Dice"],
)
def test_an_axis_that_there_is_not(cls):
    loss = getattr(losses, cls)(axis=2)
    said = [f"loss '{loss.name}' along axis 2: expected an output of rank 3 or more, received"]
    refuse(ShapeError, said, lambda: loss.forward(np.zeros((4, 3)), np.ones((4, 3))))
    refuse(ShapeError, said, lambda: loss.check_targets(np.zeros((4, 3)), (None, 3)))
    refuse(
        ShapeError,
        ["loss 'dice' along axis 2: expected an output of rank 3 or more, received (4, 2)"],
        lambda: losses.Dice(axis=(1, 2))(np.zeros((4, 2)), np.ones((4, 2, 1))),
    )
    refuse(ShapeError, ["along axis -1: expected an output of rank 1"], lambda: losses.get("mse")(1.0, 2.0))


# -- labels
@pytest.mark.parametrize("cls", ["SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy"])
@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0, 7, 1], ["[1] is no class: expected a whole number from 0 to 2, as the output has 3 classes, received 7"]),
        ([0, 1, 3], ["[2] is no class", "received 3", "count classes from 0"]),
        ([0, 1, -1], ["[2] is no class", "received -1"]),
        ([[0], [1], [-5]], ["[2, 0] is no class", "received -5"]),
        ([0, 0.5, 1], ["[1] is no class", "received 0.5"]),
        ([0, 1, np.nan], ["[2] is no class", "received nan"]),
        ([0, np.inf, 1], ["[1] is no class", "received inf"]),
        ([0.0, 1e300, 1], ["[1] is no class", "received 1e+300"]),
        (np.array([0, 255, 1], "uint8"), ["[1] is no class", "received 255"]),
        (["cat", "dog", "cat"], [" holds no class numbers: expected whole numbers, received an array of <U3", "numpy.unique(y, return_inverse=True)"]),
    ],
    ids=str,
)  # fmt: skip
def test_labels_that_are_no_class(cls, labels, said):
    loss, p = getattr(losses, cls)(), np.full((3, 3), 1 / 3)
    flat = np.ravel(labels)
    for call, what in (
        (lambda: loss.check_targets(np.array(labels), (None, 3)), "y"),
        (lambda: loss.check_targets(np.array(labels), (None, 3), "validation y"), "validation y"),
        (lambda: loss.forward(flat, p), "y_true"),
    ):
        place = [part.replace(", 0]", "]") for part in said] if what == "y_true" else said
        refuse(DataError, [f"loss '{loss.name}': {what}{place[0]}", *place[1:]], call)


def test_labels_where_the_number_of_classes_is_not_known():
    loss = losses.SparseCategoricalCrossentropy()
    loss.check_targets(np.array([0, 70]), (None, None))
    refuse(
        DataError,
        ["y[1] is no class: expected a whole number, received 0.5"],
        lambda: loss.check_targets(np.array([0, 0.5]), (None, None)),
    )


def test_only_the_ignored_class_is_let_in():
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    loss.check_targets(np.array([-1, 0, 1]), (None, 2))
    assert loss([-1, 0], np.full((2, 2), 0.5)) == pytest.approx(np.log(2))
    refuse(DataError, ["y[1] is no class", "received -2"], lambda: loss.check_targets(np.array([-1, -2]), (None, 2)))
    refuse(
        DataError,
        ["y_true[1] is no class", "received 2"],
        lambda: loss.forward(np.array([-1, 2]), np.full((2, 2), 0.5)),
    )
    refuse(ShapeError, ["y_true does not fit"], lambda: loss.forward(np.array([-1, 0, 1]), np.full((2, 2), 0.5)))


def test_what_is_right_passes_the_check_before_training():
    for name, (cls, arguments, kind) in cases.CASES.items():
        y, p = cases.draw(kind)
        getattr(losses, cls)(**arguments).check_targets(y, (None, *p.shape[1:]))
        assert name in cases.CASES
    losses.get("mse").check_targets(np.zeros(5), (None, 1))
    losses.get("mse").check_targets(np.zeros((5, 4)), (None, 4, 1))
    losses.get("mse").check_targets(np.zeros((5, 4, 2)), (None, None, 2))
    losses.get("sparse_categorical_crossentropy").check_targets(np.zeros((5, 4, 1)), (None, None, 3))


def test_fit_refuses_before_the_first_step():
    model = Sequential([Input((2,)), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = model.get_weights()[0].copy()
    y = np.array([0, 1, 2, 0, 1, 3])  # the wrong one is in the last batch
    refuse(
        DataError, ["y[5] is no class", "received 3"], lambda: model.fit(np.ones((6, 2)), y, batch_size=2, verbose=0)
    )
    np.testing.assert_array_equal(model.get_weights()[0], before)


# -- weights and masks
def test_weights_that_do_not_fit():
    loss = losses.get("mse")
    refuse(
        ShapeError,
        [
            "loss 'mean_squared_error': sample_weight: expected the first axes of (4,), received (3,)",
            "one weight for each sample",
        ],
        lambda: loss(np.ones((4, 2)), np.ones((4, 2)), np.ones(3)),
    )
    refuse(ShapeError, ["received (4, 2)"], lambda: loss(np.ones((4, 2)), np.ones((4, 2)), np.ones((4, 2))))


@pytest.mark.parametrize("name", ["dice", "tversky"])
def test_one_value_for_all_samples_can_not_be_weighed(name):
    """Keras multiplies it by the mean weight, which weighs no sample."""
    y, p = cases.draw("binary")
    said = [
        f"loss '{name}' gives one value for all samples, which neither weights nor a mask can weigh",
        "axis=(1, 2, ...)",
    ]
    refuse(ShapeError, said, lambda: losses.get(name)(y, p, np.ones(3)))
    refuse(ShapeError, said, lambda: losses.get(name).forward(y, p, None, np.ones((3, 2), bool)))


@pytest.mark.parametrize("shape", [(3, 4), (3,), (4, 3), (4, 2, 5)])
def test_a_mask_that_does_not_fit(shape):
    y, p = np.ones((4, 2, 5)), np.ones((4, 2, 5))
    said = [
        "loss 'mean_squared_error': the mask does not fit its values: expected the first axes of (4, 2), received",
        "(batch, steps, features)",
    ]
    refuse(ShapeError, [*said, str(shape)], lambda: losses.get("mse").forward(y, p, None, np.ones(shape, bool)))


# -- arguments, names, order of calls
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: losses.MeanSquaredError(reduction="average"), ["MeanSquaredError(reduction=...): expected one of 'sum_over_batch_size'", "received 'average'"]),
        (lambda: losses.MeanSquaredError(dtype="int8"), ["unknown float type", "'int8'"]),
        (lambda: losses.Huber(-1), ["Huber(delta=...): expected a number from 0, received -1"]),
        (lambda: losses.BinaryCrossentropy(label_smoothing=1.5), ["BinaryCrossentropy(label_smoothing=...)", "from 0 to 1"]),
        (lambda: losses.CategoricalCrossentropy(label_smoothing=-0.1), ["CategoricalCrossentropy(label_smoothing=...)"]),
        (lambda: losses.BinaryFocalCrossentropy(gamma=-1), ["BinaryFocalCrossentropy(gamma=...)"]),
        (lambda: losses.BinaryFocalCrossentropy(alpha=2), ["BinaryFocalCrossentropy(alpha=...)"]),
        (lambda: losses.CategoricalFocalCrossentropy(gamma="2"), ["CategoricalFocalCrossentropy(gamma=...)", "'2'"]),
        (lambda: losses.CategoricalFocalCrossentropy(alpha=[1, None]), ["CategoricalFocalCrossentropy(alpha=...)", "None"]),
        (lambda: losses.CategoricalGeneralizedCrossEntropy(q=0), ["CategoricalGeneralizedCrossEntropy(q=...): expected a number between 0 and 1, received 0"]),
        (lambda: losses.CategoricalGeneralizedCrossEntropy(q=1.0), ["received 1.0"]),
        (lambda: losses.CategoricalGeneralizedCrossEntropy(q="a"), ["received 'a'"]),
        (lambda: losses.Circle(gamma=-1), ["Circle(gamma=...)"]),
        (lambda: losses.Tversky(alpha="0.5"), ["Tversky(alpha=...)"]),
        (lambda: losses.Dice(axis="channels"), ["Dice(axis=...): expected a whole number, received 'channels'"]),
        (lambda: losses.Tversky(axis=(1, 2.5)), ["Tversky(axis=...)", "2.5"]),
        (lambda: losses.BinaryCrossentropy(axis=(1, 2)), ["BinaryCrossentropy(axis=...): expected a whole number, received (1, 2)"]),
        (lambda: losses.CosineSimilarity(axis=True), ["CosineSimilarity(axis=...)"]),
        (lambda: losses.SparseCategoricalCrossentropy(axis=None), ["SparseCategoricalCrossentropy(axis=...)"]),
        (lambda: losses.get("msee"), ["unknown loss 'msee'", "did you mean 'mse'?"]),
        (lambda: losses.get("categorical_crosentropy"), ["did you mean 'categorical_crossentropy'?"]),
    ],
)  # fmt: skip
def test_options(make, said):
    refuse(OptionError, said, make)


def test_arguments():
    refuse(
        ArgumentError,
        ["Huber has no argument 'dleta'.\nLikely mend: did you mean 'delta'?"],
        lambda: losses.Huber(dleta=1),
    )
    refuse(ArgumentError, ["can't read this as a loss", "received 3"], lambda: losses.get(3))


def test_as_many_alphas_as_classes():
    loss, (y, p) = losses.CategoricalFocalCrossentropy(alpha=[0.1, 0.2, 0.7]), cases.draw("one_hot")
    refuse(
        ShapeError,
        ["loss 'categorical_focal_crossentropy': alpha: expected one number, or 4, one a class, received 3"],
        lambda: loss(y, p),
    )


@pytest.mark.parametrize("cls", sorted({cls for cls, _, _ in cases.CASES.values()}))
def test_backward_before_forward(cls):
    loss = getattr(losses, cls)()
    for joined in (False, True):
        refuse(
            StateError,
            [f"loss '{loss.name}': backward before forward", "run forward on a batch first"],
            loss.backward,
            joined,
        )


def test_joined_where_nothing_joins():
    loss = losses.get("mse")
    loss([[1.0]], [[2.0]])
    refuse(
        StateError,
        ["loss 'mean_squared_error' joins no activation", "without joined=True"],
        lambda: loss.backward(joined=True),
    )
