"""lamina beside Keras on its three backends and PyTorch, measured: `python -m benchmarks`."""
