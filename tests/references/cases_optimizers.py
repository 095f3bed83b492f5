"""Cases of optimizers: each a class and its arguments. Plain data for script and test."""

RULES = {
    "sgd": ["SGD", {"learning_rate": 0.1}],
    "sgd_momentum": ["SGD", {"learning_rate": 0.1, "momentum": 0.9}],
    "sgd_nesterov": ["SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}],
    "rmsprop": ["RMSprop", {}],
    "rmsprop_momentum": ["RMSprop", {"learning_rate": 0.01, "rho": 0.8, "momentum": 0.5}],
    "rmsprop_centered": ["RMSprop", {"learning_rate": 0.01, "centered": True, "momentum": 0.5}],
    "adam": ["Adam", {"learning_rate": 0.01}],
    "adam_amsgrad": ["Adam", {"learning_rate": 0.01, "amsgrad": True, "beta_2": 0.5}],
    "adam_epsilon": ["Adam", {"learning_rate": 0.01, "epsilon": 0.1, "beta_1": 0.8}],
    "adamw": ["AdamW", {"learning_rate": 0.01}],
    "adamw_amsgrad": ["AdamW", {"learning_rate": 0.01, "weight_decay": 0.1, "amsgrad": True}],
    "adamax": ["Adamax", {"learning_rate": 0.01}],
    "nadam": ["Nadam", {"learning_rate": 0.01}],
    "adagrad": ["Adagrad", {"learning_rate": 0.1}],
    "adadelta": ["Adadelta", {"learning_rate": 1.0}],
    "ftrl": ["Ftrl", {"learning_rate": 0.1}],
    "ftrl_options": [
        "Ftrl",
        {
            "learning_rate": 0.1,
            "learning_rate_power": -0.7,
            "l1_regularization_strength": 0.05,
            "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.02,
            "beta": 0.3,
        },
    ],
    "lion": ["Lion", {"learning_rate": 0.01}],
    "lamb": ["Lamb", {"learning_rate": 0.05}],
    "adafactor": ["Adafactor", {"learning_rate": 0.1}],
    "adafactor_absolute": ["Adafactor", {"learning_rate": 0.3, "relative_step": False, "clip_threshold": 0.5}],
    "weight_decay": ["SGD", {"learning_rate": 0.1, "weight_decay": 0.2}],
    "clipnorm": ["SGD", {"learning_rate": 0.1, "clipnorm": 1.0}],
    "clipvalue": ["Adam", {"learning_rate": 0.01, "clipvalue": 0.3}],
    "global_clipnorm": ["RMSprop", {"learning_rate": 0.1, "global_clipnorm": 1.0}],
    "ema": ["SGD", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 2}],
    "accumulation": ["Adam", {"learning_rate": 0.01, "gradient_accumulation_steps": 2, "clipnorm": 1.0}],
    "decay_and_clip": ["AdamW", {"learning_rate": 0.01, "weight_decay": 0.3, "global_clipnorm": 0.5}],
    "schedule": [
        "SGD",
        {
            "learning_rate": {
                "class_name": "ExponentialDecay",
                "config": {"initial_learning_rate": 0.5, "decay_steps": 2, "decay_rate": 0.3},
            }
        },
    ],
}
SCHEDULES = {
    "exponential": ["ExponentialDecay", {"initial_learning_rate": 0.5, "decay_steps": 7, "decay_rate": 0.9}],
    "exponential_stairs": [
        "ExponentialDecay",
        {"initial_learning_rate": 0.5, "decay_steps": 7, "decay_rate": 0.9, "staircase": True},
    ],
    "inverse": ["InverseTimeDecay", {"initial_learning_rate": 0.5, "decay_steps": 7, "decay_rate": 0.9}],
    "inverse_stairs": [
        "InverseTimeDecay",
        {"initial_learning_rate": 0.5, "decay_steps": 7, "decay_rate": 0.9, "staircase": True},
    ],
    "polynomial": ["PolynomialDecay", {"initial_learning_rate": 0.5, "decay_steps": 10, "power": 2.0}],
    "polynomial_cycle": ["PolynomialDecay", {"initial_learning_rate": 0.5, "decay_steps": 10, "cycle": True}],
    "piecewise": ["PiecewiseConstantDecay", {"boundaries": [5, 10], "values": [1.0, 0.5, 0.1]}],
    "cosine": ["CosineDecay", {"initial_learning_rate": 0.5, "decay_steps": 20, "alpha": 0.1}],
    "cosine_warm": [
        "CosineDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 20, "warmup_target": 0.5, "warmup_steps": 5},
    ],
    "restarts": ["CosineDecayRestarts", {"initial_learning_rate": 0.5, "first_decay_steps": 5}],
    "restarts_options": [
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.5, "first_decay_steps": 5, "t_mul": 1.0, "m_mul": 0.8, "alpha": 0.1},
    ],
}
SHAPES = [(3, 4), (4,), (2, 3, 2), (1, 5), ()]
STEPS = 6


def draw(np):
    """The first values of the variables, and the gradients of each step."""
    rng = np.random.default_rng(5)
    values = [rng.normal(size=shape).astype("float32") for shape in SHAPES]
    grads = [[rng.normal(size=shape).astype("float32") for shape in SHAPES] for _ in range(STEPS)]
    return values, grads
