"""Errors that are of two kinds: what they are here, and what gensim raises, for programs that catch that."""


class CutShort(ValueError, EOFError):
    """A file ends before all that it promises."""


class OtherClass(ValueError, AttributeError):
    """A file holds an object of another class."""


class NotTrainable(ValueError, NotImplementedError):
    """A model of Facebook's program that cannot be trained further here."""
