"""Files of each format, changed in what their bytes mean: checksums and sizes are right again where that is drawn.

Each function takes the bytes of a file and a generator of random numbers, and returns other bytes.
"""

import io
import json
import pickletools
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from fastemb.formats.fasttext import starts_facebook
from fastemb.formats.native import TYPES, starts_native
from fastemb.formats.pickles import starts_pickle

WEIRD: list[Any] = [
    *(
        None,
        True,
        False,
        -1,
        0,
        1,
        2,
        7,
        3.5,
        -0.5,
        1e300,
        float("nan"),
        float("inf"),
        2**31,
        2**63 - 1,
        2**63,
        10**400,
    ),
    *("", "1", "x\n", "utf-16", [], [1], [-1, 2, 3, 4], ["a"], {}, {"a": 1}),
]
SIZES = [-1, 0, 1, 2, 3, 255, 65536, 2**31 - 1, 2**31, 2**40, 2**62, 2**63 - 1]


def native(data: bytes, draw: random.Random) -> bytes:
    """Of fastemb's own layout: arrays, what the header says of them, parameters, and how far training had come."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    metadata, body = header.pop("__metadata__", {}), data[8 + length :]
    arrays = {
        name: np.frombuffer(body[slice(*entry["data_offsets"])], TYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
    }
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        if draw.random() < 0.5 and "parameters" in metadata:
            name = draw.choice([name for name in ("parameters", "run", "class") if name in metadata])
            metadata[name] = text(metadata[name], draw)
        else:
            change_an_array(arrays, draw)
    header, end = {}, 0
    for name, array in arrays.items():
        code = next(code for code, kind in TYPES.items() if np.dtype(kind) == array.dtype)
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [end, end + array.nbytes]}
        end += array.nbytes
    if draw.random() < 0.3 and header:
        change_json(header[draw.choice(list(header))], draw)
    if "checksum" in metadata:
        metadata |= {"checksums": json.dumps({name: zlib.crc32(array.tobytes()) for name, array in arrays.items()})}
        del metadata["checksum"]
        metadata["checksum"] = str(zlib.crc32(compact({"__metadata__": metadata, **header})))
    start = compact(({"__metadata__": metadata} if metadata else {}) | header)
    start += b" " * (-(8 + len(start)) % 64)
    return len(start).to_bytes(8, "little") + start + b"".join(array.tobytes() for array in arrays.values())


def compact(header: dict[str, Any]) -> bytes:
    return json.dumps(header, separators=(",", ":")).encode()


def text(given: str, draw: random.Random) -> str:
    """JSON with another value somewhere, or anything else."""
    if not given.startswith("{"):
        return draw.choice(["", "KeyedVectors", "Word2Vec", "FastText", "GloVe", "Model"])
    entries = json.loads(given)
    change_json(entries, draw)
    return draw.choice([json.dumps(entries)] * 9 + ["[]", "1", "{", '"x"'])


def json_file(data: bytes, draw: random.Random) -> bytes:
    """Of JSON: another value somewhere, something left out, or added."""
    said = json.loads(data)
    for _ in range(draw.choice([1, 1, 2, 3])):
        change_json(said, draw)
    return json.dumps(said).encode()


def change_json(entries: Any, draw: random.Random) -> None:
    """Replace, leave out or add something in a list or dict, or in one of those in it."""
    places = list(entries) if isinstance(entries, dict) else list(range(len(entries)))
    place = draw.choice(places) if places else None
    if place is not None and isinstance(entries[place], (list, dict)) and entries[place] and draw.random() < 0.7:
        change_json(entries[place], draw)
    elif place is not None and draw.random() < 0.15:
        del entries[place]
    elif place is not None:
        entries[place] = draw.choice(WEIRD)
    elif isinstance(entries, dict):
        entries["more"] = draw.choice(WEIRD)
    else:
        entries.append(draw.choice(WEIRD))


def change_an_array(arrays: dict[str, Any], draw: random.Random) -> None:
    """Let one be of other numbers, another shape or type, or not be there."""
    name = draw.choice(list(arrays))
    array, kind = np.array(arrays[name]), draw.randrange(7)
    if kind == 0 and array.size:
        flat = array.reshape(-1).view(np.uint8)
        for _ in range(draw.choice([1, 3, 20])):
            flat[draw.randrange(flat.size)] = draw.choice([0, 1, 127, 128, 255])
    elif kind == 1 and array.size:
        low, high = (-3e38, 3e38) if array.dtype.kind == "f" else (0, 1) if array.dtype.kind == "b" else limits(array)
        with np.errstate(over="ignore"):
            array.reshape(-1)[draw.randrange(array.size)] = draw.choice([low, high, 0, 1])
    elif kind == 2:
        array = np.resize(array, [max(n + draw.choice([-1, 0, 1, 5]), 0) for n in array.shape])
    elif kind == 3:
        array = array.reshape(draw.choice([(-1,), (1, *array.shape), (*array.shape, 1), array.shape[::-1]]))
    elif kind == 4:
        with np.errstate(all="ignore"):
            array = array.astype(draw.choice(list(TYPES.values())))
    elif kind == 5:
        del arrays[name]
        return
    else:
        array = np.array(arrays[draw.choice(list(arrays))])
    arrays[name] = array


def limits(array: Any) -> tuple[int, int]:
    return np.iinfo(array.dtype).min, np.iinfo(array.dtype).max


def facebook(data: bytes, draw: random.Random) -> bytes:
    """Of fastText's models: arguments, sizes, words, and the shapes of matrices."""
    content = bytearray(data)
    begin = 8 if struct.unpack_from("<i", data)[0] == 793712314 else 0
    places = [(begin + 4 * k, "<i") for k in range(12)] + [(begin + 48, "<d")]
    places += [(begin + 56 + 4 * k, "<i") for k in range(3)] + [(begin + 68, "<q"), (begin + 76, "<q")]
    entries = struct.unpack_from("<i", data, begin + 56)[0]
    at = begin + 84
    for _ in range(entries):
        end = data.index(b"\0", at)
        places += [(end + 1, "<q"), (end + 9, "<b")] if draw.random() < 0.1 else []
        at = end + 10
    pruned = struct.unpack_from("<q", data, begin + 76)[0]
    places += [(at + 4 * k, "<i") for k in range(min(2 * max(pruned, 0), 20))]
    at += 8 * max(pruned, 0)
    places += [(at, "<b"), (at + 1, "<q"), (at + 9, "<q"), (at + 17, "<q"), (at + 2, "<q"), (at + 10, "<q")]
    for _ in range(draw.choice([1, 1, 2, 3])):
        place, layout = draw.choice(places)
        if layout == "<d":
            struct.pack_into(layout, content, place, draw.choice([0.0, -1.0, 1e-310, float("nan"), 1e300]))
        elif place + struct.calcsize(layout) <= len(content):
            bits = 8 * struct.calcsize(layout)
            near = struct.unpack_from(layout, content, place)[0] + draw.choice([-1, 1])
            number = draw.choice([near, draw.choice(SIZES), -(2 ** (bits - 1))]) + 2 ** (bits - 1)
            struct.pack_into(layout, content, place, number % 2**bits - 2 ** (bits - 1))
    return bytes(content)


def word2vec(data: bytes, draw: random.Random) -> bytes:
    """Of word2vec's and GloVe's: the line of sizes, words, numbers, whole rows."""
    lines = data.split(b"\n")
    for _ in range(draw.choice([1, 1, 2, 4])):
        row = draw.choice([0, draw.randrange(len(lines))])
        parts = lines[row][:20_000].split(b" ")
        kind, part = draw.randrange(5), draw.randrange(len(parts))
        if kind == 0 and row == 0:
            parts[part] = str(draw.choice([*SIZES, len(lines), len(lines) - 3])).encode()
        elif kind == 1:
            parts[part] = draw.choice(
                [b"1e400", b"nan", b"-inf", b"0x1p3", b"1_0", b"", b"\xff\xfe", b"a" * 5000, b"\t1"]
            )
        elif kind == 2:
            parts = parts * draw.choice([0, 2, 40])
        elif kind == 3:
            lines[row:row] = lines[row : row + 1] * draw.choice([1, 60])
        else:
            parts = draw.choice(lines).split(b" ")
        lines[row] = b" ".join(parts)
    return b"\n".join(lines)


SNIPPETS = [
    *(
        b"\x8f",
        b"]",
        b"}",
        b"(",
        b")",
        b"0",
        b"1",
        b"2",
        b"N",
        b"K\1",
        b"b",
        b"R",
        b"\x81",
        b"s",
        b"a",
        b"\x94",
        b"h\0",
    ),
    *(b"h\0", b"h\1", b"h\2", b"}\x8c\1xK\1sb", b"N}\x8c\1xK\1s\x86b", b"c_codecs\nencode\n"),
    *(b"t", b"d", b"cnumpy\ndtype\n\x8c\2O8\x85R"),
    *(b"cnumpy.core.multiarray\n_reconstruct\n)R", b"cnumpy.core.multiarray\nscalar\n", b"J\xff\xff\xff\x7f", b"\x85R"),
    *(
        b"cbuiltins\nset\n",
        b"\x8a\x09" + b"\xff" * 8 + b"\0",
        b"cnumpy.core.numeric\n_frombuffer\n",
        b"\x91",
        b"t",
        b"d",
    ),
]


def pickled(data: bytes, draw: random.Random) -> bytes:
    """Of pickles: opcodes left out, repeated, exchanged, or put in."""
    places = [(opcode, place) for opcode, _, place in pickletools.genops(data)]
    ends = [place for _, place in places[1:]] + [len(data)]
    parts = [
        data[place:end]
        for (opcode, place), end in zip(places, ends, strict=True)
        if opcode.name != "FRAME"  # they need not be there
    ]
    for _ in range(draw.choice([1, 1, 2, 5])):
        at, kind = draw.randrange(1, len(parts)), draw.randrange(5)
        length = draw.choice([1, 1, 2, 6])
        if kind == 0:
            del parts[at : at + length]
        elif kind == 1:
            parts[at:at] = parts[at : at + length] * draw.choice([1, 1, 3, 200])
        elif kind == 2:
            other = draw.randrange(1, len(parts))
            parts[at], parts[other] = parts[other], parts[at]
        elif kind == 3:
            parts[at:at] = [draw.choice(SNIPPETS) for _ in range(length)] * draw.choice([1, 1, 500])
        else:
            parts[at] = draw.choice(parts)
    return b"".join(parts)


def npz(data: bytes, draw: random.Random) -> bytes:
    """Of .npz: the headers of its arrays, their names, and how they are packed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    for _ in range(draw.choice([1, 1, 2])):
        at, kind = draw.randrange(len(members)), draw.randrange(4)
        name, content = members[at]
        if kind == 0:
            members.append((draw.choice([name, "vectors.npy", "x", "../x.npy"]), draw.choice(members)[1]))
        elif kind == 1:
            length = int.from_bytes(content[8:10], "little")
            header = content[10 : 10 + length].decode("latin-1")
            header = re.sub(r"\d+", lambda found: str(draw.choice([found[0], *SIZES])), header)
            header = draw.choice([header, header.replace("<f", draw.choice(["|S", "<U", "|O", "|V", ">f", "<c"]))])
            content = (
                content[:8] + len(header).to_bytes(2, "little") + header.encode("latin-1") + content[10 + length :]
            )
        elif kind == 2:
            content = content[:128] + bytes(draw.choice([0, 4, 1 << 20]))
        else:
            content = content[: draw.randrange(len(content) + 1)]
        members[at] = name, content
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", draw.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def cells(data: bytes, draw: random.Random) -> bytes:
    """Of co-occurrences: numbers of words, and how often they meet."""
    records = np.array(np.frombuffer(data[: len(data) // 16 * 16], "<i4,<i4,<f8"))
    for _ in range(draw.choice([1, 1, 3])):
        at, kind = draw.randrange(len(records)), draw.randrange(4)
        if kind < 2:
            records[f"f{kind}"][at] = draw.choice([-(2**31), -1, 0, 1, 2, 1000, 2**31 - 1])
        elif kind == 2:
            records["f2"][at] = draw.choice([0, -1, float("nan"), float("inf"), 1e-320, 1e300])
        else:
            records = np.concatenate([records, records[at:]])
    return records.tobytes() + draw.choice([b"", b"", b"", b"x"])


def mutation_of(data: bytes, name: str) -> Callable[[bytes, random.Random], bytes] | None:
    """The function for a file; None for one that is packed."""
    if name.startswith("cooccurrence"):
        return cells
    if name.endswith(".json"):
        return json_file
    if starts_native(data):
        return native
    if data.startswith(b"PK"):
        return npz
    if starts_pickle(data):
        return pickled
    if starts_facebook(data):
        return facebook
    return None if name.endswith((".xz", ".gz")) else word2vec
