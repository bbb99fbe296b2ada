"""Doc2Vec (Le and Mikolov 2014): vectors of documents, by PV-DBOW and PV-DM."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from fastemb import vocabulary
from fastemb._absent import refusing
from fastemb.corpus import Counted, Source
from fastemb.corpus.documents import (
    FoundTags,
    TaggedBrownCorpus,
    TaggedDocument,
    TaggedLineDocument,
    documents_source,
)
from fastemb.models._document_names import DocumentNames
from fastemb.models._hooks import refuse_overriding
from fastemb.models._random import pseudorandom_weak_vector
from fastemb.models.keyedvectors import KeyedVectors
from fastemb.models.parameters import Path, Sentences
from fastemb.models.word2vec import CORPUSFILE_VERSION, FAST_VERSION, Word2Vec

__all__ = [
    "CORPUSFILE_VERSION",
    "FAST_VERSION",
    "Doc2Vec",
    "Doctag",
    "KeyedVectors",
    "TaggedBrownCorpus",
    "TaggedDocument",
    "TaggedLineDocument",
    "Word2Vec",
    "pseudorandom_weak_vector",
]

__getattr__ = refusing("gensim.models.doc2vec")

logger = logging.getLogger(__name__)

REFUSED = (
    *("sg", "null_word", "position_weights", "phrases", "output", "preset", "distance_decay", "context"),
    *("pairs", "sentence_weights"),
)
NOT_OURS = (*REFUSED, "cbow_mean")


class Doctag:
    """What gensim notes of a tag that is a name, while it reads documents.

    Parameters
    ----------
    doc_count, index, word_count : int
    """

    __slots__ = ("doc_count", "index", "word_count")

    def __init__(self, doc_count: int, index: int, word_count: int):
        self.doc_count, self.index, self.word_count = doc_count, index, word_count

    @property
    def count(self) -> int:
        """Another name of `doc_count`."""
        return self.doc_count

    @count.setter
    def count(self, value: int) -> None:
        self.doc_count = value


class Doc2Vec(DocumentNames):
    """Train vectors for documents, or for what they are tagged with, and for words.

    Parameters
    ----------
    documents : iterable of TaggedDocument, optional
        Objects with `words`, a list of str, and `tags`, a list of str or of int. Each tag gets a vector, which is
        trained with all documents that have the tag; documents without tags train words alone. An int is the
        row of its vector: tags from 0 on take no memory beside their vectors and 12 bytes of each document. The
        input is read once, and encoded. Without documents or `corpus_file` the model is left untrained.
    corpus_file : str or os.PathLike, optional
        A UTF-8 text file instead: a document a line, words separated by whitespace, and the number of the line, from 0,
        as its tag; packed or a folder, as of `Word2Vec`.
    vector_size : int, default 100
    dm_mean : {0, 1}, optional
        PV-DM predicts from the mean (1, the default) or the sum (0) of the vectors of tags and context.
    dm : {0, 1}, default 1
        1 for PV-DM, which predicts a word from its context and its document; 0 for PV-DBOW, from its document alone.
    dbow_words : {0, 1}, default 0
        1 lets PV-DBOW train the vectors of words as well, as skip-gram; else they stay random.
    dm_concat : {0, 1}, default 0
        1 lets PV-DM predict from the vectors of tags and of a whole window, end to end: a much larger model.
    dm_tag_count : int, default 1
        With `dm_concat`, documents of so many tags are trained, and no others.
    dv, dv_mapfile : optional
        Accepted for gensim's sake, without effect: building a vocabulary makes the vectors of tags anew.
    comment, trim_rule, callbacks, window, shrink_windows
        As of `Word2Vec`.
    epochs : int, default 10
    **others
        The other parameters of `Word2Vec`, but `sg`, which `dm` stands for, `null_word`, `position_weights`,
        `phrases`, `output`, `preset`, `distance_decay`, `context`, `pairs`
        and `sentence_weights`.

    Attributes
    ----------
    dv : TagVectors
        The vectors of tags: `dv.vectors` is float32 of shape (tags, vector_size). ``dv[tag]`` is one, and
        ``dv.most_similar(tag)`` finds others; see `KeyedVectors`. Rows of numbers come first, up to the largest one
        whether it was met or not, and then names, in order of first appearance.
    wv : KeyedVectors
        The vectors of words.
    syn1neg, syn1 : ndarray of float32, shape (words, layer1_size)
        As of `Word2Vec`.
    layer1_size : int
        Numbers that a word is predicted from: `vector_size`, or with `dm_concat` as many for each tag and each place
        in the window.

    Raises
    ------
    TypeError, ValueError, MemoryError
        As of `Word2Vec`; also if a tag is neither a str nor an int, or less than 0, or there are none, and where the
        vectors of tags would take more memory than the machine has.

    Examples
    --------
    >>> from fastemb import Doc2Vec, TaggedDocument
    >>> documents = [TaggedDocument(["cat", "say", "meow"], [0]), TaggedDocument(["dog", "say", "woof"], [1])]
    >>> model = Doc2Vec(documents, vector_size=20, min_count=1)
    >>> model.dv[1].shape
    (20,)
    >>> model.infer_vectors([["cat", "say", "woof"]]).shape
    (1, 20)
    """

    PARAMETERS: ClassVar[tuple[str, ...]] = (
        *(name for name in Word2Vec.PARAMETERS if name not in NOT_OURS),
        *("dm", "dm_mean", "dbow_words", "dm_concat", "dm_tag_count"),
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        refuse_overriding(cls, ("_do_train_job",), "fastemb trains documents natively, without this method of gensim's")

    def __init__(
        self,
        documents: Iterable[Any] | None = None,
        corpus_file: Path | None = None,
        vector_size: int = 100,
        dm_mean: int | None = None,
        dm: int = 1,
        dbow_words: int = 0,
        dm_concat: int = 0,
        dm_tag_count: int = 1,
        dv: Any = None,
        dv_mapfile: Any = None,
        comment: str | None = None,
        trim_rule: vocabulary.TrimRule | None = None,
        callbacks: Iterable[Any] = (),
        window: int = 5,
        epochs: int = 10,
        shrink_windows: bool = True,
        **others: Any,
    ):
        for name in REFUSED:
            if name in others:
                raise TypeError(f"{type(self).__name__}() has no {name}" + (": use dm" if name == "sg" else ""))
        self.dbow_words, self.dm_concat = dbow_words, dm_concat  # type: ignore[assignment]  # checked below
        self.dm_tag_count = dm_tag_count
        self.dv = None  # type: ignore[assignment]  # until vector_size is checked
        mean = others.pop("cbow_mean", 1) if dm_mean is None else dm_mean
        super().__init__(
            documents,
            corpus_file,
            vector_size=vector_size,
            sg=0 if dm else 1,
            cbow_mean=mean,
            null_word=1 if dm_concat else 0,
            comment=comment,
            trim_rule=trim_rule,
            callbacks=callbacks,
            window=window,
            epochs=epochs,
            shrink_windows=shrink_windows,
            **others,
        )

    @property
    def dm(self) -> bool:
        """Whether this is PV-DM, and not PV-DBOW."""
        return not self.sg

    @dm.setter
    def dm(self, value: int) -> None:
        self.sg = 0 if value else 1

    @property
    def dbow(self) -> bool:
        """Whether this is PV-DBOW, and not PV-DM."""
        return bool(self.sg)

    @property
    def dm_mean(self) -> int:
        """Whether PV-DM predicts from a mean, and not from a sum; another name of `cbow_mean`."""
        return self.cbow_mean

    @dm_mean.setter
    def dm_mean(self, value: int) -> None:
        self.cbow_mean = value

    @property
    def layer1_size(self) -> int:
        """Numbers that a word is predicted from."""
        places = self.dm_tag_count + 2 * self.window if self.dm_concat and not self.sg else 1
        return places * self.vector_size

    # The vocabulary, and the tags.

    def _source(self, corpus_iterable: Sentences | None, corpus_file: Path | None, passes: int = 1) -> Source:
        source = super()._source(corpus_iterable, corpus_file, passes)
        return documents_source(source, lambda tag: self.dv._row_of(tag), lambda: self.dv.numbers)

    def _set_vocabulary(
        self, counted: Counted, trim_rule: vocabulary.TrimRule | None, update: bool, keep_raw_vocab: bool
    ) -> None:
        found: FoundTags | None = getattr(counted.corpus, "found", None)
        if found is not None:
            self._check_tags(found, counted.corpus.sentences)
        super()._set_vocabulary(counted, trim_rule, update, keep_raw_vocab)
        if found is not None and update and len(self.dv):
            self.dv.extend(found, self.seed or 0)
        elif found is not None:
            self.dv.take(found, self.seed or 0)

    def init_weights(self) -> None:
        """Make the vectors anew: random input vectors, the same as gensim's, and output vectors of zeros."""
        super().init_weights()
        self.dv.vectors = np.empty((0, self.vector_size), np.float32)
        self.dv.resize_vectors(seed=(self.seed or 0) + 7919)

    def reset_from(self, other_model: Any) -> None:
        """Take over another model's vocabulary and tags, and begin with fresh vectors. The two stay independent.

        Parameters
        ----------
        other_model : Doc2Vec
        """
        super().reset_from(other_model)
        self.dv.key_to_index = dict(other_model.dv.key_to_index)
        self.dv.index_to_key = other_model.dv.index_to_key[:]
        self.dv.expandos = {name: values.copy() for name, values in other_model.dv.expandos.items()}
        self.init_weights()
