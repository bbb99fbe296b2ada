"""What the end of a name says of a file that is to be written."""

import pytest

from fastemb import load_vectors
from fastemb.cli import main
from fastemb.models.files import FORMATS, format_of, save_vectors

VECTORS = b"2 2\nthe 1 2\nof 3 4\n"


@pytest.mark.parametrize(
    "ending", [".ftz", ".h5", ".kv", ".pkl", ".csv", ".npy", ".parquet", ".zip", ".CSV", ".csv.gz", ".pt", ".joblib"]
)
def test_endings_of_formats_that_are_not_written_are_refused(tmp_path, capsys, ending):
    vectors, corpus = tmp_path / "file", tmp_path / "corpus"
    vectors.write_bytes(VECTORS)
    corpus.write_bytes(b"a b a b\n" * 9)
    out = tmp_path / f"out{ending}"
    with pytest.raises(ValueError, match=rf"out{ending}: fastemb writes no"):
        save_vectors(load_vectors(vectors), out)
    assert main(["convert", str(vectors), str(out)]) == 1
    assert main(["train", str(corpus), "-o", str(out), "-q"]) == 1
    assert capsys.readouterr().err.count(": fastemb writes no ") == 2
    assert not out.exists()
    archive = ending == ".zip"  # which no other format makes of it
    assert main(["convert", str(vectors), str(out), "--to", "word2vec"]) == archive
    assert out.exists() is not archive


def test_names_that_are_written():
    kinds = {"a.txt": "word2vec", "A.VEC.XZ": "word2vec", "a.Bin": "word2vec-binary", "a.NPZ": "npz", "a": "native"}
    assert {name: format_of(name) for name in kinds} == kinds
    assert set(kinds.values()) < set(FORMATS)
