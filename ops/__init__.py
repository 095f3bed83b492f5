"""Array maths that several layers share: each function with its gradient beside it."""
