"""Calls of graphs, baskets, documents, phrases and encoders that `fuzz_calls` makes at random; as in `calls`."""

import json
import shutil
from typing import Any

import numpy as np
from calls import Case
from fuzz_readers import WORDPIECE

from fastemb import Doc2Vec, Encoder, Item2Vec, Node2Vec, Phrases, TaggedDocument, pooling, postprocess
from fastemb.graphs import Graph, Walks, predict_links, split_edges

NAMES = [*"abcd", 0, 1, 2, 2**31, -5, "", "é", "x y", "neverseen"]
ITEMS = [*"abcdef", 1, 2, "é", ""]
TEXTS = ["the cat", "", "The CATS, é!", "你 the", "x" * 150, "[UNK] \0", "\udcff", 5, None]


def make_graph(case: Case) -> None:
    draw, count = case.draw, case.draw.randrange(12)
    kind = draw.choice([NAMES[:4], NAMES[4:7], range(5), NAMES])
    ends = [[draw.choice(kind) for _ in range(count)] for _ in range(2)]
    weights = draw.choice([None, None, [draw.choice([1, 0.5, 1e30]) for _ in range(count)], [-1.0] * count, [np.nan]])
    options = {"directed": draw.random() < 0.3, "loops": draw.random() < 0.7}
    arrays = [case.often(draw.choice([end, np.array(end, object if kind is NAMES else None)])) for end in ends]
    case.keep(case.graphs, case.call("Graph.from_edges", Graph.from_edges, *arrays, weights=weights, **options))


def change_graph(case: Case) -> None:
    """Walk over one, split it, save it, or write it as text and read it."""
    graph = case.any_of(case.graphs)
    if graph is None:
        return
    name, path = case.draw.choice(["walks", "walks", "split", "save", "read", "neighbors"]), case.folder / "graph"
    if name == "walks":
        options = {key: case.often(case.draw.choice([0.001, 0.5, 1, 4, 1000])) for key in ("p", "q")}
        options |= {"num_walks": case.often(2), "walk_length": case.often(case.draw.choice([1, 5, 30]))}
        walks = case.call("Walks", Walks, graph, **small(options), extend=case.draw.random() < 0.2, workers=2)
        found = None if walks is None else case.call("list", list, walks)
        assert found is None or all(node in graph.index for walk in found for node in walk), "a node of no graph"
    elif name == "split":
        split = case.call("split_edges", split_edges, graph, case.often(0.5), seed=1)
        if split is not None:
            rows = case.draw.choice((graph.nodes, graph.nodes, graph.nodes + 1, 0))
            case.call("predict_links", predict_links, case.rows(rows, 4), split)
    elif name == "neighbors":
        case.call("neighbors", graph.neighbors, case.often(case.draw.choice(NAMES)))
    elif name == "save" and case.call("save", graph.save, path) is None and path.exists():
        case.keep(case.graphs, same(graph, Graph.load(path, mmap=case.draw.random() < 0.5)))
    else:
        lines = "".join(f"{case.draw.choice(NAMES)}\t{case.draw.choice(NAMES)}\n" for _ in range(9))
        (case.folder / "edges.tsv").write_text(lines, encoding="utf-8")
        case.keep(case.graphs, case.call("Graph.read", Graph.read, case.folder / "edges.tsv", workers=2))


def small(options: dict[str, Any]) -> dict[str, Any]:
    """Without what would only take long."""
    return {key: 3 if isinstance(value, int) and 10**4 < value < 2**63 else value for key, value in options.items()}


def same(graph: Any, found: Any) -> Any:
    assert np.array_equal(graph.starts, found.starts), "other rows from the file"
    assert np.array_equal(graph.targets, found.targets), "other neighbours from the file"
    assert list(graph.names) == list(found.names), "other names from the file"
    return found


def train_on_graph(case: Case) -> None:
    graph = case.any_of(case.graphs)
    options = {"num_walks": 2, "walk_length": 5, "dimensions": 4, "workers": 2, "q": case.often(2.0)}
    made = None if graph is None else case.call("Node2Vec", Node2Vec, graph, **small(options))
    if made is not None:
        case.keep(case.models, case.call("fit", made.fit, window=case.often(2), epochs=1))


def baskets(case: Case) -> Any:
    items = ITEMS[:6] if case.draw.random() < 0.7 else ITEMS
    return [case.draw.choices(items, k=case.draw.randrange(7)) for _ in range(case.draw.randrange(12))]


def sell(case: Case) -> None:
    """Train on baskets, ask, save and load."""
    draw = case.draw
    features = draw.choice([None, {"a": ["x"], "b": ["x", "y"], "new": ["y"]}, {"a": []}, {1: ["x"]}, {"a": [None]}])
    options = {"vector_size": 4, "epochs": 1, "workers": 2, "sets": draw.random() < 0.6, "features": features}
    model = case.call("Item2Vec", Item2Vec, case.often(baskets(case)), **options)
    if model is None:
        return
    liked, items = case.often(draw.choice([draw.choices(ITEMS, k=2), baskets(case)])), draw.choices(ITEMS, k=3)
    missing, cold = draw.random() < 0.5, draw.random() < 0.3
    some = {"ignore_missing": missing, "include_cold": cold, "filter_items": draw.choice([None, items])}
    case.call("recommend", model.recommend, liked, case.often(3), **some, by=draw.choice([None, "prediction", "x"]))
    case.call("similar_items", model.similar_items, case.often(draw.choice(ITEMS)), case.often(3), **some)
    case.call("evaluate", model.evaluate, case.often(baskets(case)), case.often(3))
    if case.call("save", model.save, case.folder / "items") is None and (case.folder / "items").exists():
        found = Item2Vec.load(case.folder / "items")
        assert np.array_equal(found.wv.vectors, model.wv.vectors, equal_nan=True), "other vectors from the file"


def read_documents(case: Case) -> None:
    draw = case.draw
    tags = [draw.choice([[0], [3, "t"], ["t"], [], [draw.randrange(9)], [-1], [2**40]]) for _ in range(9)]
    tagged = [TaggedDocument(words, tag) for words, tag in zip(case.sentences(), tags, strict=False)]
    options = {"dm": draw.choice([0, 1]), "dm_concat": draw.choice([0, 0, 1]), "dbow_words": draw.choice([0, 1])}
    model = case.call("Doc2Vec", Doc2Vec, case.often(tagged), vector_size=4, min_count=1, epochs=1, window=2, **options)
    if model is not None:
        vectors = case.call("infer_vectors", model.infer_vectors, case.often(case.sentences()), workers=2, epochs=2)
        assert vectors is None or vectors.shape[1] == 4
        case.call("infer_vector", model.infer_vector, case.often(case.words()))


def find_phrases(case: Case) -> None:
    options = {"min_count": case.often(1), "threshold": case.often(case.draw.choice([0.1, 10]))}
    options |= {"scoring": case.draw.choice(["default", "npmi", "x"]), "delimiter": case.draw.choice(["_", "", " "])}
    phrases = case.call("Phrases", Phrases, case.often(case.sentences()), **options)
    if phrases is not None:
        case.call("find_phrases", phrases.find_phrases, case.often(case.sentences()))
        case.call("list", lambda given: list(phrases[given]), case.often(case.sentences()))
        case.call("add_vocab", phrases.add_vocab, case.often(case.sentences()))


def encode(case: Case) -> None:
    """An encoder of any vectors, its folder, and texts."""
    draw = case.draw
    rows = case.often(case.rows(draw.choice([8, 9, 3]), 4))
    tokenizer = case.often(json.dumps(WORDPIECE))
    encoder = case.call("Encoder", Encoder, rows, tokenizer, normalize=draw.random() < 0.5, max_length=case.often(5))
    if encoder is None:
        return
    texts = case.often([draw.choice(TEXTS[: draw.choice([6, 9])]) for _ in range(draw.randrange(6))])
    found = case.call("encode", encoder.encode, texts, case.often(2), case.often(2))
    assert found is None or np.isfinite(found).all(), "what is not finite"
    dtype = draw.choice(["float32", "float16", "int8", "x"])
    case.call("Encoder.save", encoder.save, case.folder / "encoder", dtype=dtype)
    if (case.folder / "encoder").is_dir():
        read = Encoder.load(case.folder / "encoder")
        if dtype == "float32" and found is not None and isinstance(texts, list):
            assert np.array_equal(read.encode(texts), encoder.encode(texts)), "other vectors from the folder"
        shutil.rmtree(case.folder / "encoder")


def pool(case: Case) -> None:
    wv = case.any_of(case.vectors)
    if wv is None:
        return
    draw = case.draw
    texts = [draw.choice([*TEXTS[:3], case.words()]) for _ in range(draw.randrange(6))]
    kind = draw.choice([pooling.Mean, pooling.Tfidf, pooling.SIF, pooling.USIF, pooling.Max, pooling.PowerMeans])
    made = case.call(kind.__name__, kind, wv)
    if made is not None and case.call("fit", made.fit, case.often(texts)) is not None:
        case.call("transform", made.transform, case.often(texts))
    name = draw.choice(["center", "all_but_the_top", "reduce", "whiten", "normalize"])
    given = [case.often(2)] if name in ("all_but_the_top", "reduce") else []
    case.keep(case.vectors, case.call(name, getattr(postprocess, name), wv, *given))


OTHERS = [make_graph, change_graph, change_graph, train_on_graph, sell, read_documents, find_phrases, encode, pool]
