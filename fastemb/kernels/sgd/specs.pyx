"""What Python hands over for training, checked: nothing in the kernels is checked again."""

import numpy as np

cimport cython
from fastemb.kernels.checks cimport check_apart, check_range
from fastemb.kernels.noise cimport NoiseTable
from fastemb.kernels.ragged cimport ragged
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint64_t


@cython.final
cdef class Sampling:
    """Which tokens are trained, and how far their windows reach.

    Parameters
    ----------
    keep : ndarray of uint32, shape (vocabulary,), or None
        A token is kept with probability keep / (2³² - 1). All tokens of texts are kept, so that these need none.
    window, shrink_windows
        As of `fastemb.models.Word2Vec`.
    seed : int
        64 random bits for this epoch.
    first_position : int, default 0
        Tokens of the same epoch that came before; random numbers depend on the place in the corpus.
    before, after : bool, default True
        Whether windows reach to that side.
    importance : ndarray of float32, shape (sentences,), optional
        What the pairs of each sentence are multiplied by, and their noise.
    """

    def __cinit__(
            self, keep, int64_t window, bint shrink_windows, uint64_t seed, int64_t first_position=0,
            bint before=True, bint after=True, const float[::1] importance=None):
        check_range("window", window, 1, INT32_MAX)
        check_range("first_position", first_position, 0, <int64_t>1 << 62)
        self.keep, self.window, self.shrink_windows = keep, window, shrink_windows
        self.seed, self.first_position = seed, first_position
        if not before and not after:
            raise ValueError("windows must reach to one side at least")
        check_weights("importance", importance, 0 if importance is None else importance.shape[0])
        self.before, self.after, self.importance = before, after, importance


cdef class Rows:
    """Words that are single rows of a matrix.

    Parameters
    ----------
    vectors : ndarray of float32, shape (vocabulary, vector_size), C-contiguous
        The input matrix. All matrices are trained in place.
    locks : ndarray of float32, shape (any,)
        Deltas of row k are multiplied by locks[k % len(locks)].
    """

    def __cinit__(self, float[:, ::1] vectors, const float[::1] locks, *_, **__):
        if not vectors.shape[0] or not vectors.shape[1] or not locks.shape[0]:
            raise ValueError("there must be vectors, of at least one number, and locks")
        check_range("the number of rows", vectors.shape[0], 1, INT32_MAX)
        check_range("vector_size", vectors.shape[1], 1, INT32_MAX)
        self.vectors, self.locks = vectors, locks
        self.matrix = np.asarray(vectors)


@cython.final
cdef class Ngrams:
    """Which n-grams words have, checked once for all epochs: of arrays that can be written, copies are taken.

    Parameters
    ----------
    starts : ndarray of int64, shape (vocabulary + 1,)
    ids : ndarray of int32
        Word k has the n-grams ids[starts[k]:starts[k + 1]].
    rows : int
        N-grams that there are.
    """

    def __cinit__(self, starts, ids, int64_t rows):
        check_range("rows", rows, 0, INT32_MAX)
        self.starts, self.ids = unwritable(starts), unwritable(ids)
        self.lists, self.rows = ragged(self.starts, self.ids, 0, rows, "bags"), rows


@cython.final
cdef class Bags(Rows):
    """Words that are bags of rows, their own and those of their n-grams.

    Parameters
    ----------
    vectors, locks
        As of `Rows`.
    ngram_vectors : ndarray of float32, shape (n-grams, vector_size), C-contiguous
    ngram_locks : ndarray of float32, shape (any,)
    ngrams : Ngrams
    lasting : bool, default True
        Leave bags gathered until windows have passed them, and not only for a batch.
    """

    def __cinit__(
            self, _vectors, _locks, float[:, ::1] ngram_vectors, const float[::1] ngram_locks,
            Ngrams ngrams, bint lasting=True):
        if ngram_vectors.shape[1] != self.vectors.shape[1] or not ngram_vectors.shape[0] or not ngram_locks.shape[0]:
            raise ValueError("the rows of n-grams and of words differ in size")
        check_apart(self.vectors, ngram_vectors, "the rows of words and of n-grams")
        if ngrams.rows > ngram_vectors.shape[0]:
            raise ValueError("the bags are of more n-grams than there are rows")
        if ngrams.lists.n != self.vectors.shape[0]:
            raise ValueError("the bags and the vocabulary differ in size")
        self.ngram_vectors, self.ngram_locks, self.ngrams = ngram_vectors, ngram_locks, ngrams
        self.lasting = lasting


cdef class Inputs:
    """The input side of a batch.

    Parameters
    ----------
    words : Rows or Bags
    rows : int
        Of the context, that are in a batch or are prefetched for one, at most so many.
    distances : ndarray of float32, shape (any,), optional
        What a context word counts that is 1, 2, … from the centre; of texts and documents, 1.
    """

    def __cinit__(self, Rows words, int64_t rows, *_, const float[::1] distances=None, **__):
        check_range("rows", rows, 1, INT32_MAX)
        if distances is not None and not (np.all(np.isfinite(distances)) and np.all(np.greater(distances, 0))):
            raise ValueError("the weights of distances must be finite, and above 0")
        self.words, self.rows, self.distances = words, rows, distances


@cython.final
cdef class SkipGram(Inputs):
    """The tokens of the context, each for itself. Parameters as of `Inputs`."""

    def __cinit__(self, words, _rows, *, distances=None):
        pass


@cython.final
cdef class Cbow(Inputs):
    """The mean or sum of the context.

    Parameters
    ----------
    words, rows
        As of `Inputs`.
    mean : bool
    divide_gradient : bool
        Divide the delta of a context by the number of its rows.
    offsets : ndarray of float32, shape (any, vector_size), C-contiguous, optional
        Position weights (Mikolov et al. 2018): multiply each row of a context, number by number, by the row of its
        offset from the centre: -1, 1, -2, 2, …; and train these too, by their gradient.
    """

    def __cinit__(self, words, _rows, bint mean, bint divide_gradient, float[:, ::1] offsets=None, *, distances=None):
        self.mean, self.divide_gradient, self.offsets = mean, divide_gradient, offsets
        if distances is not None:
            if offsets is not None:
                raise ValueError("contexts are weighed by offsets or by distances, and not by both")
            self.nearness = np.repeat(distances, self.words.vectors.shape[1]).reshape(len(distances), -1)
        if offsets is not None and (not offsets.shape[0] or offsets.shape[1] != self.words.vectors.shape[1]):
            raise ValueError("the weights of offsets and the vectors differ in size")


@cython.final
cdef class Texts(Inputs):
    """The mean of all rows of a text.

    If words are bags, an id k beyond the vocabulary is the row k - vocabulary of the n-grams, as a single one: so texts
    have n-grams of words.

    Parameters
    ----------
    words : Rows or Bags
        Without lock factors.
    rows
        As of `Inputs`.
    labels : int
        So many labels are there.
    starts : ndarray of int64, shape (texts + 1,)
    ids : ndarray of int32
        The k-th text of the corpus, empty ones counted, has the labels ids[starts[k]:starts[k + 1]].
    text_weights : ndarray of float32, shape (texts,), optional
        What the gradient of each text is multiplied by.
    label_weights : ndarray of float32, shape (labels,), optional
        And of each label: of the one that is drawn of a text, or of its row, where all are trained for themselves.
    """

    def __cinit__(
            self, words, _rows, int64_t labels, starts, ids,
            const float[::1] text_weights=None, const float[::1] label_weights=None):
        check_range("labels", labels, 1, INT32_MAX)
        ngram_locks = (<Bags>words).ngram_locks if isinstance(words, Bags) else ()
        if np.any(np.append((<Rows>words).locks, ngram_locks) != 1):
            raise ValueError("the words of texts cannot have lock factors")
        self.labels, self.starts, self.ids = labels, unwritable(starts), unwritable(ids)
        self.targets = ragged(self.starts, self.ids, 0, labels, "labels of texts")
        check_weights("text_weights", text_weights, self.targets.n)
        check_weights("label_weights", label_weights, labels)
        self.text_weights = text_weights if self.targets.n else None
        self.label_weights = label_weights


cdef class Objective:
    """The output side of a batch.

    Parameters
    ----------
    vectors : ndarray of float32, shape (vocabulary or labels, vector_size), C-contiguous
    """

    def __cinit__(self, float[:, ::1] vectors, *_, **__):
        self.vectors = vectors
        self.matrix = np.asarray(vectors)


@cython.final
cdef class Negatives(Objective):
    """Negative sampling.

    Parameters
    ----------
    vectors
        As of `Objective`.
    noise : NoiseTable
    negative : int
        A pair of words counts as much as so many noise words.
    noise_words : int
        So many are shared by the pairs of a batch.
    centres : int
        So many, at most, are in a batch.
    """

    def __cinit__(self, _vectors, NoiseTable noise, int64_t negative, int64_t noise_words, int64_t centres):
        check_range("negative", negative, 1, INT32_MAX)
        check_range("noise_words", noise_words, 1, INT32_MAX)
        check_range("centres", centres, 1, INT32_MAX)
        if noise.alias.size != self.vectors.shape[0]:
            raise ValueError("the matrix and the noise differ in size")
        self.noise, self.negative, self.noise_words, self.centres = noise, negative, noise_words, centres


@cython.final
cdef class Paths:
    """The paths from the root of a tree to the words, checked once for all epochs, in arrays of their own.

    Parameters
    ----------
    starts : ndarray of int64, shape (vocabulary + 1,)
    nodes : ndarray of int32
    labels : ndarray of float32
        The path to word k is nodes[starts[k]:starts[k + 1]], with those labels, 0 or 1.
    """

    def __cinit__(self, const int64_t[::1] starts, const int32_t[::1] nodes, const float[::1] labels):
        cdef int64_t words = starts.shape[0] - 1
        if nodes.shape[0] != labels.shape[0]:
            raise ValueError("the paths have as many labels as nodes")
        if words > 2**30:
            raise ValueError("the vocabulary is too large for hierarchical softmax: more than 2**30 words")
        ragged(starts, nodes, 0, words, "paths")
        if not np.isin(labels, (0, 1)).all():
            raise ValueError("the labels of nodes are 0 or 1")
        self.starts = np.array(starts)
        self.labelled = 2 * np.asarray(nodes) + (np.asarray(labels) == 1)
        self.lists = ragged(self.starts, self.labelled, 0, 2 * words, "paths")


@cython.final
cdef class Tree(Objective):
    """Hierarchical softmax.

    Parameters
    ----------
    vectors
        As of `Objective`: row k is of node k.
    paths : Paths
    """

    def __cinit__(self, _vectors, Paths paths):
        if paths.lists.n != self.vectors.shape[0]:
            raise ValueError("the paths and the vocabulary differ in size")
        self.paths = paths


@cython.final
cdef class Labels(Objective):
    """All labels of texts.

    Parameters
    ----------
    vectors
        As of `Objective`: row k is of label k.
    loss : {'softmax', 'one-vs-all'}
        A softmax over the labels, of which one of each text is drawn; or a logistic regression for each label, with all
        of those of each text.
    centres : int, default 1
        So many texts, at most, are in a batch: their gradients are taken at once.
    """

    def __cinit__(self, _vectors, str loss not None, int64_t centres=1):
        check_range("centres", centres, 1, INT32_MAX)
        if loss not in ("softmax", "one-vs-all"):
            raise ValueError(f"loss must be 'softmax' or 'one-vs-all', not {loss!r}")
        self.softmax, self.centres = loss == "softmax", centres


@cython.final
cdef class Team:
    """The threads that train.

    Parameters
    ----------
    workers : int
    rounds : bool, default False
        Train in rounds: each worker a span, in copies of the rows, whose deltas are added up when all have
        finished. The same bits come out of the same number of workers.
    patient : bool, default False
        Where they train texts together, go on with it however long they have to wait for each other.
    """

    def __cinit__(self, int64_t workers, bint rounds=False, bint patient=False):
        check_range("workers", workers, 1, INT32_MAX)
        self.workers, self.rounds, self.patient = workers, rounds, patient


cdef unwritable(array):
    """The array, or a copy if it could be written to."""
    array = np.asarray(array)
    return np.array(array) if array.flags.writeable else array


cdef check_weights(str name, const float[::1] weights, int64_t n):
    if weights is None:
        return
    if weights.shape[0] != n:
        raise ValueError(f"{name} must be {n} numbers, not {weights.shape[0]}")
    if not np.all(np.isfinite(weights)) or np.any(np.asarray(weights) < 0):
        raise ValueError(f"{name} must be finite, and at least 0")
