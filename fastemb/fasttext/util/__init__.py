"""fastText's helpers; see `util`."""

from fastemb.fasttext.util.util import download_model, find_nearest_neighbor, reduce_model, test

__all__ = ["download_model", "find_nearest_neighbor", "reduce_model", "test"]
