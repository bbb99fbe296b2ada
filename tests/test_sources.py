"""What models are trained on: classes of one's own, NLTK's views, chunks that are not in memory."""

import numpy as np
import pytest

from fastemb import FastText, GloVe, Word2Vec
from fastemb.corpus import Chunk, Counted, EncodedCorpus, Limits, LineSentence, count_and_encode, source_of
from fastemb.io.packing import PACKINGS, packing_of

SENTENCES = [["a", "b", "c", "a"], [], ["d", "b"], ["c"] * 5] * 20
SMALL = {"vector_size": 8, "min_count": 1, "workers": 1, "epochs": 3}


class Made(Chunk):
    """A chunk whose arrays are made when they are asked for."""

    resident = False

    def __init__(self, sentences, index):
        super().__init__(*arrays(sentences, index))
        del self._arrays
        self.sentences_made, self.index, self.asked = sentences, index, 0

    def arrays(self):
        self.asked += 1
        return arrays(self.sentences_made, self.index)

    def renumber(self, numbers):
        known = np.append(numbers, np.int32(-1))
        self.index = {word: int(known[number]) for word, number in self.index.items()}


def arrays(sentences, index):
    ids = np.array([index.get(word, -1) for sentence in sentences for word in sentence], np.int32)
    return ids, np.cumsum([0, *map(len, sentences)])


class Encoded:
    """A source that knows how to encode itself, and cannot be iterated over."""

    def __init__(self, sentences, parts=1):
        self.sentences, self.parts = sentences, parts
        self.limits = []

    def count_and_encode(self, limits):
        self.limits.append(limits)
        words = list(dict.fromkeys(word for sentence in self.sentences for word in sentence))
        corpus = self.encode({word: number for number, word in enumerate(words)}, limits)
        all_words = [word for sentence in self.sentences for word in sentence]
        return Counted(words, np.array([all_words.count(word) for word in words]), corpus)

    def encode(self, index, limits):
        size = len(self.sentences) // self.parts
        parts = [self.sentences[size * part : size * (part + 1)] for part in range(self.parts)]
        return EncodedCorpus([Made(part, index) for part in parts])


@pytest.mark.parametrize("kind", [Word2Vec, FastText, GloVe])
def test_a_class_of_ones_own_is_trained_on(kind):
    source = Encoded(SENTENCES)
    options = SMALL | ({} if kind is GloVe else {"sample": 0})
    model, same = kind(source, **options), kind(SENTENCES, **options)
    assert model.wv.index_to_key == same.wv.index_to_key
    assert isinstance(source.limits[0], Limits)
    if kind is not GloVe:  # whose cells are in another order
        assert np.array_equal(model.wv.vectors, same.wv.vectors)
        model.train(source)
        same.train(SENTENCES)
        assert np.array_equal(model.wv.vectors, same.wv.vectors)
        assert model.train(Encoded(SENTENCES, 2)) == (3 * 220, 3 * 220)


def test_what_is_no_iterable_is_not_read_anew():
    source = Encoded(SENTENCES)
    read = Word2Vec(source, reread=True, **SMALL)
    assert np.array_equal(read.wv.vectors, Word2Vec(SENTENCES, **SMALL).wv.vectors)


def test_chunks_that_are_not_resident_are_alone_in_memory():
    resident = [Chunk(*arrays(SENTENCES, {"a": 0})) for _ in range(4)]
    made = [Made(SENTENCES, {"a": 0}) for _ in range(2)]
    corpus = EncodedCorpus([resident[0], resident[1], made[0], resident[2], made[1], resident[3]])
    assert corpus.parts() == [resident[:2], made[:1], resident[2:3], made[1:], resident[3:]]


@pytest.mark.parametrize(
    ("method", "what"),
    [("words", "words"), ("paras", "paragraphs or trees"), ("tagged_sents", "words with tags"), ("sents", None)],
)
def test_nltk_views(tmp_path, monkeypatch, method, what):
    nltk = pytest.importorskip("nltk")
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])  # it reads nothing elsewhere
    (tmp_path / "one.pos").write_text("the/DT fox/NN ran/VB\n\na/DT dog/NN\n")
    reader = nltk.corpus.TaggedCorpusReader(str(tmp_path), r".*\.pos", sent_tokenizer=nltk.tokenize.LineTokenizer())
    view = getattr(reader, method)()
    if what is None:
        assert count_and_encode(view).words == ["the", "fox", "ran", "a", "dog"]
        return
    with pytest.raises(TypeError, match=f"not NLTK's view of {what}: give reader.sents()"):
        Word2Vec(view, **SMALL)


def test_line_sentences_are_sources_of_their_own(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("a b c\nb c\n")
    sentences = LineSentence(path)
    assert source_of(sentences) is sentences

    class Upper(LineSentence):
        def __iter__(self):
            return ([word.upper() for word in sentence] for sentence in super().__iter__())

    assert count_and_encode(Upper(path)).words == ["A", "B", "C"]


def test_packings_by_name():
    assert packing_of("corpus.txt") is None
    assert packing_of("CORPUS.TXT.GZ") is PACKINGS[".gz"]
    assert packing_of("corpus.tar.gz") is PACKINGS[".tar.gz"]
    assert packing_of("corpus.tgz").pack is None
    assert {ending for ending, packing in PACKINGS.items() if packing.pack} == {".gz", ".bz2", ".xz", ".zst"}
