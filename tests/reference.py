"""The step of training in NumPy, to be checked by eye."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(x, o, positives, weights, alpha, in_turn=False):
    """Changes of the inputs X (n × d) and the outputs O (m × d), from their present values.

    With `in_turn` each input is changed by the outputs as the inputs before it left them.
    """
    g = alpha * (positives - weights * sigmoid(x @ o.T))
    if not in_turn:
        return g @ o, g.T @ x
    change, left = np.zeros_like(x), o.copy()
    for i in range(len(x)):
        change[i] = g[i] @ left
        left += np.outer(g[i], x[i])
    return change, left - o


def loss(x, o, positives, weights):
    """The loss whose negative gradient the step follows: Σ -P·log σ(X·Oᵀ) - (W - P)·log σ(-X·Oᵀ)."""
    dots = x @ o.T
    return (positives * np.logaddexp(0, -dots) + (weights - positives) * np.logaddexp(0, dots)).sum()


def train_block(block, vectors, outputs, *, sg, cbow_mean, divide_gradient, locks, positions=None, distances=None):
    """Train one block, as `Epoch.batches()` describes it, in place; return its loss."""
    ids, pairs = block["outputs"], (block["positives"], block["weights"])
    if sg:
        x = vectors[block["inputs"]]
    else:
        nearness = [
            1 if distances is None else np.array([[distances[abs(k) - 1]] for k in offsets])
            for offsets in block["offsets"]
        ]
        weights = nearness if positions is None else [positions[rows_of(offsets)] for offsets in block["offsets"]]
        sums = np.array([(vectors[bag] * w).sum(axis=0) for bag, w in zip(block["inputs"], weights, strict=True)])
        sizes = np.array(
            [[np.sum(w * np.ones((len(bag), 1)))] for bag, w in zip(block["inputs"], nearness, strict=True)]
        )
        x = sums / sizes if cbow_mean else sums
    before = loss(x, outputs[ids], *pairs)
    change, output_change = step(x, outputs[ids], *pairs, block["alpha"], in_turn=sg)
    if sg:
        vectors[block["inputs"]] += change * locks[block["inputs"]][:, np.newaxis]
    else:
        for bag, offsets, row, (size,) in zip(block["inputs"], block["offsets"], change, sizes, strict=True):
            row = row / size if divide_gradient else row
            for word, offset, place in zip(bag, offsets, rows_of(offsets), strict=True):
                vector = vectors[word].copy()
                near = 1 if distances is None else distances[abs(offset) - 1]
                vectors[word] += locks[word] * row * near * (1 if positions is None else positions[place])
                if positions is not None:
                    positions[place] += vector * (row / size if cbow_mean and not divide_gradient else row)
    outputs[ids] += output_change
    return before


def rows_of(offsets):
    """The rows of the weights of offsets -1, 1, -2, 2, … from a centre."""
    return [2 * offset - 1 if offset > 0 else -2 * offset - 2 for offset in offsets]
