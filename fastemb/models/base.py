"""What all models share: a file, training that another process can go on with, and callbacks."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from inspect import signature
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastemb._errors import OtherClass
from fastemb._gates import alone, in_quiet
from fastemb._messages import said
from fastemb._numbers import Check
from fastemb._paths import Path, local
from fastemb.formats import native
from fastemb.io.limits import parse_json
from fastemb.models._kinds import named
from fastemb.models._lifecycle import Lifecycle, no_events
from fastemb.models._near import naming_near_parameters
from fastemb.models._on_the_class import OnTheClass
from fastemb.models.keyedvectors import KeyedVectors, check_mmap
from fastemb.models.parameters import checked
from fastemb.training import Progress, Run

logger = logging.getLogger(__name__)

AnyModel = TypeVar("AnyModel", bound="Model")


class Model:
    """A model as arrays and a few numbers, in one file.

    A subclass names what it consists of, and hands what trains it to `fastemb.training.fit`:

    - `PARAMETERS`: arguments of the class, each also an attribute; and those of them, `FREE`, that do not
      change what is trained, so that training may go on with others.
    - `STATE`: further attributes, that JSON can hold.
    - `_matrices()`: what it trains; `to_arrays()` and `_set_arrays()`: all its arrays.
    - `_go_on()`: train on a corpus from where a `Run` stands.

    Arguments that a subclass gains later need a default, and its files may lack them: files of every
    earlier version can be read.
    """

    PARAMETERS: ClassVar[tuple[str, ...]]
    FREE: ClassVar[tuple[str, ...]] = ("workers",)
    NGRAMS: ClassVar[bool] = False  # whether its vectors are made of n-grams
    STATE: ClassVar[tuple[str, ...]] = ("train_count", "total_train_time", "epoch_losses")
    CHECKS: ClassVar[Mapping[str, Check]] = {}  # of parameters that are not as in other models
    KEEPS_EPOCHS: ClassVar[bool] = True  # each is kept in case that the next one diverges, not only what was before

    wv: KeyedVectors
    epochs: int
    train_count: int
    total_train_time: float
    epoch_losses: list[float]
    run: Run | None = None  # while it trains: how far
    progress: bool
    compute_loss: bool

    def __init_subclass__(cls, **others: Any) -> None:
        super().__init_subclass__(**others)
        naming_near_parameters(cls)

    def __sklearn_clone__(self: AnyModel) -> AnyModel:
        return self  # so that clones of an estimator share what none of them changes

    # For subclasses to say.

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays of the model, by name."""
        raise NotImplementedError

    def _set_arrays(self, arrays: dict[str, NDArray[Any]], name: str) -> None:
        """The opposite of `to_arrays`; `name` is the file's, for the ValueError where they do not fit."""
        raise NotImplementedError

    def _matrices(self) -> dict[str, NDArray[Any]]:
        """What training changes, by the names that users know."""
        raise NotImplementedError

    def _rows_to_train(self, epoch: int) -> dict[str, NDArray[np.intp]]:
        """Of those matrices of which that epoch changes but some rows: which rows."""
        return {}

    def _shapes(self) -> dict[str, tuple[Any, tuple[int, ...]]]:
        """Arrays that belong together, by the names that users know, each with the shape that it must have."""
        raise NotImplementedError

    def _misfit(self) -> str | None:
        """What does not fit together in the model, so that it could not be loaded, or None."""
        if self.wv.NGRAMS is not self.NGRAMS:
            return f"wv is {type(self.wv).__name__}"
        try:
            shapes = self._shapes()
        except (AttributeError, KeyError) as error:  # an array that is not there
            return said(error)
        for name, (array, shape) in shapes.items():
            found = None if array is None else getattr(array, "shape", None) or np.shape(array)
            if found != shape:
                return f"{name} is of shape {found}, not {shape}" if found is not None else f"there is no {name}"
        return None

    def _vectors_changed(self) -> None:
        """Bring what is made of the matrices up to date with them."""

    def _too_high(self) -> str:
        """The parameter to lower when training diverges, as it is now."""
        raise NotImplementedError

    def _go_on(self, run: Run, sentences: Any, corpus_file: Path | None, callbacks: Any) -> None:
        """Train from where `run` stands to the end."""
        raise NotImplementedError

    # Files.

    @in_quiet
    def save(
        self,
        fname: Path,
        separately: Iterable[str] | None = None,
        sep_limit: int = 10 * 1024**2,
        ignore: Iterable[str] = frozenset(),
        pickle_protocol: int = 4,
    ) -> None:
        """Write the whole model, as it is, to one file in the layout of safetensors; see `fastemb.formats.native`.

        The file appears whole or not at all; with a name that ends in .gz, .bz2, .xz or .zst it is packed, and has
        to be unpacked whenever it is loaded. Written from a callback it is a checkpoint, with which
        `resume()` can go on; from another thread while `train()` runs, too: that pauses meanwhile.
        `KeyedVectors.load` reads its vectors alone.

        Parameters
        ----------
        fname : str or os.PathLike
        separately, sep_limit, pickle_protocol
            Are taken because gensim takes them, and not used: there is one file, and no pickle.
        ignore : iterable of str
            Attributes not to save, none of which can be what is saved here.

        Raises
        ------
        OSError
            If the file cannot be written. What stood there before still stands.
        TypeError, ValueError
            If it could not be loaded: a parameter was set to what the class would not take, there are more vectors or
            less than the model was built for, or what a model consists of is to be ignored. It is named.
        """
        given = self._to_be_saved()
        if needed := set(ignore).intersection([*given, *self._shapes(), "wv"]):
            raise ValueError(f"a file of a model cannot be without {', '.join(sorted(needed))}")
        metadata = {"class": type(self).__name__, "parameters": json.dumps(given)}
        if getattr(self, "init_from", None) is not None and not len(self.wv):
            logger.warning("%s: init_from is not saved: after load(), set it again", local(fname))
        if self.run is not None:
            metadata["run"] = self.run.to_json()
        native.write_native(fname, self.to_arrays(), metadata)

    def _to_be_saved(self) -> dict[str, Any]:
        """Parameters and counters, as JSON can hold them; raises if they, or the arrays, could not be loaded again."""
        named = checked({name: getattr(self, name) for name in (*self.PARAMETERS, *self.STATE)}, self.CHECKS)
        if misfit := self._misfit():
            raise ValueError(
                f"{misfit}: this could not be loaded again; build_vocab(update=True) adds words to a model, and "
                "wv.save() saves the vectors alone"
            )
        return named

    @OnTheClass
    def load(cls: type[AnyModel], fname: Path, mmap: str | bool | None = None) -> AnyModel:
        """Read what `save()` of this class or a subclass wrote, in this version or an earlier one; train it further.

        Models that gensim has too are also read from what gensim's `save()` wrote. Of its pickles no code is run; see
        `fastemb.formats.gensim`. The files that it wrote beside must stand beside.

        Parameters
        ----------
        fname : str or os.PathLike
        mmap : {None, 'r', 'c', False}
            With 'r' the arrays are mapped from the file, read-only, and copied only when trained; with 'c' they may
            be changed, and the changes stay in memory. They are not checked for damage then, and the file must not be
            cut short or overwritten in place; `save()` replaces it. With None and False they are read.

        Raises
        ------
        ValueError
            If it is another file, or damaged.
        """
        return cls._load(fname, mmap)[0]

    @classmethod
    def resume(
        cls: type[AnyModel],
        path: Path,
        sentences: Any = None,
        corpus_file: Path | None = None,
        *,
        callbacks: Any = (),
        **parameters: Any,
    ) -> AnyModel:
        """Go on with training that was interrupted, from a checkpoint to its end.

        Everything goes on where it stood: the place in the corpus, the learning rate, the random numbers. With
        ``workers=1`` the vectors are, to the bit, those of training that was never interrupted.

        Parameters
        ----------
        path : str or os.PathLike
            What `fastemb.models.callbacks.Checkpoint` wrote.
        sentences, corpus_file
            The same corpus as before.
        callbacks : iterable of CallbackAny2Vec, optional
            Are not part of a checkpoint: give them again, a `Checkpoint` too.
        **parameters
            May be given again. Those that only say how to train, as `workers`, may differ from before;
            others must not. With another number of `workers`, or another `memory_budget`, where training is cut into
            pieces elsewhere, it goes on at the next piece: up to 4,096 words are passed over.

        Raises
        ------
        ValueError
            If the file is no checkpoint, or was made with other parameters or from another corpus.
        """
        model, run = cls._unfinished(path, parameters)
        if not run.stopped:
            with alone(model, "resume()"):
                model._go_on(run, sentences, corpus_file, callbacks)
        return model

    @classmethod
    def _unfinished(cls: type[AnyModel], path: Path, parameters: dict[str, Any]) -> tuple[AnyModel, Run]:
        """The model in a checkpoint, with parameters that may be given again, and how far its training was."""
        model, run = cls._load(path, **parameters)
        if type(model) is not cls:
            raise ValueError(f"{local(path)}: holds {type(model).__name__}, not {cls.__name__}")
        if run is None:
            raise ValueError(f"{local(path)}: no checkpoint of training: use load(), and then train()")
        return model, run

    @classmethod
    def _load(
        cls: type[AnyModel], fname: Path, mmap: str | bool | None = None, **changes: Any
    ) -> tuple[AnyModel, Run | None]:
        """The model in a file, and how far its training was."""
        name = local(fname)
        arrays, found, saved, run = cls._read(fname, mmap)
        kind = named(cls, found)
        if kind is None:
            hint = f": use {found}.load()" if found is not None else ""
            raise OtherClass(f"{name}: holds {found or 'something else'}, not {cls.__name__}{hint}")
        named_beside = {name for each in constructors(kind) for name in signature(each.__init__).parameters}
        if beside := [key for key in changes if key in named_beside.difference(kind.PARAMETERS, {"progress"})]:
            raise TypeError(
                f"resume() takes parameters of {kind.__name__} again, and no {beside[0]}; the corpus is given as "
                "sentences or corpus_file, pairs as sentences=fastemb.corpus.Pairs(…)"
            )
        try:
            parameters = {key: saved[key] for key in kind.PARAMETERS if key in saved}
            state = checked({key: saved[key] for key in kind.STATE}, kind.CHECKS)
            with no_events():
                model = made(kind, parameters)
        except (KeyError, TypeError, ValueError, NotImplementedError) as error:
            raise ValueError(f"{name}: its parameters are damaged ({error!r})") from None
        for key, value in changes.items():
            if key in parameters and key not in kind.FREE and parameters[key] != value:
                raise ValueError(f"{name}: was made with {key}={parameters[key]!r}, not {value!r}")
        if changes:
            with no_events():
                model = made(kind, parameters | changes)
        for key, value in state.items():
            setattr(model, key, value)
        model._set_arrays(arrays, name)
        if misfit := model._misfit():
            raise ValueError(f"{name}: its arrays do not fit together: {misfit}")
        if isinstance(model, Lifecycle):
            model.add_lifecycle_event("loaded", fname=name)
        return model, run

    @classmethod
    def _read(
        cls, fname: Path, mmap: str | bool | None
    ) -> tuple[dict[str, NDArray[Any]], str | None, dict[str, Any], Run | None]:
        """The arrays of a file, the name of the class, its parameters and state, and how far its training was."""
        arrays, metadata = native.read_native(fname, mmap=check_mmap(mmap) or False)
        try:
            saved = parse_json(metadata.get("parameters", "{}"))
            run = Run.from_json(metadata["run"], local(fname)) if "run" in metadata else None
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"{local(fname)}: its parameters are damaged ({error!r})") from None
        return arrays, metadata.get("class"), saved, run

    # Training.

    def _check_parameters(self) -> None:
        """Let the parameters be what they must be; raises of the first that cannot, by name."""
        for name, value in checked({name: getattr(self, name) for name in self.PARAMETERS}, self.CHECKS).items():
            setattr(self, name, value)

    def _forget_losses(self) -> None:
        """A call of `train` begins."""
        self.epoch_losses = []

    def _count_loss(self, progress: Progress) -> None:
        """Take note of the loss of the last epoch that was trained to its end."""
        if self.compute_loss:
            self.epoch_losses.append(progress.mean_loss)

    def _bring_back(self, checkpoint: str) -> dict[str, Any]:
        """Take the arrays of a checkpoint; return the parameters and counters that are there."""
        arrays, _, saved, _ = self._read(checkpoint, None)
        self._set_arrays(arrays, checkpoint)
        return saved


def constructors(kind: type[Any]) -> list[Any]:
    """The classes whose constructors build a model of this one, from itself to the first."""
    return [each for each in kind.__mro__ if issubclass(each, Model) and "__init__" in vars(each)]


def made(kind: type[AnyModel], parameters: dict[str, Any]) -> AnyModel:
    """A model of these parameters; a constructor of a user's that does not take them is not called."""
    owner, *others = constructors(kind)
    if takes(owner, parameters):
        return kind(**parameters)
    logger.warning(
        "%s() does not take the parameters of a model, and is not called to load one: attributes that it sets are not "
        "there. Let it take **parameters, and hand them on",
        owner.__name__,
    )
    model = kind.__new__(kind)
    next((each for each in others if takes(each, parameters)), owner).__init__(model, **parameters)
    return model


def takes(kind: type[Any], parameters: dict[str, Any]) -> bool:
    """Whether the constructor of a class can be called with these."""
    try:
        signature(kind.__init__).bind(None, **parameters)
    except TypeError:
        return False
    return True
