"""Cases of the schedules, for `record_schedules.py` (Keras) and the tests (lamina): class names and arguments."""

STEPS = 64  # recorded are the steps 0 to 63

CASES: dict[str, list] = {
    "exponential": ["ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6}],
    "exponential staircase": [
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6, "staircase": True},
    ],
    "inverse time": ["InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6}],
    "inverse time staircase": [
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6, "staircase": True},
    ],
    "polynomial": ["PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 20}],
    "polynomial power": [
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 20, "end_learning_rate": 0.01, "power": 2.5},
    ],
    "polynomial cycle": [
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 16, "end_learning_rate": 0.02, "power": 0.5, "cycle": True},
    ],
    "piecewise": ["PiecewiseConstantDecay", {"boundaries": [5, 20, 21], "values": [0.1, 0.05, 0.5, 0.01]}],
    "cosine": ["CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 30}],
    "cosine alpha": ["CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 30, "alpha": 0.2}],
    "cosine warm": [
        "CosineDecay",
        {"initial_learning_rate": 0.01, "decay_steps": 30, "alpha": 0.1, "warmup_target": 0.2, "warmup_steps": 12},
    ],
    "cosine warm at once": [
        "CosineDecay",
        {"initial_learning_rate": 0.01, "decay_steps": 30, "warmup_target": 0.2, "warmup_steps": 0},
    ],
    "restarts": ["CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 4}],
    "restarts of equal length": [
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 8, "t_mul": 1.0, "m_mul": 0.7, "alpha": 0.1},
    ],
    "restarts that shrink": [
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.7, "m_mul": 0.6, "alpha": 0.2},
    ],
}
