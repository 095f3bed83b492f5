"""Initializers: Keras's spreads for every rank, moments and bounds, seeds, names, configurations and messages."""

import inspect
import json
import math
from pathlib import Path

import cases_initializers as cases
import numpy as np
import pytest

import lamina
from lamina import initializers, layers
from lamina.errors import ArgumentError, OptionError, ShapeError
from lamina.initializers.base import registry
from lamina.initializers.scaled import fans
from lamina.utils.component import parameters
from lamina.utils.seeds import set_random_seed

RECORDED = np.load(Path(__file__).parent / "references" / "initializers.npz")
FACTS = json.loads(str(RECORDED["facts"]))
CLASSES = {cls for cls in (registry.find(name) for name in registry.names()) if cls.__module__.startswith("lamina.")}
RANDOM = sorted((cls for cls in CLASSES if issubclass(cls, initializers.RandomInitializer)), key=lambda c: c.__name__)
SCALED = [getattr(initializers, name) for name in cases.NAMED]
random_classes = pytest.mark.parametrize("cls", RANDOM, ids=lambda cls: cls.__name__)
every_class = pytest.mark.parametrize("cls", sorted(CLASSES, key=lambda c: c.__name__), ids=lambda cls: cls.__name__)


# -- numbers
@pytest.mark.parametrize("number", range(len(cases.CASES)), ids=lambda n: " ".join(map(str, cases.CASES[n])))
def test_keras_spreads_as_wide(number):
    assert cases.measure(initializers, *cases.CASES[number]) == pytest.approx(RECORDED["spreads"][number], rel=1e-5)


@pytest.mark.parametrize("shape", [(30000,), (100, 300), (10, 10, 300), (3, 4, 25, 100), (2, 2, 3, 25, 100)], ids=len)
@pytest.mark.parametrize("cls", SCALED, ids=lambda cls: cls.__name__)
def test_moments_and_bounds(cls, shape):
    fan_in, fan_out = fans(shape)
    variance = {"Glorot": 2 / (fan_in + fan_out), "He": 2 / fan_in, "Lecun": 1 / fan_in}
    variance = variance[cls.__name__.removesuffix("Uniform").removesuffix("Normal")]
    w = cls(seed=11)(shape, "float64")
    stddev = math.sqrt(variance)
    limit = math.sqrt(3) * stddev if cls.__name__.endswith("Uniform") else 2 * stddev / 0.87962566103423978
    assert abs(w.mean()) < 4 * stddev / math.sqrt(w.size)
    assert w.var() == pytest.approx(variance, rel=0.03)
    assert 0.99 * limit < np.abs(w).max() <= limit


def test_plain_distributions():
    w = initializers.RandomNormal(2.0, 3.0, seed=0)((200, 300), "float64")
    assert w.mean() == pytest.approx(2, abs=0.05)
    assert w.std() == pytest.approx(3, rel=0.01)
    assert np.abs(w - 2).max() > 9
    w = initializers.TruncatedNormal(2.0, 3.0, seed=0)((200, 300), "float64")
    assert w.mean() == pytest.approx(2, abs=0.05)
    assert w.std() == pytest.approx(3 * 0.87962566, rel=0.01)
    assert 5.9 < np.abs(w - 2).max() <= 6
    w = initializers.RandomUniform(-1.0, 3.0, seed=0)((200, 300), "float64")
    assert w.mean() == pytest.approx(1, abs=0.02)
    assert w.std() == pytest.approx(4 / math.sqrt(12), rel=0.01)
    assert -1 <= w.min() < -0.99
    assert 2.99 < w.max() <= 3


def test_truncated_normal_has_the_right_shape_of_a_bell():
    """The shares within 0.5, 1 and 1.5 are those of a normal distribution cut at 2."""
    z = np.abs(initializers.TruncatedNormal(0.0, 1.0, seed=1)((100000,), "float64"))
    for x in (0.5, 1.0, 1.5):
        assert (z < x).mean() == pytest.approx(math.erf(x / math.sqrt(2)) / math.erf(math.sqrt(2)), abs=0.005)


def test_fans():
    assert fans(()) == (1, 1)
    assert fans((7,)) == (7, 7)
    assert fans((3, 5)) == (3, 5)
    assert fans((2, 3, 5)) == (6, 10)
    assert fans((2, 3, 4, 5)) == (24, 30)
    assert fans((2, 3, 4, 5, 6)) == (120, 144)
    assert fans((2, 3, 4, 5), [0, -1], [1]) == (10, 3)
    assert fans((0, 4)) == (0, 4)
    assert initializers.GlorotUniform()((0, 0)).shape == (0, 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6), (2, 3, 4), (2, 2, 3, 20), (1, 5), (5, 1)], ids=str)
def test_orthogonal(shape, dtype):
    w = initializers.Orthogonal(gain=1.5, seed=4)(shape, dtype)
    assert (w.shape, w.dtype) == (shape, dtype)
    flat = w.reshape(-1, shape[-1]) / 1.5
    product = flat.T @ flat if flat.shape[0] >= flat.shape[1] else flat @ flat.T
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-6 if dtype == "float32" else 1e-14)


def test_orthogonal_is_spread_evenly():
    """Over all orthogonal matrices the first entry is as often below 0 as above; without the signs of R it is not."""
    rng = np.random.default_rng(0)
    first = np.array([initializers.Orthogonal()((3, 3), rng=rng)[0, 0] for _ in range(1000)])
    assert abs((first > 0).mean() - 0.5) < 0.06
    assert abs(first.mean()) < 0.06


def test_constants():
    assert initializers.Zeros()((2, 1)).tolist() == [[0], [0]]
    assert initializers.Ones()((2,)).tolist() == [1, 1]
    assert initializers.Constant(3)((2,)).tolist() == [3, 3]
    assert initializers.Constant([[1.0], [2.0]])((2, 2)).tolist() == [[1, 1], [2, 2]]
    assert initializers.Identity(2.0)((2, 3)).tolist() == [[2, 0, 0], [0, 2, 0]]
    assert initializers.Zeros()((2,), "int32").dtype == "int32"


# -- seeds and types
@random_classes
def test_same_seed_same_bits(cls):
    a = cls(seed=7)((4, 5))
    again = cls(seed=7)
    np.testing.assert_array_equal(again((4, 5)), a)
    np.testing.assert_array_equal(again((4, 5)), a)
    np.testing.assert_array_equal(again((4, 5), rng=np.random.default_rng(1)), a)
    assert (cls(seed=8)((4, 5)) != a).any()


@random_classes
def test_a_generator_as_seed_goes_on(cls):
    one = cls(seed=np.random.default_rng(7))
    a, b = one((4, 5)), one((4, 5))
    assert (a != b).any()
    np.testing.assert_array_equal(cls(seed=7)((4, 5)), a)


@random_classes
def test_without_a_seed_the_generator_handed_in_decides(cls):
    a = cls()((4, 5), rng=np.random.default_rng(3))
    np.testing.assert_array_equal(cls()((4, 5), rng=np.random.default_rng(3)), a)
    np.testing.assert_array_equal(cls(seed=3)((4, 5)), a)


@random_classes
def test_with_neither_the_global_seed_decides(cls):
    set_random_seed(5)
    a, b = cls()((4, 5)), cls()((4, 5))
    assert (a != b).any()
    set_random_seed(5)
    np.testing.assert_array_equal(cls()((4, 5)), a)


def shape_for(cls):
    """A shape that the class takes."""
    return (4, 1, 5) if cls is initializers.STFT else (4, 5)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@every_class
def test_float_types(cls, dtype):
    assert cls()(shape_for(cls), dtype).dtype == dtype
    lamina.config.set_floatx(dtype)
    assert cls()(shape_for(cls)).dtype == dtype


# -- for layers
def test_keras_style_initializers_work_in_layers():
    class Ramp(initializers.Initializer):
        def __init__(self, step=1.0):
            self.step = step

        def __call__(self, shape, dtype=None):
            return self.step * np.arange(math.prod(shape)).reshape(shape)

    class Draw(initializers.Initializer):
        def __call__(self, shape, dtype=None, **options):
            assert not options
            return np.full(shape, 2.0, dtype)

    rng = np.random.default_rng(0)
    for given, expected in [
        (Ramp(2.0), [[0, 2], [4, 6]]),
        (Draw(), [[2, 2], [2, 2]]),
        (lambda shape, dtype: np.ones(shape, dtype), [[1, 1], [1, 1]]),
        (lambda shape, dtype=None: np.ones(shape, dtype), [[1, 1], [1, 1]]),
        (lambda shape: np.eye(*shape), [[1, 0], [0, 1]]),
        (np.zeros, [[0, 0], [0, 0]]),
        (lambda shape, dtype, rng: rng.random(shape, dtype), np.random.default_rng(0).random((2, 2), "float32")),
    ]:
        value = initializers.initialize(given, (2, 2), "float32", rng)
        assert value.dtype == "float32"
        np.testing.assert_array_equal(value, expected)
    layer = layers.Dense(2, kernel_initializer=Ramp(2.0), bias_initializer=lambda shape, dtype: np.ones(shape, dtype))
    assert layer(np.array([[1.0, 1.0]])).tolist() == [[5, 9]]


def test_value_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"expected an array of \(3,\), received \(1,\)"):
        initializers.initialize(lambda shape, dtype: np.ones(1), (3,), "float32", np.random.default_rng(0))


# -- names, configurations, messages
@pytest.mark.parametrize("name", sorted(set(FACTS["signatures"]) - {"Initializer"}))
def test_arguments_are_keras_s(name):
    found = parameters(getattr(initializers, name)).values()
    assert {p.name: None if p.default is inspect.Parameter.empty else p.default for p in found} == FACTS["signatures"][
        name
    ]
    assert name in initializers.__all__


@pytest.mark.parametrize("name", sorted(set(FACTS["names"]) - {"Initializer"}))
def test_names_are_keras_s(name):
    assert type(initializers.get(name)).__name__ == FACTS["names"][name]


@every_class
def test_config_comes_back(cls):
    given = {"seed": 3} if cls in RANDOM else {}
    one = cls(**given)
    config = json.loads(json.dumps(initializers.serialize(one)))
    twin = initializers.get(config)
    assert type(twin) is cls
    assert initializers.serialize(twin) == config
    np.testing.assert_array_equal(twin(shape_for(cls)), one(shape_for(cls)))


def test_get():
    zeros = initializers.Zeros()
    assert initializers.get(zeros) is zeros
    assert isinstance(initializers.get(initializers.HeNormal), initializers.HeNormal)
    assert initializers.get(None) is None
    assert initializers.get(np.ones) is np.ones
    assert initializers.get(np.eye(2))((2, 2)).tolist() == [[1, 0], [0, 1]]
    assert initializers.get("normal").stddev == 0.05
    settings = {"class_name": "VarianceScaling", "config": {"scale": 2.0, "distribution": "Normal"}}
    assert initializers.get(settings).distribution == "truncated_normal"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: initializers.get("glorot_unifrom"), OptionError, "did you mean 'glorot_uniform'?"),
        (lambda: initializers.get(3), ArgumentError, "received 3"),
        (lambda: initializers.RandomNormal(sdtdev=1), ArgumentError, "RandomNormal has no argument 'sdtdev'"),
        (lambda: initializers.RandomNormal(seed=-1), OptionError, "seed: expected a whole number of 0 or more"),
        (lambda: initializers.RandomNormal(seed="a"), OptionError, "received 'a'"),
        (
            lambda: initializers.RandomNormal(stddev=-1),
            OptionError,
            "RandomNormal(stddev=...): expected a number from 0",
        ),
        (
            lambda: initializers.TruncatedNormal("a"),
            OptionError,
            "TruncatedNormal(mean=...): expected a number, received",
        ),
        (
            lambda: initializers.RandomUniform(1.0, 0.5),
            OptionError,
            "RandomUniform(maxval=...): expected a number from minval=1.0, received 0.5.",
        ),
        (
            lambda: initializers.VarianceScaling(scale=0),
            OptionError,
            "VarianceScaling(scale=...): expected a number above 0, received 0.",
        ),
        (
            lambda: initializers.VarianceScaling(mode="fan"),
            OptionError,
            "VarianceScaling(mode=...): expected one of 'fan_in', 'fan_out', 'fan_avg', received 'fan'.",
        ),
        (
            lambda: initializers.VarianceScaling(distribution="gamma"),
            OptionError,
            "VarianceScaling(distribution=...): expected one of 'truncated_normal', 'untruncated_normal', 'uniform',",
        ),
        (
            lambda: initializers.HeNormal(input_axes=[0]),
            OptionError,
            "HeNormal(input_axes=..., output_axes=...): expected both or neither, received [0] and None.",
        ),
        (
            lambda: initializers.HeNormal(input_axes=0, output_axes=[1]),
            OptionError,
            "HeNormal(input_axes=...): expected a list of whole numbers, or None, received 0.",
        ),
        (
            lambda: initializers.HeNormal(input_axes=[0], output_axes=[2])((2, 3)),
            ShapeError,
            "the fans of a weight: expected input_axes=[0] and output_axes=[2] among its axes, received (2, 3).",
        ),
        (lambda: initializers.Orthogonal(gain="a"), OptionError, "Orthogonal(gain=...): expected a number"),
        (
            lambda: initializers.Orthogonal()((3,)),
            ShapeError,
            "Orthogonal: expected a shape of rank 2 or more, received (3,).",
        ),
        (
            lambda: initializers.Identity()((3,)),
            ShapeError,
            "Identity: expected the shape of a matrix, of rank 2, received (3,).",
        ),
        (
            lambda: initializers.Constant("a"),
            ArgumentError,
            "Constant(value=...): expected a number, or an array of them",
        ),
        (lambda: initializers.Constant([[1], [2, 3]]), ArgumentError, "received [[1], [2, 3]]"),
        (
            lambda: initializers.Constant([1, 2])((3,)),
            ShapeError,
            "Constant(value=...): expected an array that can be broadcast to (3,), received one of (2,).",
        ),
        (lambda: initializers.RandomNormal()((2,), "int32"), OptionError, "unknown float type"),
    ],
)
def test_messages(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)


def test_what_is_not_written_says_so():
    with pytest.raises(NotImplementedError, match="Initializer has no __call__"):
        initializers.Initializer()((2,))
    with pytest.raises(NotImplementedError, match="RandomInitializer has no draw"):
        initializers.RandomInitializer()((2,))
