"""fastemb.spark in sessions of their own: executors that come and go, tasks that run twice, too little memory."""

import os
import time

import numpy as np
import pytest
from spark_cluster import GIVEN, ON, SMALL, check, collected, in_partitions, session

pytestmark = ON
DYNAMIC = {
    "spark.dynamicAllocation.enabled": "true",
    "spark.dynamicAllocation.shuffleTracking.enabled": "true",
    "spark.dynamicAllocation.minExecutors": "0",
    "spark.dynamicAllocation.maxExecutors": "2",
    "spark.dynamicAllocation.executorIdleTimeout": "1s",
}
SPECULATION = {
    "spark.speculation": "true",
    "spark.speculation.interval": "100ms",
    "spark.speculation.quantile": "0.1",
    "spark.speculation.multiplier": "1.01",
    "spark.speculation.task.duration.threshold": "1s",
}


def other_session(master, **conf):
    """A session in the place of the one that there is."""
    from pyspark.sql import SparkSession

    if active := SparkSession.getActiveSession():
        active.stop()
    return session(master, **conf)


@pytest.mark.parametrize("conf", [DYNAMIC, SPECULATION], ids=["dynamic allocation", "speculative execution"])
def test_other_sessions(conf, tmp_path):
    """The task that trains may have both cores of an executor, and tasks that are run twice, or elsewhere, harm not."""
    from fastemb.spark import Word2Vec
    from fastemb.spark.resources import training_resources

    marker = str(tmp_path / "slow")

    def slow(batches):
        for batch in batches:
            if batch.num_rows > 100 and not os.path.exists(marker):  # a straggler, of which there is another attempt
                with open(marker, "w"):
                    time.sleep(10)
            yield batch

    spark = other_session("local-cluster[2,2,1024]", **conf)
    try:
        profile, workers = training_resources(spark.sparkContext, 0)
        assert (profile.taskResources["cpus"].amount, workers) == (2, 2)
        assert training_resources(spark.sparkContext, 1) == (None, 1)
        data = in_partitions(spark, [GIVEN[:100], GIVEN[100:]])
        model = Word2Vec(**SMALL, maxIter=2000).fit(data.mapInArrow(slow, data.schema))
        assert os.path.exists(marker)
        check(model, epochs=2000)
        assert model.transform(data).count() == len(GIVEN)
        assert np.isfinite(collected(Word2Vec(**SMALL | {"workers": 0}).fit(data))[1]).all()
    finally:
        spark.stop()


def test_executors_have_too_little_memory():
    from fastemb.spark import Word2Vec

    conf = {"spark.executor.pyspark.memory": "3g", "spark.task.maxFailures": "2"}
    spark = other_session("local-cluster[1,1,1024]", **conf)

    def greedy(batches):
        yield from batches
        bytearray(2**32)

    try:
        data = in_partitions(spark, [GIVEN])
        with pytest.raises(
            MemoryError, match=r"in the task that trains, whose Python may take \d\.\d\d GiB: give executors"
        ):
            Word2Vec(**SMALL | {"vectorSize": 2**21}).fit(data)
        with pytest.raises(Exception, match="MemoryError"):
            Word2Vec(**SMALL).fit(data.mapInArrow(greedy, data.schema))
        check(Word2Vec(**SMALL).fit(data))
    finally:
        spark.stop()
