"""Iterators that begin anew after their end, as if they were corpora: training ends, and sees each word once."""

import numpy as np
import pytest

from fastemb import Word2Vec
from fastemb.corpus import count_and_encode, encode


class Restarting:
    """An iterator over some items that, asked once more after its end, gives them again; at the third end it fails."""

    def __init__(self, items):
        self.items, self.place, self.ends = list(items), 0, 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.place == len(self.items):
            self.place, self.ends = 0, self.ends + 1
            assert self.ends < 3, "asked again and again after its end"
            raise StopIteration
        self.place += 1
        return self.items[self.place - 1]


@pytest.mark.parametrize("length", [0, 1, 4095, 4096, 4097, 8192])
@pytest.mark.parametrize("word", ["ab", "äb", 7])
def test_a_sentence_ends_where_its_iterator_ends_first(length, word):
    sentences = [Restarting([word] * length), ["c"]]
    counted = count_and_encode(sentences)
    expected = {word: length, "c": 1} if length else {"c": 1}
    assert dict(zip(counted.words, counted.counts.tolist(), strict=True)) == expected
    assert encode([Restarting([word] * length)], {word: 0}).words == length


@pytest.mark.parametrize("length", [0, 1, 999, 1000, 1001, 2000])
def test_as_many_sentences_are_scored_as_there_are(length):
    model = Word2Vec([["a", "b", "c"]] * 3, min_count=1, vector_size=4, hs=1, negative=0, workers=1)
    given = [["a", "b"], ["b", "c", "a"]] * length
    expected = model.score(given[:length])
    assert np.array_equal(model.score(Restarting(given[:length])), expected)
    assert np.array_equal(model.score(Restarting(given[:length]), total_sentences=700), expected[:700])
    assert np.array_equal(model.score(map(Restarting, given[:length])), expected)


def test_a_corpus_of_such_iterators_is_trained():
    plain = [["a", "b", "c"], ["b", "c"]] * 20
    expected = Word2Vec(plain, min_count=1, vector_size=4, workers=1)
    model = Word2Vec(Restarting(map(Restarting, plain)), min_count=1, vector_size=4, workers=1)
    assert model.corpus_total_words == expected.corpus_total_words == 100
    assert np.array_equal(model.wv.vectors, expected.wv.vectors)
