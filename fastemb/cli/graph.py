"""`fastemb walks` and `fastemb graph`: walks over graphs, vectors of their nodes, and how good these are."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.files import (
    STANDARD,
    check_ending,
    check_roles,
    read,
    refuse_standard,
    train_and_write,
    unless_standard,
    write,
)
from fastemb.cli.options import number, reading, refuse_given
from fastemb.cli.shown import show
from fastemb.cli.signals import Reminder

EXAMPLES = """\
examples:
  fastemb graph train edges.txt --output vectors.txt -p 0.25 -q 0.25
  fastemb graph classify vectors.txt groups.txt --shares 0.1 0.5 0.9
  fastemb graph links edges.txt --share 0.5
  fastemb graph convert edges.txt.gz graph.fastemb
  fastemb walks graph.fastemb --output walks.txt.gz

A list of edges is text: two nodes, and perhaps a weight, on each line, separated by blanks, commas or semicolons. Lines
that begin with # or % are comments; Matrix Market files are known by their first line. .gz, .bz2, .xz and .zst files
are unpacked as they are read. The name of an output decides its format, as for train."""
NODES = {"int": int, "str": str}


def add_walks(commands: Any) -> None:
    walks = commands.add_parser("walks", help="write random walks over a graph, one a line")
    walks.set_defaults(run=run_walks)
    of_graph(walks)
    where = "where to write; may end in .gz, .xz, …; - for standard output"
    walks.add_argument("--output", "-o", required=True, metavar="FILE", help=where)
    of_walks(walks)
    number(walks, "--epochs", int, 1, "so many times as many walks, as training in so many epochs meets")


def add_graph(commands: Any) -> None:
    graph = commands.add_parser(
        "graph",
        help="train vectors for the nodes of a graph, and evaluate them",
        description="Train vectors for the nodes of a graph by node2vec and DeepWalk, and evaluate them.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = graph.add_subparsers(required=True, metavar="COMMAND")
    add_train(kinds)
    add_classify(kinds)
    add_links(kinds)
    convert = kinds.add_parser("convert", help="write a graph in fastemb's own format, which is mapped in no time")
    convert.set_defaults(run=run_convert)
    of_graph(convert)
    convert.add_argument("output", metavar="OUT", help="where to write")


def add_train(kinds: Any) -> None:
    train = kinds.add_parser("train", help="train vectors for the nodes of a graph")
    train.set_defaults(run=run_train)
    of_graph(train)
    train.add_argument("--output", "-o", required=True, metavar="FILE", help="where to write, as for train of texts")
    of_walks(train)
    of_training(train)


def add_classify(kinds: Any) -> None:
    classify = kinds.add_parser(
        "classify", help="predict the groups of nodes from their vectors, and count how often it is right"
    )
    classify.set_defaults(run=run_classify)
    classify.add_argument("vectors", metavar="VECTORS", help="a file of any format that fastemb reads")
    classify.add_argument("groups", metavar="GROUPS", help="'node group' on each line")
    classify.add_argument(
        "--shares", type=float, nargs="+", default=[0.1, 0.5, 0.9], metavar="S",
        help="shares of the nodes that are trained on (default: 0.1 0.5 0.9)",
    )  # fmt: skip
    number(classify, "--repeats", int, 5, "random splits for each share")
    number(classify, "--seed", int, 1, "of the splits")
    reading(classify)


def add_links(kinds: Any) -> None:
    links = kinds.add_parser(
        "links", help="hold edges out, train without them, and tell them from pairs of nodes that have none"
    )
    links.set_defaults(run=run_links)
    of_graph(links)
    number(links, "--share", float, 0.5, "of the edges that is held out")
    links.add_argument("--output", "-o", metavar="FILE", help="where to write the vectors, if they are wanted")
    of_walks(links)
    of_training(links)


def of_graph(command: argparse.ArgumentParser) -> None:
    """Add what commands that read a graph have in common."""
    command.add_argument("graph", metavar="EDGES", help="a list of edges, or what `fastemb graph convert` wrote")
    command.add_argument("--directed", action="store_true", default=None, help="edges lead one way")
    command.add_argument("--nodes", choices=sorted(NODES), help="names of nodes are whole numbers, or texts")
    command.add_argument("--separator", metavar="C", help="a character between fields, where names have blanks")
    command.add_argument(
        "--unweighted", action="store_true", help="read the first two fields alone, whatever stands behind"
    )


def graph_of(options: argparse.Namespace) -> Any:
    from fastemb.graphs import Graph

    return Graph.read(
        options.graph,
        directed=options.directed,
        weighted=False if options.unweighted else None,
        nodes=NODES.get(options.nodes),
        separator=options.separator,
        workers=getattr(options, "workers", None),
        mmap=True,
    )


def of_walks(command: argparse.ArgumentParser) -> None:
    command.set_defaults(refuse=command.error)
    number(command, "--num-walks", int, 10, "walks from each node in each epoch")
    number(command, "--walk-length", int, 80, "nodes of a walk")
    number(command, "-p", float, 1.0, "divides the weight of edges back to the node before")
    number(command, "-q", float, 1.0, "divides the weight of edges to nodes far from the node before")
    command.add_argument("--extend", action="store_true", help="walk as node2vec+ does, by the weights of edges")
    number(command, "--gamma", float, None, "node2vec+: how far above the mean edges are no noise", "0.0")
    command.add_argument("--fixed", action="store_true", help="the same walks in each epoch")
    number(command, "--workers", int, usable_cores(), "threads")
    number(command, "--seed", int, 1, "the same seed gives the same walks; with --workers 1, the same vectors")


def graph_to_walk(options: argparse.Namespace) -> Any:
    """The graph, if the options of walks go together."""
    if not options.extend:
        refuse_given(options, ["gamma"], "is for --extend")
    return graph_of(options)


def walking(options: argparse.Namespace) -> dict[str, Any]:
    """What these options are for `Walks` and `Node2Vec`."""
    names = ("num_walks", "walk_length", "p", "q", "extend", "workers", "seed")
    given = {name: getattr(options, name) for name in names}
    return given | {"gamma": options.gamma or 0.0, "fresh": not options.fixed}


def of_training(command: argparse.ArgumentParser) -> None:
    number(command, "--vector-size", int, 128, "numbers in a vector")
    number(command, "--window", int, 10, "how many nodes to each side in a walk are context")
    number(command, "--epochs", int, 5, "passes over the walks")
    number(command, "--negative", int, 5, "noise nodes for each pair of nodes; 0 for none, with --hs")
    command.add_argument("--hs", action="store_true", help="hierarchical softmax, as in DeepWalk's paper")
    number(command, "--alpha", float, 0.025, "learning rate at the beginning")
    command.add_argument("--quiet", action="store_true", help="show no progress")


def trained(graph: Any, options: argparse.Namespace) -> Any:
    from fastemb import Node2Vec

    node2vec = Node2Vec(graph, options.vector_size, quiet=options.quiet, **walking(options))
    names = ("window", "epochs", "negative", "alpha")
    given = {name: getattr(options, name) for name in names} | {"hs": int(options.hs)}
    return node2vec.fit(callbacks=[Reminder()], **given)


def run_walks(options: argparse.Namespace) -> None:
    from fastemb.graphs import Walks

    check_roles({"the output": unless_standard(options.output)}, {"the graph": options.graph})
    check_ending(options.output, "walks are written as text", ".txt")
    walks = Walks(graph_to_walk(options), **walking(options))
    walks.write(sys.stdout.buffer if options.output == STANDARD else options.output, options.epochs)
    sys.stdout.flush()


def run_train(options: argparse.Namespace) -> None:
    from fastemb.models.files import format_of

    format_of(options.output)  # refuses endings that nothing here writes
    check_roles({"the output": options.output}, {"the graph": options.graph})
    graph = graph_to_walk(options)
    model = train_and_write(lambda: trained(graph, options), write, options.output)
    if not options.quiet:
        show(f"{graph}: {len(model.wv)} vectors of size {model.vector_size}: {options.output}")


def run_convert(options: argparse.Namespace) -> None:
    check_roles({"the output": options.output}, {"the graph": options.graph})
    check_ending(options.output, "a graph is written in fastemb's own format")
    graph = graph_of(options)
    graph.save(options.output)
    show(f"{graph}: {options.output}")


def run_classify(options: argparse.Namespace) -> None:
    from fastemb.graphs.evaluation import classify_nodes, read_groups

    refuse_standard("groups", options.groups, "input")
    vectors = read(options.vectors, options)
    kind = int if all(isinstance(key, int) for key in vectors.index_to_key) else str
    found = classify_nodes(
        vectors, read_groups(options.groups, kind), options.shares, repeats=options.repeats, seed=options.seed
    )
    show("share    micro-F1          macro-F1")
    for s in found:
        show(f"{s.share:5.2f}    {s.micro:.4f} ± {s.micro_deviation:.4f}   {s.macro:.4f} ± {s.macro_deviation:.4f}")


def run_links(options: argparse.Namespace) -> None:
    from fastemb.graphs import predict_links, split_edges
    from fastemb.models.files import format_of

    if options.output is not None:
        format_of(options.output)
    check_roles({"the output": options.output}, {"the graph": options.graph})
    split = split_edges(graph_to_walk(options), options.share, seed=options.seed)
    if options.output is None:
        model = trained(split.graph, options)
    else:
        model = train_and_write(lambda: trained(split.graph, options), write, options.output)
    show(f"{len(split.test)} edges held out")
    show("operator   AUC     average precision")
    for name, scores in predict_links(model.wv, split).items():
        show(f"{name:10} {scores.auc:.4f}  {scores.ap:.4f}")
