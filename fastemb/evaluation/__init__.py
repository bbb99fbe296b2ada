"""How good vectors are: similarity, analogies, relations, categories and outliers as people judge them.

These functions take vectors and the words they belong to, whoever trained them; or KeyedVectors as `vectors`, and then
`index` or `words` are left out: ``word_pairs(model.wv, read_word_pairs(path))``. Those whose names end in `_scores`
keep what the vectors made of each item, from which `interval` and `difference` say how sure a score is, and whether one
model is better than another. `word_pairs`, and `categorization` by Ward's method, need SciPy, the extra `evaluation`.
"""

from fastemb.evaluation.analogies import Analogies, accuracy, analogy_scores, word_analogies
from fastemb.evaluation.categories import Categories, categorization, category_scores
from fastemb.evaluation.files import (
    read_analogies,
    read_categories,
    read_outliers,
    read_relations,
    read_word_pairs,
)
from fastemb.evaluation.inputs import folded_index, with_inferred
from fastemb.evaluation.intervals import Interval, Scores, difference, interval, together
from fastemb.evaluation.outliers import Outliers, outlier_detection, outlier_scores
from fastemb.evaluation.overlap import Overlap, neighbor_overlap
from fastemb.evaluation.pairs import WordPairs, pair_scores, word_pairs
from fastemb.evaluation.relations import relation_scores
from fastemb.queries import unit_rows

__all__ = [
    "Analogies",
    "Categories",
    "Interval",
    "Outliers",
    "Overlap",
    "Scores",
    "WordPairs",
    "accuracy",
    "analogy_scores",
    "categorization",
    "category_scores",
    "difference",
    "folded_index",
    "interval",
    "neighbor_overlap",
    "outlier_detection",
    "outlier_scores",
    "pair_scores",
    "read_analogies",
    "read_categories",
    "read_outliers",
    "read_relations",
    "read_word_pairs",
    "relation_scores",
    "together",
    "unit_rows",
    "with_inferred",
    "word_analogies",
    "word_pairs",
]
