"""A look at a pickle before it is run: that it asks for no more memory than it has bytes to fill it with, that its
opcodes make no more than they may, and that it nests no tuples so deeply that hashing them, which is recursive in
CPython, would run out of stack."""

import pickletools

from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memchr, memset

cdef enum:
    UNKNOWN = -100
    # As in pickletools: how long an argument is where that is no fixed number of bytes.
    LINE = -1
    COUNTED_BY_1 = -2
    COUNTED_BY_4 = -3
    COUNTED_BY_4_UNSIGNED = -4
    COUNTED_BY_8 = -5
    # Opcodes.
    MARK = 0x28
    GLOBAL = 0x63
    GET = 0x67
    PUT = 0x70
    BINGET = 0x68
    LONG_BINGET = 0x6a
    BINPUT = 0x71
    LONG_BINPUT = 0x72
    STOP = 0x2e
    MEMOIZE = 0x94
    FRAME = 0x95

    DEEPEST = 100   # tuples in tuples; gensim's have less than ten
    NOTHING = 255   # instead of a depth: a mark on the stack, a memo that is not there


cdef struct Depths:
    # How deeply what is on the stack, or in a memo, is nested.
    unsigned char *items
    int64_t count
    int64_t room
    int64_t filled


cdef struct Opcode:
    int argument
    int pops        # below the mark, where it takes what is above one
    int pushes
    bint to_mark
    bint nests
    int makes       # about how many bytes of memory its object takes, with the places where this is kept
    int widens      # and how many each of its own bytes

# What an opcode makes; others that push something make an object of MAKES bytes.
MAKES = 64
MADE = {
    "MARK": 8, "NONE": 24, "NEWTRUE": 24, "NEWFALSE": 24, "EMPTY_SET": 280, "FROZENSET": 280,
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET", "DUP"), 40),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), 16),
    **dict.fromkeys(("EMPTY_DICT", "DICT", "EMPTY_LIST", "LIST"), 100),
    **dict.fromkeys(("REDUCE", "NEWOBJ", "NEWOBJ_EX", "OBJ"), 400),
    **dict.fromkeys(("BUILD", "GLOBAL", "STACK_GLOBAL"), 200),
    **dict.fromkeys(("APPEND", "APPENDS", "SETITEM", "SETITEMS", "ADDITEMS", "PROTO"), 0),
}

cdef Opcode opcodes[256]
for _code in range(256):
    opcodes[_code].argument = UNKNOWN
for _opcode in pickletools.opcodes:
    # EXT and PERSID look names up elsewhere; INST makes objects of a kind that gensim never had.
    if _opcode.name not in ("EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID", "INST", "NEXT_BUFFER"):
        _before = [_item.name for _item in _opcode.stack_before]
        _code = ord(_opcode.code)
        opcodes[_code].argument = _opcode.arg.n if _opcode.arg else 0
        opcodes[_code].to_mark = "mark" in _before
        opcodes[_code].pops = _before.index("mark") if "mark" in _before else len(_before)
        opcodes[_code].pushes = len(_opcode.stack_after)
        opcodes[_code].nests = _opcode.name in ("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3")
        opcodes[_code].makes = MADE.get(_opcode.name, MAKES if _opcode.stack_after else 0)
        opcodes[_code].widens = 4 if "UNICODE" in _opcode.name else 1


def first_excess(const unsigned char[::1] data, int64_t most):
    """Where in a pickle an opcode is unknown, or announces more bytes than follow, or counts on more memos than
    there were opcodes, or finds too little on the stack or too much in a tuple, or has made more than `most` bytes with
    those before it; -1 if nowhere up to its end. And about how many bytes they make, without what calls make."""
    cdef int64_t n = data.shape[0], found, made = 0
    cdef Depths stack, memos
    if n == 0:
        return 0, 0
    memset(&stack, 0, sizeof(Depths))
    memset(&memos, 0, sizeof(Depths))
    with nogil:
        found = scan(&data[0], n, most, &made, &stack, &memos)
        free(stack.items)
        free(memos.items)
    return found, made


cdef int64_t scan(
    const unsigned char *data, int64_t n, int64_t most, int64_t *made, Depths *stack, Depths *memos
) noexcept nogil:
    cdef int64_t at = 0, begin, count = 0
    cdef uint64_t number
    cdef unsigned char code
    while at < n:
        begin = at
        code = data[at]
        count += 1
        at = after_argument(data, n, at, &number)
        if at < 0:
            return begin
        if (code == PUT or code == BINPUT or code == LONG_BINPUT) and number > <uint64_t>count + 256:
            return begin
        made[0] += opcodes[code].makes + opcodes[code].widens * (at - begin)
        if made[0] > most or not follow(code, number, stack, memos):
            return begin
        if code == STOP:
            return -1
    return n


cdef int64_t after_argument(const unsigned char *data, int64_t n, int64_t at, uint64_t *number) noexcept nogil:
    """Where the opcode after the one at `at` stands, -1 if there is no such place; and the number that it is given."""
    cdef unsigned char code = data[at]
    cdef int argument = opcodes[code].argument, k
    cdef int64_t width
    cdef const unsigned char *newline
    at += 1
    number[0] = 0
    if argument == UNKNOWN:
        return -1
    if argument == LINE:
        newline = <const unsigned char *>memchr(data + at, 10, n - at)
        if newline != NULL and code == GLOBAL:      # two lines, a module and a name
            newline = <const unsigned char *>memchr(newline + 1, 10, data + n - newline - 1)
        if newline != NULL and (code == GET or code == PUT):
            if not decimal(data + at, newline, number):
                return -1
        return -1 if newline == NULL else newline + 1 - data
    width = argument
    if argument < 0:
        width = 1 if argument == COUNTED_BY_1 else 8 if argument == COUNTED_BY_8 else 4
    if n - at < width:
        return -1
    if argument < 0 or code in (BINGET, LONG_BINGET, BINPUT, LONG_BINPUT, FRAME):
        for k in range(<int>width):
            number[0] |= <uint64_t>data[at + k] << (8 * k)
    at += width
    if (argument < 0 or code == FRAME) and number[0] > <uint64_t>(n - at):
        return -1
    return at + <int64_t>number[0] if argument < 0 else at      # what a frame holds is opcodes


cdef bint decimal(const unsigned char *text, const unsigned char *end, uint64_t *number) noexcept nogil:
    """Whether a text is one to nine digits; the number that they are."""
    if not 0 < end - text < 10:
        return False
    while text < end:
        if not 48 <= text[0] <= 57:
            return False
        number[0] = 10 * number[0] + text[0] - 48
        text += 1
    return True


cdef bint follow(unsigned char code, uint64_t number, Depths *stack, Depths *memos) noexcept nogil:
    """Do to the depths on the stack what the opcode would do to the objects; whether that can be."""
    cdef Opcode opcode = opcodes[code]
    cdef unsigned char depth = 0, item
    cdef int _
    if code == PUT or code == BINPUT or code == LONG_BINPUT or code == MEMOIZE:
        return stack.count > 0 and put(
            memos, memos.filled if code == MEMOIZE else <int64_t>number, stack.items[stack.count - 1])
    while opcode.to_mark:
        if stack.count == 0:
            return False
        item = pop(stack)
        if item == NOTHING:
            break
        depth = max(depth, item)
    for _ in range(opcode.pops):
        if stack.count == 0:
            return False
        item = pop(stack)
        depth = max(depth, <unsigned char>0 if item == NOTHING else item)
    if (code == GET or code == BINGET or code == LONG_BINGET) and number < <uint64_t>memos.count:
        item = memos.items[number]
        depth = <unsigned char>0 if item == NOTHING else item
    if opcode.nests:
        depth += 1
    if depth > DEEPEST:
        return False
    for _ in range(opcode.pushes):
        if not put(stack, stack.count, <unsigned char>NOTHING if code == MARK else depth):
            return False
    return True


cdef inline unsigned char pop(Depths *depths) noexcept nogil:
    depths.count -= 1
    return depths.items[depths.count]


cdef bint put(Depths *depths, int64_t place, unsigned char depth) noexcept nogil:
    """depths[place] = depth, with nothing in the places before it that there were not; False without memory."""
    cdef int64_t room
    cdef unsigned char *items
    if place >= depths.room:
        room = 2 * place + 64
        items = <unsigned char *>realloc(depths.items, room)
        if items == NULL:
            return False
        depths.items, depths.room = items, room
    if place >= depths.count:
        memset(depths.items + depths.count, NOTHING, place + 1 - depths.count)
        depths.count = place + 1
    depths.filled += depths.items[place] == NOTHING
    depths.items[place] = depth
    return True
