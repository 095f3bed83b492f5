"""SwapEMAWeights: the averages of the weights in the place of the weights, while the model is looked at."""

import numpy as np

from ..errors import StateError
from ..utils.checks import truth
from .base import Callback


class SwapEMAWeights(Callback):
    """Evaluate and predict with the moving averages of the weights; then the weights are put back.

    The optimizer must be made with `use_ema=True`; it keeps the averages. With `swap_on_epoch` they stand in the model
    from the end of each epoch to the beginning of the next one, too: a ModelCheckpoint that comes after this callback
    saves them. When `fit` ends, the averages stay in the model, as always with `use_ema`.

    Raises StateError where the optimizer keeps no averages.

    >>> model = lamina.Sequential([lamina.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    >>> model.compile(lamina.optimizers.SGD(0.25, use_ema=True, ema_momentum=0.5), "mse")
    >>> for _ in range(2):
    ...     _ = model.train_on_batch([[1.0]], [0.0])
    >>> model.predict([[1.0]], verbose=0), model.predict([[1.0]], verbose=0, callbacks=[SwapEMAWeights()])
    (array([[0.25]], dtype=float32), array([[0.375]], dtype=float32))
    """

    def __init__(self, swap_on_epoch: bool = False):
        self.swap_on_epoch = truth("SwapEMAWeights", "swap_on_epoch", swap_on_epoch)
        self.kept: list[np.ndarray] | None = None  # the weights, while their averages stand in the model

    def _take_averages(self) -> None:
        optimizer = self.model.optimizer
        if not getattr(optimizer, "use_ema", False):
            raise StateError(
                "SwapEMAWeights: the optimizer keeps no averages", mend="make it with use_ema=True, and compile with it"
            )
        if self.kept is None:
            self.kept = [variable.numpy() for variable in optimizer.met]
            for variable in optimizer.met:
                variable.assign(optimizer.slot(variable, "average"))

    def _put_back(self) -> None:
        if self.kept is not None:
            for variable, value in zip(self.model.optimizer.met, self.kept, strict=True):
                variable.assign(value)
        self.kept = None

    def on_train_begin(self, logs=None) -> None:
        self.kept = None  # of a run that was broken off: the model goes on with what it has

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self._put_back()

    def on_epoch_end(self, epoch, logs=None) -> None:
        if self.swap_on_epoch:
            self._take_averages()

    def on_train_end(self, logs=None) -> None:
        self.kept = None  # the optimizer has set the weights to their averages for good

    def on_test_begin(self, logs=None) -> None:
        self._take_averages()

    def on_test_end(self, logs=None) -> None:
        self._put_back()

    def on_predict_begin(self, logs=None) -> None:
        self._take_averages()

    def on_predict_end(self, logs=None) -> None:
        self._put_back()
