"""Record what Keras's preprocessing layers give: outputs, and the vocabulary where there is one.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_preprocessing.py

The table of cases is `cases_preprocessing.py`; the arrays go to `preprocessing.npz`, terms as strings.
"""

import os
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def record(keras, case: dict) -> dict[str, np.ndarray]:
    class_name, arguments = case["layer"]
    layer = getattr(keras.layers, class_name)(**arguments)
    if "adapt" in case:
        data = case["adapt"]
        layer.adapt(iter([np.array(batch) for batch in data]) if isinstance(data, tuple) else np.array(data))
    several = class_name == "HashedCrossing"
    y = np.asarray(layer([np.array(part) for part in case["x"]] if several else np.array(case["x"])))
    arrays = {"y": np.char.decode(y.astype(bytes)) if y.dtype.kind == "O" else y}
    if hasattr(layer, "get_vocabulary"):
        arrays["vocabulary"] = np.array(layer.get_vocabulary())
    return arrays


def main() -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras
    from cases_preprocessing import CASES

    arrays = {f"{name}/{key}": value for name, case in CASES.items() for key, value in record(keras, case).items()}
    path = HERE / "preprocessing.npz"
    np.savez_compressed(path, keras_version=np.array(keras.__version__), **arrays)
    print(f"{path.name}: {len(CASES)} cases, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
