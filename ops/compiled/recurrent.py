"""The steps of `cells`, in one pass each: names, arguments and equations are theirs."""

from ...utils.kernels import CUBE, HALF, MATRIX, ONE, VECTOR, kernel, tanh


@kernel(CUBE, CUBE, MATRIX, MATRIX, MATRIX, MATRIX, CUBE)
def lstm_step(sums, product, c, c_new, u, h_new, spare):
    """As `cells.lstm_step`."""
    for n in range(c.shape[0]):
        for k in range(c.shape[1]):
            i = HALF + HALF * tanh(sums[0, n, k] + product[0, n, k])
            f = HALF + HALF * tanh(sums[1, n, k] + product[1, n, k])
            o = HALF + HALF * tanh(sums[2, n, k] + product[2, n, k])
            g = tanh(sums[3, n, k] + product[3, n, k])
            sums[0, n, k], sums[1, n, k], sums[2, n, k], sums[3, n, k] = i, f, o, g
            memory = f * c[n, k] + i * g
            squashed = tanh(memory)
            c_new[n, k] = memory
            u[n, k] = squashed
            h_new[n, k] = o * squashed


@kernel(MATRIX, MATRIX, CUBE, MATRIX, MATRIX, MATRIX, CUBE, CUBE)
def lstm_step_backward(dh, dc, gates, c, u, h_new, d, spare):
    """As `cells.lstm_step_backward`."""
    for n in range(c.shape[0]):
        for k in range(c.shape[1]):
            i, f, o, g = gates[0, n, k], gates[1, n, k], gates[2, n, k], gates[3, n, k]
            d_memory = dc[n, k] + dh[n, k] * o * (ONE - u[n, k] * u[n, k])
            d[n, 0, k] = d_memory * g * i * (ONE - i)
            d[n, 1, k] = d_memory * c[n, k] * f * (ONE - f)
            d[n, 2, k] = dh[n, k] * h_new[n, k] * (ONE - o)
            d[n, 3, k] = d_memory * i * (ONE - g * g)
            dc[n, k] = d_memory * f


@kernel(CUBE, CUBE, VECTOR, MATRIX, MATRIX, MATRIX, CUBE)
def gru_step(sums, product, bias, h, m, h_new, spare):
    """As `cells.gru_step`."""
    for n in range(h.shape[0]):
        for k in range(h.shape[1]):
            z = HALF + HALF * tanh(sums[0, n, k] + product[0, n, k])
            r = HALF + HALF * tanh(sums[1, n, k] + product[1, n, k])
            beside = product[2, n, k] + bias[k]
            new = tanh(sums[2, n, k] + r * beside)
            sums[0, n, k], sums[1, n, k], sums[2, n, k] = z, r, new
            m[n, k] = beside
            h_new[n, k] = z * (h[n, k] - new) + new


@kernel(MATRIX, CUBE, MATRIX, MATRIX, CUBE, CUBE)
def gru_step_backward(dh, gates, m, h_new, d, spare):
    """As `cells.gru_step_backward`."""
    for n in range(dh.shape[0]):
        for k in range(dh.shape[1]):
            z, r, new = gates[0, n, k], gates[1, n, k], gates[2, n, k]
            past = dh[n, k] * z
            d_new = (dh[n, k] - past) * (ONE - new * new)
            d[n, 0, k] = d_new * r
            d[n, 1, k] = (h_new[n, k] - new) * dh[n, k] * (ONE - z)
            d[n, 2, k] = d_new * r * m[n, k] * (ONE - r)
            d[n, 3, k] = d_new
            dh[n, k] = past


@kernel(MATRIX, MATRIX, MATRIX)
def rnn_step(sums, product, h_new):
    """As `cells.rnn_step`."""
    for n in range(sums.shape[0]):
        for k in range(sums.shape[1]):
            h_new[n, k] = tanh(sums[n, k] + product[n, k])


@kernel(MATRIX, MATRIX, MATRIX, MATRIX)
def rnn_step_backward(dh, h_new, d, spare):
    """As `cells.rnn_step_backward`."""
    for n in range(dh.shape[0]):
        for k in range(dh.shape[1]):
            d[n, k] = dh[n, k] * (ONE - h_new[n, k] * h_new[n, k])
