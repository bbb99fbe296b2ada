from typing import final

from numpy import int32, int64, uint8
from numpy.typing import NDArray

@final
class Tokens:
    """What the tokens of a corpus stand for, in a classifier.

    Parameters
    ----------
    numbers : ndarray of int32, shape (tokens,)
        The row of a word; -1 for a word that has none, -2 - k for label k, and -2³¹ for what is left out.
    hashes : ndarray of int32, shape (tokens,)
        fastText's, of words; labels may have any.
    starts : ndarray of int64, shape (tokens + 1,)
    ids : ndarray of int32
        Token k has the n-grams ids[starts[k]:starts[k + 1]], which stand for it if it is a word without a row: buckets.
    end, end_row, end_hash : int
        The token </s>, or -1 if there is none; its row, or -1; and its hash. Texts end there, or have it behind them.
    vocabulary : int
        Words that have rows.
    word_ngrams : int
        Words of the longest n-grams of words.
    buckets : int
        N-grams of both kinds are hashed to so many numbers.
    """

    def __init__(
        self,
        numbers: NDArray[int32],
        hashes: NDArray[int32],
        starts: NDArray[int64],
        ids: NDArray[int32],
        end: int,
        end_row: int,
        end_hash: int,
        vocabulary: int,
        word_ngrams: int,
        buckets: int,
    ) -> None: ...
    def of_texts(
        self, starts: NDArray[int64], ids: NDArray[int32]
    ) -> tuple[NDArray[int64], NDArray[int32], NDArray[int64], NDArray[int32]]:
        """The features and the labels of texts.

        Parameters
        ----------
        starts : ndarray of int64, shape (texts + 1,)
        ids : ndarray of int32
            The tokens of text k are ids[starts[k]:starts[k + 1]].

        Returns
        -------
        starts : ndarray of int64, shape (texts + 1,)
        features : ndarray of int32
            Rows of words, and behind them those of buckets.
        label_starts : ndarray of int64, shape (texts + 1,)
        labels : ndarray of int32
        """

def first_met(ids: NDArray[int32], vocabulary: int, met: NDArray[uint8]) -> NDArray[int32]:
    """Buckets in the order in which they are met.

    Parameters
    ----------
    ids : ndarray of int32
        Bucket k is `vocabulary` + k; what is below that is passed over.
    vocabulary : int
    met : ndarray of uint8, shape (buckets,)
        Which buckets were met before, and, afterwards, are among the ids.

    Returns
    -------
    ndarray of int32
        Those that were not met before, each once.
    """

def place_ngrams(ids: NDArray[int32], vocabulary: int, places: NDArray[int32]) -> None: ...
