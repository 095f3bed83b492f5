"""Record Keras's optimizers, step by step, and its schedules.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_optimizers.py
"""

import os
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def main() -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    from cases_optimizers import RULES, SCHEDULES, draw

    arrays = {"keras_version": np.array(keras.__version__)}
    values, grads = draw(np)
    for name, (cls, arguments) in RULES.items():
        rate = arguments.get("learning_rate")
        if isinstance(rate, dict):
            schedule = getattr(keras.optimizers.schedules, rate["class_name"])(**rate["config"])
            arguments = arguments | {"learning_rate": schedule}
        optimizer = getattr(keras.optimizers, cls)(**arguments)
        variables = [keras.Variable(value, name=f"v{i}") for i, value in enumerate(values)]
        optimizer.build(variables)
        for step, of_step in enumerate(grads):
            optimizer.apply([keras.ops.convert_to_tensor(g) for g in of_step], variables)
            arrays[f"{name}/{step}"] = np.concatenate([np.ravel(np.asarray(v)) for v in variables])
        if optimizer.use_ema:
            optimizer.finalize_variable_values(variables)
            arrays[f"{name}/final"] = np.concatenate([np.ravel(np.asarray(v)) for v in variables])
    for name, (cls, arguments) in SCHEDULES.items():
        schedule = getattr(keras.optimizers.schedules, cls)(**arguments)
        arrays[f"schedule/{name}"] = np.array([float(schedule(step)) for step in range(40)])
    path = HERE / "optimizers.npz"
    np.savez_compressed(path, **arrays)
    print(f"{path.name}: {len(RULES)} rules, {len(SCHEDULES)} schedules, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
