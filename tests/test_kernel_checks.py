"""What compiled functions refuse, and what they say of it; `test_kernel_entries.py` sees that nothing crashes."""

import subprocess
import sys

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors, Word2Vec
from fastemb.kernels import cooccurrence, glove, huffman, noise, pcg64, subwords, topk, vectorfile
from fastemb.kernels.sgd import epoch, specs
from fastemb.kernels.text import batch
from fastemb.kernels.text.encoder import Encoder, renumber
from fastemb.kernels.text.sentenceencoder import SentenceEncoder
from fastemb.kernels.text.textencoder import TextEncoder
from fastemb.kernels.text.wordtable import WordTable

SENTENCES = [["a", "b", "c", "d"], ["b", "c", "a"]] * 10
OPTIONS = {"min_count": 1, "vector_size": 4, "workers": 1, "epochs": 1, "sample": 0}


def singles(*shape):
    return np.zeros(shape, np.float32)


def longs(*numbers):
    return np.array(numbers, np.int64)


def ids(*numbers):
    return np.array(numbers, np.int32)


def misaligned(array):
    memory = np.empty(array.nbytes + 1, np.uint8)
    made = memory[1:].view(array.dtype).reshape(array.shape)
    made[...] = array
    assert not made.flags.aligned
    return made


def span_products(spans=((0, 2), (2, 4)), chosen=(0, 4, 2), starts=(0, 1, 3), copies=2, scores=6):
    spans = longs(*np.ravel(spans)).reshape(-1, 2)
    arrays = singles(4, 3), spans, singles(5, 3), ids(*chosen), longs(*starts), singles(copies, 3), singles(scores)
    topk.span_products(*arrays)


def span_sums(*spans, total=3):
    topk.span_sums(singles(4, 3), longs(*np.ravel(spans)).reshape(-1, 2), np.zeros(total), singles(len(spans), 3))


def update(scores=(2, 5), count=5, first=0, best=(2, 3), rows=(2, 3), filled=0):
    return topk.update(singles(*scores), count, first, singles(*best), np.zeros(rows, np.int64), filled)


def chunk_of(inputs, objectives, sampling=None):
    sampling = sampling or specs.Sampling(np.full(5, 2**32 - 1, np.uint32), 2, True, 1)
    return epoch.Epoch([(ids(0, 1, 2), longs(0, 3))], inputs, objectives, sampling, (0.1, 0.1), specs.Team(1))


def negatives(vectors=None, noise_words=2, centres=2):
    return specs.Negatives(
        singles(5, 4) if vectors is None else vectors, noise.NoiseTable(np.ones(5)), 1, noise_words, centres
    )


def skipgram(vectors=None, rows=8):
    return specs.SkipGram(specs.Rows(singles(5, 4) if vectors is None else vectors, np.ones(1, np.float32)), rows)


def overlapping(kind):
    matrix = singles(9, 4)
    return chunk_of(skipgram(matrix[:5]), [kind(matrix[4:])])


REFUSED = {
    "scores of fewer queries": (lambda: update((1, 5)), "as many queries"),
    "rows of another shape": (lambda: update(rows=(2, 4)), "of one shape"),
    "a count beyond the scores": (lambda: update(count=6), "count must be from 0 to 5, not 6"),
    "a negative count": (lambda: update(count=-1), "count must be from 0 to 5, not -1"),
    "a heap fuller than it is": (lambda: update(filled=4), "filled must be from 0 to 3, not 4"),
    "a first row beyond all": (lambda: update(first=2**63 - 1), "first must be from 0"),
    "vectors of another width": (lambda: topk.products(singles(2, 4), singles(3, 5), singles(2, 3)), "do not fit"),
    "too few scores": (
        lambda: topk.products(singles(2, 4), singles(3, 4), singles(2, 2)), "scores of shape \\(2, 2\\)"),
    "a span beyond the queries": (lambda: span_products(((0, 2), (2, 5))), "span 1 is from 2 to 5, of 4 rows"),
    "a span backwards": (lambda: span_products(((2, 0), (2, 4))), "span 0 is from 2 to 0"),
    "a chosen row beyond the vectors": (lambda: span_products(chosen=(0, 5, 2)), "is 5, outside 0 … 4"),
    "too few copies": (lambda: span_products(copies=1), "\\(1, 3\\) copies for 2 of them"),
    "too few products": (lambda: span_products(scores=5), "the number of scores do not fit"),
    "starts that do not end": (lambda: span_products(starts=(0, 1, 2)), "the number of items, 3"),
    "a sum beyond the rows": (lambda: span_sums((0, 2), (1, 5)), "span 1 is from 1 to 5, of 4 rows"),
    "a sum that goes back": (lambda: span_sums((1, 2), (0, 3)), "span 1 begins or ends before"),
    "a total of another width": (lambda: span_sums((0, 2), total=2), "the total must be of 3 numbers"),
    "too few singles": (lambda: topk.widen(np.zeros((2, 2), np.uint16), singles(2, 1)), "of one shape"),
    "too few lengths": (lambda: topk.lengths(singles(3, 2), singles(2)), "3 rows do not have 2 lengths"),
    "no band": (lambda: glove.scatter(ids(0), ids(0), np.ones(1), 1, 0, 0, 1), "band must be from 1"),
    "more parts than are numbered": (
        lambda: glove.scatter(ids(0), ids(0), np.ones(1), 10, 0, 1, 2**31), "parts must be from 1 to 214748364, not"),
    "a negative count of a word": (lambda: huffman.huffman_paths(longs(3, -1)), "the count of word 1 is -1"),
    "counts beyond int64": (lambda: huffman.huffman_paths(longs(2**62, 2**62)), "nor their sum above"),
    "noise that cannot be told from none": (lambda: noise.NoiseTable([5e-324, 0.0]), "must be finite"),
    "a row beyond 64 bits": (lambda: pcg64.random_rows(1, 3, longs(2**62), singles(1, 8)), "rows must be from 0 to"),
    "a negative vocabulary": (lambda: cooccurrence.Segment(ids(0), ids(), -1), "words must be from 0 to"),
    "text that is no int32": (lambda: cooccurrence.Segment(longs(2**32), ids(), 1), "dtype mismatch"),
    "a weight of nothing": (
        lambda: cooccurrence.Segment(ids(0, 0), ids(), 1).count(0, 1, longs(1, 0), True, cooccurrence.Sums(1)),
        "weight 1 of 2 words is 0"),
    "a count of nothing": (
        lambda: cooccurrence.add_rows([(longs(0, 1), ids(0), longs(0))], 1, cooccurrence.Sums(1)),
        "count 0 of a run is 0"),
    "counts of runs beyond int64": (
        lambda: cooccurrence.add_rows([(longs(0, 1), ids(0), longs(2**62))] * 2, 1, cooccurrence.Sums(1)), "below 2"),
    "no buckets": (lambda: subwords.ngram_ids_of_word(b"<a>", 1, 2, 0), "buckets must be from 1 to 2147483647, not 0"),
    "a record of negative width": (lambda: vectorfile.cut_records(b"a b" + bytes(8), 3, -9, 5), "width must be from 0"),
    "a line before the block": (
        lambda: vectorfile.fill_lines(bytes(9), -1, singles(1, 2), np.zeros((1, 2), np.int64)), "margin"),
    "places of one number": (lambda: vectorfile.decode_words(b"a", longs(0).reshape(1, 1), []), "shape \\(1, 2\\)"),
    "a number for no word": (lambda: renumber(ids(0, 3), ids(5, 6)), "ids must be from -1 to 1, not 3"),
    "a table into itself": (lambda: (lambda table: table.merge(table))(WordTable(["a"])), "into itself"),
    "no objective": (lambda: chunk_of(skipgram(), [None]), "none of them None"),
    "labels of no side": (lambda: specs.Paths(longs(0, 1), ids(0), np.full(1, 0.5, np.float32)), "0 or 1"),
    "workers beyond reason": (lambda: specs.Team(2**40), "workers must be from 1 to 2147483647"),
    "matrices that overlap": (lambda: overlapping(negatives), "must not overlap"),
    "means over their rows": (
        lambda: (lambda rows: batch.weighted_means(rows,
            np.ones(3), ids(0, 1), longs(0, 1, 2), rows[1:]))(singles(3, 4)),
        "must not overlap"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_said(name):
    call, sentence = REFUSED[name]
    with pytest.raises(ValueError, match=sentence):
        call()


def test_runs_of_large_counts_are_added():
    runs = [(longs(0, 1), ids(0), longs(count)) for count in (2**62, 1, 2**61)]
    _, _, counts = cooccurrence.add_rows(runs, 1, cooccurrence.Sums(1))
    assert counts.tolist() == [2**62 + 1 + 2**61]


def test_none_is_no_array():
    with pytest.raises(TypeError, match="Argument 'rows' must not be None"):
        topk.normalize(None)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_misaligned_arrays_are_refused(dtype):
    call = {np.float32: topk.normalize, np.int64: huffman.huffman_paths}.get(dtype)
    array = np.ones((2, 3) if dtype == np.float32 else 3, dtype)
    if call is None:
        with pytest.raises(ValueError, match="no multiple of 8"):
            glove.scatter(ids(0, 1, 2), ids(0, 1, 2), misaligned(array), 3, 0, 1, 1)
        return
    call(array)
    with pytest.raises(ValueError, match=f"begins at an address that is no multiple of {array.itemsize}"):
        call(misaligned(array))


def test_sizes_that_no_number_holds_are_no_memory():
    most = 2**31 - 1
    made = chunk_of(skipgram(rows=most), [negatives(noise_words=most, centres=most)])
    with pytest.raises(MemoryError, match="no memory for a worker"):
        made.work()


def test_a_class_of_what_is_trained_is_what_it_was_made_of():
    objective = negatives()
    with pytest.raises(TypeError):
        specs.Negatives.__new__(specs.Negatives)
    specs.Negatives.__init__(objective, 1, 2, 3)  # has no effect
    assert chunk_of(skipgram(), [objective]).work()[0] == 3


def test_an_encoder_goes_on_from_nothing_after_its_end():
    made = TextEncoder()
    made.feed(b"a b\nc", True)
    first = made.finish()
    made.feed(b"d " * 10_000, True)
    assert [array.tolist() for array in first] == [[0, 1, 2], [0, 2, 3]]
    assert [len(array) for array in made.finish()] == [10_000, 2]
    with pytest.raises(TypeError, match="no encoder by itself"):
        Encoder()


def test_numbers_of_a_vocabulary_are_int32():
    made = SentenceEncoder({"é": 2**40})
    with pytest.raises(OverflowError, match="the number of 'é' is 1099511627776"):
        made.add(["é"])


def test_vectors_of_another_width_are_not_scored():
    model = Word2Vec(SENTENCES, **OPTIONS, hs=1, negative=0)
    model.wv.vectors = np.ones((4, 6), np.float32)
    with pytest.raises(ValueError, match=r"wv.vectors is of shape \(4, 6\), and syn1 of \(4, 4\)"):
        model.score(SENTENCES[:2])


def test_counts_of_a_tree_are_whole_numbers():
    model = Word2Vec(SENTENCES, **OPTIONS, hs=1, negative=0)
    expected = model.score(SENTENCES[:2])
    counts = model.wv.expandos["count"]
    model.wv.expandos["count"] = counts.astype(np.int32)
    assert np.array_equal(model.score(SENTENCES[:2]), expected)
    model.wv.expandos["count"] = counts.astype(np.float64)
    with pytest.raises(ValueError, match=r"wv.expandos\['count'\] is of float64"):
        model.train(SENTENCES, total_examples=20, epochs=1)
    model.wv.expandos["count"] = -counts
    with pytest.raises(ValueError, match="the count of word 0 is -"):
        model.score(SENTENCES[:2])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_misaligned_vectors_are_searched(dtype):
    vectors = np.random.default_rng(0).random((20, 5)).astype(dtype)
    expected, keyed = KeyedVectors(5), KeyedVectors(5)
    for made, rows in ((expected, vectors), (keyed, misaligned(vectors))):
        made.add_vectors([f"w{k}" for k in range(20)], vectors)
        made.vectors = rows
    assert keyed.most_similar("w3") == expected.most_similar("w3")
    assert keyed.most_similar_batch(["w3", "w4"]) == expected.most_similar_batch(["w3", "w4"])
    np.testing.assert_array_equal(keyed.get_mean_vectors([["w1", "w2"]]), expected.get_mean_vectors([["w1", "w2"]]))


@pytest.mark.parametrize(("kind", "lock"), [(Word2Vec, "vectors_lockf"), (FastText, "vectors_ngrams_lockf")])
def test_misaligned_locks_and_vectors_are_trained(kind, lock):
    options = OPTIONS | ({"bucket": 20} if kind is FastText else {})
    trained = []
    for change in (np.array, misaligned):
        model = kind(SENTENCES, **options)
        setattr(model.wv, lock, change(np.full(1, 0.5, np.float32)))
        model.syn1neg = change(model.syn1neg)
        model.train(SENTENCES, total_examples=20, epochs=1)
        trained.append(model.wv["a"])
    assert np.array_equal(*trained)


def test_empty_memory_is_not_moved():
    code = "from fastemb.kernels.text.textencoder import TextEncoder as T; print([a.tolist() for a in T().take()])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "[[], [0]]\n"), done.stderr
