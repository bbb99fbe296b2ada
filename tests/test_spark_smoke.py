"""fastemb.spark in one process of Java, if there is any: what is trained, answered, saved and refused."""

import re
from pathlib import Path

import numpy as np
import pytest
from spark_cluster import collected, in_partitions, missing, sentences, session

import fastemb

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # pyspark's own
    pytest.mark.skipif(bool(missing()), reason=missing() or ""),
]
SMALL = {"vectorSize": 8, "minCount": 2, "workers": 1, "inputCol": "text", "outputCol": "mean"}


@pytest.fixture(scope="module")
def spark():
    spark = session("local[2]")
    yield spark
    spark.stop()


def test_spark_trains_what_one_machine_trains(spark, tmp_path):
    from pyspark.ml import Pipeline, PipelineModel

    from fastemb.spark import Word2Vec

    given = sentences()
    data = in_partitions(spark, [given[:100], [], given[100:]])
    fitted = Pipeline(stages=[Word2Vec(**SMALL, maxIter=2, workDir=str(tmp_path / "work"))]).fit(data)
    one = fastemb.Word2Vec(given, vector_size=8, min_count=2, workers=1, epochs=2, sg=1)
    fitted.write().save(str(tmp_path / "saved"))
    assert [path.name for path in (tmp_path / "work").iterdir()] == [fitted.stages[0].path.rsplit("/", 1)[1]]
    loaded = PipelineModel.load(str(tmp_path / "saved"))
    for model in (fitted.stages[0], loaded.stages[0]):
        words, vectors = collected(model)
        assert words == one.wv.index_to_key
        assert vectors.tobytes() == one.wv.vectors.tobytes()
    found = np.array([row.mean.toArray() for row in loaded.transform(data).collect()])
    known, zero = dict(zip(one.wv.index_to_key, one.wv.vectors, strict=True)), np.zeros(8, np.float32)
    means = [np.sum([zero, *(known.get(w, zero) for w in s)], 0) / max(1, len(s)) for s in given]
    np.testing.assert_allclose(found, means, atol=1e-6)
    near = one.wv.most_similar("w3", topn=4)
    assert loaded.stages[0].findSynonymsArray("w3", 4) == near
    assert [tuple(row) for row in loaded.stages[0].findSynonyms("w3", 4).collect()] == near
    with pytest.raises(ValueError, match="save it elsewhere"):
        loaded.stages[0].write().overwrite().save(loaded.stages[0].path.removesuffix("/data"))
    assert loaded.stages[0].wv().vectors.tobytes() == one.wv.vectors.tobytes()


def test_spark_refuses(spark):
    from fastemb.spark import Word2Vec

    data = in_partitions(spark, [[["a", "b"]], [["a", None]]])
    texts = spark.createDataFrame([("a b",)], ["text"])
    nulls = spark.createDataFrame([(["a"],), (None,)], "text array<string>").coalesce(1)
    for given, error, message in (
        (texts, TypeError, "'text' must be of type array<string>.*not string: split it"),
        (texts.selectExpr("text as other"), ValueError, "no column 'text'.*other"),
        (data, ValueError, "null among the words of a row, first in row 0 of its partition"),
        (nulls, ValueError, "'text' is null in 1 of 2 rows, first in row 1 of its"),
        (in_partitions(spark, [[["a", "b"], []], []]), ValueError, "most frequent of 2 words occurs 1 times, and minC"),
        (in_partitions(spark, [[[]], []]), ValueError, "the corpus has no words"),
        (in_partitions(spark, [[], []]), ValueError, "the corpus has no words"),
    ):
        with pytest.raises(error, match=message):
            Word2Vec(**SMALL).fit(given)
    with pytest.raises(ValueError, match="vector_size must be at least 1"):
        Word2Vec(**SMALL | {"vectorSize": 0}).fit(data)
    with pytest.raises(TypeError, match=r"'vektorSize'\. Did you mean 'vectorSize'"):
        Word2Vec(vektorSize=5)


def test_the_page_runs(spark, tmp_path, monkeypatch):
    page = Path(__file__).parents[1] / "docs" / "spark.md"
    if not page.is_file():
        pytest.skip("no documentation beside the tests")
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    here = "\n".join(examples).replace('"pipeline"', repr(str(tmp_path / "pipeline")))  # Java stays where it was
    names = {}
    exec(compile(here, page, "exec"), names)
    assert names["classifier"].labels == ["cat", "dog"]
    assert {path.name for path in tmp_path.iterdir()} >= {"cats.fastemb", "pipeline"}
