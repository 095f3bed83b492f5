"""Steps of the recurrent cells with tanh and sigmoid, the usual pair, in as few passes over memory as it takes.

A step is made of small arrays ``(batch, units)``, the gates one after another. So each call of NumPy counts, and a call
for several gates at once costs less than one for each. The sums of sigmoids come halved (`gates.SigmoidOfHalf`), which
makes every activation a tanh. Backward, a product with a slope is taken apart: d ⊙ s ⊙ (1 - s) = p - p ⊙ s with
p = d ⊙ s, for p is wanted elsewhere, too. The same equations one by one stand in the cells, for any activations.
`compiled` has these steps in one pass each.
"""

import numpy as np


def squash(sums: np.ndarray, sigmoids: int) -> None:
    """Replace the sums of all gates by the gates: so many sigmoids, of sums that were halved, then tanh.

    >>> sums = np.array([[-8.0, 0.0], [-8.0, 0.0]])
    >>> squash(sums, sigmoids=1)
    >>> sums.round(3).tolist()
    [[0.0, 0.5], [-1.0, 0.0]]
    """
    np.tanh(sums, out=sums)
    halves = sums[:sigmoids]
    halves *= 0.5
    halves += 0.5


def lstm_step(sums, product, c, c_new, u, h_new, spare) -> None:
    """c' = f ⊙ c + i ⊙ g,  u = tanh(c'),  h' = o ⊙ u;  `sums` + `product` ``(4, batch, units)`` become i, f, o, g.

    `product`, here as in the other steps, is h·R.
    """
    sums += product
    squash(sums, sigmoids=3)
    i, f, o, g = sums
    np.multiply(f, c, out=c_new)
    c_new += np.multiply(i, g, out=spare[0])
    np.tanh(c_new, out=u)
    np.multiply(o, u, out=h_new)


def lstm_step_backward(dh, dc, gates, c, u, h_new, d, spare) -> None:
    """Write the gradients of the sums into `d`, and that of c over dc; `gates`, `d`, `spare` ``(4, batch, units)``."""
    i, f, o, g = gates
    di, df, do, dg = d
    room = spare[0]
    np.multiply(dh, o, out=dg)  # h' = o ⊙ u, u = tanh(c'):  dc += dh ⊙ o ⊙ (1 - u²)
    np.multiply(dh, h_new, out=do)
    np.multiply(do, u, out=room)
    dg -= room
    dc += dg
    np.multiply(dc, i, out=dg)  # c' = f ⊙ c + i ⊙ g:  dg = dc ⊙ i ⊙ (1 - g²)
    np.multiply(dg, g, out=di)
    np.multiply(di, g, out=room)
    dg -= room
    dc *= f
    np.multiply(dc, c, out=df)
    products = np.multiply(d[:3], gates[:3], out=spare[:3])  # with s = i, f, o:  p ⊙ (1 - s)
    d[:3] -= products


def gru_step(sums, product, bias, h, m, h_new, spare) -> None:
    """m = h·Rₙ + bias,  h' = z ⊙ h + (1 - z) ⊙ n;  `sums` ``(3, batch, units)`` become z, r, n."""
    gates = sums[:2]
    gates += product[:2]
    squash(gates, sigmoids=2)
    z, r, n = sums
    np.add(product[2], bias, out=m)
    n += np.multiply(r, m, out=spare[0])
    np.tanh(n, out=n)
    np.subtract(h, n, out=h_new)
    h_new *= z
    h_new += n


def gru_step_backward(dh, gates, m, h_new, d, spare) -> None:
    """Write the gradients of m and of the sums of z, r, n into `d` ``(4, batch, units)``; over dh, what goes past."""
    z, r, n = gates
    dm, dz, dr, dn = d
    room = spare[0]
    np.subtract(h_new, n, out=dz)  # h' = z ⊙ h + (1 - z) ⊙ n:  dz = dh ⊙ (h - n) ⊙ z ⊙ (1 - z), z ⊙ (h - n) = h' - n
    dz *= dh
    np.multiply(dh, z, out=room)
    np.subtract(dh, room, out=dn)  # dn = dh ⊙ (1 - z) ⊙ (1 - n²)
    dh[...] = room
    np.multiply(dn, n, out=room)
    room *= n
    dn -= room
    np.multiply(dn, r, out=dm)  # the sum of n holds r ⊙ m
    np.multiply(dm, m, out=dr)
    products = np.multiply(d[1:3], gates[:2], out=spare[:2])  # with s = z, r:  p ⊙ (1 - s)
    d[1:3] -= products


def rnn_step(sums, product, h_new) -> None:
    """h' = tanh(sum);  all are ``(batch, units)``."""
    sums += product
    np.tanh(sums, out=h_new)


def rnn_step_backward(dh, h_new, d, spare) -> None:
    """d = dh ⊙ (1 - h'²), for h' = tanh of the sum."""
    np.multiply(dh, h_new, out=spare)
    spare *= h_new
    np.subtract(dh, spare, out=d)
