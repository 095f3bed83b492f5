"""Fits the quotient of polynomials in `lamina/utils/kernels.py`, and prints it. Needs NumPy alone."""

import numpy as np

DEGREE, FURTHEST, ROUNDS = 4, 7.9, 400


def fit() -> tuple[np.ndarray, np.ndarray]:
    """p and q in s = x², the lowest power first, with q(0) = 1, such that p/q is near tanh(x)/x for |x| < FURTHEST.

    Least squares of p - q·tanh(x)/x, divided by the q of the round before, and weighed more each round where p/q is
    furthest off: that evens out the largest errors (Lawson's way).
    """
    nodes = 4000
    scaled = 0.5 - 0.5 * np.cos(np.pi * (np.arange(nodes) + 0.5) / nodes)
    x = FURTHEST * np.sqrt(scaled)
    wanted = np.tanh(x) / x
    powers = scaled[:, None] ** np.arange(DEGREE + 1)
    weights, below, least = np.ones(nodes), np.ones(nodes), np.inf
    for _ in range(ROUNDS):
        by_row = np.sqrt(weights) / (wanted * below)
        rows = np.hstack([powers, -wanted[:, None] * powers[:, 1:]]) * by_row[:, None]
        found = np.linalg.lstsq(rows, wanted * by_row, rcond=None)[0]
        p, q = found[: DEGREE + 1], np.append(1, found[DEGREE + 1 :])
        below = powers @ q
        errors = np.abs(powers @ p / below / wanted - 1)
        if errors.max() < least:
            least, best = errors.max(), (p, q)
        weights *= np.maximum(errors / errors.max(), 1e-3) ** 0.7
        weights /= weights.sum()
    units = FURTHEST ** (2 * np.arange(DEGREE + 1))
    return best[0] / units, best[1] / units


if __name__ == "__main__":
    for name, coefficients in zip("PQ", fit(), strict=True):
        print(name, "=", ", ".join(repr(float(coefficient)) for coefficient in coefficients))
