"""Print how long imports take beyond NumPy: medians of 15 fresh processes, with bytecode and without.

`import fastemb` loads nothing that is not used; a name loads what it needs when it is imported from there.
"""

import os
import statistics
import subprocess
import sys
import tempfile

PROCESSES = 15
IMPORTS = ("import fastemb", "from fastemb import Word2Vec", "from fastemb import *")
CODE = """
import time, numpy
start = time.process_time()
{}
print(time.process_time() - start)
"""


def milliseconds(statement: str, folder: str, **environment: str) -> float:
    """Processor time of an import in a process of its own, with bytecode in that folder."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | environment
    command = [sys.executable, "-X", f"pycache_prefix={folder}", "-c", CODE.format(statement)]
    return 1e3 * float(subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout)


for statement in IMPORTS:
    with tempfile.TemporaryDirectory() as folder:
        for state, environment in (("without", {"PYTHONDONTWRITEBYTECODE": "1"}), ("with", {})):
            milliseconds(statement, folder, **environment)  # puts files into memory, and bytecode into the folder
            median = statistics.median(milliseconds(statement, folder, **environment) for _ in range(PROCESSES))
            print(f"{statement}: {median:.0f} ms {state} bytecode")
