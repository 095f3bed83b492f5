"""Short names of losses, which as strings name them, too; as functions they have the long ones alone."""

_SHORT = {
    "binary_crossentropy": ["bce"],
    "kl_divergence": ["kld", "kullback_leibler_divergence"],
    "log_cosh": ["logcosh"],
    "mean_absolute_error": ["mae"],
    "mean_absolute_percentage_error": ["mape"],
    "mean_squared_error": ["mse"],
    "mean_squared_logarithmic_error": ["msle"],
}
CALLED = {
    spelling: f"call it {name}" for name, short in _SHORT.items() for one in short for spelling in (one, one.upper())
}
