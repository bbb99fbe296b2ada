"""Tables and columns in the place of sentences; and where warnings point."""

import inspect
import subprocess
import sys
import warnings
from collections import Counter
from functools import partial

import pytest

from fastemb import Classifier, FastText, GloVe, Phrases, Word2Vec, identify_languages
from fastemb.utils import save_as_line_sentence

TEXTS = ["the king rules", "the queen rules"] * 5
SENTENCES = [text.split() for text in TEXTS]
WORDS = ["the", "rules", "king", "queen"]
SMALL = {"min_count": 1, "vector_size": 4}


def trained(sentences):
    return Word2Vec(sentences, **SMALL).wv.index_to_key


def advised(error, **names):
    """What the code at the end of a message gives."""
    message = str(error.value)
    return eval(message[message.index("[text.split()") :].removesuffix(" if it has texts"), names)


def tables():
    """Each kind of table or column, with the name by which the advice calls it."""
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    arrow = pytest.importorskip("pyarrow")
    columns = {"text": TEXTS}
    frame, table = pandas.DataFrame(columns), arrow.table(columns)
    return [
        *((given, "table") for given in (frame, polars.DataFrame(columns), polars.LazyFrame(columns))),
        *((given, "table") for given in (table, table.to_batches()[0])),
        *((given, "column") for given in (frame["text"], pandas.Index(TEXTS), polars.Series(TEXTS))),
        *((given, "column") for given in (table["text"], arrow.array(TEXTS))),
    ]


def test_tables_and_columns_of_texts_are_refused_with_the_way_to_give_them():
    for given, name in tables():
        with pytest.raises(TypeError, match=rf"not (pandas|polars|pyarrow)\.{type(given).__name__}\b") as error:
            Word2Vec(given, **SMALL)
        assert advised(error, **{name: given}) == SENTENCES


def test_every_input_of_sentences_refuses_them(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": TEXTS})
    model = Word2Vec(SENTENCES, hs=1, **SMALL)
    glove = GloVe(SENTENCES, **SMALL)
    for call in (
        lambda: FastText(frame, bucket=10, **SMALL),
        lambda: GloVe(frame, **SMALL),
        lambda: glove.train(frame),
        lambda: glove.save_cooccurrences(tmp_path / "cells", frame),
        lambda: model.build_vocab(frame),
        lambda: model.build_vocab(frame, update=True),
        lambda: model.train(frame),
        lambda: model.scan_vocab(frame),
        lambda: model.score(frame),
        lambda: save_as_line_sentence(frame, tmp_path / "text"),
        lambda: GloVe(SENTENCES, words=frame, **SMALL),
        lambda: GloVe(SENTENCES, words=pandas.Series(WORDS).value_counts(), **SMALL),
    ):
        with pytest.raises(TypeError, match=r"DataFrame|Series"):
            call()
    assert not list(tmp_path.iterdir())


def test_tables_as_single_sentences_are_refused(tmp_path):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "table.csv"
    pandas.DataFrame({"text": TEXTS}).to_csv(path)
    with (
        pandas.read_csv(path, chunksize=2) as pieces,
        pytest.raises(TypeError, match=r"each sentence must be a list of words, not pandas\.DataFrame"),
    ):
        Word2Vec(pieces, **SMALL)


def test_classifiers_and_phrases_refuse_tables():
    model = Classifier(list(zip(TEXTS, "xy" * 5, strict=True)), vector_size=2, bucket=0)
    phrases = Phrases(SENTENCES)
    pairs = [("the king", "x")]
    for table, name in tables():
        if name != "table":
            continue
        for call in (model.predict, model.predict_proba, model.test, partial(identify_languages, model=model)):
            with pytest.raises(TypeError, match="texts must be a list or a column"):
                call(table)
        for given in ((table, ["x"]), (table,)):
            with pytest.raises(TypeError, match="texts must be a list or a column"):
                Classifier(*given)
        with pytest.raises(TypeError, match="labels must be a list or a column"):
            Classifier(["the king"], table)
        for ask in (phrases.__getitem__, phrases.freeze().__getitem__, phrases.find_phrases):
            with pytest.raises(TypeError, match="columns or their names would be taken for sentences"):
                ask(table)
    arrow = pytest.importorskip("pyarrow")
    texts, labels = arrow.array(TEXTS), arrow.chunked_array([list("xy" * 5)])
    assert model.predict(texts)[0] == model.predict(TEXTS)[0]
    assert Classifier(texts, labels, vector_size=2, bucket=0).label_counts.tolist() == [5, 5]
    assert identify_languages(texts, model)[0] == identify_languages(TEXTS, model)[0]
    with pytest.raises(TypeError, match="several labels, not one str"):
        Classifier(pairs, "x")


def test_classes_of_the_user_are_no_tables(monkeypatch):
    class Dataset:
        begun = 0

        def __iter__(self):
            self.begun += 1
            return iter(SENTENCES)

    monkeypatch.setattr(Dataset, "__module__", "datasets")
    given = Dataset()
    assert trained(given) == WORDS
    assert given.begun == 1


def test_columns_of_lists_are_sentences():
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    arrow = pytest.importorskip("pyarrow")
    assert trained(pandas.Series(SENTENCES)) == trained(polars.Series(SENTENCES)) == WORDS
    assert trained(pandas.DataFrame({"text": TEXTS})["text"].str.split()) == WORDS
    column = arrow.array(SENTENCES)
    with pytest.raises(TypeError, match=r"column\.to_pylist\(\)"):
        trained(column)
    assert trained(column.to_pylist()) == WORDS


def test_a_dict_as_a_sentence_is_warned_of():
    with pytest.warns(UserWarning, match="the dict .*: its keys are taken as words") as caught:
        assert trained([{"text": "the king"}, {"text": "the queen"}]) == ["text"]
    assert len(caught) == 1
    with pytest.warns(UserWarning, match="the Counter"):
        trained([Counter(sentence) for sentence in SENTENCES])


class Own(Word2Vec):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)


@pytest.mark.parametrize(
    ("call", "category"),
    [
        (lambda: Word2Vec(TEXTS, **SMALL), UserWarning),
        (lambda: FastText(TEXTS, bucket=10, **SMALL), UserWarning),
        (lambda: GloVe(TEXTS, **SMALL), UserWarning),
        (lambda: Word2Vec(**SMALL).build_vocab(TEXTS), UserWarning),
        (lambda: Word2Vec(SENTENCES, **SMALL).train(TEXTS), UserWarning),
        (lambda: Word2Vec(size=4), DeprecationWarning),
        (lambda: FastText(size=4), DeprecationWarning),
        (lambda: Word2Vec(SENTENCES, **SMALL).wv.word_vec("king"), DeprecationWarning),
        (lambda: Word2Vec(SENTENCES, **SMALL).init_sims(), DeprecationWarning),
    ],
)
def test_warnings_point_to_the_line_of_the_caller(call, category):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    (warning,) = [warning for warning in caught if warning.category is category]
    assert warning.filename == __file__
    assert warning.lineno == call.__code__.co_firstlineno


def test_warnings_point_into_subclasses_of_the_user():
    with pytest.warns(DeprecationWarning, match="size= is deprecated") as caught:
        Own(size=4)
    lines, first = inspect.getsourcelines(Own)
    assert caught[0].filename == __file__
    assert first <= caught[0].lineno < first + len(lines)


@pytest.mark.parametrize("model", [Word2Vec, GloVe])
def test_labels_are_warned_of_once(model):
    sentences = [["__label__cold", "the", "king"], ["__label__warm", "the", "queen"]] * 3
    with pytest.warns(UserWarning, match=r"'__label__cold', are trained like others here \(2 of them\)") as caught:
        found = model(sentences, **SMALL)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert "__label__cold" in found.wv
    dropped = model(sentences, trim_rule=lambda word, count, least: int(word.startswith("__label__")), **SMALL)
    assert dropped.wv.index_to_key == ["the", "king", "queen"]


@pytest.mark.parametrize(
    ("model", "given", "meant"),
    [
        (Word2Vec, "vectorsize", "vector_size"),
        (Word2Vec, "minCount", "min_count"),
        (FastText, "epoch", "epochs"),
        (FastText, "ngram_min", None),
        (FastText, "buckets", "bucket"),
        (GloVe, "xmax", "x_max"),
        (GloVe, "size", None),
        (Own, "worker", "workers"),
    ],
)
def test_a_misspelt_parameter_is_named_with_the_near_one(model, given, meant):
    with pytest.raises(TypeError) as error:
        model(**{given: 1})
    hint = f". Did you mean {meant!r}?" if meant else ""
    assert str(error.value) == f"{model.__name__}() got an unexpected keyword argument {given!r}{hint}"


@pytest.mark.parametrize("texts", [TEXTS, iter(TEXTS), [["king"], *TEXTS]])
def test_texts_in_place_of_lists_of_words_are_told_of_where_they_are_scored(texts):
    model = Word2Vec(SENTENCES, hs=1, negative=0, **SMALL)
    with pytest.warns(UserWarning, match="'the king rules': its characters are taken as words") as caught:
        model.score(texts)
    assert [warning.filename for warning in caught] == [__file__]


def test_the_command_prints_warnings_without_a_line_of_its_script(tmp_path):
    (tmp_path / "corpus.txt").write_text("__label__cold the king\n" * 5)
    for arguments in (["train", "--min-count", "1", "--quiet"], ["cooccur"]):
        command = [sys.executable, "-m", "fastemb", *arguments, "corpus.txt", "--output", "out.bin"]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert "words that begin with __label__" in run.stderr
        assert "UserWarning" not in run.stderr
        assert "main(" not in run.stderr
