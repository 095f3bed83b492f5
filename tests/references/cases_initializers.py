"""Cases of the initializers: how wide the scaled ones spread, for weights of every rank; used by recorder and tests."""

SHAPES = [(), (7,), (3, 5), (2, 3, 5), (2, 3, 4, 5), (2, 3, 4, 5, 6)]
MODES = ["fan_in", "fan_out", "fan_avg"]
SPREADS = ["uniform", "untruncated_normal", "truncated_normal", "normal"]
AXES = [
    [(2, 3, 4, 5), [0], [1]],
    [(2, 3, 4, 5), [0, 1], [2, 3]],
    [(2, 3, 4, 5), [-1], [0]],
    [(7,), [0], []],
    [(2, 3, 4), [], [2]],
]
NAMED = ["GlorotUniform", "GlorotNormal", "LecunUniform", "LecunNormal", "HeUniform", "HeNormal"]

# (class, arguments, shape of the weight)
CASES = [
    *(
        ("VarianceScaling", {"scale": 2.5, "mode": mode, "distribution": spread}, shape)
        for mode in MODES
        for spread in SPREADS
        for shape in SHAPES
    ),
    *(
        (
            "VarianceScaling",
            {"mode": mode, "distribution": "uniform", "input_axes": inputs, "output_axes": outputs},
            shape,
        )
        for mode in MODES
        for shape, inputs, outputs in AXES
    ),
    *((name, {}, shape) for name in NAMED for shape in SHAPES),
]


def measure(module, name: str, arguments: dict, shape: tuple[int, ...]) -> float:
    """How many times wider the values are than those that the plain distribution draws from the same seed."""
    spread = arguments.get("distribution", "uniform" if "Uniform" in name else "truncated_normal")
    plain = {
        "uniform": lambda: module.RandomUniform(-1.0, 1.0, seed=3),
        "untruncated_normal": lambda: module.RandomNormal(0.0, 1.0, seed=3),
    }.get(spread, lambda: module.TruncatedNormal(0.0, 1.0, seed=3))()
    scaled = getattr(module, name)(**arguments, seed=3)(shape)
    return float(sum(abs(float(v)) for v in _flat(scaled)) / sum(abs(float(v)) for v in _flat(plain(shape))))


def _flat(values):
    return values.ravel() if hasattr(values, "ravel") else values.numpy().ravel()
