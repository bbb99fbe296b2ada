"""The `fastemb` command."""

from __future__ import annotations

import argparse
import io
import math
import os
import sys
from collections.abc import Callable
from typing import Any

from fastemb._threads import usable_cores

EPILOG = """\
examples:
  fastemb train corpus.txt --output vectors.txt
  fastemb train corpus.txt --output model.fastemb --vector-size 300 --workers 8
  fastemb train corpus.txt --model fasttext --output model.bin
  fastemb train corpus.txt --model glove --output vectors.txt
  fastemb cooccur corpus.txt --output cooccurrence.bin
  fastemb neighbors vectors.txt king queen
  fastemb convert glove.840B.300d.txt glove.fastemb
  fastemb evaluate vectors.txt --pairs wordsim353.tsv --analogies questions-words.txt

The corpus is UTF-8 text with a sentence on each line and spaces between words; .gz, .bz2, .xz and
.zst files are unpacked as they are read.
The name of the output decides its format: .txt and .vec are word2vec text, .bin is word2vec
binary or, with --model fasttext, a model that Facebook's fastText reads, .npz is NumPy's, .tsv TensorBoard's
projector, and anything else is fastemb's own, which can be trained further; with .gz, .bz2, .xz or .zst after
that they are packed."""


# Options of `fastemb train` that not all models have.
WORD2VEC = ("algorithm", "negative", "hs", "sample", "alpha", "min_alpha", "loss")
OWN = {"word2vec": WORD2VEC, "fasttext": (*WORD2VEC, "min_n", "max_n", "bucket"), "glove": ("x_max", "eta")}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 after an error, 2 for wrong usage (by argparse)."""
    options = parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # words that the terminal's encoding has not
    try:
        options.run(options)
    except KeyboardInterrupt:
        print("fastemb: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Nobody reads any more, as in `fastemb … | head`; keep the interpreter from writing once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError, KeyError, ImportError, MemoryError, ArithmeticError) as error:
        print(f"fastemb: {error.args[0] if isinstance(error, KeyError) else error}", file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    import fastemb

    top = argparse.ArgumentParser(
        prog="fastemb",
        description="Train word vectors from text, and look at them.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"fastemb {fastemb.__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    add_train(commands)
    add_cooccur(commands)
    add_neighbors(commands)
    add_convert(commands)
    add_evaluate(commands)
    add_demo(commands)
    return top


def add_train(commands: Any) -> None:
    train = commands.add_parser(
        "train",
        help="train Word2Vec, FastText or GloVe on a text file",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    train.set_defaults(run=run_train, refuse=train.error)
    train.add_argument(
        "corpus", metavar="CORPUS", help="text file, plain or compressed, or a folder: a sentence a line"
    )
    train.add_argument("--output", "-o", required=True, metavar="FILE", help="where to write (see below)")
    train.add_argument(
        "--algorithm",
        choices=["skipgram", "cbow"],
        help="skipgram: better vectors, above all for rare words; cbow: wants --alpha 0.05 (default: skipgram)",
    )
    train.add_argument(
        "--model",
        choices=["word2vec", "fasttext", "glove"],
        default="word2vec",
        help="fasttext: words are made of their n-grams, so that those never seen have vectors too (default: word2vec)",
    )
    number(train, "--vector-size", int, 100, "numbers in a vector")
    number(train, "--window", int, None, "how many words to each side are context", "5, of glove 10")
    number(train, "--min-count", int, 5, "leave out words that occur less often")
    number(train, "--max-final-vocab", int, None, "keep at most so many words, the most frequent")
    number(train, "--negative", int, None, "noise words for each pair of words; 0 for none, with --hs", "5")
    train.add_argument(
        "--hs", action="store_true", default=None, help="hierarchical softmax, beside or instead of noise words"
    )
    number(train, "--sample", float, None, "down-sample words more frequent than this share; 0 keeps all", "0.001")
    number(train, "--epochs", int, None, "passes over the corpus, or over the cells of glove", "5, of glove 25")
    number(train, "--alpha", float, None, "learning rate at the beginning", "0.025")
    number(train, "--min-alpha", float, None, "learning rate at the end", "0.0001")
    number(train, "--x-max", float, None, "glove: pairs that meet so often have full weight", "100")
    number(train, "--eta", float, None, "glove: learning rate at the beginning", "0.05")
    number(train, "--min-n", int, None, "fasttext: characters of the shortest n-grams", "3")
    number(train, "--max-n", int, None, "fasttext: characters of the longest n-grams", "6")
    number(train, "--bucket", int, None, "fasttext: rows for n-grams", "2000000")
    number(train, "--workers", int, usable_cores(), "threads")
    number(train, "--seed", int, 1, "with --workers 1, the same seed gives the same vectors")
    train.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="save there every few minutes and epochs; where there is such a file, go on from it",
    )
    train.add_argument(
        "--loss", action="store_true", default=None, help="measure the loss, and show it with the progress"
    )
    train.add_argument(
        "--unicode-errors",
        choices=["strict", "ignore", "replace"],
        default="strict",
        help="what to do with bytes that are not UTF-8 (default: strict)",
    )
    train.add_argument("--quiet", "-q", action="store_true", help="show no progress")


def number(
    group: argparse.ArgumentParser,
    name: str,
    kind: Callable[[str], float],
    default: float | None,
    text: str,
    otherwise: str = "no limit",
) -> None:
    """Add an option that takes a number; `otherwise` says what None stands for."""
    shown = otherwise if default is None else default
    group.add_argument(name, type=kind, default=default, metavar="N", help=f"{text} (default: {shown})")


def at_least_one(text: str) -> int:
    """The type of an option."""
    if (whole := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return whole


def add_cooccur(commands: Any) -> None:
    cooccur = commands.add_parser(
        "cooccur", help="count how often words occur near each other, as Stanford's GloVe programs do"
    )
    cooccur.set_defaults(run=run_cooccur)
    cooccur.add_argument("corpus", metavar="CORPUS", help="as for train")
    cooccur.add_argument("--output", "-o", required=True, metavar="FILE", help="records of int32, int32 and float64")
    cooccur.add_argument(
        "--vocab",
        metavar="FILE",
        help="'word count' lines that give the words; without it they are counted, and written to OUTPUT.vocab.txt",
    )
    number(cooccur, "--min-count", int, 5, "without --vocab: leave out words that occur less often")
    number(cooccur, "--window", int, 10, "how many words to each side are context")
    cooccur.add_argument(
        "--asymmetric", action="store_true", help="the row of a word counts what stands after it alone"
    )
    cooccur.add_argument("--no-distance-weighting", action="store_true", help="all distances count alike, not 1/d")
    number(cooccur, "--memory", float, 2.0, "about so many GiB; what is more goes to temporary files")
    number(cooccur, "--workers", int, usable_cores(), "threads")
    cooccur.add_argument("--quiet", "-q", action="store_true", help="show no progress")


def add_neighbors(commands: Any) -> None:
    neighbors = commands.add_parser("neighbors", help="show the nearest words")
    neighbors.set_defaults(run=run_neighbors)
    neighbors.add_argument("file", metavar="FILE", help="vectors or a model that `fastemb train` or others wrote")
    neighbors.add_argument("words", metavar="WORD", nargs="+")
    number(neighbors, "--topn", at_least_one, 10, "how many neighbours")


def add_evaluate(commands: Any) -> None:
    evaluate = commands.add_parser(
        "evaluate",
        help="measure how good vectors are",
        description="Measure how well vectors agree with people, or with other vectors. Each option may be repeated.",
    )
    evaluate.set_defaults(run=run_evaluate)
    evaluate.add_argument("file", metavar="FILE", help="vectors or a model that `fastemb train` or others wrote")
    for name, text in [
        ("pairs", "lines of word, word, score, by tabs, semicolons, commas or spaces: correlation (needs SciPy)"),
        ("analogies", "`: section`, then lines of four words: accuracy by section"),
        ("categories", "lines of word, category: purity of as many clusters (needs SciPy)"),
        ("outliers", "words that belong together, an empty line, words that do not; or a folder of such files"),
        ("compare", "other vectors: share of the nearest neighbours in common"),
    ]:
        evaluate.add_argument(f"--{name}", metavar="FILE", action="append", default=[], help=text)
    number(evaluate, "--restrict-vocab", int, 300_000, "use only the first so many words; 0 for all")
    number(evaluate, "--topn", at_least_one, 10, "how many neighbours to compare")
    number(evaluate, "--workers", int, usable_cores(), "threads")
    evaluate.add_argument(
        "--method", choices=["add", "mul"], default="add", help="3CosAdd or 3CosMul for analogies (default: add)"
    )
    evaluate.add_argument("--case-sensitive", action="store_true", help="tell Paris from paris")


def add_demo(commands: Any) -> None:
    demo = commands.add_parser(
        "demo", help="train on the documentation of Python's standard library, and draw the result"
    )
    demo.set_defaults(run=run_demo)
    demo.add_argument("--output", "-o", default="fastemb-demo", metavar="NAME", help="default: fastemb-demo")


def check_output(output: str, *inputs: str | None) -> None:
    """Raise what writing there would raise, before there is anything to write, and spare what is to be read."""
    from fastemb._files import check_writable
    from fastemb.corpus import PathLineSentences, TextFile

    if os.path.isfile(output := TextFile(output).path):
        for path in inputs:
            if path is not None and any(os.path.samefile(output, file) for file in PathLineSentences(path).paths()):
                raise ValueError(f"{output} is to be read: it cannot be the output as well")
    check_writable(output)


def run_train(options: argparse.Namespace) -> None:
    for name in {name for names in OWN.values() for name in names}.difference(OWN[options.model]):
        if getattr(options, name) is not None:
            owners = " or ".join(model for model, names in OWN.items() if name in names)
            options.refuse(f"--{name.replace('_', '-')} is for --model {owners}, not {options.model}")
    check_output(options.output, options.corpus)
    try:
        model = train(options)
    except KeyboardInterrupt as interrupt:
        if hasattr(interrupt, "model"):
            write(interrupt.model, options.output)
            print(f"fastemb: wrote what was trained so far to {options.output}", file=sys.stderr)
        raise
    write(model, options.output)
    if not options.quiet:
        print(f"{len(model.wv)} words, vectors of size {model.vector_size}: {options.output}")


def train(options: argparse.Namespace) -> Any:
    from fastemb import FastText, GloVe, Word2Vec
    from fastemb.models.callbacks import Checkpoint

    parameters: dict[str, Any] = {
        "corpus_file": options.corpus,
        "vector_size": options.vector_size,
        "min_count": options.min_count,
        "max_final_vocab": options.max_final_vocab,
        "unicode_errors": options.unicode_errors,
        "workers": options.workers,
        "seed": options.seed,
        "progress": not options.quiet,
    }
    # What is not given has each model's own default.
    names = ("window", "epochs", *(name for name in OWN[options.model] if name not in ("algorithm", "loss")))
    parameters |= {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.model != "glove":
        parameters |= {"sg": int(options.algorithm != "cbow"), "compute_loss": bool(options.loss)}
    model: Any = {"fasttext": FastText, "glove": GloVe, "word2vec": Word2Vec}[options.model]
    if options.checkpoint is None:
        return model(**parameters)
    parameters["callbacks"] = [Checkpoint(options.checkpoint, minutes=10, epochs=1)]
    if os.path.exists(parameters["callbacks"][0].path):
        return model.resume(options.checkpoint, **parameters)
    return model(**parameters)


def run_cooccur(options: argparse.Namespace) -> None:
    from fastemb import GloVe
    from fastemb.formats.word2vec import write_counts

    counts = f"{options.output}.vocab.txt"
    check_output(options.output, options.corpus, options.vocab)
    if options.vocab is None:
        check_output(counts, options.corpus)
    if not 0 <= options.memory < math.inf:
        raise ValueError(f"--memory must be a number of GiB, not {options.memory}")
    model = GloVe(
        words=options.vocab,
        window=options.window,
        min_count=options.min_count,
        symmetric=not options.asymmetric,
        distance_weighting=not options.no_distance_weighting,
        memory_budget=int(options.memory * 2**30),
        workers=options.workers,
        progress=not options.quiet,
        vector_size=1,
    )
    cells = model.save_cooccurrences(options.output, corpus_file=options.corpus)
    if options.vocab is None:
        write_counts(counts, model.wv.index_to_key, model.wv.expandos["count"])
    if not options.quiet:
        print(f"{cells} cells of {len(model.wv)} words: {options.output}")


def write(model: Any, path: str) -> None:
    """Write a model in the format that the name of the file says."""
    from fastemb.models.fasttext import FastText, save_facebook_model
    from fastemb.models.files import format_of, save_vectors

    kind = format_of(path)
    if kind == "word2vec-binary" and isinstance(model, FastText):
        save_facebook_model(model, path)
    elif kind == "native":
        model.save(path)
    else:
        save_vectors(model.wv, path)


def read(path: str, **options: Any) -> Any:
    """Read vectors in any format."""
    from fastemb.models import load_vectors

    return load_vectors(path, **options)


def add_convert(commands: Any) -> None:
    from fastemb.models.files import FORMATS

    convert = commands.add_parser("convert", help="write vectors in another format")
    convert.set_defaults(run=run_convert)
    convert.add_argument("input", metavar="IN", help="a file of any format, which is recognised by its contents")
    convert.add_argument("output", metavar="OUT", help="where to write; its name decides the format, as in train")
    convert.add_argument("--to", choices=FORMATS, metavar="FORMAT", help=f"another format: {', '.join(FORMATS)}")
    number(convert, "--limit", int, None, "only the first so many vectors; all n-grams stay")
    convert.add_argument("--not-finite", action="store_true", help="take NaN and infinity as they are")
    convert.add_argument(
        "--unicode-errors",
        choices=["strict", "ignore", "replace"],
        default="strict",
        help="what to do with words that are not UTF-8 (default: strict)",
    )


def run_convert(options: argparse.Namespace) -> None:
    from fastemb._files import check_writable
    from fastemb.models.files import save_vectors

    check_writable(options.output)
    vectors = read(
        options.input,
        limit=options.limit,
        unicode_errors=options.unicode_errors,
        check_finite=not options.not_finite,
    )
    save_vectors(vectors, options.output, options.to)


def run_neighbors(options: argparse.Namespace) -> None:
    vectors = read(options.file)
    for word in options.words:
        if word not in vectors:
            raise KeyError(f"{options.file}: no word {word!r}")
    show_neighbors(vectors, options.words, options.topn)


def show_neighbors(vectors: Any, words: list[str], topn: int) -> None:
    for word in words:
        print(f"{word}:")
        for neighbor, similarity in vectors.most_similar(word, topn=topn):
            print(f"  {similarity:6.3f}  {neighbor}")


def run_evaluate(options: argparse.Namespace) -> None:
    from fastemb import evaluation

    if not any([options.pairs, options.analogies, options.categories, options.outliers, options.compare]):
        raise ValueError("nothing to evaluate: give --pairs, --analogies, --categories, --outliers or --compare")
    if options.restrict_vocab < 0:
        raise ValueError(f"--restrict-vocab must not be negative, not {options.restrict_vocab}")
    keyed = read(options.file)
    first = slice(options.restrict_vocab or None)
    vectors, words, fold = keyed.vectors[first], keyed.index_to_key[first], not options.case_sensitive
    index = evaluation.folded_index(words, fold)
    for path in options.pairs:
        pairs = evaluation.word_pairs(vectors, index, evaluation.read_word_pairs(path), fold)
        print(f"{path}: Pearson {pairs.pearson[0]:.4f}, Spearman {pairs.spearman[0]:.4f}, {counted(pairs, 'pairs')}")
    for path in options.analogies:
        questions = evaluation.read_analogies(path)
        results = evaluation.word_analogies(
            vectors, words, questions, fold, method=options.method, workers=options.workers
        )
        show_analogies(path, results, sum(map(len, questions.values())))
    for path in options.categories:
        found = evaluation.categorization(vectors, index, evaluation.read_categories(path), fold)
        print(f"{path}: purity {found.purity:.4f}, {counted(found, 'words')}")
    for path in options.outliers:
        outliers = evaluation.outlier_detection(vectors, index, evaluation.read_outliers(path), fold)
        print(
            f"{path}: accuracy {outliers.accuracy:.1%}, outlier position {outliers.position:.1%}, "
            f"{counted(outliers, 'outliers')}"
        )
    for path in options.compare:
        other = read(path)
        overlap = evaluation.neighbor_overlap(
            [vectors, other.vectors[first]], [words, other.index_to_key[first]], options.topn, workers=options.workers
        )
        print(
            f"{path}: {overlap.share:.1%} of the {options.topn} nearest neighbours in common, "
            f"for {overlap.queries} of {overlap.words} shared words"
        )


def counted(found: Any, what: str) -> str:
    """How many of an evaluation's items could be used."""
    total = found.used + found.skipped
    return f"{found.used} of {total} {what} ({found.skipped / total if total else 0:.1%} unknown)"


def show_analogies(path: str, results: Any, asked: int) -> None:
    known = 0
    for result in results:
        correct, total = len(result.correct), len(result.correct) + len(result.incorrect)
        known += total
        if total:
            print(f"  {result.section}: {correct / total:.1%} ({correct}/{total})")
    correct = sum(len(result.correct) for result in results)
    share = f"{correct / known:.1%} ({correct}/{known})" if known else "no question with known words"
    print(f"{path}: {share}, {(asked - known) / asked if asked else 0:.1%} of {asked} questions unknown")


def run_demo(options: argparse.Namespace) -> None:
    from fastemb import Word2Vec
    from fastemb._files import check_writable
    from fastemb.corpus.stdlib import sentences

    picture, vectors = f"{options.output}.png", f"{options.output}.txt"
    check_writable(picture)
    check_writable(vectors)
    texts = sentences()
    print(f"{len(texts)} texts, {sum(map(len, texts))} words of Python's own documentation", flush=True)
    model = Word2Vec(texts, sg=1, epochs=20, workers=usable_cores(), progress=True)
    shown = [word for word in ("first", "socket", "string", "raise", "thread") if word in model.wv]
    show_neighbors(model.wv, shown, 5)
    model.wv.save_word2vec_format(vectors)
    print(f"vectors: {vectors}")
    try:
        draw(model.wv, picture)
    except ImportError:
        print("no picture: that needs matplotlib: pip install 'fastemb[plot]'")
    else:
        print(f"picture: {picture}")


def draw(vectors: Any, path: str, words: int = 150) -> None:
    """Draw the most frequent words of three letters and more in the plane of their two principal components."""
    import numpy as np
    from matplotlib.figure import Figure

    from fastemb._files import replacing

    rows = [row for row, word in enumerate(vectors.index_to_key) if len(word) > 2][:words]
    points = vectors.get_normed_vectors()[rows]
    points = points - points.mean(axis=0)
    x, y = (points @ np.linalg.svd(points, full_matrices=False)[2][:2].T).T
    figure = Figure(figsize=(12, 9), layout="constrained")
    axes = figure.add_subplot()
    axes.scatter(x, y, s=4)
    for row, point in zip(rows, zip(x, y, strict=True), strict=True):
        axes.annotate(vectors.index_to_key[row], point, fontsize=8)
    axes.set_title(f"{len(rows)} frequent words, by the two principal components of their vectors")
    with replacing(path) as file:
        figure.savefig(file, format="png", dpi=120)
