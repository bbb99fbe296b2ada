"""scikit-learn's own checks of estimators, and what its users do with ours."""

import copy
import functools
import pickle
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("sklearn", minversion="1.6")

from joblib import effective_n_jobs
from joblib.externals.loky import get_reusable_executor
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

from fastemb import Classifier, Doc2Vec, Encoder, KeyedVectors, TaggedDocument, Word2Vec
from fastemb.models.files import save_vectors
from fastemb.models.phrases import Phrases
from fastemb.pooling import SIF, Max, Mean
from fastemb.sklearn import (
    Doc2VecTransformer,
    DocumentVectorizer,
    EncoderVectorizer,
    FastTextClassifier,
    PhrasesTransformer,
    Word2VecVectorizer,
)

DRAW = np.random.default_rng(3)
WORDS = [f"w{k}" for k in range(60)]
CLASSES = ["even more", "odd"]  # which have words of their own
Y = DRAW.integers(0, 2, 150)
TEXTS = [" ".join(DRAW.choice(WORDS[number::2][:20], 12)) for number in Y]
NAMED = np.array(CLASSES)[Y]
LISTS = [text.split() for text in TEXTS]
VECTORS = KeyedVectors.from_arrays(
    WORDS, DRAW.standard_normal((60, 8)).astype(np.float32), {"count": np.arange(60, 0, -1)}
)
ENCODER = Encoder.from_keyed_vectors(VECTORS)


# scikit-learn's checks are of tables of numbers: each number becomes words, as many as it is large.


def texts_of_numbers(table):
    steps = np.clip(np.floor(2 * np.asarray(table, float)), -10, 9).astype(int)
    return [[f"{column}:{step}" for column, last in enumerate(row) for step in range(-10, last + 1)] for row in steps]


class OfNumbers(BaseEstimator):
    """In front of an estimator of texts: makes it one of tables of numbers."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array, tags.input_tags.string = True, False, False
        return tags

    def _texts(self, given):
        return texts_of_numbers(validate_data(self, given, reset=False))

    def _texts_to_fit(self, given):
        return texts_of_numbers(validate_data(self, given, reset=not hasattr(self, "n_features_in_")))

    def __init_subclass__(cls):
        super().__init_subclass__()
        fit = cls.fit

        @functools.wraps(fit)
        def anew(self, *args, **named):
            vars(self).pop("n_features_in_", None)
            return fit(self, *args, **named)

        cls.fit = anew


class ClassifierOfNumbers(OfNumbers, FastTextClassifier):
    pass


class Word2VecOfNumbers(OfNumbers, Word2VecVectorizer):
    pass


class DocumentsOfNumbers(OfNumbers, DocumentVectorizer):
    pass


class EncoderOfNumbers(OfNumbers, EncoderVectorizer):
    def _texts(self, given):
        return [[word.replace(":", "x").replace("-", "y") for word in text] for text in super()._texts(given)]


class Doc2VecOfNumbers(OfNumbers, Doc2VecTransformer):
    pass


class PhrasesOfNumbers(OfNumbers, PhrasesTransformer):
    pass


COLUMNS = [f"{column}:{step}" for column in range(25) for step in range(-10, 10)]
OF_COLUMNS = KeyedVectors.from_arrays(COLUMNS, DRAW.standard_normal((500, 8)).astype(np.float32))
ENCODER_OF_COLUMNS = Encoder.from_keyed_vectors(
    KeyedVectors.from_arrays([word.replace(":", "x").replace("-", "y") for word in COLUMNS], OF_COLUMNS.vectors)
)
SMALL = {"vector_size": 8, "min_count": 1, "sample": 0, "epochs": 2}
CHECKED = [
    ClassifierOfNumbers(vector_size=8, alpha=0.5, epochs=10, bucket=0),
    ClassifierOfNumbers(vector_size=8, alpha=0.5, epochs=10, bucket=0, loss="ova"),
    Word2VecOfNumbers(**SMALL),
    DocumentsOfNumbers(OF_COLUMNS, pooling="sif"),
    EncoderOfNumbers(ENCODER_OF_COLUMNS),
    Doc2VecOfNumbers(**SMALL),
    PhrasesOfNumbers(min_count=1, threshold=0.1),
]
TEXTS_OUT = "what it makes is lists of words, and not a table of numbers"
OF_TABLES = (
    "check_pipeline_consistency", "check_estimators_pickle", "check_transformer_data_not_an_array",
    "check_transformer_general", "check_methods_sample_order_invariance", "check_methods_subset_invariance",
    "check_fit_idempotent",
)  # fmt: skip


def expected_to_fail(estimator):
    if isinstance(estimator, PhrasesTransformer):
        return dict.fromkeys(OF_TABLES, TEXTS_OUT)
    if getattr(estimator, "loss", None) == "ova":
        reason = "with a weight of 1000 a step is so long that training diverges, of which an error tells"
        return {"check_class_weight_classifiers": reason}
    if isinstance(estimator, FastTextClassifier):
        reason = "a text of weight 2 is one step of twice the length, and not two steps"
        return {"check_sample_weight_equivalence_on_dense_data": reason}
    return {}


@parametrize_with_checks(CHECKED, expected_failed_checks=expected_to_fail)
@pytest.mark.filterwarnings("ignore")
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


def test_they_say_that_they_are_for_texts():
    for estimator in (FastTextClassifier(), Word2VecVectorizer(), PhrasesTransformer(), SIF(VECTORS)):
        tags = get_tags(estimator).input_tags
        assert tags.string
        assert not tags.two_d_array


# The same as without scikit-learn.


def same_rows(one, other):
    for name, array in one.to_arrays().items():
        np.testing.assert_array_equal(array, other.to_arrays()[name], err_msg=name)


def test_the_classifier_is_ours():
    made = FastTextClassifier(alpha=0.5, epochs=4, word_ngrams=2, bucket=1000, random_state=7).fit(TEXTS, NAMED)
    names = [name.replace(" ", "_") for name in NAMED]
    given = {"alpha": 0.5, "epochs": 4, "word_ngrams": 2, "bucket": 1000, "seed": 7, "workers": 1}
    model = Classifier(TEXTS, names, **given)
    same_rows(made.model_, model)
    assert made.classes_.tolist() == CLASSES
    assert not made.multilabel_
    found, (labels, _) = made.predict(TEXTS), model.predict(TEXTS)
    assert [name.replace(" ", "_") for name in found] == [label.removeprefix("__label__") for (label,) in labels]
    assert made.score(TEXTS, NAMED) > 0.95
    own = model.predict_proba(TEXTS)[:, [model.labels.index(f"__label__{name}") for name in ("even_more", "odd")]]
    np.testing.assert_allclose(made.predict_proba(TEXTS), own, atol=1e-4)
    np.testing.assert_allclose(made.predict_proba(TEXTS).sum(axis=1), 1)


def test_the_other_models_are_ours():
    model = Word2Vec(LISTS, vector_size=9, min_count=1, seed=5, workers=1, sg=1)
    made = Word2VecVectorizer(vector_size=9, min_count=1, random_state=5, sg=1, pooling="sif").fit(TEXTS)
    same_rows(made.model_, model)
    np.testing.assert_array_equal(made.transform(TEXTS), SIF(model).fit(TEXTS).transform(TEXTS))
    given = {"dm": 0, "vector_size": 9, "min_count": 1, "sample": 0, "alpha": 0.05}
    model = Doc2Vec([TaggedDocument(words, [k]) for k, words in enumerate(LISTS)], seed=1, workers=1, **given)
    made = Doc2VecTransformer(vector_size=9, min_count=1, sample=0, infer_epochs=3)
    found = made.fit_transform(TEXTS)
    same_rows(made.model_, model)
    np.testing.assert_array_equal(found, model.infer_vectors(LISTS, epochs=3))
    made = DocumentVectorizer(VECTORS, pooling=SIF, pooling_options={"components": 2}).fit(TEXTS)
    np.testing.assert_array_equal(made.transform(TEXTS), SIF(VECTORS, components=2).fit_transform(TEXTS))


def test_encoders_stand_in_pipelines(tmp_path):
    encoder, made = ENCODER, EncoderVectorizer(ENCODER)
    np.testing.assert_array_equal(made.fit_transform(TEXTS), encoder.encode(TEXTS))
    np.testing.assert_array_equal(made.transform(LISTS), encoder.encode(TEXTS))
    assert clone(made).encoder is encoder
    encoder.save(tmp_path / "folder")
    pipeline = make_pipeline(EncoderVectorizer(tmp_path / "folder", n_jobs=2), LogisticRegression(C=100))
    search = GridSearchCV(pipeline, {"encodervectorizer__dimensions": [1, 8]}, cv=2).fit(TEXTS, NAMED)
    assert search.best_params_ == {"encodervectorizer__dimensions": 8}
    assert search.best_score_ > 0.9
    for wrong, error in ((None, TypeError), (VECTORS, TypeError), (tmp_path / "none", FileNotFoundError)):
        with pytest.raises(error):
            EncoderVectorizer(wrong).fit(TEXTS)
    with pytest.raises(ValueError, match="dimensions must be at most 8"):
        EncoderVectorizer(encoder, dimensions=9).fit(TEXTS)


def test_columns_of_classes():
    arrow, polars, pandas = (pytest.importorskip(name) for name in ("pyarrow", "polars", "pandas"))
    classes = ["odd", None, "even", "even"]
    coded = arrow.array(classes).dictionary_encode()
    for y in (
        coded,
        arrow.chunked_array([coded]),
        arrow.array(classes),
        polars.Series(classes),
        pandas.Series(classes),
    ):
        with pytest.raises(ValueError, match=r"y: the value of row 1 is missing|contains NaN"):
            FastTextClassifier(min_count=1, vector_size=4).fit(TEXTS[:4], y)
    found = FastTextClassifier(min_count=1, vector_size=4).fit(TEXTS[:3], coded.drop_null())
    assert found.classes_.tolist() == ["even", "odd"]


def test_texts_that_can_be_read_but_once():
    for estimator in (
        EncoderVectorizer(ENCODER),
        DocumentVectorizer(VECTORS),
        Word2VecVectorizer(vector_size=4, epochs=1),
        Doc2VecTransformer(vector_size=4, epochs=1),
        PhrasesTransformer(),
    ):
        found = estimator.fit_transform(text for text in TEXTS)
        assert len(found) == len(TEXTS)
        np.testing.assert_array_equal(found, clone(estimator).fit_transform(TEXTS))
    assert EncoderVectorizer(ENCODER).fit(TEXTS).transform(text for text in TEXTS).shape == (len(TEXTS), 8)


@pytest.mark.parametrize(
    "estimator",
    [
        EncoderVectorizer(ENCODER, n_jobs=0),
        DocumentVectorizer(VECTORS, n_jobs=0),
        Word2VecVectorizer(n_jobs=0),
        Doc2VecTransformer(n_jobs=0),
        FastTextClassifier(n_jobs=0),
        PhrasesTransformer(n_jobs=0),
    ],
)
def test_no_threads_are_refused_by_fit(estimator):
    with pytest.raises(ValueError, match="n_jobs == 0"):
        estimator.fit(TEXTS, NAMED)


def test_phrases_are_ours():
    texts = ["in new york city", "new york city is", "new cars", "a city", "is a big city", "new york city"] * 3
    made = PhrasesTransformer(min_count=1, threshold=0.5, passes=2)
    once = Phrases([text.split() for text in texts], min_count=1, threshold=0.5).freeze()
    twice = Phrases(once[[text.split() for text in texts]], min_count=1, threshold=0.5).freeze()
    assert made.fit_transform(texts) == [twice[once[text.split()]] for text in texts]
    assert ["new_york", "city"] in made.transform(texts)
    assert ["is_a_big_city"] in made.transform(texts)
    pipeline = make_pipeline(made, Word2VecVectorizer(**SMALL)).fit(texts)
    assert "is_a_big_city" in pipeline[-1].model_.wv
    assert made.transform([]) == []


def test_options_go_to_the_models():
    made = Word2VecVectorizer(**SMALL, options={"ns_exponent": 0.5, "cbow_mean": 0}).fit(TEXTS)
    assert (made.model_.ns_exponent, made.model_.cbow_mean) == (0.5, 0)
    preset = Word2VecVectorizer(**SMALL | {"epochs": 2}, options={"preset": "best"}).fit(TEXTS).model_
    best = Word2Vec.PRESETS["best"]
    assert (preset.alpha, preset.negative, preset.window) == (best["alpha"], best["negative"], best["window"])
    assert (preset.epochs, preset.vector_size) == (2, SMALL["vector_size"])
    assert Doc2VecTransformer(**SMALL, dm=1, options={"dm_mean": 0}).fit(TEXTS).model_.dm_mean == 0
    with pytest.raises(TypeError, match="no_such"):
        Word2VecVectorizer(options={"no_such": 1}).fit(TEXTS)


# What texts may be.


def halves(text):
    return [half for word in text.split() for half in (word[:1], word[1:])]


@pytest.mark.parametrize(
    "estimator", [FastTextClassifier(vector_size=4), Word2VecVectorizer(**SMALL), Doc2VecTransformer(**SMALL)], ids=repr
)
def test_texts_may_be_of_many_kinds(estimator):
    pandas, polars, arrow = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    answer = "predict_proba" if hasattr(estimator, "predict_proba") else "transform"
    expected = getattr(estimator.fit(TEXTS, NAMED), answer)(TEXTS)
    kinds = [
        *(LISTS, tuple(map(tuple, LISTS)), [np.array(words) for words in LISTS], iter(TEXTS), np.array(TEXTS)),
        *(np.array(TEXTS, object)[:, np.newaxis], np.array(LISTS), [*TEXTS[:9], *LISTS[9:]]),
        *(pandas.Series(TEXTS), pandas.DataFrame({"text": TEXTS}), pandas.Series(LISTS, index=range(9, 159))),
        *(polars.Series(TEXTS), polars.DataFrame({"text": TEXTS}), polars.Series(LISTS)),
        *(arrow.array(TEXTS), arrow.chunked_array([LISTS]), arrow.table({"text": TEXTS})),
        *(pandas.Series(TEXTS, dtype="string[pyarrow]"), [text.replace(" ", "\n") for text in TEXTS]),
    ]
    for given in kinds:
        again = list(given) if given is kinds[3] else given
        found = getattr(clone(estimator).fit(again, NAMED), answer)(again)
        np.testing.assert_array_equal(found, expected)
    split = clone(estimator).set_params(tokenizer=halves)
    found = getattr(split.fit(TEXTS, NAMED), answer)(TEXTS)
    lists = [halves(text) for text in TEXTS]
    np.testing.assert_array_equal(found, getattr(clone(estimator).fit(lists, NAMED), answer)(lists))


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("a text", TypeError, "not one str"),
        ([], ValueError, "no texts"),
        (5, TypeError, "iterable of str"),
        (np.array("a text"), TypeError, "iterable of str"),
        (["a", None], TypeError, "text 1 must be a str, or a sequence"),
        (["a", float("nan")], TypeError, "text 1 must be a str, or a sequence"),
        (["a", b"b"], TypeError, "text 1 must be a str, or a sequence"),
        ({"text": ["a", "b"]}, TypeError, "iterable of str or of lists of words, not dict"),
        ([{"text": "a"}, {"text": "b"}], TypeError, "text 0 must be a str or a list of words, not dict"),
        ([["a"], ["b", 3]], TypeError, r"text 1: its words must be str, not int \(3\)"),
        (np.ones((2, 3)), TypeError, "text 0: its words must be str, not float"),
    ],
)
def test_what_is_no_text_is_refused(given, error, message):
    for estimator in (FastTextClassifier(), Word2VecVectorizer(), DocumentVectorizer(VECTORS), PhrasesTransformer()):
        with pytest.raises(error, match=message):
            estimator.fit(given, ["a", "b"])
        assert not [name for name in vars(estimator) if name.endswith("_")]


@pytest.mark.parametrize("estimator", [Word2VecVectorizer(**SMALL), PhrasesTransformer()], ids=repr)
def test_an_iterator_that_fit_has_read_is_no_texts(estimator):
    texts = iter(TEXTS)
    fitted = clone(estimator).fit(texts)
    with pytest.raises(ValueError, match="no texts in an iterator, which can be read but once"):
        fitted.transform(texts)
    assert len(fitted.transform([])) == 0


def test_tables_and_matrices_are_refused():
    pandas, sparse = pytest.importorskip("pandas"), pytest.importorskip("scipy.sparse")
    with pytest.raises(ValueError, match="a table of 2 columns"):
        Word2VecVectorizer().fit(pandas.DataFrame({"a": TEXTS, "b": TEXTS}))
    with pytest.raises(TypeError, match="not a sparse matrix"):
        DocumentVectorizer(VECTORS).fit(sparse.eye_array(3))


@pytest.mark.parametrize("word", ["new york", "", "a\tb", "a\nb", "a\0b"])
def test_words_that_a_classifier_cannot_have_are_refused(word):
    with pytest.raises(ValueError, match=r"text 1: a classifier cannot have the word"):
        FastTextClassifier().fit([["a"], ["b", word]], [0, 1])
    with pytest.raises(ValueError, match=r"text 1: a classifier cannot have the word ''"):
        FastTextClassifier().fit([["a"], ["", "two words"]], [0, 1])  # which are two, if they are joined and split
    Word2VecVectorizer(**SMALL).fit([["a", "b"], ["b", word]])


# Classes, and weights.


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        ([0, 1], "01"),
        ([-1.0, 2.0], ["-1.0", "2.0"]),
        ([False, True], ["False", "True"]),
        (["a b", "a\nc"], ["a_b", "a_c"]),
        (["a b", "a_b"], "01"),
        (["__label__a", "a"], "01"),
        (["", "é"], "01"),
    ],
)
def test_classes_may_be_called_anything(classes, names):
    y = np.array(classes)[Y]
    made = FastTextClassifier(alpha=0.5, epochs=9, vector_size=5).fit(TEXTS, y)
    assert set(made.model_.labels) == {f"__label__{name}" for name in names}
    assert made.predict(TEXTS).dtype == y.dtype
    assert np.mean(made.predict(TEXTS) == y) > 0.95
    weighed = clone(made).set_params(class_weight={classes[1]: 3.0}).fit(TEXTS, y)
    model = Classifier(
        TEXTS, [names[number] for number in Y], alpha=0.5, epochs=9, vector_size=5, workers=1,
        class_weight={names[1]: 3.0},
    )  # fmt: skip
    same_rows(weighed.model_, model)


def test_weights_of_texts():
    weights = DRAW.integers(0, 3, 150) / 2.0
    made = FastTextClassifier(vector_size=5, class_weight="balanced").fit(TEXTS, Y, sample_weight=weights)
    kept = np.flatnonzero(weights)
    model = Classifier(
        [TEXTS[k] for k in kept], [str(Y[k]) for k in kept], sample_weight=weights[kept], class_weight="balanced",
        vector_size=5, workers=1,
    )  # fmt: skip
    same_rows(made.model_, model)
    for wrong in ([1.0] * 149, [-1.0] * 150, [np.nan] * 150, [0] * 150, np.ones((150, 2))):
        with pytest.raises(ValueError, match=r"weight"):
            FastTextClassifier().fit(TEXTS, Y, sample_weight=wrong)
    with pytest.raises(ValueError, match="are in class_weight, but not in y"):
        FastTextClassifier(class_weight={7: 1}).fit(TEXTS, Y)


def test_training_goes_on_with_parts():
    made = FastTextClassifier(alpha=0.5, vector_size=5)
    model = Classifier(alpha=0.5, vector_size=5, workers=1)
    with pytest.raises(ValueError, match="classes must be passed"):
        made.partial_fit(TEXTS, NAMED)
    classes = [*CLASSES, "zero"]
    first = np.flatnonzero(Y)[:40].tolist()  # of one class
    for number, part in enumerate((first, range(75), range(75, 150))):
        texts, names = [TEXTS[k] for k in part], [NAMED[k] for k in part]
        made.partial_fit(texts, names, classes=classes if number < 2 else None)
        model.train(texts, [name.replace(" ", "_") for name in names], epochs=1)
        assert made.predict_proba(TEXTS).shape == (150, 3)
        np.testing.assert_allclose(made.predict_proba(TEXTS).sum(axis=1), 1)
    same_rows(made.model_, model)
    assert not made.predict_proba(TEXTS)[:, 2].any()  # which was not met yet
    made.partial_fit(["brand new"] * 9, ["zero"] * 9)
    assert made.predict(["brand new"]) == ["zero"]
    with pytest.raises(ValueError, match="'other', which is none of the classes"):
        made.partial_fit(["a"], ["other"])
    with pytest.raises(ValueError, match="not those of the first call"):
        made.partial_fit(["a"], ["zero"], classes=["zero"])
    with pytest.raises(ValueError, match="not for partial_fit"):
        FastTextClassifier(class_weight="balanced").partial_fit(TEXTS, Y, classes=[0, 1])
    weighed = FastTextClassifier(class_weight={0: 2, 1: 3}).partial_fit([TEXTS[k] for k in first], Y[first], [0, 1])
    assert weighed.predict(TEXTS).tolist() == [1] * 150


def test_texts_of_several_labels():
    sparse = pytest.importorskip("scipy.sparse")
    table = np.stack([Y, 1 - Y, np.arange(150) % 2], axis=1)
    texts = [f"{text} {'extra ' * 9 * extra}" for text, extra in zip(TEXTS, table[:, 2], strict=True)]
    made = FastTextClassifier(loss="ova", alpha=0.5, epochs=30, vector_size=9).fit(texts, table)
    assert made.multilabel_
    assert made.classes_.tolist() == [0, 1, 2]
    assert np.mean(made.predict(texts) == table) > 0.95
    np.testing.assert_array_equal(made.predict(texts), made.predict_proba(texts) > 0.5)
    again = clone(made).fit(texts, sparse.csr_array(table))
    same_rows(made.model_, again.model_)
    with pytest.raises(ValueError, match="loss must be 'ova'"):
        FastTextClassifier().fit(texts, table)
    with pytest.raises(ValueError, match="y is of shape"):
        made.partial_fit(texts, table[:, :2])
    with pytest.raises(ValueError, match="y is of shape"):
        made.partial_fit(texts, Y)
    with pytest.raises(ValueError, match="classes must be the numbers of the 3 columns of y"):
        clone(made).partial_fit(texts, table, classes=["a", "b", "c"])
    assert clone(made).partial_fit(texts, table, classes=[0, 1, 2]).predict(texts).shape == (150, 3)
    for weights, y in ((None, 0 * table), (table[:, 2], table * (table[:, 2:] == 0))):
        with pytest.raises(ValueError, match="no text has a label: y is 0 in all rows, or in all that have a weight"):
            clone(made).fit(texts, y, sample_weight=weights)


# In pipelines, searches and tables.


@pytest.fixture
def processes():
    """Those of joblib, which end with the test, and with them the threads that lead them."""
    yield
    get_reusable_executor().shutdown(wait=True)


@pytest.mark.usefixtures("processes")
def test_searches_in_processes_and_clones_share_vectors(tmp_path):
    pipeline = make_pipeline(DocumentVectorizer(VECTORS, tokenizer=str.split), LogisticRegression())
    grid = {"documentvectorizer__pooling": ["mean", Max]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(TEXTS, NAMED)
    assert search.best_score_ > 0.9
    assert search.best_estimator_[0].vectors is VECTORS
    search = GridSearchCV(FastTextClassifier(epochs=20), {"alpha": [1e-6, 0.5]}, cv=2).fit(TEXTS, NAMED)
    assert search.best_params_ == {"alpha": 0.5}
    model = Word2Vec(LISTS, vector_size=5, min_count=1)
    assert clone(DocumentVectorizer(model)).vectors is model
    save_vectors(VECTORS, tmp_path / "vectors.txt")
    pipeline.set_params(documentvectorizer__vectors=str(tmp_path / "vectors.txt"))
    assert cross_val_score(pipeline, TEXTS, NAMED, cv=2).mean() > 0.9


@pytest.mark.parametrize(
    "estimator",
    [
        FastTextClassifier(word_ngrams=2, vector_size=5),
        *(Word2VecVectorizer(**SMALL, pooling="usif"), DocumentVectorizer(VECTORS, pooling="tfidf")),
        *(EncoderVectorizer(ENCODER), Doc2VecTransformer(**SMALL), PhrasesTransformer(min_count=1, threshold=0.1)),
    ],
    ids=repr,
)
def test_they_can_be_pickled_and_copied(estimator):
    answer = "predict_proba" if hasattr(estimator, "predict_proba") else "transform"
    with pytest.raises(NotFittedError):
        getattr(estimator, answer)(TEXTS)
    estimator.fit(TEXTS, NAMED)
    for other in (pickle.loads(pickle.dumps(estimator)), copy.deepcopy(estimator)):
        np.testing.assert_equal(getattr(other, answer)(TEXTS), getattr(estimator, answer)(TEXTS))


def test_tables_out():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    table = pandas.DataFrame({"text": TEXTS, "number": range(150)}, index=range(1000, 1150))
    made = Word2VecVectorizer(**SMALL)
    names = [f"word2vecvectorizer{k}" for k in range(8)]
    found = made.set_output(transform="pandas").fit_transform(table[["text"]])
    assert found.columns.tolist() == names == made.get_feature_names_out().tolist()
    assert found.index.tolist() == table.index.tolist()
    assert made.set_output(transform="polars").transform(TEXTS).columns == names
    columns = ColumnTransformer([("text", Doc2VecTransformer(**SMALL), "text"), ("rest", "passthrough", ["number"])])
    found = columns.set_output(transform="polars").fit_transform(table)
    assert isinstance(found, polars.DataFrame)
    assert found.columns == [*(f"text__doc2vectransformer{k}" for k in range(8)), "rest__number"]
    pipeline = make_pipeline(PhrasesTransformer(), DocumentVectorizer(VECTORS, pooling="power_means"))
    found = EncoderVectorizer(ENCODER).set_output(transform="polars").fit_transform(table["text"])
    assert found.columns == [f"encodervectorizer{k}" for k in range(8)]
    np.testing.assert_array_equal(found.to_numpy(), ENCODER.encode(TEXTS))
    found = pipeline.set_output(transform="pandas").fit_transform(TEXTS)
    assert found.columns.tolist() == [f"documentvectorizer{k}" for k in range(24)]
    assert pipeline.get_feature_names_out().tolist() == found.columns.tolist()


def test_parameters_that_are_wrong_are_named():
    with pytest.raises(ValueError, match="loss"):
        FastTextClassifier(loss="hinge").fit(TEXTS, Y)
    with pytest.raises(ValueError, match="pooling must be one of 'mean'"):
        DocumentVectorizer(VECTORS, pooling="median").fit(TEXTS)
    with pytest.raises(ValueError, match="pooling must be one of 'mean'"):
        DocumentVectorizer(VECTORS, pooling=str).fit(TEXTS)
    with pytest.raises(TypeError, match="vectors must be KeyedVectors, a model or a path, not NoneType"):
        DocumentVectorizer().fit(TEXTS)
    with pytest.raises(ValueError, match="passes"):
        PhrasesTransformer(passes=0).fit(TEXTS)
    with pytest.raises(ValueError, match="components"):
        Word2VecVectorizer(min_count=99, pooling="sif", pooling_options={"components": -1}).fit(TEXTS)


def test_what_was_trained_stays_when_training_anew_fails():
    made = FastTextClassifier(vector_size=5).fit(TEXTS, Y)
    before = made.predict_proba(TEXTS)
    for name, wrong, y in (("alpha", 1e30, Y + 1), ("class_weight", {7: 1}, NAMED), ("loss", "no", NAMED)):
        with pytest.raises((ValueError, ArithmeticError)):
            made.set_params(**{name: wrong}).fit(TEXTS, y)
        made.set_params(**FastTextClassifier(vector_size=5).get_params())
        np.testing.assert_array_equal(made.predict_proba(TEXTS), before)
    assert made.classes_.tolist() == [0, 1]


def test_seeds_and_threads():
    one, other, third = (Word2VecVectorizer(**SMALL, random_state=np.random.RandomState(k)) for k in (1, 1, 2))
    found = [made.fit_transform(TEXTS) for made in (one, other, third)]
    np.testing.assert_array_equal(found[0], found[1])
    assert (found[0] != found[2]).any()
    many = Word2VecVectorizer(**SMALL, n_jobs=-1).fit(TEXTS)
    assert many.model_.workers == effective_n_jobs(-1)
    np.testing.assert_array_equal(many.transform(TEXTS), many.set_params(n_jobs=1).transform(TEXTS))
    labels = FastTextClassifier(n_jobs=3).fit(TEXTS, Y)
    np.testing.assert_array_equal(labels.predict_proba(TEXTS), labels.set_params(n_jobs=1).predict_proba(TEXTS))


def test_threads_may_be_set_after_fit(monkeypatch):
    asked = []
    transform = Mean.transform
    monkeypatch.setattr(Mean, "transform", lambda self, texts: asked.append(self.workers) or transform(self, texts))
    made = DocumentVectorizer(VECTORS, n_jobs=1).fit(TEXTS)
    made.transform(TEXTS)
    made.set_params(n_jobs=2).transform(TEXTS)
    assert asked[-2:] == [1, 2]
    given = DocumentVectorizer(VECTORS, pooling_options={"workers": 3}).fit(TEXTS)
    given.transform(TEXTS)
    assert asked[-1] == 3
    assert given.pooling_.workers == 3


def test_poolings_stand_last_in_pipelines():
    pipeline = make_pipeline(Mean(VECTORS)).fit(TEXTS)
    np.testing.assert_array_equal(pipeline.transform(TEXTS), Mean(VECTORS).transform(TEXTS))
    assert clone(pipeline)[0].wv is VECTORS
    with pytest.raises((NotFittedError, RuntimeError)):  # scikit-learn 1.6 does not ask whether they are fitted
        make_pipeline(SIF(VECTORS)).transform(TEXTS)


def test_without_scikit_learn_it_says_what_to_install():
    code = "import sys; sys.modules['sklearn'] = None; import fastemb.sklearn"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stderr.endswith("ImportError: fastemb.sklearn needs scikit-learn: pip install 'fastemb[sklearn]'\n")


def test_a_stub_of_scikit_learn_is_told_by_what_it_lacks():
    """A module that stands among the others without a spec, as programs put it there."""
    code = "import sys, types; sys.modules['sklearn'] = types.ModuleType('sklearn'); import fastemb.sklearn"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ModuleNotFoundError: No module named 'sklearn.base'" in run.stderr
