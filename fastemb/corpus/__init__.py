"""Where text comes from, and its encoding as integers."""

from fastemb.corpus.encode import Counted, Limits, count_and_encode, encode
from fastemb.corpus.readers import BrownCorpus, LineSentence, PathLineSentences, Text8Corpus, TextFile
from fastemb.corpus.spill import Chunk, EncodedCorpus

__all__ = [
    "BrownCorpus",
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
