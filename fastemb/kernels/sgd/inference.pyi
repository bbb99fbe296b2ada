from collections.abc import Sequence
from typing import final

from numpy import float32, int32, int64
from numpy.typing import NDArray

from fastemb.kernels.sgd.specs import Objective, Rows, Sampling

@final
class Inference:
    """What vectors of documents are inferred by. Any number of threads may do so at once.

    Parameters
    ----------
    words : Rows
        The vectors of words, which contexts are made of.
    objectives : list of Negatives, Tree
        `centres` words, of which each may be there several times, take a step together, and share `noise_words`; with
        context each has its part of these to itself.
    sampling : Sampling
    rates : (float, float)
        The learning rates of the first and last pass; between them it is linear.
    passes : int
    noise : ndarray of int32, shape (any,), optional
        Words, each as often as it is to be noise. Every document begins with the first of them and goes on by steps and
        passes, so that what they are does not tell documents apart; any number of them in a row should be like all.
    shares : ndarray of float32, shape (vocabulary,), optional
        How much of this noise each word is.
    context : bool, default False
        Words are told from their context and the document (PV-DM), and not from the document alone (PV-DBOW).
    mean, divide_gradient : bool, default False
        As of `Dm`.
    nobody : int, default -1
        If it is not -1, the document and the context stand end to end, and where a window reaches beyond, this word.
    many : bool, default False
        The rows of noise words are copied, which takes as long as to infer a document or two, and spares time for each.
    """

    def __init__(
        self,
        words: Rows,
        objectives: Sequence[Objective],
        sampling: Sampling,
        rates: tuple[float, float],
        passes: int,
        noise: NDArray[int32] | None = None,
        shares: NDArray[float32] | None = None,
        context: bool = False,
        mean: bool = False,
        divide_gradient: bool = False,
        nobody: int = -1,
        many: bool = False,
    ) -> None: ...
    def stop(self) -> None: ...
    def infer(self, ids: NDArray[int32], starts: NDArray[int64]) -> NDArray[float32]:
        """The vectors of documents.

        Parameters
        ----------
        ids : ndarray of int32, shape (words,)
            -1 for a word to pass over.
        starts : ndarray of int64, shape (documents + 1,)
            Document k has the words ids[starts[k]:starts[k + 1]].

        Returns
        -------
        ndarray of float32, shape (documents, vector_size)
            Each follows from the words of its document alone, with what the object was made of. Of a document without
            words it is zeros.
        """
