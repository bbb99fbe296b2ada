"""Vectors of documents that a model was not trained with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import rate, whole
from fastemb._threads import run_threads, thread_count
from fastemb.kernels.sgd import specs
from fastemb.kernels.sgd.inference import Inference
from fastemb.kernels.text.sentenceencoder import SentenceEncoder
from fastemb.models._document_training import DocumentTraining
from fastemb.queries import cosine

logger = logging.getLogger(__name__)

DOCUMENTS = 128  # that are encoded together
STREAM = 0x696E666572  # tells the random numbers of inference from those of training


class Inferring(DocumentTraining):
    """The part of Doc2Vec that infers vectors; see there."""

    def infer_vector(
        self,
        doc_words: Iterable[Any],
        alpha: float | None = None,
        min_alpha: float | None = None,
        epochs: int | None = None,
    ) -> NDArray[np.float32]:
        """The vector of a document; as of `infer_vectors`, which takes less time for many.

        Parameters
        ----------
        doc_words : list of str
            Its words.
        alpha, min_alpha, epochs : optional
            As of `infer_vectors`.

        Returns
        -------
        ndarray of float32, shape (vector_size,)
            The same each time, also if other documents are inferred before. (gensim's differ from call to call.)
        """
        if isinstance(doc_words, str):
            raise TypeError("doc_words of infer_vector() must be a list of words, not a str: give text.split()")
        vectors = self.infer_vectors([doc_words], alpha, min_alpha, epochs, workers=1)
        return vectors[0]

    def infer_vectors(
        self,
        documents: Iterable[Any],
        alpha: float | None = None,
        min_alpha: float | None = None,
        epochs: int | None = None,
        *,
        workers: int | None = None,
        seed: int | None = None,
    ) -> NDArray[np.float32]:
        """Vectors of documents: each begins at random and learns to tell the words, while the model stays as it is.

        It is trained in native threads, without Python's lock. Up to 16 words take a step together, and share their
        noise in PV-DBOW: three words for each, from 2,048 that are the same for all documents, evenly spread quantiles
        of the distribution. In PV-DBOW each word counts as often as `sample` would keep it on average; in PV-DM words
        are kept or not, and windows drawn, in every other epoch. `shared_noise` makes no difference here.

        Parameters
        ----------
        documents : iterable of lists of str, or of TaggedDocument
            Tags are not looked at. Words that the model does not know are left out.
        alpha, min_alpha : float, optional
            The learning rate of the first and the last epoch; those of the model by default.
        epochs : int, optional
            How often each document is trained; by default as often as the model was.
        workers : int, optional
            Threads; by default as many as the model is trained by, with -1 one for each core.
        seed : int, optional
            For all that is random; that of the model by default.

        Returns
        -------
        ndarray of float32, shape (documents, vector_size)
            In their order. The vector of a document follows from its words, the model, the parameters and the seed
            alone, to the bit: neither from the other documents nor from `workers`. Of a document without a known word
            it is zeros.

        Raises
        ------
        RuntimeError
            If the model has no vocabulary.
        TypeError
            If a document is a str, or no list of words.
        ValueError
            If a parameter is out of range, or the model concatenates another number of tags than one.
        """
        if not len(self.wv):
            raise RuntimeError("you must first build vocabulary before inferring vectors")
        if not self.train_count:
            logger.warning("vectors are inferred by a model that was not trained: they are random")
        if self.dm_concat and self.dm_tag_count != 1:
            raise ValueError(f"dm_tag_count={self.dm_tag_count}: a document that is inferred has one tag")
        if isinstance(documents, (str, bytes)) or not isinstance(documents, Iterable):
            raise TypeError(f"documents must be an iterable of lists of words, not {type(documents).__name__}")
        rates = (
            rate("alpha", self.alpha if alpha is None else alpha),
            rate("min_alpha", self.min_alpha if min_alpha is None else min_alpha),
        )
        epochs = whole("epochs", self.epochs if epochs is None else epochs, 1)
        threads = self.workers if workers is None else thread_count(whole("workers", workers, -1))
        if isinstance(documents, Sequence) and len(documents) == 1:
            threads = 0  # none but this one: to start another takes as long as a document
        chosen = whole("seed", (self.seed or 0) if seed is None else seed, 0)
        return self._inferred(words_of(documents), rates, epochs, threads, chosen)

    def _inferred(
        self, documents: Iterator[Any], rates: tuple[float, float], epochs: int, workers: int, seed: int
    ) -> NDArray[np.float32]:
        inference = self._inference(rates, epochs, seed, many=workers > 0)
        encoder = SentenceEncoder(self.wv.key_to_index)
        found: list[NDArray[np.float32]] = []
        turn, stopped = threading.Lock(), threading.Event()

        def infer() -> None:
            """Encode some documents while other threads infer, then infer these; and so on."""
            while not stopped.is_set():
                with turn:
                    block = list(islice(documents, DOCUMENTS))
                    for words in block:
                        encoder.add(words)
                    ids, starts = encoder.take()
                    place = len(found)
                    found.append(np.empty((0, self.vector_size), np.float32))
                if not block:
                    return
                found[place] = inference.infer(ids, starts)

        def stop() -> None:
            stopped.set()
            inference.stop()

        if workers:
            run_threads([infer] * workers, stop)
        else:
            infer()
        return np.concatenate(found)

    def _inference(self, rates: tuple[float, float], epochs: int, seed: int, many: bool) -> Inference:
        limits = self._inference_limits(max(rates))
        number = int(np.random.SeedSequence([seed, STREAM]).generate_state(1, np.uint64)[0])
        options: dict[str, Any] = {"many": many}
        if self.negative:
            options["noise"], options["shares"] = self._frequencies().spread, self._frequencies().shares_of_spread
        if not self.sg:
            options["context"] = True
            options["mean"], options["divide_gradient"] = self._pooling()
            if self.dm_concat:
                options["nobody"] = self._nobody()
        norms = self.wv.norms
        words = self._words(limits)[0]
        self.wv.norms = norms  # which training would change
        return Inference(
            words,
            self._objectives(limits),
            specs.Sampling(self._frequencies().bits, self.window, self._shrinks(), number),
            rates,
            epochs,
            **options,
        )

    def similarity_unseen_docs(
        self,
        doc_words1: Iterable[Any],
        doc_words2: Iterable[Any],
        alpha: float | None = None,
        min_alpha: float | None = None,
        epochs: int | None = None,
    ) -> float:
        """The cosine similarity of the inferred vectors of two documents; 0 if one of them has no known word.

        Parameters
        ----------
        doc_words1, doc_words2 : list of str
        alpha, min_alpha, epochs : optional
            As of `infer_vectors`.
        """
        one, other = (self.infer_vector(words, alpha, min_alpha, epochs) for words in (doc_words1, doc_words2))
        return float(cosine(one, other))


def words_of(documents: Iterable[Any]) -> Iterator[Any]:
    """The words of each document."""
    for number, document in enumerate(documents):
        words = getattr(document, "words", document)
        if isinstance(words, (str, bytes)):
            raise TypeError(f"a document must be a list of words, not {words!r:.50} (document {number}, from 0)")
        yield words
