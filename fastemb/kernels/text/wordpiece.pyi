from collections.abc import Sequence
from typing import final

from numpy import int32, int64
from numpy.typing import NDArray

@final
class Tokenizer:
    """What BertNormalizer, a pre-tokeniser, and WordPiece or WordLevel of the `tokenizers` library make of texts.

    Parameters
    ----------
    tokens : sequence of str or None
        Each token at its id; None where an id has none.
    added : sequence of (str, int)
        Tokens that are found in texts as they are, before anything else, and their ids.
    unknown : int
        The id of words without a token; -1 for none.
    prefix : str or None
        What tokens begin with that go on a word (WordPiece); None for whole words alone (WordLevel).
    most_characters : int
        Longer words are unknown; not looked at for whole words.
    cut : int
        0 as BertPreTokenizer does, 1 as Whitespace, 2 as WhitespaceSplit.
    clean, chinese, strip, lower : bool
        The steps of BertNormalizer.
    """

    n_ids: int
    unknown: int
    def __init__(
        self,
        tokens: Sequence[str | None],
        added: Sequence[tuple[str, int]],
        unknown: int,
        prefix: str | None,
        most_characters: int,
        cut: int,
        clean: bool,
        chinese: bool,
        strip: bool,
        lower: bool,
    ) -> None: ...
    def ids(self, texts: list[str], first: int = 0, most_characters: int = -1) -> tuple[NDArray[int32], NDArray[int64]]:
        """The tokens of text k are ids[starts[k]:starts[k + 1]]; returns ids and starts.

        Parameters
        ----------
        texts : list of str
        first : int
            The number of the first text, for messages.
        most_characters : int
            Of a text, that are looked at; all if it is negative.
        """
