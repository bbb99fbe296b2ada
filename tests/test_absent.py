"""Modules of gensim that fastemb lacks say so when they are imported, and what there is."""

import importlib
import importlib.util
import sys

import pytest

import fastemb
from fastemb._absent import AbsentModules, instead, refuse_modules
from fastemb.patch.finder import Finder


@pytest.mark.parametrize(
    ("module", "instead"),
    [
        ("fastemb.downloader", "load_vectors reads files"),
        ("fastemb.corpora", "LineSentence"),
        ("fastemb.corpora.dictionary", "LineSentence"),
        ("fastemb.similarities", "most_similar_batch"),
        ("fastemb.similarities.annoy", "most_similar_batch"),
        ("fastemb.parsing.preprocessing", "simple_preprocess"),
        ("fastemb.models.ldamodel", "Word2Vec, FastText, Doc2Vec and KeyedVectors in fastemb.models"),
        ("fastemb.interfaces", "Word2Vec, FastText, Doc2Vec and KeyedVectors in fastemb.models"),
    ],
)
def test_importing_a_module_of_gensim_says_what_there_is(module, instead):
    with pytest.raises(ModuleNotFoundError, match=r"gensim has .*, and fastemb has not") as error:
        importlib.import_module(module)
    assert instead in str(error.value)
    assert module.startswith(error.value.name)


def test_names_of_gensim_say_the_same():
    with pytest.raises(ImportError, match=r"train_document_dbow is not in fastemb"):
        from fastemb.models.doc2vec import train_document_dbow  # noqa: F401
    with pytest.raises(ImportError, match="load_vectors reads files"):
        from fastemb import downloader  # noqa: F401
    with pytest.raises(ImportError, match=r"utils\.SaveLoad is not in fastemb"):
        from fastemb.utils import SaveLoad  # noqa: F401
    with pytest.raises(ImportError, match="load_vectors reads files"):
        exec("from fastemb import utils, downloader")


def test_who_only_asks_is_told_that_they_are_not_there():
    for module in ("fastemb.models.ldamodel", "fastemb.downloader", "fastemb.corpora"):
        assert importlib.util.find_spec(module) is None
    with pytest.raises(ModuleNotFoundError, match="gensim has corpora"):  # the parent is imported, as ever
        importlib.util.find_spec("fastemb.corpora.dictionary")
    assert not hasattr(fastemb, "downloader")
    assert not hasattr(fastemb.models, "LdaModel")
    assert getattr(fastemb.utils, "SaveLoad", 5) == 5
    with pytest.raises(AttributeError, match="load_vectors reads files"):
        _ = fastemb.downloader
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = fastemb.nothing


def test_other_modules_are_missing_as_ever():
    for module in ("fastemb.nowhere", "fastembers.corpora", "fastemb.models.nowhere"):
        with pytest.raises(ModuleNotFoundError, match="No module named"):
            importlib.import_module(module)
    assert importlib.util.find_spec("fastemb.nowhere") is None
    refuse_modules()
    assert sys.meta_path.count(AbsentModules) == 1


def test_under_the_patch_they_say_it_too():
    with pytest.raises(ModuleNotFoundError, match=r"gensim is not installed.*load_vectors reads files"):
        Finder("gensim", "4.4.0", instead).find_spec("gensim.downloader")
