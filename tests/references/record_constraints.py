"""Records what Keras's constraints give, in `constraints.npz`.

Run by hand, with keras and tensorflow installed: ``python tests/references/record_constraints.py``.
The file at hand was made by keras 3.15.1 on the TensorFlow backend.
"""

import json
from pathlib import Path

import cases_constraints as cases
import keras
import numpy as np

NAMES = ["MaxNorm", "max_norm", "NonNeg", "non_neg", "UnitNorm", "unit_norm", "MinMaxNorm", "min_max_norm"]


def main():
    recorded = {}
    for number, (name, arguments, shape) in enumerate(cases.CASES):
        recorded[str(number)] = np.asarray(getattr(keras.constraints, name)(**arguments)(cases.weight(shape)))
    found = {name: keras.constraints.get(name) for name in NAMES}
    names = {name: [type(item).__name__, item.get_config()] for name, item in found.items()}
    path = Path(__file__).with_name("constraints.npz")
    np.savez_compressed(path, names=np.array(json.dumps(names)), **recorded)
    print(f"{path.name}: {len(cases.CASES)} cases, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
