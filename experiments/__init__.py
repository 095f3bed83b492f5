"""Experiments: data, model, compile and fit in one YAML file."""

from .experiment import Experiment, Result, load

__all__ = ["Experiment", "Result", "load"]


def __dir__() -> list[str]:
    return __all__
