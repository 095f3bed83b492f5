"""Steps of the recurrent cells with tanh and sigmoid, the usual pair, in as few passes over memory as it takes.

A step is made of small arrays ``(batch, units)``, the gates one after another. So each call of NumPy counts, and a call
for several gates at once costs less than one for each. Gates are taken by their numbers: to unpack an array takes twice
as long, for it ends with an IndexError that nobody sees.

The sums of sigmoids come halved (`gates.SigmoidOfHalf`), which makes every activation a tanh. Backward, a product with
a slope is taken apart: d ⊙ s ⊙ (1 - s) = p - p ⊙ s with p = d ⊙ s, for p is wanted elsewhere, too. The same equations
one by one stand in the cells, for any activations. `compiled` has these steps in one pass each.
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
    i, f, o, g = sums[0], sums[1], sums[2], sums[3]
    np.multiply(f, c, out=c_new)
    c_new += np.multiply(i, g, out=spare[0])
    np.tanh(c_new, out=u)
    np.multiply(o, u, out=h_new)


def lstm_step_backward(dh, dc, gates, c, u, h_new, d, spare) -> None:
    """Write the gradients of the sums into `d` ``(batch, 4, units)``, and that of c over dc.

    `gates` ``(4, batch, units)``; `spare`, here as in the other steps, room for twice as many.
    """
    i, f, o, g = gates[0], gates[1], gates[2], gates[3]
    p, room, other, products = spare[:3], spare[3], spare[4], spare[4:7]
    by_gate = d.swapaxes(0, 1)  # (4, batch, units)
    np.multiply(dh, o, out=room)  # h' = o ⊙ u, u = tanh(c'):  dc += dh ⊙ o ⊙ (1 - u²)
    np.multiply(dh, h_new, out=p[2])
    room -= np.multiply(p[2], u, out=other)
    dc += room
    np.multiply(dc, i, out=room)  # c' = f ⊙ c + i ⊙ g:  dg = dc ⊙ i ⊙ (1 - g²)
    np.multiply(room, g, out=p[0])
    np.subtract(room, np.multiply(p[0], g, out=other), out=by_gate[3])
    dc *= f
    np.multiply(dc, c, out=p[1])
    np.multiply(p, gates[:3], out=products)  # with s = i, f, o:  p ⊙ (1 - s)
    np.subtract(p, products, out=by_gate[:3])


def gru_step(sums, product, bias, h, m, h_new, spare) -> None:
    """m = h·Rₙ + bias,  h' = z ⊙ h + (1 - z) ⊙ n;  `sums` ``(3, batch, units)`` become z, r, n."""
    gates = sums[:2]
    gates += product[:2]
    squash(gates, sigmoids=2)
    z, r, n = sums[0], sums[1], sums[2]
    np.add(product[2], bias, out=m)
    n += np.multiply(r, m, out=spare[0])
    np.tanh(n, out=n)
    np.subtract(h, n, out=h_new)
    h_new *= z
    h_new += n


def gru_step_backward(dh, gates, m, h_new, d, spare) -> None:
    """Write the gradients of m and of the sums of z, r, n into `d` ``(batch, 4, units)``; over dh, what goes past."""
    z, r, n = gates[0], gates[1], gates[2]
    p, past, room, products = spare[:2], spare[2], spare[3], spare[4:6]
    by_gate = d.swapaxes(0, 1)  # (4, batch, units)
    dm, dn = by_gate[0], by_gate[3]
    np.subtract(h_new, n, out=p[0])  # h' = z ⊙ h + (1 - z) ⊙ n:  dz = dh ⊙ (h - n) ⊙ z ⊙ (1 - z), z ⊙ (h - n) = h' - n
    p[0] *= dh
    np.multiply(dh, z, out=past)
    dh -= past  # dn = dh ⊙ (1 - z) ⊙ (1 - n²)
    np.multiply(dh, n, out=room)
    room *= n
    dh -= room
    np.multiply(dh, r, out=room)  # the sum of n holds r ⊙ m
    np.multiply(room, m, out=p[1])
    dn[...], dm[...], dh[...] = dh, room, past
    np.multiply(p, gates[:2], out=products)  # with s = z, r:  p ⊙ (1 - s)
    np.subtract(p, products, out=by_gate[1:3])


def rnn_step(sums, product, h_new) -> None:
    """h' = tanh(sum);  all are ``(batch, units)``."""
    sums += product
    np.tanh(sums, out=h_new)


def rnn_step_backward(dh, h_new, d, spare) -> None:
    """d = dh ⊙ (1 - h'²), for h' = tanh of the sum."""
    np.multiply(dh, h_new, out=spare)
    spare *= h_new
    np.subtract(dh, spare, out=d)
