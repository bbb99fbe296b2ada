"""`fastemb encoder`: encoders of texts, from a corpus to vectors."""

from __future__ import annotations

import argparse
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.files import check_ending, check_roles, files_in
from fastemb.cli.options import number, refuse_given, unicode_errors
from fastemb.cli.shown import show

EXAMPLES = """\
examples:
  fastemb encoder train corpus.txt --output my-encoder
  fastemb encoder train corpus.txt --output my-encoder --pairs stsb-dev.tsv --dtype float16
  fastemb encoder encode my-encoder texts.txt --output vectors.npy

The folder opens in model2vec (StaticModel.from_pretrained) and sentence-transformers (SentenceTransformer), and folders
of theirs are encoders, too."""
MAKING = ("pieces", "min_count", "cased")  # options of tokenizers that are made


def add_encoder(commands: Any) -> None:
    encoder = commands.add_parser(
        "encoder",
        help="train an encoder of texts that today's tools open, and encode texts",
        description="Train an encoder of texts that model2vec and sentence-transformers open, and encode texts.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = encoder.add_subparsers(required=True, metavar="COMMAND")
    add_train(kinds)
    add_encode(kinds)


def add_train(kinds: Any) -> None:
    train = kinds.add_parser("train", help="make an encoder of a text", description="Make an encoder of a text.")
    train.set_defaults(run=run_train, refuse=train.error)
    train.add_argument("corpus", metavar="CORPUS", help="a file with a text on each line, plain or packed, or a folder")
    train.add_argument("--output", "-o", metavar="FOLDER", required=True, help="where to write the encoder")
    train.add_argument("--tokenizer", metavar="FILE", help="a tokenizer.json (default: one is made of the corpus)")
    number(train, "--vector-size", int, 300, "numbers in a vector")
    number(train, "--min-count", int, None, "words that occur less often are cut into pieces", "5")
    number(train, "--pieces", int, None, "pieces of words", "8000")
    number(train, "--epochs", int, 11, "passes over the corpus")
    number(train, "--smoothing", float, 3e-4, "a token of frequency p weighs a / (a + p): this a")
    number(train, "--kin", float, 0.6, "how much of the mean vector of words that begin alike a word is given")
    number(train, "--components", int, 0, "principal components of texts to take away")
    number(train, "--workers", int, usable_cores(), "threads")
    number(train, "--seed", int, 1, "of random numbers")
    train.add_argument("--cased", action="store_true", default=None, help="keep capital letters and accents")
    train.add_argument("--dtype", choices=["float32", "float16", "int8"], default="float32", help="of the numbers")
    train.add_argument(
        "--pairs", metavar="FILE", help="lines of a score, a text and a text, by tabs: Spearman's correlation is shown"
    )
    unicode_errors(train, "bytes")
    train.add_argument("--quiet", "-q", action="store_true", help="say nothing")


def run_train(options: argparse.Namespace) -> None:
    from fastemb.encoder import Encoder
    from fastemb.encoder.folders import check_place
    from fastemb.encoder.scores import correlation, read_pairs, rounded

    if options.tokenizer is not None:
        refuse_given(options, MAKING, "is for a tokenizer that is made, and --tokenizer gives one")
    read = {"the corpus": options.corpus, "the pairs": options.pairs}
    check_place(options.output)
    check_roles(files_in(options.output), read)  # this folder is replaced
    pairs = read_pairs(options.pairs) if options.pairs is not None else None
    made = {name: getattr(options, name) for name in ("min_count", "pieces") if getattr(options, name) is not None}
    encoder = Encoder.from_corpus(
        options.corpus, tokenizer=options.tokenizer, vector_size=options.vector_size, epochs=options.epochs,
        a=options.smoothing, kin=options.kin, components=options.components, workers=options.workers, seed=options.seed,
        lowercase=not options.cased, unicode_errors=options.unicode_errors, progress=not options.quiet, **made,
    )  # fmt: skip
    scores = {}
    try:
        if pairs is not None:  # what is written is scored
            scores = {f"Spearman's correlation, {options.pairs}": correlation(rounded(encoder, options.dtype), *pairs)}
    finally:  # what was trained is not lost with a score
        encoder.save(options.output, dtype=options.dtype, scores=scores)
    if not options.quiet:
        for name, score in scores.items():
            show(f"{name}: {score:.4f}")
        show(f"{len(encoder.tokens)} tokens, {encoder.vector_size} numbers each: {options.output}", error=True)


def add_encode(kinds: Any) -> None:
    encode = kinds.add_parser("encode", help="vectors of texts", description="Write the vectors of lines of text.")
    encode.set_defaults(run=run_encode)
    encode.add_argument("folder", metavar="FOLDER", help="of an encoder")
    encode.add_argument("texts", metavar="TEXTS", help="a file with a text on each line, plain or packed")
    encode.add_argument("--output", "-o", metavar="FILE", required=True, help="a .npy file")
    number(encode, "--dimensions", int, None, "keep only the first so many numbers of a vector", "all")
    number(encode, "--workers", int, usable_cores(), "threads")
    unicode_errors(encode, "bytes")


def run_encode(options: argparse.Namespace) -> None:
    import numpy as np

    from fastemb.encoder import Encoder
    from fastemb.encoder.training import Texts
    from fastemb.io.outputs import replacing

    check_roles({"the output": options.output}, {"the texts": options.texts} | files_in(options.folder))
    check_ending(options.output, "vectors of texts are written as .npy", ".npy", packed=False)
    encoder = Encoder.load(options.folder, dimensions=options.dimensions)
    vectors = encoder.encode(iter(Texts(options.texts, options.unicode_errors)), workers=options.workers)
    with replacing(options.output) as file:
        np.save(file, vectors)
    show(f"{len(vectors)} texts, {encoder.vector_size} numbers each: {options.output}", error=True)
