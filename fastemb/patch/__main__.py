"""`python -m fastemb.patch script.py …` runs a script with fastemb for gensim and fasttext; `-m module …` a module."""

import os
import runpy
import sys

from fastemb.patch import patch_fasttext, patch_gensim

USAGE = "usage: python -m fastemb.patch [-m module | script.py] [arguments …]"


def main(arguments: list[str]) -> None:
    """Patch, and run what the arguments name as Python itself would."""
    if not arguments or arguments == ["-m"]:
        sys.exit(USAGE)
    if arguments[0] in ("-h", "--help"):
        print(USAGE)
        return
    patch_gensim()
    patch_fasttext()
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        sys.path[0] = os.path.dirname(os.path.realpath(sys.argv[0]))
        runpy.run_path(sys.argv[0], run_name="__main__")


main(sys.argv[1:])
