"""Models whose `wv` is sorted: what they have beside it belongs to the same words as before."""

import numpy as np
import pytest

from fastemb import FastText, GloVe, Word2Vec

SENTENCES = [["a", "b", "c", "a"], ["d", "e", "f", "g", "a"], ["g", "f", "b"]] * 40
FEW = {"vector_size": 6, "min_count": 1, "workers": 1, "sample": 0}
STILL = {"total_examples": len(SENTENCES), "epochs": 1, "start_alpha": 1e-9, "end_alpha": 1e-9}


def of_words(model, rows):
    return {word: np.array(rows[row]) for row, word in enumerate(model.wv.index_to_key)}


def assert_same(found, wanted, rtol=1e-5):
    assert found.keys() == wanted.keys()
    for word, row in wanted.items():
        np.testing.assert_allclose(found[word], row, rtol=rtol, atol=1e-6, err_msg=word)


def moved(model):
    before = list(model.wv.index_to_key)
    model.wv.sort_by_descending_frequency()
    assert model.wv.index_to_key != before


@pytest.mark.parametrize("kind", [Word2Vec, FastText])
@pytest.mark.parametrize("output", ["word", "sum"])
def test_rows_of_outputs_and_inputs_follow(kind, output, tmp_path):
    model = kind(SENTENCES, output=output, sorted_vocab=0, epochs=3, **FEW)
    inputs, outputs = of_words(model, model._inputs_of_words()), of_words(model, model.syn1neg)
    moved(model)
    model.save(tmp_path / "model")
    again = kind.load(tmp_path / "model")
    for made in (again, model):
        made.train(SENTENCES, **STILL)
        assert_same(of_words(made, made._inputs_of_words()), inputs)
        assert_same(of_words(made, made.syn1neg), outputs)
    new = Word2Vec(SENTENCES, init_from=model, epochs=1, alpha=1e-9, min_alpha=1e-9, **FEW)
    if kind is Word2Vec:
        assert_same(of_words(new, new.wv.vectors), inputs)


def test_noise_follows():
    model = Word2Vec(pairs=[("a", "x"), ("b", "y"), ("a", "y")] * 20, **FEW)
    noise = of_words(model, model._frequencies().noise)
    moved(model)
    assert_same(of_words(model, model._frequencies().noise), noise)


def test_words_put_into_sums_begin_as_they_are_and_others_as_they_were_trained():
    model = Word2Vec(SENTENCES, output="sum", epochs=3, **FEW)
    inputs = of_words(model, model.input_vectors)
    model.wv.add_vectors(["new"], np.ones((1, 6), np.float32))
    found = Word2Vec([*SENTENCES, ["new", "a"]], init_from=model, epochs=1, alpha=1e-9, min_alpha=1e-9, **FEW)
    assert_same(of_words(found, found.wv.vectors), inputs | {"new": np.ones(6)})


def test_parameters_of_glove_follow(tmp_path):
    known = Word2Vec(SENTENCES, **FEW).wv
    known.save(tmp_path / "known")
    model = GloVe(
        SENTENCES, vector_size=6, min_count=1, workers=1, epochs=5, sorted_vocab=0, init_from=known, retrofit=0.1
    )
    vectors, originals = of_words(model, model.wv.vectors), of_words(model, model.originals[np.argsort(model.known)])
    moved(model)
    model.save(tmp_path / "model")
    again = GloVe.load(tmp_path / "model")
    again.build_vocab([["new"]], update=True)
    for made in (model, again):
        kept = {word: made.wv[word] for word in vectors}
        assert_same(kept, vectors)
        assert_same({word: made.wv.vectors[made.wv.get_index(word)] for word in vectors}, vectors)
        by_word = {made.wv.index_to_key[row]: made.originals[k] for k, row in enumerate(made.known.tolist())}
        assert_same(by_word, originals)
    model.train(SENTENCES, epochs=1)
    assert all(np.linalg.norm(model.wv[word] - row) < 0.5 * np.linalg.norm(row) + 0.1 for word, row in vectors.items())
