"""Vectors made better, smaller or one of several, after training: each function gives new vectors of the same keys.

``center``, ``all_but_the_top``, ``reduce`` and ``whiten`` are affine, and so hold for vectors that are made of n-grams:
the rows of words and of n-grams are changed alike, and so are the vectors of words never seen. ``normalize``,
``average`` and ``concatenate`` are not, and refuse such vectors: ``wv.vectors_for_all(wv.index_to_key,
copy_vecattrs=True)`` gives those of the words alone.
"""

from fastemb.postprocess.several import average, concatenate
from fastemb.postprocess.single import all_but_the_top, center, normalize, reduce, whiten

__all__ = ["all_but_the_top", "average", "center", "concatenate", "normalize", "reduce", "whiten"]
