"""The fused kernels by themselves: under sanitizers, and for the other kind of processor under an emulator."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "fastemb" / "kernels" / "fused"
DRIVER = Path(__file__).with_name("driver.c")
FLAGS = ["-O2", "-g", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas", "-Wno-psabi"]


def build(compiler, output, *flags):
    if not SOURCES.is_dir():
        pytest.skip("the sources of the kernels are not here")
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no {compiler}")
    sources = [DRIVER, *sorted(SOURCES.glob("*.c"))]
    command = [compiler, *FLAGS, *flags, f"-I{SOURCES}", *map(str, sources), "-o", str(output), "-lm"]
    subprocess.run(command, check=True)


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split()


def test_kernels_stay_within_their_arrays(tmp_path):
    sanitizers = ["-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    probe = tmp_path / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    if shutil.which("gcc") and subprocess.run(["gcc", *sanitizers, probe, "-o", tmp_path / "probe"]).returncode:
        pytest.skip("gcc has no sanitizers here")
    build("gcc", tmp_path / "driver", *sanitizers)
    assert "portable" in run(tmp_path / "driver")


def test_kernels_by_clang(tmp_path):
    build("clang", tmp_path / "driver")
    assert "portable" in run(tmp_path / "driver")


def test_kernels_for_arm(tmp_path):
    if shutil.which("qemu-aarch64") is None:
        pytest.skip("there is no qemu-aarch64")
    build("aarch64-linux-gnu-gcc", tmp_path / "driver", "-static")
    assert run("qemu-aarch64", tmp_path / "driver") == ["neon", "portable"]
