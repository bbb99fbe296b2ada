"""Whatever is given to a compiled function: an exception that says what is wrong, or the right answer; no crash.

The functions are called in processes of their own, so that a crash is the failure of one test. `python
tests/test_kernel_entries.py MODULE` calls those of one module.
"""

import importlib
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import fastemb.kernels
from fastemb.kernels import blas, checksum, glove, huffman, noise, pcg64, pickled, ragged, step, subwords, topk
from fastemb.kernels import cooccurrence as pairs
from fastemb.kernels import vectorfile as files
from fastemb.kernels.graphs import adjacency, edges, rows, walker
from fastemb.kernels.sgd import chunks, epoch, inference, specs
from fastemb.kernels.sgd.documentspecs import Dbow, Dm, DmConcat, Documents
from fastemb.kernels.text import (
    baskets,
    batch,
    columnencoder,
    encoder,
    features,
    joining,
    labelled,
    pairtable,
    phrases,
    pooled,
    sentenceencoder,
    tally,
    textencoder,
    vocabulary,
    wordpiece,
    wordtable,
)
from fastemb.kernels.text import inputs as text_inputs
from fastemb.kernels.text import labels as text_labels
from fastemb.kernels.text import outputs as text_outputs

REFUSED = (TypeError, ValueError, OverflowError, LookupError, BufferError, MemoryError)
FOLDER = Path(fastemb.kernels.__file__).parent
MODULES = sorted(
    str(path.relative_to(FOLDER).with_suffix("")).replace("\\", "/").replace("/", ".") for path in FOLDER.rglob("*.pyi")
)
NUMBERS = [-(2**63), -(2**31), -2, -1, 0, 1, 7, 2**31 - 1, 2**31, 2**32, 2**62, 2**63 - 1, 2**63, 2**64, 2**70]
AMOUNTS = [-(2**63), -1, 0, 1, 2**63 - 1, 2**63, 2**64, 2**70]  # of which more means more memory


class Amount(int):
    """A number that so much memory is asked for by."""


def singles(*shape):
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def ints(*numbers, dtype=np.int64):
    return np.array(numbers, dtype)


def ids(*numbers):
    return ints(*numbers, dtype=np.int32)


def cells(*numbers):
    return np.array([(k, k + 1, 0.5) for k in numbers], glove.CELL)


def table_of(*words):
    return wordtable.WordTable(words or ("a", "bc", "d" * 20))


def encoded(kind=textencoder.TextEncoder):
    made = kind()
    made.add_texts(["a b", "c a d"]) if kind is textencoder.TextEncoder else made.add("ab")
    return made


def column_of(made, *column):
    made.add(*(column or (ints(0, 2, 3), ints(0, 2, 2, 3), np.frombuffer(b"abc", np.uint8))))
    return made


def single_rows():
    return specs.Rows(singles(5, 4), singles(1))


def unlocked_rows():
    return specs.Rows(singles(5, 4), np.ones(1, np.float32))


def ngrams(*arguments):
    return specs.Ngrams(*(arguments or (ints(0, 1, 2, 2, 3, 3), ids(0, 2, 1), 3)))


def paths(*arguments):
    return specs.Paths(*(arguments or (ints(0, 1, 3, 4, 5, 6), ids(0, 1, 2, 3, 0, 1), labels())))


def negatives(*arguments):
    return specs.Negatives(*(arguments or (singles(5, 4), *negative_numbers())))


def negative_numbers():
    return noise.NoiseTable(np.ones(5)), 2, 2, 4


def trained(
    words=None, inputs=None, objective=None, sampling=None, team=None, given=None, rates=(0.1, 0.05), **options
):
    """Train a little with what is given, to see that it can be trained with."""
    inputs = inputs or specs.SkipGram(words or single_rows(), 16)
    sampling = sampling or specs.Sampling(KEEP, 2, True, 1)
    given = given or [(ids(0, 1, 2, -1, 4, 3, 2, 0), ints(0, 4, 8))]
    objectives = [objective or negatives()]
    made = epoch.Epoch(given, inputs, objectives, sampling, rates, team or specs.Team(1), **options)
    if made.workers == 1:
        made.work()
    return [inputs.words.matrix, objectives[0].matrix]


def documents(*_, inputs=None, given=None, **options):
    """Train a little with documents."""
    inputs = inputs or Dbow(single_rows(), 16, tag_rows())
    given = given or [(ids(0, 1, 2, -1, 4, 3, 2, 0), ints(0, 4, 8), (ints(0, 1, 3), ids(0, 1, 2)))]
    return [*trained(inputs=inputs, given=given, **options), inputs.tags.matrix]


def of_inference(name):
    sampling = specs.Sampling(KEEP, 2, True, 1)
    return getattr(
        inference.Inference(single_rows(), [negatives()], sampling, (0.1, 0.05), 2, ids(0, 1), singles(5)), name
    )


def inferred(made):
    return made.infer(ids(0, 1, 2, -1, 4), ints(0, 2, 5))


def tag_rows(*arguments):
    return specs.Rows(*(arguments or (singles(3, 4), singles(1))))


def a_tagged_chunk(starts, tags, *of_inputs):
    return documents(inputs=Dbow(*of_inputs), given=[(ids(0, 1, 2, -1, 4), ints(0, 2, 5), (starts, tags))])


def a_chunk(ids, starts, rates, measure, whole):
    return trained(given=[(ids, starts)], rates=rates, measure=measure, whole_texts=whole)


def with_labels(vectors, loss, centres):
    texts = specs.Texts(unlocked_rows(), 8, 2, ints(0, 1, 3), ids(0, 1, 0))
    return trained(
        inputs=texts, objective=specs.Labels(vectors, loss, centres), sampling=specs.Sampling(None, 1, False, 1)
    )


def texts_with(rows, *arguments):
    """Train on texts with what is given: with these rows, and with bags of n-grams."""
    bags = specs.Bags(singles(5, 4), np.ones(1, np.float32), singles(3, 4), np.ones(1, np.float32), ngrams())
    sampling = specs.Sampling(None, 1, False, 1)
    return [
        trained(
            inputs=specs.Texts(words, *arguments),
            objective=specs.Labels(singles(2, 4), "one-vs-all"),
            sampling=sampling,
        )[1].tolist()
        for words in (rows, bags)
    ]


def bags_of(*arguments):
    """The bags of some texts by features that were made of what is given."""
    return features.Features(*arguments).bags(["a b é", "", "zz __label__x </s>", "\ud800"])


def some_features(words=("a", "b")):
    return features.Features(list(words), ["__label__x", "__label__y"], "__label__", 2, 3, 7, 2)


def means_of(words, rows, codes, centroids, norms, columns, data, floats):
    """Means of rows, of quantised ones, the codes of 4 rows in 2 groups, and of those given as bytes."""
    found = []
    for given in (rows, (codes, centroids, norms, columns), (data, floats)):
        found.append(singles(2, 3))
        text_inputs.Inputs(words, given).means(ids(0, 5, 2), ints(0, 2, 3), found[-1])
    return np.array(found)


def best_of(texts=None, made=None, rows=None, outputs=None, k=2, threshold=0.0, first=0):
    """The labels of texts, as far as they mean anything."""
    texts = ["a b", "", "c"] if texts is None else texts
    rows, outputs = rows or text_inputs.Inputs(singles(2, 3), singles(7, 3)), outputs or some_outputs()
    found = text_labels.best_labels(texts, made or some_features(), rows, outputs, k, threshold, first)
    return [probabilities[: max(count, 0)].tolist() for probabilities, _, count in zip(*found, strict=True)]


def some_outputs(*arguments):
    return text_outputs.Outputs(*(arguments or (singles(2, 3), "softmax", ints(5, 3))))


def table_of_phrases():
    table = phrases.PhraseTable()
    table.add(ids(0, 1, 0), ids(0, 0, 1), ids(2, 1, 1), ints(3, 1, 2))
    return table


def tally_of_pairs():
    counted = tally.Tally(3)
    counted.count(ids(0, 2, 0, 2, 1), ids(), ints(0, 4, 5))
    return counted


def middles_of_phrases():
    middles = phrases.Middles()
    middles.longer_than(middles.longer_than(0, 3), 1)
    return middles


def joiner(*arguments):
    flags = np.array([0, 0, 0, 1], np.uint8)
    return joining.Joiner(
        *(arguments or (middles_of_phrases(), table_of_phrases(), flags, {"a": 0, "c": 2}, list("xyz")))
    )


def of_epoch(name):
    sampling = specs.Sampling(KEEP, 2, True, 1)
    given = [(ids(0, 1, 2, -1, 4), ints(0, 5))], specs.SkipGram(single_rows(), 16), [negatives()], sampling
    return getattr(epoch.Epoch(*given, (0.1, 0.1), specs.Team(1)), name)


def labels():
    return (singles(6) > 0).astype(np.float32)


def rows_of_a_graph():
    """A path of three edges, whose first node has an edge to itself."""
    return ints(0, 2, 4, 6, 7), ids(0, 1, 0, 2, 1, 3, 2)


def walks_over(*arguments):
    """Walks over a graph of what is given."""
    made = np.zeros((5, 4), np.int32)
    walker.Walker(adjacency.Adjacency(*arguments), 0.5, 2.0, 1).walk(0, made)
    return made


def walks_of(*arguments):
    made = np.zeros((5, 4), np.int32)
    walker.Walker(adjacency.Adjacency(*rows_of_a_graph()), *arguments).walk(0, made)
    return made


LINES, RECORD = b"a 1 2\nb 3 4\n" + bytes(8), b"a " + singles(2).tobytes() + bytes(8)
DICTIONARY = b"a\0" + bytes([5, *bytes(7), 0]) + b"bc\0" + bytes([1, 2, *bytes(6), 1])
SUMS = pairs.Sums
KEEP = np.full(5, 2**32 - 1, np.uint32)
# Words 0 and 1, label 0, and a word without a row that has two n-grams; the end is a fifth token.
TOKENS = ids(0, -2, 1, -1, -1), ids(7, 0, 8, 9, 5), ints(0, 0, 0, 0, 2, 2), ids(0, 2), 4, 1, 5, 2, 2, 3
# Each entry, and arguments that are as they must be. They are made anew for each call.
TOKENS_OF_PIECES = ["[P]", "[U]", "a", "##b", "b", ","]


def pieces():
    return wordpiece.Tokenizer(TOKENS_OF_PIECES, [("[U]", 1)], 1, "##", 100, 0, True, True, True, True)


ENTRIES = {
    "blas.core": lambda: (blas.core,),
    "blas.config": lambda: (blas.config,),
    "checksum.crc32": lambda: (checksum.crc32, b"abc" * 2000, 1),
    "cooccurrence.Sums": lambda: (SUMS, Amount(5)),
    "cooccurrence.separate": lambda: (pairs.separate, ids(0, 1, -1, 2), ints(0, 2, 4), False),
    "cooccurrence.Segment": lambda: (pairs.Segment, ids(0, 1, -1, 2), ids(1), Amount(3)),
    "cooccurrence.Segment.count": lambda: (
        pairs.Segment(ids(0, 1, -1, 2), ids(1), 3).count, 0, 3, ints(2, 1), True, SUMS(3)),
    "cooccurrence.add_rows": lambda: (
        lambda starts, columns, counts, rows, sums: pairs.add_rows([(starts, columns, counts)] * 2, rows, sums),
        ints(0, 1, 3), ids(0, 1, 2), ints(5, 6, 7), Amount(2), SUMS(3)),
    "glove.scatter": lambda: (
        glove.scatter, ids(0, 1, 2), ids(1, 1, 0), np.array([1.0, 2, 3]), Amount(3), 1, 2, Amount(2)),
    "glove.describe": lambda: (glove.describe, 0, 1, 0.0, 3),
    "glove.arrange": lambda: (glove.arrange, cells(0, 1, 2), ints(0, 2), ints(2, 3), 1, 5),
    "glove.train": lambda: (
        glove.train, cells(0, 1), np.abs(singles(2, 3, 2, glove.PADDING)) + 1, np.abs(singles(2, 3, 2)) + 1,
        0.1, 0.75, 10.0, 10.0),
    "graphs.adjacency.Adjacency": lambda: (
        walks_over, *rows_of_a_graph(), np.abs(singles(7)) + 1, False, True, np.abs(singles(4))),
    "graphs.adjacency.Adjacency.aliases": lambda: (
        adjacency.Adjacency(*rows_of_a_graph(), np.abs(singles(7)) + 1).aliases,),
    "graphs.adjacency.Adjacency.weigh_common": lambda: (
        adjacency.Adjacency(*rows_of_a_graph()).weigh_common, 0, 3, singles(7)),
    "graphs.adjacency.Adjacency.keep_common": lambda: (
        adjacency.Adjacency(*rows_of_a_graph()).keep_common, np.abs(singles(7))),
    "graphs.adjacency.thresholds": lambda: (adjacency.thresholds, rows_of_a_graph()[0], np.abs(singles(7)) + 1, 0.5),
    "graphs.edges.parse": lambda: (edges.parse, b"a b 1\n# c\nb c 2\n" + bytes(8), 16, table_of(), 0, 3, True),
    "graphs.rows.count": lambda: (rows.count, ids(0, 1, 2), ids(1, 2, 2), ints(0, 0, 0), True),
    "graphs.rows.scatter": lambda: (
        rows.scatter, ids(0, 1, 2), ids(1, 2, 2), singles(3), ints(0, 1, 3), ids(0, 0, 0, 0, 0), singles(5), True),
    "graphs.rows.transpose": lambda: (rows.transpose, *rows_of_a_graph(), singles(7)),
    "graphs.rows.merge": lambda: (rows.merge, ints(0, 3, 4), ids(0, 1, 1, 0), np.abs(singles(4)), False),
    "graphs.walker.Walker": lambda: (walks_of, 0.5, 2.0, 1, ids(0, 2)),
    "graphs.walker.Walker.walk": lambda: (
        walker.Walker(adjacency.Adjacency(*rows_of_a_graph()), 2.0, 0.5, 1).walk, 3, np.zeros((5, 4), np.int32)),
    "graphs.walker.count": lambda: (walker.count, np.array([[0, 1], [2, -1]], np.int32), ints(0, 0, 0)),
    "huffman.huffman_paths": lambda: (huffman.huffman_paths, ints(5, 3, 1)),
    "noise.NoiseTable": lambda: (lambda p: noise.NoiseTable(p).sample(20), np.array([1.0, 2, 3])),
    "noise.NoiseTable.sample": lambda: (noise.NoiseTable(np.ones(3)).sample, Amount(5), 1),
    "pcg64.random_rows": lambda: (pcg64.random_rows, 1, 3, ints(0, 5), singles(2, 3)),
    "pcg64.random_or_held_rows": lambda: (
        pcg64.random_or_held_rows, 1, 3, ints(0, 2), ids(-1, 0, 1), singles(2, 3), singles(2, 3)),
    "pcg64.give_places": lambda: (pcg64.give_places, ids(0, 2, 0), ids(-1, 4, -1), 5),
    "pickled.first_excess": lambda: (pickled.first_excess, b"\x80\x04K\x01.", 1000),
    "ragged.check": lambda: (ragged.check, ints(0, 1, 3), ids(0, 1, 2), 0, 3, "rows"),
    "ragged.starts_of": lambda: (ragged.starts_of, ints(1, 2)),
    "sgd.chunks.Chunks": lambda: (
        lambda ids, starts, *more: bool(chunks.Chunks([(ids, starts)] * 2, *more)), ids(0, 1, -1, 4), ints(0, 2, 4),
        5, 2, 1),
    "sgd.documentspecs.Documents": lambda: (Documents, single_rows(), 16, tag_rows()),
    "sgd.documentspecs.Dbow": lambda: (
        a_tagged_chunk, ints(0, 1, 3), ids(0, 1, 2), single_rows(), Amount(16), tag_rows(), True),
    "sgd.documentspecs.Dm": lambda: (
        lambda *a: documents(inputs=Dm(*a)), single_rows(), Amount(16), tag_rows(), True, True),
    "sgd.documentspecs.DmConcat": lambda: (
        lambda *a: documents(inputs=DmConcat(*a), objective=negatives(singles(5, 20), *negative_numbers())),
        single_rows(), Amount(16), tag_rows(), 1, 1),
    "sgd.epoch.Epoch": lambda: (a_chunk, ids(0, 1, 2, -1, 4), ints(0, 2, 5), (0.1, 0.05), True, True),
    "sgd.epoch.Epoch.work": lambda: (of_epoch("work"),),
    "sgd.epoch.Epoch.stop": lambda: (of_epoch("stop"),),
    "sgd.epoch.Epoch.pause": lambda: (of_epoch("pause"),),
    "sgd.epoch.Epoch.batches": lambda: (of_epoch("batches"),),
    "sgd.epoch.Epoch.begin_at": lambda: (of_epoch("begin_at"), 1),
    "sgd.epoch.Epoch.deltas": lambda: (of_epoch("deltas"), 0, 5),
    "sgd.inference.Inference": lambda: (
        lambda *a: inferred(inference.Inference(*a)), single_rows(), [negatives(), specs.Tree(singles(5, 4), paths())],
        specs.Sampling(KEEP, 2, True, 1), (0.1, 0.05), Amount(2), ids(0, 1, 2), singles(5), True, True,
        True, -1, True),
    "sgd.inference.Inference.stop": lambda: (of_inference("stop"),),
    "sgd.inference.Inference.infer": lambda: (of_inference("infer"), ids(0, 1, 2, -1, 4), ints(0, 2, 5)),
    "sgd.specs.Sampling": lambda: (lambda *a: trained(sampling=specs.Sampling(*a)), KEEP.copy(), 2, True, 1, 0),
    "sgd.specs.Rows": lambda: (lambda *a: trained(specs.Rows(*a)), singles(5, 4), singles(2)),
    "sgd.specs.Ngrams": lambda: (
        lambda *a: trained(specs.Bags(singles(5, 4), singles(1), singles(3, 4), singles(1), ngrams(*a))),
        ints(0, 1, 2, 2, 3, 3), ids(0, 2, 1), 3),
    "sgd.specs.Bags": lambda: (
        lambda *a: trained(specs.Bags(*a)), singles(5, 4), singles(2), singles(3, 4), singles(2), ngrams(), True),
    "sgd.specs.Inputs": lambda: (specs.Inputs, single_rows(), 16),
    "sgd.specs.SkipGram": lambda: (
        lambda *a: trained(inputs=specs.SkipGram(*a)), single_rows(), Amount(16)),
    "sgd.specs.Cbow": lambda: (
        lambda *a: trained(inputs=specs.Cbow(*a)), single_rows(), Amount(16), True, True, singles(4, 4)),
    "sgd.specs.Objective": lambda: (specs.Objective, singles(5, 4)),
    "sgd.specs.Negatives": lambda: (
        lambda *a: trained(objective=negatives(*a)), singles(5, 4), noise.NoiseTable(np.ones(5)), 2, Amount(2),
        Amount(4)),
    "sgd.specs.Paths": lambda: (
        lambda *a: trained(objective=specs.Tree(singles(5, 4), paths(*a))), ints(0, 1, 3, 4, 5, 6),
        ids(0, 1, 2, 3, 0, 1), labels()),
    "sgd.specs.Tree": lambda: (
        lambda *a: trained(objective=specs.Tree(*a)), singles(5, 4),
        paths()),
    "sgd.specs.Labels": lambda: (with_labels, singles(2, 4), "softmax", Amount(2)),
    "sgd.specs.Texts": lambda: (
        texts_with, unlocked_rows(), Amount(8), Amount(2), ints(0, 1, 3), ids(0, 1, 0), singles(2) + 2, singles(2) + 2),
    "sgd.specs.Team": lambda: (lambda *a: trained(team=specs.Team(*a)), 2, True),
    "step.implementations": lambda: (step.implementations,),
    "step.implementation": lambda: (step.implementation,),
    "step.choose": lambda: (step.choose, step.implementation()),
    "step.train": lambda: (
        step.train, singles(5, 4), [0, 2], singles(5, 4), [1, 3, 4], singles(2, 3), singles(2, 3), 0.1, singles(2),
        True, True),
    "subwords.hash_bytes": lambda: (subwords.hash_bytes, b"abc"),
    "subwords.ngram_ids": lambda: (subwords.ngram_ids, b"<abc><d>", ints(0, 5, 8), 2, 4, 100, True),
    "subwords.hash_words": lambda: (subwords.hash_words, np.frombuffer(b"abc", np.uint8), ints(0, 1, 3)),
    "text.labelled.Tokens": lambda: (labelled.Tokens, *TOKENS),
    "text.labelled.Tokens.of_texts": lambda: (labelled.Tokens(*TOKENS).of_texts, ints(0, 3, 5), ids(0, 1, 2, 3, 1)),
    "text.labelled.first_met": lambda: (labelled.first_met, ids(0, 3, 2, 3, -1), 2, np.zeros(2, np.uint8)),
    "text.labelled.place_ngrams": lambda: (labelled.place_ngrams, ids(0, 2, 4, -1), 2, ids(1, -1, 0)),
    "subwords.ngram_ids_of_word": lambda: (subwords.ngram_ids_of_word, b"<abc>", 2, 4, 100, False),
    "subwords.check_ngrams": lambda: (subwords.check_ngrams, 5, 6, "this"),
    "subwords.ngrams": lambda: (subwords.ngrams, b"<abc>", 2, 4),
    "subwords.mean_rows": lambda: (
        subwords.mean_rows, singles(2, 3), singles(2, 3), singles(4, 3), ints(0, 1, 3), ids(0, 3, 2), 0, 2),
    "subwords.mean_row": lambda: (subwords.mean_row, singles(3, 4)),
    "text.baskets.distinct": lambda: (
        baskets.distinct, ints(0, 3, 4), ids(2, -1, 2, 1), np.array([0.1, 1, 0.5, 1], np.float32)),
    "text.baskets.arrange": lambda: (
        baskets.arrange, ints(0, 3, 4), ids(2, -1, 0, 1), True, 7, np.array([0.1, 1, 0.5, 1], np.float32),
        ids(1, -1)),
    "text.batch.ends_of": lambda: (batch.ends_of, ["a b", "", "é\ud800"]),
    "text.batch.weighted_means": lambda: (
        batch.weighted_means, singles(3, 4), np.array([1.0, 2, 3]), ids(0, 2, -1, 1), ints(0, 2, 4), singles(2, 4),
        np.array([1.0, 2, 3, 4])),
    "text.batch.extremes": lambda: (
        batch.extremes, singles(3, 4), ids(0, 2, -1, 1), ints(0, 2, 4), singles(2, 4), False),
    "text.columnencoder.ColumnEncoder": lambda: (
        lambda *a: column_of(columnencoder.ColumnEncoder(*a)).finish(), table_of("ab", "c")),
    "text.columnencoder.ColumnEncoder.add": lambda: (
        lambda *a: column_of(columnencoder.ColumnEncoder(), *a).table.words(), ints(0, 2, 3), ints(0, 2, 2, 3),
        np.frombuffer(b"abc", np.uint8)),
    "text.columnencoder.ColumnEncoder.word_of": lambda: (columnencoder.ColumnEncoder.word_of, "a"),
    "text.columnencoder.ColumnEncoder.entry_of": lambda: (columnencoder.ColumnEncoder.entry_of, "a"),
    "text.encoder.Encoder": lambda: (encoder.Encoder,),
    "text.encoder.Encoder.prune": lambda: (encoded().prune, 2),
    "text.encoder.Encoder.take": lambda: (encoded().take,),
    "text.encoder.Encoder.finish": lambda: (encoded().finish,),
    "text.encoder.renumber": lambda: (encoder.renumber, ids(0, 2, -1, 1), ids(5, 6, 7)),
    "text.features.Features": lambda: (
        bags_of, ["a", "é", ""], ["__label__x"], "__label__", 2, 3, 7, 2, ids(0, 1, 3, 0).reshape(2, 2)),
    "text.features.Features.bags": lambda: (some_features().bags, ["a b", "é", "", "zz a"]),
    "text.inputs.Inputs": lambda: (
        means_of, singles(2, 3), singles(4, 3), np.arange(8, dtype=np.uint8).reshape(4, 2), singles(2, 256, 2),
        singles(4), 3, singles(4, 3).view(np.uint8), 3),
    "text.inputs.Inputs.means": lambda: (
        text_inputs.Inputs(singles(2, 3), singles(4, 3)).means, ids(0, 5, 2), ints(0, 2, 3), singles(2, 3)),
    "text.labels.best_labels": lambda: (
        best_of, ["a b", "", "c"], some_features(), text_inputs.Inputs(singles(2, 3), singles(7, 3)), some_outputs(), 2,
        0.0, 0),
    "text.labels.joined": lambda: (text_labels.joined, [[1, 2], [], ["a"]]),
    "text.labels.joined_lists": lambda: (text_labels.joined_lists, [[["x"], []], [], [["y", "z"]]]),
    "text.labels.lists_of": lambda: (
        lambda *a: [[list(part) for part in found] for found in text_labels.lists_of(*a)], singles(2, 2),
        ints(0, 1, 1, 0).reshape(2, 2), ids(2, 1), ["x", "y"]),
    "text.outputs.label_tree": lambda: (text_outputs.label_tree, ints(5, 3, 1)),
    "text.outputs.Outputs": lambda: (
        lambda *a: best_of(outputs=text_outputs.Outputs(*a)), singles(2, 3), "hs", ints(5, 3)),
    "text.joining.Joiner": lambda: (
        lambda *a: joiner(*a).join(["a", "c", "a"]), middles_of_phrases(), table_of_phrases(),
        np.array([0, 0, 0, 1], np.uint8), {"a": 0, "c": 2}, list("xyz")),
    "text.joining.Joiner.join_ids": lambda: (joiner().join_ids, ids(0, 2, -1, 0, 3, 1), ints(0, 3, 6), ids(5, 6, 7)),
    "text.joining.Joiner.places": lambda: (joiner().places, ["a", "c", "é"]),
    "text.joining.Joiner.join": lambda: (joiner().join, ["a", "c", "é"]),
    "text.joining.number_in_order": lambda: (
        joining.number_in_order, ids(2, 0, -1, 1), ids(-1, 0, -1), ints(0, 0, 0), 1),
    "text.pairtable.PairTable": lambda: (pairtable.PairTable,),
    "text.pairtable.PairTable.__len__": lambda: (table_of_phrases().__len__,),
    "text.pairtable.PairTable.count": lambda: (
        table_of_phrases().count, ids(0, 2, -1, 1), ids(0, 1, 0, 2), ints(0, 2, 4), 0, 2),
    "text.pairtable.PairTable.values": lambda: (table_of_phrases().values, ids(0, 1), ids(0, 1), ids(2, 1)),
    "text.pairtable.PairTable.items": lambda: (table_of_phrases().items, 3, np.array([1, 0], np.uint8)),
    "text.phrases.PhraseTable": lambda: (phrases.PhraseTable, Amount(5)),
    "text.phrases.PhraseTable.add": lambda: (
        table_of_phrases().add, ids(0, 1, 0), ids(0, 0, 1), ids(2, 1, 1), ints(3, 1, 2)),
    "text.phrases.PhraseTable.prune": lambda: (table_of_phrases().prune, 2),
    "text.phrases.Middles": lambda: (phrases.Middles,),
    "text.phrases.Middles.__len__": lambda: (middles_of_phrases().__len__,),
    "text.phrases.Middles.longer_than": lambda: (middles_of_phrases().longer_than, 1, 5),
    "text.phrases.Middles.parts": lambda: (middles_of_phrases().parts,),
    "text.phrases.Middles.leave_out": lambda: (
        middles_of_phrases().leave_out, ids(0, 2, -1, 1), ints(0, 2, 4), np.array([0, 0, 1], np.uint8)),
    "text.pooled.mean_tokens": lambda: (
        pooled.mean_tokens, ["a b, abc", "", "é"], pieces(), singles(6, 3), singles(3, 3), 1, 4, 9, True, 0),
    "text.pooled.mean_ids": lambda: (
        pooled.mean_ids, ids(0, 2, 1), ints(0, 2, 3), singles(4, 3), singles(2, 3), 1, 2, True),
    "text.sentenceencoder.SentenceEncoder": lambda: (sentenceencoder.SentenceEncoder, {"a": 0, 5: 1}),
    "text.sentenceencoder.SentenceEncoder.add": lambda: (sentenceencoder.SentenceEncoder().add, ["a", "é", 5]),
    "text.sentenceencoder.SentenceEncoder.prune": lambda: (encoded(sentenceencoder.SentenceEncoder).prune, 2),
    "text.sentenceencoder.SentenceEncoder.word_counts": lambda: (encoded(sentenceencoder.SentenceEncoder).word_counts,),
    "text.tally.Tally": lambda: (tally.Tally, 3, Amount(5)),
    "text.tally.Tally.prune": lambda: (tally_of_pairs().prune, 2),
    "text.textencoder.TextEncoder": lambda: (textencoder.TextEncoder, table_of(), False, True),
    "text.textencoder.TextEncoder.feed": lambda: (textencoder.TextEncoder().feed, b"a b\nc d", True),
    "text.textencoder.TextEncoder.add_texts": lambda: (textencoder.TextEncoder().add_texts, ["a b", "é"]),
    "text.vocabulary.Vocabulary": lambda: (vocabulary.Vocabulary, {"a": 0, 5: 1}),
    "text.vocabulary.Vocabulary.is_of": lambda: (vocabulary.Vocabulary({"a": 0}).is_of, {"a": 0}),
    "text.vocabulary.Vocabulary.rows_of": lambda: (vocabulary.Vocabulary({"a": 0}).rows_of, table_of()),
    "text.wordpiece.Tokenizer": lambda: (
        lambda *a: wordpiece.Tokenizer(*a).ids(["a b, abc", "é[U]"])[0], TOKENS_OF_PIECES, [("[U]", 1)], 1, "##", 100,
        0, True, True, True, True),
    "text.wordpiece.Tokenizer.ids": lambda: (pieces().ids, ["a b, abc", "", "é"], 0, 5),
    "text.wordtable.WordTable": lambda: (wordtable.WordTable, ["a", "b"]),
    "text.wordtable.WordTable.__len__": lambda: (table_of().__len__,),
    "text.wordtable.WordTable.__getitem__": lambda: (table_of().__getitem__, 1),
    "text.wordtable.WordTable.words": lambda: (table_of().words,),
    "text.wordtable.WordTable.word_counts": lambda: (table_of().word_counts,),
    "text.wordtable.WordTable.find_all": lambda: (table_of().find_all, table_of("bc", "x")),
    "text.wordtable.WordTable.merge": lambda: (table_of().merge, table_of("bc", "x")),
    "text.wordtable.WordTable.prune": lambda: (table_of().prune, 1),
    "text.wordtable.WordTable.longest_search": lambda: (table_of().longest_search,),
    "topk.update": lambda: (topk.update, singles(2, 5), 5, 0, singles(2, 3), np.zeros((2, 3), np.int64), 0),
    "topk.products": lambda: (topk.products, singles(2, 4), singles(3, 4), singles(2, 3)),
    "topk.span_products": lambda: (
        topk.span_products, singles(4, 3), ints(0, 2, 2, 4).reshape(2, 2), singles(5, 3), ids(0, 4, 2), ints(0, 1, 3),
        singles(2, 3), singles(6)),
    "topk.span_sums": lambda: (
        topk.span_sums, singles(4, 3), ints(0, 2, 1, 4).reshape(2, 2), np.zeros(3), singles(2, 3)),
    "topk.widen": lambda: (topk.widen, ints(1, 2, 3, 4, dtype=np.uint16).reshape(2, 2), singles(2, 2)),
    "topk.lengths": lambda: (topk.lengths, singles(3, 20), singles(3)),
    "topk.normalize": lambda: (topk.normalize, singles(3, 20)),
    "vectorfile.cut_lines": lambda: (files.cut_lines, LINES, 12, 5),
    "vectorfile.cut_records": lambda: (files.cut_records, RECORD, 10, 8, 5),
    "vectorfile.fill_lines": lambda: (files.fill_lines, LINES, 0, singles(2, 2), np.zeros((2, 2), np.int64)),
    "vectorfile.fill_records": lambda: (files.fill_records, RECORD, singles(1, 2), np.zeros((1, 2), np.int64), True),
    "vectorfile.cut_entries": lambda: (
        files.cut_entries, DICTIONARY, 0, 1, np.zeros((3, 2), np.int64), ints(0, 0, 0), np.zeros(3, np.int8)),
    "vectorfile.decode_words": lambda: (
        files.decode_words, b"abcd", ints(0, 2, 2, 4).reshape(2, 2), [], "utf-8", "strict"),
    "vectorfile.format_rows": lambda: (files.format_rows, b"abc", ints(0, 2, 3), singles(2, 3), False),
    "vectorfile.reserve": lambda: (files.reserve, -1, 100),
}  # fmt: skip


# Arguments that are copied before they are read, so that they may stand at any address.
COPIED = {
    ("noise.NoiseTable", 0), ("ragged.starts_of", 0), ("sgd.inference.Inference", 5), ("sgd.specs.Ngrams", 0),
    ("sgd.specs.Ngrams", 1), ("sgd.specs.Texts", 3), ("sgd.specs.Texts", 4), ("step.train", 7),
}  # fmt: skip


def misaligned(array):
    """The same numbers at an address that is no multiple of any size but 1."""
    memory = np.empty(array.nbytes + 1, np.uint8)
    made = memory[1:].view(array.dtype).reshape(array.shape)
    made[...] = array
    return made


def spread(array):
    """The same numbers with others between them."""
    return np.repeat(array, 2, axis=array.ndim - 1)[..., ::2]


def frozen(array):
    made = array.copy()
    made.flags.writeable = False
    return made


def the_same(array):
    """The same numbers, otherwise laid out: each is refused, or leads to the same."""
    yield from ((made.__name__, made(array)) for made in (misaligned, spread, frozen))
    if array.dtype.kind in "iuf":
        yield "swapped", array.astype(array.dtype.newbyteorder())


def others(array):
    """Arrays of other shapes, types and numbers."""
    yield from (("empty", array[:0]), ("shorter", array[:-1].copy()), ("longer", np.concatenate([array, array[:1]])))
    yield from (("deeper", array[np.newaxis]), ("flat", array.ravel()), ("number", np.array(5)))
    if array.ndim > 1:
        yield from ((f"{k} columns", np.ones((*array.shape[:-1], k), array.dtype)) for k in (0, 1, 9))
    for dtype in ("f2", "f4", "f8", "i2", "i4", "i8", "u4", "O", "S3", "M8[s]"):
        if array.dtype != dtype and not array.dtype.names:
            yield dtype, np.zeros(array.shape, dtype)
    kind = array.dtype if not array.dtype.names else np.dtype(np.int32)
    limits = np.iinfo(kind) if kind.kind in "iu" else None
    for number in (limits.min, -2, -1, 0, 1, 100, limits.max) if limits else (np.nan, np.inf, -np.inf, 3e38, -1, 0):
        for place in (0, -1, slice(None)):
            made = array.copy()
            with np.errstate(over="ignore"):
                made.reshape(-1)[place] = (
                    np.array(number).astype(kind) if not array.dtype.names else (number, number, 1)
                )
            yield f"{number} at {place}", made


def variants(value):
    """What a value is replaced by: whether it means the same, what it is, and the value."""
    yield from ((False, str(wrong), wrong) for wrong in (None, "x", 1.5, [], object()))
    if isinstance(value, np.ndarray):
        yield from ((True, *other) for other in the_same(value))
        yield from ((False, *other) for other in others(value))
    elif isinstance(value, (int, float)):
        numbers = AMOUNTS if isinstance(value, Amount) else NUMBERS
        yield from ((False, str(number), number) for number in [*numbers, float("nan"), float("inf"), np.int64(-1)])
    elif isinstance(value, bytes):
        yield from (
            (False, str(other), other) for other in (b"", b" ", bytes(20), b"\xff" * 9, singles(4), bytearray(b"ab"))
        )
    elif isinstance(value, (list, dict)):
        more = ([None], [b"x"], [-1, 0], [9, 10], [0, 0], {}, {"a": 2**40}, {"a": None}, {"a": -5}, ["\ud800", "\0"])
        yield from ((False, str(other), other) for other in more)
    else:
        yield False, "made without arguments", object.__new__(object)


def outcome(function, arguments):
    """What a call gives back, and what it leaves in the arrays that it was given; or None if it refuses."""
    try:
        result = function(*arguments)
    except REFUSED:
        return None
    return [repr(result) if not hasattr(result, "__array__") else np.asarray(result).tolist()] + [
        np.asarray(array).tolist() for array in arguments if isinstance(array, np.ndarray)
    ]


def sweep(name):
    """Call an entry with each of its arguments wrong in each way; a sentence for each wrong answer."""
    make = ENTRIES[name]
    function, *right = make()
    expected = outcome(function, right)
    if expected is None and name not in ("text.encoder.Encoder", "text.pairtable.PairTable"):
        yield f"{name} refuses what is right"
    for place in range(len(right)):
        for k in range(sum(1 for _ in variants(right[place]))):
            function, *arguments = make()
            same, what, arguments[place] = next(islice(variants(arguments[place]), k, None))
            print(f"{name}: argument {place} {what}", file=sys.stderr, flush=True)
            with np.errstate(all="ignore"):
                found = outcome(function, arguments)
            taken = what == "misaligned" and found is not None and arguments[place].itemsize > 1
            if taken and (name, place) not in COPIED:
                yield f"{name}: takes a misaligned argument {place}"
            if same and found is not None and repr(found) != repr(expected) and " at 0x" not in repr(found):
                yield f"{name}: with argument {place} {what} it is {found}, not {expected}"


def entries_of(module):
    """The names of what can be called in a compiled module."""
    loaded = importlib.import_module(f"fastemb.kernels.{module}")
    for name, value in vars(loaded).items():
        if callable(value) and getattr(value, "__module__", None) == loaded.__name__ and not name.startswith("_"):
            yield f"{module}.{name}"
            for method, function in vars(value).items() if isinstance(value, type) else ():
                if callable(function) and (not method.startswith("_") or method in ("__len__", "__getitem__")):
                    yield f"{module}.{name}.{method}"


@pytest.mark.parametrize("module", MODULES)
def test_the_table_has_all_entries(module):
    tried = sorted(name for name in ENTRIES if name.startswith(f"{module}."))
    assert sorted(entries_of(module)) == tried


@pytest.mark.parametrize("module", MODULES)
def test_wrong_arguments_are_refused_or_lead_to_what_is_right(module):
    done = subprocess.run([sys.executable, __file__, module], capture_output=True, text=True, errors="replace")
    last = "\n".join(done.stderr.splitlines()[-40:])
    assert done.returncode == 0, f"{done.stdout}\nthe last calls:\n{last}"


if __name__ == "__main__":
    wrong = [text for name in ENTRIES if name.startswith(sys.argv[1] + ".") for text in sweep(name)]
    print("\n".join(wrong))
    sys.exit(bool(wrong))
