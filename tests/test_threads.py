"""Several threads that train and query at once, with or without a GIL."""

import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from conftest import topics_found

from fastemb import FastText, GloVe, KeyedVectors, Word2Vec

THREADS = 4
OPTIONS = {"vector_size": 20, "min_count": 1, "epochs": 2, "workers": 1}


def at_once(function, arguments):
    """What the function returns for each argument, called in threads of their own that start together."""
    barrier = Barrier(len(arguments))

    def call(argument):
        barrier.wait(timeout=60)
        return function(argument)

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(call, arguments))


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this Python always has its GIL")
def test_import_leaves_the_gil_off():
    code = """
import importlib, pkgutil, sys, fastemb.kernels
for module in pkgutil.iter_modules(fastemb.kernels.__path__, "fastemb.kernels."):
    importlib.import_module(module.name)
print(sys._is_gil_enabled())
"""
    command = [sys.executable, "-W", "error", "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


@pytest.mark.parametrize(
    "make",
    [
        lambda corpus, seed: Word2Vec(corpus, seed=seed, sg=seed % 2, hs=seed // 2, **OPTIONS),
        lambda corpus, seed: FastText(corpus, seed=seed, sg=seed % 2, hs=seed // 2, bucket=500, **OPTIONS),
        lambda corpus, seed: GloVe(corpus, seed=seed, **OPTIONS),
    ],
    ids=["word2vec", "fasttext", "glove"],
)
def test_models_that_train_at_once_are_as_if_trained_alone(planted, make):
    def train(seed):
        return make(planted, seed).wv.vectors

    seeds = range(THREADS)
    for seed, vectors in zip(seeds, at_once(train, seeds), strict=True):
        np.testing.assert_array_equal(vectors, train(seed))


def test_files_are_encoded_at_once(planted, tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in planted))

    def train(workers):
        model = Word2Vec(corpus_file=str(path), **OPTIONS | {"workers": workers})
        return model.wv.index_to_key, model.corpus_total_words, topics_found(model.wv) >= 0

    expected = train(1)
    assert at_once(train, [2] * THREADS) == [expected] * THREADS


def test_vectors_are_queried_at_once():
    words = [f"word{number}" for number in range(300)]
    vectors = np.random.default_rng(0).normal(size=(300, 24)).astype(np.float32)

    def queries(wv):
        return [wv.most_similar(word, topn=3) for word in words[:50]] + [wv.similarity("word0", "word1")]

    def fresh():
        wv = KeyedVectors(24)
        wv.add_vectors(words, vectors)
        return wv

    expected = queries(fresh())
    for _ in range(5):  # the first query computes what the others share
        assert at_once(queries, [fresh()] * THREADS) == [expected] * THREADS


def test_words_never_seen_are_queried_at_once(planted):
    wv = FastText(planted, bucket=500, **OPTIONS).wv
    words = [f"topic{number}never" for number in range(50)]

    def queries(words):
        return [(wv[word].tolist(), wv.most_similar(word, topn=3)) for word in words]

    found = at_once(queries, [words] * THREADS)  # the first query computes what the others share
    assert found == [queries(words)] * THREADS


@pytest.mark.parametrize("make", [Word2Vec, FastText], ids=["word2vec", "fasttext"])
def test_vectors_are_queried_while_they_are_trained(planted, make):
    model = make(planted, seed=1, sg=1, **OPTIONS)

    def work(number):
        if number == 0:
            model.train(planted, epochs=5)
            return []
        return [score for word in model.wv.index_to_key * 3 for _, score in model.wv.most_similar(word, topn=2)]

    for scores in at_once(work, range(THREADS)):
        assert np.isfinite(scores).all()
    assert topics_found(model.wv) > 0.9
