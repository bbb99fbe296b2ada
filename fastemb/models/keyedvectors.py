"""Vectors by key: look-up, similarity, quality, and the files that others read."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastemb import evaluation
from fastemb._gates import in_quiet
from fastemb._lazy import loading
from fastemb._paths import Path, Readable, local, named
from fastemb.formats import gensim, native, word2vec
from fastemb.formats.rows import first_rows
from fastemb.models._arrays import ATTRIBUTE, check_rows, check_vectors, named_arrays, order_by, set_locks, unpack_keys
from fastemb.models._attributes import Key
from fastemb.models._compression import compressed_words
from fastemb.models._deprecated import DeprecatedNames
from fastemb.models._kinds import of_ngrams
from fastemb.models._near import naming_near_parameters
from fastemb.models._random import pseudorandom_weak_vector, random_vectors

__all__ = ["Key", "KeyedVectors", "check_mmap", "pseudorandom_weak_vector", "random_vectors"]

logger = logging.getLogger(__name__)

# gensim has the class here once more; it is one that is made of this module's.
__getattr__ = loading(__name__, {"FastTextKeyedVectors": "fastemb.models._subword_vectors"})


@naming_near_parameters
class KeyedVectors(DeprecatedNames):
    """A map from keys (words, or anything named by a str or an int) to vectors.

    Parameters
    ----------
    vector_size : int
    count : int, default 0
        Make room for that many vectors of zeros, without keys.
    dtype : dtype, default float32
        float16 takes half the memory; queries then compute in single precision.
    mapfile_path : object, optional
        Kept, and not used, as in gensim.

    Attributes
    ----------
    vectors : ndarray, shape (len(self), vector_size)
    norms : ndarray, shape (len(self),), or None
        The lengths of the vectors, once something needed them; None again when `vectors` is set. Who writes into
        `vectors` calls ``fill_norms(force=True)``.
    index_to_key : list of str or int
    key_to_index : dict
    next_index : int
        Where `add_vector` puts the next one, if there is room.
    vectors_lockf : ndarray of float32, shape (any,)
        Training multiplies its changes of row k by vectors_lockf[k % len(vectors_lockf)]: 0 keeps a vector
        as it is. One 1 by default.
    expandos : dict of str to ndarray
        Further attributes of the keys; after training, 'count'.
    """

    LOCKS: ClassVar[tuple[str, ...]] = ("vectors_lockf",)
    NGRAMS: ClassVar[bool] = False  # whether vectors are made of n-grams

    compression: dict[str, float]  # see `compress`

    def vectors_for_all(
        self, keys: Iterable[Key], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> KeyedVectors:
        """The vectors of those keys that have one, each once, in the order of `keys`.

        Parameters
        ----------
        keys : iterable of str or int
            An int that is no key has none here, though `get_vector` takes it as a row.
        allow_inference : bool, default True
            Also of words for which a subclass makes up a vector.
        copy_vecattrs : bool, default False
            Keep the attributes, which are zero where a word has none; else counts are made up, as in gensim.

        Returns
        -------
        KeyedVectors
        """
        row, made = self._row_of, self if allow_inference else {}
        chosen = [key for key in dict.fromkeys(keys) if row(key) >= 0 or (self.get_index(key, -1) < 0 and key in made)]
        kept = KeyedVectors.from_arrays(chosen, self[chosen], {"count": np.arange(len(chosen), 0, -1)})
        if copy_vecattrs:
            self.copy_vecattrs_to(kept)
        return kept

    def intersect_word2vec_format(
        self,
        fname: Readable,
        lockf: float = 0.0,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
    ) -> None:
        """Give those keys that a file of word2vec.c also has the file's vectors; add none.

        Parameters
        ----------
        fname : str, os.PathLike or open file
        lockf : float, default 0.0
            `vectors_lockf` of these keys: 0 keeps their vectors as they are in training, 1 trains them. Below 1 it is
            that of their n-grams, too, if there are such (which gensim trains, and so loses the vectors).
        binary : bool, default False
        encoding, unicode_errors : str
            Of the words.

        Raises
        ------
        ValueError
            If the file's vectors are of another size, or it is not of this format. Nothing is changed then.
        """
        others = KeyedVectors.load_word2vec_format(
            fname, binary=binary, encoding=encoding, unicode_errors=unicode_errors
        )
        if others.vector_size != self.vector_size:
            raise ValueError(f"{named(fname)}: vectors of size {others.vector_size}, not {self.vector_size}")
        shared = [key for key in others.index_to_key if key in self.key_to_index]
        rows = [self.key_to_index[key] for key in shared]
        self.add_vectors(shared, others.vectors[[others.key_to_index[key] for key in shared]], replace=True)
        self._lock(rows, lockf)
        self.add_lifecycle_event(
            "intersect_word2vec_format",
            msg=f"merged {len(rows)} vectors into {self.vectors.shape} matrix from {named(fname)}",
        )

    def compress(
        self, store: str = "int8", words: int | None = None, buckets: int | None = None, seed: int = 1
    ) -> KeyedVectors:
        """The same vectors in less memory, nearly.

        Parameters
        ----------
        store, words, seed
            As of `FastTextKeyedVectors.compress`.
        buckets : None
            Of vectors that are made of n-grams.

        Returns
        -------
        KeyedVectors
            With 'int8' and 'product' these are `FastTextKeyedVectors` without n-grams, which decode a vector when it is
            asked for, and all when `vectors` or `most_similar` is. `compression` is a dict: 'bytes', 'share' of
            the bytes before, and 'cosine', the mean over the words of that between their vectors now and before.

        Raises
        ------
        ValueError
            If `store` is something else, `words` is negative, `buckets` is given, a number is too large, or with
            'int8' and 'product' a vector holds NaN or infinity.
        """
        if buckets is not None:
            raise ValueError(f"buckets={buckets} is for vectors that are made of n-grams, which these are not")
        return compressed_words(self, store, words, seed)

    # Quality.

    def evaluate_word_analogies(
        self,
        analogies: Readable,
        restrict_vocab: int = 300000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
        similarity_function: str = "most_similar",
    ) -> tuple[float, list[dict[str, Any]]]:
        """Solve analogies from a file in the layout of questions-words.txt.

        Parameters
        ----------
        analogies : str, os.PathLike or open file
            Lines that are not four words are left out.
        restrict_vocab : int, default 300000
            Use only the first so many keys.
        case_insensitive : bool, default True
        dummy4unknown : bool, default False
            Count questions with unknown words as answered wrongly, instead of leaving them out.
        similarity_function : {'most_similar', 'most_similar_cosmul'}
            3CosAdd or 3CosMul. (gensim ignores this.)

        Returns
        -------
        accuracy : float
            From 0 to 1; 0 without questions whose words are known.
        sections : list of dict
            With 'section', 'correct' and 'incorrect', which hold the words in upper case if `case_insensitive`;
            the last is 'Total accuracy'.

        Raises
        ------
        ValueError
            If the file has no questions, or a line that is not four words and not left out.
        """
        methods = {"most_similar": "add", "most_similar_cosmul": "mul"}
        if similarity_function not in methods:
            known = ", ".join(map(repr, methods))
            raise ValueError(f"similarity_function must be one of {known}, not {similarity_function!r}")
        questions = evaluation.read_analogies(analogies, lenient=True)
        if not any(questions.values()):
            raise ValueError(f"{named(analogies)}: no analogies")
        if case_insensitive:
            questions = {
                name: [(a.upper(), b.upper(), c.upper(), d.upper()) for a, b, c, d in section]
                for name, section in questions.items()
            }
        results = evaluation.word_analogies(
            self.vectors[:restrict_vocab],
            self.index_to_key[:restrict_vocab],
            questions,
            case_insensitive,
            method=methods[similarity_function],
            unknown_is_wrong=dummy4unknown,
        )
        total = evaluation.Analogies(
            "Total accuracy",
            [question for result in results for question in result.correct],
            [question for result in results for question in result.incorrect],
        )
        sections = [result._asdict() for result in [*results, total]]
        for section in sections:
            self.log_accuracy(section)
        return evaluation.accuracy([total]) if total.correct or total.incorrect else 0.0, sections

    def evaluate_word_pairs(
        self,
        pairs: Readable,
        delimiter: str | None = "\t",
        encoding: str = "utf8",
        restrict_vocab: int = 300000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[tuple[float, float], tuple[float, float], float]:
        """Correlation with people's judgements of similarity. Needs SciPy, the extra `evaluation`.

        Parameters
        ----------
        pairs : str, os.PathLike or open file
            A file of lines: word, word, score, and perhaps more (of which gensim takes none). Other lines are left out.
        delimiter : str or None, default '\\t'
            None: what the first line has, as of `fastemb.evaluation.read_word_pairs`.
        encoding : str, default 'utf8'
        restrict_vocab : int, default 300000
            Use only the first so many keys.
        case_insensitive : bool, default True
        dummy4unknown : bool, default False
            Take 0 as the similarity of unknown words, instead of leaving them out.

        Returns
        -------
        pearson, spearman : (float, float)
            Correlation and p-value, as SciPy returns them.
        oov_ratio : float
            Percentage of the pairs that have an unknown word.

        Raises
        ------
        ValueError
            If less than two pairs are known.
        """
        result = evaluation.word_pairs(
            self.vectors[:restrict_vocab],
            evaluation.folded_index(self.index_to_key[:restrict_vocab], case_insensitive),
            evaluation.read_word_pairs(pairs, delimiter, encoding, lenient=True),
            case_insensitive,
            unknown_is_zero=dummy4unknown,
        )
        ratio = 100 * result.skipped / (result.used + (0 if dummy4unknown else result.skipped))
        self.log_evaluate_word_pairs(result.pearson, result.spearman, ratio, pairs)
        return result.pearson, result.spearman, ratio

    @staticmethod
    def log_accuracy(section: dict[str, Any]) -> None:
        """Log the accuracy of a section that `evaluate_word_analogies` returned."""
        correct, total = len(section["correct"]), len(section["correct"]) + len(section["incorrect"])
        if total:
            logger.info("%s: %.1f%% (%d/%d)", section["section"], 100 * correct / total, correct, total)

    @staticmethod
    def log_evaluate_word_pairs(pearson: Any, spearman: Any, oov: float, pairs: Readable) -> None:
        """Log what `evaluate_word_pairs` returned."""
        logger.info("Pearson correlation with %s: %.4f", pairs, pearson[0])
        logger.info("Spearman rank correlation with %s: %.4f", pairs, spearman[0])
        logger.info("pairs with unknown words: %.1f%%", oov)

    # Files.

    @in_quiet
    def save_word2vec_format(
        self,
        fname: Path,
        fvocab: Path | None = None,
        binary: bool = False,
        total_vec: int | None = None,
        write_header: bool = True,
        prefix: str = "",
        append: bool = False,
        sort_attr: str = "count",
    ) -> None:
        """Write the vectors in the text or binary format of word2vec.c.

        Parameters
        ----------
        fname : str or os.PathLike
            The file appears whole or not at all. Names that end in .gz, .bz2, .xz or .zst become compressed files.
        fvocab : str or os.PathLike, optional
            Write `word count` lines there.
        binary : bool, default False
        total_vec : int, optional
            The number of vectors that the first line states, if others are to be appended.
        write_header : bool, default True
            Whether the first line gives the sizes.
        prefix : str, default ''
            Written before each word.
        append : bool, default False
            Add to the files instead of replacing them.
        sort_attr : str, default 'count'
            Write the keys in descending order of this attribute, where there is one for each.

        Raises
        ------
        ValueError
            If a key is empty or holds whitespace, which the format cannot say, or two are the same as text, or there
            are not as many vectors as keys. Nothing is written then.
        """
        options: Any = {"binary": binary, "total": total_vec, "header": write_header, "prefix": prefix}
        rows, counts = self._word2vec_parts(fvocab is not None, sort_attr, **options)
        files = [(fname, [rows])] if fvocab is None else [(fname, [rows]), (fvocab, counts)]
        word2vec.write_parts(files, append)

    def _word2vec_parts(
        self, counted: bool, sort_attr: str, prefix: str = "", **options: Any
    ) -> tuple[word2vec.Part, list[word2vec.Part]]:
        """What writes the vectors to a file, and if `counted` the counts to another; raises of what cannot be said."""
        check_rows(self, "vectors", self.vectors)
        if counted and np.shape(self.expandos.get(sort_attr, False)) != (len(self),):
            raise ValueError(f"fvocab needs the attribute {sort_attr!r}, which these keys lack, or some of them")
        order = order_by(self, sort_attr)
        keys = list(map(self.index_to_key.__getitem__, order.tolist()))
        rows = word2vec.rows_to_write(keys, self.vectors, order=order, prefix=prefix, **options)
        counts = np.asarray(self.expandos[sort_attr])[order].tolist() if counted else []
        return rows, [word2vec.counts_to_write(keys, counts, prefix)] if counted else []

    @classmethod
    def load_word2vec_format(
        cls,
        fname: Readable,
        fvocab: Readable | None = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: Any = np.float32,
        no_header: bool = False,
        check_finite: bool = True,
        dtype: Any = None,
    ) -> KeyedVectors:
        """Read vectors in the text or binary format of word2vec.c; see `fastemb.formats.word2vec`.

        Parameters
        ----------
        fname : str, os.PathLike or open file
            Names that end in .gz, .bz2, .xz or .zst are of compressed files.
        fvocab : str, os.PathLike or open file, optional
            A file of `word count` lines, for the attribute 'count'. Without it, as in gensim, counts
            are made up that fall by one from word to word.
        binary : bool, default False
        encoding, unicode_errors : str
            Of the words.
        limit : int, optional
            Read only the first so many vectors; None and 0 mean all.
        datatype, dtype : dtype, default float32
            Two names of one thing; TypeError if both are given.
        no_header : bool, default False
            The file has no line of sizes, as GloVe's; the size is that of most of its first lines.
        check_finite : bool, default True
            Refuse NaN and infinity, also of numbers too large for `datatype`. (gensim reads them.)

        Raises
        ------
        ValueError
            If the file is not of this format or cut short, or holds more than its header says, or numbers that are
            not finite; the message says where.
        """
        words, vectors = word2vec.read_word2vec(
            fname,
            binary=binary,
            header=not no_header,
            limit=limit or None,
            encoding=encoding,
            unicode_errors=unicode_errors,
            dtype=word2vec.only_dtype(dtype, datatype, np.float32),
            check_finite=check_finite,
        )
        counts = None if fvocab is None else word2vec.read_counts(fvocab, encoding, unicode_errors)
        return cls.from_rows(words, vectors, named(fname), counts)

    @classmethod
    def from_rows(
        cls, words: list[str], vectors: NDArray[Any], name: str, counts: dict[str, int] | None = None
    ) -> KeyedVectors:
        """Vectors as read from a file: the first of each word, with its count or, as in gensim, one made up."""
        total = len(words)
        index, vectors = first_rows(words, vectors, name)
        values = np.arange(total, total - len(index), -1)
        if counts is not None:
            missing = [word for word in index if word not in counts]
            if missing:
                logger.warning("%s: %d words have no count, among them %r", name, len(missing), missing[0])
            values = np.array([counts.get(word, 0) for word in index], np.int64)
        return cls.from_index(index, vectors, {"count": values})

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, as arrays for `fastemb.formats.native`."""
        named = named_arrays(self, "vectors", self.vectors)
        return {"vectors": check_vectors(self.vectors), **named}

    @classmethod
    def from_native(cls, arrays: dict[str, NDArray[Any]], name: str) -> KeyedVectors:
        """The opposite of `to_arrays`; `name` is the file's, for messages."""
        if (found := arrays.get("vectors", np.empty(0))).ndim != 2 or found.dtype.kind != "f":
            hint = ": use FastTextKeyedVectors.load()" if "subwords" in arrays else ""
            raise ValueError(f"{name}: holds no vectors{hint}")
        keys, attributes = unpack_keys(arrays, name)
        try:
            keyed = cls.from_arrays(keys, arrays["vectors"], attributes)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        set_locks(keyed, arrays, name)
        return keyed

    @classmethod
    def from_gensim(cls, saved: dict[str, Any], name: str) -> KeyedVectors:
        """Vectors from the attributes of what gensim saved; `name` is the file's, for messages."""
        keyed = cls.from_arrays(*gensim.vectors_of(saved, name))
        set_locks(keyed, gensim.inner_vectors(saved), name)
        return keyed

    @in_quiet
    def save(
        self,
        fname: Path,
        separately: Iterable[str] | None = None,
        sep_limit: int = 10 * 1024**2,
        ignore: Iterable[str] = frozenset(),
        pickle_protocol: int = 4,
    ) -> None:
        """Write everything to one file, in the layout of safetensors; see `fastemb.formats.native`.

        Parameters
        ----------
        fname : str or os.PathLike
        separately, sep_limit, pickle_protocol
            Are taken because gensim takes them, and not used: there is one file, and no pickle.
        ignore : iterable of str
            Attributes not to save. Of what is saved, that can be 'expandos', 'vectors_lockf' and, where n-grams have
            rows, 'vectors_ngrams_lockf'.

        Raises
        ------
        TypeError
            If a key is neither a str nor an int, or an attribute holds objects.
        ValueError
            If vectors or keys are to be ignored, or vectors, keys and attributes differ in number.
        """
        ignored = set(ignore)
        needed = ignored & {"vectors", "index_to_key", "key_to_index", "vector_size"}
        if needed:
            raise ValueError(f"a file of vectors cannot be without {', '.join(sorted(needed))}")
        arrays = self.to_arrays()
        left_out = ignored.intersection(self.LOCKS)
        if "expandos" in ignored:
            left_out |= {name for name in arrays if name.startswith(ATTRIBUTE)}
        kept = {name: array for name, array in arrays.items() if name not in left_out}
        native.write_native(fname, kept, {"class": type(self).__name__})

    @classmethod
    def _kind(cls, ngrams: bool) -> type[KeyedVectors]:
        """This class or that subclass whose vectors are made of n-grams or are not, as asked for."""
        return of_ngrams(cls, ngrams)

    @classmethod
    def load(cls, fname: Path, mmap: str | bool | None = None) -> KeyedVectors:
        """Read what `save()` wrote, the vectors of a saved model, or what gensim's `save()` wrote.

        Vectors that are made of n-grams come back as `FastTextKeyedVectors`.

        Parameters
        ----------
        fname : str or os.PathLike
        mmap : {None, 'c', 'r', False}
            Our own files are mapped with None and 'c': the vectors are read when they are used, and changes of them
            stay in memory; with 'r' they are read-only. Those that gensim stored in a file of their own are mapped
            with 'c' and 'r'. With False all is read. A mapped file may be replaced by renaming another to its name, as
            `save()` does, but not be cut short or overwritten in place.

        Raises
        ------
        ValueError
            If it is another file, or damaged, or `mmap` is another. No code in a pickle is ever run; see
            `fastemb.formats.gensim`.
        """
        name = local(fname)
        how = check_mmap(mmap)
        if gensim.looks_like_pickle(fname):
            saved = gensim.read_gensim(fname, how)
            return cls._kind("vectors_ngrams" in gensim.inner_vectors(saved)).from_gensim(saved, name)
        # Mapped, they are read when they are used; but Windows would not let save() replace a file that is mapped.
        by_default = mmap is None and os.name != "nt"
        arrays, _ = native.read_native(fname, mmap=how or ("c" if by_default else False))
        return cls._kind("subwords" in arrays).from_native(arrays, name)


def check_mmap(mmap: str | bool | None) -> str | None:
    """One of NumPy's ways to map a file that leave it as it is, or None, which False is too."""
    if mmap not in (None, "r", "c") and mmap is not False:
        raise ValueError(f"mmap must be None, 'r', 'c' or False, not {mmap!r}: changes are never written to the file")
    return mmap or None


# The names that gensim keeps for old pickles.
Word2VecKeyedVectors = Doc2VecKeyedVectors = EuclideanKeyedVectors = KeyedVectors
load_word2vec_format = KeyedVectors.load_word2vec_format
