"""Print how long `import fastemb` takes beyond NumPy: the median of 15 fresh processes, with bytecode and without."""

import os
import statistics
import subprocess
import sys
import tempfile

PROCESSES = 15
CODE = """
import time, numpy
start = time.process_time()
import fastemb
print(time.process_time() - start)
"""


def milliseconds(folder: str, **environment: str) -> float:
    """Processor time of an import in a process of its own, with bytecode in that folder."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | environment
    command = [sys.executable, "-X", f"pycache_prefix={folder}", "-c", CODE]
    return 1e3 * float(subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout)


with tempfile.TemporaryDirectory() as folder:
    for state, environment in (("without", {"PYTHONDONTWRITEBYTECODE": "1"}), ("with", {})):
        milliseconds(folder, **environment)  # puts the files into memory, and the bytecode into the folder
        median = statistics.median(milliseconds(folder, **environment) for _ in range(PROCESSES))
        print(f"{median:.0f} ms {state} bytecode")
