"""KeyedVectors method by method against gensim's, on the same vectors: the same answers, the same exceptions."""

import copy
import inspect
import pickle
import warnings

import numpy as np
import pytest

from fastemb import KeyedVectors

Gensim = pytest.importorskip("gensim", reason="compares with gensim, which is not installed").models.KeyedVectors

WORDS = 400
SIZE = 20


@pytest.fixture
def pair():
    """Ours and gensim's, with the same words, some of them different but for case, and counts."""
    draw = np.random.default_rng(5)
    words = [f"w{number}" for number in range(WORDS - 40)] + [f"W{number}" for number in range(40)]
    # About as many neighbours of a word are near as far: cosines spread.
    rows = (draw.standard_normal((WORDS, 4)) @ draw.standard_normal((4, SIZE))).astype(np.float32)
    rows += 0.3 * draw.standard_normal(rows.shape).astype(np.float32)
    both = KeyedVectors(SIZE), Gensim(SIZE)
    for vectors in both:
        vectors.add_vectors(words, rows)
        vectors.next_index = WORDS  # which gensim leaves at 0
        vectors.expandos["count"] = np.arange(WORDS) * 7 % 50
    return both


def outcome(call):
    """What a call returns, or the type of what it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # gensim calls its own deprecated init_sims
        try:
            return call()
        except Exception as error:
            return type(error)


def assert_same(ours, theirs):
    """The same, where numbers may differ by what is lost in single precision; order must be the same."""
    if isinstance(theirs, (list, tuple)) and not isinstance(theirs, type):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert_same(one, other)
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        assert_same(list(ours.values()), list(theirs.values()))
    elif isinstance(theirs, np.ndarray) or (np.isscalar(theirs) and not isinstance(theirs, str)):
        assert np.shape(ours) == np.shape(theirs)
        if np.asarray(theirs).dtype.kind == "O":
            ours, theirs = ours == theirs, True
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)
    elif isinstance(theirs, type) and issubclass(theirs, Exception):
        assert issubclass(ours, theirs)  # some are of two kinds
    else:
        assert ours == theirs


def test_all_public_names_are_there(pair):
    ours, theirs = pair
    # dir() and not getattr(): some properties only raise.
    missing = {name for name in dir(theirs) if not name.startswith("_")} - set(dir(ours))
    assert not missing


def test_parameters_have_the_same_names_order_and_defaults():
    for name, theirs in inspect.getmembers(Gensim, callable):
        if name.startswith("_") or name in ("save", "load"):
            continue
        found = list(inspect.signature(getattr(KeyedVectors, name)).parameters.values())
        wanted = list(inspect.signature(theirs).parameters.values())
        if name in ("save_word2vec_format", "load_word2vec_format"):
            found, wanted = found[:3], wanted[:3]
        assert [p.name for p in found][: len(wanted)] == [p.name for p in wanted], name
        assert [p.default for p in found][: len(wanted)] == [p.default for p in wanted], name


QUERIES = [
    lambda kv: kv["w3"],
    lambda kv: kv[["w3", "w5"]],
    lambda kv: kv[7],
    lambda kv: kv[[1, "w2", np.int64(3)]],
    lambda kv: kv["absent"],
    lambda kv: kv[["w1", "absent"]],
    lambda kv: kv[WORDS],
    lambda kv: kv[-1],
    lambda kv: kv[None],
    lambda kv: kv[1.5],
    lambda kv: len(kv),
    lambda kv: str(kv),
    lambda kv: [key in kv for key in ("w1", "absent", 0, WORDS, -1, 1.5, None)],
    lambda kv: [kv.has_index_for(key) for key in ("w1", "absent", 0, WORDS)],
    lambda kv: [kv.get_index("w9"), kv.get_index(9), kv.get_index("absent", 5), kv.get_index("absent", -1)],
    lambda kv: kv.get_index("absent"),
    lambda kv: kv.get_index(["a list"]),
    lambda kv: kv.get_vector("w4"),
    lambda kv: kv.get_vector("w4", norm=True),
    lambda kv: kv.get_vector("absent", norm=True),
    lambda kv: kv.get_vector("w4").flags.writeable,
    lambda kv: kv.get_vecattr("w4", "count"),
    lambda kv: kv.get_vecattr("w4", "absent"),
    lambda kv: kv.get_vecattr("absent", "count"),
    lambda kv: kv.get_normed_vectors(),
    lambda kv: (kv.fill_norms(), kv.norms)[1],
    lambda kv: kv.get_mean_vector(["w1", "w2"]),
    lambda kv: kv.get_mean_vector(["w1", "w2", 7], weights=[1, -2, 0.5]),
    lambda kv: kv.get_mean_vector(["w1", "w2"], weights=np.array([3, 1.5]), pre_normalize=False),
    lambda kv: kv.get_mean_vector(["w1", kv.vectors[3]], post_normalize=True),
    lambda kv: kv.get_mean_vector(["w1", "absent"]),
    lambda kv: kv.get_mean_vector(["absent"]),
    lambda kv: kv.get_mean_vector(["w1", "absent"], ignore_missing=False),
    lambda kv: kv.get_mean_vector([]),
    lambda kv: kv.get_mean_vector(["w1"], weights=[1, 2]),
    lambda kv: kv.get_mean_vector(kv.vectors[:4]),
    lambda kv: kv.most_similar("w7"),
    lambda kv: kv.most_similar(7),
    lambda kv: kv.most_similar(["w7", "w8"], ["w9"], topn=WORDS),
    lambda kv: kv.most_similar(positive=["w7"], topn=2 * WORDS),
    lambda kv: kv.most_similar(negative="w7"),
    lambda kv: kv.most_similar([("w1", 0.3), kv.vectors[5]], ["w4"], restrict_vocab=50),
    lambda kv: kv.most_similar([("w1", 0.3)], [("w2", -0.7), (kv.vectors[9], -0.1)]),
    lambda kv: kv.most_similar(kv.vectors[3]),
    lambda kv: kv.most_similar(kv.vectors[3:6]),
    lambda kv: kv.most_similar(["w1"], clip_start=100, clip_end=200, topn=5),
    lambda kv: kv.most_similar(["w1"], clip_start=-50),
    lambda kv: kv.most_similar(["w150"], clip_start=100, restrict_vocab=30),
    lambda kv: kv.most_similar("w7", topn=None),
    lambda kv: kv.most_similar("w7", topn=None, clip_start=3, clip_end=9),
    lambda kv: kv.most_similar("w7", topn=0),
    lambda kv: kv.most_similar("w7", topn=-1),
    lambda kv: kv.most_similar("w7", topn=np.int64(4)),
    lambda kv: kv.most_similar("absent"),
    lambda kv: kv.most_similar(["w1", "absent"]),
    lambda kv: kv.most_similar(),
    lambda kv: kv.most_similar([], []),
    lambda kv: kv.most_similar(np.zeros(SIZE + 1)),
    lambda kv: kv.similar_by_word("w7", 3),
    lambda kv: kv.similar_by_key("w7", topn=3, restrict_vocab=100),
    lambda kv: kv.similar_by_key("absent"),
    lambda kv: kv.similar_by_vector(kv["w7"], topn=3),
    lambda kv: kv.similar_by_vector(kv["w7"], topn=None),
    lambda kv: kv.most_similar_cosmul("w7"),
    lambda kv: kv.most_similar_cosmul("w7", "w8"),
    lambda kv: kv.most_similar_cosmul(["w7", "w8"], ["w9"], topn=30),
    lambda kv: kv.most_similar_cosmul(["w7", kv.vectors[3]], [kv.vectors[5]]),
    lambda kv: kv.most_similar_cosmul(["w7", "w8"], ["w9"], topn=None),
    lambda kv: kv.most_similar_cosmul("w7", topn=0),
    lambda kv: kv.most_similar_cosmul("absent"),
    lambda kv: kv.most_similar_cosmul(negative=["w7"]),
    lambda kv: kv.similarity("w1", "w2"),
    lambda kv: kv.similarity("w1", 2),
    lambda kv: kv.similarity("w1", "absent"),
    lambda kv: kv.distance("w1", "w2"),
    lambda kv: kv.distances("w1"),
    lambda kv: kv.distances("w1", ["w2", "w3"]),
    lambda kv: kv.distances(kv.vectors[8], ("w2", 3)),
    lambda kv: kv.distances("w1", None),
    lambda kv: kv.distances("absent"),
    lambda kv: kv.distances("w1", ["absent"]),
    lambda kv: kv.cosine_similarities(kv.vectors[1], kv.vectors[5:9]),
    lambda kv: kv.n_similarity(["w1", "w2"], ["w3"]),
    lambda kv: kv.n_similarity(["w1", "absent"], ["w3"]),
    lambda kv: kv.n_similarity([], ["w3"]),
    lambda kv: kv.doesnt_match(["w1", "w2", "w3", "w4"]),
    lambda kv: kv.doesnt_match(["w1", "w2", "w3", "w4", "absent"]),
    lambda kv: kv.doesnt_match(["absent"]),
    lambda kv: kv.doesnt_match([]),
    lambda kv: kv.rank_by_centrality(["w1", "w2", "w3"]),
    lambda kv: kv.rank_by_centrality(["w1", "w2", "w3", "absent"], use_norm=False),
    lambda kv: kv.rank_by_centrality(["w1", "w1", "w1"]),
    lambda kv: kv.closer_than("w1", "w2"),
    lambda kv: kv.closer_than("w1", "absent"),
    lambda kv: [kv.rank("w1", f"w{number}") for number in range(1, 30)],
    lambda kv: kv.most_similar_to_given("w1", ["w5", "w6", "w7"]),
    lambda kv: kv.most_similar_to_given("w1", []),
    lambda kv: kv.relative_cosine_similarity("w1", "w2"),
    lambda kv: kv.relative_cosine_similarity("w1", "w2", topn=3),
    lambda kv: kv.relative_cosine_similarity("w1", "w2", topn=0),
    lambda kv: kv.relative_cosine_similarity("w1", "absent"),
    lambda kv: kv.similarity_unseen_docs(1, 2),
    lambda kv: kv.vectors_norm,
    lambda kv: kv.index2word,
    lambda kv: kv.index2entity,
    lambda kv: kv.vocab,
    lambda kv: setattr(kv, "vocab", {}),
    lambda kv: setattr(kv, "vectors_norm", 3),
    lambda kv: [hasattr(kv, name) for name in ("vocab", "index2word", "syn0", "vectors_norm")],
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: inspect.getsource(query).split(":", 1)[1].strip())
def test_answers(pair, query):
    assert_same(*(outcome(lambda kv=kv: query(kv)) for kv in pair))


def state(kv):
    kv.fill_norms(force=True)
    names = ("vector_size", "index_to_key", "key_to_index", "vectors", "norms", "expandos")
    return [getattr(kv, name) for name in names]


def slots(kv):
    made = type(kv)(SIZE, count=3)
    places = [made.add_vector(f"new{number}", kv.vectors[number]) for number in range(3)]
    return places, made.index_to_key, made.vectors, made.next_index


CHANGES = [
    lambda kv: kv.add_vectors(["new", "w1"], np.ones((2, SIZE))),
    lambda kv: kv.add_vectors(["new", "w1"], np.ones((2, SIZE)), replace=True),
    lambda kv: kv.add_vectors(["new", "w1"], [np.ones(SIZE), np.zeros(SIZE) + 2]),
    lambda kv: kv.add_vectors("new", np.ones(SIZE)),
    lambda kv: kv.__setitem__("w1", np.ones(SIZE)),
    lambda kv: kv.__setitem__("new", np.ones(SIZE)),
    lambda kv: kv.__setitem__(["w1", "new"], np.ones((2, SIZE))),
    lambda kv: slots(kv),
    lambda kv: kv.set_vecattr("w1", "count", 99),
    lambda kv: kv.set_vecattr("w1", "count", 1.5),
    lambda kv: kv.set_vecattr("w1", "count", "many"),
    lambda kv: kv.set_vecattr("w1", "weight", 1.5),
    lambda kv: kv.set_vecattr("w1", "kind", "noun"),
    lambda kv: kv.set_vecattr("w1", "seen", True),
    lambda kv: kv.set_vecattr("absent", "count", 1),
    lambda kv: kv.allocate_vecattrs(),
    lambda kv: kv.allocate_vecattrs(["a", "b", "c"], [int, str, np.float32]),
    lambda kv: kv.allocate_vecattrs(["count"], [np.int64]),
    lambda kv: kv.allocate_vecattrs(["count"], [np.float32]),
    lambda kv: (kv.index_to_key.extend(["new1", "new2"]), kv.allocate_vecattrs())[1],
    lambda kv: (kv.index_to_key.extend(["new1", "new2"]), kv.resize_vectors())[1],
    lambda kv: (kv.index_to_key.extend(["new1", "new2"]), kv.resize_vectors(seed=3))[1],
    lambda kv: (kv.index_to_key.__delitem__(slice(300, None)), outcome(kv.allocate_vecattrs))[1],
    lambda kv: kv.resize_vectors(),
    lambda kv: kv.sort_by_descending_frequency(),
    lambda kv: (kv.expandos.pop("count"), kv.sort_by_descending_frequency())[1],
    lambda kv: kv.unit_normalize_all(),
    lambda kv: setattr(kv, "index2word", ["w5"]),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: inspect.getsource(change).split(":", 1)[1].strip())
def test_changes(pair, change):
    assert_same(*(outcome(lambda kv=kv: change(kv)) for kv in pair))
    ours, theirs = pair
    if len(ours.index_to_key) == len(ours.vectors):
        theirs.allocate_vecattrs()  # gensim's add_vectors leaves them short
        assert_same(state(ours), state(theirs))


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv.word_vec("w1"),
        lambda kv: kv.words_closer_than("w1", "w2"),
        lambda kv: (kv.init_sims(), kv.norms)[1],
        lambda kv: (kv.init_sims(replace=True), kv.vectors)[1],
    ],
)
def test_deprecated_names_warn_and_work(pair, call):
    answers = []
    for vectors in pair:
        with pytest.warns(DeprecationWarning, match="deprecated"):
            answers.append(call(vectors))
    assert_same(*answers)


def test_vectors_for_all(pair):
    keys = ["w5", "absent", "w1", "w5", "w3"]
    ours, theirs = (kv.vectors_for_all(keys, copy_vecattrs=True) for kv in pair)
    assert type(ours) is KeyedVectors
    assert_same(state(ours), state(theirs))
    ours, theirs = (kv.vectors_for_all(iter(keys), allow_inference=False) for kv in pair)
    assert_same(state(ours)[:-1], state(theirs)[:-1])
    assert_same(*(kv.vectors_for_all([]).vectors for kv in pair))


def test_intersect_word2vec_format(pair, tmp_path):
    source = KeyedVectors(SIZE)
    source.add_vectors(["w3", "absent", "w7"], np.arange(3 * SIZE).reshape(3, SIZE))
    source.save_word2vec_format(tmp_path / "file")
    ours, theirs = pair
    theirs.vectors_lockf = np.ones(WORDS, np.float32)  # which only models have
    for vectors in pair:
        vectors.intersect_word2vec_format(str(tmp_path / "file"), lockf=0.5)
    assert_same(state(ours), state(theirs))
    assert_same(ours.vectors_lockf, theirs.vectors_lockf)


def test_intersect_vectors_of_another_size(pair, tmp_path):
    (tmp_path / "file").write_text("1 2\nw1 3 4\n")
    for vectors in pair:
        with pytest.raises(ValueError, match="size"):
            vectors.intersect_word2vec_format(str(tmp_path / "file"))


def test_word_movers_distance(pair):
    pytest.importorskip("ot", reason="needs POT, the extra wmd")
    documents = ["w1 w2 w3 w3", "w4 w5 w2", "w1", "w1 w1", "w7 absent", "absent", "", "w1 w2 w3 w3"]
    for first in documents:
        for second in documents:
            for norm in (True, False):
                ours, theirs = (kv.wmdistance(first.split(), second.split(), norm) for kv in pair)
                assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-6)


def test_word_movers_distance_without_pot(pair, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ot", None)
    for vectors in pair:
        with pytest.raises(ImportError):
            vectors.wmdistance(["w1"], ["w2"])


PAIRS = """# comment
Word 1\tWord 2\tHuman (mean)
w1\tw2\t7.35
W3\tw4\t1.5
w5\tabsent\t3
w6\tw7\t4
w8\tw9\t4
w10 w11 3
w12\tW13\t9.5
w39\tw300\t2
"""


@pytest.mark.parametrize("options", [{}, {"restrict_vocab": 30}, {"case_insensitive": False}, {"dummy4unknown": True}])
def test_word_pairs(pair, tmp_path, options):
    pytest.importorskip("scipy")
    (tmp_path / "pairs").write_text(PAIRS)
    ours, theirs = (kv.evaluate_word_pairs(str(tmp_path / "pairs"), **options) for kv in pair)
    assert_same(ours, theirs)
    assert ours[0].statistic == ours[0][0]


def test_word_pairs_that_give_no_figures(pair, tmp_path):
    for text in ("", "w1 w2 3\n", "absent\tw2\t3\n", "w1\tw2\t3\n"):
        (tmp_path / "pairs").write_text(text)
        results = [outcome(lambda kv=kv: kv.evaluate_word_pairs(str(tmp_path / "pairs"))) for kv in pair]
        assert results[0] is results[1] is ValueError


def analogies(kv):
    """Questions that have an answer about half the time, some of them with words that differ but for case."""
    lines = []
    for number in range(60):
        if number % 20 == 0:
            lines.append(f": section {number}")
        a, b, c = f"w{number}", f"w{number + 1}", f"W{number % 39}"
        nearest = kv.most_similar([b, c], [a], topn=2)
        lines.append(f"{a} {b} {c} {nearest[number % 2][0]}")
    return "\n".join([*lines, "w1 w2 w3", "", "w1 w2 w3 absent", ": empty", ""])


@pytest.mark.parametrize("options", [{}, {"restrict_vocab": 380}, {"case_insensitive": False}, {"dummy4unknown": True}])
def test_word_analogies(pair, tmp_path, options):
    (tmp_path / "analogies").write_text(analogies(pair[0]))
    ours, theirs = (kv.evaluate_word_analogies(str(tmp_path / "analogies"), **options) for kv in pair)
    assert_same(ours, theirs)
    assert 0 < ours[0] < 1


def test_analogies_before_the_first_section(pair, tmp_path):
    ours, theirs = pair
    path = tmp_path / "analogies"
    path.write_text("w1 w2 w3 w4\n")
    with pytest.raises(ValueError, match="section"):
        theirs.evaluate_word_analogies(str(path))
    score, sections = ours.evaluate_word_analogies(str(path))
    path.write_text(": analogies\nw1 w2 w3 w4\n")
    assert_same((score, sections), theirs.evaluate_word_analogies(str(path)))
    path.write_text("w1 w2 w3\n")
    with pytest.raises(ValueError, match="not four words in a section: 'w1 w2 w3'; nor is another line"):
        ours.evaluate_word_analogies(str(path))


def test_real_sets(pair, shared):
    pytest.importorskip("scipy")
    words = [line.split()[0] for line in (shared / "evaluation" / "questions-words.txt").read_text().splitlines()]
    words += [line.split()[0] for line in (shared / "evaluation" / "wordsim353.tsv").read_text().splitlines()]
    words += [line.split()[1] for line in (shared / "evaluation" / "wordsim353.tsv").read_text().splitlines()]
    words = list(dict.fromkeys(words))
    rows = np.random.default_rng(2).standard_normal((len(words), 8)).astype(np.float32)
    both = KeyedVectors(8), Gensim(8)
    for vectors in both:
        vectors.add_vectors(words, rows)
    path = str(shared / "evaluation" / "wordsim353.tsv")
    ours, theirs = (kv.evaluate_word_pairs(path) for kv in both)
    assert_same(ours, theirs)
    path = str(shared / "evaluation" / "questions-words.txt")
    ours, theirs = (kv.evaluate_word_analogies(path, restrict_vocab=300) for kv in both)
    assert ours == theirs


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda kv: pickle.loads(pickle.dumps(kv))])
def test_copies(pair, duplicate):
    ours = duplicate(pair[0])
    assert_same(state(ours), state(pair[1]))
    assert set(vars(pair[1])) <= set(vars(ours))


def test_lifecycle_events(pair):
    for vectors in pair:
        vectors.add_lifecycle_event("seen", reason="test")
        assert vectors.lifecycle_events[-1]["event"] == "seen"
        assert vectors.lifecycle_events[-1]["reason"] == "test"
        vectors.lifecycle_events = None
        vectors.add_lifecycle_event("seen", log_level=False)
        assert vectors.lifecycle_events is None
