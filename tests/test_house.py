"""House rules."""

import ast
from pathlib import Path

import fastemb

# Imports run down this list only; two on one line do not know each other.
LAYERS = [
    {"__main__"},
    {"cli", "patch", "sklearn", "spark"},
    {"fasttext", "pooling", "postprocess", "encoder"},
    {"models"},
    {"graphs"},
    {"training", "formats", "evaluation", "inference", "utils", "_config"},
    {"vocabulary", "corpus", "queries", "subwords", "texts", "_words"},
    {"kernels"},
    {"io"},
    {"_lazy"},
    {"_threads", "_gates", "_absent", "_floats", "_numbers", "_messages", "_warnings"},
    {"_paths", "_errors", "_tables"},
]

ROOT = Path(fastemb.__file__).parent
# Files longer than 350 lines, each as long as it may be: the classes that users call, with their documentation.
LONG_FILES = {
    "models/_similarity.py": 369, "models/fasttext.py": 427, "models/glove.py": 544,
    "models/keyedvectors.py": 530, "models/word2vec.py": 880,
}  # fmt: skip
# Functions longer than 45 lines without their documentation, and why.
LONG_FUNCTIONS = {
    "cli/train.py": {"add_train"},  # a table of options
    "corpus/cooccurrence.py": {"count_cooccurrences"},  # closures over one count, used in two orders
    "inference.py": {"log_likelihoods"},  # one formula over arrays that all its lines share
    "models/fasttext.py": {"__init__"},  # gensim's signature
    "models/glove.py": {"__init__"},
    "models/word2vec.py": {"__init__"},
}


def layer(name):
    return next(number for number, names in enumerate(LAYERS) if name in names)


def test_imports_run_one_way():
    for path in ROOT.rglob("*.py"):
        room = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if room in ("__init__",):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module] if node.module != "fastemb" else [f"fastemb.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                parts = name.split(".")
                if parts[0] != "fastemb" or len(parts) == 1 or parts[1] == room or parts[1][0].isupper():
                    continue
                assert layer(room) < layer(parts[1]), f"{path.name} of {room} imports {name}"


def test_files_and_functions_are_short():
    for path in ROOT.rglob("*.py"):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
        assert len(text.splitlines()) <= LONG_FILES.get(name, 350), name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name not in LONG_FUNCTIONS.get(name, ()):
                documentation = node.body[0] if ast.get_docstring(node) is not None else None
                lines = node.end_lineno - node.lineno + 1
                if documentation is not None:
                    lines -= documentation.end_lineno - documentation.lineno + 1
                assert lines <= 45, f"{name}: {node.name} has {lines} lines"


def test_public_names_are_documented():
    for name in (
        "DeepWalk", "Doc2Vec", "Encoder", "FastText", "GloVe", "Item2Vec", "KeyedVectors", "Node2Vec", "Word2Vec",
    ):  # fmt: skip
        public = getattr(fastemb, name)
        for attribute in (public, *(getattr(public, key) for key in dir(public) if not key.startswith("_"))):
            if callable(attribute):
                assert attribute.__doc__, attribute


def test_licences_of_what_is_inside_openblas_are_beside_it():
    (licence,) = Path(fastemb.__file__).parent.glob("kernels/openblas/LICENSE*")
    text = licence.read_text(encoding="utf-8")
    assert "Name: OpenBLAS" in text
    assert "GCC RUNTIME LIBRARY EXCEPTION" in text  # libgfortran's
