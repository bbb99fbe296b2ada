"""House rules."""

import ast
from pathlib import Path

import fastemb

# Imports run down this list only; two on one line do not know each other.
LAYERS = [
    {"__main__"},
    {"cli", "patch"},
    {"models"},
    {"training", "formats", "evaluation", "inference", "utils", "_config"},
    {"evaluation_files", "evaluation_inputs"},
    {"vocabulary", "corpus", "queries", "subwords"},
    {"kernels"},
    {"io"},
    {"_threads", "_absent", "_words", "_messages", "_warnings"},
    {"_paths", "_errors"},
]


def layer(name):
    return next(number for number, names in enumerate(LAYERS) if name in names)


def test_imports_run_one_way():
    root = Path(fastemb.__file__).parent
    for path in root.rglob("*.py"):
        room = path.relative_to(root).parts[0].removesuffix(".py")
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


def test_public_names_are_documented():
    for name in ("FastText", "GloVe", "Word2Vec", "KeyedVectors"):
        public = getattr(fastemb, name)
        for attribute in (public, *(getattr(public, key) for key in dir(public) if not key.startswith("_"))):
            if callable(attribute):
                assert attribute.__doc__, attribute


def test_licences_of_what_is_inside_openblas_are_beside_it():
    (licence,) = Path(fastemb.__file__).parent.glob("kernels/openblas/LICENSE*")
    text = licence.read_text(encoding="utf-8")
    assert "Name: OpenBLAS" in text
    assert "GCC RUNTIME LIBRARY EXCEPTION" in text  # libgfortran's
