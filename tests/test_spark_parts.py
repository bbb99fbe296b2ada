"""What the tasks of fastemb.spark do, called one after another as Spark would: no Java is needed."""

import tracemalloc
from functools import partial

import numpy as np
import pytest
from spark_cluster import sentences

import fastemb
from fastemb.corpus.cooccurrence import Window

pa = pytest.importorskip("pyarrow", reason="PyArrow is not installed")
parquet = pytest.importorskip("pyarrow.parquet", reason="PyArrow is not installed")
pytest.importorskip("pyspark", reason="pyspark is not installed")

from fastemb.spark import answers, cells, classifier, counting, encoding, rows, training  # noqa: E402
from fastemb.spark.errors import Told  # noqa: E402
from fastemb.spark.model import VectorModel  # noqa: E402

BUCKETS = 3
SMALL = {"vector_size": 8, "min_count": 2, "workers": 1, "epochs": 1}
GIVEN = sentences()
PARTS = [GIVEN[:100], [], GIVEN[100:101], GIVEN[101:]]


class Context:
    """What a task is told of itself."""

    def __init__(self, partition):
        self.partitionId, self.cpus = lambda: partition, lambda: 1


def encoded(monkeypatch, parts, kind):
    """Rows of partitions, each in batches of 40 sentences."""
    made = []
    for number, part in enumerate(parts):
        monkeypatch.setattr(encoding.TaskContext, "get", classmethod(lambda cls, number=number: Context(number)))
        lists = [pa.array(part[k : k + 40], pa.list_(kind)) for k in range(0, len(part), 40)]
        batches = [pa.RecordBatch.from_arrays([each], ["text"]) for each in lists]
        made += encoding.encode_partition(batches, "text", 1000, BUCKETS, fastemb.__version__)
    return made


def divided(batches, by):
    """Each row as a batch, in lists by what a function says of it."""
    found = {}
    for batch in batches:
        for k in range(batch.num_rows):
            found.setdefault(by(batch.slice(k, 1)), []).append(batch.slice(k, 1))
    return found


def value(name, row):
    return row.column(name)[0].as_py()


def trained(batches):
    """Words and vectors of what comes out."""
    found = [batch for batch in batches if batch.column("word").null_count == 0]
    words = [word for batch in found for word in batch.column("word").to_pylist()]
    return words, np.concatenate([answers.matrix_of(batch.column("vector")) for batch in found])


def vocabulary(batches, min_count=2):
    buckets = divided([batch.filter(batch.column("bucket").is_valid()) for batch in batches], partial(value, "bucket"))
    return [row for some in reversed(buckets.values()) for row in counting.merge_counts(some, min_count)]


@pytest.fixture(params=["words", "numbers"])
def corpus(request, monkeypatch):
    """Sentences, their rows, and whether words are numbers."""
    integers = request.param == "numbers"
    parts = [[[int.from_bytes(w.encode()[:3]) - 5 for w in s] for s in part] for part in PARTS] if integers else PARTS
    found = encoded(monkeypatch, parts, pa.int32() if integers else pa.string())
    return [sentence for part in parts for sentence in part], found, integers


def sentences_in(batches):
    return [batch.filter(batch.column("bucket").is_null()) for batch in batches]


def test_word2vec_is_that_of_one_machine(corpus):
    given, found, integers = corpus
    one = fastemb.Word2Vec(given, sg=1, **SMALL)
    task = training.Training("Word2Vec", {"sg": 1, **SMALL}, integers, "", fastemb.__version__)
    words, vectors = trained(training.train([*vocabulary(found), *reversed(sentences_in(found))], task))
    assert words == list(map(str, one.wv.index_to_key))
    assert vectors.tobytes() == one.wv.vectors.tobytes()


@pytest.mark.parametrize("window", [5, 50])  # the second one counts in powers of two
def test_glove_is_that_of_one_machine(corpus, window):
    given, found, integers = corpus
    one = fastemb.GloVe(given, window=window, **SMALL)
    task = training.Training("GloVe", {"window": window, **SMALL}, integers, "", fastemb.__version__)
    numbered = list(cells.number_words(vocabulary(found), task, BUCKETS))
    places = divided([*numbered[1:], *sentences_in(found)], lambda row: value("place", row) >> rows.UPPER)
    assert len(places) > 2
    count = partial(cells.count_cells, window=Window(window), memory=2**20)
    ranges = divided([row for part in places.values() for row in count(part)], partial(value, "bucket"))
    assert len(ranges) == BUCKETS
    merged = [row for some in reversed(ranges.values()) for row in cells.merge_cells(some)]
    words, vectors = trained(cells.train_on_cells([*merged, numbered[0]], task, Window(window)))
    assert words == list(map(str, one.wv.index_to_key))
    assert vectors.tobytes() == one.wv.vectors.tobytes()


def test_no_word_is_left(monkeypatch):
    task = training.Training("Word2Vec", {**SMALL, "min_count": 9}, False, "", fastemb.__version__)
    for parts, message in (
        ([[["a", "b"], []], [["a"]]], "the most frequent of 2 words occurs 2 times, and minCount is 9"),
        ([[[]], []], "the corpus has no words"),
    ):
        found = encoded(monkeypatch, parts, pa.string())
        with pytest.raises(Told, match=message):
            list(training.train([*vocabulary(found, 9), *sentences_in(found)], task))
        with pytest.raises(Told, match=message):
            list(cells.number_words(vocabulary(found, 9), task, BUCKETS))


def test_nothing_came_to_be_trained_on():
    task = training.Training("GloVe", SMALL, False, "", fastemb.__version__)
    with pytest.raises(Told, match="the corpus has no words"):
        list(cells.train_on_cells([], task, Window(5)))


@pytest.mark.parametrize("at_once", [1, 3, 2**16])
def test_cells_of_some_parts_are_added_up(monkeypatch, at_once):
    """Also where those of a cell would be on both sides of a bound between rows."""
    monkeypatch.setattr(cells, "AT_ONCE", at_once)
    random, expected, given = np.random.default_rng(1), {}, []
    for bucket in (0, 1, 0, 0, 1):
        i, j = random.integers(0, 5, (2, 40), np.int32)
        i.sort()
        counts = random.integers(1, 2**50, 40)
        given.append(rows.row(0, bucket, ids=i, numbers=j, counts=counts))
        for *cell, count in zip(i.tolist(), j.tolist(), counts.tolist(), strict=True):
            expected[bucket, *cell] = expected.get((bucket, *cell), 0) + count
    found = [
        (value("bucket", row), value("place", row), *map(partial(numbers, row), cells.KINDS))
        for row in cells.merge_cells(given)
    ]
    found = [
        (bucket, *cell)
        for bucket, _, *each in sorted(found, key=lambda row: row[:2])
        for cell in zip(*each, strict=True)
    ]
    assert found == sorted((*cell, count) for cell, count in expected.items())


def numbers(row, named):
    return rows.value_of(row, 0, *named).tolist()


def test_cells_take_no_more_memory_than_is_said(monkeypatch):
    """16 bytes for each, and little more (docs/spark.md)."""
    monkeypatch.setattr(cells, "AT_ONCE", 2**14)
    count, each = 2**20, 2**14

    def given():
        for _ in range(8):
            ids = np.arange(count // 8, dtype=np.int32)
            for k in range(0, len(ids), each):
                some = ids[k : k + each]
                yield rows.row(0, 0, ids=some, numbers=some, counts=np.ones(each, np.int64))

    tracemalloc.start()
    try:
        found = sum(len(row.column("ids")[0].as_buffer()) // 4 for row in cells.merge_cells(given()))
        assert tracemalloc.get_traced_memory()[1] < 19 * count
        assert found == count // 8
    finally:
        tracemalloc.stop()


def learned(monkeypatch, tmp_path, texts, labels, **parameters):
    """What answers with a classifier of these texts."""
    parameters = {"vector_size": 4, "alpha": 1.0, "epochs": 50, "bucket": 0, "workers": 1, **parameters}
    task = training.Training("Classifier", parameters, False, "model", fastemb.__version__)
    kind = pa.string() if isinstance(labels[0], str) else pa.list_(pa.string())
    batch = pa.RecordBatch.from_arrays([pa.array(texts), pa.array(labels, kind)], ["text", "labels"])
    pieces = sorted(
        (value("id", piece), value("piece", piece)) for piece in classifier.learn([batch], task, ("text", "label"))
    )
    (tmp_path / "model").write_bytes(b"".join(piece for _, piece in pieces))
    model = fastemb.Classifier.load(tmp_path / "model")
    monkeypatch.setattr(answers.Labels, "model", lambda self: model)
    return answers.Labels("text", [], False)


@pytest.mark.parametrize("several", [False, True])
def test_labels_are_those_that_were_given(monkeypatch, tmp_path, several):
    """Also with fastText's prefix, once or twice, of which none becomes another, and of several lines."""
    labels = ["__label__cat", "cat", "__label____label__cat", "__label__", "two words", "two\nlines", "", "żółw"]
    texts = [f"w{k}" for k in range(len(labels))]
    found = learned(monkeypatch, tmp_path, texts, [[label] for label in labels] if several else labels)
    assert sorted(found.labels()) == sorted(labels)
    assert found(pa.array(texts)).field("label").to_pylist() == labels


def test_texts_without_known_words_have_labels(monkeypatch, tmp_path):
    unknown = pa.array(["", "   ", "zzz"])
    found = learned(monkeypatch, tmp_path, ["a", "b", "c"], ["x", "x", "y"])(unknown)
    assert found.field("label").to_pylist() == ["x"] * 3
    found = learned(monkeypatch, tmp_path, ["a " * 9, "b " * 9, "c " * 9], ["x", "x", "y"], min_count=9)(unknown)
    assert found.field("label").to_pylist() == [None] * 3
    assert not np.any(found.field("probabilities").to_pylist())


@pytest.mark.parametrize(
    ("text", "label", "kind", "message"),
    [
        (None, "a", pa.string(), r"'text' has null: .*dropna\(subset=\['text'\]\)"),
        ("a", None, pa.string(), r"'tags' has null: .*dropna\(subset=\['tags'\]\)"),
        ("a", None, pa.list_(pa.string()), r"'tags' has null: .*dropna\(subset=\['tags'\]\)"),
        ("a", ["b", None], pa.list_(pa.string()), r"'tags' has null among a row's labels: .*array_compact\(\)"),
    ],
)
def test_null_among_texts_and_labels(text, label, kind, message):
    batch = pa.RecordBatch.from_arrays([pa.array([text], pa.string()), pa.array([label], kind)], ["text", "labels"])
    with pytest.raises(ValueError, match=message):
        list(classifier.pairs_of([batch], ("text", "tags")))


def test_texts_of_several_lines_are_refused(monkeypatch, tmp_path):
    found, texts = learned(monkeypatch, tmp_path, ["a", "b"], ["x", "y"]), pa.array(["a", "a\nb", "b\n"])
    with pytest.raises(ValueError, match=r"'text' has an end of line in 2 of 3 rows, and .*translate\('text', '\\n'"):
        found(texts)
    given = pa.RecordBatch.from_arrays([texts, pa.array(["x"] * 3)], ["text", "labels"])
    with pytest.raises(ValueError, match=r"column 'said' has an end of line in 2 of 3 rows, first in row 2, and"):
        list(classifier.pairs_of([given[:1], given], ("said", "tags")))


def test_buckets_are_of_letters():
    words = ["", "a", "ab", "ba", "", "ab", "x" * 1000]
    text = np.frombuffer("".join(words).encode(), np.uint8)
    found = encoding.buckets_of(rows.starts_of(np.array(list(map(len, words)))), text, 1000)
    assert found.tolist() == [
        encoding.buckets_of(np.array([0, len(w)]), np.frombuffer(w.encode(), np.uint8), 1000)[0] for w in words
    ]
    assert len(set(found.tolist())) == 5
    assert (found >= 0).all()
    assert (found < 1000).all()


def test_ranges_of_rows_hold_all():
    for counts in ([5], [5, 5], list(range(1000, 0, -1))):
        bounds = cells.bounds_of(np.array(counts), BUCKETS)
        assert bounds[0] == 0
        assert bounds[-1] == len(counts)
        assert (np.diff(bounds) >= 0).all()


def stored(folder, monkeypatch, batches, name="part"):
    """What came out of training, as Spark stores it."""
    parquet.write_table(pa.Table.from_batches(batches, training.ARROW), folder / name)
    monkeypatch.setattr(answers.SparkFiles, "get", lambda name: str(folder / name))
    monkeypatch.setattr(answers.SparkFiles, "getRootDirectory", lambda: str(folder))
    return [name]


def with_number(batch, number):
    """The first row, with another number."""
    return pa.RecordBatch.from_arrays([pa.array([number], pa.int64()), *batch[:1].columns[1:]], schema=training.ARROW)


def test_pieces_and_words_are_there_once_and_all(tmp_path, monkeypatch):
    model = fastemb.Word2Vec(GIVEN, vector_size=8, min_count=1, epochs=1, workers=1)
    for module in (training, answers):
        monkeypatch.setattr(module, "PIECE", 1000)
    monkeypatch.setattr(training, "BYTES", 8 * 4 * 3)
    pieces, words = list(training.pieces_of(model.wv)), list(training.rows_of(model.wv))
    assert len(pieces) > 4 < len(words)
    target = tmp_path / "target"
    for given, save in ((pieces, answers.save_pieces), (words, partial(answers.save_vectors, integers=False))):
        save(stored(tmp_path, monkeypatch, given[::-1]), target=str(target))
        found = fastemb.KeyedVectors.load(target)
        assert found.index_to_key == model.wv.index_to_key
        np.testing.assert_array_equal(found.vectors, model.wv.vectors)
        target.unlink()
        without = given[1:]
        for wrong in (without, given[:2] + given[3:], [*given, given[1]], [with_number(given[0], None), *without],
                      [with_number(given[0], -1), *without], []):  # fmt: skip
            with pytest.raises(ValueError, match="what Spark has stored of a model is damaged"):
                save(stored(tmp_path, monkeypatch, wrong), target=str(target))
            assert [path.name for path in tmp_path.iterdir()] == ["part"]
    last = len(pieces) - 1  # which is short
    wrong = [*pieces[:-1], with_number(pieces[0], last), with_number(pieces[-1], last - 1)]
    del wrong[last - 1]
    with pytest.raises(ValueError, match="a piece is of another size"):
        answers.save_pieces(stored(tmp_path, monkeypatch, wrong), str(target))


def test_models_that_answer_in_turn_are_loaded_once(tmp_path, monkeypatch):
    models = [fastemb.Word2Vec(GIVEN, vector_size=size, min_count=1, epochs=1, workers=1) for size in (4, 8)]
    loads, load, some = [], answers.KeyedVectors.load, [sentence for sentence in GIVEN[:9] if sentence]
    monkeypatch.setattr(answers.KeyedVectors, "load", lambda path, mmap: (loads.append(path), load(path, mmap))[1])
    monkeypatch.setattr(answers, "KEPT", {})
    every = [
        answers.Means("words", stored(tmp_path, monkeypatch, list(training.rows_of(model.wv)), f"part-{size}"), False)
        for size, model in enumerate(models)
    ]
    column = pa.array(some, pa.list_(pa.string()))
    for _ in range(3):
        for model, means in zip(models, every, strict=True):
            wanted = [np.mean([model.wv[word] for word in sentence], axis=0) for sentence in some]
            np.testing.assert_allclose(means(column), wanted, atol=1e-6)
    assert len(loads) == 2
    for k in range(30):
        assert answers.kept(f"x{k}", lambda k=k: k) == k
    assert len(answers.KEPT) == answers.MOST_KEPT


def test_whole_numbers_have_their_own_vectors_and_those_of_their_digits(monkeypatch):
    model = fastemb.FastText([[1, 0, 3, 4], [12, 123, 3, 4]] * 9, vector_size=4, min_count=1, epochs=1, bucket=100)
    monkeypatch.setattr(answers.MeansOfNgrams, "vectors", lambda self: model.wv)
    found = answers.MeansOfNgrams("words", ["part"], True)(pa.array([[1], [0], [123, 12], [1234], []]))
    wv = model.wv
    wanted = [wv[1], wv[0], (wv[123] + wv[12]) / 2, wv[1234], np.zeros(4)]
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert not np.allclose(wv[123], wv["123"], atol=1e-3)  # which is of its digits alone


@pytest.mark.parametrize("kind", [answers.Means, answers.MeansOfNgrams, answers.Inferred])
def test_null_in_the_place_of_a_word_is_named(monkeypatch, kind):
    model = fastemb.Word2Vec(GIVEN, vector_size=4, min_count=1, epochs=1)
    monkeypatch.setattr(kind, "vectors", lambda self: model.wv)
    for given, message in (
        ([["a"], ["a", None]], "'it' has null among the words of a row"),
        ([None], "'it' is null in 1 of"),
    ):
        with pytest.raises(ValueError, match=message):
            kind("it", ["part"], False)(pa.array(given, pa.list_(pa.string())))


def test_numbers_are_no_words_of_a_model_of_texts():
    """KeyedVectors take a number that is no key for that of a row."""
    of_texts, of_numbers = (
        fastemb.Word2Vec(s, vector_size=4, min_count=1, epochs=1).wv for s in (GIVEN, [[7, 8, 9]] * 9)
    )
    for wv, integers, wrong in ((of_texts, False, 3), (of_texts, False, np.int64(3)), (of_numbers, True, "8")):
        made = VectorModel.__new__(VectorModel)
        made.integers, made._wv = integers, wv
        with pytest.raises(ValueError, match="not in vocabulary"):
            made.findSynonymsArray(wrong, 2)
        assert len(made.findSynonymsArray(wv.index_to_key[1], 2)) == 2
