"""Checks of what enters kernels. buffers.h, which setup.py puts before all units, sees that no array is misaligned."""

from libc.stdint cimport INT64_MAX, int64_t

cdef extern from "buffers.h":
    bint apart(const void *a, Py_ssize_t a_bytes, const void *b, Py_ssize_t b_bytes) noexcept nogil


cdef inline int64_t times(int64_t a, int64_t b) noexcept nogil:
    """a · b, of two numbers that are not negative; INT64_MAX where that is more."""
    return a * b if not b or a <= INT64_MAX // b else INT64_MAX


cdef inline int check_range(str name, int64_t number, int64_t least, int64_t most) except -1:
    if not least <= number <= most:
        raise ValueError(f"{name} must be from {least} to {most}, not {number}")
    return 0


cdef inline int check_apart(const float[:, ::1] read, const float[:, ::1] written, str names) except -1:
    """Raise ValueError if two matrices share memory."""
    if read.shape[0] and read.shape[1] and written.shape[0] and written.shape[1] and not apart(
            &read[0, 0], read.shape[0] * read.shape[1] * <Py_ssize_t>sizeof(float),
            &written[0, 0], written.shape[0] * written.shape[1] * <Py_ssize_t>sizeof(float)):
        raise ValueError(f"{names} must not overlap")
    return 0
