from numpy import float32, int32, int64
from numpy.typing import NDArray

from fastemb.kernels.text.wordpiece import Tokenizer

def mean_tokens(
    texts: list[str],
    tokenizer: Tokenizer,
    vectors: NDArray[float32],
    means: NDArray[float32],
    left_out: int = -1,
    most_tokens: int = -1,
    most_characters: int = -1,
    normalize: bool = False,
    first: int = 0,
) -> None:
    """means[k] = the mean of the vectors of the tokens of text k; zeros where there are none.

    Parameters
    ----------
    texts : list of str
    tokenizer : Tokenizer
    vectors : ndarray, shape (tokens, d)
    means : ndarray, shape (texts, d)
    left_out : int
        A token that counts for nothing.
    most_tokens, most_characters : int
        Of a text, that are looked at, the token that is left out among them; all if they are negative.
    normalize : bool
        Divide each mean by its length, unless that is 0.
    first : int
        The number of the first text, for messages.
    """

def mean_ids(
    ids: NDArray[int32],
    starts: NDArray[int64],
    vectors: NDArray[float32],
    means: NDArray[float32],
    left_out: int = -1,
    most_tokens: int = -1,
    normalize: bool = False,
) -> None:
    """The same of texts that are tokens already: text k is ids[starts[k]:starts[k + 1]]."""
