"""What Python hands over of documents, checked, as `fastemb.kernels.sgd.specs` does of the rest."""

import numpy as np

cimport cython
from fastemb.kernels.checks cimport check_range
from fastemb.kernels.sgd.specs cimport Bags, Inputs, Rows, unwritable
from libc.stdint cimport INT32_MAX, int64_t


cdef class Documents(Inputs):
    """What has tags, whose vectors are trained with those of words, or alone.

    Parameters
    ----------
    words : Rows
        None of them `Bags`.
    rows
        As of `Inputs`.
    tags : Rows
        A row for each tag; the chunks of a corpus say which tags a document has.
    passes : int, default 0
        Infer: begin with a random vector of the tag of each document, of which each has one, and train this alone, so
        many times, while the rate falls from the first to the second. All that is random belongs to the words of a
        document, whatever stands beside it. 0: train everything, once.
    quantiles : ndarray of int32, shape (any,), optional, by name
        For inference: words, each as often as it is to be noise, in the order of their frequencies, say.
    """

    def __cinit__(self, words, _rows, Rows tags, int64_t passes=0, *_, quantiles=None, **__):
        check_range("passes", passes, 0, INT32_MAX)
        if isinstance(words, Bags) or isinstance(tags, Bags):
            raise ValueError("the words and tags of documents must be single rows")
        if tags.vectors.shape[1] != self.words.vectors.shape[1]:
            raise ValueError("the vectors of tags and of words differ in size")
        if tags.vectors.shape[0] > INT32_MAX - self.words.vectors.shape[0]:
            raise ValueError("there are too many words and tags: 2**31 or more")
        self.tags, self.passes = tags, passes
        if quantiles is not None:
            self.quantiles = unwritable(quantiles)
            check_range("the number of quantiles", self.quantiles.shape[0], 1, INT32_MAX)
            check_range("the least quantile", np.min(self.quantiles), 0, self.words.vectors.shape[0] - 1)
            check_range("the largest quantile", np.max(self.quantiles), 0, self.words.vectors.shape[0] - 1)


@cython.final
cdef class Dbow(Documents):
    """Each tag, for itself, meets all tokens of its documents (PV-DBOW).

    Parameters
    ----------
    words, rows, tags, passes
        As of `Documents`.
    with_words : bool, default False
        So do the tokens of the context of each, as in skip-gram.
    """

    def __cinit__(self, _words, _rows, _tags, _passes=0, bint with_words=False, **_):
        if with_words and self.passes:
            raise ValueError("words are not trained in inference")
        self.with_words = with_words


@cython.final
cdef class Dm(Documents):
    """The mean or sum of the context and of the tags of its document (PV-DM).

    Parameters
    ----------
    words, rows, tags, passes
        As of `Documents`.
    mean, divide_gradient
        As of `Cbow`.
    """

    def __cinit__(self, _words, _rows, _tags, _passes, bint mean, bint divide_gradient, **_):
        self.mean, self.divide_gradient = mean, divide_gradient


@cython.final
cdef class DmConcat(Documents):
    """The tags of a document and the context, end to end (PV-DM); the rows of outputs are as long.

    Parameters
    ----------
    words, rows, tags, passes
        As of `Documents`.
    slots : int
        Documents of so many tags are trained, and no others.
    nobody : int
        The word that stands where a window reaches beyond its document.
    """

    def __cinit__(self, _words, _rows, _tags, _passes, int64_t slots, int64_t nobody, **_):
        check_range("slots", slots, 0, INT32_MAX)
        check_range("nobody", nobody, 0, self.words.vectors.shape[0] - 1)
        self.slots, self.nobody = slots, nobody
