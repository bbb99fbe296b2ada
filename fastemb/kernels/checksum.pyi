from typing import Any

def crc32(data: Any, value: int = 0) -> int:
    """The CRC-32 of bytes, as `zlib.crc32` gives it.

    Parameters
    ----------
    data : buffer of unsigned bytes, one-dimensional and contiguous
    value : int, default 0
        The checksum of bytes that stand before these.

    Raises
    ------
    ValueError
        If it is another buffer.
    """
