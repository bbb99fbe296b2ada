"""Where text comes from, and its encoding as integers."""

from fastemb.corpus.chunks import Chunk, EncodedCorpus
from fastemb.corpus.encode import Counted, Limits
from fastemb.corpus.pairs import Pairs
from fastemb.corpus.readers import BrownCorpus, LineSentence, PathLineSentences, Text8Corpus
from fastemb.corpus.source import Source, count_and_encode, encode, encode_as_counted, source_of
from fastemb.io.textfile import TextFile

__all__ = [
    "BrownCorpus",
    "Chunk",
    "Counted",
    "EncodedCorpus",
    "Limits",
    "LineSentence",
    "Pairs",
    "PathLineSentences",
    "Source",
    "Text8Corpus",
    "TextFile",
    "count_and_encode",
    "encode",
    "encode_as_counted",
    "source_of",
]
