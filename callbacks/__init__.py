"""Callbacks: what listens while a model trains, and may act on what it hears."""

from typing import TYPE_CHECKING

from ..errors import refusing
from ..utils.component import Registry
from .actions import CSVLogger, LambdaCallback, LearningRateScheduler, TerminateOnNaN
from .backup import BackupAndRestore
from .base import Callback
from .callback_list import CallbackList
from .history import History
from .model_checkpoint import ModelCheckpoint
from .monitor import EarlyStopping, ReduceLROnPlateau
from .progress import ProgbarLogger
from .swap_ema_weights import SwapEMAWeights

registry: Registry[Callback] = Registry("callback", Callback)
for _cls in (
    BackupAndRestore,
    CSVLogger,
    EarlyStopping,
    History,
    LearningRateScheduler,
    ModelCheckpoint,
    ProgbarLogger,
    ReduceLROnPlateau,
    SwapEMAWeights,
    TerminateOnNaN,
):
    registry.add(_cls)

_ABSENT = {
    "TensorBoard": "CSVLogger writes the values of each epoch into a file, and fit's History keeps them",
    "RemoteMonitor": "LambdaCallback(on_epoch_end=...) may send the values",
    "OrbaxCheckpoint": "ModelCheckpoint writes m.lamina or m.keras",
}

if not TYPE_CHECKING:  # editors know what is there
    __getattr__ = refusing(__name__, _ABSENT)

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "SwapEMAWeights",
    "TerminateOnNaN",
]


def __dir__() -> list[str]:
    return __all__
