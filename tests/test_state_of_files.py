"""What a file says of a model, beside its arrays: of the right kind, or refused with the file's name."""

import codecs
import json
import struct

import numpy as np
import pytest

from fastemb import FastText, GloVe, KeyedVectors, Word2Vec, load_vectors
from fastemb.formats.native import read_native, write_native
from fastemb.models.callbacks import CallbackAny2Vec
from fastemb.models.fasttext import load_facebook_vectors, save_facebook_model
from fastemb.training.checkpoints import PROGRESS, RUN, Progress, Run

SENTENCES = [["the", "cat", "sat"], ["the", "dog", "ran", "home"]] * 3
OPTIONS = {"vector_size": 2, "min_count": 1, "epochs": 2, "workers": 1}
KINDS = {
    "word2vec": (Word2Vec, {"sample": 0}),
    "fasttext": (FastText, {"sample": 0, "bucket": 5}),
    "glove": (GloVe, {}),
}
each_kind = pytest.mark.parametrize("name", KINDS)
WRONG = {  # by what an entry is
    int: ["3", -1, 1.5, None, [1], {}, float("nan"), 2**63],
    float: ["0.5", None, [], {}],
    bool: ["no", 2, [], {}],
}


class AfterOne(CallbackAny2Vec):
    def __init__(self, path):
        self.path = path

    def on_epoch_end(self, model):
        if model.run.progress.epochs == 1:
            model.save(self.path)


def checkpoint(tmp_path, name):
    kind, more = KINDS[name]
    kind(SENTENCES, **OPTIONS, **more, callbacks=[AfterOne(tmp_path / "file")])
    return kind, tmp_path / "file"


def changed(path, part, change):
    """Write a file anew with other JSON in its metadata."""
    arrays, metadata = read_native(path)
    state = json.loads(metadata[part])
    state = change(state) or state
    write_native(path, arrays, metadata | {part: json.dumps(state)})


def test_the_schema_of_runs_is_that_of_the_class():
    state = json.loads(Run(Progress(0.1)).to_json())
    assert state.keys() == RUN.keys()
    assert state["progress"].keys() == PROGRESS.keys()


@each_kind
def test_what_a_checkpoint_says_comes_back(tmp_path, name):
    kind, path = checkpoint(tmp_path, name)
    assert kind._load(path)[1].progress.epochs == 1
    assert kind.resume(path, SENTENCES).train_count == 1


def kinds_of_progress():
    fields = Progress(0.1).__dict__
    return [(key, wrong) for key, value in fields.items() for wrong in WRONG[type(value)] + [-1] * (key == "alpha")]


@pytest.mark.parametrize(("key", "value"), kinds_of_progress())
def test_progress_of_the_wrong_kind_is_refused_when_it_is_read(tmp_path, key, value):
    kind, path = checkpoint(tmp_path, "word2vec")
    changed(path, "run", lambda run: run["progress"].update({key: value}))
    for read in (kind.load, lambda path: kind.resume(path, SENTENCES)):
        with pytest.raises(ValueError, match=f"file: its parameters are damaged .*{key} "):
            read(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [(key, wrong) for key, kind in [("total_words", int), ("word_count", int), ("number", int), ("counted", bool),
                                    ("stopped", bool)] for wrong in WRONG[kind]]
    + [("fingerprint", wrong) for wrong in (1, "1234", [1, 2, 3], [1, 2, 3, -4], [1, 2, 3, "4"], {})]
    + [("progress", wrong) for wrong in (None, [], 1, "x", {})]
    + [("more", 1)],
)  # fmt: skip
@each_kind
def test_a_run_of_the_wrong_kind_is_refused_when_it_is_read(tmp_path, name, key, value):
    kind, path = checkpoint(tmp_path, name)
    changed(path, "run", lambda run: run.update({key: value}))
    with pytest.raises(ValueError, match="file: its parameters are damaged"):
        kind.load(path)


@each_kind
@pytest.mark.parametrize("state", [[], 1, "x", None])
@pytest.mark.parametrize("part", ["run", "parameters"])
def test_what_is_no_state_at_all_is_refused(tmp_path, name, part, state):
    kind, path = checkpoint(tmp_path, name)
    arrays, metadata = read_native(path)
    write_native(path, arrays, metadata | {part: json.dumps(state)})
    with pytest.raises(ValueError, match="file: its parameters are damaged"):
        kind.load(path)


@each_kind
def test_parameters_of_the_wrong_kind_are_refused_when_they_are_read(tmp_path, name):
    kind, path = checkpoint(tmp_path, name)
    arrays, metadata = read_native(path)
    state = json.loads(metadata["parameters"])
    for key, value in state.items():
        wrongs = [[], {}] if value is None else [[], {}, 1] if isinstance(value, str) else ["x", [], {}, "1"]
        wrongs += [2**63, 10**400] if type(value) is int and key not in ("seed", "workers", "window") else []
        for wrong in wrongs:
            if key in ("epoch_losses", "phrases") and wrong == []:
                continue
            write_native(path, arrays, metadata | {"parameters": json.dumps(state | {key: wrong})})
            with pytest.raises(ValueError, match=f"file: its parameters are damaged .*{key}"):
                kind.load(path)


def test_n_grams_of_words_are_refused_with_the_name_of_the_file(tmp_path):
    kind, path = checkpoint(tmp_path, "fasttext")
    changed(path, "parameters", lambda state: state.update(word_ngrams=2))
    with pytest.raises(ValueError, match=r"file: its parameters are damaged .*word_ngrams"):
        kind.load(path)


@pytest.mark.parametrize("losses", [{"a": 1}, "123", [None], ["1"], 7])
def test_losses_are_numbers(tmp_path, losses):
    kind, path = checkpoint(tmp_path, "word2vec")
    changed(path, "parameters", lambda state: state.update(epoch_losses=losses))
    with pytest.raises(ValueError, match=r"file: its parameters are damaged .*epoch_losses"):
        kind.load(path)


@pytest.mark.parametrize("counts", [np.full(6, 2.0, np.float32), np.full(6, 2**62)])
def test_counts_of_which_there_is_no_tree_are_refused_when_they_are_read(tmp_path, counts):
    Word2Vec(SENTENCES, **OPTIONS, hs=1, sample=0).save(tmp_path / "file")
    arrays, metadata = read_native(tmp_path / "file")
    assert len(arrays["attribute.count"]) == len(counts)
    write_native(tmp_path / "file", arrays | {"attribute.count": counts}, metadata)
    with pytest.raises(ValueError, match=r"file: .*a Huffman tree is made of them"):
        Word2Vec.load(tmp_path / "file")


@pytest.mark.parametrize("counts", [[-1] * 6, [1, 2, 3, 4, 5, float("nan")], [True] * 6])
@pytest.mark.parametrize("name", ["word2vec", "fasttext"])
def test_counts_are_counts(tmp_path, name, counts):
    kind, path = checkpoint(tmp_path, name)
    arrays, metadata = read_native(path)
    write_native(path, arrays | {"attribute.count": np.array(counts)}, metadata)
    with pytest.raises(ValueError, match=r"file: .*what are no counts"):
        kind.load(path)
    model = kind(SENTENCES, **OPTIONS)
    model.wv.expandos["count"] = np.array(counts)
    with pytest.raises(ValueError, match="what are no counts"):
        model.save(tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("noise", [[-1.0] * 6, [float("inf")] * 6, [0.0] * 6, [0.5], [1] * 6])
def test_noise_is_probabilities(tmp_path, noise):
    kind, path = checkpoint(tmp_path, "word2vec")
    arrays, metadata = read_native(path)
    write_native(path, arrays | {"noise": np.array(noise)}, metadata)
    with pytest.raises(ValueError, match="file: its noise is"):
        kind.load(path)


def test_tables_of_more_dimensions_are_refused_with_the_name_of_the_file(tmp_path):
    kind, path = checkpoint(tmp_path, "fasttext")
    arrays, metadata = read_native(path)
    for name, array in arrays.items():
        for shape in ((1, *array.shape), (*array.shape, 1)):
            write_native(path, arrays | {name: array.reshape(shape)}, metadata)
            for read in (kind.load, load_vectors):
                try:
                    read(path)
                except ValueError as error:
                    assert "file: " in str(error)  # noqa: PT017


@pytest.mark.parametrize("encoding", ["nonsense", "hex", "x\0y"])
def test_encodings_that_there_are_not_are_refused_with_the_name_of_the_file(tmp_path, encoding):
    model = FastText(SENTENCES, **OPTIONS, bucket=5)
    save_facebook_model(model, tmp_path / "facebook.bin")
    KeyedVectors.save_word2vec_format(model.wv, tmp_path / "vectors.txt")
    KeyedVectors.save_word2vec_format(model.wv, tmp_path / "vectors.bin", binary=True)
    np.savez(tmp_path / "vectors.npz", words=np.array([b"a"]), vectors=np.ones((1, 2), np.float32))
    for name in ("facebook.bin", "vectors.txt", "vectors.bin", "vectors.npz"):
        with pytest.raises((LookupError, ValueError), match=name):
            load_vectors(tmp_path / name, encoding=encoding)
    with pytest.raises((LookupError, ValueError), match=r"facebook\.bin"):
        load_facebook_vectors(tmp_path / "facebook.bin", encoding)
    model.wv.save(tmp_path / "native")
    arrays, metadata = read_native(tmp_path / "native")
    named = np.frombuffer(encoding.encode(), np.uint8)
    write_native(tmp_path / "native", arrays | {"subwords.encoding": named}, metadata)
    with pytest.raises(ValueError, match="native: "):
        load_vectors(tmp_path / "native")


def test_an_encoding_that_refuses_some_words_is_no_trap(tmp_path):
    model = FastText(SENTENCES, **OPTIONS, bucket=5)
    model.wv.save(tmp_path / "native")
    arrays, metadata = read_native(tmp_path / "native")
    write_native(tmp_path / "native", arrays | {"subwords.encoding": np.frombuffer(b"idna", np.uint8)}, metadata)
    assert codecs.lookup("idna")
    assert load_vectors(tmp_path / "native")["a..b"].shape == (2,)  # which is no name of a host


def test_cells_of_a_file_that_are_no_counts_are_refused_with_its_name(tmp_path):
    path = tmp_path / "cooccurrence.bin"
    path.write_bytes(struct.pack("<iid", 1, 2, 1e300))
    with pytest.raises(ValueError, match=r"cooccurrence.bin: cell"):
        GloVe(words=["a", "b"], cooccurrences=path, vector_size=2)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"cooccurrence.bin: there is nothing to train on"):
        GloVe(words=["a", "b"], cooccurrences=path, vector_size=2)


def test_large_numbers_are_not_infinite():
    words = ["the", "cat", "sat", "dog", "ran", "home"]
    large = KeyedVectors.from_arrays(words, np.full((6, 2), 1e38, np.float32))
    assert np.isfinite(Word2Vec(SENTENCES, **OPTIONS, sample=0, sg=1, init_from=large).wv.vectors).all()
    large.vectors[3, 1] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        Word2Vec(SENTENCES, **OPTIONS, sample=0, init_from=large)
