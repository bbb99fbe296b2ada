"""The step of training in NumPy, to be checked by eye."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(x, o, labels, weights, alpha):
    """Changes of the inputs X (n × d) and the outputs O (m × d), from their present values."""
    g = weights * (labels - sigmoid(x @ o.T))
    return alpha * g @ o, alpha * g.T @ x


def loss(x, o, labels, weights):
    """The loss whose negative gradient the step follows: -Σ w·log σ(±x·o)."""
    p = sigmoid(x @ o.T)
    return -(weights * (labels * np.log(p) + (1 - labels) * np.log(1 - p))).sum()


def train_block(block, vectors, outputs, *, sg, cbow_mean, divide_gradient, locks):
    """Train one block, as `Epoch.blocks()` describes it, in place; return its loss."""
    ids = block["outputs"]
    if sg:
        x = vectors[block["inputs"]]
    else:
        sums = np.array([vectors[bag].sum(axis=0) for bag in block["inputs"]])
        sizes = np.array([[len(bag)] for bag in block["inputs"]])
        x = sums / sizes if cbow_mean else sums
    before = loss(x, outputs[ids], block["labels"], block["weights"])
    change, output_change = step(x, outputs[ids], block["labels"], block["weights"], block["alpha"])
    if sg:
        np.add.at(vectors, block["inputs"], change * locks[block["inputs"]][:, np.newaxis])
    else:
        for bag, row, size in zip(block["inputs"], change, sizes, strict=True):
            np.add.at(vectors, bag, np.outer(locks[bag], row / size if divide_gradient else row))
    np.add.at(outputs, ids, output_change)
    return before
