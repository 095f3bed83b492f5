"""Record the learning rates of Keras's schedules at the steps 0, 1, 2, ...

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_schedules.py

For each case of `cases_schedules.py`, `schedules.npz` holds <case> (steps,).
"""

import os
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from cases_schedules import CASES, STEPS  # noqa: E402


def main() -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras

    rates = {}
    for name, (cls, arguments) in CASES.items():
        schedule = getattr(keras.optimizers.schedules, cls)(**arguments)
        rates[name] = np.array([float(schedule(step)) for step in range(STEPS)])
    path = HERE / "schedules.npz"
    np.savez_compressed(path, keras_version=np.array(keras.__version__), **rates)
    print(f"{path.name}: {len(CASES)} cases, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
