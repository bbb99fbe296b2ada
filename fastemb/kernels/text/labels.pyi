from typing import Any

from numpy import float32, int32, int64
from numpy.typing import NDArray

from fastemb.kernels.text.features import Features
from fastemb.kernels.text.inputs import Inputs
from fastemb.kernels.text.outputs import Outputs

def best_labels(
    texts: list[str], features: Features, inputs: Inputs, outputs: Outputs, k: int, threshold: float, first: int = 0
) -> tuple[NDArray[float32], NDArray[int64], NDArray[int32]]:
    """The k most probable labels of each text, as fastText finds them, without the GIL.

    Parameters
    ----------
    texts : list of str
    features, inputs, outputs
        Of one model.
    k : int
        From 1 to the number of labels.
    threshold : float
        Labels that are less probable are left out.
    first : int, default 0
        The number of the first text, for messages.

    Returns
    -------
    probabilities : ndarray, shape (texts, k)
        The largest first.
    numbers : ndarray, shape (texts, k)
        Of the labels.
    counts : ndarray, shape (texts,)
        How many labels there are of each text, -1 if it has no rows; what stands behind them is of no meaning.
    """

def lists_of(
    probabilities: NDArray[float32], numbers: NDArray[int64], counts: NDArray[int32], names: list[str]
) -> tuple[list[list[str]], list[NDArray[float32]]]:
    """For each text the names of its labels, and their probabilities: what `best_labels` returned, as lists.

    Those of names must go through `joined_lists` before users get them: the garbage collector does not know them yet.
    """

def joined(parts: list[list[Any]]) -> list[Any]:
    """The items of some lists, in one, which takes them over: the lists hold None then."""

def joined_lists(parts: list[list[list[str]]]) -> list[list[str]]:
    """As `joined`, of lists that the garbage collector does not know, and gets to know."""
