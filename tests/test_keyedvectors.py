"""KeyedVectors: look-up, change, similarity, files; the answers can be worked out by hand."""

import copy
import logging
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fastemb import KeyedVectors, load_vectors
from fastemb.formats.native import write_native
from fastemb.kernels.pcg64 import random_rows
from fastemb.models import _random
from fastemb.models.files import save_vectors
from fastemb.queries import largest

# Angles from east: 0, 90, 45, 180 and 270 degrees; the lengths differ.
PLANE = {"east": [2, 0], "north": [0, 3], "northeast": [1, 1], "west": [-1, 0], "south": [0, -5]}
HALF = float(np.sqrt(0.5))


def plane() -> KeyedVectors:
    return KeyedVectors.from_arrays(PLANE, np.array(list(PLANE.values()), np.float32))


def counted() -> KeyedVectors:
    vectors = plane()
    for key, count in zip(PLANE, [1, 5, 3, 5, 0], strict=True):
        vectors.set_vecattr(key, "count", count)
    return vectors


def names(found: list) -> list:
    return [key for key, _ in found]


# Look-up.


def test_a_key_has_one_vector():
    assert plane()["northeast"].tolist() == [1, 1]


def test_a_list_of_keys_has_a_matrix():
    assert plane()[["west", "east", "west"]].tolist() == [[-1, 0], [2, 0], [-1, 0]]


def test_an_int_that_is_no_key_is_a_row():
    assert plane()[1].tolist() == [0, 3]
    assert plane()[np.int64(1)].tolist() == [0, 3]
    assert plane()[[0, "north"]].tolist() == [[2, 0], [0, 3]]


def test_an_int_key_comes_before_a_row():
    vectors = KeyedVectors.from_arrays([1, 0, "1"], np.eye(3))
    assert vectors[1].tolist() == [1, 0, 0]
    assert vectors[2].tolist() == [0, 0, 1]
    assert vectors.get_index("1") == 2


def test_where_keys_are_ints_others_are_unknown():
    vectors = KeyedVectors.from_arrays([10, 20, np.int64(30)], np.eye(3))
    assert vectors[[30, np.int64(20)]].tolist() == [[0, 0, 1], [0, 1, 0]]
    assert 1 not in vectors
    for ask in (vectors.get_vector, vectors.__getitem__, vectors.get_index, vectors.most_similar):
        with pytest.raises(KeyError, match="2"):
            ask(2)
    with pytest.raises(KeyError, match="2"):
        vectors[[10, 2]]


@pytest.mark.parametrize("key", ["up", 5, -1, None, 1.5])
def test_missing_keys(key):
    vectors = plane()
    assert key not in vectors
    assert vectors.get_index(key, -7) == -7
    with pytest.raises(KeyError, match=f"'{key}'"):
        vectors.get_vector(key)


def test_a_missing_key_in_a_list():
    with pytest.raises(KeyError, match="up"):
        plane()[["east", "up"]]


def test_vectors_are_handed_out_read_only():
    with pytest.raises(ValueError, match="read-only"):
        plane()["east"][0] = 1


def test_normed_vectors_have_length_one():
    assert plane().get_vector("north", norm=True).tolist() == [0, 1]
    np.testing.assert_allclose(np.linalg.norm(plane().get_normed_vectors(), axis=1), 1)


def test_length_and_text():
    assert len(plane()) == 5
    assert str(plane()) == "KeyedVectors<vector_size=2, 5 keys>"


def test_keys_must_differ_and_fit():
    with pytest.raises(ValueError, match=r"2 keys, of which 1 differ"):
        KeyedVectors.from_arrays(["a", "a"], np.eye(2))
    with pytest.raises(ValueError, match=r"1 keys"):
        KeyedVectors.from_arrays(["a"], np.eye(2))
    with pytest.raises(ValueError, match=r"the row 1 has no key"):
        KeyedVectors.from_arrays(["a", None], np.eye(2))


# Attributes.


def test_attributes_begin_as_zero():
    vectors = plane()
    vectors.set_vecattr("north", "count", 7)
    assert vectors.get_vecattr("north", "count") == 7
    assert vectors.get_vecattr("east", "count") == 0


def test_attributes_of_text_are_not_cut():
    vectors = plane()
    vectors.set_vecattr("north", "kind", "a")
    vectors.set_vecattr("east", "kind", "a longer one")
    assert vectors.get_vecattr("east", "kind") == "a longer one"


def test_an_attribute_keeps_its_type():
    vectors = plane()
    vectors.set_vecattr("north", "count", 1)
    with pytest.raises(TypeError, match=r"'count' is of type int64"):
        vectors.set_vecattr("north", "count", 1.5)
    vectors.expandos["small"] = np.zeros(5, np.uint8)
    vectors.set_vecattr("north", "small", 255)
    assert vectors.get_vecattr("north", "small") == 255


def test_no_attribute_of_a_missing_key():
    vectors = plane()
    with pytest.raises(KeyError):
        vectors.set_vecattr("up", "count", 1)
    assert vectors.expandos == {}


def test_attributes_grow_with_the_keys():
    vectors = counted()
    vectors.add_vectors(["up", "down"], np.ones((2, 2)))
    assert vectors.get_vecattr("down", "count") == 0
    assert vectors.get_vecattr("north", "count") == 5


# Change.


def test_add_vectors_keeps_what_is_there():
    vectors = plane()
    vectors.add_vectors(["east", "up"], [[9, 9], [7, 7]])
    assert vectors["east"].tolist() == [2, 0]
    assert vectors["up"].tolist() == [7, 7]
    assert vectors.index_to_key == [*PLANE, "up"]


def test_add_vectors_replaces_when_told():
    vectors = plane()
    vectors.add_vectors(["east", "up"], [[9, 9], [7, 7]], replace=True)
    assert vectors[["east", "up"]].tolist() == [[9, 9], [7, 7]]


def test_of_a_key_given_twice_the_first_stays_and_the_last_replaces():
    vectors = KeyedVectors(1)
    vectors.add_vectors(["a", "a"], [[1], [2]])
    assert vectors["a"].tolist() == [1]
    vectors.add_vectors(["a", "b", "a", "b"], [[3], [4], [5], [6]], replace=True)
    assert vectors[["a", "b"]].tolist() == [[5], [6]]


def test_set_item():
    vectors = plane()
    vectors["east"] = np.array([4, 4])
    vectors["up"] = [5, 5]
    vectors[["down", "west"]] = np.array([[6, 6], [7, 7]])
    vectors["row"] = np.array([[8, 8]])
    assert vectors[["east", "up", "down", "west", "row"]].tolist() == [[4, 4], [5, 5], [6, 6], [7, 7], [8, 8]]


def test_adding_nothing_changes_nothing():
    vectors = plane()
    vectors.add_vectors([], [])
    assert vectors.index_to_key == list(PLANE)


def test_change_is_seen_by_similarity():
    vectors = plane()
    assert vectors.similarity("east", "north") == 0
    vectors["north"] = [1, 0]
    assert vectors.similarity("east", "north") == 1


def test_added_vectors_take_the_type_of_the_others():
    vectors = KeyedVectors(2, dtype=np.float16)
    vectors.add_vectors(["a"], np.ones((1, 2)))
    assert vectors.vectors.dtype == np.float16


@pytest.mark.parametrize("weights", [[[1]], [[1, 2, 3]], [[1, 2], [3, 4]], 1])
def test_vectors_of_another_shape_change_nothing(weights):
    vectors = plane()
    with pytest.raises(ValueError, match="shape"):
        vectors.add_vectors(["up"], weights)
    assert "up" not in vectors
    assert len(vectors) == 5


def test_add_vector_fills_the_room_that_was_made():
    vectors = KeyedVectors(2, count=2)
    assert [vectors.add_vector(key, [n, n]) for n, key in enumerate("abc")] == [0, 1, 2]
    assert vectors.index_to_key == ["a", "b", "c"]
    assert vectors.vectors.tolist() == [[0, 0], [1, 1], [2, 2]]


def test_room_stays_free_while_others_are_appended():
    vectors = KeyedVectors(1, count=2)
    vectors.add_vector("a", [1])
    vectors.add_vectors(["b"], [[2]])
    vectors.add_vector("c", [3])
    vectors.add_vector("d", [4])
    assert vectors.index_to_key == ["a", "c", "b", "d"]
    assert vectors.vectors.ravel().tolist() == [1, 3, 2, 4]


@pytest.mark.parametrize("count", [0, 3])
def test_add_vector_of_a_known_key_keeps_its_vector(count):
    vectors = KeyedVectors(1, count=count)
    assert vectors.add_vector("a", [1]) == 0
    assert vectors.add_vector("a", [2]) == 0
    assert vectors.add_vector("b", [3]) == 1
    assert vectors[["a", "b"]].tolist() == [[1], [3]]


@pytest.mark.parametrize("count", [0, 1])
def test_add_vector_of_another_size_changes_nothing(count):
    vectors = KeyedVectors(2, count=count)
    with pytest.raises(ValueError, match="shape"):
        vectors.add_vector("a", [1])
    assert "a" not in vectors
    assert vectors.index_to_key == [None] * count


# Similarity.


def test_most_similar_orders_by_angle():
    found = plane().most_similar("east")
    assert names(found)[0] == "northeast"
    assert names(found)[-1] == "west"
    assert sorted(names(found)[1:3]) == ["north", "south"]
    assert [similarity for _, similarity in found] == pytest.approx([HALF, 0, 0, -1])


def test_most_similar_gives_python_types():
    key, similarity = plane().most_similar("east", topn=1)[0]
    assert type(key) is str
    assert type(similarity) is float


def test_most_similar_with_negative_keys():
    assert plane().most_similar(["northeast"], ["east"], topn=1)[0] == ("north", pytest.approx(np.cos(np.pi / 8)))
    assert plane().most_similar(negative="east", topn=1) == [("west", 1.0)]


def test_most_similar_with_weights():
    assert names(plane().most_similar([("east", 0.1), ("north", 1.0)], [("west", -0.1)], topn=1)) == ["northeast"]
    assert names(plane().most_similar([("east", -1.0)], topn=1)) == ["west"]


def test_most_similar_to_vectors():
    assert names(plane().most_similar(np.array([5, 0]), topn=1)) == ["east"]
    assert names(plane().most_similar([np.array([1, 0]), ("north", 0.2)], topn=2)) == ["east", "northeast"]
    assert names(plane().most_similar(np.array([[1, 0], [0, 1]]), topn=1)) == ["northeast"]
    assert names(plane().similar_by_vector(np.array([0, -1]), topn=1)) == ["south"]


@pytest.mark.parametrize(
    ("item", "error"),
    [(["east", "north"], TypeError), (("east",), TypeError), (None, TypeError), (np.ones((2, 2)), ValueError)],
)
def test_most_similar_says_what_it_cannot_weigh(item, error):
    with pytest.raises(error, match=r"neither a key, nor a vector|has the shape \(2,\), not \(2, 2\)"):
        plane().most_similar([item])


def test_most_similar_to_rows():
    assert plane().most_similar(0, topn=1) == plane().similar_by_word("east", topn=1)


def test_most_similar_to_all():
    np.testing.assert_allclose(plane().most_similar("east", topn=None), [1, 0, HALF, -1, 0], atol=1e-7)


@pytest.mark.parametrize(("topn", "length"), [(0, 0), (-1, 0), (2, 2), (4, 4), (100, 4), (np.int64(3), 3)])
def test_most_similar_gives_topn(topn, length):
    assert len(plane().most_similar("east", topn=topn)) == length


def test_restrict_vocab():
    assert names(plane().most_similar("south", restrict_vocab=2)) == ["east", "north"]
    assert names(plane().similar_by_key("east", restrict_vocab=2)) == ["north"]


def test_clip():
    assert names(plane().most_similar("east", clip_start=1, clip_end=3)) == ["northeast", "north"]
    assert names(plane().most_similar("east", clip_start=4)) == ["south"]
    assert len(plane().most_similar("east", topn=None, clip_start=1, clip_end=3)) == 2


def test_indexer_answers_in_its_own_way():
    class Indexer:
        def most_similar(self, vector, topn):
            return vector.tolist(), topn

    assert plane().most_similar("north", topn=3, indexer=Indexer()) == ([0, 1], 3)


def test_most_similar_to_nothing_or_to_the_unknown():
    with pytest.raises(ValueError, match="at least one"):
        plane().most_similar()
    with pytest.raises(KeyError, match="up"):
        plane().most_similar(["east", "up"])


def test_similarity_and_distance():
    assert plane().similarity("east", "northeast") == pytest.approx(HALF)
    assert plane().distance("east", "west") == pytest.approx(2)


@pytest.mark.parametrize("key", ["up", 10**400])
def test_what_is_no_key_has_no_distance(key):
    for pair in [(np.ones(2), key), (key, np.ones(2)), ("east", np.ones(2))]:
        with pytest.raises((KeyError, TypeError), match=r"Key|unhashable"):
            plane().distance(*pair)


def test_distances():
    np.testing.assert_allclose(plane().distances("east"), [0, 1, 1 - HALF, 2, 1], atol=1e-7)
    np.testing.assert_allclose(plane().distances("east", None), plane().distances("east"))
    np.testing.assert_allclose(plane().distances("east", ["west", "north"]), [2, 1])
    np.testing.assert_allclose(plane().distances([0, 7], ["north"]), [0], atol=1e-7)
    with pytest.raises(KeyError):
        plane().distances("east", ["up"])


def test_n_similarity():
    assert plane().n_similarity(["east", "west"], ["east"]) == pytest.approx(1)
    assert plane().n_similarity(["east", "up"], ["north"]) == pytest.approx(0)
    with pytest.raises(ZeroDivisionError):
        plane().n_similarity([], ["east"])


def test_doesnt_match():
    assert plane().doesnt_match(["east", "northeast", "north", "west"]) == "west"
    assert plane().doesnt_match(["east", "up", "northeast", "south", "north"]) == "south"
    with pytest.raises(ValueError, match="none of the words"):
        plane().doesnt_match(["up"])


def test_rank_by_centrality():
    found = plane().rank_by_centrality(["east", "northeast", "north"])
    assert found[0] == (pytest.approx(1), "northeast")
    assert [similarity for similarity, _ in found[1:]] == pytest.approx([HALF, HALF])


def test_rank_and_closer_than():
    vectors = plane()
    assert vectors.closer_than("east", "west") == ["north", "northeast", "south"]
    assert vectors.closer_than("east", "northeast") == []
    assert vectors.rank("east", "northeast") == 1
    assert vectors.rank("east", "west") == 4
    assert vectors.rank("east", "east") == 1


def test_mean_vector():
    mean = plane().get_mean_vector
    assert mean(["east", "north"]).tolist() == [0.5, 0.5]
    assert mean(["east", "north"], pre_normalize=False).tolist() == [1, 1.5]
    assert mean(["east", "north"], weights=[3, -1]).tolist() == [0.75, -0.25]
    assert mean(["east", "up"]).tolist() == [1, 0]
    assert mean(["up"]).tolist() == [0, 0]
    np.testing.assert_allclose(mean(["east", "north"], post_normalize=True), [HALF, HALF])


def test_mean_vector_of_wrong_input():
    with pytest.raises(ValueError, match="at least one"):
        plane().get_mean_vector([])
    with pytest.raises(ValueError, match="as many weights"):
        plane().get_mean_vector(["east"], weights=[1, 2])
    with pytest.raises(KeyError, match="up"):
        plane().get_mean_vector(["up"], ignore_missing=False)


def test_zero_vectors_are_similar_to_nothing():
    vectors = plane()
    vectors["zero"] = [0, 0]
    assert vectors.similarity("zero", "east") == 0
    assert vectors.similarity("zero", "zero") == 0
    assert vectors.get_vector("zero", norm=True).tolist() == [0, 0]
    assert vectors.distances("zero").tolist() == [1] * 6
    assert {similarity for _, similarity in vectors.most_similar("zero")} == {0.0}
    assert vectors.n_similarity(["zero"], ["east"]) == 0
    assert vectors.doesnt_match(["east", "northeast", "zero"]) == "zero"


def test_rows_without_a_key_are_nobodys_neighbours():
    vectors = KeyedVectors(2, count=5)
    for key, vector in {"east": [1, 0], "north": [0, 1], "west": [-1, 0]}.items():
        vectors.add_vector(key, vector)
    vectors.add_vectors(["south"], [[0, -1]])  # behind the free rows
    ranked = ["north", "south", "west"]
    assert names(vectors.most_similar("east", topn=3)) == ranked
    assert names(vectors.most_similar_batch(["east"], topn=3)[0]) == ranked
    assert names(vectors.most_similar_cosmul("east", topn=3)) == ranked
    assert vectors.closer_than("east", "west") == ["north", "south"]
    assert vectors.rank("east", "west") == 3


def test_free_rows_have_no_key_when_keys_are_sorted():
    vectors = KeyedVectors(1, count=4)
    for key, count in {"rare": 1, "often": 5}.items():
        vectors.set_vecattr(vectors.add_vector(key, [count]), "count", count)
    vectors.sort_by_descending_frequency()
    assert vectors.index_to_key == ["often", "rare", None, None]
    assert vectors.key_to_index == {"often": 0, "rare": 1}
    assert vectors.add_vector("new", [7]) == 2
    assert [vectors[key].tolist() for key in ("often", "rare", "new")] == [[5], [1], [7]]


def test_rows_may_be_counted_from_the_end():
    vectors = plane()
    found = vectors.most_similar("south", clip_start=-2)
    assert found == vectors.most_similar("south", clip_start=3)
    assert names(found) == ["west"]


def test_keys_that_are_refused_leave_no_attributes():
    vectors = plane()
    with pytest.raises(TypeError, match="a key must be a str or an int"):
        vectors.add_vectors([1.5], [[0, 0]], extras={"weight": [1.0]})
    assert not vectors.expandos


def test_vectors_of_nan_come_last():
    vectors = plane()
    vectors["nan"] = [np.nan, 1]
    assert names(vectors.most_similar("east"))[-1] == "nan"


@given(
    values=arrays(np.float32, st.integers(0, 20), elements=st.floats(width=32)),
    n=st.integers(0, 25),
)
def test_largest_is_the_head_of_a_sort(values, n):
    known = np.where(np.isnan(values), -np.inf, values)
    np.testing.assert_array_equal(known[largest(values, n)], np.sort(known)[::-1][:n])


def test_similarity_agrees_with_gensim():
    gensim = pytest.importorskip("gensim").models.KeyedVectors(20)
    keys = [f"w{k}" for k in range(300)]
    rows = np.random.default_rng(1).standard_normal((300, 20)).astype(np.float32)
    gensim.add_vectors(keys, rows)
    ours = KeyedVectors.from_arrays(keys, rows)

    for arguments in (
        {"positive": "w7"},
        {"positive": ["w1", "w2"], "negative": ["w3"], "topn": 300},
        {"positive": [("w1", 0.3), rows[5]], "negative": ["w4"], "restrict_vocab": 50},
        {"positive": ["w1"], "clip_start": 100, "clip_end": 200, "topn": 5},
    ):
        expected, found = gensim.most_similar(**arguments), ours.most_similar(**arguments)
        assert names(found) == names(expected)
        assert dict(found) == pytest.approx(dict(expected), abs=1e-5)
    for first in range(0, 300, 10):
        words, others = keys[first : first + 4], keys[first + 4 : first + 10]
        assert ours.doesnt_match(words) == gensim.doesnt_match(words)
        assert ours.n_similarity(words, others) == pytest.approx(gensim.n_similarity(words, others), abs=1e-5)
        expected = gensim.rank_by_centrality(others)
        assert names([pair[::-1] for pair in ours.rank_by_centrality(others)]) == [word for _, word in expected]
        assert ours.rank(words[0], others[0]) == gensim.rank(words[0], others[0])
        np.testing.assert_allclose(ours.distances(words[0]), gensim.distances(words[0]), atol=1e-5)
        np.testing.assert_allclose(ours.get_mean_vector(words), gensim.get_mean_vector(words), atol=1e-6)


# Files.


def assert_same(first: KeyedVectors, second: KeyedVectors) -> None:
    assert first.index_to_key == second.index_to_key
    assert first.key_to_index == second.key_to_index
    assert first.vectors.dtype == second.vectors.dtype
    np.testing.assert_array_equal(first.vectors, second.vectors)
    assert first.expandos.keys() == second.expandos.keys()
    for name, values in first.expandos.items():
        np.testing.assert_array_equal(values, second.expandos[name])


@pytest.mark.parametrize("mmap", [None, "r", "c"])
def test_save_and_load(tmp_path, mmap):
    vectors = counted()
    vectors.add_vectors([7, "a b\n", ""], np.ones((3, 2)))
    vectors.save(tmp_path / "file")
    loaded = KeyedVectors.load(tmp_path / "file", mmap=mmap)
    assert_same(loaded, vectors)
    assert names(loaded.most_similar("east", topn=2)) == names(vectors.most_similar("east", topn=2))


def test_save_and_load_nothing(tmp_path):
    KeyedVectors(3).save(tmp_path / "file")
    assert KeyedVectors.load(tmp_path / "file").vectors.shape == (0, 3)


def test_arguments_of_gensim_for_save(tmp_path):
    vectors = counted()
    options = {"separately": ["vectors"], "sep_limit": 1, "pickle_protocol": 2}
    vectors.save(tmp_path / "file", ignore=["norms"], **options)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert_same(KeyedVectors.load(tmp_path / "file"), vectors)
    vectors.save(tmp_path / "file", ignore=["expandos"])
    assert KeyedVectors.load(tmp_path / "file").expandos == {}
    with pytest.raises(ValueError, match="without index_to_key, vectors"):
        vectors.save(tmp_path / "file", ignore=["vectors", "index_to_key"])


@pytest.mark.parametrize("mmap", [None, "r", "c"])
def test_mapped_vectors_can_grow_and_be_saved_over_themselves(tmp_path, mmap):
    plane().save(tmp_path / "file")
    before = (tmp_path / "file").read_bytes()
    mapped = KeyedVectors.load(tmp_path / "file", mmap=mmap)
    mapped["east"] = [5, 6]
    mapped.unit_normalize_all()
    assert (tmp_path / "file").read_bytes() == before
    mapped.add_vectors(["up"], [[1, 2]])
    mapped.save(tmp_path / "file")
    assert_same(KeyedVectors.load(tmp_path / "file"), mapped)


def test_other_kinds_of_mmap_are_refused(tmp_path):
    plane().save(tmp_path / "file")
    with pytest.raises(ValueError, match="mmap"):
        KeyedVectors.load(tmp_path / "file", mmap="r+")


def test_rows_without_keys_cannot_be_saved(tmp_path):
    vectors = KeyedVectors(2, count=2)
    vectors.add_vector("a", [1, 2])
    with pytest.raises(TypeError, match="None"):
        vectors.save(tmp_path / "file")
    with pytest.raises(ValueError, match="rows without a key"):
        vectors.save_word2vec_format(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_attributes_of_objects_cannot_be_saved(tmp_path):
    vectors = plane()
    vectors.set_vecattr("east", "kind", "noun")
    with pytest.raises(TypeError, match=r"attribute\.kind"):
        vectors.save(tmp_path / "file")


def test_locks_are_saved(tmp_path):
    vectors = plane()
    vectors.save(tmp_path / "plain")
    vectors.vectors_lockf = np.array([1, 0, 0.5], np.float32)
    vectors.save(tmp_path / "file")
    vectors.save(tmp_path / "without", ignore=["vectors_lockf"])
    save_vectors(vectors, tmp_path / "file.npz")
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "without").read_bytes()
    assert KeyedVectors.load(tmp_path / "plain").vectors_lockf.tolist() == [1]
    for loaded in (KeyedVectors.load(tmp_path / "file"), load_vectors(tmp_path / "file.npz")):
        assert loaded.vectors_lockf.tolist() == [1, 0, 0.5]
        loaded.vectors_lockf[0] = 0.25  # also of a mapped file


@pytest.mark.parametrize(
    "damage",
    [
        {"vectors": np.zeros(5)},
        {"vectors": np.zeros((4, 2))},
        {"attribute.count": np.zeros(4)},
        {"attribute.count": np.array(1)},
        {"vectors_lockf": np.array(1)},
        {"vectors_lockf": np.zeros(0)},
        {"keys.utf8": np.zeros(3, np.uint8)},
    ],
)
def test_arrays_that_do_not_fit_name_the_file(tmp_path, damage):
    write_native(tmp_path / "file", counted().to_arrays() | damage, {})
    with pytest.raises(ValueError, match="file: "):
        KeyedVectors.load(tmp_path / "file")


def ranked():
    """As word2vec files are read: gensim makes counts up."""
    vectors = plane()
    vectors.expandos["count"] = np.arange(len(vectors), 0, -1)
    return vectors


@pytest.mark.parametrize("binary", [False, True])
def test_word2vec_format(tmp_path, binary):
    plane().save_word2vec_format(tmp_path / "file", binary=binary)
    assert_same(KeyedVectors.load_word2vec_format(tmp_path / "file", binary=binary), ranked())


def test_word2vec_format_is_ordered_by_count(tmp_path):
    counted().save_word2vec_format(tmp_path / "file")
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "file")
    assert loaded.index_to_key == ["north", "west", "northeast", "east", "south"]
    assert loaded["west"].tolist() == PLANE["west"]


def test_word2vec_format_is_ordered_by_unsigned_counts(tmp_path):
    vectors = counted()
    vectors.expandos["count"] = vectors.expandos["count"].astype(np.uint32)
    vectors.save_word2vec_format(tmp_path / "file")
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "file")
    assert loaded.index_to_key == ["north", "west", "northeast", "east", "south"]


def test_word2vec_format_is_ordered_by_another_attribute(tmp_path):
    vectors = counted()
    vectors.expandos["weight"] = np.array([0.1, 0.5, 0.2, 0.4, 0.3])
    vectors.save_word2vec_format(tmp_path / "file", sort_attr="weight")
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "file")
    assert loaded.index_to_key == ["north", "west", "south", "northeast", "east"]


def test_counts_go_to_a_file_and_back(tmp_path):
    counted().save_word2vec_format(tmp_path / "file", tmp_path / "counts", prefix="_")
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "file", tmp_path / "counts")
    assert {key: loaded.get_vecattr(key, "count") for key in loaded.index_to_key} == {
        "_north": 5,
        "_west": 5,
        "_northeast": 3,
        "_east": 1,
        "_south": 0,
    }


def test_counts_that_are_not_there_cannot_be_written(tmp_path):
    with pytest.raises(ValueError, match="'count'"):
        plane().save_word2vec_format(tmp_path / "file", tmp_path / "counts")
    assert list(tmp_path.iterdir()) == []


def test_keys_that_word2vec_cannot_say_leave_no_file(tmp_path):
    vectors = counted()
    vectors["New York"] = [1, 1]
    with pytest.raises(ValueError, match="New York"):
        vectors.save_word2vec_format(tmp_path / "file", tmp_path / "counts")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("append", [False, True])
def test_two_files_are_both_written_or_neither(tmp_path, append):
    (tmp_path / "file").write_text("old")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        counted().save_word2vec_format(tmp_path / "file", tmp_path / "nowhere" / "counts", append=append)
    assert (tmp_path / "file").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_word2vec_format_without_header(tmp_path):
    plane().save_word2vec_format(tmp_path / "file", write_header=False)
    assert_same(KeyedVectors.load_word2vec_format(tmp_path / "file", no_header=True), ranked())


def test_word2vec_format_with_limit_and_type(tmp_path):
    plane().save_word2vec_format(tmp_path / "file")
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "file", limit=2, datatype=np.float64)
    assert loaded.index_to_key == ["east", "north"]
    assert loaded.vectors.dtype == np.float64


def test_of_words_that_occur_twice_the_first_is_taken(tmp_path, caplog):
    (tmp_path / "file").write_text("4 1\na 1\nb 2\na 3\nc 4\n")
    with caplog.at_level(logging.WARNING):
        loaded = KeyedVectors.load_word2vec_format(tmp_path / "file")
    assert loaded.index_to_key == ["a", "b", "c"]
    assert loaded.vectors.ravel().tolist() == [1, 2, 4]
    assert "1 words occur again" in caplog.text


@pytest.mark.parametrize("binary", [False, True])
def test_word2vec_format_is_that_of_gensim(tmp_path, binary):
    gensim = pytest.importorskip("gensim").models.KeyedVectors
    plane().save_word2vec_format(tmp_path / "ours", binary=binary)
    theirs = gensim.load_word2vec_format(str(tmp_path / "ours"), binary=binary)
    assert theirs.index_to_key == list(PLANE)
    np.testing.assert_array_equal(theirs.vectors, plane().vectors)
    theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
    assert_same(KeyedVectors.load_word2vec_format(tmp_path / "theirs", binary=binary), ranked())


def test_similarities_are_floats_with_the_methods_of_numpy():
    kv = KeyedVectors(2)
    kv.add_vectors(["a", "b"], [[1, 0], [1, 1]])
    for value in (kv.similarity("a", "b"), kv.distance("a", "b"), kv.n_similarity(["a"], ["b"])):
        assert isinstance(value, float)
        assert value.item() == value
        assert value.round(1) in (0.7, 0.3)


@pytest.mark.parametrize("cores", [1, 2, 5])
@pytest.mark.parametrize("shape", [(0, 4), (7, 3), (1001, 7)])
def test_random_vectors_are_the_same_in_any_number_of_threads(monkeypatch, cores, shape):
    monkeypatch.setattr(_random, "usable_cores", lambda: cores)
    monkeypatch.setattr(_random, "WORTH_A_THREAD", 100)
    wanted = (np.random.default_rng(3).random(shape, np.float32) * 2 - 1) / shape[1]
    np.testing.assert_array_equal(_random.random_vectors(shape, 3), wanted.astype(np.float32))


@pytest.mark.parametrize("cores", [1, 5])
@pytest.mark.parametrize("shape", [(7, 3), (1001, 7), (50_000, 4)])
@pytest.mark.parametrize("share", [0, 0.001, 0.3, 1])
def test_some_random_vectors_are_those_of_all(monkeypatch, cores, shape, share):
    monkeypatch.setattr(_random, "usable_cores", lambda: cores)
    monkeypatch.setattr(_random, "WORTH_A_THREAD", 100)
    rows = np.random.default_rng(1).permutation(shape[0])[: int(np.ceil(share * shape[0]))]
    rows = np.concatenate([rows, np.arange(3, 7)]).astype(np.int32)
    made = np.empty((len(rows), shape[1]), np.float32)
    _random.fill_randomly(made, _random.random_root(3), rows)
    np.testing.assert_array_equal(made, _random.random_vectors(shape, 3)[rows], strict=True)


def test_there_may_be_no_random_numbers():
    for shape in ((5, 0), (0, 5), (0, 0)):
        assert _random.random_vectors(shape, 3).shape == shape


@pytest.mark.parametrize("rows", [[0, -1], [0]])
def test_random_rows_must_fit(rows):
    with pytest.raises(ValueError, match="rows must be from 0 to"):
        random_rows(*_random.random_root(3), np.array(rows, np.int64), np.empty((2, 3), np.float32))


def test_random_rows_hold_what_they_are_told_to():
    matrix = _random.random_vectors((1000, 5), 3)
    rows = _random.RandomRows((1000, 5), 3)
    assert (len(rows), rows.shape, rows.nbytes, rows.rows.shape) == (1000, (1000, 5), 20_000, (0, 5))
    np.testing.assert_array_equal(rows.matrix(), matrix)
    shared = copy.copy(rows)
    assert rows.hold(np.array([7, 3, 7, 999, 3], np.int32)).tolist() == [0, 1, 0, 2, 1]
    assert rows.hold(np.array([3, 0, 7], np.int32)).tolist() == [1, 3, 0]
    assert rows.numbers().tolist() == [7, 3, 999, 0]
    np.testing.assert_array_equal(rows.rows, matrix[[7, 3, 999, 0]], strict=True)
    rows.rows[1:3] += 1
    matrix[[3, 999]] += 1
    with rows.lent():
        assert rows.hold(np.array([7, 3], np.int32)).tolist() == [0, 1]
        with pytest.raises(RuntimeError, match="while the model is in training"):
            rows.hold(np.array([7, 8], np.int32))
        rows.hold_all()
        copied = pickle.loads(pickle.dumps(rows))
    for each in (rows, copied):
        assert not each.on_loan
        assert len(each.rows) == 4
        for _ in range(2):
            np.testing.assert_array_equal(each[:], matrix, strict=True)
            np.testing.assert_array_equal(each[2:9], matrix[2:9], strict=True)
            np.testing.assert_array_equal(each[[999, 5, 3, 3]], matrix[[999, 5, 3, 3]], strict=True)
            assert each[np.empty(0, np.int32)].shape == (0, 5)
            each.hold_all()
        assert each.matrix() is each.rows
        assert each.hold(np.array([7, 3], np.int32)).tolist() == each.numbers()[[7, 3]].tolist() == [7, 3]
    assert shared.numbers().tolist() == []


def test_whole_numbers_beyond_a_float_are_no_vectors():
    vectors = KeyedVectors.from_arrays(["a", "b"], np.eye(2, dtype=np.float32))
    large = np.array([10**400, 1], object)
    for call in (
        lambda: vectors.cosine_similarities(large, np.ones((1, 2))),
        lambda: vectors.cosine_similarities(np.ones(2), large[np.newaxis]),
        lambda: vectors.distances(large),
        lambda: vectors.most_similar([large]),
        lambda: vectors.most_similar_cosmul([large]),
        lambda: vectors.most_similar_batch(large[np.newaxis]),
        lambda: vectors.get_mean_vector([large]),
    ):
        with pytest.raises(ValueError, match=r"a vector.* too large"):
            call()


def test_attributes_may_have_several_dimensions_or_be_lists():
    vectors = KeyedVectors(2)
    colours = np.array([[1.0, 2, 3], [4, 5, 6]])
    vectors.add_vectors(["a", "b"], np.ones((2, 2)), extras={"colour": colours, "name": ["first", "second one"]})
    np.testing.assert_array_equal(vectors.expandos["colour"], colours)
    assert vectors.get_vecattr("b", "name") == "second one"
    for wrong in (np.ones((1, 2)), np.ones(1)):
        with pytest.raises(ValueError, match=r"must be of shape \(1, 3\)"):
            vectors.add_vectors(["c"], np.ones((1, 2)), extras={"colour": wrong})
        assert vectors.index_to_key == ["a", "b"]
    vectors.set_vecattr("a", "tags", [1, 2])
    vectors.set_vecattr("b", "tags", "text")
    assert vectors.expandos["tags"].tolist() == [[1, 2], "text"]


def test_distances_take_any_iterable_and_refuse_what_is_no_vector():
    vectors = KeyedVectors.from_arrays(list("abc"), np.eye(3, dtype=np.float32))
    np.testing.assert_array_equal(vectors.distances("a", (key for key in "bc")), [1, 1])
    for wrong in (None, [1, 2], np.eye(3)):
        with pytest.raises(ValueError, match="a vector of 3 numbers is needed"):
            vectors.distances(wrong)


def test_what_is_no_key_is_put_into_no_free_slot():
    vectors = KeyedVectors(2, 1)
    for wrong in (None, 1.5):
        with pytest.raises(TypeError, match="a key must be a str or an int"):
            vectors.add_vector(wrong, [1, 2])
    assert (vectors.key_to_index, vectors.index_to_key) == ({}, [None])
    assert vectors.add_vector("a", [1, 2]) == 0
