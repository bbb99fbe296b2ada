"""The model: gensim's API, training, saving, bad input."""

import ctypes
import inspect
import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from conftest import topics_found

import fastemb
from fastemb.models import Word2Vec
from fastemb.models.callbacks import CallbackAny2Vec

HELLO = [["hello", "world"], ["hello", "world", "hello"], ["world", "world"]]
SMALL = {"min_count": 1, "vector_size": 16, "workers": 1}


@pytest.fixture
def corpus_file(planted, tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in planted))
    return path


# gensim's API.


def test_constructor_has_gensims_parameters_in_order():
    names = list(inspect.signature(Word2Vec).parameters)
    assert names[:27] == [
        *("sentences", "corpus_file", "vector_size", "alpha", "window", "min_count", "max_vocab_size", "sample"),
        *("seed", "workers", "min_alpha", "sg", "hs", "negative", "ns_exponent", "cbow_mean", "hashfxn", "epochs"),
        *("null_word", "trim_rule", "sorted_vocab", "batch_words", "compute_loss", "callbacks", "comment"),
        *("max_final_vocab", "shrink_windows"),
    ]


def test_defaults_are_gensims():
    gensim = pytest.importorskip("gensim.models")
    ours, theirs = (inspect.signature(model).parameters for model in (Word2Vec, gensim.Word2Vec))
    assert {name: ours[name].default for name in theirs} == {name: p.default for name, p in theirs.items()}


def test_tutorial_runs_unchanged():
    model = Word2Vec(HELLO, vector_size=100, window=5, min_count=1, workers=4)
    assert model.wv["hello"].shape == (100,)
    assert model.wv["hello"].dtype == np.float32
    assert str(model) == "Word2Vec<vocab=2, vector_size=100, alpha=0.025>"
    assert fastemb.Word2Vec is Word2Vec


def test_nltk_corpus_reader_with_old_names(planted, tmp_path, monkeypatch):
    nltk = pytest.importorskip("nltk")
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])  # it reads nothing elsewhere
    for number in range(3):
        sentences = planted[number * 100 : number * 100 + 100]
        (tmp_path / f"part{number}.txt").write_text("".join(" ".join(words) + "\n" for words in sentences))
    reader = nltk.corpus.PlaintextCorpusReader(
        str(tmp_path),
        r".*\.txt",
        word_tokenizer=nltk.tokenize.WhitespaceTokenizer(),
        sent_tokenizer=nltk.tokenize.LineTokenizer(),
    )
    with pytest.warns(DeprecationWarning, match="size= is deprecated: use vector_size="):
        model = Word2Vec(reader.sents(), size=100, window=5, min_count=1, workers=4)
    assert model.wv.vectors.shape == (40, 100)
    assert model.corpus_count == 300
    model.save(tmp_path / "word2vec.model")
    with pytest.warns(DeprecationWarning, match="iter= is deprecated: use epochs="):
        assert Word2Vec(HELLO, iter=3, min_count=1).epochs == 3


# Vocabulary.


def test_vocabulary_is_by_count_then_by_first_appearance():
    model = Word2Vec([["c", "b", "a"], ["a", "b"], ["d", 7]], **SMALL)
    assert model.wv.index_to_key == ["b", "a", "c", "d", 7]
    assert [model.wv.get_vecattr(key, "count") for key in model.wv.index_to_key] == [2, 2, 1, 1, 1]
    assert (model.corpus_count, model.corpus_total_words) == (3, 7)


def test_sorted_vocab_0_keeps_the_order_of_appearance():
    assert Word2Vec([["c", "a", "a"]], sorted_vocab=0, **SMALL).wv.index_to_key == ["c", "a"]


def test_min_count_and_max_final_vocab():
    sentences = [["a"] * 5 + ["b"] * 4 + ["c"] * 3 + ["d"] * 3 + ["e"]]

    def words(**options):
        return Word2Vec(sentences, **(SMALL | options)).wv.index_to_key

    assert words(min_count=4) == ["a", "b"]
    assert words(max_final_vocab=5) == ["a", "b", "c", "d", "e"]
    assert words(max_final_vocab=4) == ["a", "b", "c", "d"]
    assert words(max_final_vocab=3) == ["a", "b"]  # c and d occur equally often: neither can stay
    assert words(max_final_vocab=4, min_count=4) == ["a", "b"]


def test_trim_rule():
    rules = {"a": 1, "rare": 2, "b": 0}
    model = Word2Vec([["a", "a", "b", "b", "rare"]], trim_rule=lambda w, c, m: rules[w], **(SMALL | {"min_count": 2}))
    assert model.wv.index_to_key == ["b", "rare"]
    with pytest.raises(ValueError, match="trim_rule returned 'keep' for 'a'"):
        Word2Vec([["a"]], trim_rule=lambda w, c, m: "keep", **SMALL)


def test_raw_vocab_is_kept_on_request():
    model = Word2Vec(min_count=2)
    model.build_vocab([["a", "a", "b"]], keep_raw_vocab=True)
    assert model.raw_vocab == {"a": 2, "b": 1}


def test_vectors_begin_as_gensims_do():
    model = Word2Vec(min_count=1, vector_size=20, seed=5)
    model.build_vocab([["a", "b", "b"]])
    expected = (np.random.default_rng(5).random((2, 20), np.float32) * 2 - 1) / 20
    np.testing.assert_array_equal(model.wv.vectors, expected.astype(np.float32))
    assert not model.syn1neg.any()


# Input.


class Resampled:
    """Another corpus at every iteration."""

    def __init__(self, sentences):
        self.sentences = sentences
        self.passes = 0

    def __iter__(self):
        self.passes += 1
        for sentence in self.sentences:
            yield [*sentence, f"pass{self.passes}"]


def test_iterables_are_read_once_or_with_reread_for_every_epoch():
    once, again = Resampled(HELLO), Resampled(HELLO)
    assert "pass2" not in Word2Vec(once, epochs=3, **SMALL).wv
    assert once.passes == 1
    Word2Vec(again, epochs=3, reread=True, **SMALL)
    assert again.passes == 4  # to count, and for each epoch
    with pytest.raises(TypeError, match="generator"):
        Word2Vec(iter(HELLO), reread=True, **SMALL)


def test_nothing_is_cached_between_calls():
    source = Resampled(HELLO)
    model = Word2Vec(**SMALL)
    model.build_vocab(source)
    assert model.train(source, epochs=2)[1] == 2 * 10
    assert source.passes == 2


def test_integers_are_words(planted):
    walks = [[int(word[5]) * 10 + int(word[-1]) for word in sentence] for sentence in planted]
    expected = Word2Vec(planted, **SMALL)
    for sentences in (walks, np.array(walks)):
        model = Word2Vec(sentences, **SMALL)
        np.testing.assert_array_equal(model.wv.vectors, expected.wv.vectors)
        np.testing.assert_array_equal(model.wv[23], expected.wv["topic2word3"])
        assert model.wv.most_similar(23)


# Training.


@pytest.mark.parametrize("options", [{"sg": 1}, {"sg": 0}, {"sg": 1, "hs": 1}, {"sg": 0, "memory_budget": 200_000}])
def test_deterministic_training_gives_the_same_bits_with_several_workers(planted, options):
    def train(**more):
        return Word2Vec(planted * 20, **(SMALL | {"epochs": 2, "sample": 0} | options | more)).wv.vectors

    first = train(workers=4, deterministic=True)
    np.testing.assert_array_equal(first, train(workers=4, deterministic=True))
    assert np.any(first != train(workers=3, deterministic=True))
    np.testing.assert_array_equal(train(workers=1), train(workers=1, deterministic=True))


def test_no_sample_keeps_all_words(planted):
    none, zero = (Word2Vec(planted, **SMALL | {"sample": sample, "workers": 1}) for sample in (None, 0))
    np.testing.assert_array_equal(none.wv.vectors, zero.wv.vectors)


@pytest.mark.parametrize("change", [{"sg": 0}, {"hs": 1}, {"window": 1}, {"negative": 1}, {"sample": 0.001},
    {"ns_exponent": -0.5}, {"alpha": 0.1}, {"min_alpha": 0.02}, {"seed": 2}, {"epochs": 3}, {"shrink_windows": False},
])  # fmt: skip
def test_every_option_changes_the_vectors(planted, change):
    options = {"sg": 1, "sample": 0, "epochs": 2, **SMALL}
    assert (Word2Vec(planted, **options).wv.vectors != Word2Vec(planted, **(options | change)).wv.vectors).any()


@pytest.mark.parametrize("sg", [0, 1])
def test_noise_may_be_drawn_for_each_pair(planted, sg):
    one, other = (Word2Vec(planted, sg=sg, shared_noise=shared, **SMALL).wv.vectors for shared in (True, False))
    assert not np.array_equal(one, other)
    model = Word2Vec(planted, sg=sg, shared_noise=False, min_count=1, vector_size=24, epochs=20, sample=0, workers=2)
    assert topics_found(model.wv) == 1


def test_corrected_cbow_divides_the_gradient(planted):
    one, other = (Word2Vec(planted, corrected_cbow=corrected, **SMALL).wv.vectors for corrected in (True, False))
    assert (one != other).any()
    model = Word2Vec(planted, corrected_cbow=True, min_count=1, vector_size=24, epochs=10, sample=0, alpha=0.4)
    assert topics_found(model.wv) == 1


@pytest.mark.parametrize("options", [{"sg": 1}, {"sg": 0}, {"hs": 1, "negative": 0}, {"hs": 1}], ids=str)
def test_loss_falls_and_is_a_mean_over_pairs(planted, options):
    seen = []

    class Watch(CallbackAny2Vec):
        def on_epoch_end(self, model):
            seen.append(model.get_latest_training_loss())

    options = {"compute_loss": True, "sample": 0, "epochs": 5, "alpha": 0.1, **SMALL} | options
    model = Word2Vec(planted, callbacks=[Watch()], **options)
    losses = model.epoch_losses
    assert len(losses) == 5
    assert losses == sorted(losses, reverse=True)
    # While nothing is learned every probability is a half.
    decisions = (6 if options.get("negative", 5) else 0) + (np.log2(40) if options.get("hs") else 0)
    unlearned = Word2Vec(planted, **(options | {"alpha": 1e-9, "min_alpha": 0})).epoch_losses
    assert unlearned == pytest.approx([decisions * np.log(2)] * 5, rel=0.05)
    assert np.all(np.diff(seen) > 0)
    assert model.get_latest_training_loss() == seen[-1]
    np.testing.assert_allclose(np.diff([0, *seen]) / losses, seen[0] / losses[0], rtol=0.1)
    same = Word2Vec(planted, **(options | {"compute_loss": False}))
    assert (same.epoch_losses, same.get_latest_training_loss()) == ([], 0)
    np.testing.assert_array_equal(same.wv.vectors, model.wv.vectors)


def test_vocabulary_from_frequencies(planted):
    counts = {"b": 5, "a": 9, "c": 1}
    model = Word2Vec(vector_size=8, min_count=2)
    model.build_vocab_from_freq(counts, corpus_count=7)
    assert model.wv.index_to_key == ["a", "b"]
    assert model.wv.get_vecattr("a", "count") == 9
    assert (model.corpus_count, model.corpus_total_words) == (7, 15)
    assert model.train([["a", "b", "c"]], total_examples=1, epochs=1)[1] == 3
    for bad in ({"a": -1}, {}):
        with pytest.raises(ValueError, match=r"at least 0|no word is left"):
            Word2Vec(**SMALL).build_vocab_from_freq(bad)


def test_zeros_are_heeded(planted):
    model = Word2Vec(vector_size=16, workers=1)
    model.build_vocab(HELLO, min_count=0, sample=0)
    assert (model.min_count, model.sample, len(model.wv)) == (0, 0, 2)
    model.train(HELLO, epochs=2, end_alpha=0)
    assert model.min_alpha == 0
    assert model.min_alpha_yet_reached == pytest.approx(0, abs=1e-12)
    before = model.wv.vectors.copy()
    model.train(HELLO, start_alpha=0)
    np.testing.assert_array_equal(model.wv.vectors, before)
    counter = Word2Vec(min_count=5)
    counter.scan_vocab(HELLO)
    assert counter.prepare_vocab(min_count=0, sample=0, dry_run=True)["num_retained_words"] == 2
    with pytest.raises(ValueError, match="min_count must be at least 0"):
        counter.prepare_vocab(min_count=-1)


def test_a_wrong_number_of_sentences_changes_no_vocabulary():
    model = Word2Vec(HELLO, **SMALL)
    with pytest.raises(ValueError, match="corpus_count must be at least 0"):
        model.build_vocab_from_freq({"other": 9}, corpus_count=-1)
    assert set(model.wv.index_to_key) == {"hello", "world"}


def test_null_word():
    assert Word2Vec([["b", "a", "a"]], null_word=1, **SMALL).wv.index_to_key == ["a", "b", "\0"]
    assert Word2Vec([["b", "a", "a"]], null_word=1, sorted_vocab=0, **SMALL).wv.index_to_key == ["b", "a", "\0"]


def test_cbow_mean_changes_the_vectors(planted):
    one, zero = (Word2Vec(planted, cbow_mean=mean, **SMALL).wv.vectors for mean in (1, 0))
    assert (one != zero).any()


TRAIN = """
import sys, hashlib
from fastemb import Word2Vec
model = Word2Vec(corpus_file=sys.argv[1], sg=int(sys.argv[2]), min_count=1, vector_size=37, workers=1, seed=3, epochs=2)
print(hashlib.sha256(model.wv.vectors.tobytes() + model.syn1neg.tobytes()).hexdigest())
"""


@pytest.mark.parametrize("sg", ["0", "1"])
def test_one_worker_gives_the_same_bits_in_any_process(corpus_file, sg):
    runs = {
        subprocess.run(
            [sys.executable, "-c", TRAIN, str(corpus_file), sg],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1", "2")
    }
    assert len(runs) == 1


def test_train_counts_words_and_calls():
    model = Word2Vec(**SMALL, sample=0)
    model.build_vocab([["a", "b"], ["c"]])
    assert model.train([["a", "b", "unknown"], ["c"]], total_examples=2, epochs=3) == (9, 12)
    assert (model.train_count, model.epochs) == (1, 3)
    assert model.total_train_time > 0
    assert model.min_alpha_yet_reached == pytest.approx(model.min_alpha)


def test_learning_rate_falls_by_the_totals_given(planted):
    reached = []

    class Watch(CallbackAny2Vec):
        def on_epoch_end(self, model):
            reached.append(model.min_alpha_yet_reached)

    model = Word2Vec(**SMALL, alpha=0.1, min_alpha=0)
    model.build_vocab(planted)
    model.train(planted, epochs=2, callbacks=[Watch()])
    model.train(planted, epochs=2, total_examples=2 * model.corpus_count, callbacks=[Watch()])
    model.train(planted, epochs=2, total_words=2 * model.corpus_total_words, callbacks=[Watch()])
    model.train(planted, epochs=2, word_count=model.corpus_total_words, callbacks=[Watch()])
    model.train(planted, epochs=2, start_alpha=0.4, end_alpha=0.2, callbacks=[Watch()])
    assert reached == pytest.approx([0.05, 0, 0.075, 0.05, 0.075, 0.05, 0, 0, 0.3, 0.2])


def test_progress_bar_goes_to_standard_error(planted, capfd):
    Word2Vec(planted, progress=True, **SMALL)
    out, err = capfd.readouterr()
    assert out == ""
    assert "100%" in err
    assert "epoch 5/5" in err


@pytest.mark.parametrize(
    "change",
    [np.float16, np.float64, ">f4", "fortran", "read-only"],
    ids=lambda change: getattr(change, "__name__", change),
)
def test_any_array_put_in_place_of_the_vectors_can_be_trained(planted, change):
    model, twin = (Word2Vec(planted, **SMALL) for _ in range(2))
    if change == "fortran":
        array = np.asfortranarray(model.wv.vectors)
    elif change == "read-only":
        array = model.wv.vectors.copy()
        array.flags.writeable = False
    else:
        array = model.wv.vectors.astype(change)
        twin.wv.vectors = array.astype(np.float32)
    model.wv.vectors = array
    for each in (model, twin):
        each.train(planted, epochs=1)
    assert model.wv.vectors.dtype == np.float32
    assert model.wv.vectors.flags.c_contiguous
    np.testing.assert_array_equal(model.wv.vectors, twin.wv.vectors)


def test_more_workers_than_openblas_has_threads(planted):
    model = Word2Vec(planted * 300, sg=1, workers=200, min_count=1, vector_size=16, epochs=1)
    assert topics_found(model.wv) == 1


def test_training_from_another_thread(planted):
    models = []
    thread = threading.Thread(target=lambda: models.append(Word2Vec(planted, **SMALL)))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(models[0].wv.vectors, Word2Vec(planted, **SMALL).wv.vectors)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # other libraries' threads
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork is safe on Linux alone")
def test_forked_child_can_train(planted):
    Word2Vec(planted, **(SMALL | {"workers": 2}))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("fastemb")]
    child = os.fork()
    if not child:
        status = 1
        try:
            model = Word2Vec(planted, **(SMALL | {"workers": 2}))
            status = int(not np.isfinite(model.wv.vectors).all())
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def baskets(size, baskets, seed=0):
    """Baskets from four clusters of 500 items each."""
    draw = np.random.default_rng(seed)
    clusters = draw.integers(4, size=baskets)
    return [(cluster * 500 + draw.integers(500, size=size)).tolist() for cluster in clusters]


@pytest.mark.parametrize("sg", [1, 0])
@pytest.mark.parametrize("size", [100, 500])
def test_baskets_with_a_window_over_all_of_them(sg, size):
    model = Word2Vec(
        baskets(size, 40_000 // size), window=10_000, sg=sg, min_count=1, vector_size=32, sample=0, workers=2
    )
    assert np.isfinite(model.wv.vectors).all()
    unit = model.wv.get_normed_vectors()
    similar = unit @ unit.T
    np.fill_diagonal(similar, -1)
    cluster = np.array(model.wv.index_to_key) // 500
    assert (cluster[similar.argmax(axis=1)] == cluster).mean() > 0.99


# Zachary's karate club (1977): friends of each member, and the faction that most tell apart.
CLUB = """1-2 1-3 2-3 1-4 2-4 3-4 1-5 1-6 1-7 5-7 6-7 1-8 2-8 3-8 4-8 1-9 3-9 3-10 1-11 5-11 6-11 1-12 1-13 4-13
1-14 2-14 3-14 4-14 6-17 7-17 1-18 2-18 1-20 2-20 1-22 2-22 24-26 25-26 3-28 24-28 25-28 3-29 24-30 27-30 2-31 9-31
1-32 25-32 26-32 29-32 3-33 9-33 15-33 16-33 19-33 21-33 23-33 24-33 30-33 31-33 32-33 9-34 10-34 14-34 15-34 16-34
19-34 20-34 21-34 23-34 24-34 27-34 28-34 29-34 30-34 31-34 32-34 33-34"""
FACTION = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 17, 18, 20, 22}


@pytest.mark.parametrize("options", [{"sg": 1}, {"sg": 1, "alpha": 0.1}, {"sg": 0}, {"sg": 0, "alpha": 0.1}])
def test_random_walks_over_a_club_of_34(options):
    draw = np.random.default_rng(0)
    friends = {member: [] for member in range(1, 35)}
    for edge in CLUB.split():
        a, b = map(int, edge.split("-"))
        friends[a].append(b)
        friends[b].append(a)
    walks = []
    for start in list(friends) * 10:
        walk = [start]
        while len(walk) < 80:
            walk.append(int(draw.choice(friends[walk[-1]])))
        walks.append(walk)
    model = Word2Vec(walks, window=10, vector_size=64, min_count=0, sample=0, workers=2, epochs=10, **options)
    assert np.isfinite(model.wv.vectors).all()
    same = [(member in FACTION) == (model.wv.most_similar(member, topn=1)[0][0] in FACTION) for member in friends]
    assert sum(same) >= 30  # gensim: 31 to 33


# Files.


def test_saved_model_is_a_safetensors_file(planted, tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    model = Word2Vec(planted, **SMALL)
    model.save(tmp_path / "model")
    arrays = safetensors.load_file(tmp_path / "model")
    np.testing.assert_array_equal(arrays["vectors"], model.wv.vectors)
    np.testing.assert_array_equal(arrays["syn1neg"], model.syn1neg)


# Bad input.


# BLAS.

THREADS = """
import importlib, json, os, sys
for name in sys.argv[1].split(","):
    importlib.import_module(name)
import numpy
from threadpoolctl import threadpool_info
pools = {os.path.realpath(pool["filepath"]): pool["num_threads"] for pool in threadpool_info()}
print(json.dumps(pools))
if "fastemb" in sys.argv[1]:
    from fastemb import Word2Vec
    Word2Vec([["a", "b"] * 100] * 100, min_count=1, workers=3)
print(json.dumps({os.path.realpath(pool["filepath"]): pool["num_threads"] for pool in threadpool_info()}))
"""


def thread_pools(modules):
    """Threads of each BLAS that a fresh process has after importing modules, and after training."""
    run = subprocess.run(
        [sys.executable, "-c", THREADS, modules],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "2"},
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_thread_counts_of_numpy_and_scipy_are_untouched_in_either_order():
    pytest.importorskip("threadpoolctl")
    pytest.importorskip("scipy")
    expected = thread_pools("numpy,scipy.linalg")[0]
    if sys.platform == "darwin" and not expected:
        pytest.skip("NumPy and SciPy have no BLAS here that threadpoolctl knows")
    assert expected
    package = os.path.realpath(os.path.dirname(fastemb.__file__))  # others may lie in a folder of that name, too
    for order in ("fastemb,scipy.linalg", "scipy.linalg,fastemb"):
        for pools in thread_pools(order):
            own = {path: threads for path, threads in pools.items() if os.path.realpath(path).startswith(package)}
            assert {path: threads for path, threads in pools.items() if path not in own} == expected
            assert set(own.values()) <= {1}


def test_openblas_of_the_build_is_not_needed_at_run_time():
    code = "import sys, fastemb; from fastemb.kernels import blas; print('scipy_openblas32' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no table of global symbols")
def test_symbols_stay_private():
    # Had the library been opened with global symbols, SciPy could bind to it.
    from fastemb.kernels import blas

    assert blas.core()
    assert not hasattr(ctypes.CDLL(None), "scipy_cblas_sgemm")


def test_import_is_light():
    code = "import sys, fastemb; print([m for m in ('tqdm', 'scipy', 'matplotlib', 'argparse') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
