"""How many windows may share one step.

Sharing noise words, and taking many windows in one step, is what turns dot products
into matrix products (Ji et al. 2016). But everything in a step is computed from values
as they were before it: a row that a step changes many times over runs past its mark,
and in the end to infinity. Frequent rows of small vocabularies and the centres of wide
windows set the limits here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CENTRES = 3  # more make larger products, of which more is wasted on pairs that do not meet
DBOW_CENTRES = 8  # of one document: its vector is as it was before them
DBOW_INPUTS = 64
CBOW_CENTRES = 6  # more make products of which more is wasted, fewer meet fewer noise words each
CROWD = 16  # from so many noise words on, two more centres fill up the outputs as well as further noise would
EIGHT = 8  # the kernels fill up the outputs, that is centres and noise words, to a multiple of it
PAIRS = 96  # of a centre and a context word, in wide windows
ROWS = 32
TREE_ROWS = 16  # each of them changes the root
STALE = 18.0  # how often a step may be expected to change one row, at the usual learning rate and below
FRESH = 6.0  # the same of skip-gram with 5 noise words: beyond, 34 nodes are learnt worse than with noise of each pair
USUAL_ALPHA = 0.025
DRAWN = 1.75  # alpha times pairs in a step of skip-gram with 5 noise words: more of them diverge


class BlockLimits(NamedTuple):
    """The size of a step.

    Attributes
    ----------
    centres : int
        At most so many centres meet words; in a tree each has a path, and takes a step, of its own.
    rows : int
        At most so many context words; wider windows take several steps.
    noise_words : int
        So many noise words meet all of them, at least `negative`; each counts as negative / noise_words.
    """

    centres: int
    rows: int
    noise_words: int


def block_limits(
    *,
    sg: bool,
    hs: bool,
    window: int,
    shrink_windows: bool,
    negative: int,
    shared_noise: bool,
    alpha: float,
    words: NDArray[np.float64],
    noise: NDArray[np.float64],
    sentence_length: float,
    most_centres: int | None = None,
) -> BlockLimits:
    """Choose the size of a step.

    Parameters
    ----------
    sg, hs, window, shrink_windows, negative, shared_noise, alpha
        As in `fastemb.models.Word2Vec`.
    words : ndarray, shape (vocabulary,)
        Share of each word among the words that are kept.
    noise : ndarray, shape (vocabulary,)
        Probability of each word as noise.
    sentence_length : float
        Mean number of words in a sentence.
    most_centres : int, optional
        Of skip-gram with noise words, in a step, which meet as many noise words together as each would alone; by
        default 3, which meet no more than one would.
    """
    if negative and not shared_noise:
        return BlockLimits(1, 1 if sg else ROWS, negative)
    context = max(1.0, min(window + 1 if shrink_windows else 2 * window, sentence_length - 1))
    # Of p pairs in a step, a word is expected to be the centre of p·words, and noise to p·negative·noise.
    changes = STALE * min(1.0, USUAL_ALPHA / alpha) if alpha else STALE
    pairs = min(PAIRS, changes / float(np.max(words + negative * noise)))
    if sg and negative:
        pairs = min(pairs, changes * FRESH / STALE / float(np.max(words + min(negative, 5) * noise)))
    if sg and negative and alpha:
        pairs = max(1.0, min(pairs, DRAWN * 6 / (1 + negative) / alpha))
    if not sg:
        # One row stands for a whole context, so a step of CBOW has a pair for each centre.
        most = CBOW_CENTRES + (min(2, -(CBOW_CENTRES + negative) % EIGHT) if negative >= CROWD else 0)
        centres, rows = max(1, min(most, int(pairs))), ROWS
    else:
        rows = TREE_ROWS if hs else ROWS
        most = most_centres or CENTRES if negative else CENTRES
        centres = max(1, min(most, int(pairs / min(context, rows))))
        if hs:
            rows = min(rows, int(changes))
        if centres == 1:
            rows = min(rows, int(pairs))
        rows = max(1, rows)
    if sg and negative and most_centres and centres > 1:
        return BlockLimits(centres, rows, centres * negative)
    noise_words = negative if sg else max(negative, centres)
    return BlockLimits(centres, rows, -(-(centres + noise_words) // EIGHT) * EIGHT - centres)


def document_limits(
    *,
    negative: int,
    alpha: float,
    words: NDArray[np.float64],
    noise: NDArray[np.float64],
    tags: int,
    limits: BlockLimits,
) -> BlockLimits:
    """Choose the size of a step where the vectors of tags alone meet words.

    Parameters
    ----------
    negative, alpha, words, noise
        As of `block_limits`; 0 where noise is not to be shared.
    tags : int
        Of a document, at most.
    limits : BlockLimits
        As for words.
    """
    if not negative:
        return limits
    changes = STALE * min(1.0, USUAL_ALPHA / alpha) if alpha else STALE
    centres = int(min(DBOW_CENTRES, DBOW_INPUTS // max(tags, 1), changes / float(np.max(words + negative * noise))))
    centres = max(1, centres)
    noise_words = max(negative, centres)
    return BlockLimits(centres, 1, -(-(centres + noise_words) // EIGHT) * EIGHT - centres)
