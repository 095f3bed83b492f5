"""Colours by hue, saturation and value, and the gradients of both ways. Colours are ``(..., 3)``: red, green, blue.

With the value V = max x and the range R = V - min x, the saturation is S = R / V and the hue H = k/3 + (p - q) / 6R,
from 0 to 1: k counts the largest of the three, and p is the colour after it, q the one before it, in their circle. Back
again, a colour is V·(1 - S + S·d(H)), with a d of its own that is 1 on a third of the circle, 0 on another, and a
straight line in between.

Source: Smith, *Color Gamut Transform Pairs* (1978).
"""

import numpy as np


def to_hsv(x: np.ndarray) -> np.ndarray:
    """Hue, saturation and value: ``(..., 3)``. Where V is 0 or less S is 0, where R is 0 H is.

    >>> to_hsv(np.array([0.25, 0.5, 0.5]))
    array([0.5, 0.5, 0.5])
    """
    k, p, q, value, span = _parts(x)
    saturation = _divide(span, value, value > 0)
    hue = (k.astype(x.dtype) / 3 + _divide(p - q, 6 * span, span > 0)) * (span > 0)
    return np.stack([hue + (hue < 0), saturation, value], axis=-1)


def to_hsv_gradient(d: np.ndarray, x: np.ndarray) -> np.ndarray:
    """dx, for the gradient d of what `to_hsv` gave: ``(..., 3)``."""
    k, p, q, value, span = _parts(x)
    dh, ds, dv = np.moveaxis(d, -1, 0)
    of_hue = _divide(dh, 6 * span, span > 0)
    of_range = _divide(ds, value, value > 0) - of_hue * _divide(p - q, span, span > 0)
    dv = dv - _divide(ds * span, value * value, value > 0)
    dx = np.zeros_like(x)
    least = x.argmin(axis=-1)
    for place, part in ((k, dv + of_range), (least, -of_range), ((k + 1) % 3, of_hue), ((k + 2) % 3, -of_hue)):
        dx += (np.arange(3) == place[..., None]) * part[..., None]
    return dx


def to_rgb(hsv: np.ndarray) -> np.ndarray:
    """Colours from hue, saturation and value: ``(..., 3)``.

    >>> to_rgb(np.array([0.5, 0.5, 0.5]))
    array([0.25, 0.5 , 0.5 ])
    """
    hue, saturation, value = np.moveaxis(hsv[..., None], -2, 0)
    return value * (1 - saturation + saturation * _lines(hue).clip(0, 1))


def to_rgb_gradient(dy: np.ndarray, hsv: np.ndarray) -> np.ndarray:
    """The gradient for hue, saturation and value, for that of the colours `to_rgb` gave: ``(..., 3)``."""
    hue, saturation, value = np.moveaxis(hsv[..., None], -2, 0)
    lines = _lines(hue)
    d, rises = lines.clip(0, 1), (lines > 0) & (lines < 1)
    slopes = 6 * _SIGNS.astype(hsv.dtype) * np.sign(hue % 1 * 6 - _PEAKS) * rises
    dh = dy * value * saturation * slopes
    ds = dy * value * (d - 1)
    dv = dy * (1 - saturation + saturation * d)
    return np.stack([each.sum(axis=-1) for each in (dh, ds, dv)], axis=-1)


_PEAKS = np.array([3, 2, 4], np.int8)  # sixths of the circle: where red is least, and green and blue are most
_SIGNS = np.array([1, -1, -1], np.int8)


def _lines(hue: np.ndarray) -> np.ndarray:
    """d before it is cut off at 0 and 1, for red, green and blue: ``(..., 3)`` for ``(..., 1)``."""
    return np.array([-1, 2, 2], hue.dtype) + _SIGNS * np.abs(hue % 1 * 6 - _PEAKS)


def _parts(x: np.ndarray) -> tuple[np.ndarray, ...]:
    """k, p, q, V and R: each ``(...)``."""
    k = x.argmax(axis=-1)
    value, p, q = (np.take_along_axis(x, (k[..., None] + after) % 3, axis=-1)[..., 0] for after in range(3))
    return k, p, q, value, value - np.minimum(p, q)


def _divide(a: np.ndarray, b: np.ndarray, where: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.zeros_like(b), where=where)
