"""Files beside vectors that `fuzz_formats` changes: how they are made, and what is done with one that could be read.

Doc2Vec, Item2Vec, phrases, graphs (lists of edges, and fastemb's own), and the files of an encoder's folder.
"""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from fastemb import Doc2Vec, Encoder, Item2Vec, Phrases, TaggedDocument
from fastemb.graphs import Graph, Walks

SENTENCES = [["the", "cat", "sat"], ["the", "dog", "ran", "home"]] * 3
BASKETS = [["milk", "bread"], ["milk", "tea", "bread"], ["nail", "screw"]] * 3
FEATURES = {"milk": ["dairy"], "oil": ["dairy", "new"], "nail": ["steel"]}
EDGES = {
    "plain.edges": "# a comment\na b\nb c\nc a\nc 'd'\n",
    "weighted.csv": 'source,target,weight\n1,2,.5\n2,3,1e2\n3,"4",7\n',
    "numbers.tsv": "5\t6\n6\t7\n7\t5\n",
    "matrix.mtx": "%%MatrixMarket matrix coordinate real symmetric\n% by hand\n4 4 3\n2 1 1.5\n3 1 2\n4 3 .25\n",
}
WORDPIECE = {
    "version": "1.0",
    "added_tokens": [
        {"id": k, "content": token, "special": True, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False}
        for k, token in enumerate(("[PAD]", "[UNK]"))
    ],
    "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                   "lowercase": True},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100,
              "vocab": {token: k for k, token in enumerate(["[PAD]", "[UNK]", "the", "cat", "##s", "é", "你", "."])}},
}  # fmt: skip
BYTE_PAIRS = {
    "version": "1.0", "added_tokens": [], "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]},
    "pre_tokenizer": {"type": "Whitespace"}, "truncation": None, "padding": None,
    "model": {"type": "BPE", "unk_token": "u", "vocab": {token: k for k, token in enumerate(["u", "t", "h", "th"])},
              "merges": [["t", "h"]]},
}  # fmt: skip
FOLDER: dict[str, bytes] = {}  # what an encoder wrote; one of its files is changed at a time


def made(folder: Path) -> dict[str, bytes]:
    """The files by name."""
    options: dict[str, Any] = {"vector_size": 3, "min_count": 1, "epochs": 1, "workers": 1}
    tagged = [TaggedDocument(words, [k, f"t{k % 2}"]) for k, words in enumerate(SENTENCES)]
    Doc2Vec(tagged, **options, dm_concat=1, window=1).save(folder / "documents.state")
    Item2Vec(BASKETS, features=FEATURES, **options).save(folder / "items.state")
    Phrases(SENTENCES, min_count=1, threshold=0.1).save(folder / "phrases.state")
    edges = np.array([[0, 1], [1, 2], [2, 0], [2, 3]])
    Graph.from_edges(edges[:, 0], edges[:, 1], weights=[1, 2, 0.5, 3]).save(folder / "graph.state")
    for name, text in EDGES.items():
        (folder / name).write_text(text)
    vectors = np.random.default_rng(1).standard_normal((8, 3)).astype(np.float32)
    kinds = [("encoder", "float32", WORDPIECE), ("small", "int8", WORDPIECE)]
    kinds += [("library", "float32", BYTE_PAIRS)] if find_spec("tokenizers") else []
    for name, dtype, tokenizer in kinds:
        Encoder(vectors, json.dumps(tokenizer)).save(folder / name, dtype=dtype)
        for path in (folder / name).iterdir():
            if path.suffix in (".json", ".safetensors"):
                FOLDER[f"{name}-{path.name}"] = path.read_bytes()
    return FOLDER | {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def read_documents(path: Path) -> None:
    model = Doc2Vec.load(path)
    if model.window < 50 and model.epochs < 10 and len(model.wv):
        model.infer_vector(["the", "cat"], epochs=2)


def read_items(path: Path) -> None:
    model = Item2Vec.load(path)
    if len(model.wv):
        model.recommend(model.wv.index_to_key[:1], N=2)
        model.wv.with_cold()


def read_phrases(path: Path) -> None:
    model = Phrases.load(path)
    model.find_phrases(SENTENCES)
    list(model[SENTENCES])


def read_edges(path: Path) -> None:
    """Read a graph, and walk over it; the numbers of rows fit whatever the file said."""
    graph = Graph.read(path, workers=2)
    assert len(graph.starts) == graph.nodes + 1
    assert graph.starts[-1] == len(graph.targets)
    if 0 < graph.nodes < 10_000:
        for walk in Walks(graph, walk_length=4, num_walks=1, p=0.5, q=2, workers=1):
            assert all(name in graph.index for name in walk)


def read_encoder(path: Path) -> None:
    """Open the folder that the file is one of, the others as they were."""
    kind, _, name = path.name.partition("-")
    folder = path.parent / kind
    folder.mkdir(exist_ok=True)
    for other, data in FOLDER.items():
        if other.startswith(f"{kind}-"):
            (folder / other.removeprefix(f"{kind}-")).write_bytes(data)
    (folder / name).write_bytes(path.read_bytes())
    try:
        encoder = Encoder.load(folder)
    except (ValueError, OSError) as error:
        if str(folder) not in str(error):
            raise AssertionError(f"the message does not name the folder: {error}") from error
        raise type(error)(f"{path.name}: {error}") from error
    try:
        rows = encoder.encode(["The cats, é 你.", "", "x" * 300], workers=1)
    except ValueError as error:  # as documented, where a tokenizer has no token for unknown words
        if "has a word without a token" not in str(error) and "unk" not in str(error).lower():
            raise
    else:
        assert rows.shape == (3, encoder.vector_size)


def reader_of(name: str) -> Callable[[Path], None] | None:
    """What reads a file of that name, if it is one of these."""
    kinds = {"documents": read_documents, "items": read_items, "phrases": read_phrases, "graph": read_edges}
    if name.endswith(".state") and name.split(".")[0] in kinds:
        return kinds[name.split(".")[0]]
    return read_edges if name in EDGES else read_encoder if name in FOLDER else None
