"""The step of training in NumPy, to be checked by eye."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(x, o, positives, weights, alpha):
    """Changes of the inputs X (n × d) and the outputs O (m × d), from their present values."""
    g = alpha * (positives - weights * sigmoid(x @ o.T))
    return g @ o, g.T @ x


def loss(x, o, positives, weights):
    """The loss whose negative gradient the step follows: Σ -P·log σ(X·Oᵀ) - (W - P)·log σ(-X·Oᵀ)."""
    dots = x @ o.T
    return (positives * np.logaddexp(0, -dots) + (weights - positives) * np.logaddexp(0, dots)).sum()


def train_block(block, vectors, outputs, *, sg, cbow_mean, divide_gradient, locks):
    """Train one block, as `Epoch.blocks()` describes it, in place; return its loss."""
    ids, pairs = block["outputs"], (block["positives"], block["weights"])
    if sg:
        x = vectors[block["inputs"]]
    else:
        sums = np.array([vectors[bag].sum(axis=0) for bag in block["inputs"]])
        sizes = np.array([[len(bag)] for bag in block["inputs"]])
        x = sums / sizes if cbow_mean else sums
    before = loss(x, outputs[ids], *pairs)
    change, output_change = step(x, outputs[ids], *pairs, block["alpha"])
    if sg:
        vectors[block["inputs"]] += change * locks[block["inputs"]][:, np.newaxis]
    else:
        for bag, row, size in zip(block["inputs"], change, sizes, strict=True):
            np.add.at(vectors, bag, np.outer(locks[bag], row / size if divide_gradient else row))
    outputs[ids] += output_change
    return before
