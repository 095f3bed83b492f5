"""Making a model of what a file says: what all formats share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, FileError, LaminaError
from ..layers.base import registry

if TYPE_CHECKING:
    from .model import Model

MOST_LAYERS = 2**12  # of a model in a file, those within others too: each takes some kB, and time to make


def described_model(config: Any) -> "Model":
    """The model that a config describes, with new weights. Raises ConfigError for another kind of layer."""
    from .model import Model  # which imports this one

    model = registry.from_dict(config)
    if not isinstance(model, Model):
        raise ConfigError("the config of a model", expected="that of a Sequential", received=type(model).__name__)
    return model


def check_layers(config: Any) -> None:
    """Refuse a config that lists too many layers: what could not be loaded is not written, either."""
    count = _layers_of(config)
    if count > MOST_LAYERS:
        mend = "keep its weights alone, by save_weights"
        raise ConfigError(
            "too many layers for a file", expected=f"at most {MOST_LAYERS}", received=str(count), mend=mend
        )


def _layers_of(config: Any) -> int:
    if isinstance(config, dict):
        listed = config.get("layers")
        return (len(listed) if isinstance(listed, list) else 0) + sum(map(_layers_of, config.values()))
    return sum(map(_layers_of, config)) if isinstance(config, list) else 0


@contextmanager
def making(where: str, mend: str | None = None) -> Iterator[None]:
    """A block that makes of a file what it describes: whatever that comes to, as one error that names the file."""
    try:
        yield
    except FileError:
        raise
    except LaminaError as error:
        if error.problem.startswith("unknown ") and "unknown float type" not in error.problem and not mend:
            mend = "register a class of your own by @lamina.register, or pass custom_objects={name: class}"
        raise FileError(f"{where}: {error}", mend=mend) from error
    except RecursionError as error:
        raise FileError(f"{where} is nested too deep to be read", mend=mend) from error
    except Exception as error:  # the constructors of components, given what no caller gives them
        received = f"{type(error).__name__}: {error}"[:500]
        raise FileError(f"{where} does not describe a model", received=received, mend=mend) from error
