"""House rules for the kernels: small files, functions and structs, and one idea in each."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

KERNELS = Path(__file__).parents[1] / "fastemb" / "kernels"
SOURCES = [path for ending in ("pyx", "pxd") for path in sorted(KERNELS.rglob(f"*.{ending}"))]
# A constructor or a loop that reads better whole.
LONG_FUNCTIONS = {"add_cells", "feed", "encode", "merge_cells", "number", "unpickle"}
FIELDS = 20
# What may be said of a kind of input or output, and in which files of sgd/.
KINDS = {
    r"SkipGram|skipgram": {"skipgram.pxd", "dbow.pxd", "specs.pxd", "specs.pyx", "epoch.pyx"},
    r"Cbow|cbow": {"cbow.pxd", "dm.pxd", "specs.pxd", "specs.pyx", "epoch.pyx"},
    r"\bpaths\b|Tree|tree\.": {"tree.pxd", "specs.pxd", "specs.pyx", "epoch.pyx", "worker.pxd", "inference.pyx"},
    r"\bnoise_words\b|Negatives": {
        *("negatives.pxd", "specs.pxd", "specs.pyx", "epoch.pyx", "worker.pxd", "inference.pyx", "layout.pxd"),
    },
    r"\bTexts\b|plan_texts": {"texts.pxd", "specs.pxd", "specs.pyx", "epoch.pyx"},
    r"\bLabels\b|softmax": {"labels.pxd", "specs.pxd", "specs.pyx", "epoch.pyx"},
    r"Dbow|dbow": {"dbow.pxd", "documentspecs.pxd", "documentspecs.pyx", "epoch.pyx"},
    r"DmConcat|\bDm\b|plan_dm": {"dm.pxd", "documentspecs.pxd", "documentspecs.pyx", "epoch.pyx"},
    r"\bngrams\b|\bring\b": {"bags.pxd", "specs.pxd", "specs.pyx", "worker.pxd"},
}

pytestmark = pytest.mark.skipif(not SOURCES, reason="the sources of the kernels are not here")


def code_of(path):
    """A source without its comments and strings of documentation."""
    text = re.sub(r'"""(?s:.)*?"""', "", path.read_text(encoding="utf-8"))
    return "\n".join(line.split("#", 1)[0].rstrip() for line in text.splitlines())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(KERNELS)))
def test_files_are_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350


def is_field(line):
    """Whether it is no method, property or `pass`."""
    return "(*" in line or not re.match(r" *(@|def |pass|cdef \w.*\()", line)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(KERNELS)))
def test_structs_and_classes_have_few_fields(path):
    block = None
    for line in [*code_of(path).splitlines(), "end"]:
        indent = len(line) - len(line.lstrip())
        if line.strip() and block is not None and indent <= block[1]:
            assert block[2] <= FIELDS, f"{block[0]} has {block[2]} fields"
            block = None
        if head := re.match(r"( *)(?:cdef|ctypedef) (?:struct|class) (\w+).*:$", line):
            block = [head[2], len(head[1]), 0]
        elif block is not None and indent == block[1] + 4 and line.strip() and is_field(line):
            block[2] += len(re.sub(r"\([^)]*\)|\[[^\]]*\]", "", line).split(","))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(KERNELS)))
def test_functions_are_short(path):
    lines = code_of(path).splitlines()
    heads = [
        (number, match[2], len(match[1]))
        for number, line in enumerate(lines)
        if (match := re.match(r"( *)(?:def|cdef(?! (?:struct|class|enum|extern)\b)[^=(]*?) ?\*{0,2}(\w+)\(", line))
    ]
    for (begin, name, indent), (end, _, _) in pairwise([*heads, (len(lines), "", 0)]):
        body = []
        for line in lines[begin + 1 : end]:
            if line.strip() and len(line) - len(line.lstrip()) <= indent and not line.lstrip().startswith(")"):
                break
            body.append(line)
        length = sum(bool(line.strip()) for line in body)
        assert length <= 45 or name in LONG_FUNCTIONS, f"{name} has {length} lines"


def test_each_kind_of_input_and_output_is_in_its_own_file():
    for pattern, files in KINDS.items():
        found = {path.name for path in SOURCES if path.parent.name == "sgd" and re.search(pattern, code_of(path))}
        assert found <= files, f"{pattern} is named in {found - files}"


def test_files_of_training_import_one_way():
    imports = {}
    for path in SOURCES:
        if path.parent.name == "sgd":
            names = re.findall(r"from fastemb\.kernels\.sgd\.(\w+) cimport", path.read_text(encoding="utf-8"))
            imports.setdefault(path.stem, set()).update({*names} - {path.stem})
    done = []
    while imports.keys() - {*done}:
        ready = [name for name in imports if name not in done and imports[name] <= {*done}]
        assert ready, f"a circle among {imports.keys() - {*done}}"
        done += ready
    assert done[-1] == "epoch"
