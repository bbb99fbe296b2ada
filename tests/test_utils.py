"""The helpers of gensim.utils."""

import os

import pytest

import fastemb
from fastemb import cli, utils
from fastemb.models.word2vec import BrownCorpus, LineSentence


def test_simple_preprocess_takes_words_of_letters_in_lower_case():
    assert utils.simple_preprocess("Dvě SLOVA, x 3rd _so a_b 12") == ["dvě", "slova", "rd", "a_b"]
    assert utils.simple_preprocess("Dvě slova", deacc=True, min_len=4, max_len=5) == ["slova"]
    assert utils.simple_preprocess(b"a\xffbc") == ["abc"]


def test_tokenize_keeps_case_and_numbers_out():
    assert list(utils.tokenize("Hello,World2you")) == ["Hello", "World", "you"]
    assert list(utils.tokenize("Ä B", lower=True, deacc=True)) == ["a", "b"]
    with pytest.raises(UnicodeDecodeError):
        utils.tokenize(b"\xff")


def test_save_as_line_sentence_writes_all_or_nothing(tmp_path):
    path = tmp_path / "corpus.txt"
    utils.save_as_line_sentence([["a", "ü"], [], ["b"]], path)
    assert path.read_bytes() == "a ü\n\nb\n".encode()
    with pytest.raises(TypeError):
        utils.save_as_line_sentence([["c"], [1]], path)
    assert path.read_bytes() == "a ü\n\nb\n".encode()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz"])
def test_sentences_are_packed_as_the_name_says(tmp_path, ending):
    path, sentences = tmp_path / f"corpus.txt{ending}", [["a", "ü"], ["b"]]
    utils.save_as_line_sentence(sentences, path)
    assert list(LineSentence(path)) == sentences


def test_counts_are_merged_and_pruned():
    counts = utils.merge_counts({"a": 3, "b": 1}, {"a": 1, "c": 2})
    assert counts == {"a": 4, "b": 1, "c": 2}
    assert utils.prune_vocab(counts, 2, lambda word, count, _: 2 if word == "b" else 0) == 0
    assert utils.prune_vocab(counts, 2) == 1
    utils.trim_vocab_by_freq(counts, 1)
    assert counts == {"a": 4}


@pytest.mark.parametrize(
    ("rule", "count", "kept"),
    [(None, 2, True), (None, 1, False), (0, 2, True), (1, 2, False), (2, 1, True), ("other", 2, True)],
)
def test_trim_rule_decides_what_is_kept(rule, count, kept):
    assert utils.keep_vocab_item("a", count, 2, None if rule is None else lambda *_: rule) is kept


def test_jobs():
    assert [utils.effective_n_jobs(n) for n in (None, 3, -10000)] == [1, 3, 1]
    with pytest.raises(ValueError, match="n_jobs"):
        utils.effective_n_jobs(0)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system keeps no process to some processors")
def test_processors_that_the_process_may_not_use_do_not_count():
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [min(before)])
    try:
        assert utils.effective_n_jobs(-1) == 1
        assert cli.parser().parse_args(["train", "corpus", "--output", "vectors"]).workers == 1
    finally:
        os.sched_setaffinity(0, before)


def test_brown_corpus_gives_tagged_words(tmp_path):
    (tmp_path / "b").write_text("The/at Jury/nn-tl ./. a/b/c\n\n,/,\n")
    (tmp_path / "a").write_text("Said/vbd\n")
    assert list(BrownCorpus(tmp_path)) == [["said/vb"], ["the/at", "jury/nn"]]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        *((fastemb, "corpora"), (fastemb.models, "LdaModel"), (fastemb.utils, "SaveLoad")),
        *((fastemb.models.callbacks, "CoherenceMetric"), (fastemb.models.word2vec, "Vocab")),
        (fastemb.models.keyedvectors, "Vocab"),
    ],
)
def test_what_only_gensim_has_is_refused_by_name(module, name):
    refused = f"{name} is not in fastemb. fastemb has gensim's word vectors: Word2Vec"
    with pytest.raises(ImportError, match=refused):
        exec(f"from {module.__name__} import {name}")
    with pytest.raises(AttributeError, match=refused):
        getattr(module, name)
    assert not hasattr(module, name)
    assert not hasattr(module, "no_such_name")
    with pytest.raises(AttributeError, match="no_such_name"):
        module.no_such_name  # noqa: B018
