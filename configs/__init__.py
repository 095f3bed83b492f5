"""The experiment files that come with lamina: ``lamina train digits_mlp.yaml`` finds them by name."""
