"""The class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastemb._numbers import LARGEST, flag, number, or_none, whole
from fastemb._paths import Path
from fastemb._tables import several_texts
from fastemb.encoder import folders
from fastemb.encoder.batches import Piece, batches, piece_of
from fastemb.encoder.card import card
from fastemb.encoder.tokenizing import (
    Tokenizing,
    name_of,
    text_of,
    with_truncation,
    without_token,
)
from fastemb.kernels.text.pooled import mean_ids, mean_tokens
from fastemb.texts import rows_of_texts

Singles = NDArray[np.float32]
AS_THERE: Any = object()


class Encoder:
    """Vectors for texts of any length: the means of the vectors of their tokens.

    Parameters
    ----------
    vectors : array_like, shape (tokens, vector_size)
        Of each token, by its id, multiplied by what the token weighs.
    tokenizer : str, os.PathLike, or a tokenizer of the `tokenizers` or `transformers` library
        A tokenizer.json: its path, or its text. BERT's normaliser with WordPiece or whole words is done natively;
        others need the `tokenizers` library.
    normalize : bool, default True
        Divide each mean by its length.
    drop_unknown : bool, default True
        Leave the unknown token out of means, as model2vec does; else it counts, as in sentence-transformers.
    max_length : int or None, default None
        Keep so many tokens of a text; where unknown ones are left out also so many times the median length of a
        token in characters, before, as model2vec does.

    Attributes
    ----------
    vectors : ndarray of float32, shape (tokens, vector_size)
    tokens : list of str or None
        At their ids; None where an id has none.
    normalize, drop_unknown, max_length
        As given, or as the folder says; they may be set.
    about : dict
        What is known of the making: for the model card, and kept in the folder.

    Raises
    ------
    ValueError
        If the tokenizer is not understood, or has more ids than there are vectors.
    ImportError
        If it needs the `tokenizers` library, which is not there.

    Examples
    --------
    >>> from fastemb import Encoder, Word2Vec
    >>> model = Word2Vec([["cat", "say", "meow"], ["dog", "say", "woof"]], min_count=1, vector_size=10)
    >>> encoder = Encoder.from_keyed_vectors(model.wv)
    >>> encoder.encode(["A cat: meow!", "Dogs."]).shape
    (2, 10)
    """

    def __init__(
        self,
        vectors: Any,
        tokenizer: Any,
        *,
        normalize: bool = True,
        drop_unknown: bool = True,
        max_length: int | None = None,
    ):
        try:
            self.vectors = np.ascontiguousarray(vectors, np.float32)
        except OverflowError:
            raise ValueError("vectors must be finite: a number is too large") from None
        if self.vectors.ndim != 2:
            raise ValueError(f"vectors must be a matrix, not of shape {self.vectors.shape}")
        if not np.isfinite(self.vectors).all():
            raise ValueError("vectors must be finite")
        self._tokenizing = Tokenizing(text_of(tokenizer), name_of(tokenizer))
        self._check_fit("vectors")
        self.normalize, self.drop_unknown = flag("normalize", normalize), flag("drop_unknown", drop_unknown)
        self.max_length = max_length
        self.about: dict[str, Any] = {}

    def _check_fit(self, name: str) -> None:
        count = len(self._tokenizing.tokens)
        if count > len(self.vectors):
            raise ValueError(f"{name}: the tokenizer has {count} tokens, and there are {len(self.vectors)} vectors")

    def __sklearn_clone__(self) -> Encoder:
        """Itself: scikit-learn's clones, of which a search makes many, share it."""
        return self

    def __repr__(self) -> str:
        return f"Encoder<{len(self.tokens)} tokens, vector_size={self.vector_size}, normalize={self.normalize}>"

    @property
    def tokens(self) -> list[str | None]:
        return self._tokenizing.tokens

    @property
    def vector_size(self) -> int:
        """Numbers in a vector."""
        return int(self.vectors.shape[1])

    @property
    def max_length(self) -> int | None:
        return self._max_length

    @max_length.setter
    def max_length(self, value: int | None) -> None:
        self._max_length = or_none(lambda name, given: whole(name, given, 0), "max_length", value)
        self._from_end = False  # as some tokenizer.json says: it is the last tokens that are kept

    # Texts to vectors.

    def encode(self, texts: str | Iterable[str], batch: int | None = None, workers: int | None = None) -> Singles:
        """One vector for each text.

        Parameters
        ----------
        texts : str, or iterable of str
            An iterator is read as its texts are needed; one that was read before has none.
        batch : int, optional
            Texts that threads share at a time; by default as many as 4 million characters for each thread.
        workers : int, optional
            Threads; one for each core by default, and with -1. The result does not depend on it.

        Returns
        -------
        ndarray of float32, shape (texts, vector_size), or (vector_size,) of a str
            Zeros for a text without tokens, or of unknown ones alone where they are left out.

        Raises
        ------
        TypeError
            If a text is no str.
        ValueError
            If a text has a surrogate, or an unknown word where the tokenizer has no token for such.
        """
        if isinstance(texts, str):
            return self.encode([texts], workers=1)[0]
        if batch is None:
            return rows_of_texts(texts, self.vector_size, self._fill, workers, Piece)
        whole("batch", batch, 1)
        found, done = [np.empty((0, self.vector_size), np.float32)], 0
        for some in batches(several_texts(texts), batch):
            piece = partial(piece_of, done)
            found.append(rows_of_texts(some, self.vector_size, self._fill, workers, piece))
            done += len(some)
        return np.concatenate(found)

    def tokenize(self, texts: Iterable[str]) -> list[list[str]]:
        """The tokens of each text, all of them, as `encode` has them before any is left out."""
        ids, starts = self._tokenizing.ids(list(several_texts(texts)))
        tokens = [self.tokens[id] or "" for id in ids.tolist()]
        return [tokens[begin:end] for begin, end in pairwise(starts.tolist())]

    def _left_out(self) -> int:
        return self._tokenizing.unknown if self.drop_unknown else -1

    def _most_characters(self) -> int:
        """Of a text, that are looked at; -1 for all."""
        if self.max_length is None or not self.drop_unknown or self._from_end:
            return -1
        return min(self.max_length * self._tokenizing.median_length, LARGEST)

    def _fill(self, piece: Piece, rows: Singles) -> None:
        most = -1 if self.max_length is None else self.max_length
        characters, native = self._most_characters(), self._tokenizing.native
        if native is not None and not self._from_end:
            mean_tokens(
                piece.texts, native, self.vectors, rows, self._left_out(), most, characters, self.normalize, piece.first
            )
            return
        ids, starts = self._tokenizing.ids(piece.texts, piece.first, characters)
        if self._from_end:
            kept = [ids[max(begin, end - most) : end] for begin, end in pairwise(starts.tolist())]
            ids, starts = np.concatenate([ids[:0], *kept]), np.cumsum([0, *map(len, kept)], dtype=np.int64)
        mean_ids(ids, starts, self.vectors, rows, self._left_out(), most, self.normalize)

    # Folders.

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        dimensions: int | None = None,
        normalize: bool | None = None,
        max_length: int | None = AS_THERE,
    ) -> Encoder:
        """Read a folder of fastemb's, of model2vec, or of static vectors of sentence-transformers.

        Parameters
        ----------
        folder : str or os.PathLike
        dimensions : int, optional
            Keep the first so many numbers of each vector (Matryoshka).
        normalize, max_length : optional
            In the place of what the folder says. A folder of model2vec says 512 where it says nothing.

        Raises
        ------
        FileNotFoundError
            If a file is missing.
        ValueError
            If it is of another architecture, or damaged; the message names the file.
        """
        found = folders.read_folder(folder)
        made = cls.__new__(cls)
        made.vectors, made._tokenizing = found.vectors, Tokenizing(found.tokenizer, f"{folder}: tokenizer.json")
        made._check_fit(str(folder))
        made.normalize = found.normalize if normalize is None else flag("normalize", normalize)
        made.drop_unknown, made.max_length, made.about = found.of_model2vec, found.max_length, dict(found.about)
        if not found.of_model2vec and made._tokenizing.truncation is not None:
            made.max_length, made._from_end = made._tokenizing.truncation
        if max_length is not AS_THERE:
            made.max_length = max_length
        return made if dimensions is None else made.truncate(dimensions)

    def save(self, folder: Path, *, dtype: str = "float32", scores: Mapping[str, float] | None = None) -> None:
        """Write a folder that model2vec and sentence-transformers open, with a model card.

        It is a folder of model2vec where unknown tokens are left out, and one of sentence-transformers else.

        Parameters
        ----------
        folder : str or os.PathLike
            A new one, or one of an encoder, which is replaced.
        dtype : {'float32', 'float16', 'int8'}
            Of the numbers. int8 has a scale for each token, kept as model2vec's `weights`; versions of the others that
            do not read these take all scales for one.
        scores : mapping of str to float, optional
            For the model card: what was measured with these numbers, by the names of the measures. They stay with the
            encoder, and earlier ones are in the card, where rounding to `dtype` changes no number.

        Raises
        ------
        FileExistsError
            If something else than an encoder is there, or the folder that this process works in.
        ValueError
            If `dtype` is not known, or numbers are too large for float16; or if `drop_unknown` was set where the last
            tokens of a long text are kept, for which model2vec's folders have no word.
        """
        if self._from_end and self.drop_unknown and self.max_length is not None:
            raise ValueError(
                f"the last {self.max_length} tokens of a text are kept, and a folder of model2vec cannot say so: "
                "save it with drop_unknown=False, or max_length=None"
            )
        checked = {key: number(f"the score {key!r}", given) for key, given in (scores or {}).items()}
        numbers, text = folders.quantized(self.vectors, dtype), self._tokenizing.text
        if not self._from_end:
            text = with_truncation(text, self.max_length)
        same = dtype == "float32" or np.array_equal(folders.multiplied(*numbers), self.vectors)
        about = {key: value for key, value in self.about.items() if key != "scores"}
        if found := {**(self.about.get("scores", {}) if same else {}), **checked}:
            about["scores"] = found
        written = folders.Folder(self.vectors, text, self.normalize, self.drop_unknown, self.max_length, about)
        folders.write_folder(folder, numbers, written, card(self, about, numbers[0], folder))
        if same and found:
            self.about["scores"] = found

    def truncate(self, dimensions: int) -> Encoder:
        """One of which each vector has the first `dimensions` numbers (Kusupati et al. 2022, "Matryoshka").

        Scores that the other has are not for this one, and left out.
        """
        if whole("dimensions", dimensions, 1) > self.vector_size:
            raise ValueError(f"dimensions must be at most {self.vector_size}, not {dimensions}")
        made = type(self).__new__(type(self))
        vars(made).update(vars(self))
        made.vectors, made.about = np.ascontiguousarray(self.vectors[:, :dimensions]), dict(self.about)
        if dimensions < self.vector_size:
            made.about.pop("scores", None)
        return made

    def remove_common(self, texts: Iterable[str], components: int = 3) -> Encoder:
        """One without the first principal components of the means of some texts (Arora, Liang and Ma 2017).

        They are taken from the vectors of the tokens, which is the same, as means are linear in these. Texts of the
        kind that will be encoded are best; they need no labels.

        Parameters
        ----------
        texts : iterable of str
        components : int, default 3

        Returns
        -------
        Encoder

        Raises
        ------
        ValueError
            If so many components are not in the texts: these are too few, or have no token.
        """
        from fastemb.encoder.training import without_common

        ids, starts = self._tokenizing.ids(list(several_texts(texts)))
        known = without_token(ids, starts, self._left_out())
        made = self.truncate(self.vector_size)
        made.vectors = without_common(self.vectors, known, whole("components", components, 0))
        made.about["components_removed"] = self.about.get("components_removed", 0) + components
        made.about.pop("scores", None)
        return made

    # Where encoders come from.

    @classmethod
    def from_keyed_vectors(cls, wv: Any, **parameters: Any) -> Encoder:
        """Make one of the vectors of words; see `fastemb.encoder.training.of_keyed_vectors` for the parameters."""
        from fastemb.encoder.training import of_keyed_vectors

        return of_keyed_vectors(cls, wv, **parameters)

    @classmethod
    def from_corpus(cls, corpus: Any, **parameters: Any) -> Encoder:
        """Train one on texts; see `fastemb.encoder.training.of_corpus` for the parameters."""
        from fastemb.encoder.training import of_corpus

        return of_corpus(cls, corpus, **parameters)

    def learn(self, texts: Iterable[str], teacher: Any, **parameters: Any) -> Encoder:
        """One whose vectors of texts meet those of a teacher; see `fastemb.encoder.learning.learned`."""
        from fastemb.encoder.learning import learned

        return learned(self, list(several_texts(texts)), teacher, **parameters)

    @classmethod
    def distill(cls, model: Any, tokenizer: Any, **parameters: Any) -> Encoder:
        """Make one of what a transformer says of each of its tokens; see `fastemb.encoder.learning.distilled`."""
        from fastemb.encoder.learning import distilled

        return distilled(cls, model, tokenizer, **parameters)
