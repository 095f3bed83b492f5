"""Record what Keras's optimizers make of variables, step by step, and what they remember in the end.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_optimizers.py

`optimizers.npz` holds, for the cases of `cases_optimizers.py`,

    cases         (cases,): their names
    first, last   (cases, numbers): all variables' numbers after the first and the last step, end to end
    final         (cases, numbers): the same after `finalize_variable_values`
    slots/<case>  (numbers,): all that the optimizer remembers of the variables in the end, in its own order; but for
                  Adafactor, which allocates more than it uses
    names/<case>  the names of those slots, one a line
"""

import os
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from cases_optimizers import CASES, VARIABLES, constrain, draw, has_slots, make  # noqa: E402


def flat(variables) -> np.ndarray:
    return np.concatenate([np.ravel(variable.numpy()) for variable in variables])


def run(keras, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, list]:
    case = CASES[name]
    values, gradients = draw(name)
    variables = [keras.Variable(value, name=key) for key, value in zip(VARIABLES, values, strict=True)]
    constrain(keras.constraints, case, variables)
    optimizer = make(keras.optimizers, case)
    optimizer.build(variables)
    steps = []
    for step in gradients:
        optimizer.apply_gradients(list(zip(step, variables, strict=True)))
        steps.append(flat(variables))
    slots = [variable for variable in optimizer.variables if variable.name.startswith(tuple(VARIABLES))]
    optimizer.finalize_variable_values(variables)
    return steps[0], steps[-1], flat(variables), slots


def main() -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras

    arrays: dict[str, np.ndarray] = {"keras_version": np.array(keras.__version__), "cases": np.array(list(CASES))}
    rows = []
    for name, case in CASES.items():
        *numbers, slots = run(keras, name)
        rows.append(numbers)
        if slots and has_slots(case):
            arrays[f"slots/{name}"] = flat(slots)
            arrays[f"names/{name}"] = np.array("\n".join(variable.name for variable in slots))
    for key, values in zip(("first", "last", "final"), zip(*rows, strict=True), strict=True):
        arrays[key] = np.stack(values)
    path = HERE / "optimizers.npz"
    np.savez_compressed(path, **arrays)
    print(f"{path.name}: {len(CASES)} cases, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
