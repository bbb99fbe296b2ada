"""Where text comes from, and its encoding as integers."""

from fastemb.corpus.encode import Counted, EncodedCorpus, count_and_encode, encode
from fastemb.corpus.readers import LineSentence, TextFile

__all__ = ["Counted", "EncodedCorpus", "LineSentence", "TextFile", "count_and_encode", "encode"]
