"""Stochastic gradient descent over text: what trains Word2Vec and FastText.

    chunks of an encoded corpus
      -> Span     tokens that subsampling keeps, and their windows                             corpus, span
      -> Batch    n inputs (skipgram, cbow; rows, bags) x m outputs (negatives, tree)          batch, worker
      -> Step     trained in shared rows, or in replicas that are merged at the end of a span  replicas, step

A `Team` of threads claims the spans; an `Epoch` owns all of it. What Python hands over is checked by `specs`.
"""
