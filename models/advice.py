"""What `utils.advice` has, for the parts of this folder."""

from ..utils.advice import advise

__all__ = ["advise"]
