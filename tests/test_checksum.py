"""The checksum is zlib's, whatever the processor makes of it."""

import zlib

import numpy as np
import pytest

from fastemb.kernels.checksum import crc32


@pytest.mark.parametrize("offset", [0, 1, 7])
def test_it_is_that_of_zlib(offset):
    data = np.random.default_rng(4).integers(0, 256, 5000, np.uint8)[offset:]
    for size in [*range(300), 1023, 1024, 1025, 4096, len(data)]:
        for before in (0, 1, 0xFFFFFFFF, 0x12345678):
            assert crc32(data[:size], before) == zlib.crc32(data[:size], before), (size, before)


def test_parts_are_added_one_after_the_other():
    data, value = bytes(range(256)) * 40, 0
    for begin in range(0, len(data), 100):
        value = crc32(data[begin : begin + 100], value)
    assert value == crc32(data) == zlib.crc32(data)
    assert crc32(b"") == 0


@pytest.mark.parametrize("data", [np.zeros((2, 2), np.uint8), np.zeros(4, np.float32), np.zeros(8, np.uint8)[::2]])
def test_other_buffers_are_refused(data):
    with pytest.raises(ValueError, match=r"Buffer|buffer|contiguous"):
        crc32(data)
