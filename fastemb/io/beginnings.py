"""What a file of text begins with: a byte-order mark, which is no part of it, or signs that it is something else."""

from __future__ import annotations

from fastemb.io.packing import refuse_packed

MARK = b"\xef\xbb\xbf"


def text_begins(start: bytes, name: str) -> int:
    """How many bytes stand before the text of a file that begins so: those of a byte-order mark.

    Raises
    ------
    ValueError
        If this is packed, UTF-16, or text whose lines end in CR alone; the message says so after `name`.
    """
    refuse_packed(start, name)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError(f"{name}: in UTF-16, by its byte-order mark; iconv -f UTF-16 -t UTF-8 rewrites it")
    if b"\n" not in start and b"\r" in start.rstrip():
        raise ValueError(rf"{name}: its lines end in CR alone, as on old Macs; tr '\r' '\n' rewrites it")
    return len(MARK) if start.startswith(MARK) else 0
