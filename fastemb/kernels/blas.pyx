"""The three matrix products of training, from a private copy of OpenBLAS.

The library lies beside this module. It is opened by its path and with local
symbols, so it is never the BLAS of NumPy or SciPy, and holding it to one thread
changes nothing of theirs.
"""

import os

cdef extern from "platform.h":
    void *open_library(const char *path)
    void *find_symbol(void *library, const char *name)
    const char *library_error()

ctypedef void (*sgemm_t)(
    int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
    const float *b, int ldb, float beta, float *c, int ldc) noexcept nogil
ctypedef void (*set_threads_t)(int threads) noexcept nogil
ctypedef const char *(*text_t)() noexcept nogil

cdef enum:
    ROW_MAJOR = 101
    PLAIN = 111
    TRANSPOSED = 112

cdef sgemm_t sgemm = NULL
cdef void *library = NULL


cdef void rows_dot_rows(
        Py_ssize_t n, Py_ssize_t m, Py_ssize_t d, const float *x, const float *y, float *g,
        Py_ssize_t columns) noexcept nogil:
    """G = X Yᵀ   (X: n × d, Y: m × d, G: n × m, its rows `columns` floats apart)"""
    sgemm(ROW_MAJOR, PLAIN, TRANSPOSED, <int>n, <int>m, <int>d, 1.0, x, <int>d, y, <int>d, 0.0, g, <int>columns)


cdef void matrix_times_rows(
        Py_ssize_t n, Py_ssize_t m, Py_ssize_t d, const float *g, Py_ssize_t columns, const float *y, float *x,
        float share) noexcept nogil:
    """X = G Y + share X   (G: n × m, its rows `columns` floats apart, Y: m × d, X: n × d)"""
    sgemm(ROW_MAJOR, PLAIN, PLAIN, <int>n, <int>d, <int>m, 1.0, g, <int>columns, y, <int>d, share, x, <int>d)


cdef void transpose_times_rows(
        Py_ssize_t n, Py_ssize_t m, Py_ssize_t d, const float *g, Py_ssize_t columns, const float *x,
        float *y) noexcept nogil:
    """Y = Gᵀ X   (G: n × m, its rows `columns` floats apart, X: n × d, Y: m × d)"""
    sgemm(ROW_MAJOR, TRANSPOSED, PLAIN, <int>m, <int>d, <int>n, 1.0, g, <int>columns, x, <int>d, 0.0, y, <int>d)


cdef void *symbol(str name) except NULL:
    cdef bytes prefixed = f"scipy_{name}".encode()
    cdef void *address = find_symbol(library, prefixed)
    if address == NULL:
        raise ImportError(f"the OpenBLAS library has no symbol {prefixed.decode()}")
    return address


def core():
    """Name of the processor core whose kernels OpenBLAS chose, for example 'SkylakeX'."""
    return (<text_t>symbol("openblas_get_corename"))().decode()


def config():
    """OpenBLAS's own description of how it was built."""
    return (<text_t>symbol("openblas_get_config"))().decode()


cdef void open_openblas() except *:
    global library, sgemm
    folder = os.path.join(os.path.dirname(__file__), "openblas")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    paths = [
        os.path.join(folder, name) for name in names
        if "openblas" in name and {"so", "dylib", "dll"} & {*name.split(".")[1:]}]
    if not paths:
        raise ImportError(f"no OpenBLAS library in {folder}: reinstall fastemb")
    library = open_library(os.fsencode(paths[0]))
    if library == NULL:
        raise ImportError(f"{paths[0]}: {library_error().decode(errors='replace')}")
    sgemm = <sgemm_t>symbol("cblas_sgemm")
    (<set_threads_t>symbol("openblas_set_num_threads"))(1)


cdef str VARIABLE = "OPENBLAS_NUM_THREADS"


def _open():
    """Open the library without the pool of threads that it would start by default."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = "1"
    try:
        open_openblas()
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


_open()
