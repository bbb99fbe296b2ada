"""How sure scores are, relations in the layout of BATS, and clusters."""

import re

import numpy as np
import pytest

from fastemb import FastText, KeyedVectors, evaluation
from fastemb.cli import main
from fastemb.evaluation import Scores, difference, interval, together
from fastemb.evaluation.clusters import kmeans
from fastemb.evaluation.intervals import MEASURES

RNG = np.random.default_rng(5)


def answers(share, count=400, seed=0):
    return Scores("accuracy", (np.random.default_rng(seed).random((count, 1)) < share).astype(float))


def test_measures_of_draws_are_those_of_the_items_repeated():
    stats = pytest.importorskip("scipy.stats")
    values = np.round(RNG.standard_normal((40, 2)), 1)  # with ties
    times = RNG.multinomial(40, np.full(40, 1 / 40), size=7).astype(float)
    clusters = RNG.integers(3, size=(40, 2)).astype(float)
    given = [("spearman", values), ("accuracy", values), ("purity", clusters)]
    found = zip(*(MEASURES[name](of, times) for name, of in given), strict=True)
    for draw, (rank, share, pure) in zip(times, found, strict=True):
        repeated = np.repeat(values, draw.astype(int), axis=0)
        assert rank == pytest.approx(stats.spearmanr(*repeated.T).statistic, abs=1e-12)
        assert share == pytest.approx(repeated[:, 0].mean())
        most = [np.bincount(clusters[clusters[:, 0] == c, 1].astype(int)).argmax() for c in range(3)]
        right = np.take(most, clusters[:, 0].astype(int)) == clusters[:, 1]
        assert pure == pytest.approx(np.repeat(right, draw.astype(int)).mean())


def test_clusters_of_several_sets_stay_apart():
    unknown = Scores("purity", np.full((2, 2), np.nan))
    first = Scores("purity", np.array([[0.0, 0], [0, 0], [1, 1]]))
    second = Scores("purity", np.array([[0.0, 1], [0, 1], [1, 0], [np.nan, np.nan]]))
    assert together([first, second, unknown, first]).score == 1
    assert together([unknown, second]).used == 3
    assert first.values[0, 0] == second.values[0, 0] == 0


def test_the_interval_of_a_purity_is_about_it():
    """Of 44 words in 9 clusters, as of ESSLLI's: draws whose clusters chose anew would nearly all be purer."""
    draw = np.random.default_rng(2)
    clusters = draw.integers(9, size=44)
    categories = np.where(draw.random(44) < 0.5, clusters, draw.integers(9, size=44))
    found = interval(Scores("purity", np.stack([clusters, categories], 1).astype(float)), 2000)
    counts = np.zeros((9, 9))
    np.add.at(counts, (clusters, categories), 1)
    assert found.score == counts.max(axis=1).sum() / 44
    assert (found.low + found.high) / 2 == pytest.approx(found.score, abs=0.02)
    error = 1.96 * np.sqrt(found.score * (1 - found.score) / 44)
    assert found.high - found.low == pytest.approx(2 * error, abs=0.03)


def test_an_interval_is_that_of_the_binomial():
    scores = answers(0.3)
    found = interval(scores, 4000)
    error = 1.96 * np.sqrt(found.score * (1 - found.score) / 400)
    assert found.score == scores.score
    assert found.low == pytest.approx(found.score - error, abs=0.005)
    assert found.high == pytest.approx(found.score + error, abs=0.005)
    narrow = interval(scores, 4000, level=0.5)
    assert found.low < narrow.low < narrow.high < found.high
    assert interval(scores, 200, seed=3) == interval(scores, 200, seed=3) != interval(scores, 200, seed=4)


def test_intervals_hold_what_they_say():
    """Of many sets with a true accuracy of .4, nineteen of twenty intervals have it inside."""
    inside = 0
    for seed in range(200):
        _, low, high = interval(answers(0.4, 200, seed), 300, seed=seed)
        inside += low <= 0.4 <= high
    assert 180 <= inside <= 199


def test_a_difference_is_paired():
    """Two models that fail on the same items differ surely, though their intervals overlap."""
    hard = RNG.random(500) < 0.5
    first = Scores("accuracy", (~hard).astype(float).reshape(-1, 1))
    better = first.values.copy()
    better[np.flatnonzero(hard)[:15]] = 1
    second = Scores("accuracy", better)
    assert interval(second).low < interval(first).high
    found = difference(first, second)
    assert found.score == pytest.approx(15 / 500)
    assert found.low > 0.01
    assert difference(first, first) == (0, 0, 0)
    other = difference(second, first)
    assert (other.low, other.high) == (-found.high, -found.low)


def test_only_items_that_both_know_are_compared():
    first, second = (Scores("accuracy", np.array([values]).T) for values in ([1.0, 0, 1, np.nan], [np.nan, 1, 1, 1]))
    assert (first.used, first.skipped) == (3, 1)
    assert difference(first, second, 0).score == 0.5
    assert np.isnan(difference(first, second, 0).low)


def test_without_items_there_is_no_score():
    empty = Scores("spearman", np.empty((0, 2)))
    assert all(map(np.isnan, interval(empty)))
    assert interval(Scores("accuracy", np.ones((1, 1)))).score == 1


def test_bad_numbers_and_other_sets_are_refused():
    scores = answers(0.5)
    for call, text in [
        (lambda: interval(scores, -1), "samples must be at least 0"),
        (lambda: interval(scores, 10**12), "samples must be at most 1000000"),
        (lambda: interval(scores, level=1), "level must be between 0 and 1"),
        (lambda: interval(scores, seed=-1), "seed must be at least 0"),
        (lambda: difference(scores, answers(0.5, 20)), "400 items by accuracy and 20 by accuracy"),
        (lambda: together([]), "not 0"),
        (lambda: together([scores, Scores("purity", np.ones((2, 2)))]), "accuracy, purity"),
    ]:
        with pytest.raises(ValueError, match=text):
            call()


# Each kind of set, with the functions that keep no items.


WORDS = [f"{word}{k}" for word in "abc" for k in range(6)]


def planted():
    """Three groups of words; in each, the words go the same way."""
    rng = np.random.default_rng(1)
    groups = np.repeat(np.eye(3, 8) * 3, 6, axis=0)
    steps = np.tile(np.eye(6, 8, 2)[:, ::-1], (3, 1))
    return KeyedVectors.from_arrays(WORDS, (groups + steps + 0.01 * rng.standard_normal((18, 8))).astype(np.float32))


def test_scores_are_those_of_the_functions_without_intervals():
    wv = planted()
    pairs = [("a0", "a1", 9.0), ("a0", "b1", 2.0), ("absent", "a1", 1.0), ("c1", "c2", 8.5), ("b0", "c0", 1.0)]
    scores = evaluation.pair_scores(wv, pairs)
    assert scores.skipped == 1
    sections = {"x": [("a0", "a1", "b0", "b1"), ("a0", "a1", "b0", "b2")], "y": [("a0", "a1", "c0", "absent")]}
    found = evaluation.analogy_scores(wv, sections)
    assert list(found) == ["x", "y"]
    assert found["x"].values.tolist() == [[1], [0]]
    assert found["y"].skipped == 1
    assert together(found.values()).score == 0.5
    sets = {"s": (["a0", "a1", "a2"], ["b3", "absent"])}
    assert evaluation.outlier_scores(wv, sets).values[0] == evaluation.outlier_detection(wv, sets).accuracy == 1
    pytest.importorskip("scipy")
    assert scores.score == pytest.approx(evaluation.word_pairs(wv, pairs).spearman[0])
    members = [(word, word[0]) for word in WORDS] + [("absent", "a")]
    for method in ("ward", "kmeans"):
        assert evaluation.categorization(wv, members, method=method) == (1.0, 18, 1)
        assert evaluation.category_scores(wv, members, method=method).score == 1
    with pytest.raises(ValueError, match="'ward' or 'kmeans'"):
        evaluation.categorization(wv, members, method="other")


def test_kmeans_finds_what_was_planted_and_all_else_fits():
    centres = RNG.standard_normal((5, 4)) * 10
    truth = RNG.integers(5, size=300)
    found = kmeans(centres[truth] + RNG.standard_normal((300, 4)) * 0.1, 5)
    assert len(np.unique(found)) == 5
    assert all(len(np.unique(found[truth == k])) == 1 for k in range(5))
    assert kmeans(np.ones((4, 2)), 3).shape == (4,)
    assert sorted(kmeans(np.eye(3), 9)) == [0, 1, 2]


# Relations.


def put(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_folder_of_relations_is_read(tmp_path):
    folder = put(
        tmp_path / "BATS",
        {
            "1_Inflection/I01 [plural].txt": "album\talbums\nanalysis\tanalyses/ analysises\n\n",
            "E01.txt": "paris france\n",
            "metadata.json": "{}",
            ".hidden.txt": "x",
        },
    )
    expected = {
        "E01": [("paris", ["france"])],
        "1_Inflection/I01 [plural]": [("album", ["albums"]), ("analysis", ["analyses", "analysises"])],
    }
    assert evaluation.read_relations(folder) == expected
    assert evaluation.read_relations(folder / "E01.txt") == {"E01": [("paris", ["france"])]}


def test_malformed_relations_are_named(tmp_path):
    for text in ("a\tb\nalone\n", "a\tb\nx\t/\n", "a\tb\n\tx\n"):
        with pytest.raises(ValueError, match=r"r\.txt, line 2: not word, tab, answer"):
            evaluation.read_relations(put(tmp_path, {"r.txt": text}))
    with pytest.raises(ValueError, match=r"no files whose names end in \.txt"):
        evaluation.read_relations(put(tmp_path / "none", {"r.csv": ""}))


def relations():
    """From each word of group a to the same of group b; of a3 the second answer is right, of a5 none is known."""
    pairs = [(f"a{k}", [f"b{k}"]) for k in range(3)]
    return {"r": [*pairs, ("A3", ["c9", "b1", "b3"]), ("absent", ["b4"]), ("a5", ["absent"])], "few": [("a1", ["b1"])]}


def by_hand(wv, pairs, method):
    """Each question by itself."""
    rows = units = wv.vectors / np.linalg.norm(wv.vectors, axis=1, keepdims=True)
    row = wv.key_to_index
    known = [(word.lower(), [x for x in answers if x in row]) for word, answers in pairs]
    known = [(word, answers) for word, answers in known if word in row and answers]
    shares = []
    for b, right in known:
        found = []
        others = [(a, answers[0]) for a, answers in known if a != b]
        if method == "average":
            others = [(None, np.mean([units[row[to]] - units[row[a]] for a, to in others], axis=0))]
        for a, to in others:
            query = units[row[b]] + (to if a is None else units[row[to]] - units[row[a]])
            if method == "mul":
                cos = [(rows @ units[row[word]] + 1) / 2 for word in (to, b, a)]
                scores = cos[0] * cos[1] / (cos[2] + 1e-6)
            else:
                scores = rows @ query
            scores = scores.copy()
            scores[[row[word] for word in ({a, to, b} if a is not None else {b})]] = -np.inf
            found.append(WORDS[scores.argmax()] in right)
        shares.append(np.mean(found))
    return shares


@pytest.mark.parametrize("method", ["add", "mul", "average"])
def test_relations_are_solved_as_by_hand(method):
    for seed in (None, 1, 2):
        wv = planted()
        if seed is not None:
            wv.vectors += np.random.default_rng(seed).standard_normal(wv.vectors.shape).astype(np.float32) * 0.7
        found = evaluation.relation_scores(wv, relations(), method=method)
        assert found["r"].known.tolist() == [True] * 4 + [False] * 2
        np.testing.assert_allclose(found["r"].values[:4, 0], by_hand(wv, relations()["r"], method))
        assert found["few"].skipped == 1
    assert evaluation.relation_scores(planted(), relations(), method="average")["r"].score == 1


def test_relations_have_three_methods():
    with pytest.raises(ValueError, match="'add', 'mul' or 'average'"):
        evaluation.relation_scores(planted(), relations(), method="other")


# The command.


@pytest.fixture
def sets(tmp_path):
    pairs = "".join(f"a0,{word},{k}\n" for k, word in enumerate(["b1", "c2", "c3", "a1", "a2", "absent"]))
    put(tmp_path, {"pairs": pairs, "relations/r.txt": "a0\tb0\na1\tb1/x\na2\tb2\n"})
    wv = planted()
    wv.save(tmp_path / "good.fastemb")
    other = KeyedVectors.from_arrays(WORDS[:-1], np.random.default_rng(3).standard_normal((17, 8)).astype(np.float32))
    other.save(tmp_path / "random.fastemb")
    return tmp_path


def test_several_models_stand_side_by_side(sets, capsys, monkeypatch):
    monkeypatch.chdir(sets)
    arguments = ["--pairs", "pairs", "--relations", "relations", "--method", "average", "--bootstrap", "50"]
    assert main(["evaluate", "good.fastemb", "random.fastemb", "good.fastemb", *arguments]) == 0
    head, pairs, beside, relations, last = capsys.readouterr().out.splitlines()
    assert head.split() == ["good.fastemb", "random.fastemb", "good.fastemb"]
    assert pairs.startswith("pairs: Spearman, 5 of 6  ")
    assert beside.split()[:3] == ["beside", "the", "first"]
    assert beside.endswith("+0.0000 [+0.0000, +0.0000]")
    assert relations.startswith("relations: accuracy, 3 of 3  ")
    assert "100.0% [100.0%, 100.0%]" in relations
    assert len(head) == len(pairs) or len(relations) == len(last)


def packed(line):
    """A line of a table with two spaces between its columns."""
    return re.sub("  +", "  ", line.strip())


def test_models_without_the_words_are_named(sets, capsys, monkeypatch):
    pytest.importorskip("scipy")
    monkeypatch.chdir(sets)
    put(sets, {"analogies": ": s\na0 b0 a1 b1\n", "categories": "a0\ta\nb0\tb\n", "outliers": "a0\na1\na2\n\nb1\n"})
    KeyedVectors.from_arrays(["x", "y"], np.eye(2, dtype=np.float32)).save(sets / "others.fastemb")
    for option, said in (
        ("pairs", "pairs: only 0 of 6 pairs have both words in others.fastemb"),
        ("categories", "categories: only 0 of 2 words are in others.fastemb"),
    ):
        assert main(["evaluate", "others.fastemb", f"--{option}", option]) == 1
        assert said in capsys.readouterr().err
        files = ["good.fastemb", "others.fastemb", "good.fastemb"]
        assert main(["evaluate", *files, f"--{option}", option]) == 0
        _, row, beside = capsys.readouterr().out.splitlines()
        assert main(["evaluate", files[0], files[2], f"--{option}", option]) == 0
        _, without, _ = capsys.readouterr().out.splitlines()
        (first, dash, last), both = (found.split("  ", 1)[1].split("  ") for found in (packed(row), packed(without)))
        assert ([first, last], dash) == (both, "-")
        assert packed(beside).split("  ")[1] == "-"
        assert main(["evaluate", *sorted(files, reverse=True), f"--{option}", option]) == 0
        _, row, beside = capsys.readouterr().out.splitlines()
        assert packed(row).split("  ")[1] == "-"
        name, dash, *same = packed(beside).split("  ")
        assert (name, dash, same[0][:7]) == ("beside good.fastemb", "-", "+0.0000")
        assert main(["evaluate", "others.fastemb", "others.fastemb", f"--{option}", option]) == 1
        caught = capsys.readouterr()
        assert len(caught.out.splitlines()) == 3
        assert f"{said.split(' have')[0].split(' are')[0]} are known to the models" in caught.err
    given = ["--analogies", "analogies", "--outliers", "outliers"]
    assert main(["evaluate", "good.fastemb", "others.fastemb", *given]) == 0
    _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split()[-1] for row in rows] == ["-"] * 4
    assert main(["evaluate", "others.fastemb", "--outliers", "outliers"]) == 0
    assert "accuracy -, outlier position -, 0 of 1 outliers" in capsys.readouterr().out
    assert main(["evaluate", "good.fastemb", "--relations", "relations", "--bootstrap", "0"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "  r: 100.0% (3 pairs)", "relations: 100.0% (3 pairs), 0.0% of 3 pairs unknown",
    ]  # fmt: skip


def test_unknown_words_are_made_of_their_ngrams(sets, capsys, monkeypatch):
    monkeypatch.chdir(sets)
    FastText([WORDS] * 20, min_count=1, vector_size=8, bucket=100).save("f.fastemb")
    assert main(["evaluate", "f.fastemb", "--pairs", "pairs"]) == 0
    assert "5 of 6 pairs" in capsys.readouterr().out
    assert main(["evaluate", "f.fastemb", "--pairs", "pairs", "--infer"]) == 0
    caught = capsys.readouterr()
    assert "6 of 6 pairs" in caught.out
    assert "without effect" not in caught.err
    assert main(["evaluate", "good.fastemb", "--pairs", "pairs", "--infer"]) == 0
    caught = capsys.readouterr()
    assert "5 of 6 pairs" in caught.out
    assert "good.fastemb: --infer is without effect" in caught.err
    wv = FastText.load("f.fastemb").wv
    pairs = evaluation.read_word_pairs("pairs")
    rows = evaluation.with_inferred(wv.vectors, evaluation.folded_index(WORDS), wv, ["ABSENT", "absent"], True)
    np.testing.assert_array_equal(rows[0][rows[1]["ABSENT"]], wv["ABSENT"])
    assert evaluation.pair_scores(*rows, pairs).skipped == 0


def test_wrong_options_are_refused(sets, capsys, monkeypatch):
    monkeypatch.chdir(sets)
    for more, text in [
        (["--level", "1"], "--level must be between 0 and 1"),
        (["--bootstrap", "-1"], "--bootstrap not negative"),
        (["--analogies", "pairs", "--method", "average"], "analogies have 'add' and 'mul'"),
    ]:
        assert main(["evaluate", "good.fastemb", "--relations", "relations", *more]) == 1
        assert text in capsys.readouterr().err


def test_rare_words_of_the_shared_set_are_read(shared):
    pairs = evaluation.read_word_pairs(shared / "evaluation" / "rare-words.csv")
    assert len(pairs) == 2034
    assert pairs[0] == ("squishing", "squirt", 5.88)
