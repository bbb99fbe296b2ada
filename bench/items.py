"""Train vectors of items by fastemb's Item2Vec, and by gensim with the whole basket as its window, on planted baskets.

    python bench/items.py --baskets 1000000

Items are in groups of 20, and as popular as Zipf's law has it, shuffled. Half of a basket is from one group, the rest
from anywhere; most baskets are small, and few are large. Found are the share of an item's 10 nearest that are of its
group, of 5,000 items met at least 20 times, and the recall of an item that was left out of each of 10,000 further
baskets. Each program has the same lists of str, dimensions, epochs and number of noise words. Seconds are of the whole
call, by the clock and of the processor, in all threads.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

import numpy as np

from fastemb import Item2Vec, KeyedVectors
from fastemb.queries import nearest

OF_A_GROUP = 20


def planted(count: int, items: int, seed: int, noise: float = 0.5, mean: float = 8.0) -> list[list[str]]:
    """Baskets of at least two items."""
    rng, popular = np.random.default_rng(seed), np.random.default_rng(0)
    groups = items // OF_A_GROUP
    chances = popular.permutation(1 / np.arange(1, items + 1) ** 0.7).reshape(groups, OF_A_GROUP)
    within = np.cumsum(chances / chances.sum(axis=1, keepdims=True), axis=1)
    anywhere = np.cumsum(chances.ravel() / chances.sum())
    of_group = np.cumsum(chances.sum(axis=1) / chances.sum())
    sizes = 2 + np.minimum(rng.geometric(1 / (mean - 1), size=count) - 1, 98)
    owners = np.repeat(np.minimum(np.searchsorted(of_group, rng.random(count)), groups - 1), sizes)
    draws = rng.random(len(owners))
    ends_of_groups = (within + np.arange(groups)[:, np.newaxis]).ravel()
    ids = np.minimum(np.searchsorted(ends_of_groups, owners + draws), owners * OF_A_GROUP + OF_A_GROUP - 1)
    strange = rng.random(len(ids)) < noise
    others = np.minimum(np.searchsorted(anywhere, rng.random(int(strange.sum()))), items - 1)
    ids[strange] = others
    names = np.array([f"item{k}" for k in range(items)], object)[ids].tolist()
    ends = np.cumsum(sizes).tolist()
    return [
        list(dict.fromkeys(names[begin:end])) for begin, end in zip([0, *ends[:-1]], ends, strict=True)
    ]  # each item once, as gensim would else train it with itself


def of_their_group(vectors: KeyedVectors, least: int = 20, most: int = 5000) -> float:
    """The share of the 10 nearest of frequent items that are of their group; of a sample of items."""
    groups = np.array([int(item[4:]) // OF_A_GROUP for item in vectors.index_to_key])
    asked = np.flatnonzero(vectors.expandos["count"] >= least)
    asked = np.random.default_rng(0).permutation(asked)[:most]
    rows, _ = nearest(vectors.vectors, vectors.vectors[asked], 11)
    found = [groups[row[row != query][:10]] == groups[query] for query, row in zip(asked, rows, strict=True)]
    return float(np.mean(found))


def recall(vectors: KeyedVectors, held: list[list[str]]) -> float:
    """Of an item left out of each basket, among 10 recommended for the others: by either program's vectors alike."""
    ranker = Item2Vec(vector_size=vectors.vector_size)
    ranker.wv = vectors  # type: ignore[assignment]
    return ranker.evaluate(held, 10, by="similarity").recall


def by_gensim(baskets: list[list[str]], options: dict[str, Any]) -> KeyedVectors:
    from gensim.models import Word2Vec

    model = Word2Vec(
        baskets, sg=1, window=max(map(len, baskets)), shrink_windows=False, min_count=1, sample=0, **options
    )
    counts = np.array([model.wv.get_vecattr(key, "count") for key in model.wv.index_to_key])
    return KeyedVectors.from_arrays(model.wv.index_to_key, model.wv.vectors, {"count": counts})


def by_fastemb(baskets: list[list[str]], options: dict[str, Any]) -> KeyedVectors:
    return Item2Vec(baskets, **options).wv.plain()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baskets", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--noise", type=float, default=0.5, help="share of items that are from anywhere")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--windows", type=int, nargs="+", default=[5, 10])
    parser.add_argument("--own-noise", action="store_true", help="fastemb also with noise of each pair's own")
    parser.add_argument("--without-gensim", action="store_true")
    given = parser.parse_args()
    baskets, held = (
        planted(count, given.items, seed, given.noise) for count, seed in ((given.baskets, 1), (10_000, 2))
    )
    sizes = np.array(list(map(len, baskets)))
    print(f"{len(baskets):,} baskets, {sizes.sum():,} items of {given.items:,}; median {np.median(sizes):.0f},")
    print(f"largest basket {sizes.max()}, {(sizes * (sizes - 1)).sum():,} pairs")
    print(f"{given.epochs} epochs, {given.workers} workers")
    shared = {"vector_size": given.vector_size, "epochs": given.epochs, "workers": given.workers}
    calls: list[tuple[str, Any, dict[str, Any]]] = [
        (
            f"fastemb, window {window}{', own noise' if own else ''}",
            by_fastemb,
            {"window": window, "shared_noise": not own},
        )
        for own in ((False, True) if given.own_noise else (False,))
        for window in given.windows
    ]
    if not given.without_gensim:
        calls.append(("gensim, whole baskets", by_gensim, {}))
    for name, call, own in calls:
        begin, busy = time.perf_counter(), time.process_time()
        vectors = call(baskets, shared | own)
        wall, used = time.perf_counter() - begin, time.process_time() - busy
        found = f"{of_their_group(vectors):.3f} of neighbours, recall@10 {recall(vectors, held):.3f}"
        print(f"{name:30} {wall:8.1f} s by the clock, {used:8.1f} s of the processor; {found}", flush=True)


if __name__ == "__main__":
    main()
