"""Circle loss: embeddings of one class close together, those of others apart."""

import numpy as np

from ..activations.sigmoidal import logistic
from ..errors import ShapeError
from ..utils.checks import number
from ..utils.shapes import same_shape, show_shape
from .base import PlainLoss, as_floats, registry


class Circle(PlainLoss):
    """v_i = log(1 + Σ_j exp(l⁺_ij)·Σ_k exp(l⁻_ik)), the sums over samples j of i's class and k of other classes.

    With the similarities s = p·pᵀ of embeddings p of length 1 (above 1, s counts as 1), and the margin m,
    l⁺ = γ·((1 - s)² - m²) where s < 1 + m, else 0;  l⁻ = γ·(s² - m²) where s > -m, else 0.

    ds_ij = dv_i·(1 - exp(-v_i))·e_ij·dl_ij / ds_ij, where e is the share of exp(l) in its sum, dl⁺ / ds = -2γ·(1 - s),
    dl⁻ / ds = 2γ·s;  dp = (ds + dsᵀ)·p.

    A sample that has no other of its class (with `remove_diagonal`; otherwise it is one itself), or none of another
    class, gives 0 and is left out, as a masked one is.

    Shapes: y_true, numbers of classes, ``(batch,)`` or ``(batch, 1)``; y_pred ``(batch, features)``, as
    `UnitNormalization` gives it; values ``(batch,)``.

    Raises OptionError for a γ below 0, ShapeError for other shapes.

    Source: Sun et al., *Circle Loss: A Unified Perspective of Pair Similarity Optimization* (2020).

    >>> Circle(gamma=1)([0, 0, 1], [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]).round(4)
    np.float32(1.1444)
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(reduction, name, dtype)
        self.gamma, self.margin = number("Circle", "gamma", gamma, 0), number("Circle", "margin", margin)
        self.remove_diagonal = bool(remove_diagonal)

    def values(self, y_true, y_pred):
        return self.compare(y_true, y_pred, y_true, y_pred)

    def compare(self, y: np.ndarray, p: np.ndarray, others: np.ndarray, q: np.ndarray) -> np.ndarray:
        """The values of samples p of the classes y, measured by samples q of the classes `others`."""
        product = p @ q.T  # (batch, other samples)
        s = np.minimum(product, 1)
        same = y[:, None] == others
        partners = same & (np.eye(*s.shape) == 0) if self.remove_diagonal else same
        near, far = s < 1 + self.margin, s > -self.margin
        log_pull, pull = log_sum_exp(self.gamma * ((1 - s) ** 2 - self.margin**2) * near, partners)
        log_push, push = log_sum_exp(self.gamma * (s**2 - self.margin**2) * far, ~same)
        log_both = log_pull + log_push
        varies = product <= 1
        self.saved = p, s, pull * near * varies, push * far * varies, log_both
        return np.logaddexp(0, log_both)

    def gradient(self, dv):
        p, s, pull, push, log_both = self.saved
        ds = 2 * self.gamma * (push * s - pull * (1 - s))
        ds *= (dv * logistic(log_both.copy()))[:, None]
        return (ds + ds.T) @ p

    def kept(self, y_true):
        return np.isfinite(self.saved[-1])

    def align(self, y_true, y_pred, by_step=False):
        self.check_shapes(y_true.shape, y_pred.shape, "y_true")
        return y_true.ravel(), y_pred

    def check_shapes(self, target, output, what):
        fits = len(output) == 2 and (same_shape(target, output[:1]) or same_shape(target, (output[0], 1)))
        if not fits:
            raise ShapeError(
                f"loss '{self.name}': {what} does not fit the output",
                expected=f"{what} (batch,), a class number a sample, and an output (batch, features)",
                received=f"{show_shape(target)} and {show_shape(output)}",
                mend="let the model end in one row of features a sample, UnitNormalization last",
            )


def log_sum_exp(x: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log Σ exp(x) of each row over the entries `among` (-inf where there are none), and each entry's share in it."""
    x = np.where(among, x, -np.inf)
    top = x.max(axis=1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    e = np.exp(x - top)
    total = e.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        log_total = top + np.log(total)
    return log_total[:, 0], e / np.maximum(total, np.finfo(x.dtype).tiny)


def circle(
    y_true,
    y_pred,
    ref_labels=None,
    ref_embeddings=None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> np.ndarray:
    """The circle loss of each sample, measured by the reference samples (by default the samples themselves).

    >>> circle([0, 0, 1], [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], gamma=1).round(2)
    array([1.2 , 1.09, 0.  ], dtype=float32)
    """
    loss = Circle(gamma, margin, remove_diagonal)
    y, p = loss.align(np.asarray(y_true), as_floats(y_pred))
    others, q = loss.align(
        y if ref_labels is None else np.asarray(ref_labels), p if ref_embeddings is None else as_floats(ref_embeddings)
    )
    return loss.compare(y, p, others, q)


registry.add(Circle, "circle", function=circle)
