"""The step of training, in several implementations, of which one is chosen at import.

    G = α (P - W ∘ σ(X·Oᵀ));   X ← X + G·O;   O ← O + Gᵀ·X   (X and O as they were)

and `in_turn`, each input is changed by the outputs as those before it left them: X ← X + G·O + tril(G·Gᵀ)·X, where tril
is what lies below the diagonal.

P holds how often each pair of an input and an output is a positive example, W how much it counts
in all; `train_softmax` has, in place of σ, the softmax of each row. The implementations in C (simd/step.h) hold
tiles of the products in registers and work on the rows in place; `blas` copies the rows together and calls OpenBLAS.
"""

import os

import numpy as np

from fastemb.kernels.blas cimport matrix_times_rows, rows_dot_rows, transpose_times_rows
from fastemb.kernels.checks cimport check_apart
from libc.string cimport memcpy, memset

VARIABLE = "FASTEMB_IMPLEMENTATION"
# The best first. What `blas` does not take from OpenBLAS, it takes from the best of the others.
IN_C = ("avx512", "avx2", "neon", "portable")


cdef void train_by_blas(Step *s) noexcept nogil:
    multiply_by_blas(s, kernels.logistic)


cdef void train_softmax_by_blas(Step *s) noexcept nogil:
    multiply_by_blas(s, kernels.softmax)


cdef void multiply_by_blas(Step *s, void (*gradient)(Step *s) noexcept nogil) noexcept nogil:
    """The step, of which `gradient` makes the gradients of the dot products."""
    cdef Py_ssize_t n = s.n, m = s.m, d = s.d, i, j
    cdef float *inputs = s.copies
    cdef float *outputs = inputs + n * d
    cdef float *input_changes = outputs + m * d
    cdef float *output_changes = input_changes + n * d
    cdef float *attractions = output_changes + m * d
    for i in range(n):
        memcpy(inputs + i * d, s.inputs[i], d * sizeof(float))
    for j in range(m):
        memcpy(outputs + j * d, s.outputs[j], d * sizeof(float))
    memset(s.gradient, 0, n * s.columns * sizeof(float))
    rows_dot_rows(n, m, d, inputs, outputs, s.gradient, s.columns)
    gradient(s)
    matrix_times_rows(n, m, d, s.gradient, s.columns, outputs, input_changes, 0)
    if s.in_turn:
        rows_dot_rows(n, n, s.columns, s.gradient, s.gradient, attractions, n)
        for i in range(n):
            memset(attractions + i * n + i, 0, (n - i) * sizeof(float))
        matrix_times_rows(n, n, d, attractions, n, inputs, input_changes, 1)
    transpose_times_rows(n, m, d, s.gradient, s.columns, inputs, output_changes)
    for i in range(n):
        if s.replace:
            kernels.sum_rows(s.inputs[i], &input_changes, 1, d, NULL, s.scales[i] if s.scales != NULL else 1)
        else:
            kernels.add_to_rows(&s.inputs[i], 1, d, input_changes, &s.scales[i] if s.scales != NULL else NULL)
        input_changes += d
    for j in range(m):
        kernels.add_to_rows(&s.outputs[j], 1, d, output_changes, NULL)
        output_changes += d


cdef Kernels blas
cdef const Kernels *kernels = NULL


cdef const Kernels *by_name(str name) except? NULL:
    """The implementation of that name; NULL if this processor cannot run it."""
    global blas
    cdef const Kernels *found
    if name != "blas":
        return find_kernels(name.encode())
    for other in IN_C:
        found = find_kernels(other.encode())
        if found != NULL:
            blas = found[0]
            blas.name = b"blas"
            blas.train, blas.train_softmax = train_by_blas, train_softmax_by_blas
            return &blas


def implementations():
    """Names of the implementations that this processor can run, the default first."""
    return [name for name in (*IN_C, "blas") if by_name(name) != NULL]


def implementation():
    """Name of the implementation in use."""
    return kernels.name.decode()


def choose(name=None):
    """Use an implementation from now on; None for the default. No training may be under way.

    Raises
    ------
    ValueError
        If there is none of that name, or this processor cannot run it.
    """
    global kernels
    can = implementations()
    if name is None:
        name = can[0]
    if name not in can:
        known = name in (*IN_C, "blas")
        raise ValueError(
            f"{'this processor cannot run' if known else 'there is no'} implementation {name!r} of the kernels; "
            f"here it may be {', '.join(can)}")
    kernels = by_name(name)


def _choose_as_told():
    told = os.environ.get(VARIABLE) or None
    try:
        choose(told)
    except ValueError as error:
        raise ImportError(f"{VARIABLE}={told}: {error}") from None


_choose_as_told()


def train(float[:, ::1] vectors, inputs, float[:, ::1] output_vectors, outputs, const float[:, ::1] positives,
          const float[:, ::1] weights, float alpha, scales=None, bint replace=False, bint measure=False,
          bint softmax=False, bint in_turn=False):
    """Train one step in place: for tests.

    Parameters
    ----------
    vectors, output_vectors : ndarray of float32, C-contiguous
    inputs, outputs : sequence of int
        Different rows of them, n and m.
    positives, weights : ndarray of float32, shape (n, m)
    alpha : float
    scales : ndarray of float32, shape (n,), optional
    replace, measure : bool
    softmax : bool
        In place of the logistic function.
    in_turn : bool
        Each input meets the outputs as those before it left them.

    Returns
    -------
    loss : float
        0 if it is not measured.
    """
    cdef Step s
    cdef Py_ssize_t n = len(inputs), m = len(outputs), d = vectors.shape[1], k, row
    cdef Py_ssize_t columns = (m + 7) // 8 * 8
    cdef float[:, ::1] p = np.zeros((n, columns), np.float32), w = np.zeros((n, columns), np.float32)
    cdef float[:, ::1] gradient = np.full((n, columns), np.nan, np.float32)
    cdef float[::1] change = np.full(n * LANES, np.nan, np.float32), scale
    cdef float[::1] copies = np.full(2 * (n + m) * d + n * n, np.nan, np.float32)
    cdef size_t[::1] pointers = np.zeros(n + m, np.uintp)
    if (positives.shape[0], positives.shape[1]) != (n, m) or (weights.shape[0], weights.shape[1]) != (n, m):
        raise ValueError("positives and weights must be n × m")
    if not n or not m or not d or output_vectors.shape[1] != d:
        raise ValueError("there must be inputs and outputs of one size")
    rows, other_rows = range(len(vectors)), range(len(output_vectors))
    if not {*inputs} <= {*rows} or not {*outputs} <= {*other_rows}:
        raise ValueError("there is no such row")
    check_apart(vectors, output_vectors, "the two matrices")
    if len(set(inputs)) < n or len(set(outputs)) < m:
        raise ValueError("no row may be there twice")
    for k, row in enumerate(inputs):
        pointers[k] = <size_t>&vectors[row, 0]
    for k, row in enumerate(outputs):
        pointers[n + k] = <size_t>&output_vectors[row, 0]
    p[:, :m] = positives
    w[:, :m] = weights
    s.n, s.m, s.d, s.columns = n, m, d, columns
    s.inputs, s.outputs = <float **>&pointers[0], <float **>&pointers[n]
    s.positives, s.weights, s.gradient, s.change, s.copies = &p[0, 0], &w[0, 0], &gradient[0, 0], &change[0], &copies[0]
    s.scales, s.ahead = NULL, s.outputs
    if scales is not None:
        scale = np.array(scales, np.float32)
        if scale.shape[0] != n:
            raise ValueError("there must be a scale for each input")
        s.scales = &scale[0]
    s.replace, s.measure, s.alpha, s.loss, s.coming, s.far = replace, measure, alpha, 0, 0, False
    s.in_turn = in_turn
    with nogil:
        if softmax:
            kernels.train_softmax(&s)
        else:
            kernels.train(&s)
    return s.loss
