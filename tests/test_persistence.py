"""Models that outlive their process: files, checkpoints, copies, callbacks, and numbers that run away."""

import copy
import hashlib
import multiprocessing
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import topics_found
from contract import Pauses, same

from fastemb import FastText, GloVe, KeyedVectors, TrainingDiverged, Word2Vec
from fastemb.corpus import Chunk, EncodedCorpus
from fastemb.formats.native import read_native, write_native
from fastemb.io.spill import SpillFile
from fastemb.models.callbacks import CallbackAny2Vec, Checkpoint, EarlyStopping, LossPlot
from fastemb.training import Fingerprint, divergence, trainer

HERE = Path(__file__).parent
SMALL = {"min_count": 1, "vector_size": 16, "workers": 1}


# Files.


def test_vectors_that_lack_rows_are_not_saved(tmp_path):
    short = KeyedVectors(2)
    short.add_vectors(["a", "b"], np.eye(2))
    short.vectors = short.vectors[:1]
    with pytest.raises(ValueError, match="2 keys and 1 vectors"):
        short.save(tmp_path / "vectors")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("mmap", [None, "r"])
@pytest.mark.parametrize("version", [1, 2])
def test_files_of_every_version_are_read(version, mmap):
    model = Word2Vec.load(HERE / "golden" / f"fastemb-{version}.model", mmap=mmap)
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert model.wv.index_to_key == ["ein", "zwei", 7]
    np.testing.assert_array_equal(model.wv.vectors, vectors)
    np.testing.assert_array_equal(model.syn1neg, -vectors)
    np.testing.assert_array_equal(model.syn1, vectors / 2)
    assert model.wv.expandos["count"].tolist() == [3, 2, 1]
    for wv in (model.wv, KeyedVectors.load(HERE / "golden" / f"fastemb-{version}.model")):
        assert wv.vectors_lockf.tolist() == ([1] if version == 1 else [1, 0, 0.5])
    assert (model.sg, model.hs, model.epochs, model.comment, model.train_count) == (1, 1, 2, "gölden", 1)
    assert (model.corpus_count, model.corpus_total_words, model.epoch_losses) == (2, 6, [2.5, 1.25])
    assert (model.total_train_time, model.running_training_loss) == (0.5, 8)
    model.train([["ein", "zwei", 7]])


def test_files_of_later_versions_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("fastemb.formats.native.VERSION", 17)
    Word2Vec([["a"]], **SMALL).save(tmp_path / "model")
    monkeypatch.undo()
    for load in (Word2Vec.load, KeyedVectors.load):
        with pytest.raises(ValueError, match=r"model: was written by a later version of fastemb, in format 17"):
            load(tmp_path / "model")


def test_any_changed_byte_is_noticed(tmp_path):
    path = tmp_path / "file"
    write_native(path, {"vectors": np.arange(5.0)}, {"class": "any"})
    data = path.read_bytes()
    flips = [(place, 1 << random.Random(place).randrange(8)) for place in range(len(data))]
    for place, bits in [*flips, (data.index(b"fastemb 2") + 8, ord("1") ^ ord("2"))]:
        path.write_bytes(data[:place] + bytes([data[place] ^ bits]) + data[place + 1 :])
        with pytest.raises(ValueError, match="file: "):
            read_native(path)
    path.write_bytes(data + b"\0")
    with pytest.raises(ValueError, match="damaged: 1 bytes follow after its end"):
        read_native(path)


def test_a_damaged_array_is_named(tmp_path):
    write_native(tmp_path / "file", {"first": np.zeros(99), "second": np.ones(99)}, {})
    data = bytearray((tmp_path / "file").read_bytes())
    data[-1] ^= 1
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(ValueError, match="file: damaged: the bytes of second are not those that were written"):
        read_native(tmp_path / "file")


FULL_DISK = """
import resource, signal, sys
from fastemb import Word2Vec
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
model = Word2Vec([range(1000)], min_count=1)
model.save(sys.argv[1])
before = open(sys.argv[1], "rb").read()
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    model.save(sys.argv[1])
except OSError as error:
    print(error)
assert open(sys.argv[1], "rb").read() == before
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sets no such limits")
def test_full_disk_is_reported_and_the_earlier_file_stays(tmp_path):
    run = subprocess.run([sys.executable, "-c", FULL_DISK, tmp_path / "model"], capture_output=True, text=True)
    assert f"File too large: '{tmp_path / 'model'}'" in run.stdout, run.stderr
    assert os.listdir(tmp_path) == ["model"]


def test_saving_works_where_files_cannot_be_given_names(planted, tmp_path, monkeypatch):
    def link(*_, **__):
        raise OSError("not here")

    monkeypatch.setattr(os, "link", link)
    model = Word2Vec(planted, **SMALL)
    model.save(tmp_path / "model")
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    model.save(tmp_path / "other")
    assert same(Word2Vec.load(tmp_path / "model"), Word2Vec.load(tmp_path / "other"))
    assert sorted(os.listdir(tmp_path)) == ["model", "other"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fork is safe on Linux alone")
def test_saves_that_are_killed_lose_no_file(tmp_path):
    run = subprocess.run([sys.executable, HERE / "kill_saves.py", "--kills", "20"], capture_output=True, text=True)
    assert "20 kills" in run.stdout, run.stderr


# gensim's models. The one in the folder `golden` was saved by gensim 4.4, with its matrices in files of their own.


@pytest.mark.parametrize("mmap", [None, "r"])
def test_a_model_of_gensim_is_read_without_gensim(mmap):
    model = Word2Vec.load(HERE / "golden" / "gensim-4.4.model", mmap=mmap)
    assert model.wv.index_to_key == ["zwei", "drei", "ein", "fünf", "vier"]
    assert model.wv.expandos["count"].tolist() == [9, 6, 6, 3, 3]
    assert (model.sg, model.hs, model.negative, model.window, model.seed, model.alpha) == (1, 1, 2, 4, 7, 0.03)
    assert (model.train_count, model.corpus_count, model.corpus_total_words) == (1, 9, 27)
    assert model.wv.vectors.shape == model.syn1.shape == model.syn1neg.shape == (5, 3)
    before = model.wv.vectors.copy()
    model.sample = 0  # which would leave hardly a word of so few
    model.train([["ein", "zwei", "vier"]] * 20, epochs=3)
    assert (model.wv.vectors != before).any()


def test_the_tree_of_gensim_is_kept_until_the_vocabulary_changes(tmp_path):
    model = Word2Vec.load(HERE / "golden" / "gensim-4.4.model")
    starts, nodes, labels = model.tree
    assert starts.tolist() == [0, 2, 4, 6, 9, 12]
    assert nodes.tolist() == [3, 2, 3, 1, 3, 1, 3, 2, 0, 3, 2, 0]
    assert labels.tolist() == [0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1]
    model.save(tmp_path / "model")
    assert same(Word2Vec.load(tmp_path / "model"), model)
    model.build_vocab([["new"]], update=True)
    assert model.tree is None
    model.train([["new", "zwei"]], epochs=1)


@pytest.mark.parametrize("options", [{"sg": 1}, {"cbow_mean": 0}, {"hs": 1, "negative": 0}, {"hs": 1}], ids=str)
def test_training_of_gensims_model_goes_on(planted, tmp_path, options):
    gensim = pytest.importorskip("gensim.models")
    theirs = gensim.Word2Vec(planted, min_count=1, vector_size=24, workers=1, epochs=1, alpha=0.05, **options)
    path = str(tmp_path / "model")
    theirs.save(path, sep_limit=0)
    ours = Word2Vec.load(path)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert ours._matrices().keys() == {"wv.vectors"} | {name for name in ("syn1", "syn1neg") if hasattr(theirs, name)}
    for name in ("vector_size", "alpha", "window", "sample", "ns_exponent", "corpus_total_words", "cbow_mean"):
        assert getattr(ours, name) == getattr(theirs, name), name
    np.testing.assert_array_equal(ours.wv.vectors, theirs.wv.vectors)
    ours.train(planted, epochs=10, start_alpha=0.1)
    assert topics_found(ours.wv) == 1


def test_locks_of_gensims_model_are_kept(planted, tmp_path):
    gensim = pytest.importorskip("gensim.models")
    theirs = gensim.Word2Vec(planted, min_count=1, vector_size=24, workers=1, epochs=1)
    theirs.wv.vectors_lockf = np.linspace(0, 1, len(theirs.wv), dtype=np.float32)
    theirs.save(str(tmp_path / "model"))
    theirs.wv.save(str(tmp_path / "vectors"))
    for wv in (Word2Vec.load(tmp_path / "model").wv, KeyedVectors.load(tmp_path / "vectors")):
        np.testing.assert_array_equal(wv.vectors_lockf, theirs.wv.vectors_lockf)


def test_other_pickles_are_no_models(tmp_path):
    class Harm:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "harm"),)

    (tmp_path / "pickle").write_bytes(pickle.dumps(Harm()))
    with pytest.raises(ValueError, match="pickle: not vectors that gensim saved: it asks for"):
        Word2Vec.load(tmp_path / "pickle")
    assert not (tmp_path / "harm").exists()
    data = (HERE / "golden" / "gensim-4.4.model").read_bytes()
    for length in range(0, len(data), 97):
        (tmp_path / "cut").write_bytes(data[:length])
        with pytest.raises(ValueError, match="cut: "):
            Word2Vec.load(tmp_path / "cut")
    (tmp_path / "alone").write_bytes(data)
    with pytest.raises(FileNotFoundError, match=r"alone\..*npy"):
        Word2Vec.load(tmp_path / "alone")
    gensim = pytest.importorskip("gensim.models")
    vectors = gensim.KeyedVectors(3)
    vectors.save(str(tmp_path / "vectors"))
    with pytest.raises(ValueError, match="vectors: holds KeyedVectors, not Word2Vec"):
        Word2Vec.load(tmp_path / "vectors")


# Copies.


def nearest(wv, word):
    return wv.most_similar(word, topn=1)[0][0]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # in Python 3.12, where NumPy has threads
@pytest.mark.parametrize("method", ["spawn", *["fork"] * sys.platform.startswith("linux")])
def test_vectors_reach_other_processes(planted, method):
    wv = Word2Vec(planted, **SMALL).wv
    words = wv.index_to_key[:4]
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.starmap(nearest, [(wv, word) for word in words]) == [nearest(wv, word) for word in words]


# Checkpoints.


@pytest.fixture(scope="module")
def larger():
    """Sentences of 300,000 words: many stretches, of which an epoch is made."""
    draw = np.random.default_rng(0)
    return draw.zipf(1.3, (10_000, 30)).clip(max=500).tolist()


@pytest.mark.parametrize(
    "options",
    [{"sg": 1, "memory_budget": 100_000}, {"max_vocab_size": 300}, {"sg": 1, "deterministic": True, "workers": 3}],
    ids=str,
)  # fmt: skip
def test_resumed_training_ends_with_the_same_bits(larger, tmp_path, monkeypatch, options):
    monkeypatch.setattr(trainer, "POLL", 0.001)
    options = {"epochs": 2, "compute_loss": True, **SMALL} | options
    pauses = Pauses(tmp_path)
    paused = Word2Vec(larger, callbacks=[pauses], **options)
    whole = Word2Vec(larger, **options)
    assert pauses.inside
    assert same(whole, paused)
    for path in pauses.files:
        assert same(whole, Word2Vec.resume(path, larger, **options))


def test_pauses_with_several_workers_train_every_word_once(larger, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "POLL", 0.001)
    options = {"min_count": 1, "vector_size": 16, "sample": 0, "epochs": 2, "compute_loss": True, "sg": 1}
    pauses = Pauses(tmp_path)
    model = Word2Vec(workers=3, **options)
    model.build_vocab(larger)
    assert model.train(larger, compute_loss=True, callbacks=[pauses]) == (600_000, 600_000)
    assert pauses.inside
    for workers in (1, 2):  # other chunks, and so other stretches
        resumed = Word2Vec.resume(pauses.files[0], larger, workers=workers)
        assert resumed.epoch_losses == pytest.approx(model.epoch_losses, rel=0.01)


def test_a_fingerprint_does_not_depend_on_chunks():
    ids, starts = np.arange(10, dtype=np.int32), np.array([0, 3, 3, 10])
    whole = Fingerprint.of(EncodedCorpus([Chunk(ids, starts)]))
    parts = [Chunk(ids[:3], np.array([0, 3])), Chunk(ids[3:], np.array([0, 0, 7])), Chunk(ids[:0], np.array([0]))]
    assert Fingerprint.of(EncodedCorpus(parts)) == whole
    assert Fingerprint.of(EncodedCorpus(parts[::-1])) != whole


def test_a_checkpoint_is_written_when_it_is_due(larger, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "POLL", 0.001)
    saved = []
    save = Word2Vec.save

    def watched(model, path):
        saved.append((model.run.progress.epochs, model.run.progress.position))
        save(model, path)

    monkeypatch.setattr(Word2Vec, "save", watched)

    def places(**every):
        saved.clear()
        checkpoint = Checkpoint(tmp_path / "checkpoint", **every)
        model = Word2Vec(larger, epochs=4, callbacks=[checkpoint], **SMALL)
        assert same(Word2Vec.resume(checkpoint.path, larger), model)
        return list(saved)

    assert places(words=600_000, epochs=3)[-2:] == [(3, 0), (4, 0)]
    for every in ({"minutes": 1e-9}, {"words": 1}):
        assert any(position for _, position in places(**every))


def test_resampled_sentences_go_on(planted, tmp_path):
    options = {"epochs": 3, "reread": True, **SMALL}
    model = Word2Vec(planted, callbacks=[Pauses(tmp_path)], **options)
    assert same(model, Word2Vec.resume(tmp_path / "0", planted))
    Word2Vec.resume(tmp_path / "0", planted[::-1])  # another sample


TRAIN = """
import sys, os, hashlib
from fastemb import Word2Vec
from fastemb.models.callbacks import Checkpoint
corpus, path, workers = sys.argv[1:]
options = {"min_count": 1, "vector_size": 20, "epochs": 40, "sg": 1, "workers": int(workers), "sample": 0}
callbacks = [Checkpoint(path, minutes=0.001)]
if os.path.exists(path):
    model = Word2Vec.resume(path, corpus_file=corpus, callbacks=callbacks, **options)
else:
    model = Word2Vec(corpus_file=corpus, callbacks=callbacks, **options)
model.save(path + ".done")
"""


def killed_and_resumed(corpus, path, workers, draw):
    """Train, killing and resuming at random moments; return how often it was killed."""
    kills = 0
    while True:
        child = subprocess.Popen([sys.executable, "-c", TRAIN, corpus, path, str(workers)])
        before = os.stat(path).st_mtime_ns if path.exists() else 0
        # Each is let live until it has come further, and then for a random time.
        while child.poll() is None and (not path.exists() or os.stat(path).st_mtime_ns == before):
            time.sleep(0.005)
        time.sleep(draw.uniform(0, 0.1))
        if kills < 6:
            child.kill()
        if child.wait() == 0:
            return kills
        assert child.returncode == (1 if os.name == "nt" else -signal.SIGKILL)
        kills += 1


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_training_is_resumed(planted, tmp_path, workers):
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("".join(" ".join(sentence) + "\n" for sentence in planted * 20))
    path = tmp_path / "checkpoint"
    kills = killed_and_resumed(corpus, path, workers, random.Random())
    assert kills > 0
    resumed = Word2Vec.load(f"{path}.done")
    options = {"min_count": 1, "vector_size": 20, "epochs": 40, "sg": 1, "workers": workers, "sample": 0}
    whole = Word2Vec(corpus_file=corpus, **options)
    assert topics_found(resumed.wv) == topics_found(whole.wv) == 1
    assert resumed.min_alpha_yet_reached == whole.min_alpha_yet_reached
    if workers == 1:
        assert same(resumed, whole)


# Callbacks.


def test_totals_of_numpy_are_saved(planted, tmp_path):
    model = Word2Vec(vector_size=8, min_count=1, workers=1)
    model.build_vocab_from_freq({"topic0word0": 5, "topic0word1": 5}, corpus_count=np.int64(40))
    model.train(planted, total_words=np.int64(120), epochs=1, callbacks=[Checkpoint(tmp_path / "model")])
    assert Word2Vec.load(tmp_path / "model").corpus_count == 40
    with pytest.raises(ValueError, match="total_words must be at least 0"):
        model.train(planted, total_words=-1000)


def test_the_last_good_state_is_on_disk_once(planted, monkeypatch):
    files, most = [], []

    class Counted(SpillFile):
        def append(self, *arrays):
            files.append(self)
            most.append(sum(file.size for file in set(files) if not file.file.closed))
            return super().append(*arrays)

    monkeypatch.setattr(divergence, "SpillFile", Counted)
    monkeypatch.setattr(divergence.LastGood, "__del__", lambda self: self.file.file.close(), raising=False)
    model = Word2Vec(planted, **SMALL | {"epochs": 4})
    assert max(most) < sum(matrix.nbytes for matrix in model._matrices().values())


def test_early_stopping_by_the_loss(planted, tmp_path):
    options = {"alpha": 0.1, "compute_loss": True, **SMALL}
    stop = EarlyStopping(min_delta=0.3)
    model = Word2Vec(planted, callbacks=[stop], epochs=50, **options)
    assert 2 <= len(model.epoch_losses) < 50
    assert model.epoch_losses[-2] - model.epoch_losses[-1] <= 0.3
    assert stop.scores == [-loss for loss in model.epoch_losses]
    # What was found before an interruption still counts.
    pauses = Pauses(tmp_path)
    Word2Vec(planted, callbacks=[pauses], epochs=50, **options)
    resumed = Word2Vec.resume(pauses.files[0], planted, callbacks=[EarlyStopping(min_delta=0.3)])
    assert resumed.epoch_losses == model.epoch_losses
    with pytest.raises(ValueError, match="compute_loss=True"):
        Word2Vec(planted, callbacks=[EarlyStopping()], **SMALL)


def test_early_stopping_by_a_metric_and_by_word_pairs(planted, tmp_path):
    scores = iter([1, 3, 2, 3, 9])
    stop = EarlyStopping(metric=lambda model: next(scores), patience=2)
    Word2Vec(planted, callbacks=[stop], epochs=5, **SMALL)
    assert stop.scores == [1, 3, 2, 3]
    pytest.importorskip("scipy")
    pairs = tmp_path / "pairs.tsv"
    words = [f"topic{topic}word{word}" for topic in range(4) for word in range(4)]
    pairs.write_text("".join(f"{a}\t{b}\t{int(a[:6] == b[:6])}\n" for a in words for b in words if a < b))
    stop = EarlyStopping(pairs)
    Word2Vec(planted, callbacks=[stop], epochs=100, **SMALL)
    assert len(stop.scores) < 100
    assert stop.scores[-1] <= max(stop.scores[:-1])
    for bad, error in (({"patience": 0}, ValueError), ({"pairs": pairs, "metric": len}, TypeError)):
        with pytest.raises(error):
            EarlyStopping(**bad)


def test_what_is_to_be_judged_by_is_looked_at_before_training(planted, tmp_path):
    pytest.importorskip("scipy")

    class Begun(CallbackAny2Vec):
        def on_epoch_begin(self, model):
            raise AssertionError("an epoch has begun")

    unknown = tmp_path / "unknown.tsv"
    unknown.write_text("a\tb\t1\nc\td\t2\n")
    for pairs, error in ((tmp_path / "none.tsv", FileNotFoundError), (unknown, ValueError)):
        with pytest.raises(error):
            Word2Vec(planted, callbacks=[Begun(), EarlyStopping(pairs)], **SMALL)
    commas = tmp_path / "pairs.csv"
    commas.write_text("topic0word0,topic0word1,9\ntopic0word0,topic1word0,1\ntopic1word1,topic1word2,8\n")
    stop = EarlyStopping(commas)
    model = Word2Vec(planted, callbacks=[stop], **SMALL | {"epochs": 1})
    assert stop.scores == [model.wv.evaluate_word_pairs(commas, ",")[1][0]]


@pytest.mark.parametrize("name", ["plot.svg", "plot"])
def test_the_loss_is_drawn(planted, tmp_path, name):
    pytest.importorskip("matplotlib")
    Word2Vec(planted, callbacks=[LossPlot(tmp_path / name)], compute_loss=True, **SMALL)
    begin = (tmp_path / name).read_bytes()[:100]
    assert (b"<?xml" in begin) if name.endswith("svg") else begin.startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="compute_loss=True"):
        Word2Vec(planted, callbacks=[LossPlot(tmp_path / name)], **SMALL)
    model = Word2Vec(**SMALL)
    model.build_vocab(planted)
    with pytest.raises(ValueError, match=r"loss\.xyz: matplotlib writes no \.xyz files"):
        model.train(planted, callbacks=[LossPlot(tmp_path / "loss.xyz")], compute_loss=True)
    assert not model.train_count


# Numbers that run away.


class Spoil(CallbackAny2Vec):
    """Put infinity into a matrix before an epoch."""

    def __init__(self, epoch, spoil):
        self.epoch, self.spoil = epoch, spoil

    def on_epoch_begin(self, model):
        if model.run.progress.epochs == self.epoch:
            self.spoil(model)


def last_row(model):
    model.syn1neg[-1, -1] = np.inf


def test_divergence_names_the_parameter_and_keeps_the_last_good_state(planted, tmp_path):
    options = {"alpha": 0.07, "epochs": 4, **SMALL}
    path = tmp_path / "checkpoint"
    with pytest.raises(TrainingDiverged, match=r"in epoch 3: alpha=0.07 .* is in .*checkpoint") as caught:
        Word2Vec(planted, callbacks=[Checkpoint(path), Spoil(2, last_row)], **options)
    assert caught.value.checkpoint == str(path)
    model = caught.value.model
    assert same(model, Word2Vec.load(path))
    assert np.isfinite(model.syn1neg).all()
    expected = Word2Vec(planted, callbacks=[Pauses(tmp_path, pauses=0)], **options)
    good = Word2Vec.load(tmp_path / "1")
    np.testing.assert_array_equal(model.wv.vectors, good.wv.vectors)
    assert same(Word2Vec.resume(path, planted), expected)
    with pytest.raises(TrainingDiverged, match=r"is in .*checkpoint"):
        Word2Vec.resume(path, planted, callbacks=[Spoil(2, last_row)])


def test_divergence_of_fasttext_brings_back_the_rows_that_were_trained(planted, tmp_path, monkeypatch):
    monkeypatch.setattr(divergence, "BLOCK", 7)
    options = {"alpha": 0.07, "epochs": 3, "bucket": 40_000, **SMALL}
    with pytest.raises(TrainingDiverged, match="brought back to the end of the epoch before") as caught:
        FastText(planted, callbacks=[Spoil(1, last_row), Pauses(tmp_path, pauses=0)], **options)
    assert same(caught.value.model, FastText.load(tmp_path / "0"))


def test_training_goes_on_where_no_good_state_can_be_kept(planted, monkeypatch, caplog):
    def fail(self, *arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SpillFile, "append", fail)
    model = Word2Vec(planted, **SMALL | {"epochs": 3})
    assert model.train_count == 1
    assert "cannot be undone: [Errno 28] No space left on device" in caplog.text


def test_divergence_of_sums_says_that_they_are_sums(planted):
    with pytest.raises(TrainingDiverged, match=r"alpha=0.07 with cbow_mean=0 is too high"):
        Word2Vec(planted, cbow_mean=0, alpha=0.07, callbacks=[Spoil(0, last_row)], **SMALL)


def test_divergence_is_found_within_an_epoch(larger, monkeypatch):
    monkeypatch.setattr(trainer, "POLL", 0.001)
    model = Word2Vec(**SMALL)
    model.build_vocab(larger)

    def first_row(model):
        model.wv.vectors[0] = np.nan

    with pytest.raises(TrainingDiverged):
        model.train(larger * 20, epochs=1, callbacks=[Spoil(0, first_row)])
    assert model.min_alpha_yet_reached > model.alpha * 0.5
    with pytest.raises(ValueError, match="holds NaN or infinity before any training"):
        model.train(larger)


def test_a_checkpoint_never_holds_infinity(larger, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "POLL", 0.001)
    path = tmp_path / "checkpoint"
    with pytest.raises(TrainingDiverged):
        Word2Vec(larger, callbacks=[Checkpoint(path, words=1), Spoil(1, last_row)], **SMALL)
    assert np.isfinite(Word2Vec.load(path).syn1neg).all()


# More words, and vectors to begin with.


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Word2Vec, {"sg": 1}),
        (Word2Vec, {"sg": 0, "hs": 1}),
        (Word2Vec, {"hs": 1, "negative": 0, "sg": 1}),
        (Word2Vec, {"freeze": True}),
        (FastText, {"sg": 1, "bucket": 500}),
        (FastText, {"sg": 0, "hs": 1, "bucket": 500, "min_n": 1}),
        (FastText, {"freeze": True, "bucket": 7, "deterministic": True}),
        (FastText, {"sg": 1, "max_n": 0}),
        (GloVe, {}),
    ],
)
def test_vocabulary_grows_in_any_order_of_calls(planted, tmp_path, kind, options):
    draw = random.Random(0)
    texts = [[[f"new{draw.randrange(50)}", *planted[k]] for k in range(20)] for _ in range(30)]

    def save_and_load(model):
        model.save(tmp_path / "model")
        return kind.load(tmp_path / "model", mmap=draw.choice([None, "r"]))

    def lock(model):
        model.wv.vectors_lockf = np.ones(draw.choice([1, 3, len(model.wv)]), np.float32)

    calls = [
        lambda model: model.build_vocab(draw.choice(texts), update=True),
        lambda model: model.build_vocab([["x", "x"]], update=True),
        lambda model: model.train(draw.choice(texts), epochs=1),
        lambda model: copy.deepcopy(model),
        save_and_load,
    ]
    if kind is not GloVe:
        calls += [
            lambda model: model.build_vocab([["w", "w"]], update=True, trim_rule=lambda *_: 1),
            lambda model: model.build_vocab_from_freq({"y": 3, f"z{draw.randrange(9)}": 1}, update=True),
            lambda model: model.build_vocab(draw.choice(texts)),
            lambda model: model.init_weights(),
            lambda model: setattr(model, "init_from", model.wv),
            lock,
        ]
    model = kind(planted, **SMALL, **options)
    for _ in range(60):
        result = draw.choice(calls)(model)
        model = result if isinstance(result, kind) else model
        assert len(model.wv.vectors) == len(model.wv.expandos["count"]) == len(model.wv)
        shape = (len(model.wv), model.vector_size)
        assert model.wv.vectors.shape == shape
        assert kind is GloVe or all(getattr(model, name).shape == shape for name in model._outputs())
    model.train(texts[0], epochs=1)
    assert all(np.isfinite(matrix).all() for matrix in model._matrices().values())


def test_pretrained_vectors_for_words_that_are_added(planted):
    large = Word2Vec(planted, **SMALL)
    model = Word2Vec([["a", "b"]], **SMALL)
    model.init_from = large.wv
    model.build_vocab([["topic0word0", "topic0word1", "c"]], update=True)
    np.testing.assert_array_equal(model.wv["topic0word0"], large.wv["topic0word0"])
    assert model.init_from is None


def test_words_that_are_added_leave_trained_ngrams_alone(planted):
    large, small = FastText(planted, bucket=50, **SMALL), [["topic0word0", "a"]] * 5
    model = FastText(small, bucket=50, **SMALL)
    old = model.wv["topic0word0"].copy()
    model.init_from = large.wv
    model.build_vocab([["topic1word1", "c"]], update=True)
    np.testing.assert_array_equal(model.wv["topic0word0"], old)
    np.testing.assert_allclose(model.wv["topic1word1"], large.wv["topic1word1"], rtol=1e-4, atol=1e-5)


def test_a_model_file_does_not_depend_on_the_process(planted, tmp_path):
    digests = set()
    for number in range(2):
        model = Word2Vec(planted, **SMALL)
        model.total_train_time = 0.0
        model.save(tmp_path / str(number))
        digests.add(hashlib.sha256((tmp_path / str(number)).read_bytes()).hexdigest())
    assert len(digests) == 1
