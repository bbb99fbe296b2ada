"""What several tests share: a planted corpus, and the folder of real corpora if there is one."""

import os
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("fastemb", deadline=None)  # a busy machine, or a sanitizer, is no error
settings.load_profile("fastemb")
# The folder of a test is shared by all its examples; each writes the file anew.
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session", autouse=True)
def elsewhere(tmp_path_factory):
    """Run in an empty folder: in a checkout, `python -c` would find the sources, and not the package installed."""
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    yield
    os.chdir(before)


@pytest.fixture(scope="session")
def planted():
    """Sentences about four topics of ten words each: words of a topic share their contexts, and no others."""
    draw = random.Random(0)
    return [
        [f"topic{topic}word{draw.randrange(10)}" for _ in range(12)]
        for topic in (draw.randrange(4) for _ in range(1500))
    ]


def same_bits(first: np.ndarray, second: np.ndarray) -> bool:
    return first.dtype == second.dtype and first.shape == second.shape and first.tobytes() == second.tobytes()


def topics_found(wv):
    """Share of the words whose nearest neighbour is of their own topic."""
    return sum(wv.most_similar(word, topn=1)[0][0][:6] == word[:6] for word in wv.index_to_key) / len(wv)


@pytest.fixture(scope="session")
def shared():
    """The folder of real corpora and evaluation sets, beside the project or named by FASTEMB_SHARED."""
    folder = Path(os.environ.get("FASTEMB_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "corpora").is_dir():
        pytest.skip("no folder of real corpora: set FASTEMB_SHARED to run this")
    return folder
