"""What Python hands over of documents, checked, as `fastemb.kernels.sgd.specs` does of the rest."""

cimport cython
from fastemb.kernels.checks cimport check_range
from fastemb.kernels.sgd.specs cimport Bags, Inputs, Rows
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
    """

    def __cinit__(self, words, _rows, Rows tags, *_, **__):
        if isinstance(words, Bags) or isinstance(tags, Bags):
            raise ValueError("the words and tags of documents must be single rows")
        if tags.vectors.shape[1] != self.words.vectors.shape[1]:
            raise ValueError("the vectors of tags and of words differ in size")
        if tags.vectors.shape[0] > INT32_MAX - self.words.vectors.shape[0]:
            raise ValueError("there are too many words and tags: 2**31 or more")
        self.tags = tags


@cython.final
cdef class Dbow(Documents):
    """Each tag, for itself, meets all tokens of its documents (PV-DBOW).

    Parameters
    ----------
    words, rows, tags
        As of `Documents`.
    with_words : bool, default False
        So do the tokens of the context of each, as in skip-gram.
    """

    def __cinit__(self, _words, _rows, _tags, bint with_words=False):
        self.with_words = with_words


@cython.final
cdef class Dm(Documents):
    """The mean or sum of the context and of the tags of its document (PV-DM).

    Parameters
    ----------
    words, rows, tags
        As of `Documents`.
    mean, divide_gradient
        As of `Cbow`.
    """

    def __cinit__(self, _words, _rows, _tags, bint mean, bint divide_gradient):
        self.mean, self.divide_gradient = mean, divide_gradient


@cython.final
cdef class DmConcat(Documents):
    """The tags of a document and the context, end to end (PV-DM); the rows of outputs are as long.

    Parameters
    ----------
    words, rows, tags
        As of `Documents`.
    slots : int
        Documents of so many tags are trained, and no others.
    nobody : int
        The word that stands where a window reaches beyond its document.
    """

    def __cinit__(self, _words, _rows, _tags, int64_t slots, int64_t nobody):
        check_range("slots", slots, 0, INT32_MAX)
        check_range("nobody", nobody, 0, self.words.vectors.shape[0] - 1)
        self.slots, self.nobody = slots, nobody
