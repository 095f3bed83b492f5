"""One harness for every layer: the gradients, and the contract that each layer keeps."""

import json
from typing import Any

import numpy as np

from .. import config
from ..errors import StateError
from ..layers.base import Layer
from ..layers.chain import weights_alone
from .gradients import compare, numerical_gradient


def check_layer(
    layer: Layer,
    x,
    *,
    training: bool = False,
    mask=None,
    tolerance: float = 1e-6,
    zero_gradients: tuple[str, ...] = (),
    seed: int = 0,
) -> None:
    """Check a layer on an input, in float64: AssertionError names the first thing that is wrong.

    - dx (of a float input) and the gradient of every weight equal central differences of Σ g ⊙ y for a random g,
      to `tolerance` relative; each is non-zero somewhere, but for the weights named in `zero_gradients`
      (``"x"`` for the input);
    - `backward_weights` gives the weights the same gradients; they accumulate over two backward passes;
      a `backward` before `forward` raises;
    - neither `forward` nor `backward` changes x; an x that is not contiguous gives the same;
    - y has the shape that `compute_output_shape` says; float32 stays float32 in y, dx and every gradient;
    - a layer made from `get_config` (through JSON) with the same weights gives the same y;
    - after `forget` nothing is left.

    The input is one array; `training` and `mask` go to `forward`. Random draws and moving statistics are put back
    before each pass, so that every pass is the same function. x must stay away from kinks (of a ReLU, of a maximum).

    >>> from lamina import layers
    >>> check_layer(layers.Dense(2, activation="tanh"), np.ones((3, 4)))
    """
    x = np.asarray(x)
    x = x.astype(np.float64) if x.dtype.kind == "f" else x
    layer = _as_dtype(layer, "float64")
    _refuses_backward(layer, x)

    run = _Run(layer, x, training, mask)
    before, y = x.copy(), run.forward()
    _check_shape(run, y)
    rng = np.random.default_rng(seed)
    g = [rng.normal(size=part.shape) for part in _parts(y)]
    dx = run.backward(g)
    assert np.array_equal(x, before, equal_nan=x.dtype.kind == "f"), f"{layer.where} changes its input"
    _check_gradients(run, g, dx, tolerance, zero_gradients)
    _check_strides(run, dx, y, g)
    _check_config(run, y)
    _check_float32(run)

    layer.forget()
    _refuses_backward(layer, x, built=True)


_KEEP = "keep what backward needs in self.saved, and read it there; self.saved refuses what came without forward"


class _Run:
    """A layer's forward and backward as functions: what it draws and what it carries along is put back each time."""

    def __init__(self, layer: Layer, x, training: bool, mask):
        self.layer, self.x, self.training, self.mask = layer, x, training, mask
        layer.ensure_built(x.shape)
        self.carried = [(weight, weight.numpy()) for weight in layer.weights if not weight.trainable]
        self.drawn = [(rng, rng.bit_generator.state) for rng in generators(layer)]

    def forward(self, x=None):
        for weight, value in self.carried:
            weight.assign(value)
        for rng, state in self.drawn:
            rng.bit_generator.state = state
        y = self.layer(self.x if x is None else x, training=self.training, mask=self.mask)
        self.dtype = _parts(y)[0].dtype
        return y

    def backward(self, g, reset: bool = True, of_weights: bool = False):
        if reset:
            for weight in self.layer.weights:
                weight.reset_grad()
        dy = [part.astype(self.dtype) for part in g]  # copies: backward may write into them
        backward = weights_alone(self.layer) if of_weights else self.layer.backward
        return backward(dy if len(dy) > 1 else dy[0])


def generators(layer: Layer) -> list[np.random.Generator]:
    """The generators that a layer, and those within, draw from."""
    own = [value for value in vars(layer).values() if isinstance(value, np.random.Generator)]
    return own + [rng for inner in layer.sublayers() for rng in generators(inner)]


def _parts(y) -> list[np.ndarray]:
    return list(y) if isinstance(y, list | tuple) else [y]


def _as_dtype(layer: Layer, dtype: str) -> Layer:
    settings = json.loads(json.dumps(layer.get_config()))
    _set_dtype(settings, dtype)
    default = config.floatx()
    config.set_floatx(dtype)  # for the layers that it makes within
    try:
        return type(layer).from_config(settings)
    finally:
        config.set_floatx(default)


def _set_dtype(settings: Any, dtype: str) -> None:
    """Set the float type in a config and in those nested within."""
    if isinstance(settings, dict):
        if settings.get("dtype") in ("float16", "float32", "float64"):
            settings["dtype"] = dtype
        for value in settings.values():
            _set_dtype(value, dtype)
    elif isinstance(settings, list):
        for value in settings:
            _set_dtype(value, dtype)


def _refuses_backward(layer: Layer, x, built: bool = False) -> None:
    if not built:
        layer.ensure_built(x.shape)
    try:
        layer.backward(np.zeros(1))
    except StateError as error:
        names = [inner.name for inner in (layer, *layer.sublayers())]
        assert any(f"'{name}'" in str(error) for name in names), f"the error does not name {layer.where}: {error}"
    except Exception as error:
        raise AssertionError(f"{layer.where}: backward without forward raised {error!r}: {_KEEP}") from error
    else:
        raise AssertionError(f"{layer.where}: backward without forward did not raise: {_KEEP}")


def _check_shape(run: _Run, y) -> None:
    said: Any = run.layer.compute_output_shape((None, *run.x.shape[1:]))
    shapes = [said] if said and not isinstance(said[0], tuple | list) else list(said)
    for part, shape in zip(_parts(y), shapes, strict=True):
        fits = len(part.shape) == len(shape) and all(b in (a, None) for a, b in zip(part.shape, shape, strict=True))
        assert fits, f"{run.layer.where}: y is {part.shape}, compute_output_shape says {shape}"


def _check_gradients(run: _Run, g, dx, tolerance: float, zero_gradients: tuple[str, ...]) -> None:
    """Those of the first backward pass, dx among them, and what two more leave in the weights."""
    layer, x, weights = run.layer, run.x, run.layer.trainable_weights
    grads = [weight.grad.copy() for weight in weights]

    def loss() -> float:
        return float(sum((part * of_part).sum() for part, of_part in zip(_parts(run.forward()), g, strict=True)))

    if x.dtype.kind == "f" and layer.casts_input:
        compare(f"{layer.name}/x", dx, numerical_gradient(loss, x), tolerance)
        assert "x" in zero_gradients or np.any(dx), f"{layer.where}: dx is zero everywhere"
    for weight, grad in zip(weights, grads, strict=True):
        compare(weight.path, grad, numerical_gradient(loss, weight.value), tolerance)
        assert weight.name in zero_gradients or np.any(grad), f"{weight.path}: the gradient is zero"

    run.forward()
    run.backward(g, reset=False)
    for weight, grad in zip(weights, grads, strict=True):
        compare(f"{weight.path} (accumulated)", weight.grad, 2 * grad, 1e-12)

    run.forward()
    run.backward(g, of_weights=True)
    for weight, grad in zip(weights, grads, strict=True):
        compare(f"{weight.path} (backward_weights)", weight.grad, grad, 1e-12)


def _check_strides(run: _Run, dx, y, g) -> None:
    wide = np.repeat(run.x, 2, axis=-1)[..., ::2]  # equal numbers, every second place in memory
    for part, again in zip(_parts(y), _parts(run.forward(wide)), strict=True):
        np.testing.assert_allclose(again, part, rtol=1e-12, atol=1e-12, err_msg=f"{run.layer.where}: strided input")
    again = run.backward([np.repeat(part, 2, axis=0)[::2] for part in g])
    if dx is not None:
        np.testing.assert_allclose(again, dx, rtol=1e-12, atol=1e-12, err_msg=f"{run.layer.where}: strided input")


def _check_config(run: _Run, y) -> None:
    layer = run.layer
    settings = json.loads(json.dumps(layer.get_config()))
    twin = _as_dtype(layer, "float64")
    assert json.loads(json.dumps(twin.get_config())) == settings, f"{layer.where}: the config does not come back"
    twin.ensure_built(run.x.shape)
    twin.set_weights(layer.get_weights())
    ran = _Run(twin, run.x, run.training, run.mask)
    ran.drawn = [(rng, state) for rng, (_, state) in zip(generators(twin), run.drawn, strict=True)]
    ran.carried = [
        (mine, value)
        for mine, (_, value) in zip([w for w in twin.weights if not w.trainable], run.carried, strict=True)
    ]
    for part, again in zip(_parts(y), _parts(ran.forward()), strict=True):
        np.testing.assert_array_equal(again, part, err_msg=f"{layer.where}: its copy by config computes otherwise")


def _check_float32(run: _Run) -> None:
    x, single = run.x, _as_dtype(run.layer, "float32")
    ran = _Run(single, x.astype(np.float32) if x.dtype.kind == "f" else x, run.training, run.mask)
    parts = _parts(ran.forward())
    dx = ran.backward([np.ones_like(part) for part in parts])
    found = {"y": parts[0], "dx": dx} | {weight.path: weight.grad for weight in single.trainable_weights}
    for name, array in found.items():
        if array is not None and array.dtype.kind == "f":
            assert array.dtype == np.float32, f"{single.where}: {name} is {array.dtype} in a float32 layer"
