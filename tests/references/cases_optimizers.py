"""Cases of the optimizers, for `record_optimizers.py` (Keras) and the tests (lamina): plain data.

A case is [class name, arguments], or [class name, arguments, extras]. A schedule among the arguments is such a pair too.
Extras:
    exclude     words for `exclude_from_weight_decay(var_names=...)`
    constraint  [class name, arguments] of a constraint on every variable that has an axis
    steps       default 6
    scale       the size of the gradients, default 1
"""

import zlib

import numpy as np

VARIABLES = {"kernel": (4, 3), "bias": (3,), "table": (2, 3, 4), "gain": (), "row": (1, 5)}
RATE = {"learning_rate": 0.05}
STEPWISE = ["PiecewiseConstantDecay", {"boundaries": [2, 4], "values": [0.1, 0.05, 0.01]}]

CASES: dict[str, list] = {
    "sgd": ["SGD", RATE],
    "sgd default": ["SGD", {}],
    "sgd momentum": ["SGD", RATE | {"momentum": 0.9}],
    "sgd nesterov": ["SGD", RATE | {"momentum": 0.9, "nesterov": True}],
    "sgd nesterov without momentum": ["SGD", RATE | {"nesterov": True}],
    "rmsprop": ["RMSprop", RATE],
    "rmsprop default": ["RMSprop", {}],
    "rmsprop momentum": ["RMSprop", RATE | {"momentum": 0.8, "rho": 0.7}],
    "rmsprop centered": ["RMSprop", RATE | {"centered": True, "epsilon": 0.01}],
    "rmsprop centered momentum": ["RMSprop", RATE | {"centered": True, "momentum": 0.9, "epsilon": 1e-3}],
    "adam": ["Adam", RATE],
    "adam default": ["Adam", {}],
    "adam betas": ["Adam", RATE | {"beta_1": 0.6, "beta_2": 0.8, "epsilon": 0.1}],
    "adam beta 0": ["Adam", RATE | {"beta_1": 0.0}],
    "adam amsgrad": ["Adam", RATE | {"amsgrad": True, "beta_2": 0.3}],
    "adamw": ["AdamW", RATE],
    "adamw default": ["AdamW", {}],
    "adamw decay": ["AdamW", RATE | {"weight_decay": 0.2, "amsgrad": True}],
    "adamw betas": ["AdamW", RATE | {"beta_1": 0.6, "beta_2": 0.8, "epsilon": 0.1}],
    "adamw exclude": ["AdamW", RATE | {"weight_decay": 0.2}, {"exclude": ["bias", "ain", "^kernel$"]}],
    "adadelta": ["Adadelta", RATE],
    "adadelta default": ["Adadelta", {}],
    "adadelta rho": ["Adadelta", {"learning_rate": 1.0, "rho": 0.8, "epsilon": 0.01}],
    "adagrad": ["Adagrad", RATE],
    "adagrad default": ["Adagrad", {}],
    "adagrad start": ["Adagrad", RATE | {"initial_accumulator_value": 0.5, "epsilon": 0.1}],
    "adagrad start 0": ["Adagrad", RATE | {"initial_accumulator_value": 0.0}],
    "adamax": ["Adamax", RATE],
    "adamax default": ["Adamax", {}],
    "adamax betas": ["Adamax", RATE | {"beta_1": 0.5, "beta_2": 0.6, "epsilon": 0.1}],
    "nadam": ["Nadam", RATE],
    "nadam default": ["Nadam", {}],
    "nadam betas": ["Nadam", RATE | {"beta_1": 0.6, "beta_2": 0.8, "epsilon": 0.1}],
    "ftrl": ["Ftrl", RATE],
    "ftrl default": ["Ftrl", {}],
    "ftrl l1 l2": ["Ftrl", RATE | {"l1_regularization_strength": 0.5, "l2_regularization_strength": 0.3}],
    "ftrl shrinkage": ["Ftrl", RATE | {"l2_shrinkage_regularization_strength": 0.2, "beta": 0.4}],
    "ftrl power": ["Ftrl", RATE | {"learning_rate_power": -0.7, "initial_accumulator_value": 0.3}],
    "ftrl power 0": ["Ftrl", RATE | {"learning_rate_power": 0.0}],
    "lion": ["Lion", RATE],
    "lion default": ["Lion", {}],
    "lion betas": ["Lion", RATE | {"beta_1": 0.5, "beta_2": 0.7}],
    "adafactor": ["Adafactor", RATE],
    "adafactor default": ["Adafactor", {}],
    "adafactor relative": ["Adafactor", {"learning_rate": 0.8}],
    "adafactor absolute": ["Adafactor", RATE | {"relative_step": False}],
    "adafactor numbers": [
        "Adafactor",
        RATE | {"beta_2_decay": -0.5, "epsilon_1": 0.1, "epsilon_2": 2.0, "clip_threshold": 0.3},
    ],
    "lamb": ["Lamb", RATE],
    "lamb default": ["Lamb", {}],
    "lamb betas": ["Lamb", RATE | {"beta_1": 0.6, "beta_2": 0.8, "epsilon": 0.1}],
    "muon": ["Muon", RATE],
    "muon default": ["Muon", {}],
    "muon numbers": [
        "Muon",
        RATE | {"muon_a": 3.0, "muon_b": -3.5, "muon_c": 1.5, "momentum": 0.7, "ns_steps": 3, "nesterov": False},
    ],
    "muon rate": ["Muon", RATE | {"rms_rate": None, "adam_lr_ratio": 0.3, "exclude_embeddings": False}],
    "muon of adam": [
        "Muon",
        RATE | {"exclude_layers": ["^ro"], "adam_beta_1": 0.6, "adam_beta_2": 0.8, "epsilon": 0.1},
    ],
    "muon two decays": ["Muon", RATE | {"weight_decay": 0.2, "adam_weight_decay": 0.5}, {"exclude": ["bias", "ain"]}],
    "muon one decay": ["Muon", RATE | {"weight_decay": None, "adam_weight_decay": 0.5}],
    "constrained": ["SGD", {"learning_rate": 0.5}, {"constraint": ["MaxNorm", {"max_value": 0.7}]}],
    "constrained average": [
        "Adam",
        RATE | {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2, "weight_decay": 0.1},
        {"constraint": ["NonNeg", {}]},
    ],
    "average gathered": [
        "Adam",
        RATE | {"use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 2, "gradient_accumulation_steps": 2},
        {"steps": 9},
    ],
    "gathered clipped decayed": [
        "AdamW",
        RATE | {"gradient_accumulation_steps": 3, "clipnorm": 0.5, "weight_decay": 0.3, "use_ema": True},
        {"steps": 10},
    ],
    "gathered scheduled": ["SGD", {"learning_rate": STEPWISE, "gradient_accumulation_steps": 2}, {"steps": 8}],
    "adafactor scheduled": ["Adafactor", {"learning_rate": STEPWISE}],
    "not clipped": ["SGD", RATE | {"clipnorm": 100.0}],
    "small gradients": ["Adam", RATE, {"scale": 1e-6}],
    "large gradients": ["Adam", RATE | {"global_clipnorm": 3.0}, {"scale": 1e6}],
}

# Every optimizer with every option that all of them have.
OPTIONS: dict[str, dict] = {
    "weight decay": {"weight_decay": 0.1},
    "clipnorm": {"clipnorm": 0.8},
    "clipvalue": {"clipvalue": 0.3},
    "global clipnorm": {"global_clipnorm": 1.5},
    "average": {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 2},
    "gathered": {"gradient_accumulation_steps": 2},
    "scheduled": {"learning_rate": STEPWISE},
}
RULES = (
    "SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Nadam", "Ftrl", "Lion", "Adafactor", "Lamb",
    "Muon",
)  # fmt: skip
EXTRA = {"SGD": {"momentum": 0.9}, "RMSprop": {"momentum": 0.9, "centered": True, "epsilon": 1e-3}}
CASES |= {
    f"{rule.lower()} {option}": [rule, RATE | EXTRA.get(rule, {}) | given]
    for rule in RULES
    for option, given in OPTIONS.items()
}


def extras(case: list) -> dict:
    return case[2] if len(case) > 2 else {}


def draw(name: str) -> tuple[list[np.ndarray], list[list[np.ndarray]]]:
    """The variables' first values, and the gradients of each step; one variable begins at 0."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    more = extras(CASES[name])
    values = [rng.normal(size=shape).astype("float32") for shape in VARIABLES.values()]
    values[1][...] = 0
    scale = more.get("scale", 1.0)
    gradients = [
        [(scale * rng.normal(size=shape)).astype("float32") for shape in VARIABLES.values()]
        for _ in range(more.get("steps", 6))
    ]
    return values, gradients


def has_slots(case: list) -> bool:
    """Whether the slots are recorded: where they are the rule's own numbers, or those of the two options that have some."""
    plain = not {"weight_decay", "clipnorm", "clipvalue", "global_clipnorm"} & set(case[1])
    return case[0] != "Adafactor" and plain and not isinstance(case[1].get("learning_rate"), list)


def make(namespace, case: list):
    """The optimizer of a case, from `keras.optimizers` or `lamina.optimizers`."""
    name, arguments = case[:2]
    rate = arguments.get("learning_rate")
    if isinstance(rate, list):
        arguments = arguments | {"learning_rate": getattr(namespace.schedules, rate[0])(**rate[1])}
    made = getattr(namespace, name)(**arguments)
    if "exclude" in extras(case):
        made.exclude_from_weight_decay(var_names=extras(case)["exclude"])
    return made


def constrain(constraints, case: list, variables: list) -> None:
    """Put the case's constraint on the variables that have an axis."""
    if "constraint" in extras(case):
        name, arguments = extras(case)["constraint"]
        for variable in variables:
            variable.constraint = getattr(constraints, name)(**arguments) if len(variable.shape) else None
