"""Text that was written to be costly."""

import numpy as np

from fastemb.kernels.text.textencoder import TextEncoder
from fastemb.kernels.text.wordtable import WordTable

MASK = np.uint64(2**64 - 1)


def colliding(tries, seed=0):
    """Words of 16 letters that have one hash where nothing in it is secret: the last eight bytes undo the first."""
    draw = np.random.default_rng(seed)
    first = draw.integers(0x21, 0x7F, (tries, 8), np.uint8)
    h = (np.uint64(16 * 0x9E3779B97F4A7C15 & 2**64 - 1) ^ first.view("<u8").ravel()) * np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(32)
    last = (h ^ np.uint64(0x5A3C5A3C5A3C5A3C)).view(np.uint8).reshape(-1, 8)
    visible = ((last > 0x20) & (last < 0x7F)).all(axis=1)
    return [bytes(word).decode() for word in np.hstack([first, last])[visible]]


def test_words_cannot_be_chosen_to_collide():
    words = colliding(3_000_000)
    assert len(words) > 500
    table = WordTable(words)
    assert len(table) == len(set(words))
    assert table.longest_search() < 30


def test_words_that_differ_in_few_bits_do_not_collide():
    """Differences in high bits, which a product hands on unchanged, cancel out in the next bytes."""
    pairs = [(b"aaaaaaaa" + b"aaaa!aaa", b"aaaaaaa!" + b"aaaaaaaa"), (b"zzzzzzz1zzz1zzzz", b"zzzzzzzqzzzqzzzz")]
    words = {b""}
    for pair in pairs * 6:
        words = {word + half for word in words for half in pair}
    table = WordTable(word.decode() for word in words)
    assert len(table) == 4096
    assert table.longest_search() < 50


def test_a_token_of_many_blocks_is_read_once():
    """Each block was joined to all before it, so that the time grew with the square of the length."""
    encoder = TextEncoder()
    for _ in range(3_000_000):
        encoder.feed(b"x")
    encoder.feed("\u3000y".encode())
    encoder.feed(b" z\nx x", last=True)
    ids, starts = encoder.finish()
    assert (len(encoder.table), ids.tolist(), starts.tolist()) == (4, [0, 1, 2, 3, 3], [0, 3, 5])
    assert encoder.table[0] == "x" * 3_000_000
