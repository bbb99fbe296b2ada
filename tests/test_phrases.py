"""Phrases: what gensim's would be, and what is otherwise."""

import copy
import json
import pickle
import random
from collections import Counter
from itertools import islice, pairwise

import numpy as np
import pytest

from fastemb import Phrases, Word2Vec
from fastemb.corpus import Limits, LineSentence, collocations, count_and_encode
from fastemb.models import FrozenPhrases, phrases
from fastemb.models.phrases import ENGLISH_CONNECTOR_WORDS, Phraser, npmi_scorer, original_scorer

SENTENCES = [["new", "york", "is", "a", "city"], ["in", "new", "york"], ["the", "bank", "of", "america"]] * 2
# Alphabets in which words hold delimiters, so that words and pairs are written alike.
ALPHABETS = (
    (list("abcd"), "_"),
    (["a", "b", "a_b", "b_c", "c", "_", "x_", "__"], "_"),
    (["a", "of", "the", "b", "c", "a_of_b", "of_the"], "_"),
    (["-", "x-", "-y", "x", "y", "--"], "--"),
    (["a", "b c", "c", "b"], " "),
)


def mutual(worda_count, wordb_count, bigram_count, len_vocab, min_count, corpus_word_count):
    return bigram_count / (worda_count + wordb_count) * len_vocab / corpus_word_count


SCORINGS = (("default", 0.5), ("default", 0.05), ("npmi", -0.2), ("npmi", 0.3), (mutual, 0.1))


def drawn(seed):
    """Sentences of few words, and parameters."""
    draw = random.Random(seed)
    words, delimiter = draw.choice(ALPHABETS)
    scoring, threshold = draw.choice(SCORINGS)
    parameters = {
        "min_count": draw.choice([1, 1, 2, 1.5]),
        "threshold": threshold,
        "scoring": scoring,
        "delimiter": delimiter,
        "connector_words": draw.choice([frozenset(), frozenset({"of", "the"}), frozenset({"a"})]),
    }
    return [[draw.choice(words) for _ in range(draw.randrange(9))] for _ in range(60)], parameters


def same(ours, theirs, sentences):
    """See that two say the same of sentences, scores to the bit."""
    assert dict(ours.vocab) == theirs.vocab
    assert len(ours.vocab) == len(theirs.vocab)
    assert all(ours.vocab.get(text) == count for text, count in theirs.vocab.items())
    assert ours.corpus_word_count == theirs.corpus_word_count
    assert ours.export_phrases() == theirs.export_phrases()
    for one, other in ((ours, theirs), (ours.freeze(), theirs.freeze())):
        assert list(one[sentences]) == list(other[sentences])
        assert [one[sentence] for sentence in sentences] == [other[sentence] for sentence in sentences]
        assert one.find_phrases(sentences) == other.find_phrases(sentences)
        for sentence in sentences[:10]:
            assert list(one.analyze_sentence(sentence)) == list(other.analyze_sentence(sentence))


@pytest.mark.parametrize("seed", range(40))
def test_all_is_as_gensims(seed):
    gensim = pytest.importorskip("gensim.models.phrases")
    sentences, parameters = drawn(seed)
    ours, theirs = Phrases(sentences, **parameters), gensim.Phrases(sentences, **parameters)
    same(ours, theirs, sentences)
    more = drawn(seed + 1000)[0]
    ours.add_vocab(more)
    theirs.add_vocab(more)
    same(ours, theirs, sentences)
    of_ours, of_theirs = Phrases(ours[sentences], **parameters), gensim.Phrases(theirs[sentences], **parameters)
    same(of_ours, of_theirs, list(theirs[sentences]))
    assert list(of_ours[ours[sentences]]) == list(of_theirs[theirs[sentences]])


@pytest.mark.parametrize("connectors", [frozenset(), ENGLISH_CONNECTOR_WORDS])
@pytest.mark.parametrize(("scoring", "threshold"), [("default", 10), ("npmi", 0.4)])
def test_all_is_as_gensims_on_real_text(shared, tmp_path, connectors, scoring, threshold):
    import lzma

    gensim = pytest.importorskip("gensim.models.phrases")
    assert gensim.ENGLISH_CONNECTOR_WORDS == ENGLISH_CONNECTOR_WORDS
    path = tmp_path / "text.txt"
    with lzma.open(shared / "corpora" / "wiki-en-100mb.txt.xz") as packed:
        path.write_bytes(b"".join(islice(packed, 4000)))
    sentences = list(LineSentence(path))
    options = {"connector_words": connectors, "scoring": scoring, "threshold": threshold}
    ours, theirs = Phrases(corpus_file=path, workers=2, **options), gensim.Phrases(sentences, **options)
    assert len(theirs.vocab) > 100_000
    assert dict(ours.vocab) == theirs.vocab
    found = theirs.export_phrases()
    assert len(found) > 500
    assert ours.export_phrases() == found
    assert all(ours[sentence] == theirs[sentence] for sentence in sentences[:200])
    second, other = Phrases(ours[LineSentence(path)], **options), gensim.Phrases(theirs[sentences], **options)
    assert dict(second.vocab) == other.vocab
    assert second.export_phrases() == other.export_phrases()


def test_known_values():
    ours = Phrases(SENTENCES, min_count=1, threshold=1, connector_words={"of"})
    assert ours[["bank", "of", "america", "in", "new", "york"]] == ["bank_of_america", "in_new", "york"]
    assert ours[["the", "bank", "of", "america"]] == ["the_bank", "of", "america"]
    assert ours.vocab["new_york"] == 4
    assert "of" not in ours.vocab
    assert ours.vocab["bank_of_america"] == 2
    assert len(ours.vocab) == 9 + 7
    assert ours.corpus_word_count == 24
    assert ours.find_phrases([["new", "york"]]) == {"new_york": (4 - 1) / 16 * 16}
    assert original_scorer(2, 3, 4, 100, 1, 0) == 50
    assert original_scorer(0, 3, 4, 100, 1, 0) == float("-inf")
    assert npmi_scorer(10, 10, 10, 0, 5, 100) == pytest.approx(1)
    assert npmi_scorer(10, 10, 4, 0, 5, 100) == npmi_scorer(10, 10, 0, 0, 0, 100) == float("-inf")
    assert repr(ours.vocab).startswith("Vocabulary({'new': 4")
    assert str(ours) == "Phrases<16 vocab, min_count=1, threshold=1, max_vocab_size=40000000>"
    assert str(ours.freeze()).startswith("FrozenPhrases<")
    assert Phraser is FrozenPhrases


def test_without_sentences_there_are_no_phrases():
    for ours in (Phrases(), Phrases([]), Phrases([[], []])):
        assert len(ours.vocab) == 0
        assert ours.export_phrases() == {}
        assert ours[["a", "b"]] == ours.freeze()[["a", "b"]] == ["a", "b"]
        assert ours[[]] == []
        assert list(ours[[[], ["a"]]]) == [[], ["a"]]
        assert list(ours[iter([])]) == []


def test_parameters_that_change_are_obeyed():
    ours = Phrases(SENTENCES, min_count=1, threshold=1)
    assert ours[["new", "york"]] == ["new_york"]
    ours.threshold = 1000
    assert ours[["new", "york"]] == ["new", "york"]
    ours.threshold, ours.delimiter = 1, "+"
    assert ours[["new", "york"]] == ["new+york"]
    ours.scoring = mutual
    ours.threshold = 0.1
    assert ours[["york", "is"]] == ["york+is"]
    frozen = ours.freeze()
    frozen.phrasegrams = {"a+b": 2}
    assert frozen[["a", "b", "new", "york"]] == ["a+b", "new", "york"]
    frozen.threshold = 3
    assert frozen[["a", "b"]] == ["a", "b"]


def test_counts_can_be_set():
    ours = Phrases(min_count=1, threshold=0.5)
    ours.vocab = {"new": 4, "york": 4, "new_york": 4, "york_new": 1}
    assert ours[["york", "new", "york"]] == ["york", "new_york"]
    assert dict(ours.vocab) == {"new": 4, "york": 4, "new_york": 4, "york_new": 1}
    ours.add_vocab([["york", "new", "york"]])
    assert ours.vocab["york"] == 6
    assert ours.vocab["york_new"] == 2
    with pytest.raises(TypeError):
        ours.vocab["york"] = 3


def test_a_subclass_says_what_a_phrase_is():
    class Fixed(phrases._PhrasesTransformation):
        def score_candidate(self, word_a, word_b, in_between):
            return ("+".join([word_a, *in_between, word_b]), 1) if word_b == "b" else (None, None)

    class Longer(Phrases):
        def score_candidate(self, word_a, word_b, in_between):
            return ("long", 1) if len(word_a) > 3 else (None, None)

    fixed = Fixed(["of"])
    assert fixed[["a", "of", "b", "b", "c"]] == ["a+of+b", "b", "c"]
    assert fixed.find_phrases([["a", "of", "b"]]) == {"a+of+b": 1}
    assert Longer(SENTENCES)[["long-ago", "there", "was"]] == ["long", "was"]
    counted = count_and_encode(fixed[[["a", "b"], ["a", "c"]]])
    assert counted.words == ["a+b", "a", "c"]


@pytest.mark.parametrize("make", [list, iter, tuple, lambda given: (iter(each) for each in given)])
def test_any_iterable_of_iterables_will_do(make):
    ours = Phrases(make(SENTENCES), min_count=1, threshold=1)
    assert dict(ours.vocab) == dict(Phrases(SENTENCES).vocab)
    assert list(ours[make(SENTENCES)]) == [ours[sentence] for sentence in SENTENCES]
    stream = ours[SENTENCES]
    assert list(stream) == list(stream)
    assert (len(stream), stream[0]) == (len(SENTENCES), ours[SENTENCES[0]])


def test_a_sentence_stays_as_it_is():
    sentence = ["new", "york"]
    ours = Phrases(SENTENCES, min_count=1, threshold=1)
    assert ours[sentence] == ["new_york"]
    assert sentence == ["new", "york"]
    unknown = ["nothing"]
    assert ours[unknown] == unknown
    assert ours[unknown] is not unknown


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_threads_and_files_make_no_difference(tmp_path, workers, monkeypatch):
    monkeypatch.setattr(collocations, "SMALL", 10)
    monkeypatch.setattr(collocations, "SPAN", 50)
    draw = random.Random(1)
    sentences = [[draw.choice("abcdefgh") for _ in range(draw.randrange(20))] for _ in range(300)]
    path = tmp_path / "text.txt"
    path.write_text("\n".join(map(" ".join, sentences)))
    options = {"min_count": 1, "threshold": 0.9, "connector_words": {"a", "b"}}
    ours = Phrases(corpus_file=path, workers=workers, memory_budget=100, **options)
    counts = Counter(word for sentence in sentences for word in sentence if word not in "ab")
    for sentence in sentences:
        places = [k for k, word in enumerate(sentence) if word not in "ab"]
        counts.update("_".join(sentence[i : j + 1]) for i, j in pairwise(places))
    assert dict(ours.vocab) == counts
    given = ours[LineSentence(path)]
    natively = count_and_encode(given, Limits(workers, memory=100))
    listed = count_and_encode([ours[sentence] for sentence in sentences if sentence])
    assert natively.words == listed.words
    np.testing.assert_array_equal(natively.counts, listed.counts)
    ids = np.concatenate([chunk.arrays()[0] for chunk in natively.corpus.chunks])
    np.testing.assert_array_equal(ids, listed.corpus.chunks[0].arrays()[0])
    index = {word: k for k, word in enumerate(listed.words)}
    again = given.encode(index, Limits(workers))
    np.testing.assert_array_equal(np.concatenate([chunk.arrays()[0] for chunk in again.chunks]), ids)


def test_models_train_on_phrases_as_on_any_sentences():
    ours = Phrases(SENTENCES, min_count=1, threshold=1)
    options = {"min_count": 1, "vector_size": 4, "workers": 1}
    streamed, listed = (Word2Vec(given, **options) for given in (ours[SENTENCES], [ours[each] for each in SENTENCES]))
    assert streamed.wv.index_to_key == listed.wv.index_to_key
    np.testing.assert_array_equal(streamed.wv.vectors, listed.wv.vectors)


def test_of_too_many_the_rarest_are_forgotten(monkeypatch):
    monkeypatch.setattr(collocations, "SPAN", 100)
    draw = random.Random(2)
    words = [str(k) for k in range(200)]
    sentences = [[*draw.choices(words, weights=[1 / (k + 1) for k in range(200)], k=10), "x", "y"] for _ in range(500)]
    every = Phrases(sentences)
    for most in (1, 50, 400, 2000):
        ours = Phrases(sentences, max_vocab_size=most)
        assert len(ours.vocab) <= most
        assert all(every.vocab[text] >= count for text, count in ours.vocab.items())
        assert (ours.min_reduce > 1) == (most < len(every.vocab))
    assert ours.vocab["x_y"] == 500
    small = Phrases(sentences[:250], max_vocab_size=400)
    small.add_vocab(sentences[250:])
    assert len(small.vocab) <= 400
    assert small.vocab["x_y"] == 500


@pytest.mark.parametrize("kind", [Phrases, FrozenPhrases])
@pytest.mark.parametrize("again", [copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made)), "save"])
def test_copies_and_files_say_the_same(tmp_path, kind, again):
    options = {"min_count": 1, "threshold": 0.1, "scoring": mutual, "connector_words": {"of"}, "max_vocab_size": 18}
    made = Phrases(SENTENCES, **options)
    if kind is FrozenPhrases:
        made = made.freeze()
    if again == "save":
        made.save(tmp_path / "phrases")
        loaded = kind.load(tmp_path / "phrases")
        assert type(Phrases.load(tmp_path / "phrases")) is kind
    else:
        loaded = again(made)
    assert type(loaded) is kind
    for name in ("min_count", "threshold", "delimiter", "scoring", "connector_words"):
        assert getattr(loaded, name) == getattr(made, name)
    assert list(loaded[SENTENCES]) == list(made[SENTENCES])
    if kind is Phrases:
        assert dict(loaded.vocab) == dict(made.vocab)
        assert (loaded.corpus_word_count, loaded.min_reduce) == (made.corpus_word_count, made.min_reduce)
        loaded.add_vocab(SENTENCES)
        assert loaded.vocab["new_york"] == 8
    else:
        assert loaded.phrasegrams == made.phrasegrams


def test_a_scorer_that_is_not_there_is_asked_for(tmp_path, monkeypatch):
    made = Phrases(SENTENCES, threshold=0.1, scoring=mutual)
    made.save(tmp_path / "phrases")
    monkeypatch.delitem(globals(), "mutual")
    with pytest.raises(ValueError, match=r"test_phrases:mutual.*scoring="):
        Phrases.load(tmp_path / "phrases")
    assert Phrases.load(tmp_path / "phrases", scoring=original_scorer).scoring is original_scorer


def test_no_function_but_a_scorer_is_taken_from_a_file(tmp_path):
    from fastemb.formats.native import read_native, write_native

    Phrases(SENTENCES).save(tmp_path / "phrases")
    arrays, metadata = read_native(tmp_path / "phrases")
    metadata["parameters"] = metadata["parameters"].replace('"default"', '"os:system"')
    write_native(tmp_path / "phrases", arrays, metadata)
    with pytest.raises(ValueError, match="os:system"):
        Phrases.load(tmp_path / "phrases")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("counts", np.zeros(2, np.int64)),
        ("firsts", np.zeros(3, np.int32)),
        ("firsts", np.full(99, 10**6, np.int32)),
        ("middles", np.full(99, 7, np.int32)),
        ("pair_counts", np.zeros(99, np.int64)),
        ("middle.last", np.array([0, 99], np.int32)),
        ("middle.shorter", np.array([0, 1], np.int32)),
        ("middle.shorter", np.zeros(0, np.int32)),
    ],
)
def test_damaged_files_are_refused(tmp_path, name, wrong):
    from fastemb.formats.native import read_native, write_native

    Phrases(SENTENCES, connector_words={"of"}).save(tmp_path / "phrases")
    arrays, metadata = read_native(tmp_path / "phrases")
    arrays[name] = wrong[: len(arrays[name])] if len(wrong) == 99 else wrong
    write_native(tmp_path / "phrases", arrays, metadata)
    with pytest.raises(ValueError, match="phrases"):
        Phrases.load(tmp_path / "phrases")


@pytest.mark.parametrize("wrong", [{"min_count": float("nan")}, {"threshold": float("nan")}, {"min_count": 1e999}])
def test_files_of_parameters_that_cannot_be_are_refused(tmp_path, wrong):
    from fastemb.formats.native import read_native, write_native

    Phrases(SENTENCES).save(tmp_path / "phrases")
    arrays, metadata = read_native(tmp_path / "phrases")
    metadata["parameters"] = json.dumps(json.loads(metadata["parameters"]) | wrong)
    write_native(tmp_path / "phrases", arrays, metadata)
    with pytest.raises(ValueError, match=r"phrases: damaged \(TypeError\('(min_count|threshold)=(nan|inf)"):
        Phrases.load(tmp_path / "phrases")


def test_other_files_are_refused(tmp_path):
    Word2Vec([["a", "b"]], min_count=1, vector_size=2).save(tmp_path / "model")
    with pytest.raises(ValueError, match="Word2Vec"):
        Phrases.load(tmp_path / "model")
    (tmp_path / "text").write_text("a b c\n" * 9)
    with pytest.raises(ValueError, match="text"):
        FrozenPhrases.load(tmp_path / "text")


def test_files_of_gensim_are_read(tmp_path):
    gensim = pytest.importorskip("gensim.models.phrases")
    for seed in range(12):
        sentences, parameters = drawn(seed)
        theirs = gensim.Phrases(sentences, **parameters)
        for kind, made in ((Phrases, theirs), (FrozenPhrases, theirs.freeze())):
            made.save(str(tmp_path / "phrases"))
            ours = kind.load(tmp_path / "phrases")
            assert type(ours) is kind
            assert list(ours[sentences]) == list(made[sentences])
        same(Phrases.load(saved(theirs, tmp_path)), theirs, sentences)


def saved(made, folder):
    made.save(str(folder / "phrases"))
    return folder / "phrases"


@pytest.mark.parametrize(
    "name",
    ["phrases-3.6.0.model", "phraser-3.6.0.model", "phrases-no-scoring.pkl", "phraser-scoring-str.pkl",
     "phrases-no-common-terms.pkl", "phraser-no-common-terms.pkl"],
)  # fmt: skip
def test_old_files_of_gensim_are_read(name):
    utils = pytest.importorskip("gensim.test.utils")
    ours = Phrases.load(utils.datapath(name))
    assert type(ours) is (Phrases if name.startswith("phrases") else FrozenPhrases)
    assert ours[["trees", "graph", "minors"]] == ["trees", "graph_minors"]
    assert (ours.connector_words, ours.scoring) == (frozenset(), original_scorer)


def test_pickles_of_others_are_refused(tmp_path):
    (tmp_path / "other").write_bytes(pickle.dumps(Counter("abc"), 4))
    with pytest.raises(ValueError, match="other"):
        Phrases.load(tmp_path / "other")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"min_count": 0}, ValueError),
        ({"threshold": 0}, ValueError),
        ({"threshold": 2, "scoring": "npmi"}, ValueError),
        ({"threshold": 10**400}, ValueError),
        ({"min_count": float("inf")}, ValueError),
        ({"threshold": float("nan")}, ValueError),
        ({"scoring": "mine"}, ValueError),
        ({"scoring": 5}, TypeError),
        ({"scoring": lambda worda_count: 1}, ValueError),
        ({"scoring": lambda worda_count, wordb_count, bigram_count, len_vocab, min_count, corpus_word_count: 1},
         pickle.PickleError),
        ({"delimiter": ""}, ValueError),
        ({"delimiter": b"_"}, ValueError),
        ({"max_vocab_size": 0}, ValueError),
        ({"sentences": [["a", 5]]}, TypeError),
        ({"sentences": [["a", None]]}, TypeError),
        ({"sentences": "text.txt"}, TypeError),
        ({"sentences": [b"a b"]}, TypeError),
        ({"sentences": SENTENCES, "corpus_file": "x"}, TypeError),
        ({"corpus_file": "not there.txt"}, FileNotFoundError),
    ],
)  # fmt: skip
def test_bad_input_is_refused(wrong, error):
    with pytest.raises(error):
        Phrases(**wrong)


def test_words_that_are_no_str_are_named():
    with pytest.raises(TypeError, match=r"str, not int \(7\)"):
        Phrases([["a", 7]])
    ours = Phrases(SENTENCES)
    with pytest.raises(TypeError, match=r"word 1 .* not int \(7\)"):
        _ = ours[["a", 7]]


def test_a_long_document_of_connectors_is_no_trouble():
    words = ["a", *["of"] * 300_000, "b", *["of"] * 1000]
    ours = Phrases([words, words], min_count=1, threshold=0.1, connector_words={"of"})
    assert len(ours.vocab) == 3
    assert len(ours[words]) == 1001
    assert ours.vocab["_".join(words[:300_002])] == 2
    assert list(map(len, ours.freeze()[[words]])) == [1001]


def test_no_phrase_is_as_frequent_as_a_vast_min_count():
    for scoring, threshold in (("default", 1), ("npmi", 0.5)):
        phrases = Phrases([["new", "york"]] * 9, min_count=2**70, scoring=scoring, threshold=threshold)
        assert phrases.find_phrases([["new", "york"]]) == {}


def test_scores_that_are_changed_count(tmp_path):
    sentence = ["in", "new", "york"]
    frozen = Phrases([sentence, ["in", "new"], ["new", "york"]] * 20, min_count=1, threshold=0.01).freeze()
    assert frozen[sentence] == ["in_new", "york"]

    def joined():
        assert frozen[sentence] == [text for text, _ in frozen.analyze_sentence(sentence)]
        assert frozen[sentence] == pickle.loads(pickle.dumps(frozen))[sentence]
        return frozen[sentence]

    frozen.phrasegrams["in_new"] = 0.0
    assert joined() == ["in", "new_york"]
    del frozen.phrasegrams["new_york"]
    frozen.phrasegrams |= {"york_city": 1.0}  # as many as before
    assert joined() == sentence
    frozen.phrasegrams.update({"in_new": 1.0})
    assert joined() == ["in_new", "york"]
    frozen.phrasegrams = {"new_york": 1.0}
    assert joined() == ["in", "new_york"]


def test_words_that_were_forgotten_are_in_no_pair():
    draw = random.Random(2)
    rare = [[f"r{draw.randint(0, 400)}", "x", "y"] for _ in range(3000)]
    options = {"max_vocab_size": 300, "min_count": 1, "threshold": 0.01}
    for first in ([], [["first", "second"]] * 50):
        made = Phrases(first, **options)
        made.add_vocab(rare)
        counts = dict(made.vocab)
        assert len(counts) == len(made.vocab) <= 300
        assert counts["x_y"] == 3000
        real = Counter("_".join(pair) for sentence in (*first, *rare) for pair in pairwise(sentence))
        assert all(counts[text] <= real[text] for text in counts if "_" in text)


@pytest.mark.parametrize("connectors", [(), ("w0", "w1")])
def test_sentences_that_are_added_go_into_the_table_that_is_there(connectors):
    draw = random.Random(1)
    sentences = [[f"w{draw.randint(0, 60)}" for _ in range(9)] for _ in range(300)]
    options = {"min_count": 1, "threshold": 1, "connector_words": connectors}
    whole, grown = Phrases(sentences, **options), Phrases(sentences[:100], **options)
    grown.add_vocab(sentences[100:101])
    table, words = grown._counts.tables[0], grown._counts.words
    for begin in range(101, 300, 50):
        grown.add_vocab(sentences[begin : begin + 50])
        assert grown._counts.tables == [table]
        assert grown._counts.words is words
    for made in (grown, copy.deepcopy(grown)):
        assert dict(made.vocab) == dict(whole.vocab)
        assert made.export_phrases() == whole.export_phrases()
        assert made.corpus_word_count == 2700
    assert [grown[sentence] for sentence in sentences] == [whole[sentence] for sentence in sentences]


def test_pairs_that_are_too_many_are_not_added():
    made = Phrases([["a", "b"], ["b", "c"]], min_count=1, threshold=1)
    made.add_vocab([["c", "d"]])
    most = np.array([2**32 - 1], np.int64)
    key = [np.array([made._counts.index[word]], np.int32) for word in "ab"]
    made._counts.tables[0].add(key[0], np.zeros(1, np.int32), key[1], most - 1)
    before = dict(made.vocab)
    with pytest.raises(OverflowError, match="4,294,967,295"):
        made.add_vocab([["b", "c"], ["a", "b"], ["new", "a"]])
    assert dict(made.vocab) == before
    assert made.corpus_word_count == 6


@pytest.mark.parametrize("again", [None, pickle, Phrases], ids=["as it is", "pickled", "saved"])
def test_other_connector_words_leave_what_was_counted(again, tmp_path):
    """A pair may be none by them, and a word one of them; both keep their counts, as in gensim."""
    phrases = Phrases([["a", "b", "c"], ["b", "a"], ["a", "b"]] * 5, min_count=1, threshold=0.1)
    counted = {"a": 15, "a_b": 10, "b": 15, "b_a": 5, "b_c": 5, "c": 5}
    phrases.connector_words = ["b"]
    if again is pickle:
        phrases = pickle.loads(pickle.dumps(phrases))
    elif again is not None:
        phrases.save(tmp_path / "phrases")
        phrases = Phrases.load(tmp_path / "phrases")
    assert phrases.connector_words == {"b"}
    assert dict(phrases.vocab) == counted
    assert {text: phrases.vocab[text] for text in counted} == counted
    assert len(phrases.vocab) == 6
    phrases.add_vocab([["a", "b", "c"], ["b", "a"], ["a", "b"]] * 5)
    assert dict(phrases.vocab) == counted | {"a": 30, "c": 10, "a_b_c": 5}
