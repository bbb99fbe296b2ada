"""Names that gensim has and fastemb has not: importing one says so, and what there is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from opcode import opmap
from types import FrameType
from typing import Any

IMPORT_FROM = opmap["IMPORT_FROM"]

PRESENT = (
    "fastemb has gensim's word vectors: Word2Vec, FastText, Doc2Vec and KeyedVectors in fastemb.models, "
    "Phrases in fastemb.models.phrases, CallbackAny2Vec in fastemb.models.callbacks, and some helpers in fastemb.utils"
)
ABSENT = {
    "gensim": """
        corpora downloader interfaces matutils nosy parsing scripts similarities test topic_coherence
    """,
    "gensim.models": """
        AtireBM25Model AuthorTopicModel BackMappingTranslationMatrix CoherenceModel EnsembleLda HdpModel
        LdaModel LdaMulticore LdaSeqModel LogEntropyModel LsiModel LuceneBM25Model Nmf NormModel OkapiBM25Model
        RpModel TfidfModel TranslationMatrix VocabTransform
        atmodel basemodel bm25model coherencemodel ensemblelda hdpmodel lda_dispatcher lda_worker ldamodel
        ldamulticore ldaseqmodel logentropy_model lsi_dispatcher lsi_worker lsimodel nmf normmodel poincare
        rpmodel tfidfmodel translation_matrix
    """,
    "gensim.models.callbacks": """
        Callback CoherenceMetric ConvergenceMetric DiffMetric Metric PerplexityMetric
    """,
    "gensim.models.doc2vec": """
        Doc2VecTrainables Doc2VecVocab d2v_train_epoch_dbow d2v_train_epoch_dm d2v_train_epoch_dm_concat
        train_document_dbow train_document_dm train_document_dm_concat
    """,
    "gensim.models.fasttext": """
        FastTextTrainables FastTextVocab
    """,
    "gensim.models.keyedvectors": """
        CompatVocab Vocab prep_vectors
    """,
    "gensim.models.phrases": """
        PhrasesTransformation pseudocorpus
    """,
    "gensim.models.word2vec": """
        Heapitem Vocab Word2VecTrainables Word2VecVocab
    """,
    "gensim.utils": """
        ClippedCorpus FakeDict InputQueue RepeatCorpus RepeatCorpusNTimes SaveLoad SlicedCorpus call_on_class_only
        check_output chunkize chunkize_serial copytree_hardlink decode_htmlentities deprecated dict_from_corpus
        file_or_filename flatten getNS get_max_id get_my_ip get_random_state grouper identity
        ignore_deprecation_warning is_corpus is_empty iter_windows lazy_flatten mock_data mock_data_row open open_file
        pickle pyro_daemon qsize randfname revdict safe_unichr sample_dict smart_extension strided_windows synchronous
        toptexts unpickle upload_chunked
    """,
}

# What there is of use in the place of some, in lower case.
INSTEAD = {
    "corpora": "LineSentence, PathLineSentences, Text8Corpus and BrownCorpus are in fastemb.models.word2vec",
    "downloader": "load_vectors reads files that were downloaded, packed or not",
    "parsing": "simple_preprocess and tokenize are in fastemb.utils",
    "similarities": "KeyedVectors has most_similar, also with an indexer, most_similar_batch and wmdistance",
}


def instead(name: str) -> str:
    """What fastemb has, above all in the place of a name of gensim's."""
    hint = INSTEAD.get(name.lower())
    return f"{PRESENT}; {hint}" if hint else PRESENT


def refusal(module: str, name: str, caller: FrameType) -> AttributeError | ImportError:
    """What to raise for a name that a module lacks, when the code in that frame asks for it.

    It is an ImportError for those who import a name of gensim's from the module, and an AttributeError for others.
    """
    if name not in ABSENT.get(module, "").split():
        return AttributeError(f"module {module.replace('gensim', 'fastemb', 1)!r} has no attribute {name!r}")
    message = f"{module}.{name} is not in fastemb. {instead(name)}"
    if caller.f_code.co_code[caller.f_lasti] == IMPORT_FROM:
        return ImportError(message, name=f"{module}.{name}")
    return AttributeError(message)


def refusing(module: str) -> Callable[[str], Any]:
    """A `__getattr__` for a module, which says of the names of gensim that it lacks what there is.

    Parameters
    ----------
    module : str
        The name of gensim's module.
    """

    def __getattr__(name: str) -> Any:
        raise refusal(module, name, sys._getframe(1))

    return __getattr__


def only_asked() -> bool:
    """Whether it is importlib.util.find_spec, and no import, for which a finder is asked that calls this."""
    frame = sys._getframe(2)  # importlib's loop over the finders
    return frame.f_back is not None and frame.f_back.f_globals.get("__name__") == "importlib.util"


class AbsentModules:
    """At the end of `sys.meta_path`: refuses modules that are gensim's, by the names that they would have here."""

    @staticmethod
    def find_spec(fullname: str, path: Any = None, target: Any = None) -> None:
        parent, _, name = fullname.rpartition(".")
        if only_asked():
            return
        if parent.startswith("fastemb") and name in ABSENT.get(f"gensim{parent[len('fastemb') :]}", "").split():
            raise ModuleNotFoundError(f"gensim has {name}, and fastemb has not. {instead(name)}", name=fullname)


def refuse_modules() -> None:
    """Let imports of such modules say what there is."""
    if AbsentModules not in sys.meta_path:
        sys.meta_path.append(AbsentModules)
