"""Files in which one can seek, also where they are packed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from fastemb._paths import Path, local
from fastemb.formats.rows import BLOCK, Source
from fastemb.io.textfile import TextFile


@contextmanager
def unpacked(path: Path, likely: Callable[[bytes], bool]) -> Iterator[BinaryIO]:
    """Open a file in which one can seek; one that is packed, as a temporary copy of what is in it.

    Of one that does not begin as is `likely`, only the beginning is copied, which will do to refuse it.
    """
    if TextFile(local(path)).packing is None:
        with open(local(path), "rb") as file:
            yield file
        return
    import tempfile  # slow to import, and hardly ever wanted

    with Source(path) as source, tempfile.TemporaryFile() as copy:
        whole, block = likely(source.peek(BLOCK)), bytearray(BLOCK)
        while (count := source.read(block, 0, BLOCK)) and (whole or not copy.tell()):
            copy.write(memoryview(block)[:count])
        copy.seek(0)
        yield copy
