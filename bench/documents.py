"""Doc2Vec of fastemb beside gensim's: training from a file, inference, and classification by vectors of documents.

    python bench/documents.py corpus.txt --labelled shared/labelled --pairs 3 --seeds 5

Every run is a fresh process, and the programs take turns. The corpus has a document a line. `--labelled` is a folder
with 20news.train.txt.xz and 20news.test.txt.xz in fastText's form: vectors of the messages of the first are trained,
those of the second are inferred, and a logistic regression is fitted to the former.
"""

import argparse
import json
import lzma
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

KINDS = {"dbow": {"dm": 0}, "dbow+words": {"dm": 0, "dbow_words": 1}, "dm": {"dm": 1}}
PROGRAMS = "fastemb", "gensim"
TEXTS, WORDS, EPOCHS = 10_000, 200, 10  # of inference


def doc2vec(program):
    if program == "gensim":
        from gensim.models.doc2vec import Doc2Vec, TaggedDocument
    else:
        from fastemb.models.doc2vec import Doc2Vec, TaggedDocument
    return Doc2Vec, TaggedDocument


def infer(model, program, texts, epochs):
    if program == "gensim":
        return np.array([model.infer_vector(text, epochs=epochs) for text in texts])
    return model.infer_vectors(texts, epochs=epochs)


def speed(program, kind, corpus, workers, epochs, texts):
    """Seconds of training from a file and of inference, per word."""
    make, _ = doc2vec(program)
    begin = time.perf_counter()
    model = make(corpus_file=corpus, vector_size=100, epochs=epochs, workers=workers, seed=1, **KINDS[kind])
    trained = time.perf_counter() - begin
    with open(corpus, encoding="utf-8") as file:
        words = file.read(WORDS * texts * 12).split()
    given = [words[k : k + WORDS] for k in range(0, len(words) - WORDS, WORDS)][:texts]
    begin, processor = time.perf_counter(), time.process_time()
    infer(model, program, given, EPOCHS)
    inferred, processor = time.perf_counter() - begin, time.process_time() - processor
    return {
        "words/s": epochs * model.corpus_total_words / trained, "training": trained,
        "texts/s": len(given) / inferred, "texts/s of one core": len(given) / processor,
    }  # fmt: skip


def labelled(folder, part):
    with lzma.open(Path(folder) / f"20news.{part}.txt.xz", "rt", encoding="utf-8") as file:
        pairs = [line.split(maxsplit=1) for line in file]
    return [pair[0] for pair in pairs], [pair[1].split() if len(pair) > 1 else [] for pair in pairs]


def accuracy(train, labels, test, expected):
    """Share of right answers of a multinomial logistic regression over standardised columns."""
    from scipy.optimize import minimize

    names, y = np.unique(labels, return_inverse=True)
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    x, other = (np.c_[(each - mean) / deviation, np.ones(len(each))] for each in (train, test))
    shape = x.shape[1], len(names)

    def loss(flat):
        weights = flat.reshape(shape)
        scores = x @ weights
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        sums = powers.sum(axis=1, keepdims=True)
        value = np.log(sums).sum() - scores[np.arange(len(y)), y].sum() + (weights[:-1] ** 2).sum() / 2
        gradient = powers / sums
        gradient[np.arange(len(y)), y] -= 1
        gradient = x.T @ gradient
        gradient[:-1] += weights[:-1]
        return value, gradient.ravel()

    found = minimize(loss, np.zeros(np.prod(shape)), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return float(np.mean(names[(other @ found.x.reshape(shape)).argmax(axis=1)] == np.array(expected)))


def quality(program, kind, folder, workers, seed, options):
    """Accuracy on 20 Newsgroups."""
    make, tagged = doc2vec(program)
    labels, texts = labelled(folder, "train")
    expected, tests = labelled(folder, "test")
    documents = [tagged(words, [k]) for k, words in enumerate(texts)]
    begin = time.perf_counter()
    model = make(documents, vector_size=100, min_count=2, workers=workers, seed=seed, **KINDS[kind] | options)
    trained = time.perf_counter() - begin
    begin = time.perf_counter()
    vectors = infer(model, program, tests, None)
    inferred = time.perf_counter() - begin
    found = accuracy(np.array(model.dv.vectors), labels, vectors, expected)
    return {"accuracy": found, "training": trained, "inference": inferred}


def run(**given):
    """One run, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--run", json.dumps(given)], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?")
    parser.add_argument("--labelled")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--texts", type=int, default=TEXTS)
    parser.add_argument("--kinds", nargs="+", default=["dbow", "dm"], choices=KINDS)
    parser.add_argument("--programs", nargs="+", default=PROGRAMS)
    parser.add_argument("--options", type=json.loads, default={}, help="more parameters of fastemb's")
    parser.add_argument("--run", type=json.loads, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps({"speed": speed, "quality": quality}[given.run.pop("what")](**given.run)))
        return
    for kind in given.kinds:
        results = {}
        for number in range(given.pairs if given.corpus else 0):
            for program in given.programs:
                texts = given.texts if program == "fastemb" else max(1, given.texts // 10)
                found = run(
                    what="speed", program=program, kind=kind, corpus=given.corpus, workers=given.workers,
                    epochs=given.epochs, texts=texts,
                )  # fmt: skip
                results.setdefault(program, []).append(found)
                print(kind, program, number, {name: round(value, 2) for name, value in found.items()}, flush=True)
        report(kind, results, statistics.median)
        results = {}
        for seed in range(1, 1 + given.seeds if given.labelled else 1):
            for program in given.programs:
                found = run(
                    what="quality", program=program, kind=kind, folder=given.labelled, workers=given.workers, seed=seed,
                    options=given.options if program == "fastemb" else {},
                )  # fmt: skip
                results.setdefault(program, []).append(found)
                print(kind, program, seed, {name: round(value, 4) for name, value in found.items()}, flush=True)
        report(kind, results, statistics.mean)


def report(kind, results, middle):
    for name in next(iter(results.values()))[0] if results else ():
        values = {program: middle(each[name] for each in found) for program, found in results.items()}
        spread = {program: statistics.pstdev(each[name] for each in found) for program, found in results.items()}
        shown = ", ".join(f"{program} {value:.4g} ± {spread[program]:.2g}" for program, value in values.items())
        ratio = f"; {values['fastemb'] / values['gensim']:.3g} times" if len(values) == 2 else ""
        print(f"{kind}: {name}: {shown}{ratio}", flush=True)


if __name__ == "__main__":
    main()
