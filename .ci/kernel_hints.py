"""Fail if Cython has a performance hint about a kernel: most are places where it would take the GIL."""

import subprocess
import sys
import tempfile
from pathlib import Path

# As in setup.py, without the debug switch.
DIRECTIVES = ["boundscheck=False", "wraparound=False", "initializedcheck=False", "cdivision=True"]

found = False
with tempfile.TemporaryDirectory() as folder:
    for source in sorted(Path("fastemb/kernels").rglob("*.pyx")):
        options = [option for directive in DIRECTIVES for option in ("-X", directive)]
        output = str(Path(folder, f"{source.stem}.c"))
        command = [sys.executable, "-m", "cython", "-3", *options, str(source), "-o", output]
        log = subprocess.run(command, capture_output=True, text=True)
        if log.returncode or "performance hint" in log.stdout + log.stderr:
            found = True
            print(log.stdout + log.stderr)
sys.exit(found)
