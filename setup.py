"""Build the compiled kernels and put the OpenBLAS library they call beside them."""

import filecmp
import os
import shutil
from importlib.metadata import files
from pathlib import Path

import scipy_openblas32
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# FASTEMB_DEBUG=1 turns on Cython's checks and the C assertions, for one CI job.
DEBUG = os.environ.get("FASTEMB_DEBUG", "0") == "1"
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "cdivision": not DEBUG,
    "freethreading_compatible": True,
    "allow_none_for_extension_args": False,
}
# FASTEMB_SANITIZE=address,undefined (or thread) builds for sanitizers of GCC or Clang; see the Makefile.
SANITIZE = os.environ.get("FASTEMB_SANITIZE", "")
MSVC = os.name == "nt"
# No errno and no floating-point traps: with these two the compiler may vectorise the loops.
# (-ffast-math would also let it assume that NaN does not exist, and flush denormals process-wide.)
UNIX_ARGS = ["-O3", "-g0", "-fno-math-errno", "-fno-trapping-math"]
LINK_ARGS = []
if DEBUG:
    UNIX_ARGS = ["-O1", "-UNDEBUG"]
if SANITIZE:
    LINK_ARGS = [f"-fsanitize={SANITIZE}"]
    UNIX_ARGS = ["-O1", "-g", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all", "-DFASTEMB_SANITIZE", *LINK_ARGS]
MSVC_ARGS = ["/O2", "/std:c11", "/utf-8"]
# Read before all that Cython writes, so that no unit takes a misaligned array.
UNIX_ARGS += ["-include", "buffers.h"]
MSVC_ARGS += ["/FIbuffers.h"]
# GCC and Clang find the instruction set of these files inside them; MSVC has to be told.
MSVC_ARCH = {"avx2.c": "/arch:AVX2", "avx512.c": "/arch:AVX512"}
SIMD = sorted(str(path) for path in Path("fastemb/kernels/simd").glob("*.c"))
KERNELS = {
    "blas": [],
    "checksum": [],
    "cooccurrence": [],
    "glove": [],
    "graphs/adjacency": [],
    "graphs/edges": [],
    "graphs/rows": [],
    "graphs/walker": [],
    "huffman": [],
    "noise": [],
    "pcg64": [],
    "pickled": [],
    "ragged": [],
    "sgd/chunks": [],
    "sgd/documentspecs": [],
    "sgd/epoch": [],
    "sgd/inference": [],
    "sgd/specs": [],
    "step": SIMD,
    "subwords": [],
    "text/baskets": [],
    "text/batch": [],
    "text/columnencoder": [],
    "text/encoder": [],
    "text/features": [],
    "text/inputs": [],
    "text/labelled": [],
    "text/joining": [],
    "text/labels": [],
    "text/outputs": [],
    "text/pairtable": [],
    "text/phrases": [],
    "text/sentenceencoder": [],
    "text/tally": [],
    "text/textencoder": [],
    "text/vocabulary": [],
    "text/pooled": [],
    "text/wordpiece": [],
    "text/wordtable": [],
    "topk": [],
    "vectorfile": [],
}


class BuildExt(build_ext):
    """Build the extensions, then copy the BLAS library and its licence beside them.

    Under build isolation the scipy-openblas32 package is gone after the build, so
    the library travels with the extensions and is opened from there at run time.
    """

    def finalize_options(self):
        super().finalize_options()
        if not MSVC:  # whose compiler threads would look for at once
            cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
            self.parallel = self.parallel or cores

    def run(self):
        super().run()
        root = Path() if self.inplace else Path(self.build_lib)
        target = root / "fastemb" / "kernels" / "openblas"
        target.mkdir(parents=True, exist_ok=True)
        for path in self._openblas_files():
            copy = target / path.name
            # Programs that run may have the library open, and would crash if it were written anew.
            if not copy.is_file() or not filecmp.cmp(path, copy):
                shutil.copy2(path, copy)

    def build_extension(self, ext):
        if MSVC:
            for source in [source for source in ext.sources if Path(source).name in MSVC_ARCH]:
                ext.sources.remove(source)
                ext.extra_objects += self.compiler.compile(
                    [source],
                    output_dir=self.build_temp,
                    include_dirs=ext.include_dirs,
                    extra_postargs=[*MSVC_ARGS, MSVC_ARCH[Path(source).name]],
                )
        super().build_extension(ext)

    @staticmethod
    def _openblas_files():
        folder = Path(scipy_openblas32.get_lib_dir())
        libraries = [path for path in folder.iterdir() if {".so", ".dylib", ".dll"} & set(path.suffixes)]
        licences = [Path(file.locate()) for file in files("scipy-openblas32") or [] if "LICENSE" in file.name.upper()]
        if not any("openblas" in path.name for path in libraries):
            raise FileNotFoundError(f"no OpenBLAS library in {folder}")
        return libraries + licences


setup(
    ext_modules=cythonize(
        [
            Extension(
                f"fastemb.kernels.{name.replace('/', '.')}",
                [f"fastemb/kernels/{name}.pyx", *sources],
                include_dirs=["fastemb/kernels", "fastemb/kernels/simd"],
                depends=[str(path) for path in Path("fastemb/kernels").rglob("*.h")],
                extra_compile_args=MSVC_ARGS if MSVC else UNIX_ARGS,
                extra_link_args=LINK_ARGS,
                libraries=[] if MSVC else ["m", "dl"] if os.uname().sysname == "Linux" else ["m"],
            )
            for name, sources in KERNELS.items()
        ],
        compiler_directives=DIRECTIVES,
        show_all_warnings=False,
    ),
    cmdclass={"build_ext": BuildExt},
)
