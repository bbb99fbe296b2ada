"""One vector for each text, of the vectors of its words.

    Mean                means                                                                           poolings
    Tfidf               rare words weigh more: by the share of texts that have them                     poolings
    SIF, USIF           rare words weigh more, and what all texts share is taken away                   components
    Max, PowerMeans     the extremes of each number; several means beside each other                    poolings
    Pooling             what all share                                                                  base

Each class is fitted on texts and applied to texts, by native threads, as scikit-learn's transformers are. A text is a
str, which is split where ``str.split()`` splits it, or a sequence of words; in its place there may be a row of a sparse
matrix, as scikit-learn's vectorisers make them, whose columns are words (`columns`).

A text without words, or none of whose words has a vector, gets zeros, in every class: it is similar to nothing.
"""

from fastemb.pooling.components import SIF, USIF
from fastemb.pooling.poolings import Max, Mean, PowerMeans, Tfidf

__all__ = ["SIF", "USIF", "Max", "Mean", "PowerMeans", "Tfidf"]
