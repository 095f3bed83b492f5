"""SpatialDropout: whole feature maps, drawn anew at each step, are left out of training."""

from typing import ClassVar, Unpack

from .. import config
from .base import LayerOptions, registry
from .dropout import Dropout
from .spec import InputSpec


class SpatialDropout1D(Dropout):
    r"""Leave out a share of the channels while training, each for all steps of a sequence.

    Forward:   y = x ⊙ m, with m = 0 for a share `rate` of the channels and 1 / (1 - rate) for the others;
               at inference y = x
    Backward:  dx = dy ⊙ m

    Shapes: x and y ``(batch, steps, channels)``. `seed`, a whole number or a `numpy.random.Generator`, fixes the draws.

    Source: Tompson et al., *Efficient Object Localization Using Convolutional Networks* (2015).

    >>> SpatialDropout1D(0.5, seed=1)([[[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]]], training=True)
    array([[[0., 2., 2., 2.],
            [0., 4., 4., 4.]]], dtype=float32)
    """

    def __init__(self, rate: float, seed=None, **options: Unpack[LayerOptions]):
        super().__init__(rate, noise_shape=(None, 1, None), seed=seed, **options)
        self.input_spec = InputSpec(ndim=3)


class SpatialDropout2D(Dropout):
    """Leave out a share of the channels of images while training; formulas as for `SpatialDropout1D`.

    Shapes: x and y ``(batch, height, width, channels)``, or with `data_format` "channels_first"
    ``(batch, channels, height, width)``.

    >>> import numpy as np
    >>> SpatialDropout2D(0.5, seed=1)(np.ones((1, 2, 2, 4)), training=True).sum(axis=(0, 1, 2))
    array([0., 8., 8., 8.], dtype=float32)
    """

    positions: ClassVar[int] = 2

    def __init__(self, rate: float, data_format: str | None = None, seed=None, **options: Unpack[LayerOptions]):
        self.data_format = config.standardize_data_format(data_format)
        shared = (1,) * self.positions
        noise_shape = (None, None, *shared) if self.data_format == "channels_first" else (None, *shared, None)
        super().__init__(rate, noise_shape=noise_shape, seed=seed, **options)
        self.input_spec = InputSpec(ndim=self.positions + 2)


class SpatialDropout3D(SpatialDropout2D):
    """Leave out a share of the channels of volumes while training; formulas as for `SpatialDropout1D`.

    Shapes: x and y ``(batch, depth, height, width, channels)``, or with `data_format` "channels_first"
    ``(batch, channels, depth, height, width)``.

    >>> import numpy as np
    >>> SpatialDropout3D(0.5)(np.ones((1, 2, 2, 2, 4))).shape
    (1, 2, 2, 2, 4)
    """

    positions = 3


for cls in (SpatialDropout1D, SpatialDropout2D, SpatialDropout3D):
    registry.add(cls)
