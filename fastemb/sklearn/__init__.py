"""scikit-learn's estimators of what fastemb trains: for pipelines, grid searches, `clone` and `set_output`.

    FastTextClassifier                        labels of texts, by `fastemb.models.Classifier`            classifier
    Word2VecVectorizer, DocumentVectorizer    vectors of texts, of those of their words                  vectors
    EncoderVectorizer                         vectors of texts, by an encoder                            encoders
    Doc2VecTransformer                        vectors of texts that were trained as documents            documents
    PhrasesTransformer                        texts with their phrases joined                            phrases
    TextEstimator                             texts as users have them, threads, seeds, tags             base

A text is a str or a list of words. Needs the extra `sklearn`, which is scikit-learn.
"""

try:
    import sklearn  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "sklearn":
        raise
    raise ImportError("fastemb.sklearn needs scikit-learn: pip install 'fastemb[sklearn]'") from None

from fastemb.sklearn.classifier import FastTextClassifier
from fastemb.sklearn.documents import Doc2VecTransformer
from fastemb.sklearn.encoders import EncoderVectorizer
from fastemb.sklearn.phrases import PhrasesTransformer
from fastemb.sklearn.vectors import DocumentVectorizer, Word2VecVectorizer

__all__ = [
    "Doc2VecTransformer",
    "DocumentVectorizer",
    "EncoderVectorizer",
    "FastTextClassifier",
    "PhrasesTransformer",
    "Word2VecVectorizer",
]
