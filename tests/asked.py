"""Calls of vectors and classifiers that `fuzz_calls` makes at random; as in `calls`."""

from typing import Any

import numpy as np
from calls import GOLDEN, Case

from fastemb import Classifier, KeyedVectors

TEXTS = ["the kettle sings", "", "a b c", "x" * 200, "__label__x a", "é 語 \udcff", "a\nb", "</s> a", "\0", 5, None]


def make_vectors(case: Case) -> None:
    """Of a model, of arrays, or empty."""
    model, how = case.any_of(case.models), case.draw.randrange(4)
    if model is not None and how < 2:
        case.keep(case.vectors, model.wv)
    elif how == 2:
        words = list(dict.fromkeys(case.words(12)))
        rows = case.often(case.rows(len(words), 4))
        case.keep(case.vectors, case.call("from_arrays", KeyedVectors.from_arrays, words, rows))
    else:
        count = case.often(case.draw.randrange(4))
        if not isinstance(count, (int, float)) or count < 100:
            case.keep(case.vectors, case.call("KeyedVectors", KeyedVectors, case.often(4), count))


def change_vectors(case: Case) -> None:
    wv = case.any_of(case.vectors)
    if wv is None:
        return
    words, n = case.words(), wv.vector_size
    name = case.draw.choice(["add", "add", "set", "one", "sort", "unit", "resize", "attribute", "norms", "rank"])
    if name == "add":
        rows, replace = case.often(case.rows(len(words), n)), case.draw.random() < 0.5
        case.call("add_vectors", wv.add_vectors, case.often(words), rows, replace=replace)
    elif name == "set":
        case.call("__setitem__", wv.__setitem__, case.often(case.word()), case.often(case.rows(n)))
    elif name == "one":
        case.call("add_vector", wv.add_vector, case.often(case.word()), case.often(case.rows(n)))
    elif name == "sort":
        case.call("sort_by_descending_frequency", wv.sort_by_descending_frequency)
    elif name == "unit":
        case.call("unit_normalize_all", wv.unit_normalize_all)
    elif name == "resize":
        case.call("resize_vectors", wv.resize_vectors, 1)
    elif name == "attribute":
        case.call("set_vecattr", wv.set_vecattr, case.often(case.word()), "mine", case.often(3))
    elif name == "norms":
        case.call("fill_norms", wv.fill_norms, case.draw.random() < 0.5)
    else:
        case.call("rank_by_centrality", wv.rank_by_centrality, case.often(words))


def ask_vectors(case: Case) -> None:
    wv = case.any_of(case.vectors)
    if wv is None:
        return
    word, other, words = case.often(case.word()), case.often(case.word()), case.often(case.words())
    topn, vector = case.often(case.draw.choice([1, 3, 100, None])), case.often(case.rows(wv.vector_size))
    calls: dict[str, tuple[Any, ...]] = {
        "get_vector": (word,), "__getitem__": (words,), "__contains__": (word,), "get_index": (word,),
        "most_similar": (words, words, topn), "most_similar_cosmul": (words, [other], topn),
        "most_similar_batch": (words, topn), "similar_by_vector": (vector, topn), "similarity": (word, other),
        "distance": (word, other), "distances": (word, words), "doesnt_match": (words,), "rank": (word, other),
        "closer_than": (word, other), "n_similarity": (words, [other]), "get_mean_vector": (words,),
        "get_mean_vectors": ([words, [word]],), "relative_cosine_similarity": (word, other, topn),
        "most_similar_to_given": (word, words), "get_vecattr": (word, "count"), "wmdistance": (words, words),
        "vectors_for_all": (words,), "get_normed_vectors": (), "cosine_similarities": (vector, case.rows(2, 4)),
    }  # fmt: skip
    name = case.draw.choice([*calls])
    if name == "wmdistance" and case.draw.random() < 0.9:  # it is slow
        return
    found = case.call(name, getattr(wv, name), *calls[name])
    if name == "get_vector" and found is not None:
        assert np.shape(found) == (wv.vector_size,), f"a vector of shape {np.shape(found)}"


def make_others(case: Case) -> None:
    """Vectors of others: compressed, or with those of a file."""
    wv = case.any_of(case.vectors)
    if hasattr(wv, "compress"):
        store = case.often(case.draw.choice(["int8", "float16", "product", None]))
        limits = {key: case.often(3) for key in ("words", "buckets") if case.draw.random() < 0.3}
        case.keep(case.vectors, case.call("compress", wv.compress, store, **limits))


def sentence_vectors(case: Case) -> None:
    wv = case.any_of(case.vectors)
    if hasattr(wv, "get_sentence_vector"):
        case.call("get_sentence_vector", wv.get_sentence_vector, case.draw.choice([*TEXTS, case.words()]))


def ask_classifier(case: Case) -> None:
    classifier = case.any_of(case.classifiers)
    texts = case.often([case.draw.choice(TEXTS[: case.draw.choice([6, 11])]) for _ in range(case.draw.randrange(9))])
    k, threshold = case.often(case.draw.choice([1, 3, -1, 100])), case.often(case.draw.choice([0.0, 0.5, -1]))
    name = case.draw.choice(["predict", "one", "proba", "test", "label", "evaluate"])
    if name == "one":
        case.call("predict", classifier.predict, case.draw.choice(TEXTS), k, threshold)
    elif name == "predict":
        found = case.call("predict", classifier.predict, texts, k, threshold, case.draw.choice([None, 1, 2, -1]))
        if found is not None and isinstance(texts, list):
            assert [len(labels) for labels in found[0]] == [len(some) for some in found[1]]
            assert len(found[0]) == len(texts)
    elif name == "proba":
        found = case.call("predict_proba", classifier.predict_proba, texts)
        assert found is None or found.shape[1] == len(classifier.labels)
    else:
        labels = ["1", "__label__both", "never", ["1", "2"], None]
        pairs = [(case.draw.choice(TEXTS), case.draw.choice(labels)) for _ in range(case.draw.randrange(9))]
        function = {"test": classifier.test, "label": classifier.test_label, "evaluate": classifier.evaluate}[name]
        case.call(name, function, case.often(case.draw.choice([pairs, GOLDEN / "labelled.txt"])), k)


def make_classifier(case: Case) -> None:
    classifier, path = case.any_of(case.classifiers), case.folder / "classifier.bin"
    if case.draw.random() < 0.5:
        options = {"cutoff": case.often(5), "qnorm": case.draw.random() < 0.5, "qout": case.draw.random() < 0.5}
        case.keep(case.classifiers, case.call("quantize", classifier.quantize, **options, dsub=case.often(2)))
        return
    path.unlink(missing_ok=True)
    case.call("save_fasttext", classifier.save_fasttext, path)
    if path.exists():
        found = case.call("Classifier.load", Classifier.load, path)
        assert found is not None, "what save_fasttext() wrote cannot be loaded"
        texts = [text for text in TEXTS[:6] if text]
        assert found.predict(texts, k=2)[0] == classifier.predict(texts, k=2)[0], "other labels from the file"
        case.keep(case.classifiers, found)


def train_classifier(case: Case) -> None:
    """A new one, or one that is there, on a few texts."""
    draw, classifier = case.draw, case.any_of(case.classifiers)
    pairs = [(draw.choice(TEXTS[: draw.choice([5, 11])]), draw.choice(["a", "b", ["a", "c"]])) for _ in range(9)]
    if draw.random() < 0.4:
        case.call("train", classifier.train, case.often(pairs))
        return
    options = {"vector_size": 4, "epochs": draw.choice([1, 2]), "bucket": draw.choice([0, 20])}
    some = {
        "loss": ["softmax", "hs", "ns", "ova"], "word_ngrams": [1, 2, 2**31 - 1], "min_n": [0, 2], "max_n": [0, 3],
        "alpha": [0.1, 1, 1e30], "min_count": [1, 2], "min_count_label": [0, 2], "workers": [1, 2], "negative": [1, 5],
        "label_prefix": ["__label__", "#", ""], "compute_loss": [True], "class_weight": ["balanced", {"a": 2}],
        "sample_weight": [[1] * 9, [0] * 9, [-1] * 9, [1]], "validation": [pairs], "patience": [1],
    }  # fmt: skip
    for name in draw.sample(list(some), draw.randrange(5)):
        options[name] = (
            case.often(draw.choice(some[name])) if name in ("loss", "class_weight") else draw.choice(some[name])
        )
    case.keep(case.classifiers, case.call("Classifier", Classifier, case.often(pairs), **options))


ASKED = [
    *(make_vectors, make_vectors, change_vectors, change_vectors, make_others, sentence_vectors),
    *(ask_vectors, ask_vectors, ask_vectors),
    *(ask_classifier, ask_classifier, make_classifier, train_classifier),
]
