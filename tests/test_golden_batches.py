"""Which words meet in which batch: integers, that no compiler and no processor changes.

The floats of training are compared between two versions by `.ci/golden_bits.py`.
"""

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from test_kernels import make_epoch

WORDS = 300
GOLDEN = {  # of skip-gram and CBOW
    ("negatives", "small"): ("fe4cfd6002afd0d0", "aeb0ae3666dc2bc1"),
    ("negatives", "wide"): ("2b409842788d8abd", "8c9fc2f9cc3ea318"),
    ("negatives", "whole texts"): ("572f15ea6f2b9471", "b3c63d68f3fe0506"),
    ("tree", "small"): ("475282c3f53b9389", "44a653a113f3a0dc"),
    ("tree", "wide"): ("c94b863bcb2595fd", "9b750a29ba895ba6"),
    ("tree", "whole texts"): ("475282c3f53b9389", "44a653a113f3a0dc"),
    ("both", "small"): ("71e157965692de89", "c957624b8505f1aa"),
    ("both", "wide"): ("9c3a79c8f9933958", "353f766e2384e9f3"),
    ("both", "whole texts"): ("bb8b48e8e482ddae", "6a0d71f882b6d392"),
}


def corpus():
    """Sentences of all lengths, words by a generator of its own; some are not in the vocabulary."""
    state, ids = 1, []
    for _ in range(12_000):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        ids.append((state >> 33) % (WORDS + 20) * ((state >> 50) % 3) // 2)
    ids = [word if word < WORDS else -1 for word in ids]
    cuts = [0, 0, 1, 2, 40, 41, 5000, 5003, 9000, 9000, 12_000]
    return [ids[begin:end] for begin, end in pairwise(cuts)]


@pytest.mark.parametrize("sg", [True, False])
@pytest.mark.parametrize("outputs", ["negatives", "tree", "both"])
@pytest.mark.parametrize("shape", ["small", "wide", "whole texts"])
def test_batches_are_as_ever(sg, outputs, shape):
    options = {
        "small": {"window": 5, "centres": 3, "rows": 16, "noise_words": 13},
        "wide": {"window": 60, "centres": 1, "rows": 7, "noise_words": 5, "shrink_windows": False},
        "whole texts": {"window": 5, "centres": 6, "rows": 32, "noise_words": 8, "whole_texts": True},
    }[shape]
    keep = np.linspace(2**31, 2**32 - 1, WORDS).astype(np.uint32)
    epoch, _ = make_epoch(
        corpus(), WORDS, sg=sg, keep=keep, hs=outputs != "negatives", negative=5 * (outputs != "tree"), **options
    )
    hashed = hashlib.sha256()
    for batch in epoch.batches():
        positives = batch["positives"].astype(int).tolist()
        hashed.update(repr([batch["inputs"], batch["outputs"], positives, batch["objective"]]).encode())
    assert hashed.hexdigest()[:16] == GOLDEN[outputs, shape][not sg]
