"""What compiled kernels would bring: the parts of a step that are no matrix product, in NumPy as they are and in Numba.

Run where Numba is installed beside lamina: ``python -m benchmarks.compiled``. Nothing else here needs it. Each kernel
is held to NumPy's numbers before it is timed; all run in one thread.
"""

import math
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from lamina.ops import cells
from lamina.ops.pooling import largest_gradient
from lamina.ops.room import Room
from lamina.ops.windows import Geometry
from lamina.optimizers import Adam
from lamina.utils.variable import Variable

RATE = 1e-3


def kernels() -> dict[str, Callable]:
    """The compiled twins."""
    import numba

    jit = numba.njit(fastmath=True, nogil=True, error_model="numpy")

    @jit
    def adam(g, w, m, v, rate):
        for i in range(g.size):
            m[i] = np.float32(0.9) * m[i] + np.float32(0.1) * g[i]
            v[i] = np.float32(0.999) * v[i] + np.float32(0.001) * g[i] * g[i]
            w[i] -= rate * m[i] / (np.sqrt(v[i]) + np.float32(1e-7))

    @jit
    def lstm(sums, c, c_new, u, h_new):
        half, one = np.float32(0.5), np.float32(1)
        i, f, o, g = sums
        for k in range(c.size):
            i[k] = half * (one + math.tanh(i[k]))
            f[k] = half * (one + math.tanh(f[k]))
            o[k] = half * (one + math.tanh(o[k]))
            g[k] = math.tanh(g[k])
            c_new[k] = f[k] * c[k] + i[k] * g[k]
            u[k] = math.tanh(c_new[k])
            h_new[k] = o[k] * u[k]

    @jit
    def lstm_backward(dh, dc, gates, c, u, d):
        one = np.float32(1)
        i, f, o, g = gates
        for k in range(c.size):
            dck = dc[k] + dh[k] * o[k] * (one - u[k] * u[k])
            d[2, k] = dh[k] * u[k] * o[k] * (one - o[k])
            d[0, k] = dck * g[k] * i[k] * (one - i[k])
            d[1, k] = dck * c[k] * f[k] * (one - f[k])
            d[3, k] = dck * i[k] * (one - g[k] * g[k])
            dc[k] = dck * f[k]

    @jit
    def pool(dy, x, y, dx):
        for n in range(y.shape[0]):
            for a in range(y.shape[1]):
                for b in range(y.shape[2]):
                    for k in range(y.shape[3]):
                        top, rest = y[n, a, b, k], dy[n, a, b, k]
                        for row in range(2):
                            for column in range(2):
                                here = x[n, 2 * a + row, 2 * b + column, k] == top
                                dx[n, 2 * a + row, 2 * b + column, k] = rest if here else np.float32(0)
                                rest = np.float32(0) if here else rest

    return {"adam": adam, "lstm": lstm, "lstm_backward": lstm_backward, "pool": pool}


def trials(compiled: dict[str, Callable]) -> dict[str, tuple[Callable, Callable, Callable]]:
    """By name: the work in NumPy, the same in Numba, and what gives the pairs of arrays that must come out alike."""
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape, np.float32)

    count = 669_706  # the mlp's weights
    variable, optimizer = Variable(draw(count)), Adam(RATE)
    optimizer.build([variable])
    w, m, v, g = variable.value.copy(), np.zeros(count, "f"), np.zeros(count, "f"), draw(count)

    def numpy_adam():
        variable.reset_grad()
        variable.accumulate(np.positive, g)
        optimizer.step([variable])

    t = [0]

    def numba_adam():
        t[0] += 1
        compiled["adam"](g, w, m, v, np.float32(RATE * math.sqrt(1 - 0.999 ** t[0]) / (1 - 0.9 ** t[0])))

    shape = (64, 64)
    sums, c, dh, dc = draw(4, *shape), draw(*shape), draw(*shape), draw(*shape)
    ours, theirs = sums.copy(), sums.copy()
    c_new, u, h, spare = (np.empty(shape, "f") for _ in range(4))
    c_too, u_too, h_too = (np.empty(c.size, "f") for _ in range(3))

    def numpy_lstm():
        np.copyto(ours, sums)
        cells.lstm_step(ours, c, c_new, u, h, spare)

    def numba_lstm():
        np.copyto(theirs, sums)
        compiled["lstm"](theirs.reshape(4, -1), c.reshape(-1), c_too, u_too, h_too)

    d, room, d_too, dc_ours, dc_theirs = np.empty_like(sums), np.empty_like(sums), np.empty((4, c.size), "f"), dc, dc

    def numpy_lstm_backward():
        nonlocal dc_ours
        dc_ours = dc.copy()
        cells.lstm_step_backward(dh, dc_ours, ours, c, u, h, d, room)

    def numba_lstm_backward():
        nonlocal dc_theirs
        dc_theirs = dc.copy()
        flat = [a.reshape(-1) for a in (dh, dc_theirs)]
        compiled["lstm_backward"](*flat, theirs.reshape(4, -1), c.reshape(-1), u_too, d_too)

    x = np.maximum(draw(64, 26, 26, 32), 0)
    y = np.maximum(np.maximum(x[:, ::2, ::2], x[:, ::2, 1::2]), np.maximum(x[:, 1::2, ::2], x[:, 1::2, 1::2]))
    dy, dx_too, geometry, memory = draw(*y.shape), np.empty_like(x), Geometry((2, 2), (2, 2), (1, 1), "valid"), Room()
    kept: list[np.ndarray] = [x]

    def numpy_pool():
        kept[0] = largest_gradient(dy.copy(), x, y, geometry, memory)

    def numba_pool():
        compiled["pool"](dy, x, y, dx_too)

    return {
        "Adam, 669,706 numbers": (numpy_adam, numba_adam, lambda: [(variable.value, w)]),
        "LSTM step, 64 x 64": (numpy_lstm, numba_lstm, lambda: [(h.reshape(-1), h_too)]),
        "LSTM step backward, 64 x 64": (
            numpy_lstm_backward,
            numba_lstm_backward,
            lambda: [(d.reshape(4, -1), d_too), (dc_ours, dc_theirs)],
        ),
        "max pooling backward, 64 x 26 x 26 x 32": (numpy_pool, numba_pool, lambda: [(kept[0], dx_too)]),
    }


def main() -> None:
    """Print microseconds of each, in turn, medians."""
    for name, (ours, theirs, alike) in trials(kernels()).items():
        ours()
        theirs()
        for a, b in alike():
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
        times: list[list[float]] = [[], []]
        for _ in range(200):
            for which, call in enumerate((ours, theirs)):
                start = time.perf_counter()
                call()
                times[which].append(time.perf_counter() - start)
        numpy_time, numba_time = (median(each) * 1e6 for each in times)
        print(f"{name:<42} NumPy {numpy_time:8.1f} µs   Numba {numba_time:8.1f} µs   {numba_time / numpy_time:.2f}")


if __name__ == "__main__":
    main()
