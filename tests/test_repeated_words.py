"""Words that stand twice in a vocabulary: the numbers of lines survive, or are refused with the line."""

import numpy as np
import pytest

from fastemb import GloVe, KeyedVectors, cli
from fastemb.formats.word2vec import read_counts

VOCABULARY = "a 9\nb 8\na 7\nc 6\nd 5\n"


def put(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        (VOCABULARY, {}, "line 3: 'a' stands in line 1 already"),
        ("a 9\nb c 8\nd 7\nb c 8\n", {}, "line 4: 'b c' stands in line 2 already"),
        ("a 9\r\nb 8\r\nb 8\r\n", {}, "line 3: 'b' stands in line 2 already"),
        (b"\xff 9\n\xfe 8\n", {"unicode_errors": "replace"}, "line 2: '\ufffd' stands in line 1 already"),
        ("a 9\n\nb 8\n", {}, "line 2: not 'word count'"),
    ],
)
def test_lines_that_number_words_are_not_shifted(tmp_path, text, options, reason):
    path = put(tmp_path / "vocab.txt", text)
    with pytest.raises(ValueError, match=f"{path}, {reason}"):
        read_counts(path, numbered=True, **options)


def test_glove_refuses_such_a_vocabulary(tmp_path, capsys):
    vocabulary, corpus = put(tmp_path / "vocab.txt", VOCABULARY), put(tmp_path / "text.txt", "a b c d\n" * 9)
    cells = np.array([(4, 5, 2.0), (5, 4, 2.0)], [("row", "<i4"), ("column", "<i4"), ("value", "<f8")])
    cells.tofile(tmp_path / "cells")
    with pytest.raises(ValueError, match="line 3: 'a' stands in line 1 already"):
        GloVe(words=vocabulary, cooccurrences=tmp_path / "cells")
    with pytest.raises(ValueError, match="line 3: 'a' stands in line 1 already"):
        GloVe(corpus_file=corpus, words=vocabulary)
    assert cli.main(["cooccur", str(corpus), "--vocab", str(vocabulary), "-o", str(tmp_path / "out"), "-q"]) == 1
    assert "line 3: 'a' stands in line 1 already" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_words_have_the_numbers_of_their_lines(tmp_path):
    # Words that no text holds, with blanks or none at all, keep their lines.
    vocabulary = put(tmp_path / "vocab.txt", "a 9\nb c 8\n\u3000 7\nc 6\nd 5\n")
    corpus = put(tmp_path / "text.txt", "c d\n" * 200)
    assert cli.main(["cooccur", str(corpus), "--vocab", str(vocabulary), "-o", str(tmp_path / "out"), "-q"]) == 0
    records = np.fromfile(tmp_path / "out", [("row", "<i4"), ("column", "<i4"), ("value", "<f8")])
    assert records.tolist() == [(4, 5, 200.0), (5, 4, 200.0)]


def test_counts_of_vectors_are_those_of_the_first(tmp_path, caplog):
    vectors = put(tmp_path / "vectors.txt", "3 2\na 1 2\nb 3 4\na 5 6\n")
    counts = put(tmp_path / "counts.txt", "a 9\nb 8\na 7\n")
    keyed = KeyedVectors.load_word2vec_format(vectors, fvocab=counts)
    assert keyed.index_to_key == ["a", "b"]
    assert keyed["a"].tolist() == [1, 2]
    assert keyed.expandos["count"].tolist() == [9, 8]
    assert "counts.txt: 1 words occur again; the count of the first of each is taken" in caplog.text
