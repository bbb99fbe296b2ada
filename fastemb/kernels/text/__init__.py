"""Words to integers: what reads text, for training and for answers.

    WordTable           words to their numbers 0, 1, 2, … and counts, by the bytes of the words       wordtable
      Vocabulary          the words of a dict, and their rows                                         vocabulary
    Encoder             numbers of words as they grow: ids, and where each sentence begins            encoder
      TextEncoder         of bytes of UTF-8, whose lines are sentences, or of str, each a sentence    textencoder
      SentenceEncoder     of Python's sentences, whose words are str or integers                      sentenceencoder
    Features            texts of a classifier to the rows of their words and n-grams                      features
    PairTable           counts of pairs of words, as they grow                                            pairtable
      PhraseTable         or phrases; Middles: connector words between                                    phrases
      Tally               without connector words, in half the memory                                     tally
    Joiner              sentences whose phrases are one word each                                       joining
    Inputs              means of these rows, which may be quantised                                       inputs
    Outputs             the best labels of these means                                                    outputs
    best_labels         all three, tile after tile                                                        labels
    weighted_means      from the ids of texts to a row for each; so extremes                            batch
    Tokenizer           texts to the tokens of BERT's tokenizers; characters: what letters become         wordpiece
    mean_tokens         from texts to the means of the vectors of their tokens                          pooled

Each word gets a number in order of first appearance, and is counted; with a fixed vocabulary, others become -1. Texts
are split where str.split() splits (split.h); those of classifiers where fastText does. `fastemb.texts` puts the stages
together for texts in batches.
"""
