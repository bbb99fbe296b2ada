"""The same calls on gensim and on fastemb: the same results, or the same kind of exception."""

import inspect
import logging
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fastemb.inference
import fastemb.models
import fastemb.utils

pytest.importorskip("gensim", reason="gensim is not installed: there is nothing to compare with")
import gensim.models
import gensim.models.word2vec
import gensim.utils

BOTH = (gensim, fastemb)
# No two words are equally frequent: gensim orders those arbitrarily.
COUNTS = {"a": 40, "b": 29, "c": 19, "d": 10, "e": 7, "f": 4, "g": 2, "h": 1}
WORDS = [word for word, count in COUNTS.items() for _ in range(count)]
SENTENCES = [list(part) for part in np.array_split(np.random.default_rng(1).permutation(WORDS), 14)]
SENTENCES = [[str(word) for word in sentence] for sentence in SENTENCES]
SMALL = {"min_count": 1, "vector_size": 8, "workers": 1, "seed": 3, "window": 3}
NAMES = ("Word2Vec", "KeyedVectors", "FastText")
DOCUMENTED = Path(__file__).parents[1] / "docs" / "differences.md"


def vocabulary(library, **options):
    """A model with a vocabulary, not trained."""
    model = library.models.Word2Vec(**SMALL | options)
    model.build_vocab(SENTENCES)
    return model


def trained_pair(**options):
    """gensim's model, and one of fastemb's with the same weights."""
    theirs = gensim.models.Word2Vec(SENTENCES, epochs=20, alpha=0.1, **SMALL | options)
    ours = vocabulary(fastemb, **options)
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    ours.wv.vectors = theirs.wv.vectors.copy()
    for name in ("syn1", "syn1neg"):
        if hasattr(theirs, name):
            setattr(ours, name, getattr(theirs, name).copy())
    return theirs, ours


# What there is.


def members(library, name):
    """Public methods of a class, and public attributes of its objects."""
    cls = getattr(library.models, name)
    if name == "KeyedVectors":
        found = library.models.Word2Vec(SENTENCES, **SMALL).wv
    else:
        found = cls(SENTENCES, hs=1, **SMALL, **({"bucket": 100} if name == "FastText" else {}))
    names = {each for part in cls.__mro__[:-1] for each in vars(part)} | set(vars(found))
    return {each for each in names if not each.startswith("_")}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_missing_is_documented(name):
    if not hasattr(fastemb.models, name):
        pytest.skip(f"fastemb has no {name} yet")
    if not DOCUMENTED.is_file():
        pytest.skip("no documentation beside the tests")
    missing = members(gensim, name) - members(fastemb, name)
    assert missing == set(re.findall(rf"^\| `{name}\.(\w+)`", DOCUMENTED.read_text(), re.MULTILINE))


def module_names(module):
    """Public classes and functions of a module."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and callable(value) and value.__module__ == module.__name__
    }


@pytest.mark.parametrize(
    "name", ["models.word2vec", "models.doc2vec", "models.keyedvectors", "models.callbacks", "models.fasttext", "utils"]
)
def test_names_of_modules_are_there_or_refused(name):
    theirs = module_names(sys.modules[f"gensim.{name}"])
    if f"fastemb.{name}" not in sys.modules:
        pytest.skip(f"fastemb has no {name} yet")
    ours = sys.modules[f"fastemb.{name}"]
    silent = set()
    for each in theirs - {"train_epoch_cbow", "train_epoch_sg"}:
        try:
            getattr(ours, each)
        except AttributeError as error:
            if "is not in fastemb. fastemb has gensim's word vectors" not in str(error):
                silent.add(each)
    assert not silent


@pytest.mark.parametrize("name", ["Word2Vec", "FastText"])
def test_methods_take_gensims_arguments(name):
    if not hasattr(fastemb.models, name):
        pytest.skip(f"fastemb has no {name} yet")
    theirs, ours = (getattr(library.models, name) for library in BOTH)
    for method in members(gensim, name) & members(fastemb, name):
        function = getattr(theirs, method, None)
        if not inspect.isroutine(function):
            continue
        wanted = [
            (p.name, p.default)
            for p in inspect.signature(function).parameters.values()
            if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"
        ]
        given = {p.name: p.default for p in inspect.signature(getattr(ours, method)).parameters.values()}
        names = [each for each in given if each != "self"]
        if "args" in names:  # passed on
            continue
        assert names[: len(wanted)] == [each for each, _ in wanted], method
        for each, default in wanted:
            assert given[each] == default or (method, each) in {("train", "epochs")}, (method, each)


# Helpers.

TEXTS = st.one_of(st.text(), st.text("aÄé_ß1İʼǆ ́")) | st.binary()


@settings(max_examples=200)
@given(TEXTS, st.booleans(), st.integers(0, 4), st.integers(0, 9))
def test_preprocessing_is_the_same(text, deacc, least, most):
    results = [library.utils.simple_preprocess(text, deacc, least, most) for library in BOTH]
    assert results[0] == results[1]


@settings(max_examples=200)
@given(
    TEXTS,
    st.booleans(),
    st.booleans(),
    st.sampled_from(["utf8", "latin1", "utf16"]),
    st.sampled_from(["strict", "replace"]),
)
def test_text_is_the_same(text, lower, deacc, encoding, errors):
    for call in (
        lambda utils: list(utils.tokenize(text, lower=lower, deacc=deacc, encoding=encoding, errors=errors)),
        lambda utils: utils.to_unicode(text, encoding, errors),
        lambda utils: utils.any2utf8(text, errors, encoding),
        lambda utils: utils.deaccent(text),
    ):
        assert outcome(call, gensim.utils) == outcome(call, fastemb.utils)


def outcome(call, *arguments):
    """What a call returns, or the kind of exception that it raises."""
    try:
        return call(*arguments)
    except Exception as error:
        return type(error)


def test_helpers_are_the_same(tmp_path):
    for library in BOTH:
        library.utils.save_as_line_sentence(SENTENCES, str(tmp_path / library.__name__))
    assert (tmp_path / "gensim").read_bytes() == (tmp_path / "fastemb").read_bytes()
    for n in (None, 1, -1, -2, 7, 0):
        assert outcome(gensim.utils.effective_n_jobs, n) == outcome(fastemb.utils.effective_n_jobs, n)
    for rule in (0, 1, 2, 3):
        for count in (1, 2, 3):
            results = [library.utils.keep_vocab_item("a", count, 2, lambda *_, r=rule: r) for library in BOTH]
            assert results[0] == results[1]
    for topk in (1, 3, 100):
        counts = [dict(COUNTS) | {"z": 19} for _ in BOTH]
        for library, each in zip(BOTH, counts, strict=True):
            library.utils.trim_vocab_by_freq(each, topk)
        assert counts[0] == counts[1]
    vectors = [library.models.keyedvectors.pseudorandom_weak_vector(5, "word", lambda _: 7) for library in BOTH]
    np.testing.assert_array_equal(*vectors)


@pytest.mark.parametrize("name", ["LineSentence", "PathLineSentences", "Text8Corpus", "BrownCorpus"])
def test_readers_are_the_same(name, tmp_path):
    (tmp_path / "one.txt").write_text("The/at dog/nn ./.\n\na  b\tc a/b/c\nlast/jj ünd/x")
    source = str(tmp_path if name in ("PathLineSentences", "BrownCorpus") else tmp_path / "one.txt")
    results = [list(getattr(library.models.word2vec, name)(source)) for library in BOTH]
    if name == "Text8Corpus":  # which in gensim runs over the ends of lines
        results = [[word for sentence in result for word in sentence] for result in results]
    assert [each for each in results[0] if each] == [each for each in results[1] if each]


# The vocabulary.

OPTIONS = [
    *({}, {"min_count": 4}, {"max_final_vocab": 3}, {"max_final_vocab": 100}, {"sample": 0}, {"sample": 5}),
    *({"hs": 1}, {"negative": 0, "hs": 1}, {"ns_exponent": 0}, {"ns_exponent": -0.5}, {"sample": 1e-2}),
    *({"max_final_vocab": 5, "min_count": 8}, {"sg": 1}),
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_vocabulary_is_the_same(options):
    theirs, ours = (vocabulary(library, **options) for library in BOTH)
    same = ("corpus_count", "corpus_total_words", "effective_min_count", "min_count", "sample", "layer1_size")
    for name in (*same, "min_alpha_yet_reached", "train_count", "running_training_loss"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert str(ours) == str(theirs)
    assert [ours.wv.get_vecattr(w, "count") for w in ours.wv.index_to_key] == [
        theirs.wv.get_vecattr(w, "count") for w in theirs.wv.index_to_key
    ]
    np.testing.assert_array_equal(ours.wv.vectors, theirs.wv.vectors)
    np.testing.assert_array_equal(ours.wv.vectors_lockf, theirs.wv.vectors_lockf)
    for name in ("syn1", "syn1neg"):
        assert hasattr(ours, name) == hasattr(theirs, name)
        if hasattr(theirs, name):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    assert (ours.cum_table is None) == (theirs.cum_table is None)
    if theirs.cum_table is not None:
        np.testing.assert_allclose(ours.cum_table, theirs.cum_table, rtol=0, atol=1)
    assert ours.estimate_memory() == theirs.estimate_memory()
    assert ours.estimate_memory(1000) == theirs.estimate_memory(1000)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("dry_run", [True, False])
def test_steps_of_the_vocabulary_are_the_same(options, dry_run):
    models = [library.models.Word2Vec(**SMALL | options) for library in BOTH]
    sizes = [model.scan_vocab(SENTENCES) for model in models]
    assert sizes[0] == sizes[1]
    assert dict(models[0].raw_vocab) == dict(models[1].raw_vocab)
    for more in ({"min_count": 3}, {"sample": 0.5}, {}):
        reports = [model.prepare_vocab(dry_run=dry_run, keep_raw_vocab=True, **more) for model in models]
        assert reports[0] == reports[1]
    for model in models:
        if not dry_run:
            model.prepare_weights()
    np.testing.assert_array_equal(models[0].wv.vectors, models[1].wv.vectors)


def test_further_ways_to_a_vocabulary_are_the_same():
    def keep(word, count, least):
        return {"h": 2, "a": 1}.get(word, 0)

    def updated(model):
        model.build_vocab(SENTENCES)
        model.build_vocab([["a", "x", "x", "y"]], update=True)

    ways = [
        lambda model: model.build_vocab(SENTENCES, trim_rule=keep, min_count=3),
        lambda model: model.build_vocab_from_freq(COUNTS, corpus_count=9),
        lambda model: model.build_vocab(SENTENCES, keep_raw_vocab=True),
        lambda model: model.reset_from(vocabulary(sys.modules[type(model).__module__.split(".")[0]], min_count=4)),
        updated,
    ]
    for way in ways:
        theirs, ours = (library.models.Word2Vec(**SMALL) for library in BOTH)
        way(theirs)
        way(ours)
        assert ours.wv.index_to_key == theirs.wv.index_to_key
        assert dict(ours.raw_vocab or {}) == dict(theirs.raw_vocab or {})
        assert ours.corpus_count == theirs.corpus_count
        np.testing.assert_array_equal(ours.wv.vectors, theirs.wv.vectors)
        for word in theirs.wv.index_to_key:
            assert ours.wv.get_vecattr(word, "count") == theirs.wv.get_vecattr(word, "count")


# Training.


@pytest.mark.parametrize("options", [{}, {"sg": 1}, {"hs": 1, "negative": 0}, {"cbow_mean": 0}, {"hs": 1}], ids=str)
def test_counts_of_training_are_the_same(options):
    corpus = [*SENTENCES, ["unknown", "a", "b"]]
    results = []
    for library in BOTH:
        model = vocabulary(library, sample=0, **options)
        found = model.train(corpus, total_examples=len(corpus), epochs=3)
        results.append((*found, model.train_count, model.epochs, model.total_train_time > 0))
    assert results[0] == results[1]


def test_learning_rates_are_the_same():
    results = []
    for library in BOTH:
        model = vocabulary(library)
        options = {"total_examples": model.corpus_count, "start_alpha": 0.02, "end_alpha": 0.01}
        model.train(SENTENCES, epochs=2, **options)
        results.append((model.alpha, model.min_alpha, model.epochs))
        assert model.min_alpha <= model.min_alpha_yet_reached < model.alpha
    assert results[0] == results[1]


def test_locks_freeze_the_same_words():
    for library in BOTH:
        model = vocabulary(library, sample=0)
        before = model.wv.vectors.copy()
        model.wv.vectors_lockf = np.ones(len(model.wv), np.float32)
        model.wv.vectors_lockf[2] = 0
        model.train(SENTENCES, total_examples=model.corpus_count, epochs=2)
        changed = (model.wv.vectors != before).any(axis=1)
        assert changed.tolist() == [True, True, False, True, True, True, True, True]


def test_callbacks_are_called_at_the_same_moments():
    def calls(library):
        events = []

        class Record(library.models.callbacks.CallbackAny2Vec):
            def note(self, name, model):
                events.append((name, model.train_count, bool(model.wv.vectors.any()), model.epochs))

            def on_train_begin(self, model):
                self.note("train begins", model)

            def on_epoch_begin(self, model):
                self.note("epoch begins", model)

            def on_epoch_end(self, model):
                self.note("epoch ends", model)

            def on_train_end(self, model):
                self.note("train ends", model)

        model = library.models.Word2Vec(SENTENCES, callbacks=[Record(), Record()], epochs=2, **SMALL)
        model.train(SENTENCES, total_examples=model.corpus_count, epochs=1, callbacks=[Record()])
        return events

    assert calls(gensim) == calls(fastemb)


def test_loss_is_of_the_same_size():
    losses = []
    for library in BOTH:
        model = library.models.Word2Vec(SENTENCES * 20, compute_loss=True, sg=1, sample=0, epochs=1, **SMALL)
        losses.append(model.get_latest_training_loss())
        assert model.get_latest_training_loss() == model.running_training_loss
    assert 0.5 < losses[0] / losses[1] < 2


# A trained model.


@pytest.mark.parametrize("options", [{}, {"sg": 1}, {"cbow_mean": 0}, {"hs": 1}], ids=str)
@pytest.mark.parametrize("context", [["a"], ["b", "unknown", "c"], [0, 3], ["h", "h"], ["unknown"], []], ids=str)
def test_predictions_are_the_same(options, context):
    theirs, ours = (model.predict_output_word(context, topn=4) for model in trained_pair(**options))
    if theirs is None:
        assert ours is None
        return
    assert [word for word, _ in ours] == [word for word, _ in theirs]
    np.testing.assert_allclose([p for _, p in ours], [p for _, p in theirs], rtol=1e-5)


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("options", [{}, {"cbow_mean": 0}, {"window": 1}, {"window": 100}], ids=str)
def test_scores_are_the_same(sg, options, monkeypatch):
    theirs, ours = trained_pair(sg=sg, hs=1, negative=0, **options)
    texts = [*SENTENCES, ["unknown"], [], ["a", "unknown", "b"]]
    expected, found = theirs.score(texts), ours.score(texts)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    # gensim looks log σ up in a table, a little beside the place, and takes |x| >= 6 for certain.
    monkeypatch.setattr(fastemb.inference, "log_sigmoid", table_of_gensim)
    np.testing.assert_allclose(ours.score(texts), expected, rtol=1e-4, atol=1e-4)
    assert np.corrcoef(found, expected)[0, 1] > 0.99


def table_of_gensim(values):
    table = -np.log1p(np.exp(-(np.arange(1000) / 1000 * 2 - 1) * 6))
    inside = np.abs(values) < 6
    return np.where(inside, table[np.where(inside, (values + 6) * 83, 0).astype(int)], 0)


@pytest.mark.skipif(not hasattr(fastemb.models, "FastText"), reason="fastemb has no FastText yet")
@pytest.mark.parametrize("bucket", [0, 50])
def test_fasttext_is_the_same(bucket):
    options = {**SMALL, "bucket": bucket, "min_n": 1, "max_n": 3}
    theirs, ours = (library.models.FastText(**options) for library in BOTH)
    for model in (theirs, ours):
        model.build_vocab(SENTENCES)
    assert ours.estimate_memory() == theirs.estimate_memory()
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    np.testing.assert_allclose(ours.cum_table, theirs.cum_table, rtol=0, atol=1)
    again = fastemb.models.FastText(**options)
    again.reset_from(ours)
    assert type(again.wv) is type(ours.wv)
    np.testing.assert_array_equal(again.wv.vectors, ours.wv.vectors)
    assert again.train(SENTENCES, total_examples=14, epochs=2)[1] == 2 * len(WORDS)


# What is refused.

REFUSED = {
    "both inputs": lambda models, path: models.Word2Vec([["a"]], path),
    "neither input": lambda models, path: models.Word2Vec().build_vocab(),
    "not iterable": lambda models, path: models.Word2Vec(5),
    "not a path": lambda models, path: models.Word2Vec(corpus_file=5),
    "a negative path": lambda models, path: models.Word2Vec().build_vocab(corpus_file=-1),
    "no vocabulary": lambda models, path: models.Word2Vec().train([["a"]], total_examples=1, epochs=1),
    "rare words": lambda models, path: models.Word2Vec([["a"]]),
    "nothing": lambda models, path: models.Word2Vec([]),
    "nothing to train": lambda models, path: models.Word2Vec([["a"] * 9], hs=0, negative=0),
    "no epochs": lambda models, path: vocabulary_of(models).train(SENTENCES, total_examples=14, epochs=0),
    "negative epochs": lambda models, path: vocabulary_of(models).train(SENTENCES, total_examples=14, epochs=-1),
    "an update of nothing": lambda models, path: models.Word2Vec(min_count=1).build_vocab([["a"]], update=True),
    "unknown word": lambda models, path: vocabulary_of(models).wv["unknown"],
    "unknown words": lambda models, path: vocabulary_of(models).wv[["a", "unknown"]],
    "unknown attribute": lambda models, path: vocabulary_of(models).wv.get_vecattr("a", "unknown"),
    "neighbours of the unknown": lambda models, path: vocabulary_of(models).wv.most_similar("unknown"),
    "neighbours of nothing": lambda models, path: vocabulary_of(models).wv.most_similar([]),
    "similarity to the unknown": lambda models, path: vocabulary_of(models).wv.similarity("a", "unknown"),
    "no words to compare": lambda models, path: vocabulary_of(models).wv.n_similarity([], ["a"]),
    "no words to match": lambda models, path: vocabulary_of(models).wv.doesnt_match([]),
    "prediction by a tree": lambda models, path: vocabulary_of(models, hs=1, negative=0).predict_output_word(["a"]),
    "score by noise": lambda models, path: vocabulary_of(models).score(SENTENCES),
    "score of nothing": lambda models, path: models.Word2Vec(hs=1).score(SENTENCES),
    "no such file": lambda models, path: models.Word2Vec.load(path + ".missing"),
    "no such vectors": lambda models, path: models.KeyedVectors.load_word2vec_format(path + ".missing"),
    "unknown argument": lambda models, path: models.Word2Vec(no_such_argument=1),
    "old attribute": lambda models, path: vocabulary_of(models).wv.vocab,
}


def vocabulary_of(models, **options):
    model = models.Word2Vec(**SMALL | options)
    model.build_vocab(SENTENCES)
    return model


@pytest.mark.parametrize("what", REFUSED)
def test_the_same_kind_of_exception(what, tmp_path):
    path = str(tmp_path / "corpus.txt")
    Path(path).write_text("a b\n")
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        REFUSED[what](gensim.models, path)
    with pytest.raises(theirs.type):
        REFUSED[what](fastemb.models, path)


WARNED = {
    "rule without corpus": lambda models: models.Word2Vec(trim_rule=lambda *_: 0),
    "callbacks without corpus": lambda models: models.Word2Vec(callbacks=[models.callbacks.CallbackAny2Vec()]),
    "noise and a tree": lambda models: models.Word2Vec(SENTENCES, hs=1, **SMALL),
    "a learning rate that rises": lambda models: [
        vocabulary_of(models).train(SENTENCES, total_examples=14, epochs=1, start_alpha=0.2) for _ in range(2)
    ],
    "another number of sentences": lambda models: vocabulary_of(models).train(SENTENCES, total_examples=99, epochs=1),
    "another number of words": lambda models: vocabulary_of(models).train(SENTENCES, total_words=99, epochs=1),
    "an empty corpus": lambda models: vocabulary_of(models).train([], total_examples=14, epochs=1),
    "words not known": lambda models: vocabulary_of(models).predict_output_word(["unknown"]),
}


@pytest.mark.parametrize("what", WARNED)
def test_warnings_in_the_same_situations(what, caplog):
    for library in BOTH:
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            WARNED[what](library.models)
        assert [each for each in caplog.records if each.name.startswith(library.__name__)], library.__name__


@pytest.mark.parametrize(("method", "arguments"), [("init_sims", ()), ("seeded_vector", ("a", 3))])
def test_deprecations_are_the_same(method, arguments):
    for library in BOTH:
        with pytest.warns(DeprecationWarning, match=method):
            getattr(vocabulary(library), method)(*arguments)


# s/gensim/fastemb/

PROGRAMS = {
    "tutorial": """
        import gensim.models
        sentences = [["cat", "say", "meow"], ["dog", "say", "woof"]]
        model = gensim.models.Word2Vec(sentences=sentences, vector_size=100, window=5, min_count=1, workers=4)
        model.save("word2vec.model")
        model = gensim.models.Word2Vec.load("word2vec.model")
        model.train([["hello", "world"]], total_examples=1, epochs=1)
        vector = model.wv["dog"]
        print(model.wv.most_similar("dog", topn=3) and vector.shape)
        model.wv.save("word2vec.wordvectors")
        wv = gensim.models.KeyedVectors.load("word2vec.wordvectors", mmap="r")
        print(wv["dog"].shape, len(wv))
    """,
    "from a corpus of files": """
        import logging
        from gensim import utils
        from gensim.models import Word2Vec, KeyedVectors
        from gensim.models.word2vec import LineSentence, PathLineSentences
        logging.basicConfig(format="%(asctime)s : %(levelname)s : %(message)s", level=logging.ERROR)
        class MyCorpus:
            def __iter__(self):
                for line in ["The quick fox", "jumped over the LAZY dogs"] * 5:
                    yield utils.simple_preprocess(line)
        utils.save_as_line_sentence(MyCorpus(), "corpus.txt")
        for sentences in (MyCorpus(), LineSentence("corpus.txt"), PathLineSentences("corpus.txt")):
            model = Word2Vec(sentences=sentences, min_count=1, vector_size=10)
            print(sorted(model.wv.key_to_index), model.corpus_count, model.corpus_total_words)
        model = Word2Vec(corpus_file="corpus.txt", min_count=6, vector_size=10, sg=1)
        model.wv.save_word2vec_format("vectors.txt")
        print(KeyedVectors.load_word2vec_format("vectors.txt", binary=False).index_to_key)
    """,
    "step by step": """
        import gensim
        from gensim.models.callbacks import CallbackAny2Vec
        class EpochLogger(CallbackAny2Vec):
            def __init__(self):
                self.epoch = 0
            def on_epoch_end(self, model):
                self.epoch += 1
                print("epoch", self.epoch, model.get_latest_training_loss() > 0)
        model = gensim.models.word2vec.Word2Vec(vector_size=10, min_count=1, sg=1, sample=0)
        texts = [gensim.utils.simple_preprocess("One fish two fish"), ["red", "fish"]] * 9
        model.build_vocab(texts, trim_rule=lambda word, count, least: gensim.utils.RULE_KEEP)
        model.train(texts, total_examples=model.corpus_count, epochs=2, compute_loss=True, callbacks=[EpochLogger()])
        model.build_vocab([["blue", "fish"]], update=True)
        model.train([["blue", "fish"]], total_examples=1, epochs=model.epochs)
        print(sorted(model.wv.index_to_key), len(model.predict_output_word(["red"], topn=2)), "blue" in model.wv)
    """,
    "what is not there": """
        try:
            from gensim.models import LdaModel as Missing
            if "LdaModel" in str(Missing): raise ImportError
        except ImportError as error:
            print("no topics")
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_after_sed(name, tmp_path):
    program = inspect.cleandoc(PROGRAMS[name])
    printed = []
    for library in BOTH:
        folder = tmp_path / library.__name__
        folder.mkdir()
        command = [sys.executable, "-c", re.sub("gensim", library.__name__, program)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert printed[0] == printed[1]
    assert printed[0]


def test_what_gensim_takes_for_nothing_is_taken():
    """A seed of None is drawn; a trim_rule that returns nothing leaves it to min_count."""
    first, second = (fastemb.models.Word2Vec(SENTENCES, min_count=1, vector_size=4, seed=None) for _ in range(2))
    assert first.seed != second.seed
    assert (first.wv.vectors != second.wv.vectors).any()
    again = fastemb.models.Word2Vec(SENTENCES, min_count=1, vector_size=4, seed=first.seed)
    again.init_weights()
    first.init_weights()
    np.testing.assert_array_equal(first.wv.vectors, again.wv.vectors)
    model = fastemb.models.Word2Vec(min_count=2, vector_size=4)
    model.build_vocab([["a", "b", "a", "c"]], trim_rule=lambda word, count, least: 2 if word == "c" else None)
    assert model.wv.index_to_key == ["a", "c"]


def test_vectors_of_ngrams_have_their_old_place_too():
    for models in (gensim.models, fastemb.models):
        assert models.keyedvectors.FastTextKeyedVectors is models.fasttext.FastTextKeyedVectors


@pytest.mark.parametrize("name", ["Word2Vec", "FastText"])
def test_null_words_of_each_update_are_loaded(name, tmp_path):
    theirs = getattr(gensim.models, name)([["a", "b"]] * 9, vector_size=4, min_count=1, null_word=1)
    for word in ("m", "n"):
        theirs.build_vocab([[word]], update=True)
    theirs.save(str(tmp_path / "theirs"))
    model = getattr(fastemb, name).load(tmp_path / "theirs")
    assert [key.replace("\0\0", "\0").replace("\0\0", "\0") for key in model.wv.index_to_key] == theirs.wv.index_to_key
    for word in ("a", "m", "\0"):
        np.testing.assert_array_equal(model.wv[word], theirs.wv[word])
    np.testing.assert_array_equal(model.syn1neg, theirs.syn1neg)
    model.save(tmp_path / "ours")
    assert getattr(fastemb, name).load(tmp_path / "ours").wv.index_to_key == model.wv.index_to_key
