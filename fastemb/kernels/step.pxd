from libc.stdint cimport int32_t, int64_t


cdef extern from "kernels.h":
    ctypedef struct Cell:
        int32_t row, column
        float log_count

    ctypedef struct Cells:
        const Cell *cells
        Py_ssize_t n, stride
        float *words
        float *contexts
        float *word_biases
        float *context_biases
        float eta, alpha, log_x_max, clip

    enum:
        LANES
    ctypedef struct Step:
        Py_ssize_t n, m, d, columns
        float **inputs
        float **outputs
        float *positives
        float *weights
        float *scales
        bint replace
        bint in_turn
        float alpha
        bint measure
        double loss
        float *gradient
        float *change
        float *copies
        Py_ssize_t coming
        float **ahead
        bint far

    ctypedef struct Edge:
        Py_ssize_t at, window
        bint begins

    ctypedef struct Windows:
        Py_ssize_t n
        const Edge *edges
        const int64_t *centres
        float **rows
        const float *weights

    ctypedef struct Telling:
        Py_ssize_t m, d
        float *x
        float **rows
        float **contexts
        const float *shares
        const float *constants
        const float *positives
        const float *weights
        float alpha
        float *gradient

    ctypedef struct Kernels:
        const char *name
        void (*train)(Step *s) noexcept nogil
        void (*infer)(const Telling *t) noexcept nogil
        void (*dot_pairs)(float *to, float **x, float **rows, Py_ssize_t n, Py_ssize_t d) noexcept nogil
        void (*train_softmax)(Step *s) noexcept nogil
        void (*weigh)(const Step *s, const float *uses, const float *noise) noexcept nogil
        void (*label)(const Step *s, const float *uses, const float *labels) noexcept nogil
        void (*logistic)(Step *s) noexcept nogil
        void (*softmax)(Step *s) noexcept nogil
        float (*exponentials)(float *x, Py_ssize_t m, float shift) noexcept nogil
        void (*sum_rows)(
            float *to, float **from_, Py_ssize_t n, Py_ssize_t d, const float *scales, float scale) noexcept nogil
        void (*add_to_rows)(
            float **to, Py_ssize_t n, Py_ssize_t d, const float *from_, const float *scales) noexcept nogil
        void (*sum_weighted)(
            float *to, float **from_, float **weights, Py_ssize_t n, Py_ssize_t d, float scale) noexcept nogil
        void (*add_weighted)(
            float **to, float **weights, Py_ssize_t n, Py_ssize_t d, const float *from_, const float *scales,
            float scale) noexcept nogil
        void (*take_deltas)(
            float *rows, Py_ssize_t n, Py_ssize_t d, const float *from_, const int32_t *ids,
            float scale) noexcept nogil
        void (*add_delta)(float *to, Py_ssize_t d, const float *delta, float share) noexcept nogil
        void (*merge)(
            float *shared, float *copies, float *origins, Py_ssize_t n, Py_ssize_t d,
            const float *shares) noexcept nogil
        double (*train_cells)(const Cells *c) noexcept nogil
        void (*sum_windows)(float **to, const Windows *w, Py_ssize_t d, const float *scales) noexcept nogil
        void (*add_to_windows)(const Windows *w, Py_ssize_t d, float **from_) noexcept nogil

    const Kernels *find_kernels(const char *name) noexcept nogil


cdef const Kernels *kernels
