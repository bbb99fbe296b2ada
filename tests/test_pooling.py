"""Vectors of texts, against what a few lines of NumPy make of them."""

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors, Word2Vec, load_vectors
from fastemb.kernels.text.batch import extremes, weighted_means
from fastemb.pooling import SIF, USIF, Max, Mean, PowerMeans, Tfidf, base

WORDS = [f"w{k}" for k in range(40)]
DRAW = np.random.default_rng(5)
VECTORS = (DRAW.standard_normal((40, 9)) + 1).astype(np.float32)
COUNTS = np.array([10_000 // (k + 1) for k in range(40)])
TEXTS = [" ".join(DRAW.choice([*WORDS, "unknown"], size=n)) for n in DRAW.integers(0, 12, 200)]
TEXTS[3:6] = ["", "unknown", "unknown \n unknown"]
KINDS = [Mean, Tfidf, SIF, USIF, Max, PowerMeans]


def vectors(counts=True):
    return KeyedVectors.from_arrays(WORDS, VECTORS.copy(), {"count": COUNTS} if counts else {})


def units():
    return VECTORS.astype(float) / np.linalg.norm(VECTORS.astype(float), axis=1)[:, np.newaxis]


def rows_of(text):
    return [WORDS.index(word) for word in text.split() if word in WORDS]


def plain(rows_to_vector, width=9):
    """What makes a vector of each text's rows; zeros where there are none."""
    return np.array([rows_to_vector(rows_of(text)) if rows_of(text) else np.zeros(width) for text in TEXTS])


def without_common(found, components, weighed):
    squares, directions = np.linalg.svd(found)[1:]
    shares = squares[:components] ** 2 / (squares[:components] ** 2).sum() if weighed else np.ones(components)
    return found - (found @ directions[:components].T * shares) @ directions[:components]


def idf(texts):
    having = np.array([sum(word in text.split() for text in texts) for word in WORDS])
    return np.log((1 + len(texts)) / (1 + having)) + 1


def usif_weights(frequencies, lengths):
    words = np.count_nonzero(frequencies)
    likely = np.mean(frequencies > 1 - (1 - 1 / words) ** lengths)
    a = (1 - likely) / (likely * words / 2)
    return a / (a / 2 + frequencies)


def expected(kind):
    v, p = units(), COUNTS / COUNTS.sum()
    known = np.mean([len(rows_of(text)) for text in TEXTS])
    if kind is Mean:
        return plain(lambda rows: v[rows].mean(axis=0))
    if kind is Tfidf:
        w = idf(TEXTS)
        return plain(lambda rows: (w[rows, np.newaxis] * v[rows]).sum(axis=0) / w[rows].sum())
    if kind is SIF:
        w = 1e-3 / (1e-3 + p)
        return without_common(plain(lambda rows: (w[rows, np.newaxis] * v[rows]).mean(axis=0)), 1, False)
    if kind is USIF:
        w = usif_weights(p, known)
        return without_common(plain(lambda rows: (w[rows, np.newaxis] * v[rows]).mean(axis=0)), 5, True)
    if kind is Max:
        return plain(lambda rows: v[rows].max(axis=0))
    return plain(lambda rows: np.concatenate([v[rows].mean(axis=0), v[rows].max(axis=0), v[rows].min(axis=0)]), 27)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_those_of_numpy(kind, workers, monkeypatch):
    monkeypatch.setattr("fastemb.texts.SMALL", 100)
    monkeypatch.setattr("fastemb.pooling.components.BLOCK", 30)
    pooling = kind(vectors(), workers=workers)
    found = pooling.fit(TEXTS).transform(TEXTS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected(kind), atol=2e-6)
    np.testing.assert_array_equal(found, kind(vectors(), workers=1).fit_transform(iter(TEXTS)))
    np.testing.assert_array_equal(pooling.transform([text.split() for text in TEXTS]), found)
    for place in (3, 4, 5):
        assert not found[place].any()


@pytest.mark.parametrize("kind", KINDS)
def test_texts_without_known_words_are_zeros(kind):
    pooling = kind(vectors())
    for texts in (["", "unknown", " "], [[], ["unknown"]], []):
        found = pooling.fit(texts).transform(texts)
        assert found.shape == (len(texts), 27 if kind is PowerMeans else 9)
        assert not found.any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_is_as_if_it_stood_alone(kind):
    wide = KeyedVectors.from_arrays(WORDS, DRAW.standard_normal((40, 100)).astype(np.float32), {"count": COUNTS})
    pooling = kind(wide, components=3) if kind in (SIF, USIF) else kind(wide)
    together = pooling.fit(TEXTS).transform(TEXTS)
    for many in (1, 3, 7):
        parts = [pooling.transform(TEXTS[begin : begin + many]) for begin in range(0, len(TEXTS), many)]
        np.testing.assert_array_equal(np.concatenate(parts), together)


@pytest.mark.parametrize("kind", KINDS)
def test_matrices_are_as_texts(kind):
    sparse = pytest.importorskip("scipy.sparse")
    columns = [*reversed(WORDS), "unknown"]
    table = np.array([[text.split().count(word) for word in columns] for text in TEXTS])
    from_texts = kind(vectors()).fit_transform(TEXTS)
    for matrix in (sparse.csr_matrix(table), sparse.csc_array(table)):
        for given in (columns, {word: k for k, word in enumerate(columns)}):
            found = kind(vectors(), columns=given, workers=3).fit_transform(matrix)
            np.testing.assert_allclose(found, from_texts, atol=2e-6)


def test_numbers_of_a_matrix_weigh():
    sparse = pytest.importorskip("scipy.sparse")
    table = np.array([[0.5, 0, 2], [0, 0, 0], [-1, 0, 0]])
    found = Mean(vectors(), columns=["w1", "w2", "w3"], normalize=False).transform(sparse.csr_matrix(table))
    np.testing.assert_allclose(found, [(0.5 * VECTORS[1] + 2 * VECTORS[3]) / 2.5, np.zeros(9), -VECTORS[1]], rtol=1e-4)


@pytest.mark.parametrize("workers", [1, 3])
def test_fractions_of_a_matrix_are_counted(workers):
    sparse = pytest.importorskip("scipy.sparse")
    table = np.array([[0.25, 0, 0.4], [0.1, 0.1, 0], [0, 0.25, 0]])
    pooling = SIF(vectors(), a=0.01, columns=["w1", "w2", "w3"], counts="texts", workers=workers)
    weights = pooling.fit(sparse.csr_matrix(table)).word_weights
    np.testing.assert_allclose(weights[:5], [1, *(0.01 / (0.01 + table.sum(axis=0) / 1.1)), 1], rtol=1e-4)


@pytest.mark.parametrize("kind", [SIF, USIF])
def test_texts_that_fail_leave_what_was_learnt(kind):
    class Failing:
        read = 0

        def __iter__(self):
            self.read += 1
            yield "w1 w2"
            if self.read > 1:
                raise OSError("gone")

    pooling = kind(vectors(), counts="texts")
    with pytest.raises(OSError, match="gone"):
        pooling.fit(Failing())
    with pytest.raises(RuntimeError, match="has learnt nothing yet"):
        pooling.transform(TEXTS)
    found = pooling.fit_transform(TEXTS)
    with pytest.raises(OSError, match="gone"):
        pooling.fit(Failing())
    np.testing.assert_array_equal(pooling.transform(TEXTS), found)


def test_vectorisers_of_scikit_learn_fit():
    text = pytest.importorskip("sklearn.feature_extraction.text")
    pipeline = pytest.importorskip("sklearn.pipeline")
    clone = pytest.importorskip("sklearn.base").clone
    counting = text.CountVectorizer(token_pattern=r"\S+")
    matrix = counting.fit_transform(TEXTS)
    for columns in (counting.get_feature_names_out(), counting.vocabulary_):
        found = SIF(vectors(), columns=columns).fit_transform(matrix)
        np.testing.assert_allclose(found, expected(SIF), atol=2e-6)
    weighing = text.TfidfVectorizer(token_pattern=r"\S+", norm=None)
    matrix = weighing.fit_transform(TEXTS)
    found = Mean(vectors(), columns=weighing.vocabulary_).transform(matrix)
    np.testing.assert_allclose(found, expected(Tfidf), atol=2e-6)
    whole = pipeline.make_pipeline(USIF(vectors(), components=2))
    assert whole.fit_transform(TEXTS).shape == (200, 9)
    assert clone(PowerMeans(vectors(), powers=(1, 3))).powers == (1, 3)


@pytest.mark.parametrize("power", [3, 21, 101, 999])
def test_power_means_of_one_word_are_its_vector(power):
    known = vectors()
    words = known.index_to_key[:4]
    found = PowerMeans(known, powers=[power]).transform([[word] for word in words])
    np.testing.assert_allclose(found, known.get_normed_vectors()[:4], rtol=1e-5)
    large = KeyedVectors.from_arrays(words, known.vectors[:4] * np.float32(1e30))
    found = PowerMeans(large, powers=[power], normalize=False).transform([words])
    units = (known.vectors[:4] / np.abs(known.vectors[:4]).max(axis=0)).astype(float)
    powers = np.mean(units**power, axis=0)
    wanted = np.sign(powers) * np.abs(powers) ** (1 / power) * np.abs(large.vectors).max(axis=0)
    np.testing.assert_allclose(found[0], wanted, rtol=1e-5)


def test_parameters_do_what_they_say():
    v = units()
    raw = Mean(vectors(), normalize=False).transform(TEXTS)
    np.testing.assert_allclose(raw, plain(lambda rows: VECTORS[rows].mean(axis=0)), atol=2e-6)
    cubes = PowerMeans(vectors(), powers=[3]).transform(TEXTS)
    np.testing.assert_allclose(cubes, plain(lambda rows: np.cbrt((v[rows] ** 3).mean(axis=0))), atol=1e-5)
    p = np.array([sum(text.split().count(word) for text in TEXTS) for word in WORDS])
    w = 0.01 / (0.01 + p / p.sum())
    found = SIF(vectors(), a=0.01, components=0, counts="texts").fit_transform(TEXTS)
    np.testing.assert_allclose(found, plain(lambda rows: (w[rows, np.newaxis] * v[rows]).mean(axis=0)), atol=2e-6)
    np.testing.assert_array_equal(SIF(vectors(False), a=0.01, components=0).fit_transform(TEXTS), found)
    assert SIF(vectors(), components=99).fit(TEXTS).common.shape == (9, 9)
    set_later = Mean(vectors()).set_params(normalize=False)
    np.testing.assert_array_equal(set_later.transform(TEXTS), raw)


@pytest.mark.parametrize(
    ("kind", "wrong", "error"),
    [
        (SIF, {"components": -1}, ValueError),
        (USIF, {"components": 1.5}, TypeError),
        (SIF, {"a": -1}, ValueError),
        (SIF, {"counts": "words"}, ValueError),
        (PowerMeans, {"powers": (2,)}, ValueError),
        (PowerMeans, {"powers": ()}, ValueError),
    ],
)
def test_parameters_that_are_set_later_are_checked(kind, wrong, error):
    pooling = kind(vectors())
    with pytest.raises(error, match=next(iter(wrong))):
        pooling.set_params(normalize=False, **wrong)
    assert pooling.get_params() == kind(pooling.wv).get_params()


def test_models_will_do_and_words_never_seen():
    sentences = [text.split() for text in TEXTS]
    model = FastText(sentences, vector_size=6, bucket=100, min_count=1, epochs=1, workers=1)
    for kind in (Mean, Tfidf, SIF, Max):
        pooling = kind(model, components=0) if kind is SIF else kind(model)
        found = pooling.fit(TEXTS).transform(["w1", "w1w2w3", ""])
        assert found[1].any()
        np.testing.assert_allclose(found[1], model.wv.get_vector("w1w2w3", norm=True), rtol=1e-4)
        assert not found[2].any()
    small = Word2Vec(sentences, vector_size=4, min_count=1, workers=1)
    np.testing.assert_array_equal(Mean(small).transform(TEXTS), small.wv.get_mean_vectors(TEXTS))


@pytest.mark.parametrize("kind", KINDS)
def test_copies_and_files_say_the_same(kind, tmp_path):
    pooling = kind(vectors()).fit(TEXTS)
    found = pooling.transform(TEXTS)
    pooling.save(tmp_path / "pooling")
    for again in (
        kind.load(tmp_path / "pooling", vectors()), copy.deepcopy(pooling), pickle.loads(pickle.dumps(pooling))
    ):  # fmt: skip
        np.testing.assert_array_equal(again.transform(TEXTS), found)
    others = ["more", *reversed(WORDS)]
    rearranged = KeyedVectors.from_arrays(others, np.concatenate([VECTORS[:1], VECTORS[::-1]]))
    known = [text for text in TEXTS if "unknown" not in text]
    again = kind.load(tmp_path / "pooling", rearranged, workers=2).transform(known)
    np.testing.assert_allclose(again, pooling.transform(known), atol=1e-6)
    with pytest.raises(ValueError, match=f"holds {kind.__name__}"):
        (Mean if kind is not Mean else Max).load(tmp_path / "pooling", vectors())


def test_parameters_that_are_numpys_are_saved(tmp_path):
    for pooling in (PowerMeans(vectors(), powers=np.array([1, 3])), SIF(vectors(), np.float32(0.01), np.int64(2))):
        pooling.fit(TEXTS).save(tmp_path / "pooling")
        again = type(pooling).load(tmp_path / "pooling", vectors())
        np.testing.assert_allclose(again.transform(TEXTS), pooling.transform(TEXTS), atol=1e-6)


def test_words_that_are_added_later_weigh_as_unseen():
    wv = vectors()
    pooling = Tfidf(wv).fit(TEXTS)
    wv.add_vector("late", np.ones(9, np.float32))
    assert pooling.transform(["late", "w1 late"])[0] == pytest.approx(np.full(9, 1 / 3))
    with pytest.raises(ValueError, match="damaged"):
        broken(pooling)


def broken(pooling):
    import tempfile

    from fastemb.formats.native import read_native, write_native

    with tempfile.TemporaryDirectory() as folder:
        pooling.save(f"{folder}/pooling")
        arrays, metadata = read_native(f"{folder}/pooling")
        arrays["word_weights"] = arrays["word_weights"][1:]
        write_native(f"{folder}/pooling", arrays, metadata)
        type(pooling).load(f"{folder}/pooling", pooling.wv)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: Mean(vectors()).transform("a text"), TypeError),
        (lambda: Mean(vectors()).transform([5]), TypeError),
        (lambda: Mean(vectors()).transform([[None]]), TypeError),
        (lambda: Mean(vectors(), workers=0).transform(["w1"]), ValueError),
        (lambda: Mean("vectors.txt").transform(["w1"]), TypeError),
        (lambda: SIF(vectors()).transform(["w1"]), RuntimeError),
        (lambda: Tfidf(vectors()).transform(["w1"]), RuntimeError),
        (lambda: SIF(vectors(), a=0), ValueError),
        (lambda: SIF(vectors(), components=-1), ValueError),
        (lambda: SIF(vectors(), counts="corpus"), ValueError),
        (lambda: SIF(vectors(False), counts="model").fit(TEXTS), ValueError),
        (lambda: PowerMeans(vectors(), powers=[2]), ValueError),
        (lambda: PowerMeans(vectors(), powers=[]), ValueError),
        (lambda: PowerMeans(vectors(), powers=[float("nan")]), ValueError),
        (lambda: PowerMeans(vectors(), powers="3"), TypeError),
        (lambda: PowerMeans(vectors(), powers=[0.5]), ValueError),
        (lambda: Mean(vectors()).set_params(a=5), ValueError),
    ],
)
def test_bad_input_is_refused(call, error):
    with pytest.raises(error):
        call()


def test_bad_matrices_are_refused():
    sparse = pytest.importorskip("scipy.sparse")
    matrix = sparse.csr_matrix(np.eye(3))
    for columns in (None, ["w1", "w2"], {"w1": 0, "w2": 1, "w3": 5}):
        with pytest.raises(ValueError, match="columns"):
            Mean(vectors(), columns=columns).transform(matrix)
    matrix.indices[0] = 99
    with pytest.raises(ValueError, match="matrix"):
        Mean(vectors(), columns=WORDS[:3]).transform(matrix)
    for dense in (np.eye(3, dtype=int), np.eye(3)):
        with pytest.raises(TypeError, match="must be sparse"):
            Mean(vectors(), columns=["w1", "w2", "w3"]).transform(dense)


def test_a_text_of_millions_of_words():
    text = "w1 w2 " * 1_500_000
    np.testing.assert_allclose(Mean(vectors()).transform([text])[0], units()[1:3].mean(axis=0), rtol=1e-4)


def test_kernels_against_numpy():
    ids, starts = np.array([0, 2, -1, 1], np.int32), np.array([0, 3, 3, 4])
    values, found = np.array([2.0, -1, 5, 3]), np.empty((3, 9), np.float32)
    rows, weights = VECTORS[:3], np.array([1.0, 2, 3])
    weighted_means(rows, weights, ids, starts, found, values)
    np.testing.assert_allclose(found, [(2 * rows[0] - rows[2]) / 5, np.zeros(9), 3 * rows[1] / 6], rtol=1e-4)
    for highest, function in ((True, np.max), (False, np.min)):
        extremes(rows, ids, starts, found, highest)
        np.testing.assert_array_equal(found, [function(rows[[0, 2]], axis=0), np.zeros(9), rows[1]])
    with pytest.raises(ValueError, match="values"):
        weighted_means(rows, weights, ids, starts, found, values[1:])
    assert base.compressed(TEXTS) is None


def test_components_of_vectors_of_no_numbers_are_none():
    empty = KeyedVectors.from_arrays(["a"], np.empty((1, 0), np.float32))
    assert SIF(empty).fit(["a a"]).transform(["a"]).shape == (1, 0)


def test_counts_that_were_made_up_are_not_taken(tmp_path):
    """As of vectors that were read from text, and written again: frequencies are those of the texts."""
    vectors().save_word2vec_format(tmp_path / "vectors.txt")
    load_vectors(tmp_path / "vectors.txt").save(tmp_path / "again.fastemb")
    for read in (load_vectors(tmp_path / "vectors.txt"), load_vectors(tmp_path / "again.fastemb")):
        for kind in (SIF, USIF):
            found = kind(read).fit(TEXTS).word_weights
            np.testing.assert_array_equal(found, kind(vectors(), counts="texts").fit(TEXTS).word_weights)
            assert not np.allclose(found, kind(vectors()).fit(TEXTS).word_weights)
        with pytest.raises(ValueError, match="made up when they were read"):
            SIF(read, counts="model").fit(TEXTS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_takes_no_memory_for_the_words_that_it_has_not(kind):
    words = 100_000
    wv = KeyedVectors.from_arrays(list(map(str, range(words))), np.ones((words, 2), np.float32))
    pooling = kind(wv).fit(["1 2 3"] * 3)
    pooling.transform(["1 2"])
    tracemalloc.start()
    pooling.transform(["1 2"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < words
