"""A look at a pickle before it is run: that it asks for no more memory than it has bytes to fill it with."""

import pickletools

from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memchr

cdef enum:
    UNKNOWN = -100
    # As in pickletools: how long an argument is where that is no fixed number of bytes.
    LINE = -1
    COUNTED_BY_1 = -2
    COUNTED_BY_4 = -3
    COUNTED_BY_4_UNSIGNED = -4
    COUNTED_BY_8 = -5

cdef int arguments[256]
for _code in range(256):
    arguments[_code] = UNKNOWN
for _opcode in pickletools.opcodes:
    # EXT and PERSID look names up elsewhere; PUT is of protocol 0.
    if _opcode.name not in ("EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID", "PUT", "INST", "NEXT_BUFFER"):
        arguments[ord(_opcode.code)] = _opcode.arg.n if _opcode.arg else 0


def first_excess(const unsigned char[::1] data):
    """Where in a pickle an opcode is unknown, or announces more bytes than follow, or counts on more memos than
    there were opcodes; -1 if there is no such place up to its end."""
    cdef int64_t n = data.shape[0], found
    if n == 0:
        return 0
    with nogil:
        found = scan(&data[0], n)
    return found


cdef int64_t scan(const unsigned char *data, int64_t n) noexcept nogil:
    cdef int64_t at = 0, begin, width, opcodes = 0
    cdef uint64_t length
    cdef int argument, k
    cdef const unsigned char *newline
    while at < n:
        begin = at
        argument = arguments[data[at]]
        at += 1
        opcodes += 1
        length = 0
        if argument == UNKNOWN:
            return begin
        if argument == LINE:
            newline = <const unsigned char *>memchr(data + at, 10, n - at)
            if newline != NULL and data[begin] == c'c':     # two lines, a module and a name
                newline = <const unsigned char *>memchr(newline + 1, 10, data + n - newline - 1)
            if newline == NULL:
                return begin
            at = newline + 1 - data
        else:
            width = argument
            if argument < 0:
                width = 1 if argument == COUNTED_BY_1 else 8 if argument == COUNTED_BY_8 else 4
            if n - at < width:
                return begin
            if argument < 0 or data[begin] in (c'r', c'q', 0x95):
                for k in range(<int>width):
                    length |= <uint64_t>data[at + k] << (8 * k)
            at += width
            if data[begin] == c'r' or data[begin] == c'q':     # memo number `length`
                if length > <uint64_t>opcodes + 256:
                    return begin
            elif length > <uint64_t>(n - at):
                return begin
            elif data[begin] != 0x95:                           # what a frame holds is opcodes
                at += length
        if data[begin] == c'.':
            return -1
    return n
