"""`fastemb phrases`: phrases from text, and text whose phrases are joined."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastemb._threads import usable_cores
from fastemb.cli.files import STANDARD, check_ending, check_roles, standard_lines, unless_standard
from fastemb.cli.options import number, refuse_given, unicode_errors
from fastemb.cli.shown import show

LEARNING = ("min_count", "threshold", "scoring", "delimiter", "connector_words", "passes", "save")


def add_phrases(commands: Any) -> None:
    phrases = commands.add_parser(
        "phrases",
        help="learn phrases from a text, and write the text with its phrases joined to one word each",
        description="Learn phrases from a text, as gensim's Phrases and word2phrase do, and write the text with its "
        "phrases joined to one word each, line by line.",
    )
    phrases.set_defaults(run=run_phrases, refuse=phrases.error)
    phrases.add_argument("corpus", metavar="CORPUS", help="as for train; - for standard input, with --load")
    phrases.add_argument("--output", "-o", metavar="FILE", help="where to write the text; - for standard output")
    phrases.add_argument("--save", metavar="FILE", help="write the phrases; of a second pass to FILE.2, and so on")
    phrases.add_argument(
        "--load", metavar="FILE", action="append", help="phrases to join instead, once for each pass; gensim's, too"
    )
    number(phrases, "--passes", int, None, "learn again from what was joined, for phrases of several words", "1")
    number(phrases, "--min-count", float, None, "pairs that occur so often or less are no phrases", "5")
    number(phrases, "--threshold", float, None, "pairs with a higher score are phrases", "10; of npmi 0.5")
    phrases.add_argument("--scoring", choices=["default", "npmi"], help="scores (default: default, as word2phrase has)")
    phrases.add_argument("--delimiter", metavar="TEXT", help="what joins the words of a phrase (default: _)")
    phrases.add_argument(
        "--connector-words",
        metavar="WORDS",
        help="words that may stand inside a phrase, separated by commas, or 'english' for a list (default: none)",
    )
    number(phrases, "--workers", int, usable_cores(), "threads")
    unicode_errors(phrases, "bytes")
    phrases.add_argument("--quiet", "-q", action="store_true", help="say nothing")


def run_phrases(options: argparse.Namespace) -> None:
    if options.output is None and options.save is None:
        options.refuse("give --output, --save or both")
    if options.load:
        refuse_given(options, LEARNING, "is for learning, and --load for phrases that were learnt")
    read = {"the corpus": unless_standard(options.corpus)}
    read |= {f"phrases {path}": path for path in options.load or ()}
    passes = 1 if options.passes is None else options.passes
    if passes < 1:
        raise ValueError(f"--passes must be at least 1, not {passes}")
    saved = [
        options.save if k == 1 else f"{options.save}.{k}" for k in range(1, passes + 1) if options.save is not None
    ]
    written = {"the output": unless_standard(options.output)}
    check_roles(written | {f"the phrases of pass {k}": path for k, path in enumerate(saved, 1)}, read)
    if options.output is not None:
        check_ending(options.output, "what is joined is written as text", ".txt")
    found = load(options.load) if options.load else learn(options, passes)
    for phrases, path in zip(found, saved, strict=False):
        phrases.save(path)
    if options.output is not None:
        write_joined(options, found)
    if not options.quiet:
        counts = ", ".join(str(len(phrases.phrasegrams)) for phrases in found)
        show(f"{counts} phrases: {' and '.join([*saved, *filter(None, [options.output])])}", error=True)


def load(paths: list[str]) -> list[Any]:
    from fastemb.models.phrases import FrozenPhrases, Phrases

    loaded = [FrozenPhrases.load(path) for path in paths]
    return [each.freeze() if isinstance(each, Phrases) else each for each in loaded]


def learn(options: argparse.Namespace, passes: int) -> list[Any]:
    """The phrases of each pass."""
    from fastemb.corpus import TextFile
    from fastemb.models.phrases import ENGLISH_CONNECTOR_WORDS, Phrases

    corpus = sentences(options)
    once = options.corpus == STANDARD or not all(TextFile(path).repeats() for path in corpus.paths())
    if once and (passes > 1 or options.output is not None):
        raise ValueError(f"{options.corpus}: can be read only once: give a file, or phrases by --load")
    words = (options.connector_words or "").split(",")
    parameters: dict[str, Any] = {
        "min_count": 5 if options.min_count is None else options.min_count,
        "threshold": (0.5 if options.scoring == "npmi" else 10) if options.threshold is None else options.threshold,
        "scoring": options.scoring or "default",
        "delimiter": "_" if options.delimiter is None else options.delimiter,
        "connector_words": ENGLISH_CONNECTOR_WORDS if words == ["english"] else {word.strip() for word in words} - {""},
    }
    found: list[Any] = []
    for _ in range(passes):
        learning = Phrases(corpus, workers=options.workers, unicode_errors=options.unicode_errors, **parameters)
        found.append(learning.freeze())
        corpus = found[-1][corpus]
    return found


def sentences(options: argparse.Namespace) -> Any:
    from fastemb.corpus import PathLineSentences

    if options.corpus == STANDARD:
        return standard_lines(options)
    return PathLineSentences(options.corpus, unicode_errors=options.unicode_errors)


def write_joined(options: argparse.Namespace, passes: list[Any]) -> None:
    """Write each line with its phrases joined."""
    from fastemb.io.textfile import decode_line, lines_of

    with output(options.output) as written:
        for file in sentences(options).files():
            for number, line in enumerate(lines_of(file), 1):
                words = decode_line(line, file, number).split()
                for phrases in passes:
                    words = phrases[words] if words else words
                written.write((" ".join(words) + "\n").encode("utf-8", "surrogatepass"))


@contextmanager
def output(path: str) -> Iterator[Any]:
    """The file to write: it appears whole, or not at all."""
    if path == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from fastemb.io.outputs import writing

    with writing(path) as file:
        yield file
