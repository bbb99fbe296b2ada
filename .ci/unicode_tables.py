"""Write fastemb/kernels/text/unicode.py: what the `tokenizers` library knows of each character.

    python .ci/unicode_tables.py

The library is asked, character by character: its tables are of other versions of Unicode than Python's `unicodedata`,
and several at that. What it says does not depend on what stands beside a character, but for the order of combining
characters, which is found out by putting them beside two of which it knows the classes.
"""

import base64
import textwrap
import unicodedata
import zlib
from pathlib import Path

import numpy as np
import tokenizers
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, Whitespace, WhitespaceSplit

from fastemb.kernels.text import unicode as written

OPTIONS = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")
CLEAN, CHINESE, STRIP, LOWER = (BertNormalizer(**{name: name == one for name in OPTIONS}) for one in OPTIONS)
LOW, HIGH = "\u1b44", "\u302e"  # of the combining classes 9 and 224, which stripping keeps
HANGUL = range(0xAC00, 0xD7A4)  # which the kernel takes apart by a formula


def flags_of(character: str) -> int:
    """What a character is."""
    cleaned = CLEAN.normalize_str(character)
    flags = written.DROPPED if not cleaned else written.BLANK if cleaned == " " else 0
    flags |= written.CHINESE if CHINESE.normalize_str(character) != character else 0
    between = f"a{character}a"
    parts = [len(kind.pre_tokenize_str(between)) for kind in (WhitespaceSplit(), BertPreTokenizer(), Whitespace())]
    flags |= written.SPACE if parts[0] == 2 else 0
    flags |= written.PUNCTUATION if parts[1] == 3 else 0
    flags |= written.WORD if parts[2] == 1 else 0
    stripped = STRIP.normalize_str(character)
    if not stripped and STRIP.normalize_str(f"x{HIGH}{character}{LOW}") == f"x{HIGH}{LOW}":
        flags |= written.PARTS
    if unicodedata.combining(character) and stripped == character:
        beside_low, beside_high = f"x{character}{LOW}", f"x{HIGH}{character}"
        if STRIP.normalize_str(beside_low) != beside_low or STRIP.normalize_str(beside_high) != beside_high:
            flags |= written.MOVES
    return flags


def main() -> None:
    records, sequences = np.zeros(0x110000, np.uint32), {(): 0}
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:  # surrogates, which the library never sees
            continue
        character = chr(code)
        records[code] = flags_of(character)
        for shift, normalizer in ((8, STRIP), (20, LOWER)):
            found = normalizer.normalize_str(character)
            if found != character and not (code in HANGUL and shift == 8):
                number = sequences.setdefault(tuple(map(ord, found)) or (0,), len(sequences))
                records[code] |= number << shift
        if records[code] & written.MOVES:
            records[code] |= unicodedata.combining(character) << 8
    assert len(sequences) < 1 << 12
    pages, numbers = np.unique(records.reshape(-1, 256), axis=0, return_inverse=True)
    starts = np.cumsum([0, *map(len, sequences)])
    codes = [code for sequence in sequences for code in sequence]
    parts = [
        numbers.reshape(-1).astype("<u2"), pages.astype("<u4"), np.array(starts, "<u2"), np.array(codes, "<u4"),
    ]  # fmt: skip
    packed = base64.b85encode(zlib.compress(b"".join(part.tobytes() for part in parts), 9)).decode()
    path = Path(written.__file__)
    head = path.read_text(encoding="utf-8").split("# What follows is written by")[0]
    lines = "\n".join(f'    "{line}"' for line in textwrap.wrap(packed, 112))
    path.write_text(
        f"{head}# What follows is written by .ci/unicode_tables.py.\n"
        f'LIBRARY = "{tokenizers.__version__}"  # the version of `tokenizers` that was asked\n'
        f"SIZES = {[part.size for part in parts]}\nPACKED = (\n{lines}\n)\n",
        encoding="utf-8",
    )
    print(len(pages), "pages,", len(sequences), "sequences,", len(packed), "characters")


if __name__ == "__main__":
    main()
