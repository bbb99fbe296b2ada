"""Packages of PyPI that train through gensim run patched; needs a network, and FASTEMB_TEST_PACKAGES=1."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import fastemb

PACKAGES = ("node2vec", "pecanpy", "fastnode2vec")
NEEDS = ("networkx", "joblib", "tqdm", "scipy", "numba", "numba-progress", "nptyping", "click", "typing-extensions")

# A graph of four groups of twenty nodes: most edges stay within a group.
GRAPH = """
import json, random, sys, warnings
import numpy as np
draw = random.Random(0)
edges = [(a, b) for a in range(80) for b in range(a) if draw.random() < (0.4 if a // 20 == b // 20 else 0.01)]
def show(vectors, module):
    vectors = np.array(vectors, np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similarities = vectors @ vectors.T
    np.fill_diagonal(similarities, -2)
    found = np.mean(np.arange(80) // 20 == similarities.argmax(axis=1) // 20)
    print(json.dumps([module, found]))
"""
PROGRAMS = {
    "node2vec": """
import networkx
from node2vec import Node2Vec
from node2vec.edges import HadamardEmbedder
graph = networkx.Graph(edges)
model = Node2Vec(graph, dimensions=16, walk_length=20, num_walks=10, quiet=True, seed=1).fit(window=5, seed=1, epochs=5)
pairs = HadamardEmbedder(keyed_vectors=model.wv, quiet=True)
assert np.allclose(pairs["3", "4"], model.wv["3"] * model.wv["4"])
assert len(pairs.as_keyed_vectors()) == 80 * 81 // 2
assert len(model.wv.most_similar("3")) == 10
show([model.wv[str(node)] for node in range(80)], type(model).__init__.__module__)
""",
    "pecanpy": """
import os, tempfile
import pecanpy.pecanpy
from pecanpy.pecanpy import SparseOTF
graph = SparseOTF(p=1, q=1, workers=1, random_state=1)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "graph.edg")
    with open(path, "w") as file:
        file.writelines(f"{a}\\t{b}\\n" for a, b in edges)
    graph.read_edg(path, weighted=False, directed=False)
vectors = graph.embed(dim=16, num_walks=10, walk_length=20, window_size=5, epochs=5)
rows = {name: row for row, name in enumerate(graph.nodes)}
show([vectors[rows[str(node)]] for node in range(80)], pecanpy.pecanpy.Word2Vec.__init__.__module__)
""",
    "fastnode2vec": """
from fastnode2vec import Graph, Node2Vec
graph = Graph([(str(a), str(b)) for a, b in edges], directed=False, weighted=False)
model = Node2Vec(graph, dim=16, walk_length=20, window=5, alpha=0.1)
model.train(epochs=50, verbose=False)
show([model.wv[str(node)] for node in range(80)], type(model).__mro__[1].__init__.__module__)
""",
}


@pytest.fixture(scope="module", params=["without gensim", "with gensim"])
def environment(request, tmp_path_factory):
    """A Python that has the packages."""
    if not os.environ.get("FASTEMB_TEST_PACKAGES"):
        pytest.skip("set FASTEMB_TEST_PACKAGES=1 to install packages from PyPI, and to run them")
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=1200)
    python = str(folder / "bin" / "python")
    gensim = ["gensim==4.4.*"] if request.param == "with gensim" else []
    for names in ([*NEEDS, *gensim], ["--no-deps", *PACKAGES]):
        install = [python, "-I", "-m", "pip", "install", "--quiet", "--prefer-binary", *names]  # sees no PYTHONPATH
        subprocess.run(install, check=True, timeout=1200)
    return python


@pytest.mark.parametrize("package", PACKAGES)
def test_package_finds_the_groups_of_a_graph(package, environment, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(GRAPH + PROGRAMS[package])
    done = subprocess.run(
        [environment, "-m", "fastemb.patch", program],
        env=os.environ | {"PYTHONPATH": str(Path(fastemb.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    module, found = json.loads(done.stdout.splitlines()[-1])
    print(f"{package}: {found:.2f} of the nodes are nearest to one of their own group")
    assert module.startswith("fastemb.models.")
    assert found > 0.9
