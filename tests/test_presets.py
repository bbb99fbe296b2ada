"""Named settings."""

import inspect

import pytest

from fastemb import Doc2Vec, FastText, Item2Vec, Word2Vec

KINDS = [Word2Vec, FastText]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["best", "fast"])
def test_they_set_what_is_not_given(kind, name, tmp_path):
    plain, model = kind(), kind(preset=name)
    preset = kind.PRESETS[name]
    for parameter in kind.PARAMETERS:
        expected = preset.get(parameter, name if parameter == "preset" else getattr(plain, parameter))
        assert getattr(model, parameter) == expected, parameter
    model.save(tmp_path / "model")
    assert kind.load(tmp_path / "model").preset == name


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_given_wins(kind, tmp_path):
    names = [*inspect.signature(kind).parameters]
    place = names.index("alpha")
    first = [inspect.signature(kind).parameters[name].default for name in names[:place]]
    assert kind(*first, 0.033, preset="best").alpha == 0.033
    for parameter in kind.PRESETS["best"]:
        default = getattr(kind(), parameter)
        assert getattr(kind(preset="best", **{parameter: default}), parameter) == default
    with pytest.warns(DeprecationWarning, match="use epochs"):
        model = kind(preset="best", alpha=0.5, iter=3)
    model.save(tmp_path / "model")
    loaded = kind.load(tmp_path / "model")
    assert (loaded.alpha, loaded.epochs) == (0.5, 3)


def test_subclasses_may_name_one():
    class Mine(Word2Vec):
        def __init__(self, **others):
            super().__init__(preset="best", **others)

    assert Mine().alpha == Word2Vec.PRESETS["best"]["alpha"]
    assert Mine(alpha=0.1).alpha == 0.1


def test_others_are_refused():
    for kind in KINDS:
        with pytest.raises(ValueError, match="preset must be one of 'best', 'fast'"):
            kind(preset="quick")
    for other in (Doc2Vec, Item2Vec):
        with pytest.raises(TypeError, match="has no preset"):
            other(preset="best")
