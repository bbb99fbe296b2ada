"""Everything compiled: functions over arrays, which know nothing of models."""

try:
    import fastemb.kernels.blas  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "fastemb.kernels.blas":
        raise
    raise ImportError(
        "fastemb's compiled kernels are not here. If this is its source folder, leave the folder "
        "or build it in place: pip install -e ."
    ) from None
