"""Words that may have been meant."""

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors
from fastemb.cli import main
from fastemb.models._near import near_words

WORDS = ["king", "queen", "kings", "King", "new_york", "straße", "x" * 100]


@pytest.fixture
def vectors():
    return KeyedVectors.from_arrays(WORDS, np.eye(len(WORDS), dtype=np.float32))


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("kingg", ["king", "kings"]),
        ("knig", ["king"]),
        ("kng", ["king"]),
        ("kinq", ["king"]),
        ("KING", ["king", "King"]),
        ("Queen", ["queen"]),
        ("new york", ["new_york"]),
        ("strasse", []),
        ("strae", ["straße"]),
        (" king", ["king"]),
        ("X" * 100, ["x" * 100]),
        ("y" * 10_000, []),
        ("", []),
    ],
)
def test_near_words(word, near, vectors):
    assert near_words(word, vectors.key_to_index) == near


@pytest.mark.parametrize(
    "call",
    [
        lambda vectors: vectors.most_similar("kingg"),
        lambda vectors: vectors.most_similar(positive=["queen"], negative=["kingg"]),
        lambda vectors: vectors.most_similar([("kingg", 2.0)]),
        lambda vectors: vectors.most_similar_batch(["queen", "kingg"]),
        lambda vectors: vectors.most_similar_cosmul(["queen", "kingg"]),
        lambda vectors: vectors.similar_by_word("kingg"),
        lambda vectors: vectors.get_mean_vector(["kingg"], ignore_missing=False),
    ],
)
def test_a_misspelt_word_is_told_with_those_near_it(call, vectors):
    with pytest.raises(KeyError) as error:
        call(vectors)
    assert error.value.args == ("Key 'kingg' not present; near it: 'king', 'kings'",)


def test_other_unknown_keys_are_told_alone(vectors):
    for key in ("zebra", 100):
        with pytest.raises(KeyError) as error:
            vectors.most_similar([key])
        assert error.value.args == (f"Key '{key}' not present",)


def test_words_of_ngrams_are_never_unknown():
    vectors = FastText([WORDS[:3]] * 5, min_count=1, vector_size=4, bucket=100).wv
    assert len(vectors.most_similar("kingg")) == 3


def test_the_command_names_them(vectors, tmp_path, capsys):
    path = str(tmp_path / "vectors.txt")
    vectors.save_word2vec_format(path)
    assert main(["neighbors", path, "kingg"]) == 1
    assert capsys.readouterr().err == f"fastemb: {path}: no word 'kingg'; near it: 'king', 'kings'\n"
