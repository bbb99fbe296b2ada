"""Readers and encoders."""

import os
import random
import sys
import threading
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastemb.corpus import Limits, LineSentence, TextFile, count_and_encode, encode
from fastemb.corpus.source import most_words, source_of
from fastemb.kernels.text.sentenceencoder import SentenceEncoder
from fastemb.kernels.text.textencoder import TextEncoder
from fastemb.kernels.text.wordtable import WordTable

encode_module = sys.modules["fastemb.corpus.encode"]


def decoded(counted):
    """The sentences of an encoded corpus, as words."""
    sentences = []
    for ids, starts in [arrays for part in counted.corpus.parts() for arrays in counted.corpus.load(part)]:
        sentences += [[counted.words[k] for k in ids[a:b]] for a, b in pairwise(starts)]
    return sentences


def feed(pieces):
    encoder = TextEncoder()
    for piece in pieces:
        encoder.feed(piece)
    encoder.feed(b"", last=True)
    ids, starts = encoder.finish()
    words = encoder.table.words()
    return [[words[k] for k in ids[a:b]] for a, b in pairwise(starts)], encoder


def lines_of(text):
    """What Python makes of the same text: lines end at \\n alone, words where str.split() splits."""
    return [line.split() for line in text.split("\n") if line.split()]


words_and_spaces = st.text(
    st.one_of(
        st.sampled_from("ab \n\t\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2003\u2028\u202f\u205f\u3000\u200b\ufeffé漢😀"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    )
)


@given(words_and_spaces, st.lists(st.integers(0, 60)))
@settings(max_examples=300)
def test_text_is_split_as_python_splits_it_wherever_the_blocks_end(text, cuts):
    data = text.encode()
    cuts = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    sentences, encoder = feed(data[a:b] for a, b in pairwise(cuts))
    assert sentences == lines_of(text)
    counts = Counter(word for line in sentences for word in line)
    assert encoder.table.words() == list(counts)  # both in order of first appearance
    assert encoder.table.word_counts().tolist() == list(counts.values())


@given(st.binary(max_size=40))
@settings(max_examples=300)
def test_bytes_are_encoded_exactly_if_python_can_decode_them(data):
    try:
        text, invalid = data.decode(), data.find(0) if 0 in data else None
    except UnicodeDecodeError as error:
        text, invalid = "", data.find(0, 0, error.start) if 0 in data[: error.start] else error.start
    if invalid is None:
        assert feed([data])[0] == lines_of(text)
        return
    encoder = TextEncoder()
    with pytest.raises(UnicodeDecodeError):
        encoder.feed(data, last=True)
    assert encoder.bytes_done == invalid


def test_many_words_survive_the_growth_of_the_table():
    words = [f"w{k}" * (1 + k % 5) for k in range(50_000)]
    table = WordTable(words)
    assert len(table) == len(words)
    assert table.words() == words


def test_fixed_vocabulary_is_only_read():
    table = WordTable(["b", "a"])
    encoder = TextEncoder(table)
    encoder.feed(b"a b c\nc", last=True)
    ids, starts = encoder.finish()
    assert ids.tolist() == [1, 0, -1, -1]
    assert starts.tolist() == [0, 3, 4]
    assert table.words() == ["b", "a"]
    assert table.word_counts().tolist() == [0, 0]


def test_words_of_all_lengths_are_told_apart_and_found_again() -> None:
    """Those of up to 16 bytes stand beside their counts, longer ones elsewhere; words are forgotten, too."""
    alike = ["a" * n + end for n in range(40) for end in ("", "b", "\0", "é")][1:]
    table, other = WordTable(alike), WordTable(reversed(alike))
    assert table.words() == alike
    assert other.find_all(table).tolist() == list(range(len(alike)))[::-1]
    assert table.find_all(WordTable(["a" * 40, *alike[-3:]])).tolist() == [-1, *range(len(alike))[-3:]]
    assert table.merge(WordTable([*alike, "c" * 17])).tolist() == list(range(len(alike) + 1))
    table.prune(1)
    assert table.known == 0
    assert table.words() == [None] * (len(alike) + 1)
    assert table.find_all(other).tolist() == [-1] * len(alike)
    assert table.merge(other).tolist() == list(range(len(alike) + 1, 2 * len(alike) + 1))
    assert table.words()[-len(alike) :] == alike[::-1]


@pytest.fixture
def text_file(tmp_path):
    draw = random.Random(0)
    lines = [" ".join(f"w{int(draw.expovariate(0.01))}" for _ in range(draw.randrange(20))) for _ in range(5000)]
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_result_does_not_depend_on_the_number_of_readers(text_file, threads, monkeypatch):
    monkeypatch.setattr(encode_module, "SMALLEST", 1000)
    assert len(encode_module.share_out([TextFile(text_file)], threads)) == threads
    one, many = (count_and_encode(TextFile(text_file), Limits(readers)) for readers in (1, threads))
    assert one.words == many.words
    assert one.counts.tolist() == many.counts.tolist()
    assert decoded(one) == decoded(many) == list(LineSentence(text_file)) == lines_of(text_file.read_text())


@given(st.text("a \n", max_size=200), st.integers(1, 90))
@settings(max_examples=100)
def test_pieces_are_whole_lines_without_gaps(tmp_path_factory, text, size):
    path = tmp_path_factory.getbasetemp() / "lines.txt"
    path.write_bytes(text.encode())
    pieces = TextFile(path).pieces(size)
    ends = [len(text) if piece.end is None else piece.end for piece in pieces]
    assert [piece.begin for piece in pieces] == [0, *ends[:-1]]
    assert all(piece.begin == 0 or text[piece.begin - 1] == "\n" for piece in pieces)
    assert all(end - piece.begin >= size for piece, end in zip(pieces[:-1], ends[:-1], strict=True))


def test_small_blocks_change_nothing(text_file, monkeypatch):
    expected = decoded(count_and_encode(TextFile(text_file)))
    monkeypatch.setattr("fastemb.io.textfile.BLOCK", 17)
    assert decoded(count_and_encode(TextFile(text_file))) == expected


def test_invalid_utf8_names_file_and_line(text_file, monkeypatch):
    monkeypatch.setattr(encode_module, "SMALLEST", 1000)
    data = text_file.read_bytes().split(b"\n")
    data[4321] += b" caf\xe9"
    text_file.write_bytes(b"\n".join(data))
    with pytest.raises(UnicodeDecodeError, match=r"corpus\.txt, line 4322 "):
        count_and_encode(TextFile(text_file), Limits(3))
    assert threading.active_count() == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_is_read_once(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=("a b\nc a\n",))
    writer.start()
    assert decoded(count_and_encode(TextFile(path), Limits(4))) == [["a", "b"], ["c", "a"]]
    writer.join()


def test_sentences_of_any_kind_of_word():
    sentences = [["a", 1, np.int64(1), np.str_("a")], (2, "1"), np.array([1, 2]), iter(["a"]), []]
    counted = count_and_encode(sentences)
    assert counted.words == ["a", 1, 2, "1"]
    assert all(type(word) in (str, int) for word in counted.words)
    assert decoded(counted) == [["a", 1, 1, "a"], [2, "1"], [1, 2], ["a"], []]
    assert counted.counts.tolist() == [3, 3, 2, 1]


@pytest.mark.parametrize("word", [None, 1.0, b"a", ["a"], np.float32(1)])
@pytest.mark.parametrize("encode_them", [count_and_encode, lambda sentences: encode(sentences, {1: 0})])
def test_other_words_are_refused_with_the_number_of_the_sentence(word, encode_them):
    with pytest.raises(TypeError, match="sentence 1: words must be str or int"):
        encode_them([[1], [1, word]])


@pytest.mark.parametrize("sentence", [b"abc", None, 3])
def test_what_is_no_sentence_is_refused(sentence):
    with pytest.raises(TypeError, match=f"sentence 1 must be an iterable of words, not {type(sentence).__name__}"):
        count_and_encode([["a"], sentence])


def test_str_as_a_sentence_is_warned_about():
    with pytest.warns(UserWarning, match="characters are taken as words"):
        assert count_and_encode(["ab", "cd"]).words == ["a", "b", "c", "d"]


def test_encoder_survives_an_error_in_a_sentence():
    encoder = SentenceEncoder()
    encoder.add(["a", "b"])
    with pytest.raises(TypeError):
        encoder.add(["c", None])
    encoder.add(["b"])
    ids, starts = encoder.finish()
    assert ids.tolist() == [0, 1, 1]
    assert starts.tolist() == [0, 2, 3]


def test_of_files_it_is_known_how_many_words_there_are_at_most(text_file):
    size = text_file.stat().st_size
    for source in (LineSentence(text_file), TextFile(text_file)):
        assert most_words(source_of(source)) == size / 2
    assert most_words(source_of([["a"]])) == most_words(LineSentence(text_file, limit=1)) == float("inf")


def test_line_sentence_is_read_natively_and_obeys_its_limit(text_file):
    assert decoded(count_and_encode(LineSentence(text_file))) == list(LineSentence(text_file))
    first = lines_of("\n".join(text_file.read_text().split("\n")[:7]))
    assert list(LineSentence(text_file, limit=7)) == first
    assert count_and_encode(LineSentence(text_file, limit=7)).corpus.sentences == len(first)


def test_vocabulary_with_words_that_no_text_holds(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("3 4 a b c\n")
    # Words that no text can hold keep their places, whatever they look like.
    vocabulary = [3, " 0", "", "a", "b c", "\ud800", "b"]
    ids, _ = encode(TextFile(path), {word: number for number, word in enumerate(vocabulary)}).chunks[0].arrays()
    assert ids.tolist() == [-1, -1, 3, 6, -1]


def test_a_renamed_word_keeps_its_row(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("new b c old\n")
    vocabulary = {"old": 0, "b": 1, "c": 2}
    vocabulary["new"] = vocabulary.pop("old")  # stands last now
    for source in (TextFile(path), [["new", "b", "c", "old"]]):
        assert encode(source, vocabulary).chunks[0].arrays()[0].tolist() == [0, 1, 2, -1]


def test_real_text_of_several_scripts(shared):
    import lzma

    for name in ("wiki-de-10mb.txt.xz", "zh-10mb.txt.xz"):
        with lzma.open(shared / "corpora" / name, "rt", encoding="utf-8", newline="\n") as file:
            text = file.read(1_000_000)
        assert feed([text.encode()])[0] == lines_of(text)


class Name(str):
    __slots__ = ()


MIXED = st.one_of(
    st.integers(-3, 3),
    st.integers(0, 3).map(np.int64),
    st.sampled_from(["", "a", "b", "ab", "abcdefgh", "abcdefghi", "ä", "日本"]),
    st.sampled_from(["a", "ä", ""]).map(Name),
)


@given(st.lists(st.lists(MIXED, max_size=80), max_size=8), st.sampled_from([list, tuple, iter]))
def test_words_of_all_kinds_are_numbered_by_first_appearance(sentences, kind):
    encoder = SentenceEncoder()
    for sentence in sentences:
        encoder.add(kind(sentence))
    plain = [[str(word) if isinstance(word, str) else int(word) for word in sentence] for sentence in sentences]
    counts = Counter(word for sentence in plain for word in sentence)
    assert [*counts] == encoder.words
    assert [*counts.values()] == encoder.word_counts().tolist()
    ids, starts = encoder.finish()
    assert [encoder.words[k] for k in ids] == [word for sentence in plain for word in sentence]
    assert np.diff(starts).tolist() == [len(sentence) for sentence in plain]
    fixed = SentenceEncoder({word: number for number, word in enumerate(["b", "ä", 1, "ab"])})
    for sentence in sentences:
        fixed.add(kind(sentence))
    numbers = {"b": 0, "ä": 1, 1: 2, "ab": 3}
    assert fixed.finish()[0].tolist() == [numbers.get(word, -1) for sentence in plain for word in sentence]


def test_a_sentence_that_fails_leaves_nothing_behind():
    encoder = SentenceEncoder()
    encoder.add(["a", "b"])
    with pytest.raises(TypeError, match="sentence 1"):
        encoder.add(["a"] * 50 + [2.5])
    encoder.add(f"w{k}" for k in range(10_000))
    ids, starts = encoder.finish()
    assert starts.tolist() == [0, 2, 10_002]
    assert encoder.words[ids[-1]] == "w9999"
