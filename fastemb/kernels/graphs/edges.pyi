from typing import Any

from numpy import float32, int64
from numpy.typing import NDArray

from fastemb.kernels.text.wordtable import WordTable

def parse(
    text: Any, size: int, table: WordTable | None, separator: int, columns: int, exact: bool
) -> tuple[NDArray[int64], NDArray[int64], NDArray[float32] | None, int, int]:
    """Read lines of edges. Those that begin with # or %, and empty ones, are no edges.

    Parameters
    ----------
    text : bytes
        So many bytes of whole lines, and 8 bytes more.
    size : int
    table : WordTable, optional
        Numbers the nodes by their names; without it these must be whole numbers.
    separator : int
        The character between fields, which blanks may surround; 0: blanks, or a comma or semicolon.
    columns : {2, 3}
        Fields that are read: two nodes, and a weight.
    exact : bool
        A line with more fields is wrong.

    Returns
    -------
    sources, targets : ndarray of int64, shape (edges,)
    weights : ndarray of float32, shape (edges,), or None
    status : int
        0, or what is wrong with a line: see `fastemb.graphs.reading.WRONG`.
    done : int
        Where that line begins.
    """
