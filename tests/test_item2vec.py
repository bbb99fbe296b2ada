"""Vectors of items: baskets and sessions as they are trained, recommendations, and items known by their features."""

import json
import logging
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from fastemb import Item2Vec, KeyedVectors, Word2Vec, load_vectors, queries
from fastemb.corpus import Limits, TextFile, source_of
from fastemb.corpus.baskets import Arranged, Baskets
from fastemb.corpus.chunks import SpilledChunk
from fastemb.corpus.source import Sentences
from fastemb.formats import native
from fastemb.graphs import Graph
from fastemb.kernels.text.baskets import arrange, distinct
from fastemb.models import _recommending as recommending_module
from fastemb.models.callbacks import CallbackAny2Vec, Checkpoint
from fastemb.models.item2vec import ItemVectors

GROUPS, OF_A_GROUP = 6, 8
OPTIONS = {"vector_size": 16, "epochs": 20, "alpha": 0.05, "workers": 1, "shared_noise": False}


def planted(count=1500, seed=0, size=6):
    """Baskets of items of one group each, now and then with one of another."""
    rng = np.random.default_rng(seed)
    baskets = []
    for group in rng.integers(GROUPS, size=count):
        items = [f"{group}-{k}" for k in rng.choice(OF_A_GROUP, size=size, replace=False)]
        if rng.random() < 0.3:
            items[0] = f"{rng.integers(GROUPS)}-{rng.integers(OF_A_GROUP)}"
        baskets.append(items)
    return baskets


@pytest.fixture(scope="module")
def model():
    return Item2Vec(planted(), **OPTIONS)


def of_the_group(model, items=None):
    """The share of items whose nearest neighbours are of their group."""
    found = [
        key[0] == item[0]
        for item in items or model.wv.index_to_key
        for key in model.similar_items(item, OF_A_GROUP - 1)[0][1:]
    ]
    return np.mean(found)


# Baskets as kernels see them.


def test_each_item_is_in_a_set_once_with_its_largest_weight():
    starts, ids = np.array([0, 4, 4, 7]), np.array([3, 1, 3, -1, 1, -1, -1], np.int32)
    weights = np.array([0.1, 0.2, 0.5, 1, 0.3, 1, 1], np.float32)
    found = distinct(starts, ids, weights)
    assert found[0].tolist() == [0, 3, 3, 6]
    assert found[1].tolist() == [3, 1, -1, 1, -1, -1]
    np.testing.assert_allclose(found[2], [0.5, 0.2, 1, 0.3, 1, 1])


def test_all_orders_of_a_basket_are_equally_likely():
    starts = np.arange(0, 3 * 6000 + 1, 3)
    ids, again = arrange(starts, np.tile(np.arange(3, dtype=np.int32), 6000), True, 12345)
    assert again.tolist() == starts.tolist()
    orders = Counter(map(tuple, ids.reshape(-1, 3).tolist()))
    assert len(orders) == 6
    assert all(850 < count < 1150 for count in orders.values())


def test_items_are_there_by_their_weights():
    weights = np.tile(np.array([1, 0.25, 0, 0.5], np.float32), 5000)
    starts = np.arange(0, 20001, 4)
    ids, _ = arrange(starts, np.tile(np.arange(4, dtype=np.int32), 5000), True, 9, weights)
    counts = Counter(ids.tolist())
    assert counts[0] == 5000
    assert counts[2] == 0
    assert 1120 < counts[1] < 1380
    assert 2350 < counts[3] < 2650
    rows = ids.reshape(-1, 4)
    assert ((rows[:, 1:] >= 0) <= (rows[:, :-1] >= 0)).all()  # what is not there is behind what is
    independent = np.mean((rows == 1).any(1) & (rows == 3).any(1))
    assert independent == pytest.approx(0.125, abs=0.02)


def test_items_meet_the_goal_of_their_session():
    starts, ids = np.array([0, 3, 5]), np.array([0, 1, 2, 3, 4], np.int32)
    found = arrange(starts, ids, False, 0, None, np.array([2, -1], np.int32))
    assert found[0].tolist() == [0, 1, 2, 3, 4, 0, 2, 1, 2, -1, 2]
    assert found[1].tolist() == [0, 3, 5, 7, 9, 11]


def corpus(baskets, sets=True):
    return Arranged(baskets if isinstance(baskets, Baskets) else Sentences(baskets), sets).count_and_encode(Limits())


def drawn(corpus, number, seed=(1, 0)):
    return [array.tolist() for chunk in corpus.of_epoch(seed, number).chunks for array in chunk.arrays()]


def test_epochs_are_drawn_by_their_numbers():
    encoded = corpus([list("abcdefgh"), list("abca"), []]).corpus
    first, second = drawn(encoded, 0), drawn(encoded, 1)
    assert first == drawn(encoded, 0)
    assert first != second
    assert first != drawn(encoded, 0, seed=(2, 0))
    assert sorted(first[0][:8]) == list(range(8))
    assert sorted(first[0][8:]) == [0, 1, 2]
    in_order = corpus([list("abcdefgh"), list("abca")], sets=False).corpus
    assert drawn(in_order, 0) == drawn(in_order, 1) == [[*range(8), 0, 1, 2, 0], [0, 8, 12]]


def test_random_numbers_do_not_depend_on_how_files_are_cut(tmp_path):
    path = tmp_path / "baskets"
    ids = np.random.default_rng(0).integers(1000, 9999, size=(200_000, 9))
    np.savetxt(path, ids, "%d")
    epochs = []
    for readers in (1, 3):
        counted = Arranged(source_of(TextFile(path)), True).count_and_encode(Limits(readers))
        chunks = counted.corpus.of_epoch((1, 0), 3).chunks
        epochs.append((len(chunks), np.concatenate([chunk.arrays()[0] for chunk in chunks])))
    assert epochs[0][0] < epochs[1][0]
    np.testing.assert_array_equal(epochs[0][1], epochs[1][1])


def test_counts_are_of_baskets():
    counted = corpus([["a", "b", "a"], ["a"]])
    assert dict(zip(counted.words, counted.counts.tolist(), strict=True)) == {"a": 2, "b": 1}
    assert corpus([["a", "b", "a"], ["a"]], sets=False).counts.tolist() == [3, 1]


def test_pairs_meet_in_expectation_as_the_documentation_says():
    n, window, epochs = 12, 3, 400
    encoded = corpus([[f"{k}" for k in range(n)]]).corpus
    met = np.zeros((n, n))
    for number in range(epochs):
        order = drawn(encoded, number)[0]
        for i, item in enumerate(order):
            for other in order[max(0, i - window) : i] + order[i + 1 : i + window + 1]:
                met[item, other] += 1
    expected = window * (2 * n - window - 1) / (n * (n - 1))
    off = met[~np.eye(n, dtype=bool)] / epochs
    assert off.mean() == pytest.approx(expected)
    assert np.abs(off - expected).max() < 5 * np.sqrt(expected / epochs)


# Columns.


USERS = ["u", "v", "u", "u", "v", "u"]
ITEMS = ["a", "b", "c", "d", "a", "e"]
TIMES = [10, 5, 3, 1000, 6, 1010]


def test_columns_are_ordered_by_user_and_time_and_cut_at_gaps():
    assert Baskets.from_columns(USERS, ITEMS).lists() == [["a", "c", "d", "e"], ["b", "a"]]
    assert Baskets.from_columns(USERS, ITEMS, TIMES).lists() == [["c", "a", "d", "e"], ["b", "a"]]
    found = Baskets.from_columns(USERS, ITEMS, TIMES, gap=100)
    assert found.lists() == [["c", "a"], ["d", "e"], ["b", "a"]]
    assert repr(found) == "Baskets<3 baskets, 6 events, 5 items>"


def test_columns_of_all_kinds_are_alike():
    pandas, arrow, polars = (pytest.importorskip(name) for name in ("pandas", "pyarrow", "polars"))
    columns = {"user": [3, 1, 3, 3, 1, 3], "item": ITEMS, "time": TIMES}
    expected = Baskets.from_columns(columns["user"], ITEMS, TIMES, gap=100).lists()
    for table in (pandas.DataFrame(columns), arrow.table(columns), polars.DataFrame(columns)):
        found = Baskets.from_columns(table["user"], table["item"], table["time"], gap=100)
        assert sorted(found.lists()) == sorted(expected), type(table)
    frame = pandas.DataFrame(columns)
    frame["time"] = pandas.to_datetime(frame["time"], unit="s")
    frame["item"] = frame["item"].astype("category")
    assert sorted(Baskets.from_columns(*(frame[name] for name in columns), gap=100).lists()) == sorted(expected)
    dates = (polars.DataFrame(columns)["time"] * 1000).cast(polars.Datetime("ms"))
    assert sorted(Baskets.from_columns(columns["user"], ITEMS, dates, gap=100).lists()) == sorted(expected)
    numbers = np.array([[3, 1], [1, 2], [3, 4]])
    assert sorted(Baskets.from_columns(numbers[:, 0], numbers[:, 1]).lists()) == [[1, 4], [2]]


def test_times_are_what_they_say():
    users, items, expected = ["u"] * 3, ["a", "b", "c"], [["b", "c"], ["a"]]
    base, zone = datetime(2020, 1, 1, 12), timezone(timedelta(hours=5))
    moments = [base + timedelta(seconds=s) for s in (50, 0, 10)]
    aware = [moment.replace(tzinfo=UTC) for moment in moments]
    for times in (
        list(np.array([50, 0, 10])),
        list(np.array([50, 0, 10], np.float32)),
        moments,
        [moment.isoformat() for moment in moments],
        [aware[0].astimezone(zone), *aware[1:]],
        [aware[0].astimezone(zone).isoformat(), "2020-01-01T12:00:00Z", "2020-01-01 12:00:10+00:00"],
    ):
        assert Baskets.from_columns(users, items, times, gap=30).lists() == expected
    for wrong, message in (
        (["50", "0", "10"], "not '50' in row 0"),
        ([moments[0], 5, 6], "not 5 in row 1"),
        ([moments[0], aware[1], aware[2]], "that of row 1 differs"),
        ([True, False, True], "not True in row 0"),
    ):
        with pytest.raises(TypeError, match=message):
            Baskets.from_columns(users, items, wrong, gap=30)


def test_a_gap_may_be_a_length_of_time():
    moments = [datetime(2020, 1, 1, 10, minute) for minute in (0, 5, 30)]
    for gap in (timedelta(minutes=10), np.timedelta64(10, "m"), 600):
        assert Baskets.from_columns([1] * 3, ["a", "b", "c"], moments, gap=gap).lists() == [["a", "b"], ["c"]]
    aged = Baskets.from_columns([1] * 3, ["a", "b", "c"], moments, half_life=timedelta(minutes=5))
    np.testing.assert_allclose(aged.weights, 0.5 ** np.array([6, 5, 0]), rtol=1e-6)
    with pytest.raises(ValueError, match="gap must be positive"):
        Baskets.from_columns([1], ["a"], [moments[0]], gap=timedelta(0))


def test_events_in_the_place_of_baskets_are_refused():
    pandas, sparse = pytest.importorskip("pandas"), pytest.importorskip("scipy.sparse")
    for given, way in (
        (pandas.DataFrame({"user": [1], "item": [2]}), r'table\["user"\], table\["item"\]\)'),
        (sparse.csr_array(np.eye(3)), r"matrix.row, matrix.col\) of matrix.tocoo\(\)"),
    ):
        for kind in (Item2Vec, Baskets):
            with pytest.raises(TypeError, match=rf"give Baskets.from_columns\({way}"):
                kind(given)


def test_columns_of_arrow_and_numbers_of_numpy():
    assert Baskets.from_columns(list(np.array([1, 2])), ["a", np.str_("b")]).lists() == [["a"], ["b"]]
    arrow = pytest.importorskip("pyarrow")
    users, items = arrow.array(["u", "u"]), arrow.array(["a", "b"])
    found = Baskets.from_columns(users, items, arrow.array([2, 1]), goals=arrow.array([True, False]))
    assert found.lists() == [["b", "a"]]
    assert [found.items[goal] for goal in found.goals] == ["a"]
    with pytest.raises(ValueError, match="times: the value of row 1 is missing"):
        Baskets.from_columns(users, items, arrow.array([datetime(2020, 1, 1), None]))


def test_goals_and_weights_of_columns():
    goals = [False, False, True, True, False, False]
    found = Baskets.from_columns(USERS, ITEMS, TIMES, weights=[1, 1, 1, 5, 1, 2], goals=goals, gap=100)
    assert found.lists() == [["c", "a"], ["d", "e"], ["b", "a"]]
    assert [found.items[k] if k >= 0 else None for k in found.goals.tolist()] == ["c", "d", None]
    np.testing.assert_allclose(found.weights, np.array([1, 1, 5, 2, 1, 1]) / 5)
    aged = Baskets.from_columns(USERS, ITEMS, TIMES, half_life=10)
    np.testing.assert_allclose(aged.weights[-3:], 0.5 ** (np.array([0, 1005, 1004]) / 10), rtol=1e-5)


def test_lists_have_weights_and_goals():
    found = Baskets([["a", "b"], ["c"]], weights=[1, 4], goals=["b", None])
    np.testing.assert_allclose(found.weights, [0.25, 0.25, 1])
    assert found.goals.tolist() == [1, -1]
    np.testing.assert_allclose(Baskets([["a", "b"], ["c"]], weights=[[1, 2], [0]]).weights, [0.5, 1, 0])


DAY = np.array(["2020-01-01"], "M8[D]")


def test_a_table_of_events_is_told_how_it_is_taken():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"user": [7, 7, 8], "item": ["a", "b", "a"]})
    for kind in (Item2Vec, Baskets):
        message = r'not pandas\.DataFrame: give Baskets\.from_columns\(table\["user"\], table\["item"\]\)'
        with pytest.raises(TypeError, match=message):
            kind(table)
    assert Baskets.from_columns(table["user"], table["item"]).lists() == [["a", "b"], ["a"]]


def test_bad_columns_are_refused():
    class Table:
        columns = shape = ()

        def __len__(self):
            return 1

    for call, error, text in [
        (lambda: Baskets.from_columns([1, 2], ["a"]), ValueError, "2 users and 1 items"),
        (lambda: Baskets.from_columns([1, 2], ["a", None]), ValueError, "items: the value of row 1 is missing"),
        (lambda: Baskets.from_columns([1, float("nan")], ["a", "b"]), ValueError, "users: the value of row 1 is miss"),
        (lambda: Baskets.from_columns([1, 2], ["a", 1.5]), TypeError, "items must be str or int, not float as 1.5"),
        (lambda: Baskets.from_columns("ab", ["a", "b"]), TypeError, "users must be a column"),
        (lambda: Baskets.from_columns(Table(), ["a"]), TypeError, "must be one column, not a table"),
        (lambda: Baskets.from_columns([1], ["a"], [np.nan]), ValueError, "times: the value of row 0"),
        (lambda: Baskets.from_columns([1], ["a"], ["noon"]), TypeError, "times must be numbers or dates"),
        (lambda: Baskets.from_columns([1], ["a"], gap=3), ValueError, "need times"),
        (lambda: Baskets.from_columns([1], ["a"], [1], gap=0), ValueError, "gap must be positive"),
        (lambda: Baskets.from_columns([1], ["a"], weights=[-1]), ValueError, "weights must be finite and not neg"),
        (lambda: Baskets.from_columns([1], ["a"], weights=[0]), ValueError, "all weights are 0"),
        (lambda: Baskets.from_columns([1], ["a"], [np.inf]), ValueError, "times: the value of row 0 is infinite"),
        (
            lambda: Baskets.from_columns([1, 1], [1, True]),
            TypeError,
            "items must be str or int, not bool as True in row",
        ),
        (
            lambda: Baskets.from_columns([1, 1.0], [1, 2]),
            TypeError,
            "users must be str or int, not float as 1.0 in row",
        ),
        (lambda: Baskets.from_columns([1], ["a"], weights=["2"]), TypeError, "weights must be a column of numbers"),
        (lambda: Baskets.from_columns([1], ["a"], weights=[[2]]), TypeError, "weights must be a column of numbers"),
        (lambda: Baskets.from_columns([1], ["a"], weights=DAY), TypeError, "weights must be a column of numbers"),
        (lambda: Baskets.from_columns([1], ["a"], weights=[*DAY]), TypeError, "weights must be a column of numbers"),
        (lambda: Baskets.from_columns([1], ["a"], goals=["x"]), TypeError, "goals must be a column of True"),
        (lambda: Baskets([["a"]], weights=[1, 2]), ValueError, "1 baskets and 2 weights"),
        (lambda: Baskets([["a"]], weights=[[1, 2]]), ValueError, "basket 0 has 1 items, and weights of shape"),
        (lambda: Baskets([["a"]], goals=["b"]), ValueError, "the goal 'b' is in no basket"),
        (lambda: Baskets([[1, 2], [2]], goals=[0, 2]), ValueError, "the goal 0 is in no basket"),
        (
            lambda: Item2Vec(Baskets([["a", "b"]] * 3, goals=["a"] * 3), sentence_weights=[1] * 4),
            ValueError,
            "there are 4 sentence_weights, and 3 baskets",
        ),
        (lambda: Baskets([["a"]], goals=[None, None]), ValueError, "1 baskets and 2 goals"),
    ]:
        with pytest.raises(error, match=text):
            call()
    assert Baskets.from_columns([], []).lists() == []


# Training.


def test_planted_groups_are_found(model):
    assert of_the_group(model) > 0.9
    assert model.corpus_count == 1500
    assert 8900 < model.corpus_total_words <= 9000  # an item that was drawn twice for a basket is there once


@pytest.mark.parametrize("options", [{"hs": 1, "negative": 0}, {"ns_exponent": -0.5}, {"min_count": 1, "seed": 5}])
def test_other_objectives_find_them_too(options):
    assert of_the_group(Item2Vec(planted(), **OPTIONS | options)) > 0.5  # one of six by chance


@pytest.mark.parametrize(
    "options", [{"sg": 0}, {"sg": 0, "corrected_cbow": True, "alpha": 0.2}, {"shared_noise": True}]
)
def test_what_was_predicted_is_of_the_group(options):
    found = Item2Vec(planted(), **OPTIONS | options)
    baskets = [[f"{group}-1", f"{group}-2", f"{group}-3"] for group in range(GROUPS)]
    ids, _ = found.recommend(baskets, 4, by="prediction")
    assert np.mean([[item[0] == basket[0][0] for item in row] for row, basket in zip(ids, baskets, strict=True)]) > 0.9


def test_sets_do_not_depend_on_their_order():
    """Items that stand at both ends of long baskets are found to belong together, though no window reaches so far."""
    rng = np.random.default_rng(0)
    baskets = [
        [f"{group}-first", *(f"x{k}" for k in rng.choice(50, 12, replace=False)), f"{group}-last"]
        for group in rng.integers(5, size=3000)
    ]
    options = {"vector_size": 16, "window": 2, "epochs": 15, "alpha": 0.05, "workers": 1}
    found, in_order = (Item2Vec(baskets, sets=sets, **options) for sets in (True, False))
    places = []
    for trained in (found, in_order):
        ids, _ = trained.recommend(
            [[f"{g}-first"] for g in range(5)], 1, by="prediction", items=[f"{g}-last" for g in range(5)]
        )
        places.append([row[0] for row in ids])
    assert places[0] == [f"{g}-last" for g in range(5)]
    assert places[1] != places[0]


def test_items_of_a_session_meet_its_goal_from_afar():
    rng = np.random.default_rng(0)
    sessions, goals = [], []
    for group in rng.integers(5, size=2000):
        sessions.append([f"{group}-seen", *(f"x{k}" for k in rng.choice(50, 8, replace=False)), f"{group}-bought"])
        goals.append(f"{group}-bought")
    options = {"vector_size": 16, "window": 1, "epochs": 10, "alpha": 0.05, "workers": 1, "sets": False}
    found = Item2Vec(Baskets(sessions, goals=goals), **options)
    ids, _ = found.recommend([[f"{g}-seen"] for g in range(5)], 1, by="prediction", items=sorted(set(goals)))
    assert [row[0] for row in ids] == [f"{g}-bought" for g in range(5)]
    assert found.corpus_count == 2000
    assert found.corpus_total_words == 20000


def test_what_weighs_nothing_is_not_trained():
    baskets = planted(300)
    weights = [[0.0 if item == "0-0" else 1.0 for item in basket] for basket in baskets]
    begun, found = (
        Item2Vec(Baskets(baskets, weights), vector_size=8, epochs=e, alpha=a) for e, a in [(1, 1e-9), (5, 0.05)]
    )
    np.testing.assert_allclose(begun.wv["0-0"], found.wv["0-0"], atol=1e-6)
    assert np.abs(begun.wv["0-1"] - found.wv["0-1"]).max() > 1e-3


def test_the_same_seed_gives_the_same_vectors_and_another_shuffles_otherwise():
    baskets, options = planted(200), {"vector_size": 8, "epochs": 2, "workers": 1}
    first, again, other = (Item2Vec(baskets, seed=seed, **options) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.wv.vectors, again.wv.vectors)
    assert not np.array_equal(first.wv.vectors, other.wv.vectors)
    rounds = [Item2Vec(baskets, vector_size=8, epochs=2, workers=3, deterministic=True).wv.vectors for _ in range(2)]
    np.testing.assert_array_equal(*rounds)


def test_baskets_beyond_the_memory_are_trained_from_a_file():
    def drawn(memory):
        corpus = Arranged(source_of(planted()), sets=True).count_and_encode(Limits(1, memory)).corpus
        made = [chunk.arrays() for chunk in corpus.of_epoch([5], 1).chunks]
        return corpus.chunks, np.concatenate([ids for ids, _ in made])

    (chunks, ids), (_, wanted) = drawn(20_000), drawn(None)
    assert sum(isinstance(chunk.chunk, SpilledChunk) for chunk in chunks) > 1
    np.testing.assert_array_equal(ids, wanted)
    small, whole = (Item2Vec(planted(), memory_budget=memory, **OPTIONS) for memory in (20_000, 2**30))
    assert small.wv.key_to_index == whole.wv.key_to_index
    assert small.wv.expandos["count"].tolist() == whole.wv.expandos["count"].tolist()
    assert of_the_group(small) > 0.9


def test_files_and_ints_are_baskets(tmp_path):
    path = tmp_path / "baskets.txt"
    path.write_text("".join(" ".join(basket) + "\n" for basket in planted(300)))
    options = {"vector_size": 8, "epochs": 2, "workers": 1}
    of_file, of_lists = Item2Vec(corpus_file=path, **options), Item2Vec(planted(300), **options)
    np.testing.assert_array_equal(of_file.wv.vectors, of_lists.wv.vectors)
    numbers = Item2Vec([[1, 2, 3], [2, 3, 4]] * 20, vector_size=4)
    assert sorted(numbers.wv.index_to_key) == [1, 2, 3, 4]
    assert numbers.similar_items(3, 1)[0].tolist() == [3]


def test_whole_numbers_are_items_and_never_rows():
    baskets = [[100, 200, 300], [100, 200], [400, 500, 600], [400, 500]] * 50
    features = {100: ["a"], 200: ["a"], 300: ["a"], 400: ["b"], 500: ["b"], 600: ["b"], 2: ["b"]}
    model = Item2Vec(baskets, vector_size=8, epochs=2, workers=1, features=features)
    assert 3 not in model.wv
    assert model.wv.get_index(2, -1) == -1
    cold = model.wv.with_cold()[2]
    np.testing.assert_allclose(model.wv[2], cold)
    np.testing.assert_allclose(model.wv[[2, 100, 2]], [cold, model.wv[100], cold])
    for ask in (model.recommend, model.similar_items, model.wv.most_similar):
        with pytest.raises(KeyError, match="3"):
            ask([3])
    assert model.recommend([3, 100], 2, ignore_missing=True)[0].tolist() == model.recommend([100], 2)[0].tolist()
    named = Item2Vec([["milk", "bread"], ["nail", "screw"]] * 20, vector_size=4, workers=1)
    with pytest.raises(KeyError, match="1"):
        named.recommend([1])


class Stop(CallbackAny2Vec):
    def on_epoch_end(self, model):
        raise KeyboardInterrupt


def test_training_goes_on_from_a_checkpoint_to_the_same_vectors(tmp_path):
    baskets = planted(300)
    options = {"vector_size": 8, "epochs": 4, "workers": 1, "min_count": 2}
    whole = Item2Vec(baskets, **options)
    path = tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        Item2Vec(baskets, callbacks=[Checkpoint(path), Stop()], **options)
    resumed = Item2Vec.resume(path, baskets)
    np.testing.assert_array_equal(resumed.wv.vectors, whole.wv.vectors)


def test_pairs_with_goals_weigh_what_their_basket_does(tmp_path):
    baskets = [*planted(300), ["only", "here", "goal"]]
    given = Baskets(baskets, goals=[basket[0] if k % 2 else None for k, basket in enumerate(baskets[:-1])] + ["goal"])
    options = {"vector_size": 8, "epochs": 3, "workers": 1}
    plain, ones = Item2Vec(given, **options), Item2Vec(given, sentence_weights=[1] * 301, **options)
    np.testing.assert_array_equal(ones.wv.vectors, plain.wv.vectors)
    weights = [1.5] * 300 + [0]
    begun = Item2Vec(**options)
    begun.build_vocab(given)
    whole = Item2Vec(given, sentence_weights=weights, **options)
    for item in ("only", "here", "goal"):
        np.testing.assert_array_equal(whole.wv[item], begun.wv[item])
    with pytest.raises(KeyboardInterrupt):
        Item2Vec(given, sentence_weights=weights, callbacks=[Checkpoint(tmp_path / "m", epochs=1), Stop()], **options)
    np.testing.assert_array_equal(Item2Vec.resume(tmp_path / "m", given).wv.vectors, whole.wv.vectors)


def test_files_hold_everything(model, tmp_path):
    model.save(tmp_path / "m")
    again = Item2Vec.load(tmp_path / "m")
    assert again.sets is True
    np.testing.assert_array_equal(again.wv.vectors, model.wv.vectors)
    again.train(planted(100), start_alpha=0.01, epochs=1)
    assert isinstance(KeyedVectors.load(tmp_path / "m"), ItemVectors)
    assert type(Word2Vec.load(tmp_path / "m")) is Item2Vec


def test_sums_in_earlier_files_are_not_taken_for_what_was_trained(model, tmp_path):
    model.save(tmp_path / "m")
    for output in ("word", "sum"):
        arrays, metadata = native.read_native(tmp_path / "m")
        metadata["parameters"] = json.dumps(json.loads(metadata["parameters"]) | {"output": output})
        native.write_native(tmp_path / output, arrays, metadata)
    assert Item2Vec.load(tmp_path / "word").recommend(["0-1"])[0].tolist() == model.recommend(["0-1"])[0].tolist()
    with pytest.raises(ValueError, match="sum: was trained with output='sum' by an earlier version"):
        Item2Vec.load(tmp_path / "sum")
    np.testing.assert_array_equal(KeyedVectors.load(tmp_path / "sum").vectors, model.wv.vectors)


def test_new_items_are_added(model, tmp_path):
    model.save(tmp_path / "m")
    again = Item2Vec.load(tmp_path / "m")
    more = [["0-1", "new", "0-2"]] * 30
    again.build_vocab(more, update=True)
    again.train(more, epochs=20, start_alpha=0.04)
    assert "new" in again.wv
    assert "0-1" in again.recommend(["new"], 2, by="prediction")[0].tolist()


@pytest.mark.parametrize("name", ["null_word", "position_weights", "phrases", "output", "min_n", "bucket"])
def test_what_items_have_not_is_refused(name):
    with pytest.raises(TypeError, match=f"Item2Vec\\(\\) has no {name}"):
        Item2Vec(planted(10), **{name: 1})


def test_wrong_parameters_and_baskets_are_refused():
    for given, error, text in [
        ({"baskets": ["milk bread"], "window": 0}, ValueError, "window"),
        ({"baskets": planted(10), "sets": "yes"}, TypeError, "sets must be True or False"),
        ({"baskets": planted(10), "vectorsize": 3}, TypeError, "vector_size"),
        ({"baskets": [["a", 1.5]]}, TypeError, "float"),
        ({"baskets": [[]]}, ValueError, "no words"),
        ({"baskets": "milk"}, TypeError, "list"),
        ({"baskets": planted(10), "features": ["a"]}, TypeError, "features must be a dict of items"),
        ({"baskets": planted(10), "features": {"a": "red"}}, TypeError, "the features of 'a' must be a list of str"),
        ({"baskets": planted(10), "features": {"a": [3]}}, TypeError, "a feature of 'a' must be a str, not 3"),
        ({"baskets": planted(10), "features": {1.5: []}}, TypeError, "an item must be a str or an int, not 1.5"),
    ]:
        with pytest.raises(error, match=text):
            Item2Vec(**given)


# Recommending.


def test_recommendations_are_cosines_with_the_mean(model):
    wv = model.wv
    units = wv.vectors / np.linalg.norm(wv.vectors, axis=1, keepdims=True)
    liked = ["0-1", "0-2", "3-3"]
    centre = units[[wv.key_to_index[item] for item in liked]].mean(axis=0)
    expected = units @ centre / np.linalg.norm(centre)
    expected[[wv.key_to_index[item] for item in liked]] = -np.inf
    best = np.argsort(-expected)[:5]
    ids, scores = model.recommend(liked, N=5, by="similarity")
    assert ids.tolist() == [wv.index_to_key[row] for row in best]
    np.testing.assert_allclose(scores, expected[best], atol=1e-6)
    dots = model.syn1neg @ wv.vectors[[wv.key_to_index[item] for item in liked]].mean(axis=0)
    ids, scores = model.recommend(liked, N=3, filter_already_liked_items=False)
    assert ids.tolist() == [wv.index_to_key[row] for row in np.argsort(-dots)[:3]]
    np.testing.assert_allclose(scores, np.sort(dots)[::-1][:3], rtol=1e-4)


def test_several_baskets_are_answered_as_each_alone(model):
    baskets = [["0-1", "0-2"], ["3-3"], ["5-1", "5-2", "5-3", "5-4"]]
    ids, scores = model.recommend(baskets, N=4)
    assert ids.shape == scores.shape == (3, 4)
    for row, basket in enumerate(baskets):
        alone = model.recommend(basket, N=4)
        assert ids[row].tolist() == alone[0].tolist()
        np.testing.assert_allclose(scores[row], alone[1], atol=1e-6)


WEIGHTS = {"3-3": 1e6}, {"0-1": 0}


def test_filters(model):
    best = model.recommend(["0-1"], N=3)[0].tolist()
    assert "0-1" not in best
    assert model.recommend(["0-1"], 1, False, by="similarity")[0].tolist() == ["0-1"]
    assert model.recommend(["0-1"], N=2, filter_items=best[:1])[0].tolist() == best[1:]
    assert set(model.recommend(["0-1"], N=5, items=["2-1", "2-2", "0-1"])[0]) == {"2-1", "2-2"}
    assert model.similar_items("0-1", N=2)[0][0] == "0-1"
    ids, scores = model.similar_items(["0-1", "2-2"], N=100)
    assert ids.shape == (2, 100)
    assert ids[0, len(model.wv) :].tolist() == [None] * (100 - len(model.wv))
    assert np.isnan(scores[0, len(model.wv) :]).all()
    heavy, alone = (model.recommend(["0-1", "3-3"], N=3, weights=weights)[0].tolist() for weights in WEIGHTS)
    assert heavy == alone != model.recommend(["0-1", "3-3"], N=3)[0].tolist()


def test_long_baskets_cost_the_others_nothing(model, monkeypatch):
    """Of each basket so many places more are looked at as it has items, not as the longest of all has."""
    baskets = [[f"{k % GROUPS}-{k % OF_A_GROUP}"] for k in range(30)]
    baskets[7] = model.wv.index_to_key[:40]
    baskets[9] = []
    wanted = [model.recommend(basket, 3) for basket in baskets]
    looked_at, search = [], queries.search
    monkeypatch.setattr(queries, "search", lambda s, n, rows, k: (looked_at.append(n * k), search(s, n, rows, k))[1])
    monkeypatch.setattr(queries, "BLOCK", 10)
    ids, scores = model.recommend(baskets, 3)
    assert sum(looked_at) == 20 * 4 + 10 * 43
    for row, (items, theirs) in enumerate(wanted):
        assert ids[row].tolist() == items.tolist() + [None] * (3 - len(items))
        np.testing.assert_allclose(scores[row, : len(theirs)], theirs, atol=1e-6)


def test_vectors_that_were_added_are_not_predicted():
    model = Item2Vec([["a", "b", "c"]] * 5, vector_size=4, epochs=1, workers=1)
    model.wv.add_vector("new", np.ones(4, np.float32))
    assert sorted(model.recommend(["a"], filter_items=["b"])[0]) == ["c"]
    assert sorted(model.recommend(["new"], items=["b", "new"])[0]) == ["b"]
    assert sorted(model.recommend(["a"], filter_items=["b"], by="similarity")[0]) == ["c", "new"]


def test_unknown_items(model):
    for call in (
        lambda: model.recommend(["0-1", "absent"]),
        lambda: model.similar_items("absent"),
        lambda: model.recommend(["0-1"], filter_items=["absent"]),
    ):
        with pytest.raises(KeyError, match="give ignore_missing=True"):
            call()
    assert model.recommend(["0-1", "absent"], ignore_missing=True)[0].tolist() == model.recommend(["0-1"])[0].tolist()
    ids, scores = model.recommend([["absent"], ["0-1"], []], N=2, ignore_missing=True)
    assert ids[0].tolist() == ids[2].tolist() == [None, None]
    assert np.isnan(scores[[0, 2]]).all()
    assert model.similar_items("absent", ignore_missing=True)[0].tolist() == []
    assert model.recommend([], N=2)[0].tolist() == []
    assert model.recommend(["0-1"], filter_items=["absent"], ignore_missing=True)[0].tolist()


def test_few_barred_items_are_left_out_as_many_are(model, monkeypatch):
    barred = [*model.recommend(["0-1", "2-2"], N=3)[0].tolist(), "0-1"]
    options = [{"liked": ["0-1", "2-2"]}, {"liked": [["0-1"], ["2-2", "3-1"], []]}]
    options += [{**each, "by": "similarity", "filter_already_liked_items": False} for each in options]
    found = [model.recommend(**each, N=5, filter_items=barred) for each in options]
    found.append(model.similar_items("0-1", N=len(model.wv), filter_items=barred))
    monkeypatch.setattr(recommending_module, "FEW", 0)
    copied = [model.recommend(**each, N=5, filter_items=barred) for each in options]
    copied.append(model.similar_items("0-1", N=len(model.wv), filter_items=barred))
    for (ids, scores), (same, alike) in zip(found, copied, strict=True):
        assert not set(barred) & set(ids.ravel())
        assert ids.tolist() == same.tolist()
        np.testing.assert_allclose(scores, alike, rtol=1e-5)


def test_items_without_weight_are_none(model):
    weighed = model.recommend(["0-1", "3-2"], weights={"3-2": 0}, filter_items=["3-2"], N=10**12)
    alone = model.recommend(["0-1"], filter_items=["3-2"], N=len(model.wv))
    assert weighed[0].tolist() == alone[0].tolist()
    assert model.recommend(["0-1"], weights={"0-1": 0})[0].tolist() == []


def test_bad_questions_are_refused(model):
    for call, error, text in [
        (lambda: model.recommend(["0-1"], N=0), ValueError, "N must be at least 1"),
        (lambda: model.recommend("0-1"), TypeError, "a list of items is needed"),
        (lambda: model.recommend({"0-1": 2}), TypeError, "not a mapping: give its keys, and its numbers as weights="),
        (lambda: model.recommend(["0-1"], items=["0-1"], filter_items=["0-2"]), ValueError, "not both"),
        (lambda: model.recommend(["0-1"], items="0-1"), TypeError, "filters are lists"),
        (lambda: model.recommend([["0-1"]], filter_items=[["0-2"]]), TypeError, "same for all that is asked: no list"),
        (lambda: model.recommend(["0-1"], by="x"), ValueError, "by must be"),
        (lambda: model.recommend(["0-1"], by="prediction", include_cold=True), ValueError, "no cold items"),
        (lambda: model.recommend([["0-1"], "0-2"]), TypeError, "not str: give .'0-2'."),
        (lambda: model.recommend(5), TypeError, "not int: give .5."),
        (lambda: model.recommend(["0-1"], weights=[1]), TypeError, "weights must be a dict"),
        (lambda: model.recommend(["0-1"], weights={"0-1": np.nan}), ValueError, "the weight of '0-1' must be finite"),
        (lambda: model.recommend(["0-1"], weights={"0-1": -1.0}), ValueError, "'0-1' must not be negative"),
        (lambda: model.wv.add_features([1]), TypeError, "features must be a dict"),
        (lambda: model.evaluate([["0-1"]]), ValueError, "none of 1 baskets has two known items"),
        (lambda: model.evaluate(planted(5), held_out="first"), ValueError, "held_out must be"),
        (lambda: model.evaluate(["0-1"]), TypeError, "not str: give .'0-1'."),
    ]:
        with pytest.raises(error, match=text):
            call()


def test_what_is_left_out_is_ranked(model):
    held = planted(200, seed=9)
    found = model.evaluate([*held, ["absent", "0-1"]], N=5, seed=3)
    assert (found.used, found.skipped, found.N) == (200, 1, 5)
    assert found.recall > 0.5
    hits = found.ranks[found.ranks > 0].astype(float)
    assert found.ndcg == pytest.approx((1 / np.log2(hits + 1)).sum() / 200)
    assert found.mrr == pytest.approx((1 / hits).sum() / 200)
    low, high = found.intervals()["mrr"][1:]
    assert low < found.mrr < high
    everything = model.evaluate(held, N=10**15)  # no more than there are takes memory
    assert (everything.recall, everything.N) == (1, 10**15)
    last = model.evaluate(held[:50], N=3, held_out="last")
    for basket, rank in zip(held, last.ranks.tolist(), strict=False):
        items = list(dict.fromkeys(basket))
        ids = model.recommend(items[:-1], N=3)[0].tolist()
        assert rank == (ids.index(items[-1]) + 1 if items[-1] in ids else 0)
    with pytest.raises(ValueError, match="the scores are recall, ndcg, mrr"):
        found.scores("auc")


# Features.


def features(items):
    return {item: {"group": item[0], "shop": "all", "brand": None} for item in items}


@pytest.fixture(scope="module")
def with_features():
    items = [f"{group}-{k}" for group in range(GROUPS) for k in range(OF_A_GROUP)]
    given = features(items) | {"cold": ["group=3"], "strange": ["group=99"], "bare": []}
    return Item2Vec(planted(), features=given, **OPTIONS)


def test_vectors_are_means_of_rows(with_features):
    wv = with_features.wv
    rows = wv.feature_vectors()
    own = wv.vectors_vocab[wv.key_to_index["3-1"]]
    np.testing.assert_allclose(wv["3-1"], (own + rows["group=3"] + rows["shop=all"]) / 3, atol=1e-6)
    np.testing.assert_allclose(wv["cold"], rows["group=3"], atol=1e-6)
    assert wv.features["3-1"] == ["group=3", "shop=all"]
    assert of_the_group(with_features) > 0.9


def test_cold_items_have_vectors_by_their_features(with_features):
    wv = with_features.wv
    assert "cold" in wv
    assert "cold" not in wv.key_to_index
    ids, _ = with_features.recommend(["cold"], N=5, by="similarity")
    assert [item[0] for item in ids] == ["3"] * 5
    assert "cold" in with_features.recommend(["3-1", "3-2"], N=8, include_cold=True)[0].tolist()
    assert "cold" not in with_features.recommend(["3-1", "3-2"], N=8)[0].tolist()
    ids, _ = with_features.similar_items(["cold", "3-1"], N=3, include_cold=True)
    assert ids[0, 0] == "cold"


def test_a_missing_value_is_no_feature():
    features = {"milk": {"brand": float("nan"), "kind": ["dairy", None], "size": None, "price": 3}}
    assert Item2Vec(features=features).wv.features == {"milk": ["kind=dairy", "price=3"]}


def test_features_of_tables():
    pandas, arrow, polars = (pytest.importorskip(name) for name in ("pandas", "pyarrow", "polars"))
    columns = {
        "brand": ["A", None, "B"],
        "item": ["milk", "bread", "milk"],
        "kind": [["dairy", "drink"], ["bakery"], []],
    }
    wanted = {"milk": ["brand=A", "brand=B", "kind=dairy", "kind=drink"], "bread": ["kind=bakery"]}
    tables = [pandas.DataFrame(columns), arrow.table(columns), polars.DataFrame(columns)]
    for table in tables:
        assert Item2Vec(features=table).wv.features == wanted
    frame = pandas.DataFrame({"sku": [1, 2], "size": [10, 20]})
    assert Item2Vec(features=frame).wv.features == {1: ["size=10"], 2: ["size=20"]}
    vectors = Item2Vec(planted(50), features=pandas.DataFrame({"item": ["3-1", "new"], "group": [3, 3]}), epochs=1).wv
    assert vectors.features["3-1"] == ["group=3"]
    assert "new" in vectors
    assert vectors.add_features(pandas.DataFrame({"item": ["newer", "other"], "group": [3, 99]})) == 1
    assert "newer" in vectors


def test_whole_numbers_stay_whole_where_some_are_missing():
    pandas, arrow, polars = (pytest.importorskip(name) for name in ("pandas", "pyarrow", "polars"))
    large = [2**53, None, 2**53 + 1]
    wanted = {1: [f"b={2**53}"], 2: [], 3: [f"b={2**53 + 1}"]}
    arrows = pandas.ArrowDtype(arrow.int64())
    columns = [
        arrow.array(large),
        arrow.array(large).dictionary_encode(),
        pandas.array(large, "Int64"),
        pandas.array(large, arrows),
        pandas.Categorical(pandas.array(large, "Int64")),
    ]
    tables = [polars.DataFrame({"item": [1, 2, 3], "b": large})]
    tables += [pandas.DataFrame({"item": [1, 2, 3], "b": column}) for column in columns[2:]]
    tables += [arrow.table({"item": [1, 2, 3], "b": column}) for column in columns[:2]]
    for table in tables:
        assert Item2Vec(features=table).wv.features == wanted, table
        column = table["b"]
        with pytest.raises(ValueError, match="items: the value of row 1 is missing"):
            Baskets.from_columns([1, 1, 1], column)
        for name in ("times", "weights"):
            with pytest.raises(ValueError, match=f"{name}: the value of row 1 is missing"):
                Baskets.from_columns([1, 1, 1], [1, 2, 3], **{name: column})
        with pytest.raises((TypeError, ValueError), match=r"missing|must be str or int, not None in row 1"):
            Graph.from_edges(column, [1, 2, 3])


def test_dictionaries_of_arrow():
    arrow = pytest.importorskip("pyarrow")
    coded = arrow.array(["A", None, "B"]).dictionary_encode()
    inside = arrow.DictionaryArray.from_arrays(arrow.array([0, 1, 2]), arrow.array(["A", None, "B"]))
    for column in (coded, inside, arrow.chunked_array([coded, coded])[3:]):
        table = arrow.table({"item": [1, 2, 3], "b": column})
        assert Item2Vec(features=table).wv.features == {1: ["b=A"], 2: [], 3: ["b=B"]}
        for given in (column, table["b"]):
            with pytest.raises(ValueError, match="items: the value of row 1 is missing"):
                Baskets.from_columns([1, 1, 1], given)
    twice = arrow.DictionaryArray.from_arrays(arrow.array([0, 1, 2]), arrow.array(["A", "B", "A"]))
    assert Baskets.from_columns([1, 1, 1], twice).items == ["A", "B"]
    numbers = arrow.array([7, 8, 7]).dictionary_encode()
    assert Graph.from_edges(numbers, [0, 0, 1]).edges == 3
    assert Baskets.from_columns([1, 1, 1], [1, 2, 3], numbers).lists() == [[1, 3, 2]]


def test_times_are_features_as_they_are_written():
    pandas, arrow, polars = (pytest.importorskip(name) for name in ("pandas", "pyarrow", "polars"))
    times = np.array(["2020-01-01", "NaT", "2020-01-01T00:00:01.000000001"], "datetime64[ns]")
    wanted = {1: ["b=2020-01-01 00:00:00"], 2: [], 3: ["b=2020-01-01 00:00:01.000000001"]}
    for package in (pandas.DataFrame, arrow.table, polars.DataFrame):
        assert Item2Vec(features=package({"item": [1, 2, 3], "b": times})).wv.features == wanted, package
    table = pandas.DataFrame({"item": [1, 2], "b": times[:2].astype("datetime64[us]")})
    assert Item2Vec(features=table).wv.features == {1: ["b=2020-01-01 00:00:00"], 2: []}
    assert Item2Vec(features={1: {"b": times[:2]}}).wv.features == {1: ["b=2020-01-01 00:00:00"]}
    lengths = pandas.DataFrame({"item": [1], "b": np.array([1500], "timedelta64[ns]")})
    assert Item2Vec(features=lengths).wv.features == {1: ["b=1500 nanoseconds"]}


def test_cells_of_several_values():
    pandas, arrow, polars = (pytest.importorskip(name) for name in ("pandas", "pyarrow", "polars"))
    lists = [[2**53 + 1, None], [3, 4]]
    wanted = {1: [f"b={2**53 + 1}"], 2: ["b=3", "b=4"]}
    fixed = arrow.array(lists, arrow.list_(arrow.int64(), 2))
    tables = [
        arrow.table({"item": [1, 2], "b": lists}),
        arrow.table({"item": [1, 2], "b": fixed}),
        pandas.DataFrame({"item": [1, 2], "b": pandas.Series(lists, dtype=pandas.ArrowDtype(fixed.type))}),
        pandas.DataFrame({"item": [1, 2], "b": [pandas.Series(cell, dtype="Int64") for cell in lists]}),
        polars.DataFrame({"item": [1, 2], "b": lists}),
        polars.DataFrame({"item": [1, 2], "b": polars.Series(lists, dtype=polars.Array(polars.Int64, 2))}),
    ]
    for table in tables:
        assert Item2Vec(features=table).wv.features == wanted, table
    cells = {"a": pandas.Series(["x", "y"]), "b": polars.Series([1]), "c": arrow.array(["z"]), "d": (k for k in "uv")}
    assert Item2Vec(features={1: cells}).wv.features == {1: ["a=x", "a=y", "b=1", "c=z", "d=u", "d=v"]}


def test_bad_tables_of_features_are_refused():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match="a column of items and others"):
        Item2Vec(features=pandas.DataFrame({"item": ["milk"]}))
    with pytest.raises(ValueError, match=r"item.*row 1"):
        Item2Vec(features=pandas.DataFrame({"item": ["milk", None], "brand": ["A", "B"]}))
    with pytest.raises(TypeError, match="a dict of items to lists of features, or a table"):
        Item2Vec(features=[("milk", "A")])


def test_items_without_trained_features_have_no_vector(with_features):
    for item in ("strange", "bare", "absent"):
        assert item not in with_features.wv
        with pytest.raises(KeyError):
            with_features.wv[item]
        with pytest.raises(KeyError):
            with_features.wv[["cold", item]]
    assert with_features.wv.with_cold().index_to_key[-1] == "cold"


def test_features_of_no_item_that_is_there_are_told(caplog):
    """As those of a file, whose items are texts, where baskets have whole numbers."""
    Item2Vec([[1, 2]] * 3, features={"1": ["x"], "2": ["y"]}, vector_size=4, epochs=1)
    assert "none is among those that have some: those are int, and these str" in caplog.text
    caplog.clear()
    for given in ({1: ["x"], "2": ["y"]}, {}, None, {3: [], 1: []}):
        Item2Vec([[1, 2]] * 3, features=given, vector_size=4, epochs=1)
    assert "without effect" not in caplog.text
    Item2Vec([["a", "b"]] * 3, features={"c": ["x"]}, vector_size=4, epochs=1)
    assert caplog.messages == ["features are without effect: of the baskets' items none is among those that have some"]


def test_features_of_sets_are_in_order_and_those_of_iterators_are_read_once():
    names = [f"shop {k}" for k in range(20)]
    for given in (set(names), frozenset(names)):
        assert Item2Vec(features={"a": given}).wv.subwords.names == sorted(names)
        fields = Item2Vec(features={"a": {"at": given}}).wv.subwords.names
        assert fields == sorted(f"at={name}" for name in names)
    model = Item2Vec([["a", "b"]], features={"a": iter(["x", "y"])}, vector_size=4, epochs=1)
    assert model.wv.features == {"a": ["x", "y"]}
    added = {"a": iter(["y"]), "c": iter(["x"]), "d": {"f": iter(["x"])}, "e": iter([])}
    assert model.wv.add_features(added) == 1
    assert model.wv.features == {"a": ["x", "y"], "c": ["x"], "d": [], "e": []}


def test_new_items_come_with_their_features_after_training(with_features, tmp_path):
    with_features.save(tmp_path / "m")
    again = Item2Vec.load(tmp_path / "m")
    new = {"tomorrow": {"group": "5"}, "odd": ["group=100"], "3-1": ["group=0"]}
    assert again.wv.add_features(new) == 1
    np.testing.assert_array_equal(again.wv["tomorrow"], again.wv.feature_vectors()["group=5"])
    np.testing.assert_array_equal(again.wv["3-1"], with_features.wv["3-1"])
    assert "odd" not in again.wv
    again.save(tmp_path / "n")
    np.testing.assert_array_equal(Item2Vec.load(tmp_path / "n").wv["tomorrow"], again.wv["tomorrow"])


def test_new_items_stay_known_when_the_vocabulary_is_built_anew():
    baskets = [["milk", "bread"], ["milk", "tea"]] * 20
    model = Item2Vec(baskets, features={"milk": ["dairy"]}, min_count=1, vector_size=4, epochs=1)
    assert model.wv.add_features({"oat milk": ["dairy"]}) == 1
    model.build_vocab(baskets)
    assert "oat milk" in model.wv
    model.train(baskets, total_examples=len(baskets), epochs=1)
    np.testing.assert_allclose(model.wv["oat milk"], model.wv.vectors_ngrams[0], rtol=1e-6)


def test_vectors_with_features_are_files_of_their_own(with_features, tmp_path):
    wv = with_features.wv
    wv.save(tmp_path / "wv")
    with_features.save(tmp_path / "model")
    for name in ("wv", "model"):
        again = KeyedVectors.load(tmp_path / name)
        assert isinstance(again, ItemVectors)
        np.testing.assert_array_equal(again.vectors, wv.vectors)
        np.testing.assert_array_equal(again["cold"], wv["cold"])
        assert again.features == wv.features
        assert "strange" not in again
    wv.save_word2vec_format(tmp_path / "text")
    assert len(KeyedVectors.load_word2vec_format(tmp_path / "text")) == len(wv)
    assert len(wv.compress("int8")) == len(wv)


def test_some_vectors_and_features_alone_are_of_items_too(with_features, tmp_path):
    path = tmp_path / "items.fastemb"
    with_features.wv.save(path)
    first, bare = load_vectors(path, limit=2), with_features.wv.without_words()
    dropped = with_features.wv.index_to_key[5]
    for some in (first, bare):
        some.save(tmp_path / "some")
        loaded = load_vectors(tmp_path / "some")
        for found in (some, loaded):
            assert type(found) is ItemVectors
            assert "nope" not in found
            assert dropped not in found.key_to_index
            np.testing.assert_array_equal(found[["cold", dropped]], some[["cold", dropped]])
            np.testing.assert_array_equal(found["cold"], with_features.wv["cold"])
    assert first.index_to_key == with_features.wv.index_to_key[:2]
    np.testing.assert_array_equal(first.vectors, with_features.wv.vectors[:2])


def test_damaged_features_are_refused(with_features, tmp_path):
    arrays = with_features.wv.to_arrays()
    for change in (
        {"features.ids": arrays["features.ids"] + 1000},
        {"features.starts": arrays["features.starts"][:-1]},
        {"features.ids": arrays["features.ids"].astype(np.float32)},
        {"features.trained": arrays["features.trained"][:-1]},
        {"features.trained": arrays["features.trained"].astype(np.int32)},
        {"features.items.keys.utf8": arrays["features.items.keys.utf8"][:-3]},
    ):
        with pytest.raises(ValueError, match="file: "):
            ItemVectors.from_native(arrays | change, "file")
    for name in ("vectors_ngrams", "features.keys.utf8"):
        with pytest.raises(ValueError, match="file: "):
            ItemVectors.from_native({key: array for key, array in arrays.items() if key != name}, "file")


def test_training_with_features_goes_on(with_features, tmp_path, caplog):
    with_features.save(tmp_path / "m")
    again = Item2Vec.load(tmp_path / "m")
    with caplog.at_level(logging.ERROR):
        again.train(planted(100, seed=3), epochs=1, start_alpha=0.01)
    assert not np.array_equal(again.wv.vectors, with_features.wv.vectors)
    assert of_the_group(again) > 0.9


def test_more_answers_than_memory_holds_are_refused_before_it_is_taken():
    model = Item2Vec([["a", "b"], ["b", "c"]] * 10, min_count=1, vector_size=4, epochs=1)
    for ask in (lambda: model.recommend([["a"], []], 2**50), lambda: model.similar_items(["a", "b"], 2**50)):
        with pytest.raises(MemoryError, match="take a smaller N"):
            ask()
    assert len(model.similar_items("a", 2**50)[0]) == 3
