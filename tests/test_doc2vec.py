"""Doc2Vec: what users call, beside gensim's where that is there."""

import json
import logging
import threading

import numpy as np
import pytest
from conftest import same_bits

from fastemb import Doc2Vec, KeyedVectors, TaggedDocument, Word2Vec
from fastemb.formats.native import read_native, write_native
from fastemb.models._tag_vectors import TagVectors
from fastemb.models.doc2vec import TaggedBrownCorpus, TaggedLineDocument

TOPICS = 5
TAGGED = [TaggedDocument(["a", "b"], [0]), TaggedDocument(["b", "c", "a"], [1])]
MODES = {
    "dbow": {"dm": 0},
    "dbow-words": {"dm": 0, "dbow_words": 1},
    "dbow-tree": {"dm": 0, "hs": 1, "negative": 0},
    "dm-mean": {"dm": 1},
    "dm-sum": {"dm": 1, "dm_mean": 0},
    "dm-concat": {"dm": 1, "dm_concat": 1, "window": 2},
    "dm-unshared": {"dm": 1, "shared_noise": False},
}
each_mode = pytest.mark.parametrize("options", MODES.values(), ids=MODES)


def texts(count=200, length=40, seed=0):
    """Texts about one topic each, which is their number modulo TOPICS."""
    draw = np.random.default_rng(seed)
    return [[f"t{k % TOPICS}w{word}" for word in draw.integers(0, 20, length)] for k in range(count)]


def documents(tag=lambda k: [k], **options):
    return [TaggedDocument(words, tag(k)) for k, words in enumerate(texts(**options))]


def made(given=None, **options):
    common = {"vector_size": 16, "min_count": 1, "workers": 1, "epochs": 20, "sample": 0}
    return Doc2Vec(documents() if given is None else given, **common | options)


def share_of_topic(model, vectors):
    """How many of the five nearest documents are of the topic of each."""
    near = [model.dv.most_similar([vector], topn=5) for vector in vectors]
    return np.mean([[tag % TOPICS == k % TOPICS for tag, _ in found] for k, found in enumerate(near)])


def test_inference_of_models_with_much_noise_does_not_overshoot():
    draw = np.random.default_rng(1)
    topics = [[f"t{topic}w{k}" for k in range(20)] for topic in range(10)]
    documents = [list(draw.choice(topics[number % 10], 40)) for number in range(100)]
    tagged = [TaggedDocument(words, [number]) for number, words in enumerate(documents)]
    for negative in (5, 60):
        model = Doc2Vec(tagged, dm=0, negative=negative, vector_size=20, epochs=20, min_count=1, workers=1, seed=1)
        found = model.infer_vectors(documents, epochs=20)
        ratio = np.median(np.linalg.norm(found, axis=1)) / np.median(np.linalg.norm(model.dv.vectors, axis=1))
        assert 0.5 < ratio < 1.6, (negative, ratio)


def test_inference_without_a_rate_leaves_what_was_drawn():
    model = Doc2Vec(TAGGED, vector_size=4, min_count=1, alpha=0.0, min_alpha=0.0, epochs=2)
    vector = model.infer_vector(["a", "b"])
    assert np.abs(vector).max() <= 0.5 / 4
    trained = Doc2Vec(TAGGED * 20, vector_size=4, min_count=1, sample=0)
    drawn = trained.infer_vector(["a", "b"], alpha=0, min_alpha=0)
    assert np.abs(trained.infer_vector(["a", "b"]) - drawn).max() > 0
    trained.alpha = trained.min_alpha = 0
    np.testing.assert_array_equal(trained.infer_vector(["a", "b"]), drawn)


def test_errors_name_the_document_also_behind_many():
    model = Doc2Vec(TAGGED, vector_size=4, min_count=1, epochs=1)
    for workers in (1, 2):
        with pytest.raises(TypeError, match="sentence 700 must be an iterable"):
            model.infer_vectors([["a"]] * 700 + [3], workers=workers)


def test_windows_of_any_size_are_concatenated():
    model = Doc2Vec(TAGGED, vector_size=2, min_count=1, epochs=1, dm=1, dm_concat=1, window=1100)
    assert np.isfinite(model.infer_vector(["a", "b"])).all()


@each_mode
def test_documents_of_a_topic_are_near_each_other_also_inferred_ones(options):
    least = 0.35 if options.get("dm_concat") else 0.75
    model = made(**options | {"epochs": 40, "compute_loss": True})
    assert share_of_topic(model, model.dv.vectors) > least
    unseen = model.infer_vectors(texts(50, seed=1), epochs=40)
    assert unseen.dtype == np.float32
    assert unseen.shape == (50, 16)
    assert share_of_topic(model, unseen) > least
    assert model.epoch_losses[-1] < 0.8 * model.epoch_losses[0]


@each_mode
def test_a_saved_model_infers_and_trains_as_before(options, tmp_path):
    model = made(documents(lambda k: [k, f"of {k % TOPICS}"][: 1 if "dm_concat" in options else 2]), **options)
    model.save(tmp_path / "model")
    for found in (Doc2Vec.load(tmp_path / "model"), Doc2Vec.load(tmp_path / "model", mmap="r")):
        assert list(found.dv.index_to_key) == list(model.dv.index_to_key)
        assert same_bits(found.dv.vectors, model.dv.vectors)
        assert str(found) == str(model)
        assert same_bits(found.infer_vector(texts(1)[0]), model.infer_vector(texts(1)[0]))
        found.train(documents(), epochs=1, start_alpha=0.01)
    assert isinstance(Word2Vec.load(tmp_path / "model"), Doc2Vec)
    assert KeyedVectors.load(tmp_path / "model").index_to_key == model.wv.index_to_key


@each_mode
def test_an_inferred_vector_depends_on_the_document_the_model_and_the_seed_alone(options):
    model = made(**options | {"sample": 0.01})
    given = [*texts(30, 35, seed=3), ["t0w1"], texts(1, 900, seed=4)[0]]
    alone = np.array([model.infer_vector(words) for words in given])
    together = model.infer_vectors(given, workers=3)
    assert same_bits(alone, together)
    assert same_bits(model.infer_vectors(given[::-1], workers=2)[::-1], together)
    other = model.infer_vectors(given, seed=7)
    assert not np.array_equal(other, together)
    assert same_bits(model.infer_vectors(given, seed=7, workers=2), other)
    before = model.to_arrays()
    model.infer_vectors(given)
    assert all(same_bits(array, before[name]) for name, array in model.to_arrays().items())


def test_one_step_of_inference_of_one_word_is_known():
    model = made(dm=0, negative=1, sample=1e-3)
    model.syn1neg[:] = 0
    model.syn1neg[:, 0] = 2  # noise and word pull as much, once each, but no word is noise of its own
    word = model.wv.key_to_index["t0w0"]
    kept, own = model._frequencies().keep[word], np.mean(model._frequencies().spread == word)
    assert 0 < kept < 1
    assert own > 0
    start = model.infer_vector(["t0w0"], alpha=1e-30, min_alpha=1e-30, epochs=1)
    assert np.abs(start).max() <= 0.5 / 16
    assert np.ptp(start) > 0
    found = model.infer_vector(["t0w0"], alpha=0.1, min_alpha=0.1, epochs=1)
    x = 1 / (1 + np.exp(-2 * start[0]))
    expected = start.copy()
    expected[0] += 0.1 * 2 * kept * ((1 - x) - (1 - own) * x)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_inference_takes_documents_and_refuses_what_is_none():
    model = made()
    words = texts(1)[0]
    one = model.infer_vector(words)
    assert same_bits(model.infer_vectors([TaggedDocument(words, ["any"])])[0], one)
    assert same_bits(model.infer_vectors([tuple(words)])[0], one)
    assert model.infer_vectors([]).shape == (0, 16)
    with pytest.raises(TypeError, match="list of words"):
        model.infer_vector("t0w0 t0w1")
    with pytest.raises(TypeError, match="document 1"):
        model.infer_vectors([words, "t0w0 t0w1"])
    with pytest.raises(TypeError, match="iterable of lists"):
        model.infer_vectors("t0w0 t0w1")
    with pytest.raises(ValueError, match="epochs must be at least 1"):
        model.infer_vectors([words], epochs=-1)
    with pytest.raises(ValueError, match="workers"):
        model.infer_vectors([words], workers=0)


def test_inference_leaves_the_lengths_of_words_that_are_known(tmp_path):
    model = made(epochs=1)
    model.wv.fill_norms()
    norms = model.wv.norms
    model.infer_vector(["t0w1", "t0w2"])
    assert model.wv.norms is norms
    model.save(tmp_path / "model")
    mapped = Doc2Vec.load(tmp_path / "model", mmap="r")
    mapped.wv.fill_norms()
    mapped.infer_vector(["t0w1", "t0w2"])
    np.testing.assert_array_equal(mapped.wv.norms, norms)
    model.train(documents(), epochs=1, start_alpha=0.05)
    assert model.wv.norms is None


def test_texts_without_a_known_word_are_zeros():
    model = made()
    found = model.infer_vectors([[], ["unknown"], texts(1)[0], ["unknown", "t0w0"], []])
    assert np.flatnonzero(found.any(axis=1)).tolist() == [2, 3]
    assert not model.infer_vector([]).any()
    assert model.similarity_unseen_docs(["unknown"], texts(1)[0]) == 0
    assert model.similarity_unseen_docs(texts(1)[0], texts(1)[0]) == pytest.approx(1)


@pytest.mark.parametrize("numbers", [np.arange(2), np.array(1.5), np.array("one")])
def test_damaged_tags_name_the_file(numbers):
    arrays = made().dv.own_arrays()
    (key,) = (name for name in arrays if name.endswith("numbers"))
    with pytest.raises(ValueError, match=r"name: its tags are damaged \(numbers is no whole number, but of shape"):
        TagVectors.from_own_arrays(arrays | {key: numbers}, "name")


def test_a_concatenating_model_without_a_word_of_no_place_is_refused(tmp_path):
    model = made()
    model.save(tmp_path / "model")
    arrays, metadata = read_native(tmp_path / "model")
    metadata["parameters"] = json.dumps(json.loads(metadata["parameters"]) | {"dm": 1, "dm_concat": 1, "window": 2})
    write_native(tmp_path / "model", arrays, metadata)
    with pytest.raises(ValueError, match="do not fit together: dm_concat=1, but the vocabulary lacks"):
        Doc2Vec.load(tmp_path / "model")
    model.dm_concat, model.sg = 1, 0
    with pytest.raises(ValueError, match="dm_concat=1, but the vocabulary lacks the word of no place"):
        model.save(tmp_path / "again")


def test_untrained_models(caplog):
    with pytest.raises(RuntimeError, match="build vocabulary"):
        Doc2Vec().infer_vector(["a"])
    model = Doc2Vec(min_count=1, vector_size=16)
    model.build_vocab(documents())
    found = model.infer_vector(texts(1)[0])
    assert np.abs(found).max() <= 0.5 / 16  # as it began
    assert "not trained" in caplog.text
    with pytest.raises(RuntimeError, match="build vocabulary"):
        Doc2Vec().train(documents())
    freq = Doc2Vec(min_count=1)
    freq.build_vocab_from_freq({"t0w0": 5, "t0w1": 3})
    with pytest.raises(RuntimeError, match="no tags"):
        freq.train(documents())


def test_a_concatenating_model_infers_documents_of_one_tag_alone():
    model = made(documents(lambda k: [k, f"of {k % TOPICS}"]), dm_concat=1, dm_tag_count=2, window=2)
    assert model.syn1neg.shape == (len(model.wv), model.layer1_size) == (101, 6 * 16)
    with pytest.raises(ValueError, match="dm_tag_count=2"):
        model.infer_vector(["t0w0"])
    # Documents of another number of tags are passed over.
    before = model.dv.vectors.copy()
    model.train(documents(), epochs=1, start_alpha=0.1)
    assert same_bits(model.dv.vectors, before)


# Tags.


def test_tags_that_are_numbers_take_no_objects():
    model = made(epochs=1)
    assert model.dv.index_to_key == range(200)
    assert model.dv.key_to_index == {}
    assert same_bits(model.dv[3], model.dv.vectors[3])
    assert same_bits(model.dv[np.int64(3)], model.dv[3])
    assert 199 in model.dv
    assert 200 not in model.dv
    assert model.dv.most_similar(0, topn=1)[0][0] in range(200)
    with pytest.raises(KeyError):
        model.dv["0"]


def test_names_follow_after_numbers():
    model = made(documents(lambda k: [f"n{k}", k % 7]), epochs=1)
    assert list(model.dv.index_to_key) == [*range(7), *(f"n{k}" for k in range(200))]
    assert model.dv.get_index("n5") == 12
    assert model.dv.get_vecattr("n5", "word_count") == 40
    assert model.dv.get_vecattr("n5", "doc_count") == 1
    assert same_bits(model["n5"], model.dv.vectors[12])
    assert same_bits(model["t0w0"], model.wv["t0w0"])
    assert model[["n5", "t0w0"]].shape == (2, 16)


def test_holes_among_numbers_have_vectors(caplog):
    model = made([TaggedDocument(["a", "b"], [0]), TaggedDocument(["a", "c"], [9])], epochs=1)
    assert len(model.dv) == 10
    assert "largest tag is 9" in caplog.text


@pytest.mark.parametrize(
    ("tags", "error", "words"),
    [
        ("abc", TypeError, "must be a list, not 'abc'"),
        (5, TypeError, "must be a list, not 5"),
        ([1.5], TypeError, "str or an int, not float"),
        ([None], TypeError, "str or an int, not NoneType"),
        ([-1], ValueError, "at least 0, not -1"),
        ([2**40], (ValueError, MemoryError), "."),
    ],
)
def test_bad_tags_are_refused(tags, error, words):
    with pytest.raises(error, match=words):
        made([TaggedDocument(["a", "b"], [0]), TaggedDocument(["a", "b"], tags)])


def test_what_is_no_document_is_refused():
    with pytest.raises(TypeError, match=r"must have words and tags.*list"):
        made([["a", "b"]])
    with pytest.raises(ValueError, match="none of the 1 documents has a tag"):
        made([TaggedDocument(["a", "b"], [])])
    for name in ("sg", "null_word", "position_weights", "phrases", "output", "preset", "context", "sentence_weights"):
        with pytest.raises(TypeError, match=f"has no {name}"):
            Doc2Vec(**{name: 1})
    with pytest.raises(TypeError, match="never be called"):
        type("Own", (Doc2Vec,), {"_do_train_job": lambda self, *given: None})


def test_unknown_tags_are_passed_over(caplog):
    model = made(epochs=1)
    before = model.dv.vectors.copy()
    new = [TaggedDocument(texts(1)[0], ["new", 500]), TaggedDocument(texts(1)[0], [3])]
    model.train(new, epochs=1, start_alpha=0.05)
    assert "2 tags of the documents are not in the model" in caplog.text
    assert np.flatnonzero((model.dv.vectors != before).any(axis=1)).tolist() == [3]


def test_numbers_that_are_no_tags_are_not_those_that_have_names(caplog):
    model = made([*TAGGED, TaggedDocument(["a", "c"], ["name"])])
    before = model.dv.vectors.copy()
    model.train([TaggedDocument(["a", "b", "c"], [2])] * 20, start_alpha=0.02)
    np.testing.assert_array_equal(model.dv.vectors, before)
    assert "20 tags of the documents are not in the model" in caplog.text


def test_a_tag_that_stands_twice_is_trained_twice():
    corpus = [TaggedDocument(words, [k, k]) for k, words in enumerate(texts(20))]
    one, other = made(corpus, dm=0, epochs=1, alpha=0.01), made(documents(count=20), dm=0, epochs=1, alpha=0.01)
    moved = [np.linalg.norm(model.syn1neg) for model in (one, other)]
    assert moved[0] > 1.5 * moved[1]


def test_documents_are_added_later():
    model = made(documents(lambda k: [k, f"of {k % TOPICS}"]))
    before = {tag: model.dv[tag].copy() for tag in (0, 199, "of 3")}
    model.dv.set_vecattr(199, "mark", 3.5)
    model.dv.set_vecattr("of 3", "mark", 4.5)
    more = [TaggedDocument(words, [200 + k, "of 3", "more"]) for k, words in enumerate(texts(50, seed=5))]
    model.build_vocab(more, update=True)
    assert all(same_bits(model.dv[tag], vector) for tag, vector in before.items())
    assert len(model.dv) == 250 + TOPICS + 1
    assert model.dv.get_index("more") == 255
    assert model.dv.get_vecattr("of 3", "doc_count") == 40 + 50
    assert [model.dv.get_vecattr(tag, "mark") for tag in (199, 200, "of 3", "more")] == [3.5, 0, 4.5, 0]
    model.train(more, epochs=10, start_alpha=0.05)
    of_others = [tag for tag, _ in model.dv.most_similar(203, topn=30) if isinstance(tag, int)]
    assert np.mean([tag % TOPICS == 203 % TOPICS for tag in of_others]) > 0.6
    assert all(same_bits(model.dv[tag], vector) for tag, vector in list(before.items())[:2])
    assert not same_bits(model.dv["of 3"], before["of 3"])


def test_locks_hold_tags():
    model = made(epochs=1)
    model.dv.vectors_lockf = np.ones(200, np.float32)
    model.dv.vectors_lockf[3:7] = 0
    before = model.dv.vectors.copy()
    model.train(documents(), epochs=1, start_alpha=0.05)
    assert np.flatnonzero((model.dv.vectors == before).all(axis=1)).tolist() == [3, 4, 5, 6]


def test_vectors_of_tags_are_set_added_and_saved(tmp_path):
    dv = made(documents(lambda k: [k, f"of_{k % TOPICS}"]), epochs=1).dv
    dv[3] = np.ones(16)
    dv.add_vector("new", np.zeros(16))
    assert dv[3].sum() == 16
    assert dv.index_to_key[-1] == "new"
    assert len(dv) == 206
    dv.save(tmp_path / "dv")
    found = KeyedVectors.load(tmp_path / "dv")
    assert found.index_to_key == dv.index_to_key
    assert same_bits(found.vectors, dv.vectors)
    dv.save_word2vec_format(tmp_path / "text", prefix="*")
    assert KeyedVectors.load_word2vec_format(tmp_path / "text").get_index("*of_3") >= 0


# Sources.


def test_lines_of_a_file_are_documents(tmp_path):
    path = tmp_path / "corpus.txt"
    lines = [" ".join(words) for words in texts(100)]
    lines[7], lines[8] = "", " \u3000 "
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    corpus = list(TaggedLineDocument(path))
    assert [document.tags for document in corpus] == [[k] for k in range(100)]
    assert corpus[7].words == corpus[8].words == []
    of_objects = made(corpus)
    for model in (made(TaggedLineDocument(path)), Doc2Vec(
        corpus_file=path, vector_size=16, min_count=1, workers=1, epochs=20, sample=0,
    )):  # fmt: skip
        assert model.dv.index_to_key == range(100)
        assert same_bits(model.dv.vectors, of_objects.dv.vectors)
    with open(path, encoding="utf-8") as file:
        assert list(TaggedLineDocument(file)) == list(TaggedLineDocument(file)) == corpus
    model.train(corpus_file=path, epochs=1, start_alpha=0.01)


def test_a_longer_file_has_lines_that_are_passed_over(tmp_path, caplog):
    model = made(documents(count=50), epochs=1)
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(" ".join(words) for words in texts(60)), encoding="utf-8")
    model.train(corpus_file=path, epochs=1, start_alpha=0.01)
    assert "10 of 60 lines" in caplog.text
    assert len(model.dv) == 50


@pytest.mark.parametrize("numbers", [0, 30])
def test_lines_of_a_file_are_no_names(tmp_path, caplog, numbers):
    model = made(documents(lambda k: [k if k < numbers else f"name {k}"], count=50), epochs=1)
    before = model.dv.vectors.copy()
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(" ".join(words) for words in texts(50)), encoding="utf-8")
    model.train(corpus_file=path, epochs=1, start_alpha=0.01)
    np.testing.assert_array_equal((model.dv.vectors != before).any(axis=1), np.arange(50) < numbers)
    assert f"{50 - numbers} of 50 lines have numbers that are no tags" in caplog.text


def test_what_goes_to_a_temporary_file_is_trained_the_same():
    corpus = documents(lambda k: [k, f"of {k % TOPICS}"])
    model = made(corpus, memory_budget=4000, dm=0)
    for k in range(200):
        (near, _), *_ = model.dv.most_similar(k, topn=1)
        assert near == f"of {k % TOPICS}" or near % TOPICS == k % TOPICS


def test_documents_are_read_anew_with_their_tags():
    class Shuffled:
        def __init__(self):
            self.seed = 0

        def __iter__(self):
            self.seed += 1
            order = np.random.default_rng(self.seed).permutation(200)
            corpus = documents()
            return (corpus[k] for k in order)

    model = made(Shuffled(), reread=True, dm=0)
    assert share_of_topic(model, model.dv.vectors) > 0.9


def test_brown_corpus(tmp_path):
    (tmp_path / "ca01").write_text("\n\tThe/at dog/nn ,/, barked/vbd\n ,/, \n", encoding="utf-8")
    (document,) = TaggedBrownCorpus(tmp_path)
    assert document.words == ["the/at", "dog/nn", "barked/vb"]
    assert document.tags == [f"{tmp_path / 'ca01'}_SENT_1"]
    assert str(TaggedDocument(["a"], [1])) == "TaggedDocument<['a'], [1]>"


def test_a_very_long_document_is_trained_whole():
    words = [f"w{k}" for k in np.random.default_rng(0).integers(0, 50, 300_000)]
    model = Doc2Vec([TaggedDocument(words, [0])], vector_size=8, min_count=1, epochs=1, workers=2, sample=0)
    model.train([TaggedDocument(words, [0])], epochs=1, start_alpha=0.01)
    assert model.corpus_total_words == 300_000
    assert np.isfinite(model.infer_vector(words, epochs=2)).all()


@pytest.mark.parametrize("options", [{"dm": 0}, {"dm": 1}], ids=["dbow", "dm"])
def test_workers_that_are_deterministic_give_the_same_bits(options):
    one, other = (made(workers=3, deterministic=True, epochs=3, **options) for _ in range(2))
    assert same_bits(one.dv.vectors, other.dv.vectors)
    assert share_of_topic(made(workers=3, **options), made(workers=3, **options).dv.vectors) > 0.7


@pytest.mark.parametrize(("tag", "counts"), [("my doc {}", False), (0, True)])
def test_words_and_tags_are_both_written_or_neither(tmp_path, tag, counts):
    model = made(documents(lambda k: [tag.format(k) if isinstance(tag, str) else k]), epochs=1)
    (tmp_path / "file").write_text("old")
    with pytest.raises(ValueError, match=r"my doc|doc_count"):
        model.save_word2vec_format(tmp_path / "file", doctag_vec=True, fvocab=tmp_path / "counts" if counts else None)
    assert (tmp_path / "file").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_names_of_gensim(tmp_path):
    model = made(documents(lambda k: [f"n{k}"]), dm=0, dbow_words=1)
    assert (model.dm, model.dbow) == (False, True)
    with pytest.warns(DeprecationWarning, match="use dv"):
        assert model.docvecs is model.dv
    with pytest.warns(DeprecationWarning, match="fill_norms"):
        model.init_sims()
    assert model.estimate_memory()["doctag_lookup"] == 200 * 200
    model.save_word2vec_format(tmp_path / "both", doctag_vec=True)
    both = KeyedVectors.load_word2vec_format(tmp_path / "both")
    assert len(both) == len(model.wv) + 200
    np.testing.assert_allclose(both["*dt_n7"], model.dv["n7"], rtol=1e-5)
    model.save_word2vec_format(tmp_path / "counted", doctag_vec=True, fvocab=tmp_path / "counts", binary=True)
    names = (tmp_path / "counted", tmp_path / "counts")
    assert KeyedVectors.load_word2vec_format(*names, binary=True).get_vecattr("*dt_n7", "count") == 1
    other = Doc2Vec(vector_size=16, min_count=1)
    other.reset_from(model)
    assert list(other.dv.index_to_key) == list(model.dv.index_to_key)
    assert same_bits(other.dv.vectors, Doc2VecBuilt(model).dv.vectors)


def Doc2VecBuilt(model):
    built = Doc2Vec(vector_size=16, min_count=1)
    built.build_vocab(documents(lambda k: [f"n{k}"]))
    assert built.wv.index_to_key == model.wv.index_to_key
    return built


def test_inference_does_not_wait_for_others(caplog):
    caplog.set_level(logging.ERROR)
    model = made()
    given, found = texts(20, seed=9), {}
    threads = [
        threading.Thread(target=lambda k=k: found.update({k: model.infer_vectors(given, workers=2)})) for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(same_bits(vectors, found[0]) for vectors in found.values())


# Beside gensim.


@pytest.fixture(name="gensim")
def gensims_doc2vec():
    return pytest.importorskip("gensim.models.doc2vec")


@pytest.mark.parametrize("tags", ["numbers", "names", "both"])
@each_mode
def test_models_of_gensim_are_read(gensim, options, tags, tmp_path):
    tag = {"numbers": lambda k: [k], "names": lambda k: [f"n{k}"], "both": lambda k: [k, f"of {k % TOPICS}"]}[tags]
    own = {name: value for name, value in options.items() if name != "shared_noise"}
    if "dm_mean" in own:
        own["cbow_mean"] = own.pop("dm_mean")  # of which gensim takes no notice
    count = {"dm_tag_count": len(tag(0))} if "dm_concat" in own else {}
    corpus = [gensim.TaggedDocument(words, tag(k)) for k, words in enumerate(texts(60))]
    theirs = gensim.Doc2Vec(corpus, vector_size=16, min_count=1, workers=1, epochs=10, sample=0, **own, **count)
    for more in ({}, {"sep_limit": 0}):
        theirs.save(str(tmp_path / "model"), **more)
        model = Doc2Vec.load(tmp_path / "model")
        assert list(model.dv.index_to_key) == theirs.dv.index_to_key
        assert same_bits(model.dv.vectors, theirs.dv.vectors)
        assert same_bits(model.wv.vectors, theirs.wv.vectors)
        assert all(same_bits(getattr(model, name), getattr(theirs, name)) for name in model._outputs())
        assert str(model) == str(theirs)
        assert model.estimate_memory() == theirs.estimate_memory()
        for name in theirs.dv.expandos:
            np.testing.assert_array_equal(model.dv.expandos[name], theirs.dv.expandos[name])
    if count.get("dm_tag_count", 1) == 1 and "dm_concat" not in own:
        one, other = (each.infer_vector(texts(1)[0], epochs=50) for each in (model, theirs))
        assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.95
        assert 0.8 < np.linalg.norm(one) / np.linalg.norm(other) < 1.25
    model.train(corpus, epochs=1, start_alpha=0.01)


def test_begins_with_the_vectors_of_gensim(gensim):
    ours, theirs = (kind(vector_size=16, min_count=1, seed=3) for kind in (Doc2Vec, gensim.Doc2Vec))
    corpus = [gensim.TaggedDocument(words, [k, f"of {k % TOPICS}"]) for k, words in enumerate(texts(60))]
    for model in (ours, theirs):
        model.build_vocab(corpus)
    assert list(ours.dv.index_to_key) == theirs.dv.index_to_key
    assert ours.dv.key_to_index == theirs.dv.key_to_index
    assert same_bits(ours.dv.vectors, theirs.dv.vectors)
    for name in ("doc_count", "word_count"):
        np.testing.assert_array_equal(ours.dv.expandos[name], theirs.dv.expandos[name])


def test_whole_numbers_behind_the_tags_are_keys_of_their_own():
    documents = [TaggedDocument(["a", "b"], [number]) for number in range(40)]
    tags = Doc2Vec(documents, vector_size=2, min_count=1, epochs=1, sample=0).dv
    tags.add_vectors([100], [np.ones(2)])
    assert 40 not in tags
    tags.add_vectors([40], [np.full(2, 2)])
    tags[40] = np.full(2, 3)
    np.testing.assert_array_equal([tags[100], tags[40]], [[1, 1], [3, 3]])
    assert len(tags) == 42
    tags.add_vectors(["name"], [np.full(2, 4)])
    assert 41 not in tags
    np.testing.assert_array_equal(tags[42], tags["name"])  # the number of a row, as in gensim
