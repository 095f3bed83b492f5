"""Keras's own files: ``.keras``, ``.weights.h5`` and the older ``.h5``, written so that Keras reads them, and read.

`archive` and `hdf5` say what a file holds as plain data; `from_keras` and `to_keras` turn configs into each other;
`places` knows where each layer's numbers stand; `legacy` is the older format. `whole` puts them together.
"""

from .whole import contents_of, read_model, read_weights, write_model, write_weights

__all__ = ["contents_of", "read_model", "read_weights", "write_model", "write_weights"]
