"""Evaluation: tiny vectors whose answers are known."""

import contextlib
import gzip
import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastemb import KeyedVectors, evaluation

pytest.importorskip("scipy")

# The second dimension tells a capital from its country, the others tell the countries apart.
ROWS = {
    "france": [1, 0, 0, 0],
    "paris": [1, 1, 0, 0],
    "italy": [0, 0, 1, 0],
    "rome": [0, 1, 1, 0],
    "japan": [0, 0, 0, 1],
    "tokyo": [0, 1, 0, 1],
}


def capitals(keys=tuple(ROWS)) -> KeyedVectors:
    return KeyedVectors.from_arrays(keys, np.array(list(ROWS.values()), np.float32))


def put(folder, text):
    path = folder / "questions"
    path.write_text(text, encoding="utf-8")
    return path


# Analogies.


def test_analogies_are_solved_by_section(tmp_path):
    path = put(
        tmp_path,
        ": good\nfrance paris italy rome\njapan tokyo france paris\n\n: bad\nfrance paris italy tokyo\n: none\n",
    )
    score, sections = capitals().evaluate_word_analogies(path)
    assert score == pytest.approx(2 / 3)
    assert [section["section"] for section in sections] == ["good", "bad", "none", "Total accuracy"]
    assert [len(section["correct"]) for section in sections] == [2, 0, 0, 2]
    assert sections[1]["incorrect"] == [("FRANCE", "PARIS", "ITALY", "TOKYO")]


def test_the_words_of_a_question_are_never_its_answer(tmp_path):
    # b - a + c is next to c itself where a and b are alike.
    path = put(tmp_path, ": x\nfrance france italy italy\n")
    assert capitals().evaluate_word_analogies(path)[0] == 0


def test_no_answer_is_right_where_no_candidate_is_left():
    rows = np.eye(3, dtype=np.float32)
    results = evaluation.word_analogies(rows, {"a": 0, "b": 1, "c": 2}, {"x": [("a", "b", "c", "a")]}, False)
    assert results[0].incorrect == [("a", "b", "c", "a")]


def test_more_analogies_than_a_block():
    question = ("france", "paris", "italy", "rome")
    vectors = capitals()
    results = evaluation.word_analogies(
        vectors.vectors, vectors.key_to_index, {"x": [question] * 1000}, case_insensitive=False
    )
    assert results[0].correct == [question] * 1000


def test_questions_with_unknown_words_are_left_out(tmp_path):
    path = put(tmp_path, ": x\nfrance paris italy rome\nfrance paris spain madrid\n")
    score, sections = capitals().evaluate_word_analogies(path)
    assert score == 1
    assert sections[-1]["incorrect"] == []


def test_no_questions_have_no_accuracy(tmp_path):
    assert math.isnan(evaluation.accuracy([]))
    with pytest.raises(ValueError, match="questions: no analogies"):
        capitals().evaluate_word_analogies(put(tmp_path, ": x\n"))
    assert capitals().evaluate_word_analogies(put(tmp_path, ": x\na b c d\n"))[0] == 0


def test_analogies_fold_case_unless_told(tmp_path):
    path = put(tmp_path, ": x\nFrance Paris Italy Rome\n")
    assert capitals().evaluate_word_analogies(path)[0] == 1
    assert capitals().evaluate_word_analogies(path, case_insensitive=False)[0] == 0


def test_rarer_words_that_differ_but_for_case_are_no_candidates(tmp_path):
    vectors = capitals()
    vectors["rome"] = [0, 1, 0.5, 0]
    vectors["Rome"] = [0, 1, 1, 0]  # nearer to what is sought than rome
    path = put(tmp_path, ": x\nfrance paris italy rome\n")
    assert vectors.evaluate_word_analogies(path)[0] == 1
    assert vectors.evaluate_word_analogies(path, case_insensitive=False)[0] == 0


def test_analogies_among_the_first_words(tmp_path):
    path = put(tmp_path, ": x\nfrance paris italy rome\njapan tokyo italy rome\n")
    _, sections = capitals().evaluate_word_analogies(path, restrict_vocab=4)
    assert sections[-1]["correct"] == [("FRANCE", "PARIS", "ITALY", "ROME")]
    assert sections[-1]["incorrect"] == []


def test_analogies_without_sections_are_one(tmp_path):
    questions = [("a", "b", "c", "d"), ("e", "f", "g", "h")]
    path = put(tmp_path, "a b c d\ne f g h\n")
    assert evaluation.read_analogies(path) == {path.name: questions}
    path = put(tmp_path, "a b c d\n: s\ne f g h\n")
    assert evaluation.read_analogies(path) == {path.name: questions[:1], "s": questions[1:]}
    assert evaluation.read_analogies(put(tmp_path, "a b c\na b c d\n"), lenient=True) == {path.name: questions[:1]}
    path = put(tmp_path, "Paris France Berlin Germany\n")
    assert capitals().evaluate_word_analogies(path)[1][0]["section"] == path.name


@pytest.mark.parametrize("text", [": x\na b c\n", ": x\na b c d e\n", "\na b c\n"])
def test_malformed_analogies_are_named(tmp_path, text):
    with pytest.raises(ValueError, match=r"questions, line 2: not four words in a section"):
        evaluation.read_analogies(put(tmp_path, text))


def test_sections_of_one_name_are_one(tmp_path):
    sections = evaluation.read_analogies(put(tmp_path, ": x\na b c d\n: y\n: x\ne f g h\n"))
    assert sections == {"x": [("a", "b", "c", "d"), ("e", "f", "g", "h")], "y": []}


# Word pairs. With france the cosines are: paris √½, italy 0, france 1.


def test_word_pairs_in_the_order_of_the_scores(tmp_path):
    path = put(tmp_path, "# a comment\nfrance\tfrance\t10\nfrance\tparis\t5\n\nfrance\titaly\t1\n")
    pearson, spearman, unknown = capitals().evaluate_word_pairs(path)
    assert spearman == pytest.approx((1, 0))
    expected = np.corrcoef([10, 5, 1], [1, np.sqrt(0.5), 0])[0, 1]
    assert pearson[0] == pytest.approx(expected)
    assert unknown == 0


def test_word_pairs_against_the_order(tmp_path):
    path = put(tmp_path, "france\tfrance\t1\nfrance\tparis\t5\nfrance\titaly\t10\n")
    assert capitals().evaluate_word_pairs(path)[1][0] == pytest.approx(-1)


def test_unknown_word_pairs_are_counted(tmp_path):
    path = put(tmp_path, "france\tfrance\t3\nfrance\tparis\t2\nfrance\titaly\t1\nfrance\tspain\t9\n")
    _, spearman, unknown = capitals().evaluate_word_pairs(path)
    assert spearman[0] == pytest.approx(1)
    assert unknown == 25


def test_word_pairs_need_two_known_pairs(tmp_path):
    path = put(tmp_path, "france\tparis\t3\nfrance\tspain\t9\n")
    with pytest.raises(ValueError, match="only 1 of 2 pairs"):
        capitals().evaluate_word_pairs(path)


def test_word_pairs_fold_case_unless_told(tmp_path):
    path = put(tmp_path, "France\tPARIS\t3\nfrance\titaly\t2\nfrance\tjapan\t1\n")
    assert capitals().evaluate_word_pairs(path, restrict_vocab=4)[2] == pytest.approx(100 / 3)
    assert capitals(["FRANCE", "paris", "italy", "c", "d", "e"]).evaluate_word_pairs(path)[2] == pytest.approx(100 / 3)
    with pytest.raises(ValueError, match="only 0 of 3"):
        capitals(["FRANCE", "paris", "italy", "c", "d", "e"]).evaluate_word_pairs(path, case_insensitive=False)


def test_word_pairs_with_another_delimiter_and_encoding(tmp_path):
    path = tmp_path / "questions"
    path.write_bytes("köln, paris , 3\nköln,rome,1,ignored\n".encode("latin-1"))
    assert evaluation.read_word_pairs(path, ",", "latin-1") == [("köln", "paris", 3.0), ("köln", "rome", 1.0)]


@pytest.mark.parametrize("line", ["a\tb", "a b 1", "a\tb\tc", "a"])
def test_malformed_word_pairs_are_named(tmp_path, line):
    with pytest.raises(ValueError, match=r"questions, line 2: not word, word, score"):
        evaluation.read_word_pairs(put(tmp_path, f"a\tb\t1\n{line}\n"))


@pytest.mark.parametrize(
    "text",
    [
        "a\tb\t1.5\nc\td\t2\n",
        "Word 1\tWord 2\tHuman (mean)\na\tb\t1.5\nc\td\t2\n",
        "a,b,1.5\nc,d,2\n",
        ",word1,word2,similarity\n0,a,b,1.5\n1,c,d,2\n",
        'word1;word2;score\n"a";"b";1.5\nc;d;2\n',
        "a b 1.5\nc   d 2\n",
        "\ufeff# comment\r\na\tb\t1.5\r\n\r\nc\td\t2\r\n",
        "word1\tword2\tPOS\tSimLex999\tother\na\tb\tA\t1.5\t7\nc\td\tN\t2\t8\n",
    ],
)
def test_usual_layouts_of_word_pairs(tmp_path, text):
    assert evaluation.read_word_pairs(put(tmp_path, text)) == [("a", "b", 1.5), ("c", "d", 2.0)]


def test_a_header_may_number_the_raters(tmp_path):
    text = "Word 1,Word 2,Human (mean),1,2,3\nlove,sex,6.77,9,6,8\ntiger,cat,7.35,9,7,8\n"  # as set1.csv of WordSim-353
    assert evaluation.read_word_pairs(put(tmp_path, text)) == [("love", "sex", 6.77), ("tiger", "cat", 7.35)]
    assert evaluation.read_word_pairs(put(tmp_path, "a,b,n,1\nc,d,n,2\n")) == [("a", "b", 1.0), ("c", "d", 2.0)]


@pytest.mark.parametrize("score", ["nan", "inf", "1e999", "one"])
def test_scores_are_numbers(tmp_path, score):
    with pytest.raises(ValueError, match=r"questions, line 2"):
        evaluation.read_word_pairs(put(tmp_path, f"a\tb\t1\na\tb\t{score}\n"))


def test_sets_of_another_encoding_are_named(tmp_path):
    (tmp_path / "questions").write_bytes("a\tb\t1\nköln\tb\t1\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"questions, line 2: not utf-8"):
        evaluation.read_word_pairs(tmp_path / "questions")


def test_packed_sets(tmp_path):
    (tmp_path / "pairs.gz").write_bytes(gzip.compress(b"a\tb\t1\n"))
    assert evaluation.read_word_pairs(tmp_path / "pairs.gz") == [("a", "b", 1.0)]


@given(st.text(alphabet=st.sampled_from('ab:#;,\t\n\r "1.\u2028é'), max_size=60))
def test_any_text_gives_a_set_or_a_value_error(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "set")
        path.write_bytes(text.encode())
        for read in (evaluation.read_word_pairs, evaluation.read_analogies, evaluation.read_categories):
            with contextlib.suppress(ValueError):
                read(path)


# 3CosMul.


def test_analogies_by_product_are_those_of_the_formula():
    draw = np.random.default_rng(3)
    rows = draw.standard_normal((300, 6)).astype(np.float32)
    words = [f"w{row}" for row in range(300)]
    vectors = KeyedVectors.from_arrays(words, rows)
    questions = []
    for a, b, c in draw.integers(0, 300, (40, 3)):
        best = vectors.most_similar_cosmul([words[b], words[c]], [words[a]], topn=1)[0][0]
        questions.append((words[a], words[b], words[c], best))
    (found,) = evaluation.word_analogies(rows, words, {"x": questions}, method="mul")
    assert found.correct == questions
    with pytest.raises(ValueError, match="method"):
        evaluation.word_analogies(rows, words, {"x": questions}, method="other")


def test_analogies_by_product_from_a_file(tmp_path):
    path = put(tmp_path, ": good\nfrance paris italy rome\n")
    assert capitals().evaluate_word_analogies(path, similarity_function="most_similar_cosmul")[0] == 1
    with pytest.raises(ValueError, match="similarity_function"):
        capitals().evaluate_word_analogies(path, similarity_function="other")


# Categories, outliers, overlap.


def groups():
    """Twelve words of two groups, far apart; and one of the second that is among the first."""
    draw = np.random.default_rng(0)
    centres = np.repeat([[5, 0, 0], [0, 5, 0]], 6, axis=0)
    rows = centres + draw.standard_normal((12, 3)) * 0.3
    rows[11] = [5, 0, 0.1]
    return rows, {f"W{row}": row for row in range(12)}


def test_categories_are_clusters():
    rows, index = groups()
    members = [(f"w{row}", "first" if row < 6 else "second") for row in range(12)] + [("absent", "second")]
    assert evaluation.categorization(rows, index, members) == (11 / 12, 12, 1)
    assert evaluation.categorization(rows, index, members[:11]) == (1, 11, 0)
    with pytest.raises(ValueError, match="only 1 of 2 words"):
        evaluation.categorization(rows, index, [("w1", "a"), ("absent", "b")])


@pytest.mark.parametrize("text", ["a\tx\nb\ty\n", "Word,Category\na,x\nb,y\n", ": x\na\n: y\nb\n", "a x\nb y\n"])
def test_layouts_of_categories(tmp_path, text):
    assert evaluation.read_categories(put(tmp_path, text)) == [("a", "x"), ("b", "y")]


def test_outliers_are_the_least_similar():
    rows, index = groups()
    inside = [f"w{row}" for row in range(5)]
    found = evaluation.outlier_detection(rows, index, {"x": (inside, ["w7", "w8", "absent"])})
    assert found == (1, 1, 2, 1)
    # In the plane: 0, 10 and 20 degrees; an outlier at 12 is more similar to all than the two at the ends.
    angles = np.radians([0, 10, 20, 12])
    rows = np.column_stack([np.cos(angles), np.sin(angles)])
    found = evaluation.outlier_detection(rows, {"A": 0, "B": 1, "C": 2, "D": 3}, {"x": (["a", "b", "c"], ["d"])})
    assert found == (0, pytest.approx(1 / 3), 1, 0)
    found = evaluation.outlier_detection(rows, {"A": 0}, {"x": (["a", "b"], ["d"])})
    assert math.isnan(found.accuracy)
    assert found[2:] == (0, 1)


def test_a_word_without_direction_is_no_outlier_to_itself():
    vectors = np.array([[1, 0], [1, 0.1], [0, 0], [-0.2, 1]], np.float32)
    index = {"A": 0, "B": 1, "ZERO": 2, "OUT": 3}
    # Similarities to the others: of out -.2 and -.1, so that it has the least of all together; of zero 0.
    found = evaluation.outlier_detection(vectors, index, {"set": (["a", "b", "zero"], ["out"])})
    assert found == (1.0, 1.0, 1, 0)


def test_vectors_that_are_not_finite_are_no_scores():
    rows = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)
    rows[0, 1] = np.nan
    words = [f"w{k}" for k in range(6)]
    vectors = KeyedVectors.from_arrays(words, rows)
    with pytest.raises(ValueError, match="finite"):
        evaluation.categorization(vectors, [(word, str(k % 2)) for k, word in enumerate(words)], method="kmeans")
    found = evaluation.outlier_detection(vectors, {"a": (words[:3], words[4:]), "b": (words[1:4], words[4:])})
    assert (found.used, found.skipped) == (2, 2)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_all_spellings_of_the_words_of_a_question_may_be_nearest(method):
    a, b, c, d = np.eye(4, dtype=np.float32)
    spellings = [[word.lower(), word.title(), word.upper(), word.swapcase()] for word in ("Paris", "Rome")]
    words = [*spellings[0], *spellings[1], "france", "italy", "x"]
    rows = np.array([*[b] * 4, *[c] * 4, a, (b + c) * 0.3 - a * 0.1 + d * 0.9, -d - b - c])
    vectors = KeyedVectors.from_arrays(words, rows)
    questions = {"s": [("france", "paris", "rome", "italy")]}
    assert evaluation.accuracy(evaluation.word_analogies(vectors, questions, method=method)) == 1
    relations = {"s": [("france", ["paris"]), ("italy", ["rome"])]}
    assert evaluation.relation_scores(vectors, relations, method=method)["s"].score >= 0


def test_outliers_come_from_files_or_folders(tmp_path):
    put(tmp_path, "a\nb\n\n\nc\n")
    assert evaluation.read_outliers(tmp_path / "questions") == {"questions": (["a", "b"], ["c"])}
    with pytest.raises(ValueError, match="no files"):
        evaluation.read_outliers(tmp_path)
    (tmp_path / "one.txt").write_text("a\nb\n\nc\n")
    (tmp_path / "two.txt").write_text("a b c\n")
    with pytest.raises(ValueError, match=r"two\.txt: not two or more words"):
        evaluation.read_outliers(tmp_path)


def test_overlap_of_neighbours():
    rows, _ = groups()
    words = [f"w{row}" for row in range(12)]
    same = evaluation.neighbor_overlap([rows, 3 * rows], [words, words], k=3)
    assert same == (1, 12, 12)
    # Only shared words are neighbours, whatever their order; and none is its own.
    order = np.random.default_rng(1).permutation(12)
    other = [words[row] for row in order] + ["more"]
    moved = np.vstack([rows[order], rows[:1]])
    assert evaluation.neighbor_overlap([rows, moved], [words, other], k=3, most=5) == (1, 5, 12)
    apart = evaluation.neighbor_overlap([rows, -(rows[:, ::-1] ** 3)], [words, words], k=3)
    assert 0 < apart.share < 1
    for wrong in ([capitals()], capitals()):
        with pytest.raises(ValueError, match="needs two models, in a list"):
            evaluation.neighbor_overlap(wrong)
    with pytest.raises(ValueError, match="1 words in common"):
        evaluation.neighbor_overlap([rows, rows], [words, ["w1"] + [f"x{row}" for row in range(11)]])
    for none in ({"k": 0}, {"k": -1}, {"most": 0}):
        with pytest.raises(ValueError, match="at least 1"):
            evaluation.neighbor_overlap([rows, rows], [words, words], **none)


# What both use.


def test_of_words_that_differ_but_for_case_the_first_counts():
    assert evaluation.folded_index(["Paris", "paris", "PARIS", "rome"]) == {"PARIS": 0, "ROME": 3}
    assert evaluation.folded_index(["Paris", "paris"], case_insensitive=False) == {"Paris": 0, "paris": 1}


def test_int_keys_are_words_too(tmp_path):
    vectors = capitals([1, 2, 3, 4, 5, 6])
    assert vectors.evaluate_word_analogies(put(tmp_path, ": x\n1 2 3 4\n"))[0] == 1


def test_zero_rows_stay_zero():
    assert evaluation.unit_rows(np.array([[0.0, 0], [3, 4]])).tolist() == [[0, 0], [0.6, 0.8]]


def test_accuracy():
    right, wrong = ("a", "b", "c", "d"), ("e", "f", "g", "h")
    assert evaluation.accuracy([evaluation.Analogies("x", [right], [wrong, wrong, wrong])]) == 0.25


def test_a_file_without_a_line_of_its_form_is_refused(tmp_path):
    vectors = capitals()
    path = put(tmp_path, "france;paris;8\nitaly;rome;7\n")
    with pytest.raises(ValueError, match=r"line 1: not word, word, score: 'france;paris;8'; nor .* by delimiter='\\t'"):
        vectors.evaluate_word_pairs(path)
    with pytest.raises(ValueError, match=r"not four words in a section: 'france;paris;8'; nor is another line$"):
        vectors.evaluate_word_analogies(path)
    assert evaluation.read_word_pairs(put(tmp_path, "france paris\nitaly\trome\t7\n"), "\t", lenient=True) == [
        ("italy", "rome", 7.0)
    ]
    assert evaluation.read_word_pairs(put(tmp_path, ""), lenient=True) == []
