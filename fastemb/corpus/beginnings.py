"""What a file of text begins with: a byte-order mark, which is no part of it, or signs that it is something else."""

from __future__ import annotations

import re

MARK = b"\xef\xbb\xbf"
# What files of other kinds begin with, and how their names must end so that they are unpacked.
SIGNS = {
    rb"\x1f\x8b": ("compressed", ".gz"),
    rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)": ("compressed", ".bz2"),
    rb"\xfd7zXZ\0": ("compressed", ".xz"),
    rb"\x28\xb5\x2f\xfd": ("compressed", ".zst"),
    rb"PK(?:\x03\x04|\x05\x06)": ("a zip archive", ".zip"),
    rb"(?s:.{257})ustar(?:\x0000|  \0)": ("a tar archive", ".tar or .tar.gz"),
}


def refuse_packed(start: bytes, name: str) -> None:
    """Raise ValueError where a file is packed, though its name does not say so."""
    for sign, (what, extension) in SIGNS.items():
        if re.match(sign, start):
            raise ValueError(f"{name}: {what}, so its name must end in {extension}")


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
