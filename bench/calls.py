"""Every call of vectors that fastemb and gensim both have, timed in turn on the same vectors; see query.py."""

from __future__ import annotations

import gc
import itertools
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SIZES = {"1,000 × 50": (1000, 50), "100,000 × 300": (100_000, 300)}
TRAINED = "FastTextKeyedVectors, of which not all rows of n-grams are in memory"  # as in a model that was just trained
KINDS = ("KeyedVectors", "FastTextKeyedVectors", TRAINED)
BUCKETS = 100_000
BATCH = 0.002  # seconds of calls in a row, at least one call
BATCHES = 5  # of each program in a turn, one after the other's; the fastest counts
LONG = 0.002  # seconds of a call of which one is enough for a turn,
VERY_LONG = 1.0  # and of which three turns are enough


class Asked(NamedTuple):
    """What the calls are given."""

    words: list[str]
    unknown: list[str]
    vector: Any
    folder: Path
    numbers: Iterator[int]
    short: Iterator[str]  # ever another unknown word


def word(number: int) -> str:
    """A word of six to nine letters."""
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    text = ""
    for _ in range(6 + number % 4):
        text, number = text + letters[(number * 7 + len(text)) % 26], number // 3 + 11 * number % 17
    return text


def words_of(count: int) -> list[str]:
    found: dict[str, None] = {}
    for number in itertools.count():
        found[word(number * 7919 + number % 13) + (str(number) if number % 2 else "")] = None
        if len(found) == count:
            return list(found)
    raise AssertionError


QUERIES: dict[str, Callable[[Any, Asked], Any]] = {
    "len(kv)": lambda kv, a: len(kv),
    "word in kv": lambda kv, a: a.words[5] in kv,
    "has_index_for(word)": lambda kv, a: kv.has_index_for(a.words[5]),
    "get_index(word)": lambda kv, a: kv.get_index(a.words[5]),
    "get_index(row)": lambda kv, a: kv.get_index(5),
    "kv[word]": lambda kv, a: kv[a.words[5]],
    "kv[row]": lambda kv, a: kv[5],
    "kv[2 words]": lambda kv, a: kv[a.words[5:7]],
    "kv[100 words]": lambda kv, a: kv[a.words[:100]],
    "get_vector(word)": lambda kv, a: kv.get_vector(a.words[5]),
    "get_vector(word, norm=True)": lambda kv, a: kv.get_vector(a.words[5], norm=True),
    "word_vec(word)": lambda kv, a: kv.word_vec(a.words[5]),
    "get_vecattr(word, 'count')": lambda kv, a: kv.get_vecattr(a.words[5], "count"),
    "set_vecattr(word, 'count', 3)": lambda kv, a: kv.set_vecattr(a.words[5], "count", 3),
    "allocate_vecattrs()": lambda kv, a: kv.allocate_vecattrs(),
    "get_mean_vector(1 word)": lambda kv, a: kv.get_mean_vector(a.words[:1]),
    "get_mean_vector(10 words)": lambda kv, a: kv.get_mean_vector(a.words[:10]),
    "get_mean_vector(10 words, weights)": lambda kv, a: kv.get_mean_vector(a.words[:10], [0.5] * 10),
    "get_mean_vector(10 words, both norms)": lambda kv, a: kv.get_mean_vector(a.words[:10], post_normalize=True),
    "get_mean_vector(100 words)": lambda kv, a: kv.get_mean_vector(a.words[:100]),
    "get_mean_vector(100 words, no norms)": lambda kv, a: kv.get_mean_vector(a.words[:100], pre_normalize=False),
    "get_mean_vector(9 words, 1 unknown)": lambda kv, a: kv.get_mean_vector([*a.words[:9], a.unknown[0]]),
    "get_mean_vector(10 vectors)": lambda kv, a: kv.get_mean_vector(kv.vectors[:10]),
    "similarity(2 words)": lambda kv, a: kv.similarity(a.words[5], a.words[9]),
    "distance(2 words)": lambda kv, a: kv.distance(a.words[5], a.words[9]),
    "distances(word)": lambda kv, a: kv.distances(a.words[5]),
    "distances(word, 10 words)": lambda kv, a: kv.distances(a.words[5], a.words[10:20]),
    "distances(vector, 10 words)": lambda kv, a: kv.distances(a.vector, a.words[10:20]),
    "cosine_similarities(vector, 10 rows)": lambda kv, a: kv.cosine_similarities(a.vector, kv.vectors[:10]),
    "cosine_similarities(vector, all)": lambda kv, a: kv.cosine_similarities(a.vector, kv.vectors),
    "n_similarity(2 × 1 word)": lambda kv, a: kv.n_similarity(a.words[:1], a.words[9:10]),
    "n_similarity(2 × 10 words)": lambda kv, a: kv.n_similarity(a.words[:10], a.words[9:19]),
    "most_similar(word)": lambda kv, a: kv.most_similar(a.words[5]),
    "most_similar(vector)": lambda kv, a: kv.most_similar([a.vector]),
    "most_similar(2 words, 1 word)": lambda kv, a: kv.most_similar(a.words[5:7], a.words[9:10]),
    "most_similar(word, topn=1000)": lambda kv, a: kv.most_similar(a.words[5], topn=1000),
    "most_similar(word, topn=None)": lambda kv, a: kv.most_similar(a.words[5], topn=None),
    "most_similar(word, restrict_vocab=500)": lambda kv, a: kv.most_similar(a.words[5], restrict_vocab=500),
    "most_similar_cosmul(word)": lambda kv, a: kv.most_similar_cosmul(a.words[5]),
    "most_similar_cosmul(2 words, 1 word)": lambda kv, a: kv.most_similar_cosmul(a.words[5:7], a.words[9:10]),
    "similar_by_word(word)": lambda kv, a: kv.similar_by_word(a.words[5]),
    "similar_by_key(word)": lambda kv, a: kv.similar_by_key(a.words[5]),
    "similar_by_vector(vector)": lambda kv, a: kv.similar_by_vector(a.vector),
    "relative_cosine_similarity(2 words)": lambda kv, a: kv.relative_cosine_similarity(a.words[5], a.words[9]),
    "most_similar_to_given(word, 10 words)": lambda kv, a: kv.most_similar_to_given(a.words[5], a.words[10:20]),
    "doesnt_match(5 words)": lambda kv, a: kv.doesnt_match(a.words[:5]),
    "rank_by_centrality(20 words)": lambda kv, a: kv.rank_by_centrality(a.words[:20]),
    "closer_than(2 words)": lambda kv, a: kv.closer_than(a.words[5], a.words[9]),
    "rank(2 words)": lambda kv, a: kv.rank(a.words[5], a.words[9]),
    "wmdistance(2 × 10 words)": lambda kv, a: kv.wmdistance(a.words[:10], a.words[20:30]),
    "fill_norms()": lambda kv, a: kv.fill_norms(),
    "fill_norms(force=True)": lambda kv, a: kv.fill_norms(force=True),
    "get_normed_vectors()": lambda kv, a: kv.get_normed_vectors(),
    "vectors_for_all(100 words)": lambda kv, a: kv.vectors_for_all(a.words[:100]),
    "evaluate_word_pairs(20 pairs)": lambda kv, a: kv.evaluate_word_pairs(a.folder / "pairs.tsv"),
    "evaluate_word_analogies(20 questions)": lambda kv, a: kv.evaluate_word_analogies(a.folder / "questions.txt"),
    "str(kv)": lambda kv, a: str(kv),
}
OF_NGRAMS: dict[str, Callable[[Any, Asked], Any]] = {
    "kv[unknown word]": lambda kv, a: kv[a.unknown[0]],
    "kv[short unknown word]": lambda kv, a: kv["xyz"],
    "kv[ever another short unknown word]": lambda kv, a: kv[next(a.short)],
    "kv[10 unknown words]": lambda kv, a: kv[a.unknown[:10]],
    "get_vector(unknown word, norm=True)": lambda kv, a: kv.get_vector(a.unknown[0], norm=True),
    "unknown word in kv": lambda kv, a: a.unknown[0] in kv,
    "similarity(word, unknown word)": lambda kv, a: kv.similarity(a.words[5], a.unknown[0]),
    "most_similar(unknown word)": lambda kv, a: kv.most_similar(a.unknown[0]),
    "get_sentence_vector(1 word)": lambda kv, a: kv.get_sentence_vector(a.words[:1]),
    "get_sentence_vector(10 words)": lambda kv, a: kv.get_sentence_vector(a.words[:10]),
    "get_sentence_vector(100 words)": lambda kv, a: kv.get_sentence_vector(a.words[:100]),
    "get_sentence_vector(9 words, 1 unknown)": lambda kv, a: kv.get_sentence_vector([*a.words[:9], a.unknown[0]]),
    "adjust_vectors()": lambda kv, a: (kv.adjust_vectors(), kv.vectors),
    "recalc_char_ngram_buckets()": lambda kv, a: (kv.recalc_char_ngram_buckets(), kv.buckets_word),
}
# These change the vectors, and follow after all others.
CHANGES: dict[str, Callable[[Any, Asked], Any]] = {
    "kv[word] = vector": lambda kv, a: kv.__setitem__(a.words[5], a.vector),
    "kv[10 words] = vectors": lambda kv, a: kv.__setitem__(a.words[:10], np.tile(a.vector, (10, 1))),
    "add_vector(known word, vector)": lambda kv, a: kv.add_vector(a.words[5], a.vector),
    "add_vector(new word, vector)": lambda kv, a: kv.add_vector(f"new{next(a.numbers)}", a.vector),
    "add_vectors(10 new words, vectors)": lambda kv, a: kv.add_vectors(
        [f"new{next(a.numbers)}" for _ in range(10)], np.tile(a.vector, (10, 1))
    ),
    "resize_vectors()": lambda kv, a: kv.resize_vectors(),
    "sort_by_descending_frequency()": lambda kv, a: kv.sort_by_descending_frequency(),
}
FILES: dict[str, Callable[[Any, Asked], Any]] = {
    "save(file)": lambda kv, a: kv.save(str(a.folder / f"{name_of(kv)}.saved")),
    "load(file)": lambda kv, a: type(kv).load(str(a.folder / f"{name_of(kv)}.saved")),
    "save_word2vec_format(binary)": lambda kv, a: kv.save_word2vec_format(
        str(a.folder / f"{name_of(kv)}.bin"), binary=True
    ),
    "load_word2vec_format(binary)": lambda kv, a: base_of(kv).load_word2vec_format(
        str(a.folder / f"{name_of(kv)}.bin"), binary=True
    ),
    "intersect_word2vec_format(10 words)": lambda kv, a: kv.intersect_word2vec_format(str(a.folder / "ten.txt")),
}


def name_of(kv: Any) -> str:
    return type(kv).__module__.split(".")[0]


def base_of(kv: Any) -> Any:
    """KeyedVectors of the same program."""
    return next(kind for kind in type(kv).__mro__ if kind.__name__ == "KeyedVectors")


def pair_of(kind: str, words: list[str], size: int) -> tuple[Any, Any]:
    """Vectors of the two programs, alike."""
    from gensim.models import KeyedVectors
    from gensim.models.fasttext import FastTextKeyedVectors

    import fastemb
    from fastemb.models._random import RandomRows
    from fastemb.models.fasttext import FastTextKeyedVectors as Ours
    from fastemb.subwords import Subwords

    draw = np.random.default_rng(0)
    count = len(words)
    rows = draw.standard_normal((count, size), np.float32)
    counts = np.arange(count, 0, -1)
    if kind == "KeyedVectors":
        theirs = KeyedVectors(size)
        theirs.vectors = rows.copy()
        ours = fastemb.KeyedVectors.from_arrays(words, rows, {"count": counts.copy()})
    else:
        given = RandomRows((BUCKETS, size), 1) if kind == TRAINED else draw.standard_normal((BUCKETS, size), np.float32)
        ngrams: Any = given[:]
        theirs = FastTextKeyedVectors(size, 3, 6, BUCKETS)
        theirs.vectors_vocab, theirs.vectors_ngrams = rows.copy(), ngrams.copy()
        ours = Ours.from_bags(words, rows, given, Subwords(3, 6, BUCKETS), {"count": counts.copy()})
    theirs.index_to_key, theirs.key_to_index = list(words), {each: row for row, each in enumerate(words)}
    theirs.expandos["count"], theirs.next_index = counts, count
    theirs.vectors_lockf = np.ones(count, np.float32)
    if kind != "KeyedVectors":
        theirs.recalc_char_ngram_buckets()
        theirs.adjust_vectors()
    np.testing.assert_allclose(ours.vectors[::97], theirs.vectors[::97], rtol=1e-4, atol=1e-5)
    return ours, theirs


def report(turns: int, only: str) -> list[dict[str, Any]]:
    """Time all calls whose name has the text `only`; print a row for each, and return what was measured."""
    warnings.simplefilter("ignore")
    measured = []
    for kind, (label, shape) in itertools.product(KINDS, SIZES.items()):
        print(f"\n{kind}, {label}\n")
        print("| call | fastemb, µs | gensim, µs | fastemb / gensim |")
        print("| --- | ---: | ---: | ---: |")
        # gensim makes all vectors of n-grams when it loads them, fastemb when they are asked for.
        calls = QUERIES | (FILES if kind == "KeyedVectors" else OF_NGRAMS) | CHANGES
        if kind == TRAINED:
            calls = {name: call for name, call in OF_NGRAMS.items() if "unknown" in name}
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = pair_of(kind, words_of(shape[0]), shape[1])
            words = ours.index_to_key[:1000]
            unknown = [each + "ed" for each in words[:50]]
            short = itertools.cycle(map("".join, itertools.product("qxzjkvb", repeat=5)))  # more than are kept
            asked = Asked(words, unknown, np.ones(shape[1], np.float32), Path(folder), itertools.count(), short)
            write_files(asked, ours, theirs)
            for name, call in calls.items():
                if only in name:
                    row = compare(name, call, ours, theirs, asked, turns)
                    measured.append({"kind": kind, "vectors": label} | row)
        del ours, theirs
        gc.collect()
    slow = [f"{row['kind']}, {row['vectors']}: {row['call']}" for row in measured if row["ratio"] > 1.1]
    print(f"\n{len(measured)} calls, of which {len(slow)} take more than 1.1 times gensim's time", *slow, sep="\n")
    return measured


def write_files(asked: Asked, *programs: Any) -> None:
    """What the calls read."""
    words, numbers = asked.words, " ".join(map(str, asked.vector.tolist()))
    files = {
        "pairs.tsv": [f"{words[k]}\t{words[k + 20]}\t{k}" for k in range(20)],
        "questions.txt": [": all", *(" ".join(words[k : k + 4]) for k in range(20))],
        "ten.txt": [f"10 {len(asked.vector)}", *(f"{each} {numbers}" for each in words[:10])],
    }
    for name, lines in files.items():
        (asked.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for kv in programs:
        FILES["save(file)"](kv, asked)
        FILES["save_word2vec_format(binary)"](kv, asked)


def compare(
    name: str, call: Callable[[Any, Asked], Any], ours: Any, theirs: Any, asked: Asked, turns: int
) -> dict[str, Any]:
    """Time both in turn; the medians of seconds a call, and of the turns' ratios."""
    seconds: list[list[float]] = [[], []]
    counts, batches = [], 1
    for vectors in (ours, theirs):
        call(vectors, asked)  # what is made when it is first asked for is made here
        once = timed(call, vectors, asked, 1)
        batches = max(batches, BATCHES if once < LONG else 1)
        some = max(1, min(100, int(BATCH / once)))
        counts.append(max(1, round(BATCH / timed(call, vectors, asked, some))) if once < LONG else 1)
    count = min(counts)  # the same for both, since some calls make the vectors more
    for _ in range(turns if once < VERY_LONG else min(turns, 3)):
        turn: list[list[float]] = [[], []]
        for _ in range(batches):
            for vectors, taken in zip((ours, theirs), turn, strict=True):
                taken.append(timed(call, vectors, asked, count))
        for taken, best in zip(seconds, map(min, turn), strict=True):
            taken.append(best)
    ratio = statistics.median(one / other for one, other in zip(*seconds, strict=True))
    one, other = map(statistics.median, seconds)
    print(f"| `{name}` | {one * 1e6:,.4g} | {other * 1e6:,.4g} | {ratio:.2f} |", flush=True)
    return {"call": name, "fastemb": one, "gensim": other, "ratio": ratio}


def timed(call: Callable[[Any, Asked], Any], vectors: Any, asked: Asked, count: int) -> float:
    """Processor seconds a call, over `count` calls: those that other programs take on the machine do not count."""
    started = time.process_time()
    for _ in range(count):
        call(vectors, asked)
    return (time.process_time() - started) / count
