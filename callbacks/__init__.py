"""Callbacks: what listens while a model trains, and may act on what it hears."""

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
