"""The kernels in C by themselves: under sanitizers, and for the other kind of processor under an emulator."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "fastemb" / "kernels" / "simd"
DRIVER = Path(__file__).with_name("driver.c")
THREADS = Path(__file__).with_name("threads.c")
HOGWILD = Path(__file__).with_name("hogwild.supp")
# The tests themselves may run under another sanitizer.
CLEAN = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
FLAGS = ["-O2", "-g", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas", "-Wno-psabi"]


def build(compiler, output, *flags, driver=DRIVER):
    if not SOURCES.is_dir():
        pytest.skip("the sources of the kernels are not here")
    if os.name == "nt":
        pytest.skip("these flags are not for Windows")
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no {compiler}")
    sources = [driver, *sorted(SOURCES.glob("*.c"))]
    include = [f"-I{SOURCES}", f"-I{SOURCES.parent}"]
    subprocess.run([compiler, *FLAGS, *flags, *include, *map(str, sources), "-o", str(output), "-lm"], check=True)


def sanitize(output, sanitizers, driver=DRIVER):
    """The driver, built by gcc with sanitizers."""
    if not sys.platform.startswith("linux"):
        pytest.skip("tried with GCC on Linux alone")
    flags = [f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all"]
    probe = output.with_name("probe.c")
    probe.write_text("int main(void) { return 0; }\n")
    if shutil.which("gcc"):
        made = subprocess.run(["gcc", *flags, probe, "-o", output.with_name("probe")]).returncode == 0
        if not made or subprocess.run([output.with_name("probe")], env=CLEAN).returncode:
            pytest.skip(f"there is no -fsanitize={sanitizers} here")
    build("gcc", output, "-O0", *flags, driver=driver)
    return output


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env={**CLEAN, **options})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split()


def test_kernels_stay_within_their_arrays(tmp_path):
    assert "portable" in run(sanitize(tmp_path / "driver", "address,undefined"))


def test_kernels_as_they_are_built(tmp_path):
    build("gcc", tmp_path / "driver", "-O3", "-fno-math-errno", "-fno-trapping-math")
    assert "portable" in run(tmp_path / "driver")


def test_threads_race_for_rows_alone(tmp_path):
    driver = sanitize(tmp_path / "threads", "thread", THREADS)
    assert "portable" in run(driver, TSAN_OPTIONS=f"suppressions={HOGWILD}")
    with pytest.raises(AssertionError, match="data race"):
        run(driver)


def test_kernels_by_clang(tmp_path):
    build("clang", tmp_path / "driver")
    assert "portable" in run(tmp_path / "driver")


def test_kernels_for_arm(tmp_path):
    if shutil.which("qemu-aarch64") is None:
        pytest.skip("there is no qemu-aarch64")
    build("aarch64-linux-gnu-gcc", tmp_path / "driver", "-static")
    assert run("qemu-aarch64", tmp_path / "driver") == ["neon", "portable"]
