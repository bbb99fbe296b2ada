"""From texts to labels: bags of rows, their means, and the most probable labels of these, tile after tile."""

import numpy as np

from fastemb.kernels.text.features cimport END_OF_LINE, Bag, Features, free_bag, remember_words, view_of
from fastemb.kernels.text.inputs cimport Inputs
from fastemb.kernels.text.outputs cimport Best, Outputs
from fastemb.kernels.text.wordtable cimport OUT_OF_MEMORY, Text

from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

cdef extern from *:
    bint PyObject_GC_IsTracked(object item)
    void PyObject_GC_Track(void *item)
    void PyObject_GC_UnTrack(void *item)
    PyObject *PyList_GET_ITEM(list given, Py_ssize_t i)
    void PyList_SET_ITEM(list given, Py_ssize_t i, PyObject *item)

cdef enum:
    MANY = 200      # texts for which it pays to remember words


cdef struct Work:
    const Text *texts       # n
    int64_t n
    float *hidden           # tile × size
    char *empty             # tile: whether a text has no rows
    float *probabilities    # n × k
    int64_t *numbers        # n × k: of labels
    int32_t *counts         # n: how many of the k there are
    Bag bag
    Best best
    int64_t failed          # the text that cannot be worked on


def best_labels(
        list texts, Features features, Inputs inputs, Outputs outputs, int64_t k, float threshold,
        int64_t first=0):
    """The most probable labels of each text; see labels.pyi."""
    cdef Py_ssize_t n = len(texts), i
    cdef list held = []
    cdef Work work
    cdef int status
    memset(&work, 0, sizeof(Work))
    if features.n_words + features.rows > inputs.n_rows or inputs.size != outputs.size:
        raise ValueError("the features, the inputs and the outputs differ in size")
    if not 0 < k <= outputs.labels:
        raise ValueError(f"k must be from 1 to {outputs.labels}, not {k}")
    probabilities, numbers = np.zeros((n, k), np.float32), np.zeros((n, k), np.int64)
    counts = np.zeros(n, np.int32)
    if not n:
        return probabilities, numbers, counts
    cdef float[:, ::1] some_probabilities = probabilities
    cdef int64_t[:, ::1] some_numbers = numbers
    cdef int32_t[::1] some_counts = counts
    cdef Text *views = <Text *>malloc(n * sizeof(Text))
    if views == NULL:
        raise MemoryError(f"no memory for {n} texts")
    try:
        for i in range(n):
            if not isinstance(texts[i], str):
                raise TypeError(f"text {first + i} must be a str, not {type(texts[i]).__name__}")
            held.append(view_of(texts[i], &views[i]))
        work.texts, work.n, work.best.k, work.best.least = views, n, k, threshold
        work.probabilities, work.numbers = &some_probabilities[0, 0], &some_numbers[0, 0]
        work.counts = &some_counts[0]
        with nogil:
            status = label(&work, features, inputs, outputs)
    finally:
        free(views)
    if status == END_OF_LINE:
        raise ValueError(f"text {first + work.failed}: predict processes one line at a time (remove '\\n')")
    if status == OUT_OF_MEMORY:
        raise MemoryError("no memory to find labels of texts")
    features.check(status, &work.bag, first + work.failed)
    return probabilities, numbers, counts


cdef int label(Work *work, Features features, Inputs inputs, Outputs outputs) noexcept nogil:
    """Allocate the scratch, and find the labels of all texts; 0, or what is wrong."""
    cdef int64_t tile = outputs.tile(), begin = 0
    cdef int status = OUT_OF_MEMORY
    work.hidden = <float *>malloc((tile + 1) * outputs.size * sizeof(float))   # the last is scratch
    work.empty = <char *>malloc(tile)
    if outputs.take(&work.best) and work.hidden != NULL and work.empty != NULL:
        status = 0
        if work.n >= MANY:
            remember_words(&work.bag)
        while begin < work.n and status == 0:
            status = label_tile(work, begin, min(tile, work.n - begin), features, inputs, outputs)
            begin += tile
    outputs.give_back(&work.best)
    free(work.hidden)
    free(work.empty)
    free_bag(&work.bag)
    return status


cdef int label_tile(
        Work *work, int64_t begin, int64_t n, Features features, Inputs inputs, Outputs outputs) noexcept nogil:
    cdef int64_t i, k = work.best.k, d = outputs.size
    cdef int status
    for i in range(n):
        status = features.fill(&work.texts[begin + i], &work.bag)
        if status < 0:
            work.failed = begin + i
            return status
        work.empty[i] = work.bag.n == 0
        inputs.mean(work.bag.ids, work.bag.n, work.hidden + i * d, work.hidden + outputs.tile() * d)
    outputs.of_texts(
        work.hidden, work.empty, n, &work.best, work.probabilities + begin * k, work.numbers + begin * k,
        work.counts + begin)
    return 0


def lists_of(probabilities, const int64_t[:, ::1] numbers, const int32_t[::1] counts, list names):
    """For each text the names of its labels, and their probabilities; see labels.pyi.

    The garbage collector does not know the lists before they are joined: going through thousands of young lists again
    and again, it would take a third of the time of threads that predict.
    """
    cdef const float[:, ::1] checked = probabilities
    cdef Py_ssize_t n = numbers.shape[0], k = numbers.shape[1], known = len(names), i, j
    cdef bint all_there = True
    cdef list labels = [], found = list(probabilities), own
    if checked.shape[0] != n or checked.shape[1] != k or counts.shape[0] != n:
        raise ValueError("the probabilities, numbers and counts of labels differ in number")
    for i in range(n):
        if counts[i] > k:
            raise ValueError(f"text {i} has {counts[i]} of {k} labels")
        for j in range(counts[i]):
            if not 0 <= numbers[i, j] < known:
                raise ValueError(f"there is no label {numbers[i, j]}")
        own = [names[numbers[i, j]] for j in range(counts[i])]
        PyObject_GC_UnTrack(<void *>own)
        labels.append(own)
        all_there &= counts[i] == k
    if not all_there:
        found = [found[i][:max(counts[i], 0)] for i in range(n)]
    return labels, found


def joined(list parts):
    """Their items, in one list; see labels.pyi."""
    cdef Py_ssize_t n = 0, i
    cdef list part
    cdef PyObject *other
    for part in parts:
        n += len(part)
    cdef list items = [None] * n
    n = 0
    for part in parts:
        for i in range(len(part)):      # without counting references, for which each item would have to be read
            other = PyList_GET_ITEM(items, n)
            PyList_SET_ITEM(items, n, PyList_GET_ITEM(part, i))
            PyList_SET_ITEM(part, i, other)
            n += 1
    return items


def joined_lists(list parts):
    """As `joined`, of what `lists_of` made; see labels.pyi."""
    cdef list items = joined(parts)
    for item in items:
        if type(item) is list and not PyObject_GC_IsTracked(item):
            PyObject_GC_Track(<void *>item)
    return items
