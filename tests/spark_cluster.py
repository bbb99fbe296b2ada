"""What the tests of fastemb.spark share: a session on real executors, and a corpus."""

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import fastemb

ROOT = Path(fastemb.__file__).parents[1]
QUICK = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"  # JVMs that start sooner, and take fewer threads
MASTER = "local-cluster[2,1,1024]"


def missing():
    """Why there can be no Spark here, or None."""
    try:
        import pyarrow  # noqa: F401
        import pyspark  # noqa: F401
    except ImportError as error:
        return f"{error.name} is not installed: pip install 'fastemb[spark]'"
    java = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (java and Path(java, "bin", "java").exists()):
        return "Java is not installed"
    return None


def session(master=MASTER, **conf):
    """A session on this machine; `conf` with _ for each dot."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    path = os.environ.get("PYTHONPATH", "")
    if str(ROOT) not in path.split(os.pathsep):
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), path]))
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("fastemb")
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
        "spark.executor.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.extraJavaOptions": QUICK,
        "spark.executor.extraJavaOptions": QUICK,
        "spark.log.level": "OFF",
        **conf,
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def sentences(count=600, words=200, seed=1):
    """Random sentences, a few of them empty, of words some of which are no ASCII, have blanks or are empty."""
    names = ["", "new york", "żółw", *(f"w{k}" for k in range(words - 3))]
    chances = 1 / np.arange(1, words + 1)
    random = np.random.default_rng(seed)
    lengths = random.integers(0, 12, count)
    return [[names[k] for k in random.choice(words, n, p=chances / chances.sum())] for n in lengths]


def in_partitions(spark, parts, kind="string"):
    """A DataFrame of one column, `text`, of lists of words, whose partitions hold these sentences."""
    rows = spark.sparkContext.parallelize(parts, len(parts)).flatMap(lambda part: [(sentence,) for sentence in part])
    return spark.createDataFrame(rows, f"text array<{kind}>")


def collected(model):
    """The words of a model and their vectors."""
    rows = model.getVectors().collect()
    return [row.word for row in rows], np.array([row.vector.toArray() for row in rows], np.float32)


ON = [
    pytest.mark.filterwarnings("ignore"),  # pyspark's own
    pytest.mark.skipif(
        os.environ.get("FASTEMB_TEST_SPARK") != "1", reason="FASTEMB_TEST_SPARK is not 1: see `make spark`"
    ),
    pytest.mark.skipif(bool(missing()), reason=missing() or ""),
]
SMALL = {"vectorSize": 8, "minCount": 2, "workers": 1, "inputCol": "text", "outputCol": "mean"}
GIVEN = sentences()


def expected(**parameters):
    model = fastemb.Word2Vec(GIVEN, vector_size=8, min_count=2, workers=1, sg=1, **{"epochs": 1} | parameters)
    return model.wv.index_to_key, model.wv.vectors


def check(model, **parameters):
    """The vectors are those of one machine, to the bit."""
    words, vectors = collected(model)
    of_one, matrix = expected(**parameters)
    assert words == of_one
    assert vectors.tobytes() == matrix.tobytes()
