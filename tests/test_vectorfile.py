"""The kernel that parses and prints numbers, against Python and NumPy."""

import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastemb.formats.evidence import is_odd, strip_end, text_row
from fastemb.kernels import vectorfile

MARGIN = bytes(8)
NUMBERS = """
0 -0 1 +1 .5 5. -.5e3 1e5 1E-5 nan -NaN inf -Infinity 1e999 -1e-999 1e-45 3.4028236e38 0.1
12345678 0.12345678 0.123456789 123456789.123456789 00000000000000000000000001.5 1e0000000000000000000000001
0.00000000000000000000000000000000000000012345678901234567890123 9007199254740993 1.00000017881
99999999999999999999999999999999999999 1e23 4.35e-30
"""


def parse(field: str, dtype=np.float32):
    """The number that the kernel makes of a field, None if it leaves it to Python."""
    row, place = np.zeros((1, 1), dtype), np.zeros((1, 2), np.int64)
    count, _ = vectorfile.fill_lines(bytearray(b"w " + field.encode() + b"\n" + MARGIN), 0, row, place)
    return row[0, 0] if count else None


def printed(values: np.ndarray) -> list[str]:
    lines = vectorfile.format_rows(b"", np.zeros(len(values) + 1, np.int64), values.reshape(-1, 1), False)
    return [line[1:].decode() for line in bytes(lines).splitlines()]


def as_float32(field: str) -> np.float32:
    with np.errstate(over="ignore"):
        return np.float32(float(field))


@pytest.mark.parametrize("field", NUMBERS.split())
def test_numbers_are_those_of_python(field):
    got, want = parse(field), as_float32(field)
    assert got is not None
    assert np.isnan(got) == np.isnan(want)
    assert np.isnan(want) or got.tobytes() == want.tobytes()


@pytest.mark.parametrize(
    "field", ["", ".", "-", "e5", "1e", "1e+", "1_0", "0x10", "infx", "1.5.2", "--1", "1\0", "na", "+"]
)
def test_what_is_no_number_is_left_to_python(field):
    assert parse(field) is None


@given(st.from_regex(r"[+-]?([0-9]{1,25}(\.[0-9]{0,25})?|\.[0-9]{1,25})([eE][+-]?[0-9]{1,3})?", fullmatch=True))
@example("1.000000059604644775390625")  # in the middle between two floats
@example("1.00000005960464477539062500000000000000000000000000001")
def test_any_decimal_is_that_of_python_or_left_to_it(field):
    got, exact = parse(field), parse(field, np.float64)
    assert got is None or got.tobytes() == as_float32(field).tobytes()
    assert exact is None or exact == float(field)


@given(st.floats())
def test_short_doubles_are_exact(value):
    field = f"{value:.14g}"
    got = parse(field, np.float64)
    if 1e-7 < abs(value) < 1e21:
        assert got is not None
    assert got is None or got == float(field) or value != value


def test_any_float_is_printed_so_that_it_comes_back():
    bits = np.random.default_rng(0).integers(0, 2**32, 50_000, dtype=np.uint32)
    powers = (np.arange(255, dtype=np.uint32) << 23) + np.arange(-1, 2, dtype=np.int32)[:, None].astype(np.uint32)
    values = np.concatenate([bits, powers.ravel()]).view(np.float32)
    for value, field in zip(values, printed(values), strict=True):
        assert (np.isnan(value) and field == "nan") or as_float32(field).tobytes() == value.tobytes()


def test_floats_are_printed_as_numpy_does():
    draw = np.random.default_rng(0)
    short = draw.integers(-999, 999, 5000) / 10.0 ** draw.integers(0, 9, 5000)
    values = np.concatenate([draw.standard_normal(5000), short, [0, -0.0, np.inf, -np.inf, 1e-5, 1e-4, 1.5e-7]])
    values = values.astype(np.float32)
    assert printed(values) == [str(value) for value in values]


def test_blocks_need_a_margin():
    with pytest.raises(ValueError, match="margin"):
        vectorfile.cut_lines(bytearray(8), 1, 1)
    with pytest.raises(ValueError, match="margin"):
        vectorfile.cut_records(bytearray(8), -1, 4, 1)


def test_entries_of_a_dictionary_are_found():
    entries = [(b"a", 5, 0), (b"", -2, 1), (b"a longer one", 2**62 + 258, -1)]
    text = b"xy" + b"".join(word + b"\0" + struct.pack("<qb", *rest) for word, *rest in entries)
    places, counts, kinds = np.full((4, 2), -1), np.full(4, -1), np.full(4, 9, np.int8)
    for end in (2, 12, 13, 22, len(text) - 1):
        whole = 0 if end < 13 else 1 if end < 23 else 2
        expected = whole, [2, 13, 23][whole]
        assert vectorfile.cut_entries(text[:end], 2, 0, places.copy(), counts.copy(), kinds.copy()) == expected
    assert vectorfile.cut_entries(text, 2, 1, places, counts, kinds) == (4, len(text))
    assert [text[begin:end] for begin, end in places[1:]] == [word for word, *_ in entries]
    assert counts.tolist() == [-1, 5, -2, 2**62 + 258]
    assert kinds.tolist() == [9, 0, 1, -1]
    assert vectorfile.cut_entries(text, 2, 3, places, counts, kinds) == (4, 13)
    for begin, first in ((-1, 0), (len(text) + 1, 0), (2, -1), (2, 5)):
        with pytest.raises(ValueError, match="must be from 0"):
            vectorfile.cut_entries(text, begin, first, places, counts, kinds)
    with pytest.raises(ValueError, match="3 counts"):
        vectorfile.cut_entries(text, 2, 0, places, counts[:3], kinds)


@pytest.mark.parametrize("offsets", [[0, 2, 1], [-1, 0, 1], [0, 1, 99], [0, 1]])
def test_offsets_are_checked(offsets):
    with pytest.raises(ValueError, match="offsets"):
        vectorfile.format_rows(b"abc", np.array(offsets), np.ones((2, 1), np.float32), False)


@pytest.mark.parametrize("places", [[[0, 4]], [[2, 1]], [[-1, 1]]])
def test_places_are_checked(places):
    with pytest.raises(ValueError, match="offsets"):
        vectorfile.decode_words(b"abc", np.array(places), [])


@given(
    lines=st.lists(st.lists(st.sampled_from([*b"a1.-i \t\r", 0x80])).map(bytes), min_size=1, max_size=4),
    size=st.integers(1, 3),
)
@example(lines=[b"a b  1\t-1. "], size=2)
@example(lines=[b"  1 1"], size=2)
@example(lines=[b"a 1 1 1", b"a i 1 1", b"a\ta 1 1"], size=2)
def test_lines_are_parsed_as_in_python(lines, size):
    block = b"".join(line + b"\n" for line in lines)
    rows, places = np.empty((len(lines), size), np.float32), np.empty((len(lines), 2), np.int64)
    count, begin = vectorfile.fill_lines(block + bytes(8), 0, rows, places)
    assert begin == sum(len(line) + 1 for line in lines[:count])
    wanted = [text_row(strip_end(line), size) for line in lines]
    assert [block[slice(*place)] for place in places[:count].tolist()] == [row and row[0] for row in wanted[:count]]
    assert rows[:count].tolist() == [np.float32(row[1]).tolist() for row in wanted[:count] if row]
    assert count == len(lines) or wanted[count] is None or is_odd(wanted[count][0])
