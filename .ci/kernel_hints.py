"""Fail if Cython has a performance hint about a kernel: each is a place where it would take the GIL."""

import subprocess
import sys
import tempfile
from pathlib import Path

found = False
with tempfile.TemporaryDirectory() as folder:
    for source in sorted(Path("fastemb/kernels").glob("*.pyx")):
        output = Path(folder, source.stem + ".c")
        command = [sys.executable, "-m", "cython", "-3", str(source), "-o", str(output)]
        log = subprocess.run(command, capture_output=True, text=True)
        if log.returncode or "performance hint" in log.stdout + log.stderr:
            found = True
            print(log.stdout + log.stderr)
sys.exit(found)
