"""An encoded corpus, and the spans that workers claim."""

import numpy as np

cimport cython
from fastemb.kernels.checks cimport check_range, times
from fastemb.kernels.ragged cimport ragged
from fastemb.kernels.sgd.corpus cimport Chunk, Corpus
from libc.stdint cimport INT32_MAX, INT64_MAX, int32_t, int64_t
from libc.string cimport memset

cdef extern from "platform.h":
    void *allocate_aligned(size_t size) noexcept nogil
    void free_aligned(void *memory) noexcept nogil


@cython.final
cdef class Chunks:
    """An encoded corpus, checked, and cut into spans.

    It may be given to several epochs. Of texts that workers train together, each the rows that it owns, the ids are
    brought into another order, in place where they may be written to.

    Parameters
    ----------
    chunks : list of (ids, starts)
        As of `Epoch`.
    end : int
        Ids are below it.
    span : int
        So many words are in a span,
    texts : int
        or as many more as end a sentence, and at most so many sentences; 0: spans end wherever they do.
    tags : int, default 0
        So many rows of tags are there; 0: sentences are no documents.
    """

    def __init__(self, chunks, int64_t end, int64_t span, int64_t texts, int64_t tags=0):
        check_range("span", span, 1, INT32_MAX)
        check_range("texts", texts, 0, INT64_MAX)
        check_range("tags", tags, 0, INT32_MAX)
        self.ids, self.references, self.limits = [], [], (end, span, texts, tags)
        self.corpus.chunks = <Chunk *>allocate_aligned((len(chunks) + 1) * sizeof(Chunk))
        if self.corpus.chunks == NULL:
            raise MemoryError("no memory for the chunks of a corpus")
        self.corpus.span = self.corpus.most = span
        for ids, starts, *more in chunks:
            if len(more) != (tags > 0):
                raise ValueError("documents have tags, and sentences have none")
            self.add(ids, starts, end, texts)
            if tags and len(ids):
                starts, ids = more[0]
                self.add_tags(starts, ids, tags)

    cdef int add(self, ids, starts, int64_t end, int64_t texts) except -1:
        cdef Corpus *corpus = &self.corpus
        cdef Chunk *chunk = &corpus.chunks[corpus.n_chunks]
        cdef const int64_t[::1] bounds
        memset(chunk, 0, sizeof(Chunk))
        chunk.first_text = corpus.texts
        corpus.texts += max(len(starts) - 1, 0)
        if not len(ids):
            return 0
        chunk.sentences = ragged(starts, ids, -1, end, "sentences")
        chunk.position, chunk.first_span = corpus.words, corpus.n_spans
        self.ids.append(np.asarray(ids))
        self.references.append(starts)
        spans = (len(ids) + corpus.span - 1) // corpus.span
        if texts:
            bounds = bounds_of_texts(starts, corpus.span, texts)
            chunk.bounds = &bounds[0]
            corpus.most = max(corpus.most, np.max(np.diff(bounds)))
            spans = len(bounds) - 1
            self.references.append(bounds)
        corpus.longest = max(corpus.longest, chunk.sentences.longest)
        corpus.n_chunks += 1
        corpus.words += len(ids)
        corpus.n_spans += spans
        return 0

    cdef int add_tags(self, starts, ids, int64_t tags) except -1:
        """The tags of the documents of the last chunk."""
        cdef Chunk *chunk = &self.corpus.chunks[self.corpus.n_chunks - 1]
        chunk.tags = ragged(starts, ids, 0, tags, "tags of documents")
        if chunk.tags.n != chunk.sentences.n:
            raise ValueError(f"there are tags of {chunk.tags.n} documents, and {chunk.sentences.n} documents")
        self.corpus.most_tags = max(self.corpus.most_tags, chunk.tags.longest)
        self.references += [starts, ids]
        return 0

    cdef int check(self, tuple limits) except -1:
        """Raise ValueError unless the corpus was cut for these."""
        if limits != self.limits:
            raise ValueError(f"the corpus was cut for {self.limits} (end, span, texts, tags), not {limits}")
        return 0

    cdef int prepare_order(self, int64_t workers) except -1:
        """Once: take memory for what `order_texts` needs, and copy what it cannot write to."""
        cdef int32_t[::1] tokens
        cdef int64_t k
        if self.owners:
            if self.owners != workers:
                raise ValueError(f"the texts have {self.owners} owners, and there are {workers} workers")
            return 0
        self.ends, self.owners = np.empty(times(self.corpus.texts, workers), np.int32), workers
        self.corpus.ends = &self.ends[0]
        for k in range(self.corpus.n_chunks):
            if not self.ids[k].flags.writeable:
                self.ids[k] = self.ids[k].copy()
            tokens = self.ids[k]
            self.corpus.chunks[k].sentences.ids = &tokens[0]
        return 0

    def __dealloc__(self):
        free_aligned(self.corpus.chunks)


cdef bounds_of_texts(const int64_t[::1] starts, int64_t span, int64_t texts):
    """Where spans of whole texts begin, and the last one ends: at the first text that begins after `span` words."""
    every = np.searchsorted(starts, np.arange(0, starts[starts.shape[0] - 1], span))
    return np.unique(np.asarray(starts)[np.concatenate([every, np.arange(0, starts.shape[0], texts), [-1]])])
