"""The `fastemb` command."""

from __future__ import annotations

import argparse
import codecs
import io
import os
import signal
import sys
from contextlib import suppress

from fastemb._messages import said
from fastemb._words import bytes_or_escapes
from fastemb.cli.classify import add_classify
from fastemb.cli.convert import add_convert
from fastemb.cli.cooccur import add_cooccur
from fastemb.cli.demo import add_demo
from fastemb.cli.encoder import add_encoder
from fastemb.cli.evaluate import add_evaluate
from fastemb.cli.graph import add_graph, add_walks
from fastemb.cli.items import add_items
from fastemb.cli.neighbors import add_neighbors
from fastemb.cli.options import EPILOG, with_options
from fastemb.cli.phrases import add_phrases
from fastemb.cli.postprocess import add_postprocess
from fastemb.cli.shown import plain_messages, show
from fastemb.cli.signals import raising_signals
from fastemb.cli.train import add_train


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 after an error, 2 for wrong usage (by argparse).

    After a signal it is 128 and the signal's number, as a shell has it.
    """
    try:
        with plain_messages(), raising_signals():
            options = parser().parse_args(arguments)
            if isinstance(sys.stdout, io.TextIOWrapper):
                codecs.register_error("fastemb", bytes_or_escapes)
                sys.stdout.reconfigure(errors="fastemb")
            options.run(options)
    except KeyboardInterrupt as interrupt:
        number = getattr(interrupt, "number", signal.SIGINT)
        with suppress(OSError):  # the terminal may be gone
            show(f"fastemb: {'interrupted' if number == signal.SIGINT else 'terminated'}", error=True)
        return 128 + number
    except BrokenPipeError:
        # Nobody reads any more, as in `fastemb … | head`; keep the interpreter from writing once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError, KeyError, ImportError, MemoryError, ArithmeticError, RuntimeError) as error:
        show(f"fastemb: {with_options(said(error))}", error=True)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    import fastemb

    top = argparse.ArgumentParser(
        prog="fastemb",
        description="Train word vectors from text, and look at them; find labels for texts.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"fastemb {fastemb.__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    add_train(commands)
    add_phrases(commands)
    add_cooccur(commands)
    add_neighbors(commands)
    add_convert(commands)
    add_postprocess(commands)
    add_evaluate(commands)
    add_classify(commands)
    add_graph(commands)
    add_walks(commands)
    add_items(commands)
    add_encoder(commands)
    add_demo(commands)
    return top
