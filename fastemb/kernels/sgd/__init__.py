"""Stochastic gradient descent over text: what trains Word2Vec and FastText.

    chunks of an encoded corpus
      -> Span     tokens that subsampling keeps, and their windows; or texts          chunks, corpus, span
      -> Batch    n inputs x m outputs                                                worker, batch
                  inputs: skipgram, cbow, texts; of rows, bags
                  outputs: negatives, tree, labels
      -> Step     trained in shared rows, or in replicas merged at the end of a span  replicas, step

A `Team` of threads claims the spans; an `Epoch` owns all of it. What Python hands over is checked by `specs`.
"""
