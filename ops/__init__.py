"""Array maths that several layers share: each function with its gradient beside it."""

from ..errors import refusing

_NUMPY = "it is no keras.ops: data are NumPy's arrays here, and NumPy's functions take them"
__getattr__ = refusing(__name__, {"*": _NUMPY})
