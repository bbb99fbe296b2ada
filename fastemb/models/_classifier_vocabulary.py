"""The words and labels of classifiers, and what grows with them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fastemb import vocabulary
from fastemb.corpus.labelled import CountedTexts, with_prefix
from fastemb.kernels.ragged import starts_of
from fastemb.kernels.text.labelled import Tokens
from fastemb.models._classifier_files import rows_to_train
from fastemb.models._label_tree import nodes_kept
from fastemb.models._random import RandomRows
from fastemb.models._sentences import Labelled
from fastemb.models._subword_vectors import FastTextKeyedVectors, grown
from fastemb.models.files import vectors_to_begin_with
from fastemb.models.parameters import check_memory
from fastemb.subwords import END_OF_SENTENCE, MOST_BUCKETS, Subwords, hash_word

if TYPE_CHECKING:
    from fastemb.models.classifier import Classifier

logger = logging.getLogger(__name__)

LEFT_OUT = -(2**31)  # in the place of a label that is not known


@dataclass
class Draft:
    """What a classifier will consist of; see there. `rows` are those of the tokens of its texts, if they are known."""

    wv: FastTextKeyedVectors
    labels: list[str]
    label_counts: NDArray[np.int64]
    output: Any
    prefix: str
    tokens: int
    rows: NDArray[np.int32] | None = None

    @classmethod
    def of(cls, model: Classifier) -> Draft:
        """What it consists of now."""
        given = model.wv, model.labels, model.label_counts, model.output
        return cls(*given, model.label_prefix, int(model.args["tokens"]))

    def commit(self, model: Classifier) -> None:
        """Let the classifier consist of this."""
        model.wv, model.labels, model.label_counts = self.wv, self.labels, self.label_counts
        model.output, model.args["tokens"] = self.output, self.tokens
        model._labeller = None


def empty(model: Classifier) -> Draft:
    """A classifier of no words and no labels."""
    needed = (model.max_n >= max(model.min_n, 1) or model.word_ngrams > 1) and model.bucket > 0
    subwords = Subwords(model.min_n, model.max_n, model.bucket if needed else 0)
    ngrams: Any = np.empty((0, model.vector_size), np.float32)
    if needed:
        ngrams = RandomRows((model.bucket, model.vector_size), model.seed + 1)
    own = np.empty((0, model.vector_size), np.float32)
    counts = {"count": np.empty(0, np.int64)}
    supervised = Labelled(model.word_ngrams, frozenset(), model.label_prefix)
    wv = FastTextKeyedVectors.from_bags([], own, ngrams, subwords, counts, supervised)
    return Draft(wv, [], np.empty(0, np.int64), own.copy(), model.label_prefix, 0)


def extended(model: Classifier, counted: CountedTexts) -> Draft:
    """The classifier with the words and labels of these texts."""
    draft = Draft.of(model)
    if draft.wv.subwords.kept is not None:
        raise TypeError("a classifier whose n-grams were pruned cannot be trained")
    is_label = counted.begin_with(draft.prefix)
    add_labels(draft, model, *labels_of(counted, is_label, draft.prefix))
    add_words(draft, model, counted, is_label)
    draft.tokens += int(counted.counts.sum()) + counted.corpus.sentences
    return draft


def labels_of(counted: CountedTexts, is_label: NDArray[np.bool_], prefix: str) -> tuple[list[str], NDArray[np.int64]]:
    """The labels of texts, each once, with their prefix, and how often they occur."""
    if counted.beside is None:
        numbers = np.flatnonzero(is_label)
        return [counted.tokens[k] for k in numbers], counted.counts[numbers]
    sums: dict[str, int] = {}
    for name, count in zip(counted.beside.names, counted.beside.counts().tolist(), strict=True):
        label = with_prefix(name, prefix)
        sums[label] = sums.get(label, 0) + count
    return list(sums), np.array(list(sums.values()), np.int64)


def add_labels(draft: Draft, model: Classifier, names: list[str], counts: NDArray[np.int64]) -> None:
    """Add the labels that are new, and not too rare; they follow after those that are known."""
    if not len(names):
        raise ValueError(
            f"no text has a label: labels are words that begin with label_prefix={draft.prefix!r}, or stand beside"
        )
    known = {label: number for number, label in enumerate(draft.labels)}
    sums = draft.label_counts.copy()
    at = np.array([known.get(name, -1) for name in names])
    sums[at[at >= 0]] += counts[at >= 0]
    new = np.flatnonzero((at < 0) & (counts >= model.min_count_label))
    new = new[vocabulary.by_frequency(counts[new])]
    labels = [*draft.labels, *(names[k] for k in new)]
    if not labels:
        raise ValueError(f"no label is left: the most frequent occurs {counts.max()} times; lower min_count_label")
    if len(labels) == 1:
        logger.warning("there is but one label, %s: every text will get it", labels[0])
    output = np.zeros((len(labels), draft.wv.vector_size), np.float32)
    output[: len(draft.labels)] = rows_to_train(draft.output)
    sums = np.concatenate([sums, counts[new]])
    if model.loss == "hs":
        if not len(new):  # the tree stays
            sums = draft.label_counts
        order = vocabulary.by_frequency(sums)
        before, labels, sums = draft.label_counts, [labels[k] for k in order], sums[order]
        if len(new) and len(before):
            output = nodes_kept(before, output, sums, order)
            logger.warning("new labels make another tree, in which some inner nodes begin anew")
    draft.labels, draft.label_counts, draft.output = labels, sums, output


def add_words(draft: Draft, model: Classifier, counted: CountedTexts, is_label: NDArray[np.bool_]) -> None:
    """Add the words that are new, and not too rare, and those of vectors to begin with."""
    wv, given, tokens = draft.wv, model.init_from, counted.tokens
    counts = np.where(is_label, 0, counted.counts)
    if (end := counted.find(END_OF_SENTENCE)) >= 0:
        counts[end] = 0
    texts = counted.corpus.sentences  # each has an end
    rows = rows_of(wv, tokens) if len(wv) else np.full(len(tokens), -1, np.int32)
    known = known_counts(wv, rows, counts, texts)
    new = np.flatnonzero((counts >= max(model.min_count, 1)) & (rows < 0))
    words, numbers = [tokens[k] for k in new.tolist()], counts[new]
    if END_OF_SENTENCE not in wv.key_to_index and texts >= model.min_count:
        words, numbers = [*words, END_OF_SENTENCE], np.append(numbers, texts)
    pretrained = None if given is None else vectors_to_begin_with(given, wv.vector_size)
    if pretrained is not None:
        chosen = {*words, *wv.key_to_index}
        given_words = map(str, pretrained.index_to_key)
        more = [word for word in given_words if word not in chosen and not word.startswith(draft.prefix)]
        words, numbers = words + more, np.append(numbers, np.ones(len(more), np.int64))
    order = vocabulary.by_frequency(numbers)
    places = np.empty_like(order)
    places[order] = np.arange(len(wv), len(wv) + len(order))
    rows[new] = places[: len(new)]
    words = [words[k] for k in order.tolist()]
    if not len(wv) and words in ([], [END_OF_SENTENCE]) and not wv.subwords.used:
        raise vocabulary.EmptyVocabulary(f"no word is left of {len(tokens)}; min_count is {model.min_count}")
    keys = [*wv.index_to_key, *words]
    if len(keys) + wv.subwords.bucket > MOST_BUCKETS:
        raise ValueError(
            f"{len(keys)} words and bucket={wv.subwords.bucket} are more than {MOST_BUCKETS} rows: "
            "take a smaller bucket"
        )
    check_memory(len(keys) + len(draft.labels), wv.vector_size)
    own = grown(rows_to_train(wv.vectors_vocab), len(keys), model.seed)
    if pretrained is not None:
        found = [row for row in range(len(wv), len(keys)) if keys[row] in pretrained.key_to_index]
        own[found] = pretrained.vectors[[pretrained.key_to_index[keys[row]] for row in found]]
        logger.info("%d of %d new words begin with vectors from init_from", len(found), len(words))
    assert wv.supervised is not None
    supervised = Labelled(wv.supervised.word_ngrams, frozenset(draft.labels), draft.prefix)
    expandos = wv.expandos | {"count": np.concatenate([known, numbers[order]])}
    draft.wv = FastTextKeyedVectors.from_bags(keys, own, wv.ngram_rows, wv.subwords, expandos, supervised)
    draft.wv.allocate_vecattrs()
    draft.rows = rows if pretrained is None else None


def known_counts(
    wv: FastTextKeyedVectors, rows: NDArray[np.int32], counts: NDArray[np.int64], texts: int
) -> NDArray[np.int64]:
    """The counts of the words that are known, these texts among them, whose tokens have these rows."""
    sums = np.zeros(len(wv), np.int64)
    sums += wv.expandos.get("count", 0)
    np.add.at(sums, rows[rows >= 0], counts[rows >= 0])
    if END_OF_SENTENCE in wv.key_to_index:
        sums[wv.key_to_index[END_OF_SENTENCE]] += texts
    return sums


def rows_of(wv: FastTextKeyedVectors, tokens: list[str]) -> NDArray[np.int32]:
    """The rows of words; -1 for those that have none."""
    return np.fromiter(map(wv.key_to_index.get, tokens, repeat(-1)), np.int32, len(tokens))


def label_numbers(draft: Draft, names: Sequence[str]) -> NDArray[np.int32]:
    """The numbers of labels, which may lack their prefix; -1 for those that are not known."""
    known = {label: number for number, label in enumerate(draft.labels)}
    return np.array([known.get(with_prefix(name, draft.prefix), -1) for name in names], np.int32)


def meaning_of(draft: Draft, counted: CountedTexts) -> Tokens:
    """What the tokens of texts are to this classifier."""
    wv, tokens = draft.wv, counted.tokens
    assert wv.supervised is not None
    longest, buckets = wv.supervised.word_ngrams, wv.subwords.bucket if len(wv.ngram_rows) else 0
    numbers = rows_of(wv, tokens) if draft.rows is None else draft.rows.copy()
    is_label = counted.begin_with(draft.prefix)
    numbers[is_label] = LEFT_OUT
    if counted.beside is None:
        labels = np.flatnonzero(is_label)
        found = label_numbers(draft, [tokens[k] for k in labels.tolist()])
        numbers[labels] = np.where(found >= 0, -2 - found, LEFT_OUT)
    if (end := counted.find(END_OF_SENTENCE)) >= 0:
        logger.warning("texts end at the word %s: what is behind it, if anything, is no part of them", END_OF_SENTENCE)
    unknown = np.flatnonzero(numbers == -1)
    bags = replace(wv.subwords, kept=None).bags([tokens[k] for k in unknown.tolist()])
    lengths = np.zeros(len(tokens), np.int64)
    lengths[unknown] = np.diff(bags.starts)
    hashes = counted.hashes() if longest > 1 else np.zeros(len(tokens), np.int32)
    end_hash = hash_word(END_OF_SENTENCE.encode())
    row = wv.key_to_index.get(END_OF_SENTENCE, -1)
    ends = end, row, end_hash - (end_hash >> 31 << 32)
    return Tokens(numbers, hashes, starts_of(lengths), bags.ids, *ends, len(wv), longest, buckets)
