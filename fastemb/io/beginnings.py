"""What a file of text begins with: a byte-order mark, which is no part of it, or signs that it is something else."""

from __future__ import annotations

from fastemb.io.packing import refuse_packed

MARK = b"\xef\xbb\xbf"
# That of UTF-32 begins as one of UTF-16 does, whose text has no zero character.
MARKS_OF_OTHERS = {"UTF-32": (b"\xff\xfe\0\0", b"\0\0\xfe\xff"), "UTF-16": (b"\xff\xfe", b"\xfe\xff")}


def text_begins(start: bytes, name: str) -> int:
    """How many bytes stand before the text of a file that begins so: those of a byte-order mark.

    Raises
    ------
    ValueError
        If this is packed, UTF-16 or UTF-32, or text whose lines end in CR alone; the message says so after `name`.
    """
    refuse_packed(start, name)
    for kind, marks in MARKS_OF_OTHERS.items():
        if start.startswith(marks):
            raise ValueError(f"{name}: in {kind}, by its byte-order mark; iconv -f {kind} -t UTF-8 rewrites it")
    if b"\n" not in start and b"\r" in start.rstrip():
        raise ValueError(rf"{name}: its lines end in CR alone, as on old Macs; tr '\r' '\n' rewrites it")
    return len(MARK) if start.startswith(MARK) else 0
