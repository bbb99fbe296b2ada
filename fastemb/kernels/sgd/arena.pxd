"""Memory for the many arrays of a worker: a table of their sizes, then one allocation."""

from fastemb.kernels.checks cimport times
from libc.stdint cimport INT64_MAX, int64_t
from libc.string cimport memcpy

cdef extern from "platform.h":
    void *allocate_aligned(size_t size) noexcept nogil

cdef enum:
    ARRAYS = 96     # at most
    LINE = 64       # bytes, to a multiple of which an array begins


cdef struct Array:
    void *pointer   # to what is to point to it
    int64_t bytes


cdef struct Arena:
    Array arrays[ARRAYS]
    int64_t n
    void *memory    # to be freed by `free_aligned`


cdef inline void reserve(Arena *a, void *pointer, int64_t n, int64_t size) noexcept nogil:
    """Let the pointer that stands at `pointer` point to n items of so many bytes, from `allocate` on."""
    if a.n < ARRAYS:
        a.arrays[a.n] = Array(pointer, times(n, size))
    a.n += 1


cdef inline int allocate(Arena *a) except -1:
    cdef int64_t total = 0, k
    cdef char *piece
    assert a.n <= ARRAYS
    for k in range(a.n):
        if a.arrays[k].bytes > INT64_MAX - LINE - total:
            raise MemoryError("no memory for a worker (more bytes than can be counted)")
        total += (a.arrays[k].bytes + LINE - 1) // LINE * LINE
    piece = <char *>allocate_aligned(total)
    if piece == NULL:
        raise MemoryError(f"no memory for a worker ({total} bytes)")
    a.memory = piece
    for k in range(a.n):
        memcpy(a.arrays[k].pointer, &piece, sizeof(void *))     # which may be of any type
        piece += (a.arrays[k].bytes + LINE - 1) // LINE * LINE
    return 0
