"""Item2Vec (Barkan and Koenigstein 2016): vectors of items, from baskets and sessions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastemb._paths import local
from fastemb.corpus import Counted, EncodedCorpus, Source
from fastemb.corpus.baskets import Arranged, BasketCorpus, Baskets
from fastemb.corpus.tables import refuse_events
from fastemb.models._item_features import ItemFeatures
from fastemb.models._item_vectors import ItemVectors
from fastemb.models._ranking import Ranking
from fastemb.models._recommending import Recommending
from fastemb.models._remarks import warn_of_features
from fastemb.models.fasttext import FastText
from fastemb.models.parameters import Path

__all__ = ["Baskets", "Item2Vec", "ItemVectors", "Ranking"]

NOT_OURS = (
    *("null_word", "position_weights", "phrases", "pairs", "preset"),  # baskets are no pairs, nor text
    "output",  # predictions are products of what is trained, of which vectors of items without a basket are made
    *("word_ngrams", "min_n", "max_n", "bucket"),
)


class Item2Vec(Recommending, FastText):
    """Train vectors for items from what they are bought, watched or read together with.

    A set is brought into an order that is drawn anew in each epoch, of which each is as likely as any other, and an
    item then meets the `window` items on either side of it. So a basket of n items takes time in proportion to n, not
    to n², and any two of its items meet equally often: in expectation this is training with the whole basket as the
    window, with pairs that weigh 1 in baskets of up to w + 1 items, where w is `window`, and in larger ones
    w (2n - w - 1) / (n (n - 1)), about 2w / n. (With whole baskets as windows, as in the paper, a basket of 100 items
    weighs as much as 110 baskets of 10.)
    Each item is in a set once.

    Parameters
    ----------
    baskets : iterable of iterables of str or int, or Baskets, optional
        `Baskets` also takes columns of users, items and times, weights of events, gaps between sessions, and goals.
        The input is read once, and encoded. Without it or `corpus_file` the model is left untrained.
    corpus_file : str or os.PathLike, optional
        A UTF-8 text file instead: a basket a line, items separated by whitespace; packed or a folder, as of `Word2Vec`.
    sets : bool, default True
        The order of items means nothing. False is for sessions: an item meets those near it.
    features : dict of str or int to list of str, or to dict; or table, optional
        What items share with others, as their category and brand; of a dict each ``field=value`` is a feature, and so
        of a table of pandas, polars or Arrow, whose column `item`, or else the first, has the items. A field may have a
        list of values, or none. Each feature is a row, and the vector of an item the mean of its own row and theirs, so
        that items that are in no basket have vectors by their features.
    vector_size : int, default 100
    window : int, default 10
        Of sets, an item has at most twice so many partners in each epoch.
    epochs : int, default 10
    min_count : int, default 1
        Leave out items that are in fewer baskets.
    sample : float, default 0
        Down-sample items whose share is above this; see `Word2Vec`. 0 keeps all.
    ns_exponent : float, default 0.75
        Noise is drawn by the counts of items to this power: 0 evenly, and below 0 rare items more often
        (Caselles-Dupré, Lesaint and Royo-Letelier 2018).
    sg : {0, 1}, default 1
        1 for skip-gram, 0 for CBOW: an item is predicted from each of the others, or from their mean.
    shrink_windows : bool, optional
        Draw each window's width from 1 … `window`. By default for sessions, and not for sets.
    **others
        The other parameters of `Word2Vec`, but `null_word`, `position_weights`, `phrases`, `pairs`, `preset` and
        `output`. Of a few hundred items, neighbours are better with ``shared_noise=False``.

    Attributes
    ----------
    wv : ItemVectors
        The vectors of items. ``wv[item]``, ``wv.most_similar(item)``; `wv.feature_vectors()` are those of features,
        `wv.with_cold()` also those of items in no basket.
    syn1neg, syn1, epoch_losses, corpus_count, corpus_total_words, train_count, total_train_time
        As of `Word2Vec`. Baskets and items are counted where it says sentences and words.

    Raises
    ------
    TypeError, ValueError, MemoryError
        As of `Word2Vec`, and if features are of another type.

    Examples
    --------
    >>> from fastemb import Item2Vec
    >>> baskets = [["milk", "bread", "butter"], ["milk", "bread"], ["screw", "nail"], ["nail", "screw", "hammer"]] * 50
    >>> model = Item2Vec(baskets, vector_size=10, epochs=30)
    >>> ids, scores = model.recommend(["screw"], N=2)
    >>> sorted(ids)
    ['hammer', 'nail']
    """

    PARAMETERS: ClassVar[tuple[str, ...]] = (
        *(name for name in FastText.PARAMETERS if name not in NOT_OURS),
        "sets",
    )

    wv: ItemVectors

    def __init__(
        self,
        baskets: Iterable[Any] | None = None,
        corpus_file: Path | None = None,
        *,
        sets: bool = True,
        features: Any = None,
        vector_size: int = 100,
        window: int = 10,
        epochs: int = 10,
        min_count: int = 1,
        sample: float | None = 0,
        ns_exponent: float = 0.75,
        sg: int = 1,
        shrink_windows: bool | None = None,
        **others: Any,
    ):
        for name in NOT_OURS:
            if name in others:
                raise TypeError(f"{type(self).__name__}() has no {name}")
        self.sets = sets
        self._features = ItemFeatures.of(features)
        super().__init__(
            baskets,
            corpus_file,
            vector_size=vector_size,
            window=window,
            epochs=epochs,
            min_count=min_count,
            sample=sample,
            ns_exponent=ns_exponent,
            sg=sg,
            shrink_windows=not sets if shrink_windows is None else shrink_windows,
            min_n=0,
            max_n=0,
            bucket=0,
            **others,
        )

    # Baskets.

    def _source(self, corpus_iterable: Any, corpus_file: Path | None, passes: int = 1) -> Source:
        refuse_events(corpus_iterable)
        return Arranged(super()._source(corpus_iterable, corpus_file, passes), bool(self.sets))

    def _build_vocab(self, *args: Any, **kwargs: Any) -> Counted:
        counted = super()._build_vocab(*args, **kwargs)
        if isinstance(counted.corpus, BasketCorpus):
            chunks = [chunk.chunk for chunk in counted.corpus.chunks]
            self.corpus_count = sum(chunk.sentences for chunk in chunks)
            self.corpus_total_words = sum(chunk.words for chunk in chunks)
        return counted

    def _check_weights(self, corpus: EncodedCorpus) -> None:
        weights, self.sentence_weights = self.sentence_weights, None
        if weights is not None and isinstance(corpus, BasketCorpus):
            weights = corpus.weights_of_all(weights)
        self.sentence_weights = weights
        super()._check_weights(corpus)

    # Vectors.

    def _new_vectors(self, words: list[str | int], counts: NDArray[np.int64]) -> ItemVectors:
        wv = ItemVectors(self.vector_size)
        if "wv" in vars(self):
            self._features = self.wv.subwords  # with those that were added to it
        wv.subwords = self._features
        if words:
            warn_of_features(self._features.items, words)
            wv.add_words(words, self.seed)
            wv.expandos["count"] = counts
        return wv

    def _saved_vectors(self, arrays: dict[str, NDArray[Any]], name: str) -> ItemVectors:
        found = ItemVectors.from_native(arrays, name)
        self._features = found.subwords
        return found

    @classmethod
    def _read(cls, fname: Path, mmap: str | bool | None) -> Any:
        found = super()._read(fname, mmap)
        _, kind, saved, _ = found
        if kind == "Item2Vec" and isinstance(saved, dict) and saved.get("output") == "sum":
            raise ValueError(
                f"{local(fname)}: was trained with output='sum' by an earlier version, and holds sums where training "
                "and predictions need what was trained: train it anew. KeyedVectors.load() reads its vectors"
            )
        return found

    def _matrices(self) -> dict[str, NDArray[Any]]:
        return {name: matrix for name, matrix in super()._matrices().items() if len(matrix) or not self.wv.index_to_key}

    def _rows_to_train(self, epoch: int) -> dict[str, NDArray[np.intp]]:
        return {}  # which they are depends on the order that is drawn
