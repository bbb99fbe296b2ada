"""Training by fastText's arguments."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from fastemb.fasttext._args import args, loss_name, model_name
from fastemb.fasttext._model import Model
from fastemb.fasttext._reading import Lines
from fastemb.models import Classifier, FastText, load_vectors
from fastemb.models.tuning import autotune
from fastemb.training import TrainingDiverged
from fastemb.utils import RULE_DEFAULT, RULE_DISCARD
from fastemb.vocabulary import EmptyVocabulary


def trained(given: args) -> Model:
    """A model, as the arguments say.

    Raises
    ------
    ValueError
        If a file cannot be opened, or no word is left, or an argument cannot be.
    RuntimeError
        If NaN came up.
    """
    if given.input == "-":
        raise ValueError("Cannot use stdin for training!")
    readable(given.input, "training")
    if given.pretrainedVectors:
        readable(given.pretrainedVectors, "loading")
    with fasttexts_errors():
        return (supervised if given.model is model_name.supervised else unsupervised)(given)


@contextmanager
def fasttexts_errors() -> Iterator[None]:
    """Inside this, training raises what fastText raises."""
    try:
        yield
    except EmptyVocabulary as error:
        raise ValueError(f"Empty vocabulary. Try a smaller -minCount value. ({error})") from error
    except TrainingDiverged as error:
        raise RuntimeError(f"Encountered NaN. ({error}: take a smaller lr)") from error


def readable(path: str, what: str) -> str:
    """The path of a file that can be opened."""
    try:
        with open(path, "rb"):
            return path
    except OSError as error:
        raise ValueError(f"{path} cannot be opened for {what}!") from error


def given_vectors(given: args) -> Any:
    """Those of `pretrainedVectors`, or None."""
    if not given.pretrainedVectors:
        return None
    known = load_vectors(given.pretrainedVectors)
    if known.vector_size != given.dim:
        raise ValueError(
            f"Dimension of pretrained vectors ({known.vector_size}) does not match dimension ({given.dim})!"
        )
    return known


# Names of fastText's arguments, and of the classifier's parameters.
FEATURES = {
    "lr": "alpha", "dim": "vector_size", "epoch": "epochs", "wordNgrams": "word_ngrams", "minn": "min_n",
    "maxn": "max_n", "bucket": "bucket",
}  # fmt: skip
OTHERS = {"minCount": "min_count", "minCountLabel": "min_count_label", "neg": "negative", "label": "label_prefix"}


def parameters_of(given: args, names: Mapping[str, str]) -> dict[str, Any]:
    made = {own: getattr(given, name) for name, own in names.items()}
    if given.maxn < given.minn and "max_n" in made:  # no n-grams; when tuning, only what was given is here
        made |= {own: 0 for own in ("min_n", "max_n") if own in made}
    return made


def supervised(given: args) -> Model:
    """A classifier."""
    if given.autotuneValidationFile:
        return tuned(given)
    classifier = Classifier(
        given.input,
        **parameters_of(given, FEATURES | OTHERS),
        loss=given.loss.name,
        init_from=given_vectors(given),
        workers=max(1, given.thread),
        seed=given.seed,
        progress=given.verbose > 0,
    )
    classifier.args |= {"ws": given.ws, "t": given.t, "lr_update_rate": given.lrUpdateRate}
    return Model.of_classifier(classifier, given.copy())


def tuned(given: args) -> Model:
    """The classifier whose parameters, but for those that were given, did best by other texts."""
    try:
        with open(given.autotuneValidationFile, "rb"):
            pass
    except OSError as error:
        raise ValueError(f"Validation file cannot be opened! ({error})") from error
    known = given_vectors(given)
    fixed = {name: own for name, own in FEATURES.items() if given.is_manual(name)}
    if known is not None:
        fixed["dim"] = FEATURES["dim"]
    found = autotune(
        given.input,
        validation=given.autotuneValidationFile,
        metric=given.autotuneMetric,
        predictions=given.autotunePredictions,
        seconds=given.autotuneDuration,
        model_size=given.autotuneModelSize or None,
        seed=given.seed,
        workers=max(1, given.thread),
        report=show_trial if given.verbose > 0 else None,
        loss=given.loss.name,
        init_from=known,
        **parameters_of(given, fixed | OTHERS),
    )
    classifier, made = found.model, given.copy()
    for name, own in FEATURES.items():
        setattr(made, name, getattr(classifier, own))
    if not len(classifier.wv.ngram_rows):
        made.bucket = 0
    classifier.args |= {"ws": given.ws, "t": given.t, "lr_update_rate": given.lrUpdateRate}
    return Model.of_classifier(classifier, made)


def show_trial(trial: Any) -> None:
    print(f"Trial {trial.number}: {trial.error or format(trial.score, '.6f')}", file=sys.stderr, flush=True)


def unsupervised(given: args) -> Model:
    """Vectors of words."""
    if given.loss not in (loss_name.ns, loss_name.hs):
        raise ValueError(f"vectors of words are trained with the loss 'ns' or 'hs', not {given.loss.name!r}")
    hs = given.loss is loss_name.hs
    ngrams = given.bucket > 0 and given.maxn >= max(1, given.minn)
    known = given_vectors(given)
    model = FastText(
        Lines(given.input, given.label),
        sg=int(given.model is model_name.skipgram),
        hs=int(hs),
        negative=0 if hs else given.neg,
        vector_size=given.dim,
        alpha=given.lr,
        min_alpha=0.0,
        window=given.ws,
        min_count=given.minCount,
        sample=given.t,
        ns_exponent=0.5,
        epochs=given.epoch,
        min_n=given.minn if ngrams else 0,
        max_n=given.maxn if ngrams else 0,
        bucket=given.bucket if ngrams else 0,
        workers=max(1, given.thread),
        seed=given.seed,
        progress=given.verbose > 0,
        init_from=known,
        trim_rule=lambda word, *_: RULE_DISCARD if word.startswith(given.label) else RULE_DEFAULT,
    )
    made = given.copy()
    made.bucket = given.bucket if ngrams else 0
    output = -model.syn1 if hs else model.syn1neg
    return Model(model.wv, output, [], np.empty(0, np.int64), made, int(model.corpus_total_words or 0))
