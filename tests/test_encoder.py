"""Encoders: tokens against the `tokenizers` library, means against NumPy, folders, and what is refused."""

import gzip
import json
import os
import pickle
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastemb import Encoder, FastText, KeyedVectors, load_vectors
from fastemb.encoder import folders, training
from fastemb.encoder.kin import with_kin
from fastemb.encoder.scores import correlation, read_pairs
from fastemb.encoder.tokenizing import Tokenizing
from fastemb.encoder.training import Texts, trained_tokenizer
from fastemb.kernels.text.unicode import tables

SHARED = Path(__file__).parents[2] / "shared"
WORDS = [
    "the",
    "cat",
    "un",
    "##aff",
    "##able",
    "##a",
    "straße",
    "é",
    "e",
    "u",
    "你",
    "##好",
    "α",
    "##1",
    "2",
    ".",
    "[",
    "a",
    "##b",
]
SPECIAL = ["[PAD]", "[UNK]", "[MASK]"]
SPACES = "\u00a0\u2028\u3000\t\r"
TEXTS = [
    *(
        "",
        " ",
        "The CAT, unaffable!",
        "Straße é É ÉCOLE\u0301",
        "你好世界",
        "a[MASK]b [UNK]x",
        "x\0y\ufffdz\u200b",
        SPACES,
    ),
    *(
        "İstanbul ǅ ẞ ﬁ",
        "ab" * 60,
        "a" + "\u0301" * 99,
        "한국어 각",
        "x\u302e\u1b44\u302ey",
        "\U0001d160\u302e",
        "_a_1 a.b",
        "ΑΣ",
    ),
]


def spec(kind="WordPiece", normalizer=None, cut="BertPreTokenizer", **model):
    """The text of a tokenizer.json."""
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    added = [{"id": k, "content": token, "special": True, **flags} for k, token in enumerate(SPECIAL)]
    said = {"type": kind, "unk_token": "[UNK]", "vocab": {token: k for k, token in enumerate([*SPECIAL, *WORDS])}}
    if kind == "WordPiece":
        said |= {"continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
    return json.dumps(
        {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": normalizer,
            "pre_tokenizer": {"type": cut}, "post_processor": None, "decoder": None, "model": said | model,
        }
    )  # fmt: skip


def bert(clean=True, chinese=True, strip=None, lower=True):
    names = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")
    return {"type": "BertNormalizer", **dict(zip(names, (clean, chinese, strip, lower), strict=True))}


SPECS = {
    "uncased": spec(normalizer=bert()),
    "cased": spec(normalizer=bert(lower=False)),
    "strip only": spec(normalizer=bert(False, False, True, False)),
    "lower only": spec(normalizer={"type": "Lowercase"}),
    "words": spec("WordLevel", bert(strip=False), "Whitespace"),
    "blanks": spec("WordLevel", None, "WhitespaceSplit"),
    "short words": spec(normalizer=bert(), max_input_chars_per_word=3),
}


COUNT = len(WORDS) + len(SPECIAL)


def vectors(count=COUNT, size=7):
    return np.random.default_rng(3).standard_normal((count, size)).astype(np.float32)


def some(**parameters):
    return Encoder(vectors(), SPECS["uncased"], **parameters)


def split(ids, starts):
    return [ids[begin:end].tolist() for begin, end in pairwise(starts.tolist())]


def agree(name, texts):
    """Whether the kernel and the library find the same tokens."""
    tokenizers = pytest.importorskip("tokenizers")
    ours = Tokenizing(SPECS[name])
    assert ours.native is not None
    theirs = tokenizers.Tokenizer.from_str(SPECS[name]).encode_batch(texts, add_special_tokens=False)
    assert split(*ours.ids(texts)) == [found.ids for found in theirs]


@pytest.mark.parametrize("name", SPECS)
def test_tokens_are_those_of_the_library(name):
    agree(name, TEXTS)


@pytest.mark.parametrize("name", SPECS)
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=20))
def test_tokens_of_any_text_are_those_of_the_library(name, texts):
    agree(name, texts)


def test_every_character_is_what_it_is_to_the_library():
    tokenizers = pytest.importorskip("tokenizers")
    numbers, pages, starts, codes = tables()
    records = pages[numbers].reshape(-1)
    everything = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    records = records[[ord(character) for character in everything]]
    for shift, options in ((8, (False, False, True, False)), (20, (False, False, False, True))):
        normalizer = tokenizers.normalizers.BertNormalizer(*options)
        for character, record in zip(everything, records.tolist(), strict=True):
            number = record >> shift & 0xFFF
            if number and not (shift == 8 and record & 64):
                found = "".join(chr(code) for code in codes[starts[number] : starts[number + 1]] if code)
                assert normalizer.normalize_str(character) == found, hex(ord(character))


@pytest.mark.parametrize(
    "name", ["corpora/wiki-de-10mb.txt.xz", "corpora/zh-10mb.txt.xz", "labelled/20news.test.txt.xz"]
)
def test_tokens_of_real_text_are_those_of_the_library(name):
    import lzma

    if not (SHARED / name).is_file():
        pytest.skip(f"shared/{name} is not there")
    with lzma.open(SHARED / name, "rt", encoding="utf-8", errors="replace") as file:
        lines = [file.readline().rstrip("\n") for _ in range(300)]
    for kind in ("uncased", "words"):
        agree(kind, lines)


def test_means_are_those_of_numpy():
    encoder, texts = some(), [*TEXTS, "the cat " * 9000]
    for text, found in zip(texts, encoder.encode(texts), strict=True):
        (ids,) = split(*encoder._tokenizing.ids([text]))
        rows = encoder.vectors[[id for id in ids if id != 1]].astype(float)
        mean = rows.mean(axis=0) if len(rows) else np.zeros(7)
        np.testing.assert_allclose(found, mean / max(np.linalg.norm(mean), 1e-12), atol=5e-6)
    plain = some(normalize=False, drop_unknown=False)
    (ids,) = split(*plain._tokenizing.ids(["the zzz cat"]))
    np.testing.assert_allclose(plain.encode("the zzz cat"), plain.vectors[ids].mean(axis=0), atol=1e-6)


def test_threads_batches_and_iterators_change_nothing():
    encoder, texts = some(), ["the unaffable cat, é 你 " * 40] * 3000
    wanted = encoder.encode(texts, workers=1)
    np.testing.assert_array_equal(encoder.encode(texts, workers=3), wanted)
    np.testing.assert_array_equal(encoder.encode(iter(texts), batch=701, workers=2), wanted)
    assert encoder.encode([]).shape == (0, 7)
    assert encoder.encode([], batch=3).shape == (0, 7)
    assert encoder.tokenize(["unaffable x"]) == [["un", "##aff", "##able", "[UNK]"]]


def test_texts_are_cut_where_the_folder_says_so(tmp_path):
    some().save(tmp_path / "all")
    config = json.loads((tmp_path / "all" / "config.json").read_text())
    assert config["max_length"] is None
    text = "the cat " * 400
    for said, most in (({"max_length": 3}, 3), ({}, 512)):
        del config["max_length"]
        config |= said
        (tmp_path / "all" / "config.json").write_text(json.dumps(config))
        encoder = Encoder.load(tmp_path / "all")
        assert encoder.max_length == most
        characters = most * int(np.median([len(token) for token in encoder.tokens]))
        ids = encoder._tokenizing.ids([text[:characters]])[0][:most]
        mean = encoder.vectors[ids[ids != 1]].mean(axis=0)
        np.testing.assert_allclose(encoder.encode(text), mean / np.linalg.norm(mean), atol=1e-6)
        config["max_length"] = 1
    assert Encoder.load(tmp_path / "all", max_length=None).max_length is None


@pytest.mark.parametrize("end", ["Right", "Left"])
def test_a_truncation_of_the_tokenizer_is_the_length_that_can_be_set(tmp_path, end):
    said = json.loads(SPECS["uncased"]) | {
        "truncation": {"direction": end, "max_length": 3, "strategy": "OnlyFirst", "stride": 0}
    }
    some(drop_unknown=False).save(tmp_path / "it")
    (tmp_path / "it" / "tokenizer.json").write_text(json.dumps(said), encoding="utf-8")
    text = "the cat e 2 straße u"

    def mean(encoder, most, end="Right"):
        ids = encoder._tokenizing.ids([text])[0]
        assert len(ids) > 5
        found = encoder.vectors[ids[len(ids) - most :] if end == "Left" else ids[:most]].mean(axis=0)
        return pytest.approx(found / np.linalg.norm(found), abs=1e-6)

    encoder = Encoder.load(tmp_path / "it")
    assert encoder.max_length == 3
    assert encoder.encode(text) == mean(encoder, 3, end)
    encoder.save(tmp_path / "again")
    assert json.loads((tmp_path / "again" / "tokenizer.json").read_text(encoding="utf-8")) == said
    assert f"| the {'last' if end == 'Left' else 'first'} 3 |" in (tmp_path / "again" / "README.md").read_text()
    for other in (Encoder.load(tmp_path / "again"), encoder.truncate(5), encoder.learn(TEXTS, np.eye(len(TEXTS), 7))):
        assert other.encode(text) == mean(other, 3, end)
    for most in (2, None):
        encoder = Encoder.load(tmp_path / "it")
        encoder.max_length = most
        encoder.save(tmp_path / "again")
        for other in (encoder, Encoder.load(tmp_path / "again"), Encoder.load(tmp_path / "it", max_length=most)):
            assert other.max_length == most
            assert other.encode(text) == mean(other, most or 100)
    encoder = Encoder.load(tmp_path / "it")
    encoder.drop_unknown = True
    if end == "Left":
        with pytest.raises(ValueError, match="drop_unknown=False"):
            encoder.save(tmp_path / "third")
        assert not (tmp_path / "third").exists()
    else:
        encoder.save(tmp_path / "third")


@pytest.mark.parametrize("drop_unknown", [True, False])
def test_vast_lengths_are_all_tokens(tmp_path, drop_unknown):
    """transformers writes 10³⁰ where there is no limit."""
    encoder = some(drop_unknown=drop_unknown, max_length=2**31)
    encoder.save(tmp_path / "all")
    np.testing.assert_array_equal(Encoder.load(tmp_path / "all").encode(TEXTS), encoder.encode(TEXTS))
    path = tmp_path / "all" / ("config.json" if drop_unknown else "tokenizer.json")
    text = path.read_text(encoding="utf-8")
    assert str(2**31) in text
    path.write_text(text.replace(str(2**31), str(10**30)), encoding="utf-8")
    np.testing.assert_array_equal(Encoder.load(tmp_path / "all").encode(TEXTS), encoder.encode(TEXTS))


def test_folders_come_back(tmp_path):
    encoder = some()
    encoder.about["corpus"] = "a | b"
    encoder.save(tmp_path / "it", scores={"pairs": 0.5})
    again = Encoder.load(tmp_path / "it")
    np.testing.assert_array_equal(again.vectors, encoder.vectors)
    assert (again.about, again.tokens, again.normalize) == (encoder.about, encoder.tokens, True)
    assert "| score: pairs | 0.5000 |" in (tmp_path / "it" / "README.md").read_text(encoding="utf-8")
    np.testing.assert_array_equal(Encoder.load(tmp_path / "it", dimensions=3).vectors, encoder.vectors[:, :3])
    for dtype, close in (("float16", 1e-3), ("int8", 2e-2)):
        encoder.save(tmp_path / "it", dtype=dtype)  # in its place
        np.testing.assert_allclose(Encoder.load(tmp_path / "it").encode(TEXTS), encoder.encode(TEXTS), atol=close)
    long = Encoder(encoder.vectors * np.float32([[1e4]] * 5 + [[1]] * (COUNT - 5)), SPECS["uncased"], normalize=False)
    for drop_unknown in (True, False):  # each vector has a scale of its own
        long.drop_unknown = drop_unknown
        long.save(tmp_path / "it", dtype="int8")
        found = Encoder.load(tmp_path / "it")
        most = np.abs(long.vectors).max(axis=1, keepdims=True)
        assert found.drop_unknown is drop_unknown
        assert (np.abs(found.vectors - long.vectors) <= 0.504 / 127 * most).all()
    some(drop_unknown=False, normalize=False).save(tmp_path / "other")
    assert not (tmp_path / "other" / "config.json").exists()
    assert (Encoder.load(tmp_path / "other").drop_unknown, Encoder.load(tmp_path / "other").normalize) == (False, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["it", "other"]
    for drop_unknown in (True, False):
        short = some(drop_unknown=drop_unknown, max_length=4)
        short.save(tmp_path / "it")
        assert (
            json.loads((tmp_path / "it" / "tokenizer.json").read_text(encoding="utf-8"))["truncation"]["max_length"]
            == 4
        )
        text = "the cat e 2 straße zzz u u u u u"
        np.testing.assert_array_equal(Encoder.load(tmp_path / "it").encode(text), short.encode(text))


@pytest.mark.parametrize("exchanges", [True, False])
def test_a_folder_is_replaced_in_one_step_where_the_system_can(tmp_path, monkeypatch, exchanges):
    some().save(tmp_path / "it")
    moved, rename = [], os.rename
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    able = folders.exchanged(str(tmp_path / "one"), str(tmp_path / "other"))  # not on every system, nor every disk
    for name in ("one", "other"):
        (tmp_path / name).rmdir()
    monkeypatch.setattr(os, "rename", lambda one, other: (moved.append(other), rename(one, other)))
    if not exchanges:
        monkeypatch.setattr(folders, "exchanged", lambda one, other: False)
    some(max_length=4).save(tmp_path / "it")
    assert Encoder.load(tmp_path / "it").max_length == 4
    assert [path.name for path in tmp_path.iterdir()] == ["it"]
    assert len(moved) == (0 if exchanges and able else 2)  # between two, a kill would leave neither


def test_reduced_vocabularies_are_unfolded(tmp_path):
    some().save(tmp_path / "it")
    draw = np.random.default_rng(0)
    arrays = {"embeddings": vectors(4), "mapping": draw.integers(0, 4, COUNT), "weights": draw.random(COUNT)}
    folders.native.write_native(tmp_path / "it" / "model.safetensors", arrays, {})
    wanted = arrays["embeddings"][arrays["mapping"]] * arrays["weights"][:, np.newaxis]
    np.testing.assert_allclose(Encoder.load(tmp_path / "it").vectors, wanted, rtol=1e-6)


def test_a_tokenizer_is_made_of_long_texts_in_pieces(monkeypatch):
    """The library takes 60 bytes for each character of a text, and ends the process where they are not there."""
    pytest.importorskip("tokenizers")
    texts, long = ["the cat sat on the mat", "the dog, the cat"], "x" * 101
    wanted = trained_tokenizer(Texts(texts), 1, 20, True)
    monkeypatch.setattr(training, "PIECE", 8)
    assert list(training.in_pieces([texts[0], "", "y" * 9])) == ["the cat ", "sat on ", "the mat", "", "y" * 8, "y"]
    assert trained_tokenizer(Texts([*texts, " ".join(texts)] * 2), 2, 20, True) == trained_tokenizer(
        Texts([*texts, *texts] * 2), 2, 20, True
    )
    assert trained_tokenizer(Texts(texts), 1, 20, True) == wanted
    monkeypatch.undo()
    assert long not in json.loads(trained_tokenizer(Texts([long, *texts]), 1, 20, True))["model"]["vocab"]


def test_kin_lend_each_other_their_vectors():
    draw = np.random.default_rng(2)
    starts = ["", *"abü", "ab", "aba", "abab", "baüba", "x", "xyxyx", "你"]
    made = {str(draw.choice(starts)) + "".join(draw.choice(list("abü"), draw.integers(1, 8))) for _ in range(2500)}
    words = sorted(made | {"##aba", "aba's", "aba1", "a", "ab"})
    draw.shuffle(words)
    units = draw.standard_normal((len(words), 6)).astype(np.float32)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    counts = draw.integers(1, 99, len(words)).astype(float)
    wanted, some_kin = units.astype(float), 0
    for row, word in enumerate(words):
        mean, total = np.zeros(6), 0.0
        for other, their in enumerate(words):
            longer = max(len(word), len(their))
            shared = max(3, longer - 3, int(np.ceil(0.6 * longer - 1e-9)))
            same = len(their[:shared]) == shared and their[:shared] == word[:shared]
            if same and (word + their).isalpha() and other != row and units[row] @ units[other] > 0.3:
                mean, total = mean + counts[other] * units[other], total + counts[other]
        wanted[row] += 0.5 * mean / max(total, 1)
        some_kin += total > 0
    assert 200 < some_kin < len(words) - 200
    np.testing.assert_allclose(with_kin(units, words, counts, 0.5, 0.3), wanted, atol=1e-6)
    np.testing.assert_array_equal(with_kin(units[:1], ["word"], counts[:1], 0.5), units[:1])


def test_kin_that_were_never_counted():
    units = np.float32([[1, 0], [0.6, 0.8], [0.8, 0.6], [0.8, -0.6]])
    found = with_kin(units, ["walk", "walks", "walked", "walker"], np.zeros(4), 0.5, 0.2)
    np.testing.assert_allclose(found[0], units[0] + 0.5 * units[1:].mean(0), atol=1e-6)
    found = with_kin(units, ["walk", "walks", "walked", "walker"], np.array([0, 5, 0, 0.0]), 0.5, 0.2)
    np.testing.assert_allclose(found[0], units[0] + 0.5 * units[1], atol=1e-6)  # those that were count alone


@pytest.mark.parametrize(
    ("words", "kin"),
    [
        (["walk", "walks"], True),
        (["\u2581walk", "\u2581walks"], True),
        (["\u0120walk", "\u0120walks"], True),
        (["\u2581walk", "walks"], False),
        (["\u0120walk", "\u2581walks"], False),
        (["\u2581ab", "\u2581abc"], False),  # the mark is no letter
        (["\u0120ab", "\u0120abc"], False),
        (["\u2581abc", "\u2581abcd"], True),
        (["\u2581" * 2 + "walk", "\u2581" * 2 + "walks"], False),
        (["\u0932\u0921\u093c\u0915\u093e", "\u0932\u0921\u093c\u0915\u0947"], True),  # boy and boys in Hindi
        (["e\u0301tait", "e\u0301taient"], True),
        (["\u0301abc", "\u0301abcd"], False),
        (["\u2581", "\u2581\u2581"], False),
    ],
)
def test_which_words_may_be_kin(words, kin):
    units = np.float32([[1, 0], [0.6, 0.8]])
    assert (with_kin(units, words, np.ones(2), 0.5) != units).any() == kin


def test_encoders_have_kin():
    words = ["walk", "walks", "tree", "7th"]
    rows = np.float32([[1, 0], [0.6, 0.8], [0, 3], [2, 0]])
    wv = KeyedVectors.from_arrays(words, rows, {"count": np.array([4, 3, 2, 1])})
    encoder = Encoder.from_keyed_vectors(wv, a=None, kin=0.5)
    np.testing.assert_allclose(encoder.vectors[2:], [[1.3, 0.4], [1.1, 0.8], [0, 1], [1, 0]], atol=1e-6)
    for bad in (-1, np.nan):
        with pytest.raises(ValueError, match="kin must"):
            Encoder.from_keyed_vectors(wv, kin=bad)
        with pytest.raises(ValueError, match="kin must"):
            Encoder.from_corpus(["a b"], kin=bad)


def test_counts_that_were_made_up_are_not_taken(tmp_path, caplog):
    """As of vectors that were read from text: by texts, or else by Zipf's law."""
    words = [f"w{k}" for k in range(30)]
    counts = (1e6 / np.arange(1, 31)).astype(np.int64)
    counted = KeyedVectors.from_arrays(words, vectors(30), {"count": counts})
    counted.save_word2vec_format(tmp_path / "vectors.txt")
    read = load_vectors(tmp_path / "vectors.txt")
    found = Encoder.from_keyed_vectors(read)
    assert "read without counts of words" in caplog.text
    np.testing.assert_allclose(found.vectors, Encoder.from_keyed_vectors(counted).vectors, rtol=1e-4)
    caplog.clear()
    texts = ["w5 w5 w7 [PAD] other", "w5 w0"]
    true = KeyedVectors.from_arrays(words, vectors(30), {"count": np.bincount([5, 5, 7, 5, 0], minlength=30)})
    wanted = Encoder.from_keyed_vectors(true).vectors
    none = KeyedVectors.from_arrays(words, vectors(30))
    for wv in (read, none):
        np.testing.assert_allclose(Encoder.from_keyed_vectors(wv, texts=texts).vectors, wanted, rtol=1e-6)
    without = Encoder.from_keyed_vectors(none).vectors[2:]
    np.testing.assert_allclose(np.linalg.norm(without, axis=1), 1, rtol=1e-6)
    equal = Encoder.from_keyed_vectors(read, a=None).vectors[2:]
    np.testing.assert_allclose(np.linalg.norm(equal, axis=1), 1, rtol=1e-6)
    assert not caplog.text


def test_from_vectors_of_words():
    words = ["cat", "dog", "new_york", "über", "x"]
    wv = KeyedVectors.from_arrays(words, vectors(5), {"count": np.array([50, 30, 20, 9, 1])})
    encoder = Encoder.from_keyed_vectors(wv, a=1e-3)
    assert encoder.tokens == ["[PAD]", "[UNK]", "cat", "dog", "über", "x"]  # the other is cut
    units = vectors(5) / np.linalg.norm(vectors(5), axis=1, keepdims=True)
    mean = units[0] * 1e-3 / (1e-3 + 50 / 90) + units[3] * 1e-3 / (1e-3 + 9 / 90)
    np.testing.assert_allclose(encoder.encode("Cat; ÜBER zebra?"), mean / np.linalg.norm(mean), atol=1e-6)
    texts = ["cat dog", "dog x", "über cat x", "x dog über"]
    without = Encoder.from_keyed_vectors(wv, texts=texts, components=1, normalize=False)
    means = Encoder.from_keyed_vectors(wv, normalize=False).encode(texts).astype(float)
    common = np.linalg.svd(means)[2][0]
    np.testing.assert_allclose(without.encode(texts), means - np.outer(means @ common, common), atol=1e-6)
    np.testing.assert_allclose(
        Encoder.from_keyed_vectors(wv, normalize=False).remove_common(texts, 1).vectors, without.vectors, atol=1e-6
    )
    with pytest.raises(ValueError, match="no word of these vectors"):
        Encoder.from_keyed_vectors(KeyedVectors.from_arrays(["a b", "c-d"], vectors(2)))
    with pytest.raises(ValueError, match="give some"):
        Encoder.from_keyed_vectors(wv, components=1)


def test_components_that_texts_have_not_are_refused():
    """Of two texts a third component would be any direction, and what was in it would be lost."""
    wv = KeyedVectors.from_arrays(["cat", "dog", "tree"], vectors(3))
    encoder = Encoder.from_keyed_vectors(wv)
    assert encoder.remove_common(["cat dog", "tree"], 2).about["components_removed"] == 2
    for texts, there in ([], 0), (["", "zebra"], 0), (["cat dog", "tree", "cat dog"], 2):
        with pytest.raises(ValueError, match=f"3 components are wanted of texts that have {there}: give more"):
            encoder.remove_common(texts)
    with pytest.raises(ValueError, match="1 components are wanted of texts that have 0"):
        Encoder.from_keyed_vectors(wv, texts=["zebra"], components=1)


def test_words_that_have_n_grams_alone():
    model = FastText([["walking", "tree"], ["walked", "trees"]] * 9, vector_size=6, min_count=1, epochs=1, bucket=500)
    encoder = Encoder.from_keyed_vectors(model, words=["walks", "tree", "walks", "two words"], normalize=False)
    assert encoder.tokens[2:] == [*model.wv.index_to_key, "walks"]
    unit = model.wv["walks"] / np.linalg.norm(model.wv["walks"])
    np.testing.assert_allclose(encoder.encode("Walks!"), unit, atol=1e-6)
    np.testing.assert_array_equal(encoder.vectors[:-1], Encoder.from_keyed_vectors(model).vectors)
    for words, message in (
        ("walks", r"words must be several words, not one str: put it into a list, \[word\]"),
        (["walks", 1], "word 1 of words must be a str, not int"),
    ):
        with pytest.raises(TypeError, match=message):
            Encoder.from_keyed_vectors(model, words=words)
    with pytest.raises(TypeError, match="texts must be several texts"):
        Encoder.from_keyed_vectors(model, texts="walks", components=1)
    folded = Encoder.from_keyed_vectors(model, words=["Walks", "Tree", "walks"], normalize=False)
    assert folded.tokens == encoder.tokens
    np.testing.assert_array_equal(folded.encode(["Walking", "wALKs"]), encoder.encode(["walking", "walks"]))
    with pytest.raises(KeyError, match="walks"):
        Encoder.from_keyed_vectors(KeyedVectors.from_arrays(["tree"], vectors(1)), words=["walks"])


def planted(count=600, seed=0):
    """Texts of two kinds, which share only frequent words."""
    draw = np.random.default_rng(seed)
    kinds = [[f"fruit{k}ness" for k in "abcdefgh"], [f"metal{k}work" for k in "abcdefgh"]]
    return [" ".join(["the", *draw.choice(kinds[k % 2], 7), "of"]) for k in range(count)]


def test_from_a_corpus(tmp_path):
    pytest.importorskip("tokenizers")
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(planted()), encoding="utf-8")
    options = {"vector_size": 16, "epochs": 20, "pieces": 60, "workers": 1, "components": 1}
    encoder = Encoder.from_corpus(path, **options)
    np.testing.assert_array_equal(Encoder.from_corpus(iter(planted()), **options).vectors, encoder.vectors)
    found = encoder.encode(planted(40, seed=1))
    similar = found @ found.T
    same = np.arange(40)[:, np.newaxis] % 2 == np.arange(40) % 2
    assert similar[same].mean() > similar[~same].mean() + 0.5
    assert "[UNK]" not in encoder.tokenize(["fruitaework"])[0]  # cut into pieces
    assert not encoder.vectors[encoder.tokens.index("[UNK]")].any()
    with pytest.raises(ValueError, match="no word that occurs 5 times"):
        Encoder.from_corpus(["once only"])
    with pytest.raises(TypeError, match="corpus must be"):
        Encoder.from_corpus(5)


def test_tokenizers_of_a_corpus_are_the_same_each_time():
    pytest.importorskip("tokenizers")
    draw = np.random.default_rng(0)
    words = ["".join(draw.choice(list("abcdefgh"), draw.integers(2, 8))) for _ in range(1000)]
    made = [trained_tokenizer(Texts(words), 1, 200, True) for _ in range(4)]
    assert made[1:] == made[:1] * 3
    said = json.loads(made[0])
    assert [token["content"] for token in said["added_tokens"]] == ["[PAD]", "[UNK]"]
    assert {"##a", "##h", "b"} <= set(said["model"]["vocab"])


def test_learning_from_a_teacher():
    draw = np.random.default_rng(1)
    texts = [" ".join(draw.choice(["the", "cat", "e", "2", "a", "u"], 5)) for _ in range(400)]
    teacher = Encoder(vectors(size=12), SPECS["uncased"], normalize=False)
    start = Encoder(
        np.random.default_rng(7).standard_normal((len(teacher.tokens), 12)), SPECS["uncased"], normalize=False
    )
    learnt = start.learn(texts, teacher.encode, ridge=1e-6)
    wanted, found = teacher.encode(texts), learnt.encode(texts)
    np.testing.assert_allclose(found @ found.T, wanted @ wanted.T, atol=2e-3)
    assert start.learn(texts, teacher.encode(texts), dimensions=3).vector_size == 3
    with pytest.raises(ValueError, match="400 texts have vectors"):
        start.learn(texts, np.zeros((3, 4)))
    with pytest.raises(ValueError, match="no text has a token"):
        start.learn(["", "zzz"], np.zeros((2, 4)))


def test_pairs(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("5\tthe cat\tthe cat\n0\tthe\tstraße\n3\tthe cat\tthe\n", encoding="utf-8")
    assert -1 <= correlation(some(), *read_pairs(path)) <= 1
    path.write_text("5\tthe cat\tthe cat\nx\ta\tb\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"pairs\.tsv, line 2: not a score"):
        read_pairs(path)
    wanted = [1.0, 2.0], ["a b", "c", "d", "e\u2028"]
    text = "1\ta b\tc\r\n2\td\te\u2028\r\n".encode()
    for name, data in (
        ("pairs.tsv", text),
        ("mark.tsv", b"\xef\xbb\xbf" + text),
        ("pairs.tsv.gz", gzip.compress(text)),
    ):
        (tmp_path / name).write_bytes(data)
        assert read_pairs(tmp_path / name) == wanted
    path.write_bytes(text + b"3\t\xff\tx\n")
    with pytest.raises(ValueError, match=r"pairs\.tsv, line 3: not utf-8"):
        read_pairs(path)


def test_what_is_no_text_is_refused():
    encoder = some()
    with pytest.raises(TypeError, match="text 1 must be a str, not list"):
        encoder.encode(["the", ["cat"]])
    with pytest.raises(ValueError, match="text 2: is no text: it has a surrogate at 1"):
        encoder.encode(["", "", "a\ud800"])
    for batch in (None, 2):
        with pytest.raises(TypeError, match="text 4 must be a str"):
            encoder.encode(["the"] * 4 + [None], batch)
    with pytest.raises(ValueError, match="text 3: is no text"):
        encoder.encode(["the"] * 3 + ["a\ud800"], 2)
    for take in (encoder.tokenize, encoder.remove_common, lambda text: encoder.learn(text, vectors(7))):
        with pytest.raises(TypeError, match="put it into a list"):
            take("the cat")
    strict = Encoder(vectors(), spec(normalizer=bert(), unk_token="none"))
    with pytest.raises(ValueError, match="text 1: has a word without a token"):
        strict.encode(["the", "zzz"])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("{", "no tokenizer.json"),
        ("[]", "no tokenizer.json"),
        ("{}", "no tokenizer.json"),
        (spec(vocab={"a": "b"}), "id of a token"),
        (spec(vocab={"a": 5, "b": 5}), "of one id"),
        (spec(vocab={}), "no tokenizer.json"),
        (spec(max_input_chars_per_word=10**30), "no tokenizer.json"),
        (spec(unk_token=False), "unk_token is False"),
        (spec(vocab={"a": 2**30}), "ids up to"),
        (spec(vocab={f"t{k}": k + 3 for k in range(500)}), "the tokenizer has 503 tokens, and there are 22 vectors"),
    ],
)
def test_tokenizers_that_are_damaged_or_do_not_fit_are_refused(wrong, message, tmp_path):
    if wrong == "[]":
        (tmp_path / "tokenizer.json").write_text(wrong)
        wrong = tmp_path / "tokenizer.json"
    named = str(wrong) if wrong == tmp_path / "tokenizer.json" else ""
    with pytest.raises(ValueError, match=f"{re.escape(named)}.*{message}"):
        Encoder(vectors(), wrong)


def test_a_tokenizer_of_an_unknown_kind_goes_through_the_library():
    pytest.importorskip("tokenizers")
    vocab = {"a": 0, "b": 1, "ab": 2}
    bpe = {"type": "BPE", "vocab": vocab, "merges": [["a", "b"]], "unk_token": None}
    text = json.dumps({"version": "1.0", "added_tokens": [], "normalizer": None, "pre_tokenizer": None, "model": bpe})
    encoder = Encoder(np.eye(3), text)
    np.testing.assert_allclose(encoder.encode(["ab", "b"]), [[0, 0, 1], [0, 1, 0]])
    with pytest.raises(ValueError, match="that is understood"):
        Encoder(np.eye(3), text.replace("BPE", "XYZ"))


def test_what_the_library_refuses_is_named():
    tokenizers = pytest.importorskip("tokenizers")
    unigram = tokenizers.Tokenizer(tokenizers.models.Unigram([("a", -1.0), ("b", -2.0)]))
    encoder = Encoder(np.eye(3), unigram)
    with pytest.raises(ValueError, match="text 1: Encountered an unknown token"):
        encoder.encode(["ab", "zz"])
    with pytest.raises(ValueError, match="text 1: is no text: it has a surrogate at 1"):
        encoder.encode(["ab", "a\ud800"])
    bpe = json.loads(tokenizers.Tokenizer(tokenizers.models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")])).to_str())
    bpe["model"]["continuing_subword_prefix"] = "longer than any token"  # at which the library panics
    with pytest.raises(ValueError, match="that is understood"):
        Encoder(np.eye(3), json.dumps(bpe))


def test_tables_and_columns(tmp_path):
    pandas, arrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    encoder, texts = some(), ["the cat", "dogs"]
    for column in (pandas.Series(texts), arrow.array(texts), arrow.chunked_array([texts])):
        np.testing.assert_array_equal(encoder.encode(column), encoder.encode(texts))
    for take in (encoder.encode, lambda table: encoder.encode(table, 1), encoder.tokenize, Encoder.from_corpus):
        with pytest.raises(TypeError, match=r"must be a list or a column, not pandas\.DataFrame"):
            take(pandas.DataFrame({"text": texts}))


def test_words_that_are_no_text_are_left_out():
    wv = KeyedVectors.from_arrays(["a", "b\udcff", "c\ud800", 5, "d"], np.eye(5, dtype=np.float32))
    encoder = Encoder.from_keyed_vectors(wv)
    assert encoder.tokens == ["[PAD]", "[UNK]", "a", "d"]
    np.testing.assert_array_equal(encoder.encode("d"), [0, 0, 0, 0, 1])


def test_a_link_to_a_folder_stays_one(tmp_path):
    some().save(tmp_path / "it")
    (tmp_path / "link").symlink_to(tmp_path / "it")
    Encoder(vectors() * 2, SPECS["uncased"]).save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    np.testing.assert_array_equal(Encoder.load(tmp_path / "it").vectors, vectors() * 2)


def test_encoders_are_pickled():
    encoder = some(max_length=3)
    copied = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(copied.encode(["the cats", "dog"]), encoder.encode(["the cats", "dog"]))
    assert (copied.tokens, copied.max_length) == (encoder.tokens, 3)


def test_max_length_is_checked_when_it_is_set():
    encoder = some()
    for wrong, error in ((-5, ValueError), ("3", TypeError), (2.5, TypeError), (10**30, ValueError)):
        with pytest.raises(error, match="max_length must be"):
            encoder.max_length = wrong
    expected = encoder.encode(["the cat"])
    encoder.max_length = 2**62
    np.testing.assert_array_equal(encoder.encode(["the cat"]), expected)


def test_flags_are_true_or_false(tmp_path):
    some().save(tmp_path / "it")
    for wrong in ({"normalize": "no"}, {"drop_unknown": "no"}):
        with pytest.raises(TypeError, match=f"{next(iter(wrong))} must be True or False, not 'no'"):
            some(**wrong)
    with pytest.raises(TypeError, match="normalize must be True or False, not 'no'"):
        Encoder.load(tmp_path / "it", normalize="no")


def test_vectors_in_bfloat16_are_read(tmp_path):
    some().save(tmp_path / "it")
    halves = (vectors().view(np.uint32) >> 16).astype(np.uint16)
    entry = {"dtype": "BF16", "shape": list(halves.shape), "data_offsets": [0, halves.nbytes]}
    header = json.dumps({"embeddings": entry}).encode()
    file = tmp_path / "it" / "model.safetensors"
    file.write_bytes(len(header).to_bytes(8, "little") + header + halves.tobytes())
    expected = (vectors().view(np.uint32) & 0xFFFF0000).view(np.float32)
    np.testing.assert_array_equal(Encoder.load(tmp_path / "it").vectors, expected)
    file.write_bytes(file.read_bytes().replace(b"BF16", b"F8_X"))
    with pytest.raises(ValueError, match="arrays of 'F8_X' are not read"):
        Encoder.load(tmp_path / "it")


def test_folders_that_are_damaged_or_of_others_are_refused(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="no folder of an encoder"):
        Encoder.load(tmp_path / "none")
    folder = tmp_path / "it"
    some().save(folder)
    (folder / "strange.txt").write_text("kept")
    with pytest.raises(FileExistsError, match=r"strange\.txt"):
        some().save(folder)
    assert (folder / "strange.txt").read_text() == "kept"
    (folder / "strange.txt").unlink()
    project = tmp_path / "project"
    project.mkdir()
    some().save(project)  # which is empty
    for name in ("model.safetensors", "tokenizer.json"):
        (project / name).unlink()
        with pytest.raises(FileExistsError, match=r"holds .*, and is no encoder"):
            some().save(project)
    assert (project / "README.md").exists()
    for place in (folder, folder / "1_Normalize"):
        monkeypatch.chdir(place)
        with pytest.raises(FileExistsError, match="this process works in it"):
            some().save(folder)
        assert place.samefile(".")
    (folder / "modules.json").write_text('[{"type": "sentence_transformers.models.Transformer", "path": ""}]')
    with pytest.raises(ValueError, match="has a module 'Transformer'"):
        Encoder.load(folder)
    (folder / "modules.json").write_text("[]")
    for arrays, message in (
        ({"x": vectors()}, "of another architecture"),
        ({"embeddings": vectors(3)}, "22 tokens, and there are 3 vectors"),
        ({"embeddings": np.full((22, 3), np.nan, np.float32)}, "not finite"),
        ({"embeddings": vectors(), "mapping": np.full(22, 99)}, "mapping leads out"),
        ({"embeddings": vectors(), "weights": np.ones(3)}, "weights of shape"),
        ({"embeddings": np.ones((1, 9000), np.float16), "mapping": np.zeros(9000, np.uint8)}, "mapping makes 324"),
    ):
        folders.native.write_native(folder / "model.safetensors", arrays, {})
        with pytest.raises(ValueError, match=message):
            Encoder.load(folder)
    with pytest.raises(ValueError, match="'x' must be finite"):
        some().save(tmp_path / "new", scores={"x": float("nan")})
    (folder / "modules.json").write_text('[{"type": 5}]')
    with pytest.raises(ValueError, match="has a module '5'"):
        Encoder.load(folder)
    (folder / "modules.json").write_text("[]")
    folders.native.write_native(folder / "model.safetensors", {"embeddings": vectors()}, {})
    (folder / "config.json").write_text('{"normalize": "false"}')
    with pytest.raises(ValueError, match=r"config\.json: normalize is 'false'"):
        Encoder.load(folder)
    (folder / "config.json").write_text("{")
    with pytest.raises(ValueError, match=r"config\.json: damaged"):
        Encoder.load(folder)
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_bytes(b"{\xff")
    with pytest.raises(ValueError, match=r"tokenizer\.json: damaged: no UTF-8 at byte 1"):
        Encoder.load(folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"tokenizer\.json"):
        Encoder.load(folder)
    with pytest.raises(ValueError, match="dtype must be"):
        some().save(tmp_path / "new", dtype="int4")
    with pytest.raises(ValueError, match="too long for float16"):
        Encoder(vectors() * 1e6, SPECS["uncased"]).save(tmp_path / "new", dtype="float16")
    with pytest.raises(ValueError, match="at most 7"):
        some().truncate(8)
    assert not (tmp_path / "new").exists()


def test_scores_are_of_the_vectors_beside_them(tmp_path):
    encoder = some()
    (tmp_path / "other").write_text("no folder")
    with pytest.raises(FileExistsError):
        encoder.save(tmp_path / "other", scores={"a": 0.5})
    assert encoder.about == {}
    encoder.save(tmp_path / "it", scores={"a": 0.5})
    assert encoder.about["scores"] == Encoder.load(tmp_path / "it").about["scores"] == {"a": 0.5}
    assert Encoder.load(tmp_path / "it", dimensions=7).about["scores"] == {"a": 0.5}  # all there are
    for other in (encoder.truncate(5), Encoder.load(tmp_path / "it", dimensions=5), encoder.remove_common(TEXTS, 1)):
        assert "scores" not in other.about
    assert encoder.about["scores"] == {"a": 0.5}
    for dtype in ("int8", "float16"):
        encoder.save(tmp_path / dtype, dtype=dtype)
        again = Encoder.load(tmp_path / dtype)
        assert "scores" not in again.about
        assert "score:" not in (tmp_path / dtype / "README.md").read_text(encoding="utf-8")
        encoder.save(tmp_path / dtype, dtype=dtype, scores={"b": 0.25})  # of what is written
        assert encoder.about["scores"] == {"a": 0.5}
        again = Encoder.load(tmp_path / dtype)
        again.save(tmp_path / "float32")  # the same numbers
        assert Encoder.load(tmp_path / "float32").about["scores"] == {"b": 0.25}


def test_components_that_are_removed_one_after_another_add_up(tmp_path):
    encoder = some().remove_common(TEXTS, 1).remove_common(TEXTS, 2)
    encoder.save(tmp_path / "it")
    assert Encoder.load(tmp_path / "it").about["components_removed"] == 3


def test_the_command(tmp_path, capsys, monkeypatch):
    pytest.importorskip("tokenizers")
    from fastemb.cli import main

    (tmp_path / "corpus.txt").write_text("\n".join(planted()), encoding="utf-8")
    (tmp_path / "pairs.tsv").write_text("5\tfruitaness\tfruitbness\n1\tfruitaness\tmetalawork\n", encoding="utf-8")
    corpus, folder, pairs = (str(tmp_path / name) for name in ("corpus.txt", "it", "pairs.tsv"))
    options = ["--vector-size", "8", "--epochs", "9", "--pieces", "60", "--pairs", pairs, "--workers", "1"]
    assert main(["encoder", "train", corpus, "--output", folder, *options]) == 0
    assert "correlation" in capsys.readouterr().out
    assert main(["encoder", "train", corpus, "--output", folder, *options, "--dtype", "int8"]) == 0
    found = correlation(Encoder.load(folder), *read_pairs(pairs))  # of what is written
    assert Encoder.load(folder).about["scores"] == {f"Spearman's correlation, {pairs}": found}
    capsys.readouterr()
    written = []
    with monkeypatch.context() as patched:
        patched.setattr(
            folders, "write_folder", lambda *given, write=folders.write_folder: (written.append(1), write(*given))
        )
        patched.setattr("fastemb.encoder.scores.correlation", lambda *given: 1 / 0)
        assert main(["encoder", "train", corpus, "--output", folder, *options, "--dtype", "float16"]) == 1
    assert written == [1]  # and what was trained is there, without a score
    assert Encoder.load(folder).about.get("scores") is None
    assert main(["encoder", "encode", folder, corpus, "--output", str(tmp_path / "v.npy"), "--dimensions", "4"]) == 0
    wanted = Encoder.load(folder, dimensions=4).encode(planted())
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), wanted)
    assert main(["encoder", "train", corpus, "--output", str(tmp_path)]) == 1


def test_numbers_beyond_a_float_are_refused():
    with pytest.raises(ValueError, match="a number is too large"):
        Encoder([[10**400]], SPECS["uncased"])
