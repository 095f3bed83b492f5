"""Record Keras's public names with their parameters and defaults, as JSON.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_surface.py
"""

import inspect
import json
import os
from pathlib import Path

SPACES = [
    "activations", "initializers", "regularizers", "constraints", "losses", "optimizers", "optimizers.schedules",
    "metrics", "callbacks", "layers", "models", "utils", "config",
]  # fmt: skip


def plain(value):
    if value is inspect.Parameter.empty:
        return "required"
    return (
        value
        if isinstance(value, str | int | float | bool | type(None))
        else list(value)
        if isinstance(value, tuple)
        else repr(value)
    )


def signature(target) -> dict:
    parameters = inspect.signature(target.__init__ if inspect.isclass(target) else target).parameters.values()
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {p.name: plain(p.default) for p in parameters if p.name != "self" and p.kind not in kinds}


def main() -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras

    found: dict = {"keras_version": keras.__version__}
    for space in SPACES:
        module = keras
        for part in space.split("."):
            module = getattr(module, part)
        names = {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
        found[space] = {name: signature(target) for name, target in names.items() if callable(target)}
    for method in ("Model", "Sequential"):
        cls = getattr(keras, method)
        found[method] = {
            name: signature(getattr(cls, name))
            for name in ("compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch",
                         "summary", "get_layer")
        }  # fmt: skip
    path = Path(__file__).parent / "surface.json"
    path.write_text(json.dumps(found, indent=0) + "\n")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
