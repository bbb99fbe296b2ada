"""Folders of encoders in model2vec and sentence-transformers, and theirs here; needs FASTEMB_TEST_PACKAGES=1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import fastemb

NEEDS = ("model2vec", "sentence-transformers", "torch", "tokenizers", "tqdm")
PROGRAM = """
import json, sys
import numpy as np
from model2vec import StaticModel
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, StaticEmbedding
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from fastemb import Encoder, Word2Vec

folder = sys.argv[1]
draw = np.random.default_rng(0)
letters = list("aeioubdgklmnprst")
WORDS = ["".join(draw.choice(letters, draw.integers(2, 7))) for _ in range(800)]
CORPUS = [" ".join(draw.choice(WORDS, 12)) for _ in range(3000)]
TEXTS = [*CORPUS[:300], "", "ÄÖ, xx! 你好 [UNK] " + CORPUS[0].upper(), "zz " * 3, " ".join(CORPUS[:200]), "q" * 300]

def same(name, ours, theirs, close=1e-5):
    difference = np.abs(ours - np.asarray(theirs, np.float32)).max()
    print(name, ours.shape, difference)
    assert difference < close, name

def transformer(name):
    return SentenceTransformer(f"{folder}/{name}", device="cpu").encode(TEXTS)

# Ours there.
encoders = {
    "corpus": Encoder.from_corpus(CORPUS, vector_size=24, epochs=3, pieces=200, components=2, workers=1),
    "words": Encoder.from_keyed_vectors(Word2Vec([text.split() for text in CORPUS], vector_size=12, epochs=1).wv),
}
encoders["truncated"] = encoders["corpus"].truncate(10)
for name, encoder in encoders.items():
    encoder.save(f"{folder}/{name}")
    assert (Encoder.load(f"{folder}/{name}").encode(TEXTS) == encoder.encode(TEXTS)).all()
    same(f"{name} in model2vec", encoder.encode(TEXTS), StaticModel.from_pretrained(f"{folder}/{name}").encode(TEXTS))
    same(f"{name} in sentence-transformers", encoder.encode(TEXTS), transformer(name))
    for dtype in ("float16", "int8"):
        encoder.save(f"{folder}/{name}-{dtype}", dtype=dtype)
        small = Encoder.load(f"{folder}/{name}-{dtype}").encode(TEXTS)
        close = 1e-5 if dtype == "int8" else 2e-3  # theirs add up in halves
        same(f"{name} of {dtype}", small, StaticModel.from_pretrained(f"{folder}/{name}-{dtype}").encode(TEXTS), close)
        some = small.any(axis=1)  # halves of texts without tokens are NaN in sentence-transformers
        same(f"{name} of {dtype} there", small[some], transformer(f"{name}-{dtype}")[some], close)

# Theirs here.
def tokenizer(kind):
    if kind == "bpe":
        made, trainer = Tokenizer(models.BPE(unk_token="[UNK]")), trainers.BpeTrainer
        made.pre_tokenizer = pre_tokenizers.Metaspace()
    else:
        made, trainer = Tokenizer(models.WordPiece(unk_token="[UNK]")), trainers.WordPieceTrainer
        made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(CORPUS, trainer(vocab_size=300, special_tokens=["[PAD]", "[UNK]"], show_progress=False))
    return made

for kind in ("wordpiece", "bpe"):
    tokens = tokenizer(kind)
    count = tokens.get_vocab_size()
    vectors = draw.standard_normal((count, 16)).astype(np.float32)
    reduced = {"weights": draw.random(count).astype(np.float32), "token_mapping": draw.integers(0, 50, count)}
    for name, made in {
        "plain": StaticModel(vectors, tokens), "normalized": StaticModel(vectors, tokens, normalize=True),
        "whole": StaticModel(vectors, tokens, max_length=None), "cut": StaticModel(vectors, tokens, max_length=7),
        "reduced": StaticModel(vectors[:50], tokens, **reduced),
    }.items():
        made.save_pretrained(f"{folder}/{kind}-{name}")
        same(f"{kind}, {name}, of model2vec", Encoder.load(f"{folder}/{kind}-{name}").encode(TEXTS), made.encode(TEXTS))
    for name, modules in {"mean": [], "unit": [Normalize()]}.items():
        tokens.no_truncation()
        made = SentenceTransformer(modules=[StaticEmbedding(tokens, embedding_weights=vectors), *modules], device="cpu")
        made.save(f"{folder}/{kind}-{name}")
        found = Encoder.load(f"{folder}/{kind}-{name}")
        same(f"{kind}, {name}, of sentence-transformers", found.encode(TEXTS), made.encode(TEXTS))
        found.save(f"{folder}/{kind}-{name}-again")
        same(f"{kind}, {name}, back there", found.encode(TEXTS), transformer(f"{kind}-{name}-again"))

# A small transformer.
import torch
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
tokens = tokenizer("wordpiece")
sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
torch.manual_seed(0)
model = BertModel(BertConfig(vocab_size=tokens.get_vocab_size(), **sizes)).eval()
fast = PreTrainedTokenizerFast(tokenizer_object=tokens, unk_token="[UNK]", pad_token="[PAD]")
encoder = Encoder.distill(model, fast, dimensions=None, a=None)
with torch.no_grad():
    hidden = model(torch.arange(tokens.get_vocab_size())[:, None]).last_hidden_state[:, 0].numpy()
hidden -= hidden.mean(axis=0)
same("distilled", encoder.vectors @ encoder.vectors.T / 32, hidden @ hidden.T / 32)
assert Encoder.distill(model, fast, dimensions=8).encode(TEXTS).shape == (len(TEXTS), 8)
"""


def test_folders_there_and_here(tmp_path):
    if not os.environ.get("FASTEMB_TEST_PACKAGES"):
        pytest.skip("set FASTEMB_TEST_PACKAGES=1 to install packages from PyPI, and to run them")
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=300)
    python = str(folder / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--prefer-binary", *NEEDS]
    subprocess.run(install, check=True, timeout=3000)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run(
        [python, program, tmp_path],
        env=os.environ | {"PYTHONPATH": str(Path(fastemb.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
