"""Install what the tests can use, as far as this Python has wheels of it; where it has none, tests skip."""

import subprocess
import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]
for name in project["optional-dependencies"]["test"]:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:", name]
    if subprocess.run(command).returncode:
        print(f"no wheel of {name} for this Python")
