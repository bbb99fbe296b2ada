"""Which rows of the matrices a short corpus can change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus import EncodedCorpus
from fastemb.training.loop import Schedule, Task, new_epoch

MOST = 8  # so many times the words of a corpus may be rows of the vocabulary that it meets, noise included
BESIDE = ("node_vectors", "paths", "ngram_vectors", "bags", "ngram_locks")  # what words and noise do not depend on


def rows_met(task: Task, corpus: EncodedCorpus, number: int) -> dict[str, NDArray[np.intp]] | None:
    """The rows that epoch `number` over a corpus may change, for each of `task.matrices()`.

    Returns
    -------
    dict of str to ndarray of int, or None
        None if the corpus is not short beside the vocabulary, so that they may be any.
    """
    if MOST * corpus.words > len(task.vectors) or (task.options["rounds"] and task.workers > 1):
        return None
    met: dict[str, list[NDArray[np.int32]]] = {name: [np.empty(0, np.int32)] for name in task.matrices()}
    words_alone = replace(task, options={name: task.options[name] for name in task.options if name not in BESIDE})
    position = 0
    for part in corpus.parts():
        chunks = corpus.load(part)
        met["vectors"] += [ids[ids >= 0] for ids, _ in chunks]
        if "output_vectors" in met:
            epoch = new_epoch(words_alone, chunks, Schedule(0, 0, 0), number, 0, position)
            # Noise depends on the place in the corpus alone: training will meet the same.
            met["output_vectors"] += [np.array(block["outputs"], np.int32) for block in epoch.blocks()]
        position += sum(len(ids) for ids, _ in chunks)
    if "node_vectors" in met:
        starts, nodes, _ = task.options["paths"]
        words = np.unique(np.concatenate(met["vectors"]))
        met["node_vectors"] += [nodes[starts[word] : starts[word + 1]] for word in words]
    return {name: np.unique(np.concatenate(rows)).astype(np.intp) for name, rows in met.items()}
