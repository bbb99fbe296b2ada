"""Word2Vec, in the place of ``pyspark.ml.feature.Word2Vec``."""

from __future__ import annotations

from fastemb.spark.estimator import VectorEstimator
from fastemb.spark.model import VectorModel
from fastemb.spark.params import Windows, with_accessors


@with_accessors
class Word2VecModel(Windows, VectorModel):
    """What `Word2Vec.fit` returns, with the methods of ``pyspark.ml.feature.Word2VecModel``.

    `transform` adds `outputCol`: of each list the sum of the vectors of its words, divided by the number of all its
    words, of pyspark.ml's type of vectors; zeros where there are none. It raises ValueError if it would replace another
    column.
    """

    __module__ = "fastemb.spark"


@with_accessors
class Word2Vec(Windows, VectorEstimator):
    """Train vectors for the words of a column of lists of words, of which each is a sentence.

    All machines read, count and encode; one task trains, over what is stored of all. With ``workers=1`` the vectors are
    to the bit those of `fastemb.Word2Vec` for the sentences in the order of the partitions.

    Parameters
    ----------
    inputCol : str
        A column of array<string>, array<int> or array<bigint>.
    outputCol : str
        What the model adds to a DataFrame.
    vectorSize : int, default 100
    minCount : int, default 5
        Leave out words that occur less often.
    numPartitions : int, default 0
        How many partitions are read: neighbours one after another if there are more, shuffled if there are less;
        0: as many as there are. The result depends on their order alone.
    stepSize : float, default 0.025
        Learning rate at the beginning; `alpha` is another name.
    minAlpha : float, default 0.0001
        And at the end.
    maxIter : int, default 1
        Epochs.
    seed : int, default 1
    windowSize : int, default 5
    maxSentenceLength : int, default 1000
        Cut longer sentences into pieces of so many words.
    sg : {0, 1}, default 1
        1 for skip-gram, 0 for CBOW.
    hs, negative, sample, nsExponent, cbowMean, correctedCbow, sharedNoise, shrinkWindows, deterministic
        As `hs`, `negative`, … of `fastemb.Word2Vec`. ``hs=1, negative=0, sample=0.0`` is what Spark's own class trains.
    workers : int, default 0
        Threads of the task that trains; 0: as many as an executor has cores, which it asks for.
    memoryBudget : int, default 2**30
        Bytes of the encoded corpus that the task may hold in memory; what is more is read from its disk in each epoch.
    workDir : str, optional
        A folder that all machines reach, for encoded corpora, which are removed after each fit, and trained vectors,
        which are removed when the program ends. Default: where Spark has its checkpoints, or a folder for temporary
        files if all executors are on this machine, or `.fastemb` of the user's home in the default file system.

    Raises
    ------
    TypeError
        If the column is of another type.
    ValueError
        If a parameter is out of range, a list or a word is null, or no word occurs often enough.
    MemoryError
        If the task that trains may not take as much memory as the matrices need.
    RuntimeError
        If executors have no fastemb, or another version, or are killed again and again.
    """

    __module__ = "fastemb.spark"
    KIND = "Word2Vec"
    MODEL = Word2VecModel
