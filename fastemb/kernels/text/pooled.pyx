"""From texts to the means of the vectors of their tokens."""

from fastemb.kernels.checks cimport check_apart
from fastemb.kernels.ragged cimport Ragged, length_of, ragged
from fastemb.kernels.text.pieces cimport Pieces, free_pieces
from fastemb.kernels.text.sums cimport Sum, add_row, begin_sum, end_sum
from fastemb.kernels.text.wordpiece cimport Tokenizer, text_of
from fastemb.kernels.text.wordtable cimport Text

from libc.math cimport sqrt
from libc.stdint cimport INT32_MAX, int32_t, int64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

cdef enum:
    SPAN = 512          # rows that are added up in single precision


cdef struct Pooling:
    const float *rows       # of tokens, d numbers each
    Py_ssize_t d
    int32_t left_out        # the token that is left out of means; -1: none
    int64_t most_tokens     # of a text, the token that is left out among them
    bint normalize
    double *sum             # d


def mean_tokens(
        list texts, Tokenizer tokenizer, const float[:, ::1] vectors, float[:, ::1] means, int32_t left_out=-1,
        int64_t most_tokens=-1, int64_t most_characters=-1, bint normalize=False, int64_t first=0):
    """The mean of the vectors of each text's tokens; see pooled.pyi."""
    cdef Py_ssize_t n = len(texts), k = 0
    cdef list held = []
    cdef Pooling pooling
    cdef Pieces p
    cdef int status = 0
    if means.shape[0] != n or means.shape[1] != vectors.shape[1] or vectors.shape[0] < tokenizer.n_ids:
        raise ValueError(f"{n} texts of {tokenizer.n_ids} tokens have means and vectors of other sizes")
    check_apart(vectors, means, "vectors and means")
    if not n or not vectors.shape[1]:
        return
    set_pooling(&pooling, vectors, left_out, most_tokens, normalize)
    memset(&p, 0, sizeof(Pieces))
    p.limit = pooling.most_tokens
    cdef Text *views = <Text *>malloc(n * sizeof(Text))
    try:
        if views == NULL:
            raise MemoryError(f"no memory for {n} texts")
        for k in range(n):
            held.append(text_of(texts[k], first + k, most_characters, &views[k]))
        with nogil:
            for k in range(n):
                status = tokenizer.fill(&views[k], &p)
                if status < 0:
                    break
                mean(&pooling, p.ids, min(p.n, pooling.most_tokens), &means[k, 0])
        tokenizer.check(status, first + k)
    finally:
        free_pieces(&p)
        free(views)
        free(pooling.sum)


def mean_ids(
        const int32_t[::1] ids, const int64_t[::1] starts, const float[:, ::1] vectors, float[:, ::1] means,
        int32_t left_out=-1, int64_t most_tokens=-1, bint normalize=False):
    """The same of texts that are tokens already; see pooled.pyi."""
    cdef Py_ssize_t k
    cdef Pooling pooling
    cdef Ragged texts = ragged(starts, ids, 0, vectors.shape[0], "texts")
    if means.shape[0] != texts.n or means.shape[1] != vectors.shape[1]:
        raise ValueError(f"{texts.n} texts have means of another number or size")
    check_apart(vectors, means, "vectors and means")
    if not texts.n or not vectors.shape[1]:
        return
    set_pooling(&pooling, vectors, left_out, most_tokens, normalize)
    with nogil:
        for k in range(texts.n):
            mean(&pooling, texts.ids + starts[k], min(length_of(&texts, k), pooling.most_tokens), &means[k, 0])
    free(pooling.sum)


cdef int set_pooling(
        Pooling *pooling, const float[:, ::1] vectors, int32_t left_out, int64_t most_tokens,
        bint normalize) except -1:
    pooling.rows = NULL
    if vectors.shape[0]:
        pooling.rows = &vectors[0, 0]
    pooling.d, pooling.left_out, pooling.normalize = vectors.shape[1], left_out, normalize
    pooling.most_tokens = INT32_MAX if most_tokens < 0 else most_tokens
    pooling.sum = <double *>malloc(pooling.d * sizeof(double))
    if pooling.sum == NULL:
        raise MemoryError(f"no memory for {pooling.d} numbers")
    return 0


cdef void mean(const Pooling *pooling, const int32_t *ids, int64_t n, float *to) noexcept nogil:
    """to = Σ rows[i] / their number, over the ids i that are not left out; divided by its length, if that is wanted

    It is 0 without any. Sums of SPAN rows are added up in double precision.
    """
    cdef Py_ssize_t j, d = pooling.d
    cdef int64_t begin = SPAN, count = add_rows(pooling, ids, min(n, SPAN), to)
    cdef double square = 0, factor
    if n <= SPAN:
        for j in range(d):
            square += <double>to[j] * to[j]
    else:
        for j in range(d):
            pooling.sum[j] = to[j]
        while begin < n:
            count += add_rows(pooling, ids + begin, min(n - begin, SPAN), to)
            for j in range(d):
                pooling.sum[j] += to[j]
            begin += SPAN
        for j in range(d):
            square += pooling.sum[j] * pooling.sum[j]
            to[j] = <float>(pooling.sum[j] / max(count, 1))
        square /= <double>max(count, 1) * max(count, 1)
        count = 1
    factor = 1. / count if count else 0
    if pooling.normalize and square > 0:
        factor = 1 / sqrt(square)
    for j in range(d):
        to[j] = <float>(to[j] * factor)


cdef int64_t add_rows(const Pooling *pooling, const int32_t *ids, int64_t n, float *to) noexcept nogil:
    """to = Σ rows[i] over the ids i that are not left out; returns how many they are."""
    cdef Sum sum
    cdef int64_t k, count = 0
    begin_sum(&sum, to, pooling.d)
    for k in range(n):
        if ids[k] != pooling.left_out:
            add_row(&sum, pooling.rows + ids[k] * pooling.d)
            count += 1
    end_sum(&sum)
    return count
