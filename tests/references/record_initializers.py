"""Records what Keras's initializers are called and how wide they spread, in `initializers.npz`.

Run by hand, with keras and tensorflow installed: ``python tests/references/record_initializers.py``.
The file at hand was made by keras 3.15.1 on the TensorFlow backend.
"""

import inspect
import json
from pathlib import Path

import cases_initializers as cases
import keras
import numpy as np


def signature(cls):
    """The arguments of a class and their defaults."""
    own = list(inspect.signature(cls.__init__).parameters.values())[1:] if "__init__" in dir(cls) else []
    named = [item for item in own if item.kind not in (item.VAR_KEYWORD, item.VAR_POSITIONAL)]
    return {item.name: None if item.default is item.empty else item.default for item in named}


def main():
    public = {name: item for name, item in vars(keras.initializers).items() if inspect.isclass(item)}
    public = {name: item for name, item in public.items() if "stft" not in name.lower()}
    names = {}
    for name in [*public, "normal", "uniform", "zero", "one"]:
        try:
            names[name] = type(keras.initializers.get(name)).__name__
        except (ValueError, KeyError):  # "constant" wants its value
            continue
    facts = {
        "keras": keras.__version__,
        "signatures": {name: signature(item) for name, item in public.items()},
        "names": names,
    }
    spreads = np.array([cases.measure(keras.initializers, *case) for case in cases.CASES])
    path = Path(__file__).with_name("initializers.npz")
    np.savez_compressed(path, facts=np.array(json.dumps(facts)), spreads=spreads)
    print(f"{path.name}: {len(spreads)} cases, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
