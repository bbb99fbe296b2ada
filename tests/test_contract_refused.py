"""What every model does with bad input: it says what is wrong, and is as it was before."""

import threading

import numpy as np
import pytest
from contract import KINDS, Calling, Unchanged, arrays_of, each, each_kind, each_that_trains, planted, same_arrays

from fastemb.models.callbacks import CallbackAny2Vec, Checkpoint

# What to train on.


class DataFrame:
    """What is taken for a table of pandas, which need not be here."""

    def __iter__(self):
        return iter(["text", "label"])


DataFrame.__module__ = "pandas.core.frame"

WRONG_CORPORA = {
    "path": ("text.txt", TypeError, "not str; for the path of a text file, use corpus_file="),
    "bytes": (b"text.txt", TypeError, "not bytes; for the path of a text file, use corpus_file="),
    "number": (5, TypeError, "sentences must be an iterable of lists of words, not int"),
    "table": (DataFrame(), TypeError, "not pandas.DataFrame, whose columns .* would be taken for sentences"),
    "table in a list": ([["a"], DataFrame()], TypeError, "each sentence must be a list of words, not pandas.DataFrame"),
    "None": ([["a", "b"], ["c", None]], TypeError, "sentence 1: words must be str or int, not NoneType"),
    "float": ([["a", 1.5]], TypeError, "sentence 0: words must be str or int, not float"),
    "no sentence": ([["a"], 5], TypeError, "5|int"),
}
each_wrong = pytest.mark.parametrize(("corpus", "error", "message"), WRONG_CORPORA.values(), ids=WRONG_CORPORA)


@each_wrong
@each_kind
def test_what_is_no_corpus_is_refused(entry, corpus, error, message):
    with pytest.raises(error, match=message):
        entry(corpus)
    model = entry(planted())
    for call in (
        lambda: model.build_vocab(corpus),
        lambda: model.build_vocab(corpus, update=True),
        lambda: model.train(corpus),
        lambda: model.train(corpus, epochs=9),
    ):
        with Unchanged(model), pytest.raises(error, match=message):
            call()


@each_kind
def test_a_corpus_without_words_is_refused(entry, caplog):
    for corpus, sentences in (([], 0), ([[], []], 2), (iter([]), 0)):
        with pytest.raises(ValueError, match=rf"the corpus has no words \({sentences} sentences\)"):
            entry(corpus)
    with pytest.raises(ValueError, match="so do 4 words in all, more than max_final_vocab=2: raise it to 4") as caught:
        entry([["a", "b", "c", "d", "e"], ["a", "b", "c", "d"]], max_final_vocab=2)
    assert "min_count" not in str(caught.value)
    message = r"no word is left of 2: the most frequent occurs 4 times.*lower min_count, which is 9"
    for rare in ({"min_count": 9}, {"min_count": 9, "max_final_vocab": 2}):
        with pytest.raises(ValueError, match=message):
            entry([["a", "b"], ["a", "b"], ["a", "a"]], **rare)
    model = entry(planted())
    with Unchanged(model):
        with pytest.raises(ValueError, match=r"the corpus has no words"):
            model.build_vocab([])
        model.build_vocab([], update=True)
    assert "the corpus has no words" in caplog.text


@each
def test_training_on_nothing_changes_no_vectors(entry, caplog):
    for corpus in ([], [["unknown", "words"]]):
        model = entry(planted())
        before = arrays_of(model)
        if entry.empty:
            with Unchanged(model), pytest.raises(ValueError, match=entry.empty):
                model.train(corpus, epochs=2)
        else:
            assert model.train(corpus, epochs=2) == (0, 2 * sum(map(len, corpus)))
            assert "nothing was trained" in caplog.text
            caplog.clear()
        assert same_arrays(before, arrays_of(model))


@each_that_trains
def test_training_that_may_not_begin_changes_nothing(entry, tmp_path):
    model, other = entry(planted()), entry(planted())
    corpus, seconds = [["brand", "new"], *planted(seed=5)], model.total_train_time
    labels = list(getattr(model, "labels", []))
    interrupt = Calling("on_train_begin", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    for callback, error in (
        (Checkpoint(tmp_path / "not there" / "x"), FileNotFoundError),
        (interrupt, KeyboardInterrupt),
    ):
        with Unchanged(model), pytest.raises(error):
            model.train(corpus, epochs=7, callbacks=[callback])
    assert (model.total_train_time, list(getattr(model, "labels", []))) == (seconds, labels)
    for each_model in (model, other):
        each_model.train(corpus)
    assert same_arrays(arrays_of(model), arrays_of(other))


@each_kind
def test_files_that_are_not_there_or_empty_are_named(entry, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.txt").touch()
    model = entry(planted())
    for name, error, message in (
        ("absent.txt", FileNotFoundError, r"absent\.txt"),
        ("folder", FileNotFoundError, "no files in the folder"),
        ("empty.txt", ValueError, "the corpus has no words"),
    ):
        with pytest.raises(error, match=message):
            entry(corpus_file=tmp_path / name)
        with Unchanged(model), pytest.raises(error, match=message):
            model.build_vocab(corpus_file=tmp_path / name)
    with Unchanged(model), pytest.raises(FileNotFoundError, match=r"absent\.txt"):
        model.train(corpus_file=tmp_path / "absent.txt")
    for given in ({"corpus_file": 5}, {"corpus_file": object()}):
        with pytest.raises(TypeError, match="corpus_file must be a path"):
            entry(**given)


@each_kind
def test_one_input_is_wanted_and_no_other(entry):
    with pytest.raises(TypeError, match="not both"):
        entry(planted(), corpus_file="x")
    model = entry(planted())
    for call in (lambda: model.train(), lambda: model.train(planted(), "x"), lambda: model.build_vocab()):
        with Unchanged(model), pytest.raises(TypeError, match="not both"):
            call()


@each_kind
def test_a_vocabulary_is_wanted_first(entry):
    model = entry()
    with Unchanged(model):
        with pytest.raises(RuntimeError, match="you must first build vocabulary before training the model"):
            model.train(planted())
        with pytest.raises(RuntimeError, match=r"needs a vocabulary.* to begin with"):
            model.build_vocab(planted(), update=True)


# Parameters.

WRONG = {
    "vector_size": [(0, ValueError, "at least 1"), (1.5, TypeError, "a whole number"), ("9", TypeError, "a whole")],
    "window": [(0, ValueError, "at least 1")],
    "epochs": [(0, ValueError, "at least 1"), (None, TypeError, "a whole number"), (np.nan, TypeError, "a whole")],
    "workers": [(0, ValueError, "at least 1|at least -1"), (-2, ValueError, "at least -1")],
    "min_count": [(-1, ValueError, "at least 0")],
    "max_final_vocab": [(0, ValueError, "at least 1")],
    "max_vocab_size": [(0, ValueError, "at least 1")],
    "memory_budget": [(-1, ValueError, "at least 0")],
    "seed": [(-1, ValueError, "at least 0")],
    "alpha": [(-0.1, ValueError, "not be negative"), (np.nan, ValueError, "finite"), ("x", TypeError, "a number")],
    "unicode_errors": [("surrogateescape", ValueError, "unicode_errors")],
    "comment": [(5, TypeError, "a str or None")],
}
OWN = {
    "word2vec-sg": {
        "min_alpha": [(-0.1, ValueError, "not be negative"), (np.inf, ValueError, "finite")],
        "negative": [(-1, ValueError, "at least 0"), (0, ValueError, "hs=0 with negative=0")],
        "sample": [(-1, ValueError, "not be negative"), (np.nan, ValueError, "finite")],
        "ns_exponent": [(np.inf, ValueError, "finite"), (np.nan, ValueError, "finite")],
        "null_word": [("x", TypeError, "a whole number")],
        "batch_words": [(0, ValueError, "at least 1")],
    },
    "fasttext-cbow": {
        "negative": [(-1, ValueError, "at least 0")],
        "min_n": [(-1, ValueError, "at least 0"), (7, ValueError, "above max_n=6")],
        "max_n": [("6", TypeError, "a whole number")],
        "bucket": [(-1, ValueError, "at least 0")],
        "word_ngrams": [(2, NotImplementedError, "for classifiers")],
    },
    "glove-sum": {
        "x_max": [(0, ValueError, "must be positive")],
        "eta": [(np.nan, ValueError, "must be finite"), (0, ValueError, "must be positive")],
        "grad_clip": [(0, ValueError, "must be positive")],
        "retrofit": [(-1, ValueError, "not be negative")],
        "output": [("mean", ValueError, "one of 'sum', 'word', 'both'")],
    },
}


@pytest.mark.parametrize(
    ("entry", "name", "value", "error", "message"),
    [
        pytest.param(KINDS[kind], name, *case, id=f"{kind}-{name}-{case[0]}")
        for kind, own in OWN.items()
        for name, cases in (WRONG | own).items()
        for case in cases
    ],
)
def test_wrong_parameters_are_refused_by_name(entry, name, value, error, message, tmp_path):
    with pytest.raises(error, match=f"{name}.*{message}|{message}"):
        entry(planted(), **{name: value})
    model = entry(planted())
    setattr(model, name, value)
    with pytest.raises(error, match=message):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())
    before = arrays_of(model)
    with pytest.raises(error, match=message):
        model.train(planted())
    assert same_arrays(before, arrays_of(model))


@each_kind
def test_names_that_are_no_parameters_are_refused(entry):
    message = rf"{entry.kind.__name__}\(\) got an unexpected keyword argument 'vectorsize'. Did you mean 'vector_size'"
    with pytest.raises(TypeError, match=message):
        entry(planted(), vectorsize=3)
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'dimensions'$"):
        entry(planted(), dimensions=3)
    model = entry(planted())
    for call in (lambda: model.train(planted(), windows=3), lambda: model.build_vocab(planted(), windows=3)):
        with Unchanged(model), pytest.raises(TypeError, match="windows"):
            call()


@each_kind
def test_wrong_arguments_of_train_change_nothing(entry):
    wrong = {"epochs": [0, -1, np.nan, "x"]}
    if entry.rate == "alpha":
        wrong |= {"start_alpha": [np.nan, -1, "x"], "end_alpha": [np.inf, -1], "total_words": [-1], "word_count": [-1]}
    model = entry(planted())
    for name, values in wrong.items():
        for value in values:
            with Unchanged(model), pytest.raises((TypeError, ValueError), match=f"{name} must"):
                model.train(planted(), **{"epochs": 9, "callbacks": [CallbackAny2Vec()]} | {name: value})
    if entry.rate == "alpha":
        for other in ({"min_count": -1}, {"sample": np.nan}, {}):
            with Unchanged(model), pytest.raises((TypeError, ValueError), match=r"min_count|sample|words must be"):
                model.build_vocab([["a", None]], **{"min_count": 2, "sample": 0.5} | other)


# What the model has, and what the user's code does.


@each_that_trains
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_found_before_training(entry, bad):
    for name in entry(planted())._matrices():
        model = entry(planted())
        matrix = model._matrices()[name]
        matrix[(-1,) * matrix.ndim] = bad
        with (
            Unchanged(model),
            pytest.raises(ValueError, match=rf"{name} holds NaN or infinity before any training"),
        ):
            model.train(planted())


@each_kind
def test_what_the_users_iterable_raises_reaches_the_user(entry):
    def broken():
        yield from planted()
        raise LookupError("of the user's own")

    model = entry(planted())
    for call in (
        lambda: entry(broken()),
        lambda: model.build_vocab(broken(), update=True),
        lambda: model.train(broken(), epochs=9),
    ):
        with Unchanged(model), pytest.raises(LookupError, match="of the user's own"):
            call()
    assert threading.active_count() == 1
