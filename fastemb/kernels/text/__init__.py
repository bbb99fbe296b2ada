"""Words to integers: what reads text, for training and for answers.

    WordTable         words to their numbers 0, 1, 2, … and counts, by the bytes of the words     wordtable
    Encoder           numbers of words as they grow: ids, and where each sentence begins          encoder
      TextEncoder       of bytes of UTF-8, split where str.split() splits; a line is a sentence   textencoder
      SentenceEncoder   of Python's sentences, whose words are str or integers                    sentenceencoder

The .pxd files import in this order. Each word gets a number in order of first appearance, and is counted; with a fixed
vocabulary, words outside it become -1.
"""
