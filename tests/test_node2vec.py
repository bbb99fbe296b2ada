"""Node2Vec and DeepWalk: walks and training in one object."""

import numpy as np
import pytest

from fastemb import DeepWalk, Node2Vec, Word2Vec
from fastemb.corpus import Chunk, Counted, EncodedCorpus, Limits
from fastemb.graphs import Graph, Walks, classify_nodes
from fastemb.graphs import walks as walks_module
from fastemb.models.callbacks import CallbackAny2Vec, Checkpoint

SMALL = {"dimensions": 16, "walk_length": 20, "num_walks": 5, "workers": 1}


def planted(groups=4, size=15, names=None):
    """Groups with many edges inside, and few between."""
    rng = np.random.default_rng(0)
    n = groups * size
    same = np.arange(n)[:, None] // size == np.arange(n) // size
    pairs = np.argwhere(np.triu(rng.random((n, n)) < np.where(same, 0.4, 0.01), 1))
    return Graph.from_edges(*(np.array(names)[pairs].T if names else pairs.T))


def test_planted_groups_are_near():
    node2vec = Node2Vec(planted(), q=0.5, **SMALL)
    model = node2vec.fit(window=5)
    assert isinstance(model, Word2Vec)
    assert model is node2vec.model
    assert model.wv is node2vec.wv
    groups = {node: node // 15 for node in node2vec.graph.names}
    assert classify_nodes(model.wv, groups, 0.5, repeats=2)[0].micro > 0.9
    vectors = node2vec.get_embedding()
    assert vectors.shape == (60, 16)
    assert np.array_equal(vectors[7], model.wv[7])
    assert model.epochs == 5
    assert model.wv.get_vecattr(0, "count") == node2vec.walks.counts()[0]


def test_names_are_kept():
    names = [f"person {k}" for k in range(60)]
    model = DeepWalk(planted(names=names), **SMALL).fit(epochs=1)
    assert sorted(model.wv.index_to_key) == sorted(names)


def test_a_number_that_is_no_node_has_no_vector():
    wv = Node2Vec(Graph.from_edges([10, 20, 30, 40], [20, 30, 40, 10]), **SMALL).fit(epochs=1).wv
    assert 3 not in wv
    with pytest.raises(KeyError, match="3"):
        wv.most_similar(3)


class InMemory:
    """The same walks, of one epoch, all in memory."""

    def __init__(self, walks):
        self.walks = walks

    def count_and_encode(self, limits):
        (ids,) = self.walks.batches(0)
        starts = np.arange(len(ids) + 1) * ids.shape[1]
        corpus = EncodedCorpus([Chunk(ids.ravel(), starts)])
        corpus.most_centres = walks_module.WalkCorpus.most_centres
        return Counted(list(self.walks.graph.names), self.walks.counts(), corpus)

    def encode(self, index, limits):
        raise NotImplementedError


@pytest.mark.parametrize(("q", "epochs"), [(1, 1), (1, 3), (0.5, 3)])
def test_walks_that_are_made_when_asked_for_train_to_the_bit_as_those_in_memory(q, epochs):
    node2vec = Node2Vec(planted(), q=q, fresh=False, **SMALL)
    kept = Word2Vec(
        InMemory(node2vec.walks), vector_size=16, min_count=1, window=10, sg=1, sample=0, epochs=epochs, workers=1
    )
    model = node2vec.fit(epochs=epochs)
    assert model.wv.index_to_key == kept.wv.index_to_key
    assert np.array_equal(model.wv.vectors, kept.wv.vectors)


def test_fewer_nodes_share_noise_in_a_single_epoch():
    ring = Graph.from_edges(list(range(5000)), [(k + 1) % 5000 for k in range(5000)])
    for epochs, centres in ((1, 2), (2, 3)):
        node2vec = Node2Vec(ring, dimensions=4, walk_length=5, num_walks=1, workers=1)
        model = node2vec.fit(epochs=epochs, window=2)
        limits = model._block_limits(node2vec.walks.encode(model.wv.key_to_index, Limits()))
        assert limits.centres == centres


def test_fresh_walks_are_others_in_each_epoch(monkeypatch):
    made = []
    walker = Walks.walker
    monkeypatch.setattr(Walks, "walker", lambda self, epoch: made.append(epoch) or walker(self, epoch))
    Node2Vec(planted(), **SMALL).fit(epochs=3)
    assert made == [0, 0, 1, 2]  # counted, and trained
    made.clear()
    Node2Vec(planted(), fresh=False, **SMALL).fit(epochs=3)
    assert made == [0, 0]


def test_same_seed_same_vectors_and_it_goes_on_after_an_interruption(tmp_path, monkeypatch):
    monkeypatch.setattr(walks_module, "CHUNK", 1000)
    whole = Node2Vec(planted(), q=2, **SMALL).fit(epochs=4)
    assert np.array_equal(whole.wv.vectors, Node2Vec(planted(), q=2, **SMALL).fit(epochs=4).wv.vectors)

    class Interrupt(Exception):
        pass

    class Interrupting(CallbackAny2Vec):
        def on_epoch_end(self, model):
            if model.run.progress.epochs == 2:
                raise Interrupt

    path = tmp_path / "checkpoint"
    node2vec = Node2Vec(planted(), q=2, **SMALL)
    with pytest.raises(Interrupt):
        node2vec.fit(epochs=4, callbacks=[Checkpoint(path, epochs=1), Interrupting()])
    resumed = Word2Vec.resume(path, Node2Vec(planted(), q=2, **SMALL).walks)
    assert np.array_equal(resumed.wv.vectors, whole.wv.vectors)


def test_it_is_saved_and_loaded(tmp_path):
    model = Node2Vec(planted(), **SMALL).fit(epochs=1)
    model.save(tmp_path / "model")
    assert np.array_equal(Word2Vec.load(tmp_path / "model").wv[3], model.wv[3])


def test_isolated_nodes_and_dead_ends_have_vectors():
    graph = Graph.from_edges([0, 1], [1, 2], nodes=5, directed=True)
    node2vec = Node2Vec(graph, q=0.5, **SMALL)
    node2vec.fit(epochs=2)
    assert node2vec.get_embedding().shape == (5, 16)
    assert np.isfinite(node2vec.get_embedding()).all()
    some = Node2Vec(graph, nodes=[0], **SMALL)
    some.fit(epochs=1)
    assert len(some.wv) == 3
    assert not some.get_embedding()[3:].any()


def test_one_node_and_no_edge():
    for graph in (Graph.from_edges([], [], nodes=1), Graph.from_edges([], [], nodes=3), Graph.from_edges([0], [0])):
        for q in (1, 2):
            assert Node2Vec(graph, q=q, **SMALL).fit(epochs=1).wv.vectors.shape == (graph.nodes, 16)


def test_the_signature_of_the_package_on_pypi():
    networkx = pytest.importorskip("networkx")
    graph = networkx.fast_gnp_random_graph(n=30, p=0.5, seed=1)
    node2vec = Node2Vec(graph, 16, 10, 5, 1, 0.5, "weight", 2, quiet=True, temp_folder=None, seed=3)
    model = node2vec.fit(window=5, min_count=1, batch_words=4)
    assert model.wv.most_similar(2, topn=3)
    assert (model.window, model.vector_size, model.sg, model.workers) == (5, 16, 1, 2)


def test_a_preset_says_what_the_call_does_not():
    """Its learning rate is of CBOW, and would make no sense for skip-gram."""
    best = Word2Vec.PRESETS["best"]
    model = Node2Vec(planted(), **SMALL).fit(preset="best", epochs=1)
    assert {name: getattr(model, name) for name in best} == best | {"epochs": 1}
    assert (model.min_count, model.vector_size) == (1, 16)
    for wrong in ("better", []):
        with pytest.raises(ValueError, match="preset must be one of"):
            Node2Vec(planted(), **SMALL).fit(preset=wrong)


def test_what_is_refused():
    graph = planted()
    for wrong in ({"p": 0}, {"q": -1}, {"dimensions": 0}, {"num_walks": 0}, {"walk_length": 0}, {"workers": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Node2Vec(graph, **wrong)
    with pytest.raises(NotImplementedError, match="sampling_strategy"):
        Node2Vec(graph, sampling_strategy={0: {"p": 2}})
    with pytest.raises(TypeError, match=r"fit\(\) has no vector_size: it is dimensions"):
        Node2Vec(graph).fit(vector_size=3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'windw'"):
        Node2Vec(graph, **SMALL).fit(windw=3)
    with pytest.raises(RuntimeError, match="fit"):
        Node2Vec(graph).get_embedding()
    with pytest.raises(TypeError, match="not a graph"):
        Node2Vec(7)
    with pytest.raises(ValueError, match="weights"):
        Node2Vec(graph, q=2, extend=True, **SMALL).fit()
