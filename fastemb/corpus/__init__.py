"""Where text comes from, and its encoding as integers."""

from fastemb.corpus.encode import Counted, Limits, count_and_encode, encode
from fastemb.corpus.readers import LineSentence, PathLineSentences, Text8Corpus, TextFile
from fastemb.corpus.spill import Chunk, EncodedCorpus

__all__ = [
    "Chunk",
    "Counted",
    "EncodedCorpus",
    "Limits",
    "LineSentence",
    "PathLineSentences",
    "Text8Corpus",
    "TextFile",
    "count_and_encode",
    "encode",
]
