"""What holds for the files and copies of every model: the same numbers come back, and training goes on from them."""

import copy
import json
import pickle

import numpy as np
import pytest
from conftest import same_bits
from contract import (
    Calling,
    Unchanged,
    as_trained,
    copies,
    each,
    each_kind,
    each_kind_that_trains,
    each_that_trains,
    planted,
    same,
    same_arrays,
    topics,
)

from fastemb import Classifier, FastText, GloVe, KeyedVectors, Word2Vec, load_vectors
from fastemb.formats.native import read_native, write_native
from fastemb.models.files import save_vectors

both_ways = pytest.mark.parametrize("mmap", [None, "r"])


def go_on(model):
    """Train further: what training leaves, but for vectors, depends on all that a model has."""
    more = [["new", "words", *list(topics())[:3]]] * 5
    if isinstance(model, Classifier):  # whose words grow by training
        model.train([*more, *planted(1)], epochs=2)
        return model
    model.build_vocab(more, update=True)
    model.train(planted(1), epochs=2)
    return model


# Models.


@both_ways
@each
def test_a_model_comes_back_and_goes_on(entry, tmp_path, mmap):
    model = entry(planted(), window=4, comment="ünïcode")
    model.save(tmp_path / "model")
    loaded = entry.kind.load(tmp_path / "model", mmap=mmap)
    assert type(loaded) is entry.kind
    assert (loaded.comment, loaded.window, loaded.run) == ("ünïcode", 4, None)
    assert same(loaded, model)
    assert loaded.total_train_time == model.total_train_time
    assert ("unseen" in loaded.wv) is entry.unseen
    if entry.unseen:
        np.testing.assert_array_equal(loaded.wv["unseen"], model.wv["unseen"])
    data = (tmp_path / "model").read_bytes()
    assert same(go_on(loaded), go_on(model))
    assert (tmp_path / "model").read_bytes() == data
    loaded.save(tmp_path / "model")  # over the file that is mapped
    assert same(entry.kind.load(tmp_path / "model"), model)


@both_ways
@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz"])
@each_kind_that_trains
def test_packed_models_come_back(entry, tmp_path, ending, mmap):
    """They are packed, as gensim's would be; to be mapped, they are unpacked first."""
    model, path = entry(planted()), tmp_path / f"model{ending}"
    model.save(path)
    assert path.read_bytes()[:2] in (b"\x1f\x8b", b"BZ", b"\xfd7")
    assert same(go_on(entry.kind.load(path, mmap=mmap)), go_on(model))
    model.wv.save(path)
    assert same_arrays(type(model.wv).load(path, mmap=mmap).to_arrays(), model.wv.to_arrays())
    for damaged in (path.read_bytes()[:-9], b"not packed"):
        path.write_bytes(damaged)
        for kind in (entry.kind, KeyedVectors):
            with pytest.raises(ValueError, match=f"model{ending}: damaged or cut short"):
                kind.load(path, mmap=mmap)


@each
def test_models_without_a_vocabulary_come_back(entry, tmp_path):
    entry().save(tmp_path / "model")
    model = entry.kind.load(tmp_path / "model")
    assert len(model.wv) == 0
    model.build_vocab(planted())
    assert same(model, entry.built(planted()))


@each_kind
def test_what_could_not_be_loaded_is_not_saved(entry, tmp_path):
    model, path = entry(planted()), tmp_path / "model"
    model.save(path)
    data = path.read_bytes()
    model.wv.add_vectors(["one", "more"], np.ones((2, entry.size)))
    with pytest.raises(ValueError, match=r"is of shape .*, not .*wv.save"):
        model.save(path)
    assert path.read_bytes() == data
    model.wv.save(path)
    assert "one" in type(model.wv).load(path).key_to_index


@each_kind
def test_other_files_are_no_models(entry, tmp_path):
    kind, path, model = entry.kind, tmp_path / "file", entry(planted())
    model.wv.save(path)
    with pytest.raises(ValueError, match=f"file: holds {type(model.wv).__name__}, not {kind.__name__}: use"):
        kind.load(path)
    model.wv.save_word2vec_format(path)
    with pytest.raises(ValueError, match="file: not a fastemb file"):
        kind.load(path)
    path.write_bytes(b"\x80\x04\x95 a pickle")
    with pytest.raises(ValueError, match="file: not "):
        kind.load(path)
    with pytest.raises(FileNotFoundError, match="absent"):
        kind.load(tmp_path / "absent")
    model.save(path)
    for other in {Word2Vec, FastText, GloVe} - {*kind.__mro__}:
        with pytest.raises(ValueError, match=f"holds {kind.__name__}, not {other.__name__}: use {kind.__name__}.load"):
            other.load(path)
    for binary in (False, True):
        with pytest.raises(ValueError, match="file"):
            KeyedVectors.load_word2vec_format(path, binary=binary)
    with pytest.raises(ValueError, match="mmap"):
        kind.load(path, mmap="w")


@each_kind
def test_damaged_models_are_refused(entry, tmp_path):
    model, path = entry(planted()), tmp_path / "file"
    model.save(path)
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    with pytest.raises(ValueError, match=r"file: .*cut short"):
        entry.kind.load(path)
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(ValueError, match=r"file: damaged: the bytes of .* are not those that were written"):
        entry.kind.load(path)
    path.write_bytes(data)
    arrays, metadata = read_native(path)
    saved = json.loads(metadata["parameters"])
    for change in ({"window": 0}, {"train_count": "x"}, {"epoch_losses": 5}):
        write_native(path, arrays, metadata | {"parameters": json.dumps(saved | change)})
        with pytest.raises(ValueError, match=f"file: its parameters are damaged.*{next(iter(change))}"):
            entry.kind.load(path)
    matrices = [name for name, array in arrays.items() if array.ndim > 1 and array.size]
    assert len(matrices) > 1
    for name in matrices:
        for damaged in ({name: arrays[name][:-1]}, {name: np.append(arrays[name], arrays[name], axis=0)}, {}):
            rest = {other: array for other, array in arrays.items() if other != name}
            write_native(path, rest | damaged, metadata)
            with pytest.raises(ValueError, match="file: "):
                entry.kind.load(path)


# Vectors.


NAMES = ["vectors", "vectors.gz", "vectors.npz", "vectors.bin", "vectors.bin.gz", "vectors.txt", "vectors.vec.gz"]


@each
def test_vectors_come_back_from_every_format(entry, tmp_path):
    """As text, too, they are the same to the bit: as many digits are written as it takes."""
    model = entry(planted())
    wv, keys = model.wv, model.wv.index_to_key
    for name in NAMES:
        save_vectors(wv, tmp_path / name)
    save_vectors(wv, tmp_path / "vectors.glove", "glove")
    model.save(tmp_path / "model")
    for name in (*NAMES, "vectors.glove", "model"):
        found = load_vectors(tmp_path / name)
        assert found.index_to_key == keys, name
        assert same_bits(found.vectors, wv.vectors), name
        whole = name in ("vectors", "vectors.gz", "model")
        assert ("unseen" in found) is (entry.unseen and whole), name
        if whole or name == "vectors.npz":
            np.testing.assert_array_equal(found.expandos["count"], wv.expandos["count"])
    save_vectors(wv, tmp_path / "vectors.tsv")
    assert (tmp_path / "vectors.metadata.tsv").read_text().split() == keys
    assert same_bits(np.loadtxt(tmp_path / "vectors.tsv", np.float32, delimiter="\t"), wv.vectors)
    for binary in (False, True):
        wv.save_word2vec_format(tmp_path / "vectors", binary=binary)
        assert same_bits(KeyedVectors.load_word2vec_format(tmp_path / "vectors", binary=binary).vectors, wv.vectors)
    for mmap in (None, "r"):
        assert same_arrays(type(wv).load(tmp_path / "model", mmap=mmap).to_arrays(), wv.to_arrays())


# Copies.


@pytest.mark.parametrize("mapped", [False, True])
@each_that_trains
def test_models_and_vectors_are_copied(entry, tmp_path, mapped):
    model = entry(planted())
    if mapped:
        model.save(tmp_path / "model")
        model = entry.kind.load(tmp_path / "model", mmap="r")
    word = next(iter(topics()))
    for other in copies(model, tmp_path):
        assert same(other, model)
    for other in copies(model.wv, tmp_path):
        assert same_arrays(other.to_arrays(), model.wv.to_arrays())
        assert other.most_similar(word) == model.wv.most_similar(word)
        assert not entry.unseen or (other["unseen"] == model.wv["unseen"]).all()


@each_that_trains
def test_copies_are_trained_on_their_own(entry):
    model = entry(planted())
    with Unchanged(model):
        deep, pickled = (go_on(each) for each in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))))
    assert same(deep, go_on(model))
    assert same(pickled, model)


@each_that_trains
def test_a_model_that_trains_can_be_copied(entry):
    kept = []
    keep = Calling("on_epoch_end", lambda model: kept.extend([copy.deepcopy(model), pickle.loads(pickle.dumps(model))]))
    model = entry(planted(), epochs=2, callbacks=[keep], memory_budget=10_000)
    assert len(kept) == 4
    assert same_arrays(kept[0].to_arrays(), kept[1].to_arrays())
    for copied in kept[2:]:
        assert same_arrays(as_trained(copied.to_arrays()), as_trained(model.to_arrays()))
    assert (kept[0].wv.vectors != model.wv.vectors).any()
    kept[0].train(planted(), epochs=1)
