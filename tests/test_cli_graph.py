"""`fastemb graph` and `fastemb walks`."""

import numpy as np
import pytest

from fastemb import load_vectors
from fastemb.cli import main
from fastemb.graphs import Graph, Walks

TRAINING = ["--vector-size", "12", "--num-walks", "4", "--walk-length", "15", "--workers", "1"]


@pytest.fixture
def edges(tmp_path):
    rng = np.random.default_rng(0)
    same = np.arange(60)[:, None] // 15 == np.arange(60) // 15
    pairs = np.argwhere(np.triu(rng.random((60, 60)) < np.where(same, 0.4, 0.01), 1))
    path = tmp_path / "edges.txt"
    path.write_text("".join(f"{a} {b}\n" for a, b in pairs))
    return path


def test_vectors_are_trained_and_evaluated(edges, tmp_path, capsys):
    vectors, groups = tmp_path / "vectors.txt", tmp_path / "groups.txt"
    assert main(["graph", "train", str(edges), "-o", str(vectors), *TRAINING, "-q", "0.5", "--quiet"]) == 0
    assert load_vectors(vectors).vectors.shape == (60, 12)
    groups.write_text("".join(f"{k} {k // 15}\n" for k in range(60)))
    capsys.readouterr()
    assert main(["graph", "classify", str(vectors), str(groups), "--shares", "0.5", "--repeats", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["share", "micro-F1", "macro-F1"]
    assert float(lines[1].split()[1]) > 0.8


def test_links(edges, tmp_path, capsys):
    vectors = tmp_path / "vectors.fastemb"
    assert main(["graph", "links", str(edges), "--share", "0.3", "-o", str(vectors), *TRAINING, "--quiet"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines[2:]] == ["hadamard", "l1", "l2", "mean", "cosine"]
    assert float(lines[-1][1]) > 0.7
    assert vectors.exists()


def test_walks_and_a_converted_graph(edges, tmp_path, capsys):
    graph, walks = tmp_path / "graph.fastemb", tmp_path / "walks.txt"
    assert main(["graph", "convert", str(edges), str(graph)]) == 0
    assert "60 nodes" in capsys.readouterr().out
    for source in (edges, graph):
        assert main(["walks", str(source), "-o", str(walks), "--num-walks", "2", "-p", "3", "--fixed"]) == 0
        expected = [*Walks(Graph.read(edges), 2, p=3, fresh=False)]
        assert [[int(node) for node in line.split()] for line in walks.read_text().splitlines()] == expected


def test_walks_are_written_to_the_standard_output(edges, tmp_path, monkeypatch, capfdbinary):
    monkeypatch.chdir(tmp_path)
    assert main(["walks", str(edges), "-o", "-", "--num-walks", "2", "--epochs", "2"]) == 0
    Walks(Graph.read(edges), 2).write(tmp_path / "walks.txt", epochs=2)
    assert capfdbinary.readouterr().out == (tmp_path / "walks.txt").read_bytes()
    assert not (tmp_path / "-").exists()


def test_endings_of_other_formats_are_refused(edges, tmp_path, capsys):
    for command, written in [
        (["walks", str(edges), "-o"], "walks are written as text"),
        (["graph", "convert", str(edges)], "a graph is written in fastemb's own format"),
    ]:
        for name, reason in (("x.zip", "fastemb writes no archives"), ("x.bin.gz", f"{written}, not as .bin")):
            assert main([*command, str(tmp_path / name)]) == 1
            assert reason in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["edges.txt"]


@pytest.mark.parametrize("command", ["walks", "graph train", "graph links"])
def test_gamma_is_for_walks_by_weights(edges, tmp_path, capsys, command):
    with pytest.raises(SystemExit):
        main([*command.split(), str(edges), "-o", str(tmp_path / "x.txt"), "--gamma", "0"])
    assert "--gamma is for --extend" in capsys.readouterr().err


def test_messages_name_options_that_there_are(tmp_path, capsys):
    path = tmp_path / "edges.txt"
    path.write_text("1 2\n2 3\n3 4\n")
    assert main(["graph", "links", str(path), "--share", "0.6"]) == 1
    assert capsys.readouterr().err.endswith("but 0: take a lower --share\n")
    path.write_text("1 2 x 5\n")
    assert main(["graph", "convert", str(path), str(tmp_path / "graph")]) == 1
    assert "--unweighted reads the first two alone (" in capsys.readouterr().err


def test_errors_name_the_line_and_leave_nothing(edges, tmp_path, capsys):
    output = tmp_path / "out.txt"
    with edges.open("a") as file:
        file.write("5\n")
    for command in (["walks"], ["graph", "train"], ["graph", "links"]):
        assert main([*command, str(edges), "-o", str(output)]) == 1
        assert "edges.txt, line" in capsys.readouterr().err
    assert main(["walks", str(edges), "-o", str(edges)]) == 1
    edges.write_text("1 2\n")
    assert main(["walks", str(edges), "-o", str(output), "-p", "0"]) == 1
    assert "p must be positive" in capsys.readouterr().err
    assert not output.exists()


def test_options_are_not_ignored_for_a_converted_graph(edges, tmp_path, capsys):
    graph, other = tmp_path / "graph.fastemb", tmp_path / "other.fastemb"
    edges.write_text("".join(f"{line} 2\n" for line in edges.read_text().splitlines()))
    assert main(["graph", "convert", str(edges), str(graph)]) == 0
    assert main(["graph", "convert", str(graph), str(other), "--unweighted"]) == 0
    assert not Graph.read(other).weighted
    capsys.readouterr()
    assert main(["graph", "convert", str(graph), str(other), "--directed"]) == 1
    assert "undirected graph" in capsys.readouterr().err
