"""The examples of the documentation run, page by page, in a folder with the files that they name; tables are right."""

import gzip
import importlib
import re
import shlex
import shutil
from pathlib import Path

import pytest

import fastemb
from fastemb import FastText, Word2Vec
from fastemb.cli import main
from fastemb.models.fasttext import save_facebook_model
from fastemb.models.files import save_vectors

PROJECT = Path(__file__).parents[1]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = "# Not run by the tests: "  # begins a block that needs more than fastemb, and says what
NEEDED = {"scikit-learn": ("sklearn", "pandas")}  # by all that a page shows
COMMAND = "fastemb "  # other commands are not run, nor is the demo, which has a test of its own


def examples(page):
    """The blocks of Python and of commands on a page, each with the number of the line before it."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if not found[2].startswith(NOT_RUN):
            yield found[1], found[2], text.count("\n", 0, found.start(2))


WITH_EXAMPLES = [page for page in PAGES if page.is_file() and any(examples(page))]


@pytest.fixture(scope="module")
def small_files(tmp_path_factory):
    """The files that the pages name, small, and of the right formats."""
    folder = tmp_path_factory.mktemp("files")
    lines = ["king queen paris woman man rome", "the king of spain and the queen of france", "a man a woman in paris"]
    (folder / "corpus.txt").write_text("\n".join(lines * 30), encoding="utf-8")
    (folder / "small.txt").write_text("\n".join(lines * 5), encoding="utf-8")
    (folder / "questions-words.txt").write_text(": places\nking spain queen france\n", encoding="utf-8")
    (folder / "pairs.csv").write_text("king,queen,9\nking,paris,2\nman,woman,8\n", encoding="utf-8")
    (folder / "categories.txt").write_text("king person\nqueen person\nparis city\nrome city\n", encoding="utf-8")
    (folder / "BATS").mkdir()
    (folder / "baskets.txt").write_text("milk bread butter\nmilk bread\nscrew nail hammer\nnail screw\n" * 30)
    (folder / "later.txt").write_text("bread milk\nhammer nail screw\n" * 5)
    rows = [f"{k // 3},{item},{k}" for k, item in enumerate(["milk", "bread", "butter", "nail", "screw", "saw"] * 30)]
    (folder / "events.csv").write_text("\n".join(["user,item,time", *rows, ""]))
    (folder / "features.txt").write_text("milk\tfood\nbread\tfood\nnail\ttools\nscrew\ttools\nglue\ttools\n")
    (folder / "BATS" / "gender.txt").write_text("king\tqueen\nman\twoman/lady\n", encoding="utf-8")
    words = Word2Vec(corpus_file=folder / "corpus.txt", vector_size=10).wv
    save_vectors(words, folder / "vectors.txt")
    for name in ("glove.840B.300d.txt", "glove.6B.100d.txt"):
        save_vectors(words, folder / name, "glove")
    model = FastText(corpus_file=folder / "corpus.txt", vector_size=10, bucket=1000)
    for name in ("cc.en.300.bin", "wiki.en.bin"):
        save_facebook_model(model, folder / name)
    pairs = [(a, b) for a in range(40) for b in range(a + 1, 40) if (a // 10 == b // 10 and a % 3) or b - a == 7]
    (folder / "edges.txt").write_text("".join(f"{a} {b}\n" for a, b in pairs), encoding="utf-8")
    (folder / "edges.txt.gz").write_bytes(gzip.compress((folder / "edges.txt").read_bytes()))
    (folder / "groups.txt").write_text("".join(f"{k} {k // 10}\n" for k in range(40)), encoding="utf-8")
    golden = Path(__file__).parent / "golden"
    shutil.copy(golden / "classifier-ova.bin", folder / "model_cooking.bin")
    shutil.copy(golden / "supervised.bin", folder / "lid.176.ftz")
    for name in ("cooking.train", "cooking.valid"):
        shutil.copy(golden / "labelled.txt", folder / name)
    for name in ("20news.train.txt", "20news.test.txt"):
        messages = [f"__label__{word} the {word} of {word} {other}" for word in "ab" for other in "xyz" * 9]
        (folder / name).write_text("\n".join(messages), encoding="utf-8")
    return folder


@pytest.fixture
def files(small_files, tmp_path, monkeypatch):
    """Run in a folder with copies of them, and bring gensim back afterwards."""
    shutil.copytree(small_files, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    yield
    fastemb.unpatch_gensim()
    fastemb.unpatch_fasttext()


@pytest.mark.skipif(not WITH_EXAMPLES, reason="no documentation beside the tests")
@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_examples_run(page, files, caplog):
    for module in NEEDED.get(page.stem, ()):
        pytest.importorskip(module)
    names = {"__name__": "__main__"}
    for language, text, line in examples(page):
        if language == "python":
            exec(compile("\n" * line + text, page, "exec"), names)
        for command in text.splitlines() if language == "sh" else ():
            if command.startswith(COMMAND):
                assert main(shlex.split(command)[1:]) == 0, command
    assert "start_alpha" not in caplog.text
    assert "no word of the corpus" not in caplog.text  # of pairs there may be none in a corpus so short


def test_tables_are_those_of_the_stored_runs(monkeypatch):
    bench, readme = PROJECT / "bench", PROJECT / "README.md"
    if not (bench / "speed.json").is_file():
        pytest.skip("no stored runs beside the tests")
    pytest.importorskip("resource")  # with which bench/train.py measures memory
    monkeypatch.syspath_prepend(bench)
    chart = importlib.import_module("chart")
    written = readme.read_text(encoding="utf-8")
    assert chart.with_tables(written, chart.stored_tables()) == written, "run python bench/chart.py"
