"""Everything compiled: functions over arrays, which know nothing of models."""

try:
    import fastemb.kernels.blas  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "fastemb.kernels.blas":
        raise
    raise ImportError(
        f"fastemb was imported from {__path__[0]}, where its kernels are not compiled. If it is installed and these "
        "are its sources, start Python in another folder, or as python -P (python -P -m pytest), which does not look "
        "into this one first; or build it in place: pip install -e ."
    ) from None
