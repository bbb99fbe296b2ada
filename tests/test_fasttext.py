"""FastText: trained by the kernels of Word2Vec, with gensim's surface, and fastText's convention."""

import inspect
import os
import threading

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors, Word2Vec
from fastemb.models.callbacks import CallbackAny2Vec
from fastemb.models.fasttext import (
    FastTextKeyedVectors,
    compute_ngrams,
    ft_hash_bytes,
    ft_ngram_hashes,
    load_facebook_model,
    load_facebook_vectors,
    save_facebook_model,
)

SENTENCES = [["the", "kettle", "sings"], ["the", "teapot", "listens"], ["a", "kettle", "and", "a", "teapot"]] * 20
SMALL = {"vector_size": 16, "min_count": 1, "bucket": 500, "epochs": 3, "workers": 1}
kinds = pytest.mark.parametrize(
    "kind", [{"sg": 1}, {"sg": 0}, {"sg": 1, "hs": 1, "negative": 0}, {"sg": 0, "hs": 1}], ids=str
)


@pytest.fixture(scope="module")
def small():
    return FastText(SENTENCES, sg=1, **SMALL)


def test_constructor_has_gensims_parameters_in_order():
    names = list(inspect.signature(FastText).parameters)
    assert names == [
        *("sentences", "corpus_file", "sg", "hs", "vector_size", "alpha", "window", "min_count", "max_vocab_size"),
        *("word_ngrams", "sample", "seed", "workers", "min_alpha", "negative", "ns_exponent", "cbow_mean", "hashfxn"),
        *("epochs", "null_word", "min_n", "max_n", "sorted_vocab", "bucket", "trim_rule", "batch_words", "callbacks"),
        *("max_final_vocab", "shrink_windows", "others"),
    ]


def test_constructor_equals_gensims():
    gensim = pytest.importorskip("gensim.models.fasttext", reason="gensim is not installed")
    theirs = {name: p.default for name, p in inspect.signature(gensim.FastText).parameters.items()}
    ours = {name: p.default for name, p in inspect.signature(FastText).parameters.items() if name != "others"}
    assert list(ours) == list(theirs)
    assert ours == theirs


# Training.


@kinds
def test_rows_that_no_word_has_are_not_in_memory_until_they_are_asked_for(planted, kind, tmp_path):
    """Whether all rows of n-grams are in memory makes no difference."""
    options = {"vector_size": 15, "epochs": 2, "workers": 1, "bucket": 20_000, **kind}
    models = []
    for all_at_once in (True, False):
        model = FastText(**options)
        model.build_vocab(planted)
        if all_at_once:
            assert model.wv.vectors_ngrams.shape == (20_000, 15)
        for update in (False, True):
            if update:
                model.build_vocab([["kettles", "teapots"] * 5], update=True)
            model.train(planted, epochs=2, total_examples=len(planted))
        models.append(model)
    whole, few = models
    used = set(few.wv.buckets_word.ids.tolist())
    assert few.wv.ngrams_in_use()[0].shape == (len(used), 15)
    assert len(used) < 1000
    assert len(whole.wv.ngrams_in_use()[0]) == 20_000
    np.testing.assert_array_equal(few.wv.vectors, whole.wv.vectors)
    for word in ("topic0word0", "topic0word", "neverseen"):
        np.testing.assert_array_equal(few.wv[word], whole.wv[word])
    few.save(tmp_path / "model")
    save_facebook_model(few, tmp_path / "model.bin")
    few.wv.without_words()
    assert len(few.wv.ngrams_in_use()[0]) == len(used)
    for loaded in (FastText.load(tmp_path / "model"), load_facebook_model(tmp_path / "model.bin")):
        np.testing.assert_array_equal(loaded.wv.vectors_ngrams, whole.wv.vectors_ngrams)
    np.testing.assert_array_equal(few.wv.vectors_ngrams, whole.wv.vectors_ngrams)
    few.train(planted, epochs=1, total_examples=len(planted))
    whole.train(planted, epochs=1, total_examples=len(planted))
    np.testing.assert_array_equal(few.wv.vectors, whole.wv.vectors)
    few.wv.vectors_ngrams[:] = 0  # now they are all there
    np.testing.assert_array_equal(few.wv["neverseen"], 0)


def test_words_may_be_too_short_for_ngrams(tmp_path):
    sentences = [["a", "b", "c"] * 5] * 5
    model = FastText(min_n=5, max_n=6, bucket=100, vector_size=4, min_count=1, workers=1)
    model.build_vocab(sentences)
    begun = model.wv.vectors.copy()
    model.train(sentences, epochs=50, total_examples=5)
    assert (model.wv.vectors != begun).all()
    model.save(tmp_path / "model")
    assert FastText.load(tmp_path / "model").wv.vectors_ngrams.shape == model.wv.vectors_ngrams.shape == (100, 4)
    np.testing.assert_array_equal(
        model.wv["hello"], model.wv.vectors_ngrams[ft_ngram_hashes("hello", 5, 6, 100)].mean(0)
    )


def test_all_who_ask_for_all_rows_get_the_same(planted):
    model = FastText(planted, **SMALL)
    others, found = model.wv.without_words(), []
    threads = [threading.Thread(target=lambda: found.append(model.wv.vectors_ngrams)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(rows is found[0] for rows in found)
    found[0][:] = 0
    assert not others["neverseen"].any()


def test_words_that_init_from_lacks_get_rows_of_ngrams(planted):
    known = FastText(planted, **SMALL).wv
    corpus = [*planted, ["kettles", "teapots"] * 6]
    few = FastText(corpus, init_from=known, **SMALL)
    assert known.vectors_ngrams.shape == (SMALL["bucket"], SMALL["vector_size"])
    whole = FastText(corpus, init_from=known, **SMALL)
    np.testing.assert_array_equal(few.wv.vectors, whole.wv.vectors)
    assert "kettles" in few.wv.key_to_index


def test_callbacks_see_all_rows_as_they_are(planted):
    seen = []

    class Look(CallbackAny2Vec):
        def on_epoch_end(self, model):
            seen.append(model.wv.vectors_ngrams)

    model = FastText(planted, callbacks=[Look()], **SMALL)
    assert len(seen) == SMALL["epochs"]
    assert not seen[0].flags.writeable
    assert (seen[0] != seen[1]).any()
    np.testing.assert_array_equal(seen[-1], model.wv.vectors_ngrams)
    assert model.wv.vectors_ngrams.flags.writeable


def test_locks_of_single_rows_of_ngrams_hold_in_a_new_model(planted):
    model = FastText(**SMALL)
    model.build_vocab(planted)
    model.wv.vectors_ngrams_lockf = (np.arange(SMALL["bucket"]) % 2).astype(np.float32)
    before = model.wv.ngram_rows[:]
    model.train(planted, epochs=1, total_examples=len(planted))
    changed = (model.wv.vectors_ngrams != before).any(axis=1)
    assert changed.any()
    assert not changed[::2].any()


def test_vectors_without_rows_are_filled():
    wv = FastTextKeyedVectors(4, 3, 6, 10)
    assert "abc" not in wv
    with pytest.raises(KeyError, match="'abc' not present"):
        wv["abc"]
    wv.add_vector("abc", np.ones(4))
    np.testing.assert_allclose(wv["abc"], 1)
    assert "unseen" in wv


@kinds
@pytest.mark.parametrize("none", [{"bucket": 0}, {"max_n": 0}], ids=str)
def test_without_ngrams_it_is_word2vec(planted, kind, none):
    options = {"vector_size": 20, "epochs": 2, "workers": 1, "compute_loss": True, **kind}
    words, plain = FastText(planted[:200], **options, **none), Word2Vec(planted[:200], **options)
    np.testing.assert_array_equal(words.wv.vectors, plain.wv.vectors)
    assert words.epoch_losses == plain.epoch_losses
    assert "unseen" not in words.wv
    with pytest.raises(KeyError, match="unseen"):
        words.wv["unseen"]


def test_deterministic_with_several_workers(planted):
    options = {**SMALL, "workers": 3, "deterministic": True, "epochs": 1}
    first, second = (FastText(planted, **options) for _ in range(2))
    np.testing.assert_array_equal(first.wv.vectors, second.wv.vectors)


@pytest.mark.parametrize("window", [3, 60])
@kinds
def test_changes_of_rows_are_those_of_their_words(window, kind):
    """Rows that no word of the corpus has stay as they were; others all change."""
    model = FastText(vector_size=8, min_count=1, bucket=300, window=window, workers=1, sample=0, epochs=2, **kind)
    model.build_vocab(SENTENCES)
    before = model.wv.vectors_ngrams.copy(), model.wv.vectors_vocab.copy()
    model.train(SENTENCES)
    changed = (model.wv.vectors_ngrams != before[0]).any(axis=1)
    assert set(np.flatnonzero(changed).tolist()) == set(model.wv.buckets_word.ids.tolist())
    assert (model.wv.vectors_vocab != before[1]).any(axis=1).all()


@pytest.mark.parametrize("sg", [0, 1])
def test_every_row_of_a_bag_gets_the_whole_change(sg):
    """Two words, each met once: what the rows of a word gain is the same, and what its vector gains."""
    model = FastText(vector_size=8, min_count=1, bucket=10**6, workers=1, sample=0, epochs=1, sg=sg)
    model.build_vocab([["kettle", "teapot"]])
    model.syn1neg[:] = np.random.default_rng(1).normal(size=model.syn1neg.shape)
    wv = model.wv
    rows, words, vectors = wv.vectors_ngrams.copy(), wv.vectors_vocab.copy(), wv.vectors.copy()
    model.train([["kettle", "teapot"]])
    for word in range(2):
        change = wv.vectors_vocab[word] - words[word]
        assert np.abs(change).max() > 1e-4
        for row in wv.buckets_word[word]:
            np.testing.assert_allclose(wv.vectors_ngrams[row] - rows[row], change, atol=1e-6)
        np.testing.assert_allclose(wv.vectors[word] - vectors[word], change, atol=1e-6)


@pytest.mark.parametrize("sg", [0, 1])
def test_rows_of_ngrams_are_locked_on_their_own(sg):
    model = FastText(sg=sg, sample=0, **SMALL)
    model.build_vocab(SENTENCES)
    words, ngrams = model.wv.vectors_vocab.copy(), model.wv.vectors_ngrams.copy()
    model.wv.vectors_ngrams_lockf = np.zeros(1, np.float32)
    model.train(SENTENCES)
    np.testing.assert_array_equal(model.wv.vectors_ngrams, ngrams)
    assert (model.wv.vectors_vocab != words).any(axis=1).all()


def test_given_vectors_that_are_locked_stay_as_they_are(tmp_path):
    given = KeyedVectors.from_arrays(["kettle", "absent"], np.ones((2, 16), np.float32))
    given.save_word2vec_format(tmp_path / "given")
    locked, frozen = FastText(sample=0, **SMALL), FastText(sample=0, init_from=given, freeze=True, **SMALL)
    for model in (locked, frozen):
        model.build_vocab(SENTENCES)
    locked.wv.intersect_word2vec_format(tmp_path / "given")
    for model in (locked, frozen):
        others = model.wv["teapot"]
        model.train(SENTENCES)
        np.testing.assert_allclose(model.wv["kettle"], 1, atol=1e-5)
        assert abs(model.wv["teapot"] - others).max() > 1e-4
        ids = model.wv.subwords.of_word("kettle")
        assert set(np.flatnonzero(model.wv.vectors_ngrams_lockf == 0)) == set(ids)


def test_nothing_is_frozen_where_no_vector_was_given():
    given = KeyedVectors.from_arrays(["absent"], np.ones((1, 16), np.float32))
    model = FastText(SENTENCES, init_from=given, freeze=True, sample=0, **SMALL)
    assert model.wv.vectors_ngrams_lockf.tolist() == [1]
    assert model.wv.vectors_lockf.tolist() == [1] * len(model.wv)


def test_ngrams_of_words_that_are_added_begin_where_they_are():
    model = FastText(SENTENCES, sg=1, sample=0, **SMALL)
    known, rows = model.wv.vectors_vocab.copy(), model.wv.vectors_ngrams.copy()
    model.build_vocab([["samovar", "kettle", "boils"]] * 10, update=True)
    np.testing.assert_array_equal(model.wv.vectors_vocab[:-2], known)
    np.testing.assert_array_equal(model.wv.vectors_ngrams, rows)
    assert len(model.wv.buckets_word) == len(model.wv) == len(model.wv.vectors)


def test_wide_windows_of_few_words_stay_finite():
    draw = np.random.default_rng(1)
    baskets = [[f"item{k}" for k in draw.integers(0, 30, 400)] for _ in range(20)]
    for kind in ({"sg": 1}, {"sg": 1, "hs": 1, "negative": 0}, {"corrected_cbow": True}):
        model = FastText(baskets, window=10_000, vector_size=16, bucket=1000, epochs=3, workers=2, sample=0, **kind)
        assert np.isfinite(model.wv.vectors).all()
        assert np.abs(model.wv.vectors).max() < 100


def test_many_short_sentences_and_unknown_words():
    """Stretches without any window, between others that have some."""
    sentences = [["kettle", "teapot", "kettle"]] + [["sings"]] * 9000 + [["unknown"]] * 9000 + [["kettle", "teapot"]]
    for sg in (0, 1):
        model = FastText(vector_size=8, bucket=100, min_count=1, sg=sg, workers=1, sample=0, epochs=1)
        model.build_vocab([["kettle", "teapot", "sings"]] * 2)
        assert model.train(sentences) == (3 + 9000 + 2, 3 + 18000 + 2)
        assert np.isfinite(model.wv.vectors).all()


def test_rows_begin_as_gensims_do():
    gensim = pytest.importorskip("gensim.models", reason="gensim is not installed")
    options = {"vector_size": 10, "min_count": 1, "bucket": 50, "seed": 3}
    ours, theirs = FastText(**options), gensim.FastText(**options)
    ours.build_vocab([["a", "b"], ["a"]])
    theirs.build_vocab([["a", "b"], ["a"]])
    np.testing.assert_array_equal(ours.wv.vectors_vocab, theirs.wv.vectors_vocab)
    np.testing.assert_array_equal(ours.wv.vectors_ngrams, theirs.wv.vectors_ngrams)
    np.testing.assert_allclose(ours.wv.vectors, theirs.wv.vectors, rtol=1e-5, atol=1e-7)


def test_more_buckets_than_have_numbers_are_refused():
    with pytest.raises(ValueError, match="bucket"):
        FastText(SENTENCES, **SMALL | {"bucket": 2**31})


@pytest.mark.skipif(not hasattr(os, "sysconf"), reason="the system does not tell how much memory it has")
def test_more_buckets_than_memory_are_refused_before_any_is_taken():
    with pytest.raises(MemoryError, match="smaller bucket"):
        FastText(SENTENCES, min_count=1, bucket=2**31 - 1, vector_size=10_000)


def test_odd_words():
    words = ["", "x" * 20_000, "👩‍👩‍👧", "e\u0301\u0301\u0301", "a", "\ud800", "</s>", "<>"]
    for sg in (0, 1):
        model = FastText([words] * 5, min_count=1, vector_size=8, bucket=1000, sg=sg, workers=1)
        assert np.isfinite(model.wv.vectors).all()
    assert len(model.wv.buckets_word[model.wv.key_to_index["</s>"]]) == 0


# Vectors.


def test_a_vector_is_the_mean_of_its_rows(small):
    wv = small.wv
    for word, vector in zip(wv.index_to_key, wv.vectors, strict=True):
        rows = [wv.vectors_vocab[wv.key_to_index[word]]]
        rows += [wv.vectors_ngrams[k] for k in ft_ngram_hashes(word, wv.min_n, wv.max_n, wv.bucket)]
        np.testing.assert_allclose(vector, np.mean(rows, axis=0), rtol=1e-5, atol=1e-7)
    rows = [wv.vectors_ngrams[k] for k in ft_ngram_hashes("teakettle", wv.min_n, wv.max_n, wv.bucket)]
    np.testing.assert_allclose(wv["teakettle"], np.mean(rows, axis=0), rtol=1e-5, atol=1e-7)


def test_words_never_seen(small):
    wv = small.wv
    assert "teakettle" in wv
    assert "teakettle" not in wv.key_to_index
    assert not wv.has_index_for("teakettle")
    assert wv.most_similar("kettles", topn=1)[0][0] == "kettle"
    assert wv.similarity("kettles", "kettle") > wv.similarity("kettles", "sings")
    assert wv[["kettle", "kettles"]].shape == (2, 16)
    assert wv.most_similar(positive=["kettles", "teapot"], negative=["unseen"], topn=3)
    np.testing.assert_allclose(np.linalg.norm(wv.get_vector("kettles", norm=True)), 1, rtol=1e-6)


def test_a_word_without_ngrams_is_zero(small, caplog):
    wv = FastTextKeyedVectors(4, 5, 6, 10)
    wv.vectors_ngrams = np.ones((10, 4), np.float32)
    for norm in (False, True):
        assert not wv.get_vector("a", norm=norm).any()
    assert "no n-grams" in caplog.text


def test_sentence_vectors(small):
    wv = small.wv
    words = ["kettle", "teakettle", "</s>"]
    expected = np.mean([wv.get_vector(word, norm=True) for word in words[:2]], axis=0)
    np.testing.assert_allclose(wv.get_sentence_vector(words), expected, rtol=1e-5)
    np.testing.assert_allclose(wv.get_sentence_vector("kettle  teakettle\n"), expected, rtol=1e-5)
    assert not wv.get_sentence_vector([]).any()


def test_given_vectors_are_kept(small):
    wv = FastTextKeyedVectors.from_bags(
        small.wv.index_to_key, small.wv.vectors_vocab.copy(), small.wv.vectors_ngrams, small.wv.subwords
    )
    wv.add_vectors(["samovar", "kettle"], np.ones((2, 16)))
    wv["teapot"] = np.full(16, 2.0)
    wv.add_vector("urn", np.full(16, 3.0))
    kettle = small.wv["kettle"]
    for _ in range(2):
        np.testing.assert_allclose(wv["samovar"], 1, rtol=1e-5)
        np.testing.assert_allclose(wv["kettle"], kettle, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(wv["teapot"], 2, rtol=1e-5)
        np.testing.assert_allclose(wv["urn"], 3, rtol=1e-5)
        wv.adjust_vectors()


def test_ngrams_of_gensim():
    gensim = pytest.importorskip("gensim.models.fasttext", reason="gensim is not installed")
    for word in ["where", "Köln", "東京", "", "👩‍👩‍👧"]:
        for span in [(3, 6), (1, 2)]:
            assert compute_ngrams(word, *span) == gensim.compute_ngrams(word, *span)
            assert ft_ngram_hashes(word, *span, 1000) == gensim.ft_ngram_hashes(word, *span, 1000)
    assert ft_hash_bytes("é".encode()) == gensim.ft_hash_bytes("é".encode())


# Compression.


@pytest.fixture(scope="module")
def large():
    draw = np.random.default_rng(1)
    words = ["".join(draw.choice(list("abcdefgh"), 6)) for _ in range(400)]
    sentences = [[words[k] for k in draw.integers(0, 400, 10)] for _ in range(300)]
    return FastText(sentences, sg=1, vector_size=16, bucket=3000, epochs=2, min_count=1, workers=1).wv


@pytest.mark.parametrize(
    ("store", "share", "cosine"),
    [("float32", 1.01, 1), ("float16", 0.6, 0.99999), ("int8", 0.45, 0.999), ("product", 0.45, 0.97)],
)
def test_compressed_vectors_are_near(tmp_path, large, store, share, cosine):
    small = large.compress(store)
    assert small.compression["share"] < share
    for word in [*large.index_to_key[:50], "never", "seen"]:
        first, second = large.get_vector(word, norm=True), small.get_vector(word, norm=True)
        assert first @ second > cosine - 0.03 - 1e-6
    assert small.compression["cosine"] > cosine - 1e-6
    np.testing.assert_allclose(small.vectors[7], small.get_vector(small.index_to_key[7]), rtol=1e-5, atol=1e-6)
    assert small.most_similar(large.index_to_key[0], topn=3)
    small.save(tmp_path / "small")
    again = FastTextKeyedVectors.load(tmp_path / "small")
    np.testing.assert_array_equal(again["never"], small["never"])


def test_pruned_words_are_made_of_their_ngrams(large):
    small = large.compress("float32", words=100)
    assert small.index_to_key == large.index_to_key[:100]
    dropped = large.index_to_key[200]
    np.testing.assert_array_equal(small[dropped], large.without_words()[dropped])
    np.testing.assert_array_equal(small["never"], large["never"])


def test_pruned_buckets_are_the_shortest(large):
    small = large.compress("float32", buckets=50)
    assert small.vectors_ngrams.shape == (50, 16)
    used = np.unique(large.buckets_word.ids)
    lengths = np.linalg.norm(large.vectors_ngrams[used], axis=1)
    assert set(small.subwords.kept[:, 0].tolist()) == set(used[np.argsort(-lengths)[:50]].tolist())
    again = small.compress("float16", buckets=20)
    assert set(again.subwords.kept[:, 0].tolist()) <= set(small.subwords.kept[:, 0].tolist())
    assert large.compress("float32", buckets=1500).compression["cosine"] > small.compression["cosine"]


def test_wrong_ways_to_compress_are_refused(large):
    with pytest.raises(ValueError, match="store must be one of 'float32'"):
        large.compress("int4")
    with pytest.raises(ValueError, match="negative"):
        large.compress(words=-1)
    with pytest.raises(TypeError, match="compressed"):
        large.compress().add_vectors(["new"], np.ones((1, 16)))


# Files.


def test_vectors_of_other_models_are_refused(tmp_path):
    Word2Vec(SENTENCES, min_count=1).save(tmp_path / "word2vec")
    with pytest.raises(ValueError, match="FastText"):
        FastTextKeyedVectors.load(tmp_path / "word2vec")


@kinds
@pytest.mark.parametrize("ngrams", [{}, {"max_n": 0}], ids=str)
def test_facebook_round_trip(tmp_path, kind, ngrams):
    model = FastText(SENTENCES, **SMALL, **kind, **ngrams)
    save_facebook_model(model, tmp_path / "model.bin")
    for mmap in (None, "r"):
        again = load_facebook_model(tmp_path / "model.bin", mmap=mmap)
        assert (again.sg, again.negative, again.window) == (model.sg, model.negative, model.window)
        np.testing.assert_array_equal(again.wv.vectors, model.wv.vectors)
        if model.negative:
            np.testing.assert_array_equal(again.syn1neg, model.syn1neg)
        before = again.wv.vectors.copy()
        again.train(SENTENCES)
        assert (again.wv.vectors != before).any()


@pytest.mark.filterwarnings("ignore")
@kinds
def test_fasttext_gives_the_same_vectors(tmp_path, kind):
    fasttext = pytest.importorskip("fasttext", reason="fastText is not installed (pip install fasttext-wheel)")
    model = FastText(SENTENCES, **SMALL, **kind)
    save_facebook_model(model, tmp_path / "model.bin")
    theirs = fasttext.load_model(str(tmp_path / "model.bin"))
    assert theirs.get_words() == model.wv.index_to_key
    for word in [*model.wv.index_to_key, "teakettle", "東京"]:
        expected, found = theirs.get_word_vector(word), model.wv[word]
        # Some builds of fastText divide vectors by their lengths.
        np.testing.assert_allclose(
            found / np.linalg.norm(found), expected / np.linalg.norm(expected), rtol=1e-4, atol=1e-6
        )


@pytest.mark.filterwarnings("ignore")
def test_training_goes_on_from_fasttexts_model(tmp_path):
    fasttext = pytest.importorskip("fasttext", reason="fastText is not installed (pip install fasttext-wheel)")
    corpus = tmp_path / "corpus"
    corpus.write_text("\n".join(" ".join(sentence) for sentence in SENTENCES) + "\n")
    options = {"dim": 8, "minCount": 1, "bucket": 200, "thread": 1, "verbose": 0}
    fasttext.train_unsupervised(str(corpus), **options).save_model(str(tmp_path / "model.bin"))
    model = load_facebook_model(tmp_path / "model.bin")
    assert "</s>" in model.wv.key_to_index
    model.train(SENTENCES, epochs=2)
    save_facebook_model(model, tmp_path / "again.bin")
    assert load_facebook_vectors(tmp_path / "again.bin").index_to_key == model.wv.index_to_key


@pytest.mark.parametrize("name", ["supervised.bin", "pruned.ftz", "quantized.ftz"])
def test_models_that_cannot_be_trained_say_so(name):
    path = os.path.join(os.path.dirname(__file__), "golden", name)
    with pytest.raises(ValueError, match=rf"{name}.*supervised.*load_facebook_vectors"):
        load_facebook_model(path)


def test_a_model_of_impossible_parameters_is_named(tmp_path):
    with open(os.path.join(os.path.dirname(__file__), "golden", "words.bin"), "rb") as file:
        data = bytearray(file.read())
    data[24:28] = (2**31 - 1).to_bytes(4, "little")  # noise words
    path = tmp_path / "words.bin"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"words\.bin: its parameters are damaged \(negative must be at most 1000000"):
        load_facebook_model(path)


def test_words_that_share_most_of_their_ngrams_do_not_diverge():
    draw = np.random.default_rng(1)
    sentences = [[f"w{number}" for number in draw.integers(0, 20_000, 200)] for _ in range(1500)]
    for alpha in (0.01, 0.025):
        model = FastText(sentences, vector_size=20, min_count=1, epochs=1, workers=1, bucket=50_000, sg=1, alpha=alpha)
        assert np.abs(model.wv.vectors).max() < 10
