"""fastemb.spark on real executors, some of which are killed. They take minutes: `make spark` runs them."""

import os
import signal
import stat
import sys
import threading
import time
from glob import glob
from pathlib import Path

import numpy as np
import pytest
from spark_cluster import GIVEN, ON, SMALL, check, collected, expected, in_partitions, session

import fastemb

pytestmark = ON


@pytest.fixture(scope="module")
def spark():
    spark = session()
    yield spark
    spark.stop()


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def ancestors(pid):
    while pid > 1:
        yield pid
        pid = parent(pid)


def started_by_this(word):
    """Processes that descend from this one, by a word of their command."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if word in (path / "cmdline").read_bytes().decode() and os.getpid() in ancestors(int(path.name)):
                yield int(path.name)
        except (OSError, ValueError):  # it has ended
            continue


def killing(marker, executor):
    """A function for mapInArrow that kills its Python worker, or its executor, unless the marker is there."""

    def passing(batches):
        for batch in batches:
            if not os.path.exists(marker):
                with open(marker, "w"):
                    worker = os.getpid()
                    daemon = parent_of(worker)
                    os.kill(parent_of(daemon) if executor else worker, signal.SIGKILL)
                    time.sleep(60)
            yield batch

    def parent_of(pid):
        with open(f"/proc/{pid}/stat") as file:
            return int(file.read().rpartition(")")[2].split()[1])

    return passing


@pytest.mark.parametrize("executor", [False, True])
def test_a_worker_or_executor_is_killed_while_it_encodes(spark, tmp_path, executor):
    from fastemb.spark import Word2Vec

    data = in_partitions(spark, [GIVEN[:100], [], GIVEN[100:]])
    data = data.mapInArrow(killing(str(tmp_path / "killed"), executor), data.schema)
    check(Word2Vec(**SMALL).fit(data))
    assert (tmp_path / "killed").exists()


def training_now():
    """The Python workers that train: they alone have a temporary file without a name open."""
    for pid in started_by_this("pyspark.daemon"):
        for descriptor in glob(f"/proc/{pid}/fd/*"):
            try:
                path = os.readlink(descriptor)
            except OSError:  # it is closed by now
                continue
            if path.endswith(" (deleted)") and ("/#" in path or "/fastemb-" in path):
                yield pid


@pytest.mark.parametrize("word", ["pyspark.daemon", "CoarseGrainedExecutorBackend"])
def test_a_worker_or_executor_is_killed_while_it_trains(spark, tmp_path, word):
    from fastemb.spark import Word2Vec

    trained, ended, epochs = set(), threading.Event(), 10_000

    def wait_for_another():
        while not ended.wait(0.02):
            if found := set(training_now()) - trained:
                trained.update(found)
                return

    def kill():
        wait_for_another()
        for pid in list(started_by_this(word)):  # all, before the first is gone, from which others descend
            os.kill(pid, signal.SIGKILL)
        wait_for_another()

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    data = in_partitions(spark, [GIVEN[:100], GIVEN[100:]])
    model = Word2Vec(**SMALL, maxIter=epochs, workDir=str(tmp_path)).fit(data)
    ended.set()
    thread.join()
    assert len(trained) == 2, "the task that trains was not killed, and begun again"
    check(model, epochs=epochs)


def test_a_worker_that_always_dies_is_told_of(spark):
    from fastemb.spark import Word2Vec

    def dying(batches):
        os.kill(os.getpid(), signal.SIGKILL)
        yield from batches

    data = in_partitions(spark, [GIVEN])
    with pytest.raises(RuntimeError, match="killed again and again, most probably for want of memory"):
        Word2Vec(**SMALL).fit(data.mapInArrow(dying, data.schema))
    with pytest.raises(MemoryError, match="GiB"):
        Word2Vec(**SMALL | {"vectorSize": 2**28}).fit(data)


def test_partitions_are_empty_skewed_and_read_as_many_as_asked_for(spark):
    from fastemb.spark import Word2Vec

    data = in_partitions(spark, [[], GIVEN[:1], GIVEN[1:560], [], [], GIVEN[560:], []])
    check(Word2Vec(**SMALL).fit(data))
    check(Word2Vec(**SMALL, numPartitions=1).fit(data))
    words, vectors = collected(Word2Vec(**SMALL, numPartitions=9, memoryBudget=0).fit(data))
    assert sorted(words) == sorted(expected()[0])
    assert np.isfinite(vectors).all()


def test_words_that_are_numbers(spark, tmp_path):
    from fastemb.spark import Word2Vec, Word2VecModel

    for kind in ("int", "bigint"):
        numbers = [[hash_of(word) for word in sentence] for sentence in GIVEN]
        model = Word2Vec(**SMALL).fit(in_partitions(spark, [numbers[:9], numbers[9:]], kind))
        words, vectors = collected(model)
        one = fastemb.Word2Vec(numbers, vector_size=8, min_count=2, workers=1, sg=1, epochs=1)
        assert words == one.wv.index_to_key
        assert vectors.tobytes() == one.wv.vectors.tobytes()
        model.write().overwrite().save(str(tmp_path / "model"))
        loaded = Word2VecModel.load(str(tmp_path / "model"))
        near = one.wv.most_similar(words[0], topn=2)
        assert loaded.findSynonymsArray(words[0], 2) == near
        assert [tuple(row) for row in loaded.findSynonyms(words[0], 2).collect()] == near
        means = loaded.transform(in_partitions(spark, [[words[:2]]], kind)).first().mean
        np.testing.assert_allclose(means, vectors[:2].mean(0), atol=1e-6)
    with pytest.raises(TypeError, match="the words of this model are whole numbers, and those of column 'text'"):
        loaded.transform(in_partitions(spark, [GIVEN]))


def hash_of(word):
    return int.from_bytes(word.encode()[:3]) - 5


def test_the_other_models(spark, tmp_path):
    """FastText has vectors for words never seen, Doc2Vec infers vectors of documents, GloVe's cells are merged."""
    from fastemb.spark import Doc2Vec, FastText, FastTextModel, GloVe

    data = in_partitions(spark, [GIVEN[:100], GIVEN[100:]])
    shared = {"vector_size": 8, "min_count": 2, "workers": 1, "epochs": 1}
    model = FastText(**SMALL, bucket=100, maxIter=1).fit(data)
    one = fastemb.FastText(GIVEN, sg=1, bucket=100, **shared)
    model.write().save(str(tmp_path / "model"))
    model = FastTextModel.load(str(tmp_path / "model"))
    assert collected(model)[1].tobytes() == one.wv.vectors.tobytes()
    np.testing.assert_array_equal(model.wv()["w3w4"], one.wv["w3w4"])
    found = model.transform(in_partitions(spark, [[["w3w4", "w3"], []]])).collect()
    np.testing.assert_allclose(found[0].mean, (one.wv["w3w4"] + one.wv["w3"]) / 2, atol=1e-6)
    assert not found[1].mean.toArray().any()

    model = Doc2Vec(**SMALL, maxIter=1, dm=0, dbowWords=1).fit(data)
    tagged = [fastemb.TaggedDocument(words, [k]) for k, words in enumerate(GIVEN)]
    one = fastemb.Doc2Vec(tagged, dm=0, dbow_words=1, **shared)
    assert collected(model)[1].tobytes() == one.wv.vectors.tobytes()
    found = [row.mean.toArray() for row in model.transform(data.coalesce(1)).limit(5).collect()]
    np.testing.assert_allclose(found, one.infer_vectors(GIVEN, workers=1)[:5], atol=1e-6)

    one = fastemb.GloVe(GIVEN, **shared)
    for parts in ([GIVEN], [GIVEN[:100], [], GIVEN[100:101], GIVEN[101:]], [[["only", "here"]], GIVEN]):
        words, vectors = collected(GloVe(**SMALL, maxIter=1).fit(in_partitions(spark, parts)))
        assert words == one.wv.index_to_key
        assert vectors.tobytes() == one.wv.vectors.tobytes()
    numbers = [[hash_of(word) for word in sentence] for sentence in GIVEN]
    words, vectors = collected(GloVe(**SMALL, maxIter=1).fit(in_partitions(spark, [numbers], "int")))
    one = fastemb.GloVe(numbers, **shared)
    assert words == one.wv.index_to_key
    assert vectors.tobytes() == one.wv.vectors.tobytes()
    with pytest.raises(ValueError, match="no two words of the vocabulary occur near each other"):
        GloVe(**SMALL).fit(in_partitions(spark, [[["a"], ["a"]]]))


def test_classifier(spark, tmp_path):
    """Labels, alone or several, and their probabilities are those of one machine; null is refused."""
    from fastemb.spark import Classifier, ClassifierModel

    small = {"inputCol": "text", "vectorSize": 4, "stepSize": 0.5, "maxIter": 20, "bucket": 0, "workers": 1}
    rows = [(f"{side}{k % 5} and {side}{k % 3}", side) for k in range(60) for side in "ab"]
    data = spark.createDataFrame(rows, "text string, label string").repartition(3).cache()
    data.count()
    given = [tuple(row) for row in data.coalesce(1).collect()]
    one = fastemb.Classifier(given, vector_size=4, alpha=0.5, epochs=20, bucket=0, workers=1)
    Classifier(**small).fit(data).write().save(str(tmp_path / "model"))
    model = ClassifierModel.load(str(tmp_path / "model"))
    assert model.labels == ["a", "b"]
    assert model.classifier().labels == one.labels
    texts = ["a1 and a2", "b4", "never seen"]
    found = model.transform(spark.createDataFrame([(text,) for text in texts], ["text"])).collect()
    expected = one.predict_proba(texts)
    np.testing.assert_array_equal([row.probability.toArray() for row in found], expected)
    assert [row.prediction for row in found] == [model.labels[k] for k in expected.argmax(1)]
    assert [row.prediction for row in found[:2]] == ["a", "b"]

    several = [(f"x{k % 2} y{k % 3}", [f"x{k % 2}", f"y{k % 3}"]) for k in range(120)]
    data = spark.createDataFrame(several, "text string, tags array<string>").coalesce(1)
    model = Classifier(**small, loss="ova", labelCol="tags", predictionCol="tag").fit(data)
    assert sorted(model.labels) == ["x0", "x1", "y0", "y1", "y2"]
    row = model.transform(data).first()
    above = {label for label, share in zip(model.labels, row.probability.toArray(), strict=True) if share > 0.5}
    assert above == {"x0", "y0"}
    for schema, null in (
        ("text string, label string", (None, "a")),
        ("text string, label array<string>", ("a", [None])),
    ):
        with pytest.raises(ValueError, match="has null"):
            Classifier(**small).fit(spark.createDataFrame([null], schema))
    with pytest.raises(Exception, match="'text' is null in 1 of 1 rows"):  # Spark's own
        model.transform(spark.createDataFrame([(None,)], "text string")).collect()
    with pytest.raises(TypeError, match="'label' must be of type string or array<string>, not double"):
        Classifier(**small).fit(spark.createDataFrame([("a", 1.0)], "text string, label double"))


def test_no_rows(spark, tmp_path):
    """Also where Spark knows beforehand, and runs no task."""
    from fastemb.spark import Classifier, Doc2Vec, FastText, GloVe, Word2Vec

    labelled = spark.createDataFrame([("a b", "x")], "text string, label string")
    none = spark.createDataFrame([], labelled.schema)
    for given in (labelled.where("false"), none, labelled.where("label = 'y'")):
        with pytest.raises(ValueError, match=r"no rows: there is nothing to train on|no text has a label"):
            Classifier(inputCol="text", vectorSize=4, bucket=0, workDir=str(tmp_path)).fit(given)
    lists = in_partitions(spark, [[["a", "b"]]])
    for kind in (Word2Vec, FastText, Doc2Vec, GloVe):
        for given in (lists.where("false"), spark.createDataFrame([], lists.schema)):
            with pytest.raises(ValueError, match=r"no rows: there is nothing to train on|the corpus has no words"):
                kind(**SMALL, workDir=str(tmp_path)).fit(given)
    assert not list(tmp_path.iterdir())


def test_columns_are_not_replaced(spark):
    from fastemb.spark import Classifier, Word2Vec

    data = spark.createDataFrame([("a b", "x"), ("b a", "y")], "text string, label string")
    small = {"inputCol": "text", "vectorSize": 4, "bucket": 0}
    for names in ({"predictionCol": "probability"}, {"predictionCol": "label"}, {"probabilityCol": "text"}):
        name = next(iter(names.values()))
        with pytest.raises(ValueError, match=f"is '{name}', which is the name of another column"):
            Classifier(**small, **names).fit(data)
    model = Classifier(**small).fit(data)
    with pytest.raises(ValueError, match="probabilityCol is 'prediction', which is the name of another column"):
        model.setProbabilityCol("prediction").transform(data)
    words = in_partitions(spark, [GIVEN[:50]])
    with pytest.raises(ValueError, match="outputCol is 'text', which is the name of another column"):
        Word2Vec(**SMALL | {"outputCol": "text"}).fit(words).transform(words)


def test_cross_validation(spark):
    from pyspark.ml import Pipeline
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.evaluation import BinaryClassificationEvaluator
    from pyspark.ml.tuning import CrossValidator, ParamGridBuilder

    from fastemb.spark import Word2Vec

    sides = [[f"{side}{k % 5}" for k in range(n, n + 6)] for n in range(60) for side in "ab"]
    rows = [(words, float(words[0][0] == "a")) for words in sides]
    data = spark.createDataFrame(rows, "text array<string>, label double").repartition(2)
    word2vec = Word2Vec(**SMALL, seed=-3)
    pipeline = Pipeline(stages=[word2vec, LogisticRegression(featuresCol="mean", maxIter=5)])
    grid = ParamGridBuilder().addGrid(word2vec.vectorSize, [4, 8]).addGrid(word2vec.alpha, [0.05]).build()
    fitted = CrossValidator(
        estimator=pipeline, estimatorParamMaps=grid, evaluator=BinaryClassificationEvaluator(), numFolds=2, seed=1
    ).fit(data)
    assert max(fitted.avgMetrics) > 0.99
    best = fitted.bestModel.stages[0]
    assert len(best.getVectors().first().vector) == best.getVectorSize()
    assert best.getStepSize() == 0.05


def test_what_mllib_answers(spark):
    """A mean counts words without vectors, and lists without words have zeros, as MLlib does."""
    from pyspark.ml.feature import Word2Vec as Theirs

    from fastemb.spark import Word2Vec

    data = in_partitions(spark, [[["a", "b", "c"] * 4], [["a", "b"]]])
    asked = in_partitions(spark, [[["a", "?", "b", "?"], [], ["?"]]])
    for kind in (Word2Vec, Theirs):
        model = kind(vectorSize=4, minCount=2, inputCol="text", outputCol="mean").fit(data)
        vectors = dict(zip(*collected(model), strict=True))
        found = [row.mean.toArray() for row in model.transform(asked).collect()]
        np.testing.assert_allclose(found, [(vectors["a"] + vectors["b"]) / 4, np.zeros(4), np.zeros(4)], atol=1e-6)
        with pytest.raises(Exception, match="not in vocabulary"):
            model.findSynonymsArray("?", 1)


@pytest.mark.parametrize(
    "source", ["raise ModuleNotFoundError(\"No module named 'fastemb'\")", "__version__ = '0.0.0'"]
)
def test_executors_have_no_fastemb_or_another(spark, tmp_path, source):
    from fastemb.spark import Word2Vec

    other, python = tmp_path / "other", tmp_path / "python"
    other.mkdir()
    if "version" in source:
        source = f"import fastemb\nfastemb.{source}\n"
    (other / ("sitecustomize.py" if "version" in source else "fastemb.py")).write_text(source)
    python.write_text(f'#!/bin/sh\nPYTHONPATH={other}:"$PYTHONPATH" exec {sys.executable} "$@"\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    context, before = spark.sparkContext, spark.sparkContext.pythonExec
    data = spark.range(3).selectExpr("array('a', 'b') as text")
    context.pythonExec = str(python)
    message = "the driver has fastemb .*, and an executor 0.0.0" if "version" in source else "cannot import fastemb"
    try:
        with pytest.raises(RuntimeError, match=message):
            Word2Vec(**SMALL).fit(data)
    finally:
        context.pythonExec = before
