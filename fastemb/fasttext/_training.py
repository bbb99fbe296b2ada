"""Training by fastText's arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastemb.fasttext._args import args, loss_name, model_name
from fastemb.fasttext._model import Model
from fastemb.fasttext._reading import Lines
from fastemb.models import Classifier, FastText, load_vectors
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
    for path, what in ((given.input, "training"), (given.pretrainedVectors, "loading")):
        if path or what == "training":
            check_readable(path, what)
    try:
        return (supervised if given.model is model_name.supervised else unsupervised)(given)
    except EmptyVocabulary as error:
        raise ValueError(f"Empty vocabulary. Try a smaller -minCount value. ({error})") from error
    except TrainingDiverged as error:
        raise RuntimeError(f"Encountered NaN. ({error}: take a smaller lr)") from error


def check_readable(path: str, what: str) -> None:
    try:
        with open(path, "rb"):
            pass
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


def supervised(given: args) -> Model:
    """A classifier."""
    if given.autotuneValidationFile:
        raise ValueError("autotune is not there yet: train without autotuneValidationFile")
    known = given_vectors(given)
    classifier = Classifier(
        given.input,
        loss=given.loss.name,
        vector_size=given.dim,
        alpha=given.lr,
        epochs=given.epoch,
        word_ngrams=given.wordNgrams,
        min_n=given.minn if given.maxn >= given.minn else 0,
        max_n=given.maxn if given.maxn >= given.minn else 0,
        bucket=given.bucket,
        min_count=given.minCount,
        min_count_label=given.minCountLabel,
        negative=given.neg,
        init_from=known,
        label_prefix=given.label,
        workers=max(1, given.thread),
        seed=given.seed,
        progress=given.verbose > 0,
    )
    classifier.args |= {"ws": given.ws, "t": given.t, "lr_update_rate": given.lrUpdateRate}
    return Model.of_classifier(classifier, given.copy())


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
