"""Lists of words as Arrow has them in memory, encoded as lists of str are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastemb.kernels.text.columnencoder import ColumnEncoder
from fastemb.kernels.text.sentenceencoder import SentenceEncoder
from fastemb.kernels.text.wordtable import WordTable

WORDS = st.sampled_from(["", "a", "b c", "żółw", "a" * 40]) | st.text(st.characters(exclude_categories=["Cs"]))


def column(sentences):
    """Ends of lists, ends of words, and their UTF-8."""
    words = [word.encode() for sentence in sentences for word in sentence]
    lists, ends = (np.cumsum([0, *map(len, parts)], dtype=np.int64) for parts in (sentences, words))
    return lists, ends, np.frombuffer(b"".join(words), np.uint8)


@given(st.lists(st.lists(st.lists(WORDS))))
def test_columns_are_encoded_as_lists_are(columns):
    encoder, lists = ColumnEncoder(), SentenceEncoder()
    for sentences in columns:
        encoder.add(*column(sentences))
        for sentence in sentences:
            lists.add(sentence)
    assert [ColumnEncoder.word_of(entry) for entry in encoder.table.words()] == lists.words
    assert encoder.table.word_counts().tolist() == lists.word_counts().tolist()
    for found, expected in zip(encoder.finish(), lists.finish(), strict=True):
        assert found.tolist() == expected.tolist()


def test_words_are_looked_up_in_a_table():
    table = WordTable(map(ColumnEncoder.entry_of, ["b", "", "żółw"]))
    encoder = ColumnEncoder(table)
    encoder.add(*column([["b", "a", ""], [], ["żółw", "b"]]))
    ids, starts = encoder.finish()
    assert ids.tolist() == [0, -1, 1, 2, 0]
    assert starts.tolist() == [0, 3, 3, 5]
    assert table.word_counts().tolist() == [0, 0, 0]


@pytest.mark.parametrize("wrong", [[0, 3, 2, 4], [0, 1, 2, 5], [1, 2, 3, 4], [-1, 1, 2, 4], []])
def test_ends_that_are_none_are_refused(wrong):
    right = np.array([0, 1, 2, 4], np.int64)
    with pytest.raises(ValueError, match="ends of"):
        ColumnEncoder().add(np.array(wrong, np.int64), np.arange(5), np.zeros(4, np.uint8))
    with pytest.raises(ValueError, match="ends of words"):
        ColumnEncoder().add(np.array([0, 3], np.int64), np.array(wrong, np.int64), np.zeros(4, np.uint8))
    ColumnEncoder().add(np.array([0, 3], np.int64), right, np.full(4, 97, np.uint8))
