"""Which rows of the matrices a short corpus can change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastemb.corpus import EncodedCorpus
from fastemb.training.sgd import Schedule, Task, new_epoch

MOST = 8  # so many times the words of a corpus may be rows of the vocabulary that it meets, noise included


def rows_met(task: Task, corpus: EncodedCorpus, number: int) -> dict[str, NDArray[np.intp]] | None:
    """The rows that epoch `number` over a corpus may change, for each of `task.matrices()`.

    Returns
    -------
    dict of str to ndarray of int, or None
        None if the corpus is not short beside the vocabulary, so that they may be any.
    """
    if MOST * corpus.words > len(task.inputs.words.matrix) or (task.team.rounds and task.team.workers > 1):
        return None
    names = [*task.matrices()]
    met: dict[str, list[NDArray[np.int32]]] = {name: [np.empty(0, np.int32)] for name in names}
    position, corpus = 0, corpus.of_epoch(task.seed, number)
    for part in corpus.parts():
        chunks = corpus.load(part)
        met[names[0]] += [ids[ids >= 0] for ids, *_ in chunks]
        if "tags" in met:
            met["tags"] += [ids for _, _, (_, ids) in chunks]
        # Noise depends on the place in the corpus alone: training will meet the same.
        for batch in new_epoch(task, task.inputs, chunks, Schedule(0, 0, 0), number, 0, position).batches():
            met[names[1 + batch["objective"]]].append(np.array(batch["outputs"], np.int32))
        position += sum(len(ids) for ids, *_ in chunks)
    return {name: np.unique(np.concatenate(rows)).astype(np.intp) for name, rows in met.items()}
