from numpy import int8, int32, int64
from numpy.typing import NDArray

def huffman_paths(counts: NDArray[int64]) -> tuple[NDArray[int64], NDArray[int32], NDArray[int8]]: ...
