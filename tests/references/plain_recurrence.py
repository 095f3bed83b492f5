"""Recurrence as the textbook has it, one sample, one step and one gate at a time: what the fast layers are held against.

It reads nothing of a layer but its arguments and its weights.
"""

import numpy as np

GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}


def act(activation, z):
    """An activation of one vector, by itself."""
    return np.asarray(activation.forward(z[None].copy())[0])[0]


def step(layer, x, states):
    """The states after one step of one sample, the output first."""
    kind = type(layer).__name__
    weights = [weight.value for weight in layer.weights]
    w, r = (np.split(weight, GATES[kind], axis=1) for weight in weights[:2])
    bias = weights[2] if layer.use_bias else np.zeros_like(weights[0][0])
    b, h = np.split(bias, GATES[kind], axis=-1), states[0]
    if kind == "SimpleRNN":
        return [act(layer.activation, x @ w[0] + h @ r[0] + b[0])]
    if kind == "LSTM":
        i, f, o = (act(layer.recurrent_activation, x @ w[k] + h @ r[k] + b[k]) for k in (0, 1, 3))
        c = f * states[1] + i * act(layer.activation, x @ w[2] + h @ r[2] + b[2])
        return [o * act(layer.activation, c), c]
    bx, bh = zip(*b, strict=True) if layer.reset_after and layer.use_bias else (b, [np.zeros_like(h)] * 3)
    z, gate = (act(layer.recurrent_activation, x @ w[k] + h @ r[k] + bx[k] + bh[k]) for k in (0, 1))
    inner = gate * (h @ r[2] + bh[2]) if layer.reset_after else (gate * h) @ r[2]
    return [z * h + (1 - z) * act(layer.activation, x @ w[2] + bx[2] + inner)]


def run(layer, x, mask=None, initial=None):
    """The outputs of all steps ``(batch, steps, units)``, in the order they are taken, and the states at the end."""
    count = 2 if type(layer).__name__ == "LSTM" else 1
    outputs, ends = [], []
    for row, sample in enumerate(x):
        states = [np.zeros(layer.units)] * count if initial is None else [state[row] for state in initial]
        y, ys = np.zeros(layer.units), []
        for t in range(len(sample))[:: -1 if layer.go_backwards else 1]:
            if mask is None or mask[row, t]:
                states = step(layer, sample[t], states)
                y = states[0]
            ys.append(y)
        outputs.append(ys)
        ends.append(states)
    return np.array(outputs), [np.array(state) for state in zip(*ends, strict=True)]
