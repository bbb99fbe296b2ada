"""Names that are imported when they are asked for: what an import loads, and that all names are there."""

import ast
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import fastemb
from fastemb import _lazy

PACKAGES = ("fastemb", "fastemb.models")
LOADED = "import json, sys; print(json.dumps([m for m in sys.modules if m.partition('.')[0] in ('fastemb', 'numpy')]))"


def run(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def loaded(statement):
    return set(json.loads(run(f"{statement}\n{LOADED}")))


def test_import_loads_no_model_no_kernel_and_not_numpy():
    assert loaded("import fastemb") == {"fastemb", "fastemb._absent", "fastemb._lazy"}
    assert loaded("import fastemb.models") == {"fastemb", "fastemb._absent", "fastemb._lazy", "fastemb.models"}


@pytest.mark.parametrize(
    "statement", ["from fastemb import Word2Vec", "from fastemb import patch_gensim, load_vectors"]
)
def test_a_name_loads_what_it_needs_alone(statement):
    models = loaded(statement)
    assert "fastemb.models.keyedvectors" in models or "fastemb.patch" in models
    for other in ("doc2vec", "classifier", "glove", "tuning", "languages"):
        assert f"fastemb.models.{other}" not in models
    assert not {"fastemb.cli", "fastemb.fasttext", "fastemb.pooling"} & models


@pytest.mark.parametrize("package", PACKAGES)
def test_names_are_those_of_their_modules(package):
    module = import_module(package)
    homes = _lazy.homes_in(package)
    for name, home in homes.items():
        value = getattr(module, name)
        expected = import_module(home)
        assert value is (expected if home == f"{package}.{name}" else getattr(expected, name)), name
        assert vars(module)[name] is value  # is not asked for again
    assert set(homes) <= set(dir(module))
    names = {}
    exec(f"from {package} import *", names)
    assert set(module.__all__) == set(names) - {"__builtins__"}


@pytest.mark.parametrize("package", PACKAGES)
def test_names_are_there_before_they_are_loaded(package):
    code = f"import {package} as module\nprint(set(module.__all__) <= set(dir(module)), 'Word2Vec' in vars(module))"
    assert run(code) == "True False\n"


@pytest.mark.parametrize("package", PACKAGES)
def test_type_checkers_see_the_same_names(package):
    """Those of the table: imports that do not run have to be kept up with it."""
    module = import_module(package)
    found = {}
    for block in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for statement in block.body:
                found |= {alias.asname: (statement.module, alias.name) for alias in statement.names}
    assert set(found) == set(module.__all__) - {"__version__"}
    for name, (origin, original) in found.items():
        assert name == original
        assert getattr(import_module(origin), name) is getattr(module, name)


def test_a_module_is_loaded_where_its_parent_is_asked_for_it():
    assert run("import fastemb\nprint(fastemb.models.doc2vec.TaggedDocument.__name__)") == "TaggedDocument\n"
    code = "from fastemb.models import keyedvectors as module\nprint(module.FastTextKeyedVectors.NGRAMS)"
    assert run(code) == "True\n"
    assert run("import fastemb\nprint(fastemb.evaluation.difference.__name__)") == "difference\n"


def test_files_load_the_class_that_they_are_of(tmp_path):
    """`KeyedVectors` and `Word2Vec` read what was made of n-grams, by a class that nobody imported."""
    model = fastemb.FastText([["a", "b"]] * 5, min_count=1, vector_size=4, bucket=50, epochs=1)
    vectors, whole = str(tmp_path / "vectors"), str(tmp_path / "model")
    model.wv.save(vectors)
    model.save(whole)
    code = (
        "import sys\nfrom fastemb import KeyedVectors, Word2Vec\n"
        "print('fastemb.models.fasttext' in sys.modules)\n"
        f"print(type(KeyedVectors.load({vectors!r})).__name__)\n"
        f"print(type(Word2Vec.load({whole!r})).__name__)"
    )
    assert run(code).split() == ["False", "FastTextKeyedVectors", "FastText"]
    assert np.array_equal(fastemb.KeyedVectors.load(vectors)["abc"], model.wv["abc"])


def test_names_that_are_not_there():
    for module in (fastemb, fastemb.models, fastemb.models.word2vec):
        with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'nothing'"):
            _ = module.nothing
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        from fastemb import nothing  # noqa: F401
