"""`patch_gensim()`: each in a process of its own, with gensim and without."""

import importlib.util
import subprocess
import sys
import textwrap

import pytest

WITHOUT = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "gensim":
            raise ModuleNotFoundError(name, name=name)
    def find_distributions(self, context=None):
        return iter(())
from importlib.machinery import PathFinder
from importlib import metadata
import importlib.util
find, distributions = PathFinder.find_spec, PathFinder.find_distributions
PathFinder.find_spec = classmethod(
    lambda cls, name, path=None, target=None: None if name.split(".")[0] == "gensim" else find(name, path, target))
PathFinder.find_distributions = classmethod(lambda cls, context=metadata.DistributionFinder.Context():
    (each for each in distributions(context) if each.metadata["Name"] != "gensim"))
"""
PATCH = "from fastemb import patch_gensim, unpatch_gensim; patch_gensim()\n"
HELLO = "HELLO = [['hello', 'world'], ['hello', 'world', 'hello'], ['world', 'world']] * 5\n"
SMALL = "SMALL = {'min_count': 1, 'vector_size': 8, 'workers': 1}\n"


def run(*lines, arguments=(), code=0):
    """Run a program; return what it printed."""
    program = "".join(textwrap.dedent(line) if line.startswith("\n") else line for line in lines)
    command = [sys.executable, "-W", "error::ImportWarning", "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr
    return done.stdout if not code else done.stderr


@pytest.fixture(params=["with gensim", "without"])
def start(request):
    """The beginning of a program that patches."""
    if request.param == "without":
        return WITHOUT + PATCH + HELLO + SMALL
    if importlib.util.find_spec("gensim") is None:
        pytest.skip("gensim is not installed")
    return PATCH + HELLO + SMALL


def test_all_ways_of_importing_give_fastemb(start):
    run(
        start,
        """
        import gensim, gensim.models.word2vec as w2v, fastemb
        from gensim.models import KeyedVectors, Word2Vec, keyedvectors, callbacks
        from gensim.models.word2vec import LineSentence, MAX_WORDS_IN_BATCH
        from gensim.models.callbacks import CallbackAny2Vec
        from gensim.models.keyedvectors import Word2VecKeyedVectors
        from gensim.utils import simple_preprocess
        from gensim import models, utils
        import importlib
        assert Word2Vec is w2v.Word2Vec is gensim.models.Word2Vec is gensim.models.word2vec.Word2Vec is fastemb.Word2Vec
        assert importlib.import_module("gensim.models.keyedvectors").KeyedVectors is fastemb.KeyedVectors
        assert KeyedVectors is Word2VecKeyedVectors is w2v.KeyedVectors
        assert keyedvectors.FastTextKeyedVectors is models.fasttext.FastTextKeyedVectors
        assert isinstance(models.FastText(bucket=9).wv, keyedvectors.FastTextKeyedVectors)
        assert CallbackAny2Vec is fastemb.models.callbacks.CallbackAny2Vec is callbacks.CallbackAny2Vec
        assert simple_preprocess("A word") == ["word"] and utils.RULE_KEEP == 2 and MAX_WORDS_IN_BATCH == 10000
        model = gensim.models.Word2Vec(HELLO, **SMALL)
        assert isinstance(model, Word2Vec) and isinstance(model.wv, gensim.models.KeyedVectors)
        for each in (model, model.wv, LineSentence("x")):
            assert type(each).__module__.startswith("gensim.models."), type(each).__module__
        assert type(model).__module__ == "gensim.models.word2vec"
        assert "gensim.models.word2vec.Word2Vec" in str(type(model))
        assert not hasattr(gensim, "no_such") and not hasattr(w2v, "no_such")
    """,
    )


def test_version_is_gensims(start):
    run(
        start,
        """
        import gensim
        from importlib import metadata, util
        assert gensim.__version__ == metadata.version("gensim")
        assert int(gensim.__version__.split(".")[0]) == 4
        assert util.find_spec("gensim") is not None and util.find_spec("gensim.models") is not None
        assert [each.name for each in metadata.distributions() if each.name == "gensim"] == ["gensim"]
        assert metadata.version("numpy")
    """,
    )


def test_undone(start):
    run(
        start,
        """
        import gensim.models, pickle, fastemb
        from gensim.models import Word2Vec
        patch_gensim()
        unpatch_gensim()
        unpatch_gensim()
        assert Word2Vec.__module__ == "fastemb.models.word2vec" and "__reduce_ex__" not in vars(Word2Vec)
        assert fastemb.KeyedVectors.__module__ == "fastemb.models.keyedvectors"
        try:
            from gensim.models.word2vec import Word2Vec as again
        except ImportError:
            assert __import__("importlib.util").util.find_spec("gensim") is None
        else:
            assert again is not fastemb.Word2Vec and again is __import__("gensim").models.Word2Vec
        patch_gensim()
        from gensim.models.word2vec import Word2Vec as again
        assert again is fastemb.Word2Vec
    """,
    )


def test_pickles_are_fastembs(start, tmp_path):
    run(start, """
        import copy, pickle, sys
        from gensim.models import Word2Vec
        class Mine(Word2Vec):
            pass
        model = Word2Vec(HELLO, **SMALL)
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(model, protocol))
            assert type(again) is Word2Vec and (again.wv.vectors == model.wv.vectors).all()
        assert type(copy.deepcopy(model).wv) is type(model.wv) and type(copy.copy(model)) is Word2Vec
        assert type(pickle.loads(pickle.dumps(Mine(HELLO, **SMALL)))) is Mine
        with open(sys.argv[1], "wb") as file:
            pickle.dump((model, model.wv), file)
    """, arguments=[str(tmp_path / "pickle")])  # fmt: skip
    run(WITHOUT, """
        import pickle, sys
        with open(sys.argv[1], "rb") as file:
            model, wv = pickle.load(file)
        import fastemb
        assert type(model) is fastemb.Word2Vec and type(wv) is fastemb.KeyedVectors
        assert type(model).__module__ == "fastemb.models.word2vec"
    """, arguments=[str(tmp_path / "pickle")])  # fmt: skip


def test_subclasses_and_attributes(start):
    run(
        start,
        """
        import numpy as np
        from gensim.models import Word2Vec
        from gensim.models.callbacks import CallbackAny2Vec
        class Walks(Word2Vec):
            def __init__(self, walks, **more):
                self.mine = 1
                super().__init__(walks, **more)
        class Count(CallbackAny2Vec):
            calls = []
            def on_epoch_end(self, model):
                self.calls.append(type(model).__name__)
        model = Walks(HELLO, callbacks=[Count()], epochs=2, **SMALL)
        assert model.mine == 1 and Count.calls == ["Walks"] * 2
        model.__dict__.update(alpha=0.5, extra={})
        model.__dict__["window"] = 2
        assert (model.alpha, model.window, vars(model)["extra"]) == (0.5, 2, {})
        model.wv.vectors = np.zeros_like(model.wv.vectors)
        model.wv.__dict__["vectors_lockf"] = np.zeros(1, np.float32)
        model.train(HELLO, total_examples=len(HELLO), epochs=1)
        assert not model.wv.vectors.any()
        try:
            class Hooked(Word2Vec):
                def _get_next_alpha(self, *_):
                    return 0.1
        except TypeError as error:
            assert "_get_next_alpha would never be called" in str(error)
        else:
            raise AssertionError
    """,
    )


def test_without_gensim_the_rest_is_refused_by_name():
    run(
        WITHOUT,
        PATCH,
        """
        import gensim, gensim.models
        def message(statement):
            try:
                exec(statement)
            except (ImportError, AttributeError) as error:
                return str(error)
        assert __import__("importlib.util").util.find_spec("gensim.corpora") is None
        assert not hasattr(gensim, "corpora") and not hasattr(gensim.models, "LdaModel")
        for statement, word in {
            "import gensim.corpora": "gensim.corpora: gensim is not installed",
            "from gensim.models.ldamodel import LdaModel": "gensim.models.ldamodel: gensim is not installed",
            "from gensim.models import LdaModel": "gensim.models.LdaModel is not in fastemb",
            "from gensim import corpora": "gensim.corpora is not in fastemb",
            "gensim.similarities": "gensim.similarities is not in fastemb",
        }.items():
            said = message(statement)
            assert word in said and "Word2Vec, FastText, Doc2Vec and KeyedVectors" in said, statement
        unpatch_gensim()
        assert message("import gensim") and message("import gensim.corpora")
    """,
    )


def test_with_gensim_the_rest_is_gensims(tmp_path):
    pytest.importorskip("gensim")
    run(PATCH, HELLO, SMALL, """
        import sys, gensim
        from gensim.corpora import Dictionary
        from gensim.models import Doc2Vec, Phrases
        from gensim.models.doc2vec import TaggedDocument
        from gensim.models.word2vec import Heapitem
        from gensim.models.poincare import PoincareKeyedVectors
        assert Heapitem(1, 2, 3, 4).count == 1
        assert len(Dictionary(HELLO)) == 2
        documents = [TaggedDocument(words, [number]) for number, words in enumerate(HELLO)]
        model = Doc2Vec(documents, **SMALL)
        assert isinstance(model, gensim.models.Word2Vec) and type(model).__module__ == "gensim.models.doc2vec"
        model.save(sys.argv[1])
        again = Doc2Vec.load(sys.argv[1])
        assert (again.dv.vectors == model.dv.vectors).all() and type(again.wv) is type(model.wv)
        assert gensim.models.Word2Vec.__init__.__module__.startswith("fastemb")
    """, arguments=[str(tmp_path / "doc2vec")])  # fmt: skip


def test_broken_gensim_is_done_without(tmp_path):
    (tmp_path / "gensim").mkdir()
    (tmp_path / "gensim" / "__init__.py").write_text("raise ImportError('a SciPy that it knows')")
    run("import logging, sys; logging.basicConfig(stream=sys.stdout); sys.path.insert(0, sys.argv[1])\n", PATCH, """
        from gensim.models import Word2Vec
        import fastemb
        assert Word2Vec is fastemb.Word2Vec
    """, arguments=[str(tmp_path)])  # fmt: skip


SCRIPT = """
import sys
from gensim.models import Word2Vec
import beside
print(sys.argv[1:], __name__, Word2Vec.__module__, Word2Vec.__init__.__module__)
"""


def test_scripts_run_patched(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "beside.py").write_text("")

    def patched(*arguments, **more):
        command = [sys.executable, "-m", "fastemb.patch", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, **more)

    expected = "['a', '-b'] __main__ gensim.models.word2vec fastemb.models.word2vec\n"
    for done in (
        patched(str(tmp_path / "script.py"), "a", "-b"),
        patched("-m", "script", "a", "-b", cwd=tmp_path),
    ):
        assert (done.stdout, done.stderr, done.returncode) == (expected, "", 0)
    assert "usage" in patched("--help").stdout
    for wrong in ([], ["-m"]):
        assert "usage" in patched(*wrong).stderr
    assert patched(str(tmp_path / "missing.py")).returncode == 1


def test_a_stub_of_gensim_may_stand_among_the_modules():
    run(
        """
        import sys, types
        sys.modules["gensim"] = stub = types.ModuleType("gensim")  # it has no spec
        from fastemb import patch_gensim, unpatch_gensim
        patch_gensim()
        import gensim
        assert gensim is not stub
        assert gensim.models.Word2Vec
        unpatch_gensim()
        assert sys.modules["gensim"] is stub
        """
    )
