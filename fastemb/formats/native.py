"""fastemb's own files: arrays and text in the layout of safetensors.

Eight bytes (little-endian) hold the length of a JSON header, which gives each array its
type, shape and place, and holds the text under `__metadata__`; the arrays follow, from a
multiple of 64 bytes on, without gaps. Any safetensors reader can open the file, it can be
memory-mapped, and nothing in it is ever executed.

Three entries of `__metadata__` are the format's own: `format`, a name and version; `checksums`, the CRC-32 of each
array; and, last, `checksum`, that of the header without it. Every version of fastemb reads the formats
of all versions before it:

- fastemb 1: without checksums.
- fastemb 2: with them.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import local
from fastemb._words import pack_texts, texts_of, word_bytes
from fastemb.formats.seekable import unpacked
from fastemb.io.limits import check_sizes, elements, parse_json
from fastemb.io.mapping import map_file, mapped_array
from fastemb.io.outputs import DISK_ERRORS, writing
from fastemb.kernels.checksum import crc32
from fastemb.kernels.vectorfile import decode_words, reserve

Path = str | os.PathLike[str]
TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip
BFLOAT16 = np.dtype("<u2", metadata={"is": "bfloat16"})  # which others write; it is read as float32
NAMES = {np.dtype(code): name for name, code in TYPES.items()}
VERSION = 2
WORTH_THREADS = 1 << 22  # bytes
SMALL = 1 << 20  # bytes of arrays that are read in less time than they are mapped
LONGEST_HEADER = 100_000_000  # as in the safetensors library


def write_native(path: Path, arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> None:
    """Write named arrays and text.

    Raises
    ------
    TypeError
        If an array is of a type that the format lacks (objects, complex numbers, …).
    """
    plain = {}
    for name, array in arrays.items():
        array = np.asarray(array)
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
        if array.dtype not in NAMES:
            raise TypeError(f"an array of {array.dtype} cannot be saved ({name})")
        plain[name] = array
    # Wide types first, so that each array begins at a multiple of its type's size.
    ordered = sorted(plain.items(), key=lambda item: -item[1].dtype.itemsize)
    own = {"format": f"fastemb {VERSION}", "checksums": json.dumps(crc_of_each(dict(ordered)))}
    header: dict[str, Any] = {"__metadata__": dict(metadata) | own}
    end = 0
    for name, array in ordered:
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": NAMES[array.dtype], "shape": list(array.shape), "data_offsets": [begin, end]}
    header["__metadata__"]["checksum"] = str(crc(header_text(header)))
    text = header_text(header)
    parse_json(text)  # raises of what could not be read again
    text += b" " * (-(8 + len(text)) % 64)
    with writing(path) as file:
        find_room(file, 8 + len(text) + end)
        file.write(len(text).to_bytes(8, "little") + text)
        for _, array in ordered:
            file.write(array.data if array.size else b"")


def find_room(file: Any, size: int) -> None:
    """Let the system find room for a new file before it is written, which takes less time then; a packed one has none.

    Raises
    ------
    OSError
        If there is no room.
    """
    if size < SMALL or not isinstance(file, (io.BufferedRandom, io.BufferedWriter)):
        return
    if (error := reserve(file.fileno(), size)) in DISK_ERRORS:
        raise OSError(error, os.strerror(error))


def header_text(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode()


def crc(data: NDArray[Any] | bytes) -> int:
    return crc32(data if isinstance(data, bytes) else data.reshape(-1).view(np.uint8))


def crc_of_each(arrays: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    if sum(array.nbytes for array in arrays.values()) < WORTH_THREADS:
        return {name: crc(array) for name, array in arrays.items()}
    from concurrent.futures import ThreadPoolExecutor  # slow to import

    with ThreadPoolExecutor(4) as threads:
        return dict(zip(arrays, threads.map(crc, arrays.values()), strict=True))


def read_native(path: Path, mmap: bool | str = False) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Read named arrays and text.

    Parameters
    ----------
    path : str or os.PathLike
    mmap : bool or {'r', 'c'}, default False
        Map the arrays from the file instead of reading them: read-only (True, 'r'), or such that
        what is written to them stays in memory ('c'), where small files are read; of their checksums only the
        header's is checked then. See `fastemb.io.mapping.map_file` for what must not become of the file.

    Raises
    ------
    ValueError
        If the file is not of this format, is of a later version of it, is damaged, or ends too early; the
        message names it. If `mmap` is another thing.
    """
    name = local(path)
    if mmap not in (None, False, True, "r", "c"):
        raise ValueError(f"mmap must be True, False, 'r' or 'c', not {mmap!r}: changes are never written to the file")
    with unpacked(path, starts_native) as file:
        size = os.fstat(file.fileno()).st_size
        begin, places, metadata, checksums = read_header(file, size, name)
        end = begin + sum(nbytes for _, _, _, nbytes in places.values())
        if end > size:
            raise ValueError(f"{name}: cut short: {size} bytes instead of {end}")
        if end < size:
            raise ValueError(f"{name}: damaged: {size - end} bytes follow after its end")
        arrays = read_arrays(file, begin, places, mmap)
    if checksums is not None and not mmap:
        for key, found in crc_of_each(arrays).items():
            if found != checksums.get(key):
                raise ValueError(f"{name}: damaged: the bytes of {key} are not those that were written")
    return arrays, metadata


Place = tuple[np.dtype[Any], tuple[int, ...], int, int]  # of an array: type, shape, offset and size in bytes


def read_arrays(file: BinaryIO, begin: int, places: Mapping[str, Place], mmap: bool | str) -> dict[str, NDArray[Any]]:
    """The arrays at these places after the byte `begin`, mapped, or read together or one by one.

    One by one are read those that begin where numbers of their kind must not, since no kernel takes such an array.
    """
    count, before = sum(nbytes for _, _, _, nbytes in places.values()), begin
    file.seek(begin)
    if mmap in (False, "c") and count < SMALL:
        data, before = np.fromfile(file, np.uint8, count), 0
    elif mmap:
        data = map_file(file, changeable=mmap == "c")
    else:
        data = None
    arrays: dict[str, NDArray[Any]] = {}
    for key, (dtype, shape, offset, nbytes) in places.items():
        if data is not None and nbytes and (before + offset) % dtype.itemsize == 0:
            arrays[key] = mapped_array(data, dtype, shape, before + offset)
        else:
            file.seek(begin + offset)
            arrays[key] = np.fromfile(file, dtype, nbytes // dtype.itemsize).reshape(shape)
        if dtype is BFLOAT16:
            arrays[key] = (arrays[key].astype("<u4") << 16).view("<f4")
    return arrays


def read_header(
    file: BinaryIO, size: int, name: str
) -> tuple[int, dict[str, Place], dict[str, str], dict[str, int] | None]:
    """Where the arrays of a file of so many bytes begin, their places, the text, and the checksums if there are any."""
    start = file.read(9)
    length = int.from_bytes(start[:8], "little")
    if not starts_native(start) or length > size - 8:
        raise ValueError(f"{name}: not a fastemb file{pickle_hint(file) or '; load_vectors() reads others'}")
    file.seek(8)
    try:
        header = parse_json(file.read(length))
        metadata = header.pop("__metadata__", {})
        checksums = check_header(header, metadata)
        places = {key: array_place(entry) for key, entry in header.items()}
        check_places(places)
    except LaterVersion as later:
        raise ValueError(f"{name}: {later}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{name}: not a fastemb file: its header is damaged ({error})") from None
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError(f"{name}: not a fastemb file: its metadata is not text")
    return 8 + length, places, metadata, checksums


class LaterVersion(Exception):
    pass


def check_header(header: Mapping[str, Any], metadata: dict[str, str]) -> dict[str, int] | None:
    """Take what is the format's own out of the metadata; return the checksums of the arrays, if there are any."""
    own = {name: metadata.pop(name) for name in ("format", "checksums", "checksum") if name in metadata}
    if not own:
        return None  # another program's
    family, _, version = own["format"].partition(" ")
    if family != "fastemb":
        raise ValueError(f"of the format {family!r}")
    if int(version) > VERSION:
        raise LaterVersion(f"was written by a later version of fastemb, in format {version}; this one knows {VERSION}")
    if int(version) < 2 and len(own) == 1:
        return None
    checksum = own.pop("checksum")
    if crc(header_text({"__metadata__": metadata | own, **header})) != int(checksum):
        raise ValueError("its checksum is another")
    checksums = parse_json(own["checksums"])
    if not isinstance(checksums, dict):
        raise ValueError("its checksums are none")
    return checksums


def array_place(entry: Mapping[str, Any]) -> Place:
    """Type, shape, offset and size in bytes that a header gives an array."""
    if (code := entry["dtype"]) not in TYPES and code != "BF16":
        raise ValueError(f"arrays of {code!r:.20} are not read")
    dtype = BFLOAT16 if code == "BF16" else np.dtype(TYPES[code])
    shape = tuple(entry["shape"])
    begin, end = entry["data_offsets"]
    check_sizes((begin, end))
    if end - begin != elements(shape) * dtype.itemsize:
        raise ValueError("sizes that contradict each other")
    return dtype, shape, begin, end - begin


def check_places(places: Mapping[str, Place]) -> None:
    """Raise ValueError unless each array begins where one before it ends."""
    end = 0
    for _, _, begin, nbytes in sorted(places.values(), key=lambda place: place[2:]):
        if begin != end:
            raise ValueError("its arrays overlap" if begin < end else "there are gaps between its arrays")
        end += nbytes


def pickle_hint(file: BinaryIO) -> str:
    file.seek(0)
    if file.read(1) != b"\x80":
        return ""
    return (
        " but a pickle, perhaps gensim's; fastemb never opens pickles, since they can run any code. "
        "In gensim, write it with wv.save_word2vec_format()"
    )


def pack_keys(keys: Sequence[str | int]) -> dict[str, NDArray[Any]]:
    """Words as arrays: their UTF-8 end to end, where each begins (and the last ends), and which are int.

    Raises
    ------
    TypeError
        If a key is neither a str nor an int.
    UnicodeEncodeError
        If a key holds a surrogate that stands for no byte; the key is named.
    """
    packed, _ = pack_texts(*texts_of(keys), kept_bytes)
    arrays: dict[str, NDArray[Any]] = {
        "keys.utf8": np.frombuffer(packed.text, np.uint8),
        "keys.offsets": packed.offsets,
    }
    if set(map(type, keys)) <= {str}:
        return arrays
    integers = np.array([not isinstance(key, str) for key in keys], bool)
    return arrays | ({"keys.is_int": integers} if integers.any() else {})


def kept_bytes(word: str) -> bytes:
    """The bytes of a word with surrogates, which stay such; they must stand for bytes that could not be decoded."""
    word_bytes(word)
    return word.encode("utf-8", "surrogatepass")


def unpack_keys(arrays: Mapping[str, NDArray[Any]], name: str) -> list[str | int]:
    """The words that `pack_keys` packed."""
    try:
        offsets = np.ascontiguousarray(arrays["keys.offsets"]).astype(np.int64, casting="safe")
        utf8 = np.ascontiguousarray(arrays["keys.utf8"]).view(np.ndarray)
        if offsets.ndim != 1 or offsets[0] != 0 or offsets[-1] != len(utf8):
            raise ValueError("offsets out of order")
        keys: list[str | int] = []
        decode_words(utf8, np.stack([offsets[:-1], offsets[1:]], axis=1), keys, errors="surrogatepass")
        for k in np.flatnonzero(arrays.get("keys.is_int", np.empty(0))).tolist():
            keys[k] = int(keys[k])
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise ValueError(f"{name}: its words are damaged ({error})") from None
    return keys


def number_in(arrays: Mapping[str, NDArray[Any]], key: str) -> int:
    """The whole number that one of the arrays holds; ValueError if it is another thing."""
    array = arrays[key]
    if array.size != 1 or array.dtype.kind not in "iu":
        raise ValueError(f"{key} is no whole number, but of shape {array.shape} and type {array.dtype}")
    return int(array.item())


def starts_native(start: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    return start[8:9] == b"{" and int.from_bytes(start[:8], "little") <= LONGEST_HEADER
